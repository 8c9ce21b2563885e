//! PowerShell text: values, commands and comments.
//!
//! Strings are written in single quotes only, in which PowerShell expands nothing. What runs is chosen by mailtopo:
//! names of commands, parameters and variables are checked words, and there is no way to write a script block, an
//! operator or a double-quoted string. Rules: `about_Quoting_Rules`, `about_Comments` and `about_Special_Characters`
//! (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>).

pub mod data;

use crate::writer::{Refused, shown, visible};

/// A value as it can stand after a parameter or in an array or hash table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PsValue {
    /// Text, in single quotes.
    String(String),
    /// A whole number.
    Int(i64),
    /// `$true` or `$false`, for parameters that take a value.
    Bool(bool),
    /// `$null`, which clears a property.
    Null,
    /// `@(…)`; an empty one clears a list.
    Array(Vec<PsValue>),
    /// `@{ … }`, its keys, which are words, in the given order.
    Hash(Vec<(&'static str, PsValue)>),
    /// A switch parameter: `-Name` when on, `-Name:$false` when off, so that a prompt or a default is switched off too.
    Switch(bool),
    /// A variable of the script or a property of one, such as `$facts.Thumbprint`, without the dollar sign.
    Variable(String),
}

impl From<&str> for PsValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for PsValue {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for PsValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<T: Into<PsValue>> FromIterator<T> for PsValue {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl PsValue {
    /// A size in octets in the unit that shows it best, such as `'35MB'`. It is quoted because a bare `35MB` is a number
    /// to PowerShell and loses its unit on the way to Exchange.
    pub fn size(octets: u64) -> Self {
        let (count, unit) = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")]
            .into_iter()
            .find(|(unit, _)| octets != 0 && octets.is_multiple_of(*unit))
            .map_or((octets, "B"), |(unit, name)| (octets / unit, name));
        Self::String(format!("{count}{unit}"))
    }

    /// Whether the format can hold the value, which is what [`PsValue::text`] finds out too.
    pub fn ask(&self) -> Result<(), Refused> {
        match self {
            Self::String(text) => visible(text).map(drop),
            Self::Int(_) | Self::Bool(_) | Self::Switch(_) | Self::Null => Ok(()),
            Self::Array(items) => items.iter().try_for_each(Self::ask),
            Self::Hash(entries) => entries.iter().try_for_each(|(key, value)| {
                word(key, "a key")?;
                value.ask()
            }),
            Self::Variable(name) => variable(name).map(drop),
        }
    }

    /// The text of the value, on one line.
    pub fn text(&self) -> Result<String, Refused> {
        match self {
            Self::String(text) => string(text),
            // A bare negative number after a parameter could be taken for another parameter.
            Self::Int(number) if *number < 0 => Ok(format!("({number})")),
            Self::Int(number) => Ok(number.to_string()),
            Self::Bool(true) | Self::Switch(true) => Ok("$true".to_owned()),
            Self::Bool(false) | Self::Switch(false) => Ok("$false".to_owned()),
            Self::Null => Ok("$null".to_owned()),
            Self::Array(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(Self::text).collect();
                Ok(format!("@({})", items?.join(", ")))
            }
            Self::Hash(entries) if entries.is_empty() => Ok("@{}".to_owned()),
            Self::Hash(entries) => {
                let entries: Result<Vec<_>, Refused> = entries
                    .iter()
                    .map(|(key, value)| Ok(format!("{} = {}", word(key, "a key")?, value.text()?)))
                    .collect();
                Ok(format!("@{{ {} }}", entries?.join("; ")))
            }
            Self::Variable(name) => variable(name),
        }
    }
}

/// A command and its parameters on one line, in the given order.
pub fn command(name: &str, parameters: &[(&str, PsValue)]) -> Result<String, Refused> {
    let mut line = command_name(name)?.to_owned();
    for (parameter, value) in parameters {
        line.push_str(" -");
        line.push_str(word(parameter, "a parameter")?);
        match value {
            PsValue::Switch(true) => {}
            PsValue::Switch(false) => line.push_str(":$false"),
            value => {
                line.push(' ');
                line.push_str(&value.text()?);
            }
        }
    }
    Ok(line)
}

/// A comment of one line, without the line end. Longer text is given line by line.
pub(crate) fn comment(text: &str) -> Result<String, Refused> {
    ask_comment(text)?;
    Ok(format!("# {text}").trim_end().to_owned())
}

/// Whether a comment can hold the text.
pub(crate) fn ask_comment(text: &str) -> Result<(), Refused> {
    let text = visible(text)?;
    // PowerShell takes everything after such a comment for a signature and runs none of it. It compares roughly and
    // without white space, so the word alone is refused.
    let squeezed: String = text.split_whitespace().collect::<String>().to_lowercase();
    if squeezed.contains("signatureblock") {
        return Err(Refused::new(format!(
            "`{text}` must not stand in a PowerShell comment, where it looks like the start of a signature"
        )));
    }
    Ok(())
}

/// The bytes of a script: UTF-8, with a byte-order mark only where it is needed, because Windows PowerShell 5.1 reads a
/// file without one in the machine's own code page.
pub(crate) fn file(text: &str) -> Vec<u8> {
    let mark: &[u8] = if text.is_ascii() {
        b""
    } else {
        b"\xef\xbb\xbf"
    };
    [mark, text.as_bytes()].concat()
}

/// `text` in single quotes. PowerShell ends a single-quoted string at any of five characters and reads two of them in
/// a row as one, the second.
fn string(text: &str) -> Result<String, Refused> {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in visible(text)?.chars() {
        if is_single_quote(c) {
            quoted.push(c);
        }
        quoted.push(c);
    }
    quoted.push('\'');
    Ok(quoted)
}

const fn is_single_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}')
}

/// `$name`, or `$name.property`. Names that the shell itself gives a meaning are refused where assigning or reading
/// them would not do what it seems to.
fn variable(path: &str) -> Result<String, Refused> {
    for name in path.split('.') {
        word(name, "a variable")?;
    }
    if ["true", "false", "null", "args", "input", "this"].contains(&path.to_lowercase().as_str()) {
        return Err(Refused::new(format!(
            "`{path}` is a variable of PowerShell's own"
        )));
    }
    Ok(format!("${path}"))
}

/// `Verb-Noun`.
fn command_name(name: &str) -> Result<&str, Refused> {
    match name.split_once('-') {
        Some((verb, noun)) if is_word(verb) && is_word(noun) => Ok(name),
        _ => Err(Refused::new(format!(
            "`{}` is not the name of a command",
            shown(name)
        ))),
    }
}

fn word<'a>(name: &'a str, what: &str) -> Result<&'a str, Refused> {
    if is_word(name) {
        return Ok(name);
    }
    Err(Refused::new(format!(
        "`{}` is not the name of {what}",
        shown(name)
    )))
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests;
