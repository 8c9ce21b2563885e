//! On which routes Postfix presents a certificate.
//!
//! A tenant takes whatever comes with a certificate that it knows for mail of its own, also what is for others of the provider:
//! <https://mwpro.co.uk/blog/2026/02/04/updated-prevent-fix-guidance-for-on-premises-connectors-configuration-mc1226222>. Mail that
//! is handed to a host of the provider and is not for the tenant must not come with it.

use crate::routes::{NextHop, Recognition, Route};
use crate::topology::{LocationId, Party, Topology};
use crate::values::Pattern;
use std::collections::BTreeMap;

/// Decides it for all routes.
pub(crate) fn decide(topology: &Topology, routes: &mut [Route]) {
    let mut of_postfix: BTreeMap<LocationId, Vec<usize>> = BTreeMap::new();
    for (at, route) in routes.iter().enumerate() {
        let from = route
            .from
            .location()
            .filter(|from| topology.location(*from).postfix().is_some());
        if let Some(from) = from {
            of_postfix.entry(from).or_default().push(at);
        }
    }
    for (from, own) in of_postfix {
        let all: Vec<&Route> = own.iter().map(|at| &routes[*at]).collect();
        if !shows_to_all(topology, from, &all) {
            for at in own {
                routes[at].presents = is_asked(&routes[at]);
            }
        }
    }
}

/// Whether a Postfix location presents its own certificate to every server. It does not where a tenant of ours knows it by
/// that, and it hands mail to hosts of the provider that do not ask for it.
pub(crate) fn shows_to_all(topology: &Topology, from: LocationId, own: &[&Route]) -> bool {
    let is_tenant = |to: Party| {
        to.location()
            .is_some_and(|to| topology.location(to).tenant().is_some())
    };
    let own = || own.iter().copied().filter(|route| route.enabled);
    let is_known = own().any(|route| is_tenant(route.to) && is_asked(route));
    let is_default = |route: &Route| {
        let mut patterns = route.recipients.iter();
        !route.only_by_rule && patterns.any(|one| one.pattern == Pattern::Any)
    };
    let is_for_others = !own().any(is_default)
        || own().any(|route| {
            !is_asked(route) && (is_tenant(route.to) || route.next_hop == NextHop::Mx)
        });
    topology.location(from).client_certificate().is_some() && !(is_known && is_for_others)
}

/// Whether the other end goes by the certificate, or the spec has it presented.
const fn is_asked(route: &Route) -> bool {
    matches!(route.accepted_by, Recognition::Certificate(_)) || route.client_certificate.is_some()
}
