//! Master files as RFC 1035 has them, as far as a generated one goes: absolute names, one record a line.

use std::collections::BTreeMap;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub name: String,
    pub kind: String,
    /// The words of the data; of a text all strings as one.
    pub data: Vec<String>,
}

/// The records of all zones among the files, as they are in the end: those of a stage stand in a folder of their own.
pub(crate) fn records(files: &BTreeMap<String, Vec<u8>>) -> Vec<Record> {
    let zones = files.iter().filter(|(path, _)| {
        let name = path
            .strip_prefix("dns/")
            .and_then(|path| path.strip_suffix(".zone"));
        name.is_some_and(|name| !name.contains('/'))
    });
    zones
        .flat_map(|(_, bytes)| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.lines().filter_map(record).collect::<Vec<_>>()
        })
        .collect()
}

fn record(line: &str) -> Option<Record> {
    let mut words = words(line);
    let at = words.iter().position(|word| word == "IN")?;
    let data = words.split_off(at + 2);
    let kind = words.pop()?;
    let name = words.first()?.trim_end_matches('.').to_lowercase();
    let data = if kind == "TXT" {
        vec![data.concat()]
    } else {
        data.iter()
            .filter(|word| *word != "(" && *word != ")")
            .map(|word| {
                let plain = word.trim_end_matches('.');
                if plain.is_empty() {
                    word.clone()
                } else {
                    plain.to_owned()
                }
            })
            .collect()
    };
    Some(Record { name, kind, data })
}

/// Words and quoted strings, without the comment.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(&next) = chars.peek() {
        match next {
            ';' => break,
            '"' => {
                chars.next();
                let mut word = String::new();
                while let Some(char) = chars.next() {
                    match char {
                        '"' => break,
                        '\\' => word.extend(chars.next()),
                        _ => word.push(char),
                    }
                }
                words.push(word);
            }
            _ if next.is_whitespace() => {
                chars.next();
            }
            _ => {
                let mut word = String::new();
                while let Some(char) = chars.next_if(|char| !char.is_whitespace() && *char != ';') {
                    word.push(char);
                }
                words.push(word);
            }
        }
    }
    words
}
