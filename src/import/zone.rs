//! Zones as master files, RFC 1035: one object for each set of records, whose values are the records.
//!
//! `$INCLUDE` and `$GENERATE` stand for records that are not in the file. Each becomes a value that is lost.

use crate::import::room::Room;
use crate::import::{Export, Live, LiveObject};
use std::collections::BTreeMap;

/// Records of a zone, as they are gathered.
#[derive(Debug, Default)]
pub(super) struct Sets {
    sets: BTreeMap<(String, String), Vec<Live>>,
    /// The line that each begins on.
    lines: BTreeMap<(String, String), usize>,
}

/// What the kind of such an answer begins with.
pub(crate) const DYNAMIC: &str = "DYNAMIC";

impl Sets {
    /// Adds a record: its owner, which is absolute and ends with a dot, its type, its TTL and its data.
    pub(super) fn add(&mut self, owner: &str, kind: &str, ttl: &str, data: &str) {
        let value = Live::List(vec![ttl.to_owned(), data.to_owned()]);
        self.set(owner, kind).push(value);
    }

    /// Adds an answer that a record gives some clients.
    pub(super) fn add_dynamic(&mut self, owner: &str, kind: &str, data: &str) {
        let kind = format!("{DYNAMIC} {kind}");
        self.set(owner, &kind).push(Live::Text(data.to_owned()));
    }

    /// Adds something that the file does not hold whole.
    fn lose(&mut self, owner: &str, kind: &str) {
        self.set(owner, kind).push(Live::Lost);
    }

    fn set(&mut self, owner: &str, kind: &str) -> &mut Vec<Live> {
        let key = (owner.to_lowercase(), kind.to_uppercase());
        self.sets.entry(key).or_default()
    }

    /// Notes the line of a record, if it is the first of its set.
    fn stands_at(&mut self, owner: &str, kind: &str, line: usize) {
        let key = (owner.to_lowercase(), kind.to_uppercase());
        self.lines.entry(key).or_insert(line);
    }

    /// The export of the zone of this name.
    pub(super) fn export(self, origin: &str) -> Export {
        let lines = self.lines;
        let objects = self.sets.into_iter().map(|(key, values)| {
            let line = lines.get(&key);
            let (owner, kind) = key;
            LiveObject {
                lines: line
                    .map(|line| ("1".to_owned(), *line))
                    .into_iter()
                    .collect(),
                kind,
                name: owner,
                properties: values
                    .into_iter()
                    .enumerate()
                    .map(|(number, value)| ((number + 1).to_string(), value))
                    .collect(),
                file: 0,
            }
        });
        Export {
            product: Some("zone".to_owned()),
            zones: vec![origin.trim_end_matches('.').to_lowercase()],
            objects: objects.collect(),
            ..Export::default()
        }
    }
}

/// A word of a master file, and whether it stood in quotes.
type Word = (String, bool);

/// Whether a text looks like a master file: its first word that is no comment is a directive, or it has a start of authority.
pub(super) fn is_one(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(|line| line.split(';').next().unwrap_or_default());
    lines.any(|line| {
        line.starts_with("$ORIGIN")
            || line.starts_with("$TTL")
            || line.split_whitespace().any(|word| word == "SOA")
    })
}

/// Reads such a file. The name of the zone is that of its start of authority, or the first `$ORIGIN`; else `named`.
pub(super) fn read(text: &str, named: Option<&str>, room: &mut Room) -> Result<Export, String> {
    let mut origin = named.map(|name| format!("{}.", name.trim_end_matches('.')));
    // Some exports leave out the dot behind names that are whole. Nobody means a zone below itself that has its name.
    let is_whole = |name: &str| {
        named.is_some_and(|named| name.eq_ignore_ascii_case(named.trim_end_matches('.')))
    };
    let mut apex: Option<String> = None;
    let (mut owner, mut ttl) = (None, String::new());
    let mut sets = Sets::default();
    each_entry(text, &mut |line, is_indented, words| {
        room.take("")?;
        let fail = |what: &str| format!("line {line}: {what}");
        let first = words.first().map_or("", |(word, _)| word.as_str());
        match (first, words.get(1)) {
            ("$ORIGIN", Some((name, _))) => {
                let full = absolute(name, origin.as_deref());
                let full = full.ok_or_else(|| fail("its `$ORIGIN` is not whole"))?;
                apex.get_or_insert_with(|| full.clone());
                origin = Some(full);
                return Ok(());
            }
            ("$TTL", Some((word, _))) => {
                let known = seconds(word).ok_or_else(|| fail("its `$TTL` is no time"))?;
                ttl = known;
                return Ok(());
            }
            ("$INCLUDE" | "$GENERATE", _) => {
                let at = origin.clone().unwrap_or_else(|| ".".to_owned());
                sets.lose(&at, first.trim_start_matches('$'));
                return Ok(());
            }
            _ if first.starts_with('$') => return Err(fail("its directive is not known")),
            _ => {}
        }
        let mut words = words.into_iter().peekable();
        if !is_indented && let Some((name, _)) = words.next() {
            let name = if is_whole(&name) { name + "." } else { name };
            let full = absolute(&name, origin.as_deref());
            owner = Some(full.ok_or_else(|| {
                fail("nothing says which zone it is: begin the file with `$ORIGIN`")
            })?);
        }
        let owner = owner
            .as_deref()
            .ok_or_else(|| fail("its record has no owner"))?;
        let mut own = ttl.clone();
        while let Some((word, _)) = words.peek() {
            match (seconds(word), word.to_uppercase().as_str()) {
                (Some(time), _) => own = time,
                (None, "IN" | "CH" | "HS") => {}
                _ => break,
            }
            words.next();
        }
        let (kind, _) = words.next().ok_or_else(|| fail("its record has no type"))?;
        let kind = kind.to_uppercase();
        if kind == "SOA" {
            apex = Some(owner.to_owned());
        }
        let rest: Vec<Word> = words.collect();
        let data =
            data(&kind, &rest, origin.as_deref()).ok_or_else(|| fail("its record is not whole"))?;
        room.fill(&data)?;
        sets.add(owner, &kind, &own, &data);
        sets.stands_at(owner, &kind, line);
        Ok(())
    })?;
    let apex = apex
        .or(origin)
        .ok_or("nothing says which zone it is: begin the file with `$ORIGIN`")?;
    Ok(sets.export(&apex))
}

/// The positions in the data of a type that hold names.
fn names(kind: &str) -> &'static [usize] {
    match kind {
        "NS" | "CNAME" | "PTR" | "DNAME" => &[0],
        "SOA" => &[0, 1],
        "MX" | "HTTPS" | "SVCB" => &[1],
        "SRV" => &[3],
        "NAPTR" => &[5],
        _ => &[],
    }
}

/// The data as one text: names absolute, the strings of a text in one.
fn data(kind: &str, words: &[Word], origin: Option<&str>) -> Option<String> {
    if words.is_empty() {
        return None;
    }
    if matches!(kind, "TXT" | "SPF") {
        return Some(words.iter().map(|(word, _)| word.as_str()).collect());
    }
    let parts: Option<Vec<String>> = words
        .iter()
        .enumerate()
        .map(|(at, (word, is_quoted))| {
            if names(kind).contains(&at) {
                absolute(word, origin)
            } else if *is_quoted {
                Some(format!("\"{word}\""))
            } else {
                Some(word.clone())
            }
        })
        .collect();
    parts.map(|parts| parts.join(" "))
}

/// A name with a dot at its end.
pub(super) fn absolute(name: &str, origin: Option<&str>) -> Option<String> {
    match name {
        "@" => origin.map(str::to_owned),
        _ if name.ends_with('.') => Some(name.to_owned()),
        _ => match origin? {
            "." => Some(format!("{name}.")),
            origin => Some(format!("{name}.{origin}")),
        },
    }
}

/// A time in seconds: `3600`, `1h` or `1h30m`.
fn seconds(word: &str) -> Option<String> {
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (mut all, mut number) = (0u64, String::new());
    for c in word.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        all = all.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    let rest = if number.is_empty() {
        0
    } else {
        number.parse().ok()?
    };
    Some(all.checked_add(rest)?.to_string())
}

/// What is done with an entry: the line that it begins on, whether it has no owner of its own, and its words.
type Entry<'e> = dyn FnMut(usize, bool, Vec<Word>) -> Result<(), String> + 'e;

/// Words of an entry. No record has as many.
const MOST_WORDS: usize = 20_000;

/// Every entry, in order. Parentheses join lines.
fn each_entry(text: &str, entry: &mut Entry<'_>) -> Result<(), String> {
    let mut words: Vec<Word> = Vec::new();
    let (mut depth, mut line, mut began, mut is_indented) = (0usize, 1, 1, false);
    let mut chars = text.chars().peekable();
    let mut at_start = true;
    while let Some(c) = chars.next() {
        if at_start && depth == 0 {
            is_indented = c == ' ' || c == '\t';
            began = line;
        }
        at_start = false;
        if words.len() > MOST_WORDS {
            return Err(format!(
                "line {began}: its record has more than {MOST_WORDS} words"
            ));
        }
        match c {
            '\n' => {
                line += 1;
                if depth == 0 {
                    if !words.is_empty() {
                        entry(began, is_indented, std::mem::take(&mut words))?;
                    }
                    at_start = true;
                }
            }
            ';' => while chars.next_if(|c| *c != '\n').is_some() {},
            '(' => depth += 1,
            ')' => {
                depth = depth.checked_sub(1).ok_or_else(|| {
                    format!("line {line}: it closes a parenthesis that is not open")
                })?;
            }
            '"' => words.push((quoted(&mut chars, line)?, true)),
            c if c.is_whitespace() => {}
            c => {
                let mut word = String::from(c);
                let is_part = |c: &char| !c.is_whitespace() && !"();\"".contains(*c);
                let mut is_escaped = c == '\\';
                while let Some(next) = chars.next_if(|c| is_escaped || is_part(c)) {
                    is_escaped = next == '\\' && !is_escaped;
                    word.push(next);
                }
                words.push((word, false));
            }
        }
    }
    if depth > 0 {
        return Err(format!("line {began}: its parenthesis is not closed"));
    }
    if !words.is_empty() {
        entry(began, is_indented, words)?;
    }
    Ok(())
}

/// What stands in quotes. `\"` is a quote, `\065` an octet.
fn quoted(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    line: usize,
) -> Result<String, String> {
    let mut word = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(word),
            '\n' => break,
            '\\' => {
                let digits: String = chars.clone().take(3).collect();
                let octet = digits.parse::<u8>().ok().filter(|_| digits.len() == 3);
                if let Some(octet) = octet {
                    chars.nth(2);
                    word.push(char::from(octet));
                } else {
                    word.extend(chars.next());
                }
            }
            c => word.push(c),
        }
    }
    Err(format!("line {line}: its quotes are not closed"))
}
