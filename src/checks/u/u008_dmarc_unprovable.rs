//! # U008 dmarc-unprovable
//!
//! ## What a clean result proves
//!
//! Whatever leaves or is sent in the name of a domain with a DMARC policy, receivers can prove by SPF or by a signature.
//!
//! ## Exact condition
//!
//! Mail of a domain leaves over a way, or a partner sends it, and neither proves it: SPF does not pass for its envelope
//! sender, or that sender does not stand for the author's domain; and no signature is left whose name stands for the author
//! and whose key is published. Where the address alone is the cause, the checks of SPF speak (U001, U002, U007, U017, U025).
//! Two rules are in use for what stands for a name: the list of public suffixes and the walk up the tree; both have to agree.
//!
//! Besides: what depends on a name or a key that nobody knows, and a partner whose envelope senders nobody names and who has
//! no selector.
//!
//! ## Severity
//!
//! error: with a policy of `quarantine` or `reject` the mail is lost. warning with the policy `none`, and note without a
//! policy. One step milder where it depends on something that nobody knows, and a note where there are no facts at all.
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
//!   contoso.com: {mailboxes: {box: [ann@contoso.com]}, mx: box, dmarc: {policy: reject}}
//! partners:
//!   bulk: {sends_as: [contoso.com], domains: [bulk.example]}
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
//!   contoso.com: {mailboxes: {box: [ann@contoso.com]}, mx: box, dmarc: {policy: reject}, dkim: {bulk: {b1: b1.bulk.example}}}
//! partners:
//!   bulk: {sends_as: [contoso.com], spf: "include:spf.bulk.example"}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-4.2>
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-3.1>

use crate::checks::Run;
use crate::checks::authentication::{Cause, causes, signing};
use crate::checks::spf_records::envelopes;
use crate::checks::u::u007_spf_not_inherited::unwritten;
use crate::finding::{Certainty, Code, Finding, Findings, Severity};
use crate::publish::{Aligned, Published};
use crate::publish::verdict::{Outcome, SpfLeg, SignatureStatus, Whose};
use crate::dns::wants_dmarc;
use crate::topology::{Dkim, DkimKey, DmarcPolicy, LocationId, Party, Topology};
use crate::walk::{Flows, Reason};

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let found = causes(published, |judged, proof| {
        // What is wrong with an address or a record, the checks of SPF say.
        let by_address = proof.aligned == Aligned::Yes
            && match (&proof.spf, judged.departure.by) {
                // Somebody else of whom nothing is known has no address that could be missing.
                (SpfLeg::Nameless, by) => by.location().is_some(),
                (SpfLeg::NoRecord, _) => unwritten(topology, proof).is_some(),
                // They speak of the domains of the spec alone.
                (SpfLeg::Fails(_) | SpfLeg::Permerror(_), _) => envelopes(topology, judged).next().is_some(),
                _ => false,
            };
        let is_wanted = match proof.outcome {
            Outcome::Broken => !by_address && proof.broken_by().is_none(),
            Outcome::Unknown => !by_address && proof.policy.is_some(),
            Outcome::Assumed => proof.is_enforced(),
            Outcome::TwoLegs | Outcome::BySignature | Outcome::BySpf => false,
        };
        let legs = (proof.spf.clone(), proof.aligned, proof.signatures.first().cloned());
        is_wanted.then_some((proof.policy, proof.outcome, legs))
    });
    for cause in found.values() {
        findings.push(finding(topology, published, cause));
    }
}

fn finding(topology: &Topology, published: &Published, cause: &Cause<'_>) -> Finding {
    let mail = cause.mail(topology);
    let spf = cause.spf_words(topology);
    let dkim = cause.dkim_words(topology);
    let (severity, message) = match cause.proof.outcome {
        Outcome::Assumed => (
            Severity::Warning,
            format!(
                "{mail} passes DMARC by SPF alone, and only if its envelope senders are of the same domain, which nobody says"
            ),
        ),
        Outcome::Unknown => {
            let gathered = topology.facts.gathered.is_some();
            let severity = if gathered && cause.severity() == Severity::Error {
                Severity::Warning
            } else {
                Severity::Note
            };
            let message = format!("whether {mail} passes DMARC nobody knows: {spf}, and {dkim}");
            (severity, message)
        }
        _ => {
            let then = cause.then();
            (cause.severity(), format!("{mail} does not pass DMARC: {spf}, and {dkim}{then}"))
        }
    };
    let mut finding = Finding::new(Code::U008, severity, message);
    if cause.proof.outcome != Outcome::Broken {
        finding.certainty = Certainty::Assumed;
    } else if cause.proof.is_possible() {
        finding.certainty = Certainty::Possible;
        finding.readings.push("dmarc");
    }
    cause.finding(finding, topology).help(help(topology, published, cause))
}

/// What proves mail that a mailing list sends on, whoever wrote it.
pub(in crate::checks::u) fn rewrite_author(topology: &Topology, at: LocationId) -> String {
    let name = &topology.location(at).name;
    format!("let the lists send with an address of their own as the author, and write `rewrites_author: true` at `{name}`")
}

/// The cheapest of what proves the mail.
fn help(topology: &Topology, published: &Published, cause: &Cause<'_>) -> String {
    let by = topology.party_name(cause.judged.departure.by);
    let signer = cause.proof.signatures.first();
    if cause.proof.outcome == Outcome::Unknown {
        if let Some(dead) = dead_key(topology, cause) {
            return dead;
        }
        let known = match (&cause.proof.spf, signer.map(|one| &one.standing)) {
            (_, Some(SignatureStatus::Unknown(fact))) => fact.clone(),
            (SpfLeg::Unknown(name), _) => format!("`records.{name}` of the facts"),
            _ => "a fact".to_owned(),
        };
        return format!("gather it: {known} would tell");
    }
    if let Reason::List(at) = cause.judged.departure.reason {
        return rewrite_author(topology, at);
    }
    let selector = signing(topology, cause.domains.first(), cause.judged.departure.by);
    let or_relaxed = match (cause.is_too_strict(topology), cause.signs_too_strict(topology)) {
        (true, true) => "; or write `alignment: {dkim: relaxed}` or `{spf: relaxed}` in its `dmarc`",
        (true, false) => "; or write `alignment: {spf: relaxed}` in its `dmarc`",
        (false, true) => "; or write `alignment: {dkim: relaxed}` in its `dmarc`",
        (false, false) => "",
    };
    let or_relaxed = format!("{or_relaxed}{}", or_policy(topology, cause));
    match (cause.judged.departure.by, &cause.proof.spf) {
        (Party::Partner(_), _) if cause.proof.outcome == Outcome::Assumed => format!(
            "{selector}, the selectors of `{by}`, or the domain of its envelope senders in `envelope`"
        ),
        (Party::Partner(_), SpfLeg::Nameless) => format!(
            "{selector}, the selectors of `{by}`, or its `spf` or `addresses`"
        ),
        (Party::Partner(_), SpfLeg::NoRecord) if cause.proof.aligned == Aligned::Yes => {
            let first = cause.domains.first().map(|id| &topology.domain(*id).name);
            let envelope = cause.proof.envelope.as_ref().zip(first).map(|(whose, first)| whose.name(first));
            let name = envelope.map_or("", |name| name.as_str());
            let record = match published.asked_for(topology, name) {
                Some(record) => format!("`{name} TXT {record}`"),
                None => format!("an SPF record at `{name}`"),
            };
            format!("have {record} published; or have `{by}` sign as the author: {selector}")
        }
        (Party::Partner(_), _) => format!("have `{by}` sign as the author: {selector}{or_relaxed}"),
        (_, SpfLeg::NoEnvelope) => format!(
            "have `{by}` sign what it sends: {selector}; or name the domain of its envelope senders in `bounce_domain`"
        ),
        _ if matches!(cause.proof.policy, Some(DmarcPolicy::None) | None)
            && matches!(cause.proof.envelope, Some(Whose::Author)) =>
        {
            "publish an SPF record for it".to_owned()
        }
        _ => format!("have `{by}` sign what it sends: {selector}{or_relaxed}"),
    }
}

/// The key of a partner that stands below another name than the one it signs with, where no receiver asks for it.
fn dead_key(topology: &Topology, cause: &Cause<'_>) -> Option<String> {
    let by = cause.judged.departure.by;
    let signature = cause.proof.signatures.first().filter(|one| one.selector.is_none() && one.signer == by)?;
    let Party::Partner(_) = by else { return None };
    let author = topology.domain(*cause.domains.first()?);
    let signed = signature.domain.name(&author.name);
    let partner = topology.party_name(by);
    topology.domains.iter().filter(|domain| domain.name != *signed).find_map(|domain| {
        let Dkim::Signers(signers) = &domain.dkim else { return None };
        let signer = signers.iter().find(|one| one.signer.value == by)?;
        let (selector, key) = signer.selectors.first()?;
        let selector = &selector.value;
        let key = match key {
            DkimKey::Target(target) => target.clone(),
            DkimKey::Record(_) => "the same record".to_owned(),
        };
        Some(format!(
            "receivers ask for its key at `{selector}._domainkey.{signed}`, and it stands at `{selector}._domainkey.{}`: write `{partner}: {{{selector}: {key}}}` in `dkim` of `{signed}`",
            domain.name
        ))
    })
}

/// The policy that would make both rules for what belongs together agree: one at the top of the names.
fn or_policy(topology: &Topology, cause: &Cause<'_>) -> String {
    let first = cause.domains.first().map(|id| topology.domain(*id).name.registrable().to_string());
    let top = first.filter(|_| cause.proof.is_possible()).filter(|top| {
        let domain = topology.domain_named(top.as_str()).map(|id| topology.domain(id));
        domain.is_none_or(|domain| !wants_dmarc(topology, domain))
    });
    top.map_or_else(String::new, |top| format!("; or give `{top}` a DMARC policy, by which both rules agree"))
}
