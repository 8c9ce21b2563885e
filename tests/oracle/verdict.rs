//! Mail that goes wrong is spoken of: single messages against what `check` says of the whole spec.
//!
//! The analysis follows one witness of each class of recipients and one of several places that write alike, finds causes,
//! and leaves out what follows from others. Here every address of a small topology is written to, and where `check` says
//! nothing worse than a note, each of these messages has to end as it should.

use crate::compare::{recipients, senders};
use crate::generate::Generated;
use crate::world::{aliases, target};
use crate::{EVERYDAY, SHOWN, generate, number};
use mailtopo::compile::{Input, check};
use mailtopo::testing::finding::Severity;
use mailtopo::testing::plan::Plan;
use mailtopo::testing::topology::{Domain, Holds, LocationId, Party, Sender, Sending};
use mailtopo::testing::values::{Address, Date};
use mailtopo::testing::walk::{Ends, Model, Way, trace};
use std::collections::BTreeSet;

/// The plan of a spec that is right, as `check` sees it.
fn approved(generated: &Generated) -> Option<Plan> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: generated.text.as_bytes(),
        files: &generated.files,
    };
    let checked = check(&input, Date::parse("2026-11-27").expect("a day"));
    let worst = checked
        .findings
        .iter()
        .map(|finding| finding.severity)
        .max();
    let plan = checked.plan?;
    (worst < Some(Severity::Warning)).then_some(plan)
}

/// What is wrong with a way that is sure to be taken.
fn wrong(from: &Sender, is_mailbox: bool, way: &Way) -> bool {
    if !way.readings.is_empty() || !way.assuming.is_empty() {
        return false;
    }
    let is_stranger = *from == Sender::Party(Party::Internet);
    if is_mailbox {
        // Whoever the MX names today is the business of a stranger's own server.
        return match way.end.ends {
            Ends::Rejected(_) | Ends::Bounced(_) | Ends::Deferred(_) | Ends::Loop(_) => true,
            Ends::LeftModel(at) => at.is_some(),
            Ends::Delivered(_) | Ends::HandedOff(_) | Ends::Internet | Ends::Discarded(_) => false,
        };
    }
    if is_stranger {
        // A stranger's mail for somebody else's recipients is not ours to carry.
        return matches!(way.end.ends, Ends::HandedOff(_) | Ends::Internet);
    }
    // What partners and devices may write to others is not told here.
    if matches!(from, Sender::Party(Party::Partner(_) | Party::Device(_))) {
        return false;
    }
    // Our own mail for whoever is not there bounces at once.
    matches!(way.end.ends, Ends::Deferred(_) | Ends::Loop(_))
}

/// Whether our own mail comes to a partner with less TLS than was agreed.
fn is_bared(plan: &Plan, from: &Sender, to: &Address, way: &Way) -> bool {
    let ours = matches!(from, Sender::Party(Party::Location(_)) | Sender::Address(_));
    let mut concerned = plan.topology.partners.iter().filter(|partner| {
        let mut patterns = partner.domains.iter();
        patterns.any(|at| at.value.matches(to.domain()))
    });
    let (Some(partner), None) = (concerned.next(), concerned.next()) else {
        return false;
    };
    let demand = partner.tls_outbound.as_ref().map(|at| at.value);
    let sure = way.readings.is_empty() && way.assuming.is_empty();
    ours && sure && way.end.ends.arrives() && demand.is_some_and(|demand| way.tls < demand)
}

/// Whether a route that names the recipient sends it to the Internet: then that is what was meant.
fn is_sent_out(plan: &Plan, way: &Way) -> bool {
    let last = way
        .hops
        .last()
        .and_then(|hop| hop.by.strip_prefix("route:"));
    let mut routes = plan.routes.iter();
    let route = routes.find(|route| Some(route.name.as_str()) == last);
    way.end.ends == Ends::Internet
        && route.is_some_and(|route| route.is_written() && !route.covers_everything())
}

fn complaints(plan: &Plan) -> Vec<String> {
    let model = Model::of(plan);
    let topology = &plan.topology;
    let holders: BTreeSet<LocationId> = topology
        .domains
        .iter()
        .flat_map(Domain::holder_ids)
        .collect();
    let listed = || {
        let holders = topology.domains.iter().flat_map(|domain| &domain.holders);
        let lists = holders.filter_map(|holder| match &holder.holds {
            Holds::Listed(list) => Some(list),
            Holds::Count(_) | Holds::Rest => None,
        });
        lists.flatten()
    };
    let mailboxes: BTreeSet<&Address> = listed().map(|recipient| &recipient.address).collect();
    let writes = |from: &Sender| match from {
        Sender::Party(Party::Location(at)) => holders.contains(at),
        _ => true,
    };
    let mut found = Vec::new();
    for (name, from) in senders(plan).into_iter().filter(|(_, from)| writes(from)) {
        for to in recipients(plan) {
            let Ok(to) = Address::parse(&to) else {
                continue;
            };
            // Of a mailbox's addresses its own is asked for: what others lead to, a list may only claim.
            let further = listed().flat_map(|recipient| {
                let aliases = aliases(recipient).into_iter().flatten();
                aliases.chain(target(recipient))
            });
            if further.clone().any(|address| *address == to) {
                continue;
            }
            let domain = topology.domain_named(to.domain());
            // Nobody writes to a name that only sends.
            if domain.is_some_and(|id| topology.domain(id).sending != Sending::Normal) {
                continue;
            }
            let is_mailbox = mailboxes.contains(&to)
                || domain.is_some_and(|id| topology.domain(id).rest().is_some());
            for way in trace(&model, &from, &to).ways {
                let wrong = wrong(&from, is_mailbox, &way) && !is_sent_out(plan, &way);
                if wrong || is_bared(plan, &from, &to, &way) {
                    found.push(format!(
                        "{name} to {to}: {} ({})",
                        way.end.ends.words(topology),
                        way.end.why
                    ));
                }
            }
        }
    }
    found
}

#[test]
fn what_goes_wrong_is_spoken_of() {
    let wanted = number("ORACLE", EVERYDAY);
    let first = number("ORACLE_FIRST", 0);
    let (mut approved_specs, mut found) = (0, Vec::new());
    for seed in first..first + wanted {
        let generated = generate::spec(seed);
        let Some(plan) = approved(&generated) else {
            continue;
        };
        approved_specs += 1;
        if let Some(first) = complaints(&plan).into_iter().next() {
            found.push(format!("topology {seed}: {first}\n{generated}"));
        }
    }
    println!("{approved_specs} of {wanted} specs have nothing worse than notes");
    assert!(
        found.is_empty(),
        "{} of {approved_specs} specs that are called right lose mail:\n{}",
        found.len(),
        found.iter().take(SHOWN).cloned().collect::<String>()
    );
    assert!(
        approved_specs * 50 > wanted,
        "only {approved_specs} specs are right"
    );
}
