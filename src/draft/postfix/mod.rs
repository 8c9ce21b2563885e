//! A Postfix host: its tables as routes and rules, and its location.
//!
//! Every parameter and every entry of a table that is understood is judged here, where it is read. What is left is judged by
//! the table of parameters that choose no path, or is not understood.

mod location;
mod parameters;
mod services;
mod tables;

pub(super) use location::draft;
pub(crate) use parameters::is_free;
pub(super) use parameters::verdict;
pub(super) use tables::read;

use crate::draft::join::{End, Sending, pair};
use crate::draft::places::tenant_label;
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Draft, Key, Pairs, Part, Verdict};
use crate::import::{Export, Live};
use crate::platforms::postfix::host_at;
use crate::values::{DomainName, HostTarget, Pattern};
use std::collections::BTreeMap;

/// Whether a part is a Postfix host.
pub(crate) fn is_of_postfix(export: &Export) -> bool {
    export.product.as_deref() == Some("postfix")
}

/// The names that others know it by.
pub(super) fn names(export: &Export) -> Vec<String> {
    let main = export.of_kind("main.cf").next();
    let name = main.map(|object| object.word("myhostname").to_lowercase());
    name.into_iter().filter(|name| name.contains('.')).collect()
}

/// A host while it is read.
struct Host<'e> {
    part: &'e Part,
    parameters: BTreeMap<&'e str, &'e str>,
    /// Parameters of which a service of master.cf has its own value, with the service and the value.
    overrides: BTreeMap<&'e str, (&'e str, &'e str)>,
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
        let overrides = services::overrides(&part.export);
        let own = overrides.iter().map(|(name, (_, value))| (*name, *value));
        Self {
            part,
            parameters: parameters.chain(own).collect(),
            overrides,
            draft,
        }
    }

    /// A parameter as main.cf has it.
    fn in_main(&self, name: &str) -> Option<String> {
        let main = self.part.export.of_kind("main.cf").next()?;
        let value = main.properties.get(name)?;
        Some(value.items().join(" "))
    }

    /// Whether something of the draft hands mail to a service.
    fn uses(&self, service: &str) -> bool {
        let here = &self.part.location;
        let by_table = self
            .draft
            .services
            .contains(&(here.clone(), service.to_owned()));
        let delivers = self.draft.delivers.iter();
        let mut delivers = delivers.filter(|(at, ..)| at == here);
        let is_it = |text: &str| text.split(':').next() == Some(service);
        by_table
            || delivers.any(|(.., text)| is_it(text))
            || ["virtual_transport", "mailbox_transport"]
                .iter()
                .any(|name| is_it(&self.value(name)))
    }

    /// The program behind a service, where master.cf is there.
    fn program(&self, service: &str) -> Option<&'e str> {
        services::program(&self.part.export, service)
    }

    fn is_judged(&self, (kind, name, property): &(String, String, String)) -> bool {
        let key = (self.part.location.clone(), kind.clone(), name.clone());
        self.draft.judged.contains_key(&(key, property.clone()))
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
        words(&self.value(name))
    }

    fn judge(&mut self, at: (String, String, String), verdict: Verdict, why: &str) {
        let (kind, name, property) = at;
        let key = (self.part.location.clone(), kind, name);
        self.draft
            .judged
            .insert((key, property), (verdict, why.to_owned()));
    }

    fn judge_parameter(&mut self, name: &str, verdict: Verdict, why: &str) {
        let in_main = ("main.cf".to_owned(), "main.cf".to_owned(), name.to_owned());
        if let Some((service, _)) = self.overrides.get(name).copied() {
            let of_service = (
                "master.cf".to_owned(),
                service.to_owned(),
                format!("-o {name}"),
            );
            self.judge(of_service, verdict, why);
            if self.in_main(name).is_some() {
                let why = format!("`-o {name}` of the service `{service}` comes first");
                self.judge(in_main, Verdict::NoEffect, &why);
            }
        } else if self.parameters.contains_key(name) {
            self.judge(in_main, verdict, why);
        }
    }

    /// The entries of the tables that a parameter names, and the words of it that are no tables.
    fn entries(&mut self, name: &str) -> (Vec<Entry>, Vec<String>) {
        let raw = self.parameters.get(name).copied().unwrap_or_default();
        let tables = crate::import::tables_in(raw);
        let mut found = Vec::new();
        let is_list = |table: &&String| {
            let kind = table.split(':').next().unwrap_or_default();
            !crate::import::EXPRESSIONS.contains(&kind)
        };
        for table in tables.iter().filter(is_list) {
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

    /// Whether it hands no mail over without TLS.
    fn demands_tls(&mut self) -> bool {
        let level = self.value("smtp_tls_security_level");
        matches!(level.as_str(), "encrypt" | "verify" | "secure")
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
        let matched = words.find_map(|word| word.strip_prefix("match="));
        // What Postfix takes from the next hop itself is no name of its own.
        let of_next_hop = ["nexthop", "dot-nexthop", "hostname"];
        let names = matched.unwrap_or_default().split(':');
        let names: Vec<String> = names
            .filter(|name| !name.is_empty() && !of_next_hop.contains(name))
            .map(str::to_lowercase)
            .collect();
        let is_one = names.len() < 2 && !names.iter().any(|name| name.starts_with('.'));
        let name = names.into_iter().next().unwrap_or_default();
        let name = name.trim_start_matches('.').to_owned();
        if let Some(entry) = policy {
            let is_unknown = text.starts_with("dane") || text.starts_with("fingerprint");
            let verdict = if is_unknown || !is_one {
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
                } else if matches!(level.as_str(), "verify" | "secure") {
                    "verified"
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

/// The words of a value.
fn words(text: &str) -> Vec<String> {
    let words = text.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
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
    let host = host_at(text)?;
    Some(Way {
        hosts: vec![host.target.to_string()],
        port: host.port,
        text: text.trim().to_lowercase(),
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

/// Names of routes have at most 64 characters.
fn short(name: &str) -> String {
    name.chars().take(60).collect()
}
