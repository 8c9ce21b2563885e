//! Everything that decides about the mail of a name, in a form that is equal where it decides equally.
//!
//! Built from tables by name, so that asking for one name costs as much as the name has labels, however many routes and
//! domains there are.

use crate::dns::enforced::misfit;
use crate::dns::routing::{Exchangers, Taker, exchangers, found_by, only_today, owner};
use crate::plan::Configuration;
use crate::routes::RouteId;
use crate::topology::{AcceptedType, Condition, Domain, Holds, LocationId};
use crate::values::{DomainName, Pattern};
use crate::walk::{Home, Model};
use foldhash::{HashMap, HashMapExt};
use std::collections::BTreeSet;

/// What decides about a name.
pub(crate) type Signature = Vec<usize>;

/// Objects by the name they are about.
pub(crate) struct Index<'a> {
    accepted: HashMap<&'a str, Vec<(LocationId, AcceptedType, bool)>>,
    exact: HashMap<&'a str, Vec<RouteId>>,
    below: HashMap<&'a str, Vec<RouteId>>,
    /// Connectors that are for some accepted domains alone, by these.
    only_for: HashMap<&'a str, Vec<(LocationId, usize)>>,
}

/// What the next numbers of a signature are about.
#[derive(Clone, Copy)]
enum Mark {
    Accepted,
    AcceptedBelow,
    Exact,
    Below,
    Apex,
    Partner,
    Ahead,
    Taker,
    Stranger,
    NoExchanger,
    Missing,
    Undeclared,
    Foreign,
    Rule,
    OnlyFor,
    Domain,
    Holder,
    Apart,
}

impl<'a> Index<'a> {
    /// The tables of a plan.
    pub(super) fn of(model: &Model<'a>) -> Self {
        let plan = model.plan;
        let mut index = Self {
            accepted: HashMap::new(),
            exact: HashMap::new(),
            below: HashMap::new(),
            only_for: HashMap::new(),
        };
        for (id, _) in plan.topology.locations() {
            for accepted in &plan.place(id).accepted {
                let entry = (id, accepted.kind, accepted.subdomains);
                index
                    .accepted
                    .entry(accepted.domain.as_str())
                    .or_default()
                    .push(entry);
            }
        }
        for (id, _) in plan.topology.locations() {
            if let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration {
                for (position, connector) in tenant.inbound.iter().enumerate() {
                    for domain in &connector.associated_accepted_domains {
                        let known = index.only_for.entry(domain.as_str()).or_default();
                        known.push((id, position));
                    }
                }
            }
        }
        for (id, route) in plan.routes() {
            for at in &route.recipients {
                match &at.pattern {
                    Pattern::Exact(name) => index.exact.entry(name.as_str()).or_default().push(id),
                    Pattern::Below(base) => index.below.entry(base.as_str()).or_default().push(id),
                    // These are for every name, or for those that are accepted.
                    Pattern::Any | Pattern::AcceptedDomains => {}
                }
            }
        }
        index
    }

    /// The places that an object names together with a name whose mailboxes are there, sorted.
    pub(super) fn about(
        &self,
        model: &Model<'_>,
        name: &DomainName,
        home: Home,
    ) -> Vec<LocationId> {
        let nodes = || std::iter::once(name.as_str()).chain(name.parents());
        let accepting = nodes()
            .filter_map(|node| self.accepted.get(node))
            .flatten()
            .map(|(id, _, _)| *id);
        let exact = self.exact.get(name.as_str());
        let below = nodes().filter_map(|node| self.below.get(node));
        let ends = exact.into_iter().chain(below).flatten().flat_map(|id| {
            let route = model.plan.route(*id);
            [route.from.location(), route.to.location()]
        });
        let takers = match exchangers(model.plan, &model.existing, name) {
            Exchangers::Known { takers, .. } => takers,
            _ => Vec::new(),
        };
        let taking = takers.iter().filter_map(|taker| match taker {
            Taker::Location(id) => Some(*id),
            Taker::Stranger(_) => None,
        });
        let holders = owner(model.plan, name)
            .map(|(id, _)| model.plan.topology.domain(id))
            .into_iter()
            .flat_map(Domain::holder_ids);
        let home = match home {
            Home::At(at) => Some(at),
            Home::Nobody | Home::Outside => None,
        };
        let places: BTreeSet<LocationId> = accepting
            .chain(ends.flatten())
            .chain(taking)
            .chain(holders)
            .chain(home)
            .collect();
        places.into_iter().collect()
    }

    /// What decides about a name.
    pub(super) fn signature(&self, model: &Model<'_>, name: &DomainName) -> Signature {
        let mut numbers = Signature::new();
        let mut add = |mark: Mark, values: &[usize]| {
            numbers.push(mark as usize);
            numbers.extend(values);
        };
        for (id, kind, subdomains) in self.accepted.get(name.as_str()).into_iter().flatten() {
            add(
                Mark::Accepted,
                &[id.index(), *kind as usize, usize::from(*subdomains)],
            );
        }
        for id in self.exact.get(name.as_str()).into_iter().flatten() {
            add(Mark::Exact, &[id.index()]);
        }
        for id in self.below.get(name.as_str()).into_iter().flatten() {
            add(Mark::Apex, &[id.index()]);
        }
        for (depth, above) in name.parents().enumerate() {
            for (id, kind, subdomains) in self.accepted.get(above).into_iter().flatten() {
                if *subdomains {
                    add(Mark::AcceptedBelow, &[id.index(), *kind as usize]);
                }
            }
            for id in self.below.get(above).into_iter().flatten() {
                // Whether one label is missing decides under one of the readings.
                add(Mark::Below, &[id.index(), usize::from(depth == 0)]);
            }
        }
        for node in std::iter::once(name.as_str()).chain(name.parents()) {
            for (id, connector) in self.only_for.get(node).into_iter().flatten() {
                add(Mark::OnlyFor, &[id.index(), *connector]);
            }
        }
        if let Some(partner) = model.partner_of(name) {
            add(Mark::Partner, &[partner.index()]);
        }
        match exchangers(model.plan, &model.existing, name) {
            Exchangers::Known { takers, .. } => {
                let today = only_today(model.plan, name);
                // Who is in the list hands on to those before it, under each set of records.
                let own = takers.iter().filter_map(|taker| match taker {
                    Taker::Location(id) if takers.len() > 1 => Some(*id),
                    _ => None,
                });
                for here in own {
                    for found in found_by(model.plan, &model.existing, name, here) {
                        if let Exchangers::Known { takers, .. } = found {
                            let place = |taker| match taker {
                                Taker::Location(id) => id.index() + 1,
                                Taker::Stranger(_) => 0,
                            };
                            let ahead: Vec<usize> = takers.into_iter().map(place).collect();
                            add(Mark::Ahead, &ahead);
                        }
                    }
                }
                for taker in takers {
                    let early = usize::from(today.contains(&taker));
                    match taker {
                        Taker::Location(id) => {
                            let refused = misfit(model.plan, name, id).is_some();
                            add(Mark::Taker, &[id.index(), early, usize::from(refused)]);
                        }
                        Taker::Stranger(_) => add(Mark::Stranger, &[]),
                    }
                }
            }
            Exchangers::Nobody(_) => add(Mark::NoExchanger, &[]),
            Exchangers::Missing(_) => add(Mark::Missing, &[]),
            Exchangers::Undeclared => add(Mark::Undeclared, &[]),
            Exchangers::Foreign => add(Mark::Foreign, &[]),
        }
        let topology = &model.plan.topology;
        for (at, rule) in topology.rules.iter().enumerate() {
            for condition in rule.when.iter().chain(&rule.unless) {
                if let Condition::RecipientDomain(patterns) = &condition.value {
                    let matches = patterns.iter().any(|pattern| pattern.matches(name));
                    add(Mark::Rule, &[at, usize::from(matches)]);
                }
            }
        }
        let apart = model.plan.apart.of_name(name);
        if !apart.is_empty() {
            add(Mark::Apart, &apart);
        }
        if let Some(id) = topology.domain_named(name) {
            of_domain(topology.domain(id), &mut add);
        }
        numbers
    }
}

fn of_domain(domain: &Domain, add: &mut impl FnMut(Mark, &[usize])) {
    let flags = [
        domain.sending as usize,
        usize::from(domain.subdomains),
        usize::from(domain.catch_all.is_some()),
    ];
    add(Mark::Domain, &flags);
    for holder in &domain.holders {
        let kind = match holder.holds {
            Holds::Count(_) => 0,
            Holds::Listed(_) => 1,
            Holds::Rest => 2,
        };
        add(Mark::Holder, &[holder.location.index(), kind]);
    }
}
