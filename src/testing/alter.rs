//! Faults planted in what is written: one property of one object another than the plan has it.
//!
//! Whether anybody notices is asked by a law. A property without an effect on where mail goes is not in these tables, nor is
//! what is outside the walk: sizes, logins, and the port of a host, which nobody but the sending end names.

use crate::checks::{self, Acceptance};
use crate::cli;
use crate::emit;
use crate::finding::Findings;
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::{
    self, ConnectorType, InboundConnector, OutboundConnector, TransportRule,
};
use crate::platforms::exchange_server::{CertificateRef, Grant, ReceiveConnector, SendConnector};
use crate::platforms::postfix::{self, TlsPolicyLevel};
use crate::publish::Published;
use crate::publish::verdict::Judge;
use crate::routes::{self, AcceptedDomain};
use crate::testing::Planted;
use crate::topology::AcceptedType;
use crate::values::{Address, Date, Network, Pattern};
use crate::walk::{Flows, Model, expect, trace, trace_as};
use std::collections::BTreeSet;

/// Who writes, in whose name (empty: his own), and to whom.
pub type Question = (String, String, String);

/// A property, and what gives it another value; false where there is none to give.
type Change<T> = (&'static str, fn(&mut T) -> bool);

/// A host and a name that no spec has.
const FOREIGN: &str = "foreign.invalid";

fn foreign(text: &mut Option<String>) -> bool {
    text.replace(FOREIGN.to_owned()).is_some()
}

fn flip(flag: &mut bool) -> bool {
    *flag = !*flag;
    true
}

fn elsewhere(networks: &mut Vec<Network>) -> bool {
    let had_any = !networks.is_empty();
    networks.clear();
    networks.extend(Network::parse("198.18.7.7").ok().filter(|_| had_any));
    had_any
}

fn other_hosts(hosts: &mut Vec<String>) -> bool {
    let had_any = !hosts.is_empty();
    *hosts = vec![FOREIGN.to_owned()];
    had_any
}

fn other_certificate(certificate: &mut Option<CertificateRef>) -> bool {
    let named = certificate.as_mut();
    named.is_some_and(|it| {
        FOREIGN.clone_into(&mut it.name);
        true
    })
}

const ACCEPTED: &[Change<AcceptedDomain>] = &[
    ("AcceptedDomain.DomainType", |it| {
        it.kind = match it.kind {
            AcceptedType::Authoritative => AcceptedType::InternalRelay,
            AcceptedType::InternalRelay | AcceptedType::ExternalRelay => {
                AcceptedType::Authoritative
            }
        };
        true
    }),
    ("AcceptedDomain.MatchSubDomains", |it| {
        flip(&mut it.subdomains)
    }),
];

const TENANT: &[Change<exchange_online::Configuration>] = &[
    ("OrganizationConfig.RejectDirectSend", |it| {
        it.settings.reject_direct_send.as_mut().is_some_and(flip)
    }),
    ("TransportConfig.SmtpClientAuthenticationDisabled", |it| {
        it.settings.smtp_auth.take().is_some()
    }),
];

const RULE: &[Change<TransportRule>] = &[
    ("TransportRule.Mode", |it| flip(&mut it.enabled)),
    ("TransportRule.RouteMessageOutboundConnector", |it| {
        FOREIGN.clone_into(&mut it.connector);
        true
    }),
    ("TransportRule.SetHeaderName", |it| {
        it.set_header.take().is_some()
    }),
];

const OUTBOUND: &[Change<OutboundConnector>] = &[
    ("OutboundConnector.Enabled", |it| flip(&mut it.enabled)),
    ("OutboundConnector.RecipientDomains", |it| {
        it.recipient_domains.pop().is_some()
    }),
    ("OutboundConnector.AllAcceptedDomains", |it| {
        std::mem::take(&mut it.all_accepted_domains)
    }),
    ("OutboundConnector.SmartHosts", |it| {
        other_hosts(&mut it.smart_hosts)
    }),
    ("OutboundConnector.TlsSettings", |it| {
        it.tls_settings.take().is_some()
    }),
    ("OutboundConnector.TlsDomain", |it| {
        foreign(&mut it.tls_domain)
    }),
    ("OutboundConnector.IsTransportRuleScoped", |it| {
        flip(&mut it.is_transport_rule_scoped)
    }),
    ("OutboundConnector.RouteAllMessagesViaOnPremises", |it| {
        std::mem::take(&mut it.route_all_messages_via_on_premises)
    }),
    ("OutboundConnector.CloudServicesMailEnabled", |it| {
        std::mem::take(&mut it.cloud_services_mail_enabled)
    }),
    ("OutboundConnector.SenderRewritingEnabled", |it| {
        it.sender_rewriting_enabled.take().unwrap_or_default()
    }),
];

const INBOUND: &[Change<InboundConnector>] = &[
    ("InboundConnector.Enabled", |it| flip(&mut it.enabled)),
    ("InboundConnector.ConnectorType", |it| {
        it.connector_type = match it.connector_type {
            ConnectorType::OnPremises => ConnectorType::Partner,
            ConnectorType::Partner => ConnectorType::OnPremises,
        };
        true
    }),
    ("InboundConnector.SenderDomains", |it| {
        it.sender_domains = Pattern::parse(FOREIGN).into_iter().collect();
        true
    }),
    ("InboundConnector.RequireTls", |it| {
        flip(&mut it.require_tls)
    }),
    ("InboundConnector.RestrictDomainsToCertificate", |it| {
        std::mem::take(&mut it.restrict_domains_to_certificate)
    }),
    ("InboundConnector.TlsSenderCertificateName", |it| {
        foreign(&mut it.tls_sender_certificate_name)
    }),
    ("InboundConnector.RestrictDomainsToIPAddresses", |it| {
        std::mem::take(&mut it.restrict_domains_to_ip_addresses)
    }),
    ("InboundConnector.SenderIPAddresses", |it| {
        elsewhere(&mut it.sender_ip_addresses)
    }),
    ("InboundConnector.AssociatedAcceptedDomains", |it| {
        it.associated_accepted_domains.pop().is_some()
    }),
    ("InboundConnector.TreatMessagesAsInternal", |it| {
        std::mem::take(&mut it.treat_messages_as_internal)
    }),
    ("InboundConnector.EFSkipLastIP", |it| {
        std::mem::take(&mut it.ef_skip_last_ip)
    }),
    ("InboundConnector.EFSkipIPs", |it| {
        elsewhere(&mut it.ef_skip_ips)
    }),
    ("InboundConnector.CloudServicesMailEnabled", |it| {
        std::mem::take(&mut it.cloud_services_mail_enabled)
    }),
];

const SEND: &[Change<SendConnector>] = &[
    ("SendConnector.Enabled", |it| flip(&mut it.enabled)),
    ("SendConnector.AddressSpaces", |it| {
        it.address_spaces.pop().is_some()
    }),
    ("SendConnector.SmartHosts", |it| {
        other_hosts(&mut it.smart_hosts)
    }),
    ("SendConnector.RequireTLS", |it| flip(&mut it.require_tls)),
    ("SendConnector.IgnoreSTARTTLS", |it| {
        flip(&mut it.ignore_starttls)
    }),
    ("SendConnector.TlsAuthLevel", |it| {
        it.tls_auth_level.take().is_some()
    }),
    ("SendConnector.TlsDomain", |it| foreign(&mut it.tls_domain)),
    ("SendConnector.TlsCertificateName", |it| {
        other_certificate(&mut it.tls_certificate)
    }),
    ("SendConnector.CloudServicesMailEnabled", |it| {
        it.cloud_services_mail_enabled.take().unwrap_or_default()
    }),
];

const RECEIVE: &[Change<ReceiveConnector>] = &[
    ("ReceiveConnector.Enabled", |it| flip(&mut it.enabled)),
    ("ReceiveConnector.RemoteIPRanges", |it| {
        elsewhere(&mut it.remote_ip_ranges)
    }),
    ("ReceiveConnector.PermissionGroups", |it| {
        it.grant = match it.grant {
            Grant::Nothing | Grant::AcceptedDomains => Grant::AnyRecipient,
            Grant::AnyRecipient | Grant::Trusted => Grant::AcceptedDomains,
        };
        true
    }),
    ("ReceiveConnector.RequireTLS", |it| {
        flip(&mut it.require_tls)
    }),
    ("ReceiveConnector.TlsCertificateName", |it| {
        other_certificate(&mut it.tls_certificate)
    }),
    ("ReceiveConnector.TlsDomainCapabilities", |it| {
        it.accept_cloud_services_mail_from.take().is_some()
    }),
];

const POSTFIX: &[Change<postfix::Configuration>] = &[
    ("Postfix.relay_domains", |it| {
        it.relay_domains.pop_first().is_some()
    }),
    ("Postfix.virtual_mailbox_domains", |it| {
        it.mailbox_domains.pop_first().is_some()
    }),
    ("Postfix.relay_recipient_maps", |it| {
        it.relay_recipients.pop_first().is_some()
    }),
    ("Postfix.virtual_mailbox_maps", |it| {
        it.mailboxes.pop_first().is_some()
    }),
    ("Postfix.virtual_alias_maps", |it| {
        it.aliases.pop_first().is_some()
    }),
    ("Postfix.virtual_transport", |it| {
        it.mailbox_hop.take().is_some()
    }),
    ("Postfix.transport_maps", |it| {
        it.transport.pop_first().is_some()
    }),
    ("Postfix.relayhost", |it| it.default.take().is_some()),
    ("Postfix.sender_dependent_default_transport_maps", |it| {
        it.sender_relay.pop_first().is_some()
    }),
    ("Postfix.check_client_access", |it| {
        it.clients.pop_first().is_some()
    }),
    ("Postfix.smtpd_client_restrictions", |it| {
        it.admitted.take().is_some()
    }),
    ("Postfix.check_sender_access", |it| {
        it.senders.pop_first().is_some()
    }),
    ("Postfix.check_recipient_access", |it| {
        it.refused_recipients.pop_first().is_some()
    }),
    ("Postfix.smtpd_relay_restrictions", |it| {
        let had_any = !it.limits.is_empty();
        for limit in &mut it.limits {
            limit.else_stranger = !limit.else_stranger;
        }
        had_any
    }),
    ("Postfix.reject_unverified_recipient", |it| {
        std::mem::take(&mut it.callout)
    }),
    ("Postfix.smtp_tls_policy_maps", |it| {
        it.smtp.policies.pop_first().is_some()
    }),
    ("Postfix.lmtp_tls_policy_maps", |it| {
        it.lmtp.policies.pop_first().is_some()
    }),
    ("Postfix.recipient_delimiter", |it| {
        !std::mem::take(&mut it.recipient_delimiter).is_empty()
    }),
    ("Postfix.smtpd_restriction_classes", |it| {
        let servers = it.partners.first_mut();
        servers.is_some_and(|it| elsewhere(&mut it.networks))
    }),
    ("Postfix.smtp_tls_security_level", |it| {
        it.smtp.default = match it.smtp.default {
            TlsPolicyLevel::None => TlsPolicyLevel::Secure,
            _ => TlsPolicyLevel::None,
        };
        true
    }),
    ("Postfix.smtpd_tls_chain_files", |it| {
        it.certificate.take().is_some()
    }),
    ("Postfix.smtp_tls_chain_files", |it| {
        let own = it.own_clients.values_mut();
        let own = own.filter_map(|own| own.certificate.take()).count();
        it.client_certificate.take().is_some() || own > 0
    }),
];

/// Everything that is said of a plan: its findings, and the ways of these messages.
pub(super) fn said(plan: &Plan, today: Date, asked: &[Question]) -> BTreeSet<String> {
    let mut findings = Findings::default();
    let model = Model::of(plan);
    let flows = Flows::of(&model);
    let published = Published::of(&flows, &mut findings);
    let mut acceptance = Acceptance::of(&[], today);
    checks::run_plan_checks(&flows, &published, &mut acceptance, &mut findings);
    let refused = emit::refusals(plan, &findings).into_iter();
    let refused: BTreeSet<String> = refused.map(|it| it.message).collect();
    let mut said: BTreeSet<String> = findings
        .iter()
        .map(|it| {
            format!(
                "{} {:?} {:?} {:?} {}",
                it.check, it.severity, it.objects, it.domains, it.message
            )
        })
        .collect();
    said.extend(refused);
    let judge = Judge::of(plan);
    for (from, envelope, to) in asked {
        let sender = expect::sender(&plan.topology, from);
        let (Ok(sender), Ok(to)) = (sender, Address::parse(to)) else {
            continue;
        };
        let trace = match Address::parse(envelope) {
            Ok(name) => trace_as(&model, &sender, Some(name), &to),
            Err(_) => trace(&model, &sender, &to),
        };
        said.insert(cli::trace_document(&judge, &trace).to_string());
    }
    said
}

/// A fault that can be planted in what a place has.
pub(super) struct Fault {
    /// The property, by the kind of object and its name.
    property: &'static str,
    /// The position of the place.
    at: usize,
    /// The object that has it: by its name, where there are several of its kind.
    object: String,
    act: Act,
}

/// What a fault does, to the object at a position or to all that a place has.
enum Act {
    Outbound(usize, fn(&mut OutboundConnector) -> bool),
    Inbound(usize, fn(&mut InboundConnector) -> bool),
    Rule(usize, fn(&mut TransportRule) -> bool),
    Tenant(fn(&mut exchange_online::Configuration) -> bool),
    Accepted(usize, fn(&mut AcceptedDomain) -> bool),
    Send(usize, fn(&mut SendConnector) -> bool),
    Receive(usize, fn(&mut ReceiveConnector) -> bool),
    Postfix(fn(&mut postfix::Configuration) -> bool),
}

impl Fault {
    /// The fault, in words.
    pub(super) fn planted(&self, plan: &Plan) -> Planted {
        let mut locations = plan.topology.locations();
        let place = locations.nth(self.at).map(|(_, it)| it.name.clone());
        Planted {
            property: self.property,
            place: place.unwrap_or_default(),
            object: self.object.clone(),
        }
    }

    /// The plan with the fault; nothing where the object has no other value.
    pub(super) fn plant(&self, plan: &Plan) -> Option<Plan> {
        let mut other = plan.clone();
        let place = other.places.get_mut(self.at)?;
        let is_changed = match (&self.act, &mut place.configuration) {
            (Act::Accepted(index, change), _) => {
                let mut list: Vec<AcceptedDomain> = place.accepted.iter().cloned().collect();
                let is_changed = list.get_mut(*index).is_some_and(change);
                place.accepted = list.into();
                is_changed
            }
            (Act::Tenant(change), Configuration::ExchangeOnline(it)) => change(it),
            (Act::Outbound(index, change), Configuration::ExchangeOnline(it)) => {
                it.outbound.get_mut(*index).is_some_and(change)
            }
            (Act::Inbound(index, change), Configuration::ExchangeOnline(it)) => {
                it.inbound.get_mut(*index).is_some_and(change)
            }
            (Act::Rule(index, change), Configuration::ExchangeOnline(it)) => {
                it.rules.get_mut(*index).is_some_and(change)
            }
            (Act::Send(index, change), Configuration::ExchangeServer(it)) => {
                it.send.get_mut(*index).is_some_and(change)
            }
            (Act::Receive(index, change), Configuration::ExchangeServer(it)) => {
                it.receive.get_mut(*index).is_some_and(change)
            }
            (Act::Postfix(change), Configuration::Postfix(it)) => change(it),
            _ => false,
        };
        is_changed.then_some(other)
    }
}

/// Every fault that can be planted. What the wizard owns is not written.
pub(super) fn faults(plan: &Plan) -> Vec<Fault> {
    let mut all = Vec::new();
    for (at, place) in plan.places.iter().enumerate() {
        let mut add = |property, object: &str, act| {
            all.push(Fault {
                property,
                at,
                object: object.to_owned(),
                act,
            });
        };
        let is_exchange = matches!(
            place.configuration,
            Configuration::ExchangeOnline(_) | Configuration::ExchangeServer(_)
        );
        // Its own names a tenant has from the start.
        let accepted = place.accepted.iter().enumerate();
        for (index, it) in
            accepted.filter(|(_, it)| is_exchange && it.why != routes::Acceptance::TenantName)
        {
            for (property, change) in ACCEPTED {
                add(property, it.domain.as_str(), Act::Accepted(index, *change));
            }
        }
        match &place.configuration {
            Configuration::ExchangeOnline(tenant) => {
                for (property, change) in TENANT {
                    add(property, "", Act::Tenant(*change));
                }
                let outbound = tenant.outbound.iter().enumerate();
                for (index, it) in outbound.filter(|(_, it)| !it.by_wizard) {
                    for (property, change) in OUTBOUND {
                        add(property, &it.name, Act::Outbound(index, *change));
                    }
                }
                let inbound = tenant.inbound.iter().enumerate();
                for (index, it) in inbound.filter(|(_, it)| !it.by_wizard) {
                    for (property, change) in INBOUND {
                        add(property, &it.name, Act::Inbound(index, *change));
                    }
                }
                for (index, it) in tenant.rules.iter().enumerate() {
                    for (property, change) in RULE {
                        add(property, &it.name, Act::Rule(index, *change));
                    }
                }
            }
            Configuration::ExchangeServer(server) => {
                let send = server.send.iter().enumerate();
                for (index, it) in send.filter(|(_, it)| !it.by_wizard) {
                    for (property, change) in SEND {
                        add(property, &it.name, Act::Send(index, *change));
                    }
                }
                let receive = server.receive.iter().enumerate();
                for (index, it) in receive.filter(|(_, it)| !it.by_wizard) {
                    for (property, change) in RECEIVE {
                        add(property, &it.name, Act::Receive(index, *change));
                    }
                }
            }
            Configuration::Postfix(_) => {
                for (property, change) in POSTFIX {
                    add(property, "", Act::Postfix(*change));
                }
            }
            Configuration::Checklist => {}
        }
    }
    all
}
