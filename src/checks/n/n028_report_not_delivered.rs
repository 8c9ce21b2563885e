//! # N028 report-not-delivered
//!
//! ## What a clean result proves
//!
//! Reports about our domains that go to addresses of ours reach a mailbox.
//!
//! ## Exact condition
//!
//! An address in `rua` or `ruf` of a DMARC policy, or in `tls_rpt` of a domain that takes mail, is of a domain of the spec that
//! is parked or only sends, or that has no such mailbox. Or its domain is known to have neither an MX record nor an address; or
//! it lies in a zone of ours, and nothing in the spec says which host takes its mail.
//!
//! ## Severity
//!
//! warning: nobody gets the reports. note where the zone may hold what the spec does not say.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box}
//!   fabrikam.com: {parked: true, dmarc: {policy: reject, rua: ["mailto:dmarc@fabrikam.com"]}}
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
//!   fabrikam.com: {parked: true, dmarc: {policy: reject, rua: ["mailto:dmarc@contoso.com"]}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-7.2>
//! - <https://www.rfc-editor.org/rfc/rfc8460#section-3>

use crate::checks::Run;
use crate::dns::report_addresses;
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::publish::{Known, Published};
use crate::topology::{DnsManagement, Holds, Topology};
use crate::values::Address;
use crate::walk::{Flows, Model};

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let plan = flows.model.plan;
    let known = Known::of(plan, published);
    for (address, senders) in report_addresses(&plan.topology) {
        let Some(first) = senders.first() else { continue };
        let Some((severity, why, cure)) = lost(flows.model, &known, &address) else {
            continue;
        };
        let others = match senders.len() - 1 {
            0 => String::new(),
            1 => " and one other domain".to_owned(),
            n => format!(" and {n} other domains"),
        };
        let finding = Finding::new(
            Code::N028,
            severity,
            format!("reports about `{}`{others} go to `{address}`, {why}: nobody gets them", first.domain),
        )
        .at(first.span, "reports are wanted here");
        let finding = senders.iter().take(20).fold(finding, |finding, one| {
            finding.on(Object::Domain(one.domain.to_string()))
        });
        let finding = finding.domains(senders.iter().map(|one| one.domain.to_string()));
        findings.push(finding.help(cure));
    }
}

/// Why nobody gets what is sent to an address, and what to write instead.
fn lost(model: &Model<'_>, known: &Known<'_>, address: &Address) -> Option<(Severity, String, String)> {
    let topology = &model.plan.topology;
    let name = address.domain();
    let instead = instead(model, address).map(|other| format!("write `mailto:{other}`, or another address of a domain that takes mail"));
    let instead = instead.unwrap_or_else(|| "write an address of a domain that takes mail".to_owned());
    if let Some(domain) = topology.domain_named(name).map(|id| topology.domain(id)) {
        if !domain.receives() {
            return Some((Severity::Warning, "and that domain takes no mail".to_owned(), instead));
        }
        let is_lost = model.reaches_nobody(address);
        let add = format!("add `{address}` to the mailboxes of `{name}`, or {instead}");
        return is_lost.then(|| (Severity::Warning, "an address that no mailbox has".to_owned(), add));
    }
    if crate::dns::routing::owner(model.plan, name).is_some() {
        return None;
    }
    if known.is_not_found(name.as_str()) {
        let why = "and that name has neither an MX record nor an address".to_owned();
        return Some((Severity::Warning, why, instead));
    }
    let above = topology.nearest_domain(name)?;
    let is_open = matches!(above.dns, DnsManagement::Managed) && known.is_unsaid(name.as_str());
    is_open.then(|| {
        let zone = model.plan.zone_around(name.as_str()).map_or(above.name.as_str(), |zone| zone.origin.as_str());
        let cure = format!("{instead}; or write the MX record of `{name}` in `dns.zones.{zone}.records`");
        (Severity::Note, format!("and nothing in the spec says which host takes mail for `{name}`"), cure)
    })
}

/// An address that has a mailbox: the same local part where it may have one, else the first that is listed.
fn instead(model: &Model<'_>, address: &Address) -> Option<Address> {
    let topology: &Topology = &model.plan.topology;
    let mut domains = topology.domains.iter().filter(|domain| domain.receives());
    domains.find_map(|domain| {
        let same = Address::of(address.local(), &domain.name);
        same.filter(|same| !model.reaches_nobody(same)).or_else(|| {
            domain.holders.iter().find_map(|holder| match &holder.holds {
                Holds::Listed(list) => list.first().map(|recipient| recipient.address.clone()),
                Holds::Count(_) | Holds::Rest => None,
            })
        })
    })
}
