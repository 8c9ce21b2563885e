//! # N009 sts-without-tlsrpt
//!
//! ## What a clean result proves
//!
//! Whoever asks senders to enforce TLS hears of what is not delivered because of it.
//!
//! ## Exact condition
//!
//! A domain has a policy of MTA-STS in the mode `enforce` or `testing`, or `dane: true`, and no `tls_rpt`.
//!
//! ## Severity
//!
//! note: nothing is lost by it, but nobody reports what is not delivered.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, mta_sts: {mode: testing, host: sts.contoso.com}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, mta_sts: {mode: testing, host: sts.contoso.com}, tls_rpt: ["mailto:tls@contoso.com"]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc8460#section-1>

use crate::checks::Run;
use crate::checks::spf_records::about;
use crate::finding::{Code, Finding, Findings};
use crate::plan::Plan;
use crate::topology::{DomainId, MtaStsMode};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let silent = topology.domains().filter(|(_, domain)| {
        let sts = domain.mta_sts.as_ref();
        let asks = sts.is_some_and(|at| at.value.mode != MtaStsMode::None)
            || domain.dane.is_some_and(|at| at.value);
        asks && domain.tls_rpt.is_empty()
    });
    let silent: Vec<DomainId> = silent.map(|(id, _)| id).collect();
    let Some(first) = silent.first().map(|id| topology.domain(*id)) else {
        return;
    };
    let others = match silent.len() {
        1 => "asks".to_owned(),
        n => format!("and {} more ask", n - 1),
    };
    let span = first.mta_sts.as_ref().map_or(first.span, |at| at.span);
    let finding = Finding::note(
        Code::N009,
        format!("`{}` {others} senders to enforce TLS, and nobody hears of mail that is not delivered because of it", first.name),
    )
    .at(span, "");
    findings.push(about(finding, topology, &silent).help(format!(
        "write `tls_rpt: [\"mailto:tls@{}\"]` with an address that is read",
        first.name
    )));
}
