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
pub(crate) use hops::host_at;
pub use key::Key;
pub(crate) use lower::{lower, split_service};
pub(crate) use next_hop::{Alias, Because, Hop, Selection};
pub use next_hop::{Entry, HopId};
pub(crate) use write::{class_name, partner_name};

use crate::source::Span;
use crate::topology::MapType;
use crate::values::{DomainName, Network};
use std::collections::BTreeMap;

/// Services that every master.cf has.
pub(crate) const SERVICES: [&str; 8] = [
    "smtp", "relay", "lmtp", "local", "virtual", "error", "retry", "discard",
];

/// An SMTP client that install.sh makes a service of master.cf for, because it differs from the others. Each of these is one
/// parameter for all next hops of a client, so that a next hop which needs another value needs a client of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnClient {
    /// It begins with TLS, which port 465 wants (<https://www.postfix.org/postconf.5.html#smtp_tls_wrappermode>).
    pub begins_with_tls: bool,
    /// The certificate that it shows where the others show another one or none.
    pub certificate: Option<String>,
    /// The only version of IP that it speaks (<https://www.postfix.org/postconf.5.html#inet_protocols>).
    pub family: Option<Family>,
}

impl OwnClient {
    /// The name of its service; `usual` is that of the service which does the same without its parameters.
    pub(crate) fn service(&self, usual: &str) -> String {
        let mut name = match self {
            Self {
                begins_with_tls: false,
                certificate: None,
                family: None,
            } => return usual.to_owned(),
            Self {
                begins_with_tls: true,
                ..
            } => "mailtopo-smtps".to_owned(),
            _ => format!("mailtopo-{usual}"),
        };
        let family = self.family.map(|family| family.keyword().to_owned());
        let certificate = self.certificate.as_ref();
        let certificate = certificate.map(|name| name.replace('*', "wildcard"));
        for part in family.into_iter().chain(certificate) {
            name.push('-');
            name.push_str(&part);
        }
        name
    }
}

/// A version of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4
    V4,
    /// IPv6
    V6,
}

impl Family {
    /// The word for `inet_protocols`.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
        }
    }
}

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
    /// Name of the certificate that is shown to all servers for which no client has another.
    pub client_certificate: Option<String>,
    /// The SMTP clients that this location has of its own, by the name of their service.
    pub own_clients: BTreeMap<String, OwnClient>,
    /// Name of the certificate that the LMTP client shows, which has none of its own.
    pub lmtp_certificate: Option<String>,
    /// The only version of IP that mail leaves over.
    pub family: Option<Family>,
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
