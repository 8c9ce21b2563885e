//! Next hops and their TLS, as the live tables have them.

use crate::drift::live::taker;
use crate::drift::tables::{Reading, key, policy_level, words};
use crate::platforms::postfix::{self, Entry, Hop, HopId, Key, TlsPolicy, host_at, split_service};
use crate::routes::{NextHop, Origin, Route, RouteId};
use crate::topology::Party;
use crate::values::{Host, Pattern};
use std::collections::{BTreeMap, BTreeSet};

impl Reading<'_> {
    /// Who is to be looked at alone, because a table says something else of them than it was compiled to say.
    pub(super) fn look_at(
        &mut self,
        parameter: &str,
        before: &BTreeMap<Key, String>,
        after: &BTreeMap<Key, String>,
    ) {
        let keys: BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let now = after.get(key);
            if before.get(key) == now {
                continue;
            }
            let text = format!("{parameter} {now:?}");
            match key {
                Key::Domain(name) => self.plan.apart.name(Pattern::Exact(name.clone()), &text),
                Key::Below(name) => self.plan.apart.name(Pattern::Below(name.clone()), &text),
                Key::Address(address) => {
                    let topology = &self.plan.topology;
                    let domain = topology.domain_named(address.domain());
                    let listed = domain.and_then(|id| topology.domain(id).listed(address));
                    if listed.is_some() {
                        self.plan.apart.address(address, &text);
                    } else {
                        // Of an address that no list has nobody follows mail.
                        for table in self.files.said(parameter).tables {
                            self.unread.insert((table, key.to_string()));
                        }
                    }
                }
            }
        }
    }

    pub(super) fn add(&mut self, hop: Hop) -> HopId {
        let known = self.now.hops.iter().position(|known| *known == hop);
        let at = known.unwrap_or(self.now.hops.len());
        if known.is_none() {
            self.now.hops.push(hop);
        }
        HopId::from_index(at)
    }

    /// The way that a text names: one that was compiled, else a new one to whoever has its hosts. `meant` is the way that was
    /// compiled in its place. Nothing where the text cannot be understood.
    pub(super) fn way(&mut self, text: &str, meant: Option<HopId>) -> Option<HopId> {
        let (service, next_hop) = split_service(text.trim());
        let service = if service.is_empty() { "smtp" } else { service };
        let next_hop = words(next_hop).join(", ");
        // The usual port may be left out.
        let plain = |text: &str| {
            let words = words(text);
            let words = words
                .iter()
                .map(|word| word.strip_suffix(":25").unwrap_or(word));
            words.collect::<Vec<_>>().join(", ")
        };
        let is_there = |hop: &Hop| plain(&hop.next_hop) == plain(&next_hop);
        let is_it = |hop: &Hop| hop.service == service && is_there(hop);
        // By either of its two names it is one client that hands mail over.
        let is_client = |service: &str| matches!(service, "smtp" | "relay");
        let is_alike = |hop: &Hop| {
            is_it(hop)
                || is_there(hop)
                    && !next_hop.is_empty()
                    && is_client(service)
                    && is_client(&hop.service)
        };
        let meant = meant.map(|at| self.planned.hop(at).clone());
        if let Some(meant) = meant.as_ref().filter(|hop| is_alike(hop)) {
            return Some(self.add(meant.clone()));
        }
        if let Some(known) = self.planned.hops.iter().find(|hop| is_it(hop)) {
            let known = known.clone();
            return Some(self.add(known));
        }
        let route = meant.and_then(|hop| hop.route);
        let is_client = is_client(service) || self.planned.own_clients.contains_key(service);
        let (to, hop) = match service {
            "discard" => (Party::Discard, NextHop::None),
            // A code that begins with 4 lets mail wait until it expires (<https://www.postfix.org/error.8.html>).
            "error" if !next_hop.starts_with('4') => (Party::Reject, NextHop::None),
            "error" | "retry" | "local" | "virtual" | "lmtp" => {
                let service = if service == "error" { "retry" } else { service };
                return Some(self.add(Hop {
                    service: service.to_owned(),
                    next_hop,
                    route: None,
                }));
            }
            _ if next_hop.is_empty() && is_client => (Party::Internet, NextHop::Mx),
            _ if is_client || !next_hop.is_empty() => {
                let hosts = words(&next_hop);
                let hosts: Option<Vec<Host>> = hosts.iter().map(|host| host_at(host)).collect();
                let hosts = hosts.filter(|hosts| !hosts.is_empty())?;
                let to = route.map(|id| self.plan.route(id).to);
                let first = hosts.first().cloned()?;
                (taker(self.plan, first, to), NextHop::SmartHosts(hosts))
            }
            // What a program does with mail, only master.cf and the program say.
            _ => return None,
        };
        let name = match route {
            Some(id) => self.plan.route(id).name.clone(),
            None => format!(
                "{} to {next_hop}",
                self.plan.topology.location(self.at).name
            ),
        };
        let mut new = Route::blank(
            name,
            Party::Location(self.at),
            to,
            Vec::new(),
            Origin::Written(self.span),
        );
        new.next_hop = hop;
        if let Some(old) = route.map(|id| self.plan.route(id)) {
            (new.client_certificate, new.presents) = (old.client_certificate.clone(), old.presents);
        }
        let id = RouteId::from_index(self.plan.routes.len());
        self.plan.routes.push(new);
        Some(self.add(Hop {
            service: service.to_owned(),
            next_hop,
            route: Some(id),
        }))
    }

    pub(super) fn text(&self, hop: HopId) -> String {
        let hop = self.now.hop(hop);
        format!("{}:{}", hop.service, hop.next_hop)
    }

    pub(super) fn mailbox_service(&mut self) {
        // Domains of `mydestination` alone go to local(8), and a host without the parameter has virtual(8).
        let is_local = self.files.value("virtual_mailbox_domains").is_empty()
            && !self.now.mailbox_domains.is_empty();
        let text = match self.files.set("virtual_transport") {
            _ if is_local => "local:".to_owned(),
            Some(text) => text,
            None => "virtual:".to_owned(),
        };
        let planned = self.planned.mailbox_hop;
        if text.is_empty() {
            self.now.mailbox_hop = None;
            return;
        }
        let Some(hop) = self.way(&text, planned) else {
            return self.not_parameter("virtual_transport");
        };
        // Which service has the mailboxes now, nobody follows.
        let is_home = |hop: Option<HopId>, of: &postfix::Configuration| {
            hop.is_some_and(|hop| of.hop(hop).route.is_none())
        };
        if Some(hop) != planned && is_home(planned, &self.planned) && is_home(Some(hop), &self.now)
        {
            self.not_parameter("virtual_transport");
        }
        self.now.mailbox_hop = Some(hop);
    }

    /// A next hop of the transport comes before the relay host.
    pub(super) fn usual(&mut self) {
        let transport = self.files.value("default_transport");
        let (service, next_hop) = split_service(&transport);
        let relay = self.files.value("relayhost");
        let planned = self.planned.default;
        let text = match (next_hop, relay.as_str()) {
            ("", "") if self.planned.is_usual(service) => None,
            ("", relay) => Some(format!("{service}:{relay}")),
            _ => Some(transport.clone()),
        };
        let Some(text) = text else {
            self.now.default = None;
            return;
        };
        match self.way(&text, planned.map(|entry| entry.hop)) {
            Some(hop) => {
                let span = planned.map_or(self.span, |entry| entry.span);
                self.now.default = Some(Entry { hop, span });
            }
            None if next_hop.is_empty() => self.not_parameter("relayhost"),
            None => self.not_parameter("default_transport"),
        }
    }

    pub(super) fn by_sender(&mut self) {
        let mut table: BTreeMap<Key, Option<Entry>> = BTreeMap::new();
        for parameter in [
            "sender_dependent_default_transport_maps",
            "sender_dependent_relayhost_maps",
        ] {
            for (key, line) in self.keyed(parameter) {
                let planned = self.planned.sender_relay.get(&key).copied();
                let entry = match line.value.as_str() {
                    "DUNNO" | "dunno" => Some(None),
                    text => {
                        let text = if parameter.ends_with("relayhost_maps") {
                            format!("smtp:{text}")
                        } else {
                            text.to_owned()
                        };
                        let meant = planned.flatten().map(|entry| entry.hop);
                        self.way(&text, meant).map(|hop| {
                            let span = planned.flatten().map_or(self.span, |entry| entry.span);
                            Some(Entry { hop, span })
                        })
                    }
                };
                if let Some(found) = entry.or(planned) {
                    table.entry(key).or_insert(found);
                }
                if entry.is_none() {
                    self.not(&line);
                }
            }
        }
        self.now.sender_relay = table;
    }

    pub(super) fn transport(&mut self) {
        let parameter = "transport_maps";
        let mut table: BTreeMap<Key, Entry> = BTreeMap::new();
        for line in self.files.said(parameter).lines {
            if line.key == "*" {
                match self.way(&line.value, None) {
                    // It comes before everything else that chooses a way.
                    Some(hop) => {
                        let span = self.span;
                        self.now.default = Some(Entry { hop, span });
                        self.now.mailbox_hop = Some(hop);
                        self.now.sender_relay.clear();
                    }
                    None => self.not(&line),
                }
                continue;
            }
            let Some(key) = key(&line.key) else {
                if line.table.is_empty() {
                    self.not_parameter(parameter);
                } else {
                    self.not(&line);
                }
                continue;
            };
            let planned = self.planned.transport.get(&key).copied();
            let found = self.way(&line.value, planned.map(|entry| entry.hop));
            // `:` stands for the way without the table, which the walk does not know of one name.
            let found = found.filter(|_| line.value != ":");
            if found.is_none() {
                self.not(&line);
            }
            let entry = found.map(|hop| Entry {
                hop,
                span: planned.map_or(self.span, |entry| entry.span),
            });
            if let Some(entry) = entry.or(planned) {
                table.insert(key, entry);
            }
        }
        if self.is_lost(parameter) {
            for (key, entry) in &self.planned.transport {
                table.entry(key.clone()).or_insert(*entry);
            }
        }
        let before: BTreeMap<Key, String> = self
            .planned
            .transport
            .iter()
            .map(|(key, entry)| {
                let hop = self.planned.hop(entry.hop);
                (key.clone(), format!("{}:{}", hop.service, hop.next_hop))
            })
            .collect();
        let after = table.iter();
        let after: BTreeMap<Key, String> = after
            .map(|(key, entry)| (key.clone(), self.text(entry.hop)))
            .collect();
        self.look_at(parameter, &before, &after);
        self.now.transport = table;
    }

    pub(super) fn tls(&mut self) {
        let level = self.files.value("smtp_tls_security_level");
        match policy_level(&level) {
            Some(level) => self.now.smtp.default = level,
            None => self.not_parameter("smtp_tls_security_level"),
        }
        let mut policies = BTreeMap::new();
        for line in self.files.said("smtp_tls_policy_maps").lines {
            let planned = self.planned.smtp.policies.get(&line.key).cloned();
            let mut words = line.value.split_whitespace();
            let level = words.next().and_then(policy_level);
            let names = words.find_map(|word| word.strip_prefix("match="));
            let names: Vec<String> = names
                .unwrap_or_default()
                .split(':')
                .filter(|name| !matches!(*name, "" | "nexthop" | "dot-nexthop" | "hostname"))
                .map(str::to_owned)
                .collect();
            let route = planned.as_ref().map(|policy| policy.route);
            let route = route.unwrap_or(RouteId::from_index(0));
            let found = level.map(|level| TlsPolicy {
                level,
                names,
                route,
            });
            if found.is_none() {
                self.not(&line);
            }
            if let Some(policy) = found.or(planned) {
                policies.insert(line.key, policy);
            }
        }
        // A next hop that is as compiled is found with its port.
        let usual: Vec<(String, TlsPolicy)> = policies
            .iter()
            .filter(|(key, _)| key.starts_with('[') && key.ends_with(']'))
            .map(|(key, policy)| (format!("{key}:25"), policy.clone()))
            .collect();
        for (key, policy) in usual {
            policies.entry(key).or_insert(policy);
        }
        self.now.smtp.policies = policies;
    }

    pub(super) fn delimiter(&mut self) {
        self.now.recipient_delimiter = self.files.value("recipient_delimiter");
        // Nobody of the spec writes to an address with an extension.
        let lists = [
            self.now.relay_recipients.keys().any(is_address),
            self.now.mailboxes.keys().any(is_address),
            self.now.aliases.keys().any(is_address),
            self.now.transport.keys().any(is_address),
        ];
        if lists.contains(&true) {
            self.not_parameter("recipient_delimiter");
        }
    }
}

const fn is_address(key: &Key) -> bool {
    matches!(key, Key::Address(_))
}
