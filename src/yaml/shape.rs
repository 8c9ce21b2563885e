//! Types with a short and a long form choose by the shape of what is written.
//!
//! `#[serde(untagged)]` buffers what it reads and loses places and names with it; here the deserializer tells the shape
//! first and reads afterwards.

use crate::yaml::wire::SHAPE;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// What stands at a place, before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape<'de> {
    /// Nothing, `~` or `null`.
    Nothing,
    /// A scalar, as written without its quotes.
    Scalar(&'de str),
    /// A list.
    List,
    /// A mapping: its only key where it has one, and only one.
    Mapping {
        /// The key of a mapping with a single entry.
        only_key: Option<&'de str>,
        /// Whether it is `{}`.
        is_empty: bool,
    },
}

/// A type that looks at the shape before it reads.
pub(crate) trait ByShape<'de>: Sized {
    /// Reads the node as the form that fits its shape.
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error>;
}

/// What is to be read once the form is chosen.
pub(crate) struct Node<'de, A> {
    access: A,
    life: PhantomData<&'de ()>,
}

impl<'de, A: SeqAccess<'de>> Node<'de, A> {
    /// Reads it as a `T`.
    pub(crate) fn get<T: Deserialize<'de>>(mut self) -> Result<T, A::Error> {
        self.access
            .next_element()?
            .ok_or_else(|| de::Error::custom("a value is missing"))
    }
}

/// Reads a type by shape; the body of its `Deserialize`.
pub(crate) fn by_shape<'de, T: ByShape<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(SHAPE, ShapeVisitor(PhantomData))
}

struct ShapeVisitor<T>(PhantomData<T>);

impl<'de, T: ByShape<'de>> Visitor<'de> for ShapeVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        let kind: u8 = seq.next_element()?.unwrap_or_default();
        let text: Option<&'de str> = seq.next_element::<Option<&'de str>>()?.flatten();
        let shape = match kind {
            0 => Shape::Nothing,
            1 => Shape::Scalar(text.unwrap_or_default()),
            2 => Shape::List,
            kind => Shape::Mapping {
                only_key: text,
                is_empty: kind == 4,
            },
        };
        T::read(
            &shape,
            Node {
                access: seq,
                life: PhantomData,
            },
        )
    }
}
