//! Locations: places that the organization runs or rents.

use crate::finding::{Code, nearest};
use crate::spec::{Certificate, Host, Kind, TlsLevel};
use crate::values::{AcceptedType, Environment, ExchangeVersion, MapType, SmtpAuth, shown};
use crate::yaml::{
    DomainText, Form, List, Listed, Map, NetworkText, PatternText, Ref, SizeText, Slot, Text,
    refuse,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

/// A server or service that mail ends in or passes through, and that the organization runs or rents.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["kind"]))]
pub struct Location {
    /// What it is. `exchange-online` and `eop` are tenants; `gateway` and `smtp` are configured by their own administrators.
    pub kind: Slot<Kind>,
    /// Name of the tenant: `contoso` for contoso.onmicrosoft.com. Required on tenants.
    pub tenant: Slot<Text>,
    /// The domain whose MX host our own locations use as smart host. Default: the shortest accepted domain, then by
    /// alphabet.
    pub primary_domain: Slot<DomainText>,
    /// The cloud that the tenant lives in.
    #[schemars(extend("default" = "worldwide"))]
    pub environment: Slot<Environment>,
    /// Whether the Hybrid Configuration Wizard made and owns the hybrid connectors: they are checked, never written.
    #[schemars(extend("default" = false))]
    pub hybrid_wizard: Slot<bool>,
    /// Whether mail of cloud mailboxes for outside leaves through `sends.via`; default there: the only Exchange Server
    /// location.
    #[schemars(extend("default" = false))]
    pub centralized_transport: Slot<bool>,
    /// Whether the tenant refuses mail in its own domains from senders it does not know. Default: the provider's own,
    /// false; written to the tenant only where it stands here.
    #[schemars(extend("default" = false))]
    pub reject_direct_send: Slot<bool>,
    /// SMTP AUTH in the tenant. Written to it only where it stands here.
    #[schemars(extend("default" = "disabled"))]
    pub smtp_auth: Slot<SmtpAuth>,
    /// Version of Exchange Server. Required there; one location is one Exchange organization.
    pub version: Slot<ExchangeVersion>,
    /// Source transport servers of Exchange Server. Required there; receive connectors exist once per server.
    pub servers: List<Text>,
    /// Whether `servers` are Edge Transport servers that are not subscribed.
    #[schemars(extend("default" = false))]
    pub edge: Slot<bool>,
    /// Names or addresses that take mail: smart host and MX target.
    pub hosts: List<Host>,
    /// Where our other locations hand it mail. Default: its `hosts`.
    pub smart_hosts: List<Host>,
    /// Addresses its mail leaves from: addresses or CIDR.
    pub egress: Listed<NetworkText>,
    /// The certificate it presents when it takes mail; a name is short for `{names: [NAME]}`.
    pub certificate: Slot<Box<Certificate>>,
    /// The certificate it presents when it sends. Default: `certificate`.
    pub client_certificate: Slot<Box<Certificate>>,
    /// What our other locations demand of it. Default: `verified` where its certificate is public, else `encrypted`.
    pub tls: Slot<TlsLevel>,
    /// How mail for the Internet leaves: `direct`, or `{via: LOCATION}`.
    #[schemars(extend("default" = "direct"))]
    pub sends: Slot<Sends>,
    /// The name under which its recipients are reached from products that route by domain alone, where a domain is split. A
    /// tenant has one.
    #[schemars(extend("examples" = ["hq.contoso.com"]))]
    pub routing_domain: Slot<DomainText>,
    /// What it knows of the recipients of its domains. Decides the type of its accepted domains. A Postfix location without this key
    /// knows none of a domain whose mailboxes are not all listed.
    #[schemars(extend("default" = "complete"))]
    pub directory: Slot<Directory>,
    /// Service that the location's own mailboxes are handed to, or a map from patterns to services (Postfix).
    #[schemars(extend("examples" = ["lmtp:unix:private/dovecot-lmtp"]))]
    pub delivers_to: Slot<DeliversTo>,
    /// Type of the lookup tables (Postfix).
    #[schemars(extend("default" = "lmdb"))]
    pub map_type: Slot<MapType>,
    /// Networks whose hosts may relay (Postfix).
    pub trusted_networks: Listed<NetworkText>,
    /// Services that exist in master.cf besides Postfix's own. Where a route names one, it counts as an SMTP client.
    pub transports: List<Text>,
    /// What it does with mail that comes in from elsewhere: from patterns to locations or `internet`. Mail for a domain
    /// that is missing stops there.
    pub forwards: Map<PatternText, Ref>,
    /// Whether it changes the body of messages, which breaks DKIM signatures made before it.
    #[schemars(extend("default" = false))]
    pub modifies_body: Slot<bool>,
    /// Whether it rewrites the envelope sender. At a tenant: also that of mail which its mailboxes forward past our own
    /// servers (`SenderRewritingEnabled` on the connectors to them, written only where it stands here). At Postfix: that of
    /// external senders, by a service such as postsrsd, which mailtopo does not set up.
    #[schemars(extend("default" = false))]
    pub rewrites_sender: Slot<bool>,
    /// The domain that the envelope sender is rewritten to. Without it nobody knows, and SPF proves nothing of our mail. At
    /// Postfix it is by default the domain that its host is in.
    pub bounce_domain: Slot<DomainText>,
    /// Whether mail that ends here may go out again to members of mailing lists, with the author kept and the envelope
    /// sender in the list's domain.
    #[schemars(extend("default" = false))]
    pub mailing_lists: Slot<bool>,
    /// Whether its mailing lists replace the author by an address of their own.
    #[schemars(extend("default" = false))]
    pub rewrites_author: Slot<bool>,
    /// The domain in whose name it seals messages with ARC.
    pub arc_seal: Slot<DomainText>,
    /// The name its mail leaves under. Default: the first public name in `hosts`. In a zone that is written from here it
    /// gets an SPF record of its own.
    pub helo: Slot<DomainText>,
    /// SPF terms that cover the addresses its mail leaves from.
    #[schemars(extend("examples" = ["include:spf.filter.example"]))]
    pub spf: Slot<Text>,
    /// Locations that external mail is accepted from, and no others, so that no sender bypasses them.
    pub accept_only_from: List<Ref>,
    /// Whether what turns outgoing mail another way waits for a step of its own, `apply.ps1 -Outgoing`.
    #[schemars(extend("default" = false))]
    pub outgoing_step: Slot<bool>,
    /// Replaces the accepted domains that are derived for it.
    pub accepts: List<Accepted>,
    /// Adds to the accepted domains that are derived for it.
    pub also_accepts: List<Accepted>,
    /// Name of the credential it wants from us (SMTP AUTH). Never the secret itself.
    pub auth: Slot<Text>,
    /// Whether mail from it is internal.
    #[schemars(extend("default" = false))]
    pub trusted: Slot<bool>,
    /// Whether other customers of the service send with the same certificate and from the same addresses. R003 then reports
    /// each location that would relay for them or treat their mail as internal.
    #[schemars(extend("default" = false))]
    pub shared: Slot<bool>,
    /// Hosts of client services: they make SRV records in every managed domain with mailboxes here.
    pub clients: Slot<Box<Clients>>,
    /// Largest message, as `25MB` (25 * 2^20 octets) or in octets. Written to it only where it stands here.
    pub max_message_size: Slot<SizeText>,
    /// What separates a user from a detail in an address; `""`: nothing does.
    #[schemars(extend("default" = "+"))]
    pub recipient_delimiter: Slot<Text>,
    /// The name it had before, so that a rename is no change in `diff`.
    pub renamed_from: Slot<Text>,
}

/// How mail for the Internet leaves.
pub(crate) type Sends = Form<SendsDirect, SendsVia>;

/// The short form of `sends`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub enum SendsDirect {
    /// Straight to the recipient's MX.
    #[default]
    Direct,
}

impl<'de> Deserialize<'de> for SendsDirect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "direct" {
            return Ok(Self::Direct);
        }
        // A bare name may be the location that is meant, and names are not known here.
        let name = text.strip_prefix("via ").map_or(text.as_str(), str::trim);
        let help = match nearest(&text, ["direct"]) {
            Some(near) => format!("write `{near}`"),
            None => format!(
                "write `direct` where it sends to the Internet itself, or {} where a location of that name does",
                shown(&format!("{{via: {name}}}"))
            ),
        };
        Err(refuse(
            Code::S019,
            format!(
                "expected `direct` or `{{via: LOCATION}}`, found {}",
                shown(&text)
            ),
            &help,
        ))
    }
}

/// The long form of `sends`.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["via"]))]
pub struct SendsVia {
    /// The location that sends its mail for the Internet on.
    pub via: Slot<Ref>,
}

/// What a location knows of the recipients of its domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Directory {
    /// Every recipient: it is authoritative, and unknown ones are rejected at entry.
    Complete,
    /// Its own mailboxes alone: what has no mailbox there goes on.
    Own,
    /// It asks the next hop whether a recipient exists (Postfix).
    Callout,
}

/// Where Postfix hands its own mailboxes to.
pub(crate) type DeliversTo = Form<Text, Map<PatternText, Text>>;

/// A domain that a location accepts.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["domain"]))]
pub struct Accepted {
    /// The domain.
    pub domain: Slot<DomainText>,
    /// What it does with recipients it does not know.
    #[serde(rename = "type")]
    pub kind: Slot<AcceptedType>,
    /// Whether mail for any unnamed subdomain is accepted too.
    #[schemars(extend("default" = false))]
    pub subdomains: Slot<bool>,
}

/// Hosts of client services, for SRV records.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Clients {
    /// IMAP with implicit TLS; port 993 where none is written.
    pub imaps: Slot<Host>,
    /// Message submission with STARTTLS; port 587 where none is written.
    pub submission: Slot<Host>,
    /// Message submission with implicit TLS; port 465 where none is written.
    pub submissions: Slot<Host>,
    /// IMAP with STARTTLS; port 143 where none is written.
    pub imap: Slot<Host>,
    /// POP3 with implicit TLS; port 995 where none is written.
    pub pop3s: Slot<Host>,
}
