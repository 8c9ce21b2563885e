//! What must be true at a place before anything is applied there.

use crate::plan::{Acceptance, Plan, Recognition, published_addresses};
use crate::topology::{Certificate, Kind, Location, LocationId, Party, Tenant};
use crate::values::{Host, Network};

/// The kind of a place, in words.
pub fn kind(location: &Location) -> String {
    match &location.kind {
        Kind::Tenant(Tenant {
            filtering_only: true,
            ..
        }) => "Exchange Online Protection".to_owned(),
        Kind::Tenant(_) => "Exchange Online".to_owned(),
        Kind::ExchangeServer(server) => format!("Exchange Server {}", server.version.value),
        Kind::Postfix(_) => "Postfix".to_owned(),
        Kind::Smtp(_) => "a mail server of another make".to_owned(),
        Kind::Gateway(_) => "a gateway".to_owned(),
    }
}

/// The needs of the place with this id.
pub fn of(plan: &Plan, id: LocationId) -> Vec<String> {
    let topology = &plan.topology;
    let location = topology.location(id);
    let mut needs = Vec::new();
    match &location.kind {
        Kind::Tenant(tenant) => of_tenant(plan, id, tenant, &mut needs),
        Kind::ExchangeServer(_) => {
            needs.push("You are a member of Organization Management, or have the roles for Send and Receive connectors and accepted domains".to_owned());
            of_server(plan, id, location, &mut needs);
        }
        Kind::Postfix(_) => {
            needs.push("You may change the Postfix configuration and reload it; the package for the map type is installed".to_owned());
            of_server(plan, id, location, &mut needs);
        }
        Kind::Smtp(_) | Kind::Gateway(_) => {
            needs.push("Its administrator has the checklist and a day for the change".to_owned());
        }
    }
    needs.extend(logins(plan, id));
    needs
}

fn of_tenant(plan: &Plan, id: LocationId, tenant: &Tenant, needs: &mut Vec<String>) {
    let topology = &plan.topology;
    needs.push("You have the role that connectors and accepted domains need (Exchange Administrator has it)".to_owned());
    let domains: Vec<&str> = plan
        .place(id)
        .accepted
        .iter()
        .filter(|accepted| accepted.why != Acceptance::TenantName)
        .map(|accepted| accepted.domain.as_str())
        .collect();
    needs.push(format!(
        "Added and verified in the admin centre, which no script can do: {}",
        some_of(&domains)
    ));
    if let Some(split) = topology.domains.iter().find(|domain| {
        domain.holder_ids().any(|holder| holder != id)
            && plan
                .place(id)
                .accepted
                .iter()
                .any(|a| a.domain == domain.name)
    }) {
        needs.push(format!(
            "Every mailbox that lives elsewhere (such as those of {}) is known here as a mail user, by directory synchronization or by hand: a domain becomes authoritative only then",
            split.name
        ));
    }
    if tenant.has_hybrid_wizard() {
        needs.push(
            "The Hybrid Configuration Wizard has run; its connectors stay as it made them"
                .to_owned(),
        );
    } else if topology
        .locations
        .iter()
        .any(|l| l.exchange_server().is_some())
        && !tenant.filtering_only
    {
        needs.push("You have considered whether a hybrid deployment would serve better than connectors alone".to_owned());
    }
    needs.push("You have looked at the connectors that are there already: one that does the same under another name would compete".to_owned());
}

fn of_server(plan: &Plan, id: LocationId, location: &Location, needs: &mut Vec<String>) {
    let topology = &plan.topology;
    needs.push("The server sends and receives Internet mail today".to_owned());
    match location.certificate.as_ref().and_then(Certificate::name) {
        Some(name) => needs.push(format!(
            "The certificate {name} is installed with its private key, enabled for SMTP, and not about to expire"
        )),
        None => needs.push("The server offers STARTTLS, with any certificate".to_owned()),
    }
    let hosts: Vec<String> = location
        .hosts
        .iter()
        .map(|at| Host::to_string(&at.value))
        .collect();
    let mut senders: Vec<String> = Vec::new();
    for route in plan
        .routes
        .iter()
        .filter(|route| route.to == Party::Location(id))
    {
        let networks = match (route.from, &route.accepted_by) {
            (Party::Location(from), _) if topology.location(from).tenant().is_some() => topology
                .location(from)
                .tenant()
                .and_then(|tenant| published_addresses(topology, tenant.environment))
                .unwrap_or_default(),
            (_, Recognition::Addresses(networks)) => networks.clone(),
            _ => topology.sending_addresses(route.from),
        };
        let list: Vec<String> = networks.iter().map(Network::to_string).collect();
        let list = if list.is_empty() {
            "its addresses".to_owned()
        } else {
            list.join(", ")
        };
        senders.push(format!("{} ({list})", topology.party_name(route.from)));
    }
    if !senders.is_empty() {
        let at = if hosts.is_empty() {
            "the server".to_owned()
        } else {
            hosts.join(", ")
        };
        needs.push(format!(
            "The firewall lets these reach {at}: {}",
            senders.join("; ")
        ));
    }
}

fn logins(plan: &Plan, id: LocationId) -> Vec<String> {
    plan.routes
        .iter()
        .filter(|route| route.from == Party::Location(id))
        .filter_map(|route| {
            let auth = route.auth.as_ref().or_else(|| match route.to {
                Party::Location(to) => plan.topology.location(to).auth.as_ref().map(|at| &at.value),
                Party::Partner(to) => plan.topology.partner(to).auth.as_ref().map(|at| &at.value),
                _ => None,
            })?;
            Some(format!("You have the user name and password of {auth} at hand; they are asked for and stand in no file of this folder"))
        })
        .collect()
}

fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let more = names.len().saturating_sub(SHOWN);
    let first = names
        .iter()
        .take(SHOWN)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match more {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
