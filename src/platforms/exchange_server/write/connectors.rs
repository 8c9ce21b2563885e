//! Connectors of an Exchange organization.

use crate::plan::Plan;
use crate::platforms::exchange::call::{list, text};
use crate::platforms::exchange::catalogue::{Product, has};
use crate::platforms::exchange::desired::{mark, marked};
use crate::platforms::exchange::kind::Property;
use crate::platforms::exchange::object::{Object, Stage};
use crate::platforms::exchange::{
    kind, origin_of_lock, origin_of_route, origins_of_routes, why_route,
};
use crate::platforms::exchange_server::{
    CertificateRef, Configuration, Grant, ReceiveConnector, SendConnector, TlsAuthLevel,
};
use crate::topology::ExchangeVersion;
use crate::values::Network;
use crate::writer::powershell::PsValue;

type Properties = Vec<Property>;

/// A send connector.
pub(super) fn send(
    plan: &Plan,
    configuration: &Configuration,
    connector: &SendConnector,
    mark: &str,
) -> Object {
    if connector.by_wizard {
        return of_wizard(plan, configuration, connector);
    }
    let mut object = Object::new(&kind::SEND_CONNECTOR, connector.name.as_str());
    object.origin = origin_of_route(plan, connector.route);
    object.why = why_route(plan, connector.route);
    object.former_names.clone_from(&connector.former_names);
    object.properties = send_properties(configuration, connector);
    let comment = marked(mark, &object.origin);
    object.properties.push(("Comment", comment));
    object.login.clone_from(&connector.auth);
    object.managed(connector.managed)
}

fn send_properties(configuration: &Configuration, connector: &SendConnector) -> Properties {
    let spaces: PsValue = connector
        .address_spaces
        .iter()
        .map(|(pattern, cost)| format!("{pattern};{cost}"))
        .collect();
    let mechanism = if connector.auth.is_some() {
        "BasicAuthRequireTLS"
    } else {
        "None"
    };
    let level = connector.tls_auth_level.map_or(PsValue::Null, |level| {
        PsValue::from(match level {
            TlsAuthLevel::EncryptionOnly => "EncryptionOnly",
            TlsAuthLevel::CertificateValidation => "CertificateValidation",
            TlsAuthLevel::DomainValidation => "DomainValidation",
        })
    });
    let mut with: Properties = vec![
        ("Enabled", connector.enabled.into()),
        ("AddressSpaces", spaces),
    ];
    if !connector.source_transport_servers.is_empty() {
        with.push((
            "SourceTransportServers",
            list(&connector.source_transport_servers),
        ));
    }
    with.extend([
        ("DNSRoutingEnabled", connector.smart_hosts.is_empty().into()),
        ("SmartHosts", list(&connector.smart_hosts)),
        ("Port", PsValue::Int(connector.port.into())),
        ("Fqdn", text(connector.fqdn.as_deref())),
        ("RequireTLS", connector.require_tls.into()),
        ("IgnoreSTARTTLS", connector.ignore_starttls.into()),
        ("SmartHostAuthMechanism", mechanism.into()),
        ("IsScopedConnector", false.into()),
    ]);
    let certificate = connector.tls_certificate.as_ref();
    let certificate = certificate.map_or(PsValue::Null, certificate_name);
    // What a version does not have is not said to it, not even to clear it.
    let newer: Properties = vec![
        ("TlsAuthLevel", level),
        ("TlsDomain", text(connector.tls_domain.as_deref())),
        ("TlsCertificateName", certificate),
        (
            "CloudServicesMailEnabled",
            connector
                .cloud_services_mail_enabled
                .unwrap_or(false)
                .into(),
        ),
    ];
    let product = Product::Server(configuration.version);
    with.extend(
        newer
            .into_iter()
            .filter(|(name, _)| has("Set-SendConnector", name, product)),
    );
    with.extend(
        connector
            .max_message_size
            .map(|size| ("MaxMessageSize", PsValue::size(size.0))),
    );
    with
}

/// How a connector names a certificate: as the facts say, else by a look at the servers before anything is changed.
fn certificate_name(certificate: &CertificateRef) -> PsValue {
    if let Some((issuer, subject)) = &certificate.issuer_and_subject {
        return PsValue::String(format!("<I>{issuer}<S>{subject}"));
    }
    let thumbprint = certificate.thumbprint.as_deref().unwrap_or_default();
    PsValue::Hash(vec![
        ("Certificate", certificate.name.as_str().into()),
        ("Thumbprint", thumbprint.into()),
    ])
}

/// The wizard's own connector is compared in what routes mail, and never written.
fn of_wizard(plan: &Plan, configuration: &Configuration, connector: &SendConnector) -> Object {
    // It takes the tenant's routing domain: mail for other names whose mailboxes are there is readdressed to that one.
    let mut spaces = connector.address_spaces.iter();
    let space = spaces
        .find(|(pattern, _)| pattern.to_string().contains(".mail."))
        .or(connector.address_spaces.first());
    let space = space.map(|(pattern, _)| pattern.to_string());
    let found_by = ("AddressSpaces", space.unwrap_or_default().into());
    let mut object = Object::of_wizard(&kind::SEND_CONNECTOR, found_by);
    object.origin = origin_of_route(plan, connector.route);
    object.properties = vec![("Enabled", connector.enabled.into())];
    // Exchange 2010 keeps the headers by a remote domain and has no such parameter.
    if configuration.version >= ExchangeVersion::V2013 {
        let keeps = ("CloudServicesMailEnabled", true.into());
        object.properties.push(keeps);
    }
    object.properties.push(("RequireTLS", true.into()));
    object
}

/// What takes the anonymous permission from the connectors for all addresses.
pub(crate) fn lock(location: &str) -> Object {
    Object {
        origin: origin_of_lock(location),
        why: "Rejects mail from external senders on any other path.".to_owned(),
        stage: Some(Stage::Lock),
        takes: true,
        properties: vec![("PermissionGroups", "AnonymousUsers".into())],
        ..Object::new(&kind::RECEIVE_CONNECTOR, "for all addresses")
    }
}

/// A receive connector, on every server.
pub(super) fn receive(
    plan: &Plan,
    location: &str,
    configuration: &Configuration,
    connector: &ReceiveConnector,
) -> Option<Object> {
    if connector.by_wizard {
        return None;
    }
    let mut object = Object::new(&kind::RECEIVE_CONNECTOR, connector.name.as_str());
    if let Some(id) = connector.routes.first() {
        object.origin = origins_of_routes(plan, &connector.routes);
        object.why = why_route(plan, *id);
    } else {
        object.origin = origin_of_lock(location);
        object.why = "Mail of external senders comes through it.".into();
    }
    object.former_names.clone_from(&connector.former_names);
    let modern = configuration.version >= ExchangeVersion::V2013;
    if modern && !configuration.edge {
        object
            .new
            .push(("TransportRole", "FrontendTransport".into()));
    }
    object.properties = receive_properties(configuration, connector);
    let comment = marked(&mark(location), &object.origin);
    object.properties.push(("Comment", comment));
    object.any_recipient = Some(connector.grant == Grant::AnyRecipient);
    Some(object.managed(connector.managed))
}

fn receive_properties(configuration: &Configuration, connector: &ReceiveConnector) -> Properties {
    let any_ipv6 = connector.remote_ip_ranges.iter().any(Network::is_ipv6);
    let bindings = if any_ipv6 {
        vec!["0.0.0.0:25", "[::]:25"]
    } else {
        vec!["0.0.0.0:25"]
    };
    let (mechanisms, groups) = match connector.grant {
        Grant::Nothing => (vec!["Tls"], "None"),
        Grant::AcceptedDomains | Grant::AnyRecipient => (vec!["Tls"], "AnonymousUsers"),
        Grant::Trusted => (vec!["Tls", "ExternalAuthoritative"], "ExchangeServers"),
    };
    let mut with: Properties = vec![
        ("Enabled", connector.enabled.into()),
        ("Bindings", bindings.into_iter().collect()),
        ("RemoteIPRanges", list(&connector.remote_ip_ranges)),
        ("AuthMechanism", mechanisms.into_iter().collect()),
        ("PermissionGroups", groups.into()),
        ("RequireTLS", connector.require_tls.into()),
        ("Fqdn", text(connector.fqdn.as_deref())),
    ];
    let certificate = connector.tls_certificate.as_ref();
    let certificate = certificate.map_or(PsValue::Null, certificate_name);
    let capabilities = connector.accept_cloud_services_mail_from.as_ref();
    let capabilities = capabilities.map_or(PsValue::Null, |name| {
        [format!("{name}:AcceptCloudServicesMail")]
            .into_iter()
            .collect()
    });
    let newer = [
        ("TlsCertificateName", certificate),
        ("TlsDomainCapabilities", capabilities),
    ];
    let product = Product::Server(configuration.version);
    with.extend(
        newer
            .into_iter()
            .filter(|(name, _)| has("Set-ReceiveConnector", name, product)),
    );
    with.extend(
        connector
            .max_message_size
            .map(|size| ("MaxMessageSize", PsValue::size(size.0))),
    );
    with
}
