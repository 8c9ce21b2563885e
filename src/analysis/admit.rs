//! Whether a place takes a message, and as whose.

use super::postfix;
use super::state::{Arrival, Cause, Message, Reason, State};
use super::{Home, Model};
use crate::plan::exchange_online::{self, ConnectorType, InboundConnector};
use crate::plan::exchange_server::{self, Grant};
use crate::plan::{Configuration, Recognition, Route, RouteId};
use crate::policy::table;
use crate::topology::{Kind, LocationId, Party};
use crate::values::{Pattern, TlsLevel};

/// What a place makes of a message that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Admission {
    /// It knows the sending end as one of its own.
    pub known: bool,
    /// The message counts as written inside.
    pub inside: bool,
    /// It has made the detour of centralized transport.
    pub detoured: bool,
    /// Why it is refused under the other reading of R7, where that is open.
    pub unless: Option<Reason>,
}

impl Model<'_> {
    /// Takes the message, or says why not.
    pub(super) fn admit(&self, message: &Message, state: &State) -> Result<Admission, Reason> {
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
                unless: None,
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

    /// What the receiving end demands of the connection.
    pub(super) fn demand(
        &self,
        at: LocationId,
        party: Party,
        message: &Message,
        offered: TlsLevel,
    ) -> TlsLevel {
        match &self.plan.place(at).configuration {
            // What a connector of our own takes, no other restricts.
            Configuration::ExchangeOnline(tenant)
                if self.own_connector(tenant, party, offered).is_some() =>
            {
                TlsLevel::None
            }
            Configuration::ExchangeOnline(tenant) => {
                self.demand_of_tenant(tenant, at, party, message)
            }
            Configuration::ExchangeServer(server) => {
                let demanded = server
                    .receive
                    .iter()
                    .filter(|connector| connector.enabled && connector.require_tls)
                    .any(|connector| self.carries(&connector.routes, party));
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

    /// The connector that knows the client by its certificate or address decides; where none does, one that goes by the
    /// sender's name alone asks of whoever writes with it.
    fn demand_of_tenant(
        &self,
        tenant: &exchange_online::Configuration,
        at: LocationId,
        party: Party,
        message: &Message,
    ) -> TlsLevel {
        let concerned = || {
            tenant.inbound.iter().filter(|connector| {
                connector.enabled
                    && connector.connector_type == ConnectorType::Partner
                    && admits_sender(connector, message)
            })
        };
        let knows = |connector: &&InboundConnector| {
            let by_list = connector.lockdown.is_some() && self.is_among(at, party);
            restricts(connector) && (by_list || self.carries(&connector.routes, party))
        };
        let level = |connector: &InboundConnector| match &connector.tls_sender_certificate_name {
            _ if !connector.require_tls => TlsLevel::None,
            Some(_) => TlsLevel::Verified,
            None => TlsLevel::Encrypted,
        };
        let by_name = || concerned().filter(|connector| !restricts(connector));
        let demanded = match concerned().filter(knows).map(level).max() {
            Some(known) => Some(known),
            None => by_name().map(level).max(),
        };
        demanded.unwrap_or(TlsLevel::None)
    }

    /// Why a place refuses a client that speaks no TLS, where it does.
    pub(super) fn refuses_plain(
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
    pub(super) fn takes_from_few(&self, at: LocationId) -> Reason {
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

    /// A lockdown by addresses knows only who leaves from them.
    fn is_known_to(&self, lock: &InboundConnector, party: Party) -> bool {
        let from = party.location().map(|from| self.leaves_from(from));
        let from = from.unwrap_or_default();
        lock.tls_sender_certificate_name.is_some()
            || (!from.is_empty()
                && from.iter().all(|network| {
                    let mut known = lock.sender_ip_addresses.iter();
                    known.any(|known| known.contains(network))
                }))
    }

    /// Whether it is one of those that a place takes mail of strangers from.
    fn is_among(&self, at: LocationId, party: Party) -> bool {
        let only = &self.plan.topology.location(at).accept_only_from;
        party
            .location()
            .is_some_and(|from| only.as_ref().is_some_and(|only| only.value.contains(&from)))
    }

    /// The connector of type `OnPremises` that knows the sending end.
    fn own_connector<'t>(
        &self,
        tenant: &'t exchange_online::Configuration,
        party: Party,
        offered: TlsLevel,
    ) -> Option<&'t InboundConnector> {
        let known = tenant.inbound.iter().filter(|connector| {
            connector.enabled
                && connector.connector_type == ConnectorType::OnPremises
                && is_shown(connector, offered)
                && self.carries(&connector.routes, party)
        });
        // A certificate is looked at before an address is.
        known.min_by_key(|connector| connector.tls_sender_certificate_name.is_none())
    }

    fn carries(&self, routes: &[RouteId], party: Party) -> bool {
        routes.iter().any(|id| self.plan.route(*id).from == party)
    }

    /// Exchange Online: an `OnPremises` connector grants rights, a `Partner` connector restricts.
    fn admit_tenant(
        &self,
        tenant: &exchange_online::Configuration,
        message: &Message,
        state: &State,
        (party, headers, plain): (Party, bool, bool),
    ) -> Result<Admission, Reason> {
        let here = self.name(state.at);
        let domain = state.recipient.domain();
        let offered = if plain {
            TlsLevel::None
        } else {
            TlsLevel::Opportunistic
        };
        let shown = |connector: &InboundConnector| is_shown(connector, offered);
        let accepted = self.accepted(state.at, domain).is_some();
        let mut open = tenant.inbound.iter().filter(|connector| connector.enabled);
        let own = self.own_connector(tenant, party, offered);
        if let Some(own) = own {
            if !accepted && !self.may_relay(state.at, own, message) {
                return Err(Cause::NotAllowed.because(format!(
                    "`{here}` relays for `{domain}` only where the certificate or the envelope sender belongs to one of its accepted domains (5.7.64)"
                )));
            }
            let kept = own.cloud_services_mail_enabled && headers;
            return Ok(Admission {
                known: true,
                inside: own.treat_messages_as_internal || (kept && state.inside),
                detoured: kept,
                unless: None,
            });
        }
        let mut stranger = Admission {
            known: false,
            inside: false,
            detoured: false,
            unless: None,
        };
        // A connector that goes by the sender's name alone does so whoever brings the mail.
        let mut partners = open.clone().filter(|connector| {
            connector.connector_type == ConnectorType::Partner
                && connector.lockdown.is_none()
                && admits_sender(connector, message)
                && (self.carries(&connector.routes, party) || !restricts(connector))
                && shown(connector)
        });
        let partner = partners
            .clone()
            .find(|connector| restricts(connector))
            .or_else(|| partners.next());
        let lockdown = open
            .clone()
            .find(|connector| connector.lockdown.is_some() && is_locked(state));
        let passes = |lock: &InboundConnector| {
            shown(lock) && self.is_among(state.at, party) && self.is_known_to(lock, party)
        };
        if let Some(lock) = lockdown.filter(|lock| !passes(lock)) {
            let why = Cause::Restricted.because(format!(
                "connector `{}` of `{here}` refuses everybody else (5.7.51)",
                lock.name
            ));
            match partner {
                // Who is known by a certificate or an address is looked up by it, and is nobody else.
                Some(partner) if restricts(partner) => {}
                Some(_) => stranger.unless = Some(why),
                None => return Err(why),
            }
        }
        let restricted = open.find(|connector| {
            connector.connector_type == ConnectorType::Partner
                && connector.lockdown.is_none()
                && restricts(connector)
                && !connector.sender_domains.contains(&Pattern::Any)
                && admits_sender(connector, message)
                && !self.carries(&connector.routes, party)
        });
        // Who is known to the lock by its certificate or address is looked up by it, whoever wrote the mail.
        let restricted = restricted.filter(|_| !lockdown.is_some_and(passes));
        if let Some(connector) = restricted {
            return Err(Cause::Restricted.because(format!(
                "connector `{}` of `{here}` takes this sender's mail from its own servers only (5.7.51)",
                connector.name
            )));
        }
        let spoofed = message
            .sender
            .as_ref()
            .is_some_and(|sender| self.accepted(state.at, sender.domain()).is_some());
        if tenant.settings.reject_direct_send == Some(true)
            && spoofed
            && !partner.is_some_and(restricts)
            && !lockdown.is_some_and(passes)
        {
            return Err(Cause::Restricted.because(format!(
                "`{here}` refuses strangers that send with its own domains (RejectDirectSend, 5.7.68)"
            )));
        }
        if accepted {
            Ok(stranger)
        } else {
            Err(Cause::NotAccepted.because(format!(
                "`{here}` does not accept `{domain}` and does not know the sender as one that may relay (5.7.64)"
            )))
        }
    }

    /// Since November 2023 the certificate's name or the envelope sender must belong to an accepted domain.
    /// <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/updated-requirements-smtp-relay>
    fn may_relay(&self, at: LocationId, own: &InboundConnector, message: &Message) -> bool {
        let by_sender = message
            .sender
            .as_ref()
            .is_some_and(|sender| self.accepted(at, sender.domain()).is_some());
        let by_certificate = own
            .tls_sender_certificate_name
            .as_ref()
            .is_some_and(|name| {
                let name = name.strip_prefix("*.").unwrap_or(name);
                let accepted = &self.plan.place(at).accepted;
                accepted.iter().any(|accepted| {
                    let domain = accepted.domain.as_str();
                    name == domain
                        || name
                            .strip_suffix(domain)
                            .is_some_and(|rest| rest.ends_with('.'))
                })
            });
        by_sender || by_certificate
    }

    fn admit_server(
        &self,
        server: &exchange_server::Configuration,
        state: &State,
        party: Party,
        headers: bool,
    ) -> Result<Admission, Reason> {
        let known: Vec<_> = server
            .receive
            .iter()
            .filter(|connector| connector.enabled && self.carries(&connector.routes, party))
            .collect();
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
                unless: None,
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
            .plan
            .routes
            .iter()
            .filter(|route| {
                route.enabled
                    && route.to == Party::Location(state.at)
                    && route.from == party
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
            unless: None,
        };
        if forwarding {
            let accepted = self.accepted(state.at, domain).is_some();
            let forwards = self.plan.routes.iter().any(|route| {
                route.from == Party::Location(state.at)
                    && route.enabled
                    && table::specificity(route, accepted, domain).is_some()
            });
            let covered = |route: &&&Route| table::specificity(route, false, domain).is_some();
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
                relays
                    || route.covers_everything()
                    || table::specificity(route, false, domain).is_some()
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
pub(super) const fn is_locked(state: &State) -> bool {
    !matches!(state.arrival, Arrival::From { early: true, .. })
}

/// A certificate is shown in a TLS session or not at all.
fn is_shown(connector: &InboundConnector, offered: TlsLevel) -> bool {
    offered > TlsLevel::None || connector.tls_sender_certificate_name.is_none()
}

fn restricts(connector: &InboundConnector) -> bool {
    connector.restrict_domains_to_certificate || connector.restrict_domains_to_ip_addresses
}

/// Whether a connector's `SenderDomains` hold the envelope sender; the empty one is everybody's.
fn admits_sender(connector: &InboundConnector, message: &Message) -> bool {
    connector.sender_domains.iter().any(|pattern| {
        *pattern == Pattern::Any
            || message.sender.as_ref().is_some_and(|sender| {
                let domain = sender.domain();
                // `SenderDomains` covers the domain itself too: <https://learn.microsoft.com/powershell/module/exchange/new-inboundconnector>
                pattern.matches(domain) || pattern.base() == Some(domain)
            })
    })
}
