//! A tenant: its connectors, and its location.

use crate::draft::join::{End, Known, Receiving, Sending, by_addresses, by_certificate, pair};
use crate::draft::places::tenant_label;
use crate::draft::text::{list, mapping, quoted};
use crate::draft::values::{accepts, certificate, hosts, networks, patterns};
use crate::draft::{Connectors, Draft, Part, rules};
use crate::import::{Export, Live, LiveObject};
use crate::values::Environment;
use std::collections::BTreeSet;

/// Its connectors.
pub(super) fn read(part: &Part, found: &mut Connectors) {
    let at = &part.location;
    let domains = part.export.of_kind("AcceptedDomain");
    let accepted: Vec<String> = domains.flat_map(named_by).collect();
    let outbound = part.export.of_kind("OutboundConnector");
    found
        .sending
        .extend(outbound.map(|object| sending(at, object, &accepted)));
    let inbound = part.export.of_kind("InboundConnector");
    found
        .receiving
        .extend(inbound.map(|object| receiving(at, object)));
}

/// Its location.
pub(super) fn draft(draft: &mut Draft, part: &Part, known: &Known) -> Result<(), String> {
    let (location, export) = (&part.location, &part.export);
    let (tenant, environment) = tenant_name(export).ok_or(
        "nothing in it says which tenant it is: export the accepted domains, too, with the one that ends in `.onmicrosoft.com`; beside a configuration of Microsoft365DSC name its `ConfigurationData.psd1`",
    )?;
    let is_filtering_only = export.product.as_deref() == Some("protection");
    let kind = if is_filtering_only {
        "eop"
    } else {
        "exchange-online"
    };
    let mut keys = vec![pair("kind", kind), pair("tenant", quoted(&tenant))];
    match environment {
        Environment::Worldwide => {}
        Environment::China => keys.push(pair("environment", "china")),
        Environment::GccHigh | Environment::Dod => {
            draft.assumed.push(format!(
                "`{location}` is a tenant of GCC High: those of the Department of Defense (`environment: dod`) have names of the same form"
            ));
            keys.push(pair("environment", "gcc-high"));
        }
    }
    let setting = |kind: &str, name: &str| {
        let object = export.of_kind(kind).next()?;
        match object.properties.get(name) {
            Some(Live::Bool(truth)) => Some(*truth),
            _ => None,
        }
    };
    if !is_filtering_only {
        if let Some(rejects) = setting("OrganizationConfig", "RejectDirectSend") {
            keys.push(pair("reject_direct_send", rejects.to_string()));
        }
        if let Some(off) = setting("TransportConfig", "SmtpClientAuthenticationDisabled") {
            keys.push(pair("smtp_auth", if off { "disabled" } else { "enabled" }));
        }
    }
    if known.has_wizard {
        keys.push(pair("hybrid_wizard", "true"));
    }
    // Of the connectors to our own servers all have it or none.
    let mut to_servers = export
        .of_kind("OutboundConnector")
        .filter(|object| object.word("ConnectorType") == "OnPremises")
        .peekable();
    if !is_filtering_only
        && to_servers.peek().is_some()
        && to_servers.all(|object| object.is_on("SenderRewritingEnabled"))
    {
        keys.push(pair("rewrites_sender", "true"));
    }
    if let Some(via) = &known.detour {
        keys.push(pair("centralized_transport", "true"));
        keys.push(pair("sends", mapping(&[pair("via", quoted(via))])));
    }
    let both = |object: &&LiveObject| {
        object.is_on("AllAcceptedDomains")
            && !object.is_on("IsTransportRuleScoped")
            && takes_all(object)
    };
    for object in export.of_kind("OutboundConnector").filter(both) {
        draft.assumed.push(format!(
            "OutboundConnector `{}` takes all mail, that for others too: beside `*` in `RecipientDomains` its `AllAcceptedDomains` adds nothing, and stands under `found`",
            object.name
        ));
    }
    let rules: Vec<&LiveObject> = export.of_kind("TransportRule").collect();
    rules::draft(draft, location, &rules);
    let own = own_domains(export);
    let is_own =
        |object: &LiveObject| own.contains(&object.name.to_lowercase()) && is_as_made(object);
    let domains = export.of_kind("AcceptedDomain");
    keys.push(pair(
        "accepts",
        accepts(domains.filter(|object| !is_own(object))),
    ));
    draft.locations.insert(location.clone(), keys);
    Ok(())
}

/// The domains that a tenant has from the start.
pub(super) fn own_domains(export: &Export) -> Vec<String> {
    let tenant = tenant_name(export).filter(|_| !export.is_of_servers());
    let own = |(tenant, environment): (String, Environment)| {
        let suffix = environment.initial_suffix();
        [
            format!("{tenant}{suffix}"),
            format!("{tenant}.mail{suffix}"),
        ]
    };
    tenant.into_iter().flat_map(own).collect()
}

/// Whether a domain that a tenant has from the start is as it was then.
pub(super) fn is_as_made(domain: &LiveObject) -> bool {
    // What is no truth value is not off: nobody knows what it says.
    let below = domain.properties.get("MatchSubDomains");
    let is_off = matches!(below, None | Some(Live::Null | Live::Bool(false)));
    domain.word("DomainType") == "Authoritative" && is_off
}

/// What stands before `.onmicrosoft.com` or its like in the name of a domain, and the cloud that this is of.
pub(super) fn tenant_of(domain: &str) -> Option<(String, Environment)> {
    const ALL: [Environment; 3] = [
        Environment::Worldwide,
        Environment::GccHigh,
        Environment::China,
    ];
    let name = domain.to_lowercase();
    ALL.iter().find_map(|environment| {
        let label = name.strip_suffix(environment.initial_suffix())?;
        let label = label.strip_suffix(".mail").unwrap_or(label);
        (!label.contains('.')).then(|| (label.to_owned(), *environment))
    })
}

/// Whether a name is the one under which servers reach the mailboxes of a tenant: `contoso.mail.onmicrosoft.com`.
pub(super) fn is_routing_domain(name: &str) -> bool {
    name.contains(".mail.") && tenant_of(name).is_some()
}

/// The name of the tenant, and its cloud.
fn tenant_name(export: &Export) -> Option<(String, Environment)> {
    let mut domains = export.of_kind("AcceptedDomain");
    export
        .tenant
        .as_deref()
        .and_then(tenant_of)
        .or_else(|| domains.find_map(|domain| tenant_of(&domain.name)))
}

/// The patterns of an accepted domain.
fn named_by(domain: &LiveObject) -> Vec<String> {
    let name = domain.name.to_lowercase();
    let below = domain.is_on("MatchSubDomains").then(|| format!("*.{name}"));
    std::iter::once(name).chain(below).collect()
}

fn sending(at: &str, object: &LiveObject, accepted: &[String]) -> Sending {
    let hosts = if object.is_on("UseMXRecord") {
        Vec::new()
    } else {
        hosts(object)
    };
    let mut patterns = patterns(object, "RecipientDomains");
    // The language has a list or the word for all of them.
    if object.is_on("AllAcceptedDomains") && !patterns.is_empty() && !takes_all(object) {
        let all: BTreeSet<&String> = accepted.iter().chain(&patterns).collect();
        patterns = all.into_iter().cloned().collect();
    }
    let is_own = object.word("ConnectorType") == "OnPremises";
    let level = match object.word("TlsSettings").as_str() {
        "EncryptionOnly" => "encrypted",
        "CertificateValidation" => "ca-verified",
        "DomainValidation" => "verified",
        _ => "opportunistic",
    };
    let mut keys = Vec::new();
    if object.is_on("IsTransportRuleScoped") {
        keys.push(pair("only_by_rule", "true"));
        keys.push(pair("recipients", list(["*"])));
    } else if object.is_on("AllAcceptedDomains") && patterns.is_empty() {
        keys.push(pair("recipients", "accepted-domains"));
    } else {
        keys.push(pair("recipients", list(&patterns)));
    }
    let named = if hosts.is_empty() {
        "mx".to_owned()
    } else {
        list(&hosts)
    };
    keys.push(pair("smart_hosts", named));
    keys.push(pair("tls", level));
    let enabled = object.is_enabled();
    if !enabled {
        keys.push(pair("enabled", "false"));
    }
    Sending {
        at: at.to_owned(),
        object: (at.to_owned(), object.kind.clone(), object.name.clone()),
        to: if is_own {
            End::Own
        } else if hosts.iter().any(|host| tenant_label(host).is_some()) {
            End::Tenant
        } else {
            End::Partner
        },
        hosts,
        checked: certificate(&object.word("TlsDomain")),
        patterns,
        keys,
        headers: object.is_on("CloudServicesMailEnabled"),
        enabled,
        is_detour: object.is_on("RouteAllMessagesViaOnPremises"),
        of_wizard: is_of_wizard(object),
    }
}

/// Whether a connector is for every domain by its list.
fn takes_all(object: &LiveObject) -> bool {
    let patterns = patterns(object, "RecipientDomains");
    patterns.iter().any(|pattern| pattern == "*")
}

fn receiving(at: &str, object: &LiveObject) -> Receiving {
    let name = certificate(&object.word("TlsSenderCertificateName"));
    let addresses = networks(object, "SenderIPAddresses");
    let is_own = object.word("ConnectorType") == "OnPremises";
    let restricts_addresses = is_own || object.is_on("RestrictDomainsToIPAddresses");
    let restricts_certificate = is_own || object.is_on("RestrictDomainsToCertificate");
    let known_by = if !name.is_empty() && restricts_certificate {
        by_certificate(&name)
    } else if !addresses.is_empty() && restricts_addresses {
        by_addresses(&addresses)
    } else {
        "nothing".to_owned()
    };
    let mut keys = Vec::new();
    let skipped = networks(object, "EFSkipIPs");
    let skip = if !skipped.is_empty() {
        list(&skipped)
    } else if object.is_on("EFSkipLastIP") {
        "last".to_owned()
    } else {
        "none".to_owned()
    };
    keys.push(pair("skip_listing", skip));
    let users = object.items("EFUsers");
    if !users.is_empty() {
        keys.push(pair("skip_listing_users", list(&users)));
    }
    let only = object.items("AssociatedAcceptedDomains");
    if !only.is_empty() {
        let bare = only
            .iter()
            .map(|path| path.rsplit('/').next().unwrap_or(path));
        keys.push(pair("only_for", list(bare)));
    }
    let level = if object.is_on("RequireTls") {
        "encrypted"
    } else {
        "opportunistic"
    };
    let senders = patterns(object, "SenderDomains");
    let mut alone = vec![pair("tls", level)];
    if !is_own {
        alone.push(pair("senders", list(&senders)));
    }
    // Nobody makes a connector that demands nothing, but mail that it takes is no direct send.
    if !is_own && known_by == "nothing" && !object.is_on("RequireTls") {
        alone.push(pair("managed", "false"));
    }
    Receiving {
        at: at.to_owned(),
        objects: vec![(at.to_owned(), object.kind.clone(), object.name.clone())],
        name: object.name.clone(),
        from: if is_own { End::Own } else { End::Partner },
        known_by,
        certificate: name,
        addresses,
        senders,
        keys,
        alone,
        headers: object.is_on("CloudServicesMailEnabled"),
        trusted: is_own && object.is_on("TreatMessagesAsInternal"),
        enabled: object.is_enabled(),
        relays: None,
        is_unsure: false,
        of_wizard: is_of_wizard(object),
    }
}

fn is_of_wizard(object: &LiveObject) -> bool {
    object.word("ConnectorSource") == "HybridWizard"
}
