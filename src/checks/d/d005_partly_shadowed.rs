//! # D005 partly-shadowed
//!
//! ## What a clean result proves
//!
//! No route loses names of its own pattern to a wider one.
//!
//! ## Exact condition
//!
//! At a location other than a tenant (where A001 speaks of it), an accepted domain is covered by the wildcard of one written route,
//! and another that is for all accepted domains takes it elsewhere.
//!
//! ## Severity
//!
//! note: this is what the language says, and perhaps not what was meant.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [203.0.113.9], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp"}
//!   shop: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [shop.contoso.com], egress: [203.0.113.11], certificate: shop.contoso.com}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: shop, subdomains: true, mx: mx}
//!   eu.contoso.com: {mailboxes: hq, mx: mx}
//!   fabrikam.com: {mailboxes: hq, mx: mx}
//! routing: explicit
//! routes:
//!   - {name: all of ours, from: mx, to: hq, recipients: accepted-domains}
//!   - {name: below us, from: mx, to: shop, recipients: [contoso.com, "*.contoso.com"]}
//!   - {name: world, from: mx, to: internet, recipients: ["*"]}
//!   - {name: hq out, from: hq, to: mx, recipients: ["*"]}
//!   - {name: shop out, from: shop, to: mx, recipients: ["*"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [203.0.113.9], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp"}
//!   shop: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [shop.contoso.com], egress: [203.0.113.11], certificate: shop.contoso.com}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: shop, subdomains: true, mx: mx}
//!   eu.contoso.com: {mailboxes: hq, mx: mx}
//!   fabrikam.com: {mailboxes: hq, mx: mx}
//! routing: explicit
//! routes:
//!   - {name: all of ours, from: mx, to: hq, recipients: [eu.contoso.com, fabrikam.com]}
//!   - {name: below us, from: mx, to: shop, recipients: [contoso.com, "*.contoso.com"]}
//!   - {name: world, from: mx, to: internet, recipients: ["*"]}
//!   - {name: hq out, from: hq, to: mx, recipients: ["*"]}
//!   - {name: shop out, from: shop, to: mx, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - What a table of Postfix looks up first: <https://www.postfix.org/transport.5.html>

use crate::checks::competing_routes::leads_alike;
use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Configuration;
use crate::routes::Route;
use crate::values::Pattern;
use crate::walk::Flows;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let plan = flows.model.plan;
    for (at, location) in plan.topology.locations() {
        if matches!(
            plan.place(at).configuration,
            Configuration::ExchangeOnline(_)
        ) {
            continue;
        }
        let written = flows.model.routes_from(at);
        let mut written = written.iter().filter(|(_, route)| route.is_written());
        let Some((wide_id, wide)) = written.clone().find(|(_, route)| is_for_all(route)) else {
            continue;
        };
        for (_, narrow) in written.by_ref() {
            let names: BTreeSet<String> = flows
                .population
                .classes
                .iter()
                .filter(|class| {
                    let pattern = flows.model.pattern_for(at, narrow, class.witness.domain());
                    pattern.is_some_and(|at| matches!(at.pattern, Pattern::Below(_)))
                        && flows.model.chosen(at, class).contains(wide_id)
                })
                .flat_map(|class| flows.names(class))
                .collect();
            if names.is_empty() || leads_alike(wide, narrow) {
                continue;
            }
            let shown = listed(names.iter().map(String::as_str));
            findings.push(
                Finding::note(
                    Code::D005,
                    format!(
                        "`{}` covers {shown} by a wildcard, but `{}`, which is for all accepted domains of `{}`, takes it",
                        narrow.name, wide.name, location.name
                    ),
                )
                .at(narrow.origin.span(), "loses it")
                .at(wide.origin.span(), "takes it")
                .on(Object::Route(narrow.name.clone()))
                .on(Object::Route(wide.name.clone()))
                .help(format!("name {shown} at the route that must carry it"))
                .domains(names),
            );
        }
    }
}

fn is_for_all(route: &Route) -> bool {
    let mut patterns = route.recipients.iter();
    route.enabled && patterns.any(|at| at.pattern == Pattern::AcceptedDomains)
}
