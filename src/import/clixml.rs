//! What `Export-Clixml` writes: objects of PowerShell with their properties, as elements.
//!
//! An enumeration is the text that it is shown as, an object in a list is its text. Binary parts, which are most of such a
//! file, are skipped unread. Entities beyond those of XML itself cannot be defined here: a document type is refused.
//! Source: <https://learn.microsoft.com/openspecs/windows_protocols/ms-psrp/f075dfb1-3d16-4c6e-a5f4-11d2b47f2cd1>

use crate::import::cmdlet::live_object;
use crate::import::room::Room;
use crate::import::{DEEPEST, Export, Live};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;

/// An element that is open.
struct Open {
    /// The name of the property that it is, where it is one.
    property: Option<String>,
    what: What,
}

enum What {
    /// An object: its properties, its text, and its items where it is a list.
    Object {
        properties: BTreeMap<String, Live>,
        shown: Option<String>,
        items: Option<Vec<String>>,
    },
    /// The text that an object is shown as.
    Shown(String),
    /// A value of its own.
    Plain { tag: String, text: String },
    /// A list, inside the object that it is.
    List,
    /// Something around other elements.
    Around,
    /// Something that is not read, with all that stands in it.
    Skipped,
}

/// Reads such a file.
pub(super) fn read(text: &str, room: &mut Room) -> Result<Export, String> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut export = Export::default();
    let mut is_clixml = false;
    loop {
        let event = reader.read_event();
        let event = event.map_err(|error| format!("it is no XML: {error}"))?;
        match event {
            Event::DocType(_) => {
                return Err("it has a document type, which no export of PowerShell has".to_owned());
            }
            Event::Start(start) => {
                let element = opened(&start, open.last(), room)?;
                is_clixml |= start.local_name().as_ref() == "Objs";
                open.push(element);
                if open.len() > 2 * DEEPEST {
                    return Err(format!(
                        "its objects stand more than {DEEPEST} deep in each other"
                    ));
                }
            }
            Event::Empty(start) => {
                let element = opened(&start, open.last(), room)?;
                closed(element, &mut open, &mut export, room)?;
            }
            Event::Text(part) => {
                added(&mut open, &part, room)?;
            }
            Event::CData(part) => {
                added(&mut open, &part, room)?;
            }
            Event::GeneralRef(reference) => {
                let known = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character.to_string()),
                    Ok(None) => {
                        quick_xml::escape::resolve_predefined_entity(&reference).map(str::to_owned)
                    }
                    Err(error) => return Err(format!("it is no XML: {error}")),
                };
                let Some(known) = known else {
                    return Err("it names an entity that XML does not have".to_owned());
                };
                added(&mut open, &known, room)?;
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    closed(element, &mut open, &mut export, room)?;
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    if !open.is_empty() {
        return Err("it ends before its last element does".to_owned());
    }
    if !is_clixml {
        return Err("it is XML, but not what `Export-Clixml` writes".to_owned());
    }
    Ok(export)
}

fn opened(start: &BytesStart<'_>, above: Option<&Open>, room: &mut Room) -> Result<Open, String> {
    let tag = start.local_name().as_ref().to_owned();
    let mut property: Option<std::borrow::Cow<'_, str>> = None;
    // Whether one stands there twice is of no use here, and takes long to find of many.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| format!("it is no XML: {error}"))?;
        if attribute.key.local_name().as_ref() == "N" {
            property = Some(attribute.value);
        }
    }
    let is_skipped = above.is_some_and(|above| matches!(above.what, What::Skipped));
    let what = match tag.as_str() {
        _ if is_skipped => What::Skipped,
        // Binary data, names of types, and what only the session needs.
        "BA" | "TN" | "TNRef" => What::Skipped,
        "Obj" => What::Object {
            properties: BTreeMap::new(),
            shown: None,
            items: None,
        },
        "ToString" => What::Shown(String::new()),
        "LST" | "IE" | "QUE" | "STK" => What::List,
        "Objs" | "Props" | "MS" | "DCT" | "En" => What::Around,
        _ => What::Plain {
            tag,
            text: String::new(),
        },
    };
    // A name is made anew each time it stands there, so that it counts as a value does.
    let property = match property {
        Some(name) if !is_skipped => {
            room.take(&name)?;
            Some(unescaped(&name))
        }
        _ => None,
    };
    Ok(Open { property, what })
}

fn added(open: &mut [Open], part: &str, room: &mut Room) -> Result<(), String> {
    if let Some(Open { what, .. }) = open.last_mut()
        && let What::Plain { text, .. } | What::Shown(text) = what
    {
        room.fill(part)?;
        text.push_str(part);
    }
    Ok(())
}

/// An element has ended: its value belongs to the object around it, or to the export.
fn closed(
    element: Open,
    open: &mut [Open],
    export: &mut Export,
    room: &mut Room,
) -> Result<(), String> {
    let value = match element.what {
        What::Skipped | What::Around => return Ok(()),
        What::List => {
            // A list without items is a list all the same.
            if let Some(What::Object { items, .. }) = open.last_mut().map(|at| &mut at.what) {
                items.get_or_insert_default();
            }
            return Ok(());
        }
        What::Shown(text) => {
            if let Some(What::Object { shown, .. }) = open.last_mut().map(|at| &mut at.what) {
                *shown = Some(unescaped(&text));
            }
            return Ok(());
        }
        What::Plain { tag, text } => plain(&tag, &text),
        What::Object {
            properties,
            shown,
            items,
        } => {
            let is_outermost = !open.iter().any(|at| matches!(at.what, What::Object { .. }));
            if is_outermost {
                room.take_object()?;
                export.objects.push(live_object(properties)?);
                return Ok(());
            }
            match (items, shown) {
                (Some(items), _) => Live::List(items),
                (None, Some(shown)) => Live::Text(shown),
                (None, None) => Live::Lost,
            }
        }
    };
    // Beside its text an enumeration holds its number, which says nothing more.
    let is_item = open.last().is_some_and(|at| matches!(at.what, What::List));
    let around = open.iter_mut().rev().find_map(|at| match &mut at.what {
        What::Object {
            properties, items, ..
        } => Some((properties, items)),
        _ => None,
    });
    let Some((properties, items)) = around else {
        return Ok(());
    };
    match element.property {
        Some(name) => {
            properties.insert(name, value);
        }
        None if !is_item => {}
        None => room.take("").map(|()| match value {
            Live::Text(text) => items.get_or_insert_default().push(text),
            Live::Bool(_) | Live::Int(_) => {
                let items = items.get_or_insert_default();
                items.extend(value.items());
            }
            Live::Null | Live::List(_) | Live::Lost => {}
        })?,
    }
    Ok(())
}

fn plain(tag: &str, text: &str) -> Live {
    match tag {
        "Nil" => Live::Null,
        "B" => Live::Bool(text.trim() == "true"),
        "I16" | "I32" | "I64" | "U16" | "U32" | "By" | "SB" => {
            text.trim().parse().map_or(Live::Lost, Live::Int)
        }
        // An object that stands elsewhere in the file.
        "Ref" => Live::Lost,
        _ => Live::Text(unescaped(text)),
    }
}

/// `_x000A_` as the character that it stands for.
fn unescaped(text: &str) -> String {
    if !text.contains("_x") {
        return text.to_owned();
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, after) = rest.split_at(at);
        units.extend(before.encode_utf16());
        let code = after.get(2..6).filter(|_| after.get(6..7) == Some("_"));
        if let Some(unit) = code.and_then(|code| u16::from_str_radix(code, 16).ok()) {
            units.push(unit);
            rest = after.get(7..).unwrap_or_default();
        } else {
            units.extend("_x".encode_utf16());
            rest = after.get(2..).unwrap_or_default();
        }
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}
