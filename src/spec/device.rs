//! Devices: senders without a mailbox of their own.

use crate::spec::Certificate;
use crate::values::Method;
use crate::yaml::{
    AddressText, Listed, NetworkText, PatternText, Ref, SenderText, Slot, Text, Word,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;

/// A printer, scanner or application: a sender without a mailbox of its own.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Device {
    /// Addresses or networks it sends from.
    pub addresses: Listed<NetworkText>,
    /// Senders it uses: addresses or domain patterns.
    pub sends_as: Listed<SenderText>,
    /// Mailbox it logs on to with `method: client-submission`; without it the first of `sends_as` that is a mailbox at `via`.
    pub login: Slot<AddressText>,
    /// Whom it writes to: `internal`, `anyone`, or patterns.
    #[schemars(extend("default" = "internal"))]
    pub sends_to: Slot<SendsTo>,
    /// How it hands its mail over.
    #[schemars(extend("default" = "relay"))]
    pub method: Slot<Method>,
    /// The location that the device connects to.
    pub via: Slot<Ref>,
    /// Certificate by which it may relay, in place of `addresses`; short or long form, or null.
    pub certificate: Slot<Option<Box<Certificate>>>,
    /// Highest TLS version it speaks; `none`: no STARTTLS.
    pub max_tls: Slot<MaxTls>,
    /// Public address or network its mail arrives from, when `addresses` are private and `via` is in the cloud; or null.
    pub nat: Slot<Option<NetworkText>>,
    /// Whether its mail is internal.
    #[schemars(extend("default" = false))]
    pub trusted: Slot<bool>,
    /// The name it had before, so that a rename is no change in `diff`.
    pub renamed_from: Slot<Text>,
}

/// Whom a device writes to: a word, or patterns.
pub(crate) type SendsTo = Word<Audience, Listed<PatternText>>;

/// Whom a device writes to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Recipients of our own domains.
    #[default]
    Internal,
    /// Everybody.
    Anyone,
}

/// The highest TLS version a device speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum MaxTls {
    /// It does not know STARTTLS.
    #[serde(rename = "none")]
    None,
    /// TLS 1.0.
    #[serde(rename = "1.0")]
    V1_0,
    /// TLS 1.1.
    #[serde(rename = "1.1")]
    V1_1,
    /// TLS 1.2.
    #[serde(rename = "1.2")]
    V1_2,
    /// TLS 1.3.
    #[serde(rename = "1.3")]
    V1_3,
}

impl JsonSchema for MaxTls {
    fn schema_name() -> Cow<'static, str> {
        "MaxTls".into()
    }

    /// A version reaches a validator as a number, with quotes as text.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A TLS version; `none`: no STARTTLS.",
            "enum": ["1.2", "1.3", "1.1", "1.0", "none", 1.0, 1.1, 1.2, 1.3]
        })
    }
}
