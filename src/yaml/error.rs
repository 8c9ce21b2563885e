//! What went wrong with one value, on its way to becoming a finding.

use crate::finding::{Code, Finding};
use crate::source::Span;
use crate::yaml::wire::SEPARATOR;
use serde::de::{self, Expected, Unexpected};
use std::fmt;

/// A mistake; whoever knows the place adds it.
#[derive(Debug)]
pub(super) struct Error(Box<Mistake>);

#[derive(Debug)]
struct Mistake {
    check: Code,
    message: String,
    help: Option<String>,
    span: Option<Span>,
}

impl Error {
    pub(super) fn new(check: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Mistake {
            check,
            message: message.into(),
            help: None,
            span: None,
        }))
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Adds the place, unless one closer to the cause stands there already.
    pub(super) fn at(mut self, span: Span) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    pub(super) fn into_finding(self) -> Finding {
        let Mistake {
            check,
            message,
            help,
            span,
        } = *self.0;
        let mut finding = Finding::error(check, message).at(span.unwrap_or_default(), "");
        finding.help = help;
        finding
    }
}

/// The checks that a hand-written type may speak for; findings name them by static text.
const CHECKS: [Code; 4] = [Code::S003, Code::S005, Code::S018, Code::S019];

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        let mut parts = text.splitn(3, SEPARATOR);
        if let (Some(check), Some(message), Some(help)) = (parts.next(), parts.next(), parts.next())
        {
            let check = CHECKS
                .into_iter()
                .find(|known| known.as_str() == check)
                .unwrap_or(Code::S019);
            let error = Self::new(check, message);
            return if help.is_empty() {
                error
            } else {
                error.help(help)
            };
        }
        Self::new(Code::S019, text)
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(
            Code::S018,
            format!("expected {expected}, found {unexpected}"),
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
