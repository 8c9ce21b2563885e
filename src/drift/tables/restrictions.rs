//! Who may relay and write, as the live restrictions say.

use crate::drift::tables::{
    Reading,
    files::{Files, Line, Said},
    key, restrictions, texts, words,
};
use crate::platforms::postfix::{self, Client, Key, Right, SenderAccess};
use crate::routes::RouteId;
use crate::values::{Network, Pattern};
use std::collections::{BTreeMap, BTreeSet};

impl Reading<'_> {
    pub(super) fn restrictions(&mut self) {
        let parameter = "smtpd_relay_restrictions";
        let usual = "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination";
        let text = self
            .files
            .set(parameter)
            .unwrap_or_else(|| usual.to_owned());
        let list = restrictions(&text);
        let planned = Files {
            is_main: false,
            changed: BTreeSet::new(),
            ..self.files
        };
        let planned = restrictions(&planned.value(parameter));
        let keeps = |list: &[String]| {
            let mut list = list.iter();
            list.any(|it| it.ends_with("_unauth_destination") || it == "reject" || it == "defer")
        };
        let has = |name: &str| list.iter().any(|it| it == name);
        let is_known = |it: &String| {
            planned.contains(it)
                || it == "permit"
                || it == "defer_unauth_destination"
                || it.ends_with("_unauth_destination")
        };
        // Of a list in another order, or with words that the walk does not have, it is not known what it lets through.
        let kept = list.iter().filter(|it| planned.contains(it));
        let in_order = planned.iter().filter(|it| list.contains(it));
        let lacks_login = planned.iter().any(|it| it == "permit_sasl_authenticated")
            && !has("permit_sasl_authenticated");
        if !list.iter().all(is_known) || kept.ne(in_order) || lacks_login {
            self.not_parameter(parameter);
            return;
        }
        self.clients(has("client_access"));
        if has("admitted") {
            self.admitted();
        } else {
            self.now.admitted = None;
        }
        self.senders(has("sender_access"));
        self.refused(has("recipient_access"));
        self.now.callout = has("reject_unverified_recipient");
        let second = self.files.value("smtpd_recipient_restrictions");
        if !keeps(&list) && !keeps(&restrictions(&second)) {
            for all in ["0.0.0.0/0", "::/0"] {
                self.let_relay(all);
            }
        }
        for word in words(&self.files.value("mynetworks")) {
            let bare = word.replace(['[', ']'], "");
            match Network::parse(&bare) {
                Ok(network) if network.first().is_loopback() => {}
                Ok(_) => self.let_relay(&bare),
                Err(_) if bare.starts_with("::ffff:127.") => {}
                Err(_) => self.not_parameter("mynetworks"),
            }
        }
    }

    pub(super) fn let_relay(&mut self, network: &str) {
        let Ok(network) = Network::parse(network) else {
            return;
        };
        let span = self.span;
        let client = self.now.clients.entry(network).or_insert_with(|| Client {
            who: Vec::new(),
            right: Right::Relay,
            span,
        });
        client.right = Right::Relay;
    }

    /// The lines of a table of access, which the restrictions name.
    pub(super) fn access(&mut self, name: &str) -> Vec<Line> {
        let mut said = Said::default();
        self.files.entries(name, false, &mut said);
        self.read.insert((name.to_owned(), String::new()));
        said.lines
    }

    pub(super) fn clients(&mut self, is_named: bool) {
        let mut clients = BTreeMap::new();
        let lines = self.access("client_access");
        for line in lines.into_iter().filter(|_| is_named) {
            let right = match line.value.split_whitespace().next() {
                Some("OK" | "ok" | "permit") => Some(Right::Relay),
                Some(word) => (0..self.planned.limits.len())
                    .find(|at| postfix::class_name(*at) == word)
                    .map(Right::Limited),
                None => None,
            };
            let network = Network::parse(&line.key.replace(['[', ']'], ""));
            match (network, right) {
                (Ok(network), Some(right)) => {
                    let planned = self.planned.clients.get(&network);
                    let client = Client {
                        who: planned.map_or_else(Vec::new, |client| client.who.clone()),
                        right,
                        span: planned.map_or(self.span, |client| client.span),
                    };
                    clients.insert(network, client);
                }
                (Ok(_), None) if line.value.eq_ignore_ascii_case("DUNNO") => {}
                (network, _) => {
                    let network = network.ok();
                    let planned = network.and_then(|it| Some((it, self.planned.clients.get(&it)?)));
                    if let Some((network, client)) = planned {
                        clients.insert(network, client.clone());
                    }
                    self.not(&line);
                }
            }
        }
        self.now.clients = clients;
    }

    pub(super) fn admitted(&mut self) {
        let mut admitted = BTreeMap::new();
        let mut is_closed = false;
        for line in self.access("admitted") {
            let Ok(network) = Network::parse(&line.key) else {
                self.not(&line);
                continue;
            };
            let is_refused = line.value.to_uppercase().starts_with("REJECT");
            if network.prefix_len() == 0 {
                is_closed |= is_refused;
            } else if line.value.eq_ignore_ascii_case("DUNNO") {
                let planned = self.planned.admitted.as_ref();
                let who = planned.and_then(|all| all.get(&network));
                admitted.insert(network, who.cloned().unwrap_or_default());
            } else if !is_refused {
                self.not(&line);
            }
        }
        self.now.admitted = is_closed.then_some(admitted);
    }

    pub(super) fn senders(&mut self, is_named: bool) {
        let mut senders = BTreeMap::new();
        let lines = self.access("sender_access");
        for line in lines.into_iter().filter(|_| is_named) {
            let Some(key) = key(&line.key) else {
                self.not(&line);
                continue;
            };
            let planned = self.planned.senders.get(&key).copied();
            let access = match line.value.split_whitespace().next().unwrap_or_default() {
                "REJECT" | "reject" => Some(SenderAccess::Parked(self.span)),
                "DUNNO" | "dunno" => Some(SenderAccess::Open(self.span)),
                "reject_plaintext_session" => {
                    Some(SenderAccess::RequireTls(RouteId::from_index(0)))
                }
                word => (0..self.planned.partners.len())
                    .find(|at| postfix::partner_name(*at) == word)
                    .map(SenderAccess::Partner),
            };
            if access.is_none() {
                self.not(&line);
            }
            if let Some(access) = access.or(planned) {
                senders.insert(key, access);
            }
        }
        self.now.senders = senders;
    }

    pub(super) fn refused(&mut self, is_named: bool) {
        let mut refused = BTreeMap::new();
        let lines = self.access("recipient_access");
        for line in lines.into_iter().filter(|_| is_named) {
            let key = key(&line.key).filter(|_| line.value.to_uppercase().starts_with("REJECT"));
            match key {
                Some(key) => {
                    let planned = self.planned.refused_recipients.get(&key);
                    refused.insert(key, planned.copied().unwrap_or(self.span));
                }
                None if line.value.eq_ignore_ascii_case("DUNNO") => {}
                None => self.not(&line),
            }
        }
        let (before, after) = (&self.planned.refused_recipients, &refused);
        let (before, after) = (
            texts(before, |_| String::new()),
            texts(after, |_| String::new()),
        );
        self.look_at("smtpd_relay_restrictions", &before, &after);
        self.now.refused_recipients = refused;
    }

    /// The tables of what clients with a limited right may do, and of the servers of partners.
    pub(super) fn limits(&mut self) {
        for at in 0..self.planned.limits.len() {
            let class = postfix::class_name(at);
            for (name, is_senders) in [
                (format!("{class}_senders"), true),
                (format!("{class}_recipients"), false),
            ] {
                if !self.files.changed.contains(&name) {
                    continue;
                }
                let lines = self.access(&name);
                let keys = lines.iter().map(|line| key(&line.key));
                let patterns: Option<Vec<Pattern>> = keys
                    .map(|key| match key? {
                        Key::Domain(name) => Some(Pattern::Exact(name)),
                        Key::Below(name) => Some(Pattern::Below(name)),
                        Key::Address(_) => None,
                    })
                    .collect();
                let limit = self.now.limits.get_mut(at);
                // None at all would be everybody.
                match (patterns.filter(|all| !all.is_empty()), limit) {
                    (Some(patterns), Some(limit)) if is_senders => limit.senders = patterns,
                    (Some(patterns), Some(limit)) => limit.recipients = patterns,
                    _ => {
                        self.unread.insert((name, String::new()));
                    }
                }
            }
        }
        for at in 0..self.planned.partners.len() {
            let name = postfix::partner_name(at);
            if !self.files.changed.contains(&name) {
                continue;
            }
            let mut networks = Vec::new();
            for line in self.access(&name) {
                match Network::parse(&line.key) {
                    Ok(network) if line.value.eq_ignore_ascii_case("DUNNO") => {
                        networks.push(network);
                    }
                    Ok(network) if network.prefix_len() == 0 => {}
                    _ => self.not(&line),
                }
            }
            if let Some(servers) = self.now.partners.get_mut(at) {
                servers.networks = networks;
            }
        }
    }
}
