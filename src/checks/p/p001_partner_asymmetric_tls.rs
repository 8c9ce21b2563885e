//! # P001 partner-asymmetric-tls
//!
//! ## What a clean result proves
//!
//! Every partner with whom protected mail was agreed is protected in both directions, or the spec says that one
//! direction is not.
//!
//! ## Exact condition
//!
//! `tls` of a partner with `domains` demands more than `opportunistic` in one direction and leaves the other out.
//!
//! ## Severity
//!
//! warning: in the direction that is left out, an attacker on the path can remove the protection without being noticed.
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
//!   contosobank: {domains: [contosobank.com], tls: {outbound: verified}, certificate: "*.contosobank.com"}
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
//!   contosobank: {domains: [contosobank.com], tls: {outbound: verified, inbound: verified}, certificate: "*.contosobank.com"}
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-for-secure-mail-flow-with-a-partner>
//! - Opportunistic TLS: <https://www.rfc-editor.org/rfc/rfc7435>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Plan;
use crate::topology::Topology;
use crate::values::TlsLevel;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let Topology { partners, .. } = &plan.topology;
    for partner in partners
        .iter()
        .filter(|partner| !partner.domains.is_empty())
    {
        let name = &partner.name;
        let (level, missing, left_open) = match (partner.tls_inbound, partner.tls_outbound) {
            (Some(level), None) => (level, "outbound", format!("mail to `{name}`")),
            (None, Some(level)) => (level, "inbound", format!("mail from `{name}`")),
            _ => continue,
        };
        if level.value <= TlsLevel::Opportunistic {
            continue;
        }
        // What a partner is to show has to be known before it can be demanded.
        let is_known = missing == "outbound" || partner.client_certificate().is_some();
        let finding = 
            Finding::warning(
                Code::P001,
                format!("partner `{name}` demands `{}` in one direction only: {left_open} goes in the clear wherever TLS fails or is suppressed", level.value),
            )
            .at(level.span, "demanded here")
            .at(partner.span, format!("nothing is demanded {missing}"))
            .on(Object::Partner(name.clone()))
            .help(format!("write `{missing}: {}` beside it, or `{missing}: opportunistic` if that is what was agreed", level.value));
        let both = Operation::Set {
            object: Object::Partner(name.clone()),
            keys: vec!["tls".to_owned(), missing.to_owned()],
            value: level.value.to_string(),
        };
        findings.push(if is_known { finding.fix(both) } else { finding });
    }
}
