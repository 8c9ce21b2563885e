//! # T001 floor-below-demand
//!
//! ## What a clean result proves
//!
//! What was agreed with a partner is guaranteed on every hop of mail to it, and on the hop by which its mail enters.
//!
//! ## Exact condition
//!
//! On the way of mail to a partner, some hop guarantees less than the partner's `tls` demands; of its own mail the hop by which it
//! enters does. What our locations do among themselves with mail that has arrived is agreed with nobody: `expect` can ask for it.
//!
//! ## Severity
//!
//! error: the mail travels in clear, or to any host, although the spec promises otherwise.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! partners:
//!   bank: {domains: [bank.example], tls: verified, certificate: mail.bank.example, via: [cloud]}
//! routes:
//!   - {name: slow, from: hq, to: cloud, recipients: ["*"], tls: opportunistic}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! partners:
//!   bank: {domains: [bank.example], tls: verified, certificate: mail.bank.example, via: [cloud]}
//! ```
//!
//! ## Sources
//!
//! - TLS with partners: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-for-secure-mail-flow-with-a-partner>

use crate::checks::words::as_written;
use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::platforms::product::Certificates;
use crate::topology::Party;
use crate::values::TlsLevel;
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::TlsFloor, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let way = &astray.evidence.way;
    let weakest = way
        .hops
        .iter()
        .find(|hop| hop.tls.as_deref() == Some(way.tls.as_str()));
    let hop = weakest.map_or_else(String::new, |hop| {
        format!(" between `{}` and `{}`", hop.at, hop.to)
    });
    let finding = Finding::error(
        Code::T001,
        format!(
            "mail from `{}` for {} has only `{}`{hop}, less than was agreed with `{}`",
            astray.evidence.from,
            astray.names(),
            way.tls,
            astray.party()
        ),
    );
    let finding = match astray.fault.weak {
        Some(Party::Device(id)) => {
            let device = astray.topology().device(id);
            finding.at(device.span, "hands it over").on(Object::Device(device.name.clone()))
        }
        Some(Party::Location(id) | Party::Network(id, _)) => {
            let location = astray.topology().location(id);
            finding.on(Object::Location(location.name.clone()))
        }
        _ => finding,
    };
    // Mail that goes by MX has no route whose TLS could be demanded.
    let by_mx = weakest.filter(|hop| hop.by.starts_with("mx ") && hop.to == astray.party());
    if let Some(hop) = by_mx {
        let (from, to) = (&hop.at, &hop.to);
        let names = astray.region.iter().map(|name| as_written(name));
        let names: Vec<String> = names.collect();
        let tls = format!("tls: {}", demanded(astray));
        return finding.mend(Operation::route(from, to, &names.join(", "), &tls));
    }
    finding.help(match astray.fault.weak {
        Some(Party::Device(id)) => {
            let device = &astray.topology().device(id).name;
            format!(
                "a device hands its mail over with TLS that it chooses: limit `sends_to` of `{device}` to what may travel so, or accept this finding on `device:{device}` where the hop stays inside"
            )
        }
        Some(Party::Network(..)) => format!(
            "whoever hands mail over from `{}` uses TLS of their own choice: write those that send so as devices, with `sends_to` limited to what may travel so, or accept this finding on `location:{}` where the hop stays inside",
            astray.evidence.from, astray.place()
        ),
        None if is_unknown(astray) => format!(
            "`{0}` does not know `{1}` and holds it to nothing: write the `addresses` of `{1}`, or the `certificate` that its servers show",
            astray.place(), astray.party()
        ),
        None if checks_no_certificate(astray) => format!(
            "`{0}` goes by the addresses of a sender and checks no certificate: let `{1}` hand this mail to a location that checks it, or write at `{1}` what it can be held to here, `tls: {{inbound: encrypted}}`",
            astray.place(), astray.party()
        ),
        _ => "demand at least as much on that hop: `tls` of the route or of the location it ends at".to_owned(),
    })
}

/// Whether the spec says of the partner nothing that it could be known by.
fn is_unknown(astray: &Astray<'_>) -> bool {
    let Some(Party::Partner(id)) = astray.fault.party else {
        return false;
    };
    let partner = astray.topology().partner(id);
    partner.addresses.is_empty() && partner.client_certificate().is_none()
}

/// Whether the partner itself hands the mail to a product that does not go by certificates.
fn checks_no_certificate(astray: &Astray<'_>) -> bool {
    let entry = astray.fault.at.map(|at| astray.topology().location(at));
    entry.is_some_and(|entry| entry.product().certificates != Certificates::ByName)
}

/// The level that was agreed for mail to the partner.
fn demanded(astray: &Astray<'_>) -> TlsLevel {
    let Some(Party::Partner(id)) = astray.fault.party else {
        return TlsLevel::Encrypted;
    };
    let agreed = astray.topology().partner(id).tls_outbound;
    agreed.map_or(TlsLevel::Encrypted, |agreed| agreed.value)
}
