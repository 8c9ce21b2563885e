//! Routes to and from partners, where the agreed terms ask for one.

use crate::platforms::product::Trait;
use crate::routes::derive::derived;
use crate::routes::{Reason, Route, RoutePattern, SendingTree};
use crate::source::{At, Span};
use crate::topology::{LocationId, Partner, PartnerId, Party, SendsInOurName, Topology};
use crate::values::{Pattern, TlsLevel};
use foldhash::{HashMap, HashMapExt};
use std::collections::BTreeSet;

/// Outbound from every place at which the partner's mail leaves, inbound at every place where it enters.
pub(crate) fn routes(topology: &Topology, tree: &SendingTree) -> Vec<Route> {
    let mut routes = Vec::new();
    for (id, partner) in topology.partners() {
        if partner.domains.is_empty() {
            continue;
        }
        for at in talkers(topology, tree, partner) {
            if has_terms(partner) || tree.parent(at).is_some() {
                let span = partner.tls_outbound.map_or(partner.span, |tls| tls.span);
                routes.push(derived(
                    topology,
                    Party::Location(at),
                    Party::Partner(id),
                    patterns(partner),
                    At::new(Reason::PartnerTerms, span),
                ));
            }
        }
        if let Some(tls) = partner
            .tls_inbound
            .filter(|tls| tls.value > TlsLevel::Opportunistic)
        {
            for at in entries(topology, partner) {
                routes.push(inbound(topology, id, partner, at, tls.span));
            }
        }
    }
    routes
}

/// With a written `via` the partner's domains count as held there: the other places hand its mail toward that place.
pub(crate) fn add_to_ways(topology: &Topology, tree: &SendingTree, routes: &mut Vec<Route>) {
    let mut hops: HashMap<(Party, Party), usize> = HashMap::new();
    for (at, route) in routes
        .iter()
        .enumerate()
        .filter(|(_, route)| !route.is_written())
    {
        hops.entry((route.from, route.to)).or_insert(at);
    }
    let mut longer: BTreeSet<usize> = BTreeSet::new();
    for partner in topology
        .partners
        .iter()
        .filter(|partner| !partner.via.is_empty())
    {
        let talkers: Vec<LocationId> = partner.via.iter().map(|at| at.value).collect();
        for (id, location) in topology.locations().filter(|(id, _)| !talkers.contains(id)) {
            let way = talkers
                .iter()
                .map(|&talker| tree.way(id, talker))
                .min_by_key(Vec::len);
            let Some(&next) = way.as_ref().and_then(|way| way.get(1)) else {
                continue;
            };
            // Up the tree everything goes already.
            if tree.parent(id).is_some_and(|parent| parent.value == next) {
                continue;
            }
            let ends = (Party::Location(id), Party::Location(next));
            let Some(&at) = hops.get(&ends) else {
                // No mailbox needs this hop. A filter hands over what enters from outside, which is no mail of ours.
                if !location.is(Trait::Filter) {
                    let reason = At::new(Reason::PartnerTerms, partner.span);
                    hops.insert(ends, routes.len());
                    routes.push(derived(topology, ends.0, ends.1, patterns(partner), reason));
                }
                continue;
            };
            if let Some(hop) = routes.get_mut(at) {
                hop.recipients.extend(patterns(partner));
                longer.insert(at);
            }
        }
    }
    for at in longer {
        if let Some(hop) = routes.get_mut(at) {
            hop.recipients.sort();
        }
    }
}

fn inbound(
    topology: &Topology,
    id: PartnerId,
    partner: &Partner,
    at: LocationId,
    span: Span,
) -> Route {
    let pattern = if partner.relays {
        Pattern::Any
    } else {
        Pattern::AcceptedDomains
    };
    let recipients = vec![RoutePattern { pattern, span }];
    let mut route = derived(
        topology,
        Party::Partner(id),
        Party::Location(at),
        recipients,
        At::new(Reason::PartnerTerms, span),
    );
    route.senders = senders(partner);
    route
}

/// What a partner writes with: its own domains, and what it sends in our name.
pub(crate) fn senders(partner: &Partner) -> Vec<Pattern> {
    let own = partner.domains.iter().map(|at| at.value.clone());
    let ours = partner.sends_as.iter().map(|at| match &at.value {
        SendsInOurName::Domain(domain) => Pattern::Exact(domain.clone()),
        SendsInOurName::Address(address) => Pattern::Exact(address.domain().clone()),
    });
    let all: BTreeSet<Pattern> = own.chain(ours).collect();
    all.into_iter().collect()
}

fn patterns(partner: &Partner) -> Vec<RoutePattern> {
    let set: BTreeSet<RoutePattern> = partner
        .domains
        .iter()
        .map(|at| RoutePattern {
            pattern: at.value.clone(),
            span: at.span,
        })
        .collect();
    set.into_iter().collect()
}

/// Terms that plain delivery by MX would not keep.
fn has_terms(partner: &Partner) -> bool {
    !partner.hosts.is_empty()
        || partner
            .tls_outbound
            .is_some_and(|tls| tls.value > TlsLevel::Opportunistic)
}

/// The places at which mail for the partner leaves us.
fn talkers(topology: &Topology, tree: &SendingTree, partner: &Partner) -> BTreeSet<LocationId> {
    if partner.via.is_empty() {
        return topology
            .locations()
            .filter(|(_, location)| location.can_hold_mailboxes() || location.tenant().is_some())
            .map(|(id, _)| tree.root_of(id))
            .collect();
    }
    partner.via.iter().map(|at| at.value).collect()
}

/// The places at which mail of the partner enters.
fn entries(topology: &Topology, partner: &Partner) -> BTreeSet<LocationId> {
    if partner.via.is_empty() {
        return topology
            .domains
            .iter()
            .flat_map(|domain| domain.mx.iter().map(|at| at.value))
            .collect();
    }
    partner.via.iter().map(|at| at.value).collect()
}
