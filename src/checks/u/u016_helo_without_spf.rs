//! # U016 helo-without-spf
//!
//! ## What a clean result proves
//!
//! Bounces, which have no sender, pass SPF by the name that the server calls itself.
//!
//! ## Exact condition
//!
//! A location of kind `exchange-server`, `postfix` or `smtp` hands mail to others. The name that it calls itself (`helo`, else
//! the first public name in `hosts`) lies in a zone that is written from here or that the spec declares, and the addresses of
//! the location do not pass SPF for that name.
//!
//! ## Severity
//!
//! note: of bounces alone it is the name that counts, and receivers that want proof of them refuse them.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [{name: mail.contoso.com, addresses: [192.0.2.10]}]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [{name: mail.contoso.com, addresses: [192.0.2.10]}]
//!     helo: mail.contoso.com
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-2.3>
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-2.4>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::publish::Published;
use crate::publish::verdict::SpfLeg;
use crate::dns::helo_record;
use crate::topology::{DnsManagement, Location, Topology};
use crate::values::DomainName;
use crate::walk::{Flows, Reason};

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let bounces = published.judged.iter().filter(|one| one.departure.reason == Reason::Bounce);
    for judged in bounces {
        let (Some(proof), Some(id)) = (&judged.proof, judged.departure.by.location()) else {
            continue;
        };
        let location = topology.location(id);
        let Some(name) = location.helo_name() else {
            continue;
        };
        let why = match &proof.spf {
            SpfLeg::NoRecord => "which has no SPF record",
            SpfLeg::Fails(_) => "whose SPF record does not let its addresses pass",
            SpfLeg::Permerror(_) => "whose SPF record cannot be evaluated",
            SpfLeg::Pass(_) | SpfLeg::Unknown(_) | SpfLeg::Nameless | SpfLeg::NoEnvelope => {
                continue;
            }
        };
        let (severity, then) = if proof.is_enforced() {
            (Severity::Warning, ", and the DMARC policy above that name asks receivers to refuse them")
        } else {
            (Severity::Note, "")
        };
        let written = location.helo.as_ref().map(|at| at.span);
        let host = location.hosts.first().map(|at| at.span);
        let finding = Finding::new(
            Code::U016,
            severity,
            format!("`{}` calls itself `{name}`, {why}: bounces, which have no sender, are proved by nothing{then}", location.name),
        )
        .at(written.or(host).unwrap_or(location.span), "the name that it calls itself")
        .on(Object::Location(location.name.clone()));
        findings.push(finding.help(help(topology, location, &name)));
    }
}

/// What gives the name a record that lets the location pass. Where it is a domain of the spec its record is made from its mail.
fn help(topology: &Topology, location: &Location, name: &DomainName) -> String {
    let here = &location.name;
    let record = helo_record(location);
    let terms = record.as_deref().map_or("its addresses", |text| {
        text.trim_start_matches("v=spf1 ").trim_end_matches(" -all")
    });
    let is_domain = topology.domain_named(name).is_some();
    let above = topology.nearest_domain(name);
    let is_external = above.is_some_and(|domain| matches!(domain.dns, DnsManagement::External(_)));
    match above {
        Some(_) if !is_domain && location.helo.is_none() => {
            format!("write `helo: {name}` at `{here}`, and the name gets an SPF record of its own")
        }
        Some(_) if !is_domain && !is_external => format!("let the SPF record that stands at `{name}` have `{terms}`"),
        _ => {
            let mut own = location.hosts.iter().filter_map(|at| at.value.name()?.to_domain());
            let own = own.find(|host| host != name && topology.domain_named(host).is_none());
            let own = own.map_or_else(|| "HOST".to_owned(), |host| host.to_string());
            let other = format!("let it call itself by a name of its own, with an SPF record of its own: `helo: {own}` at `{here}`");
            if is_domain && !is_external {
                other
            } else {
                format!("have `{terms}` added to the SPF record of `{name}`; or {other}")
            }
        }
    }
}
