//! What stands in an output folder.

use crate::io::Failure;
use crate::output::{Found, sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Files that a file manager leaves wherever somebody looked; they are nobody's work.
const LEFT_BY_FILE_MANAGERS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// Everything below `root` by its path with forward slashes. Files among `known` are hashed; a folder that holds none
/// of them is named as a whole, with a final slash, and left out when it is empty. Links are not followed.
pub(super) fn survey(
    root: &Path,
    known: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Found>, Failure> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(root.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let failed = |error| Failure::system("read", &folder, &error);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let name = entry.file_name();
            let path = format!("{prefix}{}", name.to_string_lossy());
            if kind.is_dir() {
                let inside = format!("{path}/");
                if holds(known, &inside) {
                    folders.push((entry.path(), inside));
                } else if !is_empty(&entry.path())? {
                    found.insert(inside, Found::Other);
                }
            } else if kind.is_file() && name.to_str().is_some() && known.contains(path.as_str()) {
                found.insert(path, hash(&entry.path())?);
            } else if !LEFT_BY_FILE_MANAGERS.iter().any(|left| name == *left) {
                found.insert(path, Found::Other);
            }
        }
    }
    Ok(found)
}

/// Whether the folder `path` has nothing in it that counts.
pub(super) fn is_empty(path: &Path) -> Result<bool, Failure> {
    let failed = |error| Failure::system("read", path, &error);
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if !LEFT_BY_FILE_MANAGERS.iter().any(|left| name == *left) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn holds(known: &BTreeSet<&str>, folder: &str) -> bool {
    known
        .range(folder..)
        .next()
        .is_some_and(|path| path.starts_with(folder))
}

fn hash(path: &Path) -> Result<Found, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::system("read", path, &error))?;
    // Nearly no file has one, and looking for one octet is fast.
    let has_breaks = bytes.contains(&b'\r') && bytes.windows(2).any(|pair| pair == b"\r\n");
    let unix = has_breaks.then(|| {
        let mut unix = bytes.clone();
        let mut at = 0;
        unix.retain(|_| {
            at += 1;
            bytes.get(at - 1..=at) != Some(b"\r\n")
        });
        sha256(&unix)
    });
    Ok(Found::File(sha256(&bytes), unix))
}
