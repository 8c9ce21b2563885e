//! Puts a whole output in place, or leaves everything as it was.

use crate::io::folder::Folder;
use crate::io::lock::Lock;
use crate::io::stage::stage;
use crate::io::survey::{is_empty, survey};
use crate::io::swap::{Swap, clean, recover, swap};
use crate::io::{Failure, folder};
use crate::output::{Changes, Found, MANIFEST, Manifest, Sealed};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// So many paths of each kind are listed before the rest is counted.
const LISTED: usize = 10;

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Options {
    /// Write even where somebody changed the output since; the changes are lost. A folder that is not an output of
    /// mailtopo is never overwritten.
    pub force: bool,
    /// How the new output takes the place of the old one.
    pub swap: Swap,
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The output was there already, byte for byte; nothing was touched.
    Unchanged,
    /// The output is in place.
    Replaced {
        /// Why the old one could not be removed altogether, where it could not; the next run tries again.
        left: Option<Failure>,
    },
}

/// Makes the folder `path` hold exactly `output`.
///
/// The new output is built beside the folder and then takes its place, so that a run that is killed or meets a full disk
/// leaves the old one whole; what such a run leaves beside the folder is put in order by the next. Refused are a folder
/// that mailtopo did not write, one that somebody changed since (unless forced), and one that another run is writing.
pub fn write(path: &Path, output: &Sealed, options: Options) -> Result<Written, Failure> {
    let folder = Folder::at(path)?;
    let _lock = Lock::take(&folder)?;
    recover(&folder)?;
    let there = if folder.exists()? {
        there(&folder, output, options.force)?
    } else {
        There::Others(BTreeSet::new())
    };
    let There::Others(same) = there else {
        return Ok(Written::Unchanged);
    };
    let staged = stage(&folder, output, &same)?;
    if let Err(failure) = swap(&folder, &staged, options.swap) {
        let _ = folder::remove(&folder.beside("new"));
        return Err(failure);
    }
    let left = clean(&folder).err();
    Ok(Written::Replaced { left })
}

/// What keeps the folder `path` from being exactly `output`, a line for each file; nothing is written.
pub(crate) fn stale(path: &Path, output: &Sealed) -> Result<Vec<String>, Failure> {
    let folder = Folder::at(path)?;
    let known: BTreeSet<&str> = output.iter().map(|(path, _)| path).collect();
    let found = if folder.exists()? {
        survey(&folder.path(), &known)?
    } else {
        BTreeMap::new()
    };
    let wanted = output.iter().filter_map(|(path, _)| match found.get(path) {
        None => Some(format!("missing: {path}")),
        Some(Found::File(hash, _)) if output.hash(path) == Some(hash) => None,
        Some(_) => Some(format!("changed: {path}")),
    });
    let foreign = found.keys().filter(|path| !known.contains(path.as_str()));
    let foreign = foreign.map(|path| format!("no longer written: {path}"));
    Ok(wanted.chain(foreign).collect())
}

/// What a folder holds before it is written.
enum There {
    /// The output, byte for byte.
    All,
    /// Something else, of which these files are as they will be.
    Others(BTreeSet<String>),
}

/// What the folder holds of the output already; refuses where writing it would lose somebody's work.
fn there(folder: &Folder, output: &Sealed, force: bool) -> Result<There, Failure> {
    let path = folder.path();
    if is_empty(&path)? {
        return Ok(There::Others(BTreeSet::new()));
    }
    let old = manifest(folder)?;
    let known: BTreeSet<&str> = old
        .files
        .keys()
        .map(String::as_str)
        .chain(output.iter().map(|(path, _)| path))
        .collect();
    let found = survey(&path, &known)?;
    if Changes::none_needed(&found, output) {
        return Ok(There::All);
    }
    let changes = Changes::between(&old, &found, output);
    if !force && !changes.is_empty() {
        return Err(changed(folder, &changes));
    }
    let same = found.into_iter().filter(
        |(path, found)| matches!(found, Found::File(hash, _) if output.hash(path) == Some(hash)),
    );
    Ok(There::Others(same.map(|(path, _)| path).collect()))
}

fn manifest(folder: &Folder) -> Result<Manifest, Failure> {
    let shown = folder.shown.display();
    match fs::read(folder.path().join(MANIFEST)) {
        Ok(bytes) => Manifest::read(&bytes).ok_or_else(|| {
            Failure::new(
                format!("`{shown}/{MANIFEST}` is not a manifest that this version of mailtopo can read"),
                format!("if mailtopo wrote `{shown}`, remove the folder and run again; else name another one"),
            )
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Failure::new(
            format!("`{shown}` is not empty and was not written by mailtopo, for there is no `{MANIFEST}` in it"),
            "name a folder that is new or empty: the output replaces the folder as a whole",
        )),
        Err(error) => Err(Failure::system("read", &folder.shown.join(MANIFEST), &error)),
    }
}

fn changed(folder: &Folder, changes: &Changes) -> Failure {
    let message = format!(
        "`{}` was changed since mailtopo wrote it, and the changes would be lost",
        folder.shown.display()
    );
    let mut details = Vec::new();
    for (what, paths) in [
        ("edited", &changes.edited),
        ("line ends changed", &changes.line_ends),
        ("not written by mailtopo", &changes.foreign),
        ("removed", &changes.missing),
    ] {
        for path in paths.iter().take(LISTED) {
            details.push(format!("{what}: {path}"));
        }
        if paths.len() > LISTED {
            details.push(format!("{what}: {} more", paths.len() - LISTED));
        }
    }
    let only_line_ends =
        changes.edited.is_empty() && changes.foreign.is_empty() && changes.missing.is_empty();
    let help = if only_line_ends {
        "version control turned the line ends: write `* -text` to a `.gitattributes` above the folder; `--force` writes the files anew"
    } else {
        "move into the spec what is to stay; `--force` writes the output anew without it"
    };
    Failure {
        details,
        ..Failure::new(message, help)
    }
}
