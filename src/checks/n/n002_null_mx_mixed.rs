//! # N002 null-mx-mixed
//!
//! ## What a clean result proves
//!
//! A null MX, which says that a name takes no mail, stands alone.
//!
//! ## Exact condition
//!
//! The MX records that are declared for a domain hold `.` beside other hosts, or with another preference than 0.
//!
//! ## Severity
//!
//! error: senders may refuse to send to the domain at all.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com:
//!     mailboxes: box
//!     mx: box
//!     dns: external
//!     records: {mx: [10 mail.contoso.com, "0 ."], txt: ["v=spf1 ip4:192.0.2.10 -all"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com:
//!     mailboxes: box
//!     mx: box
//!     dns: external
//!     records: {mx: [10 mail.contoso.com], txt: ["v=spf1 ip4:192.0.2.10 -all"]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7505#section-3>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::DnsManagement;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for domain in &plan.topology.domains {
        let DnsManagement::External(records) = &domain.dns else {
            continue;
        };
        let list = records.mx.as_deref().unwrap_or_default();
        let null = list.iter().find(|at| at.value.1 == ".");
        let Some(null) = null.filter(|at| list.len() > 1 || at.value.0 != 0) else {
            continue;
        };
        findings.push(
            Finding::error(
                Code::N002,
                format!("the MX records of `{}` say that it takes no mail, and name a host as well", domain.name),
            )
            .at(null.span, "no mail is taken")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()])
            .help(format!("have `{} .` taken out; alone, and with preference 0, it stands for a name that takes no mail", null.value.0)),
        );
    }
}
