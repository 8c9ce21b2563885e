//! # U006 spf-stale-mechanism
//!
//! ## What a clean result proves
//!
//! Every term of an SPF record is there for one who sends.
//!
//! ## Exact condition
//!
//! A term of a declared record, or a name in `include`, authorizes no way out of the domain's mail and no partner that sends in
//! its name. Terms `a` and `mx` are not looked at, nor names with macros, nor a record
//! that receivers cannot evaluate.
//!
//! ## Severity
//!
//! note: whoever gets the address or the service passes as the domain. warning for a declared record that ends in another `all` than `-all`.
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
//!     records: {mx: [10 mail.contoso.com], txt: ["v=spf1 ip4:192.0.2.10 include:spf.old.example -all"]}
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
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-11.4>

use crate::checks::Run;
use crate::checks::spf_records::{about, broken, place};
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::publish::{Published, Terms, addresses, declared_records, includes};
use crate::source::Span;
use crate::spf::{Mechanism, Qualifier, Record};
use crate::topology::{DnsManagement, Domain, DomainId, Party, PartnerEnvelope, Sending, SendsInOurName, Topology};
use crate::values::{DomainName, Network};
use crate::walk::Flows;
use std::collections::{BTreeMap, BTreeSet};

/// So many places are shown.
const MOST_SHOWN: usize = 10;

/// Terms that nobody uses, of the same domains.
#[derive(Default)]
struct Unused {
    spans: BTreeSet<Span>,
    terms: Vec<String>,
}

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let mut found: BTreeMap<(String, bool), (Span, Vec<DomainId>)> = BTreeMap::new();
    // A record that nobody can evaluate authorizes nobody, and what is said of it may want a term to go or to stay.
    let broken: BTreeSet<DomainId> = broken(topology, published, |_| true).into_values().flatten().collect();
    for (id, domain) in topology.domains() {
        if domain.sending == Sending::Parked || broken.contains(&id) {
            continue;
        }
        let mut used = Terms::default();
        let mut networks: BTreeSet<Network> = BTreeSet::new();
        for exit in published.egress.of_domain(id) {
            used.add_party(topology, exit.by);
            networks.extend(addresses(topology, exit.by));
        }
        for (term, loose, span) in stale(topology, domain, &used, &networks) {
            let (_, domains) = found.entry((term, loose)).or_insert((span, Vec::new()));
            domains.push(id);
        }
    }
    // What is said of the same domains is one finding.
    let mut together: BTreeMap<(Vec<DomainId>, bool), Unused> = BTreeMap::new();
    for ((term, loose), (span, domains)) in found {
        let unused = together.entry((domains, loose)).or_default();
        unused.spans.insert(span);
        unused.terms.push(term);
    }
    for ((domains, loose), Unused { spans, terms }) in together {
        let are = if terms.len() == 1 { "is" } else { "are" };
        let severity = if loose { Severity::Warning } else { Severity::Note };
        let finding = Finding::new(
            Code::U006,
            severity,
            format!(
                "{} in an SPF record {are} used by nobody in this spec",
                listed(terms.iter().map(String::as_str))
            ),
        );
        let finding = spans.into_iter().take(MOST_SHOWN).fold(finding, |finding, span| finding.at(span, ""));
        let finding = about(finding, topology, &domains);
        findings.push(match elsewhere(topology, &domains, &terms) {
            Some((partner, name)) => finding.help(format!(
                "take it out: `{partner}` sends with envelope senders of `{name}`, and receivers ask for the record of that name alone"
            )),
            None => finding.help(
                "name who sends from there as a partner with `sends_as` and this `spf`, or have it taken out",
            ),
        });
    }
}

/// A partner whose terms these are and that sends in the name of the domains, with envelope senders of another name.
fn elsewhere<'t>(
    topology: &'t Topology,
    domains: &[DomainId],
    terms: &[String],
) -> Option<(&'t str, &'t DomainName)> {
    let mut asked = Terms::default();
    for term in terms {
        asked.add_text(&term.to_ascii_lowercase());
    }
    topology.partners().find_map(|(id, partner)| {
        let used = Terms::of(topology, Party::Partner(id));
        let is_its = asked.networks.is_subset(&used.networks) && asked.others.is_subset(&used.others);
        let writes = |name: &DomainName| {
            partner.sends_as.iter().any(|at| match &at.value {
                SendsInOurName::Domain(domain) => domain == name,
                SendsInOurName::Address(address) => address.domain() == name,
            })
        };
        let is_its = is_its && domains.iter().all(|id| writes(&topology.domain(*id).name));
        match partner.envelope.as_ref().map(|at| &at.value) {
            Some(PartnerEnvelope::Domain(name)) if is_its => Some((partner.name.as_str(), name)),
            _ => None,
        }
    })
}

/// Terms that nobody uses, whether the record lets others through, too, and where it stands.
fn stale(
    topology: &Topology,
    domain: &Domain,
    used: &Terms,
    networks: &BTreeSet<Network>,
) -> Vec<(String, bool, Span)> {
    let mut found = Vec::new();
    match &domain.dns {
        DnsManagement::External(records) => {
            let texts = declared_records(records);
            let [text] = texts.as_slice() else {
                return found;
            };
            let Ok(record) = Record::parse(text) else {
                return found;
            };
            let end = record.terms.iter().find(|term| term.mechanism == Mechanism::All);
            let loose = end.is_none_or(|term| term.qualifier != Qualifier::Fail);
            for term in record.terms.iter().filter(|term| term.qualifier == Qualifier::Pass) {
                let is_used = match &term.mechanism {
                    Mechanism::Ip(network) => {
                        let network = Network::from(*network);
                        used.networks.iter().chain(networks).any(|one| network.contains(one) || one.contains(&network))
                    }
                    // What a macro makes of it depends on who sends.
                    Mechanism::Include(name) if name.contains('%') => true,
                    // U002 speaks of a record that leads back to itself.
                    Mechanism::Include(name) if name.eq_ignore_ascii_case(domain.name.as_str()) => true,
                    Mechanism::Include(name) => used.others.contains(&format!("include:{}", name.to_ascii_lowercase())),
                    _ => true,
                };
                if !is_used {
                    found.push((term.text.clone(), loose, place(domain)));
                }
            }
        }
        DnsManagement::Managed => {
            for include in includes(topology, domain) {
                let bare = include.value.strip_prefix("include:").unwrap_or(&include.value);
                let term = format!("include:{bare}");
                if !bare.contains('%') && !used.others.contains(&term) {
                    found.push((term, false, include.span));
                }
            }
        }
        DnsManagement::None => {}
    }
    found
}
