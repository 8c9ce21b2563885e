//! # N003 parked-not-closed
//!
//! ## What a clean result proves
//!
//! A parked name that others publish is closed: nobody receives with it, and receivers refuse what is sent in its name.
//!
//! ## Exact condition
//!
//! A domain is `parked` and has `dns: external`, and what `records` declares is not a null MX, the SPF record `v=spf1 -all`, or
//! a DMARC record with `p=reject`. What is not declared is not known. Or a parked domain in a zone of ours has a `dmarc` of its own
//! that does not ask to reject all mail. Or a zone of ours has an alias below a domain whose unused
//! names are closed (`parked`, `unused_subdomains: closed`), and no DMARC policy asks receivers to refuse or to suspect its mail.
//!
//! ## Severity
//!
//! warning: others can send in the name of the domain. note for an alias: nothing can stand beside it that closes it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   contoso.example: {parked: true, dns: external, records: {mx: ["0 ."], txt: []}}
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
//!   contoso.example: {parked: true, dns: external, records: {mx: ["0 ."], txt: ["v=spf1 -all"]}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7505#section-3>
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-10.1.2>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::dns::write::changes::wanted;
use crate::dns::{RData, RecordType, managed};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::publish::Known;
use crate::source::{At, Span};
use crate::topology::{DmarcPolicy, Sending, Topology};
use crate::values::DomainName;
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    open_aliases(plan, findings);
    mild_policies(&plan.topology, findings);
    for wanted in wanted(plan) {
        let domain = wanted.domain;
        let missing = wanted.missing();
        let names: Vec<String> = missing.iter().map(|one| format!("{} {}", one.kind, one.owner)).collect();
        if domain.sending != Sending::Parked || names.is_empty() {
            continue;
        }
        let texts = missing.iter().filter(|one| one.kind == RecordType::Txt);
        let flaws = texts.filter_map(|one| wanted.flaw(one.owner.as_str()));
        let flaws: String = flaws.flat_map(|why| ["; ".to_owned(), why]).collect();
        findings.push(
            Finding::warning(
                Code::N003,
                format!(
                    "`{}` is parked and not closed: it lacks {}{flaws}",
                    domain.name,
                    listed(names.iter().map(String::as_str))
                ),
            )
            .at(domain.span, "")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()])
            .help(format!("have its owner publish what `dns/changes/{}.md` lists", domain.name)),
        );
    }
}

/// Parked domains of ours whose own policy asks for less than a parked one has by itself.
fn mild_policies(topology: &Topology, findings: &mut Findings) {
    for domain in managed(topology).filter(|domain| domain.sending == Sending::Parked) {
        let Some(At { value, span }) = domain.dmarc.as_deref() else { continue };
        let is_milder = |policy: Option<DmarcPolicy>| policy.is_some_and(|policy| policy != DmarcPolicy::Reject);
        let why = if value.policy != DmarcPolicy::Reject {
            format!("its DMARC policy is `{}`", value.policy.keyword())
        } else if value.testing {
            "its DMARC policy is a test".to_owned()
        } else if is_milder(value.subdomains) || is_milder(value.nonexistent) {
            "its DMARC policy asks for less about names below it".to_owned()
        } else {
            continue;
        };
        findings.push(
            Finding::warning(
                Code::N003,
                format!("`{}` is parked and not closed: {why}, and receivers need not refuse what others send in its name", domain.name),
            )
            .at(*span, "")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()])
            .help("write `policy: reject` alone, beside the addresses for reports, or take `dmarc` out: a parked domain has this policy by itself"),
        );
    }
}

/// Aliases below domains whose unused names are closed: who asks for their records gets those of the other name.
fn open_aliases(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let known = Known::filled(plan);
    let mut open: BTreeMap<&DomainName, Vec<(DomainName, &RData, Span)>> = BTreeMap::new();
    for (key, set) in plan.zones.iter().flat_map(|zone| zone.sets.iter()) {
        let (RecordType::Cname, Some(record)) = (key.kind, set.records.first()) else {
            continue;
        };
        // Nobody writes mail with a name that has an underscore.
        if key.owner.as_str().contains('_') {
            continue;
        }
        let Ok(name) = DomainName::parse(key.owner.as_str()) else {
            continue;
        };
        let Some(domain) = topology.nearest_domain(&name) else {
            continue;
        };
        let is_closed = domain.sending == Sending::Parked || domain.closes_unused.is_some();
        let is_refused = || {
            let policy = known.dmarc_of(&name).map(|(_, policy)| policy);
            matches!(policy, Some(DmarcPolicy::Reject | DmarcPolicy::Quarantine))
        };
        if is_closed && name != domain.name && !is_refused() {
            open.entry(&domain.name).or_default().push((name, &record.data, record.span));
        }
    }
    for (domain, aliases) in open {
        let Some((first, data, span)) = aliases.first() else {
            continue;
        };
        let target = match data {
            RData::Cname(target) => target.as_str(),
            _ => "",
        };
        let others = match aliases.len() {
            1 => String::new(),
            2 => ", and so is one other name".to_owned(),
            n => format!(", and so are {} other names", n - 1),
        };
        findings.push(
            Finding::note(
                Code::N003,
                format!("`{first}` is an alias{others}, and stays open below `{domain}`: who asks for its SPF record gets that of `{target}`, and no DMARC policy has mail with its name refused"),
            )
            .at(*span, "the alias")
            .on(Object::Domain(domain.to_string()))
            .domains([domain.to_string()])
            .help(format!("write `dmarc: {{policy: reject}}` at `{domain}`, or `subdomains: reject` in its `dmarc`")),
        );
    }
}
