//! The folder of an output, and the places beside it that a run uses on the way.

use crate::io::Failure;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A folder that can be replaced as a whole.
pub(super) struct Folder {
    /// The folder above it, without symbolic links.
    pub(super) parent: PathBuf,
    name: OsString,
    /// As the user wrote it, for messages.
    pub(super) shown: PathBuf,
}

impl Folder {
    /// Finds the folder that `path` means and makes the ones above it where they are missing. Refused are paths that
    /// cannot be replaced: the root, the folder the user is in, a symbolic link, something that is no folder.
    pub(super) fn at(path: &Path) -> Result<Self, Failure> {
        let shown = path.to_path_buf();
        let whole = || {
            Failure::new(
                format!(
                    "`{}` cannot be the folder of the output, which is replaced as a whole",
                    path.display()
                ),
                "name a folder of its own, such as `out`",
            )
        };
        let name = path.file_name().ok_or_else(whole)?.to_owned();
        let above = match path.parent() {
            Some(above) if above.as_os_str().is_empty() => Path::new("."),
            Some(above) => above,
            None => return Err(whole()),
        };
        fs::create_dir_all(above)
            .map_err(|error| Failure::system("make the folder", above, &error))?;
        let parent =
            fs::canonicalize(above).map_err(|error| Failure::system("find", above, &error))?;
        let folder = Self {
            parent,
            name,
            shown,
        };
        let here = std::env::current_dir().and_then(fs::canonicalize);
        if here.is_ok_and(|here| here.starts_with(folder.path())) {
            return Err(whole());
        }
        folder.check_kind()?;
        Ok(folder)
    }

    /// The folder itself.
    pub(super) fn path(&self) -> PathBuf {
        self.parent.join(&self.name)
    }

    /// A place of mailtopo's own beside the folder.
    pub(super) fn beside(&self, what: &str) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(".mailtopo-");
        name.push(what);
        self.parent.join(name)
    }

    /// Whether there is something at the folder's place.
    pub(super) fn exists(&self) -> Result<bool, Failure> {
        exists(&self.path())
    }

    fn check_kind(&self) -> Result<(), Failure> {
        let path = self.path();
        let kind = match fs::symlink_metadata(&path) {
            Ok(found) => found.file_type(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Failure::system("look at", &self.shown, &error)),
        };
        if kind.is_symlink() {
            let help = fs::read_link(&path).map_or_else(
                |_| "name the folder itself".to_owned(),
                |real| {
                    format!(
                        "name the folder itself: `{}`",
                        self.parent.join(real).display()
                    )
                },
            );
            return Err(Failure::new(
                format!("`{}` is a symbolic link", self.shown.display()),
                help,
            ));
        }
        if !kind.is_dir() {
            return Err(Failure::new(
                format!(
                    "`{}` is a file, and the output is a folder",
                    self.shown.display()
                ),
                "name a folder that is new or empty",
            ));
        }
        Ok(())
    }
}

/// Whether there is something at `path`, a broken link included.
pub(super) fn exists(path: &Path) -> Result<bool, Failure> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::system("look at", path, &error)),
    }
}

/// Removes what is at `path`, whatever it is, without following links; nothing there is fine.
pub(super) fn remove(path: &Path) -> Result<(), Failure> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Failure::system("remove", path, &error))
        }
        _ => Ok(()),
    }
}

/// Makes the names in the folder `path` survive a power cut. Systems that cannot do this for folders are let be.
pub(super) fn sync(path: &Path) -> Result<(), Failure> {
    if cfg!(windows) {
        return Ok(());
    }
    let synced = fs::File::open(path).and_then(|folder| folder.sync_all());
    match synced {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Err(Failure::system("write", path, &error))
        }
        _ => Ok(()),
    }
}
