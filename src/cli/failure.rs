//! Why a run could not be done.

use crate::report::visible;
use std::fmt;

/// A run that could not be done: exit code 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    message: String,
    details: Vec<String>,
    help: Option<String>,
}

impl Failure {
    /// Lower case, no full stop, names the thing in backticks.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            details: Vec::new(),
            help: None,
        }
    }

    /// Says what to do.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Each part takes one line, whatever the names of files in it hold: a runner obeys lines that begin with its marks.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.message))?;
        for detail in &self.details {
            write!(f, "\n  {}", visible(detail))?;
        }
        match &self.help {
            Some(help) => write!(f, "\nhelp: {}", visible(help)),
            None => Ok(()),
        }
    }
}

impl From<crate::io::Failure> for Failure {
    fn from(failure: crate::io::Failure) -> Self {
        Self {
            message: failure.message,
            details: failure.details,
            help: failure.help,
        }
    }
}
