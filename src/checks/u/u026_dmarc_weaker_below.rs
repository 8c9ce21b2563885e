//! # U026 dmarc-weaker-below
//!
//! ## What a clean result proves
//!
//! Names below a domain are protected like the domain itself.
//!
//! ## Exact condition
//!
//! The DMARC record of a domain, as it is written or declared, asks receivers to refuse or to suspect what nobody proves, and asks
//! for less where the author is a name below (`sp`).
//!
//! ## Severity
//!
//! note: it may be meant for the time in which the mail of these names is not proved yet.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dmarc: {policy: quarantine, subdomains: none}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dmarc: {policy: quarantine}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-6.3>

use crate::checks::Run;
use crate::checks::spf_records::about;
use crate::finding::{Code, Finding, Findings};
use crate::publish::{Known, Published};
use crate::topology::{DmarcPolicy, DnsManagement, DomainId, Sending};
use crate::walk::Flows;
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let known = Known::of(flows.model.plan, published);
    let mut found: BTreeMap<(DmarcPolicy, DmarcPolicy), Vec<DomainId>> = BTreeMap::new();
    for (id, domain) in topology.domains() {
        let is_ours = !matches!(domain.dns, DnsManagement::None) && domain.sending != Sending::Parked;
        if !is_ours || !known.is_top(&domain.name) {
            continue;
        }
        if let Some(record) = known.dmarc_at(domain.name.as_str()).filter(|record| record.below < record.policy) {
            found.entry((record.policy, record.below)).or_default().push(id);
        }
    }
    for ((policy, below), domains) in found {
        let Some(first) = domains.first().map(|id| topology.domain(*id)) else {
            continue;
        };
        let others = match domains.len() {
            1 => "has".to_owned(),
            2 => "and one other domain have".to_owned(),
            n => format!("and {} other domains have", n - 1),
        };
        let span = first.dmarc.as_ref().map_or(first.span, |at| at.span);
        let finding = Finding::note(
            Code::U026,
            format!(
                "`{}` {others} the DMARC policy `{}`, and `{}` for names below: what is forged with such a name gets through",
                first.name,
                policy.keyword(),
                below.keyword()
            ),
        )
        .at(span, "");
        findings.push(about(finding, topology, &domains).help(format!(
            "once mail of the names below is proved, take `subdomains` out, or write `subdomains: {}`",
            policy.keyword()
        )));
    }
}
