//! The kinds of objects that the scripts know: how one is made and changed, and which properties are managed.
//!
//! The library of the scripts has the same table in PowerShell (`$kinds`); a test holds the two against each other.

use crate::writer::powershell::PsValue;

/// The name of a property or of a parameter, and its value.
pub(crate) type Property = (&'static str, PsValue);

/// A kind of object.
#[derive(Debug, PartialEq, Eq)]
pub struct ObjectKind {
    /// Its noun, as in the cmdlets.
    pub name: &'static str,
    /// The cmdlet that makes one, where there is one.
    pub new: Option<&'static str>,
    /// The cmdlet that changes one.
    pub set: &'static str,
    /// How the cmdlet that changes one is told which.
    pub identity: Identity,
    /// Making one takes none of its properties, so that it is made and then changed.
    pub bare: bool,
    /// It exists once on each server.
    pub per_server: bool,
    /// Every property that a script may set; it is saved before a change.
    pub properties: &'static [&'static str],
    /// Properties that are set to nothing where an object does not have them.
    pub cleared: &'static [&'static str],
}

/// How a change names an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// By the name that the object has.
    Name,
    /// By this name: there is one.
    Fixed(&'static str),
    /// Not at all: there is one.
    Only,
}

impl ObjectKind {
    /// Whether the scripts write and verify a property.
    pub(crate) fn manages(&self, property: &str) -> bool {
        self.properties.contains(&property) || self.cleared.contains(&property)
    }

    /// What the cmdlet that makes one takes beside its properties: the name, and what every object of the kind gets.
    pub fn made_with(&self, name: &str) -> Vec<Property> {
        let custom = ("Usage", PsValue::from("Custom"));
        match self.name {
            "AcceptedDomain" => vec![("Name", name.into()), ("DomainName", name.into())],
            "RemoteDomain" => vec![("DomainName", name.into())],
            "DkimSigningConfig" => vec![
                ("DomainName", name.into()),
                ("Enabled", false.into()),
                ("KeySize", PsValue::Int(2048)),
            ],
            "SendConnector" => vec![("Name", name.into()), custom],
            "ReceiveConnector" => {
                let server = PsValue::Variable("server".to_owned());
                vec![("Name", name.into()), ("Server", server), custom]
            }
            _ => vec![("Name", name.into())],
        }
    }
}

/// A kind whose objects can be made and are named; the others say what differs.
const NAMED: ObjectKind = ObjectKind {
    name: "",
    new: None,
    set: "",
    identity: Identity::Name,
    bare: false,
    per_server: false,
    properties: &[],
    cleared: &[],
};

/// Every kind.
pub static ALL: [&ObjectKind; 12] = [
    &ACCEPTED_DOMAIN,
    &ARC,
    &CAS_MAILBOX,
    &DKIM,
    &INBOUND_CONNECTOR,
    &ORGANIZATION_CONFIG,
    &OUTBOUND_CONNECTOR,
    &RECEIVE_CONNECTOR,
    &REMOTE_DOMAIN,
    &SEND_CONNECTOR,
    &TRANSPORT_CONFIG,
    &TRANSPORT_RULE,
];

/// Accepted domains; a tenant has no cmdlet that makes one.
pub(crate) static ACCEPTED_DOMAIN: ObjectKind = ObjectKind {
    name: "AcceptedDomain",
    new: Some("New-AcceptedDomain"),
    set: "Set-AcceptedDomain",
    properties: &["DomainType", "MatchSubDomains"],
    ..NAMED
};

/// Remote domains.
pub(crate) static REMOTE_DOMAIN: ObjectKind = ObjectKind {
    name: "RemoteDomain",
    new: Some("New-RemoteDomain"),
    set: "Set-RemoteDomain",
    bare: true,
    properties: &["TargetDeliveryDomain", "TrustedMailInboundEnabled"],
    ..NAMED
};

/// What takes mail into a tenant.
pub(crate) static INBOUND_CONNECTOR: ObjectKind = ObjectKind {
    name: "InboundConnector",
    new: Some("New-InboundConnector"),
    set: "Set-InboundConnector",
    properties: &[
        "Enabled",
        "ConnectorType",
        "SenderDomains",
        "RequireTls",
        "RestrictDomainsToCertificate",
        "TlsSenderCertificateName",
        "RestrictDomainsToIPAddresses",
        "SenderIPAddresses",
        "AssociatedAcceptedDomains",
        "CloudServicesMailEnabled",
        "TreatMessagesAsInternal",
        "EFSkipLastIP",
        "EFSkipIPs",
        "EFUsers",
        "Comment",
    ],
    ..NAMED
};

/// What takes mail out of a tenant.
pub(crate) static OUTBOUND_CONNECTOR: ObjectKind = ObjectKind {
    name: "OutboundConnector",
    new: Some("New-OutboundConnector"),
    set: "Set-OutboundConnector",
    properties: &[
        "Enabled",
        "ConnectorType",
        "RecipientDomains",
        "AllAcceptedDomains",
        "UseMXRecord",
        "SmartHosts",
        "TlsSettings",
        "TlsDomain",
        "IsTransportRuleScoped",
        "RouteAllMessagesViaOnPremises",
        "CloudServicesMailEnabled",
        "TestMode",
        "SenderRewritingEnabled",
        "Comment",
    ],
    ..NAMED
};

/// Every predicate, exception and action of a rule that a script sets or clears, and its comment.
pub(crate) static RULE_PARTS: [&str; 35] = [
    "From",
    "FromAddressMatchesPatterns",
    "FromMemberOf",
    "FromScope",
    "HeaderContainsMessageHeader",
    "HeaderContainsWords",
    "HeaderMatchesMessageHeader",
    "HeaderMatchesPatterns",
    "RecipientADAttributeContainsWords",
    "RecipientAddressMatchesPatterns",
    "RecipientDomainIs",
    "SenderDomainIs",
    "SentTo",
    "SentToMemberOf",
    "SentToScope",
    "SubjectContainsWords",
    "ExceptIfFrom",
    "ExceptIfFromAddressMatchesPatterns",
    "ExceptIfFromMemberOf",
    "ExceptIfFromScope",
    "ExceptIfHeaderContainsMessageHeader",
    "ExceptIfHeaderContainsWords",
    "ExceptIfHeaderMatchesMessageHeader",
    "ExceptIfHeaderMatchesPatterns",
    "ExceptIfRecipientADAttributeContainsWords",
    "ExceptIfRecipientAddressMatchesPatterns",
    "ExceptIfRecipientDomainIs",
    "ExceptIfSenderDomainIs",
    "ExceptIfSentTo",
    "ExceptIfSentToMemberOf",
    "ExceptIfSentToScope",
    "RouteMessageOutboundConnector",
    "SetHeaderName",
    "SetHeaderValue",
    "Comments",
];

/// Mail-flow rules.
pub(crate) static TRANSPORT_RULE: ObjectKind = ObjectKind {
    name: "TransportRule",
    new: Some("New-TransportRule"),
    set: "Set-TransportRule",
    properties: &["Mode", "SenderAddressLocation", "StopRuleProcessing"],
    cleared: &RULE_PARTS,
    ..NAMED
};

/// Settings of the tenant.
pub(crate) static ORGANIZATION_CONFIG: ObjectKind = ObjectKind {
    name: "OrganizationConfig",
    set: "Set-OrganizationConfig",
    identity: Identity::Only,
    properties: &["RejectDirectSend"],
    ..NAMED
};

/// Settings of its transport.
pub(crate) static TRANSPORT_CONFIG: ObjectKind = ObjectKind {
    name: "TransportConfig",
    set: "Set-TransportConfig",
    identity: Identity::Only,
    properties: &["SmtpClientAuthenticationDisabled"],
    ..NAMED
};

/// A mailbox's own settings; only those that the script names are read.
pub(crate) static CAS_MAILBOX: ObjectKind = ObjectKind {
    name: "CASMailbox",
    set: "Set-CASMailbox",
    properties: &["SmtpClientAuthenticationDisabled"],
    ..NAMED
};

/// Keys that a tenant signs with.
pub(crate) static DKIM: ObjectKind = ObjectKind {
    name: "DkimSigningConfig",
    new: Some("New-DkimSigningConfig"),
    set: "Set-DkimSigningConfig",
    bare: true,
    properties: &["Enabled"],
    ..NAMED
};

/// Trusted ARC sealers.
pub(crate) static ARC: ObjectKind = ObjectKind {
    name: "ArcConfig",
    set: "Set-ArcConfig",
    identity: Identity::Fixed("Default"),
    properties: &["ArcTrustedSealers"],
    ..NAMED
};

/// What takes mail out of an Exchange organization.
pub(crate) static SEND_CONNECTOR: ObjectKind = ObjectKind {
    name: "SendConnector",
    new: Some("New-SendConnector"),
    set: "Set-SendConnector",
    properties: &[
        "Enabled",
        "AddressSpaces",
        "SourceTransportServers",
        "DNSRoutingEnabled",
        "SmartHosts",
        "Port",
        "Fqdn",
        "RequireTLS",
        "IgnoreSTARTTLS",
        "TlsAuthLevel",
        "TlsDomain",
        "TlsCertificateName",
        "CloudServicesMailEnabled",
        "SmartHostAuthMechanism",
        "MaxMessageSize",
        "IsScopedConnector",
        "Comment",
    ],
    ..NAMED
};

/// What takes mail into an Exchange organization, once per server.
pub(crate) static RECEIVE_CONNECTOR: ObjectKind = ObjectKind {
    name: "ReceiveConnector",
    new: Some("New-ReceiveConnector"),
    set: "Set-ReceiveConnector",
    per_server: true,
    properties: &[
        "Enabled",
        "Bindings",
        "RemoteIPRanges",
        "AuthMechanism",
        "PermissionGroups",
        "RequireTLS",
        "Fqdn",
        "TlsCertificateName",
        "TlsDomainCapabilities",
        "MaxMessageSize",
        "Comment",
    ],
    ..NAMED
};
