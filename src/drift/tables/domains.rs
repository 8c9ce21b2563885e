//! Domains, recipients and aliases, as the live tables have them.

use crate::drift::tables::{Reading, texts, words};
use crate::platforms::postfix::{Alias, Hop, Key};
use crate::source::Span;
use crate::values::{Address, DomainName};
use std::collections::{BTreeMap, BTreeSet};

impl Reading<'_> {
    pub(super) fn domains(&mut self) {
        let span = self.span;
        let mut home = BTreeMap::new();
        let mut own = BTreeSet::new();
        for parameter in [
            "virtual_mailbox_domains",
            "mydestination",
            "virtual_alias_domains",
        ] {
            for (key, line) in self.keyed(parameter) {
                match key {
                    Key::Domain(name) => {
                        let planned = self.planned.mailbox_domains.get(&name);
                        home.insert(name.clone(), planned.copied().unwrap_or(span));
                        if parameter == "mydestination" {
                            own.insert(name);
                        }
                    }
                    _ => self.not(&line),
                }
            }
        }
        // What stands in a table that cannot be read is taken as compiled.
        if self.is_lost("virtual_mailbox_domains") || self.is_lost("mydestination") {
            let planned = self.planned.mailbox_domains.iter();
            home.extend(planned.map(|(name, at)| (name.clone(), *at)));
        }
        self.now.mailbox_domains = home;
        // The users of the host itself are in no table, and none of them is a mailbox of the spec.
        if !own.is_empty() && self.now.mailbox_hop.is_none() {
            self.now.mailbox_hop = Some(self.add(Hop {
                service: "local".to_owned(),
                next_hop: String::new(),
                route: None,
            }));
        }
        for name in own {
            self.now.mailboxes.entry(Key::Domain(name)).or_insert(span);
        }
        let (mut relayed, mut not) = (BTreeMap::new(), BTreeMap::new());
        let matching = self.files.set("parent_domain_matches_subdomains");
        let is_for_below =
            matching.is_none_or(|list| words(&list).iter().any(|word| word == "relay_domains"));
        for (key, line) in self.keyed("relay_domains") {
            if line.is_not {
                not.insert(key, span);
                continue;
            }
            if let Key::Domain(name) = &key
                && is_for_below
            {
                relayed.insert(Key::Below(name.clone()), span);
            }
            relayed.insert(key, span);
        }
        if self.is_lost("relay_domains") {
            relayed.extend(self.planned.relay_domains.clone());
        }
        for (key, at) in &mut relayed {
            *at = self.planned.relay_domains.get(key).copied().unwrap_or(span);
        }
        for (key, at) in &mut not {
            *at = self.planned.not_relayed.get(key).copied().unwrap_or(span);
        }
        let none = |_: &Span| String::new();
        let (before, after) = (
            texts(&self.planned.relay_domains, none),
            texts(&relayed, none),
        );
        self.look_at("relay_domains", &before, &after);
        let of_home = |home: &BTreeMap<DomainName, Span>| -> BTreeMap<Key, String> {
            let names = home.keys();
            names
                .map(|name| (Key::Domain(name.clone()), String::new()))
                .collect()
        };
        let (before, after) = (
            of_home(&self.planned.mailbox_domains),
            of_home(&self.now.mailbox_domains),
        );
        self.look_at("virtual_mailbox_domains", &before, &after);
        (self.now.relay_domains, self.now.not_relayed) = (relayed, not);
    }

    /// A list of recipients; where there is none, everybody exists.
    pub(super) fn recipients(
        &mut self,
        parameter: &'static str,
        planned: &BTreeMap<Key, Span>,
        all: Vec<Key>,
    ) -> BTreeMap<Key, Span> {
        let span = self.span;
        let mut list: BTreeMap<Key, Span> = BTreeMap::new();
        if self.files.value(parameter).is_empty() {
            list.extend(all.into_iter().map(|key| (key, span)));
        } else {
            for (key, line) in self.keyed(parameter) {
                // Where the spec lists no addresses of a domain, a list of them says nothing of those that it means.
                if let Key::Address(address) = &key
                    && let whole = Key::Domain(address.domain().clone())
                    && planned.contains_key(&whole)
                {
                    list.insert(whole, span);
                    self.not(&line);
                    self.not_parameter(parameter);
                }
                list.insert(key, span);
            }
            // Names below a domain stand in a table of expressions.
            let below = planned.iter();
            let below = below.filter(|(key, _)| matches!(key, Key::Below(_)));
            list.extend(below.map(|(key, at)| (key.clone(), *at)));
        }
        if self.is_lost(parameter) {
            list.extend(planned.clone());
        }
        for (key, at) in &mut list {
            *at = planned.get(key).copied().unwrap_or(span);
        }
        self.look_at(
            parameter,
            &texts(planned, |_| String::new()),
            &texts(&list, |_| String::new()),
        );
        list
    }

    pub(super) fn relay_recipients(&mut self) {
        let planned = self.planned.relay_recipients.clone();
        let all = self.now.relay_domains.keys().cloned().collect();
        self.now.relay_recipients = self.recipients("relay_recipient_maps", &planned, all);
    }

    pub(super) fn mailboxes(&mut self) {
        let planned = self.planned.mailboxes.clone();
        let all = self.now.mailbox_domains.keys().cloned().map(Key::Domain);
        let mut list = self.recipients("virtual_mailbox_maps", &planned, all.collect());
        for (key, _) in self.keyed("mydestination") {
            list.entry(key).or_insert(self.span);
        }
        self.now.mailboxes = list;
    }

    pub(super) fn aliases(&mut self) {
        let parameter = "virtual_alias_maps";
        let mut aliases = BTreeMap::new();
        for (key, line) in self.keyed(parameter) {
            let targets = words(&line.value);
            let targets: Result<Vec<Address>, _> = targets
                .iter()
                .map(|target| Address::parse(target))
                .collect();
            let planned = self.planned.aliases.get(&key);
            match targets {
                Ok(targets) if !targets.is_empty() => {
                    let span = planned.map_or(self.span, |alias| alias.span);
                    aliases.insert(key, Alias { targets, span });
                }
                _ => {
                    if let Some(alias) = planned {
                        aliases.insert(key, alias.clone());
                    }
                    self.not(&line);
                }
            }
        }
        let text = |alias: &Alias| format!("{:?}", alias.targets);
        let before = texts(&self.planned.aliases, text);
        self.look_at(parameter, &before, &texts(&aliases, text));
        self.now.aliases = aliases;
    }
}
