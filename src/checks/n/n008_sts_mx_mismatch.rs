//! # N008 sts-mx-mismatch
//!
//! ## What a clean result proves
//!
//! An enforcing policy of MTA-STS names every host that the MX records name.
//!
//! ## Exact condition
//!
//! A domain whose records others keep has, by what `records` declares, a policy in the mode `enforce` that does not name one of
//! its MX hosts; or, where `mx_now` says that the entry changes, one of the hosts that come. Policies that are written from here are made
//! from the MX records.
//!
//! ## Severity
//!
//! error: senders that honour the policy do not deliver to the host. warning where the record does not name the host yet.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mx1.contoso.com, mx2.contoso.com], egress: [192.0.2.10], certificate: {names: [mx1.contoso.com, mx2.contoso.com]}, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com:
//!     mailboxes: box
//!     mx: box
//!     dns: external
//!     records:
//!       mx: [10 mx1.contoso.com, 20 mx2.contoso.com]
//!       mta_sts: {mode: enforce, mx: [mx1.contoso.com]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mx1.contoso.com, mx2.contoso.com], egress: [192.0.2.10], certificate: {names: [mx1.contoso.com, mx2.contoso.com]}, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com:
//!     mailboxes: box
//!     mx: box
//!     dns: external
//!     records:
//!       mx: [10 mx1.contoso.com, 20 mx2.contoso.com]
//!       mta_sts: {mode: enforce, mx: [mx1.contoso.com, mx2.contoso.com]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc8461#section-4.1>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::dns::enforced::{stands_for, unnamed};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::source::Span;
use crate::topology::{DnsManagement, Domain, MtaStsMode};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for domain in &plan.topology.domains {
        let DnsManagement::External(records) = &domain.dns else {
            continue;
        };
        let Some(policy) = &records.mta_sts else {
            continue;
        };
        let (mode, names) = &policy.value;
        if *mode != MtaStsMode::Enforce {
            continue;
        }
        let hosts = records.mx.iter().flatten().map(|at| at.value.1.as_str());
        let named = |host: &str| names.iter().any(|name| stands_for(name, host));
        let missed: Vec<&str> = hosts.filter(|host| *host != "." && !named(host)).collect();
        if !missed.is_empty() {
            let finding = Finding::error(
                Code::N008,
                format!(
                    "senders that honour the MTA-STS policy of `{}` do not deliver to {}, which the policy does not name",
                    domain.name,
                    listed(missed.iter().copied())
                ),
            );
            findings.push(about(finding, domain, policy.span, &missed, ""));
            continue;
        }
        let mut next = unnamed(&plan.topology, domain);
        next.retain(|_| domain.mx_now.is_some());
        let next: Vec<&str> = next.iter().map(String::as_str).collect();
        if !next.is_empty() {
            let finding = Finding::warning(
                Code::N008,
                format!(
                    "once the MX records of `{}` lead to {}, senders that honour its MTA-STS policy do not deliver there: the policy does not name it",
                    domain.name,
                    listed(next.iter().copied())
                ),
            );
            findings.push(about(finding, domain, policy.span, &next, " first; then wait as long as the policy of today lasts (its `max_age`), and move the MX record after that"));
        }
    }
}

fn about(finding: Finding, domain: &Domain, policy: Span, hosts: &[&str], when: &str) -> Finding {
    finding
        .at(policy, "the policy that is declared")
        .on(Object::Domain(domain.name.to_string()))
        .domains([domain.name.to_string()])
        .help(format!("have `mx: {}` added to the policy, and its `id` changed{when}", hosts.join("`, `mx: ")))
}
