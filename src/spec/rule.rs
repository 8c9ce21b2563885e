//! Mail-flow rules.

use crate::values::Side;
use crate::yaml::{
    AddressText, ByShape, List, Listed, Node, PatternText, Ref, Shape, Slot, Text, by_shape,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess};
use std::borrow::Cow;

/// A mail-flow rule: it chooses a route by something other than the recipient's domain.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["name", "at", "route"]))]
pub struct Rule {
    /// Its name: free text of at most 64 characters.
    pub name: Slot<Text>,
    /// The location that applies it.
    pub at: Slot<Ref>,
    /// Conditions that must all hold.
    pub when: Slot<Box<Conditions>>,
    /// Conditions under which it does not apply.
    pub unless: Slot<Box<Conditions>>,
    /// A route with `only_by_rule`, or a location or partner: that route is then derived.
    pub route: Slot<Text>,
    /// Headers that keep it from applying, to break loops: a name (any value), a test, or a list.
    pub unless_header: UnlessHeader,
    /// Whether it is in use.
    #[schemars(extend("default" = true))]
    pub enabled: Slot<bool>,
    /// Whether it is written. With `false` it exists, is analysed and looked for by name, and is never changed or removed.
    #[schemars(extend("default" = true))]
    pub managed: Slot<bool>,
    /// The name it had before, so that a rename is no change in `diff`.
    pub renamed_from: Slot<Text>,
}

/// Conditions of a rule. At a Postfix location only `sender` and `sender_domain` can be said.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Conditions {
    /// Whether the sender is inside or outside.
    pub from: Slot<Side>,
    /// Whether the recipient is inside or outside.
    pub to: Slot<Side>,
    /// Addresses of senders.
    pub sender: Listed<AddressText>,
    /// Addresses of recipients.
    pub recipient: Listed<AddressText>,
    /// Patterns of the sender's domain.
    pub sender_domain: Listed<PatternText>,
    /// Patterns of the recipient's domain.
    pub recipient_domain: Listed<PatternText>,
    /// Groups the sender is a member of.
    pub sender_member_of: List<Text>,
    /// Groups the recipient is a member of.
    pub recipient_member_of: List<Text>,
    /// Cities of the recipient.
    pub recipient_city: List<Text>,
    /// Departments of the recipient.
    pub recipient_department: List<Text>,
    /// A header, and what it holds.
    pub header: Slot<HeaderTest>,
    /// A condition that the language does not have, in words. Only on a rule with `managed: false`: whether it holds is not
    /// known, so its mail is followed both ways.
    #[schemars(extend("examples" = ["SenderIpRanges 192.0.2.1"]))]
    pub other: Slot<Text>,
}

/// A test of a header. Its short form, a scalar, is the name alone: any value.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct HeaderTest {
    /// Name of the header.
    pub name: Slot<Text>,
    /// Text that it contains.
    pub value: Slot<Text>,
    /// Pattern that it matches.
    pub matches: Slot<Text>,
    /// Whether the rule itself stamps the header.
    pub set: Slot<bool>,
}

/// A header by its name, and what it holds; without `value` and `matches` any value.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
#[schemars(deny_unknown_fields, rename = "HeaderTest", extend("required" = ["name"]))]
struct Long {
    /// Name of the header.
    name: Slot<Text>,
    /// Text that it contains.
    value: Slot<Text>,
    /// Pattern that it matches.
    matches: Slot<Text>,
    /// Whether the rule itself stamps the header, to break loops.
    #[schemars(extend("default" = false))]
    set: Slot<bool>,
}

impl<'de> ByShape<'de> for HeaderTest {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        if let Shape::Scalar(_) = shape {
            return Ok(Self {
                name: node.get()?,
                ..Self::default()
            });
        }
        let Long {
            name,
            value,
            matches,
            set,
        } = node.get()?;
        Ok(Self {
            name,
            value,
            matches,
            set,
        })
    }
}

impl<'de> Deserialize<'de> for HeaderTest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl JsonSchema for HeaderTest {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "HeaderTestOrName".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let short = generator.subschema_for::<Text>();
        let long = generator.subschema_for::<Long>();
        json_schema!({"anyOf": [short, long]})
    }
}

/// Headers that keep a rule from applying; one of them may stand without a list.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct UnlessHeader(pub List<HeaderTest>);

impl<'de> ByShape<'de> for UnlessHeader {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        if let Shape::List | Shape::Scalar(_) = shape {
            return node.get().map(Self);
        }
        let single: Slot<HeaderTest> = node.get()?;
        let span = single.span();
        let incomplete = single.get().is_none();
        let items = match single {
            Slot::Present(at) => vec![at],
            Slot::Absent | Slot::Bad(_) => Vec::new(),
        };
        Ok(Self(List {
            items,
            span,
            incomplete,
        }))
    }
}

impl<'de> Deserialize<'de> for UnlessHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl JsonSchema for UnlessHeader {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "UnlessHeader".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<HeaderTest>();
        json_schema!({"anyOf": [one, {"type": "array", "items": one}]})
    }
}
