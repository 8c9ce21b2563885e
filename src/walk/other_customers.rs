//! What other customers of a service may do: they show what the service shows, at whatever place they connect to.
//!
//! A tenant's certificate and addresses are those of every tenant; a service that the spec calls `shared` has other
//! customers, too. What an object grants to whoever shows them, it grants to all of these.

use crate::platforms::exchange_server::Grant;
use crate::routes::RouteId;
use crate::topology::{LocationId, Party, Sender};
use crate::values::{Address, DomainName};
use crate::walk::attribution::Attribution;
use crate::walk::classes::Population;
use crate::walk::groups::ClassKind;
use crate::walk::state::{Arrival, Envelope, Message, Shows, State};
use crate::walk::{Home, Model};

/// What other customers of a service may do that strangers may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OthersMay {
    /// Write to this address of another organization.
    Relay(Address),
    /// Write to this address of another organization in the name of a domain that the tenant accepts.
    RelayAs(DomainName, Address),
    /// Write mail that counts as written inside.
    CountAsInside,
}

impl Model<'_> {
    /// The services whose customers show the same to everybody.
    pub fn shared_services(&self) -> impl Iterator<Item = Party> {
        let topology = &self.plan.topology;
        let locations = topology.locations();
        let locations = locations
            .filter(|(_, location)| location.is_shared())
            .map(|(id, _)| Party::Location(id));
        let partners = topology.partners();
        let partners = partners
            .filter(|(_, partner)| partner.shared)
            .map(|(id, _)| Party::Partner(id));
        locations.chain(partners)
    }

    /// What other customers of a service may do at a place, if more than strangers.
    pub fn others_may(
        &self,
        population: &Population,
        service: Party,
        at: LocationId,
    ) -> Option<OthersMay> {
        if !self.reaches(service, at) {
            return None;
        }
        let message = self
            .messages(&Sender::Party(Party::Internet))
            .into_iter()
            .next()?;
        let mut seen = self.seen_as(service, at, Shows::Own).into_iter();
        seen.find_map(|(client, address)| {
            let client = self.without_ids(client);
            if counts_as_inside(self, at, &client) {
                return Some(OthersMay::CountAsInside);
            }
            if !gives_a_right(&client) {
                return None;
            }
            let arrival = Arrival::From {
                party: service,
                address,
                headers: false,
                shows: Shows::Own,
                early: false,
            };
            let others = population
                .classes
                .iter()
                .filter(|class| match class.kind {
                    ClassKind::Outside => class.is_foreign,
                    ClassKind::Partner(_) => true,
                    ClassKind::Mailboxes(_) | ClassKind::Unknown | ClassKind::Subdomain(_) => false,
                })
                .map(|class| &class.witness);
            let foreign: Vec<&Address> = others
                .filter(|to| self.accepted(at, to.domain()).is_none())
                .collect();
            let relayed = |message: &Message| {
                let mut foreign = foreign.iter();
                foreign.find(|to| self.relays(message, at, arrival, &client, to))
            };
            if let Some(to) = relayed(&message) {
                return Some(OthersMay::Relay((*to).clone()));
            }
            // A tenant relays for whoever writes in the name of a domain that it accepts, which anybody can.
            if !matches!(client, Attribution::Tenant(_)) {
                return None;
            }
            let accepted = &self.plan.place(at).accepted.iter().next()?.domain;
            let sender = Address::of("someone", accepted);
            let to = relayed(&Message { sender })?;
            Some(OthersMay::RelayAs(accepted.clone(), (*to).clone()))
        })
    }

    /// Whether a service can connect to a place: the Internet can, or a route says so.
    fn reaches(&self, service: Party, at: LocationId) -> bool {
        let mut routes = self.lookup.routes_from(service).iter();
        service != Party::Location(at)
            && (self.doors.contains(&at)
                || routes.any(|(_, route)| route.enabled && route.to == Party::Location(at)))
    }

    /// Entries of a checklist that know a tenant by its certificate ask for its id, too, which no other tenant has.
    fn without_ids(&self, client: Attribution) -> Attribution {
        let Attribution::Listed(mut entries) = client else {
            return client;
        };
        let asks_for_id = |id: &RouteId| {
            let route = self.plan.route(*id);
            let from = route.from.location();
            let is_tenant = |from: LocationId| self.plan.topology.location(from).tenant().is_some();
            matches!(
                route.accepted_by,
                crate::routes::Recognition::Certificate(_)
            ) && from.is_some_and(is_tenant)
        };
        entries.retain(|id| !asks_for_id(id));
        Attribution::Listed(entries)
    }

    fn relays(
        &self,
        message: &Message,
        at: LocationId,
        arrival: Arrival,
        client: &Attribution,
        to: &Address,
    ) -> bool {
        let state = State {
            at,
            arrival,
            recipient: to.clone(),
            person: to.clone(),
            home: Home::Outside,
            inside: false,
            detoured: false,
            forwarded: None,
            envelope: Envelope::Kept,
            taken: false,
            ruled: Vec::new(),
        };
        let admitted = self.admit_as(message, &state, client);
        admitted.iter().any(|admitted| admitted.verdict.is_ok())
    }
}

fn gives_a_right(client: &Attribution) -> bool {
    match client {
        Attribution::Tenant(client) => !client.own.is_empty(),
        Attribution::Server(client) => client.grant.is_some(),
        Attribution::Postfix(client) => client.right.is_some(),
        Attribution::Listed(entries) => !entries.is_empty(),
    }
}

fn counts_as_inside(model: &Model<'_>, at: LocationId, client: &Attribution) -> bool {
    use crate::plan::Configuration;
    match (client, &model.plan.place(at).configuration) {
        (Attribution::Tenant(client), Configuration::ExchangeOnline(tenant)) => {
            let own = client.own.iter();
            let mut own = own.filter_map(|(own, _)| tenant.inbound.get(*own));
            own.any(|own| own.treat_messages_as_internal)
        }
        (Attribution::Server(client), _) => client.grant == Some(Grant::Trusted),
        _ => false,
    }
}
