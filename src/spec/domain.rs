//! Domains: the names the organization uses for mail.

use crate::spec::{Dmarc, Host, Mailboxes, Spf, Ttls};
use crate::values::MtaStsMode;
use crate::yaml::{
    AddressText, ByShape, DomainText, FileRef, Form, HostText, List, Map, Node, Ref, Shape, Slot,
    Text, UriText, by_shape,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess};
use std::borrow::Cow;

/// A name the organization uses for mail, and where its mailboxes are.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Domain {
    /// Where its mailboxes are: a location, or a map from locations to a count, a list of addresses, a file or `rest`.
    pub mailboxes: Slot<Box<Mailboxes>>,
    /// How many mailboxes there are in all; checked against the parts.
    pub total: Slot<u64>,
    /// Where Internet mail enters: a location, or a list in order of preference.
    pub mx: List<Ref>,
    /// What the MX record names today, while a change to `mx` is still to come: a location, or host names (a name with a dot
    /// is a host). `compile` then writes one set of DNS records for each stage of the change.
    pub mx_now: List<Host>,
    /// An address that connector validation and the test plan write to.
    pub test_recipient: Slot<AddressText>,
    /// Whether mail for any unnamed subdomain is accepted too.
    #[schemars(extend("default" = false))]
    pub subdomains: Slot<bool>,
    /// Address that takes mail for unlisted addresses (Postfix and smtp).
    pub catch_all: Slot<AddressText>,
    /// Redirects that act where the mailbox is.
    pub forwards: List<Forward>,
    /// Redirects at every Exchange Server location except the one that holds the mailbox.
    pub remote_mailboxes: List<RemoteMailbox>,
    /// Whether mail is sent with this name and none is received: SPF, DKIM and DMARC, but no MX.
    #[schemars(extend("default" = false))]
    pub send_only: Slot<bool>,
    /// Whether mail is neither sent nor received with this name.
    #[schemars(extend("default" = false))]
    pub parked: Slot<bool>,
    /// Who writes its zone: `managed` (from here), `external` (`records` says what is there), `none`.
    #[schemars(extend("default" = "managed"))]
    pub dns: Slot<DnsCare>,
    /// What the world sees today, with `dns: external`.
    pub records: Slot<Box<DeclaredRecords>>,
    /// The DMARC record. Written only where it is asked for, and for parked domains.
    pub dmarc: Slot<Box<Dmarc>>,
    /// The MTA-STS policy: a mode, or the long form.
    #[schemars(extend("default" = "none"))]
    pub mta_sts: Slot<Box<MtaSts>>,
    /// Where TLS reports go.
    #[schemars(extend("examples" = [["mailto:tls@contoso.com"]]))]
    pub tls_rpt: List<UriText>,
    /// Locations and partners that sign with this name, or a map from them to their selectors. Default: the tenant that
    /// holds its mailboxes.
    pub dkim: Slot<Box<Dkim>>,
    /// Overrides `dns.spf` for this name.
    pub spf: Slot<Box<Spf>>,
    /// The location that autodiscover points to, or `none`. Default: the Exchange location that holds the mailboxes.
    pub autodiscover: Slot<Ref>,
    /// Whether TLSA records are written for its MX hosts.
    #[schemars(extend("default" = false))]
    pub dane: Slot<bool>,
    /// Whether names below it that nothing uses are closed as a parked name is.
    #[schemars(extend("default" = "open"))]
    pub unused_subdomains: Slot<UnusedSubdomains>,
    /// TTL of its records, in seconds: one number, or by what they are for. Default: as `dns` says.
    pub ttl: Slot<Box<Form<u32, Ttls>>>,
}

/// What becomes of names below a domain that nothing uses.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum UnusedSubdomains {
    /// Nothing is said about them.
    #[default]
    Open,
    /// They take no mail, and receivers refuse what is sent with them.
    Closed,
}

/// A redirect that acts where the mailbox is.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["address", "target"]))]
pub struct Forward {
    /// The address whose mail is redirected.
    pub address: Slot<AddressText>,
    /// Where it goes.
    pub target: Slot<AddressText>,
    /// Whether the mailbox keeps a copy.
    #[schemars(extend("default" = false))]
    pub keep_copy: Slot<bool>,
}

/// A mailbox that Exchange Server knows to be elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["address", "target"]))]
pub struct RemoteMailbox {
    /// Its address.
    pub address: Slot<AddressText>,
    /// The address that reaches it, such as `bob@contoso.mail.onmicrosoft.com`.
    pub target: Slot<AddressText>,
}

/// Who writes the zone of a domain.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DnsCare {
    /// Its records are written from here.
    #[default]
    Managed,
    /// Another administrator writes it; `records` says what is there.
    External,
    /// It has no records that concern mail.
    None,
}

/// What the world sees today. An empty list means that there is none, a missing key that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct DeclaredRecords {
    /// MX records: preference and host.
    #[schemars(extend("examples" = [["10 mail.old.example"]]))]
    pub mx: List<Text>,
    /// TXT records.
    pub txt: List<Text>,
    /// Addresses of the name itself, IPv4 or IPv6.
    pub a: List<Text>,
    /// The name that the domain itself stands for: its other records are not seen then.
    pub cname: List<DomainText>,
    /// The MTA-STS policy that is served today.
    pub mta_sts: Slot<DeclaredMtaSts>,
    /// What stands at names below the domain, such as `_dmarc` or `selector1._domainkey`.
    pub below: Map<Text, DeclaredBelow>,
    /// TTL of the records, in seconds.
    pub ttl: Slot<u32>,
}

/// What the world sees at a name below a domain. An empty list means that there is none, a missing key that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct DeclaredBelow {
    /// TXT records.
    pub txt: List<Text>,
    /// The name it stands for.
    pub cname: List<DomainText>,
    /// MX records: preference and host.
    pub mx: List<Text>,
    /// Addresses, IPv4 or IPv6.
    pub a: List<Text>,
    /// TLSA records, as a zone file writes them.
    pub tlsa: List<Text>,
}

/// An MTA-STS policy that is served today.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct DeclaredMtaSts {
    /// Its mode.
    pub mode: Slot<MtaStsMode>,
    /// The MX names it allows.
    pub mx: List<Text>,
}

/// The MTA-STS policy of a domain: a mode, or the long form.
pub(crate) type MtaSts = Form<MtaStsMode, MtaStsLong>;

/// An MTA-STS policy with its host or life time.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, rename = "MtaSts", extend("required" = ["mode"]))]
pub struct MtaStsLong {
    /// How strictly it is meant.
    pub mode: Slot<MtaStsMode>,
    /// Host that serves the policy: `mta-sts.DOMAIN` becomes a CNAME to it.
    pub host: Slot<HostText>,
    /// How long senders keep the policy, in seconds.
    #[schemars(extend("default" = 604_800))]
    pub max_age: Slot<u32>,
}

/// Who signs with a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dkim {
    /// These locations and partners, with selectors of their own choice.
    Signers(List<Ref>),
    /// From signers to their selectors; a signer without selectors chooses its own.
    Selectors(Map<Ref, Option<Map<Text, Selector>>>),
}

/// A DKIM key: a name is a CNAME target, text that holds `p=` is the record, a file holds the record as key generators
/// write it.
pub(crate) type Selector = Form<Text, FileRef>;

impl<'de> ByShape<'de> for Dkim {
    fn read<A: SeqAccess<'de>>(shape: &Shape<'de>, node: Node<'de, A>) -> Result<Self, A::Error> {
        match shape {
            Shape::Mapping { .. } => node.get().map(Self::Selectors),
            Shape::Scalar(_) | Shape::List | Shape::Nothing => node.get().map(Self::Signers),
        }
    }
}

impl<'de> Deserialize<'de> for Dkim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        by_shape(deserializer)
    }
}

impl JsonSchema for Dkim {
    fn schema_name() -> Cow<'static, str> {
        "Dkim".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let signers = generator.subschema_for::<List<Ref>>();
        let selectors = generator.subschema_for::<Map<Ref, Option<Map<Text, Selector>>>>();
        json_schema!({
            "description": "Locations and partners that sign with this name, or a map from them to their selectors.",
            "anyOf": [signers, selectors]
        })
    }
}
