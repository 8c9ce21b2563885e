//! # U017 spf-syntax
//!
//! ## What a clean result proves
//!
//! Every term that goes into an SPF record is one that receivers can read.
//!
//! ## Exact condition
//!
//! `spf` of a location or partner, or an `include` of a domain, holds a term that the grammar of SPF does not have, or one
//! that lets no mail pass. Or a record that is declared, or that another one includes, holds a term that is none.
//!
//! ## Severity
//!
//! error: one wrong term makes the whole record fail, for every sender of the domain.
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
use crate::publish::{Published, includes, refused_terms};
use crate::source::{At, Span};
use crate::spf::Broken;
use crate::topology::Topology;
use crate::values::shown;
use crate::walk::Flows;
use std::collections::BTreeSet;

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
            .help("write such as `include:spf.example.com` or `ip4:203.0.113.0/28`"),
        );
    }
    let unreadable = broken(topology, published, |why| matches!(why, Broken::Syntax(..)));
    for (why, domains) in unreadable {
        let (Broken::Syntax(name, term), Some(&first)) = (why, domains.first()) else {
            continue;
        };
        let finding = Finding::error(
            Code::U017,
            format!(
                "{} cannot be evaluated: that of `{name}` holds {}, which is no term, and SPF fails for {}",
                whose(topology, &domains),
                shown(&term),
                failing(topology, published, &domains)
            ),
        )
        .at(place(topology.domain(first)), "")
        .help(format!("have {} taken out of the record of `{name}`, or mended there", shown(&term)));
        findings.push(about(finding, topology, &domains));
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
