//! What a place does with a message that has reached it.

use crate::finding::Loser;
use crate::plan::Configuration;
use crate::platforms::exchange_server::SendConnector;
use crate::platforms::{self, Choice};
use crate::routes::facts::reached_under;
use crate::routes::{Route, accepted_directory};
use crate::topology::{AcceptedType, Directory, LocationId};
use crate::values::DomainName;
use crate::walk::admit::Admission;
use crate::walk::client::hides;
use crate::walk::handover::Handing;
use crate::walk::state::{
    Arrival, Cause, Ends, Message, Next, Reason, Redirect, Shows, State, Step,
};
use crate::walk::tls::Expects;
use crate::walk::{Home, Model};

impl Model<'_> {
    /// Every move that is possible from here; never none.
    pub(crate) fn steps(&self, message: &Message, arrived: &State) -> Vec<Step> {
        let message = &*self.as_it_is(message, arrived);
        let mut steps = Vec::new();
        for admitted in self.admit(message, arrived) {
            let mut after = match admitted.verdict {
                Err(why) => vec![refused(arrived, why)],
                Ok(admission) => match self.unknown(arrived) {
                    Some(why) => vec![refused(arrived, why)],
                    None => self.steps_inside(message, arrived, &admission),
                },
            };
            for step in &mut after {
                step.readings.extend(admitted.readings.iter().copied());
            }
            steps.extend(after);
        }
        steps
    }

    /// The same, once the place has taken it.
    fn steps_inside(&self, message: &Message, arrived: &State, admission: &Admission) -> Vec<Step> {
        let mut state = arrived.clone();
        state.inside = admission.inside;
        state.detoured = admission.detoured;
        state.taken = true;
        if let Some(envelope) = self.rewritten_at(message, state.at) {
            state.envelope = envelope;
        }
        let message = &*self.as_it_is(message, &state);
        match &self.plan.place(state.at).configuration {
            Configuration::ExchangeOnline(tenant) => {
                self.in_tenant(tenant, message, state, admission.known)
            }
            Configuration::ExchangeServer(server) => {
                if state.home == Home::At(state.at) {
                    return self.deliver(&state);
                }
                let rewritten = self.rewrite(&mut state);
                if rewritten.is_some() && !self.people.has(&state.person, &state.recipient) {
                    return self.readdressed(&state);
                }
                self.over_send_connectors(&server.send, message, &state, &rewritten)
            }
            Configuration::Postfix(tables) => self.in_postfix(tables, message, &state),
            Configuration::Checklist if state.home == Home::At(state.at) => self.deliver(&state),
            Configuration::Checklist => self.over_routes(message, &state),
        }
    }

    /// Why the place refuses the recipient, where it does: it is authoritative and has no such recipient.
    pub(crate) fn unknown(&self, state: &State) -> Option<Reason> {
        if let Configuration::Postfix(tables) = &self.plan.place(state.at).configuration {
            return self.unknown_to_postfix(tables, state);
        }
        let name = state.recipient.domain();
        let (accepted, _) = self.accepted(state.at, name)?;
        let knows_nobody = self.plan.topology.location(state.at).is_edge();
        if accepted.kind != AcceptedType::Authoritative || knows_nobody {
            return None;
        }
        let here = self.name(state.at);
        match state.home {
            Home::At(home) if home == state.at => None,
            // A tenant's own names are of the mailboxes that it holds.
            Home::At(home) if self.is_tenant_name(state.at, name) => {
                Some(Cause::NoRecipient.because(format!(
                    "`{}` is a name of `{here}`, and `{}` is at `{}`",
                    state.recipient.domain(),
                    state.person,
                    self.name(home)
                )))
            }
            Home::At(home) => {
                let domain = self.plan.topology.domain_named(&accepted.domain)?;
                let knows = accepted_directory(
                    &self.plan.topology,
                    self.plan.topology.domain(domain),
                    state.at,
                );
                let location = self.plan.topology.location(state.at);
                let is_server = location.exchange_server().is_some();
                let written = is_server && self.people.written_target(&state.person).is_some();
                (knows == Directory::Own && !written).then(|| {
                    Cause::HalfDirectory.because(format!(
                        "`{here}` is authoritative for `{name}` and knows only its own mailboxes, and `{}` is at `{}`",
                        state.person,
                        self.name(home)
                    ))
                })
            }
            Home::Nobody => Some(match self.people.lacks(&state.recipient) {
                Some(person) => Cause::NoSuchAddress.because(format!(
                    "the mailbox of `{person}` does not have the address `{}` (5.1.10)",
                    state.recipient
                )),
                None => Cause::NoRecipient.because(format!(
                    "`{here}` is authoritative for `{name}` and has no recipient `{}`",
                    state.recipient
                )),
            }),
            Home::Outside => None,
        }
    }

    /// Whether a tenant has the name of its provider, and the spec says nothing else of it.
    fn is_tenant_name(&self, at: LocationId, name: &DomainName) -> bool {
        let topology = &self.plan.topology;
        reached_under(topology, name) == Some(at) && topology.domain_named(name).is_none()
    }

    /// Exchange Server knows a mailbox elsewhere by the address that reaches it, and writes that on the envelope.
    fn rewrite(&self, state: &mut State) -> Option<String> {
        let Home::At(home) = state.home else {
            return None;
        };
        if self.plan.topology.location(state.at).is_edge() {
            return None;
        }
        let (accepted, _) = self.accepted(state.at, state.recipient.domain())?;
        // Under a routing domain the directory has the mailbox by its other address.
        let domain = self
            .plan
            .topology
            .domain_named(&accepted.domain)
            .or_else(|| self.plan.topology.domain_named(state.person.domain()))?;
        let knows = accepted_directory(
            &self.plan.topology,
            self.plan.topology.domain(domain),
            state.at,
        );
        // What the spec writes of a remote mailbox is in the directory, whatever else is not.
        let target = match knows {
            Directory::Own => self.people.written_target(&state.person)?.clone(),
            Directory::Complete => self.people.target(&state.person, home)?,
        };
        if target == state.recipient {
            return None;
        }
        let note = format!(
            "`{}` is a remote mailbox, reached as `{target}`",
            state.recipient
        );
        state.recipient = target;
        Some(note)
    }

    /// The mailbox that was meant does not have the address that shall reach it: the message is for whoever has.
    fn readdressed(&self, state: &State) -> Vec<Step> {
        let meanings = self.people.meanings(self.plan, &state.recipient);
        let onward = meanings.into_iter().map(|meaning| {
            let mut step = Step::still(Next::State(State {
                arrival: Arrival::Submitted,
                person: meaning.person,
                home: meaning.home,
                ..state.clone()
            }));
            step.assuming.extend(meaning.assuming);
            step
        });
        onward.collect()
    }

    fn over_send_connectors(
        &self,
        send: &[SendConnector],
        message: &Message,
        state: &State,
        rewritten: &Option<String>,
    ) -> Vec<Step> {
        let name = state.recipient.domain();
        let fitting = self.lookup.at(state.at, name);
        let choice = platforms::exchange_server::choose::select(send, &fitting, name);
        let Some(connector) = choice.winner.and_then(|at| send.get(at)) else {
            let why = format!("{}: it waits in the unreachable queue", choice.why);
            return vec![Step::end(
                Ends::Deferred(state.at),
                Cause::NoConnector.because(why),
            )];
        };
        let mut handing = self.over(connector.route);
        handing.mx = self.follows_mx(connector.route, &connector.smart_hosts);
        handing.headers = connector.cloud_services_mail_enabled == Some(true);
        let own = self.plan.route(connector.route).shown(&self.plan.topology);
        let named = connector.tls_certificate.as_ref();
        if named.is_some_and(|named| hides(own, Some(&named.name))) {
            handing.shows = Shows::Nothing;
        }
        handing.tls = connector.level();
        handing.expects = match &connector.tls_domain {
            Some(name) => Expects::Names(vec![name.clone()]),
            None if handing.mx => Expects::RecipientDomain,
            None => Expects::Any,
        };
        handing.chosen(&choice, |index| {
            send.get(index).map(|other| self.route_by(other.route))
        });
        if let Some(note) = rewritten {
            handing.why = format!("{note}; {}", handing.why);
        }
        self.hand(message, state, &handing)
    }

    /// Places without objects here: routes as the language means them.
    fn over_routes(&self, message: &Message, state: &State) -> Vec<Step> {
        let name = state.recipient.domain();
        let own = self.routes_from(state.at);
        let routes: Vec<&Route> = own.iter().map(|(_, route)| *route).collect();
        let directory = self.plan.topology.location(state.at).directory;
        let knows = directory.is_none_or(|at| at.value == Directory::Complete);
        let holder = match state.home {
            Home::At(home) if knows => Some(home),
            _ => None,
        };
        let choices = self.by_language(state.at, &routes, holder, name);
        let mut steps = Vec::new();
        for choice in choices {
            let label = |index: usize| {
                routes
                    .get(index)
                    .map(|route| format!("route:{}", route.name))
            };
            let mut handing = match choice.winner.and_then(|at| own.get(at)) {
                Some((id, route)) => {
                    let mut handing = self.over(*id);
                    handing.mx = route.next_hop == crate::routes::NextHop::Mx;
                    handing.tls = route.tls;
                    handing.headers = route.hybrid_headers;
                    handing
                }
                None => Handing::mx(name),
            };
            handing.chosen(&choice, label);
            // What it was not handed by one of ours has been refused before.
            if choice.winner.is_none() && self.plan.topology.location(state.at).forwards_only() {
                handing.by = format!("location:{}", self.name(state.at));
                "it relays what our own locations send to it".clone_into(&mut handing.why);
            }
            steps.extend(self.hand(message, state, &handing));
        }
        steps
    }

    /// The mailbox is here, under this address or not; redirects act now.
    pub(crate) fn deliver(&self, state: &State) -> Vec<Step> {
        let here = self.name(state.at);
        let forwards = self.people.forwards(&state.person);
        let mut steps = Vec::new();
        for forward in forwards {
            for meaning in self.people.meanings(self.plan, &forward.target) {
                let redirect = Redirect {
                    address: state.person.clone(),
                    target: forward.target.clone(),
                    span: forward.span,
                };
                let mut onward = state.clone();
                onward.arrival = Arrival::Submitted;
                onward.recipient = forward.target.clone();
                onward.person = meaning.person;
                onward.home = meaning.home;
                if self.plan.topology.location(state.at).tenant().is_some() {
                    onward.forwarded = Some(state.person.domain().clone());
                }
                let mut step = Step::still(Next::State(onward));
                step.assuming.extend(meaning.assuming);
                step.redirect = Some(redirect);
                steps.push(step);
            }
        }
        if forwards.is_empty() || forwards.iter().any(|forward| forward.keep_copy) {
            steps.push(Step::end(
                Ends::Delivered(state.at),
                Cause::AsWritten
                    .because(format!("the mailbox of `{}` is at `{here}`", state.person)),
            ));
        }
        steps
    }
}

/// A refusal: in the first session it is the sender's, later it comes back as a bounce.
pub(crate) fn refused(state: &State, reason: Reason) -> Step {
    let ends = if state.taken {
        Ends::Bounced(state.at)
    } else {
        Ends::Rejected(Some(state.at))
    };
    Step::end(ends, reason)
}

impl Handing {
    /// Takes over what a policy has to say.
    pub(crate) fn chosen(&mut self, choice: &Choice, label: impl Fn(usize) -> Option<String>) {
        self.why.clone_from(&choice.why);
        self.readings.clone_from(&choice.readings);
        self.instead_of = choice
            .losers
            .iter()
            .take(5)
            .filter_map(|lost| {
                Some(Loser {
                    by: label(lost.index)?,
                    why: lost.why.clone(),
                })
            })
            .collect();
    }
}
