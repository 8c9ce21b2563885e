//! Values of a running script.

use super::datum::Datum;
use super::tree::Node;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

/// Names and values in order; names are compared as PowerShell does, without case.
pub type Table<'t> = Vec<(String, Value<'t>)>;

/// A value.
#[derive(Clone)]
pub enum Value<'t> {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Value<'t>>),
    Hash(Rc<RefCell<Table<'t>>>),
    Object(Rc<RefCell<Table<'t>>>),
    /// A script block.
    Block(Node<'t>),
    /// A type, or what only the shell itself has, by name.
    Type(String),
    /// What `Get-Command` gives.
    Command(String),
    /// Its parameters.
    Parameters(String),
    /// What `.PSObject.Properties` gives.
    Properties(Rc<RefCell<Table<'t>>>),
}

/// The value of a name.
pub fn get<'t>(table: &Table<'t>, name: &str) -> Option<Value<'t>> {
    let found = table.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.clone())
}

/// Gives a name a value.
pub fn put<'t>(table: &mut Table<'t>, name: &str, value: Value<'t>) {
    match table
        .iter_mut()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
    {
        Some((_, old)) => *old = value,
        None => table.push((name.to_owned(), value)),
    }
}

impl<'t> Value<'t> {
    pub fn hash(table: Table<'t>) -> Self {
        Self::Hash(Rc::new(RefCell::new(table)))
    }

    pub fn object(table: Table<'t>) -> Self {
        Self::Object(Rc::new(RefCell::new(table)))
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Int(number) => *number != 0,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => match items.as_slice() {
                [] => false,
                [one] => one.is_true(),
                _ => true,
            },
            _ => true,
        }
    }

    pub fn text(&self) -> String {
        match self {
            Self::List(items) => items.iter().map(Self::text).collect::<Vec<_>>().join(" "),
            Self::Hash(_) => "System.Collections.Hashtable".to_owned(),
            Self::Object(table) => {
                get(&table.borrow(), "Name").map_or_else(String::new, |name| name.text())
            }
            Self::Type(name) => name.clone(),
            other => other.datum().text(),
        }
    }

    /// What stands in a pipeline: a list is its items.
    pub fn unrolled(self) -> Vec<Self> {
        match self {
            Self::List(items) => items,
            Self::Properties(table) => table
                .borrow()
                .iter()
                .map(|(name, value)| {
                    Self::object(vec![
                        ("Name".to_owned(), Self::Text(name.clone())),
                        ("Value".to_owned(), value.clone()),
                    ])
                })
                .collect(),
            one => vec![one],
        }
    }

    /// What a pipeline's items are as one value.
    pub fn collapsed(mut items: Vec<Self>) -> Self {
        match items.len() {
            0 => Self::Null,
            1 => items.remove(0),
            _ => Self::List(items),
        }
    }

    pub fn datum(&self) -> Datum {
        match self {
            Self::Null => Datum::Null,
            Self::Bool(value) => Datum::Bool(*value),
            Self::Int(number) => Datum::Int(*number),
            Self::Text(text) => Datum::Text(text.clone()),
            Self::List(items) => Datum::List(items.iter().map(Self::datum).collect()),
            Self::Hash(table) | Self::Object(table) => Datum::Table(
                table
                    .borrow()
                    .iter()
                    .map(|(name, value)| (name.clone(), value.datum()))
                    .collect(),
            ),
            Self::Type(name) => Datum::Text(name.clone()),
            _ => panic!("this is no plain value"),
        }
    }

    /// What a file gives back.
    pub fn of(datum: &Datum) -> Self {
        match datum {
            Datum::Null => Self::Null,
            Datum::Bool(value) => Self::Bool(*value),
            Datum::Int(number) => Self::Int(*number),
            Datum::Text(text) => Self::Text(text.clone()),
            Datum::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Datum::Table(table) => Self::hash(
                table
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::of(value)))
                    .collect(),
            ),
        }
    }

    /// What a cmdlet gives.
    pub fn of_object(datum: &Datum) -> Self {
        match Self::of(datum) {
            Self::Hash(table) => Self::Object(table),
            other => other,
        }
    }

    /// The order in which `Sort-Object` puts values.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (a, b) => {
                let (a, b) = (a.text(), b.text());
                a.to_lowercase().cmp(&b.to_lowercase()).then(a.cmp(&b))
            }
        }
    }
}
