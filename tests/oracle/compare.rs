//! The oracle's word against the analysis'.

use crate::readings::Readings;
use crate::simulate::Outcome;
use crate::start::outcomes;
use crate::world::{World, aliases, target};
use mailtopo::testing::plan::Plan;
use mailtopo::testing::topology::{Domain, Holds, Party, Sender};
use mailtopo::testing::values::Address;
use mailtopo::testing::walk::{Model, Trace, trace};
use std::collections::BTreeSet;
use std::fmt;

/// One message whose way is seen differently.
#[derive(Clone, Debug)]
pub(crate) struct Disagreement {
    pub from: String,
    pub to: String,
    pub readings: String,
    pub only_analysis: Vec<Outcome>,
    pub only_oracle: Vec<Outcome>,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} to {}, {}", self.from, self.to, self.readings)?;
        let analysis = self.only_analysis.iter().map(|way| ("analysis", way));
        let oracle = self.only_oracle.iter().map(|way| ("oracle", way));
        for (who, way) in analysis.chain(oracle) {
            writeln!(f, "  {who}: {} {:?} {}", way.ends, way.hops, way.tls)?;
        }
        Ok(())
    }
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub messages: usize,
    pub ways: usize,
    /// Messages with more ways than the analysis keeps, which are not compared.
    pub cut: usize,
}

/// Compares every message that matters in a plan.
pub(crate) fn compare(plan: &Plan, count: &mut Count) -> Vec<Disagreement> {
    let world = World::of(plan);
    let model = Model::of(plan);
    let mut found = Vec::new();
    let recipients = recipients(plan);
    for (name, from) in senders(plan) {
        for to in &recipients {
            let Ok(address) = Address::parse(to) else {
                continue;
            };
            let said = trace(&model, &from, &address);
            count.messages += 1;
            if said.cut {
                count.cut += 1;
                continue;
            }
            found.extend(one(&world, &name, &from, to, &said, count));
        }
    }
    found
}

/// Compares one message under every assignment of the readings that either side asks for.
pub(crate) fn one(
    world: &World<'_>,
    name: &str,
    from: &Sender,
    to: &str,
    said: &Trace,
    count: &mut Count,
) -> Option<Disagreement> {
    let mut open = vec![Readings::default()];
    while let Some(readings) = open.pop() {
        if let Some(id) = readings.first_missing(said.ways.iter().map(|way| &way.readings)) {
            open.extend(readings.with_every(id));
            continue;
        }
        let simulated = match outcomes(world, &readings, from, to) {
            Err(asked) => {
                open.extend(readings.with_every(asked.0));
                continue;
            }
            Ok(simulated) => simulated,
        };
        let analysed: BTreeSet<Outcome> = said
            .ways
            .iter()
            .filter(|way| readings.agrees_with(&way.readings))
            .map(|way| Outcome {
                ends: way.end.ends.words(world.topology()),
                hops: way
                    .hops
                    .iter()
                    .map(|hop| (hop.at.clone(), hop.to.clone()))
                    .collect(),
                tls: way.tls.as_str(),
            })
            .map(loops_apart)
            .collect();
        let simulated: BTreeSet<Outcome> = simulated.into_iter().map(loops_apart).collect();
        count.ways += simulated.len();
        if analysed != simulated {
            return Some(Disagreement {
                from: name.to_owned(),
                to: to.to_owned(),
                readings: format!("{readings:?}"),
                only_analysis: analysed.difference(&simulated).cloned().collect(),
                only_oracle: simulated.difference(&analysed).cloned().collect(),
            });
        }
    }
    None
}

/// Of a loop it counts who takes part, not how often it was gone round before it was noticed; what never arrives has no
/// level of TLS.
pub(crate) fn loops_apart(mut outcome: Outcome) -> Outcome {
    if outcome.ends.starts_with("loop ") {
        outcome.hops.clear();
    }
    let arrives = ["delivered ", "handed-off ", "internet"];
    if !arrives.iter().any(|word| outcome.ends.starts_with(word)) {
        outcome.tls = "";
    }
    outcome
}

/// Everybody who writes.
pub(crate) fn senders(plan: &Plan) -> Vec<(String, Sender)> {
    let topology = &plan.topology;
    let mut all = vec![("internet".to_owned(), Sender::Party(Party::Internet))];
    all.extend(
        topology
            .locations()
            .map(|(id, it)| (it.name.clone(), Sender::Party(Party::Location(id)))),
    );
    all.extend(
        topology
            .partners()
            .map(|(id, it)| (it.name.clone(), Sender::Party(Party::Partner(id)))),
    );
    all.extend(
        topology
            .devices()
            .map(|(id, it)| (it.name.clone(), Sender::Party(Party::Device(id)))),
    );
    for domain in &topology.domains {
        let first = domain
            .holders
            .iter()
            .find_map(|holder| match &holder.holds {
                Holds::Listed(list) => list.first(),
                _ => None,
            });
        if let Some(recipient) = first {
            all.push((
                recipient.address.to_string(),
                Sender::Address(recipient.address.clone()),
            ));
            if let Some(alias) = aliases(recipient).and_then(<[_]>::first) {
                all.push((alias.to_string(), Sender::Address(alias.clone())));
            }
        }
    }
    all
}

/// Everybody who is written to: the listed, the unlisted, names below and beside.
pub(crate) fn recipients(plan: &Plan) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for domain in &plan.topology.domains {
        let name = domain.name.as_str();
        all.insert(format!("nobody@{name}"));
        all.insert(format!("nobody@any.{name}"));
        all.insert(format!("nobody@deep.any.{name}"));
        listed(domain, &mut all);
    }
    for partner in &plan.topology.partners {
        for at in &partner.domains {
            if let Some(base) = at.value.base() {
                all.insert(format!("them@{base}"));
                all.insert(format!("them@any.{base}"));
            }
        }
    }
    for route in &plan.routes {
        for at in &route.recipients {
            if let Some(base) = at.pattern.base() {
                all.insert(format!("routed@{base}"));
                all.insert(format!("routed@any.{base}"));
            }
        }
    }
    all.insert("somebody@unlisted.example".to_owned());
    all
}

fn listed(domain: &Domain, all: &mut BTreeSet<String>) {
    for holder in &domain.holders {
        let Holds::Listed(list) = &holder.holds else {
            continue;
        };
        for recipient in list {
            all.insert(recipient.address.to_string());
            let further = aliases(recipient).into_iter().flatten();
            all.extend(further.chain(target(recipient)).map(ToString::to_string));
        }
    }
    for forward in &domain.forwards {
        all.insert(forward.address.to_string());
    }
}
