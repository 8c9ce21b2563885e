//! YAML with places: text to a span tree, and a span tree to typed values, with every mistake of a file in one run.
//!
//! This module must not know mail, nor which keys a spec has. Types are plain `serde`; fields use the wrappers below
//! ([`Slot`], [`List`], [`Listed`], [`Map`]), which never fail: what is wrong inside them becomes a finding, and
//! reading goes on behind it.

mod form;
mod list;
mod map;
mod shape;
mod slot;
mod text;
mod wire;

pub use form::{Form, Word};
pub use list::{FileRef, List, Listed};
pub use map::Map;
pub use shape::{ByShape, Node, Shape, by_shape};
pub use slot::Slot;
pub use text::{
    AddressText, DateText, DomainText, HostText, Name, NetworkText, PathText, PatternText, Ref,
    SenderText, SizeText, Text, UriText,
};
pub use wire::refuse;
