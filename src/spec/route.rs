//! Routes: connections that somebody writes down.

use crate::spec::{Certificate, Host, TlsLevel};
use crate::yaml::{
    AddressText, ByShape, DomainText, Form, List, Listed, NetworkText, Node, PatternText, Ref,
    Shape, Slot, Text, Word, by_shape,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess};
use std::borrow::Cow;

/// A connection that cannot be derived, or, with `routing: explicit`, any.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["name", "from", "to"]))]
pub struct Route {
    /// Its name: free text of at most 64 characters.
    pub name: Slot<Text>,
    /// Where it starts: a location; also a partner or a device, to say how its mail is taken.
    pub from: Slot<Ref>,
    /// Where it leads: a location, a partner, `internet`; `discard` and `reject` end mail on purpose.
    pub to: Slot<Ref>,
    /// Patterns of the recipients' domains; `accepted-domains` stands alone.
    pub recipients: Listed<PatternText>,
    /// Hosts that the mail is handed to; `mx` looks the recipient's domain up. Default: the hosts of `to`.
    pub smart_hosts: Slot<SmartHosts>,
    /// Lower wins among routes that match equally well.
    #[schemars(extend("default" = 1))]
    pub cost: Slot<u32>,
    /// TLS on the connection. Default: as the receiving location says.
    pub tls: Slot<TlsLevel>,
    /// The certificate that `from` presents on this route (not a tenant). Default: that of the location.
    pub client_certificate: Slot<Box<Certificate>>,
    /// Whether it is in use.
    #[schemars(extend("default" = true))]
    pub enabled: Slot<bool>,
    /// Whether it is used by mail-flow rules alone.
    #[schemars(extend("default" = false))]
    pub only_by_rule: Slot<bool>,
    /// How the receiving end knows the sender: `certificate`, `addresses`, `nothing`, or what it is set to expect, as
    /// written. Default: `certificate` where the sender has a public one, else `addresses`.
    pub accepted_by: Slot<AcceptedBy>,
    /// Domain patterns of the senders that the receiving end admits. Default: every sender, the empty one included.
    pub senders: Listed<PatternText>,
    /// Whether both ends keep the cross-premises headers. Default: true exactly between Exchange Server 2013 or later and
    /// a tenant, with nothing in between.
    pub hybrid_headers: Slot<bool>,
    /// Enhanced Filtering at Exchange Online as receiver: `none`, `last`, or a list of addresses to skip. Default: `last`
    /// where a gateway hands to a tenant.
    pub skip_listing: Slot<SkipListing>,
    /// Recipients that Enhanced Filtering is for. Default: all.
    pub skip_listing_users: Listed<AddressText>,
    /// Accepted domains of the tenant whose mail alone its inbound connector is for. Default: all.
    pub only_for: Listed<DomainText>,
    /// Service of master.cf that takes the mail: `smtp`, `relay`, `lmtp` or one of `transports` (Postfix).
    pub transport: Slot<Text>,
    /// Name of the credential that the receiving end wants (SMTP AUTH). Never the secret itself.
    pub auth: Slot<Text>,
    /// Source transport servers of its Send connector, some of the location's `servers` (Exchange Server). Default: all.
    pub servers: List<Text>,
    /// Whether its connectors are written. With `false` they exist, are analysed and looked for by name, and are never changed
    /// or removed. Default: as the partner says, else true.
    pub managed: Slot<bool>,
    /// Whether its mail is internal.
    #[schemars(extend("default" = false))]
    pub trusted: Slot<bool>,
    /// The name it had before, so that a rename is no change in `diff`.
    pub renamed_from: Slot<Text>,
}

/// Hosts that a route hands mail to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmartHosts {
    /// Whatever the MX of the recipient's domain says.
    Mx,
    /// These.
    Hosts(List<Host>),
}

impl<'de> ByShape<'de> for SmartHosts {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        match shape {
            Shape::Scalar("mx") => Ok(Self::Mx),
            _ => node.get().map(Self::Hosts),
        }
    }
}

impl<'de> Deserialize<'de> for SmartHosts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl JsonSchema for SmartHosts {
    fn schema_name() -> Cow<'static, str> {
        "SmartHosts".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let hosts = generator.subschema_for::<List<Host>>();
        json_schema!({
            "description": "Hosts that the mail is handed to, or `mx`: the MX of the recipient's domain.",
            "anyOf": [{"const": "mx"}, hosts]
        })
    }
}

/// How the receiving end knows the sender: a word, or what it is set to expect.
pub(crate) type AcceptedBy = Form<AcceptedByWord, AcceptedByLong>;

/// How the receiving end knows the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AcceptedByWord {
    /// By the sender's certificate.
    Certificate,
    /// By the sender's addresses.
    Addresses,
    /// Not at all: its mail is that of an external sender.
    Nothing,
}

/// What the receiving end is set to expect, as written: one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, rename = "AcceptedBy")]
pub struct AcceptedByLong {
    /// Name on the certificate.
    pub certificate: Slot<Text>,
    /// Addresses or networks.
    pub addresses: Listed<NetworkText>,
}

/// Enhanced Filtering at the receiving tenant: a word, or the addresses to skip.
pub(crate) type SkipListing = Word<SkipListingWord, Listed<NetworkText>>;

/// Which hops Enhanced Filtering skips.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SkipListingWord {
    /// It is off.
    None,
    /// The last one.
    Last,
}
