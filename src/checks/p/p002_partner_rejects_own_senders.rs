//! # P002 partner-rejects-own-senders
//!
//! ## What a clean result proves
//!
//! No partner's mail is refused for what was agreed with it.
//!
//! ## Exact condition
//!
//! Mail from a partner for a mailbox is refused at the location where it enters.
//!
//! ## Severity
//!
//! error; warning where only mail that the partner sends in our name is rejected.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   newsletter: {sends_as: [contoso.com], addresses: [198.51.100.9], spf: "ip4:198.51.100.9"}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   newsletter: {sends_as: [contoso.com], addresses: [198.51.100.9], spf: "ip4:198.51.100.9"}
//! routes:
//!   - {name: newsletter, from: newsletter, to: cloud, recipients: [accepted-domains], accepted_by: addresses}
//! ```
//!
//! ## Sources
//!
//! - Restrictions of inbound connectors: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::topology::Party;
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::PartnerRefused, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    // Only mail in our name alone can be meant to come by another way than the partner's own.
    let is_own = match astray.fault.party {
        Some(Party::Partner(id)) => {
            let domains = &astray.topology().partner(id).domains;
            let mut envelopes = astray.evidence.envelopes.iter().flatten();
            envelopes.any(|from| domains.iter().any(|at| at.value.matches(from.domain())))
        }
        _ => false,
    };
    let severity = if is_own {
        Severity::Error
    } else {
        Severity::Warning
    };
    Finding::new(
        Code::P002,
        severity,
        format!(
            "mail from `{}` for {} is refused at `{}`: {}",
            astray.party(),
            astray.names(),
            astray.place(),
            astray.evidence.way.end.why
        ),
    )
    .help(format!(
        "add a route by which it is known: `{{name: {0}, from: {0}, to: {1}, recipients: [accepted-domains], accepted_by: addresses}}`",
        astray.party(),
        astray.place()
    ))
}
