//! What a place makes of a client: which of its objects know it, by certificate or by address.
//!
//! The answer depends on nothing that the message says, so that clients which an object cannot tell apart are one. An
//! organization may have a connector for every partner: objects are found by what they look for and not asked in turn.
//!
//! This module must not know what a client may do with a message: that is `admit`.

use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::{self, ConnectorType, InboundConnector};
use crate::platforms::exchange_server::{self, Grant, ReceiveConnector};
use crate::platforms::postfix::{self, Right};
use crate::routes::{Recognition, Route, RouteId};
use crate::topology::{LocationId, Party};
use crate::values::{DomainName, NameIndex, Network, Pattern, TlsLevel};
use crate::walk::Model;
use crate::walk::client::{Client, Expected, Networks};
use crate::walk::state::{Message, Shows};

/// What a place makes of a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Attribution {
    /// Exchange Online.
    Tenant(AtTenant),
    /// Exchange Server.
    Server(AtServer),
    /// Postfix.
    Postfix(AtPostfix),
    /// A place that somebody else configures: the entries of its checklist that know the client.
    Listed(Vec<RouteId>),
}

/// Connectors of a tenant that know a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AtTenant {
    /// The positions of those of type `OnPremises`, which make the mail ours, and whether they know it by its certificate. The
    /// first that concerns the recipient decides; behind one that concerns every recipient stands none.
    pub own: Vec<(usize, bool)>,
    /// The positions of those of type `Partner` whose restriction it satisfies.
    pub partners: Vec<usize>,
    /// A name on its certificate belongs to a domain that the tenant accepts.
    pub certified: bool,
}

/// The Receive connector of an Exchange organization that a client comes in at: the one with the most specific range.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AtServer {
    /// What it lets its clients do; `None` where it is a default one, for everybody.
    pub grant: Option<Grant>,
    /// It believes cross-premises headers.
    pub headers: bool,
    /// It demands TLS.
    pub tls: bool,
    /// The certificate that it names.
    pub certificate: Option<String>,
}

/// What the tables of Postfix say of a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AtPostfix {
    /// What it may do beyond what strangers may.
    pub right: Option<Right>,
    /// Mail is taken from it where it is taken from few alone.
    pub talked_to: bool,
    /// Positions of the partners whose server it is.
    pub partners: Vec<usize>,
}

/// The objects of a place that take mail in, by what they look for.
#[derive(Default)]
pub(crate) struct Listening<'a> {
    expected: Expected<'a>,
    networks: Networks,
    /// By the domains of envelope senders they are for.
    by_sender: NameIndex<usize>,
    /// Those that refuse everybody else.
    locks: Vec<usize>,
}

impl<'a> Listening<'a> {
    pub(super) fn of(plan: &'a Plan, here: LocationId) -> Self {
        let mut listening = Self::default();
        match &plan.place(here).configuration {
            Configuration::ExchangeOnline(tenant) => {
                let all = tenant.inbound.iter().enumerate();
                for (at, connector) in all.filter(|(_, connector)| connector.enabled) {
                    if let Some(name) = &connector.tls_sender_certificate_name {
                        listening.expected.add(name, at);
                    }
                    for network in &connector.sender_ip_addresses {
                        listening.networks.add(network, at);
                    }
                    for pattern in &connector.sender_domains {
                        listening.by_sender.insert(pattern, at);
                    }
                    if connector.is_lock() {
                        listening.locks.push(at);
                    }
                }
            }
            Configuration::ExchangeServer(server) => {
                // Of the connector for all addresses a lock leaves nothing, whoever it believes.
                let open = |connector: &ReceiveConnector| {
                    server.locked.is_none() || !connector.is_default(server.version)
                };
                let all = server.receive.iter().enumerate();
                for (at, connector) in all.filter(|(_, at)| at.enabled && open(at)) {
                    for network in &connector.remote_ip_ranges {
                        listening.networks.add(network, at);
                    }
                }
            }
            Configuration::Postfix(tables) => {
                // Of these only the networks matter: the tables are asked themselves.
                let admitted = tables.admitted.iter().flat_map(|admitted| admitted.keys());
                for network in tables.clients.keys().chain(admitted) {
                    listening.networks.add(network, NOBODY);
                }
                for (at, servers) in tables.partners.iter().enumerate() {
                    for network in &servers.networks {
                        listening.networks.add(network, at);
                    }
                }
            }
            Configuration::Checklist => {
                let routes = plan.routes_at(here);
                for (id, route) in routes.filter(|(_, route)| is_entry(route, here)) {
                    match &route.accepted_by {
                        Recognition::Certificate(name) => listening.expected.add(name, id.index()),
                        Recognition::Addresses(networks) => networks
                            .iter()
                            .for_each(|network| listening.networks.add(network, id.index())),
                        Recognition::Nothing => {}
                    }
                }
            }
        }
        listening
    }

    /// The networks that objects here tell from others.
    pub(super) fn networks(&self) -> &Networks {
        &self.networks
    }

    /// The objects that may know a client, in order.
    fn candidates(&self, client: &Client<'_>) -> Vec<usize> {
        let mut found = self.expected.of(client);
        if let Some(address) = &client.address {
            found.extend(self.networks.around(address).flatten());
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// A network of nobody in particular.
const NOBODY: usize = usize::MAX;

/// Whether the checklist of a place has an entry for what comes over a route.
fn is_entry(route: &Route, here: LocationId) -> bool {
    route.enabled && route.to == Party::Location(here)
}

impl Model<'_> {
    /// What a place makes of a client.
    pub(crate) fn attribution(&self, at: LocationId, client: &Client<'_>) -> Attribution {
        let listening = self.lookup.listening(at);
        match &self.plan.place(at).configuration {
            Configuration::ExchangeOnline(tenant) => {
                Attribution::Tenant(self.at_tenant(at, tenant, listening, client))
            }
            Configuration::ExchangeServer(server) => {
                Attribution::Server(at_server(server, listening, client))
            }
            Configuration::Postfix(tables) => {
                Attribution::Postfix(at_postfix(tables, listening, client))
            }
            Configuration::Checklist => {
                let found = listening.candidates(client).into_iter();
                Attribution::Listed(
                    found
                        .map(RouteId::from_index)
                        .filter(|id| match &self.plan.route(*id).accepted_by {
                            Recognition::Certificate(name) => client.shows(name),
                            Recognition::Addresses(networks) => client.comes_from(networks),
                            Recognition::Nothing => false,
                        })
                        .collect(),
                )
            }
        }
    }

    fn at_tenant(
        &self,
        at: LocationId,
        tenant: &exchange_online::Configuration,
        listening: &Listening<'_>,
        client: &Client<'_>,
    ) -> AtTenant {
        let mut own: Vec<(usize, bool)> = Vec::new();
        let mut partners = Vec::new();
        for index in listening.candidates(client) {
            let Some(connector) = tenant.inbound.get(index) else {
                continue;
            };
            let name = connector.tls_sender_certificate_name.as_deref();
            let shows = name.is_some_and(|name| client.shows_to_tenant(name));
            let comes_from = client.comes_from(&connector.sender_ip_addresses);
            match connector.connector_type {
                ConnectorType::OnPremises if shows || comes_from => own.push((index, shows)),
                ConnectorType::OnPremises => {}
                ConnectorType::Partner => {
                    let satisfied = (connector.restrict_domains_to_certificate && shows)
                        || (connector.restrict_domains_to_ip_addresses && comes_from);
                    if satisfied {
                        partners.push(index);
                    }
                }
            }
        }
        let accepted = &self.plan.place(at).accepted;
        // A certificate is looked at before an address is.
        own.sort_by_key(|(_, by_certificate)| !by_certificate);
        let is_for_all = |(index, _): &(usize, bool)| {
            let own = tenant.inbound.get(*index);
            own.is_some_and(|own| own.associated_accepted_domains.is_empty())
        };
        let last = own.iter().position(is_for_all);
        own.truncate(last.map_or(own.len(), |last| last + 1));
        AtTenant {
            own,
            partners,
            certified: client.vouched_names().any(|name| accepted.own(name)),
        }
    }

    /// The ways in which a place may see a party that connects to it: one for each that it tells from the others.
    pub(crate) fn seen_as(
        &self,
        party: Party,
        at: LocationId,
        shows: Shows,
    ) -> Vec<(Attribution, Option<Network>)> {
        let mut seen: Vec<(Attribution, Option<Network>)> = Vec::new();
        for client in self.clients(party, at, shows) {
            let attribution = self.attribution(at, &client);
            if seen.iter().all(|(known, _)| *known != attribution) {
                seen.push((attribution, client.address));
            }
        }
        seen
    }

    /// Whether a connector of a tenant that makes mail ours knows a party, whichever of its certificates the party shows.
    pub(crate) fn is_known_by(&self, party: Party, at: LocationId, connector: &str) -> bool {
        let Configuration::ExchangeOnline(tenant) = &self.plan.place(at).configuration else {
            return true;
        };
        let routes = self.lookup.routes_from(party).iter();
        let shown = routes.map(|(id, route)| Shows::on(*id, route));
        let seen = std::iter::once(Shows::Own)
            .chain(shown)
            .flat_map(|shows| self.seen_as(party, at, shows));
        let mut seen = seen.map(|(seen, _)| seen);
        seen.any(|seen| match seen {
            Attribution::Tenant(seen) => seen.own.iter().any(|(index, _)| {
                let own = tenant.inbound.get(*index);
                own.is_some_and(|own| own.name == connector)
            }),
            _ => true,
        })
    }

    /// Whether a place believes the cross-premises headers of mail over a route, from whichever of its addresses the sending
    /// end connects.
    pub(crate) fn believes_headers(&self, id: RouteId, at: LocationId) -> bool {
        let configuration = &self.plan.place(at).configuration;
        let route = self.plan.route(id);
        let shows = match route.tls {
            TlsLevel::None => Shows::Nothing,
            _ => Shows::on(id, route),
        };
        let seen = self.seen_as(route.from, at, shows);
        seen.iter()
            .all(|(client, _)| match (client, configuration) {
                (Attribution::Tenant(client), Configuration::ExchangeOnline(tenant)) => {
                    let mut own = client
                        .own
                        .iter()
                        .filter(|(_, by_certificate)| *by_certificate);
                    own.any(|(own, _)| {
                        let own = tenant.inbound.get(*own);
                        own.is_some_and(|own| own.cloud_services_mail_enabled)
                    })
                }
                (Attribution::Server(client), _) => client.headers,
                _ => false,
            })
    }

    /// The connector of type `OnPremises` that knows a client for mail to this recipient, and whether by its certificate.
    pub(crate) fn own_at<'t>(
        &self,
        at: LocationId,
        tenant: &'t exchange_online::Configuration,
        client: &AtTenant,
        recipient: &DomainName,
    ) -> Option<(&'t InboundConnector, bool)> {
        let own = client.own.iter();
        let mut own = own.filter_map(|(own, by)| Some((tenant.inbound.get(*own)?, *by)));
        own.find(|(own, _)| self.concerns(at, own, recipient))
    }

    /// Whether a connector is for mail to this recipient: it may be for some accepted domains alone
    /// (`AssociatedAcceptedDomains`, <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>).
    pub(crate) fn concerns(
        &self,
        at: LocationId,
        connector: &InboundConnector,
        recipient: &DomainName,
    ) -> bool {
        let only = &connector.associated_accepted_domains;
        only.is_empty()
            || self
                .accepted(at, recipient)
                .is_some_and(|(accepted, _)| only.contains(&accepted.domain))
    }

    /// The enabled connectors of type `Partner` for this envelope sender, whatever the recipient, with their positions, in
    /// order.
    pub(crate) fn inbound_of<'t>(
        &self,
        at: LocationId,
        tenant: &'t exchange_online::Configuration,
        message: &Message,
    ) -> impl Iterator<Item = (usize, &'t InboundConnector)> + Clone {
        let by_sender = &self.lookup.listening(at).by_sender;
        let mut positions: Vec<usize> = match &message.sender {
            Some(sender) => {
                let about = by_sender.about(sender.domain());
                about.map(|(_, at)| *at).collect()
            }
            None => by_sender.always().copied().collect(),
        };
        positions.sort_unstable();
        positions.dedup();
        positions
            .into_iter()
            .filter_map(|at| Some((at, tenant.inbound.get(at)?)))
            .filter(|(_, connector)| connector.connector_type == ConnectorType::Partner)
            .filter(|(_, connector)| admits_sender(connector, message))
    }

    /// Those of them that are for mail to this recipient.
    pub(crate) fn inbound_about<'t>(
        &self,
        at: LocationId,
        tenant: &'t exchange_online::Configuration,
        message: &Message,
        recipient: &DomainName,
    ) -> impl Iterator<Item = (usize, &'t InboundConnector)> + Clone {
        self.inbound_of(at, tenant, message)
            .filter(move |(_, connector)| self.concerns(at, connector, recipient))
    }

    /// The connectors that refuse everybody else, with their positions.
    pub(crate) fn locks<'t>(
        &self,
        at: LocationId,
        tenant: &'t exchange_online::Configuration,
    ) -> impl Iterator<Item = (usize, &'t InboundConnector)> {
        let positions = self.lookup.listening(at).locks.iter();
        positions.filter_map(|&at| Some((at, tenant.inbound.get(at)?)))
    }
}

fn at_server(
    server: &exchange_server::Configuration,
    listening: &Listening<'_>,
    client: &Client<'_>,
) -> AtServer {
    let nearest = client
        .address
        .as_ref()
        .and_then(|address| listening.networks.around(address).next());
    let known = || {
        nearest
            .into_iter()
            .flatten()
            .filter_map(|&at| server.receive.get(at))
    };
    AtServer {
        grant: known().map(|connector| connector.grant).max(),
        headers: known().any(|connector| {
            let name = connector.accept_cloud_services_mail_from.as_deref();
            name.is_some_and(|name| client.shows(name))
        }),
        tls: known().any(|connector| connector.require_tls),
        certificate: known().find_map(|connector| {
            let certificate = connector.tls_certificate.as_ref();
            certificate.map(|it| it.name.clone())
        }),
    }
}

fn at_postfix(
    tables: &postfix::Configuration,
    listening: &Listening<'_>,
    client: &Client<'_>,
) -> AtPostfix {
    let address = client.address.as_ref();
    let admitted = |address: &Network| {
        tables
            .admitted
            .as_ref()
            .is_some_and(|admitted| address.around().any(|known| admitted.contains_key(&known)))
    };
    AtPostfix {
        right: address
            .and_then(|address| tables.right(address))
            .or_else(|| tables.right_of_all()),
        talked_to: tables.admitted.is_none() || address.is_some_and(admitted),
        partners: listening
            .candidates(client)
            .into_iter()
            .filter(|at| *at < tables.partners.len())
            .collect(),
    }
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
