//! # N027 sender-name-not-found
//!
//! ## What a clean result proves
//!
//! Receivers find the domain of every envelope sender, and bounces can come back to it.
//!
//! ## Exact condition
//!
//! Mail leaves, or a partner sends it in our name, with envelope senders of a domain that has neither an MX record nor an address:
//! a zone that is written as a whole has none there, or `records` declares that there is none, or the facts say so. What nobody
//! knows is not said, but that a name below `local`, `localhost`, `internal` or `invalid` is found nowhere, which devices that
//! write to others use. A null MX is N002.
//!
//! ## Severity
//!
//! warning: many receivers refuse such mail (`450 4.1.8 Domain not found`), and nobody gets its bounces.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box}
//!   mg.contoso.com: {send_only: true}
//! partners:
//!   service: {sends_as: [mg.contoso.com], envelope: same, spf: "ip4:198.51.100.9"}
//! dns: {zones: {contoso.com: {nameservers: [ns1.dns.example], serial: 1}}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box}
//!   mg.contoso.com: {send_only: true}
//! partners:
//!   service: {sends_as: [mg.contoso.com], envelope: same, spf: "ip4:198.51.100.9"}
//! dns: {zones: {contoso.com: {nameservers: [ns1.dns.example], serial: 1, records: [{name: mg, type: MX, data: 10 mx.service.example.}]}}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.postfix.org/postconf.5.html#reject_unknown_sender_domain>
//! - <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>
//! - names that are reserved: <https://www.rfc-editor.org/rfc/rfc6761>, <https://www.rfc-editor.org/rfc/rfc6762#section-3>

use crate::checks::Run;
use crate::checks::authentication::who;
use crate::finding::{Code, Finding, Findings, Object};
use crate::publish::{Known, Published};
use crate::topology::{DnsManagement, Party, SendsAs, SendsTo, Topology};
use crate::values::{DomainName, Pattern};
use crate::walk::{Envelope, Flows};
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let known = Known::of(flows.model.plan, published);
    // One of those who send with each name.
    let mut names: BTreeMap<&DomainName, Party> = BTreeMap::new();
    for judged in published.judged.iter().filter(|one| one.departure.outside) {
        let by = judged.departure.by;
        match &judged.departure.envelope {
            Envelope::Kept => {
                for id in &judged.domains {
                    names.entry(&topology.domain(*id).name).or_insert(by);
                }
            }
            Envelope::Replaced(name) => {
                names.entry(name).or_insert(by);
            }
            Envelope::Rewritten | Envelope::Empty => {}
        }
    }
    // What a device writes as is no domain of ours always, and is found nowhere below a name that is reserved (RFC 6761, RFC 6762).
    for (id, device) in topology.devices() {
        if device.sends_to == SendsTo::Internal {
            continue;
        }
        for sender in &device.sends_as {
            let name = match &sender.value {
                SendsAs::Address(address) => address.domain(),
                SendsAs::Pattern(Pattern::Exact(name)) => name,
                SendsAs::Pattern(_) => continue,
            };
            if is_nowhere(name) {
                names.entry(name).or_insert(Party::Device(id));
            }
        }
    }
    for (name, by) in names {
        if is_nowhere(name) || known.is_not_found(name.as_str()) {
            findings.push(finding(topology, name, by));
        }
    }
}

/// Names at the top that no server of the public DNS knows.
const NOWHERE: [&str; 4] = ["local", "localhost", "internal", "invalid"];

fn is_nowhere(name: &DomainName) -> bool {
    let top = name.as_str().rsplit('.').next();
    top.is_some_and(|top| NOWHERE.contains(&top))
}

fn finding(topology: &Topology, name: &DomainName, by: Party) -> Finding {
    let (span, object) = who(topology, by);
    let party = topology.party_name(by);
    let above = topology.nearest_domain(name);
    let listed = above.filter(|domain| matches!(domain.dns, DnsManagement::External(_)));
    let help = match (by, listed) {
        _ if is_nowhere(name) => format!(
            "let `{party}` send with a name of a domain of ours, and write that in its `sends_as`"
        ),
        (Party::Partner(_), None) if topology.domain_named(name).is_none() => format!(
            "write where the service takes bounces: `bounce_domain: {{name: {name}, mx: [\"10 HOST\"]}}` at `{party}`"
        ),
        (_, Some(domain)) => format!(
            "have an MX record published at `{name}` that leads to whoever takes its bounces, and declare it in `records` of `{}`",
            domain.name
        ),
        _ => format!(
            "write an MX record for `{name}` in `records` of its zone that leads to whoever takes its bounces, or send with a domain that has one"
        ),
    };
    let mut finding = Finding::warning(
        Code::N027,
        format!("`{party}` sends with envelope senders of `{name}`, which has neither an MX record nor an address: many receivers refuse such mail (450 4.1.8), and its bounces are lost"),
    )
    .at(span, "it is sent here")
    .on(object)
    .domains([name.to_string()]);
    if let Some(domain) = above {
        finding = finding.on(Object::Domain(domain.name.to_string()));
    }
    finding.help(help)
}
