//! Where the mailboxes of a domain are.

use crate::finding::Code;
use crate::yaml::{
    AddressText, ByShape, FileRef, List, Map, Node, PathText, Ref, Shape, Slot, by_shape, refuse,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, SeqAccess};
use std::borrow::Cow;

/// Where the mailboxes of a domain are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mailboxes {
    /// All of them at one location.
    All(Ref),
    /// In a file whose rows name the locations.
    File(Slot<PathText>),
    /// Each location's share.
    Parts(Map<Ref, Share>),
}

/// What one location holds of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share {
    /// So many mailboxes, of unknown addresses.
    Count(u64),
    /// Everybody who is not listed elsewhere.
    Rest,
    /// These addresses.
    Addresses(List<AddressText>),
    /// The addresses in a file.
    File(Slot<PathText>),
}

/// A number written without quotes, as the language counts mailboxes.
fn is_count(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

impl<'de> ByShape<'de> for Mailboxes {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        match shape {
            // A location of this name cannot be meant: it would hold everything, which a scalar says.
            Shape::Mapping {
                only_key: Some("file"),
                ..
            } => node.get().map(|FileRef { file }| Self::File(file)),
            Shape::Mapping { .. } => node.get().map(Self::Parts),
            Shape::Scalar(_) | Shape::Nothing | Shape::List => node.get().map(Self::All),
        }
    }
}

impl<'de> ByShape<'de> for Share {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        match shape {
            Shape::Scalar("rest") => Ok(Self::Rest),
            Shape::Scalar(text) if is_count(text) => node.get().map(Self::Count),
            Shape::Scalar(text) if !text.contains('@') => Err(refuse(
                Code::S019,
                format_args!("`{text}` says neither how many mailboxes there are nor which"),
                "write a number, a list of addresses, `{file: PATH}`, or `rest` for everybody not listed elsewhere",
            )),
            Shape::Mapping { .. } => node.get().map(|FileRef { file }| Self::File(file)),
            Shape::Scalar(_) | Shape::List | Shape::Nothing => node.get().map(Self::Addresses),
        }
    }
}

impl<'de> Deserialize<'de> for Mailboxes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl JsonSchema for Mailboxes {
    fn schema_name() -> Cow<'static, str> {
        "Mailboxes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let all = generator.subschema_for::<Ref>();
        let file = generator.subschema_for::<FileRef>();
        let parts = generator.subschema_for::<Map<Ref, Share>>();
        json_schema!({
            "description": "A location that holds all of them, or a map from locations to what each holds.",
            "anyOf": [all, file, parts]
        })
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let addresses = generator.subschema_for::<List<AddressText>>();
        let file = generator.subschema_for::<FileRef>();
        json_schema!({
            "description": "How many mailboxes, which addresses, a file with the addresses, or `rest`: everybody not listed elsewhere.",
            "anyOf": [{"type": "integer", "minimum": 0}, {"const": "rest"}, addresses, file]
        })
    }
}
