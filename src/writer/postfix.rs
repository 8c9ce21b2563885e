//! Postfix tables and main.cf.
//!
//! Rules of the text: `postmap(1)` "TABLE FORMAT", `cidr_table(5)` and `postconf(5)`
//! (<https://www.postfix.org/postmap.1.html>). `postmap` warns and goes on where an entry is doubled, has no value or
//! stands at the wrong place, and the entry is then missing; so whatever it would warn about is refused here.

use super::{Refused, shown, visible};
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A table that is looked up by exact key: `lmdb`, `hash`, `texthash`. Entries are sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// By folded key: the key as written, and the value.
    entries: BTreeMap<String, (String, String)>,
}

impl Table {
    /// Adds an entry. Postfix folds the case of keys, so one that differs from another in case alone is a duplicate, of
    /// which Postfix would use only the first.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), Refused> {
        let written = table_key(key)?;
        let value = table_value(value)?;
        let folded = fold(&written);
        if let Some((_, other)) = self.entries.get(&folded) {
            return Err(Refused::new(format!(
                "`{key}` stands twice in a Postfix table, with `{other}` and with `{value}`"
            )));
        }
        self.entries.insert(folded, (written, value.to_owned()));
        Ok(())
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The lines of the table, keys padded to one width.
    pub fn text(&self) -> String {
        let rows: Vec<_> = self
            .entries
            .values()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        aligned(&rows, "  ")
    }
}

/// A table of networks, of which the first that contains the address wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CidrTable {
    rows: Vec<(String, String)>,
    seen: BTreeMap<IpNet, String>,
}

impl CidrTable {
    /// Adds a line after the others. A network that an earlier line contains would never be reached: it is left out
    /// where the result is the same, and refused where it is not. Postfix skips a line whose network has host bits set,
    /// so such a network is refused.
    pub fn push(&mut self, network: IpNet, action: &str) -> Result<(), Refused> {
        let action = table_value(action)?;
        if network != network.trunc() {
            return Err(Refused::new(format!(
                "`{network}` has bits set after its prefix, the network is `{}`",
                network.trunc()
            )));
        }
        let wider = std::iter::successors(Some(network), IpNet::supernet);
        if let Some((earlier, other)) = wider
            .into_iter()
            .find_map(|net| self.seen.get_key_value(&net))
        {
            if other == action {
                return Ok(());
            }
            return Err(Refused::new(format!(
                "`{network}` with `{action}` would never be reached behind `{earlier}` with `{other}`"
            )));
        }
        self.seen.insert(network, action.to_owned());
        self.rows.push((network.to_string(), action.to_owned()));
        Ok(())
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines in the order they were added, networks padded to one width.
    pub fn text(&self) -> String {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|(network, action)| (network.as_str(), action.as_str()))
            .collect();
        aligned(&rows, "  ")
    }
}

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

/// A value that can stand in main.cf.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(String);

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

/// A comment of one line, without the line end, for tables and main.cf.
pub fn comment(text: &str) -> Result<String, Refused> {
    Ok(format!("# {}", visible(text)?).trim_end().to_owned())
}

fn table_key(key: &str) -> Result<String, Refused> {
    let refuse = |why: &str| Err(Refused::new(format!("`{}` {why}", shown(key))));
    visible(key)?;
    if key.is_empty() {
        return refuse("is empty and no key of a Postfix table");
    }
    if key.contains(char::is_whitespace) {
        return refuse("contains white space, which ends the key of a Postfix table");
    }
    if key.starts_with('#') {
        return refuse("would be a comment in a Postfix table");
    }
    // Postfix 3 and later read a quoted key up to the closing quote, and a backslash inside as an escape.
    if key.contains(['"', '\\']) {
        return refuse(
            "contains a quote or a backslash, which Postfix tables read in different ways",
        );
    }
    Ok(key.to_lowercase())
}

/// Keys that differ only in what Postfix folds away; `ß` and `ss` are one too.
fn fold(key: &str) -> String {
    key.to_uppercase().to_lowercase()
}

fn table_value(value: &str) -> Result<&str, Refused> {
    visible(value)?;
    if value.is_empty() {
        return Err(Refused::new(
            "an entry of a Postfix table has no value, and Postfix would skip it",
        ));
    }
    if value.trim() != value {
        return Err(Refused::new(format!(
            "`{value}` begins or ends with white space, which Postfix would drop"
        )));
    }
    Ok(value)
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

fn aligned(rows: &[(&str, &str)], gap: &str) -> String {
    let width = |key: &str| key.chars().count();
    let widest = rows.iter().map(|(key, _)| width(key)).max().unwrap_or(0);
    rows.iter().fold(String::new(), |mut text, (key, value)| {
        let _ = writeln!(
            text,
            "{key}{:pad$}{gap}{value}",
            "",
            pad = widest - width(key)
        );
        text
    })
}

#[cfg(test)]
mod tests {
    use super::super::any_text;
    use super::{CidrTable, Part, Table, Value, comment, list, parameter, value};
    use proptest::prelude::*;

    fn table(entries: &[(&str, &str)]) -> Result<String, super::Refused> {
        let mut table = Table::default();
        for (key, value) in entries {
            table.insert(key, value)?;
        }
        Ok(table.text())
    }

    /// Reads a table as postmap does: blank and comment lines, continuation lines, key up to the first white space.
    fn read(text: &str) -> Vec<(String, String)> {
        let mut lines: Vec<String> = Vec::new();
        for line in text.split('\n') {
            if line.trim().is_empty() || line.trim_start().starts_with('#') {
                continue;
            }
            match lines.last_mut() {
                Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
                _ => lines.push(line.to_owned()),
            }
        }
        let blank = [' ', '\t', '\r'];
        let split = |line: &String| {
            let (key, value) = line.split_once(blank).unwrap_or((line, ""));
            (key.to_owned(), value.trim_matches(blank).to_owned())
        };
        lines.iter().map(split).collect()
    }

    fn literal(text: &str) -> Result<Value, super::Refused> {
        value(&[Part::Text(text)])
    }

    /// Expands a value as Postfix does, with every parameter empty.
    fn expand(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            rest = if let Some(after) = after.strip_prefix('$') {
                out.push('$');
                after
            } else {
                after.split_once('}').map_or("", |(_, after)| after)
            };
        }
        out + rest
    }

    #[test]
    fn tables_are_sorted_lower_case_and_aligned() {
        let text = table(&[
            ("contoso.com", "smtp:[hub.contoso.com]:25"),
            ("Bob@contoso.com", "relay:[x] # part of the value"),
            (".contoso.com", "error:5.1.2 no such domain"),
        ]);
        assert_eq!(
            text.expect("can be written"),
            ".contoso.com     error:5.1.2 no such domain\n\
             bob@contoso.com  relay:[x] # part of the value\n\
             contoso.com      smtp:[hub.contoso.com]:25\n"
        );
    }

    #[test]
    fn what_postmap_would_skip_is_refused() {
        for (key, value) in [
            ("", "x"),
            ("a b", "x"),
            ("a\u{a0}b", "x"),
            ("#a", "x"),
            ("\u{feff}a", "x"),
            ("\"a b\"@x", "x"),
            ("a\\b", "x"),
            ("a", ""),
            ("a", " x"),
            ("a", "x "),
            ("a", "x\ny z"),
            ("a", "x\ty"),
        ] {
            assert!(table(&[(key, value)]).is_err(), "{key:?} {value:?}");
        }
    }

    #[test]
    fn duplicates_are_refused_whatever_their_case() {
        for (one, other) in [
            ("a@b", "A@B"),
            ("münchen.de", "MÜNCHEN.de"),
            ("straße@x", "STRASSE@x"),
        ] {
            let refused = table(&[(one, "x"), (other, "y")]).expect_err("a duplicate");
            assert!(refused.message.contains("twice"), "{refused}");
        }
    }

    #[test]
    fn networks_keep_their_order_and_none_is_hidden() {
        let net = |text: &str| text.parse().expect("a network");
        let mut table = CidrTable::default();
        for (network, action) in [
            ("10.1.0.0/16", "OK"),
            ("10.0.0.0/8", "REJECT"),
            ("2001:db8::/32", "OK"),
            ("10.1.2.0/24", "OK"),
        ] {
            assert_eq!(table.push(net(network), action), Ok(()));
        }
        assert_eq!(
            table.text(),
            "10.1.0.0/16    OK\n10.0.0.0/8     REJECT\n2001:db8::/32  OK\n"
        );
        for (network, action) in [
            ("10.2.0.0/16", "OK"),
            ("10.0.0.0/8", "OK"),
            ("192.0.2.5/24", "OK"),
            ("192.0.2.0/24", ""),
        ] {
            assert!(table.push(net(network), action).is_err(), "{network}");
        }
    }

    #[test]
    fn parameters() {
        let text =
            |name, text| parameter(name, &literal(text).expect("a value")).expect("can be written");
        assert_eq!(
            text("myhostname", "relay.contoso.com"),
            "myhostname = relay.contoso.com"
        );
        assert_eq!(text("relayhost", ""), "relayhost =");
        assert_eq!(
            text("smtpd_banner", "costs $5 #1"),
            "smtpd_banner = costs $$5 #1"
        );
        let table = value(&[
            Part::Text("lmdb:"),
            Part::Parameter("config_directory"),
            Part::Text("/transport"),
        ]);
        let table = table.expect("a value");
        assert_eq!(
            parameter("transport_maps", &table).as_deref(),
            Ok("transport_maps = lmdb:${config_directory}/transport")
        );
        let check =
            literal("check_client_access cidr:/etc/postfix/client_access").expect("a value");
        let last = literal("reject_unauth_destination").expect("a value");
        assert_eq!(
            list("smtpd_relay_restrictions", &[check, last]).as_deref(),
            Ok(
                "smtpd_relay_restrictions =\n    check_client_access cidr:/etc/postfix/client_access,\n    reject_unauth_destination"
            )
        );
        assert_eq!(list("relay_domains", &[]).as_deref(), Ok("relay_domains ="));
    }

    #[test]
    fn no_value_leaves_its_parameter() {
        for text in ["a\nb = c", " a", "a ", "#a", "{a}", "a\u{2028}b"] {
            assert!(literal(text).is_err(), "{text:?}");
        }
        for text in ["", "a,b", "a  b"] {
            assert!(
                list("x", &[literal(text).expect("a value")]).is_err(),
                "{text:?}"
            );
        }
        for name in ["", "a b", "a=b", "A", "1a", "a\n"] {
            assert!(
                parameter(name, &literal("x").expect("a value")).is_err(),
                "{name:?}"
            );
            assert!(value(&[Part::Parameter(name)]).is_err(), "{name:?}");
        }
        assert!(comment("a\nmynetworks = 0.0.0.0/0").is_err());
        assert_eq!(comment("device:door").as_deref(), Ok("# device:door"));
    }

    proptest! {
        #[test]
        fn an_entry_reads_back_or_is_refused(key in any_text(), value in any_text()) {
            if let Ok(text) = table(&[(&key, &value)]) {
                prop_assert_eq!(read(&text), vec![(key.to_lowercase(), value)]);
            }
        }

        #[test]
        fn likely_entries_read_back(key in "[#a@. \"]{1,5}", value in "[#a: ,$\t\n]{1,8}") {
            if let Ok(text) = table(&[(&key, &value), ("zz", "z")]) {
                prop_assert_eq!(read(&text), vec![(key, value), ("zz".to_owned(), "z".to_owned())]);
            }
        }

        #[test]
        fn literal_text_expands_to_itself_or_is_refused(text in "[$a(){} #,é]{0,8}") {
            if let Ok(Value(written)) = literal(&text) {
                prop_assert_eq!(expand(&written), text);
            }
        }
    }
}
