//! What the hybrid wizard made between servers and a tenant: where its connectors lead, and by what they know each other, has to be
//! of these servers and of this tenant. Its names and what else it chooses are its own.

use crate::import::{Live, LiveObject};
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::TlsSettings;
use crate::topology::{Location, LocationId};

/// A property that has to fit the other end: its name, what fits, and whether it does.
type End = (&'static str, Vec<String>, bool);

/// The properties of an object of the wizard that say where it leads or who comes by it.
pub(super) fn ends(plan: &Plan, at: LocationId, live: &LiveObject) -> Vec<End> {
    let party = |route| plan.route(route);
    let mut ends = match (&plan.place(at).configuration, live.kind.as_str()) {
        (Configuration::ExchangeOnline(tenant), "OutboundConnector") => {
            let Some(known) = tenant.outbound.iter().find(|it| it.by_wizard) else {
                return Vec::new();
            };
            let servers = party(known.route).to.location();
            let Some(servers) = servers.map(|id| plan.topology.location(id)) else {
                return Vec::new();
            };
            let level = match known.tls_settings {
                Some(TlsSettings::DomainValidation) => "DomainValidation",
                Some(TlsSettings::CertificateValidation) => "CertificateValidation",
                Some(TlsSettings::EncryptionOnly) | None => "EncryptionOnly",
            };
            let mut hosts = live.smart_hosts();
            vec![
                (
                    "SmartHosts",
                    hosts_of(servers),
                    hosts.all(|host| has_host(servers, &host)),
                ),
                truth(live, "UseMXRecord", false),
                truth(live, "IsTransportRuleScoped", false),
                truth(live, "TestMode", false),
                word(live, "TlsSettings", level),
                name(live, "TlsDomain", servers),
            ]
        }
        (Configuration::ExchangeOnline(tenant), "InboundConnector") => {
            let known = tenant.inbound.iter().find(|it| it.by_wizard);
            let route = known.and_then(|known| known.routes.first());
            let servers = route.and_then(|route| party(*route).from.location());
            let Some(servers) = servers.map(|id| plan.topology.location(id)) else {
                return Vec::new();
            };
            let senders = live.items("SenderDomains");
            let is_all = senders
                .iter()
                .any(|text| matches!(text.to_lowercase().as_str(), "*" | "smtp:*" | "smtp:*;1"));
            vec![
                ("SenderDomains", vec!["*".to_owned()], is_all),
                truth(live, "RequireTls", true),
                name(live, "TlsSenderCertificateName", servers),
            ]
        }
        (Configuration::ExchangeServer(server), "SendConnector") => {
            let known = server.send.iter().find(|it| it.by_wizard);
            let tenant = known.and_then(|known| party(known.route).to.location());
            let tenant = tenant.and_then(|id| plan.topology.location(id).tenant());
            let Some(environment) = tenant.map(|tenant| tenant.environment) else {
                return Vec::new();
            };
            let suffix = environment.mx_suffix();
            // By MX the routing domain leads to the tenant.
            let by_mx = live.is_by_mx();
            let is_there = |host: String| host.ends_with(suffix);
            let name = environment.certificate_name();
            vec![
                (
                    "SmartHosts",
                    vec![format!("*{suffix}")],
                    by_mx || live.smart_hosts().all(is_there),
                ),
                word(live, "TlsAuthLevel", "DomainValidation"),
                (
                    "TlsDomain",
                    vec![name.to_owned()],
                    live.word("TlsDomain").to_lowercase().ends_with(name),
                ),
                truth(live, "IgnoreSTARTTLS", false),
            ]
        }
        _ => Vec::new(),
    };
    // What the export does not show is not compared.
    ends.retain(|(name, ..)| {
        let value = live.properties.get(*name);
        value.is_some_and(|value| *value != Live::Lost)
    });
    ends
}

fn truth(live: &LiveObject, name: &'static str, wanted: bool) -> End {
    let word = if wanted { "True" } else { "False" };
    (name, vec![word.to_owned()], live.is_on(name) == wanted)
}

fn word(live: &LiveObject, name: &'static str, wanted: &str) -> End {
    (name, vec![wanted.to_owned()], live.word(name) == wanted)
}

/// A name that the certificate of servers has to have.
fn name(live: &LiveObject, property: &'static str, servers: &Location) -> End {
    let text = live.word(property).to_lowercase();
    // `<I>issuer<S>subject` names a certificate as servers do.
    let subject = text.split_once("<s>").map(|(_, subject)| subject);
    let named = subject.and_then(|subject| {
        let mut parts = subject.split(',').map(str::trim);
        parts.find_map(|part| part.strip_prefix("cn="))
    });
    let named = named.unwrap_or(&text);
    let expected = servers.certificate.iter().filter_map(|it| it.name());
    let expected: Vec<String> = expected.map(str::to_owned).collect();
    let fits = expected.is_empty() || has_name(servers, named);
    (property, expected, fits)
}

/// Whether the certificate of servers has a name, or one for all names beside it; asked for by a wildcard, a name below it.
fn has_name(servers: &Location, name: &str) -> bool {
    let names = servers.certificate.iter().flat_map(|it| &it.names);
    let mut names = names.map(|at| at.value.as_str());
    let covers = |wide: &str, narrow: &str| {
        let base = wide.strip_prefix("*.");
        let above = narrow.split_once('.').map(|(_, rest)| rest);
        base.is_some_and(|base| above == Some(base) || narrow == base)
    };
    names.any(|own| own == name || covers(own, name) || covers(name, own))
}

fn hosts_of(servers: &Location) -> Vec<String> {
    let hosts = if servers.smart_hosts.is_empty() {
        &servers.hosts
    } else {
        &servers.smart_hosts
    };
    hosts.iter().map(|at| at.value.target.to_string()).collect()
}

fn has_host(servers: &Location, host: &str) -> bool {
    let own = servers.hosts.iter().chain(&servers.smart_hosts);
    let mut own = own.map(|at| at.value.target.to_string());
    own.any(|own| own.eq_ignore_ascii_case(host)) || has_name(servers, host)
}
