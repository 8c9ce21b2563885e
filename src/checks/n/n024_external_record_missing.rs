//! # N024 external-record-missing
//!
//! ## What a clean result proves
//!
//! Whatever mail needs in a zone that others keep, as far as the spec declares what stands there, does stand there.
//!
//! ## Exact condition
//!
//! A domain has `dns: external`, and `records` declares the records of a name, of a type that mail needs there: SPF, DMARC,
//! DKIM, MTA-STS, TLS reports, TLSA or the address of a host. The record is missing or says something else. What `records` does
//! not declare is not known, and MX records are N004. Records whose terms or tags stand in another order or case, or say what
//! holds anyway, are the same.
//!
//! ## Severity
//!
//! warning: what rests on the record does not work until its owner has published it. `dns/changes/DOMAIN.md` lists what has to be done.
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
//!   contoso.com:
//!     mailboxes: box
//!     mx: box
//!     dns: external
//!     dmarc: {policy: reject}
//!     records:
//!       mx: [10 mail.contoso.com]
//!       txt: ["v=spf1 ip4:192.0.2.10 -all"]
//!       below: {_dmarc: {txt: ["v=DMARC1; p=none"]}}
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
//!   contoso.com:
//!     mailboxes: box
//!     mx: box
//!     dns: external
//!     dmarc: {policy: reject}
//!     records:
//!       mx: [10 mail.contoso.com]
//!       txt: ["v=spf1 ip4:192.0.2.10 -all"]
//!       below: {_dmarc: {txt: ["v=DMARC1; p=reject"]}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-3>
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-6.1>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::dns::RecordType;
use crate::dns::write::changes::wanted;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::Sending;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for wanted in wanted(plan) {
        let missing = wanted.missing();
        let missing = missing.iter().filter(|one| {
            // MX records, selectors, reports and parked names have checks of their own.
            let has_check = ["._domainkey.", "._report._dmarc."];
            one.kind != RecordType::Mx && !has_check.iter().any(|part| one.owner.as_str().contains(part))
        });
        let names: Vec<String> = missing.clone().map(|one| format!("{} {}", one.kind, one.owner)).collect();
        let texts = missing.filter(|one| one.kind == RecordType::Txt);
        let flaws = texts.filter_map(|one| wanted.flaw(one.owner.as_str()));
        let flaws: String = flaws.flat_map(|why| ["; ".to_owned(), why]).collect();
        if names.is_empty() || wanted.domain.sending == Sending::Parked {
            continue;
        }
        let domain = wanted.domain;
        findings.push(
            Finding::warning(
                Code::N024,
                format!(
                    "records of `{}` are not as mail needs them, by what is declared: {}{flaws}",
                    domain.name,
                    listed(names.iter().map(String::as_str))
                ),
            )
            .at(domain.span, "others keep its records")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()])
            .help(format!(
                "have its owner publish what `dns/changes/{}.md` lists, and declare it in `records`",
                domain.name
            )),
        );
    }
}
