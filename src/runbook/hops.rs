//! The table of all routes.

use crate::routes::{NextHop, Origin, Route};
use crate::runbook::external_tasks::submission_host;
use crate::topology::Topology;
use crate::values::{Pattern, TlsLevel};

/// The cells of one route: from, to, which mail, next hop, TLS level, why.
pub(crate) fn cells(topology: &Topology, route: &Route) -> [String; 6] {
    [
        format!("`{}`", topology.party_name(route.from)),
        format!("`{}`", topology.party_name(route.to)),
        mail(route),
        submission_host(topology, route.from)
            .map_or_else(|| next_hop(&route.next_hop), |host| format!("`{host}`")),
        if route.tls == TlsLevel::None {
            "no STARTTLS".to_owned()
        } else {
            route.tls.to_string()
        },
        why(topology, route),
    ]
}

/// The first few patterns and how many more there are.
fn mail(route: &Route) -> String {
    const SHOWN: usize = 6;
    let names: Vec<String> = route
        .recipients
        .iter()
        .take(SHOWN)
        .map(|at| match &at.pattern {
            Pattern::Any => "all other mail".to_owned(),
            Pattern::AcceptedDomains => "the accepted domains".to_owned(),
            Pattern::Exact(name) => format!("`{}`", name.unicode()),
            pattern @ Pattern::Below(_) => format!("`{pattern}`"),
        })
        .collect();
    match route.recipients.len().saturating_sub(SHOWN) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn next_hop(next_hop: &NextHop) -> String {
    match next_hop {
        NextHop::SmartHosts(hosts) => hosts
            .iter()
            .map(|host| format!("`{host}`"))
            .collect::<Vec<_>>()
            .join(", "),
        NextHop::Mx => "the recipient's MX".to_owned(),
        NextHop::Unknown => "not known yet".to_owned(),
        NextHop::None => "none".to_owned(),
    }
}

fn why(topology: &Topology, route: &Route) -> String {
    let mut notes = vec![match &route.origin {
        Origin::Written(_) => "written".to_owned(),
        Origin::Derived(reason) => reason.value.explain(route, topology),
    }];
    for (holds, note) in [
        (route.by_wizard, "owned by the Hybrid Configuration Wizard"),
        (!route.managed, "managed by others"),
        (route.only_by_rule, "only by rule"),
        (!route.enabled, "disabled"),
    ] {
        if holds {
            notes.push(note.to_owned());
        }
    }
    notes.join("; ")
}
