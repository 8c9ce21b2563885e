//! Live objects in place of those of a plan, so that the mail through them can be followed.
//!
//! Every property that decides about mail is put where the walk reads it; of the others nothing depends on them, or nobody
//! follows them and the difference says so.

use crate::drift::objects::{ANY_RECIPIENT, Effect, ObjectDrift, State};
use crate::import::{Live, LiveObject};
use crate::plan::{Configuration, Plan, Takers};
use crate::platforms::exchange::forms::parts;
use crate::platforms::exchange_online::{
    ConnectorType, InboundConnector, OutboundConnector, TlsSettings,
};
use crate::platforms::exchange_server::{Grant, ReceiveConnector, SendConnector, TlsAuthLevel};
use crate::routes::{Acceptance, AcceptedDomain, NextHop, Origin, Route, RouteId, RoutePattern};
use crate::source::{At, Span};
use crate::topology::{AcceptedType, Condition, LocationId, Party};
use crate::values::{DomainName, Host, HostTarget, Network, Pattern};
use std::net::IpAddr;

/// Puts an object as it exists into a plan, and says of each difference what became of it.
pub(super) fn put(plan: &mut Plan, object: &mut ObjectDrift) {
    match object.state {
        State::AsCompiled | State::NotExported => {}
        State::Missing => remove(plan, object),
        State::Unknown => add(plan, object),
        State::Differs => change(plan, object),
    }
}

/// What the differences of an object are put into.
enum Target<'p> {
    Outbound(&'p mut OutboundConnector, Option<&'p mut Route>),
    Inbound(&'p mut InboundConnector),
    Send(&'p mut SendConnector, Option<&'p mut Route>),
    Receive(&'p mut ReceiveConnector),
}

fn change(plan: &mut Plan, object: &mut ObjectDrift) {
    let Some(live) = object.live.clone() else {
        return;
    };
    let (at, kind) = (object.at, object.kind.clone());
    match kind.as_str() {
        "AcceptedDomain" => change_domain(plan, object, &live),
        "OrganizationConfig" => change_settings(plan, object, &live),
        "TransportRule" => change_rule(plan, object, &live),
        _ => {
            let (planned, of_wizard) = (object.planned.clone(), object.of_wizard);
            let Some(mut target) = target(plan, at, &kind, &planned, of_wizard) else {
                return;
            };
            for property in &mut object.properties {
                let any = live.any_recipient.map_or(Live::Null, Live::Bool);
                let value = match property.name.as_str() {
                    ANY_RECIPIENT => &any,
                    name => live.properties.get(name).unwrap_or(&Live::Null),
                };
                property.effect = match value {
                    Live::Lost => Effect::Open,
                    value => set(&mut target, &property.name, value, &live),
                };
            }
        }
    }
}

fn target<'p>(
    plan: &'p mut Plan,
    at: LocationId,
    kind: &str,
    name: &str,
    of_wizard: bool,
) -> Option<Target<'p>> {
    let Plan { places, routes, .. } = plan;
    let place = places.get_mut(at.index())?;
    macro_rules! find {
        ($list:expr) => {
            $list.iter_mut().find(|it| {
                if of_wizard {
                    it.by_wizard
                } else {
                    it.name == name
                }
            })?
        };
    }
    Some(match (&mut place.configuration, kind) {
        (Configuration::ExchangeOnline(tenant), "OutboundConnector") => {
            let connector = find!(tenant.outbound);
            let route = routes.get_mut(connector.route.index());
            Target::Outbound(connector, route)
        }
        (Configuration::ExchangeOnline(tenant), "InboundConnector") => {
            Target::Inbound(find!(tenant.inbound))
        }
        (Configuration::ExchangeServer(server), "SendConnector") => {
            let connector = find!(server.send);
            let route = routes.get_mut(connector.route.index());
            Target::Send(connector, route)
        }
        (Configuration::ExchangeServer(server), "ReceiveConnector") => {
            Target::Receive(find!(server.receive))
        }
        _ => return None,
    })
}

/// Properties that choose no path and refuse no mail.
const WITHOUT_EFFECT: [&str; 10] = [
    "Comment",
    "Comments",
    "EFSkipLastIP",
    "EFSkipIPs",
    "EFUsers",
    "Fqdn",
    "Bindings",
    "MaxMessageSize",
    "SourceTransportServers",
    "SmartHostAuthMechanism",
];

fn set(target: &mut Target<'_>, name: &str, value: &Live, live: &LiveObject) -> Effect {
    let done = match target {
        Target::Outbound(connector, route) => set_outbound(connector, route, name, value, live),
        Target::Inbound(connector) => set_inbound(connector, name, value),
        Target::Send(connector, route) => set_send(connector, route, name, value, live),
        Target::Receive(connector) => set_receive(connector, name, value, live),
    };
    match done {
        Some(()) => Effect::Followed,
        None if WITHOUT_EFFECT.contains(&name) => Effect::Nothing,
        None => Effect::Open,
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
            connector.enabled = is_on(live, "Enabled") && !is_on(live, "TestMode");
        }
        "ConnectorType" => connector.connector_type = connector_type(value)?,
        "RecipientDomains" => connector.recipient_domains = patterns(value)?,
        "AllAcceptedDomains" => connector.all_accepted_domains = truth(value)?,
        "UseMXRecord" | "SmartHosts" => {
            connector.smart_hosts = if is_on(live, "UseMXRecord") {
                Vec::new()
            } else {
                hosts(live)
            };
        }
        "TlsSettings" => connector.tls_settings = tls_settings(value)?,
        "TlsDomain" => connector.tls_domain = text(value),
        "IsTransportRuleScoped" => connector.is_transport_rule_scoped = truth(value)?,
        "RouteAllMessagesViaOnPremises" => {
            connector.route_all_messages_via_on_premises = truth(value)?;
        }
        "CloudServicesMailEnabled" => connector.cloud_services_mail_enabled = truth(value)?,
        _ => return None,
    }
    if let Some(route) = route {
        route.enabled = connector.enabled;
        route.only_by_rule = connector.is_transport_rule_scoped;
        follow(
            route,
            &connector.recipient_domains,
            connector.all_accepted_domains,
        );
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
            connector.smart_hosts = if is_on(live, "DNSRoutingEnabled") {
                Vec::new()
            } else {
                hosts(live)
            };
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
        "Enabled" => connector.enabled = truth(value)?,
        "RemoteIPRanges" => connector.remote_ip_ranges = networks(value)?,
        "AuthMechanism" | "PermissionGroups" | ANY_RECIPIENT => match grant(live) {
            Some(grant) => connector.grant = grant,
            // Nobody may use it.
            None => connector.enabled = false,
        },
        "RequireTLS" => connector.require_tls = truth(value)?,
        "TlsDomainCapabilities" => connector.accept_cloud_services_mail_from = capability(value),
        _ => return None,
    }
    Some(())
}

/// What clients of a Receive connector may do; none where they may do nothing.
fn grant(live: &LiveObject) -> Option<Grant> {
    let has = |property: &str, word: &str| {
        let items = live
            .properties
            .get(property)
            .map(Live::items)
            .unwrap_or_default();
        parts(property, items.iter().map(String::as_str)).contains(word)
    };
    if has("AuthMechanism", "externalauthoritative") && has("PermissionGroups", "exchangeservers") {
        return Some(Grant::Trusted);
    }
    has("PermissionGroups", "anonymoususers").then_some(match live.any_recipient {
        Some(true) => Grant::AnyRecipient,
        _ => Grant::AcceptedDomains,
    })
}

/// Whether an object lets its clients relay, or believes what they say.
pub(super) fn grants_rights(live: &LiveObject) -> bool {
    let is_enabled = is_on(live, "Enabled");
    is_enabled
        && match live.kind.as_str() {
            "InboundConnector" => {
                live.properties
                    .get("ConnectorType")
                    .and_then(text)
                    .as_deref()
                    == Some("OnPremises")
            }
            "ReceiveConnector" => {
                matches!(grant(live), Some(Grant::AnyRecipient | Grant::Trusted))
            }
            _ => false,
        }
}

/// Whether a Receive connector is for all addresses.
pub(super) fn is_for_everybody(live: &LiveObject) -> bool {
    const ALL: [&str; 4] = [
        "0.0.0.0-255.255.255.255",
        "0.0.0.0/0",
        "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "::/0",
    ];
    let ranges = live
        .properties
        .get("RemoteIPRanges")
        .map(Live::items)
        .unwrap_or_default();
    let ranges = parts("RemoteIPRanges", ranges.iter().map(String::as_str));
    ALL.iter().any(|all| ranges.contains(*all))
}

fn change_domain(plan: &mut Plan, object: &mut ObjectDrift, live: &LiveObject) {
    let subdomains = is_on(live, "MatchSubDomains");
    let Some(place) = plan.places.get_mut(object.at.index()) else {
        return;
    };
    let mut all: Vec<AcceptedDomain> = place.accepted.iter().cloned().collect();
    for domain in all
        .iter_mut()
        .filter(|at| at.domain.as_str() == object.planned)
    {
        domain.subdomains = subdomains;
    }
    place.accepted = all.into();
    for property in &mut object.properties {
        // Whether unknown addresses are refused depends on a directory that nobody exports.
        property.effect = match property.name.as_str() {
            "MatchSubDomains" => Effect::Followed,
            _ => Effect::Open,
        };
    }
}

fn change_settings(plan: &mut Plan, object: &mut ObjectDrift, live: &LiveObject) {
    let place = plan.places.get_mut(object.at.index());
    if let Some(Configuration::ExchangeOnline(tenant)) = place.map(|place| &mut place.configuration)
    {
        for property in object
            .properties
            .iter_mut()
            .filter(|at| at.name == "RejectDirectSend")
        {
            tenant.settings.reject_direct_send = Some(is_on(live, "RejectDirectSend"));
            property.effect = Effect::Followed;
        }
    }
}

fn change_rule(plan: &mut Plan, object: &mut ObjectDrift, live: &LiveObject) {
    let rules = &mut plan.topology.rules;
    let place = plan.places.get_mut(object.at.index());
    let Some(Configuration::ExchangeOnline(tenant)) = place.map(|place| &mut place.configuration)
    else {
        return;
    };
    let Some(rule) = tenant
        .rules
        .iter_mut()
        .find(|rule| rule.name == object.planned)
    else {
        return;
    };
    let mut is_undecided = false;
    for property in &mut object.properties {
        property.effect = match property.name.as_str() {
            "State" => {
                let state = live.properties.get("State").and_then(text);
                rule.enabled = state.as_deref() == Some("Enabled");
                Effect::Followed
            }
            "RouteMessageOutboundConnector" => {
                let name = live
                    .properties
                    .get("RouteMessageOutboundConnector")
                    .and_then(text);
                rule.connector = name.unwrap_or_default();
                Effect::Followed
            }
            name if WITHOUT_EFFECT.contains(&name) => Effect::Nothing,
            // What it asks for now is not known, so that its mail is followed both ways.
            _ => {
                is_undecided = true;
                Effect::Followed
            }
        };
    }
    if let Some(rule) = rules.get_mut(rule.rule).filter(|_| is_undecided) {
        let condition = Condition::Other(object.name.clone());
        rule.when.push(At::new(condition, rule.span));
    }
}

fn remove(plan: &mut Plan, object: &ObjectDrift) {
    let Some(place) = plan.places.get_mut(object.at.index()) else {
        return;
    };
    let is_it = |name: &str, by_wizard: bool| {
        if object.of_wizard {
            by_wizard
        } else {
            name == object.planned
        }
    };
    if object.kind == "AcceptedDomain" {
        // At servers unnamed subdomains are an object of their own.
        if let Some(base) = object.planned.strip_prefix("*.") {
            let mut all: Vec<AcceptedDomain> = place.accepted.iter().cloned().collect();
            for domain in all.iter_mut().filter(|at| at.domain.as_str() == base) {
                domain.subdomains = false;
            }
            place.accepted = all.into();
        }
        let kept = place
            .accepted
            .iter()
            .filter(|at| at.domain.as_str() != object.planned);
        place.accepted = kept.cloned().collect::<Vec<_>>().into();
    }
    match &mut place.configuration {
        Configuration::ExchangeOnline(tenant) => match object.kind.as_str() {
            "OutboundConnector" => tenant.outbound.retain(|it| !is_it(&it.name, it.by_wizard)),
            "InboundConnector" => tenant.inbound.retain(|it| !is_it(&it.name, it.by_wizard)),
            "TransportRule" => tenant.rules.retain(|it| it.name != object.planned),
            _ => {}
        },
        Configuration::ExchangeServer(server) => match object.kind.as_str() {
            "SendConnector" => server.send.retain(|it| !is_it(&it.name, it.by_wizard)),
            "ReceiveConnector" => server.receive.retain(|it| !is_it(&it.name, it.by_wizard)),
            _ => {}
        },
        Configuration::Postfix(_) | Configuration::Checklist => {}
    }
}

/// Adds what the spec does not have.
fn add(plan: &mut Plan, object: &ObjectDrift) {
    let Some(live) = &object.live else {
        return;
    };
    let at = object.at;
    let span = plan.topology.location(at).span;
    let id = RouteId::from_index(plan.routes.len());
    let mut added: Option<Route> = None;
    let names = || live.properties.keys();
    match object.kind.as_str() {
        "OutboundConnector" => {
            let mut connector = no_outbound(&object.name, id);
            let mut route = Some(destination(plan, at, &object.name, live, span));
            for name in names() {
                let value = live.properties.get(name).unwrap_or(&Live::Null);
                set_outbound(&mut connector, &mut route.as_mut(), name, value, live);
            }
            added = route;
            if let Some(Configuration::ExchangeOnline(tenant)) = configuration(plan, at) {
                tenant.outbound.push(connector);
            }
        }
        "SendConnector" => {
            let mut connector = no_send(&object.name, id);
            let mut route = Some(destination(plan, at, &object.name, live, span));
            for name in names() {
                let value = live.properties.get(name).unwrap_or(&Live::Null);
                set_send(&mut connector, &mut route.as_mut(), name, value, live);
            }
            added = route;
            if let Some(Configuration::ExchangeServer(server)) = configuration(plan, at) {
                server.send.push(connector);
            }
        }
        "InboundConnector" => {
            let mut connector = no_inbound(&object.name);
            for name in names() {
                let value = live.properties.get(name).unwrap_or(&Live::Null);
                set_inbound(&mut connector, name, value);
            }
            if let Some(Configuration::ExchangeOnline(tenant)) = configuration(plan, at) {
                tenant.inbound.push(connector);
            }
        }
        "ReceiveConnector" => {
            let mut connector = no_receive(&object.name);
            for name in names().map(String::as_str).chain([ANY_RECIPIENT]) {
                let value = live.properties.get(name).unwrap_or(&Live::Null);
                set_receive(&mut connector, name, value, live);
            }
            if let Some(Configuration::ExchangeServer(server)) = configuration(plan, at) {
                server.receive.push(connector);
            }
        }
        "AcceptedDomain" => add_domain(plan, object, live, span),
        _ => {}
    }
    plan.routes.extend(added);
}

fn configuration(plan: &mut Plan, at: LocationId) -> Option<&mut Configuration> {
    let place = plan.places.get_mut(at.index())?;
    Some(&mut place.configuration)
}

fn add_domain(plan: &mut Plan, object: &ObjectDrift, live: &LiveObject, span: Span) {
    let Ok(domain) = DomainName::parse(&object.name) else {
        return;
    };
    let kind = live.properties.get("DomainType").and_then(text);
    let kind = match kind.as_deref() {
        Some("Authoritative") => AcceptedType::Authoritative,
        Some("ExternalRelay") => AcceptedType::ExternalRelay,
        _ => AcceptedType::InternalRelay,
    };
    if let Some(place) = plan.places.get_mut(object.at.index()) {
        let mut all: Vec<AcceptedDomain> = place.accepted.iter().cloned().collect();
        all.push(AcceptedDomain {
            domain,
            kind,
            subdomains: is_on(live, "MatchSubDomains"),
            why: Acceptance::Written,
            span,
        });
        all.sort_by(|a, b| a.domain.cmp(&b.domain));
        place.accepted = all.into();
    }
}

/// A route to whoever has the first smart host of a connector; to a host that nobody has it leads outside.
fn destination(plan: &Plan, at: LocationId, name: &str, live: &LiveObject, span: Span) -> Route {
    let first = hosts(live)
        .first()
        .and_then(|host| HostTarget::parse(host).ok());
    let to = first.map(|target| plan.takers(&Host::new(target, 25)));
    let to = match to {
        Some(Takers::Known(parties)) => parties.first().copied().unwrap_or(Party::Internet),
        _ => Party::Internet,
    };
    let mut route = Route::blank(
        name.to_owned(),
        Party::Location(at),
        to,
        Vec::new(),
        Origin::Written(span),
    );
    route.next_hop = NextHop::Mx;
    route
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

fn is_on(live: &LiveObject, property: &str) -> bool {
    live.properties.get(property) == Some(&Live::Bool(true))
}

fn truth(value: &Live) -> Option<bool> {
    match value {
        Live::Bool(truth) => Some(*truth),
        Live::Null => Some(false),
        _ => None,
    }
}

fn number(value: &Live) -> Option<u16> {
    match value {
        Live::Int(number) => u16::try_from(*number).ok(),
        Live::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn text(value: &Live) -> Option<String> {
    value.items().into_iter().next()
}

fn hosts(live: &LiveObject) -> Vec<String> {
    let items = live
        .properties
        .get("SmartHosts")
        .map(Live::items)
        .unwrap_or_default();
    let bare = |host: String| {
        let host = host.trim();
        let inside = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        inside.unwrap_or(host).to_lowercase()
    };
    items
        .into_iter()
        .map(bare)
        .filter(|host| !host.is_empty())
        .collect()
}

fn patterns(value: &Live) -> Option<Vec<Pattern>> {
    Some(
        spaces(value)?
            .into_iter()
            .map(|(pattern, _)| pattern)
            .collect(),
    )
}

fn spaces(value: &Live) -> Option<Vec<(Pattern, u32)>> {
    let space = |text: String| {
        let lower = text.trim().to_lowercase();
        let bare = lower.strip_prefix("local:").unwrap_or(&lower);
        let bare = bare.strip_prefix("smtp:").unwrap_or(bare);
        let (name, cost) = bare.rsplit_once(';').unwrap_or((bare, "1"));
        // The word of a connector for every sender or recipient, in any spelling.
        let name = if name == "--" { "*" } else { name };
        Some((Pattern::parse(name).ok()?, cost.parse().ok()?))
    };
    let all: Option<Vec<(Pattern, u32)>> = value.items().into_iter().map(space).collect();
    let mut all = all?;
    all.sort();
    Some(all)
}

fn domains(value: &Live) -> Option<Vec<DomainName>> {
    let items = value.items();
    let items = parts(
        "AssociatedAcceptedDomains",
        items.iter().map(String::as_str),
    );
    items
        .iter()
        .map(|name| DomainName::parse(name).ok())
        .collect()
}

fn networks(value: &Live) -> Option<Vec<Network>> {
    let mut all = Vec::new();
    for text in value.items() {
        let text = text.trim();
        match text.split_once('-') {
            Some((first, last)) => {
                let first: IpAddr = first.trim().parse().ok()?;
                let last: IpAddr = last.trim().parse().ok()?;
                all.extend(Network::of_range(first, last)?);
            }
            None => all.push(Network::parse(text).ok()?),
        }
    }
    all.sort();
    all.dedup();
    Some(all)
}

fn connector_type(value: &Live) -> Option<ConnectorType> {
    match text(value)?.as_str() {
        "OnPremises" => Some(ConnectorType::OnPremises),
        "Partner" => Some(ConnectorType::Partner),
        _ => None,
    }
}

#[expect(clippy::option_option, reason = "a word that is not known, or none")]
fn tls_settings(value: &Live) -> Option<Option<TlsSettings>> {
    match text(value).as_deref() {
        None => Some(None),
        Some("EncryptionOnly") => Some(Some(TlsSettings::EncryptionOnly)),
        Some("CertificateValidation") => Some(Some(TlsSettings::CertificateValidation)),
        Some("DomainValidation") => Some(Some(TlsSettings::DomainValidation)),
        Some(_) => None,
    }
}

#[expect(clippy::option_option, reason = "a word that is not known, or none")]
fn tls_auth_level(value: &Live) -> Option<Option<TlsAuthLevel>> {
    match text(value).as_deref() {
        None => Some(None),
        Some("EncryptionOnly") => Some(Some(TlsAuthLevel::EncryptionOnly)),
        Some("CertificateValidation") => Some(Some(TlsAuthLevel::CertificateValidation)),
        Some("DomainValidation") => Some(Some(TlsAuthLevel::DomainValidation)),
        Some(_) => None,
    }
}

fn capability(value: &Live) -> Option<String> {
    value.items().into_iter().find_map(|item| {
        let (name, rights) = item.rsplit_once(':')?;
        rights
            .split(',')
            .any(|right| right.trim().eq_ignore_ascii_case("AcceptCloudServicesMail"))
            .then(|| name.to_lowercase())
    })
}

fn no_outbound(name: &str, route: RouteId) -> OutboundConnector {
    OutboundConnector {
        name: name.to_owned(),
        former_names: Vec::new(),
        enabled: false,
        connector_type: ConnectorType::Partner,
        recipient_domains: Vec::new(),
        all_accepted_domains: false,
        smart_hosts: Vec::new(),
        tls_settings: None,
        tls_domain: None,
        is_transport_rule_scoped: false,
        route_all_messages_via_on_premises: false,
        cloud_services_mail_enabled: false,
        validation_recipients: Vec::new(),
        route,
        by_wizard: false,
        managed: false,
    }
}

fn no_inbound(name: &str) -> InboundConnector {
    InboundConnector {
        name: name.to_owned(),
        former_names: Vec::new(),
        enabled: false,
        connector_type: ConnectorType::Partner,
        sender_domains: Vec::new(),
        require_tls: false,
        restrict_domains_to_certificate: false,
        tls_sender_certificate_name: None,
        restrict_domains_to_ip_addresses: false,
        sender_ip_addresses: Vec::new(),
        cloud_services_mail_enabled: false,
        treat_messages_as_internal: false,
        associated_accepted_domains: Vec::new(),
        ef_skip_last_ip: false,
        ef_skip_ips: Vec::new(),
        ef_users: Vec::new(),
        routes: Vec::new(),
        lockdown: None,
        by_wizard: false,
        managed: false,
    }
}

fn no_send(name: &str, route: RouteId) -> SendConnector {
    SendConnector {
        name: name.to_owned(),
        former_names: Vec::new(),
        enabled: false,
        address_spaces: Vec::new(),
        source_transport_servers: Vec::new(),
        smart_hosts: Vec::new(),
        port: 25,
        fqdn: None,
        require_tls: false,
        ignore_starttls: false,
        tls_auth_level: None,
        tls_domain: None,
        tls_certificate: None,
        cloud_services_mail_enabled: None,
        auth: None,
        max_message_size: None,
        route,
        by_wizard: false,
        managed: false,
    }
}

fn no_receive(name: &str) -> ReceiveConnector {
    ReceiveConnector {
        name: name.to_owned(),
        former_names: Vec::new(),
        enabled: false,
        remote_ip_ranges: Vec::new(),
        grant: Grant::AcceptedDomains,
        require_tls: false,
        fqdn: None,
        tls_certificate: None,
        accept_cloud_services_mail_from: None,
        max_message_size: None,
        routes: Vec::new(),
        by_wizard: false,
        managed: false,
    }
}
