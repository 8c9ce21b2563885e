//! Connectors of all locations, joined: what one location sends and another takes is one route.
//!
//! Who stands at the other end is decided by the properties of a connector, never by its name. An end that is not imported
//! becomes a location, a partner or a device of its own.

use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Connectors, Draft, Item, Key, Pairs, Part, postfix};
use crate::values::Environment;
use std::collections::{BTreeMap, BTreeSet};

/// Who stands at the other end of a connector, as far as it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Servers of the same organization.
    Own,
    /// A tenant.
    Tenant,
    /// Others.
    Partner,
    /// Whoever the MX of the recipient's domain names.
    Internet,
}

/// A connector that takes mail out of a location.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    pub(super) at: String,
    pub(super) object: Key,
    pub(super) to: End,
    /// Its smart hosts, without ports.
    pub(super) hosts: Vec<String>,
    /// The name that the other end's certificate must have.
    pub(super) checked: String,
    /// The domains that it is for.
    pub(super) patterns: Vec<String>,
    /// What the route says, but for its ends.
    pub(super) keys: Pairs,
    /// Whether it marks its mail with the cross-premises headers.
    pub(super) headers: bool,
    pub(super) enabled: bool,
    /// All mail of a tenant makes the detour over it.
    pub(super) is_detour: bool,
    pub(super) of_wizard: bool,
}

/// A connector that takes mail into a location; at servers, on each of them.
#[derive(Clone, Debug)]
pub(super) struct Receiving {
    pub(super) at: String,
    pub(super) objects: Vec<Key>,
    pub(super) name: String,
    pub(super) from: End,
    /// How it knows its sender: the text of `accepted_by`.
    pub(super) known_by: String,
    pub(super) certificate: String,
    pub(super) addresses: Vec<String>,
    /// The domains of its senders.
    pub(super) senders: Vec<String>,
    /// What a route says because of it, whoever sends.
    pub(super) keys: Pairs,
    /// What a route of its own says besides.
    pub(super) alone: Pairs,
    pub(super) headers: bool,
    pub(super) trusted: bool,
    pub(super) enabled: bool,
    /// At servers: whether its clients may write to everybody.
    pub(super) relays: Option<bool>,
    pub(super) of_wizard: bool,
}

/// What connectors of others say about a location.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Where it is handed mail.
    pub(super) hosts: Vec<String>,
    /// The names that others check on its certificate.
    pub(super) checked: Vec<String>,
    /// Where its mail comes from.
    pub(super) egress: Vec<String>,
    /// The location that all of its mail for outside makes a detour over.
    pub(super) detour: Option<String>,
    /// The hybrid wizard joined it with the imported servers.
    pub(super) has_wizard: bool,
    /// The locations that alone may bring mail of external senders, where the servers take none from others.
    pub(super) only_from: Vec<String>,
}

/// Adds the routes of all connectors; gives what they say about each imported location.
pub(super) fn join(draft: &mut Draft, parts: &[&Part], connectors: Connectors) -> Vec<Known> {
    let mut known = vec![Known::default(); parts.len()];
    let places: Vec<Place> = parts.iter().map(|part| Place::of(part)).collect();
    let Connectors {
        sending,
        mut receiving,
    } = connectors;
    // The senders that are imported, by the connector that takes their mail.
    let sender: Vec<Option<usize>> = receiving.iter().map(|at| sender_of(&places, at)).collect();
    let halves = halves(&places, &sending, &receiving);
    if let Some((tenant, servers)) = halves {
        known[tenant].has_wizard = true;
        draft.halves = Some((places[tenant].name.clone(), places[servers].name.clone()));
        // By it the servers take the tenant's mail, and nobody but the wizard makes or changes it.
        let is_theirs = |at: &&Receiving| at.at == places[servers].name && at.from == End::Tenant;
        let theirs = receiving.iter().filter(is_theirs);
        draft
            .of_wizard
            .extend(theirs.flat_map(|at| at.objects.iter().cloned()));
    }
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut joined: BTreeSet<(usize, usize)> = BTreeSet::new();
    let receivers: Vec<Option<usize>> = sending
        .iter()
        .map(|from| receiver_of(&places, &sending, from))
        .collect();
    for (from, to) in sending.into_iter().zip(receivers) {
        let here = places.iter().position(|place| place.name == from.at);
        let to = to.filter(|to| Some(*to) != here);
        let (Some(here), Some(to)) = (here, to) else {
            alone_out(draft, &mut known, &places, from);
            continue;
        };
        let is_joined = halves.is_some_and(|(tenant, servers)| {
            [(tenant, servers), (servers, tenant)].contains(&(here, to))
        });
        // Between the halves of a hybrid organization everything is the wizard's.
        if is_joined && places[here].is_tenant && !from.of_wizard {
            alone_out(draft, &mut known, &places, from);
            continue;
        }
        let fits = |index: &usize| {
            receiving.get(*index).is_some_and(|at| {
                sender.get(*index) == Some(&Some(here))
                    && at.at == places[to].name
                    && at.of_wizard == is_joined
                    && at.enabled == from.enabled
                    && (is_joined || at.agrees(&from))
                    && (places[here].is_tenant
                        || at.trusted
                        || at.relays.is_none_or(|relays| relays == from.is_for_all()))
            })
        };
        let mut fitting: Vec<usize> = (0..receiving.len()).filter(fits).collect();
        // What knows the sender by its certificate comes before what may be anybody's.
        let is_certain = |index: &usize| {
            let at = receiving.get(*index);
            at.is_some_and(|at| places[here].has(&at.certificate))
        };
        fitting.sort_by_key(|index| !is_certain(index));
        let fresh = fitting.iter().find(|index| !used.contains(index));
        // Of several only one can be told by the name that the compiler gives it; the others are read as somebody else's.
        let is_first = joined.insert((here, to));
        let fresh = fresh.filter(|_| is_first || is_joined);
        let chosen = fresh.or(fitting.iter().find(|index| used.contains(index)));
        // A server always takes the mail of a tenant by a connector of its own.
        if chosen.is_none()
            && !is_joined
            && places[here].is_tenant
            && !places[to].is_tenant
            && places[to].has_receivers
        {
            alone_out(draft, &mut known, &places, from);
            continue;
        }
        known[to].hosts.extend(from.hosts.iter().cloned());
        if !from.checked.is_empty() {
            // Where a connector names addresses alone, the first name of the certificate is what it checks.
            let is_first = from.hosts.iter().all(|host| is_address(host));
            let checked = &mut known[to].checked;
            let at = if is_first { 0 } else { checked.len() };
            checked.insert(at, from.checked.clone());
        }
        if from.is_detour {
            known[here].detour = Some(places[to].name.clone());
        }
        let to_name = places[to].name.clone();
        let mut item = out(draft, &from, &to_name);
        if from.of_wizard {
            draft.of_wizard.insert(from.object.clone());
        }
        let Some(&index) = chosen else {
            if is_joined {
                draft.routes.push(item);
                continue;
            }
            item.keys.push(pair("accepted_by", "nothing"));
            item.keys.push(pair("hybrid_headers", "false"));
            draft.routes.push(item);
            continue;
        };
        let at = &receiving[index];
        if used.insert(index) {
            let derived = format!("{to_name} from {}", from.at);
            // No route may have the name by which this connector is told.
            draft.route_names.insert(derived.to_lowercase());
            if is_joined {
                draft.of_wizard.extend(at.objects.iter().cloned());
            } else if derived != at.name {
                item.names.push((to_name, derived, at.name.clone()));
            }
            known[here].egress.extend(at.addresses.iter().cloned());
        }
        item.objects.extend(at.objects.iter().cloned());
        item.keys.push(pair("accepted_by", at.known_by.clone()));
        let headers = from.headers || at.headers;
        item.keys.push(pair("hybrid_headers", headers.to_string()));
        if at.trusted {
            item.keys.push(pair("trusted", "true"));
        }
        item.keys.extend(at.keys.iter().cloned());
        draft.routes.push(item);
    }
    let mut index = 0;
    receiving.retain(|_| {
        index += 1;
        !used.contains(&(index - 1))
    });
    receiving.retain(|at| !at.objects.iter().any(|key| draft.of_wizard.contains(key)));
    for at in receiving {
        alone_in(draft, &mut known, &places, at);
    }
    known
}

/// An imported location, and what it is known by.
struct Place {
    name: String,
    is_tenant: bool,
    /// Its connectors for what it takes are written.
    has_receivers: bool,
    /// Names of its hosts and on its certificates; of a tenant what its MX hosts begin with.
    names: BTreeSet<String>,
    /// It takes mail of external senders from nobody that no connector names.
    is_locked: bool,
}

impl Place {
    fn of(part: &Part) -> Self {
        let export = &part.export;
        let is_postfix = postfix::is_of_postfix(export);
        let is_tenant = !export.is_of_servers() && !is_postfix;
        let mut names = BTreeSet::new();
        if is_tenant {
            let domains = export.of_kind("AcceptedDomain");
            names.extend(domains.map(|domain| domain.name.to_lowercase().replace('.', "-")));
        } else if is_postfix {
            names.extend(postfix::names(export));
        } else {
            names.extend(super::server::names(export));
        }
        Self {
            name: part.location.clone(),
            is_tenant,
            has_receivers: !is_postfix,
            names,
            is_locked: export.is_of_servers() && super::server::is_locked(export),
        }
    }

    /// Whether it has a name: itself, or a certificate for all names beside it.
    fn has(&self, name: &str) -> bool {
        let wildcard = name.split_once('.').map(|(_, rest)| format!("*.{rest}"));
        self.names.contains(name) || wildcard.is_some_and(|name| self.names.contains(&name))
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

/// What stands before the suffix of the MX hosts of tenants.
pub(super) fn tenant_label(host: &str) -> Option<&str> {
    const ALL: [Environment; 3] = [
        Environment::Worldwide,
        Environment::GccHigh,
        Environment::China,
    ];
    ALL.iter()
        .find_map(|environment| host.strip_suffix(environment.mx_suffix()))
}

/// The tenant and the servers that the hybrid wizard joined: it made connectors in both directions.
fn halves(
    places: &[Place],
    sending: &[Sending],
    receiving: &[Receiving],
) -> Option<(usize, usize)> {
    let tenant = only(places, |place| {
        place.is_tenant
            && sending.iter().any(|at| at.of_wizard && at.at == place.name)
            && receiving
                .iter()
                .any(|at| at.of_wizard && at.at == place.name)
    })?;
    let servers = only(places, |place| !place.is_tenant)?;
    let leads_back =
        |at: &Sending| at.at == places[servers].name && named_receiver(places, at) == Some(tenant);
    sending.iter().any(leads_back).then_some((tenant, servers))
}

/// The only one that fits, if it is the only one.
fn only(places: &[Place], fits: impl Fn(&Place) -> bool) -> Option<usize> {
    let mut fitting = places.iter().enumerate().filter(|(_, place)| fits(place));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first.0)
}

/// The imported location that a connector leads to.
fn receiver_of(places: &[Place], all: &[Sending], from: &Sending) -> Option<usize> {
    named_receiver(places, from).or_else(|| {
        // A tenant says of a connector that it leads to own servers, and one place alone can have them; but where another
        // connector fits that place better, this one leads to servers that are not imported.
        let is_tenant = places
            .iter()
            .any(|place| place.is_tenant && place.name == from.at);
        let to = only(places, |place| !place.is_tenant && place.name != from.at)?;
        let mut others = all.iter().filter(|other| other.at == from.at);
        let is_better = others.any(|other| {
            let is_without_names = other.to == End::Own && !other.says_names();
            named_receiver(places, other) == Some(to) || (is_without_names && from.says_names())
        });
        (is_tenant && from.to == End::Own && !is_better).then_some(to)
    })
}

/// The imported location that has the names which a connector says.
fn named_receiver(places: &[Place], from: &Sending) -> Option<usize> {
    if let Some(label) = from.hosts.iter().find_map(|host| tenant_label(host)) {
        let by_label = only(places, |place| {
            place.is_tenant && place.names.contains(label)
        });
        return by_label.or_else(|| only(places, |place| place.is_tenant));
    }
    let is_other = |place: &Place| !place.is_tenant && place.name != from.at;
    let names = || {
        from.hosts
            .iter()
            .chain(Some(&from.checked).filter(|name| !name.is_empty()))
    };
    let by_name = only(places, |place| {
        is_other(place) && names().any(|name| place.names.contains(name))
    });
    by_name.or_else(|| {
        only(places, |place| {
            is_other(place) && names().any(|name| place.has(name))
        })
    })
}

fn sender_of(places: &[Place], at: &Receiving) -> Option<usize> {
    let is_other = |place: &Place| !place.is_tenant && place.name != at.at;
    match at.from {
        End::Tenant => only(places, |place| place.is_tenant),
        End::Own if at.certificate.is_empty() => only(places, is_other),
        End::Own => only(places, |place| {
            is_other(place) && place.names.contains(&at.certificate)
        })
        .or_else(|| {
            only(places, |place| {
                is_other(place) && place.has(&at.certificate)
            })
        })
        .or_else(|| only(places, is_other)),
        End::Partner | End::Internet => None,
    }
}

impl Receiving {
    /// Whether one route can say what both ends do with the cross-premises headers. Who is known by addresses alone may send
    /// them in vain.
    fn agrees(&self, from: &Sending) -> bool {
        let is_in_vain = from.headers && self.known_by.contains("addresses");
        self.headers == from.headers || is_in_vain
    }
}

impl Sending {
    /// Whether it says a name of the other end, and not only addresses.
    fn says_names(&self) -> bool {
        !self.checked.is_empty() || self.hosts.iter().any(|host| !is_address(host))
    }

    fn is_for_all(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern == "*")
    }
}

/// The sending half of a route.
fn out(draft: &mut Draft, from: &Sending, to: &str) -> Item {
    let (location, _, existing) = &from.object;
    // What the wizard made at a tenant is found by what it is, so that its name is left to others.
    let between = format!("{} to {to}", from.at);
    let (name, is_existing) = if from.of_wizard && draft.halves.is_some() {
        (draft.route_name(&between).0, true)
    } else {
        draft.route_name(existing)
    };
    let mut keys = vec![
        pair("name", quoted(&name)),
        pair("from", quoted(&from.at)),
        pair("to", quoted(to)),
    ];
    keys.extend(from.keys.iter().cloned());
    let is_named = is_existing || from.object.1 == "table";
    let names = (!is_named).then(|| (location.clone(), name, existing.clone()));
    for pattern in &from.patterns {
        let key = (from.at.clone(), pattern.clone());
        draft.leads.insert(key, to.to_owned());
    }
    Item {
        objects: vec![from.object.clone()],
        keys,
        names: names.into_iter().collect(),
    }
}

/// A connector that leads to somebody who is not imported.
fn alone_out(draft: &mut Draft, known: &mut [Known], places: &[Place], from: Sending) {
    let existing = from.object.2.clone();
    let mut headers = None;
    let to = match from.to {
        End::Internet => "internet".to_owned(),
        End::Own => {
            let mut keys = vec![pair("kind", "smtp"), pair("hosts", list(&from.hosts))];
            if !from.checked.is_empty() {
                keys.push(pair("certificate", quoted(&from.checked)));
            }
            headers = Some(from.headers);
            let found = draft.locations.iter().find(|(_, known)| **known == keys);
            if let Some((name, _)) = found {
                name.clone()
            } else {
                let wanted = from.hosts.first().unwrap_or(&existing);
                let name = draft.name(wanted);
                draft.assumed.push(format!(
                    "`{name}` is a mail server of yours that is not imported: {} `{existing}` leads to it",
                    from.object.1
                ));
                draft.locations.insert(name.clone(), keys);
                name
            }
        }
        End::Partner | End::Tenant => {
            let name = draft.name(&existing);
            let domains = from
                .patterns
                .iter()
                .filter(|pattern| pattern.as_str() != "*");
            let mut keys = vec![pair("domains", list(domains))];
            if !from.checked.is_empty() {
                keys.push(pair("certificate", quoted(&from.checked)));
            }
            draft.partners.insert(name.clone(), keys);
            if from.to == End::Tenant {
                draft.assumed.push(format!(
                    "`{name}` is a tenant that is not imported: import it beside the others, or name its location in the route"
                ));
            }
            name
        }
    };
    let place = places.iter().position(|place| place.name == from.at);
    if let Some(known) = place
        .and_then(|at| known.get_mut(at))
        .filter(|_| from.is_detour)
    {
        known.detour = Some(to.clone());
    }
    let mut item = out(draft, &from, &to);
    if let Some(headers) = headers {
        item.keys.push(pair("hybrid_headers", headers.to_string()));
    }
    draft.made_of.entry(to).or_default().push(from.object);
    draft.routes.push(item);
}

/// A connector that takes mail of somebody who is not imported.
fn alone_in(draft: &mut Draft, known: &mut [Known], places: &[Place], at: Receiving) {
    let from = draft.name(&at.name);
    let place = places.iter().position(|place| place.name == at.at);
    let place = place.and_then(|index| Some((places.get(index)?, known.get_mut(index)?)));
    let what = at.objects.first().map_or("", |key| key.1.as_str());
    let mut keys = Vec::new();
    if !at.certificate.is_empty() {
        keys.push(pair("certificate", quoted(&at.certificate)));
    }
    match (at.from, at.relays, place) {
        // Servers that take mail of external senders from these alone.
        (_, Some(false), Some((place, known))) if place.is_locked && !at.trusted => {
            keys.splice(
                0..0,
                [pair("kind", "smtp"), pair("egress", list(&at.addresses))],
            );
            known.only_from.push(from.clone());
            draft.locations.insert(from.clone(), keys);
        }
        (_, Some(relays), _) => {
            let keys = vec![
                pair("addresses", list(&at.addresses)),
                pair("sends_as", list(["*"])),
                pair("sends_to", if relays { "anyone" } else { "internal" }),
                pair("method", "relay"),
                pair("via", quoted(&at.at)),
            ];
            draft.assumed.push(format!(
                "`{from}` is a device: {what} `{}` takes its mail, and nothing says what it is",
                at.name
            ));
            draft.devices.insert(from.clone(), keys);
        }
        (End::Own | End::Tenant, None, _) => {
            keys.insert(0, pair("kind", "smtp"));
            if !at.addresses.is_empty() {
                keys.push(pair("egress", list(&at.addresses)));
            }
            draft.assumed.push(format!(
                "`{from}` is a mail server of yours that is not imported: {what} `{}` takes its mail",
                at.name
            ));
            draft.locations.insert(from.clone(), keys);
        }
        (End::Partner | End::Internet, None, _) => {
            let domains = at.senders.iter().filter(|pattern| pattern.as_str() != "*");
            keys.insert(0, pair("domains", list(domains)));
            if !at.addresses.is_empty() {
                keys.push(pair("addresses", list(&at.addresses)));
            }
            draft.partners.insert(from.clone(), keys);
        }
    }
    let (name, is_existing) = draft.route_name(&at.name);
    // A tenant's connector is called as the route is, a server's by who sends.
    let derived = match at.relays {
        None => name.clone(),
        Some(_) => format!("{} from {from}", at.at),
    };
    let is_named = if at.relays.is_none() {
        is_existing
    } else {
        derived == at.name
    };
    let mut keys = vec![
        pair("name", quoted(&name)),
        pair("from", quoted(&from)),
        pair("to", quoted(&at.at)),
    ];
    let recipients = if at.relays == Some(false) {
        "accepted-domains".to_owned()
    } else {
        list(["*"])
    };
    keys.push(pair("recipients", recipients));
    keys.push(pair("accepted_by", at.known_by.clone()));
    keys.extend(at.alone);
    if at.from == End::Own && at.relays.is_none() || at.relays.is_some() && at.headers {
        // Who is not known keeps no headers.
        let headers = at.headers && at.known_by != "nothing";
        keys.push(pair("hybrid_headers", headers.to_string()));
    }
    if at.trusted {
        keys.push(pair("trusted", "true"));
    }
    keys.extend(at.keys);
    if !at.enabled {
        keys.push(pair("enabled", "false"));
    }
    draft.made_of.insert(from, at.objects.clone());
    let names = (!is_named).then_some((at.at, derived, at.name));
    draft.routes.push(Item {
        objects: at.objects,
        keys,
        names: names.into_iter().collect(),
    });
}

/// What is known of a domain.
#[derive(Default)]
struct OfDomain {
    /// The location that holds its mailboxes best so far, and how well.
    holder: Option<(u8, String)>,
    mx: Vec<String>,
    signs: Vec<String>,
    /// The locations that are authoritative for it.
    owners: Vec<String>,
}

/// The domains that any imported location accepts, and those whose zone says where their mail enters. A zone in which there is
/// none of them is one without mail.
pub(super) fn domains(
    draft: &mut Draft,
    parts: &[&Part],
    entries: BTreeMap<String, Vec<String>>,
    zones: &[&String],
) {
    let places: Vec<Place> = parts.iter().map(|part| Place::of(part)).collect();
    let mut all: BTreeMap<String, OfDomain> = BTreeMap::new();
    for part in parts {
        let location = &part.location;
        let own = super::tenant::own_domains(&part.export);
        for object in part.export.of_kind("AcceptedDomain") {
            let name = object.name.to_lowercase();
            let is_base = crate::values::DomainName::parse(&name).is_ok();
            if !is_base || (own.contains(&name) && super::tenant::is_as_made(object)) {
                continue;
            }
            let holds = match object.word("DomainType").as_str() {
                "Authoritative" => 2,
                "InternalRelay" => 1,
                _ => 0,
            };
            let of = all.entry(name.clone()).or_default();
            of.owners.extend((holds == 2).then(|| location.clone()));
            if of.holder.as_ref().is_none_or(|(best, _)| holds > *best) {
                of.holder = Some((holds, location.clone()));
            }
            if of.mx.is_empty() || !part.export.is_of_servers() {
                of.mx = vec![location.clone()];
            }
            let mut keys = part.export.of_kind("DkimSigningConfig");
            if keys.any(|key| key.is_on("Enabled") && key.name.eq_ignore_ascii_case(&name)) {
                of.signs.push(location.clone());
            }
        }
    }
    for (location, name, holds) in draft.accepted.clone() {
        let of = all.entry(name.clone()).or_default();
        // What a host passes on is held where it is led.
        let led = draft.leads.get(&(location.clone(), name)).cloned();
        let holder = if holds == 2 {
            location.clone()
        } else {
            led.unwrap_or_else(|| location.clone())
        };
        if of.holder.as_ref().is_none_or(|(best, _)| holds > *best) {
            of.holder = Some((holds, holder));
        }
        if of.mx.is_empty() {
            of.mx = vec![location];
        }
    }
    for (name, hosts) in entries {
        let of = all.entry(name).or_default();
        of.mx = entry_points(draft, &places, hosts);
    }
    let filters = |location: &str| {
        let part = parts.iter().find(|part| part.location == location);
        part.is_some_and(|part| part.export.product.as_deref() == Some("protection"))
    };
    for (name, of) in all {
        // A tenant that only filters holds no mailboxes.
        let holder = match of.holder {
            Some((_, holder)) if filters(&holder) => behind(draft, parts),
            Some((_, holder)) => holder,
            None => of.mx.first().cloned().unwrap_or_default(),
        };
        // The halves of a hybrid organization both hold mailboxes; how many, no export says.
        let both = draft.halves.clone().filter(|(tenant, servers)| {
            // The servers reach the mailboxes of the tenant by its routing domain, which no other mail needs.
            let reaches = draft.leads.iter().any(|((from, pattern), to)| {
                from == servers && to == tenant && super::tenant::is_routing_domain(pattern)
            });
            reaches && of.owners.contains(tenant) && of.owners.contains(servers)
        });
        let (where_, mailboxes) = match both {
            Some((tenant, servers)) => (
                format!("{tenant}` and `{servers}"),
                mapping(&[
                    (quoted(&tenant), "1".to_owned()),
                    (quoted(&servers), "1".to_owned()),
                ]),
            ),
            None => (holder.clone(), quoted(&holder)),
        };
        draft.assumed.push(format!(
            "`{name}`: its mailboxes are at `{where_}`, and its Internet mail enters at `{}`",
            of.mx.join("`, `")
        ));
        let keys = vec![
            pair("mailboxes", mailboxes),
            pair("mx", list(of.mx)),
            pair("dkim", list(of.signs)),
            pair("dns", "none"),
        ];
        draft.domains.insert(name, keys);
    }
    for zone in zones {
        let is_in = |name: &String| {
            let above = name.strip_suffix(zone.as_str());
            above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
        };
        if !draft.domains.keys().any(is_in) {
            let keys = vec![pair("parked", "true"), pair("dns", "none")];
            draft.domains.insert((*zone).clone(), keys);
        }
    }
}

/// The locations that have these hosts. One that is not imported is a mail server that nobody configures from here.
fn entry_points(draft: &mut Draft, places: &[Place], hosts: Vec<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut others = Vec::new();
    for host in hosts {
        let label = tenant_label(&host);
        let place = places.iter().find(|place| match label {
            Some(label) => place.is_tenant && place.names.contains(label),
            None => !place.is_tenant && place.names.contains(&host),
        });
        match place {
            Some(place) if !found.contains(&place.name) => found.push(place.name.clone()),
            Some(_) => {}
            None => others.push(host),
        }
    }
    if let Some(first) = others.first() {
        let keys = vec![pair("kind", "smtp"), pair("hosts", list(&others))];
        let known = draft.locations.iter().find(|(_, known)| **known == keys);
        let name = if let Some((name, _)) = known {
            name.clone()
        } else {
            let name = draft.name(first);
            draft.locations.insert(name.clone(), keys);
            draft.assumed.push(format!(
                "`{name}` is a mail server that is not imported: a zone names it"
            ));
            name
        };
        found.push(name);
    }
    found
}

/// A location that can hold mailboxes behind a filter.
fn behind(draft: &mut Draft, parts: &[&Part]) -> String {
    let servers = parts.iter().find(|part| part.export.is_of_servers());
    if let Some(part) = servers {
        return part.location.clone();
    }
    let is_imported = |name: &str| parts.iter().any(|part| part.location == name);
    let mut known = draft.locations.keys();
    if let Some(name) = known.find(|name| !is_imported(name)) {
        return name.clone();
    }
    let name = draft.name("servers");
    draft
        .locations
        .insert(name.clone(), vec![pair("kind", "smtp")]);
    name
}

pub(super) fn pair(key: &str, value: impl Into<String>) -> (String, String) {
    (key.to_owned(), value.into())
}

/// `{addresses: […]}`.
pub(super) fn by_addresses(addresses: &[String]) -> String {
    mapping(&[pair("addresses", list(addresses))])
}

/// `{certificate: NAME}`.
pub(super) fn by_certificate(name: &str) -> String {
    mapping(&[pair("certificate", quoted(name))])
}
