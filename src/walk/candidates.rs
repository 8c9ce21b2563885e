//! Which routes of a place could take a class of mail that has come to it, whether or not any comes.

use crate::plan::Configuration;
use crate::platforms;
use crate::platforms::exchange_online::choose::ClientStatus;
use crate::platforms::other;
use crate::routes::{NextHop, Route, RouteId};
use crate::topology::{LocationId, Party};
use crate::values::DomainName;
use crate::walk::{Class, Home, Model};

impl<'a> Model<'a> {
    /// The routes that win this name under any reading; none where mail for it follows the MX or waits.
    pub fn chosen(&self, at: LocationId, class: &Class) -> Vec<RouteId> {
        let name = class.witness.domain();
        match &self.plan.place(at).configuration {
            Configuration::ExchangeOnline(tenant) => {
                let standing = match self.accepted(at, name) {
                    Some((_, false)) => ClientStatus::Named,
                    Some((_, true)) => ClientStatus::Subdomain,
                    None => ClientStatus::Foreign,
                };
                let fitting = self.lookup.at(at, name);
                let choices = platforms::exchange_online::choose::select(
                    &tenant.outbound,
                    &fitting,
                    standing,
                    name,
                );
                let winners = choices.into_iter().filter_map(|choice| choice.winner);
                winners
                    .filter_map(|winner| Some(tenant.outbound.get(winner)?.route))
                    .collect()
            }
            Configuration::ExchangeServer(server) => {
                let fitting = self.lookup.at(at, name);
                let choice =
                    platforms::exchange_server::choose::select(&server.send, &fitting, name);
                let winner = choice.winner.and_then(|winner| server.send.get(winner));
                winner
                    .map(|connector| connector.route)
                    .into_iter()
                    .collect()
            }
            Configuration::Postfix(tables) => match tables.way(&class.witness, None) {
                Some(way) => tables.hop(way.hop).route.into_iter().collect(),
                None => self.by_mx_anyway(at).into_iter().collect(),
            },
            Configuration::Checklist => {
                let own = self.routes_from(at);
                let routes: Vec<&Route> = own.iter().map(|(_, route)| *route).collect();
                let choices = self.by_language(at, &routes, None, name);
                let winners = choices.into_iter().filter_map(|choice| choice.winner);
                winners
                    .filter_map(|winner| Some(own.get(winner)?.0))
                    .collect()
            }
        }
    }

    /// The route that says what Postfix does without any table: everything by MX.
    fn by_mx_anyway(&self, at: LocationId) -> Option<RouteId> {
        let routes = self.routes_from(at).iter();
        let mut open = routes.filter(|(_, route)| route.enabled && !route.only_by_rule);
        open.find(|(_, route)| route.covers_everything() && route.next_hop == NextHop::Mx)
            .map(|(id, _)| *id)
    }

    /// All routes from a place.
    pub fn routes_from(&self, at: LocationId) -> &[(RouteId, &'a Route)] {
        self.lookup.routes_from(Party::Location(at))
    }

    /// The choices at a location whose product has no objects here; `holder` has the mailbox, where there is one.
    pub(crate) fn by_language(
        &self,
        at: LocationId,
        routes: &[&Route],
        holder: Option<LocationId>,
        name: &DomainName,
    ) -> Vec<platforms::Choice> {
        let fitting = self.lookup.at(at, name);
        // How far the mailbox is counts among equals alone.
        let distances = holder
            .filter(|_| fitting.len() > 1)
            .map(|holder| self.plan.links.distances(holder, at));
        other::choose::select(routes, &fitting, name, |route| {
            let to = route.to.location()?;
            distances.as_ref()?.get(&to).copied()
        })
    }

    /// Whether several routes are for this name at a location whose product has no objects here: which of them is taken
    /// depends on where the mailbox is.
    pub(crate) fn has_choice(&self, at: LocationId, name: &DomainName) -> bool {
        matches!(self.plan.place(at).configuration, Configuration::Checklist)
            && self.lookup.at(at, name).len() > 1
    }

    /// The pattern of a route that is for this name, where one is.
    pub fn pattern_for<'r>(
        &self,
        at: LocationId,
        route: &'r Route,
        name: &DomainName,
    ) -> Option<&'r crate::routes::RoutePattern> {
        route.pattern_for(name, self.accepted(at, name).is_some())
    }

    /// How many of these routes are the nearest to the mailboxes of a class; all, where it has none.
    pub fn nearest(&self, at: LocationId, routes: &[(RouteId, &Route)], class: &Class) -> usize {
        let Home::At(home) = class.meaning.home else {
            return routes.len();
        };
        let distances = self.plan.links.distances(home, at);
        let far = routes.iter().filter_map(|(_, route)| {
            let to = route.to.location()?;
            distances.get(&to).copied()
        });
        let far: Vec<usize> = far.collect();
        match far.iter().min() {
            Some(least) => far.iter().filter(|hops| *hops == least).count(),
            None => routes.len(),
        }
    }
}
