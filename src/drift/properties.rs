//! Properties of live objects, put where the walk reads them.

use crate::drift::compared::ANY_RECIPIENT;
use crate::drift::objects::Effect;
use crate::drift::values::{
    capability, connector_type, domains, hosts, networks, number, patterns, spaces, text,
    tls_auth_level, tls_settings, truth,
};
use crate::import::{Live, LiveObject};
use crate::platforms::exchange::effect::no_effect;
use crate::platforms::exchange::forms::parts;
use crate::platforms::exchange::kind::ALL;
use crate::platforms::exchange_online::{InboundConnector, OutboundConnector};
use crate::platforms::exchange_server::{Grant, ReceiveConnector, SendConnector};
use crate::routes::{NextHop, Route, RoutePattern};
use crate::values::{Host, HostTarget, Pattern};

/// What the differences of an object are put into.
pub(super) enum Target<'p> {
    Outbound(&'p mut OutboundConnector, Option<&'p mut Route>),
    Inbound(&'p mut InboundConnector),
    Send(&'p mut SendConnector, Option<&'p mut Route>),
    Receive(&'p mut ReceiveConnector),
}

/// Puts all properties of an object that exists; the right to relay is no property, and comes last.
pub(super) fn set_all(mut target: Target<'_>, live: &LiveObject) {
    for name in live
        .properties
        .keys()
        .map(String::as_str)
        .chain([ANY_RECIPIENT])
    {
        let value = live.properties.get(name).unwrap_or(&Live::Null);
        set(&mut target, name, value, live);
    }
}

/// Puts a property of an object that exists, and says what that does.
pub(super) fn set(target: &mut Target<'_>, name: &str, value: &Live, live: &LiveObject) -> Effect {
    let done = match target {
        Target::Outbound(connector, route) => set_outbound(connector, route, name, value, live),
        Target::Inbound(connector) => set_inbound(connector, name, value),
        Target::Send(connector, route) => set_send(connector, route, name, value, live),
        Target::Receive(connector) => set_receive(connector, name, value, live),
    };
    match done {
        Some(()) => Effect::Followed,
        None => effect(&live.kind, name),
    }
}

/// What a difference does that nobody followed.
pub(super) fn effect(kind: &str, name: &str) -> Effect {
    let kind = ALL.iter().copied().find(|known| known.name == kind);
    match no_effect(kind, name) {
        Some(_) => Effect::Nothing,
        None => Effect::Open,
    }
}

/// The smart hosts, unless the connector looks the MX up.
fn hosts_unless(live: &LiveObject, looks_up: &str) -> Vec<String> {
    if live.is_on(looks_up) {
        Vec::new()
    } else {
        hosts(live)
    }
}

fn set_outbound(
    connector: &mut OutboundConnector,
    route: &mut Option<&mut Route>,
    name: &str,
    value: &Live,
    live: &LiveObject,
) -> Option<()> {
    match name {
        // A connector that is only tested takes no mail.
        "Enabled" | "TestMode" => {
            connector.enabled = live.is_on("Enabled") && !live.is_on("TestMode");
        }
        "ConnectorType" => connector.connector_type = connector_type(value)?,
        "RecipientDomains" => connector.recipient_domains = patterns(value)?,
        "AllAcceptedDomains" => connector.all_accepted_domains = truth(value)?,
        "UseMXRecord" | "SmartHosts" => connector.smart_hosts = hosts_unless(live, "UseMXRecord"),
        "TlsSettings" => connector.tls_settings = tls_settings(value)?,
        "TlsDomain" => connector.tls_domain = text(value),
        "IsTransportRuleScoped" => connector.is_transport_rule_scoped = truth(value)?,
        "RouteAllMessagesViaOnPremises" => {
            connector.route_all_messages_via_on_premises = truth(value)?;
        }
        "CloudServicesMailEnabled" => connector.cloud_services_mail_enabled = truth(value)?,
        "SenderRewritingEnabled" => connector.sender_rewriting_enabled = Some(truth(value)?),
        _ => return None,
    }
    if let Some(route) = route {
        route.enabled = connector.enabled;
        route.only_by_rule = connector.is_transport_rule_scoped;
        // Who is not compared asks for as much as it is shown.
        route.tls = connector.level();
        // Rules choose it for whoever they like, and it lists nobody.
        if !connector.is_transport_rule_scoped {
            follow(
                route,
                &connector.recipient_domains,
                connector.all_accepted_domains,
            );
        }
        lead(route, &connector.smart_hosts, 25);
    }
    Some(())
}

fn set_inbound(connector: &mut InboundConnector, name: &str, value: &Live) -> Option<()> {
    match name {
        "Enabled" => connector.enabled = truth(value)?,
        "ConnectorType" => connector.connector_type = connector_type(value)?,
        "SenderDomains" => connector.sender_domains = patterns(value)?,
        "RequireTls" => connector.require_tls = truth(value)?,
        "RestrictDomainsToCertificate" => {
            connector.restrict_domains_to_certificate = truth(value)?;
        }
        "TlsSenderCertificateName" => connector.tls_sender_certificate_name = text(value),
        "RestrictDomainsToIPAddresses" => {
            connector.restrict_domains_to_ip_addresses = truth(value)?;
        }
        "SenderIPAddresses" => connector.sender_ip_addresses = networks(value)?,
        "AssociatedAcceptedDomains" => {
            connector.associated_accepted_domains = domains(value)?;
        }
        "CloudServicesMailEnabled" => connector.cloud_services_mail_enabled = truth(value)?,
        "TreatMessagesAsInternal" => connector.treat_messages_as_internal = truth(value)?,
        _ => return None,
    }
    Some(())
}

fn set_send(
    connector: &mut SendConnector,
    route: &mut Option<&mut Route>,
    name: &str,
    value: &Live,
    live: &LiveObject,
) -> Option<()> {
    match name {
        "Enabled" => connector.enabled = truth(value)?,
        "AddressSpaces" => connector.address_spaces = spaces(value)?,
        "DNSRoutingEnabled" | "SmartHosts" => {
            connector.smart_hosts = hosts_unless(live, "DNSRoutingEnabled");
        }
        "Port" => connector.port = number(value)?,
        "RequireTLS" => connector.require_tls = truth(value)?,
        "IgnoreSTARTTLS" => connector.ignore_starttls = truth(value)?,
        "TlsAuthLevel" => connector.tls_auth_level = tls_auth_level(value)?,
        "TlsDomain" => connector.tls_domain = text(value),
        "CloudServicesMailEnabled" => {
            connector.cloud_services_mail_enabled = Some(truth(value)?);
        }
        _ => return None,
    }
    if let Some(route) = route {
        route.enabled = connector.enabled;
        route.tls = connector.level();
        let spaces: Vec<Pattern> = connector
            .address_spaces
            .iter()
            .map(|(pattern, _)| pattern.clone())
            .collect();
        follow(route, &spaces, false);
        lead(route, &connector.smart_hosts, connector.port);
    }
    Some(())
}

fn set_receive(
    connector: &mut ReceiveConnector,
    name: &str,
    value: &Live,
    live: &LiveObject,
) -> Option<()> {
    match name {
        "RemoteIPRanges" => connector.remote_ip_ranges = networks(value)?,
        // Together these say what its clients may do, whichever of them differ.
        "Enabled" | "AuthMechanism" | "PermissionGroups" | ANY_RECIPIENT => {
            connector.enabled = live.is_on("Enabled");
            connector.grant = grant(live, connector.grant);
        }
        "RequireTLS" => connector.require_tls = truth(value)?,
        "TlsDomainCapabilities" => connector.accept_cloud_services_mail_from = capability(value),
        _ => return None,
    }
    Some(())
}

/// What clients of a Receive connector may do. Where the export does not hold the right to relay, it is as `planned`.
fn grant(live: &LiveObject, planned: Grant) -> Grant {
    let has = |property: &str, word: &str| has_word(live, property, word);
    if has("AuthMechanism", "externalauthoritative") && has("PermissionGroups", "exchangeservers") {
        return Grant::Trusted;
    }
    let relays = live
        .any_recipient()
        .unwrap_or(planned == Grant::AnyRecipient);
    match (has("PermissionGroups", "anonymoususers"), relays) {
        (false, _) => Grant::Nothing,
        (true, true) => Grant::AnyRecipient,
        (true, false) => Grant::AcceptedDomains,
    }
}

/// Whether one of the words of a property is this one.
pub(crate) fn has_word(live: &LiveObject, property: &str, word: &str) -> bool {
    let items = live.items(property);
    parts(property, items.iter().map(String::as_str)).contains(word)
}

/// Whether an object lets its clients relay, or believes what they say.
pub(super) fn grants_rights(live: &LiveObject) -> bool {
    live.is_on("Enabled")
        && match live.kind.as_str() {
            "InboundConnector" => live.word("ConnectorType") == "OnPremises",
            "ReceiveConnector" => {
                matches!(
                    grant(live, Grant::AcceptedDomains),
                    Grant::AnyRecipient | Grant::Trusted
                )
            }
            _ => false,
        }
}

/// Whether a Receive connector is for all addresses.
pub(crate) fn is_for_everybody(live: &LiveObject) -> bool {
    const ALL: [&str; 4] = [
        "0.0.0.0-255.255.255.255",
        "0.0.0.0/0",
        "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "::/0",
    ];
    let ranges = live.items("RemoteIPRanges");
    let ranges = parts("RemoteIPRanges", ranges.iter().map(String::as_str));
    ALL.iter().any(|all| ranges.contains(*all))
}

/// The patterns of a route are what tells names apart.
fn follow(route: &mut Route, patterns: &[Pattern], accepted: bool) {
    let span = route.origin.span();
    let all = patterns.iter().cloned();
    let all = all.chain(accepted.then_some(Pattern::AcceptedDomains));
    route.recipients = all.map(|pattern| RoutePattern { pattern, span }).collect();
    route.recipients.sort();
}

fn lead(route: &mut Route, hosts: &[String], port: u16) {
    let targets = hosts.iter().filter_map(|host| HostTarget::parse(host).ok());
    let hosts: Vec<Host> = targets.map(|target| Host::new(target, port)).collect();
    route.next_hop = if hosts.is_empty() {
        NextHop::Mx
    } else {
        NextHop::SmartHosts(hosts)
    };
}
