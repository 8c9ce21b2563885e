//! octoDNS zones in YAML (<https://github.com/octodns/octodns/blob/main/docs/records.md>).
//!
//! Every text stands in double quotes with the escapes that JSON and YAML share. Names come in octoDNS's own order,
//! which it demands: digits in them count as numbers. This module must not know which records mail needs.

use crate::writer::{Refused, shown, visible};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One set of records. Keys and texts of a value are written in the order of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Set {
    /// Relative to the zone; empty for the zone itself.
    pub name: String,
    /// Mnemonic of the type.
    pub kind: String,
    /// Seconds.
    pub ttl: u32,
    /// The records.
    pub values: Vec<Value>,
    /// What stands above it, a line for each.
    pub comments: Vec<String>,
}

/// What one record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A name with its final dot, an address, or the text of a TXT record.
    Plain(String),
    /// Fields by their names.
    Fields(BTreeMap<&'static str, Field>),
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// A number.
    Number(u16),
    /// A text.
    Text(String),
}

/// The zone as octoDNS reads it.
pub(crate) fn zone(sets: &[Set]) -> Result<String, Refused> {
    let mut names: BTreeMap<(Vec<Piece>, &str), Vec<&Set>> = BTreeMap::new();
    for set in sets {
        names
            .entry((pieces(&set.name), &set.name))
            .or_default()
            .push(set);
    }
    let mut text = "---\n".to_owned();
    for ((_, name), mut sets) in names {
        sets.sort_by(|a, b| a.kind.cmp(&b.kind));
        let _ = writeln!(text, "{}:", string(name)?);
        for set in sets {
            for comment in &set.comments {
                let _ = writeln!(text, "  # {}", visible(comment)?);
            }
            let _ = writeln!(text, "  - ttl: {}\n    type: {}", set.ttl, set.kind);
            match set.values.as_slice() {
                [Value::Plain(value)] => {
                    let _ = writeln!(text, "    value: {}", plain(value, &set.kind)?);
                }
                values => {
                    text.push_str("    values:\n");
                    for value in values {
                        write_value(&mut text, value, &set.kind)?;
                    }
                }
            }
        }
    }
    Ok(text)
}

fn write_value(text: &mut String, value: &Value, kind: &str) -> Result<(), Refused> {
    match value {
        Value::Plain(value) => {
            let _ = writeln!(text, "      - {}", plain(value, kind)?);
        }
        Value::Fields(fields) => {
            let mut lead = "- ";
            for (key, field) in fields {
                let field = match field {
                    Field::Number(number) => number.to_string(),
                    Field::Text(value) => string(value)?,
                };
                let _ = writeln!(text, "      {lead}{key}: {field}");
                lead = "  ";
            }
        }
    }
    Ok(())
}

/// In the text of a TXT record octoDNS wants every semicolon behind a backslash.
fn plain(value: &str, kind: &str) -> Result<String, Refused> {
    if kind != "TXT" {
        return string(value);
    }
    if !value.is_ascii() || value.contains(['"', '\\']) {
        return Err(Refused::new(format!(
            "`{}` is a text that octoDNS cannot carry: quotes, backslashes and letters outside ASCII have no form there",
            shown(value)
        )));
    }
    string(&value.replace(';', "\\;"))
}

fn string(text: &str) -> Result<String, Refused> {
    let mut quoted = "\"".to_owned();
    for c in visible(text)?.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    Ok(quoted)
}

/// A piece of a name between two numbers, and the number behind it.
type Piece = (String, u128);

fn pieces(name: &str) -> Vec<Piece> {
    let mut list = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digit = |c: char| c.is_ascii_digit();
        let (text, tail) = rest.split_at(rest.find(digit).unwrap_or(rest.len()));
        let end = tail.find(|c| !digit(c)).unwrap_or(tail.len());
        let (number, tail) = tail.split_at(end);
        // A number before the end of the name sorts before the end itself only where there is one.
        let number = number.parse::<u128>().map_or(0, |n| n.saturating_add(1));
        list.push((text.to_owned(), number));
        rest = tail;
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn txt(name: &str, text: &str) -> Set {
        Set {
            name: name.to_owned(),
            kind: "TXT".to_owned(),
            ttl: 300,
            comments: Vec::new(),
            values: vec![Value::Plain(text.to_owned())],
        }
    }

    #[test]
    fn names_are_in_natural_order() {
        let names = ["s10._domainkey", "", "s2._domainkey", "*", "s", "s2"];
        let sets: Vec<Set> = names.iter().map(|name| txt(name, "x")).collect();
        let text = zone(&sets).expect("can be written");
        let order: Vec<&str> = text.lines().filter(|line| line.starts_with('"')).collect();
        assert_eq!(
            order,
            [
                "\"\":",
                "\"*\":",
                "\"s\":",
                "\"s2\":",
                "\"s2._domainkey\":",
                "\"s10._domainkey\":"
            ]
        );
    }

    #[test]
    fn what_is_written_is_yaml() {
        let mx = Set {
            name: String::new(),
            kind: "MX".to_owned(),
            ttl: 3600,
            comments: Vec::new(),
            values: vec![Value::Fields(BTreeMap::from([
                ("preference", Field::Number(10)),
                ("exchange", Field::Text("mail.contoso.com.".to_owned())),
            ]))],
        };
        let text = zone(&[txt("_dmarc", "v=DMARC1; p=none"), mx]).expect("can be written");
        let read: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
        assert_eq!(read[""][0]["values"][0]["exchange"], "mail.contoso.com.");
        assert_eq!(read[""][0]["values"][0]["preference"], 10);
        assert_eq!(read["_dmarc"][0]["value"], "v=DMARC1\\; p=none");
    }

    #[test]
    fn what_octodns_cannot_carry_is_refused() {
        for text in ["Zürich", "a\"b", "a\\b", "a\nb"] {
            assert!(zone(&[txt("", text)]).is_err(), "{text:?}");
        }
    }
}
