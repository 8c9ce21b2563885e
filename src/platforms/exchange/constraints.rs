//! What the reference pages say about parameters that depend on each other, and what Exchange refuses beyond them.
//!
//! Each rule names its page. What no page says is how Exchange Server 2013 checks connectors and rules, with which the
//! vendor's own examples agree. A parameter that a call leaves out is not judged, except where leaving it out is the
//! mistake. This module must not know which object of a spec a call comes from.

use crate::platforms::exchange::call::{Call, holds, items};
use crate::platforms::exchange::catalogue::{self, Product};
use crate::values::is_private_address;
use crate::writer::powershell::PsValue;
use std::net::IpAddr;

/// The most characters of a comment.
pub(crate) const COMMENT: usize = 1024;

/// Says everything that is wrong with a call, in sentences without a full stop.
pub fn check(call: &Call, product: Product) -> Result<(), Vec<String>> {
    let mut wrong = catalogue::refused(call, product);
    // Of a cmdlet that the product does not have no rule is known.
    if catalogue::exists(call.cmdlet, product) {
        let broken = broken(call, product).into_iter();
        wrong.extend(broken.map(|why| format!("`{}`: {why}", call.cmdlet)));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Every rule that the call breaks.
fn broken(call: &Call, product: Product) -> Vec<String> {
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
