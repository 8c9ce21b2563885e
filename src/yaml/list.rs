//! Lists, inline or in a file.

use crate::finding::Code;
use crate::source::{At, Span};
use crate::yaml::shape::{ByShape, Node, Shape, by_shape};
use crate::yaml::slot::Slot;
use crate::yaml::text::PathText;
use crate::yaml::wire::{self, LIST, refuse};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A list; a scalar counts as a list of one. Bad elements are dropped, each with its finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T> {
    /// The good elements, in the order written.
    pub items: Vec<At<T>>,
    /// Where the list stands; `None` when the key is missing.
    pub span: Option<Span>,
    /// Whether something was dropped, so that nobody concludes anything from what is missing.
    pub incomplete: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            span: None,
            incomplete: false,
        }
    }
}

impl<T> List<T> {
    /// Whether the key stands in the spec, be its list empty or not.
    pub fn is_written(&self) -> bool {
        self.span.is_some()
    }

    /// The elements with their places.
    pub fn iter(&self) -> std::slice::Iter<'_, At<T>> {
        self.items.iter()
    }

    /// The elements without their places.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|item| &item.value)
    }

    /// A list of the one value that stands at `span`.
    pub fn one(value: T, span: Span) -> Self {
        Self {
            items: vec![At::new(value, span)],
            span: Some(span),
            incomplete: false,
        }
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a At<T>;
    type IntoIter = std::slice::Iter<'a, At<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(LIST, ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let span = wire::span(&mut seq)?;
        let mut list = List {
            items: Vec::with_capacity(seq.size_hint().unwrap_or(0).min(4096)),
            span: Some(span),
            incomplete: seq.next_element()?.unwrap_or(true),
        };
        while let Some(slot) = seq.next_element::<Slot<T>>()? {
            match slot {
                Slot::Present(item) => list.items.push(item),
                Slot::Absent | Slot::Bad(_) => list.incomplete = true,
            }
        }
        Ok(list)
    }
}

impl<T: JsonSchema> JsonSchema for List<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ListOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let element = generator.subschema_for::<T>();
        let array = json_schema!({"type": "array", "items": element});
        match forms(generator, &element) {
            Forms::Scalar => json_schema!({"anyOf": [array, element]}),
            Forms::Mapping => array,
            // A mapping is no list of one, so only the scalar half of the element may stand alone.
            Forms::Both => json_schema!({
                "anyOf": [array, {"allOf": [{"not": {"type": ["array", "object"]}}, element]}]
            }),
        }
    }
}

/// The forms that an element has.
enum Forms {
    Scalar,
    Mapping,
    Both,
}

fn forms(generator: &SchemaGenerator, element: &Schema) -> Forms {
    let name = element
        .get("$ref")
        .and_then(|path| path.as_str()?.rsplit('/').next());
    let definition = name
        .and_then(|name| generator.definitions().get(name))
        .or(Some(element.as_value()));
    let kind = definition.and_then(|definition| definition.get("type"));
    match kind {
        Some(kind) if kind == "object" => Forms::Mapping,
        Some(_) => Forms::Scalar,
        None => Forms::Both,
    }
}

/// A list of domains, addresses or networks: inline, or in a file that is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// What is written inline.
    pub list: List<T>,
    /// The file that holds the list, in place of an inline one.
    pub file: Slot<PathText>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            list: List::default(),
            file: Slot::Absent,
        }
    }
}

impl<T> Listed<T> {
    /// Whether the key stands in the spec, be its list empty or not.
    pub fn is_written(&self) -> bool {
        self.span().is_some()
    }

    /// Where the list, or the reference to its file, stands.
    pub fn span(&self) -> Option<Span> {
        self.list.span.or(self.file.span())
    }
}

/// The long form of a list: the file that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRef {
    /// Path of the file, relative to the file that names it.
    pub file: Slot<PathText>,
}

/// A file that holds the list.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, rename = "FileRef", extend("required" = ["file"]))]
struct FileRefFields {
    /// Path of the file, relative to the file that names it. One entry per line, or CSV with a column `domain` or
    /// `address`.
    #[schemars(extend("examples" = ["users.csv"]))]
    file: Slot<PathText>,
}

impl<'de> ByShape<'de> for FileRef {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        if let Shape::Mapping { is_empty: true, .. } = shape {
            return Err(refuse(
                Code::S018,
                "an empty mapping stands here for a list: it names no file",
                "write a list, or `{file: PATH}`",
            ));
        }
        let At {
            value: FileRefFields { file },
            span,
        } = node.get()?;
        // Any other key has been refused already.
        let file = if file.is_absent() {
            Slot::Bad(span)
        } else {
            file
        };
        Ok(Self { file })
    }
}

impl<'de> Deserialize<'de> for FileRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl JsonSchema for FileRef {
    fn schema_name() -> Cow<'static, str> {
        FileRefFields::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        FileRefFields::json_schema(generator)
    }
}

impl<'de, T: Deserialize<'de>> ByShape<'de> for Listed<T> {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        if let Shape::Mapping { .. } = shape {
            return Ok(Self {
                list: List::default(),
                file: match node.get()? {
                    Slot::Present(At {
                        value: FileRef { file },
                        ..
                    }) => file,
                    Slot::Bad(span) => Slot::Bad(span),
                    Slot::Absent => Slot::Absent,
                },
            });
        }
        Ok(Self {
            list: node.get()?,
            file: Slot::Absent,
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl<T: JsonSchema> JsonSchema for Listed<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ListedOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let list = List::<T>::json_schema(generator);
        let file = generator.subschema_for::<FileRef>();
        json_schema!({"anyOf": [list, file]})
    }
}
