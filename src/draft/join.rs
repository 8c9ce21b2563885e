//! Connectors of all locations, joined: what one location sends and another takes is one route.
//!
//! Who stands at the other end is decided by the properties of a connector, never by its name. An end that is not imported
//! becomes a location, a partner or a device of its own.

use crate::draft::alone::{alone_in, alone_out, out};
use crate::draft::places::{Place, halves, is_address, receiver_of, sender_of};
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Connectors, Draft, Key, Pairs, Part};
use std::collections::BTreeSet;

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
    /// The export does not show that right.
    pub(super) is_unsure: bool,
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
        // What knows the sender by its certificate comes before what may be anybody's.
        let is_certain = |at: &Receiving| places[here].has(&at.certificate);
        let fits = |index: &usize| {
            receiving.get(*index).is_some_and(|at| {
                sender.get(*index) == Some(&Some(here))
                    && at.at == places[to].name
                    // Where it did not join two halves, its connectors are like those of others.
                    && (at.of_wizard == is_joined || halves.is_none())
                    && at.enabled == from.enabled
                    && (is_joined || at.agrees(&from))
                    && (is_certain(at) || at.takes_tls_of(&from))
                    && (places[here].is_tenant
                        || at.trusted
                        || at.is_unsure
                        || at.relays.is_none_or(|relays| relays == from.is_for_all()))
            })
        };
        let mut fitting: Vec<usize> = (0..receiving.len()).filter(fits).collect();
        // Of others, the one that demands the TLS which is given is likelier than one that demands more or less.
        fitting.sort_by_key(|index| {
            let at = receiving.get(*index);
            let is_like = at.is_some_and(|at| at.demands_tls() == from.gives_tls());
            (!at.is_some_and(is_certain), !is_like)
        });
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

impl Receiving {
    /// Whether one route can say what both ends do with the cross-premises headers. Who is known by addresses alone may send
    /// them in vain.
    fn agrees(&self, from: &Sending) -> bool {
        let is_in_vain = from.headers && self.known_by.contains("addresses");
        self.headers == from.headers || is_in_vain
    }

    /// Whether the sender gives the TLS that is demanded here: a connector that demands it was made for another than the one
    /// that never starts it.
    fn takes_tls_of(&self, from: &Sending) -> bool {
        !self.demands_tls() || !from.keys.contains(&pair("tls", "none"))
    }

    fn demands_tls(&self) -> bool {
        self.alone.contains(&pair("tls", "encrypted"))
    }
}

impl Sending {
    /// Whether it says a name of the other end, and not only addresses.
    pub(super) fn says_names(&self) -> bool {
        !self.checked.is_empty() || self.hosts.iter().any(|host| !is_address(host))
    }

    /// Whether it hands over no mail in the clear.
    fn gives_tls(&self) -> bool {
        let lax = [pair("tls", "none"), pair("tls", "opportunistic")];
        !self.keys.iter().any(|key| lax.contains(key))
    }

    /// Whether it is for every domain: rules choose it for any.
    pub(super) fn is_for_all(&self) -> bool {
        let is_by_rule = self.keys.iter().any(|(key, _)| key == "only_by_rule");
        is_by_rule || self.patterns.iter().any(|pattern| pattern == "*")
    }
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
