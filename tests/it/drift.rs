//! `drift`: exports are made of what was compiled, and changed.

use crate::cli::{mailtopo, stderr, stdout};
use crate::exchange::{Location, locations_of};
use crate::golden::{files, folders, root};
use mailtopo::compile::Input;
use mailtopo::testing::finding::{Finding, Severity};
use mailtopo::testing::platforms::exchange::catalogue::{Product, has};
use mailtopo::testing::platforms::exchange::forms::{Form, form_of, parts};
use mailtopo::testing::platforms::exchange::kind::{ALL, Identity, ObjectKind};
use mailtopo::testing::platforms::exchange::scripts::LIBRARY;
use mailtopo::testing::topology::ExchangeVersion;
use mailtopo::testing::values::Date;
use mailtopo::testing::{Compared, drift, import};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

type Files = BTreeMap<String, Vec<u8>>;

/// A spec and what each of its Exchange locations would export, were it as compiled.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) files: Files,
    pub(crate) states: BTreeMap<String, Value>,
}

pub(crate) fn sample(name: &str, files: Files) -> Sample {
    let locations = locations_of(name, "mailtopo.yaml", &files);
    let servers = certificate_of_servers(&files);
    let states = locations
        .iter()
        .map(|at| (at.place.clone(), state_with(at, &servers)))
        .collect();
    Sample {
        name: name.to_owned(),
        files,
        states,
    }
}

/// The first name on the certificate of the servers of a spec: what the wizard makes knows them by it.
fn certificate_of_servers(files: &Files) -> String {
    let spec: serde_yaml::Value =
        serde_yaml::from_slice(&files["mailtopo.yaml"]).unwrap_or_default();
    let locations = spec["locations"].as_mapping();
    let mut servers = locations
        .into_iter()
        .flat_map(|all| all.values())
        .filter(|location| location["kind"] == "exchange-server");
    let name = servers.find_map(|location| {
        let certificate = &location["certificate"];
        let names = [certificate, &certificate["names"], &certificate["names"][0]];
        names.into_iter().find_map(serde_yaml::Value::as_str)
    });
    let name = name.unwrap_or("mail.contoso.com");
    name.strip_prefix("*.")
        .map_or_else(|| name.to_owned(), |base| format!("mail.{base}"))
}

pub(crate) fn examples() -> Vec<Sample> {
    let folders = folders(&root("examples")).into_iter();
    let all: Vec<Sample> = folders
        .map(|folder| {
            let name = folder
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            sample(&name, files(&folder))
        })
        .filter(|sample| !sample.states.is_empty())
        .collect();
    assert!(all.len() > 20, "only {} examples", all.len());
    all
}

pub(crate) fn kind(name: &str) -> &'static ObjectKind {
    ALL.iter()
        .copied()
        .find(|kind| kind.name == name)
        .expect("a kind")
}

/// What `facts.ps1 -OutFile` would write once everything is as compiled.
pub(crate) fn state(location: &Location) -> Value {
    state_with(location, "mail.contoso.com")
}

fn state_with(location: &Location, servers_name: &str) -> Value {
    let data = &location.data;
    let servers: Vec<&str> = data["Servers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut certificates = BTreeSet::new();
    let mut objects = Vec::new();
    for object in location.objects() {
        let name = object["Kind"].as_str().expect("a kind");
        // Mailboxes are not exported, and what is taken from others has no object of its own.
        if name == "CASMailbox" || object.get("Take").is_some() {
            continue;
        }
        let kind = kind(name);
        let mut properties = Map::new();
        let entries = object["Properties"].as_object().expect("properties").iter();
        let found_by = object
            .get("Match")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        for (property, value) in entries.chain(found_by) {
            let shown = match value {
                Value::Null => continue,
                Value::Object(certificate) => {
                    let name = certificate["Certificate"].as_str().expect("a name");
                    certificates.insert(name.to_owned());
                    format!("<I>CN=Authority<S>CN={name}").into()
                }
                Value::Array(items) => items
                    .iter()
                    .map(|item| item.as_str().map_or_else(|| item.clone(), Value::from))
                    .collect(),
                value => value.clone(),
            };
            properties.insert(property.clone(), shown);
        }
        if object.get("Match").is_some() {
            properties.insert("Enabled".to_owned(), true.into());
            // What the wizard makes knows the servers by their certificate.
            let more = match name {
                "InboundConnector" => {
                    json!({"SenderDomains": ["*"], "RequireTls": true, "TlsSenderCertificateName": servers_name, "EFSkipLastIP": false, "RestrictDomainsToCertificate": false, "RestrictDomainsToIPAddresses": false})
                }
                "OutboundConnector" => {
                    json!({"SmartHosts": [servers_name], "UseMXRecord": false, "TlsSettings": "DomainValidation", "TlsDomain": servers_name, "AllAcceptedDomains": false, "IsTransportRuleScoped": false, "TestMode": false})
                }
                "SendConnector" => {
                    json!({"DNSRoutingEnabled": false, "SmartHosts": ["contoso-com.mail.protection.outlook.com"], "Port": 25, "IgnoreSTARTTLS": false, "TlsAuthLevel": "DomainValidation", "TlsDomain": "mail.protection.outlook.com", "SmartHostAuthMechanism": "None", "IsScopedConnector": false, "SourceTransportServers": if data["Edge"] == true { Vec::new() } else { servers.clone() }})
                }
                _ => json!({}),
            };
            for (property, value) in more.as_object().expect("a table") {
                properties
                    .entry(property.clone())
                    .or_insert_with(|| value.clone());
            }
        }
        let names: Vec<String> = match kind.identity {
            Identity::Name if kind.per_server => servers
                .iter()
                .map(|server| format!("{server}\\{}", object["Name"].as_str().expect("a name")))
                .collect(),
            Identity::Name => vec![object["Name"].as_str().expect("a name").to_owned()],
            Identity::Only | Identity::Fixed(_) => vec![name.to_owned()],
        };
        for own in names {
            let mut live = json!({"Kind": name, "Name": own, "Properties": properties});
            for key in ["State", "AnyRecipient"] {
                if let Some(value) = object.get(key) {
                    live[key] = value.clone();
                }
            }
            objects.push(live);
        }
    }
    let is_locked = location.objects().iter().any(|at| at.get("Take").is_some());
    // Before 2013 there was no front end.
    let title = data["Title"].as_str().unwrap_or_default();
    let is_old = title.contains("2007") || title.contains("2010");
    let door = if is_old {
        "Default"
    } else {
        "Default Frontend"
    };
    for server in &servers {
        objects.push(json!({"Kind": "ReceiveConnector", "Name": format!("{server}\\{door} {server}"), "AnyRecipient": false, "Properties": {
            "Enabled": true, "Bindings": ["[::]:25", "0.0.0.0:25"], "RemoteIPRanges": ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0-255.255.255.255"],
            "AuthMechanism": "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer", "RequireTLS": false,
            "PermissionGroups": if is_locked { "ExchangeServers, ExchangeLegacyServers" } else { "AnonymousUsers, ExchangeServers, ExchangeLegacyServers" },
            "Fqdn": format!("{server}.contoso.local"), "MaxMessageSize": "36 MB (37,748,736 bytes)", "Comment": ""}}));
    }
    let certificates = certificates.into_iter().map(|name| {
        json!({"Names": [name], "Thumbprint": "", "Issuer": "CN=Authority", "Subject": format!("CN={name}")})
    });
    json!({
        "Format": 1, "What": "state", "Whole": true, "Title": data["Title"],
        "Product": data["Product"], "Location": location.place, "Saved": "2026-11-28T02:00:00+00:00",
        "Unread": [], "Tenant": data["Tenant"], "Objects": objects, "Certificates": certificates.collect::<Vec<_>>(),
    })
}

pub(crate) fn compared(sample: &Sample, exports: &[(&str, Vec<u8>)]) -> (Vec<Finding>, Value) {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &sample.files["mailtopo.yaml"],
        files: &sample.files,
    };
    let exports: Vec<(&str, &[u8])> = exports
        .iter()
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    let today = Date::parse("2026-01-01").expect("a day");
    let (findings, json) =
        drift(&input, &exports, today).unwrap_or_else(|why| panic!("{}: {why}", sample.name));
    (findings, serde_json::from_str(&json).expect("JSON"))
}

/// One of so many is looked at in an everyday run, and all with `LAWS`.
pub(crate) fn part(everyday: usize) -> usize {
    if std::env::var_os("LAWS").is_some() {
        1
    } else {
        everyday
    }
}

/// Nothing is said but of what the exports do not have, and no mail goes elsewhere.
pub(crate) fn assert_no_drift(sample: &Sample, exports: &[(&str, Vec<u8>)], title: &str) -> Value {
    let (findings, json) = compared(sample, exports);
    let said: Vec<_> = findings
        .iter()
        .filter(|at| at.check != "C005")
        .map(|at| &at.message)
        .collect();
    assert!(said.is_empty(), "{title}: {said:#?}");
    assert_eq!(json["changes"], json!([]), "{title}");
    json
}

fn codes(findings: &[Finding]) -> BTreeSet<String> {
    findings
        .iter()
        .map(|finding| finding.check.to_string())
        .collect()
}

pub(crate) fn bytes(state: &Value) -> Vec<u8> {
    state.to_string().into_bytes()
}

#[test]
fn nothing_differs_where_all_is_as_compiled() {
    for sample in examples() {
        let exports: Vec<(&str, Vec<u8>)> = sample
            .states
            .iter()
            .map(|(name, state)| (name.as_str(), bytes(state)))
            .collect();
        let json = assert_no_drift(&sample, &exports, &sample.name);
        // The settings of a mailbox are the only thing that an export does not have.
        let missing = json["objects"].as_array().expect("a list").iter();
        for object in missing {
            assert_eq!(object["state"], "not-exported", "{}: {object}", sample.name);
            assert!(
                object["object"]
                    .as_str()
                    .expect("a name")
                    .starts_with("CASMailbox")
            );
        }
    }
}

/// Whether it is the connector for all addresses that every server has from the start.
pub(crate) fn is_of_product(object: &Value) -> bool {
    object["Name"]
        .as_str()
        .is_some_and(|name| name.contains("\\Default "))
}

/// Another value of a property; nothing where there is none that the product would tell apart.
pub(crate) fn other(name: &str, value: &Value) -> Option<Value> {
    let texts = |value: &Value| -> Vec<String> {
        let items = match value {
            Value::Array(items) => items.clone(),
            one => vec![one.clone()],
        };
        items
            .iter()
            .map(|item| {
                item.as_str()
                    .map_or_else(|| item.to_string(), str::to_owned)
            })
            .collect()
    };
    let other = match value {
        Value::Bool(truth) => Value::from(!truth),
        Value::Number(_) => json!(2525),
        Value::String(_) => "Another".into(),
        Value::Array(items) if items.len() > 1 => items[1..].to_vec().into(),
        Value::Array(_) => json!(["192.0.2.77"]),
        _ => return None,
    };
    let (one, two) = (texts(value), texts(&other));
    let differs =
        parts(name, one.iter().map(String::as_str)) != parts(name, two.iter().map(String::as_str));
    differs.then_some(other)
}

/// One of so many properties is changed in an everyday run.
const PART: usize = 9;

#[test]
fn a_changed_property_is_named_and_no_other() {
    let part = part(PART);
    let mut number = 0;
    for sample in examples() {
        for (place, state) in &sample.states {
            for (at, object) in state["Objects"]
                .as_array()
                .expect("a list")
                .iter()
                .enumerate()
            {
                let of_wizard = object["Name"] == "of the hybrid wizard" || is_of_product(object);
                for (property, value) in object["Properties"].as_object().expect("a table") {
                    let Some(other) = other(property, value) else {
                        continue;
                    };
                    number += 1;
                    if number % part != 0 || of_wizard {
                        continue;
                    }
                    let mut changed = state.clone();
                    changed["Objects"][at]["Properties"][property] = other;
                    let (findings, json) = compared(&sample, &[(place.as_str(), bytes(&changed))]);
                    let objects = json["objects"].as_array().expect("a list").iter();
                    let differing: Vec<String> = objects
                        .filter(|object| object["state"] != "not-exported")
                        .flat_map(|object| {
                            let properties =
                                object["properties"].as_array().expect("a list").iter();
                            properties
                                .map(move |at| format!("{} {}", object["object"], at["name"]))
                                .collect::<Vec<_>>()
                        })
                        .collect();
                    let title = format!(
                        "{} {}",
                        object["Kind"].as_str().expect("a kind"),
                        object["Name"].as_str().expect("a name")
                    );
                    // A mark that is gone is no difference, and is named as what it is.
                    if property.starts_with("Comment") {
                        let objects = json["objects"].as_array().expect("a list").iter();
                        let unmarked = objects.filter(|object| object["unmarked"] == true);
                        let unmarked: Vec<&Value> = unmarked.map(|at| &at["object"]).collect();
                        assert_eq!(unmarked, [&Value::from(title)], "{}/{place}", sample.name);
                        assert!(differing.is_empty(), "{differing:?}");
                        assert!(
                            !codes(&findings).contains("C002"),
                            "{}/{place}",
                            sample.name
                        );
                        continue;
                    }
                    let wanted =
                        format!("{} {}", Value::from(title), Value::from(property.as_str()));
                    assert_eq!(differing, [wanted], "{}/{place}", sample.name);
                    assert!(codes(&findings).contains("C002"), "{}/{place}", sample.name);
                    let flows = codes(&findings).contains("C004");
                    assert_eq!(
                        flows,
                        json["changes"] != json!([]),
                        "{}/{place}",
                        sample.name
                    );
                    // What makes mail suffer is an error like the mail that suffers.
                    let is_error = |code: &str| {
                        let mut of = findings.iter().filter(|at| at.check == code);
                        of.any(|at| at.severity == Severity::Error)
                    };
                    assert_eq!(
                        is_error("C002"),
                        is_error("C004"),
                        "{}/{place}: {property}",
                        sample.name
                    );
                }
            }
        }
    }
    assert!(number > 1000, "only {number} properties");
}

/// Of what the wizard made everything is its own but where it leads and by whom it is used: that is of the servers and the tenant
/// which the spec joins.
#[test]
fn a_changed_end_of_what_the_wizard_made_is_named_and_no_other() {
    let ends: [(&str, &str, Value); 14] = [
        ("OutboundConnector", "SmartHosts", json!(["192.0.2.77"])),
        (
            "OutboundConnector",
            "SmartHosts",
            json!(["mail.evil.example"]),
        ),
        ("OutboundConnector", "UseMXRecord", true.into()),
        ("OutboundConnector", "TlsSettings", "EncryptionOnly".into()),
        ("OutboundConnector", "TlsDomain", "mail.evil.example".into()),
        ("OutboundConnector", "IsTransportRuleScoped", true.into()),
        ("OutboundConnector", "TestMode", true.into()),
        (
            "InboundConnector",
            "SenderDomains",
            json!(["smtp:bank.example;1"]),
        ),
        ("InboundConnector", "RequireTls", false.into()),
        (
            "InboundConnector",
            "TlsSenderCertificateName",
            "mail.evil.example".into(),
        ),
        ("SendConnector", "SmartHosts", json!(["mail.evil.example"])),
        ("SendConnector", "TlsAuthLevel", "EncryptionOnly".into()),
        ("SendConnector", "TlsDomain", "mail.evil.example".into()),
        ("SendConnector", "IgnoreSTARTTLS", true.into()),
    ];
    let (mut looked_at, mut elsewhere) = (0, 0);
    for sample in examples() {
        for (place, state) in &sample.states {
            let all = state["Objects"].as_array().expect("a list");
            for (at, object) in all.iter().enumerate() {
                let own = ends.iter().filter(|(kind, ..)| object["Kind"] == **kind);
                for (kind, property, value) in own.filter(|_| object["Name"] == OF_WIZARD) {
                    let mut changed = state.clone();
                    changed["Objects"][at]["Properties"][*property] = value.clone();
                    let (findings, json) = compared(&sample, &[(place.as_str(), bytes(&changed))]);
                    let objects = json["objects"].as_array().expect("a list").iter();
                    let named: Vec<String> = objects
                        .flat_map(|object| {
                            let own = object["properties"].as_array().expect("a list").iter();
                            own.map(|at| format!("{} {}", object["object"], at["name"]))
                                .collect::<Vec<_>>()
                        })
                        .collect();
                    let wanted = format!("\"{kind} {OF_WIZARD}\" \"{property}\"");
                    assert_eq!(named, [wanted], "{}/{place}: {value}", sample.name);
                    assert!(codes(&findings).contains("C002"), "{}/{place}", sample.name);
                    // In place of servers with mailboxes it is nobody whom the spec knows.
                    if *kind == "OutboundConnector" && *property == "SmartHosts" {
                        let mut flows = findings.iter().filter(|at| at.check == "C004");
                        let is_said = flows.any(|at| at.message.contains("an unknown host"));
                        assert!(is_said, "{}/{place}: {findings:#?}", sample.name);
                    }
                    elsewhere += usize::from(codes(&findings).contains("C004"));
                    looked_at += 1;
                }
            }
        }
    }
    assert!(
        looked_at >= 28 && elsewhere > 5,
        "{looked_at}, {elsewhere} elsewhere"
    );
}

/// The names that a tenant has from the start stand in no spec, and a change of one is named all the same.
#[test]
fn a_changed_domain_of_the_tenant_itself_is_named() {
    let mut looked_at = 0;
    for sample in examples() {
        let tenants = sample
            .states
            .iter()
            .filter(|(_, state)| state["Product"] != "server");
        for (place, state) in tenants {
            for (property, value) in [
                ("DomainType", json!("InternalRelay")),
                ("MatchSubDomains", json!(true)),
                ("NoTableKnows", json!(true)),
            ] {
                let mut more = state.clone();
                let own = objects_of(state).pop().expect("a domain");
                if own["Kind"] != "AcceptedDomain"
                    || !own["Name"]
                        .as_str()
                        .is_some_and(|name| name.ends_with(".onmicrosoft.com"))
                {
                    continue;
                }
                let (title, mut changed) = (
                    format!("AcceptedDomain {}", own["Name"].as_str().expect("a name")),
                    own.clone(),
                );
                let all = more["Objects"].as_array_mut().expect("a list");
                all.push(own);
                let (findings, _) = compared(&sample, &[(place.as_str(), bytes(&more))]);
                assert!(!codes(&findings).contains("C002"), "{}", sample.name);
                changed["Properties"][property] = value;
                let all = more["Objects"].as_array_mut().expect("a list");
                *all.last_mut().expect("it is there") = changed;
                let (_, json) = compared(&sample, &[(place.as_str(), bytes(&more))]);
                let objects = json["objects"].as_array().expect("a list").iter();
                let mut own = objects.filter(|object| object["object"] == title);
                let is_named = own.any(|object| {
                    let named = object["properties"].as_array().expect("a list").iter();
                    let left = object["not_compared"].as_array().expect("a list").iter();
                    named
                        .map(|at| &at["name"])
                        .chain(left)
                        .any(|name| name == property)
                });
                assert!(is_named, "{}/{place}: {property}", sample.name);
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 20, "only {looked_at} domains");
}

/// What the clients of a connector may do depends on several properties, and none of them is the last word.
#[test]
fn properties_that_differ_together_are_followed_together() {
    let mut looked_at = 0;
    let all = examples();
    let servers = all
        .iter()
        .flat_map(|sample| sample.states.iter().map(move |at| (sample, at)));
    for (sample, (place, state)) in servers.filter(|(_, (_, state))| state["Product"] == "server") {
        let all = state["Objects"].as_array().expect("a list");
        for (at, object) in all.iter().enumerate() {
            if object["Kind"] != "ReceiveConnector" || is_of_product(object) {
                continue;
            }
            let flows = |changes: &[(&str, Value)]| {
                let mut changed = state.clone();
                for (name, value) in changes {
                    changed["Objects"][at]["Properties"][*name] = value.clone();
                }
                compared(sample, &[(place.as_str(), bytes(&changed))]).1["changes"].clone()
            };
            let off = flows(&[("Enabled", false.into())]);
            let both = flows(&[
                ("Enabled", false.into()),
                ("AuthMechanism", json!(["Tls", "Integrated"])),
            ]);
            let ends = |changes: &Value| -> Vec<Value> {
                let changes = changes.as_array().expect("a list").iter();
                changes
                    .map(|at| json!([at["direction"], at["from"], at["domains"]]))
                    .collect()
            };
            assert_eq!(ends(&off), ends(&both), "{}", object["Name"]);
            looked_at += usize::from(off != json!([]));
        }
    }
    assert!(looked_at > 0, "no connector makes a difference");
}

#[test]
fn an_object_that_is_gone_and_one_that_came_are_named() {
    for sample in examples() {
        for (place, state) in &sample.states {
            let all = state["Objects"].as_array().expect("a list");
            let ours = all
                .iter()
                .enumerate()
                .filter(|(_, object)| !is_of_product(object));
            for (at, object) in ours.step_by(3) {
                let title = format!(
                    "{} {}",
                    object["Kind"].as_str().expect("a kind"),
                    object["Name"].as_str().expect("a name")
                );
                // Where a kind has one object, the export still says that it holds the kind.
                let mut gone = state.clone();
                gone["Objects"].as_array_mut().expect("a list").remove(at);
                let (findings, json) = compared(&sample, &[(place.as_str(), bytes(&gone))]);
                let objects = json["objects"].as_array().expect("a list").iter();
                let states: Vec<&Value> = objects
                    .filter(|it| it["object"] == title)
                    .map(|it| &it["state"])
                    .collect();
                let is_single = object["Kind"]
                    .as_str()
                    .is_some_and(|kind| kind.ends_with("Config") && kind != "DkimSigningConfig");
                if !is_single {
                    assert_eq!(states, ["missing"], "{}/{place}: {title}", sample.name);
                    assert!(
                        codes(&findings).contains("C001"),
                        "{}/{place}: {title}",
                        sample.name
                    );
                }
            }
            if state["Product"] != "server" {
                let mut more = state.clone();
                let scanner = json!({"Kind": "InboundConnector", "Name": "Test scanner", "Properties": {
                    "ConnectorType": "OnPremises", "Enabled": true, "SenderDomains": ["smtp:*;1"], "SenderIPAddresses": ["203.0.113.99"],
                    "AuthenticationCredential": "hunter2"}});
                more["Objects"]
                    .as_array_mut()
                    .expect("a list")
                    .push(scanner);
                let (findings, json) = compared(&sample, &[(place.as_str(), bytes(&more))]);
                let said = findings
                    .iter()
                    .find(|finding| finding.check == "C003")
                    .expect("an unknown object");
                assert!(said.message.contains("Test scanner"), "{}", said.message);
                assert!(!json.to_string().contains("hunter2") && !said.message.contains("hunter2"));
            }
        }
    }
}

/// What exists is what another spec compiles to: the same mail goes elsewhere as between the two specs.
#[test]
fn a_drift_to_another_spec_is_the_difference_of_the_two() {
    let pairs = [
        (
            "05-partner-bank",
            "tls: verified",
            "tls: {inbound: verified, outbound: encrypted}",
        ),
        (
            "24-existing-connectors",
            "reject_direct_send: true",
            "reject_direct_send: false",
        ),
        (
            "24-existing-connectors",
            "recipients: [\"*\"]}",
            "recipients: [\"*\"], enabled: false}",
        ),
        ("17-selected-domains", "", ""),
    ];
    let mut looked_at = 0;
    for (name, from, to) in pairs {
        let before = sample(name, files(&root("examples").join(name)));
        let text = String::from_utf8(before.files["mailtopo.yaml"].clone()).expect("UTF-8");
        let mut changed = before.files.clone();
        let text = text.replacen(from, to, 1);
        changed.insert("mailtopo.yaml".to_owned(), text.into_bytes());
        let after = sample(name, changed);
        let exports: Vec<(&str, Vec<u8>)> = after
            .states
            .iter()
            .map(|(place, state)| (place.as_str(), bytes(state)))
            .collect();
        let (_, drifted) = compared(&before, &exports);
        let differ = Compared::of("mailtopo.yaml", &before.files, &after.files, "2026-01-01")
            .expect("two specs");
        let differ = differ.json().expect("a document");
        let flows = |document: &Value| -> BTreeSet<String> {
            let changes = document["changes"].as_array().expect("a list").iter();
            changes
                .map(|at| {
                    format!(
                        "{} {} {} {} {}",
                        at["direction"],
                        at["from"],
                        at["domains"],
                        at["old"]["all_ends"],
                        at["new"]["all_ends"]
                    )
                })
                .collect()
        };
        assert_eq!(flows(&drifted), flows(&differ), "{name}: {from} -> {to}");
        looked_at += flows(&differ).len();
    }
    assert!(looked_at >= 3, "only {looked_at} changes");
}

/// The objects of a state, with the domain that a tenant has from the start.
pub(crate) fn objects_of(state: &Value) -> Vec<Value> {
    let mut objects = state["Objects"].as_array().expect("a list").clone();
    let own = state["Tenant"].as_str().map(|name| json!({"Kind": "AcceptedDomain", "Name": name, "Properties": {"DomainType": "Authoritative", "MatchSubDomains": false}}));
    let own = own.filter(|own| objects.iter().all(|at| at["Name"] != own["Name"]));
    objects.extend(own);
    objects
}

/// What a cmdlet shows of an object: every property that this product has, under the name of the object.
pub(crate) fn shown(state: &Value, object: &Value) -> Option<BTreeMap<String, Value>> {
    let kind = kind(object["Kind"].as_str().expect("a kind"));
    let product = product(state["Title"].as_str().expect("a title"));
    let mut shown: BTreeMap<String, Value> = BTreeMap::new();
    for name in kind.properties.iter().chain(kind.cleared) {
        let is_server = matches!(product, Product::Server(_));
        if !is_server || has(kind.set, name, product) {
            shown.insert((*name).to_owned(), Value::Null);
        }
    }
    let name = object["Name"].clone();
    let extra: &[(&str, Value)] = match kind.name {
        "AcceptedDomain" | "RemoteDomain" => {
            &[("DomainName", name.clone()), ("Name", name.clone())]
        }
        "DkimSigningConfig" => &[("Domain", name.clone()), ("Selector1CNAME", "".into())],
        "OrganizationConfig" => &[("IsDehydrated", false.into()), ("Name", "contoso".into())],
        "TransportConfig" => &[("Name", "contoso".into())],
        "TransportRule" => &[("Priority", 0.into()), ("Name", name.clone())],
        "ReceiveConnector" => &[("Identity", name.clone()), ("Name", name.clone())],
        "ArcConfig" => return None,
        _ => &[("Name", name.clone())],
    };
    for (name, value) in extra {
        shown.insert((*name).to_owned(), value.clone());
    }
    for (name, value) in object["Properties"].as_object().expect("a table") {
        shown.insert(name.clone(), value.clone());
    }
    if let Some(state) = object.get("State") {
        shown.insert("State".to_owned(), state.clone());
    }
    Some(shown)
}

/// What `ConvertTo-Json` makes of the same objects. Without words an enumeration is its number, which nobody knows; at the
/// depth of 2 an object in a list is its text, as in a session with Exchange Online, while deeper it is taken apart.
pub(crate) fn json_text(state: &Value, words: bool, is_deep: bool) -> Vec<u8> {
    const ENUMERATIONS: [&str; 6] = [
        "TlsSettings",
        "TlsAuthLevel",
        "ConnectorType",
        "DomainType",
        "SmartHostAuthMechanism",
        "Mode",
    ];
    let objects = objects_of(state);
    let objects = objects.iter().filter_map(|object| shown(state, object));
    let objects: Vec<Value> = objects
        .map(|object| {
            let show = |(name, value): (String, Value)| {
                let value = match value {
                    Value::String(_) if !words && ENUMERATIONS.contains(&name.as_str()) => 3.into(),
                    Value::Array(items) if is_deep && name == "RemoteIPRanges" => items
                        .iter()
                        .map(|item| json!({"LowerBound": {}, "Expression": item}))
                        .collect(),
                    value => value,
                };
                (name, value)
            };
            Value::Object(object.into_iter().map(show).collect())
        })
        .collect();
    match &objects[..] {
        [one] => one.to_string().into_bytes(),
        all => Value::from(all.to_vec()).to_string().into_bytes(),
    }
}

/// The product of this title.
fn product(title: &str) -> Product {
    use ExchangeVersion::{Se, V2007, V2010, V2013, V2016, V2019};
    let servers = [V2007, V2010, V2013, V2016, V2019, Se].map(Product::Server);
    let all = [Product::Online, Product::Protection]
        .into_iter()
        .chain(servers);
    let mut all = all.filter(|product| product.to_string() == title);
    all.next().expect("a product")
}

/// The same objects as `Export-Clixml` shows them: every property, lists as objects, enumerations with their numbers.
pub(crate) fn clixml(state: &Value) -> Vec<u8> {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('\n', "_x000A_")
    };
    let plain = |name: &str, value: &Value| match value {
        Value::Bool(truth) => format!("<B{name}>{truth}</B>"),
        Value::Number(number) => format!("<I32{name}>{number}</I32>"),
        Value::Null => format!("<Nil{name}/>"),
        value => format!("<S{name}>{}</S>", escape(value.as_str().expect("a text"))),
    };
    let mut text =
        "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">"
            .to_owned();
    for object in &objects_of(state) {
        let Some(shown) = shown(state, object) else {
            continue;
        };
        text.push_str("<Obj RefId=\"0\"><TN RefId=\"0\"><T>Deserialized.Some.Type</T></TN><ToString>shown</ToString><Props>");
        for (name, value) in shown {
            let named = format!(" N=\"{name}\"");
            match value {
                Value::Array(items) => {
                    let items: String = items.iter().map(|item| plain("", item)).collect();
                    let _ = write!(
                        text,
                        "<Obj{named} RefId=\"1\"><TNRef RefId=\"1\"/><LST>{items}</LST></Obj>"
                    );
                }
                Value::String(word)
                    if ["TlsSettings", "TlsAuthLevel", "ConnectorType", "DomainType"]
                        .contains(&name.as_str()) =>
                {
                    let _ = write!(
                        text,
                        "<Obj{named} RefId=\"2\"><TN RefId=\"2\"><T>System.Enum</T></TN><ToString>{word}</ToString><I32>7</I32></Obj>"
                    );
                }
                value => text.push_str(&plain(&named, &value)),
            }
        }
        text.push_str("</Props><MS><BA N=\"SerializationData\">AAAA</BA></MS></Obj>");
    }
    text.push_str("</Objs>");
    // As Windows PowerShell writes it.
    [0xff, 0xfe]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect()
}

#[test]
fn an_export_as_clixml_says_the_same() {
    for sample in examples() {
        let exports: Vec<(&str, Vec<u8>)> = sample
            .states
            .iter()
            .map(|(name, state)| (name.as_str(), clixml(state)))
            .collect();
        let (findings, _) = compared(&sample, &exports);
        // Certificates of servers are another export, and are known by their names.
        let said: Vec<_> = findings
            .iter()
            .filter(|at| at.check != "C005")
            .map(|at| &at.message)
            .collect();
        assert!(said.is_empty(), "{}: {said:#?}", sample.name);
    }
}

/// Of what is as compiled no form is said to differ, and no mail to go elsewhere: what an export does not show is C005.
#[test]
fn an_export_in_every_form_says_the_same() {
    let mut silent = BTreeSet::new();
    for sample in examples() {
        let states: Vec<(String, Value)> = sample.states.clone().into_iter().collect();
        for (form, exports, is_whole) in crate::import::forms(&states) {
            let title = format!("{} {form}", sample.name);
            let (findings, json) = compared(&sample, &exports);
            // Without its list of addresses nobody knows a connector that is for all of them.
            let is_cut = |at: &&Finding| {
                let unknown = "which the spec does not have: what it does to mail was not followed";
                !is_whole && at.check == "C003" && at.message.ends_with(unknown)
            };
            let said = findings.iter().filter(|at| at.check != "C005");
            let said: Vec<_> = said
                .filter(|at| !is_cut(at))
                .map(|at| &at.message)
                .collect();
            assert!(said.is_empty(), "{title}: {said:#?}");
            assert_eq!(json["changes"], json!([]), "{title}");
            let objects = json["objects"].as_array().expect("a list").iter();
            for object in objects {
                assert_eq!(object["properties"], json!([]), "{title}: {object}");
            }
            if is_whole && findings.is_empty() {
                silent.insert(form);
            }
        }
    }
    println!("{silent:?}");
    assert!(silent.len() > 4, "{silent:?}");
}

#[test]
fn what_is_no_export_is_refused() {
    let sample = sample("05-partner-bank", files(&root("examples/05-partner-bank")));
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &sample.files["mailtopo.yaml"],
        files: &sample.files,
    };
    let today = Date::parse("2026-01-01").expect("a day");
    let deep = |open: &str, close: &str| {
        [open.repeat(100_000), close.repeat(100_000)]
            .concat()
            .into_bytes()
    };
    let objs = |inside: &str| format!("<Objs>{inside}</Objs>").into_bytes();
    let state = &sample.states["cloud"];
    let with = |key: &str, value: Value| {
        let mut state = state.clone();
        state[key] = value;
        bytes(&state)
    };
    for (export, part) in [
        (Vec::new(), "form is not known"),
        (b"\0\0\0".to_vec(), "form is not known"),
        (b"\xff\xfe<\0O".to_vec(), "not whole UTF-16"),
        (b"{\xe4}".to_vec(), "neither UTF-8 nor UTF-16"),
        (b"{".to_vec(), "no JSON"),
        (
            b"[{\"Name\": \"x\"}]".to_vec(),
            "none of those that carry mail",
        ),
        (b"[1]".to_vec(), "no export"),
        (b"{\"What\": \"report\"}".to_vec(), "no state"),
        (b"@{ Format = 1 }".to_vec(), "facts.ps1 -OutFile state.json"),
        (deep("[", "]"), "no JSON"),
        (deep("<a>", "</a>"), "deep in each other"),
        (b"<html></html>".to_vec(), "not what `Export-Clixml` writes"),
        (b"<Objs><Obj>".to_vec(), "ends before"),
        (
            b"<!DOCTYPE a [<!ENTITY a \"b\">]><Objs/>".to_vec(),
            "document type",
        ),
        (
            objs("<Obj><Props><S N=\"Name\">&a;</S></Props></Obj>"),
            "entity",
        ),
        (
            objs("<Obj><Props><S N=\"Name\">x</S></Props></Obj>"),
            "none of those that carry mail",
        ),
        (with("Format", 2.into()), "another version"),
        (with("Whole", false.into()), "saved before a change"),
        (with("Product", "other".into()), "product"),
        (
            with("Location", "hq".into()),
            "exported for the location `hq`",
        ),
    ] {
        let refused = drift(&input, &[("cloud", &export)], today).map(|_| ());
        let why = refused.expect_err(part);
        assert!(why.contains(part), "{part}: {why}");
    }
    let export = bytes(state);
    let of_nobody = drift(&input, &[("nobody", &export)], today).map(|_| ());
    assert!(
        of_nobody
            .expect_err("no location")
            .contains("no location `nobody`")
    );
}

#[test]
fn the_program_says_by_its_exit_code_what_differs() {
    let sample = sample("05-partner-bank", files(&root("examples/05-partner-bank")));
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in &sample.files {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    let write =
        |state: &Value| fs::write(folder.path().join("cloud.json"), bytes(state)).expect("a file");
    let run = |more: &[&str]| {
        let args = [
            &["drift", "cloud=cloud.json", "--today", "2026-01-01"],
            more,
        ]
        .concat();
        mailtopo(folder.path(), &args).output().expect("it runs")
    };
    let state = &sample.states["cloud"];
    write(state);
    let same = run(&["--exit-code"]);
    assert_eq!(same.status.code(), Some(0), "{}", stderr(&same));
    assert_eq!(stdout(&same).lines().count(), 1, "{}", stdout(&same));
    let objects = state["Objects"].as_array().expect("a list");
    let to_bank = objects
        .iter()
        .position(|object| object["Kind"] == "OutboundConnector")
        .expect("a connector");
    // Whose words stand in a comment is no difference: all that others made is without a mark.
    let mut unmarked = state.clone();
    unmarked["Objects"][to_bank]["Properties"]["Comment"] = "by hand".into();
    write(&unmarked);
    let same = run(&["--exit-code"]);
    assert_eq!(same.status.code(), Some(0), "{}", stdout(&same));
    assert_eq!(stdout(&same).lines().count(), 1, "{}", stdout(&same));
    assert!(
        stdout(&same).contains("1 object without the mark"),
        "{}",
        stdout(&same)
    );
    let mut noted = state.clone();
    noted["Objects"][to_bank]["Properties"]["CloudServicesMailEnabled"] = true.into();
    write(&noted);
    assert_eq!(run(&[]).status.code(), Some(0));
    assert_eq!(run(&["--exit-code"]).status.code(), Some(3));
    let mut off = state.clone();
    off["Objects"][to_bank]["Properties"]["Enabled"] = false.into();
    write(&off);
    let worse = run(&["--script", "fix"]);
    assert_eq!(worse.status.code(), Some(1), "{}", stdout(&worse));
    assert!(stdout(&worse).contains("C004"), "{}", stdout(&worse));
    let data = fs::read_to_string(folder.path().join("fix/cloud/desired.psd1")).expect("the data");
    let data = crate::exchange::data_file::read(&data).expect("a table");
    let names: Vec<&Value> = data["Objects"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|at| &at["Name"])
        .collect();
    assert_eq!(names, [&state["Objects"][to_bank]["Name"]]);
    assert!(
        folder
            .path()
            .join("fix/lib/mailtopo-exchange.ps1")
            .is_file()
    );
    for (args, part) in [
        (vec!["drift"], "required"),
        (vec!["drift", "mailtopo.yaml"], "no export"),
        (
            vec!["drift", "a.yaml", "b.yaml", "cloud=cloud.json"],
            "second spec",
        ),
        (
            vec!["drift", "cloud=nothing.json"],
            "cannot read `nothing.json`",
        ),
        (vec!["drift", "cloud=mailtopo.yaml"], "form is not known"),
    ] {
        let refused = mailtopo(folder.path(), &args).output().expect("it runs");
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert!(
            stderr(&refused).contains(part),
            "{args:?}: {}",
            stderr(&refused)
        );
    }
}

/// What the language cannot say of an object is found by import, and stands in the spec, so that `drift` names every change of
/// it, or says by name that it does not compare it.
#[test]
fn a_changed_property_of_what_others_manage_is_named() {
    let beyond = |kind: &str| -> Option<(&str, Value)> {
        Some(match kind {
            "TransportRule" => ("ExceptIfSCLOver", "5".into()),
            "InboundConnector" => ("TrustedOrganizations", json!(["contoso.com"])),
            "OutboundConnector" => ("TestMode", true.into()),
            "SendConnector" => ("IsScopedConnector", true.into()),
            "ReceiveConnector" => ("Fqdn", "other.contoso.local".into()),
            _ => return None,
        })
    };
    let part = part(PART);
    let (mut number, mut of_others) = (0, 0);
    for sample in examples() {
        let mut states = sample.states.clone();
        for state in states.values_mut() {
            let all = state["Objects"].as_array_mut().expect("a list").iter_mut();
            for object in all.filter(|object| !is_of_product(object)) {
                let kind = object["Kind"].as_str().expect("a kind");
                if let Some((name, value)) = beyond(kind).filter(|_| object["Name"] != OF_WIZARD) {
                    object["Properties"][name] = value;
                }
            }
        }
        let exports: Vec<(&str, Vec<u8>)> = states
            .iter()
            .map(|(place, state)| (place.as_str(), bytes(state)))
            .collect();
        let borrowed: Vec<(&str, &[u8])> = exports
            .iter()
            .map(|(place, bytes)| (*place, &bytes[..]))
            .collect();
        let today = Date::parse("2026-01-01").expect("a day");
        let (files, _) = import(&borrowed, today).expect("a draft");
        let imported = Sample {
            name: sample.name.clone(),
            files,
            states: states.clone(),
        };
        let (findings, _) = compared(&imported, &exports);
        let said = findings.iter().filter(|at| at.check != "C005");
        let said: Vec<&String> = said.map(|at| &at.message).collect();
        assert!(said.is_empty(), "{}: {said:#?}", sample.name);
        for (place, state) in &states {
            let all = state["Objects"].as_array().expect("a list");
            for (at, object) in all.iter().enumerate() {
                let kind = object["Kind"].as_str().expect("a kind");
                let Some((beyond, _)) = beyond(kind) else {
                    continue;
                };
                if is_of_product(object) || object["Name"] == OF_WIZARD {
                    continue;
                }
                of_others += 1;
                for (property, value) in object["Properties"].as_object().expect("a table") {
                    let Some(other) = other(property, value) else {
                        continue;
                    };
                    number += 1;
                    if number % part != 0 && property != beyond || property.starts_with("Comment") {
                        continue;
                    }
                    let mut changed = state.clone();
                    changed["Objects"][at]["Properties"][property] = other;
                    let (_, json) = compared(&imported, &[(place.as_str(), bytes(&changed))]);
                    let title = format!("{kind} {}", object["Name"].as_str().expect("a name"));
                    let objects = json["objects"].as_array().expect("a list").iter();
                    let mut own = objects.filter(|object| object["object"] == *title);
                    let is_named = own.any(|object| {
                        let named = object["properties"].as_array().expect("a list").iter();
                        let named = named.map(|at| &at["name"]);
                        let left = object["not_compared"].as_array().expect("a list").iter();
                        named.chain(left).any(|name| name == property)
                            || object["state"] == "unknown"
                    });
                    assert!(is_named, "{}/{place}: {title}: {property}", sample.name);
                }
            }
        }
    }
    assert!(
        number > 500 && of_others > 50,
        "only {number} of {of_others}"
    );
}

const OF_WIZARD: &str = "of the hybrid wizard";

/// A rule that is only audited works once it is enforced.
#[test]
fn the_mode_of_a_rule_is_followed() {
    let name = "tests/field/import-rule-audited";
    let files = files(&root(name));
    let sample = Sample {
        name: name.to_owned(),
        files: files.clone(),
        states: BTreeMap::new(),
    };
    let exports = |rules: &str| -> Vec<(&str, Vec<u8>)> {
        let others = ["domains.json", "inbound.json", "outbound.json"];
        let others = others.map(|name| ("cloud", files[name].clone()));
        others
            .into_iter()
            .chain([("cloud", rules.as_bytes().to_vec())])
            .collect()
    };
    let rules = String::from_utf8(files["rules.json"].clone()).expect("UTF-8");
    let (before, _) = compared(&sample, &exports(&rules));
    let said = codes(&before);
    assert!(!said.contains("C002") && !said.contains("C004"), "{said:?}");
    let enforced = rules.replace("\"Audit\"", "\"Enforce\"");
    assert_ne!(rules, enforced);
    let (after, _) = compared(&sample, &exports(&enforced));
    let mut said = after.iter().filter(|at| at.check == "C002");
    assert!(said.any(|at| {
        at.message
            .contains("State is `Enabled`, expected `Disabled`")
    }));
    assert!(codes(&after).contains("C004"));
}

/// Servers that take mail of external senders no more, by the connectors that every server has from the start.
#[test]
fn a_server_that_shuts_its_door_is_seen() {
    let mut looked_at = 0;
    for sample in examples() {
        let servers = sample
            .states
            .iter()
            .filter(|(_, state)| state["Product"] == "server");
        for (place, state) in servers {
            let all = state["Objects"].as_array().expect("a list");
            let is_open = |object: &&Value| {
                let groups = object["Properties"]["PermissionGroups"].as_str();
                is_of_product(object) && groups.is_some_and(|it| it.contains("AnonymousUsers"))
            };
            if !all.iter().any(|object| is_open(&object)) {
                continue;
            }
            for (property, value, wanted) in [
                (
                    "Enabled",
                    Value::from(false),
                    "Enabled is `False`, expected `True`",
                ),
                (
                    "PermissionGroups",
                    "ExchangeServers".into(),
                    "expected `ExchangeServers`, `AnonymousUsers`",
                ),
            ] {
                let mut changed = state.clone();
                let all = changed["Objects"]
                    .as_array_mut()
                    .expect("a list")
                    .iter_mut();
                for object in all.filter(|object| is_of_product(object)) {
                    object["Properties"][property] = value.clone();
                }
                let (findings, json) = compared(&sample, &[(place.as_str(), bytes(&changed))]);
                let mut said = findings.iter().filter(|at| at.check == "C002");
                assert!(
                    said.any(|at| at.message.contains(wanted)),
                    "{}: {findings:#?}",
                    sample.name
                );
                looked_at += usize::from(json["changes"] != json!([]));
            }
        }
    }
    assert!(looked_at >= 2, "only {looked_at} change the mail");
}

/// What `drift` says of one export, by the program: the exit code, and each object that differs with its properties.
fn of_program(folder: &std::path::Path, export: &str) -> (Option<i32>, Vec<String>, String) {
    let args = ["drift", export, "--exit-code", "--today", "2026-01-01"];
    let json = [&args[..], &["--output-format", "json"]].concat();
    let done = mailtopo(folder, &json).output().expect("it runs");
    let said: Value = serde_json::from_str(&stdout(&done)).unwrap_or_default();
    let objects = said["objects"].as_array().cloned().unwrap_or_default();
    let named = objects.iter().flat_map(|object| {
        let properties = object["properties"].as_array().expect("a list").iter();
        let mut named: Vec<String> = properties
            .map(|at| {
                format!(
                    "{} {}",
                    object["object"].as_str().expect("a title"),
                    at["name"].as_str().expect("a name")
                )
            })
            .collect();
        let left = object["not_compared"].as_array().expect("a list").iter();
        named.extend(left.map(|name| format!("{} not compared: {name}", object["object"])));
        if named.is_empty() {
            named.push(format!(
                "{} {}",
                object["object"].as_str().expect("a title"),
                object["state"].as_str().expect("a state")
            ));
        }
        named
    });
    (
        done.status.code(),
        named.collect(),
        stdout(&done) + &stderr(&done),
    )
}

/// A copy of an example, and what it compiles to in `out`.
fn compiled_example(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files(&root("examples").join(name)) {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    let args = ["compile", "--out", "out", "--today", "2026-01-01"];
    let done = mailtopo(folder.path(), &args).output().expect("it runs");
    assert!(
        matches!(done.status.code(), Some(0)),
        "{}{}",
        stdout(&done),
        stderr(&done)
    );
    folder
}

/// Of a Postfix host one line is changed after the other: exactly that parameter or entry is named.
#[test]
fn a_changed_line_of_a_postfix_host_is_named_and_no_other() {
    let mut looked_at = 0;
    for name in ["07-postfix-and-cloud", "17-selected-domains"] {
        let example = compiled_example(name);
        let folder = example.path();
        let (code, named, text) = of_program(folder, "mx=out/mx");
        assert_eq!((code, &named), (Some(0), &Vec::new()), "{name}: {text}");
        let own = files(&folder.join("out/mx"));
        for (file, bytes) in own
            .iter()
            .filter(|(file, _)| *file != "install.sh" && *file != "CHECKLIST.md")
        {
            let text = String::from_utf8(bytes.clone()).expect("UTF-8");
            let lines: Vec<&str> = text.lines().collect();
            for (at, line) in lines.iter().enumerate() {
                let is_value = !line.starts_with(['#', ' ']) && !line.is_empty();
                let goes_on = lines.get(at + 1).is_some_and(|next| next.starts_with(' '));
                if !is_value || goes_on {
                    continue;
                }
                let (property, changed) = if file == "main.cf" {
                    let (property, _) = line.split_once(" =").expect("a parameter");
                    (property.to_owned(), format!("{line} other"))
                } else {
                    let mut words = line.split_whitespace();
                    (
                        words.next().expect("a key").to_lowercase(),
                        format!("{line} other"),
                    )
                };
                let mut after = lines.clone();
                after[at] = &changed;
                fs::write(folder.join("out/mx").join(file), after.join("\n") + "\n")
                    .expect("a file");
                let (code, named, text) = of_program(folder, "mx=out/mx");
                assert!(matches!(code, Some(1 | 3)), "{name}/{file}: {line}: {text}");
                assert!(
                    named.len() == 1 && named[0].ends_with(&format!(" {property}")),
                    "{name}/{file}: {line}: {named:?}"
                );
                looked_at += 1;
            }
            fs::write(folder.join("out/mx").join(file), bytes).expect("a file");
        }
        // What the spec says nothing of is named, and what no mail depends on is not.
        let main = String::from_utf8(own["main.cf"].clone()).expect("UTF-8");
        let path = folder.join("out/mx/main.cf");
        fs::write(
            &path,
            format!("{main}compatibility_level = 3.6\nsmtpd_banner = $myhostname\n"),
        )
        .expect("a file");
        let (code, named, text) = of_program(folder, "mx=out/mx");
        assert_eq!((code, named.len()), (Some(0), 0), "{text}");
        fs::write(
            &path,
            format!("{main}content_filter = hunter2:[127.0.0.1]:10024\n"),
        )
        .expect("a file");
        let (code, named, text) = of_program(folder, "mx=out/mx");
        assert_eq!(code, Some(3), "{text}");
        assert!(
            named[0].contains("content_filter") && !text.contains("hunter2"),
            "{text}"
        );
        // What the host calls itself has to be a name that the spec has.
        for (own, code) in [("mail.fabrikam.com", 0), ("other.example", 3)] {
            if name.starts_with("07") {
                fs::write(&path, format!("{main}myhostname = {own}\n")).expect("a file");
                let (is, named, text) = of_program(folder, "mx=out/mx");
                assert_eq!(is, Some(code), "{text}");
                assert!(
                    named.iter().all(|it| it == "main.cf main.cf myhostname"),
                    "{named:?}"
                );
            }
        }
        // A table that is gone is missed, and what it holds is not known without its source.
        fs::write(&path, &main).expect("a file");
        fs::copy(&path, folder.join("main.cf")).expect("a file");
        let (_, named, text) = of_program(folder, "mx=main.cf");
        assert!(
            !named.is_empty() && named.iter().all(|it| it.contains("its entries")),
            "{text}"
        );
        // The files that restore it are those that were compiled.
        let with = main.replacen("relayhost =", "relayhost = [evil.example]:25\n#", 1);
        fs::write(&path, with).expect("a file");
        let args = [
            "drift",
            "mx=out/mx",
            "--today",
            "2026-01-01",
            "--script",
            "fix",
        ];
        let done = mailtopo(folder, &args).output().expect("it runs");
        // In place of servers of ours nobody knows who has it; where the MX was asked it is a relay of others.
        let unknown = name.starts_with("07").then_some("an unknown host");
        for word in ["C002", "C004"].into_iter().chain(unknown) {
            assert!(stdout(&done).contains(word), "{word}: {}", stdout(&done));
        }
        let restored = fs::read_to_string(folder.join("fix/mx/main.cf")).expect("a file");
        assert_eq!(restored, main);
        let args = ["drift", "mx=out/mx", "--today", "2026-01-01", "--adopt"];
        let adopted = mailtopo(folder, &args).output().expect("it runs");
        assert_eq!(adopted.status.code(), Some(0), "{}", stderr(&adopted));
        let (code, named, text) = of_program(folder, "mx=out/mx");
        assert_eq!((code, named), (Some(0), Vec::new()), "{text}");
    }
    assert!(looked_at > 40, "only {looked_at} lines");
}

/// Zones hold more than mail needs; what is missing, or says something else of mail, is named.
#[test]
fn a_changed_record_of_a_zone_is_named_and_no_other() {
    let mut looked_at = 0;
    for name in [
        "05-partner-bank",
        "02-split-mailboxes",
        "07-postfix-and-cloud",
    ] {
        let example = compiled_example(name);
        let folder = example.path();
        let zones = fs::read_dir(folder.join("out/dns")).expect("zones");
        let zones = zones.map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        });
        for zone in zones {
            let Some(origin) = zone.strip_suffix(".zone") else {
                continue;
            };
            let text = fs::read_to_string(folder.join("out/dns").join(&zone)).expect("a zone");
            let others = format!(
                "$ORIGIN {origin}.\nwww 300 IN A 192.0.2.80\n@ 300 IN TXT \"google-site-verification=x\"\n@ 300 IN SOA ns1 host 1 2 3 4 5\n@ 300 IN NS ns1\n"
            );
            let export = format!("dns={zone}");
            let write = |lines: &[&str], more: &str| {
                fs::write(
                    folder.join(&zone),
                    format!("{others}{}\n{more}", lines.join("\n")),
                )
                .expect("a file");
            };
            let lines: Vec<&str> = text.lines().collect();
            write(&lines, "");
            // Zones that are not named are said to be missing, once.
            let (_, named, said) = of_program(folder, &export);
            assert!(named.is_empty(), "{name}/{zone}: {named:?} {said}");
            for (at, line) in lines.iter().enumerate() {
                let Some((head, data)) = line.split_once(" IN ").filter(|_| !line.starts_with(';'))
                else {
                    continue;
                };
                let owner = head.split_whitespace().next().expect("an owner");
                let kind = data.split_whitespace().next().expect("a type");
                if owner.starts_with(' ') || kind == "SOA" || line.contains('(') {
                    continue;
                }
                let mut gone = lines.clone();
                gone.remove(at);
                write(&gone, "");
                let (code, named, said) = of_program(folder, &export);
                // Without its exchangers a domain of the spec has no mail; whose key is missing, nobody follows.
                let is_followed = kind == "MX" && !owner.starts_with('*') && !data.ends_with(" .");
                let is_lost = is_followed && said.contains("C004");
                assert_eq!(code, Some(if is_lost { 1 } else { 3 }), "{line}: {said}");
                assert_eq!(is_followed, said.contains("C004"), "{line}: {said}");
                assert!(
                    named.len() == 1 && named[0].starts_with(&format!("{kind} {owner} ")),
                    "{line}: {named:?}"
                );
                looked_at += 1;
            }
            let more = format!(
                "{origin}. 300 IN MX 5 mx.evil.example.\n{origin}. 300 IN TXT \"v=spf1 +all\"\nlists 300 IN MX 5 mx.evil.example.\n"
            );
            write(&lines, &more);
            let (code, named, said) = of_program(folder, &export);
            assert!(matches!(code, Some(1 | 3)), "{said}");
            let wanted = format!("MX lists.{origin}. unknown");
            assert!(named.contains(&wanted), "{named:?}");
            assert!(named.iter().any(|it| it.starts_with("TXT ")), "{named:?}");
        }
    }
    assert!(looked_at > 8, "only {looked_at} records");
    let example = compiled_example("05-partner-bank");
    fs::write(
        example.path().join("other.zone"),
        "$ORIGIN other.example.\n@ 300 IN MX 5 mx\n",
    )
    .expect("a file");
    for (export, part) in [
        (
            "dns=other.zone",
            "the spec writes none of these zones: other.example",
        ),
        ("zones=other.zone", "zones are no location"),
        ("cloud=other.zone", "is of Exchange"),
    ] {
        let args = ["drift", export, "--today", "2026-01-01"];
        let refused = mailtopo(example.path(), &args).output().expect("it runs");
        assert_eq!(refused.status.code(), Some(2), "{export}");
        assert!(
            stderr(&refused).contains(part),
            "{export}: {}",
            stderr(&refused)
        );
    }
}

/// The table of forms in the library of the scripts.
fn forms_of_library() -> BTreeMap<String, String> {
    let (_, rest) = LIBRARY.split_once("\n$forms = @{}\n").expect("the table");
    let (table, _) = rest.split_once("\n$anyRecipient").expect("its end");
    let mut forms = BTreeMap::new();
    let quoted = |text: &str| -> Vec<String> {
        text.split('\'')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    for part in table.split("foreach ($name in @(").skip(1) {
        let (names, body) = part.split_once("))").expect("a list");
        let form = body.split('\'').nth(1).expect("a form").to_owned();
        for name in quoted(names) {
            if body.split('}').next().expect("a body").contains("ExceptIf") {
                forms.insert(format!("ExceptIf{name}"), form.clone());
            }
            forms.insert(name, form.clone());
        }
    }
    for line in table.lines().filter(|line| line.starts_with("$forms['")) {
        let words = quoted(line);
        forms.insert(words[0].clone(), words[1].clone());
    }
    forms
}

#[test]
fn forms_are_those_of_the_library() {
    let library = forms_of_library();
    for kind in ALL {
        for name in kind.properties.iter().chain(kind.cleared) {
            let form = match form_of(name) {
                Form::Exact => "",
                Form::Name => "name",
                Form::Space => "space",
                Form::Address => "address",
                Form::Flags => "flags",
                Form::Comment => "comment",
                Form::Host => "host",
                Form::Size => "size",
            };
            let wanted = library.get(*name).map_or("", String::as_str);
            // Exchange keeps these in another form of Unicode, which a spec does not use.
            let wanted = if wanted == "words" { "" } else { wanted };
            assert_eq!(form, wanted, "{} {name}", kind.name);
        }
    }
    assert!(library.len() > 40, "{library:#?}");
}
