//! L2: the objects of Exchange, read back from `desired.psd1` and from `commands.ps1`, are those that were walked.
//!
//! Each property is read by its name in the documentation of the cmdlet and put into a copy of the object, so that
//! nothing but its provenance is left of what was there. What the wizard owns and what others manage is not written.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::readers::powershell::{self, Command, Data};
use crate::surface::Compiled;
use mailtopo::testing::plan::Configuration;
use mailtopo::testing::platforms::exchange_online::{
    ConnectorType, InboundConnector, OutboundConnector, TlsSettings, TransportRule,
};
use mailtopo::testing::platforms::exchange_server::{
    Grant, ReceiveConnector, SendConnector, TlsAuthLevel,
};
use mailtopo::testing::routes::Acceptance;
use mailtopo::testing::topology::AcceptedType;
use mailtopo::testing::values::{DomainName, Network, Pattern};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

#[test]
fn objects_of_exchange_read_back_as_they_were_walked() {
    holds("L2b", objects_read_back, |_, _| true);
}

/// An object of `desired.psd1`.
struct Object<'a>(&'a Data);

impl Object<'_> {
    fn text_of(&self, key: &str) -> String {
        let texts = self.0.get(key).map(Data::texts).unwrap_or_default();
        texts.into_iter().next().unwrap_or_default()
    }

    fn property(&self, name: &str) -> Option<&Data> {
        self.0.get("Properties")?.get(name)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.property(name).map(Data::texts).unwrap_or_default()
    }

    fn text(&self, name: &str) -> Option<String> {
        self.texts(name).into_iter().next()
    }

    fn is(&self, name: &str) -> bool {
        self.text(name).is_some_and(|word| word == "$true")
    }

    fn patterns(&self, name: &str) -> Vec<Pattern> {
        let texts = self.texts(name);
        let patterns = texts.iter().map(|it| Pattern::parse(it));
        patterns.map(|it| it.expect("a pattern")).collect()
    }

    fn networks(&self, name: &str) -> Vec<Network> {
        let texts = self.texts(name);
        let networks = texts.iter().map(|it| Network::parse(it));
        networks.map(|it| it.expect("a network")).collect()
    }

    /// The certificate by its name, where the object names one.
    fn certificate(&self) -> Option<String> {
        let found = self.property("TlsCertificateName")?;
        found.get("Certificate")?.texts().into_iter().next()
    }

    fn connector_type(&self) -> ConnectorType {
        match self.text("ConnectorType").as_deref() {
            Some("OnPremises") => ConnectorType::OnPremises,
            _ => ConnectorType::Partner,
        }
    }
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>
fn outbound(object: &Object<'_>, it: &mut OutboundConnector) {
    it.enabled = object.is("Enabled");
    it.connector_type = object.connector_type();
    it.recipient_domains = object.patterns("RecipientDomains");
    it.all_accepted_domains = object.is("AllAcceptedDomains");
    it.smart_hosts = if object.is("UseMXRecord") {
        Vec::new()
    } else {
        object.texts("SmartHosts")
    };
    it.tls_settings = match object.text("TlsSettings").as_deref() {
        Some("EncryptionOnly") => Some(TlsSettings::EncryptionOnly),
        Some("CertificateValidation") => Some(TlsSettings::CertificateValidation),
        Some("DomainValidation") => Some(TlsSettings::DomainValidation),
        _ => None,
    };
    it.tls_domain = object.text("TlsDomain");
    it.is_transport_rule_scoped = object.is("IsTransportRuleScoped");
    it.route_all_messages_via_on_premises = object.is("RouteAllMessagesViaOnPremises");
    it.cloud_services_mail_enabled = object.is("CloudServicesMailEnabled");
    let rewriting = object.text("SenderRewritingEnabled");
    it.sender_rewriting_enabled = rewriting.map(|word| word == "$true");
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>
fn inbound(object: &Object<'_>, it: &mut InboundConnector) {
    it.enabled = object.is("Enabled");
    it.connector_type = object.connector_type();
    it.sender_domains = object.patterns("SenderDomains");
    it.require_tls = object.is("RequireTls");
    it.restrict_domains_to_certificate = object.is("RestrictDomainsToCertificate");
    it.tls_sender_certificate_name = object.text("TlsSenderCertificateName");
    it.restrict_domains_to_ip_addresses = object.is("RestrictDomainsToIPAddresses");
    it.sender_ip_addresses = object.networks("SenderIPAddresses");
    it.cloud_services_mail_enabled = object.is("CloudServicesMailEnabled");
    it.treat_messages_as_internal = object.is("TreatMessagesAsInternal");
    let domains = object.texts("AssociatedAcceptedDomains");
    let domains = domains.iter().map(|name| DomainName::parse(name));
    it.associated_accepted_domains = domains.map(|it| it.expect("a domain")).collect();
    it.ef_skip_last_ip = object.is("EFSkipLastIP");
    it.ef_skip_ips = object.networks("EFSkipIPs");
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-transportrule>
fn rule(object: &Object<'_>, it: &mut TransportRule) {
    let new = object.0.get("New").and_then(|new| new.get("Enabled"));
    it.enabled = new.is_some_and(|it| it.texts() == ["$true"]);
    it.connector = object
        .text("RouteMessageOutboundConnector")
        .unwrap_or_default();
    let header = object
        .text("SetHeaderName")
        .zip(object.text("SetHeaderValue"));
    it.set_header = header;
}

/// The predicates of a rule: all of its properties that are no action of it.
fn predicates(object: &Object<'_>) -> BTreeMap<String, Vec<String>> {
    let actions = [
        "RouteMessageOutboundConnector",
        "StopRuleProcessing",
        "Mode",
        "SenderAddressLocation",
        "SetHeaderName",
        "SetHeaderValue",
        "Comments",
    ];
    let Some(Data::Map(all)) = object.0.get("Properties") else {
        return BTreeMap::new();
    };
    let all = all.iter();
    all.filter(|(name, value)| !actions.contains(&name.as_str()) && **value != Data::Nothing)
        .map(|(name, value)| (name.clone(), value.texts()))
        .collect()
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-sendconnector>
fn send(object: &Object<'_>, it: &mut SendConnector) {
    it.enabled = object.is("Enabled");
    let spaces = object.texts("AddressSpaces");
    let spaces = spaces.iter().filter_map(|space| {
        let (pattern, cost) = space.rsplit_once(';')?;
        Some((Pattern::parse(pattern).ok()?, cost.parse().ok()?))
    });
    it.address_spaces = spaces.collect();
    it.source_transport_servers = object.texts("SourceTransportServers");
    it.smart_hosts = if object.is("DNSRoutingEnabled") {
        Vec::new()
    } else {
        object.texts("SmartHosts")
    };
    let port = object.text("Port").and_then(|port| port.parse().ok());
    it.port = port.unwrap_or_default();
    it.fqdn = object.text("Fqdn");
    it.require_tls = object.is("RequireTLS");
    it.ignore_starttls = object.is("IgnoreSTARTTLS");
    it.tls_auth_level = match object.text("TlsAuthLevel").as_deref() {
        Some("EncryptionOnly") => Some(TlsAuthLevel::EncryptionOnly),
        Some("CertificateValidation") => Some(TlsAuthLevel::CertificateValidation),
        Some("DomainValidation") => Some(TlsAuthLevel::DomainValidation),
        _ => None,
    };
    it.tls_domain = object.text("TlsDomain");
    let headers = object.property("CloudServicesMailEnabled");
    it.cloud_services_mail_enabled = headers.map(|_| object.is("CloudServicesMailEnabled"));
}

/// <https://learn.microsoft.com/powershell/module/exchangepowershell/new-receiveconnector>
fn receive(object: &Object<'_>, it: &mut ReceiveConnector) {
    it.enabled = object.is("Enabled");
    it.remote_ip_ranges = object.networks("RemoteIPRanges");
    let is_any = object
        .0
        .get("AnyRecipient")
        .is_some_and(|it| it.texts() == ["$true"]);
    let mechanisms = object.texts("AuthMechanism");
    it.grant = if mechanisms.iter().any(|it| it == "ExternalAuthoritative") {
        Grant::Trusted
    } else if is_any {
        Grant::AnyRecipient
    } else {
        Grant::AcceptedDomains
    };
    it.require_tls = object.is("RequireTLS");
    it.fqdn = object.text("Fqdn");
    let capability = object.text("TlsDomainCapabilities");
    it.accept_cloud_services_mail_from = capability.and_then(|it| {
        let name = it.strip_suffix(":AcceptCloudServicesMail")?;
        Some(name.to_owned())
    });
}

/// Finds what does not read back as it was.
struct Compare<'a> {
    objects: Vec<Object<'a>>,
    commands: Vec<Command>,
    /// Something is not written because of a finding that is accepted.
    withholds: bool,
    /// What is said to be left out until a fact is known.
    left_out: Vec<&'a str>,
    place: String,
    breaches: Breaches,
}

impl Compare<'_> {
    fn add(&mut self, kind: &str, one: String, other: String) {
        self.breaches
            .add(kind, format!("{}: {one}", self.place), other);
    }

    /// An object against what is read of it.
    fn one<T: Clone + Debug + PartialEq>(
        &mut self,
        (kind, name): (&str, &str),
        it: &T,
        read: impl Fn(&Object<'_>, &mut T),
    ) {
        let mut objects = self.objects.iter();
        let found =
            objects.find(|object| object.text_of("Kind") == kind && object.text_of("Name") == name);
        let Some(object) = found else {
            let quoted = format!("`{name}`");
            if !self.withholds && !self.left_out.iter().any(|what| what.contains(&quoted)) {
                self.add(
                    &format!("{kind} is not written"),
                    name.to_owned(),
                    String::new(),
                );
            }
            return;
        };
        let mut copy = it.clone();
        read(object, &mut copy);
        let differs = said_otherwise(object, &self.commands, (kind, name));
        if copy != *it {
            let kind = format!("{kind} reads back as another");
            self.add(&kind, format!("{it:?}"), format!("{copy:?}"));
        }
        if let Some(differs) = differs {
            let kind = format!("{kind} differs in commands.ps1");
            self.add(&kind, name.to_owned(), differs);
        }
    }
}

/// The first property that a command gives another value than the data do.
fn said_otherwise(
    object: &Object<'_>,
    commands: &[Command],
    (kind, name): (&str, &str),
) -> Option<String> {
    let cmdlet = format!("New-{kind}");
    let mut commands = commands.iter();
    let found = commands.find(|it| it.cmdlet == cmdlet && it.one("Name") == name);
    let Some(command) = found else {
        return Some(format!("there is no {cmdlet}"));
    };
    let Some(Data::Map(properties)) = object.0.get("Properties") else {
        return Some("there are no properties".to_owned());
    };
    let mut properties = properties.iter();
    properties.find_map(|(property, value)| {
        // A certificate is looked for on the servers.
        if matches!(value, Data::Map(_)) {
            return None;
        }
        let (one, other) = (value.texts(), command.get(property).to_vec());
        (one != other).then(|| format!("{property}: {one:?} and {other:?}"))
    })
}

fn objects_read_back(_: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let (Some(plan), Some(files)) = (compiled.plan(), &compiled.files) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (id, location) in plan.topology.locations() {
        let text = |name: &str| {
            let bytes = files.get(&format!("{}/{name}", location.name))?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        let (Some(desired), Some(commands)) = (text("desired.psd1"), text("commands.ps1")) else {
            continue;
        };
        let data = powershell::data(&desired).expect("a data file");
        let mut compare = Compare {
            objects: data
                .get("Objects")
                .map_or(&[][..], Data::list)
                .iter()
                .map(Object)
                .collect(),
            commands: powershell::commands(&commands),
            withholds: compiled.findings.iter().any(|it| compiled.withholds(it)),
            left_out: plan.withheld.iter().map(|it| it.what.as_str()).collect(),
            place: location.name.clone(),
            breaches: Breaches::default(),
        };
        let configuration = &plan.place(id).configuration;
        match configuration {
            Configuration::ExchangeOnline(tenant) => {
                for it in tenant
                    .outbound
                    .iter()
                    .filter(|it| it.managed && !it.by_wizard)
                {
                    compare.one(("OutboundConnector", &it.name), it, outbound);
                }
                for it in tenant
                    .inbound
                    .iter()
                    .filter(|it| it.managed && !it.by_wizard)
                {
                    compare.one(("InboundConnector", &it.name), it, inbound);
                }
                for it in tenant.rules.iter().filter(|it| it.managed) {
                    compare.one(("TransportRule", &it.name), it, rule);
                    compare.predicates(it);
                }
                compare.settings(tenant.settings.reject_direct_send);
            }
            Configuration::ExchangeServer(server) => {
                for it in server.send.iter().filter(|it| it.managed && !it.by_wizard) {
                    compare.one(("SendConnector", &it.name), it, send);
                    let name = it.tls_certificate.as_ref().map(|it| it.name.clone());
                    compare.certificate(("SendConnector", &it.name), name);
                }
                for it in server
                    .receive
                    .iter()
                    .filter(|it| it.managed && !it.by_wizard)
                {
                    compare.one(("ReceiveConnector", &it.name), it, receive);
                    let name = it.tls_certificate.as_ref().map(|it| it.name.clone());
                    compare.certificate(("ReceiveConnector", &it.name), name);
                }
                compare.lock(server.locked.is_some());
            }
            Configuration::Postfix(_) | Configuration::Checklist => {}
        }
        let is_server = matches!(configuration, Configuration::ExchangeServer(_));
        let accepted = plan.place(id).accepted.iter();
        let accepted = accepted.filter(|it| it.why != Acceptance::TenantName);
        let wanted: BTreeSet<(String, String)> = accepted
            .flat_map(|it| {
                let kind = match it.kind {
                    AcceptedType::Authoritative => "Authoritative",
                    AcceptedType::ExternalRelay if is_server => "ExternalRelay",
                    AcceptedType::InternalRelay | AcceptedType::ExternalRelay => "InternalRelay",
                };
                let name = it.domain.as_str();
                let below = match (it.subdomains, is_server) {
                    (false, _) => None,
                    (true, true) => Some((format!("*.{name}"), kind.to_owned())),
                    (true, false) => Some((name.to_owned(), "MatchSubDomains".to_owned())),
                };
                std::iter::once((name.to_owned(), kind.to_owned())).chain(below)
            })
            .collect();
        compare.accepted(&wanted);
        all.extend(compare.breaches.all());
    }
    all
}

impl Compare<'_> {
    fn named(&self, kind: &str, name: &str) -> Option<&Object<'_>> {
        let mut objects = self.objects.iter();
        objects.find(|object| object.text_of("Kind") == kind && object.text_of("Name") == name)
    }

    fn predicates(&mut self, rule: &TransportRule) {
        let Some(object) = self.named("TransportRule", &rule.name) else {
            return;
        };
        let read = predicates(object);
        // Both are words and lists of words; how they are kept is no matter here.
        let walked: Vec<String> = rule
            .predicates
            .iter()
            .map(|(name, value)| format!("{name} {value:?}"))
            .collect();
        let is_said = |(name, texts): (&String, &Vec<String>)| {
            walked.iter().any(|it| {
                it.starts_with(&format!("{name} "))
                    && texts.iter().all(|text| it.contains(&format!("{text:?}")))
            })
        };
        if read.len() != walked.len() || !read.iter().all(is_said) {
            let kind = "TransportRule has other predicates";
            self.add(kind, format!("{walked:?}"), format!("{read:?}"));
        }
    }

    fn certificate(&mut self, (kind, name): (&str, &str), walked: Option<String>) {
        let Some(object) = self.named(kind, name) else {
            return;
        };
        let whole = object.text("TlsCertificateName");
        let read = object.certificate();
        // By issuer and subject, as the facts have it, of which the subject may be any.
        let is_by_subject = whole.is_some_and(|it| it.starts_with("<I>"));
        let has = object.property("TlsCertificateName").is_some();
        if has && !is_by_subject && read != walked {
            let kind = format!("{kind} names another certificate");
            self.add(&kind, format!("{walked:?}"), format!("{read:?}"));
        }
    }

    fn settings(&mut self, reject_direct_send: Option<bool>) {
        let object = self.named("OrganizationConfig", "RejectDirectSend");
        let read = object.map(|it| it.is("RejectDirectSend"));
        if read != reject_direct_send {
            let walked = format!("{reject_direct_send:?}");
            self.add(
                "RejectDirectSend reads back as another",
                walked,
                format!("{read:?}"),
            );
        }
    }

    fn lock(&mut self, is_locked: bool) {
        let read = self
            .named("ReceiveConnector", "for all addresses")
            .is_some();
        if read != is_locked {
            let walked = format!("locked: {is_locked}");
            self.add("the lock is not what was walked", walked, format!("{read}"));
        }
    }

    fn accepted(&mut self, wanted: &BTreeSet<(String, String)>) {
        let domains = self.objects.iter();
        let domains = domains.filter(|it| it.text_of("Kind") == "AcceptedDomain");
        let read: BTreeSet<(String, String)> = domains
            .flat_map(|it| {
                let name = it.text_of("Name");
                let below = it.is("MatchSubDomains");
                let kind = it.text("DomainType").unwrap_or_default();
                let below = below.then(|| (name.clone(), "MatchSubDomains".to_owned()));
                std::iter::once((name, kind)).chain(below)
            })
            .collect();
        if read != *wanted {
            let only = |one: &BTreeSet<(String, String)>, other: &BTreeSet<(String, String)>| {
                format!("{:?}", one.difference(other).collect::<Vec<_>>())
            };
            let (one, other) = (only(wanted, &read), only(&read, wanted));
            self.add("accepted domains read back as others", one, other);
        }
    }
}
