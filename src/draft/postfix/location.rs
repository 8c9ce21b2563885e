//! A Postfix host as a location.

use crate::draft::join::{Known, pair};
use crate::draft::postfix::{Host, parameters, services};
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Draft, Pairs, Part, Verdict};
use crate::import::takes_mail;
use crate::values::{DomainName, HostTarget, Network};
use std::collections::BTreeSet;

/// Its location.
pub(in crate::draft) fn draft(draft: &mut Draft, part: &Part, known: &Known) {
    let location = part.location.clone();
    let mut host = Host::of(draft, part);
    let mut keys = vec![pair("kind", "postfix")];
    let own = host.value("myhostname").to_lowercase();
    let path = format!("locations.{location}");
    let mut hosts: Vec<String> = Vec::new();
    let is_named = HostTarget::parse(&own).is_ok() && own.contains('.');
    if is_named {
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
    if !is_named {
        host.draft.assumed.push(format!(
            "`{location}`: what it is called is not in its `main.cf`; write `hosts` with what `postconf -h myhostname` prints there"
        ));
    }
    // The files that are compiled have it there.
    let is_own = host
        .draft
        .accepted
        .iter()
        .any(|(at, name, _)| *at == location && *name == own);
    if is_named
        && !is_own
        && host.in_main("mydestination").is_some()
        && !host.words("mydestination").contains(&own)
    {
        host.draft.assumed.push(format!(
            "`{location}` keeps mail for its own name, `{own}`: its `mydestination` does not have this name"
        ));
    }
    if !takes_mail(&part.export) {
        host.draft.assumed.push(format!(
            "`{location}` takes mail of other servers: its `master.cf` has no service on port 25, where they would come"
        ));
    }
    let helo = host.value("smtp_helo_name").to_lowercase();
    if DomainName::parse(&helo).is_ok() {
        if helo != own {
            keys.push(pair("helo", quoted(&helo)));
        }
        host.judge_parameter("smtp_helo_name", Verdict::Imported, &format!("{path}.helo"));
    } else if host.parameters.get("smtp_helo_name") == Some(&"$myhostname") {
        host.judge_parameter("smtp_helo_name", Verdict::Default, "what every host has");
    }
    let delivers = delivery(&mut host, &path);
    // A service that Postfix does not have by itself is one of master.cf.
    let names = delivers.iter().filter_map(|(_, service)| {
        let name = service.trim_matches('"').split(':').next()?;
        let is_own = [
            "local", "virtual", "lmtp", "smtp", "relay", "discard", "error", "retry",
        ];
        (!is_own.contains(&name)).then(|| (location.clone(), name.to_owned()))
    });
    host.draft.services.extend(names);
    let mut services: Pairs = host
        .draft
        .delivers
        .iter()
        .filter(|(at, ..)| *at == location)
        .map(|(_, pattern, service)| (quoted(pattern), quoted(service)))
        .collect();
    let by_table: BTreeSet<String> = services
        .iter()
        .map(|(pattern, _)| pattern.clone())
        .collect();
    let of_class = delivers
        .iter()
        .filter(|(pattern, _)| !by_table.contains(pattern));
    services.extend(of_class.cloned());
    let is_one = |(pattern, _): &&(String, String)| pattern == "\"*\"" || *pattern == quoted("*");
    match services.first().filter(is_one) {
        Some((_, service)) if services.len() == 1 => {
            keys.push(pair("delivers_to", service.clone()));
        }
        _ if services.is_empty() => {}
        _ => keys.push(pair("delivers_to", mapping(&services))),
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
    let (entries, mut networks) = host.entries("mynetworks");
    for entry in entries {
        networks.push(entry.key);
        host.judge(
            entry.at,
            Verdict::Imported,
            &format!("{path}.trusted_networks"),
        );
    }
    for word in networks {
        let bare = word.replace(['[', ']'], "");
        match Network::parse(&bare) {
            _ if bare.starts_with("::ffff:127.") => {}
            _ if bare == "localhost" || bare.starts_with("localhost.") => {}
            Ok(network) if network.first().is_loopback() => {}
            Ok(network) => trusted.push(network.to_string()),
            Err(_) => is_whole = false,
        }
    }
    if !trusted.is_empty() {
        keys.push(pair("trusted_networks", list(&trusted)));
    }
    if is_whole {
        let path = format!("{path}.trusted_networks");
        host.judge_tables("mynetworks", Verdict::Imported, &path);
    }
    judge_networks(&mut host);
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
        "smtpd_end_of_data_restrictions",
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
        let lists = ["smtpd_relay_restrictions", "smtpd_recipient_restrictions"];
        // Without the first list Postfix has one that keeps them.
        let is_open = host.parameters.contains_key(lists[0])
            && !parameters::keep_relaying(&lists.map(|list| host.words(list)));
        if is_open && lists.contains(&name) {
            let why = "it keeps nobody from relaying";
            host.judge_parameter(name, Verdict::NotUnderstood, why);
        }
        let says_relay = matches!(
            name,
            "smtpd_relay_restrictions" | "smtpd_recipient_restrictions"
        );
        if says_relay && !parameters::let_own_relay(&words) {
            let why = "clients of `mynetworks` may not write to others, and the draft lets them";
            host.judge_parameter(name, Verdict::NotUnderstood, why);
        } else if let Some(word) = parameters::unusual(&words, keeps) {
            let why = format!("what `{word}` refuses or lets in, the draft does not say");
            host.judge_parameter(name, Verdict::NotUnderstood, &why);
        } else {
            let why = "what every host refuses, or what refuses clients by what they are";
            host.judge_parameter(name, Verdict::Default, why);
        }
    }
    judge_tls(&mut host);
    // The host itself alone reaches it.
    let words = host.words("inet_interfaces");
    let is_of_host = |word: &String| {
        matches!(
            word.as_str(),
            "loopback-only" | "localhost" | "[::1]" | "::1"
        ) || word.starts_with("127.")
    };
    let mut accepted = host.draft.accepted.iter();
    let accepts = accepted.any(|(at, ..)| *at == location);
    if accepts && !words.is_empty() && words.iter().all(is_of_host) {
        let why = "nobody but the host itself reaches it, and the draft lets external mail in";
        host.judge_parameter("inet_interfaces", Verdict::NotUnderstood, why);
    }
    services::judge(&mut host);
    for name in [
        "smtp_tls_policy_maps",
        "smtp_use_tls",
        "smtp_sasl_password_maps",
    ] {
        host.judge_tables(
            name,
            Verdict::Imported,
            "routes: the TLS level and the login of each next hop",
        );
    }
    for name in parameters::OF_PATHS {
        if let Some(why) = host.unread(name) {
            host.judge_parameter(name, Verdict::Truncated, &why);
        }
    }
    for (name, usual) in [
        ("default_transport", "smtp"),
        ("relay_transport", "relay"),
        ("local_transport", "local:$myhostname"),
        ("smtpd_reject_unlisted_recipient", "yes"),
        ("smtpd_reject_unlisted_sender", "no"),
    ] {
        if host.parameters.get(name) == Some(&usual) {
            host.judge_parameter(name, Verdict::Default, "what every host has");
        }
    }
    host.draft.assumed.push(format!("`{location}`: from which addresses its mail leaves is not in its configuration; write `egress`"));
    host.draft.locations.insert(location, keys);
}

/// What mail for the host's own domains is handed to, by pattern. Which parameter says so follows from the class of the domain
/// (<https://www.postfix.org/ADDRESS_CLASS_README.html>).
fn delivery(host: &mut Host<'_>, path: &str) -> Pairs {
    let location = host.part.location.clone();
    let of_class = |name: &str| -> Vec<String> {
        let classes = host.draft.classes.iter();
        let own = classes.filter(|((at, _), class)| *at == location && **class == name);
        own.map(|((_, domain), _)| domain.clone()).collect()
    };
    let local = of_class("mydestination");
    let has_virtual = !of_class("virtual_mailbox_domains").is_empty()
        || host.unread("virtual_mailbox_domains").is_some();
    // A service without a next hop may stand there by its name alone.
    let service = |text: String| match text.contains(':') {
        _ if text.is_empty() => None,
        true => Some(text),
        false => Some(format!("{text}:")),
    };
    let path = format!("{path}.delivers_to");
    let mut found = Pairs::new();
    let says = |name: &'static str| Some((name, service(host.value(name))?));
    let is_end = |text: &String| text.starts_with("error:") || text.starts_with("retry:");
    let of_local = says("local_transport")
        .filter(|(_, text)| !text.starts_with("local:"))
        .or_else(|| says("mailbox_transport"));
    let of_virtual = says("virtual_transport");
    for name in ["mailbox_transport", "virtual_transport"] {
        let why = "the host has no domains whose mail is handed to it";
        host.judge_parameter(name, Verdict::NoEffect, why);
    }
    if has_virtual {
        let (name, service) = match of_virtual {
            Some((name, service)) => (name, service),
            None => ("virtual_transport", "virtual:".to_owned()),
        };
        found.push((quoted("*"), quoted(&service)));
        host.judge_parameter(name, Verdict::Imported, &path);
    }
    let (name, service) = of_local.unwrap_or(("local_transport", "local:".to_owned()));
    if local.is_empty() || is_end(&service) {
        return found;
    }
    if name != "local_transport" || !service.starts_with("local:") {
        host.judge_parameter(name, Verdict::Imported, &path);
    }
    match found.first() {
        Some((_, other)) if *other == quoted(&service) => {}
        Some(_) => {
            let each = local.iter();
            let each = each.map(|domain| (quoted(domain), quoted(&service)));
            found.splice(0..0, each);
        }
        None => found.push((quoted("*"), quoted(&service))),
    }
    found
}

/// What the host trusts where `mynetworks` does not say it (<https://www.postfix.org/postconf.5.html#mynetworks_style>).
fn judge_networks(host: &mut Host<'_>) {
    let style = host.value("mynetworks_style");
    let is_set = host.parameters.contains_key("mynetworks");
    let (verdict, why) = match style.as_str() {
        _ if is_set => (Verdict::NoEffect, "`mynetworks` comes first"),
        "host" => (Verdict::Imported, "the host trusts nobody but itself"),
        _ => (
            Verdict::Truncated,
            "what the host trusts follows from its interfaces; `postconf mynetworks` shows it, and the draft has none of it",
        ),
    };
    host.judge_parameter("mynetworks_style", verdict, why);
    let level = host.value("compatibility_level");
    let level = level.split('.').next().unwrap_or_default();
    let is_old = level.parse::<u32>().unwrap_or(0) < 2;
    if !is_set && style.is_empty() && is_old {
        let location = host.part.location.clone();
        host.draft.assumed.push(format!(
            "`{location}` trusts nobody but itself: its `main.cf` has no `mynetworks`, and `postconf mynetworks` shows there what it trusts"
        ));
    }
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
