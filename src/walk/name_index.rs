//! Which objects have anything to say about a name, without asking each of them.
//!
//! A place may have a connector for every partner, and every class of mail asks it. The policies decide among what is
//! found here; this module must not know how.

use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::OutboundConnector;
use crate::routes::{Route, RouteId};
use crate::topology::{LocationId, PartnerId, Party};
use crate::values::{DomainName, Pattern};
use crate::walk::inbound_index::Listening;
use foldhash::{HashMap, HashMapExt};

/// The objects of every place, and the partners, by name.
pub(crate) struct Lookup<'a> {
    places: Vec<Names<'a>>,
    listening: Vec<Listening<'a>>,
    detours: Vec<Option<&'a OutboundConnector>>,
    routes: HashMap<Party, Vec<(RouteId, &'a Route)>>,
    partners: Names<'a>,
}

/// Positions of objects by the names they are for.
#[derive(Default)]
pub(crate) struct Names<'a> {
    exact: HashMap<&'a str, Vec<usize>>,
    /// `*.base` by its base.
    below: HashMap<&'a str, Vec<usize>>,
    /// For every name, or for those that a place accepts.
    pub always: Vec<usize>,
}

impl<'a> Lookup<'a> {
    /// The lookup of a plan.
    pub fn of(plan: &'a Plan) -> Self {
        let mut routes: HashMap<Party, Vec<(RouteId, &Route)>> = HashMap::new();
        for (id, route) in plan.routes() {
            routes.entry(route.from).or_default().push((id, route));
        }
        let locations = plan.topology.locations();
        let places = locations
            .map(|(id, _)| {
                let own = routes.get(&Party::Location(id));
                Names::of_place(plan, id, own.map_or(&[], Vec::as_slice))
            })
            .collect();
        let listening = plan
            .places
            .iter()
            .map(|place| Listening::of(plan, &place.configuration))
            .collect();
        let detours = plan
            .places
            .iter()
            .map(|place| detour(&place.configuration))
            .collect();
        let mut partners = Names::default();
        for (id, partner) in plan.topology.partners() {
            for at in &partner.domains {
                partners.add(id.index(), &at.value);
            }
        }
        Self {
            places,
            listening,
            detours,
            routes,
            partners,
        }
    }

    /// Positions of the objects at a place that have a pattern for the name, in order: its outbound or Send connectors,
    /// or its routes as [`Lookup::routes_from`] gives them.
    pub fn at(&self, place: LocationId, name: &DomainName) -> Vec<usize> {
        let names = self.places.get(place.index());
        names.map_or_else(Vec::new, |names| names.about(name))
    }

    /// The routes that start there.
    pub fn routes_from(&self, party: Party) -> &[(RouteId, &'a Route)] {
        self.routes.get(&party).map_or(&[], Vec::as_slice)
    }

    /// The connectors that take mail in at a place.
    pub fn listening(&self, place: LocationId) -> &Listening<'a> {
        &self.listening[place.index()]
    }

    /// The connector of centralized transport at a place.
    pub fn detour(&self, place: LocationId) -> Option<&'a OutboundConnector> {
        self.detours.get(place.index()).copied().flatten()
    }

    /// The partner whose domain a name is; the nearest pattern decides.
    pub fn partner_of(&self, name: &DomainName) -> Option<PartnerId> {
        let first = |list: Option<&Vec<usize>>| list?.iter().min().copied();
        let mut below = name
            .parents()
            .filter_map(|base| first(self.partners.below.get(base)));
        first(self.partners.exact.get(name.as_str()))
            .or_else(|| below.next())
            .or_else(|| first(Some(&self.partners.always)))
            .map(PartnerId::from_index)
    }
}

fn detour(configuration: &Configuration) -> Option<&OutboundConnector> {
    let Configuration::ExchangeOnline(tenant) = configuration else {
        return None;
    };
    let mut connectors = tenant.outbound.iter();
    connectors.find(|connector| connector.enabled && connector.route_all_messages_via_on_premises)
}

impl<'a> Names<'a> {
    fn of_place(plan: &'a Plan, id: LocationId, routes: &[(RouteId, &'a Route)]) -> Self {
        let mut names = Self::default();
        match &plan.place(id).configuration {
            Configuration::ExchangeOnline(tenant) => {
                for (at, connector) in tenant.outbound.iter().enumerate() {
                    if connector.all_accepted_domains {
                        names.always.push(at);
                    }
                    for pattern in &connector.recipient_domains {
                        names.add(at, pattern);
                    }
                }
            }
            Configuration::ExchangeServer(server) => {
                for (at, connector) in server.send.iter().enumerate() {
                    for (pattern, _) in &connector.address_spaces {
                        names.add(at, pattern);
                    }
                }
            }
            Configuration::Postfix(_) | Configuration::Checklist => {
                for (at, (_, route)) in routes.iter().enumerate() {
                    for recipients in &route.recipients {
                        names.add(at, &recipients.pattern);
                    }
                }
            }
        }
        names
    }

    pub fn add(&mut self, at: usize, pattern: &'a Pattern) {
        match pattern {
            Pattern::Exact(name) => self.exact.entry(name.as_str()).or_default().push(at),
            Pattern::Below(base) => self.below.entry(base.as_str()).or_default().push(at),
            Pattern::Any | Pattern::AcceptedDomains => self.always.push(at),
        }
    }

    pub fn about(&self, name: &DomainName) -> Vec<usize> {
        // The name itself too: some products read `*.name` as covering it.
        let bases = std::iter::once(name.as_str()).chain(name.parents());
        let mut found: Vec<usize> = bases
            .filter_map(|base| self.below.get(base))
            .chain(self.exact.get(name.as_str()))
            .chain([&self.always])
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
