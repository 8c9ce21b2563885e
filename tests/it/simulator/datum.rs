//! What an organization keeps and a file can hold: values without code.

use std::collections::BTreeMap;

/// A value without code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    /// Nothing.
    Null,
    /// Truth.
    Bool(bool),
    /// A number.
    Int(i64),
    /// Text.
    Text(String),
    /// Several.
    List(Vec<Datum>),
    /// By name.
    Table(BTreeMap<String, Datum>),
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Datum {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Datum {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl Datum {
    /// The value as text, as PowerShell shows it.
    pub fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(true) => "True".to_owned(),
            Self::Bool(false) => "False".to_owned(),
            Self::Int(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::List(items) => items.iter().map(Self::text).collect::<Vec<_>>().join(" "),
            Self::Table(_) => "System.Collections.Hashtable".to_owned(),
        }
    }

    /// Its parts; one value is a list of one.
    pub fn items(&self) -> Vec<Self> {
        match self {
            Self::Null => Vec::new(),
            Self::List(items) => items.clone(),
            one => vec![one.clone()],
        }
    }
}
