//! The disk: reading the files of a spec, and putting an output in place.
//!
//! Nothing else of the library touches a disk. This module must not know what is in the files.

mod folder;
mod git;
mod lock;
mod read;
mod stage;
mod survey;
mod swap;
mod write;

pub(crate) use git::GitFiles;
pub use read::DiskFiles;
pub use swap::Swap;
pub(crate) use write::stale;
pub use write::{Options, Written, write};

use std::fmt;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// Why something could not be read or written, and what to do. What was there before is unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// One line; names the path in backticks, lower case, no full stop.
    pub message: String,
    /// Lines that say more, such as the files concerned.
    pub details: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Failure {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            details: Vec::new(),
            help: Some(help.into()),
        }
    }

    /// The system's own refusal to do something with `path`.
    fn system(doing: &str, path: &Path, error: &Error) -> Self {
        let help = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Some("make room on the disk and run again; the output that was there is unchanged")
            }
            ErrorKind::FileTooLarge => Some(
                "raise the limit on the size of files and run again; the output that was there is unchanged",
            ),
            ErrorKind::PermissionDenied => Some(
                "the output is built beside its folder and then put in its place; give write access to the folder above it",
            ),
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                Some("a part of this path is a file; name a folder that can be made")
            }
            ErrorKind::ReadOnlyFilesystem => {
                Some("choose a folder on a disk that can be written to")
            }
            _ => None,
        };
        Self {
            message: format!("cannot {doing} `{}`: {error}", path.display()),
            details: Vec::new(),
            help: help.map(str::to_owned),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for detail in &self.details {
            write!(f, "\n  {detail}")?;
        }
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::Failure;
    use std::io::Error;
    use std::path::Path;

    #[cfg(unix)]
    #[test]
    fn a_full_disk_says_what_to_do() {
        let failure = Failure::system("write", Path::new("out/a"), &Error::from_raw_os_error(28));
        assert!(
            failure.message.starts_with("cannot write `out/a`: "),
            "{failure}"
        );
        assert!(
            failure
                .help
                .as_ref()
                .is_some_and(|help| help.contains("make room")),
            "{failure}"
        );
    }
}
