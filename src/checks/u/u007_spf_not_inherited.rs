//! # U007 spf-not-inherited
//!
//! ## What a clean result proves
//!
//! Every name below our domains that mail is sent with has an SPF record of its own.
//!
//! ## Exact condition
//!
//! A device that writes to others, or delivers by itself, sends with an address whose domain is no domain of the spec and
//! lies below one whose records mailtopo writes, and no SPF record is known at the name.
//!
//! ## Severity
//!
//! warning: SPF is not inherited, so that receivers find no record, and nobody signs with such a name. error where the
//! DMARC policy for the name is `quarantine` or `reject`.
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
use crate::finding::{Code, Finding, Findings, Object, Operation, Severity};
use crate::publish::{Known, Published};
use crate::source::Span;
use crate::spf::{Names, is_record};
use crate::topology::{
    DmarcPolicy, DnsManagement, Domain, Method, Sending, SendsAs, SendsTo, Topology,
};
use crate::values::{DomainName, Pattern};
use crate::walk::Flows;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let known = Known::of(flows.model.plan, published);
    for (name, who, span) in names(topology) {
        let Some(domain) = topology.nearest_domain(name) else {
            continue;
        };
        let is_ours = matches!(domain.dns, DnsManagement::Managed);
        if domain.name == *name || !is_ours || domain.sending == Sending::Parked {
            continue;
        }
        let texts = known.texts(name.as_str()).unwrap_or_default();
        if texts.iter().any(|text| is_record(text)) {
            continue;
        }
        let policy = policy_below(topology, domain);
        let severity = match policy {
            DmarcPolicy::None => Severity::Warning,
            DmarcPolicy::Quarantine | DmarcPolicy::Reject => Severity::Error,
        };
        let then = match policy {
            DmarcPolicy::None => String::new(),
            asked => format!(", and DMARC asks receivers to {}", asked.keyword()),
        };
        findings.push(
            Finding::new(
                Code::U007,
                severity,
                format!("`{who}` sends as `{name}`, which has no SPF record: that of `{}` is not inherited{then}", domain.name),
            )
            .at(span, "it sends with this name")
            .on(Object::Device(who.to_owned()))
            .on(Object::Domain(domain.name.to_string()))
            .domains([name.to_string()])
            .mend(Operation::Entry {
                section: "domains",
                name: name.to_string(),
                value: "{send_only: true}".to_owned(),
            }),
        );
    }
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

/// What receivers are asked to do with mail of a name below a domain. The record that counts is that of the domain at the
/// registrable name.
fn policy_below(topology: &Topology, domain: &Domain) -> DmarcPolicy {
    let top = domain.name.registrable();
    let top = topology.domain_named(&top).map(|id| topology.domain(id));
    let written = top.unwrap_or(domain).dmarc.as_ref().map(|at| &at.value);
    let defaults = topology.dns.dmarc.as_ref().map(|at| &at.value);
    let dmarc = written.or(defaults);
    dmarc.map_or(DmarcPolicy::None, |dmarc| {
        if dmarc.testing {
            return DmarcPolicy::None;
        }
        dmarc.subdomains.unwrap_or(dmarc.policy)
    })
}
