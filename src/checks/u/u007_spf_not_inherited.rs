//! # U007 spf-not-inherited
//!
//! ## What a clean result proves
//!
//! Every name below our domains that mail is sent with has an SPF record of its own.
//!
//! ## Exact condition
//!
//! A device that writes to others, or delivers by itself, sends with an address whose domain is no domain of the spec and
//! lies below one whose records mailtopo writes, and no SPF record is known at the name. Or a partner or gateway uses such a
//! name in its envelope senders, and the zone that it lies in is written whole and has no SPF record there.
//!
//! ## Severity
//!
//! warning: SPF is not inherited, so that receivers find no record, and nobody signs with such a name. error where the
//! DMARC policy is `quarantine` or `reject` and nothing else proves the mail.
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
//! devices:
//!   jobs:
//!     addresses: [10.0.0.4]
//!     sends_as: [root@jobs.contoso.com]
//!     sends_to: anyone
//!     method: relay
//!     via: box
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
//!   contoso.com: {mailboxes: {box: [ann@contoso.com]}, mx: box, dmarc: {policy: reject}}
//!   jobs.contoso.com: {send_only: true}
//! devices:
//!   jobs:
//!     addresses: [10.0.0.4]
//!     sends_as: [root@jobs.contoso.com]
//!     sends_to: anyone
//!     method: relay
//!     via: box
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-3>
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-6.6.3>

use crate::checks::Run;
use crate::checks::authentication::who;
use crate::finding::{Code, Finding, Findings, Object, Operation, Severity};
use crate::publish::verdict::{Outcome, Proof, SpfLeg, Whose};
use crate::publish::{Aligned, Known, Published};
use crate::source::Span;
use crate::spf::{Names, is_record};
use crate::topology::{
    DmarcPolicy, DnsManagement, Domain, Method, Party, Sending, SendsAs, SendsTo, Topology,
};
use crate::values::{DomainName, Pattern};
use crate::walk::Flows;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let known = Known::of(flows.model.plan, published);
    for (name, sender, span) in names(topology) {
        let Some(domain) = managed_above(topology, name) else {
            continue;
        };
        let texts = known.texts(name.as_str()).unwrap_or_default();
        if texts.iter().any(|text| is_record(text)) {
            continue;
        }
        let policy = known.dmarc_of(name).map(|(_, policy)| policy);
        let object = Object::Device(sender.to_owned());
        findings.push(finding(domain, name, sender, policy, span, object));
    }
    let mut envelopes: BTreeMap<(Party, &DomainName), Option<DmarcPolicy>> = BTreeMap::new();
    for judged in &published.judged {
        // Of bounces U016 speaks.
        let proof = judged.proof.as_ref().filter(|_| !judged.domains.is_empty());
        if let Some(proof) = proof
            && let Some(name) = unwritten(topology, proof)
        {
            let broken = proof.outcome == Outcome::Broken;
            let policy = envelopes.entry((judged.departure.by, name)).or_default();
            *policy = (*policy).max(proof.policy.filter(|_| broken));
        }
    }
    for ((party, name), policy) in envelopes {
        if let Some(domain) = managed_above(topology, name) {
            let (span, object) = who(topology, party);
            let sender = topology.party_name(party);
            findings.push(finding(domain, name, sender, policy, span, object));
        }
    }
}

fn finding(
    domain: &Domain,
    name: &DomainName,
    sender: &str,
    policy: Option<DmarcPolicy>,
    span: Span,
    object: Object,
) -> Finding {
    let (severity, then) = match policy {
        None | Some(DmarcPolicy::None) => (Severity::Warning, String::new()),
        Some(asked) => {
            let then = format!(", and DMARC asks receivers to {}", asked.keyword());
            (Severity::Error, then)
        }
    };
    Finding::new(
        Code::U007,
        severity,
        format!("`{sender}` sends as `{name}`, which has no SPF record: that of `{}` is not inherited{then}", domain.name),
    )
    .at(span, "it sends with this name")
    .on(object)
    .on(Object::Domain(domain.name.to_string()))
    .domains([name.to_string()])
    .mend(Operation::Entry {
        section: "domains",
        name: name.to_string(),
        value: "{send_only: true}".to_owned(),
    })
}

/// The domain above a name that is no domain of the spec, where its records are written from here.
fn managed_above<'t>(topology: &'t Topology, name: &DomainName) -> Option<&'t Domain> {
    let domain = topology.nearest_domain(name)?;
    let is_ours = matches!(domain.dns, DnsManagement::Managed);
    (domain.name != *name && is_ours && domain.sending != Sending::Parked).then_some(domain)
}

/// The name of the envelope senders of mail, where it stands for the author, nothing is written for it, and it has no record.
pub(in crate::checks::u) fn unwritten<'p>(topology: &Topology, proof: &'p Proof) -> Option<&'p DomainName> {
    let Some(Whose::Other(name)) = &proof.envelope else {
        return None;
    };
    let lacks = proof.spf == SpfLeg::NoRecord && proof.aligned == Aligned::Yes;
    (lacks && managed_above(topology, name).is_some()).then_some(name)
}

/// Names that devices send with to others, and where the spec says so.
fn names(topology: &Topology) -> BTreeSet<(&DomainName, &str, Span)> {
    let mut found = BTreeSet::new();
    for device in &topology.devices {
        let leaves = match device.method.value {
            Method::DirectSend => true,
            Method::Relay | Method::ClientSubmission => device.sends_to != SendsTo::Internal,
            Method::HighVolume => false,
        };
        for at in device.sends_as.iter().filter(|_| leaves) {
            let name = match &at.value {
                SendsAs::Address(address) => address.domain(),
                SendsAs::Pattern(Pattern::Exact(name)) => name,
                SendsAs::Pattern(_) => continue,
            };
            found.insert((name, device.name.as_str(), at.span));
        }
    }
    found
}
