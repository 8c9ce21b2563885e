//! What differs between the texts of two specs, key by key, and a spec with some of it taken back.

use crate::diff::renames::Renames;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Sections that decide nothing about mail.
const WORDS_ONLY: [&str; 4] = ["organization", "expect", "ignore", "version"];

/// The files of a spec by name, the main document under the empty name.
pub(crate) type Texts = BTreeMap<String, String>;

/// One difference: a key of a document, or a whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    file: String,
    /// Keys from the document down, items of lists by their name; empty: the whole file.
    path: Vec<String>,
    old: Option<Value>,
    is_new: bool,
}

impl Edit {
    /// The key as a person would say it: `route:Connector 3`, `partners.bank.tls.outbound`.
    pub(crate) fn name(&self) -> String {
        let is_whole = self.old.is_none() || !self.is_new;
        let kind = match self.path.first().map(String::as_str) {
            Some("routes") => Some("route"),
            Some("rules") => Some("rule"),
            Some("locations") if is_whole => Some("location"),
            Some("domains") if is_whole => Some("domain"),
            Some("partners") if is_whole => Some("partner"),
            Some("devices") if is_whole => Some("device"),
            _ => None,
        };
        match (kind, self.path.as_slice()) {
            (_, []) => format!("file:{}", self.file),
            (Some(kind), [_, name]) => format!("{kind}:{name}"),
            _ => self.path.join("."),
        }
    }
}

/// Both specs in a form in which their texts differ in what they say alone: the old one has the new names, and where
/// they consist of other files, what is included stands in the main document.
pub(crate) fn comparable(old: &Texts, new: &Texts, renames: &Renames) -> (Texts, Texts) {
    let both = renamed(old, new, renames);
    let (old, new) = both.unwrap_or_else(|| (old.clone(), new.clone()));
    if old.keys().eq(new.keys()) {
        return (old, new);
    }
    let both = joined(&old).zip(joined(&new));
    both.unwrap_or((old, new))
}

/// The files with the new names of what has one; nothing where nothing has. Both are written alike, so that quotes are no
/// difference.
fn renamed(old: &Texts, new: &Texts, renames: &Renames) -> Option<(Texts, Texts)> {
    let new_names = renames.new_names();
    let none = BTreeMap::new();
    let rewritten = |texts: &Texts, names: &BTreeMap<&str, &str>| -> Texts {
        let rewritten = |(file, text): (&String, &String)| {
            let text = match Value::parse(text) {
                Some(mut document @ Value::Mapping(_)) => {
                    rename(&mut document, names);
                    document.flow()
                }
                _ => text.clone(),
            };
            (file.clone(), text)
        };
        texts.iter().map(rewritten).collect()
    };
    (!new_names.is_empty()).then(|| (rewritten(old, &new_names), rewritten(new, &none)))
}

fn rename(value: &mut Value, new_names: &BTreeMap<&str, &str>) {
    let set = |name: &mut String| {
        if let Some(new) = new_names.get(name.as_str()) {
            (*new).clone_into(name);
        }
    };
    match value {
        Value::Scalar(text, _) => set(text),
        Value::List(items) => items.iter_mut().for_each(|item| rename(item, new_names)),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                set(key);
                rename(value, new_names);
            }
        }
    }
}

/// The files with all that is included in the main document; nothing where a path in an included file would mean another
/// file there, or two files say of one key what cannot be joined.
fn joined(texts: &Texts) -> Option<Texts> {
    let mut texts = texts.clone();
    let mut main = Value::parse(texts.get("")?)?;
    let mut included = taken_out(&mut main);
    while let Some(file) = included.pop() {
        if file.contains('/') {
            return None;
        }
        let mut document = Value::parse(&texts.remove(&file)?)?;
        included.extend(taken_out(&mut document));
        join(&mut main, document)?;
    }
    texts.insert(String::new(), main.flow());
    Some(texts)
}

/// The files that a document includes, the last one first, without the key that names them.
fn taken_out(document: &mut Value) -> Vec<String> {
    let Value::Mapping(entries) = document else {
        return Vec::new();
    };
    let Some(at) = entries.iter().position(|(key, _)| key == "include") else {
        return Vec::new();
    };
    let files = match entries.remove(at).1 {
        Value::List(items) => items,
        one => vec![one],
    };
    let names = files.iter().rev().filter_map(Value::text);
    names.map(str::to_owned).collect()
}

fn join(into: &mut Value, more: Value) -> Option<()> {
    match (into, more) {
        (Value::Mapping(entries), Value::Mapping(more)) => {
            for (key, value) in more {
                match entries.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, known)) => join(known, value)?,
                    None => entries.push((key, value)),
                }
            }
        }
        (Value::List(items), Value::List(more)) => items.extend(more),
        (known, value) if *known == value => {}
        _ => return None,
    }
    Some(())
}

/// Every difference between the files of two specs.
pub(crate) fn edits(old: &Texts, new: &Texts) -> Vec<Edit> {
    let mut found = Vec::new();
    let files: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for file in files {
        let (one, other) = (old.get(file), new.get(file));
        if one == other {
            continue;
        }
        let parse = |text: Option<&String>| text.and_then(|text| Value::parse(text));
        let is_document = |value: &Option<Value>| matches!(value, Some(Value::Mapping(_)));
        let (before, after) = (parse(one), parse(other));
        if is_document(&before) && is_document(&after) {
            let mut path = Vec::new();
            compare(file, &mut path, before.as_ref(), after.as_ref(), &mut found);
        } else {
            found.push(Edit {
                file: file.clone(),
                path: Vec::new(),
                old: None,
                is_new: other.is_some(),
            });
        }
    }
    found
}

fn compare(
    file: &str,
    path: &mut Vec<String>,
    old: Option<&Value>,
    new: Option<&Value>,
    found: &mut Vec<Edit>,
) {
    let is_last = |key: &str| path.last().is_some_and(|last| last == key);
    let is_of_words = path.len() == 1 && WORDS_ONLY.iter().any(|key| is_last(key));
    if old == new || is_of_words || is_last("renamed_from") {
        return;
    }
    let keys = match (old.and_then(children), new.and_then(children)) {
        (Some(one), Some(other)) if is_same_order(&one, &other) => Some((one, other)),
        _ => None,
    };
    let Some((one, other)) = keys else {
        found.push(Edit {
            file: file.to_owned(),
            path: path.clone(),
            old: old.cloned(),
            is_new: new.is_some(),
        });
        return;
    };
    let names: BTreeSet<&String> = one.iter().chain(&other).map(|(name, _)| name).collect();
    for name in names {
        let in_list = |list: &[(String, &Value)]| -> Option<Value> {
            let mut list = list.iter();
            list.find(|(known, _)| known == name)
                .map(|(_, value)| (*value).clone())
        };
        path.push(name.clone());
        compare(
            file,
            path,
            in_list(&one).as_ref(),
            in_list(&other).as_ref(),
            found,
        );
        path.pop();
    }
}

/// The entries of a mapping, or the items of a list that all have names of their own.
fn children(value: &Value) -> Option<Vec<(String, &Value)>> {
    match value {
        Value::Scalar(..) => None,
        Value::Mapping(entries) => Some(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), value))
                .collect(),
        ),
        Value::List(items) => {
            let named: Vec<(String, &Value)> = items
                .iter()
                .map(|item| Some((item.get("name")?.text()?.to_owned(), item)))
                .collect::<Option<_>>()?;
            let names: BTreeSet<&String> = named.iter().map(|(name, _)| name).collect();
            let is_unique = names.len() == named.len() && !items.is_empty();
            is_unique.then_some(named)
        }
    }
}

/// The order of a list may matter, so that what is in both must stand in the same order. That of keys never does, and
/// being asked for it costs nothing.
fn is_same_order(old: &[(String, &Value)], new: &[(String, &Value)]) -> bool {
    let is_list = |list: &[(String, &Value)]| {
        list.iter()
            .all(|(name, value)| value.get("name").and_then(Value::text) == Some(name.as_str()))
    };
    if !is_list(old) || !is_list(new) {
        return true;
    }
    let kept = |list: &[(String, &Value)], other: &[(String, &Value)]| -> Vec<String> {
        let known: BTreeSet<&String> = other.iter().map(|(name, _)| name).collect();
        let kept = list.iter().filter(|(name, _)| known.contains(name));
        kept.map(|(name, _)| name.clone()).collect()
    };
    kept(old, new) == kept(new, old)
}

/// The new spec with these differences taken back.
pub(crate) fn reverted(old: &Texts, new: &Texts, edits: &[&Edit]) -> Option<Texts> {
    let mut texts = new.clone();
    let mut documents: BTreeMap<&str, Value> = BTreeMap::new();
    for edit in edits {
        if edit.path.is_empty() {
            match old.get(&edit.file) {
                Some(text) => texts.insert(edit.file.clone(), text.clone()),
                None => texts.remove(&edit.file),
            };
            continue;
        }
        let document = match documents.entry(edit.file.as_str()) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(Value::parse(new.get(&edit.file)?)?)
            }
        };
        set(document, &edit.path, edit.old.as_ref());
    }
    for (file, document) in documents {
        texts.insert(file.to_owned(), document.flow());
    }
    Some(texts)
}

fn set(value: &mut Value, path: &[String], old: Option<&Value>) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let place = match value {
        Value::Scalar(..) => return,
        Value::Mapping(entries) => {
            let at = entries.iter().position(|(key, _)| key == first);
            match (at, rest.is_empty(), old) {
                (Some(at), true, None) => {
                    entries.remove(at);
                    return;
                }
                (None, true, Some(old)) => {
                    entries.push((first.clone(), old.clone()));
                    return;
                }
                (Some(at), ..) => entries.get_mut(at).map(|(_, value)| value),
                (None, ..) => None,
            }
        }
        Value::List(items) => {
            let named = |item: &Value| item.get("name").and_then(Value::text) == Some(first);
            let at = items.iter().position(named);
            match (at, rest.is_empty(), old) {
                (Some(at), true, None) => {
                    items.remove(at);
                    return;
                }
                (None, true, Some(old)) => {
                    items.push(old.clone());
                    return;
                }
                (Some(at), ..) => items.get_mut(at),
                (None, ..) => None,
            }
        }
    };
    match (place, rest.is_empty(), old) {
        (Some(place), true, Some(old)) => *place = old.clone(),
        (Some(place), false, _) => set(place, rest, old),
        _ => {}
    }
}
