//! Which item of a spec an object comes from, and why it exists, in words.

use crate::plan::Plan;
use crate::routes::{Origin, Reason, RouteId};
use crate::topology::Party;

/// The item of the spec that a route comes from, such as `partners.contosobank`.
pub(crate) fn origin_of_route(plan: &Plan, id: RouteId) -> String {
    let route = plan.route(id);
    let reason = match &route.origin {
        Origin::Written(_) => return format!("routes: {}", route.name),
        Origin::Derived(reason) => reason.value,
    };
    let from_its_start = match reason {
        Reason::Device
        | Reason::ToParent
        | Reason::ToInternet
        | Reason::CentralizedTransport
        | Reason::Forwards => true,
        Reason::PartnerTerms => matches!(route.from, Party::Partner(_)),
        _ => false,
    };
    let party = if from_its_start { route.from } else { route.to };
    let folder = match party {
        Party::Location(_) => "locations.",
        Party::Partner(_) => "partners.",
        Party::Device(_) => "devices.",
        Party::Network(..) | Party::Internet | Party::Discard | Party::Reject => "",
    };
    format!("{folder}{}", plan.topology.party_name(party))
}

/// The key that locks a location.
pub(crate) fn origin_of_lock(location: &str) -> String {
    format!("locations.{location}.accept_only_from")
}

/// The items that several routes come from, each once.
pub(crate) fn origins_of_routes(plan: &Plan, routes: &[RouteId]) -> String {
    let mut origins: Vec<String> = Vec::new();
    for id in routes {
        let origin = origin_of_route(plan, *id);
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins.join(", ")
}

/// Why a route exists, as a sentence.
pub(crate) fn why_route(plan: &Plan, id: RouteId) -> String {
    let route = plan.route(id);
    let why = match &route.origin {
        Origin::Written(_) => "the spec writes this route".to_owned(),
        Origin::Derived(reason) => reason.value.explain(route, &plan.topology),
    };
    let mut rest = why.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(rest).chain(['.']).collect()
}
