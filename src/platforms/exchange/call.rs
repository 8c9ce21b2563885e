//! One call of a cmdlet, as data.
//!
//! What a script will say is held as calls until it is printed, so that the catalogue can check it and the verifying
//! script can compare against the same values. This module must not know any cmdlet.

use crate::writer::Refused;
use crate::writer::powershell::{self, PsValue};

/// A cmdlet with its parameters, in the order in which they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The cmdlet, as the reference spells it.
    pub cmdlet: &'static str,
    /// Parameter names without the dash, as the reference spells them, and their values.
    pub parameters: Vec<(&'static str, PsValue)>,
}

impl Call {
    /// A call without parameters.
    pub fn new(cmdlet: &'static str) -> Self {
        Self {
            cmdlet,
            parameters: Vec::new(),
        }
    }

    /// The call with one more parameter.
    #[must_use]
    pub fn with(mut self, parameter: &'static str, value: impl Into<PsValue>) -> Self {
        self.parameters.push((parameter, value.into()));
        self
    }

    /// The value of a parameter, if the call has it.
    pub fn get(&self, parameter: &str) -> Option<&PsValue> {
        self.parameters
            .iter()
            .find(|(name, _)| *name == parameter)
            .map(|(_, value)| value)
    }

    /// Whether the call makes an object, so that there is nothing yet that it could clear.
    pub fn is_new(&self) -> bool {
        self.cmdlet.starts_with("New-")
    }

    /// The call on one line of PowerShell.
    pub fn text(&self) -> Result<String, Refused> {
        powershell::command(self.cmdlet, &self.parameters)
    }
}

/// The single values of one; none for `$null`.
pub(crate) fn items(value: &PsValue) -> &[PsValue] {
    match value {
        PsValue::Null => &[],
        PsValue::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// Whether a value is this text, or a list that holds it.
pub(crate) fn holds(value: &PsValue, text: &str) -> bool {
    items(value)
        .iter()
        .any(|item| matches!(item, PsValue::String(own) if own == text))
}

/// A text, `$null` where there is none.
pub(crate) fn text(text: Option<&str>) -> PsValue {
    text.map_or(PsValue::Null, PsValue::from)
}

/// A list, `$null` where it is empty.
pub(crate) fn list<T: ToString>(items: &[T]) -> PsValue {
    if items.is_empty() {
        return PsValue::Null;
    }
    items.iter().map(ToString::to_string).collect()
}
