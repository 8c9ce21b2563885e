//! One property of one connector is changed: `drift` says that mail goes elsewhere (C004) exactly where the oracle, which
//! sends every message through the changed object, sees another end, way or level.
//!
//! What a property means is written down here once more, by its description in the documents of the cmdlets.

use crate::compare::{recipients, senders};
use crate::planned;
use crate::readings::Readings;
use crate::simulate::Outcome;
use crate::start::outcomes;
use crate::world::World;
use mailtopo::compile::Input;
use mailtopo::testing::emit::emit;
use mailtopo::testing::finding::{Finding, Findings};
use mailtopo::testing::plan::{Configuration, Plan};
use mailtopo::testing::platforms::exchange::call::Call;
use mailtopo::testing::platforms::exchange::catalogue::{Product, check};
use mailtopo::testing::platforms::exchange::scripts::Form;
use mailtopo::testing::platforms::exchange_online::{
    ConnectorType, InboundConnector, OutboundConnector, TlsSettings,
};
use mailtopo::testing::platforms::exchange_server::{
    Grant, ReceiveConnector, SendConnector, TlsAuthLevel,
};
use mailtopo::testing::platforms::postfix::{
    Configuration as Tables, Entry, HopId, Key, TlsPolicyLevel,
};
use mailtopo::testing::routes::RouteId;
use mailtopo::testing::topology::Party;
use mailtopo::testing::values::{Date, DomainName, Network, Pattern, TlsLevel};
use mailtopo::testing::writer::powershell::PsValue;
use mailtopo::testing::{drift, drift_folder};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One of so many changes is looked at in an everyday run; `LAWS` asks for all.
const PART: usize = 11;

/// A change: the property, its value in an export, and what it makes of the object.
type Change<T> = (&'static str, Value, Box<dyn Fn(&mut T)>);

fn texts<T: ToString>(items: &[T]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn change<T>(
    name: &'static str,
    value: impl Into<Value>,
    then: impl Fn(&mut T) + 'static,
) -> Change<T> {
    (name, value.into(), Box::new(then))
}

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).expect("a pattern")
}

fn network(text: &str) -> Network {
    Network::parse(text).expect("a network")
}

fn type_word(it: ConnectorType) -> &'static str {
    match it {
        ConnectorType::OnPremises => "OnPremises",
        ConnectorType::Partner => "Partner",
    }
}

fn other_type(it: ConnectorType) -> ConnectorType {
    match it {
        ConnectorType::OnPremises => ConnectorType::Partner,
        ConnectorType::Partner => ConnectorType::OnPremises,
    }
}

static SETTINGS: [(Option<TlsSettings>, Option<&str>); 4] = [
    (None, None),
    (Some(TlsSettings::EncryptionOnly), Some("EncryptionOnly")),
    (
        Some(TlsSettings::CertificateValidation),
        Some("CertificateValidation"),
    ),
    (
        Some(TlsSettings::DomainValidation),
        Some("DomainValidation"),
    ),
];

static LEVELS: [(Option<TlsAuthLevel>, Option<&str>); 4] = [
    (None, None),
    (Some(TlsAuthLevel::EncryptionOnly), Some("EncryptionOnly")),
    (
        Some(TlsAuthLevel::CertificateValidation),
        Some("CertificateValidation"),
    ),
    (
        Some(TlsAuthLevel::DomainValidation),
        Some("DomainValidation"),
    ),
];

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>
fn outbound(it: &OutboundConnector) -> (Value, Vec<Change<OutboundConnector>>) {
    let level = SETTINGS.iter().find(|(known, _)| *known == it.tls_settings);
    let shown = json!({
        "Name": it.name, "Enabled": it.enabled, "TestMode": false, "ConnectorType": type_word(it.connector_type),
        "RecipientDomains": texts(&it.recipient_domains), "AllAcceptedDomains": it.all_accepted_domains,
        "UseMXRecord": it.smart_hosts.is_empty(), "SmartHosts": it.smart_hosts,
        "TlsSettings": level.and_then(|(_, word)| *word), "TlsDomain": it.tls_domain,
        "IsTransportRuleScoped": it.is_transport_rule_scoped,
        "RouteAllMessagesViaOnPremises": it.route_all_messages_via_on_premises,
        "CloudServicesMailEnabled": it.cloud_services_mail_enabled,
        "SenderRewritingEnabled": it.sender_rewriting_enabled.unwrap_or_default(),
    });
    let mut all: Vec<Change<OutboundConnector>> = vec![
        change("Enabled", !it.enabled, |it: &mut OutboundConnector| {
            it.enabled = !it.enabled;
        }),
        change("TestMode", true, |it: &mut OutboundConnector| {
            it.enabled = false;
        }),
        change(
            "ConnectorType",
            type_word(other_type(it.connector_type)),
            |it: &mut OutboundConnector| {
                it.connector_type = other_type(it.connector_type);
            },
        ),
        change(
            "RecipientDomains",
            json!(["unlisted.example"]),
            |it: &mut OutboundConnector| {
                it.recipient_domains = vec![pattern("unlisted.example")];
            },
        ),
        change(
            "AllAcceptedDomains",
            !it.all_accepted_domains,
            |it: &mut OutboundConnector| {
                it.all_accepted_domains = !it.all_accepted_domains;
            },
        ),
        change(
            "TlsDomain",
            "other.example",
            |it: &mut OutboundConnector| {
                it.tls_domain = Some("other.example".to_owned());
            },
        ),
        change(
            "IsTransportRuleScoped",
            !it.is_transport_rule_scoped,
            |it: &mut OutboundConnector| {
                it.is_transport_rule_scoped = !it.is_transport_rule_scoped;
            },
        ),
        change(
            "RouteAllMessagesViaOnPremises",
            !it.route_all_messages_via_on_premises,
            |it: &mut OutboundConnector| {
                it.route_all_messages_via_on_premises = !it.route_all_messages_via_on_premises;
            },
        ),
        change(
            "CloudServicesMailEnabled",
            !it.cloud_services_mail_enabled,
            |it: &mut OutboundConnector| {
                it.cloud_services_mail_enabled = !it.cloud_services_mail_enabled;
            },
        ),
    ];
    if let Some(on) = it.sender_rewriting_enabled {
        all.push(change(
            "SenderRewritingEnabled",
            !on,
            |it: &mut OutboundConnector| {
                it.sender_rewriting_enabled = it.sender_rewriting_enabled.map(|on| !on);
            },
        ));
    }
    if it.recipient_domains.len() > 1 {
        let rest = texts(&it.recipient_domains[1..]);
        all.push(change(
            "RecipientDomains",
            rest,
            |it: &mut OutboundConnector| {
                it.recipient_domains.remove(0);
            },
        ));
    }
    if !it.smart_hosts.is_empty() {
        all.push(change(
            "SmartHosts",
            json!(["relay.unlisted.example"]),
            |it: &mut OutboundConnector| {
                it.smart_hosts = vec!["relay.unlisted.example".to_owned()];
            },
        ));
        all.push(change("UseMXRecord", true, |it: &mut OutboundConnector| {
            it.smart_hosts.clear();
        }));
    }
    let others = SETTINGS
        .iter()
        .filter(|(level, _)| *level != it.tls_settings);
    all.extend(others.map(|(level, word)| {
        change("TlsSettings", *word, move |it: &mut OutboundConnector| {
            it.tls_settings = *level;
        })
    }));
    (shown, all)
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>
fn inbound(it: &InboundConnector) -> (Value, Vec<Change<InboundConnector>>) {
    let shown = json!({
        "Name": it.name, "Enabled": it.enabled, "ConnectorType": type_word(it.connector_type),
        "SenderDomains": texts(&it.sender_domains), "RequireTls": it.require_tls,
        "RestrictDomainsToCertificate": it.restrict_domains_to_certificate,
        "TlsSenderCertificateName": it.tls_sender_certificate_name,
        "RestrictDomainsToIPAddresses": it.restrict_domains_to_ip_addresses,
        "SenderIPAddresses": texts(&it.sender_ip_addresses),
        "AssociatedAcceptedDomains": texts(&it.associated_accepted_domains),
        "CloudServicesMailEnabled": it.cloud_services_mail_enabled,
        "TreatMessagesAsInternal": it.treat_messages_as_internal,
    });
    let mut all: Vec<Change<InboundConnector>> = vec![
        change("Enabled", !it.enabled, |it: &mut InboundConnector| {
            it.enabled = !it.enabled;
        }),
        change(
            "ConnectorType",
            type_word(other_type(it.connector_type)),
            |it: &mut InboundConnector| {
                it.connector_type = other_type(it.connector_type);
            },
        ),
        change(
            "SenderDomains",
            json!(["unlisted.example"]),
            |it: &mut InboundConnector| {
                it.sender_domains = vec![pattern("unlisted.example")];
            },
        ),
        change(
            "RequireTls",
            !it.require_tls,
            |it: &mut InboundConnector| it.require_tls = !it.require_tls,
        ),
        change(
            "RestrictDomainsToCertificate",
            !it.restrict_domains_to_certificate,
            |it: &mut InboundConnector| {
                it.restrict_domains_to_certificate = !it.restrict_domains_to_certificate;
            },
        ),
        change(
            "RestrictDomainsToIPAddresses",
            !it.restrict_domains_to_ip_addresses,
            |it: &mut InboundConnector| {
                it.restrict_domains_to_ip_addresses = !it.restrict_domains_to_ip_addresses;
            },
        ),
        change(
            "CloudServicesMailEnabled",
            !it.cloud_services_mail_enabled,
            |it: &mut InboundConnector| {
                it.cloud_services_mail_enabled = !it.cloud_services_mail_enabled;
            },
        ),
        change(
            "TreatMessagesAsInternal",
            !it.treat_messages_as_internal,
            |it: &mut InboundConnector| {
                it.treat_messages_as_internal = !it.treat_messages_as_internal;
            },
        ),
    ];
    if it.tls_sender_certificate_name.is_some() {
        all.push(change(
            "TlsSenderCertificateName",
            "other.example",
            |it: &mut InboundConnector| {
                it.tls_sender_certificate_name = Some("other.example".to_owned());
            },
        ));
    }
    if !it.sender_ip_addresses.is_empty() {
        all.push(change(
            "SenderIPAddresses",
            json!(["192.0.2.200/32"]),
            |it: &mut InboundConnector| {
                it.sender_ip_addresses = vec![network("192.0.2.200/32")];
            },
        ));
    }
    (shown, all)
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-sendconnector>
fn send(it: &SendConnector) -> (Value, Vec<Change<SendConnector>>) {
    let level = LEVELS.iter().find(|(known, _)| *known == it.tls_auth_level);
    let spaces = it.address_spaces.iter();
    let spaces: Vec<String> = spaces
        .map(|(pattern, cost)| format!("smtp:{pattern};{cost}"))
        .collect();
    let shown = json!({
        "Name": it.name, "Enabled": it.enabled, "AddressSpaces": spaces,
        "DNSRoutingEnabled": it.smart_hosts.is_empty(), "SmartHosts": it.smart_hosts, "Port": it.port,
        "RequireTLS": it.require_tls, "IgnoreSTARTTLS": it.ignore_starttls,
        "TlsAuthLevel": level.and_then(|(_, word)| *word), "TlsDomain": it.tls_domain,
        "CloudServicesMailEnabled": it.cloud_services_mail_enabled,
        "SourceTransportServers": it.source_transport_servers,
    });
    let mut all: Vec<Change<SendConnector>> = vec![
        change("Enabled", !it.enabled, |it: &mut SendConnector| {
            it.enabled = !it.enabled;
        }),
        change(
            "AddressSpaces",
            json!(["smtp:unlisted.example;1"]),
            |it: &mut SendConnector| {
                it.address_spaces = vec![(pattern("unlisted.example"), 1)];
            },
        ),
        change("RequireTLS", !it.require_tls, |it: &mut SendConnector| {
            it.require_tls = !it.require_tls;
        }),
        change(
            "IgnoreSTARTTLS",
            !it.ignore_starttls,
            |it: &mut SendConnector| {
                it.ignore_starttls = !it.ignore_starttls;
            },
        ),
    ];
    if it.tls_domain.is_some() {
        all.push(change(
            "TlsDomain",
            "other.example",
            |it: &mut SendConnector| {
                it.tls_domain = Some("other.example".to_owned());
            },
        ));
    }
    if !it.smart_hosts.is_empty() {
        all.push(change(
            "SmartHosts",
            json!(["relay.unlisted.example"]),
            |it: &mut SendConnector| {
                it.smart_hosts = vec!["relay.unlisted.example".to_owned()];
            },
        ));
        all.push(change(
            "DNSRoutingEnabled",
            true,
            |it: &mut SendConnector| it.smart_hosts.clear(),
        ));
    }
    if let Some(on) = it.cloud_services_mail_enabled {
        all.push(change(
            "CloudServicesMailEnabled",
            !on,
            |it: &mut SendConnector| {
                it.cloud_services_mail_enabled = it.cloud_services_mail_enabled.map(|on| !on);
            },
        ));
    }
    if it.tls_auth_level.is_some() {
        let others = LEVELS
            .iter()
            .filter(|(level, _)| *level != it.tls_auth_level);
        all.extend(others.map(|(level, word)| {
            change("TlsAuthLevel", *word, move |it: &mut SendConnector| {
                it.tls_auth_level = *level;
            })
        }));
    }
    (shown, all)
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-receiveconnector>
fn receive(server: &str, it: &ReceiveConnector) -> (Value, Vec<Change<ReceiveConnector>>) {
    let (mechanism, groups) = match it.grant {
        Grant::Trusted => ("Tls, ExternalAuthoritative", "ExchangeServers"),
        Grant::AcceptedDomains | Grant::AnyRecipient => ("Tls", "AnonymousUsers"),
        Grant::Nothing => ("Tls", "ExchangeUsers"),
    };
    let headers = it.accept_cloud_services_mail_from.iter();
    let headers: Vec<String> = headers
        .map(|name| format!("{name}:AcceptCloudServicesMail"))
        .collect();
    let shown = json!({
        "Name": it.name, "Identity": format!("{server}\\{}", it.name), "Enabled": it.enabled,
        "RemoteIPRanges": texts(&it.remote_ip_ranges), "AuthMechanism": mechanism, "PermissionGroups": groups,
        "RequireTLS": it.require_tls, "TlsDomainCapabilities": headers,
    });
    let mut all: Vec<Change<ReceiveConnector>> = vec![
        change("Enabled", !it.enabled, |it: &mut ReceiveConnector| {
            it.enabled = !it.enabled;
        }),
        change(
            "RemoteIPRanges",
            json!(["192.0.2.200"]),
            |it: &mut ReceiveConnector| {
                it.remote_ip_ranges = vec![network("192.0.2.200")];
            },
        ),
        change(
            "RequireTLS",
            !it.require_tls,
            |it: &mut ReceiveConnector| it.require_tls = !it.require_tls,
        ),
        // Nobody has any right without a login then, and no wider connector is asked.
        change(
            "PermissionGroups",
            "ExchangeUsers",
            |it: &mut ReceiveConnector| it.grant = Grant::Nothing,
        ),
    ];
    if it.accept_cloud_services_mail_from.is_some() {
        all.push(change(
            "TlsDomainCapabilities",
            json!([]),
            |it: &mut ReceiveConnector| {
                it.accept_cloud_services_mail_from = None;
            },
        ));
    }
    (shown, all)
}

/// An export with a change, and the plan with the changed object.
struct Changed {
    title: String,
    place: String,
    export: Value,
    plan: Plan,
}

macro_rules! changes {
    ($plan:expr, $index:expr, $place:expr, $kind:ident, $list:ident, $all:expr, $cmdlet:expr, $show:expr) => {
        let Configuration::$kind(known) = &$plan.places[$index].configuration else {
            continue;
        };
        let shown: Vec<_> = known.$list.iter().map($show).collect();
        for (number, (_, changes)) in shown.iter().enumerate() {
            for (property, value, then) in changes {
                let objects = shown.iter().map(|(object, _)| object.clone());
                let mut objects: Vec<Value> = objects.collect();
                objects[number][*property] = value.clone();
                let (cmdlet, product) = $cmdlet;
                let [known, then_known] = [&shown[number].0, &objects[number]]
                    .map(|object| refused(cmdlet, product, object));
                if !then_known.is_subset(&known) {
                    continue;
                }
                let mut plan = $plan.clone();
                if let Configuration::$kind(own) = &mut plan.places[$index].configuration {
                    then(&mut own.$list[number]);
                }
                $all.push(Changed {
                    title: format!(
                        "{} {} {property} {value}",
                        stringify!($list),
                        objects[number]["Name"]
                    ),
                    place: $place.clone(),
                    export: objects.into(),
                    plan,
                });
            }
        }
    };
}

/// Every change of a connector that is written.
fn changed(plan: &Plan) -> Vec<Changed> {
    let mut all = Vec::new();
    for (index, (_, location)) in plan.topology.locations().enumerate() {
        let place = &location.name;
        match &plan.places[index].configuration {
            Configuration::ExchangeOnline(known) => {
                // What the wizard made is known by what it is, and not by its name.
                if known.outbound.iter().any(|it| it.by_wizard)
                    || known.inbound.iter().any(|it| it.by_wizard)
                {
                    continue;
                }
                let online = Product::Online;
                changes!(
                    plan,
                    index,
                    place,
                    ExchangeOnline,
                    outbound,
                    all,
                    ("Set-OutboundConnector", online),
                    outbound
                );
                changes!(
                    plan,
                    index,
                    place,
                    ExchangeOnline,
                    inbound,
                    all,
                    ("Set-InboundConnector", online),
                    inbound
                );
            }
            Configuration::ExchangeServer(known) => {
                if known.send.iter().any(|it| it.by_wizard)
                    || known.receive.iter().any(|it| it.by_wizard)
                {
                    continue;
                }
                let server = Product::Server(known.version);
                changes!(
                    plan,
                    index,
                    place,
                    ExchangeServer,
                    send,
                    all,
                    ("Set-SendConnector", server),
                    send
                );
                // On several servers it would be several objects.
                let Configuration::ExchangeServer(known) = &plan.places[index].configuration else {
                    continue;
                };
                if let [only] = &known.servers[..] {
                    let only = only.clone();
                    changes!(
                        plan,
                        index,
                        place,
                        ExchangeServer,
                        receive,
                        all,
                        ("Set-ReceiveConnector", server),
                        |it| { receive(&only, it) }
                    );
                }
            }
            Configuration::Postfix(_) | Configuration::Checklist => {}
        }
    }
    for at in &mut all {
        ask_for_less(plan, &mut at.plan);
    }
    all
}

/// A server that is not compared demands what it is shown: with other terms of the connector there are other terms of the route.
fn ask_for_less(planned: &Plan, changed: &mut Plan) {
    let mut levels = Vec::new();
    for (before, after) in planned.places.iter().zip(&changed.places) {
        let (Configuration::ExchangeOnline(before), Configuration::ExchangeOnline(after)) =
            (&before.configuration, &after.configuration)
        else {
            continue;
        };
        let pairs = before.outbound.iter().zip(&after.outbound);
        for (_, it) in pairs.filter(|(old, new)| old.tls_settings != new.tls_settings) {
            let level = match it.tls_settings {
                None => TlsLevel::Opportunistic,
                Some(TlsSettings::EncryptionOnly) => TlsLevel::Encrypted,
                Some(TlsSettings::CertificateValidation) => TlsLevel::CaVerified,
                Some(TlsSettings::DomainValidation) => TlsLevel::Verified,
            };
            levels.push((it.route, level));
        }
    }
    for (route, level) in levels {
        changed.routes[route.index()].tls = level;
    }
}

/// What the documents of the cmdlet say that it refuses of an object.
fn refused(cmdlet: &'static str, product: Product, object: &Value) -> BTreeSet<String> {
    let parameters = object.as_object().expect("an object").iter();
    let parameters = parameters.map(|(name, value)| {
        let value = match value {
            Value::Bool(truth) => PsValue::Bool(*truth),
            Value::Number(number) => PsValue::Int(number.as_i64().unwrap_or_default()),
            Value::String(text) => text.as_str().into(),
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            _ => PsValue::Null,
        };
        let name: &'static str = Box::leak(name.clone().into_boxed_str());
        (name, value)
    });
    let call = Call {
        cmdlet,
        parameters: parameters
            .filter(|(_, value)| *value != PsValue::Null)
            .collect(),
    };
    let wrong = check(&call, product).err().unwrap_or_default();
    wrong.into_iter().collect()
}

type Answers = BTreeMap<(String, String), BTreeSet<Outcome>>;

/// What becomes of every message, under every reading.
fn answers(plan: &Plan, to: &BTreeSet<String>) -> Answers {
    let world = World::of(plan);
    let mut all = Answers::new();
    for (name, from) in senders(plan) {
        // A gateway passes on what others write.
        let mut places = world.places.iter();
        if places.any(|place| place.name == name && place.is_gateway) {
            continue;
        }
        for to in to {
            let found = all.entry((name.clone(), to.clone())).or_default();
            let mut open = vec![Readings::default()];
            while let Some(readings) = open.pop() {
                match outcomes(&world, &readings, &from, to) {
                    Err(asked) => open.extend(readings.with_every(asked.0)),
                    Ok(ends) => found.extend(ends.into_iter().map(gone_round_once)),
                }
            }
        }
    }
    all
}

/// Of a loop it counts who takes part, not how often it was gone round before it was noticed.
fn gone_round_once(mut outcome: Outcome) -> Outcome {
    if outcome.ends.starts_with("loop ") {
        outcome.hops.clear();
        outcome.tls = "";
    }
    outcome
}

type Files = BTreeMap<String, Vec<u8>>;

/// The examples, each with its files.
fn examples() -> Vec<(String, Files)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut folders: Vec<_> = std::fs::read_dir(root)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    let with_files = folders.into_iter().map(|folder| {
        let name = folder.file_name().expect("a name").to_string_lossy();
        let entries = std::fs::read_dir(&folder).expect("a folder");
        let files: Files = entries
            .map(|entry| entry.expect("an entry"))
            .filter_map(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                Some((name, std::fs::read(entry.path()).ok()?))
            })
            .collect();
        (name.into_owned(), files)
    });
    with_files.collect()
}

/// A file of a host with another text, and what it makes of the tables.
struct Line {
    title: String,
    file: String,
    text: String,
    tables: Tables,
}

/// The text without the lines of a key, or with another value there.
fn with_value(text: &str, key: &str, value: Option<&str>) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut is_new = value.is_some();
    for line in text.lines() {
        if line.split_whitespace().next() == Some(key) && !line.starts_with('#') {
            if let Some(value) = value.filter(|_| is_new) {
                lines.push(format!("{key} {value}"));
            }
            is_new = false;
        } else {
            lines.push(line.to_owned());
        }
    }
    if let Some(value) = value.filter(|_| is_new) {
        lines.push(format!("{key} {value}"));
    }
    lines.join("\n") + "\n"
}

/// What a key of a table is called, where it has one spelling.
fn spelled(key: &Key, in_addresses: bool) -> Option<String> {
    let text = match key {
        Key::Domain(name) if in_addresses => format!("@{name}"),
        key => key.to_string(),
    };
    (!text.contains("xn--")).then_some(text)
}

/// Lines of the tables of a host: one is gone, has another value, or is new.
fn lines(plan: &Plan, known: &Tables, files: &BTreeMap<String, String>) -> Vec<Line> {
    let mut all = Vec::new();
    let new = Key::Domain(DomainName::parse("unlisted.example").expect("a name"));
    let mut add = |file: &str, key: &str, value: Option<&str>, then: &dyn Fn(&mut Tables)| {
        let Some(text) = files.get(file) else { return };
        let mut tables = known.clone();
        then(&mut tables);
        all.push(Line {
            title: format!("{file}: {key} {value:?}"),
            file: file.to_owned(),
            text: with_value(text, key, value),
            tables,
        });
    };
    let hops: Vec<(HopId, String)> = (0..known.hops.len())
        .map(HopId::from_index)
        .map(|id| {
            let hop = known.hop(id);
            (id, format!("{}:{}", hop.service, hop.next_hop))
        })
        .filter(|(id, _)| known.hop(*id).route.is_some())
        .collect();
    for (key, entry) in &known.transport {
        let Some(text) = spelled(key, false) else {
            continue;
        };
        add("transport", &text, None, &|it| {
            it.transport.remove(key);
        });
        for (hop, value) in hops.iter().filter(|(hop, _)| *hop != entry.hop) {
            add("transport", &text, Some(value), &|it| {
                if let Some(entry) = it.transport.get_mut(key) {
                    entry.hop = *hop;
                }
            });
        }
    }
    if let Some(entry) = known.transport.values().next() {
        for (hop, value) in &hops {
            let entry = Entry {
                hop: *hop,
                ..*entry
            };
            add("transport", "unlisted.example", Some(value), &|it| {
                it.transport.insert(new.clone(), entry);
            });
        }
    }
    macro_rules! gone {
        ($file:expr, $list:ident, $in_addresses:expr) => {
            for key in known.$list.keys() {
                if let Some(text) = spelled(key, $in_addresses) {
                    add($file, &text, None, &|it| {
                        it.$list.remove(key);
                    });
                }
            }
        };
    }
    if known.not_relayed.is_empty() {
        gone!("relay_domains", relay_domains, false);
        if let Some(span) = known.relay_domains.values().next().copied() {
            add("relay_domains", "unlisted.example", Some("OK"), &|it| {
                it.relay_domains.insert(new.clone(), span);
            });
        }
    }
    if !known
        .relay_recipients
        .keys()
        .any(|key| matches!(key, Key::Below(_)))
    {
        gone!("relay_recipients", relay_recipients, true);
    }
    gone!("virtual_mailbox_maps", mailboxes, true);
    gone!("virtual_alias", aliases, true);
    gone!("sender_relay", sender_relay, true);
    gone!("sender_access", senders, false);
    for name in known.mailbox_domains.keys() {
        let key = Key::Domain(name.clone());
        if let Some(text) = spelled(&key, false) {
            add("virtual_mailbox_domains", &text, None, &|it| {
                it.mailbox_domains.remove(name);
            });
        }
    }
    // Of mail to others the oracle says no level.
    let leaves = |id: RouteId| plan.route(id).to == Party::Internet;
    let policies = known.smtp.policies.iter();
    for (key, _) in policies.filter(|(_, policy)| !leaves(policy.route)) {
        for (word, level) in [
            ("none", TlsPolicyLevel::None),
            ("encrypt", TlsPolicyLevel::Encrypt),
        ] {
            add("tls_policy", key, Some(word), &|it| {
                if let Some(policy) = it.smtp.policies.get_mut(key) {
                    policy.level = level;
                    policy.names.clear();
                }
            });
        }
    }
    // Of who comes from several networks the oracle sends one message from one of them.
    let is_alone = |who: &[String]| {
        let clients = known.clients.values();
        clients.filter(|other| other.who == who).count() == 1
    };
    for (network, client) in &known.clients {
        if is_alone(&client.who) {
            add("client_access", &network.net().to_string(), None, &|it| {
                it.clients.remove(network);
            });
        }
    }
    let admitted = known.admitted.iter().flat_map(|all| all.keys());
    for network in admitted {
        let text = network.net().to_string();
        add("admitted", &text, None, &|it| {
            if let Some(all) = &mut it.admitted {
                all.remove(network);
            }
        });
    }
    let main = files.get("main.cf").map_or("", String::as_str);
    let mut parameter = |name: &str, value: &str, then: &dyn Fn(&mut Tables)| {
        let lines = main.lines().map(|line| {
            let is_it = line.split(" =").next() == Some(name);
            if is_it {
                format!("{name} = {value}")
            } else {
                line.to_owned()
            }
        });
        let text = lines.collect::<Vec<_>>().join("\n") + "\n";
        let mut tables = known.clone();
        then(&mut tables);
        all.push(Line {
            title: format!("main.cf: {name} = {value}"),
            file: "main.cf".to_owned(),
            text,
            tables,
        });
    };
    parameter("relayhost", "", &|it| {
        let hop = it.default.map(|entry| it.hop(entry.hop).clone());
        if hop.is_some_and(|hop| hop.service == "smtp") {
            it.default = None;
        }
    });
    for (word, level) in [
        ("none", TlsPolicyLevel::None),
        ("encrypt", TlsPolicyLevel::Encrypt),
    ] {
        parameter("smtp_tls_security_level", word, &|it| {
            it.smtp.default = level;
        });
    }
    all
}

/// A line of a Postfix host is changed: `drift` says that mail goes elsewhere exactly where the oracle, which asks the changed
/// tables, sees another end, way or level.
#[test]
fn mail_through_a_changed_table_goes_elsewhere_where_the_oracle_says_so() {
    let part = std::env::var("LAWS").map_or(PART, |part| part.parse().unwrap_or(1));
    let (mut number, mut elsewhere, mut wrong) = (0, 0, Vec::new());
    let today = Date::parse("2026-01-01").expect("a day");
    for (name, files) in examples() {
        let bytes = &files["mailtopo.yaml"];
        let Some(plan) = planned(&String::from_utf8_lossy(bytes), &files) else {
            continue;
        };
        let mut to = recipients(&plan);
        to.insert("routed@unlisted.example".to_owned());
        for at in plan.routes.iter().flat_map(|route| &route.recipients) {
            if let Pattern::Exact(name) = &at.pattern {
                to.insert(format!("routed@{name}"));
            }
        }
        // Nobody writes to names that take no mail.
        to.retain(|address| {
            let (_, name) = address.split_once('@').expect("an address");
            let id = plan.topology.domain_named(name);
            id.is_none_or(|id| plan.topology.domain(id).receives())
        });
        let mut before = None;
        for (index, (_, location)) in plan.topology.locations().enumerate() {
            let Configuration::Postfix(known) = &plan.places[index].configuration else {
                continue;
            };
            let start = format!("{}/", location.name);
            let (tree, _) = emit(&plan, &Findings::default(), Form::Thin);
            let written: BTreeMap<String, String> = tree
                .iter()
                .filter_map(|(path, bytes)| {
                    let name = path.strip_prefix(&start)?.to_owned();
                    Some((name, String::from_utf8_lossy(bytes).into_owned()))
                })
                .collect();
            for at in lines(&plan, known, &written) {
                number += 1;
                if number % part != 0 {
                    continue;
                }
                let before = before.get_or_insert_with(|| answers(&plan, &to));
                let mut changed = plan.clone();
                changed.places[index].configuration = Configuration::Postfix(Box::new(at.tables));
                let mut live: Files = written
                    .iter()
                    .map(|(name, text)| (name.clone(), text.clone().into_bytes()))
                    .collect();
                live.insert(at.file, at.text.into_bytes());
                let input = Input {
                    name: "mailtopo.yaml",
                    bytes,
                    files: &files,
                };
                let (findings, _) = drift_folder(&input, &location.name, &live, today)
                    .unwrap_or_else(|why| panic!("{name}: {why}"));
                let said = findings.iter().find(|finding| finding.check == "C004");
                let after = answers(&changed, &to);
                elsewhere += usize::from(*before != after);
                if said.is_some() != (*before != after) {
                    let first = before
                        .iter()
                        .find(|(key, ends)| after.get(*key) != Some(ends));
                    let first = first.map(|(key, ends)| {
                        format!("{key:?}: {ends:?} became {:?}", after.get(key))
                    });
                    let said = said.map(|finding| finding.message.clone());
                    let title = format!("{} {}", location.name, at.title);
                    let text = format!("the oracle: {first:?}; drift: {said:?}");
                    wrong.push((name.clone(), title, text));
                }
            }
        }
    }
    println!("{number} lines, of every {part}th {elsewhere} send mail elsewhere");
    assert!(
        wrong.is_empty(),
        "{} of them are seen differently: {wrong:#?}",
        wrong.len()
    );
    assert!(elsewhere > 5, "only {elsewhere} send mail elsewhere");
}

#[test]
fn mail_goes_elsewhere_exactly_where_the_oracle_says_so() {
    let part = std::env::var("LAWS").map_or(PART, |part| part.parse().unwrap_or(1));
    let (mut number, mut elsewhere, mut wrong) = (0, 0, Vec::new());
    let today = Date::parse("2026-01-01").expect("a day");
    for (name, files) in examples() {
        let bytes = &files["mailtopo.yaml"];
        let Some(plan) = planned(&String::from_utf8_lossy(bytes), &files) else {
            continue;
        };
        let mut to = recipients(&plan);
        to.insert("routed@unlisted.example".to_owned());
        // Every tenant has names that it did not choose.
        for location in &plan.topology.locations {
            let tenant = location.tenant();
            let own = tenant.map(|tenant| [tenant.initial_domain(), tenant.routing_domain()]);
            for name in own.into_iter().flatten() {
                to.insert(format!("nobody@{name}"));
                let locals = recipients(&plan);
                let locals = locals.iter().filter_map(|address| address.split_once('@'));
                to.extend(locals.map(|(local, _)| format!("{local}@{name}")));
            }
        }
        let before = answers(&plan, &to);
        for at in changed(&plan) {
            number += 1;
            if number % part != 0 {
                continue;
            }
            let input = Input {
                name: "mailtopo.yaml",
                bytes,
                files: &files,
            };
            let export = at.export.to_string().into_bytes();
            let (findings, _) = drift(&input, &[(&at.place, &export)], today)
                .unwrap_or_else(|why| panic!("{name}: {why}"));
            // The oracle says the least level of a path, and not that of each hop.
            let is_of_paths = |finding: &Finding| {
                let levels = finding.message.split(", tls ").skip(1);
                let mut levels = levels.filter_map(|rest| rest.split('`').next());
                !levels.any(|levels| levels.contains(" → "))
            };
            let said = findings
                .iter()
                .any(|finding| finding.check == "C004" && is_of_paths(finding));
            let after = answers(&at.plan, &to);
            let seen = before != after;
            elsewhere += usize::from(seen);
            if said != seen {
                let first = before
                    .iter()
                    .find(|(key, ends)| after.get(*key) != Some(ends));
                let first = first
                    .map(|(key, ends)| format!("{key:?}: {ends:?} became {:?}", after.get(key)));
                let flows = findings.iter().filter(|finding| finding.check == "C004");
                let flows: Vec<String> = flows.map(|finding| finding.message.clone()).collect();
                wrong.push((
                    name.clone(),
                    at.title,
                    format!("the oracle: {first:?}; drift: {flows:?}"),
                ));
            }
        }
    }
    println!("{number} changes, of every {part}th {elsewhere} send mail elsewhere");
    assert!(
        wrong.is_empty(),
        "{} of them are seen differently: {wrong:#?}",
        wrong.len()
    );
    assert!(
        elsewhere * 4 > number / part,
        "only {elsewhere} send mail elsewhere"
    );
}
