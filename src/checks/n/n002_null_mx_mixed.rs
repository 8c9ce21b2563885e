//! # N002 null-mx-mixed
//!
//! ## What a clean result proves
//!
//! A null MX, which says that a name takes no mail, stands alone, and at no name that mail is sent with.
//!
//! ## Exact condition
//!
//! The MX records that are declared for a domain hold `.` beside other hosts, or with another preference than 0. Or a domain with
//! `send_only` has a null MX, by what is declared or by a record of a zone.
//!
//! ## Severity
//!
//! error: senders may refuse to send to the domain at all. warning at a name that mail is sent with: receivers may refuse what nobody can
//! answer.
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
//! - <https://www.rfc-editor.org/rfc/rfc7505#section-4.2>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::dns::{RData, Record, RecordType};
use crate::source::Span;
use crate::topology::{DnsManagement, Domain, Sending};
use crate::values::OwnerName;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for domain in &plan.topology.domains {
        let DnsManagement::External(records) = &domain.dns else {
            if let Some(record) = own_null(plan, domain) {
                findings.push(sent_with(domain, record.span));
            }
            continue;
        };
        let list = records.mx.as_deref().unwrap_or_default();
        let null = list.iter().find(|at| at.value.1 == ".");
        if let (Some(null), 1, Sending::SendOnly) = (null, list.len(), domain.sending) {
            findings.push(sent_with(domain, null.span));
            continue;
        }
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

/// The null MX that stands in a zone of ours at a name that mail is sent with.
fn own_null<'p>(plan: &'p Plan, domain: &Domain) -> Option<&'p Record> {
    if domain.sending != Sending::SendOnly {
        return None;
    }
    let owner = OwnerName::from(domain.name.clone());
    let set = plan.zone_around(domain.name.as_str())?.set(&owner, RecordType::Mx)?;
    set.records.iter().find(|record| record.data == RData::null_mx())
}

fn sent_with(domain: &Domain, record: Span) -> Finding {
    let name = &domain.name;
    Finding::warning(
        Code::N002,
        format!("mail is sent as `{name}`, whose MX record says that it takes none: receivers may refuse it (550 5.7.27), because nobody could answer"),
    )
    .at(record, "no mail is taken")
    .on(Object::Domain(name.to_string()))
    .domains([name.to_string()])
    .help("have `0 .` taken out: without an MX record no mail is taken either".to_owned())
}
