//! # G001 no-route-for-population
//!
//! ## What a clean result proves
//!
//! Mail for every recipient of the spec, from the Internet and from every location with mailboxes, follows routes all the
//! way to the recipient's location.
//!
//! ## Exact condition
//!
//! On the way to a recipient who exists, one of our locations has no route for the recipient's domain, so that it follows
//! the MX or keeps the mail; or the message is bounced, waits until it expires, is handed to a host that the spec does not
//! know, or ends, by no rule and no forward, where it must not: in another mailbox, with a partner or on the Internet.
//! Mail from one of our locations for other recipients is one, too, where a route hands it to a partner that does not have the
//! name. Mail that passes more than 50 servers is one finding for each location where it does. Where a mailbox forwards
//! mail and it is lost behind that, the finding is about the forward. Loops and what only a reading leads to are other
//! findings.
//!
//! ## Severity
//!
//! error; warning where it rests on a condition that nobody can decide offline; note where the mail follows the MX and ends
//! in the mailbox, with the TLS that the spec demands.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: in, from: cloud, to: hq, recipients: [contoso.com]}
//! ```
//!
//! ## Sources
//!
//! - Without connectors no mail flows to our own servers: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use crate::checks::attribution::route_for;
use crate::checks::lost_mail::{Astray, report};
use crate::checks::words::{as_written, listed};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation, written_route};
use crate::routes::{NextHop, Recognition, Route};
use crate::values::{Pattern, shown};
use crate::walk::{Cause, FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::NoRoute, findings, without_route);
    report(flows, FaultKind::FollowsMx, findings, follows_mx);
    report(flows, FaultKind::Lost, findings, lost);
    report(flows, FaultKind::TooManyHops, findings, lost);
    report(flows, FaultKind::ForwardLost, findings, forward_lost);
}

fn without_route(astray: &Astray<'_>) -> Finding {
    let (place, home, from) = (astray.place(), astray.home(), &astray.evidence.from);
    let ends = astray.evidence.way.end.ends.words(astray.topology());
    let finding = Finding::error(
        Code::G001,
        format!(
            "`{place}` has no route for {}, so mail from `{from}` for the mailboxes at `{home}` follows the MX and ends `{ends}`",
            astray.names()
        ),
    );
    // A list that nobody can read is left to whoever mends the first of it.
    let all = astray.region.as_slice();
    let names = if all.len() > MOST_NAMES { all.get(..1) } else { Some(all) };
    to_write(astray, finding, names.unwrap_or_default(), "")
}

/// So many names are proposed for one route.
const MOST_NAMES: usize = 8;

/// More names on the route that serves other names there, else a route.
fn to_write(astray: &Astray<'_>, finding: Finding, names: &[String], when: &str) -> Finding {
    let name = names.first().map_or("", String::as_str);
    let (place, home) = (astray.place(), astray.home());
    let (from, to) = (astray.fault.at, astray.fault.home);
    let routes = astray.flows.model.plan.routes.iter();
    let siblings = routes.filter(|route| {
        route.enabled
            && !route.only_by_rule
            && route.from.location() == from
            && route.to.location() == to
    });
    let plan = astray.flows.model.plan;
    let known = from.zip(to);
    let known = known.and_then(|(from, to)| route_for(plan, from, to, name));
    if let Some(route) = known {
        let help = if route.next_hop == NextHop::Mx {
            format!(
                "{when}name the hosts that {} leads to: `smart_hosts`, or `hosts` at `{home}`",
                shown(&route.name)
            )
        } else {
            format!(
                "{} is for this name and not for this mail: `mailtopo trace` with these ends shows what decided it",
                shown(&route.name)
            )
        };
        return finding
            .at(route.origin.span(), "this route is for the name")
            .on(Object::Route(route.name.clone()))
            .help(help);
    }
    // A written one can have one name more.
    let sibling = siblings.min_by_key(|route| !route.takes_more_names());
    let finding = match sibling {
        Some(route) => finding
            .at(route.origin.span(), "this route serves other domains there")
            .on(Object::Route(route.name.clone())),
        None => finding,
    };
    if let Some(route) = sibling.filter(|route| route.takes_more_names()) {
        let finding = finding.help(format!(
            "{when}add {} to `recipients` of {}",
            listed(names.iter().map(String::as_str)),
            shown(&route.name)
        ));
        return match names {
            [name] => finding.fix(Operation::Append {
                object: Object::Route(route.name.clone()),
                key: "recipients",
                value: as_written(name),
            }),
            _ => finding,
        };
    }
    if place == home {
        return finding.help("`mailtopo trace` with these ends shows every hop and what decided it");
    }
    let names: Vec<String> = names.iter().map(|name| as_written(name)).collect();
    let value = written_route(place, home, &names.join(", "), "");
    finding
        .help(format!("{when}write a route: `{value}`"))
        .fix(Operation::Item {
            section: "routes",
            value,
        })
}

fn follows_mx(astray: &Astray<'_>) -> Finding {
    let (place, home, from) = (astray.place(), astray.home(), &astray.evidence.from);
    // Mail that is sent on under another name follows the MX of that one.
    let own = astray.evidence.to.domain();
    let way = &astray.evidence.way;
    let at_gap = way.gap.as_ref().map(|gap| &gap.name);
    let other = at_gap.map_or_else(|| way.sent_on(own), |name| (name != own).then_some(name));
    let (name, for_what) = match other {
        Some(name) => (
            vec![name.to_string()],
            format!("`{name}`, as which it sends on mail for {}", astray.names()),
        ),
        None => (vec![astray.first_name().to_owned()], astray.names()),
    };
    let finding = Finding::note(
        Code::G001,
        format!(
            "`{place}` has no route for {for_what}: mail from `{from}` for the mailboxes at `{home}` follows the MX, which leads there without verified TLS",
        ),
    );
    to_write(astray, finding, &name, "where this mail must not depend on the MX, ")
}

fn lost(astray: &Astray<'_>) -> Finding {
    let whose = match (astray.fault.home, astray.fault.party) {
        (Some(_), _) => format!("the mailboxes of {} at `{}`", astray.names(), astray.home()),
        (None, Some(_)) => format!("`{}`", astray.party()),
        (None, None) => astray.names(),
    };
    Finding::error(
        Code::G001,
        format!(
            "mail from `{}` for {whose} {}",
            astray.evidence.from,
            astray.end()
        ),
    )
    .help(unknown_sender(astray).unwrap_or_else(|| {
        "`mailtopo trace` with these ends shows every hop and what decided it".to_owned()
    }))
}

/// What to write where the mail is refused because the receiving place cannot know who sends it.
fn unknown_sender(astray: &Astray<'_>) -> Option<String> {
    let way = &astray.evidence.way;
    let at = astray.fault.at?;
    let name = way.hops.last()?.by.strip_prefix("route:")?;
    let plan = astray.flows.model.plan;
    let (_, route) = plan.routes().find(|(_, route)| route.name == name)?;
    let sender = route.from.location()?;
    let from = astray.name(sender);
    if route.accepted_by != Recognition::Nothing || route.to.location() != Some(at) {
        return None;
    }
    let place = astray.place();
    if route.is_written() {
        return Some(format!(
            "let `{place}` know `{from}`: take `accepted_by: nothing` from `{name}`"
        ));
    }
    // The certificate and the addresses of a tenant are its provider's, and no spec writes them.
    let is_tenant = astray.topology().location(sender).tenant().is_some();
    (!is_tenant).then(|| {
        format!(
            "let `{place}` know `{from}`: write its `certificate`, or its `egress` addresses, at `{from}`"
        )
    })
}

fn forward_lost(astray: &Astray<'_>) -> Finding {
    let way = &astray.evidence.way;
    let (whose, target) = way.redirect().map_or_else(
        || (astray.evidence.to.to_string(), String::new()),
        |redirect| (redirect.address.to_string(), redirect.target.to_string()),
    );
    // Who admits our own senders alone admits a forward that is sent on in our name.
    let home = astray.fault.home.map(|at| astray.topology().location(at));
    let admits_ours = |route: &Route| !route.senders.is_empty() && Pattern::admit(&route.senders, Some(astray.evidence.to.domain()));
    let forwarder = home.filter(|home| home.postfix().is_some() && !home.rewrites_sender());
    let forwarder = forwarder.filter(|_| way.end.cause == Cause::NotAllowed && astray.last_route().is_some_and(admits_ours));
    let rewriting = forwarder.map(|home| format!("let `{}` forward in its own name: `rewrites_sender: true`; or ", home.name));
    let finding = Finding::error(
        Code::G001,
        format!(
            "mail that `{whose}` forwards to `{target}` is lost: it {}",
            astray.end()
        ),
    )
    .help(format!(
        "{}forward to an address that mail from `{}` can reach, or take the forward away; `mailtopo trace --from {} --to {whose}` shows every hop",
        rewriting.unwrap_or_default(),
        astray.home(),
        astray.evidence.from
    ));
    match way.redirect() {
        Some(redirect) => finding.at(redirect.span, "forwards it"),
        None => finding,
    }
}
