//! Edits of a spec that bring it nearer to what exists. Each is tried before it is kept: less may differ then, and at
//! locations without an export nothing else may be written.

use crate::compile::{Input, Overlay, drafted, fold, plan};
use crate::draft::{Draft, Key, Part, is_of_zones};
use crate::drift::{self, ObjectDrift, State};
use crate::finding::{Code, Operation};
use crate::output::Sink;
use crate::plan::Plan;
use crate::platforms::desired;
use crate::routes::Route;
use crate::source::Sources;
use crate::topology::{Party, Rule, RuleTarget};
use crate::values::Date;
use std::collections::{BTreeMap, BTreeSet};

/// So many edits are made in one run.
const MOST_EDITS: usize = 200;

/// A spec after edits.
pub(crate) struct Amended {
    /// The new texts of the files that changed, by name.
    pub(crate) texts: BTreeMap<String, String>,
    /// What was done, in words.
    pub(crate) done: Vec<String>,
    /// What is otherwise still, each with its location.
    pub(crate) left: Vec<(String, ObjectDrift)>,
    /// What the exports came to alone.
    pub(crate) draft: Draft,
}

/// What edits of a spec are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Everything is as it exists.
    Adopt,
    /// What exists and the spec does not have is added; what the spec says stays.
    Merge,
}

/// Amends a spec by exports of what exists; nothing where it has mistakes.
pub(crate) fn amend(
    input: &Input<'_>,
    parts: &[Part],
    aim: Aim,
    today: Date,
) -> Result<Option<Amended>, String> {
    let draft = drafted(parts, &BTreeSet::new(), &mut BTreeMap::new(), today);
    let draft = match (draft, aim) {
        (Ok((draft, _)), _) => draft,
        (Err(why), Aim::Merge) => return Err(why),
        // Nobody can say then what an object would be in the language; that others manage it can be said still.
        (Err(_), Aim::Adopt) => Draft::default(),
    };
    let mut work = Work {
        input,
        parts,
        aim,
        today,
        draft: &draft,
        known: BTreeSet::new(),
        elsewhere: None,
    };
    let Some(mut now) = work.look(BTreeMap::new()) else {
        return Ok(None);
    };
    work.known.clone_from(&now.mistakes);
    work.elsewhere = Some(work.elsewhere(&now.plan));
    let mut done = Vec::new();
    let mut refused = Vec::new();
    if aim == Aim::Merge {
        for part in parts.iter().filter(|part| !is_of_zones(&part.export)) {
            let mut locations = now.plan.topology.locations();
            let known = locations.find(|(_, at)| at.name == part.location);
            if known.is_some_and(|(at, _)| desired(&now.plan, at, Sink::Refusals).is_none()) {
                return Err(format!(
                    "the spec has `{}` already, and only exports of Exchange are compared so far: import it into a folder of its own",
                    part.location
                ));
            }
        }
        now = work.add_parties(now, &mut done, &mut refused);
    }
    while done.len() < MOST_EDITS {
        let Some((better, edits)) = work.better(&now) else {
            break;
        };
        done.extend(edits.iter().map(ToString::to_string));
        now = better;
    }
    let name = |at| now.plan.topology.location(at).name.clone();
    let left = now.objects.iter().filter(|object| object.state.differs());
    let left = left.map(|object| (name(object.at), object.clone()));
    let left = left.collect();
    let texts = now.texts;
    let mut draft = draft;
    for zone in refused {
        draft.leave_zone(parts, &zone);
    }
    Ok(Some(Amended {
        texts,
        done,
        left,
        draft,
    }))
}

/// What is edited, and by what edits are judged.
struct Work<'w> {
    input: &'w Input<'w>,
    parts: &'w [Part],
    aim: Aim,
    today: Date,
    draft: &'w Draft,
    /// Mistakes that the spec had before.
    known: BTreeSet<Code>,
    /// What is written at locations without an export.
    elsewhere: Option<fold::Written>,
}

/// The spec after some edits.
struct Now {
    texts: BTreeMap<String, String>,
    sources: Sources,
    plan: Plan,
    mistakes: BTreeSet<Code>,
    objects: Vec<ObjectDrift>,
    /// How much differs from what exists.
    left: usize,
}

/// Edits that belong together.
type Edits = Vec<Operation>;

impl Work<'_> {
    /// The spec with other texts; nothing where it is not understood.
    fn look(&self, texts: BTreeMap<String, String>) -> Option<Now> {
        let files = Overlay {
            base: self.input.files,
            texts: &texts,
        };
        let bytes = texts.get(self.input.name).map(String::as_bytes);
        let input = Input {
            name: self.input.name,
            bytes: bytes.unwrap_or(self.input.bytes),
            files: &files,
        };
        let checked = plan(&input, Some(self.today));
        let mistakes = checked.findings.iter().filter(|it| it.is_open_error());
        let mistakes: BTreeSet<Code> = mistakes.map(|finding| finding.check).collect();
        let plan = checked.plan?;
        let mut objects = Vec::new();
        for (at, location) in plan.topology.locations() {
            let part = self
                .parts
                .iter()
                .find(|part| part.location == location.name);
            objects.extend(
                part.map(|part| drift::objects(&plan, at, &part.export))
                    .unwrap_or_default(),
            );
        }
        if self.aim == Aim::Merge {
            objects.iter_mut().for_each(ObjectDrift::without_comments);
        }
        let weight = |object: &ObjectDrift| match object.state {
            State::AsCompiled | State::NotExported => 0,
            State::Missing | State::Unknown => 1,
            State::Differs => object.properties.len(),
        };
        let left = objects.iter().map(weight).sum();
        Some(Now {
            texts,
            sources: checked.sources,
            plan,
            mistakes,
            objects,
            left,
        })
    }

    /// What is written at the locations that no export is of.
    fn elsewhere(&self, plan: &Plan) -> fold::Written {
        let is_exported = |name: &str| self.parts.iter().any(|part| part.location == name);
        fold::written(plan, &|name| !is_exported(name))
    }

    /// The spec after edits, if it is understood and nothing else is written elsewhere.
    fn tried(&self, now: &Now, edits: &[Operation]) -> Option<Now> {
        let mut texts = now.texts.clone();
        let mut sources = now.sources.clone();
        for operation in edits {
            let edit = crate::fix::edit(&sources, operation)?;
            let mut after = Sources::default();
            for (_, file) in sources.iter() {
                if file.name == edit.file {
                    let text = crate::fix::applied(&file.text, &edit)?;
                    after.add(&*file.name, &*text);
                    texts.insert(file.name.clone(), text);
                } else {
                    after.add(&*file.name, &*file.text);
                }
            }
            sources = after;
        }
        let after = self.look(texts)?;
        let is_same = |known: &fold::Written| {
            // What is new there is of what was added; nothing that was there may change.
            let other = self.elsewhere(&after.plan);
            known
                .iter()
                .all(|(key, value)| other.get(key) == Some(value))
                && (self.aim == Aim::Merge || other.len() == known.len())
        };
        let is_fine =
            after.mistakes.is_subset(&self.known) && self.elsewhere.as_ref().is_none_or(is_same);
        is_fine.then_some(after)
    }

    /// The first edits of all that are proposed after which less differs.
    fn better(&self, now: &Now) -> Option<(Now, Edits)> {
        let objects = now.objects.iter().filter(|object| match self.aim {
            // Who manages an object is not asked because of its comment.
            Aim::Adopt => {
                let is_comment = |at: &drift::PropertyDrift| at.name.starts_with("Comment");
                object.state.differs()
                    && (object.state != State::Differs || !object.properties.iter().all(is_comment))
            }
            Aim::Merge => object.state == State::Unknown,
        });
        for object in objects {
            for edits in self.proposed(now, object) {
                let after = self.tried(now, &edits);
                if let Some(after) = after.filter(|after| after.left < now.left) {
                    return Some((after, edits));
                }
            }
        }
        None
    }

    /// The key of an object in the draft.
    fn key(&self, now: &Now, object: &ObjectDrift) -> Key {
        let place = now.plan.topology.location(object.at).name.clone();
        let name = object.live.as_ref().map_or(&object.name, |live| &live.name);
        (place, object.kind.clone(), name.clone())
    }

    /// Edits that could make an object as it exists, the smallest first.
    fn proposed(&self, now: &Now, object: &ObjectDrift) -> Vec<Edits> {
        let key = self.key(now, object);
        let mut all = Vec::new();
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
                all.push(vec![put(&[&path[..], &["managed"]].concat(), "false")]);
            }
            (_, State::Unknown) => all.extend(self.new_item(now, &key, "routes")),
            _ => {
                for id in drift::routes_of(&now.plan, object.at, &object.kind, &object.planned) {
                    self.of_route(now, &key, object, now.plan.route(id), &mut all);
                }
            }
        }
        self.of_place(&key, &mut all);
        all
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
    fn of_route(
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
            all.push(vec![put(&at("accepted_by"), "nothing")]);
            all.push(vec![put(&at("managed"), "false")]);
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

    /// A route or rule of the draft as a new one of the spec, with those whom it names.
    fn new_item(&self, now: &Now, key: &Key, section: &'static str) -> Vec<Edits> {
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

    fn has(&self, now: &Now, party: &str) -> bool {
        let topology = &now.plan.topology;
        topology.locations().any(|(_, at)| at.name == party)
            || topology.partners().any(|(_, at)| at.name == party)
            || topology.devices().any(|(_, at)| at.name == party)
    }

    /// The party of the spec that an entry of the draft is: a partner with a domain or the certificate of it, a location with a
    /// host or a certificate of it.
    fn same_party(&self, now: &Now, kind: &str, keys: &[(String, String)]) -> Option<String> {
        let of = |key: &str| -> Vec<String> {
            let value = keys
                .iter()
                .find(|(name, _)| name == key)
                .map_or("", |at| &at.1);
            crate::draft::items(value)
                .iter()
                .map(|item| key_of(item))
                .filter(|item| !item.is_empty())
                .collect()
        };
        let topology = &now.plan.topology;
        let (domains, hosts, certificate) = (of("domains"), of("hosts"), of("certificate"));
        if kind == "partners" {
            let found = topology.partners().find(|(_, partner)| {
                partner
                    .domains
                    .iter()
                    .any(|at| domains.contains(&at.value.to_string()))
            });
            return found.map(|(_, partner)| partner.name.clone());
        }
        if kind == "locations" {
            let found = topology.locations().find(|(_, location)| {
                let mut own = location
                    .hosts
                    .iter()
                    .map(|host| host.value.target.to_string());
                own.any(|host| hosts.contains(&host) || certificate.contains(&host))
            });
            return found.map(|(_, location)| location.name.clone());
        }
        None
    }

    /// Adds the locations and domains that the spec does not have, with whom they name.
    fn add_parties(&self, mut now: Now, done: &mut Vec<String>, refused: &mut Vec<String>) -> Now {
        let mut wanted: Vec<(&'static str, &String)> = Vec::new();
        let parts = self.parts.iter().filter(|part| !is_of_zones(&part.export));
        wanted.extend(parts.map(|part| ("locations", &part.location)));
        wanted.extend(self.draft.domain_names().map(|name| ("domains", name)));
        let mut edits: Vec<(String, Operation)> = Vec::new();
        let mut open: Vec<(&'static str, String)> = wanted
            .into_iter()
            .map(|(section, name)| (section, name.clone()))
            .collect();
        while let Some((section, name)) = open.pop() {
            // A name that a location accepts already needs no domain of its own.
            let is_accepted = |object: &ObjectDrift| {
                object.kind == "AcceptedDomain"
                    && object.name.eq_ignore_ascii_case(&name)
                    && matches!(object.state, State::AsCompiled | State::Differs)
            };
            let is_there = match section {
                "domains" => {
                    now.objects.iter().any(is_accepted)
                        || now
                            .plan
                            .topology
                            .domains
                            .iter()
                            .any(|at| at.name.to_string() == name)
                }
                _ => self.has(&now, &name),
            };
            let keys = self.draft.keys(section, &name);
            if is_there
                || keys.is_empty()
                || edits
                    .iter()
                    .any(|(known, _)| *known == format!("{section} {name}"))
            {
                continue;
            }
            for (section, party, _) in self.draft.parties() {
                let mut values = keys
                    .iter()
                    .filter(|(key, _)| crate::draft::names_parties(key));
                if values.any(|(_, value)| crate::draft::mentions(value, &flow(party))) {
                    open.push((section, party.clone()));
                }
            }
            let section_of = if section == "domains" {
                "domains"
            } else {
                section
            };
            edits.push((
                format!("{section} {name}"),
                Operation::Entry {
                    section: section_of,
                    name,
                    value: crate::draft::mapping(keys),
                },
            ));
        }
        edits.reverse();
        let all: Edits = edits.iter().map(|(_, edit)| edit.clone()).collect();
        // One of them may be in the way: the others are added all the same.
        let each = edits.into_iter().map(|(_, edit)| vec![edit]);
        let each: Vec<Edits> = match self.tried(&now, &all) {
            Some(after) => {
                done.extend(all.iter().map(ToString::to_string));
                now = after;
                Vec::new()
            }
            None => each.collect(),
        };
        let hosts = self.draft.of_hosts(self.parts);
        let of_hosts = hosts.iter().map(|key| self.new_item(&now, key, "routes"));
        let of_hosts: Vec<Vec<Edits>> = of_hosts.collect();
        for edits in each.into_iter().map(|edits| vec![edits]).chain(of_hosts) {
            let mut edits = edits.into_iter();
            if let Some((after, edits)) =
                edits.find_map(|edits| Some((self.tried(&now, &edits)?, edits)))
            {
                done.extend(edits.iter().map(ToString::to_string));
                now = after;
            }
        }
        for (zone, value) in self.draft.zone_values() {
            let edits = vec![put(&["dns", "zones", &zone], &value)];
            let is_there = now
                .plan
                .topology
                .dns
                .zones
                .keys()
                .any(|name| name.to_string() == zone);
            match self.tried(&now, &edits).filter(|_| !is_there) {
                Some(after) => {
                    done.extend(edits.iter().map(ToString::to_string));
                    now = after;
                }
                None => refused.push(zone),
            }
        }
        now
    }
}

/// The text of a value that is written.
fn key_of(value: &str) -> String {
    serde_json::from_str(value).unwrap_or_else(|_| value.to_owned())
}

/// A text as it is written.
fn flow(text: &str) -> String {
    crate::draft::quoted(text)
}

fn put(path: &[&str], value: &str) -> Operation {
    Operation::At {
        path: path.iter().map(|key| (*key).to_owned()).collect(),
        value: Some(value.to_owned()),
    }
}

fn gone(path: &[&str]) -> Operation {
    Operation::At {
        path: path.iter().map(|key| (*key).to_owned()).collect(),
        value: None,
    }
}
