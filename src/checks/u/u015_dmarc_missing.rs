//! # U015 dmarc-missing
//!
//! ## What a clean result proves
//!
//! Every domain that mail is sent with has a DMARC policy, at its own name or above.
//!
//! ## Exact condition
//!
//! Mail leaves in the name of a domain whose records the spec knows, by writing or by declaring them, and neither the name nor its organizational domain has a DMARC record.
//! Or it has several, one at another name, or one that receivers cannot read. Where `dmarc` wants a record in a zone that others
//! keep, N024 says so.
//!
//! ## Severity
//!
//! note: receivers do not protect the name, and large ones want a record of whoever sends them much. warning where a record is meant
//! and receivers act on none.
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
//!   contoso.com: {mailboxes: box, mx: box}
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
//!   contoso.com: {mailboxes: box, mx: box, dmarc: {policy: none, rua: ["mailto:dmarc@contoso.com"]}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-6.6.3>

use crate::checks::Run;
use crate::checks::spf_records::about;
use crate::finding::{Code, Finding, Findings};
use crate::dns::{DMARC, wants_dmarc};
use crate::publish::{Known, Published};
use crate::topology::{DnsManagement, DomainId};
use crate::values::Address;
use crate::walk::Flows;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let without = published.judged.iter().filter(|judged| {
        let proof = judged.proof.as_ref();
        proof.is_some_and(|proof| proof.policy.is_none())
    });
    let known = Known::of(flows.model.plan, published);
    // Where a record is wanted and does not stand there, or an alias does, that has a finding of its own. Of records that others
    // keep nothing is known but what is declared.
    let is_known = |id: &DomainId| {
        let domain = topology.domain(*id);
        let place = format!("_dmarc.{}", domain.name);
        !wants_dmarc(topology, domain) && match &domain.dns {
            DnsManagement::Managed => known.behind(&place) == place,
            DnsManagement::External(_) => known.gathered(&place).is_some(),
            DnsManagement::None => false,
        }
    };
    let without: BTreeSet<DomainId> = without
        .flat_map(|judged| judged.domains.iter().copied())
        .filter(is_known)
        .collect();
    let mut missing = Vec::new();
    for id in without {
        let domain = topology.domain(id);
        let Some(flaw) = DMARC.flaw(domain.name.as_str(), |name| known.gathered(name)) else {
            missing.push(id);
            continue;
        };
        let finding = Finding::warning(
            Code::U015,
            format!("`{}` sends mail, and receivers find no DMARC policy for it: {}", domain.name, flaw.why),
        )
        .at(domain.span, "");
        let declare = match domain.dns {
            DnsManagement::External(_) => ", and declare it in `records`",
            DnsManagement::Managed | DnsManagement::None => "",
        };
        findings.push(about(finding, topology, &[id]).help(format!("{}{declare}", flaw.cure)));
    }
    let without = missing;
    let Some(first) = without.first().map(|id| topology.domain(*id)) else {
        return;
    };
    let others = match without.len() {
        1 => "sends mail and has".to_owned(),
        2 => "and one other domain send mail and have".to_owned(),
        n => format!("and {} other domains send mail and have", n - 1),
    };
    let finding = Finding::note(
        Code::U015,
        format!("`{}` {others} no DMARC record: receivers do not protect the name", first.name),
    )
    .at(first.span, "");
    let reads = Address::of("dmarc", &first.name).filter(|address| !flows.model.reaches_nobody(address));
    findings.push(about(finding, topology, &without).help(match reads {
        Some(address) => format!(
            "begin with `dmarc: {{policy: none, rua: [\"mailto:{address}\"]}}`, here or for all under `dns`"
        ),
        None => "begin with `dmarc: {policy: none}`, here or for all under `dns`, and name the mailbox that reads the reports in `rua`".to_owned(),
    }));
}
