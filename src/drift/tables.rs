//! Live tables and parameters of a Postfix host in place of those of a plan, so that the mail through them can be followed.
//!
//! A parameter that differs, or one of whose tables an entry differs, is read whole: the walk finds in it what Postfix would
//! find. An entry that is as compiled keeps the route that it is of. What cannot be read stays as it was compiled, and the
//! difference says that nobody followed it. Sources: <https://www.postfix.org/postconf.5.html>,
//! <https://www.postfix.org/access.5.html>, <https://www.postfix.org/transport.5.html>

mod domains;
mod files;
mod hops;
mod restrictions;
mod rights;

use crate::drift::objects::{Effect, ObjectDrift};
use crate::import::Export;
use crate::plan::{Configuration, Plan};
use crate::platforms::postfix::{self, Key, TlsPolicyLevel};
use crate::source::Span;
use crate::topology::LocationId;
use crate::values::{Address, DomainName};
use files::{Files, Line};
use std::collections::{BTreeMap, BTreeSet};

/// Puts what differs of a host into a plan, and says of each difference whether it was followed.
pub(super) fn put(
    plan: &mut Plan,
    at: LocationId,
    (wanted, live): (&Export, &Export),
    objects: &mut [&mut ObjectDrift],
) {
    let place = plan.places.get_mut(at.index());
    let Some(Configuration::Postfix(tables)) = place.map(|place| &mut place.configuration) else {
        return;
    };
    let planned = std::mem::take(&mut **tables);
    let changed = objects.iter().filter(|object| object.kind == "table");
    let mut host = Reading {
        at,
        span: plan.topology.location(at).span,
        files: Files {
            wanted,
            live,
            is_main: objects.iter().any(|object| object.kind == "main.cf"),
            changed: changed.map(|object| last(&object.name)).collect(),
        },
        now: planned.clone(),
        planned,
        plan,
        read: BTreeSet::new(),
        unread: BTreeSet::new(),
    };
    host.read();
    let Reading {
        now,
        planned,
        read,
        unread,
        ..
    } = host;
    rights::name(&planned, &now, objects);
    let place = plan.places.get_mut(at.index());
    if let Some(place) = place {
        place.configuration = Configuration::Postfix(Box::new(now));
    }
    for object in objects {
        let table = if object.kind == "table" {
            last(&object.name)
        } else {
            String::new()
        };
        for property in &mut object.properties {
            let one = (table.clone(), property.name.clone());
            let whole = (table.clone(), String::new());
            let is_read = read.contains(&one) || read.contains(&whole);
            let is_unread = unread.contains(&one) || unread.contains(&whole);
            if property.effect == Effect::Open && is_read && !is_unread {
                property.effect = Effect::Followed;
            }
        }
    }
}

/// The name of a file without its folder: the same table may have another type or stand elsewhere.
pub(super) fn last(name: &str) -> String {
    name.rsplit(['/', ':'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The words of a value. Between them stand commas, spaces and ends of lines, as the writer likes.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

struct Reading<'a> {
    at: LocationId,
    span: Span,
    files: Files<'a>,
    planned: postfix::Configuration,
    now: postfix::Configuration,
    plan: &'a mut Plan,
    /// Tables and keys in them that were read; the table is empty for a parameter, the key for all of a table.
    read: BTreeSet<(String, String)>,
    /// The same of what could not be understood.
    unread: BTreeSet<(String, String)>,
}

impl Reading<'_> {
    fn read(&mut self) {
        // Where mailboxes are counts before what is passed on.
        for (parameters, read) in [
            (
                &[
                    "mydestination",
                    "virtual_mailbox_domains",
                    "virtual_alias_domains",
                    "relay_domains",
                    "parent_domain_matches_subdomains",
                ][..],
                Self::domains as fn(&mut Self),
            ),
            (&["relay_recipient_maps"], Self::relay_recipients),
            (&["virtual_mailbox_maps"], Self::mailboxes),
            (&["virtual_alias_maps"], Self::aliases),
            (&["virtual_transport"], Self::mailbox_service),
            (&["relayhost", "default_transport"], Self::usual),
            (
                &[
                    "sender_dependent_default_transport_maps",
                    "sender_dependent_relayhost_maps",
                ],
                Self::by_sender,
            ),
            (&["transport_maps"], Self::transport),
            (
                &["smtp_tls_security_level", "smtp_tls_policy_maps"],
                Self::tls,
            ),
            (&["recipient_delimiter"], Self::delimiter),
            (
                &["mynetworks", "smtpd_relay_restrictions"],
                Self::restrictions,
            ),
        ] {
            if parameters.iter().any(|name| self.differs(name)) {
                for name in parameters {
                    let said = self.files.said(name);
                    let tables = said.tables.into_iter().map(|table| (table, String::new()));
                    self.read.extend(tables);
                    let lost = said.lost.into_iter().map(|table| (table, String::new()));
                    self.unread.extend(lost);
                    self.read.insert((String::new(), (*name).to_owned()));
                }
                read(self);
            }
        }
        self.limits();
    }

    /// Whether a parameter is otherwise than it was compiled, or one of its tables.
    fn differs(&self, parameter: &str) -> bool {
        let said = self.files.said(parameter);
        let of_wanted = Files {
            is_main: false,
            changed: BTreeSet::new(),
            ..self.files
        };
        let is_otherwise = of_wanted.set(parameter) != self.files.set(parameter);
        is_otherwise || said.tables.iter().any(|it| self.files.changed.contains(it))
    }

    fn not(&mut self, line: &Line) {
        let key = (line.table.clone(), line.key.clone());
        self.unread.insert(key);
    }

    fn not_parameter(&mut self, name: &str) {
        self.unread.insert((String::new(), name.to_owned()));
    }

    /// Whether a parameter names a table that cannot be read.
    fn is_lost(&self, parameter: &str) -> bool {
        !self.files.said(parameter).lost.is_empty()
    }

    /// The entries of a parameter as keys; what is no key was not followed.
    fn keyed(&mut self, parameter: &str) -> Vec<(Key, Line)> {
        let mut found = Vec::new();
        let own = self.files.value("myhostname");
        let hosts = self.plan.topology.location(self.at).hosts.iter();
        let names: Vec<String> = hosts.map(|at| at.value.target.to_string()).collect();
        // The host's own name is nobody's domain.
        let is_own = |word: &str| {
            word.contains("myhostname")
                || word.starts_with("localhost")
                || word.eq_ignore_ascii_case(&own)
                || names.iter().any(|name| name.eq_ignore_ascii_case(word))
        };
        for line in self.files.said(parameter).lines {
            if line.table.is_empty() && is_own(&line.key) {
                continue;
            }
            match key(&line.key) {
                Some(key) => found.push((key, line)),
                None if line.table.is_empty() => self.not_parameter(parameter),
                None => self.not(&line),
            }
        }
        found
    }
}

/// The entries of a table as texts to compare.
fn texts<V>(table: &BTreeMap<Key, V>, text: impl Fn(&V) -> String) -> BTreeMap<Key, String> {
    let table = table.iter();
    table
        .map(|(key, value)| (key.clone(), text(value)))
        .collect()
}

/// The key that a text is.
fn key(text: &str) -> Option<Key> {
    if let Some(base) = text.strip_prefix('.') {
        return DomainName::parse(base).ok().map(Key::Below);
    }
    match text.split_once('@') {
        Some(("", name)) => DomainName::parse(name).ok().map(Key::Domain),
        Some(_) => Address::parse(text).ok().map(Key::Address),
        None => DomainName::parse(text).ok().map(Key::Domain),
    }
}

fn policy_level(word: &str) -> Option<TlsPolicyLevel> {
    Some(match word {
        "" | "none" => TlsPolicyLevel::None,
        "may" => TlsPolicyLevel::May,
        "encrypt" => TlsPolicyLevel::Encrypt,
        "verify" | "secure" => TlsPolicyLevel::Secure,
        _ => return None,
    })
}

/// The words of a list of restrictions; a check is the name of its table.
fn restrictions(text: &str) -> Vec<String> {
    let mut list = Vec::new();
    let mut words = words(text).into_iter();
    while let Some(word) = words.next() {
        if word.starts_with("check_") && word.ends_with("_access") {
            list.push(words.next().map_or(word, |table| last(&table)));
        } else {
            list.push(word);
        }
    }
    list
}
