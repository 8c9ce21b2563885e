//! Connectors of a tenant.

use crate::plan::Plan;
use crate::platforms::exchange::call::{list, text};
use crate::platforms::exchange::desired::marked;
use crate::platforms::exchange::kind::ObjectKind;
use crate::platforms::exchange::kind::Property;
use crate::platforms::exchange::object::{Object, Stage};
use crate::platforms::exchange::{
    kind, origin_of_lock, origin_of_route, origins_of_routes, why_route,
};
use crate::platforms::exchange_online::{
    ConnectorType, InboundConnector, OutboundConnector, TlsSettings,
};
use crate::topology::LocationId;
use crate::writer::powershell::PsValue;

/// An outbound connector.
pub(super) fn outbound(plan: &Plan, connector: &OutboundConnector, mark: &str) -> Object {
    let origin = origin_of_route(plan, connector.route);
    let properties = outbound_properties(connector);
    if connector.by_wizard {
        return of_wizard(&kind::OUTBOUND_CONNECTOR, origin, properties);
    }
    let mut object = Object::new(&kind::OUTBOUND_CONNECTOR, connector.name.as_str());
    object.why = why_route(plan, connector.route);
    // Only a rule chooses such a connector, by its name: a new one stands beside the old until the rule names it.
    if !connector.is_transport_rule_scoped {
        object.former_names.clone_from(&connector.former_names);
    }
    if connector.enabled {
        let recipients = connector.validation_recipients.iter();
        object.validate = recipients.map(ToString::to_string).collect();
    }
    object.properties = properties;
    object.properties.push(("Comment", marked(mark, &origin)));
    object.origin = origin;
    object.managed(connector.managed)
}

fn outbound_properties(connector: &OutboundConnector) -> Vec<Property> {
    let tls_settings = match connector.tls_settings {
        None => PsValue::Null,
        Some(TlsSettings::EncryptionOnly) => "EncryptionOnly".into(),
        Some(TlsSettings::CertificateValidation) => "CertificateValidation".into(),
        Some(TlsSettings::DomainValidation) => "DomainValidation".into(),
    };
    let mut properties = vec![
        ("Enabled", connector.enabled.into()),
        ("ConnectorType", connector_type(connector.connector_type)),
        ("RecipientDomains", list(&connector.recipient_domains)),
        ("AllAcceptedDomains", connector.all_accepted_domains.into()),
        ("UseMXRecord", connector.smart_hosts.is_empty().into()),
        ("SmartHosts", list(&connector.smart_hosts)),
        ("TlsSettings", tls_settings),
        ("TlsDomain", text(connector.tls_domain.as_deref())),
        (
            "IsTransportRuleScoped",
            connector.is_transport_rule_scoped.into(),
        ),
        (
            "RouteAllMessagesViaOnPremises",
            connector.route_all_messages_via_on_premises.into(),
        ),
        (
            "CloudServicesMailEnabled",
            connector.cloud_services_mail_enabled.into(),
        ),
        ("TestMode", false.into()),
    ];
    let rewriting = connector.sender_rewriting_enabled;
    properties.extend(rewriting.map(|on| ("SenderRewritingEnabled", on.into())));
    properties
}

/// An inbound connector.
pub(super) fn inbound(
    plan: &Plan,
    here: LocationId,
    connector: &InboundConnector,
    mark: &str,
) -> Object {
    let location = &plan.topology.location(here).name;
    let origin = if connector.lockdown.is_some() || connector.routes.is_empty() {
        origin_of_lock(location)
    } else {
        origins_of_routes(plan, &connector.routes)
    };
    let properties = inbound_properties(connector);
    if connector.by_wizard {
        return of_wizard(&kind::INBOUND_CONNECTOR, origin, properties);
    }
    let mut object = Object::new(&kind::INBOUND_CONNECTOR, connector.name.as_str());
    object.why = match connector.routes.first() {
        _ if connector.is_lock() => {
            "Rejects mail from external senders on any other path.".to_owned()
        }
        Some(id) => why_route(plan, *id),
        None => String::new(),
    };
    object.former_names.clone_from(&connector.former_names);
    object.stage = connector.is_lock().then_some(Stage::Lock);
    object.properties = properties;
    object.properties.push(("Comment", marked(mark, &origin)));
    object.origin = origin;
    object.managed(connector.managed)
}

fn inbound_properties(connector: &InboundConnector) -> Vec<Property> {
    vec![
        ("Enabled", connector.enabled.into()),
        ("ConnectorType", connector_type(connector.connector_type)),
        ("SenderDomains", list(&connector.sender_domains)),
        ("RequireTls", connector.require_tls.into()),
        (
            "RestrictDomainsToCertificate",
            connector.restrict_domains_to_certificate.into(),
        ),
        (
            "TlsSenderCertificateName",
            text(connector.tls_sender_certificate_name.as_deref()),
        ),
        (
            "RestrictDomainsToIPAddresses",
            connector.restrict_domains_to_ip_addresses.into(),
        ),
        ("SenderIPAddresses", list(&connector.sender_ip_addresses)),
        (
            "AssociatedAcceptedDomains",
            list(&connector.associated_accepted_domains),
        ),
        (
            "CloudServicesMailEnabled",
            connector.cloud_services_mail_enabled.into(),
        ),
        (
            "TreatMessagesAsInternal",
            connector.treat_messages_as_internal.into(),
        ),
        ("EFSkipLastIP", connector.ef_skip_last_ip.into()),
        ("EFSkipIPs", list(&connector.ef_skip_ips)),
        ("EFUsers", list(&connector.ef_users)),
    ]
}

/// The wizard's own connectors are compared in what routes mail, and never written.
fn of_wizard(kind: &'static ObjectKind, origin: String, properties: Vec<Property>) -> Object {
    let compared = [
        "Enabled",
        "ConnectorType",
        "RecipientDomains",
        "RouteAllMessagesViaOnPremises",
        "CloudServicesMailEnabled",
        "SenderRewritingEnabled",
        "TreatMessagesAsInternal",
    ];
    let mut object = Object::of_wizard(kind, ("ConnectorSource", "HybridWizard".into()));
    object.origin = origin;
    object.properties = properties;
    object
        .properties
        .retain(|(name, _)| compared.contains(name));
    object
}

fn connector_type(kind: ConnectorType) -> PsValue {
    match kind {
        ConnectorType::OnPremises => "OnPremises".into(),
        ConnectorType::Partner => "Partner".into(),
    }
}
