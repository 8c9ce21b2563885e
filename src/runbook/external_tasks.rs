//! What devices and partners must set: no script reaches them.

use crate::plan::Plan;
use crate::routes::{NextHop, Recognition, Route, logins};
use crate::runbook::some_of;
use crate::source::At;
use crate::topology::{
    Certificate, Device, DeviceId, Environment, LocationId, Method, PartnerId, Party, SendsAs,
    SendsTo, Topology,
};
use crate::values::{TlsLevel, quoted};
use crate::writer::powershell::PsValue;
use minijinja::{Value, context};
use std::collections::BTreeMap;

/// One section per device and partner, as those of the locations are.
pub(crate) fn needs(plan: &Plan) -> Vec<Value> {
    let topology = &plan.topology;
    let devices = topology.devices.iter().map(|at| (&at.name, "a device"));
    let partners = topology.partners.iter().map(|at| (&at.name, "a partner"));
    let sections = devices
        .zip(of_devices(plan))
        .chain(partners.zip(of_partners(plan)));
    sections
        .filter(|(_, needs)| !needs.is_empty())
        .map(
            |((name, kind), needs)| context! { name => name.clone(), kind => kind, needs => needs },
        )
        .collect()
}

/// What each device must do, in their order.
pub(crate) fn of_devices(plan: &Plan) -> Vec<Vec<String>> {
    let routes = Routes::of(plan);
    let devices = plan.topology.devices();
    devices
        .map(|(id, _)| of_device(plan, &routes, id))
        .collect()
}

/// What each partner must do, in their order.
pub(crate) fn of_partners(plan: &Plan) -> Vec<Vec<String>> {
    let routes = Routes::of(plan);
    let partners = plan.topology.partners();
    partners
        .map(|(id, _)| of_partner(plan, &routes, id))
        .collect()
}

/// The routes in use by their ends.
#[derive(Default)]
struct Routes<'a> {
    from: BTreeMap<Party, Vec<&'a Route>>,
    to: BTreeMap<Party, Vec<&'a Route>>,
}

impl<'a> Routes<'a> {
    fn of(plan: &'a Plan) -> Self {
        let mut routes = Self::default();
        for route in plan.routes.iter().filter(|route| route.enabled) {
            routes.from.entry(route.from).or_default().push(route);
            routes.to.entry(route.to).or_default().push(route);
        }
        routes
    }

    fn from(&self, party: Party) -> &[&'a Route] {
        self.from.get(&party).map_or(&[], Vec::as_slice)
    }

    fn to(&self, party: Party) -> &[&'a Route] {
        self.to.get(&party).map_or(&[], Vec::as_slice)
    }
}

fn of_device(plan: &Plan, routes: &Routes<'_>, id: DeviceId) -> Vec<String> {
    let topology = &plan.topology;
    let device = topology.device(id);
    let mut needs = vec![server(plan, id, routes.from(Party::Device(id)))];
    match &device.max_tls {
        Some(tls) if tls.value == "none" => {
            needs.push("It sends without encryption: it supports none".to_owned());
        }
        Some(tls) => needs.push(format!(
            "STARTTLS is switched on; it speaks TLS up to {}",
            tls.value
        )),
        None => needs.push("STARTTLS is switched on, with TLS 1.2 or later".to_owned()),
    }
    match (&device.certificate, device.method.value) {
        (Some(certificate), Method::Relay) => needs.push(format!(
            "It presents the certificate {}, which identifies it",
            names(certificate)
        )),
        (None, Method::Relay | Method::DirectSend) => {
            let seen = if device.nat.is_empty() {
                some_of(device.addresses.iter().map(|at| at.value))
            } else {
                some_of(device.nat.iter().map(|at| at.value))
            };
            needs.push(format!(
                "It reaches `{}` from {seen}, which it shares with no other host",
                topology.location(device.via.value).name
            ));
        }
        (_, Method::ClientSubmission) => of_login(topology, device, &mut needs),
        _ => needs.push(
            "It logs in with an account of its own, whose password no file of this folder holds"
                .to_owned(),
        ),
    }
    if !device.sends_as.is_empty() {
        needs.push(format!(
            "Its envelope sender is {}",
            some_of(device.sends_as.iter().map(|at| &at.value))
        ));
    }
    if device.sends_to == SendsTo::Internal {
        needs.push("It sends to our own mailboxes only".to_owned());
    }
    needs
}

/// The mailbox that a device logs on to, and the rights that this mailbox needs.
fn of_login(topology: &Topology, device: &Device, needs: &mut Vec<String>) {
    let via = topology.location(device.via.value);
    if !logins::judges_senders(via) {
        needs.push(
            "It logs in with an account of its own, whose password no file of this folder holds"
                .to_owned(),
        );
        return;
    }
    let login = logins::login(topology, device).map(ToString::to_string);
    let mailbox = login.as_deref().unwrap_or("____");
    let taken = if login.is_some() && device.login.is_none() && device.sends_as.len() > 1 {
        ", the first of its senders that is a mailbox there (the spec names no `login`)"
    } else {
        ""
    };
    needs.push(format!(
        "It logs in to the mailbox {}{taken}, whose password no file of this folder holds",
        quoted(mailbox)
    ));
    let quote = |text: &str| PsValue::from(text.to_owned()).text().ok();
    let Some(trustee) = quote(mailbox) else {
        return;
    };
    if logins::allows_each(via) && login.is_none() {
        needs.push(format!("No script knows that mailbox, so that its logins are switched on by hand: `Set-CASMailbox -Identity {trustee} -SmtpClientAuthenticationDisabled $false`"));
    }
    let others: Vec<&SendsAs> = logins::other_senders(topology, device).collect();
    if others.is_empty() {
        return;
    }
    let address = others.iter().find_map(|sender| match sender {
        SendsAs::Address(address) => quote(&address.to_string()),
        SendsAs::Pattern(_) => None,
    });
    let address = address.unwrap_or_else(|| "'____'".to_owned());
    let command = if via.tenant().is_some() {
        format!(
            "Add-RecipientPermission -Identity {address} -AccessRights SendAs -Trustee {trustee}"
        )
    } else {
        format!(
            "Add-ADPermission -Identity (Get-Mailbox {address}).DistinguishedName -User {trustee} -ExtendedRights 'Send As'"
        )
    };
    needs.push(format!(
        "That mailbox has the right \"Send As\" for each of the other senders ({}); without it `{}` rejects mail as them (550 5.7.60 SendAsDenied): `{command}`",
        some_of(others),
        via.name
    ));
}

/// The host where a device logs in at a tenant, which is none of its MX hosts.
pub(crate) fn submission_host(topology: &Topology, party: Party) -> Option<&'static str> {
    let Party::Device(id) = party else {
        return None;
    };
    let device = topology.device(id);
    let tenant = topology.location(device.via.value).tenant()?;
    match device.method.value {
        Method::ClientSubmission if tenant.environment == Environment::Worldwide => {
            Some("smtp.office365.com")
        }
        Method::HighVolume => Some("smtp.hve.mx.microsoft"),
        _ => None,
    }
}

/// The server that a device sends its mail to.
fn server(plan: &Plan, id: DeviceId, routes: &[&Route]) -> String {
    let device = plan.topology.device(id);
    let location = plan.topology.location(device.via.value);
    if let Some(host) = submission_host(&plan.topology, Party::Device(id)) {
        return format!("Its server is `{host}`, port 587");
    }
    match (device.method.value, location.tenant()) {
        (Method::ClientSubmission | Method::HighVolume, Some(_)) => {
            "Its server is the submission host of the tenant's environment, port 587".to_owned()
        }
        (Method::ClientSubmission | Method::HighVolume, None) => format!(
            "Its server is {}, port 587",
            some_of(location.hosts.iter().map(|at| &at.value))
        ),
        (Method::Relay | Method::DirectSend, _) => {
            let host = routes.iter().find_map(|route| match &route.next_hop {
                NextHop::SmartHosts(hosts) => hosts.first(),
                _ => None,
            });
            host.map_or("Its server is not known yet".to_owned(), |host| {
                format!(
                    "Its server is `{}`, port {}, without a login",
                    host.target, host.port
                )
            })
        }
    }
}

fn party_name(plan: &Plan, party: Party) -> &str {
    plan.topology.party_name(party)
}

fn of_partner(plan: &Plan, routes: &Routes<'_>, id: PartnerId) -> Vec<String> {
    let partner = plan.topology.partner(id);
    let mut needs = Vec::new();
    for route in routes.to(Party::Partner(id)) {
        let from = party_name(plan, route.from);
        let sources = plan.topology.sending_addresses(route.from);
        let sources = if sources.is_empty() {
            String::new()
        } else {
            format!(" ({})", some_of(sources))
        };
        let wanted = match (route.tls, partner.certificate.as_ref()) {
            (TlsLevel::None | TlsLevel::Opportunistic, _) => String::new(),
            (TlsLevel::Verified, Some(certificate)) => format!(
                "; its servers offer STARTTLS with a certificate for {}, otherwise our mail is deferred and then bounces",
                names(certificate)
            ),
            (TlsLevel::Verified | TlsLevel::CaVerified, _) => {
                "; its servers offer STARTTLS with a certificate of a public authority, otherwise our mail is deferred and then bounces".to_owned()
            }
            (TlsLevel::Encrypted, _) => {
                "; its servers offer STARTTLS, otherwise our mail is deferred and then bounces".to_owned()
            }
        };
        needs.push(format!(
            "It accepts our mail from `{from}`{sources}{wanted}"
        ));
    }
    for route in routes.from(Party::Partner(id)) {
        let to = party_name(plan, route.to);
        let how = match (&route.accepted_by, route.tls) {
            (Recognition::Certificate(name), _) => {
                format!("with TLS and a client certificate for `{name}`")
            }
            (Recognition::Addresses(networks), TlsLevel::None | TlsLevel::Opportunistic) => {
                format!("from {}", some_of(networks))
            }
            (Recognition::Addresses(networks), _) => {
                format!("with TLS, from {}", some_of(networks))
            }
            (Recognition::Nothing, TlsLevel::None | TlsLevel::Opportunistic) => continue,
            (Recognition::Nothing, _) => "with TLS".to_owned(),
        };
        let is_mx = |at: &At<LocationId>| Party::Location(at.value) == route.to;
        let mut entries = plan.topology.domains.iter().flat_map(|domain| &domain.mx);
        let place = match &route.next_hop {
            NextHop::SmartHosts(hosts) if !entries.any(is_mx) => {
                let hosts = some_of(hosts.iter().map(|host| &host.target));
                format!(", at {hosts} and not where the MX records lead,")
            }
            _ => String::new(),
        };
        // Nothing of ours can demand what the sending end has to demand.
        let shown = route
            .to
            .location()
            .and_then(|id| plan.topology.location(id).certificate.as_ref());
        let demanded = match (partner.tls_inbound.as_ref().map(|at| at.value), shown) {
            (Some(TlsLevel::Verified | TlsLevel::CaVerified), Some(certificate)) => {
                format!(
                    "; its servers demand STARTTLS with a certificate for {} from ours",
                    names(certificate)
                )
            }
            (Some(level), _) if level >= TlsLevel::Encrypted => {
                "; its servers demand STARTTLS from ours".to_owned()
            }
            _ => String::new(),
        };
        needs.push(format!(
            "It sends its mail to `{to}`{place} {how}{demanded}"
        ));
    }
    needs
}

fn names(certificate: &Certificate) -> String {
    some_of(certificate.names.iter().map(|at| &at.value))
}
