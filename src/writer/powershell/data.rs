//! Data files (`.psd1`): values over several lines, as a reviewer reads them in a difference.
//!
//! Such a file holds strings in single quotes, whole numbers, `$true`, `$false`, `$null`, lists and tables, and nothing
//! that could run (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_data_files>).

use crate::writer::Refused;
use crate::writer::powershell::PsValue;
use std::fmt::Write as _;

/// The longest line on which a list stands whole.
const WIDTH: usize = 120;

/// A value on a line that is indented by `indent` and has `used` characters before it. A list that would be too long
/// stands one item a line.
pub fn value(value: &PsValue, indent: usize, used: usize) -> Result<String, Refused> {
    let whole = value.text()?;
    if used + whole.chars().count() <= WIDTH {
        return Ok(whole);
    }
    match value {
        PsValue::Array(items) => list(items, indent),
        PsValue::Hash(entries) => {
            let mut text = "@{ ".to_owned();
            for (number, (key, entry)) in entries.iter().enumerate() {
                if number > 0 {
                    text.push_str("; ");
                }
                let start = format!("{key} = ");
                let before = used + text.chars().count() + start.chars().count();
                text.push_str(&start);
                text.push_str(&self::value(entry, indent, before)?);
            }
            Ok(text + " }")
        }
        _ => Ok(whole),
    }
}

/// A list with one item a line.
pub fn list(items: &[PsValue], indent: usize) -> Result<String, Refused> {
    let inner = indent + 4;
    let lines: Result<Vec<String>, Refused> = items
        .iter()
        .map(|item| Ok(format!("{:inner$}{}", "", value(item, inner, inner)?)))
        .collect();
    Ok(format!("@(\n{}\n{:indent$})", lines?.join(",\n"), ""))
}

/// Whether a table can hold the values.
pub fn ask(entries: &[(&str, PsValue)]) -> Result<(), Refused> {
    entries.iter().try_for_each(|(_, value)| value.ask())
}

/// The lines of a table, its `=` aligned. What is set comes first, what is cleared behind it.
pub fn table(entries: &[(&str, PsValue)], indent: usize) -> Result<String, Refused> {
    let width = entries.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    let (cleared, set): (Vec<_>, Vec<_>) = entries
        .iter()
        .partition(|(_, value)| *value == PsValue::Null);
    let mut text = String::new();
    for (key, entry) in set.into_iter().chain(cleared) {
        let start = format!("{:indent$}{key:width$} = ", "");
        let shown = value(entry, indent, start.chars().count())?;
        let _ = writeln!(text, "{start}{shown}");
    }
    Ok(text)
}
