//! # X016 host-named-as-domain
//!
//! ## What a clean result proves
//!
//! No Postfix location goes by the name of a domain that has mailboxes.
//!
//! ## Exact condition
//!
//! A Postfix location has no `helo`, and the first public name in its `hosts` is a domain of the spec that has mailboxes. With
//! `helo` the server has another name for itself, whatever its `hosts` are.
//!
//! ## Severity
//!
//! warning: Postfix takes the name of its host (`myhostname`) for local. Where it is that of the domain, recipients without an
//! account on the host are rejected ("User unknown in local recipient table"), whatever the tables say.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   sender: {kind: postfix, hosts: [contoso.com], egress: [192.0.2.25], certificate: contoso.com}
//!   provider: {kind: smtp, hosts: [mx.provider.example], egress: [198.51.100.0/24]}
//! domains:
//!   contoso.com: {mailboxes: provider, mx: provider}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   sender: {kind: postfix, hosts: [sender.contoso.com], egress: [192.0.2.25], certificate: sender.contoso.com}
//!   provider: {kind: smtp, hosts: [mx.provider.example], egress: [198.51.100.0/24]}
//! domains:
//!   contoso.com: {mailboxes: provider, mx: provider}
//! ```
//!
//! ## Sources
//!
//! - `myhostname`, `mydestination`: <https://www.postfix.org/postconf.5.html#mydestination>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (_, location) in plan.topology.locations() {
        let is_postfix = location.postfix().is_some();
        let Some(name) = location.helo_name().filter(|_| is_postfix && location.helo.is_none()) else {
            continue;
        };
        let mut domains = plan.topology.domains.iter();
        if !domains.any(|domain| domain.name == name && domain.holder_ids().next().is_some()) {
            continue;
        }
        let here = &location.name;
        let hosts = location.hosts.iter();
        let own = hosts.filter(|at| at.value.name().is_some_and(|host| host.as_str() == name.as_str()));
        let span = own.map(|at| at.span).next().unwrap_or(location.span);
        findings.push(
            Finding::warning(
                Code::X016,
                format!(
                    "`{here}` has the name of the domain `{name}`: a host whose `myhostname` it is takes mail for `{name}` as local and rejects it to all who have no account there, so `install.sh` stops on it"
                ),
            )
            .at(span, "the name that it calls itself")
            .on(Object::Location(here.clone()))
            .domains([name.to_string()])
            .help(format!(
                "write a name of the host alone in `hosts`, such as `{here}.{name}`, and set `myhostname` to it; where the server has such a name, write it in `helo` at `{here}`"
            )),
        );
    }
}
