//! The value of one key.

use crate::source::{At, Span};
use crate::yaml::wire::{self, SLOT};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// The value of one key: never written, written wrongly (the finding exists already), or there.
///
/// Reading it never fails, so that one bad value does not hide the next.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Slot<T> {
    /// The key does not stand in the spec.
    #[default]
    Absent,
    /// Something stands there that could not be read. Nobody needs to complain a second time.
    Bad(Span),
    /// What was written, and where.
    Present(At<T>),
}

impl<T> Slot<T> {
    /// The value, where there is a good one.
    pub fn get(&self) -> Option<&T> {
        self.at().map(|at| &at.value)
    }

    /// The value and its place, where there is a good one.
    pub fn at(&self) -> Option<&At<T>> {
        match self {
            Self::Present(at) => Some(at),
            Self::Absent | Self::Bad(_) => None,
        }
    }

    /// The place of whatever was written, good or bad.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Absent => None,
            Self::Bad(span) => Some(*span),
            Self::Present(at) => Some(at.span),
        }
    }

    /// Whether the key is missing; a bad value is not missing.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T: Copy> Slot<T> {
    /// The value, or what the language says for a missing one.
    pub fn or(&self, default: T) -> T {
        self.get().copied().unwrap_or(default)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Slot<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(SLOT, SlotVisitor(PhantomData))
    }
}

struct SlotVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SlotVisitor<T> {
    type Value = Slot<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let span = wire::span(&mut seq)?;
        Ok(match seq.next_element()? {
            Some(value) => Slot::Present(At::new(value, span)),
            None => Slot::Bad(span),
        })
    }
}

impl<T: JsonSchema> JsonSchema for Slot<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
