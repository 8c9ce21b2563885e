//! # U023 sends-as-parked
//!
//! ## What a clean result proves
//!
//! Nobody outside sends with a name whose records say that nobody does.
//!
//! ## Exact condition
//!
//! `sends_as` of a partner holds a domain that is parked, or an address of one. What a device writes with such a name our
//! own locations refuse, which V001 says.
//!
//! ## Severity
//!
//! error: the records of a parked domain let no address pass and ask receivers to reject, so that all of this mail is
//! lost.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   old-brand.example: {parked: true}
//! partners:
//!   billing: {sends_as: [invoices@old-brand.example], spf: "include:spf.billing.example"}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   old-brand.example: {send_only: true}
//! partners:
//!   billing: {sends_as: [invoices@old-brand.example], spf: "include:spf.billing.example"}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-10.1.2>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::{Sending, SendsInOurName};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for partner in &topology.partners {
        for at in &partner.sends_as {
            let name = match &at.value {
                SendsInOurName::Domain(name) => name,
                SendsInOurName::Address(address) => address.domain(),
            };
            let domain = topology.domain_named(name).map(|id| topology.domain(id));
            let Some(domain) = domain.filter(|domain| domain.sending == Sending::Parked) else {
                continue;
            };
            findings.push(
                Finding::error(
                    Code::U023,
                    format!(
                        "`{}` is parked: receivers refuse what `{}` sends with it",
                        domain.name, partner.name
                    ),
                )
                .at(at.span, "it sends with this name")
                .at(domain.span, "the name is parked here")
                .on(Object::Partner(partner.name.clone()))
                .on(Object::Domain(domain.name.to_string()))
                .domains([domain.name.to_string()])
                .help(format!(
                    "write `{}: {{send_only: true}}`, or take the name out of `sends_as`",
                    domain.name
                )),
            );
        }
    }
}
