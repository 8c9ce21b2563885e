//! Values with a short and a long form.

use crate::yaml::shape::{ByShape, Node, Shape, by_shape};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{Deserialize, Deserializer, IntoDeserializer, SeqAccess};
use std::borrow::Cow;

/// A scalar for the short form, anything else for the long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form<S, L> {
    /// The short form.
    Short(S),
    /// The long form.
    Long(L),
}

impl<'de, S: Deserialize<'de>, L: Deserialize<'de>> ByShape<'de> for Form<S, L> {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        match shape {
            Shape::Scalar(_) | Shape::Nothing => node.get().map(Self::Short),
            Shape::List | Shape::Mapping { .. } => node.get().map(Self::Long),
        }
    }
}

impl<'de, S: Deserialize<'de>, L: Deserialize<'de>> Deserialize<'de> for Form<S, L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl<S: JsonSchema, L: JsonSchema> JsonSchema for Form<S, L> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}Or{}", S::schema_name(), L::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        either::<S, L>(generator)
    }
}

/// One of a few words, or a list whose elements are never bare words (domains, addresses, networks); a scalar that is
/// none of the words counts as a list of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word<W, L> {
    /// One of the words.
    Word(W),
    /// The list.
    List(L),
}

impl<'de, W: Deserialize<'de>, L: Deserialize<'de>> ByShape<'de> for Word<W, L> {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        let Shape::Scalar(text) = shape else {
            return node.get().map(Self::List);
        };
        let plain: StrDeserializer<'_, ValueError> = (*text).into_deserializer();
        let known = W::deserialize(plain).is_ok();
        // A bare word that is no keyword is a misspelt keyword: the list could only say that it is no address.
        if known || !text.contains(['.', '*', '@', ':', '/']) {
            return node.get().map(Self::Word);
        }
        node.get().map(Self::List)
    }
}

impl<'de, W: Deserialize<'de>, L: Deserialize<'de>> Deserialize<'de> for Word<W, L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl<W: JsonSchema, L: JsonSchema> JsonSchema for Word<W, L> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}Or{}", W::schema_name(), L::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        either::<W, L>(generator)
    }
}

fn either<S: JsonSchema, L: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let short = generator.subschema_for::<S>();
    let long = generator.subschema_for::<L>();
    json_schema!({"anyOf": [short, long]})
}
