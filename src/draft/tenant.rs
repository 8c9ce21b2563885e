//! The draft of a tenant: its connectors as routes, and a location or partner for each other end.

use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Draft, Item, rules};
use crate::import::{Export, Live, LiveObject};
use std::collections::BTreeSet;

/// Adds a tenant and everything that its objects lead to.
pub(super) fn draft(draft: &mut Draft, location: &str, export: &Export) -> Result<(), String> {
    let of_kind = |kind: &str| -> Vec<&LiveObject> {
        export
            .objects
            .iter()
            .filter(|object| object.kind == kind)
            .collect()
    };
    let tenant = tenant_name(export).ok_or(
        "nothing in it says which tenant it is: export the accepted domains, too, with the one that ends in `.onmicrosoft.com`",
    )?;
    let is_filtering_only = export.product.as_deref() == Some("protection");
    let mut keys = vec![
        pair(
            "kind",
            if is_filtering_only {
                "eop"
            } else {
                "exchange-online"
            },
        ),
        pair("tenant", quoted(&tenant)),
    ];
    let setting = |kind: &str, name: &str| {
        let object = of_kind(kind).first().copied()?;
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
    for connector in of_kind("OutboundConnector") {
        if let Some(via) = outbound(draft, location, connector) {
            keys.push(pair("centralized_transport", "true"));
            keys.push(pair("sends", mapping(&[pair("via", quoted(&via))])));
        }
    }
    for connector in of_kind("InboundConnector") {
        inbound(draft, location, connector);
    }
    rules::draft(draft, location, &of_kind("TransportRule"));
    let signing: BTreeSet<String> = of_kind("DkimSigningConfig")
        .into_iter()
        .filter(|object| is_on(object, "Enabled"))
        .map(|object| object.name.to_lowercase())
        .collect();
    let own = [
        format!("{tenant}.onmicrosoft.com"),
        format!("{tenant}.mail.onmicrosoft.com"),
    ];
    // A tenant that only filters holds no mailboxes.
    let holder = if is_filtering_only {
        let own = draft.locations.keys().next().cloned();
        own.unwrap_or_else(|| {
            let name = draft.name("servers");
            draft
                .locations
                .insert(name.clone(), vec![pair("kind", "smtp")]);
            name
        })
    } else {
        location.to_owned()
    };
    let mut accepts = Vec::new();
    for domain in of_kind("AcceptedDomain") {
        let name = domain.name.to_lowercase();
        let is_as_made =
            word(domain, "DomainType") == "Authoritative" && !is_on(domain, "MatchSubDomains");
        if own.contains(&name) && is_as_made {
            continue;
        }
        let kind = match word(domain, "DomainType").as_str() {
            "InternalRelay" => "internal-relay",
            "ExternalRelay" => "external-relay",
            _ => "authoritative",
        };
        let mut accept = vec![pair("domain", quoted(&name)), pair("type", kind)];
        if is_on(domain, "MatchSubDomains") {
            accept.push(pair("subdomains", "true"));
        }
        accepts.push(mapping(&accept));
        let signs = if signing.contains(&name) {
            list([location])
        } else {
            list::<&str>([])
        };
        draft.assumed.push(format!(
            "`{name}`: its mailboxes are at `{holder}`, and its Internet mail enters at `{location}`; no export says so"
        ));
        let keys = vec![
            pair("mailboxes", quoted(&holder)),
            pair("mx", quoted(location)),
            pair("dkim", signs),
            pair("dns", "none"),
        ];
        draft.domains.insert(name, keys);
    }
    keys.push(pair("accepts", format!("[{}]", accepts.join(", "))));
    draft.locations.insert(location.to_owned(), keys);
    Ok(())
}

/// What stands before `.onmicrosoft.com`.
fn tenant_name(export: &Export) -> Option<String> {
    let of_domain = |name: &str| {
        let name = name.to_lowercase();
        let label = name.strip_suffix(".onmicrosoft.com")?;
        (!label.contains('.')).then(|| label.to_owned())
    };
    let mut domains = export
        .objects
        .iter()
        .filter(|object| object.kind == "AcceptedDomain");
    export
        .tenant
        .as_deref()
        .and_then(of_domain)
        .or_else(|| domains.find_map(|domain| of_domain(&domain.name)))
}

/// A route for an outbound connector; gives the location that all mail makes the detour over, where it does.
fn outbound(draft: &mut Draft, location: &str, connector: &LiveObject) -> Option<String> {
    let hosts: Vec<String> = if is_on(connector, "UseMXRecord") {
        Vec::new()
    } else {
        items(connector, "SmartHosts")
            .iter()
            .map(|host| bare(host))
            .collect()
    };
    let certificate = word(connector, "TlsDomain");
    let is_own = word(connector, "ConnectorType") == "OnPremises";
    let patterns: Vec<String> = items(connector, "RecipientDomains")
        .iter()
        .map(|domain| space(domain))
        .collect();
    let to = if is_own {
        let mut keys = vec![pair("kind", "smtp"), pair("hosts", list(&hosts))];
        if !certificate.is_empty() {
            keys.push(pair("certificate", quoted(&certificate)));
        }
        let known = draft.locations.iter().find(|(_, known)| **known == keys);
        if let Some((name, _)) = known {
            name.clone()
        } else {
            let wanted = hosts
                .first()
                .map_or(connector.name.as_str(), String::as_str);
            let name = draft.name(wanted);
            draft.assumed.push(format!(
                "`{name}` is a mail server of yours that is not imported: OutboundConnector `{}` leads to it",
                connector.name
            ));
            draft.locations.insert(name.clone(), keys);
            name
        }
    } else {
        let name = draft.name(&connector.name);
        let mut keys = vec![pair(
            "domains",
            list(patterns.iter().filter(|pattern| pattern.as_str() != "*")),
        )];
        if !certificate.is_empty() {
            keys.push(pair("certificate", quoted(&certificate)));
        }
        draft.partners.insert(name.clone(), keys);
        name
    };
    let level = match word(connector, "TlsSettings").as_str() {
        "EncryptionOnly" => "encrypted",
        "CertificateValidation" => "ca-verified",
        "DomainValidation" => "verified",
        _ => "opportunistic",
    };
    let (name, _) = draft.route_name(&connector.name);
    let mut keys = vec![
        pair("name", quoted(&name)),
        pair("from", quoted(location)),
        pair("to", quoted(&to)),
    ];
    if is_on(connector, "IsTransportRuleScoped") {
        keys.push(pair("only_by_rule", "true"));
        keys.push(pair("recipients", list(["*"])));
    } else if is_on(connector, "AllAcceptedDomains") {
        keys.push(pair("recipients", "accepted-domains"));
    } else {
        keys.push(pair("recipients", list(&patterns)));
    }
    let hosts = if hosts.is_empty() {
        "mx".to_owned()
    } else {
        list(&hosts)
    };
    keys.push(pair("smart_hosts", hosts));
    keys.push(pair("tls", level));
    if !is_on(connector, "Enabled") {
        keys.push(pair("enabled", "false"));
    }
    if is_own {
        let headers = is_on(connector, "CloudServicesMailEnabled");
        keys.push(pair("hybrid_headers", headers.to_string()));
    }
    draft.routes.push(Item {
        object: (connector.kind.clone(), connector.name.clone()),
        keys,
    });
    is_on(connector, "RouteAllMessagesViaOnPremises").then_some(to)
}

/// A route for an inbound connector.
fn inbound(draft: &mut Draft, location: &str, connector: &LiveObject) {
    let certificate = word(connector, "TlsSenderCertificateName");
    let addresses: Vec<String> = items(connector, "SenderIPAddresses")
        .iter()
        .map(|address| address.trim().to_owned())
        .collect();
    let is_own = word(connector, "ConnectorType") == "OnPremises";
    let restricts_addresses = is_own || is_on(connector, "RestrictDomainsToIPAddresses");
    let restricts_certificate = is_own || is_on(connector, "RestrictDomainsToCertificate");
    let known_by = if !certificate.is_empty() && restricts_certificate {
        mapping(&[pair("certificate", quoted(&certificate))])
    } else if !addresses.is_empty() && restricts_addresses {
        mapping(&[pair("addresses", list(&addresses))])
    } else {
        "nothing".to_owned()
    };
    let is_known = known_by != "nothing";
    let from = draft.name(&connector.name);
    if is_own {
        let mut keys = vec![pair("kind", "smtp")];
        if !certificate.is_empty() {
            keys.push(pair("certificate", quoted(&certificate)));
        }
        if !addresses.is_empty() {
            keys.push(pair("egress", list(&addresses)));
        }
        draft.assumed.push(format!(
            "`{from}` is a mail server of yours that is not imported: InboundConnector `{}` takes its mail",
            connector.name
        ));
        draft.locations.insert(from.clone(), keys);
    } else {
        let senders: Vec<String> = items(connector, "SenderDomains")
            .iter()
            .map(|at| space(at))
            .collect();
        let mut keys = vec![pair(
            "domains",
            list(senders.iter().filter(|pattern| pattern.as_str() != "*")),
        )];
        if !certificate.is_empty() {
            keys.push(pair("certificate", quoted(&certificate)));
        }
        if !addresses.is_empty() {
            keys.push(pair("addresses", list(&addresses)));
        }
        draft.partners.insert(from.clone(), keys);
    }
    let (name, is_own_name) = draft.route_name(&connector.name);
    if !is_own_name {
        let names = draft.names.entry(location.to_owned()).or_default();
        names.insert(name.clone(), connector.name.clone());
    }
    let mut keys = vec![
        pair("name", quoted(&name)),
        pair("from", quoted(&from)),
        pair("to", quoted(location)),
        pair("recipients", list(["*"])),
        pair("accepted_by", known_by),
        pair(
            "tls",
            if is_on(connector, "RequireTls") {
                "encrypted"
            } else {
                "opportunistic"
            },
        ),
    ];
    if is_own {
        // Who is not known keeps no headers.
        let headers = is_on(connector, "CloudServicesMailEnabled") && is_known;
        keys.push(pair("hybrid_headers", headers.to_string()));
        if is_on(connector, "TreatMessagesAsInternal") {
            keys.push(pair("trusted", "true"));
        }
    } else {
        let senders = items(connector, "SenderDomains");
        keys.push(pair("senders", list(senders.iter().map(|at| space(at)))));
    }
    let skipped = items(connector, "EFSkipIPs");
    let skip = if !skipped.is_empty() {
        list(&skipped)
    } else if is_on(connector, "EFSkipLastIP") {
        "last".to_owned()
    } else {
        "none".to_owned()
    };
    keys.push(pair("skip_listing", skip));
    let users = items(connector, "EFUsers");
    if !users.is_empty() {
        keys.push(pair("skip_listing_users", list(&users)));
    }
    let only = items(connector, "AssociatedAcceptedDomains");
    if !only.is_empty() {
        let bare = only
            .iter()
            .map(|path| path.rsplit('/').next().unwrap_or(path));
        keys.push(pair("only_for", list(bare)));
    }
    if !is_on(connector, "Enabled") {
        keys.push(pair("enabled", "false"));
    }
    draft.routes.push(Item {
        object: (connector.kind.clone(), connector.name.clone()),
        keys,
    });
}

pub(super) fn pair(key: &str, value: impl Into<String>) -> (String, String) {
    (key.to_owned(), value.into())
}

pub(super) fn is_on(object: &LiveObject, property: &str) -> bool {
    object.properties.get(property) == Some(&Live::Bool(true))
}

pub(super) fn items(object: &LiveObject, property: &str) -> Vec<String> {
    let value = object.properties.get(property);
    value.map(Live::items).unwrap_or_default()
}

pub(super) fn word(object: &LiveObject, property: &str) -> String {
    items(object, property)
        .into_iter()
        .next()
        .unwrap_or_default()
}

/// An address space as the language writes it.
fn space(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let bare = lower.strip_prefix("smtp:").unwrap_or(&lower);
    bare.split(';').next().unwrap_or(bare).to_owned()
}

fn bare(host: &str) -> String {
    let host = host.trim();
    let inside = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inside.unwrap_or(host).to_lowercase()
}
