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
use std::collections::{BTreeMap, BTreeSet};

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
    /// Names that routes of it have.
    named: BTreeSet<String>,
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
            named: BTreeSet::new(),
            draft,
        }
    }

    /// A name for a route that no other route of the host has: by it the objects of routes are told apart.
    fn name(&mut self, wanted: &str) -> String {
        let wanted = short(wanted);
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.named.insert(name.to_lowercase()) {
            name = format!("{wanted} {number}");
            number += 1;
        }
        name
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

    /// A parameter as it is set, or as every host has it that does not set it.
    fn set(&self, name: &str) -> String {
        if let Some(text) = self.parameters.get(name) {
            return (*text).to_owned();
        }
        // <https://www.postfix.org/postconf.5.html#mydomain>
        let own = self.parameters.get("myhostname").copied();
        let parent = || own.map(|own| crate::import::domain_of(own).to_owned());
        match name {
            "mydomain" => parent().unwrap_or_default(),
            "mydestination" => "$myhostname, localhost.$mydomain, localhost".to_owned(),
            "myorigin" => "$myhostname".to_owned(),
            "virtual_alias_domains" => "$virtual_alias_maps".to_owned(),
            _ => String::new(),
        }
    }

    /// A parameter with the others that it names in place.
    fn value(&self, name: &str) -> String {
        self.expanded(name).0
    }

    /// A parameter with the others that it names in place, and those of them that only the machine knows.
    fn expanded(&self, name: &str) -> (String, Vec<&'static str>) {
        self.with_values(&self.set(name))
    }

    /// The same of a text that names parameters.
    fn with_values(&self, text: &str) -> (String, Vec<&'static str>) {
        let mut unknown = Vec::new();
        let text = crate::import::expanded(text, |other| {
            let value = self.set(other);
            let of_machine = ["myhostname", "mydomain"];
            let of_machine = of_machine.into_iter().find(|own| *own == other);
            unknown.extend(of_machine.filter(|_| value.is_empty()));
            Some(value)
        });
        (text, unknown)
    }

    fn words(&self, name: &str) -> Vec<String> {
        words(&self.value(name))
    }

    fn judge(&mut self, at: (String, String, String), verdict: Verdict, why: &str) {
        let (kind, name, property) = at;
        let key = ((self.part.location.clone(), kind, name), property);
        // A table within a parameter has one verdict for all of its entries.
        let known = self.draft.judged.get(&key);
        if known.is_some_and(|(known, _)| *known == Verdict::NotUnderstood) {
            return;
        }
        self.draft.judged.insert(key, (verdict, why.to_owned()));
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

    /// The tables that a parameter names, by itself or by another parameter.
    fn tables(&self, name: &str) -> Vec<String> {
        let raw = self.parameters.get(name).copied().unwrap_or_default();
        let mut tables = Vec::new();
        for value in [raw, &self.value(name)] {
            for table in crate::import::tables_of(name, &within(value).0) {
                if !tables.contains(&table) {
                    tables.push(table);
                }
            }
        }
        tables
    }

    /// Why the tables of a parameter are not read, where one of them is not.
    fn unread(&self, name: &str) -> Option<String> {
        let tables = self.tables(name);
        let is_lost = |table: &&String| {
            let mut objects = self.part.export.of_kind("table");
            objects.any(|object| {
                object.name == **table
                    && object.properties.values().any(|value| *value == Live::Lost)
            })
        };
        let table = tables.iter().find(is_lost)?;
        Some(parameters::why_lost(table))
    }

    /// The verdict on a parameter that names tables: what stands in one that cannot be read is not in the draft.
    fn judge_tables(&mut self, name: &str, verdict: Verdict, why: &str) {
        match self.unread(name) {
            Some(why) => self.judge_parameter(name, Verdict::Truncated, &why),
            None => self.judge_parameter(name, verdict, why),
        }
    }

    /// The entries of the tables that a parameter names, and the words of it that are no tables. Of entries with one key
    /// that of the first table counts.
    fn entries(&mut self, name: &str) -> (Vec<Entry>, Vec<String>) {
        let raw = self.parameters.get(name).copied().unwrap_or_default();
        let (plain, inline) = within(raw);
        let tables = self.tables(name);
        let mut found: Vec<Entry> = Vec::new();
        let is_list = |table: &&String| {
            let kind = table.split(':').next().unwrap_or_default();
            !crate::import::EXPRESSIONS.contains(&kind)
        };
        let own = self.value("myhostname");
        for (key, value) in inline {
            let key = if key == "${myhostname}" || key == "$myhostname" {
                own.clone()
            } else {
                key.to_lowercase()
            };
            // What is for the host itself stays here.
            if key != own || !value.starts_with("local:") {
                found.push(Entry {
                    key,
                    value,
                    at: ("main.cf".to_owned(), "main.cf".to_owned(), name.to_owned()),
                });
            }
        }
        let mut seen: BTreeSet<String> = found.iter().map(|entry| entry.key.clone()).collect();
        let mut later = Vec::new();
        for table in tables.iter().filter(is_list) {
            let objects = self
                .part
                .export
                .of_kind("table")
                .filter(|object| object.name == *table);
            for object in objects {
                for (key, value) in &object.properties {
                    let Live::Text(value) = value else { continue };
                    let entry = Entry {
                        key: key.clone(),
                        value: value.clone(),
                        at: ("table".to_owned(), table.clone(), key.clone()),
                    };
                    if seen.insert(key.clone()) {
                        found.push(entry);
                    } else {
                        later.push(entry.at);
                    }
                }
            }
        }
        for at in later {
            let why = "a table that is asked before has an entry for it";
            self.judge(at, Verdict::NoEffect, why);
        }
        let words = words(&plain);
        let kind = |word: &String| {
            let kind = word.trim_start_matches('!').split_once(':')?.0;
            let is_type = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphabetic());
            (is_type && crate::import::tables_in(word).is_empty()).then(|| kind.to_owned())
        };
        if let Some(kind) = words.iter().find_map(kind) {
            let why = format!("the draft says nothing of what a table of type `{kind}` answers");
            self.judge_parameter(name, Verdict::NotUnderstood, &why);
        }
        let (plain, _) = within(&self.value(name));
        let words = crate::draft::postfix::words(&plain).into_iter();
        let words = words.filter(|word| {
            !tables.contains(word) && (!word.contains(':') || word.starts_with('['))
        });
        (found, words.collect())
    }

    /// Whether a relay domain stands for the names below it, too, as it does without the parameter.
    fn takes_below(&self) -> bool {
        let name = "parent_domain_matches_subdomains";
        let mut words = self.words(name).into_iter();
        !self.parameters.contains_key(name) || words.any(|word| word == "relay_domains")
    }

    /// The domains that a parameter lists, by itself or in tables, and those of which it lists the names below.
    fn domains(&mut self, name: &str) -> (Vec<String>, Vec<String>) {
        let (entries, words) = self.entries(name);
        let path = format!("locations.{}.accepts", self.part.location);
        let is_relay = name == "relay_domains";
        let counts_below = is_relay && !self.takes_below();
        let mut domains = Vec::new();
        let mut below = Vec::new();
        let listed: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        for entry in entries {
            let domain = DomainName::parse(&entry.key).ok();
            let base = entry.key.strip_prefix('.').unwrap_or_default().to_owned();
            let is_base = DomainName::parse(&base).is_ok();
            // A table of aliases has domains beside its addresses.
            if domain.is_none() && !self.parameters.contains_key(name) {
                continue;
            }
            let (verdict, why) = if domain.is_some() {
                (Verdict::Imported, path.as_str())
            } else if is_base && !counts_below {
                (
                    Verdict::NoEffect,
                    "this parameter looks for no name with a dot before it",
                )
            } else if is_base && (listed.contains(&base) || words.contains(&base)) {
                below.push(base);
                (Verdict::Imported, path.as_str())
            } else if is_base {
                (
                    Verdict::NotUnderstood,
                    "the language has no names below a domain without the domain itself",
                )
            } else {
                (Verdict::NotUnderstood, "it is no domain")
            };
            self.judge(entry.at, verdict, why);
            domains.extend(domain.map(|domain| domain.as_str().to_owned()));
        }
        let own = self.value("myhostname").to_lowercase();
        let is_local = |word: &str| {
            let word = word.trim_start_matches('!');
            word == "localhost" || word.starts_with("localhost.") || word == own
        };
        let mut is_whole = true;
        let mut of_host = Vec::new();
        for word in &words {
            let word = word.to_lowercase();
            if is_local(&word) {
                of_host.push(word);
                continue;
            }
            if let Ok(domain) = DomainName::parse(&word) {
                domains.push(domain.as_str().to_owned());
            } else {
                is_whole = false;
            }
        }
        let unknown = self.expanded(name).1;
        // The host's own name is no domain, whatever it is.
        let raw = self.set(name);
        let mut raw = raw.split([',', ' ', '\t']);
        let is_domain = raw.any(|word| {
            word.contains("mydomain") && !word.starts_with("localhost.")
                || word.starts_with('$') && !word.contains("myhostname")
        });
        let unknown = unknown
            .into_iter()
            .find(|name| is_domain && *name != "myhostname");
        let unread = self.unread(name);
        if let Some(why) = unread {
            self.judge_parameter(name, Verdict::Truncated, &why);
        } else if let Some(unknown) = unknown {
            let why = format!(
                "`${unknown}` follows from the name of the machine, which is not in the export; `postconf -x {name}` shows it"
            );
            self.judge_parameter(name, Verdict::Truncated, &why);
        } else if is_whole {
            let why = match of_host.last() {
                Some(own) if own != "localhost" => {
                    format!("{path}; `{own}` is a name of the host itself, and no domain")
                }
                _ => path,
            };
            self.judge_parameter(name, Verdict::Imported, &why);
        }
        domains.sort();
        domains.dedup();
        (domains, below)
    }

    /// The TLS level of next hops that no policy names. Without the parameter Postfix speaks none.
    fn usual_tls(&self) -> &'static str {
        let text = self.value("smtp_tls_security_level");
        self.tls_of(text.split_whitespace().next().unwrap_or_default())
    }

    fn tls_of(&self, level: &str) -> &'static str {
        match level {
            "" if self.value("smtp_use_tls") == "yes" => "opportunistic",
            "" | "none" => "none",
            "encrypt" => "encrypted",
            "verify" | "secure" => "verified",
            // What DANE demands of others depends on their records.
            _ => "opportunistic",
        }
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
        let level = self.tls_of(words.next().unwrap_or_default());
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

    /// The name of the login that a table of passwords has under the first of these keys.
    fn login(&mut self, keys: &[&str]) -> Option<String> {
        let (entries, _) = self.entries("smtp_sasl_password_maps");
        let mut known = keys.iter();
        let entry = known.find_map(|key| entries.iter().find(|entry| entry.key == *key))?;
        self.judge(
            entry.at.clone(),
            Verdict::Imported,
            "routes: the name of the login; the password is not copied",
        );
        let bare = entry.key.trim_start_matches(['[', '@']);
        let bare = bare.split(']').next().unwrap_or_default();
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
            (self.usual_tls(), String::new())
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
        let is_said = keys.iter().any(|(key, _)| key == "auth");
        if let Some(host) = way.hosts.first().filter(|_| !is_said) {
            let login = self.login(&[&way.text, host]);
            keys.extend(login.map(|login| pair("auth", quoted(&login))));
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

/// A value without the tables within it, `inline:{ … }`, and their entries
/// (<https://www.postfix.org/DATABASE_README.html#types>).
fn within(value: &str) -> (String, Vec<(String, String)>) {
    let (mut plain, mut entries) = (String::new(), Vec::new());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("inline:{") {
        plain.push_str(before);
        let mut depth = 1;
        let end = after.find(|c| {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            depth == 0
        });
        let inside = after.get(..end.unwrap_or(after.len())).unwrap_or_default();
        rest = end.and_then(|end| after.get(end + 1..)).unwrap_or_default();
        entries.extend(pairs(inside));
    }
    plain.push_str(rest);
    (plain, entries)
}

/// `key=value` and `{ key = value }`, between commas and spaces.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches([',', ' ', '\t']);
    while !rest.is_empty() {
        // Braces of `${name}` are part of the pair.
        let (one, after) = if let Some(inside) = rest.strip_prefix('{') {
            inside.split_once('}').unwrap_or((inside, ""))
        } else {
            let end = rest.find([',', ' ', '\t']).unwrap_or(rest.len());
            rest.split_at(end)
        };
        if let Some((key, value)) = one.split_once('=') {
            found.push((key.trim().to_owned(), value.trim().to_owned()));
        }
        rest = after.trim_start_matches([',', ' ', '\t', '}']);
    }
    found
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
