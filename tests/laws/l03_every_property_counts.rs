//! L3: every written property counts.
//!
//! One property of one object that is written gets another value before anything is followed. Then a finding or a way
//! changes; or it does beside a second fault, where another object did the same. `src/testing/alter.rs` has the
//! properties. When one has no effect on where mail goes is said here, and asked of the spec and of what is written.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::messages::Role;
use crate::readers::postfix::Host;
use crate::readers::powershell;
use crate::surface::{Compiled, Hop};
use crate::topology::{LEVELS, Topology, level, text, texts};
use mailtopo::testing::{Planted, Question};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_property_counts() {
    holds("L3", properties_count, |_, spec| {
        spec.name.starts_with("examples/") || spec.name.starts_with("field/")
    });
}

/// So many of the usual messages of a spec are asked for, and so many of the others.
const USUAL: usize = 80;
const OTHERS: usize = 90;

/// The usual messages; those in the name of somebody else, and those that a rule or a written route is for.
fn asked(spec: &Spec, topology: &Topology) -> Vec<Question> {
    let own = |from: &str, to: &str| (from.to_owned(), String::new(), to.to_owned());
    let usual = || spec.messages().iter();
    let from: BTreeSet<&str> = usual().map(|it| it.sender.from.as_str()).collect();
    let to: BTreeSet<&str> = usual().map(|it| it.recipient.to.as_str()).collect();
    let mut others = Vec::new();
    // An address with an extension is somebody's where the extension is known as one.
    let listed = topology.domains.values().flat_map(|it| it.listed.keys());
    for address in listed.filter_map(|it| it.split_once('@')).take(4) {
        let extended = format!("{}+xq7@{}", address.0, address.1);
        others.extend(from.iter().take(2).map(|from| own(from, &extended)));
    }
    let names = topology.domains.keys().take(8).cloned();
    let partners = topology.partners.values().flat_map(|it| &it.domains);
    for name in names.chain(partners.map(|it| it.replace('*', "any"))) {
        let spoofed = format!("someone@{name}");
        let spoofs = to.iter().take(8);
        others.extend(spoofs.map(|to| ("internet".to_owned(), spoofed.clone(), (*to).to_owned())));
    }
    let routes = topology.routes.iter();
    let patterns: BTreeSet<String> = routes.flat_map(|it| texts(it.get("recipients"))).collect();
    let mut words: Vec<String> = patterns
        .iter()
        .filter(|it| it.contains('.'))
        .map(|it| format!("t@{}", it.replace('*', "any")))
        .collect();
    for rule in &topology.rules {
        let parts = ["when", "unless"].map(|key| rule.get(key));
        let parts = parts.into_iter().flatten();
        parts.for_each(|it| addresses(it, &mut words));
    }
    for word in &words {
        others.extend(from.iter().take(4).map(|from| own(from, word)));
        others.extend(to.iter().take(4).map(|to| own(word, to)));
    }
    others.truncate(OTHERS);
    let usual = usual().map(|it| own(&it.sender.from, &it.recipient.to));
    others.extend(usual.take(USUAL));
    others
}

/// Every address in a value.
fn addresses(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Mapping(map) => map.values().for_each(|it| addresses(it, found)),
        Value::Sequence(list) => list.iter().for_each(|it| addresses(it, found)),
        scalar => found.extend(text(scalar).filter(|it| it.contains('@'))),
    }
}

fn properties_count(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    // Where nothing is written there is nothing to change.
    let (Some(topology), Some(_)) = (Topology::of(spec), &compiled.files) else {
        return Vec::new();
    };
    let written = Written {
        spec,
        topology: &topology,
        compiled,
        routes: compiled.routes().unwrap_or_default(),
    };
    let is_idle = |fault: &Planted| written.why_idle(fault).is_some();
    let mut breaches = Breaches::default();
    for fault in compiled.unnoticed(&asked(spec, &topology), &is_idle) {
        let one = format!("`{}` at {} has another value", fault.object, fault.place);
        breaches.add(fault.property, one, "no finding and no way changes");
    }
    breaches.all()
}

/// A spec and what is written of it.
struct Written<'a> {
    spec: &'a Spec,
    topology: &'a Topology,
    compiled: &'a Compiled,
    routes: serde_json::Value,
}

impl Written<'_> {
    /// Why a property of this very object has no effect on where mail goes, where that is so.
    fn why_idle(&self, fault: &Planted) -> Option<&'static str> {
        let place = fault.place.as_str();
        let rows = || self.routes["routes"].as_array().into_iter().flatten();
        let out = || rows().filter(move |it| it["from"] == place);
        let into = || rows().filter(move |it| it["to"] == place);
        // A connector that takes mail is named after who sends, one of a route's own after the route.
        let of_object = |it: &serde_json::Value| {
            let from = it["from"].as_str().unwrap_or_default();
            it["name"] == fault.object.as_str() || fault.object == format!("{place} from {from}")
        };
        let rank = |it: &serde_json::Value| level(it["tls"].as_str().unwrap_or_default());
        let is_for_all = |it: &serde_json::Value| {
            let patterns = it["for"].as_array().into_iter().flatten();
            patterns.into_iter().any(|it| it == "*")
        };
        let kind = |it: &serde_json::Value| {
            let to = it["to"].as_str().unwrap_or_default();
            let to = self.topology.places.get(to);
            to.map_or("", |it| it.kind.as_str())
        };
        if out().any(|it| of_object(it) && it["next_hop"]["kind"] == "unknown") {
            return Some("it is not written before a fact says where it leads");
        }
        let encrypted = LEVELS.iter().position(|it| *it == "encrypted")?;
        let files = self.compiled.files.as_ref()?;
        let host = || Host::read(files, place);
        match fault.property {
            "InboundConnector.SenderDomains" => {
                let script = files.get(&format!("{place}/commands.ps1"))?;
                let mut commands =
                    powershell::commands(&String::from_utf8_lossy(script)).into_iter();
                let made = commands.find(|it| {
                    it.cmdlet == "New-InboundConnector" && it.one("Name") == fault.object
                })?;
                // <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>
                (made.one("ConnectorType") == "OnPremises")
                    .then_some("it means something at connectors of type Partner alone")
            }
            // Exchange Server knows its clients by address, and whom anybody may write to has no need to be known.
            "Postfix.smtp_tls_chain_files" | "SendConnector.TlsCertificateName" => {
                let asks = |it: &serde_json::Value| {
                    it["known_by"]["kind"] == "certificate"
                        && match kind(it) {
                            "exchange-online" | "eop" => true,
                            "smtp" | "gateway" => is_for_all(it),
                            _ => false,
                        }
                };
                let mut all = out().filter(|it| fault.object.is_empty() || of_object(it));
                (!all.any(asks)).then_some("nobody knows it by its certificate")
            }
            "Postfix.smtpd_tls_chain_files" => {
                (!into().any(|it| rank(it) >= encrypted)).then_some("nobody demands TLS of it")
            }
            "ReceiveConnector.TlsCertificateName" => (!into()
                .any(|it| of_object(it) && rank(it) > encrypted))
            .then_some("no client looks at the certificate"),
            "ReceiveConnector.RequireTLS" => into()
                .filter(|it| of_object(it))
                .all(|it| rank(it) >= encrypted)
                .then_some("the client demands as much"),
            "ReceiveConnector.PermissionGroups" => (!into()
                .any(|it| of_object(it) && is_for_all(it)))
            .then_some("the client hands over mail for accepted domains alone"),
            // What the other end is asked for stands in its checklist, and is no object.
            "OutboundConnector.TlsSettings" => out()
                .filter(|it| of_object(it))
                .all(|it| matches!(kind(it), "smtp" | "gateway"))
                .then_some("the receiving end demands as much"),
            "Postfix.smtp_tls_policy_maps" => out()
                .filter(|it| rank(it) >= encrypted)
                .all(|it| matches!(kind(it), "smtp" | "gateway"))
                .then_some("the receiving end demands as much"),
            "Postfix.reject_unverified_recipient" => out()
                .filter(|it| !is_for_all(it))
                .all(|it| kind(it) == "exchange-server")
                .then_some("the next hop takes every recipient of a session"),
            "Postfix.virtual_transport" => {
                let host = host()?;
                let [own, routed] = ["virtual_mailbox_domains", "transport_maps"].map(|name| {
                    let tables = host.list(name);
                    let tables = tables.iter().filter_map(|(table, _)| *table);
                    let keys = tables.flat_map(|table| table.keys().map(String::as_str));
                    keys.collect::<BTreeSet<_>>()
                });
                own.is_subset(&routed)
                    .then_some("each domain of the class that it is for has an entry of its own")
            }
            // Who has no directory asks nobody whether a recipient exists.
            "AcceptedDomain.DomainType" => (self.topology.places.get(place)?.value["edge"] == true)
                .then_some("an Edge server without a subscription knows no recipients"),
            "Postfix.virtual_alias_maps" | "Postfix.virtual_mailbox_maps" => {
                let host = host()?;
                let tables = host.list("virtual_alias_maps");
                let mut tables = tables.iter().filter_map(|(table, _)| *table);
                tables
                    .any(|table| table.keys().any(|key| key.starts_with('@')))
                    .then_some("the catch-all has what the entry has")
            }
            "InboundConnector.EFSkipLastIP" | "InboundConnector.EFSkipIPs" => {
                let messages = self.spec.messages().iter();
                let outside = messages.filter(|it| it.sender.role == Role::Stranger);
                let mut hops = outside
                    .flat_map(|it| &it.trace.paths)
                    .flat_map(|it| &it.hops);
                let is_behind = |hop: &Hop| {
                    hop.to == place
                        && fault
                            .object
                            .starts_with(&format!("{place} from {}", hop.at))
                };
                (!hops.any(is_behind)).then_some("no mail of external senders comes over it")
            }
            "Postfix.recipient_delimiter" => {
                let host = host()?;
                let lists = [
                    "transport_maps",
                    "relay_recipient_maps",
                    "virtual_mailbox_maps",
                    "virtual_alias_maps",
                ];
                let tables = lists.map(|list| host.list(list));
                let tables = tables.iter().flatten().filter_map(|(table, _)| *table);
                let mut keys = tables.flat_map(BTreeMap::keys);
                // A pattern between slashes is for names below.
                let is_address =
                    |key: &String| !key.starts_with('/') && key.find('@').is_some_and(|at| at > 0);
                (!keys.any(is_address)).then_some("no table has an address that could be extended")
            }
            "Postfix.check_recipient_access" => (!into().any(is_for_all))
                .then_some("nobody may relay there, and the domain is in no class"),
            _ => None,
        }
    }
}
