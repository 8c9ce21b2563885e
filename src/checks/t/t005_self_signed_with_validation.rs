//! # T005 self-signed-with-validation
//!
//! ## What a clean result proves
//!
//! Wherever a certificate is checked, an authority vouches for it that the checking end can trust.
//!
//! ## Exact condition
//!
//! A route demands `ca-verified` or `verified`, and the certificate that the other end presents is `self-signed` or
//! of a `private` authority; or a tenant recognizes a sender by such a certificate.
//!
//! ## Severity
//!
//! error; warning (assumed) where the end that checks is a server of our own, on which the authority may be
//! installed.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: {names: [mail.contoso.com], issuer: self-signed}
//!     tls: verified
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: {names: [mail.contoso.com], issuer: public}
//!     tls: verified
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - `TlsSettings`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>
//! - <https://www.rfc-editor.org/rfc/rfc5280#section-6>

use crate::checks::Run;
use crate::finding::{Code, Certainty, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::routes::{Recognition, Route};
use crate::source::Span;
use crate::topology::{Certificate, Issuer, Party, Topology};
use crate::values::TlsLevel;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    // One certificate at one checking end is one finding, which names every route that it is checked on.
    let mut said: BTreeMap<(Span, Party), Finding> = BTreeMap::new();
    for route in plan.routes.iter().filter(|route| route.enabled) {
        for (certificate, presents, checks, receiving) in checked(topology, route) {
            if certificate.issuer == Issuer::Public {
                continue;
            }
            let object = Object::Route(route.name.clone());
            match said.entry((certificate.span, checks)) {
                Entry::Vacant(entry) => {
                    entry.insert(finding(topology, route, certificate, presents, checks, receiving));
                }
                Entry::Occupied(mut entry) if !entry.get().objects.contains(&object) => {
                    entry.get_mut().objects.push(object);
                }
                Entry::Occupied(_) => {}
            }
        }
    }
    findings.extend(said.into_values());
}

/// The certificates that are checked on this route: which, who presents it, who checks it, and whether the receiving
/// end does.
fn checked<'a>(
    topology: &'a Topology,
    route: &'a Route,
) -> Vec<(&'a Certificate, Party, Party, bool)> {
    let mut checked = Vec::new();
    let validates = route.tls >= TlsLevel::CaVerified;
    let ours = matches!(route.from, Party::Location(_));
    let server = match route.to {
        Party::Location(id) => topology.location(id).certificate.as_ref(),
        Party::Partner(id) => topology.partner(id).certificate.as_ref(),
        _ => None,
    };
    if let (true, true, Some(certificate)) = (validates, ours, server) {
        checked.push((certificate, route.to, route.from, false));
    }
    let client = route.shown(topology);
    let to_tenant = route
        .to
        .location()
        .is_some_and(|id| topology.location(id).tenant().is_some());
    let by_certificate = matches!(route.accepted_by, Recognition::Certificate(_));
    if let (true, true, Some(certificate)) = (to_tenant, by_certificate, client) {
        checked.push((certificate, route.from, route.to, true));
    }
    checked
}

fn finding(
    topology: &Topology,
    route: &Route,
    certificate: &Certificate,
    presents: Party,
    checks: Party,
    receiving: bool,
) -> Finding {
    let is_server = |party: Party| {
        let location = party.location().map(|id| topology.location(id));
        location.is_some_and(|location| location.tenant().is_none())
    };
    let may_be_trusted =
        certificate.issuer == Issuer::Private && is_server(checks) && is_server(presents);
    let (presents, checks) = (topology.party_name(presents), topology.party_name(checks));
    let issuer = match certificate.issuer {
        Issuer::SelfSigned => "a self-signed certificate",
        Issuer::Public | Issuer::Private => "a certificate of a private authority",
    };
    let end = match (receiving, may_be_trusted) {
        (true, _) => format!(
            "`{checks}`, which trusts public authorities alone, treats its mail as external"
        ),
        (false, true) => format!(
            "mail from `{checks}` waits and then bounces unless that authority is installed on its servers"
        ),
        (false, false) => format!(
            "`{checks}` demands `{}` of it, so mail waits there and then bounces",
            route.tls
        ),
    };
    let mut finding = Finding::error(Code::T005, format!("`{presents}` presents {issuer}: {end}"))
        .at(certificate.span, "the certificate")
        .at(route.origin.span(), format!("checked on `{}`", route.name))
        .on(Object::Route(route.name.clone()))
        .help(if receiving && route.hybrid_headers {
            // Addresses would be taken for an organization that keeps no cross-premises headers.
            "use a certificate of a public authority".to_owned()
        } else if receiving {
            "use a certificate of a public authority, or write `accepted_by: addresses` on the route".to_owned()
        } else {
            format!("use a certificate of a public authority, or demand `tls: encrypted` of `{presents}`")
        });
    if may_be_trusted {
        finding.severity = Severity::Warning;
        finding.certainty = Certainty::Assumed;
    }
    finding
}
