//! # U010 dkim-selector-missing
//!
//! ## What a clean result proves
//!
//! Every selector that a signer uses is published.
//!
//! ## Exact condition
//!
//! A domain has `dns: external` and signers with selectors, and what `records.below` declares at the name of a selector is not
//! the key or the target that `dkim` or the facts have, other tags and their order apart; of a tenant whose targets nobody has
//! gathered, that nothing stands there. Of a declared key that no receiver can use U021 speaks. Or `dkim` names a location or
//! partner that is no tenant, and none of its selectors.
//!
//! ## Severity
//!
//! error: receivers cannot verify signatures with the selector.
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
//!     dkim: {box: {s1: s1.keys.example}}
//!     records:
//!       mx: [10 mail.contoso.com]
//!       txt: ["v=spf1 ip4:192.0.2.10 -all"]
//!       below: {s1._domainkey: {cname: []}}
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
//!     dkim: {box: {s1: s1.keys.example}}
//!     records:
//!       mx: [10 mail.contoso.com]
//!       txt: ["v=spf1 ip4:192.0.2.10 -all"]
//!       below: {s1._domainkey: {cname: s1.keys.example}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc6376#section-3.6.2>

use crate::checks::Run;
use crate::checks::spf_records::about;
use crate::dns::selector_at;
use crate::dns::write::changes::{Wanted, wanted};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::dns::keys::{KeyUse, keys_use};
use crate::routes::facts::{TENANT_SELECTORS, dkim_targets, signing_tenants};
use crate::source::Span;
use crate::topology::{Dkim, DkimSigner, DnsManagement, DomainId, Party, Sending, Topology};
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let mut nameless: BTreeMap<Party, (Span, Vec<DomainId>)> = BTreeMap::new();
    for (id, domain) in topology.domains() {
        let (Dkim::Signers(signers), false) = (&domain.dkim, domain.sending == Sending::Parked) else {
            continue;
        };
        for DkimSigner { signer, selectors } in signers {
            let tenant = |at| topology.location(at).tenant().is_some();
            // The selectors of a tenant are the provider's.
            if selectors.is_empty()
                && !signer.value.location().is_some_and(tenant)
                && !matches!(domain.dns, DnsManagement::None)
            {
                let found = nameless.entry(signer.value);
                found.or_insert((signer.span, Vec::new())).1.push(id);
            }
        }
    }
    for (party, (span, domains)) in nameless {
        let name = topology.party_name(party);
        let finding = Finding::error(
            Code::U010,
            format!("`{name}` signs, and none of its selectors is written: no key is published for its signatures"),
        )
        .at(span, "it signs here");
        findings.push(about(finding, topology, &domains).help(format!(
            "write them with their keys, such as `dkim: {{{name}: {{SELECTOR: TARGET}}}}`"
        )));
    }
    for wanted in wanted(plan) {
        let domain = wanted.domain;
        for missing in wanted.missing() {
            let (owner, kind) = (missing.owner, missing.kind);
            let name = owner.as_str();
            let declared = topology.declared_below(name).and_then(|one| one.txt.as_deref());
            let is_useless = declared.is_some_and(|texts| {
                !texts.is_empty() && matches!(keys_use(texts), KeyUse::Unusable(..) | KeyUse::Revoked)
            });
            if selector_at(name).is_none() || is_useless {
                continue;
            }
            let finding = Finding::error(
                Code::U010,
                format!("`{owner}` has not the {kind} record that `dkim` says, by what is declared: signatures with it prove nothing"),
            )
            .at(wanted.place(name), "others keep its records")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()]);
            findings.push(finding.help(format!(
                "have {} published, and declare it in `records.below`",
                missing.entry()
            )));
        }
        findings.extend(unknown_targets(topology, &wanted));
    }
}

/// A tenant whose targets nobody has gathered, and at whose selectors nothing stands.
fn unknown_targets(topology: &Topology, wanted: &Wanted<'_>) -> Option<Finding> {
    let domain = wanted.domain;
    let mut tenants = signing_tenants(topology, domain);
    let (at, tenant) = tenants.find_map(|at| Some((at, topology.location(at).tenant()?)))?;
    if domain.sending == Sending::Parked || dkim_targets(topology, at, &domain.name).is_some() {
        return None;
    }
    let names = TENANT_SELECTORS.map(|selector| format!("{selector}._domainkey.{}", domain.name));
    let absent = names.iter().filter(|name| topology.is_declared_without_key(name));
    let absent: Vec<&String> = absent.collect();
    let first = absent.first()?;
    let shown = absent.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let name = &topology.location(at).name;
    let words = format!(
        "nothing stands at {}, by what is declared: `{name}` signs mail of `{}` as `{}` alone, which proves no author of it",
        shown.join(" and "), domain.name, tenant.initial_domain()
    );
    let finding = Finding::error(Code::U010, words)
        .at(wanted.place(first), "others keep its records")
        .on(Object::Domain(domain.name.to_string()))
        .domains([domain.name.to_string()]);
    Some(finding.help(format!(
        "run `{name}/facts.ps1`, which reads the targets of both selectors, have the two CNAME records published and the signing turned on"
    )))
}
