//! Partners: others that mail is exchanged with under agreed terms.

use crate::spec::{Certificate, Host, TlsLevel};
use crate::yaml::{
    AddressText, DomainText, Form, List, Listed, NetworkText, PatternText, Ref, SenderText, Slot,
    Text,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Another organization or service that mail is exchanged with under agreed terms.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Partner {
    /// Its domains, as patterns.
    pub domains: Listed<PatternText>,
    /// The TLS level of both directions, or of each. A direction that is left out is opportunistic and gets no connector.
    pub tls: Slot<PartnerTls>,
    /// The certificate its mail comes with. Needed for `verified`.
    pub certificate: Slot<Box<Certificate>>,
    /// What it presents when it sends. Default: `certificate`.
    pub client_certificate: Slot<Box<Certificate>>,
    /// Addresses or networks its mail leaves from.
    pub addresses: Listed<NetworkText>,
    /// Whether other customers of the service send with the same certificate and from the same addresses. R003 then reports
    /// each location that would relay for them or treat their mail as internal.
    #[schemars(extend("default" = false))]
    pub shared: Slot<bool>,
    /// Its smart hosts; none: its MX.
    pub hosts: List<Host>,
    /// The locations that send mail to the partner, and that its mail comes to. Default: mail to it leaves as mail for the
    /// Internet does, and its mail comes by MX.
    pub via: List<Ref>,
    /// Names it sends with on our behalf, domains or addresses: its `spf` goes into exactly these.
    pub sends_as: Listed<SenderText>,
    /// SPF terms that cover the addresses its mail leaves from.
    #[schemars(extend("examples" = ["include:spf.newsletter.example"]))]
    pub spf: Slot<Text>,
    /// The domain of its envelope senders, or `same`: that of the author. Default: `same`, which is assumed. With another one
    /// its `spf` does not go into our records.
    #[schemars(extend("examples" = ["same"]))]
    pub envelope: Slot<DomainText>,
    /// A name of ours that the service takes bounces at: its records and `spf` are written there, and `envelope` is that
    /// name.
    pub bounce_domain: Slot<BounceDomain>,
    /// The domains that its signatures name. Default: those whose `dkim` names it.
    pub signs_as: Listed<DomainText>,
    /// One of its addresses, for connector validation.
    pub test_recipient: Slot<AddressText>,
    /// Name of the credential it wants from us (SMTP AUTH). Never the secret itself.
    pub auth: Slot<Text>,
    /// Whether the connectors for it are written. With `false` they exist, are analysed and looked for by name, and are never
    /// changed or removed.
    #[schemars(extend("default" = true))]
    pub managed: Slot<bool>,
    /// The name it had before, so that a rename is no change in `diff`.
    pub renamed_from: Slot<Text>,
}

/// A name of ours that a service takes bounces at.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["name"]))]
pub struct BounceDomain {
    /// The name. It needs no entry under `domains`.
    #[schemars(extend("examples" = ["bounces.contoso.com"]))]
    pub name: Slot<DomainText>,
    /// Its MX records: preference and host.
    #[schemars(extend("examples" = [["10 mx.sender.example"]]))]
    pub mx: List<Text>,
    /// A name of the service that it stands for, in place of `mx`.
    #[schemars(extend("examples" = ["u1.sender.example"]))]
    pub cname: Slot<DomainText>,
}

/// The TLS that is agreed with a partner.
pub(crate) type PartnerTls = Form<TlsLevel, TlsByDirection>;

/// TLS levels by direction.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct TlsByDirection {
    /// For mail from the partner.
    #[schemars(extend("default" = "opportunistic"))]
    pub inbound: Slot<TlsLevel>,
    /// For mail to the partner.
    #[schemars(extend("default" = "opportunistic"))]
    pub outbound: Slot<TlsLevel>,
}
