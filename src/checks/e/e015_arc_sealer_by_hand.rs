//! # E015 arc-sealer-by-hand
//!
//! ## What a clean result proves
//!
//! Every service before a tenant that seals with ARC what it changes is trusted there by the tenant's script.
//!
//! ## Exact condition
//!
//! A gateway or server with `arc_seal` hands mail to a location of `kind: eop`. A tenant that only filters has the cmdlet
//! that sets the list of trusted sealers, but none that reads it: a script would replace what is trusted there already.
//!
//! ## Severity
//!
//! warning: everything works but the verdict on senders. Until the sealer is trusted by hand, what it changes fails DMARC
//! at the tenant, and senders with a strict policy are refused or put into quarantine.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   protection: {kind: eop, tenant: contoso, accept_only_from: [filter]}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: contoso.com, sends: {via: protection}}
//!   filter: {kind: gateway, hosts: [in.filter.example], egress: [198.51.100.0/24], forwards: {"contoso.com": protection}, modifies_body: true, arc_seal: filter.example}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: filter}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   protection: {kind: exchange-online, tenant: contoso, accept_only_from: [filter]}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: contoso.com, sends: {via: protection}}
//!   filter: {kind: gateway, hosts: [in.filter.example], egress: [198.51.100.0/24], forwards: {"contoso.com": protection}, modifies_body: true, arc_seal: filter.example}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - `ArcTrustedSealers`: <https://learn.microsoft.com/powershell/module/exchangepowershell/set-arcconfig>
//! - Trusted sealers: <https://learn.microsoft.com/defender-office-365/email-authentication-arc-configure>

use crate::checks::filtering::{explained, tenants};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::plan::{Configuration, Plan};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location, _) in tenants(plan) {
        let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration else {
            continue;
        };
        for sealer in &tenant.trusted_arc_sealers {
            let written = plan
                .topology
                .locations
                .iter()
                .filter_map(|other| other.handling()?.arc_seal.as_ref())
                .find(|at| at.value == *sealer);
            let span = written.map_or(location.span, |at| at.span);
            let finding = Finding::warning(
                Code::E015,
                format!(
                    "no script can make `{}` trust the ARC seals of `{sealer}`: mail that is changed before it arrives fails DMARC there until an administrator adds the sealer by hand",
                    location.name
                ),
            )
            .at(span, "it seals so");
            let help = format!(
                "add `{sealer}` to the trusted ARC sealers in the Microsoft Defender portal and `ignore` this finding"
            );
            findings.push(explained(finding, location, &help));
        }
    }
}
