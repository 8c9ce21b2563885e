//! The domains of a draft: where their mailboxes are, and where their mail enters.

use crate::draft::alone::ACCEPTED_DOMAINS;
use crate::draft::join::pair;
use crate::draft::places::{Place, tenant_label};
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Draft, Part, tenant};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a domain.
#[derive(Default)]
struct OfDomain {
    /// The location that holds its mailboxes best so far, and how well.
    holder: Option<(u8, String)>,
    mx: Vec<String>,
    signs: Vec<String>,
    /// The locations that are authoritative for it.
    owners: Vec<String>,
    /// The location that a tenant which only relays for it leads its mail to, and the tenant.
    relayed: Option<(String, String)>,
}

/// The domains that any imported location accepts, and those whose zone says where their mail enters. A zone in which there is
/// none of them is one without mail.
pub(super) fn domains(
    draft: &mut Draft,
    parts: &[&Part],
    entries: BTreeMap<String, Vec<String>>,
    zones: &[&Part],
) {
    let places: Vec<Place> = parts.iter().map(|part| Place::of(part)).collect();
    let mut all: BTreeMap<String, OfDomain> = BTreeMap::new();
    for part in parts {
        let location = &part.location;
        let own = tenant::own_domains(&part.export);
        for object in part.export.of_kind("AcceptedDomain") {
            let name = object.name.to_lowercase();
            let is_base = crate::values::DomainName::parse(&name).is_ok();
            if !is_base || (own.contains(&name) && tenant::is_as_made(object)) {
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
            if holds == 1 && !part.export.is_of_servers() {
                let led = [&name, ACCEPTED_DOMAINS]
                    .into_iter()
                    .find_map(|pattern| draft.leads.get(&(location.clone(), pattern.to_owned())));
                let is_location =
                    |to: &&String| draft.taken.contains(*to) && !draft.partners.contains_key(*to);
                let is_on = |to: &&String| {
                    let ends = [pair("from", quoted(location)), pair("to", quoted(to))];
                    let off = pair("enabled", "false");
                    let mut routes = draft.routes.iter().map(|item| &item.keys);
                    routes.any(|keys| {
                        ends.iter().all(|end| keys.contains(end)) && !keys.contains(&off)
                    })
                };
                let led = led.filter(|to| is_location(to) && is_on(to));
                let led = led.map(|to| (location.clone(), to.clone()));
                of.relayed = of.relayed.take().or(led);
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
    let has_servers = parts.iter().any(|part| part.export.is_of_servers());
    let holders: BTreeSet<String> = all
        .values()
        .flat_map(|of| of.owners.iter().cloned())
        .collect();
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
                from == servers && to == tenant && tenant::is_routing_domain(pattern)
            });
            reaches && of.owners.contains(tenant) && of.owners.contains(servers)
        });
        // What a tenant hands on stands behind it, and it holds some of it where it has no domain of its own to hold.
        let relayed = of.relayed.filter(|(tenant, _)| *tenant == holder);
        let holder = match &relayed {
            Some((tenant, to)) if has_servers || holders.contains(tenant) => to.clone(),
            _ => holder,
        };
        let relayed = relayed.filter(|(tenant, _)| *tenant == holder);
        let (where_, mailboxes) = match both.or(relayed) {
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
    for (zone, export) in zones
        .iter()
        .flat_map(|part| part.export.zones.iter().map(|zone| (zone, &part.export)))
    {
        let is_in = |name: &String| {
            let above = name.strip_suffix(zone.as_str());
            above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
        };
        if !draft.domains.keys().any(is_in) {
            let keys = vec![pair("parked", "true"), pair("dns", "none")];
            draft.domains.insert(zone.clone(), keys);
            let mut sets = export.objects.iter();
            let has_address = sets.any(|set| {
                matches!(set.kind.as_str(), "A" | "AAAA")
                    && set.name.trim_end_matches('.').eq_ignore_ascii_case(zone)
            });
            let but = if has_address {
                ", but an address: the host that has it takes mail where it listens (RFC 5321, section 5.1)"
            } else {
                ""
            };
            draft.assumed.push(format!(
                "`{zone}` takes no mail (`parked`): its zone has no MX record{but}"
            ));
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
        let name = draft.location_with(keys, first, |name| {
            format!("`{name}` is a mail server that is not imported: a zone names it")
        });
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
