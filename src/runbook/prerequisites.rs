//! What must be true at a location before anything is applied there.

use crate::plan::{Configuration, Plan};
use crate::platforms::product::Applied;
use crate::routes::facts::{self, MxHost, mx_host};
use crate::routes::{NextHop, Recognition, accepted_directory};
use crate::runbook::steps::sends_everything;
use crate::runbook::{first_of, some_of};
use crate::topology::{
    AcceptedType, Certificate, Directory, Domain, ExchangeVersion, Holds, Location, LocationId,
    Party, Tenant,
};
use crate::values::{Network, quoted};
use crate::writer::powershell::PsValue;
use std::collections::{BTreeMap, BTreeSet};

/// The kind of a location, in words.
pub(crate) fn kind(location: &Location) -> String {
    let title = location.product().title;
    match location.exchange_server() {
        Some(server) => format!("{title} {}", server.version.value),
        None => title.to_owned(),
    }
}

/// The needs of the location with this id.
pub(super) fn of(plan: &Plan, id: LocationId) -> Vec<String> {
    let topology = &plan.topology;
    let location = topology.location(id);
    let product = location.product();
    let mut needs = vec![product.need.to_owned()];
    match product.applied {
        Applied::Scripts => {
            needs.push(
                if location.tenant().is_some() {
                    "The whole folder is on the machine where the scripts run, because they read `lib`, and PowerShell has the module `ExchangeOnlineManagement` there"
                } else {
                    "The whole folder is on the machine where the scripts run, because they read `lib`"
                }
                .to_owned(),
            );
            if let Some(tenant) = location.tenant() {
                of_tenant(plan, id, tenant, &mut needs);
            } else {
                of_exchange_server(plan, id, location, &mut needs);
            }
        }
        Applied::Install => of_server(plan, id, location, &mut needs),
        Applied::ByHand => {}
    }
    needs.extend(logins(plan, id));
    needs
}

fn of_exchange_server(plan: &Plan, id: LocationId, location: &Location, needs: &mut Vec<String>) {
    of_server(plan, id, location, needs);
    if let Some(name) = &location.routing_domain {
        needs.push(format!(
                    "Every mailbox here has an address LOCAL@{} besides its own, under which other locations reach it (an email address policy can add it)",
                    name.value
                ));
    }
    needs.extend(recipients_elsewhere(plan, id));
    needs.push("You have reviewed the existing Send connectors: where two have the same address space, the lower cost takes the mail, then the name that comes first".to_owned());
    if sends_everything(plan, id) {
        needs.push(
            "You know the Send connector that carries `*` today; its name: `____`".to_owned(),
        );
    }
}

fn of_tenant(plan: &Plan, id: LocationId, tenant: &Tenant, needs: &mut Vec<String>) {
    let topology = &plan.topology;
    // The tenant's own names are there from the beginning.
    let domains: Vec<String> = plan
        .place(id)
        .accepted
        .iter()
        .filter(|accepted| !facts::is_own_name(tenant, &accepted.domain))
        .map(|accepted| accepted.domain.unicode())
        .collect();
    if !domains.is_empty() {
        needs.push(format!(
            "These domains are added and verified in the admin centre, which no script can do, and `Get-AcceptedDomain` lists them: {}",
            some_of(domains)
        ));
    }
    let computed = computed_hosts(plan, id);
    if !computed.is_empty() {
        let name = &topology.location(id).name;
        needs.push(format!(
            "You have run `{name}/facts.ps1`, put what it prints into the facts file and compiled again: the host that mail is handed over at was computed and not read from the tenant ({}), and a domain that was added after 1 July 2026 has another one",
            some_of(computed)
        ));
    }
    needs.extend(recipients_elsewhere(plan, id));
    let routing = topology.locations().filter_map(|(other, location)| {
        let name = location.routing_domain.as_ref().filter(|_| other != id)?;
        Some(format!(
            "LOCAL@{} for those at `{}`",
            name.value, location.name
        ))
    });
    let routing: Vec<String> = routing.collect();
    if !routing.is_empty() {
        needs.push(format!(
            "The external address of these mail users is {}",
            routing.join(", ")
        ));
    }
    needs.extend(test_addresses(plan, id));
    needs.extend(forwards_allowed(plan, id));
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
    if let Configuration::ExchangeOnline(configuration) = &plan.place(id).configuration
        && tenant.filtering_only
        && !configuration.trusted_arc_sealers.is_empty()
    {
        needs.push(format!(
            "These are among the trusted ARC sealers of the Microsoft Defender portal, which no script can add to here: {}",
            some_of(&configuration.trusted_arc_sealers)
        ));
    }
    needs.push("You have reviewed the existing connectors: one for the same domains under another name competes with the new one".to_owned());
}

/// The policy that lets mailboxes forward to outside: it is off by default, and no script touches it.
fn forwards_allowed(plan: &Plan, id: LocationId) -> Option<String> {
    let forwards = plan.forwards_to_outside(id);
    let senders: BTreeSet<String> = forwards.iter().map(|one| one.address.to_string()).collect();
    if senders.is_empty() {
        return None;
    }
    let ways = forwards.iter().map(|one| {
        format!(
            "{} to {}",
            quoted(&one.address.to_string()),
            quoted(&one.target.to_string())
        )
    });
    let from = PsValue::Array(senders.into_iter().map(PsValue::from).collect());
    Some(format!(
        "Automatic forwarding to outside is allowed for these mailboxes, otherwise the tenant rejects what they forward (550 5.7.520): {}. `(Get-HostedOutboundSpamFilterPolicy).AutoForwardingMode` shows the setting, where `Automatic` means off. These two commands allow it for them alone: `New-HostedOutboundSpamFilterPolicy -Name 'Forward to outside' -AutoForwardingMode On` and `New-HostedOutboundSpamFilterRule -Name 'Forward to outside' -HostedOutboundSpamFilterPolicy 'Forward to outside' -From {}`",
        first_of(ways),
        from.text().ok()?
    ))
}

/// Mailboxes of other locations that the directory of an Exchange location must know. Scripts create no recipients.
fn recipients_elsewhere(plan: &Plan, id: LocationId) -> Vec<String> {
    let topology = &plan.topology;
    let here = topology.location(id);
    let accepts = |domain: &&Domain| plan.place(id).accepted.named(&domain.name).is_some();
    let knows_others =
        |domain: &&Domain| accepted_directory(topology, domain, id) == Directory::Complete;
    let domains = topology.domains.iter().filter(accepts).filter(knows_others);
    let becomes_authoritative = |domain: &Domain| {
        let accepted = plan.place(id).accepted.named(&domain.name);
        here.tenant().is_some()
            && accepted.is_some_and(|one| one.kind == AcceptedType::Authoritative)
    };
    // Domains whose mailboxes are all of them counted stand in one line, since nothing tells them apart.
    let mut lines: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for domain in domains {
        for holder in domain.holders.iter().filter(|holder| holder.location != id) {
            let other = topology.location(holder.location);
            let (kind, cmdlet) = match (here.exchange_server(), other.tenant()) {
                (Some(server), Some(_)) if server.version.value > ExchangeVersion::V2007 => {
                    ("remote mailbox", "Get-RemoteMailbox")
                }
                _ => ("mail user", "Get-MailUser"),
            };
            let count = match &holder.holds {
                Holds::Count(count) => count.to_string(),
                Holds::Listed(list) => list.len().to_string(),
                Holds::Rest => String::new(),
            };
            let plural = if kind.ends_with('x') { "es" } else { "s" };
            let what = match count.as_str() {
                "1" => format!("1 {kind}"),
                "" => format!("{kind}{plural}"),
                _ => format!("{count} {kind}{plural}"),
            };
            let example = match &holder.holds {
                Holds::Listed(list) => list
                    .first()
                    .and_then(|one| PsValue::from(one.address.to_string()).text().ok()),
                Holds::Count(_) | Holds::Rest => None,
            };
            let look = example.map_or_else(
                || format!(" (`{cmdlet} -ResultSize Unlimited`)"),
                |address| format!(" (such as `{cmdlet} -Identity {address}`)"),
            );
            let then = if becomes_authoritative(domain) {
                "; they come by directory synchronization or by hand, and only then do the domains become authoritative"
            } else {
                ""
            };
            let names = lines.entry((
                what,
                format!(", for the mailboxes at `{}`{look}{then}", other.name),
            ));
            names.or_default().insert(domain.name.unicode());
        }
    }
    let line = |((what, for_whom), domains): ((String, String), BTreeSet<String>)| {
        format!(
            "The directory holds {what} of {}{for_whom}",
            some_of(domains)
        )
    };
    lines.into_iter().map(line).collect()
}

fn of_server(plan: &Plan, id: LocationId, location: &Location, needs: &mut Vec<String>) {
    needs.push("The server sends and receives mail today".to_owned());
    if location.rewrites_sender()
        && let Some(domain) = location.bounce_domain()
    {
        needs.push(format!(
            "Its envelope senders are rewritten as the spec says (`rewrites_sender`): `postconf sender_canonical_maps` names postsrsd, with `SRS_DOMAIN={domain}`; `install.sh` does not set it up"
        ));
    }
    let name = location.certificate.as_ref().and_then(Certificate::name);
    needs.push(match (name, location.product().applied) {
        (Some(name), Applied::Install) => format!(
            "You have the certificate `{name}` with its private key and its chain, not about to expire; `install.sh` shows the paths it needs them at"
        ),
        (Some(name), _) => {
            let servers = location.exchange_server().map_or_else(String::new, |server| {
                some_of(server.servers.iter().map(|at| &at.value))
            });
            let on = if servers.is_empty() {
                String::new()
            } else {
                format!(" on {servers}")
            };
            format!(
                "The certificate `{name}` is installed{on} with its private key, enabled for SMTP, and not about to expire"
            )
        }
        (None, _) => "The server offers STARTTLS, with any certificate".to_owned(),
    });
    let routes = plan
        .routes
        .iter()
        .filter(|route| route.from == Party::Location(id));
    let on_routes = routes.filter_map(|route| route.client_certificate.as_ref()?.name());
    for name in on_routes.collect::<BTreeSet<_>>() {
        needs.push(format!("The certificate `{name}` is installed too, with its private key, for routes that present it"));
    }
    let senders: Vec<String> = senders(plan, id)
        .into_iter()
        .map(|(party, networks)| {
            let from = if networks.is_empty() {
                "from any address".to_owned()
            } else {
                some_of(networks)
            };
            match plan.topology.party_name(party) {
                network if from == format!("`{network}`") => from,
                name => format!("`{name}` ({from})"),
            }
        })
        .collect();
    let is_public = plan.topology.is_exchanger(id);
    if !senders.is_empty() || is_public {
        let at = if location.hosts.is_empty() {
            "the server".to_owned()
        } else {
            some_of(location.hosts.iter().map(|at| &at.value))
        };
        let port = if location.hosts.iter().all(|at| at.value.port == 25) {
            " on port 25"
        } else {
            ""
        };
        needs.push(match (is_public, senders.join("; ")) {
            (false, senders) => format!("The firewall lets these reach {at}{port}: {senders}"),
            (true, senders) => {
                let also = if senders.is_empty() { "" } else { "; among them " };
                format!("The firewall lets everybody reach {at}{port}, because MX records name it{also}{senders}")
            }
        });
    }
    let ports: Vec<String> = ports_out(plan, id).iter().map(u16::to_string).collect();
    if !ports.is_empty() {
        let from = match some_of(location.egress.iter().map(|at| at.value)) {
            none if none.is_empty() => none,
            some => format!(", and its mail is seen to come from {some}"),
        };
        needs.push(format!(
            "The firewall lets the server out on port {}{from}",
            ports.join(" and ")
        ));
    }
}

/// Hosts of a tenant that nobody has read there and mail is handed over at.
fn computed_hosts(plan: &Plan, id: LocationId) -> BTreeSet<String> {
    let inward = plan.routes_at(id).map(|(_, route)| route);
    let inward = inward.filter(|route| route.enabled && route.to == Party::Location(id));
    let used: BTreeSet<String> = inward
        .filter_map(|route| match &route.next_hop {
            NextHop::SmartHosts(hosts) => Some(hosts),
            _ => None,
        })
        .flatten()
        .map(ToString::to_string)
        .collect();
    let domains = plan.topology.domains.iter().filter(|_| !used.is_empty());
    let hosts = domains.filter_map(|domain| match mx_host(&plan.topology, id, &domain.name) {
        MxHost::Derived(host) => Some(host),
        MxHost::Fact(_) | MxHost::Unknown => None,
    });
    hosts.filter(|host| used.contains(host)).collect()
}

/// The ports that the next hops of a location listen on.
fn ports_out(plan: &Plan, id: LocationId) -> BTreeSet<u16> {
    let routes = plan.routes_at(id).map(|(_, route)| route);
    let leaving = routes.filter(|route| route.enabled && route.from == Party::Location(id));
    leaving
        .flat_map(|route| match &route.next_hop {
            NextHop::SmartHosts(hosts) => hosts.iter().map(|host| host.port).collect(),
            NextHop::Mx => vec![25],
            NextHop::Unknown | NextHop::FactMissing | NextHop::None => Vec::new(),
        })
        .collect()
}

/// One line for the domains of a tenant: a mailbox each to write test mail to.
fn test_addresses(plan: &Plan, id: LocationId) -> Option<String> {
    let accepted = plan.place(id).accepted.iter();
    let domains = accepted.filter_map(|accepted| {
        let domain = plan.topology.domain_named(&accepted.domain)?;
        Some(plan.topology.domain(domain)).filter(|domain| !domain.holders.is_empty())
    });
    let (named, open): (Vec<_>, Vec<_>) =
        domains.partition(|domain| domain.test_recipient.is_some());
    let named = named
        .iter()
        .filter_map(|domain| domain.test_recipient.as_ref());
    let addresses = some_of(named.map(|at| &at.value));
    let open = some_of(open.iter().map(|domain| domain.name.unicode()));
    match (addresses.is_empty(), open.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("These addresses receive test mail: {addresses}")),
        (true, false) => Some(format!(
            "You have an address for test mail in each domain: {open}"
        )),
        (false, false) => Some(format!(
            "These addresses receive test mail: {addresses}; and you have one in each of {open}"
        )),
    }
}

/// The parties that connect to a location, and their addresses.
fn senders(plan: &Plan, id: LocationId) -> BTreeMap<Party, BTreeSet<Network>> {
    let topology = &plan.topology;
    let mut senders: BTreeMap<Party, BTreeSet<Network>> = BTreeMap::new();
    for (_, route) in plan.routes_at(id) {
        if route.to != Party::Location(id) || !route.enabled {
            continue;
        }
        let location = route.from.location();
        let is_tenant = location.is_some_and(|from| topology.location(from).tenant().is_some());
        let networks = match &route.accepted_by {
            Recognition::Addresses(networks) if !is_tenant => networks.clone(),
            _ => facts::leaves_from(topology, route.from),
        };
        senders.entry(route.from).or_default().extend(networks);
    }
    for (party, trusted) in topology.trusted_networks() {
        if matches!(party, Party::Network(at, _) if at == id) {
            senders
                .entry(party)
                .or_default()
                .insert(trusted.network.value);
        }
    }
    senders
}

fn logins(plan: &Plan, id: LocationId) -> Vec<String> {
    plan.routes_at(id)
        .map(|(_, route)| route)
        .filter(|route| route.from == Party::Location(id))
        .filter_map(|route| {
            let auth = route.auth.as_ref().or_else(|| match route.to {
                Party::Location(to) => plan.topology.location(to).auth.as_ref().map(|at| &at.value),
                Party::Partner(to) => plan.topology.partner(to).auth.as_ref().map(|at| &at.value),
                _ => None,
            })?;
            Some(format!("You have the user name and password of `{auth}` at hand; the script asks for them; no file of this folder holds them"))
        })
        .collect()
}
