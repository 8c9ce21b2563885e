//! # X008 plus-address-escapes-user-route
//!
//! ## What a clean result proves
//!
//! Mail to an extended address, such as `bob+news@contoso.com`, goes where the mail of its user goes.
//!
//! ## Exact condition
//!
//! A Postfix location has an entry for a single address of another location's mailbox, that location takes addresses
//! with an extension, and the Postfix location has another `recipient_delimiter`, or none: it looks for the extended
//! address as it is, does not find it, and refuses it or takes it the way of the rest of its domain.
//!
//! ## Severity
//!
//! warning: only mail to extended addresses is concerned.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, recipient_delimiter: ""}
//!   hq: {kind: smtp, hosts: [hq.contoso.com], egress: [203.0.113.10], certificate: hq.contoso.com, sends: {via: mx}}
//!   branch: {kind: smtp, hosts: [branch.contoso.com], egress: [198.51.100.7], certificate: branch.contoso.com, sends: {via: mx}}
//! domains:
//!   contoso.com: {mailboxes: {hq: [ann@contoso.com, carl@contoso.com], branch: [bob@contoso.com]}, mx: mx}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, recipient_delimiter: "+"}
//!   hq: {kind: smtp, hosts: [hq.contoso.com], egress: [203.0.113.10], certificate: hq.contoso.com, sends: {via: mx}}
//!   branch: {kind: smtp, hosts: [branch.contoso.com], egress: [198.51.100.7], certificate: branch.contoso.com, sends: {via: mx}}
//! domains:
//!   contoso.com: {mailboxes: {hq: [ann@contoso.com, carl@contoso.com], branch: [bob@contoso.com]}, mx: mx}
//! ```
//!
//! ## Sources
//!
//! - The order of keys, and which need a delimiter: <https://www.postfix.org/transport.5.html>
//! - <https://www.postfix.org/postconf.5.html#recipient_delimiter>
//! - Extended addresses in a tenant: <https://learn.microsoft.com/exchange/recipients-in-exchange-online/plus-addressing-in-exchange-online>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::{Configuration, Plan};
use crate::platforms::postfix::{Class, Configuration as Postfix};
use crate::topology::{Domain, Holder, Holds};
use crate::values::Address;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let Configuration::Postfix(tables) = &plan.place(id).configuration else {
            continue;
        };
        let accepted = |domain: &&Domain| tables.class(&domain.name) != Class::Default;
        for domain in plan.topology.domains.iter().filter(accepted) {
            let mut others = domain.holders.iter().filter(|at| at.location != id);
            let Some(escaped) = others.find_map(|holder| escaped(plan, tables, holder)) else {
                continue;
            };
            let holder = &plan.topology.location(escaped.holder.location).name;
            findings.push(
                Finding::warning(
                    Code::X008,
                    format!(
                        "`{}` looks for `{}` as it is, where `{holder}` takes it for `{}`: such mail {}",
                        location.name, escaped.extended, escaped.plain, escaped.fate
                    ),
                )
                .at(
                    location.recipient_delimiter.as_ref().map_or(location.span, |at| at.span),
                    "where extensions begin",
                )
                .at(escaped.holder.span, "has a mailbox of its own way")
                .on(Object::Location(location.name.clone()))
                .on(Object::Domain(domain.name.to_string()))
                .domains([domain.name.as_str()])
                .mend(Operation::set(
                    Object::Location(location.name.clone()),
                    "recipient_delimiter",
                    format!("\"{}\"", escaped.mark),
                )),
            );
        }
    }
}

struct Escaped<'a> {
    holder: &'a Holder,
    plain: &'a Address,
    extended: Address,
    mark: char,
    fate: String,
}

/// The first mailbox at a location whose extended addresses do not go where it is.
fn escaped<'a>(plan: &Plan, tables: &Postfix, holder: &'a Holder) -> Option<Escaped<'a>> {
    let delimiters = plan.topology.location(holder.location).delimiters();
    let mark = delimiters
        .chars()
        .find(|mark| !tables.recipient_delimiter.contains(*mark))?;
    let Holds::Listed(recipients) = &holder.holds else {
        return None;
    };
    recipients.iter().find_map(|recipient| {
        let plain = &recipient.address;
        let extended = plain.with_local(&format!("{}{mark}news", plain.local()))?;
        let fate = fate(plan, tables, holder, plain, &extended)?;
        Some(Escaped {
            holder,
            plain,
            extended,
            mark,
            fate,
        })
    })
}

/// What becomes of mail to an extended address, where it is not what becomes of mail to its user.
fn fate(
    plan: &Plan,
    tables: &Postfix,
    holder: &Holder,
    plain: &Address,
    extended: &Address,
) -> Option<String> {
    if !tables.knows(plain) {
        return None;
    }
    if !tables.knows(extended) {
        return Some("is refused".to_owned());
    }
    let target = |address: &Address| {
        let alias = tables.alias(address);
        let first = alias.and_then(|alias| alias.targets.first().cloned());
        first.unwrap_or_else(|| address.clone())
    };
    let (own, other) = (target(plain), target(extended));
    let hop = |address| tables.way(address, None).map(|way| way.hop);
    if hop(&own) == hop(&other) {
        return None;
    }
    let route = tables.hop(hop(&other)?).route?;
    let to = plan.route(route).to;
    (to.location() != Some(holder.location))
        .then(|| format!("goes to `{}`", plan.topology.party_name(to)))
}
