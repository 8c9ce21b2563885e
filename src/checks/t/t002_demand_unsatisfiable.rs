//! # T002 demand-unsatisfiable
//!
//! ## What a clean result proves
//!
//! Every TLS level that a route demands is one that its sending end can check and its receiving end can offer.
//!
//! ## Exact condition
//!
//! A route from an Exchange 2007 organization demands `ca-verified` or `verified`, which that version cannot check. A
//! route from a Postfix location demands that a certificate be checked, and no name is known that it should hold: the
//! next hop is an address and the receiving end has no `certificate`. Or a rule for senders at a Postfix location chooses a
//! route that follows the MX and demands more than is demanded of every host. Or a partner's mail must come with TLS to a
//! Postfix location that has no `certificate` to offer TLS with. Or mail of ours comes to a location that cannot give the TLS
//! which is demanded there: a Postfix location without `certificate`, or one whose certificate comes from no public
//! authority where Exchange Online checks it.
//!
//! ## Severity
//!
//! error: the mail would be sent with less protection than was demanded, would wait until it expires, or would be refused.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, tls: verified}
//!   hq:
//!     kind: exchange-server
//!     version: 2007
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
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
//!     version: 2007
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - `smtp_tls_policy_maps`, `reject_plaintext_session`: <https://www.postfix.org/TLS_README.html>
//! - `TlsAuthLevel`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-sendconnector>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows, TlsFailure};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    // Names on certificates are T003.
    for failure in [
        TlsFailure::NotOffered,
        TlsFailure::Untrusted,
        TlsFailure::Expired,
    ] {
        report(flows, FaultKind::Unverifiable(failure), findings, finding);
    }
}

fn finding(astray: &Astray<'_>) -> Finding {
    let place = astray.place();
    let location = astray.fault.at.map(|at| astray.topology().location(at));
    let mut hosts = location.into_iter().flat_map(|location| &location.hosts);
    let name = hosts.find_map(|at| at.value.name());
    let name = name.map_or_else(
        || format!("{place}.example.com"),
        |name| name.as_str().to_owned(),
    );
    Finding::error(
        Code::T002,
        format!(
            "`{place}` cannot give the TLS that is demanded of it, so mail from {} for {} does not get there: {}",
            astray.senders(),
            astray.names(),
            astray.evidence.way.end.why
        ),
    )
    .help(format!(
        "give `{place}` a certificate, `certificate: {name}`, or demand less of it: `tls: opportunistic` at `{place}`"
    ))
}
