//! What the reference pages say about parameters that depend on each other, and what Exchange refuses beyond them.
//!
//! Each rule names its page. What no page says is how Exchange Server 2013 checks connectors and rules, with which the
//! vendor's own examples agree. A parameter that a call leaves out is not judged, except where leaving it out is the
//! mistake. This module must not know which object of a spec a call comes from.

use crate::platforms::exchange::call::{Call, holds, items};
use crate::platforms::exchange::catalogue::{Product, has};
use crate::platforms::exchange::desired::COMMENT;
use crate::platforms::exchange::kind::{
    INBOUND_CONNECTOR, OUTBOUND_CONNECTOR, RECEIVE_CONNECTOR, TRANSPORT_RULE,
};
use crate::platforms::exchange::object::Object;
use crate::values::is_private_address;
use crate::writer::powershell::PsValue;
use foldhash::{HashSet, HashSetExt};
use std::net::IpAddr;

/// Entries of `RemoteIPRanges` that every server takes: the most is between 1,200 and 1,300
/// (<https://learn.microsoft.com/exchange/troubleshoot/mailflow/connector-remote-ip-address-limit-exceeded>).
const MOST_RANGES: usize = 1200;

/// What is refused of an object because the spec has more of something than the product takes.
pub(crate) fn too_many(object: &Object) -> Option<String> {
    let property = |(name, _): &&(&str, PsValue)| *name == "RemoteIPRanges";
    let (_, ranges) = object.properties.iter().find(property)?;
    let count = items(ranges).len();
    (count > MOST_RANGES).then(|| {
        format!(
            "the receive connector `{}` has {count} entries in `RemoteIPRanges`, of which Exchange takes at most {MOST_RANGES}: write networks in place of single addresses",
            object.name
        )
    })
}

/// Every rule that the call breaks.
pub(crate) fn broken(call: &Call, product: Product) -> Vec<String> {
    let mut broken = Vec::new();
    let mut rule = |holds: bool, says: &str| {
        if !holds {
            broken.push(says.to_owned());
        }
    };
    for comment in ["Comment", "Comments"] {
        rule(
            all_texts(call, comment, |text| text.chars().count() <= COMMENT),
            "a comment has at most 1,024 characters",
        );
    }
    match call.cmdlet {
        "New-OutboundConnector" | "Set-OutboundConnector" => outbound(call, &mut rule),
        "New-InboundConnector" | "Set-InboundConnector" => inbound(call, &mut rule),
        "New-SendConnector" | "Set-SendConnector" => send(call, &mut rule),
        "New-ReceiveConnector" | "Set-ReceiveConnector" => receive(call, &mut rule),
        "New-AcceptedDomain" | "Set-AcceptedDomain" => accepted_domain(call, product, &mut rule),
        "New-TransportRule" | "Set-TransportRule" => transport_rule(call, &mut rule),
        "Validate-OutboundConnector" => {
            rule(
                all_texts(call, "Recipients", |text| text.contains('@')),
                "Recipients are addresses",
            );
        }
        _ => {}
    }
    broken
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>
fn outbound(call: &Call, rule: &mut impl FnMut(bool, &str)) {
    rule(
        !call.is_new() || call.get("ConnectorType").is_some(),
        "ConnectorType has no documented default",
    );
    for flag in [
        "AllAcceptedDomains",
        "RouteAllMessagesViaOnPremises",
        "SenderRewritingEnabled",
    ] {
        rule(
            !on(call, flag) || !is_other(call, "ConnectorType", "OnPremises"),
            &format!("{flag} requires ConnectorType OnPremises"),
        );
    }
    if let Some(scoped) = call.get("IsTransportRuleScoped") {
        let by_domain = given(call, "RecipientDomains") || on(call, "AllAcceptedDomains");
        rule(
            (*scoped == PsValue::Bool(true)) != by_domain,
            "a connector is for rules (IsTransportRuleScoped) or for domains, and not for both",
        );
    }
    rule(
        !(on(call, "AllAcceptedDomains") && lists(call, "RecipientDomains", "*")),
        "AllAcceptedDomains beside * takes all mail",
    );
    rule(
        !off(call, "UseMXRecord") || given(call, "SmartHosts"),
        "UseMXRecord $false requires SmartHosts",
    );
    rule(
        !given(call, "SmartHosts") || off(call, "UseMXRecord"),
        "SmartHosts requires UseMXRecord $false in the same call",
    );
    rule(
        given(call, "TlsDomain") == lists(call, "TlsSettings", "DomainValidation"),
        "TlsDomain belongs to TlsSettings DomainValidation, and that to it",
    );
    if lists(call, "ConnectorType", "OnPremises") {
        rule(
            !on(call, "UseMXRecord"),
            "UseMXRecord $true is refused with ConnectorType OnPremises",
        );
        rule(
            all_texts(call, "SmartHosts", is_reachable),
            "SmartHosts of ConnectorType OnPremises are names or public IPv4 addresses",
        );
    }
    rule(
        !lists(call, "TlsDomain", "*"),
        "TlsDomain names a host or its domain, never every one",
    );
    for domains in ["RecipientDomains", "TlsDomain"] {
        rule(
            all_texts(call, domains, is_pattern),
            &format!("in {domains} a wildcard is a leading `*.` or `*` alone"),
        );
    }
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>
fn inbound(call: &Call, rule: &mut impl FnMut(bool, &str)) {
    rule(
        !call.is_new() || call.get("ConnectorType").is_some(),
        "ConnectorType has no documented default",
    );
    for flag in [
        "RestrictDomainsToCertificate",
        "RestrictDomainsToIPAddresses",
    ] {
        rule(
            !on(call, flag) || !is_other(call, "ConnectorType", "Partner"),
            &format!("{flag} restricts only ConnectorType Partner"),
        );
    }
    rule(
        !given(call, "TlsSenderCertificateName") || on(call, "RequireTls"),
        "TlsSenderCertificateName requires RequireTls",
    );
    rule(
        !on(call, "RestrictDomainsToCertificate") || given(call, "TlsSenderCertificateName"),
        "RestrictDomainsToCertificate requires TlsSenderCertificateName",
    );
    rule(
        !on(call, "RestrictDomainsToIPAddresses") || given(call, "SenderIPAddresses"),
        "RestrictDomainsToIPAddresses requires SenderIPAddresses",
    );
    rule(
        !lists(call, "ConnectorType", "OnPremises")
            || given(call, "SenderIPAddresses")
            || given(call, "TlsSenderCertificateName"),
        "ConnectorType OnPremises requires SenderIPAddresses or TlsSenderCertificateName",
    );
    rule(
        !(on(call, "RestrictDomainsToCertificate") && on(call, "RestrictDomainsToIPAddresses")),
        "RestrictDomainsToCertificate excludes RestrictDomainsToIPAddresses",
    );
    let partner = lists(call, "ConnectorType", "Partner");
    rule(
        !(partner && given(call, "SenderIPAddresses") && given(call, "TlsSenderCertificateName")),
        "addresses and a certificate do not stand in one Partner connector",
    );
    rule(
        !partner || !given(call, "SenderIPAddresses") || on(call, "RestrictDomainsToIPAddresses"),
        "SenderIPAddresses of a Partner connector requires RestrictDomainsToIPAddresses",
    );
    if on(call, "TreatMessagesAsInternal") {
        rule(
            !is_other(call, "ConnectorType", "OnPremises"),
            "TreatMessagesAsInternal requires ConnectorType OnPremises",
        );
        rule(
            !on(call, "CloudServicesMailEnabled"),
            "TreatMessagesAsInternal excludes CloudServicesMailEnabled",
        );
    }
    rule(
        !given(call, "EFSkipIPs") || off(call, "EFSkipLastIP"),
        "EFSkipIPs requires EFSkipLastIP $false",
    );
    rule(
        call.get("SenderDomains") != Some(&PsValue::Null),
        "SenderDomains is `*` for every sender, never empty",
    );
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-sendconnector>
fn send(call: &Call, rule: &mut impl FnMut(bool, &str)) {
    rule(
        !given(call, "SmartHosts") || off(call, "DNSRoutingEnabled"),
        "SmartHosts requires DNSRoutingEnabled $false in the same call",
    );
    rule(
        !off(call, "DNSRoutingEnabled") || given(call, "SmartHosts"),
        "DNSRoutingEnabled $false requires SmartHosts",
    );
    if given(call, "TlsAuthLevel") {
        rule(
            !on(call, "IgnoreSTARTTLS"),
            "TlsAuthLevel excludes IgnoreSTARTTLS",
        );
        rule(!off(call, "RequireTLS"), "TlsAuthLevel requires RequireTLS");
    }
    rule(
        !(on(call, "RequireTLS") && on(call, "IgnoreSTARTTLS")),
        "RequireTLS excludes IgnoreSTARTTLS",
    );
    rule(
        !(lists(call, "TlsAuthLevel", "DomainValidation") && off(call, "DNSRoutingEnabled"))
            || given(call, "TlsDomain"),
        "DomainValidation with smart hosts requires TlsDomain",
    );
    rule(
        !given(call, "TlsDomain") || lists(call, "TlsAuthLevel", "DomainValidation"),
        "TlsDomain requires TlsAuthLevel DomainValidation",
    );
    let basic = lists(call, "SmartHostAuthMechanism", "BasicAuth")
        || lists(call, "SmartHostAuthMechanism", "BasicAuthRequireTLS");
    rule(
        !basic || given(call, "AuthenticationCredential"),
        "basic authentication requires AuthenticationCredential",
    );
    let mechanisms = call
        .get("SmartHostAuthMechanism")
        .map_or(0, |value| items(value).len());
    rule(
        mechanisms < 2,
        "SmartHostAuthMechanism is one of its values",
    );
    let spaces = if call.is_new() {
        given(call, "AddressSpaces")
    } else {
        call.get("AddressSpaces") != Some(&PsValue::Null)
    };
    rule(
        spaces,
        "a send connector without address space takes no mail",
    );
    rule(
        all_texts(call, "AddressSpaces", is_address_space),
        "an address space is [TYPE:]SPACE[;COST] with a cost from 1 to 100",
    );
    rule(all_texts(call, "Fqdn", is_one_name), ONE_NAME);
}

const ONE_NAME: &str = "Fqdn is what one server calls itself, never a name with *";

fn is_one_name(text: &str) -> bool {
    !text.contains('*')
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-receiveconnector>
fn receive(call: &Call, rule: &mut impl FnMut(bool, &str)) {
    let usage = |name: &str| lists(call, "Usage", name) || on(call, name);
    if usage("Client") || usage("Internal") {
        rule(
            !given(call, "Bindings"),
            "Bindings cannot be used with Usage Client or Internal",
        );
    }
    if usage("Internet") || usage("Partner") || usage("Custom") {
        rule(
            given(call, "Bindings"),
            "Bindings is required for Usage Internet, Partner and Custom",
        );
    }
    if usage("Internet") {
        rule(
            !given(call, "RemoteIPRanges"),
            "RemoteIPRanges cannot be used with Usage Internet",
        );
    }
    if usage("Client") || usage("Internal") || usage("Partner") || usage("Custom") {
        rule(
            given(call, "RemoteIPRanges"),
            "RemoteIPRanges is required except for Usage Internet",
        );
    }
    rule(
        call.get("RemoteIPRanges") != Some(&PsValue::Null),
        "a receive connector without remote ranges takes no mail",
    );
    let mechanism = |name: &str| lists(call, "AuthMechanism", name);
    let count = call
        .get("AuthMechanism")
        .map_or(0, |value| items(value).len());
    rule(
        !mechanism("None") || count == 1,
        "AuthMechanism None stands alone",
    );
    rule(
        !mechanism("BasicAuthRequireTLS") || (mechanism("BasicAuth") && mechanism("Tls")),
        "BasicAuthRequireTLS requires BasicAuth and Tls",
    );
    rule(
        !on(call, "RequireTLS") || call.get("AuthMechanism").is_none() || mechanism("Tls"),
        "RequireTLS requires AuthMechanism Tls",
    );
    if mechanism("ExternalAuthoritative") {
        rule(
            count == 1 || (count == 2 && mechanism("Tls")),
            "beside ExternalAuthoritative only Tls may stand",
        );
        rule(
            lists(call, "PermissionGroups", "ExchangeServers"),
            "ExternalAuthoritative requires PermissionGroups ExchangeServers",
        );
    }
    rule(all_texts(call, "Fqdn", is_one_name), ONE_NAME);
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/set-accepteddomain>
fn accepted_domain(call: &Call, product: Product, rule: &mut impl FnMut(bool, &str)) {
    if matches!(product, Product::Server(_)) {
        return;
    }
    rule(
        !lists(call, "DomainType", "ExternalRelay"),
        "ExternalRelay exists on Exchange Server alone",
    );
    rule(
        !on(call, "MatchSubDomains") || !is_other(call, "DomainType", "InternalRelay"),
        "MatchSubDomains requires InternalRelay",
    );
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-transportrule>
fn transport_rule(call: &Call, rule: &mut impl FnMut(bool, &str)) {
    for (name, _) in &call.parameters {
        if name.ends_with("DomainIs") {
            rule(
                all_texts(call, name, |text| !text.contains('*')),
                &format!("{name} means subdomains too and takes no wildcard"),
            );
        }
    }
    rule(
        call.get("Comments") != Some(&PsValue::Null),
        "Comments is cleared by an empty text: $null leaves it as it is",
    );
    for (name, _) in &call.parameters {
        rule(
            all_texts(call, name, |text| refused_in_rule(name, text).is_none()),
            &format!("{name} has a word or a pattern that is refused"),
        );
    }
    for (header, words) in [
        ("HeaderContainsMessageHeader", "HeaderContainsWords"),
        ("HeaderMatchesMessageHeader", "HeaderMatchesPatterns"),
        (
            "ExceptIfHeaderContainsMessageHeader",
            "ExceptIfHeaderContainsWords",
        ),
        (
            "ExceptIfHeaderMatchesMessageHeader",
            "ExceptIfHeaderMatchesPatterns",
        ),
        ("SetHeaderName", "SetHeaderValue"),
    ] {
        rule(
            given(call, header) == given(call, words),
            &format!("{header} and {words} stand together"),
        );
    }
}

/// Every rule that objects break together, in the order in which they are made.
///
/// A rule that names a connector: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-transportrule>. The
/// role of a port: <https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors>
pub(crate) fn broken_together(objects: &[Object], product: Product, edge: bool) -> Vec<String> {
    let mut broken = Vec::new();
    let mut names = HashSet::new();
    for (index, object) in objects.iter().enumerate() {
        let before = objects.iter().take(index);
        let is_first = names.insert((object.kind.name, object.name.to_lowercase()));
        if object.is_written() && !is_first {
            broken.push(format!(
                "{} `{}` stands twice, and Exchange takes no notice of case",
                object.kind.name, object.name
            ));
        }
        let property = |name: &str| value_of(object, name);
        if *object.kind == TRANSPORT_RULE {
            let mut connectors = before.filter(|other| needs(object, other));
            let usable = |other: &Object| {
                let is_for_rules = is_true(other, "Enabled")
                    && is_true(other, "IsTransportRuleScoped")
                    && other.stage == object.stage;
                other.kept || is_for_rules
            };
            if property("RouteMessageOutboundConnector").is_some() && !connectors.any(usable) {
                broken.push(format!(
                    "rule `{}` names no connector that is enabled, for rules, and made in the same step",
                    object.name
                ));
            }
        } else if *object.kind == OUTBOUND_CONNECTOR
            && object.is_written()
            && is_true(object, "RouteAllMessagesViaOnPremises")
        {
            let mut connectors = before.filter(|other| needs(object, other));
            if connectors.next().is_none() {
                broken.push(format!(
                    "connector `{}` has RouteAllMessagesViaOnPremises, and no enabled inbound connector of the type OnPremises is made before it",
                    object.name
                ));
            }
        } else if *object.kind == RECEIVE_CONNECTOR
            && object.is_written()
            && !object.takes
            && !edge
            && has("New-ReceiveConnector", "TransportRole", product)
        {
            let role = object.new.iter().find(|(name, _)| *name == "TransportRole");
            if role.is_none_or(|(_, role)| *role != PsValue::from("FrontendTransport")) {
                broken.push(format!(
                    "connector `{}` would be one of the transport service, whose port 25 is the front end's",
                    object.name
                ));
            }
        }
    }
    broken
}

/// Whether an object cannot be made without another: a rule without its connector, and a connector for all mail of a tenant
/// without one that takes mail of own servers.
pub(crate) fn needs(object: &Object, other: &Object) -> bool {
    if *object.kind == TRANSPORT_RULE {
        let target = value_of(object, "RouteMessageOutboundConnector");
        return *other.kind == OUTBOUND_CONNECTOR
            && target == Some(&PsValue::from(other.name.as_str()));
    }
    let own = PsValue::from("OnPremises");
    *object.kind == OUTBOUND_CONNECTOR
        && is_true(object, "RouteAllMessagesViaOnPremises")
        && *other.kind == INBOUND_CONNECTOR
        && (other.kept
            || other.found_by.is_some()
            || (is_true(other, "Enabled") && value_of(other, "ConnectorType") == Some(&own)))
}

fn value_of<'o>(object: &'o Object, name: &str) -> Option<&'o PsValue> {
    let found = object.properties.iter().find(|(own, _)| *own == name);
    found.map(|(_, value)| value)
}

fn is_true(object: &Object, name: &str) -> bool {
    value_of(object, name) == Some(&PsValue::Bool(true))
}

/// Set, and to something.
fn given(call: &Call, parameter: &str) -> bool {
    call.get(parameter)
        .is_some_and(|value| !items(value).is_empty())
}

fn on(call: &Call, parameter: &str) -> bool {
    matches!(
        call.get(parameter),
        Some(PsValue::Bool(true) | PsValue::Switch(true))
    )
}

fn off(call: &Call, parameter: &str) -> bool {
    matches!(call.get(parameter), Some(PsValue::Bool(false)))
}

fn lists(call: &Call, parameter: &str, word: &str) -> bool {
    call.get(parameter).is_some_and(|value| holds(value, word))
}

/// Set, but to something other than the word.
fn is_other(call: &Call, parameter: &str, word: &str) -> bool {
    call.get(parameter).is_some_and(|value| !holds(value, word))
}

fn all_texts(call: &Call, parameter: &str, fits: impl Fn(&str) -> bool) -> bool {
    call.get(parameter).is_none_or(|value| {
        items(value).iter().all(|item| match item {
            PsValue::String(text) => fits(text),
            _ => true,
        })
    })
}

/// What a condition of a mail-flow rule refuses in a text, and why.
pub(crate) fn refused_in_rule<'t>(
    parameter: &str,
    text: &'t str,
) -> Option<(&'t str, &'static str)> {
    if parameter.ends_with("MatchesPatterns") {
        let refused = text.starts_with("\\S") || text.ends_with("\\S");
        return refused.then_some((text, "a pattern that begins or ends with `\\S`"));
    }
    if !parameter.ends_with("ContainsWords") {
        return None;
    }
    // Words of the directory stand behind the name of their attribute, divided by commas.
    let of_directory = text
        .split_once(':')
        .filter(|_| parameter.contains("ADAttribute"));
    let words = of_directory.map_or(text, |(_, words)| words);
    let mut words = words.split(|c| c == ',' && of_directory.is_some());
    let refused = |word: &&str| word.trim() != *word || word.chars().count() > 128;
    let word = words.find(refused)?;
    Some((
        word,
        "a word of more than 128 characters or with blanks at its ends",
    ))
}

/// Whether a tenant can reach a host of our own by this name or address.
pub(crate) fn is_reachable(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_ipv4() && !is_private_address(address),
        Err(_) => true,
    }
}

fn is_pattern(text: &str) -> bool {
    text == "*" || !text.strip_prefix("*.").unwrap_or(text).contains('*')
}

/// `--` stands for all accepted domains of an Edge Transport server.
fn is_address_space(text: &str) -> bool {
    let space = text.split_once(':').map_or(text, |(_, space)| space);
    let (space, cost) = space.split_once(';').unwrap_or((space, "1"));
    let cost_fits = cost.parse().is_ok_and(|cost: u8| (1..=100).contains(&cost));
    cost_fits && !space.is_empty() && is_pattern(space)
}

#[cfg(test)]
mod tests {
    use super::{Object, PsValue, broken_together};
    use crate::platforms::exchange::catalogue::Product;
    use crate::platforms::exchange::kind::{INBOUND_CONNECTOR, OUTBOUND_CONNECTOR};

    #[test]
    fn a_detour_needs_a_connector_of_our_own_servers_before_it() {
        let mut detour = Object::new(&OUTBOUND_CONNECTOR, "cloud to hq");
        detour.properties = vec![("RouteAllMessagesViaOnPremises", PsValue::Bool(true))];
        let own = |kind: &str, enabled: bool| {
            let mut own = Object::new(&INBOUND_CONNECTOR, "cloud from hq");
            own.properties = vec![
                ("ConnectorType", PsValue::from(kind)),
                ("Enabled", PsValue::Bool(enabled)),
            ];
            own
        };
        let of_wizard = Object {
            kept: true,
            ..Object::new(&INBOUND_CONNECTOR, "Inbound from 1")
        };
        for (objects, holds) in [
            (vec![own("OnPremises", true), detour.clone()], true),
            (vec![of_wizard, detour.clone()], true),
            (vec![own("OnPremises", false), detour.clone()], false),
            (vec![own("Partner", true), detour.clone()], false),
            (vec![detour.clone(), own("OnPremises", true)], false),
            (vec![detour.clone()], false),
        ] {
            let broken = broken_together(&objects, Product::Online, false);
            assert_eq!(broken.is_empty(), holds, "{broken:?} of {objects:?}");
        }
    }
}
