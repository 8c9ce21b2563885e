//! Standard output and standard error.

use crate::cli::color::ColorWhen;
use crate::cli::failure::Failure;
use crate::report::{Extent, Look, visible};
use std::env;
use std::io::{ErrorKind, IsTerminal as _, Write as _, stderr, stdout};
use std::process::ExitCode;
use terminal_size::{Height, Width, terminal_size_of};

/// Where results and messages go, and how loud to be.
#[derive(Debug)]
pub(super) struct Screen {
    color: ColorWhen,
    quiet: bool,
    verbose: bool,
}

impl Screen {
    /// As the global options say.
    pub(super) const fn new(color: ColorWhen, quiet: bool, verbose: bool) -> Self {
        Self {
            color,
            quiet,
            verbose,
        }
    }

    /// Writes a result. A reader that has read enough and closed the pipe is no error.
    #[expect(clippy::unused_self, reason = "it belongs to the screen")]
    pub(super) fn result(&self, text: &str) -> Result<(), Failure> {
        let mut out = stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::new(format!(
                "cannot write to standard output: {error}"
            ))),
            _ => Ok(()),
        }
    }

    /// Says something beside the result, in one line.
    pub(super) fn message(&self, text: &str) {
        if !self.quiet {
            self.stderr(&format!("{}\n", visible(text)));
        }
    }

    /// Says what only `--verbose` wants to know.
    pub(super) fn detail(&self, text: &str) {
        if self.verbose {
            self.message(text);
        }
    }

    /// Says why the run could not be done.
    pub(super) fn failure(&self, failure: &Failure) -> ExitCode {
        let (red, plain) = if self.colors_stderr() {
            ("\x1b[31m", "\x1b[0m")
        } else {
            ("", "")
        };
        self.stderr(&format!("{red}error{plain}: {failure}\n"));
        ExitCode::from(2)
    }

    /// Nobody could be told that telling failed, so errors are let go.
    #[expect(clippy::unused_self, reason = "it belongs to the screen")]
    pub(super) fn stderr(&self, text: &str) {
        let _ = stderr().lock().write_all(text.as_bytes());
    }

    /// How results look.
    pub(super) fn look(&self) -> Look {
        let width = stdout().is_terminal().then(|| terminal_size_of(stdout()));
        Look {
            color: self.colors(stdout().is_terminal()),
            width: width.flatten().map_or(Look::PLAIN.width, readable),
            extent: self.extent(stdout().is_terminal()),
        }
    }

    /// How many columns the terminal has that results go to; `None` where they go elsewhere.
    #[expect(clippy::unused_self, reason = "it belongs to the screen")]
    pub(super) fn columns(&self) -> Option<usize> {
        let size = stdout().is_terminal().then(|| terminal_size_of(stdout()));
        size.flatten()
            .map(|(Width(columns), _)| usize::from(columns))
    }

    /// How messages look.
    pub(super) fn look_of_messages(&self) -> Look {
        let width = stderr().is_terminal().then(|| terminal_size_of(stderr()));
        Look {
            color: self.colors_stderr(),
            width: width.flatten().map_or(Look::PLAIN.width, readable),
            extent: self.extent(stderr().is_terminal()),
        }
    }

    /// Whether messages have colour.
    pub(super) fn colors_stderr(&self) -> bool {
        self.colors(stderr().is_terminal())
    }

    /// Whether a clean run is to be silent.
    pub(super) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Which findings are shown where they are the answer.
    fn extent(&self, terminal: bool) -> Extent {
        if self.quiet {
            Extent::Errors
        } else if terminal && !self.verbose {
            Extent::FoldedNotes
        } else {
            Extent::All
        }
    }

    /// How findings look beside the answer of a command.
    pub(super) fn look_beside(&self) -> Look {
        let extent = match (self.verbose, self.quiet) {
            (true, _) => Extent::All,
            (false, true) => Extent::NoneBeside,
            (false, false) => Extent::ErrorsBeside,
        };
        Look {
            extent,
            ..self.look_of_messages()
        }
    }

    fn colors(&self, terminal: bool) -> bool {
        match self.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            // https://no-color.org: set and not empty.
            ColorWhen::Auto => {
                terminal
                    && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && env::var_os("TERM").is_none_or(|value| value != "dumb")
            }
        }
    }
}

/// The width of words at a terminal: lines that are longer are hard to read, and shorter ones hold no name.
fn readable((Width(columns), _): (Width, Height)) -> usize {
    usize::from(columns.clamp(60, 120))
}
