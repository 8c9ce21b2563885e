//! Where strangers get in: the exchangers of a name, and whatever else listens to them.

use crate::dns::routing::{Exchangers, Taker, exchangers, only_today};
use crate::plan::{Configuration, Plan};
use crate::platforms::product::{Applied, Trait};
use crate::source::At;
use crate::topology::{LocationId, Party};
use crate::values::{Address, DomainName, Host, is_private_address};
use crate::walk::recipients::Meaning;
use crate::walk::state::{Cause, Ends, Message, Step};
use crate::walk::{Home, Model};
use std::collections::BTreeSet;

impl Model<'_> {
    /// Over every exchanger, and past a gateway wherever else anybody is heard.
    pub(crate) fn over_mx(
        &self,
        message: &Message,
        who: &str,
        party: Party,
        to: &Address,
        meanings: &[Meaning],
    ) -> Vec<Step> {
        let name = to.domain();
        match exchangers(self.plan, &self.existing, name) {
            Exchangers::Known { owner, takers } => {
                let by = format!("mx {owner}");
                let today = only_today(self.plan, name);
                let mut steps = Vec::new();
                for taker in &takers {
                    match taker {
                        Taker::Location(at) => {
                            let why = format!("`{}` is an MX of `{owner}`", self.name(*at));
                            let mut entered =
                                self.enter(message, who, party, *at, (&by, &why), to, meanings);
                            if today.contains(taker) {
                                entered.iter_mut().for_each(Step::before_the_lock);
                            } else if let Some(reason) = self.policy_failure(name, *at) {
                                let refused = entered.first().map(|step| step.honouring(reason));
                                entered.extend(refused);
                            }
                            steps.extend(entered);
                        }
                        Taker::Stranger(host) => steps.push(Step::end(
                            Ends::LeftModel(None),
                            Cause::UnknownExchanger.because(format!(
                                "the MX of `{owner}` names `{host}`, which the spec does not know"
                            )),
                        )),
                    }
                }
                for at in self.past_gateways(name, &takers) {
                    let why = format!(
                        "everybody can hand mail to `{}` past the MX of `{owner}`",
                        self.name(at)
                    );
                    let by = format!("location:{}", self.name(at));
                    let past = self.enter(message, who, party, at, (&by, &why), to, meanings);
                    steps.extend(past.into_iter().map(|step| Step {
                        bypass: true,
                        ..step
                    }));
                }
                steps
            }
            Exchangers::Nobody(why) => {
                vec![Step::end(
                    Ends::Rejected(None),
                    Cause::NoExchanger.because(why),
                )]
            }
            Exchangers::Undeclared => vec![Step::end(
                Ends::LeftModel(None),
                Cause::UnknownExchanger.because(format!(
                    "the spec does not say where mail for `{name}` enters"
                )),
            )],
            Exchangers::Missing(_) | Exchangers::Foreign => {
                let why = format!(
                    "the MX of `{name}` is not ours, but an external sender can connect to any server"
                );
                // Of a mailbox that no record leads to it matters who takes its mail all the same.
                let is_held = meanings
                    .iter()
                    .any(|meaning| matches!(meaning.home, Home::At(_)));
                let doors: Vec<LocationId> = self
                    .doors
                    .iter()
                    .copied()
                    .filter(|at| !is_held || self.accepted(*at, name).is_some())
                    .collect();
                if doors.is_empty() && is_held {
                    let why = format!("no MX record leads to `{name}`");
                    return vec![Step::end(
                        Ends::Rejected(None),
                        Cause::NoExchanger.because(why),
                    )];
                }
                doors
                    .into_iter()
                    .flat_map(|at| {
                        let by = format!("location:{}", self.name(at));
                        self.enter(message, who, party, at, (&by, &why), to, meanings)
                    })
                    .collect()
            }
        }
    }

    /// What accepts a name and listens to everybody, while its MX is a gateway in front of it. What somebody else configures
    /// is left out: no spec can lock it.
    fn past_gateways(&self, name: &DomainName, takers: &[Taker]) -> Vec<LocationId> {
        let gated = takers.iter().any(|taker| match taker {
            Taker::Location(at) => self.plan.topology.location(*at).is(Trait::Filter),
            Taker::Stranger(_) => false,
        });
        if !gated {
            return Vec::new();
        }
        let ours = |at: LocationId| {
            self.plan.topology.location(at).product().applied != Applied::ByHand
                && !takers.contains(&Taker::Location(at))
                && self.accepted(at, name).is_some()
        };
        let doors = self.doors.iter().copied();
        doors.filter(|at| ours(*at)).collect()
    }
}

/// Where a stranger can try a name that is not ours: wherever the Internet reaches, named in an MX or not. Only of a
/// filter it is assumed that it knows its customers: it listens to strangers where it is an MX.
pub(crate) fn doors(plan: &Plan) -> Vec<LocationId> {
    let topology = &plan.topology;
    let domains = topology.domains.iter();
    let exchangers: BTreeSet<LocationId> = domains
        .flat_map(|domain| domain.mx.iter().map(|at| at.value))
        .collect();
    let locations = topology.locations();
    locations
        .filter(|(id, location)| {
            if location.is(Trait::Filter) && !exchangers.contains(id) {
                return false;
            }
            let public = |at: &At<Host>| {
                let address = at.value.target.ip();
                address.is_none_or(|address| !is_private_address(address))
            };
            // A host that lets external senders relay is found by its address, where the spec has no name of it.
            let is_open = || match &plan.place(*id).configuration {
                Configuration::Postfix(tables) => tables.lets_external_senders_relay(),
                _ => false,
            };
            location.tenant().is_some()
                || location.hosts.iter().any(public)
                || location.hosts.is_empty() && is_open()
        })
        .map(|(id, _)| id)
        .collect()
}
