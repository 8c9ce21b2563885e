//! Whether a place takes a message, and as whose.

use crate::plan::Configuration;
use crate::platforms::Assumption;
use crate::platforms::exchange_server::{self, Grant};
use crate::platforms::product::Trait;
use crate::routes::{Route, RouteId};
use crate::topology::{LocationId, Party};
use crate::values::{DomainName, Pattern, TlsLevel};
use crate::walk::attribution::{AtServer, Attribution};
use crate::walk::state::{Arrival, Cause, Message, Reason, Shows, State};
use crate::walk::{Home, Model, postfix};

/// What a place makes of a message that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Admission {
    /// It knows the sending end as one of its own.
    pub known: bool,
    /// The message counts as written inside.
    pub inside: bool,
    /// It has made the detour of centralized transport.
    pub detoured: bool,
}

/// An answer of a place, and the readings that it rests on.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub verdict: Result<Admission, Reason>,
    pub readings: Vec<Assumption>,
}

impl Admitted {
    /// It takes the message.
    pub(crate) const fn yes(admission: Admission) -> Self {
        Self {
            verdict: Ok(admission),
            readings: Vec::new(),
        }
    }

    /// It refuses the message.
    pub(crate) const fn no(reason: Reason) -> Self {
        Self {
            verdict: Err(reason),
            readings: Vec::new(),
        }
    }
}

impl Model<'_> {
    /// What the place answers: one answer, or one for each reading of the documents.
    pub(crate) fn admit(&self, message: &Message, state: &State) -> Vec<Admitted> {
        let Arrival::From {
            party,
            address,
            shows,
            ..
        } = state.arrival
        else {
            return vec![Admitted::yes(Admission {
                known: true,
                inside: state.inside,
                detoured: state.detoured,
            })];
        };
        let message = &*self.as_it_is(message, state);
        let client = self.client(party, state.at, shows, address);
        self.admit_as(message, state, &self.attribution(state.at, &client))
    }

    /// What the place answers to a client of which it makes this.
    pub(crate) fn admit_as(
        &self,
        message: &Message,
        state: &State,
        client: &Attribution,
    ) -> Vec<Admitted> {
        let Arrival::From {
            party,
            headers,
            shows,
            ..
        } = state.arrival
        else {
            return Vec::new();
        };
        let verdict = match (&self.plan.place(state.at).configuration, client) {
            (Configuration::ExchangeOnline(tenant), Attribution::Tenant(client)) => {
                return self.admit_tenant(
                    tenant,
                    message,
                    state,
                    (client, headers && shows != Shows::Nothing),
                );
            }
            (Configuration::ExchangeServer(server), Attribution::Server(client)) => self
                .admit_server(
                    server,
                    state,
                    (party, client),
                    headers && shows != Shows::Nothing,
                ),
            (Configuration::Postfix(tables), Attribution::Postfix(client)) => {
                self.admit_postfix(tables, message, state, (party, client))
            }
            (_, Attribution::Listed(entries)) => self.admit_other(message, state, party, entries),
            (_, Attribution::Tenant(_) | Attribution::Server(_) | Attribution::Postfix(_)) => {
                return Vec::new();
            }
        };
        vec![Admitted {
            verdict,
            readings: Vec::new(),
        }]
    }

    /// Whether a place judges a message by its envelope sender: tenants and gateways do so with what they take like a
    /// stranger's.
    pub(crate) fn judges(&self, message: &Message, state: &State) -> bool {
        let Arrival::From {
            party: Party::Location(_),
            ..
        } = state.arrival
        else {
            return false;
        };
        self.plan
            .topology
            .location(state.at)
            .is(Trait::JudgesSenders)
            && self.admit(message, state).iter().all(|admitted| {
                let verdict = admitted.verdict.as_ref();
                verdict.is_ok_and(|admission| !admission.known)
            })
    }

    /// What the receiving end demands of the connection.
    pub(crate) fn demand(
        &self,
        at: LocationId,
        client: &Attribution,
        message: &Message,
        recipient: &DomainName,
    ) -> TlsLevel {
        match (&self.plan.place(at).configuration, client) {
            (Configuration::ExchangeOnline(tenant), Attribution::Tenant(client)) => {
                self.demand_of_tenant(tenant, at, client, (message, recipient))
            }
            (_, Attribution::Server(client)) if client.tls => TlsLevel::Encrypted,
            // What the checklist asks for is had: an entry without TLS knows nobody by a certificate.
            (_, Attribution::Listed(entries)) => {
                // Of several for one sender none asks for more than the least.
                let levels = entries.iter().map(|id| self.plan.route(*id).tls);
                let demanded = levels
                    .min()
                    .filter(|level| *level > TlsLevel::Opportunistic);
                demanded.unwrap_or(TlsLevel::None)
            }
            (Configuration::Postfix(tables), _) => postfix::demand(tables, message),
            _ => TlsLevel::None,
        }
    }

    /// Why a place refuses a client that speaks no TLS, or to which it cannot offer any, where it does.
    pub(crate) fn refuses_plain(
        &self,
        at: LocationId,
        offered: TlsLevel,
        demanded: TlsLevel,
    ) -> Option<Reason> {
        let offers = match &self.plan.place(at).configuration {
            Configuration::Postfix(tables) => tables.certificate.is_some(),
            _ => true,
        };
        let why = match (offered, offers) {
            _ if demanded == TlsLevel::None => return None,
            (TlsLevel::None, _) => "none is spoken to it",
            (_, false) => "has no certificate to offer it with",
            (_, true) => return None,
        };
        let here = self.name(at);
        Some(Cause::NotAllowed.because(format!("`{here}` demands TLS, and {why}")))
    }

    /// The place is locked, and none of its objects knows who sends.
    pub(crate) fn locked_out(&self, at: LocationId, party: Party) -> Reason {
        Cause::Restricted.because(format!(
            "`{}` is locked (`accept_only_from`) and does not know `{}`",
            self.name(at),
            self.party(party)
        ))
    }

    fn admit_server(
        &self,
        server: &exchange_server::Configuration,
        state: &State,
        (party, client): (Party, &AtServer),
        headers: bool,
    ) -> Result<Admission, Reason> {
        if client.grant.is_none() && server.locked.is_some() && is_locked(state) {
            return Err(self.locked_out(state.at, party));
        }
        // The connector for the closest addresses answers, and no other is asked.
        if client.grant == Some(Grant::Nothing) {
            return Err(Cause::Restricted.because(format!(
                "the Receive connector of `{}` that takes in `{}` lets nobody write without a login (530 5.7.57)",
                self.name(state.at),
                self.party(party)
            )));
        }
        let kept = headers && client.headers;
        // A tenant's addresses are every tenant's: what relays its mail is that the headers tell it was written inside, or
        // forwarded by a mailbox of ours. Such mail goes out by the servers with the sender that it came with (MC649482).
        let ours = state.inside || state.forwarded.is_some();
        let right = client
            .grant
            .map(|grant| grant >= Grant::AnyRecipient || (kept && ours));
        self.admit_ordinary(state, party, right)
            .map(|known| Admission {
                known,
                inside: state.inside && (kept || client.grant == Some(Grant::Trusted)),
                detoured: false,
            })
    }

    /// A place without objects here takes what the language says it takes, and what the entries of its checklist do. Of an
    /// entry that does not admit the sender, a location of ours is refused, and others are strangers.
    fn admit_other(
        &self,
        message: &Message,
        state: &State,
        party: Party,
        entries: &[RouteId],
    ) -> Result<Admission, Reason> {
        let here = self.plan.topology.location(state.at);
        let domain = state.recipient.domain();
        let listed = || entries.iter().map(|id| self.plan.route(*id));
        let admits = |route: &&Route| Pattern::admit(&route.senders, message.sender_domain());
        let entries = || listed().filter(admits);
        if entries().next().is_none() && listed().any(|route| route.from.location().is_some()) {
            let (who, what) = (self.party(party), message.sending());
            let why = format!("`{who}` may not {what} at `{}`", here.name);
            return Err(Cause::NotAllowed.because(why));
        }
        let covered = |route: &Route| route.pattern_for(domain, false).is_some();
        if here.forwards_only() {
            let accepted = self.accepted(state.at, domain).is_some();
            // A route to a partner says how mail leaves, not that the gateway accepts the mail of others for it.
            let forwards = self.routes_from(state.at).iter().any(|(_, route)| {
                route.enabled
                    && !matches!(route.to, Party::Partner(_))
                    && route.pattern_for(domain, accepted).is_some()
            });
            let relays = entries().any(|route| route.from.location().is_some() || covered(route));
            let own = state.home == Home::At(state.at) && accepted;
            if own || forwards || relays {
                return Ok(Admission {
                    known: entries().next().is_some(),
                    inside: state.inside,
                    detoured: false,
                });
            }
            return Err(Cause::NotForwarded
                .because(format!("`{}` forwards nothing for `{domain}`", here.name)));
        }
        let relays = |route: &Route| match route.from {
            Party::Location(from) => self
                .plan
                .tree
                .parent(from)
                .is_some_and(|parent| parent.value == state.at),
            Party::Partner(partner) => self.plan.topology.partner(partner).relays,
            _ => false,
        };
        let right = entries()
            .map(|route| relays(route) || route.covers_everything() || covered(route))
            .max();
        self.admit_ordinary(state, party, right)
            .map(|known| Admission {
                known,
                inside: state.inside,
                detoured: false,
            })
    }

    /// `right`: `Some(true)` knows the sending end and relays for it, `Some(false)` knows it only.
    fn admit_ordinary(
        &self,
        state: &State,
        party: Party,
        right: Option<bool>,
    ) -> Result<bool, Reason> {
        let here = self.plan.topology.location(state.at);
        let domain = state.recipient.domain();
        if right == Some(true) {
            return Ok(true);
        }
        if self.accepted(state.at, domain).is_some() {
            return Ok(right.is_some());
        }
        let who = self.party(party);
        Err(Cause::NotAccepted.because(format!(
            "`{}` does not accept `{domain}`, and `{who}` may not relay there",
            here.name
        )))
    }
}

/// Whether a lock is in force: a place is locked once the records that lead past the lock are gone.
pub(crate) const fn is_locked(state: &State) -> bool {
    !matches!(state.arrival, Arrival::From { early: true, .. })
}
