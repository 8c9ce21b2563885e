//! Who takes the mail that a route hands to its hosts: whoever has them, whatever the route says.

use crate::dns::routing::{Exchangers, Existing, Taker, exchangers};
use crate::plan::{Configuration, Plan, Takers, names_other_service};
use crate::routes::{NextHop, Route, RouteId};
use crate::topology::Party;
use crate::values::{DomainName, Host, HostTarget};
use crate::walk::Model;
use crate::walk::handover::Handing;
use crate::walk::state::{Cause, Ends, Message, Reason, State, Step};
use foldhash::{HashMap, HashMapExt};

/// Who takes what a route hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// This party.
    By(Party),
    /// The one that the route names; of the host nobody knows whose it is.
    AsWritten(Host),
    /// A tenant that is none of ours, because the provider gave it the name.
    ByAnotherTenant(Host),
    /// Nobody whom the spec knows.
    ByUnknown(Host),
    /// Nobody: a tenant is found by the name of its MX alone.
    ByNoTenant(Host),
    /// The sender itself, which has the name too.
    BySender(Host),
}

/// The hosts that connectors hand their mail to, by route.
pub(crate) fn written_hosts(plan: &Plan) -> HashMap<RouteId, Vec<Host>> {
    let mut all = HashMap::new();
    let mut add = |route: RouteId, names: &[String], port: u16| {
        let targets = names.iter().filter_map(|name| HostTarget::parse(name).ok());
        let hosts: Vec<Host> = targets.map(|target| Host::new(target, port)).collect();
        all.insert(route, hosts);
    };
    for place in &plan.places {
        match &place.configuration {
            Configuration::ExchangeOnline(tenant) => {
                for it in &tenant.outbound {
                    add(it.route, &it.smart_hosts, 25);
                }
            }
            Configuration::ExchangeServer(server) => {
                for it in &server.send {
                    add(it.route, &it.smart_hosts, it.port);
                }
            }
            Configuration::Postfix(_) | Configuration::Checklist => {}
        }
    }
    all
}

/// Who may take what goes over a route; every host is a way, whatever its preference. The connector of the route says which
/// hosts these are, where there is one.
pub(crate) fn taken(
    plan: &Plan,
    existing: &Existing,
    route: &Route,
    written: Option<&Vec<Host>>,
) -> Vec<Taken> {
    let (NextHop::SmartHosts(hosts), Party::Location(_) | Party::Partner(_) | Party::Internet) =
        (&route.next_hop, route.to)
    else {
        return vec![Taken::By(route.to)];
    };
    let hosts = written
        .filter(|written| !written.is_empty())
        .unwrap_or(hosts);
    let mut found: Vec<Taken> = Vec::new();
    for host in hosts {
        let of_host = match takers(plan, existing, host) {
            Takers::Known(parties)
                if parties.contains(&route.from) && refuses_itself(plan, route, host) =>
            {
                vec![Taken::BySender(host.clone())]
            }
            Takers::Known(parties) if parties.contains(&route.to) => vec![Taken::By(route.to)],
            Takers::Known(parties) => parties.into_iter().map(Taken::By).collect(),
            Takers::AnotherTenant => vec![Taken::ByAnotherTenant(host.clone())],
            Takers::Nobody => vec![Taken::ByUnknown(host.clone())],
            Takers::Unsaid if route.to == Party::Internet => vec![Taken::By(route.to)],
            Takers::Unsaid if is_tenant(plan, route.to) && is_no_tenants(route, host) => {
                vec![Taken::ByNoTenant(host.clone())]
            }
            Takers::Unsaid => vec![Taken::AsWritten(host.clone())],
        };
        for taken in of_host {
            if !found.contains(&taken) {
                found.push(taken);
            }
        }
    }
    found
}

/// Whose a host is, or those that the MX of the name leads to.
fn takers(plan: &Plan, existing: &Existing, host: &Host) -> Takers {
    let Some(name) = host.name().filter(|_| host.by_mx) else {
        return plan.takers(host);
    };
    let exchangers = DomainName::parse(name.as_str()).map(|name| exchangers(plan, existing, &name));
    let Ok(Exchangers::Known { takers, .. }) = exchangers else {
        return Takers::Unsaid;
    };
    let ours = takers.iter().filter_map(|taker| match taker {
        Taker::Location(id) => Some(Party::Location(*id)),
        Taker::Stranger(_) => None,
    });
    let ours: Vec<Party> = ours.collect();
    if ours.is_empty() {
        Takers::Unsaid
    } else {
        Takers::Known(ours)
    }
}

/// Whether no tenant takes mail at a host. With a login the provider's service for programs does, in the name of a mailbox.
fn is_no_tenants(route: &Route, host: &Host) -> bool {
    match host.name() {
        Some(name) => route.auth.is_none() && names_other_service(name.as_str()),
        None => true,
    }
}

/// Whether a server refuses to hand mail to itself: Postfix compares names and addresses, at the port of SMTP alone.
fn refuses_itself(plan: &Plan, route: &Route, host: &Host) -> bool {
    let location = route.from.location().map(|id| plan.topology.location(id));
    let is_postfix = location.is_some_and(|at| at.postfix().is_some());
    is_postfix && host.port == 25 && !host.by_mx
}

fn is_tenant(plan: &Plan, party: Party) -> bool {
    let location = party.location();
    location.is_some_and(|id| plan.topology.location(id).tenant().is_some())
}

impl Model<'_> {
    /// Over a route to one of those that may take the mail there.
    pub(crate) fn hand_to(
        &self,
        message: &Message,
        state: &State,
        handing: &Handing,
        route: &Route,
        taken: &Taken,
    ) -> Vec<Step> {
        let to = self.party(route.to);
        let lost = |host: &Host, ends: Ends, reason: Reason| {
            let mut end = reason.end(ends);
            end.route = handing.route;
            vec![self.leave_as(state, handing, &host.target.to_string(), end)]
        };
        match taken {
            Taken::By(party) => self.to_party(message, state, handing, *party),
            Taken::AsWritten(host) => {
                let mut handing = handing.clone();
                let assumed = format!("the host `{}` is one of `{to}`", host.target);
                handing.assuming.push(assumed);
                self.to_party(message, state, &handing, route.to)
            }
            Taken::ByAnotherTenant(host) => {
                let why = format!(
                    "the provider gave the name `{}` to a tenant that is none of ours",
                    host.target
                );
                let reason = Cause::WrongHost.because(why);
                lost(host, Ends::LeftModel(Some(state.at)), reason)
            }
            Taken::ByUnknown(host) => {
                let why = format!(
                    "`{}` is an unknown host, which nobody in the spec has",
                    host.target
                );
                let reason = Cause::WrongHost.because(why);
                lost(host, Ends::LeftModel(Some(state.at)), reason)
            }
            Taken::ByNoTenant(host) => {
                let found = if host.name().is_some() {
                    "under the name"
                } else {
                    "at the address"
                };
                let why = format!(
                    "`{to}` takes no mail {found} `{}`: a tenant is found by the name of its MX alone (4.4.62)",
                    host.target
                );
                let reason = Cause::WrongHost.because(why);
                lost(host, Ends::Deferred(state.at), reason)
            }
            Taken::BySender(host) => {
                let here = &self.plan.topology.location(state.at).name;
                let why = format!(
                    "`{}` is a name of `{here}` too, and Postfix hands no mail to itself (5.4.6)",
                    host.target
                );
                let reason = Cause::WrongHost.because(why);
                lost(host, Ends::Bounced(state.at), reason)
            }
        }
    }
}
