//! Postfix: a folder with `main.cf`, `master.cf` and the sources of its tables, or what `postconf -n` prints.
//!
//! One object holds the parameters, one each service of `master.cf`, and one each table that they name, under the name that they
//! call it by. Tables that are programs, data bases or expressions are no list of entries, and are lost to a reader.
//! Sources: <https://www.postfix.org/postconf.5.html>, <https://www.postfix.org/DATABASE_README.html>

use crate::import::room::Room;
use crate::import::{Export, Live, LiveObject};
use std::collections::{BTreeMap, BTreeSet};

/// Types of tables whose source is a text with an entry on each line.
const INDEXED: [&str; 7] = ["hash", "lmdb", "btree", "texthash", "cdb", "dbm", "cidr"];

/// Types of tables whose source has an expression on each line.
pub(crate) const EXPRESSIONS: [&str; 2] = ["regexp", "pcre"];

/// Parameters whose values are match lists, in which `/path` stands for the words of a file
/// (<https://www.postfix.org/postconf.5.html#mydestination>).
const MATCH_LISTS: [&str; 5] = [
    "mydestination",
    "mynetworks",
    "relay_domains",
    "virtual_alias_domains",
    "virtual_mailbox_domains",
];

/// Whether a text looks like `main.cf`: its first line that is no comment sets a parameter.
pub(super) fn is_one(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !is_passed_over(line));
    lines.next().is_some_and(|line| parameter(line).is_some())
}

fn parameter(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end();
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        // The parameters of a service begin with its name, such as `smtp-amavis_destination_recipient_limit`.
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    is_name.then(|| (name, value.trim()))
}

/// The port on which a service of `master.cf` takes mail of others; nothing where it takes none.
pub(crate) fn open_port(service: &LiveObject) -> Option<&str> {
    let (name, kind) = service.name.split_once(' ')?;
    let takes =
        kind == "inet" && matches!(service.word("command").as_str(), "smtpd" | "postscreen");
    let (host, port) = name.rsplit_once(':').unwrap_or(("", name));
    let host = host.trim_matches(['[', ']']);
    let is_of_host = host == "localhost" || host == "::1" || host.starts_with("127.");
    (takes && !is_of_host).then_some(port)
}

/// Whether a host takes mail of other servers: they come to port 25. Without `master.cf` nobody knows.
pub(crate) fn takes_mail(export: &Export) -> bool {
    let mut services = export.of_kind("master.cf").peekable();
    services.peek().is_none()
        || services.any(|service| matches!(open_port(service), Some("smtp" | "25")))
}

/// What `postconf -n` prints, or `main.cf` alone.
pub(super) fn main_cf(file: &str, text: &str, room: &mut Room) -> Result<Export, String> {
    let bytes = text.as_bytes().to_vec();
    folder(&BTreeMap::from([("main.cf".to_owned(), bytes)]), room).map(|mut export| {
        export.files = vec![file.to_owned()];
        for object in &mut export.objects {
            object.file = 0;
        }
        export
    })
}

/// A folder: its files by their paths from there.
pub(super) fn folder(files: &BTreeMap<String, Vec<u8>>, room: &mut Room) -> Result<Export, String> {
    let text = |name: &str| -> Option<String> {
        let bytes = files.get(name)?;
        String::from_utf8(bytes.clone()).ok()
    };
    let main = text("main.cf").ok_or("its `main.cf` is no text")?;
    let mut parameters: BTreeMap<String, Live> = BTreeMap::new();
    let mut lines = Vec::new();
    for (number, line) in logical_lines(&main, room)? {
        // The line itself is not shown: nobody knows what is secret.
        let (name, value) =
            parameter(&line).ok_or_else(|| format!("line {number} of `main.cf` sets nothing"))?;
        // The last setting of a parameter counts.
        lines.retain(|(known, _)| known != name);
        lines.push((name.to_owned(), number));
        parameters.insert(name.to_owned(), Live::Text(value.to_owned()));
    }
    let mut export = Export {
        product: Some("postfix".to_owned()),
        files: vec!["main.cf".to_owned()],
        ..Export::default()
    };
    let services = match text("master.cf") {
        Some(text) => {
            export.files.push("master.cf".to_owned());
            services(&text, room)?
        }
        None => Vec::new(),
    };
    let of_services = services.iter().flat_map(|service| &service.properties);
    let named: BTreeSet<String> = parameters
        .iter()
        .chain(of_services)
        .flat_map(|(name, value)| tables_of(name, &value.items().concat()))
        .collect();
    export.objects.push(LiveObject {
        kind: "main.cf".to_owned(),
        name: "main.cf".to_owned(),
        properties: parameters,
        lines,
        ..LiveObject::default()
    });
    export.objects.extend(services);
    for table in named {
        let (kind, path) = table.split_once(':').unwrap_or(("", &table));
        let is_read = is_list(&table) || EXPRESSIONS.contains(&kind);
        let source = source(files, path).filter(|_| is_read);
        let found = source.and_then(|name| Some((name, text(name)?)));
        let ((properties, lines), file) = if let Some((name, text)) = found {
            export.files.push(name.clone());
            let entries = if kind.is_empty() {
                patterns(&text, room)?
            } else {
                entries(&text, room)?
            };
            (entries, export.files.len() - 1)
        } else {
            let lost = BTreeMap::from([("its entries".to_owned(), Live::Lost)]);
            ((lost, Vec::new()), 0)
        };
        export.objects.push(LiveObject {
            kind: "table".to_owned(),
            name: table,
            properties,
            file,
            lines,
        });
    }
    Ok(export)
}

/// The services of `master.cf`, each under its name and type: its program, the parameters of its own, and what else the program
/// is told (<https://www.postfix.org/master.5.html>).
fn services(text: &str, room: &mut Room) -> Result<Vec<LiveObject>, String> {
    let mut found: Vec<LiveObject> = Vec::new();
    for (number, line) in logical_lines(text, room)? {
        let mut words = line.split_whitespace();
        let mut fields: Vec<&str> = words.by_ref().take(8).collect();
        let (Some(command), true) = (fields.pop(), fields.len() == 7) else {
            return Err(format!("line {number} of `master.cf` is no service"));
        };
        let mut properties = BTreeMap::new();
        properties.insert("command".to_owned(), Live::Text(command.to_owned()));
        let mut rest: Vec<&str> = Vec::new();
        while let Some(word) = words.next() {
            let Some(first) = word.strip_prefix("-o") else {
                rest.push(word);
                continue;
            };
            let mut setting = first.to_owned();
            if setting.is_empty() {
                words.next().unwrap_or_default().clone_into(&mut setting);
            }
            // In braces there may be spaces.
            if setting.starts_with('{') {
                while !setting.ends_with('}') {
                    let Some(word) = words.next() else { break };
                    setting.push(' ');
                    setting.push_str(word);
                }
            }
            let setting = setting.trim_matches(['{', '}', ' ']);
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            let name = format!("-o {}", name.trim());
            properties.insert(name, Live::Text(value.trim().to_owned()));
        }
        if !rest.is_empty() {
            properties.insert("arguments".to_owned(), Live::Text(rest.join(" ")));
        }
        let name = format!("{} {}", fields[0], fields[1]);
        let times = found.iter().filter(|it| it.name == name).count();
        found.push(LiveObject {
            kind: "master.cf".to_owned(),
            name: match times {
                0 => name,
                _ => format!("{name} ({})", times + 1),
            },
            properties,
            file: 1,
            lines: vec![("command".to_owned(), number)],
        });
    }
    Ok(found)
}

/// A value with the parameters that it names in place; what `value` has nothing for stays.
pub(crate) fn expanded(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    /// A parameter may name itself.
    const MOST: usize = 64;
    /// So many octets may come to a value by those that it names.
    const MORE: usize = 1 << 18;
    let most = text.len() + MORE;
    let mut text = text.to_owned();
    let mut from = 0;
    for _ in 0..MOST {
        if text.len() > most {
            break;
        }
        let Some(at) = text.get(from..).and_then(|rest| rest.find('$')) else {
            break;
        };
        let at = from + at;
        let rest = text.get(at + 1..).unwrap_or_default();
        let (name, length) = if let Some(inside) = rest.strip_prefix('{') {
            let end = inside.find('}').unwrap_or(inside.len());
            (inside.get(..end).unwrap_or_default(), end + 3)
        } else {
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            (rest.get(..end).unwrap_or_default(), end + 1)
        };
        let end = (at + length).min(text.len());
        match value(name) {
            Some(value) => text.replace_range(at..end, &value),
            None => from = end,
        }
    }
    text
}

/// The domain that a host is in where `mydomain` does not say it (<https://www.postfix.org/postconf.5.html#mydomain>).
pub(crate) fn domain_of(own: &str) -> &str {
    own.split_once('.').map_or("", |(_, rest)| rest)
}

/// Whether the source of a table is a text with its entries; a match list that stands in a file is one of words.
pub(crate) fn is_list(table: &str) -> bool {
    let kind = table.split(':').next().unwrap_or_default();
    table.starts_with('/') || INDEXED.contains(&kind)
}

/// The tables that a parameter names, and the files that its match list stands in.
pub(crate) fn tables_of(parameter: &str, value: &str) -> Vec<String> {
    let name = parameter.strip_prefix("-o ").unwrap_or(parameter);
    let mut found = tables_in(value);
    if MATCH_LISTS.contains(&name) {
        let words = value.split([',', ' ', '\t']);
        found.extend(
            words
                .filter(|word| word.starts_with('/') && word.len() > 1)
                .map(str::to_owned),
        );
    }
    found
}

/// The tables that a value names: `type:path`, without what stands round them.
pub(crate) fn tables_in(value: &str) -> Vec<String> {
    const OTHERS: [&str; 14] = [
        "regexp",
        "pcre",
        "ldap",
        "mysql",
        "pgsql",
        "sqlite",
        "memcache",
        "tcp",
        "socketmap",
        "nis",
        "sdbm",
        "mongodb",
        "unionmap",
        "pipemap",
    ];
    let words = value
        .split([',', ' ', '\t'])
        .map(|word| word.trim_start_matches('!'));
    words
        .filter_map(|word| {
            let word = word.strip_prefix("proxy:").unwrap_or(word);
            let (kind, path) = word.split_once(':')?;
            let is_table = INDEXED.contains(&kind) || OTHERS.contains(&kind);
            (is_table && !path.is_empty()).then(|| word.to_owned())
        })
        .collect()
}

/// The file of the folder that a path of the host is.
fn source<'f>(files: &'f BTreeMap<String, Vec<u8>>, path: &str) -> Option<&'f String> {
    let starts = [
        "${config_directory}/",
        "$config_directory/",
        "/etc/postfix/",
        "/",
    ];
    let rest = starts
        .iter()
        .find_map(|start| path.strip_prefix(start))
        .unwrap_or(path);
    let exact = files.keys().find(|name| *name == rest);
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    exact.or_else(|| files.keys().find(|name| last(name) == last(path)))
}

/// The entries of a table, and the line of each.
type Entries = (BTreeMap<String, Live>, Vec<(String, usize)>);

/// The words of a match list.
fn patterns(text: &str, room: &mut Room) -> Result<Entries, String> {
    let (mut patterns, mut lines) = (BTreeMap::new(), Vec::new());
    for (number, line) in logical_lines(text, room)? {
        let words = line.split(|c: char| c == ',' || c.is_whitespace());
        for word in words.filter(|word| !word.is_empty()) {
            patterns.insert(word.to_lowercase(), Live::Text(String::new()));
            lines.push((word.to_lowercase(), number));
        }
    }
    Ok((patterns, lines))
}

/// The entries of a table. What stands there twice is numbered, because Postfix takes one of them alone.
fn entries(text: &str, room: &mut Room) -> Result<Entries, String> {
    let (mut entries, mut lines) = (BTreeMap::new(), Vec::new());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (number, line) in logical_lines(text, room)? {
        let (key, value) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
        let key = key.to_lowercase();
        let times = seen.entry(key.clone()).or_default();
        *times += 1;
        let name = if *times > 1 {
            format!("{key} ({times})")
        } else {
            key
        };
        lines.push((name.clone(), number));
        entries.insert(name, Live::Text(value.trim().to_owned()));
    }
    Ok((entries, lines))
}

/// Whether a line is empty or a comment.
fn is_passed_over(line: &str) -> bool {
    line.trim_start().starts_with('#') || line.trim().is_empty()
}

/// Lines with those that continue them, without comments, and the number of each.
fn logical_lines(text: &str, room: &mut Room) -> Result<Vec<(usize, String)>, String> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if is_passed_over(line) {
            continue;
        }
        match lines.last_mut() {
            Some((_, last)) if line.starts_with(char::is_whitespace) => {
                room.fill(line)?;
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => {
                room.take(line)?;
                lines.push((number + 1, line.trim_end().to_owned()));
            }
        }
    }
    Ok(lines)
}
