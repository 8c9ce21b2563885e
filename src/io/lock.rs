//! One run at a time per output folder.

use crate::io::Failure;
use crate::io::folder::Folder;
use std::path::{Path, PathBuf};

/// Other runs may end just between the steps of this one, but not again and again.
const ATTEMPTS: usize = 100;
use std::fs::{File, OpenOptions, TryLockError, remove_file};

/// Held while a run works at an output folder. The system lets go of it when the run dies, however it dies.
pub(super) struct Lock {
    _file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock, or says that another run has it.
    pub(super) fn take(folder: &Folder) -> Result<Self, Failure> {
        let path = folder.beside("lock");
        let failed = |error| Failure::system("make", &path, &error);
        for _ in 0..ATTEMPTS {
            if let Some(what) = no_file(&path) {
                return Err(Failure::new(
                    format!("`{}` is {what}", path.display()),
                    "remove it: mailtopo keeps its lock there",
                ));
            }
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(busy(folder));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(Failure::system("lock", &path, &error));
                }
            }
            // The run before may have removed the file between opening and locking; then the lock is on nothing.
            if is_at(&file, &path) {
                return Ok(Self { _file: file, path });
            }
        }
        Err(busy(folder))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A file that stays behind does no harm: the next run takes it over.
        let _ = remove_file(&self.path);
    }
}

fn busy(folder: &Folder) -> Failure {
    Failure::new(
        format!("another run is writing `{}`", folder.shown.display()),
        "wait until it is done and run again",
    )
}

/// A link would lead elsewhere, and opening a pipe would wait for its other end.
fn no_file(path: &Path) -> Option<&'static str> {
    let found = std::fs::symlink_metadata(path).ok()?;
    if found.is_symlink() {
        return Some("a symbolic link");
    }
    (!found.is_file()).then_some("no plain file")
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
