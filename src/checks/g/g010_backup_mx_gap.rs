//! # G010 backup-mx-gap
//!
//! ## What a clean result proves
//!
//! Every host that the MX of a domain names takes its mail, not only the first.
//!
//! ## Exact condition
//!
//! Mail from external senders for mailboxes of ours arrives where it enters at one host of the MX, and goes astray where it enters at
//! another that is tried later.
//!
//! ## Severity
//!
//! error: mail is lost exactly when the first host is not there.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [gw]}
//!   gw: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.0/24], certificate: {names: ["mx.filter.example"]}, forwards: {contoso.com: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: [gw, cloud]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [gw]}
//!   gw: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.0/24], certificate: {names: ["mx.filter.example"]}, forwards: {contoso.com: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: gw}
//! ```
//!
//! ## Sources
//!
//! - Every host may be used: <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>

use crate::checks::attribution::other_exchanger;
use crate::checks::lost_mail::{Astray, report_claimed};
use crate::checks::Run;
use crate::dns::routing::{Taker, host_taker};
use crate::finding::{Code, Finding, Findings, Operation};
use crate::source::Span;
use crate::topology::{DnsManagement, LocationId};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report_claimed(flows, Code::G010, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let other = other_exchanger(astray.flows, astray.fault, astray.evidence);
    let [works, fails] = other.as_ref().map_or(["", ""], |other| {
        [astray.name(other.works), astray.name(other.fails)]
    });
    let message = format!(
        "the MX of {} names `{fails}` after `{works}`, and mail that enters there {}: it is lost when `{works}` does not answer",
        astray.names(),
        astray.end()
    );
    let finding = Finding::error(Code::G010, message);
    let declared = other.and_then(|other| declared_at(astray, other.fails));
    match declared {
        Some(span) => finding
            .at(span, "the declared record")
            .help("have this record taken out of the zone, and then take it out of `records.mx`")
            .fix(Operation::Remove { span }),
        None => finding.help(format!("take `{fails}` from `mx`, or let it take this mail")),
    }
}

/// The declared record that leads to a location which `mx` does not name, where one record alone does.
fn declared_at(astray: &Astray<'_>, at: LocationId) -> Option<Span> {
    let plan = astray.flows.model.plan;
    let id = plan.topology.domain_named(astray.evidence.to.domain())?;
    let domain = plan.topology.domain(id);
    let DnsManagement::External(records) = &domain.dns else {
        return None;
    };
    if domain.mx.iter().any(|entry| entry.value == at) {
        return None;
    }
    let mut leads = records.mx.iter().flatten().filter(|one| host_taker(plan, domain, &one.value.1) == Taker::Location(at));
    match (leads.next(), leads.next()) {
        (Some(one), None) => Some(one.span),
        _ => None,
    }
}
