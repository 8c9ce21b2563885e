//! YAML with places: text to a span tree, and a span tree to typed values, with every mistake of a file in one run.
//!
//! This module must not know mail, nor which keys a spec has. Types are plain `serde`; fields use the wrappers below
//! ([`Slot`], [`List`], [`Listed`], [`Map`]), which never fail: what is wrong inside them becomes a finding, and
//! reading goes on behind it.

mod access;
mod de;
mod decode;
mod error;
mod form;
mod keys;
mod list;
mod map;
mod other_words;
mod outline;
mod parse;
mod scalar;
mod shape;
mod slot;
mod text;
mod tidy;
mod tree;
mod value;
mod wire;

pub use decode::add_file;
pub(crate) use form::{Form, Word};
pub(crate) use list::{FileRef, List, Listed};
pub(crate) use map::Map;
pub(crate) use outline::{Holder, Outline, Spot};
pub(crate) use shape::{ByShape, Node, Shape, by_shape};
pub(crate) use slot::Slot;
pub(crate) use text::{
    AddressText, DateText, DomainText, HostText, Name, NetworkText, PathText, PatternText, Ref,
    SenderText, SizeText, Text, UriText,
};
pub(crate) use tidy::tidy;
pub(crate) use value::Value;
pub(crate) use wire::refuse;

use crate::finding::Findings;
use crate::source::{FileId, Sources};
use serde::de::DeserializeOwned;
use std::cell::RefCell;

/// Reads the document of one file. All its mistakes are findings; `None` comes back only where there is no document, or
/// something else than a mapping.
pub fn read<T: DeserializeOwned>(
    sources: &Sources,
    file: FileId,
    findings: &mut Findings,
) -> Option<T> {
    let text = &*sources.file(file).text;
    let tree = parse::parse(file, text, findings)?;
    let found = RefCell::new(Vec::new());
    let reader = de::Reader::new(&tree, &found);
    let value = T::deserialize(reader);
    findings.extend(found.take());
    match value {
        Ok(value) => Some(value),
        Err(error) => {
            findings.push(error.at(reader.span()).into_finding());
            None
        }
    }
}
