//! What a step is made of: sentences, commands to copy and tables.

use crate::writer::{Refused, markdown};
use minijinja::{Value, context};

/// A part of a step.
pub(crate) enum Part {
    /// Sentences, in which what stands between backticks is code.
    Text(String),
    /// Commands to copy, in a language.
    Code(&'static str, Vec<String>),
    /// A table; its cells are sentences.
    Table(&'static [&'static str], Vec<Vec<String>>),
}

impl Part {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) const fn code(language: &'static str, lines: Vec<String>) -> Self {
        Self::Code(language, lines)
    }

    /// The part in Markdown, an empty line after it.
    fn markdown(&self) -> Result<String, Refused> {
        Ok(match self {
            Self::Text(text) => markdown::prose(text)? + "\n\n",
            Self::Code(language, lines) => {
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                markdown::block(language, &lines)? + "\n"
            }
            Self::Table(header, rows) => {
                let row =
                    |row: &Vec<String>| row.iter().map(|cell| markdown::prose(cell)).collect();
                let rows: Result<Vec<Vec<String>>, Refused> = rows.iter().map(row).collect();
                markdown::table(header, &rows?) + "\n"
            }
        })
    }
}

/// Parts as the template takes them.
pub(crate) fn written(parts: &[Part]) -> Result<Value, Refused> {
    let text: Result<String, Refused> = parts.iter().map(Part::markdown).collect();
    Ok(Value::from_safe_string(text?))
}

/// The path of a script of an Exchange location. Names of locations are made of letters, digits, `-` and `_`.
pub(crate) fn script(location: &str, name: &str) -> String {
    format!(".\\{location}\\{name}.ps1")
}

/// The file that a step saves the former state of a location to.
pub(crate) fn paths(location: &str, moment: &str) -> String {
    format!(".\\{location}-{moment}.psd1")
}

/// A row of a table in the template.
pub(crate) fn cells(cells: &[String]) -> Result<Value, Refused> {
    let cells: Result<Vec<Value>, Refused> = cells
        .iter()
        .map(|cell| markdown::prose(cell).map(Value::from_safe_string))
        .collect();
    Ok(context! { cells => cells? })
}
