//! Operations on a spec as edits of its text, which leave comments and everything else as it stands.
//!
//! An operation that cannot be done by one plain edit has none: its help text remains. This module must not know why an
//! operation is proposed.

#[cfg(test)]
mod tests;

use crate::finding::{Edit, Object, Operation};
use crate::source::Sources;
use crate::yaml::{Holder, Outline, Spot, Value};

/// A range of a text and what stands there instead.
type Change = (usize, usize, String);

/// The edit that does an operation; nothing where there is no plain one.
pub(crate) fn edit(sources: &Sources, operation: &Operation) -> Option<Edit> {
    match operation {
        Operation::Replace { span, old, text } => {
            let file = sources.file(span.file);
            let (start, end) = (span.start as usize, span.end as usize);
            let now = file.text.get(start..end)?;
            if now.trim_matches(['"', '\'']) == old {
                return Some(finished(&file.name, (start, end, written(text))));
            }
            let mut found = now.match_indices(old.as_str());
            let (at, _) = found.next().filter(|_| !old.is_empty())?;
            let range = (start + at, start + at + old.len());
            let is_one = found.next().is_none();
            is_one.then(|| finished(&file.name, (range.0, range.1, text.clone())))
        }
        Operation::Remove { span } => {
            let file = sources.file(span.file);
            let range = (span.start as usize, span.end as usize);
            let outline = Outline::of(&file.text)?;
            let change = remove(&outline, &file.text, &outline.holders(range))?;
            Some(finished(&file.name, change))
        }
        Operation::Set {
            object,
            keys,
            value,
        } => in_object(sources, object, |outline, text, at| {
            set(outline, text, at, keys, value)
        }),
        Operation::SetAll {
            object,
            key,
            entries,
        } => in_object(sources, object, |outline, text, at| {
            set_all(outline, text, at, key, entries)
        }),
        Operation::Unset { object, key } => in_object(sources, object, |outline, text, at| {
            let (name, _) = outline.entry(at, key)?;
            remove(outline, text, &outline.holders(outline.range(name)))
        }),
        Operation::Append { object, key, value } => {
            in_object(sources, object, |outline, text, at| {
                append_to(outline, text, at, key, value)
            })
        }
        Operation::At { path, value } => {
            let section = path.first()?;
            in_section(sources, section, |outline, text, at| {
                put(outline, text, at, path, value.as_deref())
            })
        }
        Operation::Anew { span, value } => {
            let file = sources.file(span.file);
            let range = (span.start as usize, span.end as usize);
            Some(finished(&file.name, (range.0, range.1, value.clone())))
        }
        Operation::AppendAt { path, value } => {
            let (key, above) = path.split_last()?;
            in_section(sources, path.first()?, |outline, text, at| {
                let mut at = at;
                for (number, name) in above.iter().enumerate() {
                    let Some((_, found)) = outline.entry(at, name) else {
                        let rest = path.get(number..)?;
                        return set(outline, text, at, rest, &format!("[{value}]"));
                    };
                    at = found;
                }
                append_to(outline, text, at, key, value)
            })
        }
        Operation::Item { section, value } => in_section(sources, section, |outline, text, at| {
            append_to(outline, text, at, section, value)
        }),
        Operation::Entry {
            section,
            name,
            value,
        } => in_section(sources, section, |outline, text, at| {
            let keys = [(*section).to_owned(), name.clone()];
            let is_there = outline
                .entry(at, section)
                .is_some_and(|(_, found)| outline.entry(found, name).is_some());
            // Whoever proposes an entry believes that there is none.
            (!is_there).then(|| set(outline, text, at, &keys, value))?
        }),
    }
}

/// The text with an edit applied.
pub(crate) fn applied(text: &str, edit: &Edit) -> Option<String> {
    let before = text.get(..edit.start)?;
    let after = text.get(edit.end..)?;
    Some(format!("{before}{}{after}", edit.text))
}

fn finished(file: &str, (start, end, text): Change) -> Edit {
    Edit {
        file: file.to_owned(),
        start,
        end,
        text,
    }
}

/// A text as it can stand in every place.
fn written(text: &str) -> String {
    Value::Scalar(text.to_owned(), true).flow()
}

/// Does something to the mapping of an object, in the file that has it.
fn in_object(
    sources: &Sources,
    object: &Object,
    act: impl Fn(&Outline<'_>, &str, Spot) -> Option<Change>,
) -> Option<Edit> {
    let name = object.name();
    let section = match object {
        Object::Location(_) => "locations",
        Object::Domain(_) => "domains",
        Object::Partner(_) => "partners",
        Object::Device(_) => "devices",
        Object::Route(_) => "routes",
        Object::Rule(_) => "rules",
    };
    sources.iter().find_map(|(_, file)| {
        let outline = Outline::of(&file.text)?;
        let (_, all) = outline.entry(outline.root(), section)?;
        let at = match outline.items(all) {
            Some(items) => items.into_iter().find(|item| {
                let named = outline.entry(*item, "name");
                named.is_some_and(|(_, value)| outline.scalar(value) == Some(name))
            })?,
            None => outline.entry(all, name)?.1,
        };
        act(&outline, &file.text, at).map(|change| finished(&file.name, change))
    })
}

/// Does something to the document with a section, else to the main one.
fn in_section(
    sources: &Sources,
    section: &str,
    act: impl Fn(&Outline<'_>, &str, Spot) -> Option<Change>,
) -> Option<Edit> {
    let has = |text: &str| {
        let outline = Outline::of(text)?;
        outline.entry(outline.root(), section).map(|_| ())
    };
    let files = || sources.iter().map(|(_, file)| file);
    let with_section = files().find(|file| has(&file.text).is_some());
    let file = with_section.or_else(|| files().next())?;
    let outline = Outline::of(&file.text)?;
    act(&outline, &file.text, outline.root()).map(|change| finished(&file.name, change))
}

/// Gives a key of a mapping, or one below it, a value.
fn set(
    outline: &Outline<'_>,
    text: &str,
    at: Spot,
    keys: &[String],
    value: &str,
) -> Option<Change> {
    let (first, rest) = keys.split_first()?;
    let Some((key, found)) = outline.entry(at, first) else {
        let nested = rest.iter().rev().fold(value.to_owned(), |inner, key| {
            format!("{{{}: {inner}}}", written(key))
        });
        return insert(
            outline,
            text,
            at,
            &[format!("{}: {nested}", written(first))],
        );
    };
    if !rest.is_empty() {
        outline.entries(found)?;
        return set(outline, text, found, rest, value);
    }
    let (start, end) = outline.range(found);
    // A key without a value has the place of its key.
    let is_written = (start, end) != outline.range(key) && outline.scalar(found).is_some();
    is_written.then(|| (start, end, value.to_owned()))
}

/// Gives the mapping under a key more entries.
fn set_all(
    outline: &Outline<'_>,
    text: &str,
    at: Spot,
    key: &str,
    entries: &[(String, String)],
) -> Option<Change> {
    let each = entries
        .iter()
        .map(|(name, value)| format!("{}: {value}", written(name)));
    let each: Vec<String> = each.collect();
    let Some((_, found)) = outline.entry(at, key) else {
        return insert(
            outline,
            text,
            at,
            &[format!("{key}: {{{}}}", each.join(", "))],
        );
    };
    // Whoever proposes an entry believes that there is none.
    let is_new = |(name, _): &(String, String)| outline.entry(found, name).is_none();
    entries
        .iter()
        .all(is_new)
        .then(|| insert(outline, text, found, &each))?
}

/// Gives what stands at a path another value whatever it is now, or takes it out.
fn put(
    outline: &Outline<'_>,
    text: &str,
    at: Spot,
    path: &[String],
    value: Option<&str>,
) -> Option<Change> {
    let (first, rest) = path.split_first()?;
    let is_it = |item: &Spot| {
        let named = outline.entry(*item, "name");
        named.is_some_and(|(_, value)| outline.scalar(value) == Some(first))
    };
    let (name, found) = match outline.items(at) {
        Some(items) => {
            let item = items.into_iter().find(is_it)?;
            (item, item)
        }
        None => match outline.entry(at, first) {
            Some(found) => found,
            None => return set(outline, text, at, path, value?),
        },
    };
    if !rest.is_empty() {
        return put(outline, text, found, rest, value);
    }
    let (start, end) = outline.range(found);
    let Some(value) = value else {
        return remove(outline, text, &outline.holders(outline.range(name)));
    };
    // A key without a value has the place of its key.
    let is_written = name == found || (start, end) != outline.range(name);
    let ends_line = text.get(start..end)?.ends_with('\n');
    let line_break = if ends_line { "\n" } else { "" };
    is_written.then(|| (start, end, format!("{value}{line_break}")))
}

/// Adds entries to a mapping.
fn insert(outline: &Outline<'_>, text: &str, at: Spot, new: &[String]) -> Option<Change> {
    let entries = outline.entries(at)?;
    let (start, end) = outline.range(at);
    let in_flow = new.join(", ");
    let Some((first, _)) = entries.first() else {
        return (text.get(start..end)? == "{}").then(|| (start, end, format!("{{{in_flow}}}")));
    };
    let (key, last) = entries.last()?;
    let (_, behind) = outline.range(*last);
    if text.get(start..)?.starts_with('{') {
        let is_written = outline.range(*last) != outline.range(*key);
        return is_written.then(|| (behind, behind, format!(", {in_flow}")));
    }
    let (column, _) = column(text, outline.range(*first).0)?;
    let lines = new
        .iter()
        .map(|entry| format!("{}{entry}", " ".repeat(column)));
    let lines: Vec<String> = lines.collect();
    Some(line_behind(text, behind, &lines.join("\n")))
}

/// Adds an item to the list of a key, which a single value or nothing may stand for.
fn append_to(
    outline: &Outline<'_>,
    text: &str,
    at: Spot,
    key: &str,
    value: &str,
) -> Option<Change> {
    let Some((name, found)) = outline.entry(at, key) else {
        return insert(outline, text, at, &[format!("{key}: [{value}]")]);
    };
    let (start, end) = outline.range(found);
    let Some(items) = outline.items(found) else {
        let is_written = outline.range(name) != (start, end) && outline.scalar(found).is_some();
        let old = text.get(start..end)?;
        return is_written.then(|| (start, end, format!("[{old}, {value}]")));
    };
    let Some(last) = items.last() else {
        return (text.get(start..end)? == "[]").then(|| (start, end, format!("[{value}]")));
    };
    let (_, behind) = outline.range(*last);
    if text.get(start..)?.starts_with('[') {
        return Some((behind, behind, format!(", {value}")));
    }
    let first = items.first()?;
    let (_, before) = column(text, outline.range(*first).0)?;
    let dash = before.rfind('-')?;
    Some(line_behind(
        text,
        behind,
        &format!("{}- {value}", " ".repeat(dash)),
    ))
}

/// Takes an entry or an item out of what holds it; what would be empty then goes as a whole.
fn remove(outline: &Outline<'_>, text: &str, holders: &[Holder]) -> Option<Change> {
    let (holder, above) = holders.split_first()?;
    let (parent, ranges, own): (Spot, Vec<(usize, usize)>, usize) = match *holder {
        Holder::Mapping(parent, key, _) => {
            let entries = outline.entries(parent)?;
            let own = entries.iter().position(|(known, _)| *known == key)?;
            let ranges = entries.iter().map(|(key, value)| {
                let (start, end) = (outline.range(*key), outline.range(*value));
                (start.0, end.1.max(start.1))
            });
            (parent, ranges.collect(), own)
        }
        Holder::List(parent, item) => {
            let items = outline.items(parent)?;
            let own = items.iter().position(|known| *known == item)?;
            let ranges = items.iter().map(|item| outline.range(*item));
            (parent, ranges.collect(), own)
        }
    };
    if ranges.len() == 1 {
        return remove(outline, text, above);
    }
    let (start, end) = *ranges.get(own)?;
    let is_flow = text.get(outline.range(parent).0..)?.starts_with(['{', '[']);
    if is_flow {
        return Some(match ranges.get(own + 1) {
            Some((next, _)) => (start, *next, String::new()),
            None => (ranges.get(own.checked_sub(1)?)?.1, end, String::new()),
        });
    }
    let line = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(line..start)?;
    let is_alone = match holder {
        Holder::Mapping(..) => before.trim().is_empty(),
        Holder::List(..) => before.trim() == "-",
    };
    let rest = text.get(end..)?;
    let behind = if rest.is_empty() || text.get(..end)?.ends_with('\n') {
        end
    } else {
        rest.find('\n').map_or(text.len(), |at| end + at + 1)
    };
    is_alone.then(|| (line, behind, String::new()))
}

/// How many characters stand before a position in its line, and these.
fn column(text: &str, at: usize) -> Option<(usize, &str)> {
    let before = text.get(..at)?;
    let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..)?;
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    Some((line.chars().count(), line))
}

/// A new line behind the one in which a node ends.
fn line_behind(text: &str, end: usize, line: &str) -> Change {
    let rest = text.get(end..).unwrap_or_default();
    let ends_with_break = text.get(..end).is_some_and(|before| before.ends_with('\n'));
    if ends_with_break {
        return (end, end, format!("{line}\n"));
    }
    match rest.find('\n') {
        Some(at) => {
            let is_return = rest.get(..at).is_some_and(|line| line.ends_with('\r'));
            let (at, mark) = if is_return {
                (at - 1, "\r\n")
            } else {
                (at, "\n")
            };
            (end + at, end + at, format!("{mark}{line}"))
        }
        None => (text.len(), text.len(), format!("\n{line}\n")),
    }
}
