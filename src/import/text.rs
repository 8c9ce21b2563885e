//! What is shown for people: the text of `Format-List`, and CSV. Both lose values, and such a value is lost and not empty.
//!
//! `Format-List` stops a list after four items (`$FormatEnumerationLimit`) and breaks long values, CSV shows a list by the name
//! of its type.

use crate::import::cmdlet::{is_cut, is_list, live_object, servers_in};
use crate::import::room::Room;
use crate::import::{Export, Live};
use std::collections::BTreeMap;

/// Whether a text looks like `Format-List`: some line is a name, spaces and a colon, and the line after it is another.
pub(super) fn is_list_of_properties(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.find(|line| property(line).is_some());
    first.is_some() && lines.next().is_some_and(|line| property(line).is_some())
}

/// A line `Name   : value`.
fn property(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(" :")?;
    let name = name.trim_end();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_apart = value.is_empty() || value.starts_with(' ');
    (is_name && is_apart).then(|| (name, value.trim()))
}

/// Reads the text of `Format-List`: objects with a blank line between them.
pub(super) fn format_list(text: &str, room: &mut Room) -> Result<Export, String> {
    let mut objects: Vec<Vec<(String, Vec<String>)>> = vec![Vec::new()];
    for line in text.lines() {
        let last = objects.last_mut();
        if line.trim().is_empty() {
            if last.is_some_and(|object| !object.is_empty()) {
                objects.push(Vec::new());
            }
        } else if let Some((name, value)) = property(line) {
            room.take(value)?;
            if let Some(object) = last {
                object.push((name.to_owned(), vec![value.to_owned()]));
            }
        } else if let Some((_, parts)) = last.and_then(|object| object.last_mut()) {
            room.take(line)?;
            parts.push(line.trim().to_owned());
        }
    }
    let mut export = Export::default();
    for object in objects.into_iter().filter(|object| !object.is_empty()) {
        let properties: BTreeMap<String, Live> = object
            .into_iter()
            .map(|(name, parts)| {
                let value = listed(&name, &parts);
                (name, value)
            })
            .collect();
        export.objects.push(live_object(properties)?);
    }
    Ok(export)
}

/// The words of truth values in the languages of spreadsheets and of people who write for others.
const TRUE: [&str; 6] = ["true", "vero", "verdadero", "vrai", "waar", "wahr"];
const FALSE: [&str; 5] = ["false", "falsch", "falso", "faux", "onwaar"];

/// A value of `Format-List`, whose lines are its parts.
fn listed(name: &str, parts: &[String]) -> Live {
    // Only between the items of a list is it known what a break stands for.
    let is_broken = parts.iter().rev().skip(1).any(|part| !part.ends_with(','));
    let text = parts.join(" ");
    let inside = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    match inside {
        _ if is_broken => Live::Lost,
        None if text.starts_with('{') => Live::Lost,
        None => plain(name, &text),
        Some(inside) if is_cut(inside) => Live::Lost,
        Some("") => Live::List(Vec::new()),
        Some(inside) => Live::List(inside.split(", ").map(str::to_owned).collect()),
    }
}

/// The items of a list that is joined with semicolons; a number behind one is the cost of an address space.
fn between_semicolons(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for part in text.split(';').map(str::trim) {
        let is_cost = !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        match items.last_mut().filter(|_| is_cost) {
            Some(space) => *space = format!("{space};{part}"),
            None => items.push(part.to_owned()),
        }
    }
    items.retain(|item| !item.is_empty());
    items
}

/// A value as a text.
fn plain(name: &str, text: &str) -> Live {
    let word = text.to_lowercase();
    let is_word = !["Comment", "Comments", "Identity", "Name"].contains(&name);
    match text {
        "" => Live::Null,
        _ if is_word && TRUE.contains(&word.as_str()) => Live::Bool(true),
        _ if is_word && FALSE.contains(&word.as_str()) => Live::Bool(false),
        _ if text.starts_with("System.") || text.starts_with("Microsoft.Exchange.") => Live::Lost,
        _ if is_list(name) && text.starts_with('{') => listed(name, &[text.to_owned()]),
        _ if is_cut(text) && is_list(name) => Live::Lost,
        _ if is_list(name) && !servers_in(text).is_empty() => Live::List(servers_in(text)),
        _ if is_list(name) && text.contains('|') => {
            Live::List(text.split('|').map(|part| part.trim().to_owned()).collect())
        }
        _ if is_list(name) && text.contains(';') => Live::List(between_semicolons(text)),
        _ if is_list(name) && text.contains(' ') => Live::Lost,
        // Joined with commas, as people do; no item of these lists has one.
        _ if is_list(name) && text.contains(',') => {
            Live::List(text.split(',').map(str::to_owned).collect())
        }
        _ => text
            .parse()
            .map_or_else(|_| Live::Text(text.to_owned()), Live::Int),
    }
}

/// Whether a text looks like CSV of objects: its first line names properties in quotes.
pub(super) fn is_csv(text: &str) -> bool {
    text.starts_with("#TYPE ")
        || (text.starts_with('"')
            && text
                .lines()
                .next()
                .is_some_and(|line| line.contains("\",\"") || line.contains("\";\"")))
}

/// Reads CSV: the first row names the properties.
pub(super) fn csv(text: &str, room: &mut Room) -> Result<Export, String> {
    let text = match text.strip_prefix("#TYPE ") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, rest)| rest),
        None => text,
    };
    // Where a comma stands in numbers, a semicolon stands between values.
    let first = text.lines().next().unwrap_or_default();
    let between = if first.contains("\";\"") { ';' } else { ',' };
    let mut rows = rows(text, between, room)?.into_iter();
    let names = rows.next().ok_or("it has no row")?;
    let mut export = Export::default();
    for row in rows {
        if row.len() != names.len() {
            return Err("it has a row with more or fewer values than names".to_owned());
        }
        let properties = names
            .iter()
            .zip(&row)
            .map(|(name, text)| (name.clone(), plain(name, text)));
        export.objects.push(live_object(properties.collect())?);
    }
    Ok(export)
}

/// The rows of a text, RFC 4180.
fn rows(text: &str, between: char, room: &mut Room) -> Result<Vec<Vec<String>>, String> {
    let mut rows = Vec::new();
    let (mut row, mut value, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.next_if_eq(&'"').is_some() => value.push('"'),
            '"' => is_quoted = !is_quoted,
            c if c == between && !is_quoted => {
                room.take(&value)?;
                row.push(std::mem::take(&mut value));
            }
            '\r' if !is_quoted => {}
            '\n' if !is_quoted => {
                room.take(&value)?;
                row.push(std::mem::take(&mut value));
                rows.push(std::mem::take(&mut row));
            }
            c => value.push(c),
        }
    }
    if is_quoted {
        return Err("its last quote is not closed".to_owned());
    }
    if !value.is_empty() || !row.is_empty() {
        row.push(value);
        rows.push(row);
    }
    rows.retain(|row| row.iter().any(|value| !value.is_empty()));
    Ok(rows)
}
