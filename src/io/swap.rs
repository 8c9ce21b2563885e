//! Puts a staged folder in the place of another.
//!
//! In one step where the system can exchange two folders. Elsewhere in two renames, of which the names beside the folder
//! are the journal: whatever a killed run leaves, [`recover`] makes one whole output of it.
//!
//! | beside the folder | the folder | the run was killed | what is done |
//! |---|---|---|---|
//! | `new` | there or not | while staging, or after an exchange (`new` then holds the old output) | `new` is removed |
//! | `old` | missing | between the two renames | `old` becomes the folder again |
//! | `old` | there | after the two renames | `old` is removed |
//! | `trash` | there or not | while removing | `trash` is removed |

use crate::io::Failure;
use crate::io::folder::{Folder, exists, remove, sync};
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// How a folder is put in the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Swap {
    /// In one step where the system and the disk can, else by renames.
    #[default]
    Exchange,
    /// By two renames.
    Renames,
}

/// Puts `staged` in the folder's place. Where that fails, what was there is there again.
pub(super) fn swap(folder: &Folder, staged: &Path, how: Swap) -> Result<(), Failure> {
    let path = folder.path();
    if !folder.exists()? {
        return rename(folder, staged, &path);
    }
    if how == Swap::Exchange && exchange(staged, &path).map_err(|error| explain(folder, &error))? {
        return sync(&folder.parent);
    }
    let old = folder.beside("old");
    rename(folder, &path, &old)?;
    rename(folder, staged, &path).inspect_err(|_| {
        // Where even this fails, the next run does it.
        let _ = rename(folder, &old, &path);
    })
}

/// Removes what the swap has left: the old output.
pub(super) fn clean(folder: &Folder) -> Result<(), Failure> {
    let old = folder.beside("old");
    let trash = folder.beside("trash");
    remove(&trash)?;
    if exists(&old)? {
        // Half of an output must never bear the name from which an output is restored.
        rename(folder, &old, &trash)?;
    }
    remove(&trash)?;
    remove(&folder.beside("new"))
}

/// Puts in order what a killed run has left.
pub(super) fn recover(folder: &Folder) -> Result<(), Failure> {
    let old = folder.beside("old");
    if exists(&old)? && !folder.exists()? {
        rename(folder, &old, &folder.path())?;
    }
    clean(folder)
}

fn rename(folder: &Folder, from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(|error| explain(folder, &error))?;
    sync(&folder.parent)
}

fn explain(folder: &Folder, error: &Error) -> Failure {
    let failure = Failure::system("replace", &folder.shown, error);
    match error.kind() {
        ErrorKind::ResourceBusy | ErrorKind::CrossesDevices => Failure {
            help: Some(format!(
                "it is a mount point or in use; name a folder inside it, such as `{}`",
                folder.shown.join("mail").display()
            )),
            ..failure
        },
        ErrorKind::PermissionDenied if cfg!(windows) => Failure {
            help: Some("close the programs that have it or one of its files open".to_owned()),
            ..failure
        },
        _ => failure,
    }
}

/// Exchanges two folders in one step; false where the system or the disk cannot.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(one: &Path, other: &Path) -> Result<bool, Error> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> Result<bool, Error> {
    Ok(false)
}
