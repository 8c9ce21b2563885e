//! # L013 backscatter
//!
//! ## What a clean result proves
//!
//! Mail from external senders for an address that nobody has is refused by the first of our locations.
//!
//! ## Exact condition
//!
//! The location where mail from the Internet enters takes mail for an unknown address, or for a domain that is nobody's, and a
//! location behind it refuses it, so that a bounce goes to whoever is said to have sent it. Where mailboxes are counted, or
//! the spec only says where they are, an address that no list has may exist and may not, so that every such domain has
//! unknown addresses. `directory: callout` before the front end of Exchange Server 2013 or later (port 25) does not help: it
//! takes every recipient and refuses after the data.
//!
//! ## Severity
//!
//! warning; note where the entry is a tenant, which knows only the recipients that are synchronized to it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, directory: own}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: mx}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: mx}
//!   fabrikam.com: {mailboxes: {hq: [anna@fabrikam.com]}, mx: mx}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: mx}}
//! domains:
//!   contoso.com: {mailboxes: {hq: [anna@contoso.com]}, mx: mx}
//!   fabrikam.com: {mailboxes: {hq: [anna@fabrikam.com]}, mx: mx}
//! ```
//!
//! ## Sources
//!
//! - Backscatter: <https://www.postfix.org/BACKSCATTER_README.html>
//! - Recipients at the front end of Exchange Server: <https://learn.microsoft.com/exchange/antispam-and-antimalware/antispam-protection/recipient-filtering-procedures>
//! - Recipients are refused at the edge of the tenant: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-directory-based-edge-blocking>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::dns::routing::preferences;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Configuration;
use crate::platforms::product::Trait;
use crate::topology::{Accept, AcceptedType, Directory};
use crate::walk::{Cause, FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::Backscatter, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let place = astray.place();
    let topology = astray.topology();
    let domain = topology.domain_named(astray.evidence.to.domain());
    // Where the spec does not say who exists, no address can be named that does not.
    let message = if domain.is_some_and(|id| !topology.domain(id).is_listed()) {
        let end = &astray.evidence.way.end.ends;
        format!(
            "`{place}` accepts mail of external senders for every address of {}, and mail for an unknown address would end `{}`: the bounce goes to whoever is said to have sent it",
            astray.names(),
            end.words(topology)
        )
    } else {
        format!(
            "`{place}` accepts mail of external senders for unknown addresses of {}, which then {}: the bounce goes to whoever is said to have sent it",
            astray.names(),
            astray.end()
        )
    };
    let location = astray.fault.at.map(|at| astray.topology().location(at));
    let is_listed = domain.is_some_and(|id| topology.domain(id).is_listed());
    let knows_its_own = location.is_some_and(|it| {
        let directory = it.directory.as_ref().map(|at| at.value);
        directory == Some(Directory::Own) && it.tenant().is_none()
    });
    let is_filter = location.is_some_and(|location| location.is(Trait::Filter));
    let is_unknown = astray.evidence.way.end.cause == Cause::NoRecipient;
    // What is written of the domain there keeps the location from knowing them all.
    let named = |accept: &&Accept| domain.is_some_and(|id| topology.domain(id).name == accept.domain.value);
    let mut written = location.into_iter().flat_map(|it| it.accepts.iter().flat_map(|at| &at.value).chain(&it.also_accepts));
    if is_listed && knows_its_own && written.any(|accept| named(&accept) && accept.kind.is_some_and(|kind| kind != AcceptedType::Authoritative)) {
        return Finding::warning(Code::L013, message).help(format!("let `{place}` know every recipient, so that it rejects the others: `directory: complete`, and take `type` from what it accepts"));
    }
    // Once the recipients are listed, only who is to know them all is missing.
    if is_listed && (is_filter && is_unknown || knows_its_own) {
        return Finding::warning(Code::L013, message).help(format!("let `{place}` know every recipient, so that it rejects the others: `directory: complete`"))
            .fix(Operation::set(Object::Location(place.to_owned()), "directory", "complete"));
    }
    if let Some(gateway) = location.filter(|_| is_filter) {
        if is_unknown {
            return Finding::warning(Code::L013, message).help(format!("list the recipients, and let `{place}` know every one of them, so that it rejects the others"));
        }
        let finding = Finding::warning(
            Code::L013,
            format!(
                "`{place}` accepts mail of external senders for {}, which then {}: the bounce goes to whoever is said to have sent it",
                astray.names(),
                astray.end()
            ),
        );
        let narrowed = astray.fault.at.and_then(|at| astray.instead_of_everything(at));
        return match narrowed {
            Some(narrowed) => finding.mend(narrowed),
            None => finding.help(format!("take {} from `forwards` of `{}`, or let the location that it leads to accept them", astray.names(), gateway.name)),
        };
    }
    let by_tenant = astray
        .fault
        .at
        .is_some_and(|at| astray.topology().location(at).tenant().is_some());
    if by_tenant {
        Finding::note(Code::L013, message)
            .help(format!("synchronize the recipients to `{place}` and let it know all of them, where it can be authoritative"))
    } else {
        let all = if knows_its_own { ", and let it know every one of them: `directory: complete`" } else { "" };
        Finding::warning(Code::L013, message).help(format!("{}{all}", help(astray, place)))
    }
}

/// What knows the recipients: a list, or at Postfix a next hop that answers.
fn help(astray: &Astray<'_>, place: &str) -> String {
    let model = astray.flows.model;
    let tables = astray.fault.at.and_then(|at| {
        let Configuration::Postfix(tables) = &model.plan.place(at).configuration else {
            return None;
        };
        model.asked(tables, at, &astray.evidence.to)?;
        (!tables.callout).then_some(tables)
    });
    match tables {
        Some(_) if is_spare(astray) => format!(
            "list the recipients (`directory: callout` would ask the better exchanger, so that `{place}` takes nothing for them while that is down)"
        ),
        Some(_) => format!(
            "list the recipients, or let `{place}` ask the next hop: `directory: callout`"
        ),
        None => "list the recipients".to_owned(),
    }
}

/// Whether the location is an exchanger of the domain beside others that come first.
fn is_spare(astray: &Astray<'_>) -> bool {
    let preferences = preferences(astray.flows.model.plan, astray.evidence.to.domain());
    let own = astray.fault.at.and_then(|at| preferences.get(&at));
    own.is_some_and(|own| preferences.values().any(|other| other < own))
}
