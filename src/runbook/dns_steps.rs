//! The records, which come last, and what is only right once they have moved.

use crate::dns::exchanges;
use crate::plan::Plan;
use crate::runbook::{some_of, steps};
use crate::topology::{DnsManagement, Domain, Entry, Kind};
use minijinja::{Value, context};
use std::collections::BTreeSet;

/// What to do, in this order.
pub(crate) fn steps(plan: &Plan) -> Vec<String> {
    let staged = plan.zones.iter().any(|zone| !zone.today.is_empty());
    let mut list = Vec::new();
    if !staged {
        list.push("Lower the time to live of the records that will change, and wait until the old one has passed".to_owned());
        list.push("Publish SPF, DKIM and the other records but MX: SPF before any mail leaves from a new address".to_owned());
    }
    for policy in plan.zones.iter().flat_map(|zone| &zone.policies) {
        let domain = &policy.domain;
        list.push(format!(
            "Serve `dns/mta-sts/{domain}/.well-known/mta-sts.txt` at `https://mta-sts.{domain}/.well-known/mta-sts.txt`, with a certificate for `mta-sts.{domain}`, before its record is published"
        ));
    }
    list.extend(reverse_names(plan));
    if staged {
        let serials = if plan
            .zones
            .iter()
            .any(|zone| !zone.today.is_empty() && zone.authority.is_some())
        {
            "; the serials of the stages are the two before that of the spec, so what is published now must have a lower one"
        } else {
            ""
        };
        list.push(format!("Publish the zones in `dns/stage-1`: the MX records of today with a time to live of five minutes, and all others as they shall be{serials}; wait until their old time to live has passed"));
        list.push("Publish those in `dns/stage-2`: mail enters by the table below. While something is wrong, publish `dns/stage-1` again: within minutes mail enters where it did".to_owned());
    } else {
        list.push("Publish the MX records of the table below".to_owned());
    }
    list.push("Keep the old entry working for the old time to live and five more days: mail that waits elsewhere in a queue may still come there".to_owned());
    if staged {
        list.push("Publish the zones in `dns` itself, which differ by the time to live alone; take `mx_now` out of the spec and compile again".to_owned());
    }
    for (id, location) in plan.topology.locations() {
        let locks = steps::locks(plan, id);
        if !locks.is_empty() {
            list.push(format!(
                "Then close the other ways: run `{0}/apply.ps1 -Lock -WhatIf`, read, and `{0}/apply.ps1 -Lock`, which makes {1}; half an hour later `{0}/verify.ps1`{2}",
                location.name,
                locks.join(" and "),
                if steps::skips_behind_lock(plan, id) {
                    ". Until then the tenant judges mail by the address that hands it over, and not by where it comes from: look into the quarantine for good mail"
                } else {
                    ""
                }
            ));
        }
    }
    list
}

/// Receivers look up the name of the address that a message comes from, and refuse what has none.
fn reverse_names(plan: &Plan) -> Option<String> {
    let addresses: BTreeSet<String> = plan
        .exits
        .iter()
        .map(|&id| plan.topology.location(id))
        .filter(|location| matches!(location.kind, Kind::ExchangeServer(_) | Kind::Postfix(_)))
        .flat_map(|location| &location.egress)
        .filter(|at| !at.value.is_private())
        .map(|at| at.value.to_string())
        .collect();
    (!addresses.is_empty()).then(|| {
        format!(
            "See that the reverse name (PTR) of every address that mail leaves from is a host name that leads back to it; who assigned the address sets it: {}",
            some_of(addresses)
        )
    })
}

/// One line per domain that takes mail.
pub(crate) fn rows(plan: &Plan) -> Vec<Value> {
    plan.topology
        .domains
        .iter()
        .filter(|domain| !domain.mx.is_empty())
        .map(|domain| row(plan, domain))
        .collect()
}

fn row(plan: &Plan, domain: &Domain) -> Value {
    let topology = &plan.topology;
    let places: Vec<String> = domain
        .mx
        .iter()
        .map(|at| format!("`{}`", topology.location(at.value).name))
        .collect();
    let today = domain
        .mx_now
        .as_ref()
        .map_or(String::new(), |at| match &at.value {
            Entry::Location(id) => format!("; today `{}`", topology.location(*id).name),
            Entry::Hosts(hosts) => format!("; today {}", some_of(hosts.iter().map(|at| &at.value))),
        });
    let records = exchanges(topology, domain).map_or("withheld, see above".to_owned(), |list| {
        list.iter()
            .map(|exchange| format!("`{} {}`", exchange.preference, exchange.host))
            .collect::<Vec<_>>()
            .join(", ")
    });
    let zone = plan
        .zones
        .iter()
        .filter(|zone| domain.name == zone.origin || domain.name.is_below(&zone.origin))
        .max_by_key(|zone| zone.origin.as_str().len());
    let file = match (&domain.dns, zone) {
        (DnsManagement::Managed, Some(zone)) => format!("`{}`", zone.origin),
        (DnsManagement::Managed, None) | (DnsManagement::External(_), _) => {
            "somebody else's zone: tell them".to_owned()
        }
        (DnsManagement::None, _) => "no zone".to_owned(),
    };
    context! {
        domain => domain.name.unicode(),
        places => format!("{}{today}", places.join(", then ")),
        records => records,
        file => file,
    }
}
