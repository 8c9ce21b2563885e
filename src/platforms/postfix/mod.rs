//! The tables and parameters of a Postfix instance.
//!
//! Every table is kept by typed key, so that the analysis asks it what Postfix would ask (`transport(5)`, `access(5)`,
//! `virtual(5)`, <https://www.postfix.org/postconf.5.html>). This module must not know how a file looks.

mod access_types;
mod choose;
mod client_tls;
mod domains;
mod fill;
#[cfg(test)]
pub(crate) mod fixture;
mod hops;
mod key;
mod lower;
mod next_hop;
pub(crate) mod product;
mod redirects;
mod relay_clients;
mod restrictions;
mod senders;
#[cfg(test)]
mod tests;
mod tls;
pub(crate) mod write;

pub(crate) use access_types::{Client, Limit, PartnerServers};
pub use access_types::{Right, SenderAccess};
pub use choose::Class;
pub(crate) use client_tls::{Agent, TlsPolicy};
pub use client_tls::{Demands, TlsPolicyLevel};
pub use key::Key;
pub(crate) use lower::lower;
pub use next_hop::HopId;
pub(crate) use next_hop::{Alias, Because, Entry, Hop, Way};

use crate::source::Span;
use crate::topology::MapType;
use crate::values::{DomainName, Network};
use std::collections::BTreeMap;

/// Services that every master.cf has.
pub(crate) const SERVICES: [&str; 8] = [
    "smtp", "relay", "lmtp", "local", "virtual", "error", "retry", "discard",
];

/// The service that install.sh makes: an SMTP client that begins with TLS, which port 465 wants. One client does either this
/// or STARTTLS (<https://www.postfix.org/postconf.5.html#smtp_tls_wrappermode>).
pub(crate) const SMTPS: &str = "mailtopo-smtps";

/// An instance's tables and parameters.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// Type of the tables that are looked up by key.
    pub map_type: MapType,
    /// Every way out that an entry names.
    pub hops: Vec<Hop>,
    /// `relay_domains`: domains whose mail is passed on, wholly or in part.
    pub relay_domains: BTreeMap<Key, Span>,
    /// Domains of the spec that are not accepted here and lie below one whose unnamed subdomains are.
    pub not_relayed: BTreeMap<Key, Span>,
    /// `virtual_mailbox_domains`: domains whose mailboxes are all here.
    pub mailbox_domains: BTreeMap<DomainName, Span>,
    /// `relay_recipient_maps`: who exists in the relay domains.
    pub relay_recipients: BTreeMap<Key, Span>,
    /// `virtual_mailbox_maps`: who exists in the mailbox domains.
    pub mailboxes: BTreeMap<Key, Span>,
    /// `virtual_alias_maps`: addresses that are replaced by others before anything else is looked up.
    pub aliases: BTreeMap<Key, Alias>,
    /// `virtual_transport`: where mailboxes are handed to.
    pub mailbox_hop: Option<HopId>,
    /// `transport_maps`
    pub transport: BTreeMap<Key, Entry>,
    /// `relayhost`, or `default_transport` where it is no smart host: what no table names.
    pub default: Option<Entry>,
    /// `sender_dependent_default_transport_maps`; `None` lets such a sender go the usual way.
    pub sender_relay: BTreeMap<Key, Option<Entry>>,
    /// What the SMTP client demands of next hops.
    pub smtp: Demands,
    /// What the LMTP client demands of the next hops of routes. Our own mailboxes are the host's affair.
    pub lmtp: Demands,
    /// Clients that may do more than strangers.
    pub clients: BTreeMap<Network, Client>,
    /// What clients with a limited right may do.
    pub limits: Vec<Limit>,
    /// The only clients that are talked to; `None`: everybody.
    pub admitted: Option<BTreeMap<Network, Vec<String>>>,
    /// The networks that the partners' own servers are in.
    pub partners: Vec<PartnerServers>,
    /// `check_sender_access`
    pub senders: BTreeMap<Key, SenderAccess>,
    /// `check_recipient_access`: domains that are refused whoever asks.
    pub refused_recipients: BTreeMap<Key, Span>,
    /// Recipients are asked for at the next hop.
    pub callout: bool,
    /// Name of the certificate that is shown to clients.
    pub certificate: Option<String>,
    /// Name of the certificate that is shown to servers.
    pub client_certificate: Option<String>,
    /// `smtp_helo_name`, where the spec writes it.
    pub helo: Option<String>,
    /// `recipient_delimiter`; empty: none.
    pub recipient_delimiter: String,
    /// `message_size_limit` in octets, where the spec writes it.
    pub max_message_size: Option<u64>,
    /// Services of master.cf that the tables name.
    pub services: Vec<String>,
    /// How domains are split, in words, by domain.
    pub splits: BTreeMap<DomainName, String>,
}
