//! Which objects have anything to say about a name, without asking each of them.
//!
//! A place may have a connector for every partner, and every class of mail asks it. The policies decide among what is
//! found here; this module must not know how.

use crate::dns::routing::Existing;
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::OutboundConnector;
use crate::platforms::{Fitting, Named, exchange_online, exchange_server, other};
use crate::routes::{Route, RouteId};
use crate::topology::{LocationId, PartnerId, Party};
use crate::values::{DomainName, NameIndex};
use crate::walk::attribution::Listening;
use crate::walk::claims::Claimants;
use crate::walk::client::Networks;
use crate::walk::next_hop::{Taken, taken, written_hosts};
use foldhash::{HashMap, HashMapExt};

/// The objects of every place, and the partners, by name.
pub(crate) struct Lookup<'a> {
    places: Vec<NameIndex<Named>>,
    listening: Vec<Listening<'a>>,
    claimants: Claimants<'a>,
    detours: Vec<Option<&'a OutboundConnector>>,
    routes: HashMap<Party, Vec<(RouteId, &'a Route)>>,
    taken: Vec<Vec<Taken>>,
    partners: NameIndex<PartnerId>,
}

impl<'a> Lookup<'a> {
    /// The lookup of a plan.
    pub(super) fn of(plan: &'a Plan, existing: &Existing) -> Self {
        let mut routes: HashMap<Party, Vec<(RouteId, &Route)>> = HashMap::new();
        for (id, route) in plan.routes() {
            routes.entry(route.from).or_default().push((id, route));
        }
        let locations = plan.topology.locations();
        let places = locations
            .map(|(id, _)| {
                let own = routes.get(&Party::Location(id));
                of_place(plan, id, own.map_or(&[], Vec::as_slice))
            })
            .collect();
        let locations = plan.topology.locations();
        let listening = locations.map(|(id, _)| Listening::of(plan, id)).collect();
        let detours = plan
            .places
            .iter()
            .map(|place| detour(&place.configuration))
            .collect();
        let hosts = written_hosts(plan);
        let mut partners = NameIndex::default();
        for (id, partner) in plan.topology.partners() {
            for at in &partner.domains {
                partners.insert(&at.value, id);
            }
        }
        Self {
            places,
            listening,
            claimants: Claimants::of(plan),
            detours,
            routes,
            taken: plan
                .routes()
                .map(|(id, route)| taken(plan, existing, route, hosts.get(&id)))
                .collect(),
            partners,
        }
    }

    /// What fits the name at a place, the closest first: patterns of its outbound or Send connectors, or of its routes as
    /// [`Lookup::routes_from`] gives them.
    pub(super) fn at(&self, place: LocationId, name: &DomainName) -> Fitting {
        let index = self.places.get(place.index());
        let about = index.into_iter().flat_map(|index| index.about(name));
        about.map(|(fit, named)| (fit, *named)).collect()
    }

    /// The routes that start there.
    pub(super) fn routes_from(&self, party: Party) -> &[(RouteId, &'a Route)] {
        self.routes.get(&party).map_or(&[], Vec::as_slice)
    }

    /// Who may take what a route hands to its hosts.
    pub(super) fn taken(&self, route: RouteId) -> &[Taken] {
        self.taken.get(route.index()).map_or(&[], Vec::as_slice)
    }

    /// The connectors that take mail in at a place.
    pub(super) fn listening(&self, place: LocationId) -> &Listening<'a> {
        &self.listening[place.index()]
    }

    /// The tenants by what their own connectors look for.
    pub(super) fn claimants(&self) -> &Claimants<'a> {
        &self.claimants
    }

    /// The networks that objects of a place tell from others.
    pub(super) fn known_networks(&self, place: LocationId) -> &Networks {
        self.listening(place).networks()
    }

    /// The connector of centralized transport at a place.
    pub(super) fn detour(&self, place: LocationId) -> Option<&'a OutboundConnector> {
        self.detours.get(place.index()).copied().flatten()
    }

    /// The partner whose domain a name is; the nearest pattern decides.
    pub(super) fn partner_of(&self, name: &DomainName) -> Option<PartnerId> {
        let mut found = self.partners.matching(name).peekable();
        let (closest, _) = found.peek()?;
        let closest = *closest;
        let equal = found.take_while(|(fit, _)| *fit == closest);
        equal.map(|(_, id)| *id).min()
    }
}

fn detour(configuration: &Configuration) -> Option<&OutboundConnector> {
    let Configuration::ExchangeOnline(tenant) = configuration else {
        return None;
    };
    let mut connectors = tenant.outbound.iter();
    connectors.find(|connector| connector.is_detour())
}

fn of_place(plan: &Plan, id: LocationId, routes: &[(RouteId, &Route)]) -> NameIndex<Named> {
    let place = plan.place(id);
    match &place.configuration {
        Configuration::ExchangeOnline(tenant) => exchange_online::choose::index(&tenant.outbound),
        Configuration::ExchangeServer(server) => exchange_server::choose::index(&server.send),
        // Its tables are asked as Postfix asks them.
        Configuration::Postfix(_) => NameIndex::default(),
        Configuration::Checklist => {
            other::choose::index(routes.iter().map(|(_, route)| *route), &place.accepted)
        }
    }
}
