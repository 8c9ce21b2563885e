//! Builds a whole output beside the folder it is meant for.

use crate::io::Failure;
use crate::io::folder::{Folder, exists, remove, sync};
use crate::output::Sealed;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Up to so many files each is flushed by itself, more are flushed together where the system can.
const FLUSHED_ONE_BY_ONE: usize = 256;

/// Writes all files to a new folder on the same disk and flushes them; gives the folder. Where that fails, nothing stays.
///
/// Files of the old output that are the `same` are linked and not made anew, because that is most of what a disk costs.
pub(super) fn stage(
    folder: &Folder,
    output: &Sealed,
    same: &BTreeSet<String>,
) -> Result<PathBuf, Failure> {
    let built = build(folder, output, same);
    if built.is_err() {
        // What cannot be removed now is removed by the next run; the first failure is the one to tell.
        let _ = remove(&folder.beside("new"));
    }
    built
}

fn build(folder: &Folder, output: &Sealed, same: &BTreeSet<String>) -> Result<PathBuf, Failure> {
    // Nobody else can look into the outer folder; the inner one has the permissions that the output will have.
    let outer = folder.beside("new");
    make_private(&outer).map_err(|error| Failure::system("make the folder", &outer, &error))?;
    let root = outer.join("tree");
    make(&root)?;
    let folders = folders_of(output);
    for inner in &folders {
        make(&root.join(inner))?;
    }
    let made = (output.len() - same.len()).max(folders.len());
    let together = made > FLUSHED_ONE_BY_ONE && flushes_together();
    for (path, bytes) in output.iter() {
        let target = root.join(path);
        if same.contains(path) && link(&folder.path().join(path), &target) {
            continue;
        }
        write_file(&target, bytes, !together)
            .map_err(|error| Failure::system("write", &folder.shown.join(path), &error))?;
    }
    if together {
        flush_all(&outer).map_err(|error| Failure::system("write", &folder.shown, &error))?;
    } else {
        for inner in &folders {
            sync(&root.join(inner))?;
        }
    }
    keep_permissions(folder, &root)?;
    sync(&root)?;
    sync(&outer)?;
    Ok(root)
}

/// All folders of the output, outer ones before inner ones.
fn folders_of(output: &Sealed) -> BTreeSet<&str> {
    output
        .iter()
        .flat_map(|(path, _)| path.match_indices('/').map(move |(at, _)| &path[..at]))
        .collect()
}

fn make(path: &Path) -> Result<(), Failure> {
    fs::create_dir(path).map_err(|error| Failure::system("make the folder", path, &error))
}

/// Links a file of the old output into the new one, where it is a file of that output alone. Scripts are made anew, because
/// they may have lost their permission, and so is everything where the system refuses links.
#[cfg(unix)]
fn link(old: &Path, new: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let is_own = |file: fs::Metadata| file.is_file() && file.nlink() == 1;
    !is_script(old)
        && fs::symlink_metadata(old).is_ok_and(is_own)
        && fs::hard_link(old, new).is_ok()
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> bool {
    false
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "sh")
}

fn write_file(path: &Path, bytes: &[u8], flush: bool) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if is_script(path) {
        make_executable(&mut options);
    }
    let mut file: File = options.open(path)?;
    file.write_all(bytes)?;
    if flush { file.sync_all() } else { Ok(()) }
}

/// An output that is written again keeps the permissions that somebody gave its folder.
fn keep_permissions(folder: &Folder, root: &Path) -> Result<(), Failure> {
    if !cfg!(unix) || !exists(&folder.path())? {
        return Ok(());
    }
    fs::metadata(folder.path())
        .and_then(|old| fs::set_permissions(root, old.permissions()))
        .map_err(|error| Failure::system("set the permissions of", root, &error))
}

#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> std::io::Result<()> {
    fs::create_dir(path)
}

#[cfg(unix)]
fn make_executable(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o777);
}

#[cfg(not(unix))]
fn make_executable(_: &mut OpenOptions) {}

const fn flushes_together() -> bool {
    cfg!(target_os = "linux")
}

#[cfg(target_os = "linux")]
fn flush_all(path: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(path)?)?)
}

#[cfg(not(target_os = "linux"))]
fn flush_all(_: &Path) -> std::io::Result<()> {
    Ok(())
}
