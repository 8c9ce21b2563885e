//! # N016 wildcard-mx-covers-parked
//!
//! ## What a clean result proves
//!
//! No wildcard brings mail for a name that takes none.
//!
//! ## Exact condition
//!
//! A domain of the spec only sends (`send_only`) or is parked and has no MX record of its own, because nobody writes its records
//! (`dns: none`) or none of them are needed, and the `*` record of a domain above it answers for it.
//!
//! ## Severity
//!
//! warning: mail for the name comes in and bounces, or is delivered to another mailbox.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, subdomains: true}
//!   news.contoso.com: {send_only: true, dns: none}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, subdomains: true}
//!   news.contoso.com: {send_only: true, dkim: {box: {s1: s1.keys.example}}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc4592#section-2.2.1>
//! - <https://www.rfc-editor.org/rfc/rfc7505#section-3>

use crate::checks::Run;
use crate::dns::routing::{Exchangers, Existing, exchangers};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::Sending;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let existing = Existing::of(plan);
    let silent = topology.domains.iter();
    for domain in silent.filter(|domain| domain.sending != Sending::Normal) {
        let name = &domain.name;
        let Exchangers::Known { owner, .. } = exchangers(plan, &existing, name) else {
            continue;
        };
        if !owner.starts_with("*.") {
            continue;
        }
        findings.push(
            Finding::warning(
                Code::N016,
                format!("`{name}` takes no mail, and `{owner}` has an MX record that stands for it: mail for it comes in"),
            )
            .at(domain.span, "")
            .on(Object::Domain(name.to_string()))
            .domains([name.to_string()])
            .help(match domain.sending {
                Sending::Parked => "write `dns: managed`: the name then has a null MX of its own",
                _ => "give the name a record of its own, such as by `dkim` with the selectors of who signs, and `dns: managed`",
            }),
        );
    }
}
