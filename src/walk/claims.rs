//! Which of the tenants of a provider a session belongs to.
//!
//! All tenants of a provider are behind the same hosts, so that the host which a client connects to decides nothing. What
//! connectors of the type `OnPremises` of several tenants know belongs to the tenant that accepts the domain on the
//! certificate shown, else that of the envelope sender, else that of the recipient (MC1226222):
//! <https://mwpro.co.uk/blog/2026/02/04/updated-prevent-fix-guidance-for-on-premises-connectors-configuration-mc1226222>

use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::ConnectorType;
use crate::routes::{Route, RouteId};
use crate::topology::{LocationId, Party};
use crate::values::{Address, DomainName, Network, TlsLevel};
use crate::walk::Model;
use crate::walk::attribution::{AtTenant, Attribution};
use crate::walk::client::{Client, Expected, Networks};
use crate::walk::state::{Message, Shows};
use std::sync::Arc;

/// Why a session with the host of one tenant belongs to another tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Claim {
    /// That one accepts the domain of this name on the certificate.
    Certificate(String),
    /// That one accepts the domain of the envelope sender.
    Sender,
    /// That one accepts the domain of the recipient.
    Recipient,
}

/// Tenants by what their connectors of the type `OnPremises` look for.
#[derive(Default)]
pub(crate) struct Claimants<'a> {
    expected: Expected<'a>,
    networks: Networks,
}

impl<'a> Claimants<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        let mut claimants = Self::default();
        for (id, _) in plan.topology.locations() {
            let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration else {
                continue;
            };
            let own = tenant.inbound.iter().filter(|connector| {
                connector.enabled && connector.connector_type == ConnectorType::OnPremises
            });
            for connector in own {
                if let Some(name) = &connector.tls_sender_certificate_name {
                    claimants.expected.add(name, id.index());
                }
                for network in &connector.sender_ip_addresses {
                    claimants.networks.add(network, id.index());
                }
            }
        }
        claimants
    }

    /// The tenants that may know a client.
    fn about(&self, client: &Client<'_>) -> Vec<LocationId> {
        let mut found = self.expected.of(client);
        if let Some(address) = &client.address {
            found.extend(self.networks.around(address).flatten());
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(LocationId::from_index).collect()
    }
}

/// A session with the host of one tenant that belongs to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Claimed {
    /// Who connects.
    pub from: Party,
    /// The tenant whose host it is.
    pub host: LocationId,
    /// The tenant that the session belongs to.
    pub by: LocationId,
    /// Why.
    pub why: Claim,
}

/// Where what a client hands to the host of a location is taken in.
pub(crate) struct TakenIn {
    /// The location.
    pub at: LocationId,
    /// That it is not the tenant whose host it is.
    pub claimed: Option<Arc<Claimed>>,
    /// What is made of the client there.
    pub client: Attribution,
}

impl Model<'_> {
    /// Where what a client hands to the host of `to` is taken in, and what is made of the client there.
    pub(crate) fn taken_in(
        &self,
        (party, to, shows): (Party, LocationId, Shows),
        (client, address): (Attribution, Option<Network>),
        message: &Message,
        recipient: &DomainName,
    ) -> TakenIn {
        let claim = match &client {
            Attribution::Tenant(known) => {
                let shown = self.client(party, to, shows, address);
                self.claim((party, to), &shown, known, (message, recipient))
            }
            _ => None,
        };
        let Some((by, why, theirs)) = claim else {
            return TakenIn {
                at: to,
                claimed: None,
                client,
            };
        };
        TakenIn {
            at: by,
            claimed: Some(Arc::new(Claimed {
                from: party,
                host: to,
                by,
                why,
            })),
            client: Attribution::Tenant(theirs),
        }
    }

    fn claim(
        &self,
        (party, to): (Party, LocationId),
        client: &Client<'_>,
        known: &AtTenant,
        (message, recipient): (&Message, &DomainName),
    ) -> Option<(LocationId, Claim, AtTenant)> {
        if known.certified {
            return None;
        }
        let mut others = self.others_that_know(party, to, client);
        others.retain(|(at, theirs)| {
            let Configuration::ExchangeOnline(tenant) = &self.plan.place(*at).configuration else {
                return false;
            };
            self.own_at(*at, tenant, theirs, recipient).is_some()
        });
        let by = |claim: Claim, found: Option<&(LocationId, AtTenant)>| {
            found.map(|(at, theirs)| (*at, claim, theirs.clone()))
        };
        let by_certificate = others.iter().find(|(_, theirs)| theirs.certified);
        if let Some((at, _)) = by_certificate {
            let name = self.certified_name(*at, client)?;
            return by(Claim::Certificate(name), by_certificate);
        }
        let sender = message.sender.as_ref().map(Address::domain);
        for (domain, claim) in [(sender, Claim::Sender), (Some(recipient), Claim::Recipient)] {
            let Some(domain) = domain else { continue };
            if self.accepted(to, domain).is_some() {
                return None;
            }
            let found = others.iter();
            let mut found = found.filter(|(at, _)| self.accepted(*at, domain).is_some());
            if let found @ Some(_) = found.next() {
                return by(claim, found);
            }
        }
        None
    }

    /// The other tenants of the provider with a connector of the type `OnPremises` that knows a client. What leaves a tenant
    /// is no such session, nor is what a client logs on for.
    fn others_that_know(
        &self,
        party: Party,
        to: LocationId,
        client: &Client<'_>,
    ) -> Vec<(LocationId, AtTenant)> {
        let topology = &self.plan.topology;
        let environment = |at: LocationId| Some(topology.location(at).tenant()?.environment);
        let is_another_kind = match party {
            Party::Location(from) => topology.location(from).tenant().is_some(),
            Party::Device(id) => topology.device(id).method.value.logs_on(),
            _ => false,
        };
        if is_another_kind {
            return Vec::new();
        }
        let others = self.lookup.claimants().about(client).into_iter();
        let others = others.filter(|at| *at != to && environment(*at) == environment(to));
        let seen = others.filter_map(|at| match self.attribution(at, client) {
            Attribution::Tenant(theirs) => Some((at, theirs)),
            _ => None,
        });
        seen.filter(|(_, theirs)| !theirs.own.is_empty()).collect()
    }

    fn certified_name(&self, at: LocationId, client: &Client<'_>) -> Option<String> {
        let accepted = &self.plan.place(at).accepted;
        let mut names = client.vouched_names();
        names.find(|name| accepted.own(name)).map(str::to_owned)
    }

    /// The tenants that sessions of a route to a tenant may belong to instead.
    pub(crate) fn claims_on(&self, id: RouteId, route: &Route) -> Vec<Claimed> {
        let Some(to) = route.to.location() else {
            return Vec::new();
        };
        let shows = match route.tls {
            TlsLevel::None => Shows::Nothing,
            _ => Shows::on(id, route),
        };
        self.claims_toward(route.from, to, shows)
    }

    /// The tenants that sessions with the host of a tenant belong to instead: by a name on the certificate always, without
    /// one where the envelope sender, or the recipient, says so.
    pub(crate) fn claims_toward(&self, party: Party, to: LocationId, shows: Shows) -> Vec<Claimed> {
        let claimed = |by, why| Claimed {
            from: party,
            host: to,
            by,
            why,
        };
        let mut found = Vec::new();
        for client in self.clients(party, to, shows) {
            let Attribution::Tenant(known) = self.attribution(to, &client) else {
                continue;
            };
            if known.certified {
                continue;
            }
            let others = self.others_that_know(party, to, &client);
            let mut certified = others.iter().filter(|(_, theirs)| theirs.certified);
            match certified.next() {
                Some((at, _)) => {
                    let name = self.certified_name(*at, &client);
                    found.extend(name.map(|name| claimed(*at, Claim::Certificate(name))));
                }
                None => found.extend(others.iter().map(|(at, _)| claimed(*at, Claim::Sender))),
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// Why a session with the host of one tenant belongs to another, in the words of a hop.
    pub(crate) fn claim_in_words(&self, claimed: &Claimed) -> String {
        let (host, other) = (self.name(claimed.host), self.name(claimed.by));
        let what = match &claimed.why {
            Claim::Certificate(name) => format!("the certificate `{name}`"),
            Claim::Sender => "the envelope sender".to_owned(),
            Claim::Recipient => "the recipient".to_owned(),
        };
        format!(
            "the provider attributes the session with the host of `{host}` to `{other}`, which knows the sending end and accepts the domain of {what}"
        )
    }
}
