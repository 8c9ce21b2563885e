//! What the tables answer when they are asked as Postfix asks them.

use crate::platforms::postfix::key::{by_domain, entry_for_domain};
use crate::platforms::postfix::{
    Agent, Alias, Because, Configuration, Demands, Hop, HopId, Key, OwnClient, Right, SERVICES,
    Selection, SenderAccess, TlsPolicyLevel,
};
use crate::values::{Address, DomainName, Network};
use std::collections::BTreeMap;

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

impl Configuration {
    /// The way out at this position.
    pub fn hop(&self, id: HopId) -> &Hop {
        &self.hops[id.index()]
    }

    /// Whether a service is one that the host has of its own.
    pub fn is_of_host(&self, service: &str) -> bool {
        !SERVICES.contains(&service) && !self.own_clients.contains_key(service)
    }

    /// Whether a service is the client that takes what no table names.
    pub(crate) fn is_usual(&self, service: &str) -> bool {
        let usual = OwnClient {
            family: self.family,
            ..OwnClient::default()
        };
        matches!(service, "" | "smtp") || service == usual.service("smtp")
    }

    /// The certificate that is shown to a next hop.
    pub fn shown(&self, hop: &Hop) -> Option<&str> {
        let own = self.own_clients.get(&hop.service);
        let own = own.and_then(|own| own.certificate.as_deref());
        match Agent::of(&hop.service) {
            Agent::Smtp => own.or(self.client_certificate.as_deref()),
            Agent::Lmtp => self.lmtp_certificate.as_deref(),
        }
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
    pub fn way(&self, recipient: &Address, sender: Option<&Address>) -> Option<Selection<'_>> {
        let domain = recipient.domain();
        let listed = self
            .entry_for_address(&self.transport, recipient)
            .or_else(|| entry_for_domain(&self.transport, domain));
        if let Some((key, entry)) = listed {
            return Some(Selection::new(entry.hop, Because::Transport(key)));
        }
        let default = self
            .default
            .map(|entry| Selection::new(entry.hop, Because::Default));
        match self.class(domain) {
            Class::Mailboxes => self
                .mailbox_hop
                .map(|hop| Selection::new(hop, Because::Mailbox)),
            Class::Relay => default,
            Class::Default => {
                let by_sender = sender.and_then(|sender| {
                    let whole = Key::Domain(sender.domain().clone());
                    self.entry_for_address(&self.sender_relay, sender)
                        .or_else(|| self.sender_relay.get_key_value(&whole))
                });
                match by_sender {
                    Some((key, Some(entry))) => {
                        Some(Selection::new(entry.hop, Because::Sender(key)))
                    }
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

    /// The names of which the next hop's certificate must hold one, where names are checked.
    pub fn expected_names(&self, hop: Option<&Hop>, domain: &DomainName) -> Vec<String> {
        let agent = hop.map_or(Agent::Smtp, |hop| Agent::of(&hop.service));
        self.demands(agent).names(hop, domain)
    }

    /// What a client from this network may do, where it may do more than a stranger.
    pub fn right(&self, network: &Network) -> Option<Right> {
        network
            .around()
            .find_map(|known| self.clients.get(&known))
            .map(|client| client.right)
    }

    /// What everybody may do, whatever the address: a network of all addresses is one of nobody in particular.
    pub(crate) fn right_of_all(&self) -> Option<Right> {
        let mut all = self.clients.iter();
        let found = all.find(|(network, _)| network.prefix_len() == 0);
        found.map(|(_, client)| client.right)
    }

    /// Whether a network that holds addresses of external senders may write to anybody.
    pub(crate) fn lets_external_senders_relay(&self) -> bool {
        let mut all = self.clients.iter();
        all.any(|(network, client)| {
            client.right == Right::Relay && network.holds_external_senders()
        })
    }

    /// What happens to mail of a sender.
    pub fn sender_access(&self, sender: &Address) -> Option<SenderAccess> {
        by_domain(&self.senders, sender.domain()).copied()
    }

    /// What the tables about envelope senders say of one, as a text to compare.
    pub fn sees_in(&self, sender: Option<&Address>) -> String {
        let Some(sender) = sender else {
            return String::new();
        };
        let whole = Key::Domain(sender.domain().clone());
        let relay = self
            .entry_for_address(&self.sender_relay, sender)
            .or_else(|| self.sender_relay.get_key_value(&whole));
        let holds = |limit: &crate::platforms::postfix::Limit| {
            limit.senders.iter().any(|at| at.matches(sender.domain()))
        };
        let within: Vec<bool> = self.limits.iter().map(holds).collect();
        format!("{:?}{relay:?}{within:?}", self.sender_access(sender))
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
