//! A Postfix host: its tables as routes and rules, and its location.
//!
//! Every parameter and every entry of a table that is understood is judged here, where it is read. What is left is judged by
//! the table of parameters that choose no path, or is not understood.

use crate::draft::join::{End, Known, Sending, pair, tenant_label};
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Connectors, Draft, Item, Key, Pairs, Part, Verdict};
use crate::import::{Export, Live, LiveObject};
use crate::values::{DomainName, HostTarget, Network, Pattern};
use std::collections::BTreeMap;

/// Whether a part is a Postfix host.
pub(super) fn is_of_postfix(export: &Export) -> bool {
    export.product.as_deref() == Some("postfix")
}

/// Parameters that choose no path, by how they begin, and why.
const NO_EFFECT: [(&str, &[&str]); 4] = [
    (
        "says how the host runs, and chooses no path",
        &[
            "alias_database",
            "append_dot_mydomain",
            "biff",
            "bounce_queue_lifetime",
            "command_directory",
            "compatibility_level",
            "config_directory",
            "daemon_directory",
            "data_directory",
            "debug",
            "default_process_limit",
            "delay_warning_time",
            "disable_vrfy_command",
            "enable_long_queue_ids",
            "header_size_limit",
            "home_mailbox",
            "html_directory",
            "inet_interfaces",
            "inet_protocols",
            "line_length_limit",
            "mail_name",
            "mail_owner",
            "mail_spool_directory",
            "mailbox_size_limit",
            "mailq_path",
            "maillog_file",
            "manpage_directory",
            "maximal_backoff_time",
            "maximal_queue_lifetime",
            "meta_directory",
            "minimal_backoff_time",
            "mydomain",
            "myorigin",
            "newaliases_path",
            "notify_classes",
            "postscreen_",
            "qmgr_",
            "queue_directory",
            "queue_run_delay",
            "readme_directory",
            "sample_directory",
            "sendmail_path",
            "setgid_group",
            "shlib_directory",
            "smtp_connect_timeout",
            "smtp_destination_",
            "smtpd_banner",
            "smtpd_client_connection",
            "smtpd_client_message",
            "smtpd_client_recipient",
            "smtpd_error_sleep_time",
            "smtpd_hard_error_limit",
            "smtpd_helo_required",
            "smtpd_junk_command_limit",
            "smtpd_recipient_limit",
            "smtpd_soft_error_limit",
            "smtputf8_enable",
            "sender_bcc_maps_",
            "strict_rfc821_envelopes",
            "syslog_",
            "unknown_local_recipient_reject_code",
            "unverified_",
            "mailbox_command",
            "virtual_gid_maps",
            "virtual_mailbox_base",
            "virtual_mailbox_limit",
            "virtual_minimum_uid",
            "virtual_uid_maps",
            "initial_destination_concurrency",
            "default_destination_",
            "local_destination_",
        ],
    ),
    (
        "says how TLS is spoken, not whether it must be",
        &[
            "smtp_tls_CA",
            "smtp_tls_cert_file",
            "smtp_tls_chain_files",
            "smtp_tls_ciphers",
            "smtp_tls_exclude_ciphers",
            "smtp_tls_key_file",
            "smtp_tls_loglevel",
            "smtp_tls_mandatory",
            "smtp_tls_note_starttls_offer",
            "smtp_tls_protocols",
            "smtp_tls_session_cache",
            "smtpd_tls_CA",
            "smtpd_tls_ask_ccert",
            "smtpd_tls_auth_only",
            "smtpd_tls_cert_file",
            "smtpd_tls_chain_files",
            "smtpd_tls_ciphers",
            "smtpd_tls_dh",
            "smtpd_tls_ecdh",
            "smtpd_tls_eecdh_grade",
            "smtpd_tls_exclude_ciphers",
            "smtpd_tls_key_file",
            "smtpd_tls_loglevel",
            "smtpd_tls_mandatory",
            "smtpd_tls_protocols",
            "smtpd_tls_received_header",
            "smtpd_tls_session",
            "smtpd_tls_security_level",
            "smtpd_use_tls",
            "tls_",
            "tlsproxy_",
        ],
    ),
    (
        "says how clients log on, or how this host does",
        &[
            "broken_sasl_auth_clients",
            "smtp_sasl_auth_enable",
            "smtp_sasl_mechanism_filter",
            "smtp_sasl_security_options",
            "smtp_sasl_tls_security_options",
            "smtp_sender_dependent_authentication",
            "smtpd_sasl_",
            "smtp_sasl_type",
            "cyrus_sasl_config_path",
        ],
    ),
    (
        "says how tables are looked up, or which users the host itself has",
        &[
            "alias_maps",
            "local_recipient_maps",
            "default_database_type",
            "parent_domain_matches_subdomains",
        ],
    ),
];

/// Restrictions that every host has, or that refuse clients by what they are and not by the way of their mail.
fn is_usual(restriction: &str) -> bool {
    let usual = [
        "permit",
        "permit_mynetworks",
        "permit_sasl_authenticated",
        "permit_auth_destination",
        "reject_unauth_destination",
        "defer_unauth_destination",
        "reject_unauth_pipelining",
        "permit_tls_clientcerts",
        "warn_if_reject",
    ];
    usual.contains(&restriction)
        || [
            "reject_unknown",
            "reject_non_fqdn",
            "reject_invalid",
            "reject_unlisted",
            "reject_unverified",
        ]
        .iter()
        .any(|start| restriction.starts_with(start))
}

/// A host while it is read.
struct Host<'e> {
    part: &'e Part,
    parameters: BTreeMap<&'e str, &'e str>,
    draft: &'e mut Draft,
}

/// An entry of a table.
struct Entry {
    key: String,
    value: String,
    at: (String, String, String),
}

/// What takes mail out of the host.
struct Way {
    hosts: Vec<String>,
    port: u16,
    text: String,
}

impl<'e> Host<'e> {
    fn of(draft: &'e mut Draft, part: &'e Part) -> Self {
        let main = part.export.of_kind("main.cf").next();
        let parameters = main.into_iter().flat_map(|object| &object.properties);
        let parameters = parameters.filter_map(|(name, value)| match value {
            Live::Text(text) => Some((name.as_str(), text.as_str())),
            _ => None,
        });
        Self {
            part,
            parameters: parameters.collect(),
            draft,
        }
    }

    /// A parameter with the others that it names in place.
    fn value(&self, name: &str) -> String {
        let mut text = self
            .parameters
            .get(name)
            .copied()
            .unwrap_or_default()
            .to_owned();
        for _ in 0..8 {
            let Some(at) = text.find('$') else { break };
            let rest = text.get(at + 1..).unwrap_or_default();
            let (other, length) = if let Some(inside) = rest.strip_prefix('{') {
                let end = inside.find('}').unwrap_or(inside.len());
                (inside.get(..end).unwrap_or_default(), end + 3)
            } else {
                let end = rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                (rest.get(..end).unwrap_or_default(), end + 1)
            };
            let other = self
                .parameters
                .get(other)
                .copied()
                .unwrap_or_default()
                .to_owned();
            let end = (at + length).min(text.len());
            text.replace_range(at..end, &other);
        }
        text
    }

    fn words(&self, name: &str) -> Vec<String> {
        let value = self.value(name);
        let words = value
            .split([',', ' ', '\t'])
            .filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    }

    fn judge(&mut self, at: (String, String, String), verdict: Verdict, why: &str) {
        let (kind, name, property) = at;
        let key = (self.part.location.clone(), kind, name);
        self.draft
            .judged
            .insert((key, property), (verdict, why.to_owned()));
    }

    fn judge_parameter(&mut self, name: &str, verdict: Verdict, why: &str) {
        if self.parameters.contains_key(name) {
            let at = ("main.cf".to_owned(), "main.cf".to_owned(), name.to_owned());
            self.judge(at, verdict, why);
        }
    }

    /// The entries of the tables that a parameter names, and the words of it that are no tables.
    fn entries(&mut self, name: &str) -> (Vec<Entry>, Vec<String>) {
        let raw = self.parameters.get(name).copied().unwrap_or_default();
        let tables = crate::import::tables_in(raw);
        let mut found = Vec::new();
        for table in &tables {
            let objects = self
                .part
                .export
                .of_kind("table")
                .filter(|object| object.name == *table);
            for object in objects {
                for (key, value) in &object.properties {
                    if let Live::Text(value) = value {
                        found.push(Entry {
                            key: key.clone(),
                            value: value.clone(),
                            at: ("table".to_owned(), table.clone(), key.clone()),
                        });
                    }
                }
            }
        }
        let words = self.words(name).into_iter();
        let words = words.filter(|word| !word.contains(':') || word.starts_with('['));
        (found, words.collect())
    }

    /// The domains that a parameter lists, by itself or in tables.
    fn domains(&mut self, name: &str) -> Vec<String> {
        let (entries, words) = self.entries(name);
        let path = format!("locations.{}.accepts", self.part.location);
        let mut domains = Vec::new();
        for entry in entries {
            let domain = DomainName::parse(&entry.key).ok();
            let is_domain = domain.is_some();
            let verdict = if is_domain {
                Verdict::Imported
            } else {
                Verdict::NotUnderstood
            };
            let why = if is_domain {
                path.as_str()
            } else {
                "it is no domain"
            };
            self.judge(entry.at, verdict, why);
            domains.extend(domain.map(|domain| domain.as_str().to_owned()));
        }
        let own = self.value("myhostname").to_lowercase();
        let is_local = |word: &str| word.starts_with("localhost") || word == own;
        let mut is_whole = true;
        for word in words {
            let word = word.to_lowercase();
            if is_local(&word) {
                continue;
            }
            if let Ok(domain) = DomainName::parse(&word) {
                domains.push(domain.as_str().to_owned());
            } else {
                is_whole = false;
            }
        }
        if is_whole {
            self.judge_parameter(name, Verdict::Imported, &path);
        }
        domains.sort();
        domains.dedup();
        domains
    }

    /// How a next hop is reached: its TLS level, and the name on its certificate.
    fn tls(&mut self, next_hop: &str) -> (&'static str, String) {
        let (entries, _) = self.entries("smtp_tls_policy_maps");
        let policy = entries
            .into_iter()
            .find(|entry| entry.key == next_hop.to_lowercase());
        let text = match &policy {
            Some(entry) => entry.value.clone(),
            None => self.value("smtp_tls_security_level"),
        };
        let mut words = text.split_whitespace();
        let level = match words.next().unwrap_or_default() {
            "" if self.value("smtp_use_tls") == "yes" => "opportunistic",
            "" | "none" => "none",
            "encrypt" => "encrypted",
            "verify" | "secure" => "verified",
            // What DANE demands of others depends on their records.
            _ => "opportunistic",
        };
        let name = words
            .find_map(|word| word.strip_prefix("match="))
            .unwrap_or_default();
        let name = name
            .split(':')
            .next()
            .unwrap_or_default()
            .trim_start_matches('.')
            .to_lowercase();
        if let Some(entry) = policy {
            let verdict = if text.starts_with("dane") || text.starts_with("fingerprint") {
                Verdict::NotUnderstood
            } else {
                Verdict::Imported
            };
            self.judge(entry.at, verdict, "routes: the TLS level of this next hop");
        }
        let is_name = HostTarget::parse(&name).is_ok_and(|host| host.ip().is_none());
        (level, if is_name { name } else { String::new() })
    }

    /// Whether the host logs on at a next hop.
    fn login(&mut self, next_hop: &str) -> Option<String> {
        let (entries, _) = self.entries("smtp_sasl_password_maps");
        let bare = next_hop
            .trim_start_matches('[')
            .split(']')
            .next()
            .unwrap_or_default()
            .to_owned();
        let entry = entries
            .into_iter()
            .find(|entry| [next_hop, &bare].contains(&entry.key.as_str()))?;
        self.judge(
            entry.at,
            Verdict::Imported,
            "routes: the name of the login; the password is not copied",
        );
        let word: String = bare
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .take(50)
            .collect();
        Some(format!("{word}-login"))
    }

    /// A connection of this host.
    fn sending(&mut self, key: Key, patterns: Vec<String>, way: &Way, mut more: Pairs) -> Sending {
        let (tls, checked) = if way.hosts.is_empty() {
            let level = self.value("smtp_tls_security_level");
            (
                if level == "encrypt" {
                    "encrypted"
                } else if level.is_empty() || level == "none" {
                    "none"
                } else {
                    "opportunistic"
                },
                String::new(),
            )
        } else {
            self.tls(&way.text)
        };
        let is_plain = checked.is_empty() || way.hosts.first() == Some(&checked);
        let is_for_all = patterns.iter().any(|pattern| pattern == "*");
        let is_own = !patterns.is_empty()
            && patterns.iter().all(|pattern| {
                self.draft
                    .relayed
                    .contains(&(self.part.location.clone(), pattern.clone()))
            });
        let mut keys = vec![pair("recipients", list(&patterns))];
        let named = if way.hosts.is_empty() {
            "mx".to_owned()
        } else if way.text.starts_with('[') {
            list(way.hosts.iter().map(|host| with_port(host, way.port)))
        } else {
            let host = |host: &String| {
                mapping(&[
                    pair("name", quoted(&with_port(host, way.port))),
                    pair("mx", "true"),
                ])
            };
            let hosts: Vec<String> = way.hosts.iter().map(host).collect();
            format!("[{}]", hosts.join(", "))
        };
        keys.push(pair("smart_hosts", named));
        keys.push(pair("tls", tls));
        keys.append(&mut more);
        if let Some(login) = Some(&way.text)
            .filter(|text| !text.is_empty())
            .cloned()
            .and_then(|text| self.login(&text))
        {
            keys.push(pair("auth", quoted(&login)));
        }
        Sending {
            at: self.part.location.clone(),
            object: key,
            to: if is_own {
                End::Own
            } else if way.hosts.iter().any(|host| tenant_label(host).is_some()) {
                End::Tenant
            } else if is_plain && (is_for_all || way.hosts.is_empty()) {
                End::Internet
            } else {
                End::Partner
            },
            hosts: way.hosts.clone(),
            checked,
            patterns,
            keys,
            headers: false,
            enabled: true,
            is_detour: false,
            of_wizard: false,
        }
    }
}

fn with_port(host: &str, port: u16) -> String {
    match port {
        25 => host.to_owned(),
        port if host.contains(':') => format!("[{host}]:{port}"),
        port => format!("{host}:{port}"),
    }
}

/// A next hop: `[host]:port`, or a name whose MX is looked up.
fn way(text: &str) -> Option<Way> {
    let text = text.trim();
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (
                host.strip_prefix("IPv6:")
                    .or_else(|| host.strip_prefix("ipv6:"))
                    .unwrap_or(host),
                port.strip_prefix(':').unwrap_or_default(),
            )
        }
        None => text.rsplit_once(':').unwrap_or((text, "")),
    };
    let port = match port {
        "" | "smtp" => 25,
        "submission" => 587,
        "smtps" | "submissions" => 465,
        port => port.parse().ok()?,
    };
    let host = host.to_lowercase();
    HostTarget::parse(&host).ok()?;
    Some(Way {
        hosts: vec![host],
        port,
        text: text.to_lowercase(),
    })
}

/// The pattern that a key of a table stands for.
fn pattern(key: &str) -> Option<String> {
    let text = match key.strip_prefix('.') {
        Some(base) => format!("*.{base}"),
        None => key.trim_start_matches('@').to_owned(),
    };
    let pattern = Pattern::parse(&text).ok();
    let pattern =
        pattern.filter(|pattern| *pattern != Pattern::AcceptedDomains && !text.contains('@'));
    pattern.map(|pattern| pattern.to_string())
}

/// Its tables as connectors of the join.
pub(super) fn read(draft: &mut Draft, part: &Part, found: &mut Connectors) {
    let location = part.location.clone();
    let mut host = Host::of(draft, part);
    for (name, holds) in [
        ("mydestination", 2),
        ("virtual_mailbox_domains", 2),
        ("relay_domains", 1),
    ] {
        for domain in host.domains(name) {
            if holds == 1 {
                host.draft
                    .relayed
                    .insert((location.clone(), domain.clone()));
            }
            host.draft.accepted.push((location.clone(), domain, holds));
        }
    }
    let key = |name: &str| (location.clone(), "table".to_owned(), name.to_owned());
    // Entries with one next hop are one route.
    let mut by_hop: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in host.entries("transport_maps").0 {
        by_hop.entry(entry.value.clone()).or_default().push(entry);
    }
    host.judge_parameter("transport_maps", Verdict::Imported, "routes");
    let listed: Vec<String> = by_hop
        .values()
        .flatten()
        .filter_map(|entry| pattern(&entry.key))
        .collect();
    for (value, entries) in by_hop {
        let (service, next_hop) = value.split_once(':').unwrap_or((&value, ""));
        let mut patterns = Vec::new();
        let mut known = Vec::new();
        for entry in entries {
            match pattern(&entry.key) {
                Some(pattern) => {
                    patterns.push(pattern);
                    known.push(entry);
                }
                None => host.judge(
                    entry.at,
                    Verdict::NotUnderstood,
                    "a route for one address, which the language has only by a rule of a tenant",
                ),
            }
        }
        if known.is_empty() {
            continue;
        }
        patterns.sort();
        patterns.dedup();
        let next_hop = next_hop.trim();
        // What the host hands to a service beside it is at home here.
        if matches!(service, "lmtp" | "virtual" | "local")
            && known.iter().all(|entry| {
                host.draft
                    .relayed
                    .contains(&(location.clone(), pattern(&entry.key).unwrap_or_default()))
            })
        {
            for entry in known {
                host.draft.delivers.push((
                    location.clone(),
                    pattern(&entry.key).unwrap_or_default(),
                    value.clone(),
                ));
                host.judge(
                    entry.at,
                    Verdict::Imported,
                    &format!("locations.{location}.delivers_to"),
                );
            }
            continue;
        }
        let way = match service {
            "smtp" | "relay" | "" if next_hop.is_empty() => Some(Way {
                hosts: Vec::new(),
                port: 25,
                text: String::new(),
            }),
            "smtp" | "relay" | "" => way(next_hop),
            _ => None,
        };
        let Some(way) = way else {
            for entry in known {
                host.judge(
                    entry.at,
                    Verdict::NotUnderstood,
                    "the language has no word for this service or its next hop",
                );
            }
            continue;
        };
        let name = if way.text.is_empty() {
            format!("{location} by MX")
        } else {
            format!("{location} to {}", way.text)
        };
        for entry in known {
            host.judge(entry.at, Verdict::Imported, &format!("routes: `{name}`"));
        }
        let sending = host.sending(key(&short(&name)), patterns, &way, Vec::new());
        found.sending.push(sending);
    }
    // A next hop of the usual transport comes before the relay host.
    let usual = host.value("default_transport");
    let usual = usual.strip_prefix("smtp:").unwrap_or_default().to_owned();
    let relayhost = if usual.is_empty() {
        host.value("relayhost")
    } else {
        usual.clone()
    };
    if !usual.is_empty() && way(&usual).is_some() {
        let name = short(&format!("{location} to relayhost"));
        host.judge_parameter(
            "default_transport",
            Verdict::Imported,
            &format!("routes: `{name}`"),
        );
    }
    if let Some(way) = way(&relayhost).filter(|_| !relayhost.is_empty()) {
        let name = short(&format!("{location} to relayhost"));
        host.judge_parameter("relayhost", Verdict::Imported, &format!("routes: `{name}`"));
        let sending = host.sending(key(&name), vec!["*".to_owned()], &way, Vec::new());
        found.sending.push(sending);
    }
    // What is passed on and has no entry takes the way of all other mail, and whoever stands there holds its mailboxes.
    let relayed = host.draft.relayed.iter().filter(|(at, _)| *at == location);
    let relayed: Vec<String> = relayed
        .map(|(_, domain)| domain.clone())
        .filter(|domain| !listed.contains(domain))
        .collect();
    if !relayed.is_empty() {
        let by_mx = Way {
            hosts: Vec::new(),
            port: 25,
            text: String::new(),
        };
        let way = way(&relayhost)
            .filter(|_| !relayhost.is_empty())
            .unwrap_or(by_mx);
        let sending = host.sending(
            key(&short(&format!("{location} to its relay domains"))),
            relayed,
            &way,
            Vec::new(),
        );
        found.sending.push(sending);
    }
    let (by_sender, _) = host.entries("sender_dependent_relayhost_maps");
    if !by_sender.is_empty() {
        host.judge_parameter(
            "sender_dependent_relayhost_maps",
            Verdict::Imported,
            "rules",
        );
    }
    for entry in by_sender {
        let Some(way) = way(&entry.value) else {
            host.judge(
                entry.at,
                Verdict::NotUnderstood,
                "the language has no word for this next hop",
            );
            continue;
        };
        let route = short(&format!("{location} for {}", entry.key));
        let (condition, value) = match entry.key.strip_prefix('@') {
            Some(domain) => ("sender_domain", domain.to_owned()),
            None => ("sender", entry.key.clone()),
        };
        let sending = host.sending(
            key(&route),
            vec!["*".to_owned()],
            &way,
            vec![pair("only_by_rule", "true")],
        );
        found.sending.push(sending);
        host.judge(entry.at, Verdict::Imported, &format!("rules: `{route}`"));
        let when = mapping(&[pair(condition, list([value]))]);
        let rule = Item {
            objects: vec![key(&route)],
            keys: vec![
                pair("name", quoted(&route)),
                pair("at", quoted(&location)),
                pair("when", when),
                pair("route", quoted(&route)),
            ],
            names: Vec::new(),
        };
        host.draft.rules.push(rule);
    }
}

/// Names of routes have at most 64 characters.
fn short(name: &str) -> String {
    name.chars().take(60).collect()
}

/// Its location.
pub(super) fn draft(draft: &mut Draft, part: &Part, known: &Known) {
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
    let accepts: Vec<String> = host
        .draft
        .accepted
        .iter()
        .filter(|(at, ..)| *at == location)
        .map(|(_, domain, holds)| {
            let kind = if *holds == 2 {
                "authoritative"
            } else {
                "internal-relay"
            };
            mapping(&[pair("domain", quoted(domain)), pair("type", kind)])
        })
        .collect();
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
        if host.words(name).iter().all(|word| is_usual(word)) {
            host.judge_parameter(
                name,
                Verdict::Default,
                "what every host refuses, or what refuses clients by what they are",
            );
        }
    }
    for name in [
        "smtp_tls_security_level",
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

/// The names that others know it by.
pub(super) fn names(export: &Export) -> Vec<String> {
    let main = export.of_kind("main.cf").next();
    let name = main.map(|object| object.word("myhostname").to_lowercase());
    name.into_iter().filter(|name| name.contains('.')).collect()
}

/// The verdict on a parameter, or on an entry of a table.
pub(super) fn verdict(
    draft: &Draft,
    part: &Part,
    object: &LiveObject,
    property: &str,
    value: &Live,
) -> (Verdict, String) {
    let location = part.location.as_str();
    let key = (
        location.to_owned(),
        object.kind.clone(),
        object.name.clone(),
    );
    if let Some((verdict, why)) = draft.judged.get(&(key, property.to_owned())) {
        // What was to be written by a route that cannot be is not said.
        let mut lost = draft.left_out.iter().filter(|(key, _)| key.0 == location);
        let lost = lost.find(|(key, _)| why.ends_with(&format!("`{}`", key.2)));
        return match lost {
            Some((_, why)) => (Verdict::NotUnderstood, why.clone()),
            None => (*verdict, why.clone()),
        };
    }
    let because = |verdict, why: &str| (verdict, why.to_owned());
    if object.kind == "table" {
        let main = part
            .export
            .of_kind("main.cf")
            .flat_map(|main| &main.properties);
        let mut namers = main.filter(|(_, value)| value.items().concat().contains(&object.name));
        let of = |name: &str| {
            NO_EFFECT
                .iter()
                .find(|(_, names)| names.iter().any(|start| name.starts_with(start)))
        };
        if let Some((first, _)) = namers.next()
            && let Some((why, _)) = of(first)
            && namers.all(|(name, _)| of(name).is_some())
        {
            return because(Verdict::NoEffect, why);
        }
        let kind = object.name.split(':').next().unwrap_or_default();
        let is_list = ["hash", "lmdb", "btree", "texthash", "cdb", "dbm", "cidr"].contains(&kind);
        return match value {
            Live::Lost if is_list => because(
                Verdict::Truncated,
                "the source of this table is not there: name the folder that holds it, `mx=etc-postfix/`",
            ),
            Live::Lost => because(
                Verdict::Unmanaged,
                "a table of this type answers by itself, and cannot be read",
            ),
            _ => because(
                Verdict::NotUnderstood,
                "the draft says nothing of this entry",
            ),
        };
    }
    if value.items().concat().is_empty() {
        return because(Verdict::Default, "it is empty");
    }
    let found = NO_EFFECT
        .iter()
        .find(|(_, names)| names.iter().any(|name| property.starts_with(name)));
    found.map_or_else(
        || {
            because(
                Verdict::NotUnderstood,
                "no table knows this parameter, or the draft cannot say its value",
            )
        },
        |(why, _)| because(Verdict::NoEffect, why),
    )
}
