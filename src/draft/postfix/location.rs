//! A Postfix host as a location.

use crate::draft::join::{Known, pair};
use crate::draft::postfix::{Host, parameters, services};
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Draft, Pairs, Part, Verdict};
use crate::values::{DomainName, HostTarget, Network};

/// Its location.
pub(in crate::draft) fn draft(draft: &mut Draft, part: &Part, known: &Known) {
    let location = part.location.clone();
    let mut host = Host::of(draft, part);
    let mut keys = vec![pair("kind", "postfix")];
    let own = host.value("myhostname").to_lowercase();
    let path = format!("locations.{location}");
    let mut hosts: Vec<String> = Vec::new();
    if HostTarget::parse(&own).is_ok() && own.contains('.') {
        hosts.push(own.clone());
        host.judge_parameter("myhostname", Verdict::Imported, &format!("{path}.hosts"));
    }
    let more: Vec<String> = known
        .hosts
        .iter()
        .filter(|name| !hosts.contains(name))
        .cloned()
        .collect();
    hosts.extend(more);
    hosts.dedup();
    if !hosts.is_empty() {
        keys.push(pair("hosts", list(&hosts)));
    }
    let helo = host.value("smtp_helo_name").to_lowercase();
    if DomainName::parse(&helo).is_ok() {
        if helo != own {
            keys.push(pair("helo", quoted(&helo)));
        }
        host.judge_parameter("smtp_helo_name", Verdict::Imported, &format!("{path}.helo"));
    }
    let delivers = [
        host.value("virtual_transport"),
        host.value("mailbox_transport"),
    ];
    let delivers = delivers.into_iter().find(|service| service.contains(':'));
    let mut services: Pairs = host
        .draft
        .delivers
        .iter()
        .filter(|(at, ..)| *at == location)
        .map(|(_, pattern, service)| (quoted(pattern), quoted(service)))
        .collect();
    match delivers {
        Some(service) if services.is_empty() => keys.push(pair("delivers_to", quoted(&service))),
        Some(service) => services.push((quoted("*"), quoted(&service))),
        None => {}
    }
    if !services.is_empty() {
        keys.push(pair("delivers_to", mapping(&services)));
    }
    for name in ["virtual_transport", "mailbox_transport"] {
        host.judge_parameter(name, Verdict::Imported, &format!("{path}.delivers_to"));
    }
    let own = host.draft.services.iter();
    let own: Vec<&String> = own
        .filter(|(at, _)| *at == location)
        .map(|(_, service)| service)
        .collect();
    if !own.is_empty() {
        keys.push(pair("transports", list(own)));
    }
    let kinds = host.value("virtual_mailbox_domains")
        + &host.value("transport_maps")
        + &host.value("relay_domains");
    if kinds.contains("hash:") {
        keys.push(pair(
            "map_type",
            if kinds.contains("texthash:") {
                "texthash"
            } else {
                "hash"
            },
        ));
    }
    let size = host.value("message_size_limit");
    if size.parse::<u64>().is_ok_and(|size| size > 0) {
        keys.push(pair("max_message_size", size));
        host.judge_parameter(
            "message_size_limit",
            Verdict::Imported,
            &format!("{path}.max_message_size"),
        );
    }
    if host.parameters.contains_key("recipient_delimiter") {
        keys.push(pair(
            "recipient_delimiter",
            serde_json::Value::from(host.value("recipient_delimiter")).to_string(),
        ));
        host.judge_parameter(
            "recipient_delimiter",
            Verdict::Imported,
            &format!("{path}.recipient_delimiter"),
        );
    } else {
        keys.push(pair("recipient_delimiter", "\"\""));
    }
    let mut trusted = Vec::new();
    let mut is_whole = true;
    for word in host.words("mynetworks") {
        let bare = word.replace(['[', ']'], "");
        match Network::parse(&bare) {
            _ if bare.starts_with("::ffff:127.") => {}
            Ok(network) if network.first().is_loopback() => {}
            Ok(network) if network.prefix_len() >= 8 => trusted.push(network.to_string()),
            _ => is_whole = false,
        }
    }
    if !trusted.is_empty() {
        keys.push(pair("trusted_networks", list(&trusted)));
    }
    if is_whole {
        host.judge_parameter(
            "mynetworks",
            Verdict::Imported,
            &format!("{path}.trusted_networks"),
        );
    }
    if !known.egress.is_empty() {
        keys.push(pair("egress", list(&known.egress)));
    }
    let takes_below = host.takes_below();
    let accepts: Vec<String> = host
        .draft
        .accepted
        .iter()
        .filter(|(at, ..)| *at == location)
        .map(|(_, domain, holds)| {
            let is_own = *holds == 2;
            let kind = if is_own {
                "authoritative"
            } else {
                "internal-relay"
            };
            let mut keys = vec![pair("domain", quoted(domain)), pair("type", kind)];
            let is_listed = host
                .draft
                .below
                .contains(&(location.clone(), domain.clone()));
            if (takes_below || is_listed) && !is_own {
                keys.push(pair("subdomains", "true"));
            }
            mapping(&keys)
        })
        .collect();
    host.judge_parameter(
        "parent_domain_matches_subdomains",
        Verdict::Imported,
        &format!("{path}.accepts"),
    );
    keys.push(pair("accepts", format!("[{}]", accepts.join(", "))));
    // Who exists is asked of a directory, which is not imported.
    for name in ["virtual_mailbox_maps", "relay_recipient_maps"] {
        let why = "a list of recipients, which is not imported";
        for entry in host.entries(name).0 {
            host.judge(entry.at, Verdict::Unmanaged, why);
        }
        host.judge_parameter(name, Verdict::Unmanaged, why);
    }
    for name in [
        "smtpd_relay_restrictions",
        "smtpd_recipient_restrictions",
        "smtpd_client_restrictions",
        "smtpd_sender_restrictions",
        "smtpd_helo_restrictions",
        "smtpd_data_restrictions",
        "smtpd_etrn_restrictions",
    ] {
        // Postfix wants one of the two to keep others from relaying.
        let keeps = match name {
            "smtpd_relay_restrictions" => true,
            "smtpd_recipient_restrictions" => {
                host.parameters.get("smtpd_relay_restrictions") == Some(&"")
            }
            _ => false,
        };
        let words = host.words(name);
        let says_relay = matches!(
            name,
            "smtpd_relay_restrictions" | "smtpd_recipient_restrictions"
        );
        if says_relay && !parameters::let_own_relay(&words) {
            let why = "clients of `mynetworks` may not write to others, and the draft lets them";
            host.judge_parameter(name, Verdict::NotUnderstood, why);
        } else if parameters::are_usual(&words, keeps) {
            host.judge_parameter(
                name,
                Verdict::Default,
                "what every host refuses, or what refuses clients by what they are",
            );
        }
    }
    judge_tls(&mut host);
    services::judge(&mut host);
    for name in [
        "smtp_tls_policy_maps",
        "smtp_use_tls",
        "smtp_sasl_password_maps",
    ] {
        host.judge_parameter(
            name,
            Verdict::Imported,
            "routes: the TLS level and the login of each next hop",
        );
    }
    for (name, usual) in [
        ("default_transport", "smtp"),
        ("relay_transport", "relay"),
        ("local_transport", "local:$myhostname"),
    ] {
        if host.parameters.get(name) == Some(&usual) {
            host.judge_parameter(name, Verdict::Default, "what every host has");
        }
    }
    host.draft.assumed.push(format!("`{location}`: from which addresses its mail leaves is not in its configuration; write `egress`"));
    host.draft.locations.insert(location, keys);
}

/// The levels of TLS, in both directions.
fn judge_tls(host: &mut Host<'_>) {
    let known = ["", "none", "may", "encrypt", "verify", "secure"];
    let level = host.value("smtp_tls_security_level");
    let (verdict, why) = if known.contains(&level.as_str()) {
        (Verdict::Imported, "routes: the TLS level of each next hop")
    } else {
        (
            Verdict::NotUnderstood,
            "the language has no word for this level; the routes have `opportunistic`",
        )
    };
    host.judge_parameter("smtp_tls_security_level", verdict, why);
    let level = host.value("smtpd_tls_security_level");
    let is_offered = level == "may" || level.is_empty() && host.value("smtpd_use_tls") == "yes";
    let (verdict, why) = if is_offered {
        (
            Verdict::NoEffect,
            "TLS is offered, and nobody has to use it",
        )
    } else if level == "encrypt" {
        (
            Verdict::NotUnderstood,
            "mail in the clear is refused from everybody, which the language says of partners alone",
        )
    } else {
        (
            Verdict::NotUnderstood,
            "the host offers no TLS, which the language has no word for",
        )
    };
    for name in ["smtpd_tls_security_level", "smtpd_use_tls"] {
        host.judge_parameter(name, verdict, why);
    }
}
