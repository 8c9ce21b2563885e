//! The agreement between the wrappers and the deserializer of this module.
//!
//! A wrapper asks for a newtype struct with one of these names, which no derived type can have, and the deserializer
//! answers with what the wrapper needs: a place, a shape, elements that are skipped when they are bad. This module must
//! not know what is read.

use crate::source::{At, FileId, Span};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

pub(super) const AT: &str = "\0at";
pub(super) const SLOT: &str = "\0slot";
pub(super) const LIST: &str = "\0list";
pub(super) const MAP: &str = "\0map";
pub(super) const SHAPE: &str = "\0shape";
/// Followed by what is expected, for messages; a number is no such text.
pub(super) const TEXT: &str = "\0text ";
/// Followed by what is expected; a number written without quotes is taken as it is written.
pub(super) const WORD: &str = "\0word ";

/// Parts of an error text that `serde` lets through as one string.
pub(super) const SEPARATOR: char = '\0';

/// An error of a hand-written type: the check that speaks, what it says and what to write instead.
pub(crate) fn refuse<E: de::Error>(
    check: crate::finding::Code,
    message: impl fmt::Display,
    help: &str,
) -> E {
    E::custom(format_args!("{check}{SEPARATOR}{message}{SEPARATOR}{help}"))
}

/// The next three elements of an answer as a place.
pub(super) fn span<'de, A: SeqAccess<'de>>(seq: &mut A) -> Result<Span, A::Error> {
    let mut number = || {
        seq.next_element::<u32>()?
            .ok_or_else(|| de::Error::custom("a position is missing"))
    };
    Ok(Span::new(FileId(number()?), number()?, number()?))
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(AT, AtVisitor(PhantomData))
    }
}

struct AtVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AtVisitor<T> {
    type Value = At<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let span = span(&mut seq)?;
        let value = seq
            .next_element()?
            .ok_or_else(|| de::Error::custom("a value is missing"))?;
        Ok(At::new(value, span))
    }
}

/// What stands before the entries of a [`crate::yaml::Map`].
pub(super) struct Head {
    /// Where the mapping stands.
    pub(super) span: Span,
    /// Whether something else stands there.
    pub(super) bad: bool,
}

impl<'de> Deserialize<'de> for Head {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a position")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Head, A::Error> {
        let span = span(&mut seq)?;
        let bad = seq.next_element()?.unwrap_or(true);
        Ok(Head { span, bad })
    }
}
