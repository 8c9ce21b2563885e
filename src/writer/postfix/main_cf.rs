//! Parameters of main.cf.

use crate::writer::{Refused, shown, visible};
use std::fmt::Write as _;

/// Part of a value of main.cf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text that stands for itself; Postfix expands nothing in it.
    Text(&'a str),
    /// The value of another parameter.
    Parameter(&'a str),
}

/// One value of main.cf made of several parts, such as `lmdb:` and the folder of the configuration.
pub fn value(parts: &[Part<'_>]) -> Result<Value, Refused> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(literal) => text.push_str(&main_cf_text(literal)?),
            Part::Parameter(name) => {
                let _ = write!(text, "${{{}}}", parameter_name(name)?);
            }
        }
    }
    // Postfix drops the white space around a value, and takes a line that begins with `#` for a comment.
    if text.trim() != text || text.starts_with('#') {
        return Err(Refused::new(format!(
            "`{text}` cannot stand in main.cf as it is"
        )));
    }
    Ok(Value(text))
}

/// A table of one entry that stands in main.cf itself.
pub(crate) fn inline(key: &[Part<'_>], result: &[Part<'_>]) -> Result<Value, Refused> {
    let (key, result) = (value(key)?, value(result)?);
    if key.0.contains(['=', ' ', ',']) || result.0.contains([' ', ',']) {
        return Err(Refused::new(format!(
            "`{}` with `{}` cannot stand in a table within main.cf",
            key.0, result.0
        )));
    }
    Ok(Value(format!("inline:{{{}={}}}", key.0, result.0)))
}

/// A value that can stand in main.cf.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(pub(super) String);

/// `name = value`, or `name =` for an empty value.
pub fn parameter(name: &str, value: &Value) -> Result<String, Refused> {
    Ok(format!("{} = {}", parameter_name(name)?, value.0)
        .trim_end()
        .to_owned())
}

/// `name =` and one element per line behind it, each but the last with a comma. Postfix splits lists at commas and
/// white space; an element may hold single spaces, as `check_client_access` and its table do.
pub fn list(name: &str, elements: &[Value]) -> Result<String, Refused> {
    let mut text = format!("{} =", parameter_name(name)?);
    for (at, Value(element)) in elements.iter().enumerate() {
        if element.is_empty() || element.contains(',') || element.contains("  ") {
            return Err(Refused::new(format!(
                "`{element}` is no element of a list in main.cf"
            )));
        }
        let comma = if at + 1 < elements.len() { "," } else { "" };
        let _ = write!(text, "\n    {element}{comma}");
    }
    Ok(text)
}

fn parameter_name(name: &str) -> Result<&str, Refused> {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(word) {
        return Ok(name);
    }
    Err(Refused::new(format!(
        "`{}` is not the name of a Postfix parameter",
        shown(name)
    )))
}

/// Literal text: a dollar sign is doubled. Braces group list elements in some parameters and are never needed here.
fn main_cf_text(text: &str) -> Result<String, Refused> {
    if visible(text)?.contains(['{', '}']) {
        return Err(Refused::new(format!(
            "`{text}` contains a brace, which groups values in main.cf"
        )));
    }
    Ok(text.replace('$', "$$"))
}
