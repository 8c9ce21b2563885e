//! Handing a message over: to a place, a partner, or whoever the MX names.

use crate::dns::routing::{Exchangers, Taker, found_by};
use crate::finding::{Loser, TraceHop};
use crate::platforms::Assumption;
use crate::routes::RouteId;
use crate::topology::{LocationId, PartnerId, Party};
use crate::values::{DomainName, Network, TlsLevel};
use crate::walk::Model;
use crate::walk::claims::TakenIn;
use crate::walk::state::{
    Arrival, Cause, End, Ends, Gap, Message, Next, Reason, Shows, State, Step,
};
use crate::walk::tls::Expects;
use std::sync::Arc;

/// How a place hands a message on.
#[derive(Clone, Debug)]
pub(crate) struct Handing {
    /// The route; `None` where none matched.
    pub route: Option<RouteId>,
    /// The recipient domain's MX is looked up.
    pub mx: bool,
    /// It is the detour of centralized transport.
    pub detour: bool,
    /// What the sending end demands.
    pub tls: TlsLevel,
    /// Which names it takes for the receiving end's, where names are checked.
    pub expects: Expects,
    /// The certificate that the sending object names.
    pub shows: Shows,
    /// The sending end keeps the cross-premises headers.
    pub headers: bool,
    /// The sending end, a tenant, rewrites the envelope sender of what its mailboxes forward to others.
    pub rewrites_sender: bool,
    /// The item that decided.
    pub by: String,
    /// Why.
    pub why: String,
    /// What would have decided otherwise.
    pub instead_of: Vec<Loser>,
    /// Readings this rests on.
    pub readings: Vec<Assumption>,
    /// What else has to be assumed.
    pub assuming: Vec<String>,
}

impl Handing {
    /// Over a route.
    pub(crate) fn over(route: RouteId, name: &str) -> Self {
        Self {
            route: Some(route),
            mx: false,
            detour: false,
            tls: TlsLevel::Opportunistic,
            expects: Expects::Any,
            shows: Shows::Own,
            headers: false,
            rewrites_sender: false,
            by: format!("route:{name}"),
            why: String::new(),
            instead_of: Vec::new(),
            readings: Vec::new(),
            assuming: Vec::new(),
        }
    }

    /// That the place has no route for the name, where none is taken.
    fn gap(&self, state: &State) -> Option<Gap> {
        self.route.is_none().then(|| Gap {
            at: state.at,
            name: state.recipient.domain().clone(),
        })
    }

    /// As the MX says.
    pub(crate) fn mx(name: &DomainName) -> Self {
        Self {
            route: None,
            mx: true,
            by: format!("mx {name}"),
            ..Self::over(RouteId::from_index(0), "")
        }
    }
}

impl Model<'_> {
    /// Over a route, called by the name that the spec knows it by, whatever its connector is called.
    pub(crate) fn over(&self, route: RouteId) -> Handing {
        let route_of = self.plan.route(route);
        Handing {
            shows: Shows::on(route, route_of),
            ..Handing::over(route, &route_of.name)
        }
    }

    /// Whether a connector of the route looks up the MX. One without a host that is still to be learned does not.
    pub(crate) fn follows_mx(&self, route: RouteId, smart_hosts: &[String]) -> bool {
        smart_hosts.is_empty() && !self.plan.waits_for_fact(route)
    }

    /// The item that decides where a route does.
    pub(crate) fn route_by(&self, route: RouteId) -> String {
        format!("route:{}", self.plan.route(route).name)
    }

    /// Every way the message can take from here.
    pub(crate) fn hand(&self, message: &Message, state: &State, handing: &Handing) -> Vec<Step> {
        let rewritten = self.rewritten_on(state, handing);
        let state = rewritten.as_ref().unwrap_or(state);
        let message = &*self.as_it_is(message, state);
        let Some(id) = handing.route else {
            return self.by_mx(message, state, handing);
        };
        let end = |ends, cause: Cause, why: &str| {
            let mut end = cause.because(why).end(ends);
            end.route = Some(id);
            vec![self.leave_as(state, handing, "", end)]
        };
        let route = self.plan.route(id);
        match route.to {
            Party::Location(_) | Party::Partner(_) | Party::Internet if handing.mx => {
                self.by_mx(message, state, handing)
            }
            Party::Location(_) | Party::Partner(_) | Party::Internet => self
                .lookup
                .taken(id)
                .iter()
                .flat_map(|taken| self.hand_to(message, state, handing, route, taken))
                .collect(),
            Party::Discard => end(
                Ends::Discarded(state.at),
                Cause::AsWritten,
                "the route ends it on purpose",
            ),
            Party::Reject => end(
                Ends::Bounced(state.at),
                Cause::AsWritten,
                "the route refuses it on purpose",
            ),
            Party::Device(_) | Party::Network(..) => end(
                Ends::LeftModel(Some(state.at)),
                Cause::AsWritten,
                "devices take no mail",
            ),
        }
    }

    /// To a party that has the next hop.
    pub(crate) fn to_party(
        &self,
        message: &Message,
        state: &State,
        handing: &Handing,
        party: Party,
    ) -> Vec<Step> {
        match party {
            Party::Location(to) => self.arrive(message, state, handing, to),
            Party::Partner(partner) => vec![self.to_partner(state, handing, partner)],
            _ => vec![self.leave(
                state,
                handing,
                "internet",
                Ends::Internet,
                Cause::AsWritten.because("it leaves to a host that is not ours"),
            )],
        }
    }

    /// To whoever the recipient domain's MX names; while a change is staged there are two such sets.
    fn by_mx(&self, message: &Message, state: &State, handing: &Handing) -> Vec<Step> {
        let name = state.recipient.domain();
        let sets = found_by(self.plan, &self.existing, name, state.at);
        let mut steps: Vec<Step> = Vec::new();
        for step in sets
            .into_iter()
            .flat_map(|found| self.to_exchangers(message, state, handing, found))
        {
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        steps
    }

    fn to_exchangers(
        &self,
        message: &Message,
        state: &State,
        handing: &Handing,
        found: Exchangers,
    ) -> Vec<Step> {
        let name = state.recipient.domain();
        let here = state.at;
        match found {
            Exchangers::Known { owner, takers } if takers.is_empty() => {
                let why = format!("the MX of `{owner}` leads back to `{}`", self.name(here));
                vec![self.leave(
                    state,
                    handing,
                    self.name(here),
                    Ends::Loop(vec![here]),
                    Cause::OwnMx.because(why),
                )]
            }
            Exchangers::Known { owner, takers } => takers
                .iter()
                .flat_map(|taker| match taker {
                    Taker::Location(to) => self.arrive(message, state, handing, *to),
                    Taker::Stranger(host) => {
                        let why = format!(
                            "the MX of `{owner}` names `{host}`, which the spec does not know"
                        );
                        vec![self.leave(
                            state,
                            handing,
                            "internet",
                            Ends::LeftModel(Some(here)),
                            Cause::UnknownExchanger.because(why),
                        )]
                    }
                })
                .collect(),
            Exchangers::Nobody(why) => {
                vec![self.leave(
                    state,
                    handing,
                    "",
                    Ends::Bounced(here),
                    Cause::NoExchanger.because(why),
                )]
            }
            Exchangers::Undeclared => {
                let why = format!("the spec does not say where mail for `{name}` enters");
                vec![self.leave(
                    state,
                    handing,
                    "internet",
                    Ends::LeftModel(Some(here)),
                    Cause::UnknownExchanger.because(why),
                )]
            }
            // A partner may be called by a name below one of ours, whose records are its own.
            Exchangers::Missing(why) if self.partner_of(name).is_none() => {
                vec![self.leave(
                    state,
                    handing,
                    "",
                    Ends::Bounced(here),
                    Cause::NoExchanger.because(why),
                )]
            }
            Exchangers::Missing(_) | Exchangers::Foreign => {
                if let Some(partner) = self.partner_of(name) {
                    vec![self.to_partner(state, handing, partner)]
                } else {
                    let why = format!("`{name}` is not ours");
                    vec![self.leave(
                        state,
                        handing,
                        "internet",
                        Ends::Internet,
                        Cause::AsWritten.because(why),
                    )]
                }
            }
        }
    }

    /// The partner whose domain a name is; the nearest pattern decides.
    pub(crate) fn partner_of(&self, name: &DomainName) -> Option<PartnerId> {
        self.lookup.partner_of(name)
    }

    fn to_partner(&self, state: &State, handing: &Handing, partner: PartnerId) -> Step {
        let other = self.plan.topology.partner(partner);
        let party = Party::Partner(partner);
        let name = state.recipient.domain();
        if let Some(reason) = self.tls_failure(state.at, (party, None), handing, name) {
            return self.leave(
                state,
                handing,
                &other.name,
                Ends::Deferred(state.at),
                reason,
            );
        }
        let why = format!("`{}` takes it", other.name);
        self.leave(
            state,
            handing,
            &other.name,
            Ends::HandedOff(partner),
            Cause::AsWritten.because(why),
        )
    }

    /// A hop that leaves what the spec knows, or ends the message.
    fn leave(
        &self,
        state: &State,
        handing: &Handing,
        to: &str,
        ends: Ends,
        reason: Reason,
    ) -> Step {
        self.leave_as(state, handing, to, reason.end(ends))
    }

    /// The same to an end.
    pub(crate) fn leave_as(&self, state: &State, handing: &Handing, to: &str, end: End) -> Step {
        let hop = (!to.is_empty()).then(|| self.hop(state.at, to, handing, handing.tls));
        Step {
            readings: handing.readings.clone(),
            assuming: handing.assuming.clone(),
            guesses: Vec::new(),
            redirect: None,
            tls: hop.as_ref().map_or(TlsLevel::Verified, |_| handing.tls),
            hop,
            bypass: false,
            gap: handing.gap(state),
            left_as: Some(state.recipient.domain().clone()),
            claimed: None,
            detour: handing.detour,
            envelope: state.envelope.clone(),
            next: Next::End(end),
        }
    }

    /// To one of ours, as each of the clients that it may take the sending end for.
    fn arrive(
        &self,
        message: &Message,
        state: &State,
        handing: &Handing,
        to: LocationId,
    ) -> Vec<Step> {
        let receiver = Party::Location(to);
        let name = state.recipient.domain();
        let party = Party::Location(state.at);
        let shows = match handing.tls {
            TlsLevel::None => Shows::Nothing,
            _ => handing.shows,
        };
        let seen = self.seen_as(party, to, shows);
        let several = seen.len() > 1;
        let mut steps = Vec::new();
        for (client, address) in seen {
            let TakenIn {
                at,
                claimed,
                client,
            } = self.taken_in((party, to, shows), (client, address), message, name);
            let demanded = self.demand(at, &client, message, name);
            let tls = handing.tls.max(demanded);
            let refused = self.refuses_plain(at, handing.tls, demanded);
            let honours = handing.mx && self.plan.topology.location(state.at).tenant().is_some();
            let failure = self
                .tls_failure(state.at, (receiver, Some(&client)), handing, name)
                .or_else(|| self.policy_failure(name, to).filter(|_| honours));
            let next = match (&failure, refused) {
                (Some(reason), _) => Next::End(reason.clone().end(Ends::Deferred(state.at))),
                (None, Some(reason)) => Next::End(reason.end(Ends::Bounced(at))),
                (None, None) => Next::State(State {
                    at,
                    arrival: Arrival::From {
                        party,
                        address,
                        headers: handing.headers,
                        shows,
                        early: false,
                    },
                    taken: true,
                    ..state.clone()
                }),
            };
            let mut assuming = handing.assuming.clone();
            assuming.extend(self.assumed_address(party, address, several));
            let mut hop = self.hop(state.at, self.name(at), handing, tls);
            if let Some(claimed) = &claimed {
                let hop = Arc::make_mut(&mut hop);
                hop.why = format!("{}; {}", hop.why, self.claim_in_words(claimed));
            }
            steps.push(Step {
                readings: handing.readings.clone(),
                assuming,
                guesses: Vec::new(),
                redirect: None,
                hop: Some(hop),
                tls,
                bypass: false,
                gap: handing.gap(state),
                left_as: None,
                claimed,
                detour: handing.detour,
                envelope: state.envelope.clone(),
                next,
            });
            // It waits whichever of its addresses it would come from.
            if failure.is_some() {
                break;
            }
        }
        steps
    }

    /// What has to be assumed where a party has addresses that the receiving end tells apart.
    pub(crate) fn assumed_address(
        &self,
        party: Party,
        address: Option<Network>,
        several: bool,
    ) -> Option<String> {
        let address = address.filter(|_| several)?;
        Some(format!("`{}` connects from {address}", self.party(party)))
    }

    fn hop(&self, at: LocationId, to: &str, handing: &Handing, tls: TlsLevel) -> Arc<TraceHop> {
        Arc::new(TraceHop {
            at: self.name(at).to_owned(),
            to: to.to_owned(),
            by: handing.by.clone(),
            why: handing.why.clone(),
            instead_of: handing.instead_of.clone(),
            tls: Some(tls.to_string()),
        })
    }
}
