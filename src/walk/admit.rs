//! Whether a place takes a message, and as whose.

use crate::plan::Configuration;
use crate::platforms::exchange_server::{self, Grant};
use crate::routes::{Recognition, Route, RouteId};
use crate::topology::{Kind, LocationId, Party};
use crate::values::TlsLevel;
use crate::walk::state::{Arrival, Cause, Message, Reason, State};
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

impl Model<'_> {
    /// Takes the message, or says why not.
    pub(crate) fn admit(&self, message: &Message, state: &State) -> Result<Admission, Reason> {
        let Arrival::From {
            party,
            headers,
            plain,
            ..
        } = state.arrival
        else {
            return Ok(Admission {
                known: true,
                inside: state.inside,
                detoured: state.detoured,
            });
        };
        match &self.plan.place(state.at).configuration {
            Configuration::ExchangeOnline(tenant) => {
                self.admit_tenant(tenant, message, state, (party, headers, plain))
            }
            Configuration::ExchangeServer(server) => {
                self.admit_server(server, state, party, headers && !plain)
            }
            Configuration::Postfix(tables) => self.admit_postfix(tables, message, state, party),
            Configuration::Checklist => self.admit_other(state, party, plain),
        }
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
        let kind = &self.plan.topology.location(state.at).kind;
        matches!(kind, Kind::Tenant(_) | Kind::Gateway(_))
            && self
                .admit(message, state)
                .is_ok_and(|admission| !admission.known)
    }

    /// What the receiving end demands of the connection.
    pub(crate) fn demand(
        &self,
        at: LocationId,
        party: Party,
        message: &Message,
        offered: TlsLevel,
    ) -> TlsLevel {
        match &self.plan.place(at).configuration {
            // What a connector of our own takes, no other restricts.
            Configuration::ExchangeOnline(tenant)
                if self.own_connector(at, tenant, party, offered).is_some() =>
            {
                TlsLevel::None
            }
            Configuration::ExchangeOnline(tenant) => {
                self.demand_of_tenant(tenant, at, party, message)
            }
            Configuration::ExchangeServer(server) => {
                let mut listening = self.receive_from(at, server, party);
                let demanded = listening.any(|connector| connector.require_tls);
                if demanded {
                    TlsLevel::Encrypted
                } else {
                    TlsLevel::None
                }
            }
            Configuration::Postfix(tables) => postfix::demand(tables, message),
            Configuration::Checklist => TlsLevel::None,
        }
    }

    /// Why a place refuses a client that speaks no TLS, where it does.
    pub(crate) fn refuses_plain(
        &self,
        at: LocationId,
        offered: TlsLevel,
        demanded: TlsLevel,
    ) -> Option<Reason> {
        (offered == TlsLevel::None && demanded > TlsLevel::None).then(|| {
            Cause::NotAllowed.because(format!(
                "`{}` demands TLS, and none is spoken to it",
                self.name(at)
            ))
        })
    }

    /// The place is locked by `accept_only_from`, and whoever sends is not among those.
    pub(crate) fn takes_from_few(&self, at: LocationId) -> Reason {
        let location = self.plan.topology.location(at);
        let few = location
            .accept_only_from
            .iter()
            .flat_map(|only| &only.value);
        let names: Vec<String> = few.map(|id| format!("`{}`", self.name(*id))).collect();
        Cause::Restricted.because(format!(
            "`{}` takes mail from outside over {} alone (`accept_only_from`)",
            location.name,
            names.join(" and ")
        ))
    }

    /// Whether it is one of those that a place takes mail of strangers from.
    pub(crate) fn is_among(&self, at: LocationId, party: Party) -> bool {
        let only = &self.plan.topology.location(at).accept_only_from;
        party
            .location()
            .is_some_and(|from| only.as_ref().is_some_and(|only| only.value.contains(&from)))
    }

    pub(crate) fn carries(&self, routes: &[RouteId], party: Party) -> bool {
        routes.iter().any(|id| self.plan.route(*id).from == party)
    }

    fn admit_server(
        &self,
        server: &exchange_server::Configuration,
        state: &State,
        party: Party,
        headers: bool,
    ) -> Result<Admission, Reason> {
        let known: Vec<_> = self.receive_from(state.at, server, party).collect();
        let grant = known.iter().map(|connector| connector.grant).max();
        let kept = headers
            && known
                .iter()
                .any(|connector| connector.accept_cloud_services_mail_from.is_some());
        // A tenant's addresses are every tenant's: what relays its mail is that the headers tell it was written inside.
        let right = grant.map(|grant| grant >= Grant::AnyRecipient || (kept && state.inside));
        self.admit_ordinary(state, party, right)
            .map(|known| Admission {
                known,
                inside: state.inside && (kept || grant == Some(Grant::Trusted)),
                detoured: false,
            })
    }

    /// A place without objects here takes what the language says it takes.
    fn admit_other(&self, state: &State, party: Party, plain: bool) -> Result<Admission, Reason> {
        let here = self.plan.topology.location(state.at);
        let domain = state.recipient.domain();
        let forwarding = match &here.kind {
            Kind::Gateway(_) => true,
            Kind::Smtp(smtp) => !smtp.forwards.is_empty(),
            _ => false,
        };
        let known_routes: Vec<_> = self
            .lookup
            .routes_from(party)
            .iter()
            .map(|(_, route)| *route)
            .filter(|route| {
                route.enabled
                    && route.to == Party::Location(state.at)
                    && match route.accepted_by {
                        Recognition::Certificate(_) => !plain,
                        Recognition::Addresses(_) => true,
                        Recognition::Nothing => false,
                    }
            })
            .collect();
        let admission = |known| Admission {
            known,
            inside: state.inside,
            detoured: false,
        };
        if forwarding {
            let accepted = self.accepted(state.at, domain).is_some();
            let forwards = self
                .routes_from(state.at)
                .iter()
                .any(|(_, route)| route.enabled && route.pattern_for(domain, accepted).is_some());
            let covered = |route: &&&Route| route.pattern_for(domain, false).is_some();
            let relays = known_routes.iter().any(|route| covered(&route));
            let own = state.home == Home::At(state.at) && accepted;
            if own || forwards || relays || matches!(party, Party::Location(_)) {
                return Ok(admission(!known_routes.is_empty()));
            }
            return Err(Cause::NotForwarded
                .because(format!("`{}` forwards nothing for `{domain}`", here.name)));
        }
        let relays = match party {
            Party::Location(from) => self
                .plan
                .tree
                .parent(from)
                .is_some_and(|parent| parent.value == state.at),
            Party::Partner(partner) => self.plan.topology.partner(partner).relays,
            _ => false,
        };
        let right = known_routes
            .iter()
            .map(|route| {
                relays || route.covers_everything() || route.pattern_for(domain, false).is_some()
            })
            .max();
        self.admit_ordinary(state, party, right).map(admission)
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
        let locked = here.accept_only_from.is_some() && is_locked(state);
        if right.is_none() && locked && !self.is_among(state.at, party) {
            return Err(self.takes_from_few(state.at));
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

/// Whether `accept_only_from` is in force: a place is locked once the records that lead past the lock are gone.
pub(crate) const fn is_locked(state: &State) -> bool {
    !matches!(state.arrival, Arrival::From { early: true, .. })
}
