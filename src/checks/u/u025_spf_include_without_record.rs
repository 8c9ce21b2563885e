//! # U025 spf-include-without-record
//!
//! ## What a clean result proves
//!
//! Every name that an SPF record includes has a record of its own, as far as it is known what stands under the name.
//!
//! ## Exact condition
//!
//! A record that is written or declared leads by `include` or `redirect` to a name without an SPF record: the spec speaks
//! of the name in a zone of its own, declares its text records, or the facts have them, and none is an SPF record. Macros
//! are written out for the addresses that mail leaves from. What nobody knows is not said.
//!
//! ## Severity
//!
//! error: a receiver that comes to such a term gives up, whoever sends.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   newsletter: {sends_as: [contoso.com], spf: "include:newsletter.example"}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   newsletter.example: {txt: ["site-verification=x"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   newsletter: {sends_as: [contoso.com], spf: "include:spf.newsletter.example"}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   spf.newsletter.example: {txt: ["v=spf1 ip4:192.0.2.128/28 -all"]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-5.2>

use crate::checks::Run;
use crate::checks::spf_records::{about, broken, failing, place, whose};
use crate::finding::{Code, Finding, Findings};
use crate::publish::Published;
use crate::spf::Broken;
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let missing = broken(topology, published, |why| matches!(why, Broken::Missing(_)));
    for (why, domains) in missing {
        let (Broken::Missing(name), Some(&first)) = (why, domains.first()) else {
            continue;
        };
        let finding = Finding::error(
            Code::U025,
            format!(
                "{} would have receivers look at `{name}`, which has no SPF record: SPF fails for {}",
                whose(topology, &domains),
                failing(topology, published, &domains)
            ),
        )
        .at(place(topology.domain(first)), "")
        .help(format!("take out the term that leads to `{name}`, or name what has the record"));
        findings.push(about(finding, topology, &domains));
    }
}
