//! Faults planted in what is written: one property of one object another than the plan has it.
//!
//! Whether anybody notices is asked by a law. A property without an effect on mail is not in these tables, and the law
//! counts those.

use crate::checks::{self, Acceptance};
use crate::cli;
use crate::emit;
use crate::finding::Findings;
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::{ConnectorType, InboundConnector, OutboundConnector};
use crate::platforms::exchange_server::{Grant, ReceiveConnector, SendConnector};
use crate::platforms::postfix;
use crate::publish::Published;
use crate::publish::verdict::Judge;
use crate::values::{Address, Date, Network};
use crate::walk::{Flows, Model, expect, trace};
use std::collections::BTreeSet;

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
        it.sender_domains.pop().is_some()
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
        it.tls_certificate.take().is_some()
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
            Grant::AcceptedDomains => Grant::AnyRecipient,
            Grant::AnyRecipient | Grant::Trusted => Grant::AcceptedDomains,
        };
        true
    }),
    ("ReceiveConnector.RequireTLS", |it| {
        flip(&mut it.require_tls)
    }),
    ("ReceiveConnector.TlsCertificateName", |it| {
        it.tls_certificate.take().is_some()
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
    ("Postfix.smtpd_tls_chain_files", |it| {
        it.certificate.take().is_some()
    }),
    ("Postfix.smtp_tls_chain_files", |it| {
        it.client_certificate.take().is_some()
    }),
];

/// Everything that is said of a plan: its findings, and the ways of these messages.
pub(super) fn said(plan: &Plan, today: Date, asked: &[(String, String)]) -> BTreeSet<String> {
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
    for (from, to) in asked {
        let sender = expect::sender(&plan.topology, from);
        if let (Ok(sender), Ok(to)) = (sender, Address::parse(to)) {
            said.insert(cli::trace_document(&judge, &trace(&model, &sender, &to)).to_string());
        }
    }
    said
}

/// Every fault that can be planted, by the property and the location, with the plan that has it.
pub(super) fn faults(plan: &Plan) -> Vec<(String, Plan)> {
    let mut all = Vec::new();
    for at in 0..plan.places.len() {
        let location = plan
            .topology
            .locations()
            .nth(at)
            .map_or("", |(_, it)| it.name.as_str());
        let mut plant = |property: &str, act: &dyn Fn(&mut Configuration) -> bool| {
            let mut other = plan.clone();
            let place = other.places.get_mut(at);
            if place.is_some_and(|place| act(&mut place.configuration)) {
                all.push((format!("{property} at {location}"), other));
            }
        };
        match plan.places.get(at).map(|place| &place.configuration) {
            Some(Configuration::ExchangeOnline(tenant)) => {
                // What the wizard owns is not written.
                for (index, _) in tenant
                    .outbound
                    .iter()
                    .enumerate()
                    .filter(|(_, it)| !it.by_wizard)
                {
                    for (property, change) in OUTBOUND {
                        plant(property, &|it| match it {
                            Configuration::ExchangeOnline(it) => {
                                it.outbound.get_mut(index).is_some_and(change)
                            }
                            _ => false,
                        });
                    }
                }
                // What the wizard owns is not written.
                for (index, _) in tenant
                    .inbound
                    .iter()
                    .enumerate()
                    .filter(|(_, it)| !it.by_wizard)
                {
                    for (property, change) in INBOUND {
                        plant(property, &|it| match it {
                            Configuration::ExchangeOnline(it) => {
                                it.inbound.get_mut(index).is_some_and(change)
                            }
                            _ => false,
                        });
                    }
                }
            }
            Some(Configuration::ExchangeServer(server)) => {
                // What the wizard owns is not written.
                for (index, _) in server
                    .send
                    .iter()
                    .enumerate()
                    .filter(|(_, it)| !it.by_wizard)
                {
                    for (property, change) in SEND {
                        plant(property, &|it| match it {
                            Configuration::ExchangeServer(it) => {
                                it.send.get_mut(index).is_some_and(change)
                            }
                            _ => false,
                        });
                    }
                }
                // What the wizard owns is not written.
                for (index, _) in server
                    .receive
                    .iter()
                    .enumerate()
                    .filter(|(_, it)| !it.by_wizard)
                {
                    for (property, change) in RECEIVE {
                        plant(property, &|it| match it {
                            Configuration::ExchangeServer(it) => {
                                it.receive.get_mut(index).is_some_and(change)
                            }
                            _ => false,
                        });
                    }
                }
            }
            Some(Configuration::Postfix(_)) => {
                for (property, change) in POSTFIX {
                    plant(property, &|it| match it {
                        Configuration::Postfix(it) => change(it),
                        _ => false,
                    });
                }
            }
            Some(Configuration::Checklist) | None => {}
        }
    }
    all
}
