//! Connectors whose names Exchange does not take: they are not written, nor is what needs them.
//!
//! Both directions between two locations, and both ends of each, have long names for the same reason. This module must not
//! know how a name is made.

use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, LocationPlan};
use crate::routes::{Route, RouteId};
use crate::source::Span;
use crate::topology::{Location, LocationId, Party, Topology};
use std::collections::BTreeMap;

/// The most characters of a name.
const LIMIT: usize = 64;

/// A connector that is not written.
struct Refused {
    name: String,
    span: Span,
    object: Object,
    /// The rules that name it.
    rules: Vec<String>,
}

/// Those that are not written, by the ends of their routes.
type ByEnds = BTreeMap<(Party, Party), Vec<Refused>>;

/// Takes the connectors with such names away.
pub(crate) fn withhold(
    topology: &Topology,
    routes: &[Route],
    places: &mut [LocationPlan],
    findings: &mut Findings,
) {
    let mut refused = ByEnds::new();
    for ((id, location), place) in topology.locations().zip(places) {
        let mut is_taken = |name: &str, route: Option<RouteId>| {
            let is_taken = name.chars().count() <= LIMIT;
            if !is_taken {
                let route = route.and_then(|id| routes.get(id.index()));
                note(&mut refused, (id, location), name, route);
            }
            is_taken
        };
        match &mut place.configuration {
            Configuration::ExchangeOnline(tenant) => {
                let first = |routes: &[RouteId]| routes.first().copied();
                tenant
                    .outbound
                    .retain(|at| at.by_wizard || !at.managed || is_taken(&at.name, Some(at.route)));
                tenant.inbound.retain(|at| {
                    at.by_wizard || !at.managed || is_taken(&at.name, first(&at.routes))
                });
                let kept = &tenant.outbound;
                tenant.rules.retain(|rule| {
                    let is_kept = kept.iter().any(|at| at.name == rule.connector);
                    let mut lost = refused.values_mut().flatten();
                    if !is_kept && let Some(at) = lost.find(|at| at.name == rule.connector) {
                        at.rules.push(rule.name.clone());
                    }
                    is_kept
                });
            }
            Configuration::ExchangeServer(server) => {
                let first = |routes: &[RouteId]| routes.first().copied();
                server
                    .send
                    .retain(|at| at.by_wizard || !at.managed || is_taken(&at.name, Some(at.route)));
                server.receive.retain(|at| {
                    at.by_wizard || !at.managed || is_taken(&at.name, first(&at.routes))
                });
            }
            Configuration::Postfix(_) | Configuration::Checklist => {}
        }
    }
    for (ends, connectors) in refused {
        findings.extend(finding(topology, ends, connectors));
    }
}

fn note(
    refused: &mut ByEnds,
    (id, location): (LocationId, &Location),
    name: &str,
    route: Option<&Route>,
) {
    // What locks a location may have no route.
    let here = Party::Location(id);
    let ends = route.map_or((here, here), |route| {
        (route.from.min(route.to), route.from.max(route.to))
    });
    let object = route.map(|route| Object::Route(route.name.clone()));
    refused.entry(ends).or_default().push(Refused {
        name: name.to_owned(),
        span: route.map_or(location.span, |route| route.origin.span()),
        object: object.unwrap_or_else(|| Object::Location(location.name.clone())),
        rules: Vec::new(),
    });
}

fn finding(
    topology: &Topology,
    (a, b): (Party, Party),
    mut connectors: Vec<Refused>,
) -> Option<Finding> {
    connectors.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<String> = connectors
        .iter()
        .map(|at| format!("`{}`", at.name))
        .collect();
    let first = connectors.first()?;
    let [a, b] = [a, b].map(|party| topology.party_name(party));
    let longer = if a.chars().count() > b.chars().count() {
        a
    } else {
        b
    };
    let mut finding = Finding::error(
        Code::E001,
        format!(
            "the connector `{}` has a name of {} characters where Exchange takes {LIMIT}: it is not made, and its mail goes another way or nowhere",
            first.name,
            first.name.chars().count()
        ),
    )
    .at(first.span, format!("carries {}", names.join(" and ")))
    .help(format!("give `{longer}` a shorter name and write `renamed_from: {longer}` there"));
    for connector in &connectors {
        if !finding.objects.contains(&connector.object) {
            finding = finding.on(connector.object.clone());
        }
        finding = finding.withholds(format!("the connector `{}`", connector.name));
        for rule in &connector.rules {
            finding = finding.withholds(format!("the rule `{rule}`, which needs it"));
        }
    }
    Some(finding)
}
