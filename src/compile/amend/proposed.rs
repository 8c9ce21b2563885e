//! The edits that could make an object of the spec as it exists.

use super::{Edits, Now, Work, flow, gone, key_of, put};
use crate::draft::Key;
use crate::drift::{self, ObjectDrift, State};
use crate::finding::Operation;
use crate::routes::Route;
use crate::topology::{Party, Rule, RuleTarget};

/// Whether an edit gives an object to others.
pub(super) fn gives_away(edit: &Operation) -> bool {
    match edit {
        Operation::At { path, value } => {
            value.is_some() && path.last().is_some_and(|key| key == "managed")
        }
        Operation::Item { value, .. } => value.ends_with("managed: false}"),
        _ => false,
    }
}

impl Work<'_> {
    /// Edits that could make an object as it exists, the smallest first.
    pub(super) fn proposed(&self, now: &Now, object: &ObjectDrift) -> Vec<Edits> {
        let key = self.key(now, object);
        let mut all = Vec::new();
        if self.is_file(now, object) {
            self.of_files(now, object, &mut all);
            all.retain(|edits| !edits.is_empty());
            return all;
        }
        match (object.kind.as_str(), object.state) {
            ("TransportRule", State::Unknown) => all.extend(self.new_item(now, &key, "rules")),
            ("TransportRule", _) => {
                let said = self.draft.said(&key).map_or(&[][..], |(keys, _)| keys);
                let path = ["rules", object.planned.as_str()];
                if object.state == State::Missing {
                    all.push(vec![gone(&path)]);
                }
                let own = said.iter().filter(|(key, _)| key != "name" && key != "at");
                all.extend(own.map(|(key, value)| vec![put(&[&path[..], &[key]].concat(), value)]));
                for key in ["when", "unless", "unless_header", "enabled"] {
                    all.push(vec![gone(&[&path[..], &[key]].concat())]);
                }
                let others = put(&[&path[..], &["managed"]].concat(), "false");
                // What a rule does not do is said, however others keep it from acting.
                let off = said
                    .iter()
                    .filter(|(key, value)| key == "enabled" && value == "false");
                all.extend(off.map(|(key, value)| {
                    let off = put(&[&path[..], &[key]].concat(), value);
                    vec![off, others.clone()]
                }));
                all.push(vec![others]);
            }
            (_, State::Unknown) => all.extend(self.new_item(now, &key, "routes")),
            _ => {
                let at = object.at.location().into_iter();
                let routes = at
                    .flat_map(|at| drift::routes_of(&now.plan, at, &object.kind, &object.planned));
                for id in routes {
                    self.of_route(now, &key, object, now.plan.route(id), &mut all);
                }
            }
        }
        self.of_place(&key, &mut all);
        // Of what others manage already the spec says what is found now.
        all.push(self.found(now, object));
        all.retain(|edits| !edits.is_empty());
        all
    }

    /// What is found of an object, where others manage it.
    pub(super) fn found(&self, now: &Now, object: &ObjectDrift) -> Edits {
        let (place, kind, name) = self.key(now, object);
        let title = format!("{kind} {name}");
        let found = crate::draft::said(&object.found());
        let path = |property: &str| ["found", &place, &title, &key_of(property)].map(str::to_owned);
        let edits = found.into_iter().map(|(property, values)| Operation::At {
            path: path(&property).to_vec(),
            value: Some(values),
        });
        edits.collect()
    }

    /// Edits that give an object to others, with what the spec does not say of it then.
    pub(super) fn with_found(&self, now: &Now, object: &ObjectDrift, edits: Edits) -> Edits {
        if !edits.iter().any(gives_away) {
            return edits;
        }
        let key = self.key(now, object);
        let Some(after) = self.tried(now, &edits) else {
            return edits;
        };
        let same = after.objects.iter().find(|at| self.key(&after, at) == key);
        let found = same.map_or_else(Vec::new, |at| self.found(&after, at));
        [edits, found].concat()
    }

    /// Keys of a location and of a domain.
    fn of_place(&self, (place, kind, name): &Key, all: &mut Vec<Edits>) {
        let domain = name.to_lowercase();
        if kind == "AcceptedDomain" {
            let one = self.draft.accepted(place, &domain);
            all.extend(one.map(|accept| {
                vec![Operation::Append {
                    object: crate::finding::Object::Location(place.clone()),
                    key: "also_accepts",
                    value: accept,
                }]
            }));
        }
        if [
            "AcceptedDomain",
            "OrganizationConfig",
            "TransportConfig",
            "ReceiveConnector",
            "SendConnector",
        ]
        .contains(&kind.as_str())
        {
            let keys = self.draft.keys("locations", place).iter();
            let keys = keys.filter(|(key, _)| {
                !["kind", "tenant", "version", "servers"].contains(&key.as_str())
            });
            all.extend(keys.map(|(key, value)| vec![put(&["locations", place, key], value)]));
        }
        if kind == "DkimSigningConfig" {
            let keys = self.draft.keys("domains", &domain).iter();
            let signs = keys.filter(|(key, _)| key == "dkim");
            all.extend(signs.map(|(key, value)| vec![put(&["domains", &domain, key], value)]));
        }
    }

    /// The route of a connector: the terms of its partner, its own keys, or that others manage it.
    pub(super) fn of_route(
        &self,
        now: &Now,
        key: &Key,
        object: &ObjectDrift,
        route: &Route,
        all: &mut Vec<Edits>,
    ) {
        let topology = &now.plan.topology;
        let (from, to) = (
            topology.party_name(route.from),
            topology.party_name(route.to),
        );
        let said = self.draft.said(key).map_or(&[][..], |(keys, _)| keys);
        let said: Vec<(&str, &str)> = said
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .filter(|(key, _)| !["name", "from", "to"].contains(key))
            .collect();
        let name = route.name.as_str();
        let is_missing = object.state == State::Missing;
        if route.is_written() {
            let path = ["routes", name];
            let at = |key: &'static str| [path[0], path[1], key];
            if is_missing {
                all.push(vec![gone(&path)]);
            }
            all.extend(
                said.iter()
                    .map(|(key, value)| vec![put(&[path[0], path[1], key], value)]),
            );
            all.push(
                said.iter()
                    .map(|(key, value)| put(&[path[0], path[1], key], value))
                    .collect(),
            );
            all.push(vec![gone(&at("enabled"))]);
            if said.contains(&("enabled", "false")) {
                all.push(self.off(now, route));
            }
            let nothing = put(&at("accepted_by"), "nothing");
            let others = put(&at("managed"), "false");
            all.push(vec![nothing.clone()]);
            // A lock that is open knows nobody, whatever it names.
            if object
                .properties
                .iter()
                .any(|at| at.name.starts_with("Restrict"))
            {
                all.push(vec![nothing, others.clone()]);
            }
            all.push(vec![others]);
            return;
        }
        let (partner, way) = match (route.from, route.to) {
            (_, Party::Partner(id)) => (Some(id), "outbound"),
            (Party::Partner(id), _) => (Some(id), "inbound"),
            _ => (None, ""),
        };
        if let Some(id) = partner {
            let partner = topology.partner(id);
            let at = |key: &'static str| ["partners", partner.name.as_str(), key];
            let mut levels = [
                ("inbound", partner.tls_inbound),
                ("outbound", partner.tls_outbound),
            ]
            .map(|(way, level)| (way, level.map(|level| level.value.to_string())));
            let found = said.iter().find(|(key, _)| *key == "tls");
            let level = found.map_or("opportunistic", |(_, level)| level);
            for (known, value) in &mut levels {
                if *known == way {
                    *value = Some(level.to_owned());
                }
            }
            let levels: Vec<String> = levels
                .iter()
                .filter_map(|(way, level)| Some(format!("{way}: {}", level.as_ref()?)))
                .collect();
            all.push(vec![put(&at("tls"), &format!("{{{}}}", levels.join(", ")))]);
            let of = |wanted: &str| said.iter().find(|(key, _)| *key == wanted).map(|at| at.1);
            let recipients = of("recipients").filter(|_| way == "outbound");
            all.extend(recipients.map(|list| vec![put(&at("domains"), list)]));
            let senders = of("senders").filter(|_| way == "inbound");
            all.extend(senders.map(|list| vec![put(&at("domains"), list)]));
            let hosts = of("smart_hosts").filter(|hosts| *hosts != "mx");
            all.extend(hosts.map(|list| vec![put(&at("hosts"), list)]));
            all.push(vec![gone(&at("hosts"))]);
            let known_by = of("accepted_by").unwrap_or_default();
            for key in ["certificate", "addresses"] {
                let value = known_by
                    .strip_prefix(&format!("{{{key}: "))
                    .and_then(|it| it.strip_suffix('}'));
                all.extend(value.map(|value| vec![put(&at(key), value)]));
            }
            let checked = self.draft.checked(key);
            all.extend(checked.map(|name| vec![put(&at("certificate"), &name)]));
            all.push(vec![put(&at("managed"), "false")]);
        }
        // A derived route is written, with as little as is needed.
        let item = |keys: &[(&str, &str)]| {
            let ends = [
                ("name", flow(name)),
                ("from", from.to_owned()),
                ("to", to.to_owned()),
            ];
            let own = keys.iter().map(|(key, value)| (*key, (*value).to_owned()));
            let keys: Vec<String> = ends
                .into_iter()
                .chain(own)
                .map(|(key, value)| format!("{key}: {value}"))
                .collect();
            let mut edits = vec![Operation::Item {
                section: "routes",
                value: format!("{{{}}}", keys.join(", ")),
            }];
            // A rule that names whom it leads to would have a route of its own beside this one.
            let rules = topology.rules.iter().filter(|rule| {
                route.only_by_rule
                    && Party::Location(rule.at.value) == route.from
                    && rule.route.value == RuleTarget::Party(route.to)
            });
            let path = |rule: &Rule| put(&["rules", &rule.name.value, "route"], &flow(name));
            edits.extend(rules.map(path));
            edits
        };
        let patterns: Vec<String> = route
            .recipients
            .iter()
            .map(|at| flow(&at.pattern.to_string()))
            .collect();
        let patterns = if patterns == ["accepted-domains"] {
            patterns.concat()
        } else {
            format!("[{}]", patterns.join(", "))
        };
        let plain = ("recipients", patterns.as_str());
        let mut base = vec![plain];
        if route.only_by_rule {
            base.push(("only_by_rule", "true"));
        }
        for (key, value) in &said {
            if *key == "recipients" {
                all.push(item(&[(key, value)]));
            } else {
                all.push(item(&[&base[..], &[(*key, *value)]].concat()));
            }
        }
        all.push(item(&said));
        let rest: Vec<(&str, &str)> = said
            .iter()
            .filter(|(key, _)| *key != "recipients")
            .copied()
            .collect();
        all.push(item(&[&base[..], &rest].concat()));
        if is_missing {
            all.push(item(&[&base[..], &[("accepted_by", "nothing")]].concat()));
        }
        all.push(item(&[&base[..], &[("managed", "false")]].concat()));
        let off = [("enabled", "false"), ("managed", "false")];
        all.push(item(&[&base[..], &off].concat()));
    }

    /// A route that is off, and with it the rules that lead there.
    fn off(&self, now: &Now, route: &Route) -> Edits {
        let topology = &now.plan.topology;
        let mut edits = vec![put(&["routes", &route.name, "enabled"], "false")];
        for rule in &topology.rules {
            let is_led = match rule.route.value {
                RuleTarget::Route(at) => topology
                    .routes
                    .get(at)
                    .and_then(|at| at.name.as_ref())
                    .is_some_and(|at| at.value == route.name),
                RuleTarget::Party(to) => to == route.to,
            };
            if !rule.enabled || !is_led || Party::Location(rule.at.value) != route.from {
                continue;
            }
            let name = rule.name.value.as_str();
            let place = topology.location(rule.at.value).name.as_str();
            let title = format!("TransportRule {name}");
            edits.push(put(&["rules", name, "enabled"], "false"));
            edits.push(put(&["rules", name, "managed"], "false"));
            edits.push(put(&["found", place, &title, "State"], "[\"Enabled\"]"));
        }
        edits
    }

    /// A route or rule of the draft as a new one of the spec, with those whom it names.
    pub(super) fn new_item(&self, now: &Now, key: &Key, section: &'static str) -> Vec<Edits> {
        let Some((keys, names)) = self.draft.said(key) else {
            return Vec::new();
        };
        let mut edits = Edits::new();
        let mut called: Vec<(String, String)> = Vec::new();
        for (kind, party, of_party) in self.draft.parties() {
            let is_meant = keys.iter().any(|(key, value)| {
                ["from", "to", "at"].contains(&key.as_str()) && *value == flow(party)
            });
            if !is_meant || self.has(now, party) {
                continue;
            }
            // Who is known under another name is not made twice.
            if let Some(known) = self.same_party(now, kind, of_party) {
                called.push((flow(party), flow(&known)));
                continue;
            }
            edits.push(Operation::Entry {
                section: kind,
                name: party.clone(),
                value: crate::draft::mapping(of_party),
            });
        }
        let rename = |value: &str| {
            let found = called.iter().find(|(old, _)| old == value);
            found.map_or(value, |(_, new)| new).to_owned()
        };
        let mut keys: Vec<(String, String)> = keys
            .iter()
            .map(|(key, value)| match key.as_str() {
                "from" | "to" | "at" => (key.clone(), rename(value)),
                "route" => (key.clone(), self.route_called(now, &key_of(value), value)),
                _ => (key.clone(), value.clone()),
            })
            .collect();
        let mut named = Edits::new();
        for (location, derived, existing) in names {
            let mut derived = derived.clone();
            for (old, new) in &called {
                let (old, new) = (old.trim_matches('"'), new.trim_matches('"'));
                derived = derived.replace(&format!(" from {old}"), &format!(" from {new}"));
            }
            if derived != *existing {
                named.push(put(&["names", location, &derived], &flow(existing)));
            }
        }
        let mut all = Vec::new();
        for managed in [true, false] {
            if !managed {
                keys.push(("managed".to_owned(), "false".to_owned()));
            }
            let item = Operation::Item {
                section,
                value: crate::draft::mapping(&keys),
            };
            let mut whole = edits.clone();
            whole.push(item);
            let plain = whole.clone();
            whole.extend(named.iter().cloned());
            all.push(whole);
            if !named.is_empty() {
                all.push(plain);
            }
        }
        all
    }

    /// What a rule calls the route that this connector is of.
    fn route_called(&self, now: &Now, connector: &str, value: &str) -> String {
        for (at, _) in now.plan.topology.locations() {
            let routes = drift::routes_of(&now.plan, at, "OutboundConnector", connector);
            if let Some(id) = routes.first() {
                let route = now.plan.route(*id);
                return if route.is_written() {
                    flow(&route.name)
                } else {
                    flow(now.plan.topology.party_name(route.to))
                };
            }
        }
        value.to_owned()
    }
}
