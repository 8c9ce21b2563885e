//! What a file could not carry, and which item of the spec it comes from.

use crate::source::Span;
use crate::writer::Refused;

/// A value that its format refuses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unwritable {
    /// One sentence as in a finding.
    pub message: String,
    /// The item of the spec; `None` where the file is about all of it.
    pub span: Option<Span>,
}

impl Unwritable {
    /// What the writer refused, in a file about this item.
    pub fn at(span: Span) -> impl FnOnce(Refused) -> Self {
        move |refused| Self {
            message: refused.message,
            span: Some(span),
        }
    }
}

impl From<Refused> for Unwritable {
    fn from(refused: Refused) -> Self {
        Self {
            message: refused.message,
            span: None,
        }
    }
}
