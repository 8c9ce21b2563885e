//! Which routes of a place could take a class of mail that has come to it, whether or not any comes.

use crate::plan::Configuration;
use crate::platforms;
use crate::platforms::exchange_online::choose::Standing;
use crate::platforms::other;
use crate::routes::{NextHop, Route, RouteId};
use crate::topology::{LocationId, Party};
use crate::values::{DomainName, Pattern};
use crate::walk::{Class, Home, Model};

impl<'a> Model<'a> {
    /// The routes that win this name under any reading; none where mail for it follows the MX or waits.
    pub fn chosen(&self, at: LocationId, class: &Class) -> Vec<RouteId> {
        let name = class.witness.domain();
        match &self.plan.place(at).configuration {
            Configuration::ExchangeOnline(tenant) => {
                let standing = match self.accepted(at, name) {
                    Some((_, false)) => Standing::Named,
                    Some((_, true)) => Standing::Subdomain,
                    None => Standing::Foreign,
                };
                let among = self.lookup.at(at, name);
                let choices = platforms::exchange_online::choose::select_among(
                    &tenant.outbound,
                    &among,
                    standing,
                    name,
                );
                let winners = choices.into_iter().filter_map(|choice| choice.winner);
                winners
                    .filter_map(|winner| Some(tenant.outbound.get(winner)?.route))
                    .collect()
            }
            Configuration::ExchangeServer(server) => {
                let among = self.lookup.at(at, name);
                let choice =
                    platforms::exchange_server::choose::select_among(&server.send, &among, name);
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
                let choices =
                    other::choose::select(&routes, self.accepted(at, name).is_some(), name);
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

    /// The pattern of a route that is for this name, where one is.
    pub fn pattern_for(
        &self,
        at: LocationId,
        route: &'a Route,
        name: &DomainName,
    ) -> Option<&'a crate::routes::RoutePattern> {
        let accepted = self.accepted(at, name).is_some();
        route
            .recipients
            .iter()
            .filter(|item| match &item.pattern {
                Pattern::AcceptedDomains => accepted,
                pattern => pattern.matches(name),
            })
            .max_by_key(|item| match &item.pattern {
                Pattern::Exact(_) => usize::MAX,
                Pattern::AcceptedDomains => usize::MAX - 1,
                Pattern::Below(base) => base.labels().count(),
                Pattern::Any => 0,
            })
    }

    /// Whether a route leads toward the mailboxes of a class.
    pub fn leads_home(&self, route: &Route, class: &Class) -> bool {
        let (Home::At(home), Some(to)) = (class.meaning.home, route.to.location()) else {
            return false;
        };
        to == home || self.plan.tree.is_under(home, to)
    }
}
