//! Objects as the cmdlets show them: the kind of each is known by its properties, because no form names it for certain.

use crate::import::{Live, LiveObject};
use std::collections::BTreeMap;

/// Kinds by properties that objects of no other kind show; one is enough.
const KINDS: [(&str, &[&str]); 10] = [
    (
        "InboundConnector",
        &[
            "SenderIPAddresses",
            "TlsSenderCertificateName",
            "SenderDomains",
            "RestrictDomainsToCertificate",
        ],
    ),
    (
        "OutboundConnector",
        &[
            "RecipientDomains",
            "TlsSettings",
            "RouteAllMessagesViaOnPremises",
            "IsTransportRuleScoped",
        ],
    ),
    (
        "SendConnector",
        &[
            "AddressSpaces",
            "DNSRoutingEnabled",
            "SourceTransportServers",
        ],
    ),
    (
        "ReceiveConnector",
        &["RemoteIPRanges", "PermissionGroups", "Bindings"],
    ),
    (
        "TransportRule",
        &["RouteMessageOutboundConnector", "SenderAddressLocation"],
    ),
    ("AcceptedDomain", &["DomainType"]),
    (
        "RemoteDomain",
        &["TargetDeliveryDomain", "TrustedMailInboundEnabled"],
    ),
    ("DkimSigningConfig", &["Selector1CNAME"]),
    ("OrganizationConfig", &["IsDehydrated", "RejectDirectSend"]),
    // Servers do not know the first of these; of a mailbox there is a setting of that name, too.
    (
        "TransportConfig",
        &["SmtpClientAuthenticationDisabled", "InternalSMTPServers"],
    ),
];

/// Properties that are lists, whose items may be joined by spaces.
const LISTS: [&str; 24] = [
    "AddressSpaces",
    "AssociatedAcceptedDomains",
    "Bindings",
    "EFSkipIPs",
    "EFUsers",
    "From",
    "FromAddressMatchesPatterns",
    "FromMemberOf",
    "HeaderContainsWords",
    "HeaderMatchesPatterns",
    "RecipientADAttributeContainsWords",
    "RecipientAddressMatchesPatterns",
    "RecipientDomainIs",
    "RecipientDomains",
    "RemoteIPRanges",
    "SenderDomainIs",
    "SenderDomains",
    "SenderIPAddresses",
    "SentTo",
    "SentToMemberOf",
    "SmartHosts",
    "SourceTransportServers",
    "SubjectContainsWords",
    "TlsDomainCapabilities",
];

/// What decides whether a connector acts, and for whom. Where an export does not show it, it has lost it.
const DECIDING: [(&str, [&str; 2]); 4] = [
    ("InboundConnector", ["Enabled", "ConnectorType"]),
    ("OutboundConnector", ["Enabled", "ConnectorType"]),
    ("SendConnector", ["Enabled", "AddressSpaces"]),
    ("ReceiveConnector", ["Enabled", "RemoteIPRanges"]),
];

/// Whether a property is a list.
pub(super) fn is_list(name: &str) -> bool {
    LISTS.contains(&name.strip_prefix("ExceptIf").unwrap_or(name))
}

/// Whether a listing cut a text.
pub(super) fn is_cut(text: &str) -> bool {
    text.ends_with("...") || text.ends_with('…')
}

/// The servers that a text names by their place in the directory: `CN=EX01,CN=Servers,CN=…`.
pub(super) fn servers_in(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let ends = lower.match_indices(",cn=servers,").map(|(at, _)| at);
    ends.filter_map(|end| {
        let start = lower.get(..end)?.rfind("cn=")? + 3;
        text.get(start..end).map(str::to_owned)
    })
    .collect()
}

/// The name of a connector with its server, `EX01\Relay`, from what says it in another way.
fn on_server(name: &str, properties: &BTreeMap<String, Live>) -> String {
    if name.contains('\\') {
        return name.to_owned();
    }
    let text = |by: &str| match properties.get(by) {
        Some(Live::Text(text)) => text.as_str(),
        _ => "",
    };
    let paths = [name, text("Identity"), text("DistinguishedName")];
    let in_path = paths.into_iter().find_map(|path| servers_in(path).pop());
    let server = in_path.unwrap_or_else(|| text("Server").to_owned());
    let own = name.split(',').next().unwrap_or(name);
    let own = match own.get(..3) {
        Some(start) if start.eq_ignore_ascii_case("cn=") => own.get(3..).unwrap_or_default(),
        _ => name,
    };
    if server.is_empty() {
        own.to_owned()
    } else {
        format!("{server}\\{own}")
    }
}

/// A value as it is, whatever form a listing gave it: one that was cut is lost, and so is a size without its unit.
fn whole(name: &str, value: &mut Live) {
    let is_size = name == "MaxMessageSize";
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let is_lost = match value {
        Live::Int(_) => is_size,
        // What stands in braces is a listing of a list, wherever it was copied to.
        Live::Text(text) => {
            is_size && is_number(text) || is_list(name) && (is_cut(text) || text.starts_with('{'))
        }
        Live::List(items) => is_list(name) && items.iter().any(|item| is_cut(item)),
        _ => false,
    };
    if is_lost {
        *value = Live::Lost;
    } else if let Live::List(items) = value
        && is_list(name)
    {
        for item in items {
            if let [server] = servers_in(item).as_slice() {
                item.clone_from(server);
            }
        }
    }
}

/// The object that has these properties.
pub(super) fn live_object(properties: BTreeMap<String, Live>) -> Result<LiveObject, String> {
    let found = KINDS
        .iter()
        .find(|(_, names)| names.iter().any(|name| properties.contains_key(*name)))
        .filter(|_| !properties.contains_key("PrimarySmtpAddress"));
    let Some((kind, _)) = found else {
        return Err("it holds an object that is none of those that carry mail".to_owned());
    };
    of_kind(kind, properties)
}

/// The object of this kind that has these properties.
pub(super) fn of_kind(
    kind: &str,
    mut properties: BTreeMap<String, Live>,
) -> Result<LiveObject, String> {
    let by = match kind {
        "AcceptedDomain" | "RemoteDomain" => "DomainName",
        "DkimSigningConfig" => "Domain",
        "ReceiveConnector" => "Identity",
        _ => "Name",
    };
    let mut names = [by, "Name", "Identity"].into_iter();
    let name = names.find_map(|by| match properties.get(by) {
        Some(Live::Text(name)) => Some(name.clone()),
        Some(Live::Int(name)) => Some(name.to_string()),
        _ => None,
    });
    let name = match (kind, name) {
        ("ArcConfig" | "OrganizationConfig" | "TransportConfig", _) => kind.to_owned(),
        ("ReceiveConnector", Some(name)) => on_server(&name, &properties),
        (_, Some(name)) => name,
        (kind, None) => return Err(format!("it holds a {kind} without `{by}`")),
    };
    // Whole numbers of sizes and priorities stay; an empty text is nothing, but in a comment.
    for (name, value) in &mut properties {
        whole(name, value);
        if *value == Live::Text(String::new()) && !name.starts_with("Comment") {
            *value = Live::Null;
        }
    }
    let deciding = DECIDING.iter().filter(|(of, _)| *of == kind);
    for property in deciding.flat_map(|(_, names)| names) {
        let value = properties.entry((*property).to_owned());
        value.or_insert(Live::Lost);
    }
    Ok(LiveObject {
        kind: kind.to_owned(),
        name,
        properties,
        ..LiveObject::default()
    })
}
