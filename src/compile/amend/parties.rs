//! Locations, partners, devices and domains that exist and that the spec does not have.

use super::{Edits, Now, Work, flow, key_of, put};
use crate::draft::{Key, is_of_zones};
use crate::drift::{ObjectDrift, State};
use crate::finding::Operation;

/// What exists and cannot be added to a spec.
pub(super) enum Refused {
    /// A zone, by its name.
    Zone(String),
    /// A route that a Postfix host became.
    Route(Key),
    /// A location, partner, device or domain, as the edit that would add it.
    Entry(String),
}

impl Work<'_> {
    pub(super) fn has(&self, now: &Now, party: &str) -> bool {
        let topology = &now.plan.topology;
        topology.locations().any(|(_, at)| at.name == party)
            || topology.partners().any(|(_, at)| at.name == party)
            || topology.devices().any(|(_, at)| at.name == party)
    }

    /// The party of the spec that an entry of the draft is: a partner with a domain or the certificate of it, a location with a
    /// host or a certificate of it.
    pub(super) fn same_party(
        &self,
        now: &Now,
        kind: &str,
        keys: &[(String, String)],
    ) -> Option<String> {
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
    pub(super) fn add_parties(
        &self,
        mut now: Now,
        done: &mut Vec<String>,
        refused: &mut Vec<Refused>,
    ) -> Now {
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
            edits.push((
                format!("{section} {name}"),
                Operation::Entry {
                    section,
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
        let of_hosts = hosts.into_iter().map(|key| {
            let what = Refused::Route(key.clone());
            (self.new_item(&now, &key, "routes"), what)
        });
        let of_hosts: Vec<(Vec<Edits>, Refused)> = of_hosts.collect();
        let each = each.into_iter().map(|edits| {
            let named = edits.iter().map(ToString::to_string);
            let what = Refused::Entry(named.collect::<Vec<_>>().join(", "));
            (vec![edits], what)
        });
        for (edits, what) in each.chain(of_hosts) {
            let mut edits = edits.into_iter();
            match edits.find_map(|edits| Some((self.tried(&now, &edits)?, edits))) {
                Some((after, edits)) => {
                    done.extend(edits.iter().map(ToString::to_string));
                    now = after;
                }
                None => refused.push(what),
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
                None => refused.push(Refused::Zone(zone)),
            }
        }
        now
    }
}
