//! # U017 spf-syntax
//!
//! ## What a clean result proves
//!
//! Every term that goes into an SPF record is one that receivers can read.
//!
//! ## Exact condition
//!
//! `spf` of a location or partner, or an `include` of a domain, holds a term that the grammar of SPF does not have, or one
//! that lets no mail pass. Or a record that is declared, or that another one includes, holds a term that is none; or a declared one
//! has an equals sign where a colon is meant (`include=`), which makes it a modifier.
//!
//! ## Severity
//!
//! error: one wrong term makes the whole record fail, for every sender of the domain. warning for a modifier, which receivers pass
//! over.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   newsletter: {sends_as: [contoso.com], spf: "includes:spf.newsletter.example"}
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
//! partners:
//!   newsletter: {sends_as: [contoso.com], spf: "include:spf.newsletter.example"}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-4.6.1>

use crate::checks::Run;
use crate::checks::spf_records::{about, broken, failing, place, whose};
use crate::finding::{Code, Finding, Findings};
use crate::publish::{Published, declared_records, includes, refused_terms};
use crate::source::{At, Span};
use crate::spf::{Broken, Record, meant};
use crate::topology::{DnsManagement, DomainId, Topology};
use crate::values::shown;
use crate::walk::Flows;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    for (term, span) in refused(topology) {
        findings.push(
            Finding::error(
                Code::U017,
                format!("{} is no term of an SPF record, and one wrong term makes the whole record fail", shown(&term)),
            )
            .at(span, "")
            .help(meant(&term).filter(|it| refused_terms(it).next().is_none()).map_or_else(
                || "write such as `include:spf.example.com` or `ip4:203.0.113.0/28`".to_owned(),
                |meant| format!("write `{meant}`"),
            )),
        );
    }
    passed_over(topology, findings);
    let unreadable = broken(topology, published, |why| matches!(why, Broken::Syntax(..)));
    for (why, domains) in unreadable {
        let (Broken::Syntax(name, term), Some(&first)) = (why, domains.first()) else {
            continue;
        };
        let own = domains.len() == 1 && topology.domain(first).name.as_str() == name;
        let whose_term = if own { "it".to_owned() } else { format!("that of `{name}`") };
        let finding = Finding::error(
            Code::U017,
            format!(
                "{} cannot be evaluated: {whose_term} holds {}, which is no term, and SPF fails for {}",
                whose(topology, &domains),
                shown(&term),
                failing(topology, published, &domains)
            ),
        )
        .at(place(topology.domain(first)), "")
        .help(match meant(&term).or_else(|| with_next(topology, &name, &term)) {
            Some(meant) => format!("have `{meant}` written in place of {} in the record of `{name}`", shown(&term)),
            None => format!("have {} taken out of the record of `{name}`, or mended there", shown(&term)),
        });
        findings.push(about(finding, topology, &domains));
    }
}

/// The term that a blank divides in a declared record, where a colon is meant.
fn with_next(topology: &Topology, name: &str, term: &str) -> Option<String> {
    let DnsManagement::External(records) = &topology.domain(topology.domain_named(name)?).dns else {
        return None;
    };
    let text = declared_records(records).into_iter().next()?;
    let mut words = text.split_ascii_whitespace().skip_while(|word| *word != term);
    let joined = format!("{}:{}", words.next()?.trim_end_matches(':'), words.next()?);
    let reads = Record::parse(&format!("v=spf1 {joined}")).is_ok();
    reads.then_some(joined)
}

/// Modifiers of declared records that are meant as mechanisms: nobody knows them, and receivers pass over them (RFC 7208,
/// section 6).
fn passed_over(topology: &Topology, findings: &mut Findings) {
    let mut found: BTreeMap<(&str, String), Vec<DomainId>> = BTreeMap::new();
    for (id, domain) in topology.domains() {
        let DnsManagement::External(records) = &domain.dns else {
            continue;
        };
        for text in declared_records(records) {
            let terms = text.split_ascii_whitespace().skip(1);
            let modifiers = terms.filter(|term| term.contains('=') && Record::parse(text).is_ok());
            for term in modifiers {
                if let Some(meant) = meant(term) {
                    found.entry((term, meant)).or_default().push(id);
                }
            }
        }
    }
    for ((term, meant), domains) in found {
        let Some(&first) = domains.first() else { continue };
        let finding = Finding::warning(
            Code::U017,
            format!(
                "receivers pass over {} in {}: with an equals sign it is a modifier, and none of this name is known",
                shown(term), whose(topology, &domains)
            ),
        )
        .at(place(topology.domain(first)), "");
        findings.push(about(finding, topology, &domains).help(format!("have `{meant}` written there")));
    }
}

/// What the spec writes into records and receivers cannot read.
fn refused(topology: &Topology) -> BTreeSet<(String, Span)> {
    let locations = topology.locations.iter().filter_map(|one| one.spf.as_ref());
    let partners = topology.partners.iter().filter_map(|one| one.spf.as_ref());
    let mut found = BTreeSet::new();
    for At { value, span } in locations.chain(partners) {
        found.extend(refused_terms(value).map(|term| (term.to_owned(), *span)));
    }
    for domain in crate::dns::managed(topology) {
        for At { value, span } in includes(topology, domain) {
            let bare = value.strip_prefix("include:").unwrap_or(value);
            let term = format!("include:{bare}");
            found.extend(refused_terms(&term).map(|term| (term.to_owned(), *span)));
        }
    }
    found
}
