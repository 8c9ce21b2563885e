//! The table of all routes.

use crate::plan::Plan;
use crate::routes::inherent::inherent;
use crate::routes::{NextHop, Origin, Route};
use crate::runbook::external_tasks::submission_host;
use crate::topology::Topology;
use crate::values::{Pattern, TlsLevel};

/// The rows of all routes, and last what each location does by itself: from, to, which mail, next hop, TLS level, why.
pub(crate) fn rows(plan: &Plan) -> Vec<[String; 6]> {
    let topology = &plan.topology;
    let routes = plan.routes.iter().map(|route| cells(topology, route));
    let rest = inherent(topology, &plan.routes).map(|(at, by_itself)| {
        let from = format!("`{}`", topology.location(at).name);
        let [to, next_hop, tls] = if by_itself.follows_mx() {
            [
                "`internet`",
                "the recipient's MX",
                TlsLevel::Opportunistic.as_str(),
            ]
        } else {
            ["its own queue", "none", ""]
        };
        let [to, next_hop, tls] = [to, next_hop, tls].map(str::to_owned);
        let mail = words(&Pattern::Any);
        [from, to, mail, next_hop, tls, by_itself.why().to_owned()]
    });
    routes.chain(rest).collect()
}

/// The cells of one route.
fn cells(topology: &Topology, route: &Route) -> [String; 6] {
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
        .map(|at| words(&at.pattern))
        .collect();
    match route.recipients.len().saturating_sub(SHOWN) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn words(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Any => "all other mail".to_owned(),
        Pattern::AcceptedDomains => "the accepted domains".to_owned(),
        Pattern::Exact(name) => format!("`{}`", name.unicode()),
        Pattern::Below(_) => format!("`{pattern}`"),
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
        NextHop::Unknown | NextHop::FactMissing => "not known yet".to_owned(),
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
