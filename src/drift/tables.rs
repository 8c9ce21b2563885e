//! Live tables and parameters of a Postfix host in place of those of a plan, so that the mail through them can be followed.
//!
//! A parameter that differs, or one of whose tables an entry differs, is read whole: the walk finds in it what Postfix would
//! find. An entry that is as compiled keeps the route that it is of. What cannot be read stays as it was compiled, and the
//! difference says that nobody followed it. Sources: <https://www.postfix.org/postconf.5.html>,
//! <https://www.postfix.org/access.5.html>, <https://www.postfix.org/transport.5.html>

use crate::drift::live::taker;
use crate::drift::objects::{Effect, ObjectDrift};
use crate::import::{EXPRESSIONS, Export, Live, LiveObject, tables_in};
use crate::plan::{Configuration, Plan};
use crate::platforms::postfix::{
    self, Alias, Client, Entry, Hop, HopId, Key, Right, SenderAccess, TlsPolicy, TlsPolicyLevel,
    host_at, split_service,
};
use crate::routes::{NextHop, Origin, Route, RouteId};
use crate::source::Span;
use crate::topology::{LocationId, Party};
use crate::values::{Address, DomainName, Host, Network, Pattern};
use std::collections::{BTreeMap, BTreeSet};

/// Puts what differs of a host into a plan, and says of each difference whether it was followed.
pub(super) fn put(
    plan: &mut Plan,
    at: LocationId,
    (wanted, live): (&Export, &Export),
    objects: &mut [&mut ObjectDrift],
) {
    let place = plan.places.get_mut(at.index());
    let Some(Configuration::Postfix(tables)) = place.map(|place| &mut place.configuration) else {
        return;
    };
    let planned = std::mem::take(&mut **tables);
    let changed = objects.iter().filter(|object| object.kind == "table");
    let mut host = Reading {
        at,
        span: plan.topology.location(at).span,
        files: Files {
            wanted,
            live,
            is_main: objects.iter().any(|object| object.kind == "main.cf"),
            changed: changed.map(|object| last(&object.name)).collect(),
        },
        now: planned.clone(),
        planned,
        plan,
        read: BTreeSet::new(),
        unread: BTreeSet::new(),
    };
    host.read();
    let Reading {
        now, read, unread, ..
    } = host;
    let place = plan.places.get_mut(at.index());
    if let Some(place) = place {
        place.configuration = Configuration::Postfix(Box::new(now));
    }
    for object in objects {
        let table = if object.kind == "table" {
            last(&object.name)
        } else {
            String::new()
        };
        for property in &mut object.properties {
            let one = (table.clone(), property.name.clone());
            let whole = (table.clone(), String::new());
            let is_read = read.contains(&one) || read.contains(&whole);
            let is_unread = unread.contains(&one) || unread.contains(&whole);
            if property.effect == Effect::Open && is_read && !is_unread {
                property.effect = Effect::Followed;
            }
        }
    }
}

/// The name of a file without its folder: the same table may have another type or stand elsewhere.
pub(super) fn last(name: &str) -> String {
    name.rsplit(['/', ':'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The words of a value. Between them stand commas, spaces and ends of lines, as the writer likes.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// The files of a host, of which some are as they exist.
struct Files<'a> {
    wanted: &'a Export,
    live: &'a Export,
    /// `main.cf` is as it exists.
    is_main: bool,
    /// Tables that are as they exist.
    changed: BTreeSet<String>,
}

/// An entry of a table, or a word of the parameter itself.
struct Line {
    /// The table; empty: the parameter.
    table: String,
    key: String,
    value: String,
    /// It stands behind `!`, and is taken out of what follows.
    is_not: bool,
}

/// What a parameter says, with its tables in place of their names.
#[derive(Default)]
struct Said {
    lines: Vec<Line>,
    tables: BTreeSet<String>,
    /// Tables that are no list of entries, or whose source is not there.
    lost: BTreeSet<String>,
}

impl Files<'_> {
    /// A parameter; nothing where no file sets it.
    fn set(&self, name: &str) -> Option<String> {
        let export = if self.is_main { self.live } else { self.wanted };
        let main = export.of_kind("main.cf").next()?;
        let value = main.properties.get(name)?;
        Some(value.items().join(" "))
    }

    fn value(&self, name: &str) -> String {
        self.set(name).unwrap_or_default()
    }

    /// A table as it counts here; nothing where it is gone.
    fn table(&self, name: &str) -> Option<&LiveObject> {
        let is_it = |object: &&LiveObject| object.kind == "table" && last(&object.name) == name;
        let planned = self.wanted.objects.iter().find(is_it);
        let found = || self.live.objects.iter().find(is_it);
        match planned {
            Some(_) if self.changed.contains(name) => found(),
            Some(planned) => Some(planned),
            None => found(),
        }
    }

    fn entries(&self, name: &str, is_not: bool, said: &mut Said) {
        said.tables.insert(name.to_owned());
        for (key, value) in self.table(name).into_iter().flat_map(|it| &it.properties) {
            match value {
                Live::Text(value) => said.lines.push(Line {
                    table: name.to_owned(),
                    key: key.clone(),
                    value: value.clone(),
                    is_not,
                }),
                _ => {
                    said.lost.insert(name.to_owned());
                }
            }
        }
    }

    fn said(&self, parameter: &str) -> Said {
        let mut said = Said::default();
        let value = self.value(parameter);
        // `inline:{ … }` holds the host's own name alone.
        let plain = value.split("inline:").next().unwrap_or_default();
        for word in words(plain) {
            let (bare, is_not) = match word.strip_prefix('!') {
                Some(bare) => (bare, true),
                None => (word.as_str(), false),
            };
            match tables_in(bare).into_iter().next() {
                Some(table) => {
                    let kind = table.split(':').next().unwrap_or_default();
                    let name = last(&table);
                    if EXPRESSIONS.contains(&kind) {
                        said.tables.insert(name.clone());
                        said.lost.insert(name);
                    } else {
                        self.entries(&name, is_not, &mut said);
                    }
                }
                None => said.lines.push(Line {
                    table: String::new(),
                    key: bare.to_owned(),
                    value: String::new(),
                    is_not,
                }),
            }
        }
        for table in tables_in(value.strip_prefix(plain).unwrap_or_default()) {
            self.entries(&last(&table), false, &mut said);
        }
        said
    }
}

struct Reading<'a> {
    at: LocationId,
    span: Span,
    files: Files<'a>,
    planned: postfix::Configuration,
    now: postfix::Configuration,
    plan: &'a mut Plan,
    /// Tables and keys in them that were read; the table is empty for a parameter, the key for all of a table.
    read: BTreeSet<(String, String)>,
    /// The same of what could not be understood.
    unread: BTreeSet<(String, String)>,
}

impl Reading<'_> {
    fn read(&mut self) {
        // Where mailboxes are counts before what is passed on.
        for (parameters, read) in [
            (
                &[
                    "mydestination",
                    "virtual_mailbox_domains",
                    "virtual_alias_domains",
                    "relay_domains",
                    "parent_domain_matches_subdomains",
                ][..],
                Self::domains as fn(&mut Self),
            ),
            (&["relay_recipient_maps"], Self::relay_recipients),
            (&["virtual_mailbox_maps"], Self::mailboxes),
            (&["virtual_alias_maps"], Self::aliases),
            (&["virtual_transport"], Self::mailbox_service),
            (&["relayhost", "default_transport"], Self::usual),
            (
                &[
                    "sender_dependent_default_transport_maps",
                    "sender_dependent_relayhost_maps",
                ],
                Self::by_sender,
            ),
            (&["transport_maps"], Self::transport),
            (
                &["smtp_tls_security_level", "smtp_tls_policy_maps"],
                Self::tls,
            ),
            (&["recipient_delimiter"], Self::delimiter),
            (
                &["mynetworks", "smtpd_relay_restrictions"],
                Self::restrictions,
            ),
        ] {
            if parameters.iter().any(|name| self.differs(name)) {
                for name in parameters {
                    let said = self.files.said(name);
                    let tables = said.tables.into_iter().map(|table| (table, String::new()));
                    self.read.extend(tables);
                    let lost = said.lost.into_iter().map(|table| (table, String::new()));
                    self.unread.extend(lost);
                    self.read.insert((String::new(), (*name).to_owned()));
                }
                read(self);
            }
        }
        self.limits();
    }

    /// Whether a parameter is otherwise than it was compiled, or one of its tables.
    fn differs(&self, parameter: &str) -> bool {
        let said = self.files.said(parameter);
        let of_wanted = Files {
            is_main: false,
            changed: BTreeSet::new(),
            ..self.files
        };
        let is_otherwise = of_wanted.set(parameter) != self.files.set(parameter);
        is_otherwise || said.tables.iter().any(|it| self.files.changed.contains(it))
    }

    fn not(&mut self, line: &Line) {
        let key = (line.table.clone(), line.key.clone());
        self.unread.insert(key);
    }

    fn not_parameter(&mut self, name: &str) {
        self.unread.insert((String::new(), name.to_owned()));
    }

    /// The entries of a parameter as keys; what is no key was not followed.
    fn keyed(&mut self, parameter: &str) -> Vec<(Key, Line)> {
        let mut found = Vec::new();
        let own = self.files.value("myhostname");
        let hosts = self.plan.topology.location(self.at).hosts.iter();
        let names: Vec<String> = hosts.map(|at| at.value.target.to_string()).collect();
        // The host's own name is nobody's domain.
        let is_own = |word: &str| {
            word.contains("myhostname")
                || word.starts_with("localhost")
                || word.eq_ignore_ascii_case(&own)
                || names.iter().any(|name| name.eq_ignore_ascii_case(word))
        };
        for line in self.files.said(parameter).lines {
            if line.table.is_empty() && is_own(&line.key) {
                continue;
            }
            match key(&line.key) {
                Some(key) => found.push((key, line)),
                None if line.table.is_empty() => self.not_parameter(parameter),
                None => self.not(&line),
            }
        }
        found
    }

    fn domains(&mut self) {
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
    fn recipients(
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
            let keyed = self.keyed(parameter).into_iter();
            list.extend(keyed.map(|(key, _)| (key, span)));
            // Names below a domain stand in a table of expressions.
            let below = planned.iter();
            let below = below.filter(|(key, _)| matches!(key, Key::Below(_)));
            list.extend(below.map(|(key, at)| (key.clone(), *at)));
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

    fn relay_recipients(&mut self) {
        let planned = self.planned.relay_recipients.clone();
        let all = self.now.relay_domains.keys().cloned().collect();
        self.now.relay_recipients = self.recipients("relay_recipient_maps", &planned, all);
    }

    fn mailboxes(&mut self) {
        let planned = self.planned.mailboxes.clone();
        let all = self.now.mailbox_domains.keys().cloned().map(Key::Domain);
        let mut list = self.recipients("virtual_mailbox_maps", &planned, all.collect());
        for (key, _) in self.keyed("mydestination") {
            list.entry(key).or_insert(self.span);
        }
        self.now.mailboxes = list;
    }

    fn aliases(&mut self) {
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

    /// Who is to be looked at alone, because a table says something else of them than it was compiled to say.
    fn look_at(
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

    fn add(&mut self, hop: Hop) -> HopId {
        let known = self.now.hops.iter().position(|known| *known == hop);
        let at = known.unwrap_or(self.now.hops.len());
        if known.is_none() {
            self.now.hops.push(hop);
        }
        HopId::from_index(at)
    }

    /// The way that a text names: one that was compiled, else a new one to whoever has its hosts. `meant` is the way that was
    /// compiled in its place. Nothing where the text cannot be understood.
    fn way(&mut self, text: &str, meant: Option<HopId>) -> Option<HopId> {
        let (service, next_hop) = split_service(text.trim());
        let service = if service.is_empty() { "smtp" } else { service };
        let next_hop = words(next_hop).join(", ");
        let is_it =
            |hop: &Hop| hop.service == service && words(&hop.next_hop).join(", ") == next_hop;
        let meant = meant.map(|at| self.planned.hop(at).clone());
        if let Some(meant) = meant.as_ref().filter(|hop| is_it(hop)) {
            return Some(self.add(meant.clone()));
        }
        if let Some(known) = self.planned.hops.iter().find(|hop| is_it(hop)) {
            let known = known.clone();
            return Some(self.add(known));
        }
        let route = meant.and_then(|hop| hop.route);
        let is_client =
            matches!(service, "smtp" | "relay") || self.planned.own_clients.contains_key(service);
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

    fn text(&self, hop: HopId) -> String {
        let hop = self.now.hop(hop);
        format!("{}:{}", hop.service, hop.next_hop)
    }

    fn mailbox_service(&mut self) {
        let text = self.files.value("virtual_transport");
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
    fn usual(&mut self) {
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

    fn by_sender(&mut self) {
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

    fn transport(&mut self) {
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

    fn tls(&mut self) {
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
        self.now.smtp.policies = policies;
    }

    fn delimiter(&mut self) {
        self.now.recipient_delimiter = self.files.value("recipient_delimiter");
    }

    fn restrictions(&mut self) {
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

    fn let_relay(&mut self, network: &str) {
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
    fn access(&mut self, name: &str) -> Vec<Line> {
        let mut said = Said::default();
        self.files.entries(name, false, &mut said);
        self.read.insert((name.to_owned(), String::new()));
        said.lines
    }

    fn clients(&mut self, is_named: bool) {
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

    fn admitted(&mut self) {
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

    fn senders(&mut self, is_named: bool) {
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

    fn refused(&mut self, is_named: bool) {
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
    fn limits(&mut self) {
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

/// The entries of a table as texts to compare.
fn texts<V>(table: &BTreeMap<Key, V>, text: impl Fn(&V) -> String) -> BTreeMap<Key, String> {
    let table = table.iter();
    table
        .map(|(key, value)| (key.clone(), text(value)))
        .collect()
}

/// The key that a text is.
fn key(text: &str) -> Option<Key> {
    if let Some(base) = text.strip_prefix('.') {
        return DomainName::parse(base).ok().map(Key::Below);
    }
    match text.split_once('@') {
        Some(("", name)) => DomainName::parse(name).ok().map(Key::Domain),
        Some(_) => Address::parse(text).ok().map(Key::Address),
        None => DomainName::parse(text).ok().map(Key::Domain),
    }
}

fn policy_level(word: &str) -> Option<TlsPolicyLevel> {
    Some(match word {
        "" | "none" => TlsPolicyLevel::None,
        "may" => TlsPolicyLevel::May,
        "encrypt" => TlsPolicyLevel::Encrypt,
        "verify" | "secure" => TlsPolicyLevel::Secure,
        _ => return None,
    })
}

/// The words of a list of restrictions; a check is the name of its table.
fn restrictions(text: &str) -> Vec<String> {
    let mut list = Vec::new();
    let mut words = words(text).into_iter();
    while let Some(word) = words.next() {
        if word.starts_with("check_") && word.ends_with("_access") {
            list.push(words.next().map_or(word, |table| last(&table)));
        } else {
            list.push(word);
        }
    }
    list
}
