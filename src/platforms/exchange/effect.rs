//! Properties that choose no path and refuse no mail, and why: import says it of a value, drift of a difference.
//!
//! What the scripts write and verify is the table of kinds; a property that a kind manages is here only where no mail goes
//! elsewhere because of it.

use crate::platforms::exchange::kind::ObjectKind;

/// Properties of one reason.
struct Row {
    why: &'static str,
    /// The scripts write and verify them.
    managed: bool,
    names: &'static [&'static str],
}

/// Why a property of this kind of objects has no effect on mail; nothing where it has one, or where nobody knows it.
pub fn no_effect(kind: Option<&ObjectKind>, property: &str) -> Option<&'static str> {
    let is_managed = kind.is_some_and(|kind| kind.manages(property));
    let is_it = |row: &&Row| row.managed >= is_managed && row.names.contains(&property);
    ROWS.iter().find(is_it).map(|row| row.why)
}

const fn managed(why: &'static str, names: &'static [&'static str]) -> Row {
    Row {
        why,
        managed: true,
        names,
    }
}

const fn other(why: &'static str, names: &'static [&'static str]) -> Row {
    Row {
        why,
        managed: false,
        names,
    }
}

static ROWS: [Row; 14] = [
    managed(
        "a comment, which `apply.ps1` replaces by its mark",
        &["Comment", "Comments"],
    ),
    managed("the largest message", &["MaxMessageSize"]),
    managed(
        "says what a server calls itself, where it listens, or which one sends",
        &[
            "Fqdn",
            "Bindings",
            "SourceTransportServers",
            "SmartHostAuthMechanism",
        ],
    ),
    managed(
        "says which server the filter takes for the sender's",
        &["EFSkipLastIP", "EFSkipIPs", "EFUsers"],
    ),
    other("says that it exists", &["Ensure", "IsSingleInstance"]),
    other(
        "says how Microsoft365DSC logs on, which is never copied",
        &[
            "AccessTokens",
            "ApplicationId",
            "ApplicationSecret",
            "CertificatePassword",
            "CertificatePath",
            "CertificateThumbprint",
            "Credential",
            "DependsOn",
            "GlobalAdminAccount",
            "ManagedIdentity",
            "PsDscRunAsCredential",
            "TenantId",
        ],
    ),
    other(
        "a secret, which is never copied",
        &["AuthenticationCredential"],
    ),
    other(
        "says how a session is made, limited or recorded",
        &[
            "AcceptConsumerMail",
            "AdvertiseClientSettings",
            "AuthTarpitInterval",
            "Banner",
            "BareLinefeedRejectionEnabled",
            "BinaryMimeEnabled",
            "CertificateSubject",
            "ChunkingEnabled",
            "ConnectedDomains",
            "ConnectionInactivityTimeOut",
            "ConnectionInactivityTimeout",
            "ConnectionTimeout",
            "ConnectorType",
            "DefaultDomain",
            "DeliveryStatusNotificationEnabled",
            "EFTestMode",
            "EightBitMimeEnabled",
            "EnableAuthGSSAPI",
            "EnhancedStatusCodesEnabled",
            "ErrorPolicies",
            "ExtendedProtectionPolicy",
            "ForceHELO",
            "FrontendProxyEnabled",
            "HomeMTA",
            "HomeMtaServerId",
            "IsSmtpConnector",
            "LiveCredentialEnabled",
            "LongAddressesEnabled",
            "MaxAcknowledgementDelay",
            "MaxHeaderSize",
            "MaxHopCount",
            "MaxInboundConnection",
            "MaxInboundConnectionPerSource",
            "MaxInboundConnectionPercentagePerSource",
            "MaxLocalHopCount",
            "MaxLogonFailures",
            "MaxProtocolErrors",
            "MaxRecipientsPerMessage",
            "MessageRateLimit",
            "MessageRateSource",
            "OrarEnabled",
            "PipeliningEnabled",
            "ProtocolLoggingLevel",
            "ProxyEnabled",
            "Region",
            "RejectReservedSecondLevelRecipientDomains",
            "RejectReservedTopLevelRecipientDomains",
            "RejectSingleLabelRecipientDomains",
            "RequireEHLODomain",
            "RequireOorg",
            "Server",
            "ServiceDiscoveryFqdn",
            "SizeEnabled",
            "SmartHostsString",
            "SmtpMaxMessagesPerConnection",
            "SmtpUtf8Enabled",
            "SourceIPAddress",
            "SourceRoutingGroup",
            "SuppressXAnonymousTls",
            "TarpitInterval",
            "TransportRole",
            "UseExternalDNSServersEnabled",
        ],
    ),
    other(
        "says which object it is",
        &[
            "AdminDisplayName",
            "DistinguishedName",
            "ExchangeObjectId",
            "Guid",
            "Id",
            "Identity",
            "ImmutableId",
            "IsValid",
            "Name",
            "ObjectCategory",
            "ObjectClass",
            "ObjectState",
            "OrganizationalUnitRoot",
            "OrganizationId",
            "OriginatingServer",
            "DomainName",
            "Domain",
            "PSComputerName",
            "PSShowComputerName",
            "RunspaceId",
        ],
    ),
    other(
        "says when and by whom it was made",
        &[
            "CreatedBy",
            "LastModifiedBy",
            "WhenChanged",
            "WhenChangedUTC",
            "WhenCreated",
            "WhenCreatedUTC",
            "ExchangeVersion",
            "ConnectorSource",
            "RuleVersion",
        ],
    ),
    other(
        "says how something is shown, checked or recorded",
        &[
            "IsValidated",
            "LastValidationTimestamp",
            "ValidationRecipients",
            "LinkForModifiedConnector",
            "Actions",
            "Conditions",
            "Description",
            "Exceptions",
            "SetAuditSeverity",
            "RuleSubType",
            "RuleErrorAction",
            "ManuallyModified",
            "Size",
            "Usage",
            "RecipientAddressType",
            "ScanAndDropRecipients",
            "Default",
            "InitialDomain",
            "IsCoexistenceDomain",
            "IsDefaultFederatedDomain",
            "FederatedOrganizationLink",
            "MailFlowPartner",
            "PendingCompletion",
            "PendingRemoval",
            "PerimeterDuplicateDetected",
            "EmailOnly",
            "ExternallyManaged",
            "DualProvisioningEnabled",
            "OutboundOnly",
            "PendingFederatedAccountNamespace",
            "PendingFederatedDomain",
            "SendingFromDomainDisabled",
            "SendingToDomainDisabled",
            "EnableNego2Authentication",
            "AuthenticationType",
            "LiveIdInstanceType",
            "RawAuthenticationType",
            "CatchAllRecipientID",
        ],
    ),
    other(
        "says whether a server refuses addresses that its directory does not have, and directories are not compared",
        &["AddressBookEnabled"],
    ),
    other("the rules stand in the draft in their order", &["Priority"]),
    other(
        "says how the provider checks the policies that other domains publish, which no spec says",
        &["MtaStsMode", "SmtpDaneMode"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms::exchange::kind::{ALL, INBOUND_CONNECTOR, SEND_CONNECTOR};
    use std::collections::BTreeSet;

    #[test]
    fn a_property_has_one_reason_and_the_scripts_write_those_that_say_so() {
        let mut seen = BTreeSet::new();
        for row in &ROWS {
            for name in row.names {
                assert!(seen.insert(name), "{name} stands twice");
                let is_managed = ALL.iter().any(|kind| kind.manages(name));
                assert!(is_managed || !row.managed, "{name} is not managed");
            }
        }
        assert_eq!(no_effect(Some(&INBOUND_CONNECTOR), "ConnectorType"), None);
        assert!(no_effect(Some(&SEND_CONNECTOR), "ConnectorType").is_some());
        assert!(no_effect(Some(&SEND_CONNECTOR), "Fqdn").is_some());
    }
}
