//! # I001 expectation-not-met
//!
//! ## What a clean result proves
//!
//! Everything that stands under `expect` is true of every way its mail can take.
//!
//! ## Exact condition
//!
//! A message from `from` to `to` has a way, the possible ones included, that ends otherwise than `ends`, misses a location
//! of `via`, passes one of `not_via`, has a hop on which less than `tls` is guaranteed, or leaves from an address outside
//! `egress`; or nobody can send so at all.
//!
//! ## Severity
//!
//! error: the mail flow is not what its owner says it must be. Where only some reading of the vendors' documents leads
//! there, the finding is possible and names the reading.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [bob@contoso.com]}, mx: cloud}
//! expect:
//!   - {from: internet, to: bod@contoso.com, ends: delivered cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [bob@contoso.com]}, mx: cloud}
//! expect:
//!   - {from: internet, to: bob@contoso.com, ends: delivered cloud}
//! ```
//!
//! ## Sources
//!
//! - What decides at each hop: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use crate::checks::Run;
use crate::finding::{Code, Certainty, Finding, Findings};
use crate::plan::Plan;
use crate::topology::Expectation;
use crate::walk::{Flows, Trace, Way, expect, trace};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let model = flows.model;
    let plan = model.plan;
    for expected in &plan.topology.expectations {
        let trace = trace(model, &expected.from.value, &expected.to.value);
        findings.extend(finding(plan, expected, &trace));
    }
}

/// One finding for an expectation, about the surest of the ways that break it.
fn finding(plan: &Plan, expected: &Expectation, trace: &Trace) -> Option<Finding> {
    let who = &trace.from;
    let to = &trace.to;
    let broken = trace
        .ways
        .iter()
        .filter_map(|way| Some((way, expect::broken(&plan.topology, way, expected)?)))
        .min_by_key(|(way, _)| way.certainty);
    let (message, way): (String, Option<&Way>) = match broken {
        Some((way, why)) => (
            format!("mail from `{who}` to `{to}` is not what is expected: {why}"),
            Some(way),
        ),
        None if trace.ways.is_empty() => (
            format!("nobody can send from `{who}` to `{to}`, so nothing is true of it"),
            None,
        ),
        None => return None,
    };
    let mut finding = Finding::error(Code::I001, message)
        .at(
            expected.span,
            match &expected.ends {
                Some(ends) => format!("expected to end `{}`", ends.value),
                None => "expected".to_owned(),
            },
        )
        .domains([to.domain().as_str()]);
    if let Some(way) = way {
        finding.certainty = way.certainty;
        finding.readings = way.readings.keys().copied().collect();
        finding.trace = way.shown();
        let command = format!("`mailtopo trace --from {who} --to {to}` shows every way");
        finding = finding.help(match way.certainty {
            Certainty::Assumed => format!("it holds if {}; {command}", way.assuming.join(" and ")),
            Certainty::Certain | Certainty::Possible => command,
        });
    }
    Some(finding)
}
