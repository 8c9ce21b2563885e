//! The tables and parameters of a Postfix instance.
//!
//! Every table is kept by typed key, so that the analysis asks it what Postfix would ask (`transport(5)`, `access(5)`,
//! `virtual(5)`, <https://www.postfix.org/postconf.5.html>). This module must not know how a file looks.

mod access;
mod agent;
mod domains;
#[cfg(test)]
pub(crate) mod fixture;
mod hops;
mod lower;
mod redirects;
mod refusals;
mod senders;
#[cfg(test)]
mod tests;
mod tls;

pub use agent::{Agent, Demands, TlsPolicy, TlsPolicyLevel};
pub use lower::lower;

use super::RouteId;
use crate::source::Span;
use crate::topology::MapType;
use crate::values::{Address, DomainName, Network, Pattern};
use std::collections::BTreeMap;
use std::fmt;

/// Services that every master.cf has.
pub const SERVICES: [&str; 8] = [
    "smtp", "relay", "lmtp", "local", "virtual", "error", "retry", "discard",
];

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
    /// `recipient_delimiter`; empty: none.
    pub recipient_delimiter: String,
    /// `message_size_limit` in octets, where the spec writes it.
    pub max_message_size: Option<u64>,
    /// Services of master.cf that the tables name.
    pub services: Vec<String>,
    /// How domains are split, in words, by domain.
    pub splits: BTreeMap<DomainName, String>,
}

/// A key of a table. Addresses stand before domains, as Postfix asks for them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// One address.
    Address(Address),
    /// Every address of exactly this domain.
    Domain(DomainName),
    /// Every address of every name below this one.
    Below(DomainName),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Domain(name) => write!(f, "{name}"),
            Self::Below(name) => write!(f, ".{name}"),
        }
    }
}

/// A position in the list of ways out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HopId(u32);

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// A service of master.cf.
    pub service: String,
    /// What the service is told; empty: the recipient's domain.
    pub next_hop: String,
    /// The route it carries; `None`: our own mailboxes.
    pub route: Option<RouteId>,
}

/// An entry that names a way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which way.
    pub hop: HopId,
    /// The item of the spec that asks for it.
    pub span: Span,
}

/// An entry that names other addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The addresses that take its place.
    pub targets: Vec<Address>,
    /// The item of the spec that asks for it.
    pub span: Span,
}

/// The way out that the tables choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way<'a> {
    /// Which way.
    pub hop: HopId,
    /// What chose it.
    pub because: Because<'a>,
}

/// What chose a way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because<'a> {
    /// `transport_maps` has this key.
    Transport(&'a Key),
    /// `sender_dependent_default_transport_maps` has this key.
    Sender(&'a Key),
    /// The domain's mailboxes are here.
    Mailbox,
    /// No table names the recipient.
    Default,
}

impl<'a> Way<'a> {
    const fn new(hop: HopId, because: Because<'a>) -> Self {
        Self { hop, because }
    }
}

/// A client that may do more than strangers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Who connects from there, as the spec names them.
    pub who: Vec<String>,
    /// What it may do.
    pub right: Right,
    /// Where the spec says so.
    pub span: Span,
}

/// What a client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Only what this position in the list of limits allows.
    Limited(usize),
    /// Write to everybody.
    Relay,
}

/// A limited right.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    /// Senders it may use; empty: all.
    pub senders: Vec<Pattern>,
    /// Recipients it may write to; empty: all.
    pub recipients: Vec<Pattern>,
    /// What else it sends is decided as for strangers; `false`: it is refused.
    pub else_stranger: bool,
}

/// What happens to mail of a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderAccess {
    /// Refused: the domain is parked, nobody writes from it.
    Parked(Span),
    /// As anybody's: it stands below a parked domain and is none.
    Open(Span),
    /// Refused without TLS.
    RequireTls(RouteId),
    /// Refused without TLS, and from everywhere but the servers at this position in the list of partners.
    Partner(usize),
}

/// From where a partner's mail may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerServers {
    /// The route that its terms are on.
    pub route: RouteId,
    /// The addresses of its servers.
    pub networks: Vec<Network>,
}

/// The address class of a domain (<https://www.postfix.org/ADDRESS_CLASS_README.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// All its mailboxes are here.
    Mailboxes,
    /// It is accepted and passed on.
    Relay,
    /// Anybody's.
    Default,
}

impl HopId {
    /// The position.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

impl Configuration {
    /// The way out at this position.
    pub fn hop(&self, id: HopId) -> &Hop {
        &self.hops[id.index()]
    }

    /// The class of a domain.
    pub fn class(&self, domain: &DomainName) -> Class {
        if self.mailbox_domains.contains_key(domain) {
            Class::Mailboxes
        } else if self.is_relayed(domain) {
            Class::Relay
        } else {
            Class::Default
        }
    }

    /// Names stand before everything below another name, and what is not relayed before what is.
    fn is_relayed(&self, domain: &DomainName) -> bool {
        let name = Key::Domain(domain.clone());
        self.relay_domains.contains_key(&name)
            || (by_domain(&self.not_relayed, domain).is_none()
                && by_domain(&self.relay_domains, domain).is_some())
    }

    /// What takes the place of a recipient, where anything does. Postfix asks again with the result.
    pub fn alias(&self, recipient: &Address) -> Option<&Alias> {
        self.by_address(&self.aliases, recipient)
            .or_else(|| self.aliases.get(&Key::Domain(recipient.domain().clone())))
    }

    /// Whether mail for the recipient is taken, where its domain is accepted here at all.
    pub fn knows(&self, recipient: &Address) -> bool {
        let domain = recipient.domain();
        let table = match self.class(domain) {
            Class::Mailboxes => &self.mailboxes,
            Class::Relay => &self.relay_recipients,
            Class::Default => return false,
        };
        // What stands for unnamed names below a domain does not stand for those that have a name.
        let named = self
            .relay_domains
            .contains_key(&Key::Domain(domain.clone()));
        self.alias(recipient).is_some()
            || self.by_address(table, recipient).is_some()
            || table.contains_key(&Key::Domain(domain.clone()))
            || (!named && by_domain(table, domain).is_some())
    }

    /// The way of mail for this recipient from this sender; `None` follows the MX of the recipient's domain.
    pub fn way(&self, recipient: &Address, sender: Option<&Address>) -> Option<Way<'_>> {
        let domain = recipient.domain();
        let listed = self
            .entry_for_address(&self.transport, recipient)
            .or_else(|| entry_for_domain(&self.transport, domain));
        if let Some((key, entry)) = listed {
            return Some(Way::new(entry.hop, Because::Transport(key)));
        }
        let default = self
            .default
            .map(|entry| Way::new(entry.hop, Because::Default));
        match self.class(domain) {
            Class::Mailboxes => self.mailbox_hop.map(|hop| Way::new(hop, Because::Mailbox)),
            Class::Relay => default,
            Class::Default => {
                let by_sender = sender.and_then(|sender| {
                    let whole = Key::Domain(sender.domain().clone());
                    self.entry_for_address(&self.sender_relay, sender)
                        .or_else(|| self.sender_relay.get_key_value(&whole))
                });
                match by_sender {
                    Some((key, Some(entry))) => Some(Way::new(entry.hop, Because::Sender(key))),
                    Some((_, None)) | None => default,
                }
            }
        }
    }

    /// What a client demands of next hops.
    pub const fn demands(&self, agent: Agent) -> &Demands {
        match agent {
            Agent::Smtp => &self.smtp,
            Agent::Lmtp => &self.lmtp,
        }
    }

    /// The TLS that is demanded on a way out; `None` follows the MX of the recipient's domain.
    pub fn tls(&self, hop: Option<&Hop>, domain: &DomainName) -> TlsPolicyLevel {
        let agent = hop.map_or(Agent::Smtp, |hop| Agent::of(&hop.service));
        self.demands(agent).level(hop, domain)
    }

    /// What a client from this network may do, where it may do more than a stranger.
    pub fn right(&self, network: &Network) -> Option<Right> {
        network
            .around()
            .find_map(|known| self.clients.get(&known))
            .map(|client| client.right)
    }

    /// What happens to mail of a sender.
    pub fn sender_access(&self, sender: &Address) -> Option<SenderAccess> {
        by_domain(&self.senders, sender.domain()).copied()
    }

    /// Whether the domain is refused whoever asks.
    pub fn refuses(&self, recipient: &Address) -> bool {
        by_domain(&self.refused_recipients, recipient.domain()).is_some()
    }

    fn by_address<'a, V>(&self, table: &'a BTreeMap<Key, V>, address: &Address) -> Option<&'a V> {
        self.entry_for_address(table, address)
            .map(|(_, value)| value)
    }

    /// The address itself, then the address without its extension.
    fn entry_for_address<'a, V>(
        &self,
        table: &'a BTreeMap<Key, V>,
        address: &Address,
    ) -> Option<(&'a Key, &'a V)> {
        table
            .get_key_value(&Key::Address(address.clone()))
            .or_else(|| {
                let is_delimiter = |mark| self.recipient_delimiter.contains(mark);
                let (plain, _) = address.local().split_once(is_delimiter)?;
                table.get_key_value(&Key::Address(address.with_local(plain)?))
            })
    }
}

fn by_domain<'a, V>(table: &'a BTreeMap<Key, V>, domain: &DomainName) -> Option<&'a V> {
    entry_for_domain(table, domain).map(|(_, value)| value)
}

/// The domain itself, then what stands for names below its parents, nearest first.
fn entry_for_domain<'a, V>(
    table: &'a BTreeMap<Key, V>,
    domain: &DomainName,
) -> Option<(&'a Key, &'a V)> {
    if table.is_empty() {
        return None;
    }
    Pattern::around(domain)
        .filter_map(|pattern| lower::key_of(&pattern))
        .find_map(|key| table.get_key_value(&key))
}
