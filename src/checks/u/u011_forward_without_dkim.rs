//! # U011 forward-without-dkim
//!
//! ## What a clean result proves
//!
//! Mail of external senders that a mailbox of ours forwards to the outside can keep their signatures.
//!
//! ## Exact condition
//!
//! A mailbox forwards to an address of another organization, so that mail of external senders leaves from here. SPF never proves it:
//! the address is ours, or the envelope sender is. Only the signature of the author's own domain does, as long as no location
//! changes the mail.
//!
//! ## Severity
//!
//! note: what external senders sign is not ours to prove. warning where one of our locations changes the mail, so that no
//! signature is left, and where a tenant hands what its mailboxes forward to our own servers: there Exchange Online does not
//! rewrite the envelope sender (`SenderRewritingEnabled` of the connector), as it does where it sends by itself.
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
//!     mailboxes: {box: [ann@contoso.com]}
//!     mx: box
//!     forwards: [{address: ann@contoso.com, target: ann@fabrikam.com}]
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
//!     mailboxes: {box: [ann@contoso.com, bea@contoso.com]}
//!     mx: box
//!     forwards: [{address: ann@contoso.com, target: bea@contoso.com}]
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7960#section-3.1.1>
//! - Exchange Online: <https://learn.microsoft.com/exchange/reference/sender-rewriting-scheme>

use crate::checks::Run;
use crate::checks::authentication::who;
use crate::checks::spf_records::about;
use crate::finding::{Certainty, Code, Finding, Findings, Severity};
use crate::publish::Published;
use crate::source::Span;
use crate::publish::verdict::SpfLeg;
use crate::topology::{Condition, DomainId, LocationId, Party, Rule, Topology};
use crate::values::DomainName;
use crate::walk::{Envelope, Flows, Reason};
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let plan = flows.model.plan;
    let mut found: BTreeSet<Forwarded<'_>> = BTreeSet::new();
    for judged in &published.judged {
        let departure = &judged.departure;
        if departure.source == Party::Internet && departure.reason != Reason::Bounce {
            let changes = |at: &LocationId| topology.location(*at).modifies_body;
            let changed = departure.passed.iter().copied().find(changes);
            let kept = departure.envelope == Envelope::Kept;
            // A tenant on the way that has forwarded it and has not rewritten its sender.
            let rewrites_none = |at: &LocationId| {
                let location = topology.location(*at);
                location.tenant().is_some() && !location.rewrites_sender()
            };
            let mut before = departure.passed.iter().rev().skip(1).copied();
            // Where documents leave open whether it passes our servers, H004 speaks of it.
            let is_sure = kept && judged.certainty != Certainty::Possible;
            let past = before.find(|at| {
                is_sure && rewrites_none(at) && !plan.forwards_to_outside(*at).is_empty()
            });
            let fails = match (&departure.envelope, &judged.replaced) {
                (Envelope::Replaced(name), Some(SpfLeg::NoRecord)) => Some((name, "which has no SPF record")),
                (Envelope::Replaced(name), Some(SpfLeg::Fails(_))) => Some((name, "whose SPF record does not name it")),
                (Envelope::Replaced(name), Some(SpfLeg::Permerror(_))) => Some((name, "whose SPF record cannot be evaluated")),
                _ => None,
            };
            found.insert(Forwarded { by: departure.by, kept, fails, changed, past });
        }
    }
    let forwards = topology.domains().flat_map(|(id, domain)| {
        let outside = domain.forwards.iter().filter(|one| {
            topology.nearest_domain(one.target.domain()).is_none()
        });
        outside.map(move |one| (id, one.span))
    });
    let forwards: Vec<(DomainId, Span)> = forwards.collect();
    let domains: BTreeSet<DomainId> = forwards.iter().map(|(id, _)| *id).collect();
    let domains: Vec<DomainId> = domains.into_iter().collect();
    for Forwarded { by, kept, fails, changed, past } in found {
        let (span, object) = who(topology, by);
        let name = topology.party_name(by);
        let spf = match fails {
            _ if kept => "SPF does not pass, because their records do not name it".to_owned(),
            None => "SPF passes for our name and not for theirs".to_owned(),
            Some((host, why)) => format!("SPF passes neither for their names nor for `{host}`, {why}"),
        };
        let [changed, past] = [changed, past].map(|at| at.map(|at| topology.location(at).name.as_str()));
        let finding = match (changed, past) {
            (Some(changed), _) => Finding::new(
                Code::U011,
                Severity::Warning,
                format!("`{name}` forwards mail of external senders that `{changed}` has changed: no signature of theirs is left, and {spf}; whoever has a DMARC policy is refused"),
            )
            .help(format!("have mail that is forwarded go past `{changed}`, or keep bodies as they are there")),
            (None, Some(tenant)) => Finding::new(
                Code::U011,
                Severity::Warning,
                format!("`{tenant}` hands mail that its mailboxes forward to `{name}` with the envelope sender that it came with, and `{name}` sends it out: for external senders {spf}, and where they do not sign it, receivers refuse it"),
            )
            .help(format!("have the sender rewritten: `rewrites_sender: true` at `{tenant}` stands for `SenderRewritingEnabled` on its connectors to our own servers")),
            (None, None) => {
                let by = by.location().filter(|_| kept);
                let rule = by.and_then(|at| rule_by_sender(topology, at));
                let kept_by = rule.map_or_else(String::new, |rule| {
                    format!("; `{name}` keeps the envelope sender, so that rule `{rule}`, which asks for it, does not take this mail")
                });
                let is_postfix = |at: LocationId| topology.location(at).postfix().is_some();
                let help = if by.is_some_and(is_postfix) {
                    "let the host rewrite envelope senders (postsrsd) and write `rewrites_sender: true` beside it: SPF passes for our name then, and DMARC passes where they sign; a mailbox that its owner reads needs no forward"
                } else {
                    "nothing can be done for mail without a signature; a mailbox that its owner reads needs no forward"
                };
                Finding::note(
                    Code::U011,
                    format!("`{name}` forwards mail of external senders, for which {spf}: where they do not sign it, DMARC fails at the receiver{kept_by}"),
                )
                .help(help)
            }
        };
        let place = forwards.first().map_or(span, |(_, span)| *span);
        let finding = finding.at(place, "it is forwarded here").on(object);
        findings.push(about(finding, topology, &domains));
    }
}

/// How forwarded mail of external senders leaves.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Forwarded<'f> {
    by: Party,
    /// With the envelope sender that it came with.
    kept: bool,
    /// The name of ours that stands in its place and that SPF does not pass for, and why not.
    fails: Option<(&'f DomainName, &'static str)>,
    /// Where its body has been changed.
    changed: Option<LocationId>,
    /// The tenant that would have rewritten the sender, had it not left by our own servers.
    past: Option<LocationId>,
}

/// A rule of a place that asks for the domain of the envelope sender.
fn rule_by_sender(topology: &Topology, at: LocationId) -> Option<&str> {
    let by_sender = |rule: &&Rule| {
        let mut asked = rule.when.iter().map(|at| &at.value);
        rule.enabled && asked.any(|one| matches!(one, Condition::SenderDomain(_) | Condition::Sender(_)))
    };
    let mut rules = topology.rules.iter().filter(|rule| rule.at.value == at);
    rules.find(by_sender).map(|rule| rule.name.value.as_str())
}
