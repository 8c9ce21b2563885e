//! The kinds of objects that scripts look at: how they are read, made, changed and put back.

/// A kind of object.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// Its noun, as in the cmdlets.
    pub name: &'static str,
    /// PowerShell that reads all of them.
    pub read: &'static str,
    /// The cmdlet that makes one, where there is one.
    pub new: Option<&'static str>,
    /// The cmdlet that changes one.
    pub set: &'static str,
    /// What is saved before a change, and put back by the way back, beside what can be cleared.
    pub restorable: &'static [&'static str],
    /// What is cleared where an object does not have it, without standing in its entry. It is saved, too.
    pub cleared: &'static [&'static str],
}

impl Kind {
    /// Whether one can be made, and has no comment that could say who made it.
    pub fn is_made_unmarked(&self) -> bool {
        let has = |name| self.restorable.contains(&name) || self.cleared.contains(&name);
        self.new.is_some() && !has("Comment") && !has("Comments")
    }
}

/// Accepted domains of a tenant, which no cmdlet can create.
pub static TENANT_DOMAIN: Kind = Kind {
    name: "AcceptedDomain",
    read: "Get-AcceptedDomain -ErrorAction Stop",
    new: None,
    set: "Set-AcceptedDomain",
    restorable: &["DomainType", "MatchSubDomains"],
    cleared: &[],
};

/// Accepted domains of an Exchange organization.
pub static ACCEPTED_DOMAIN: Kind = Kind {
    name: "AcceptedDomain",
    read: "Get-AcceptedDomain -ErrorAction Stop",
    new: Some("New-AcceptedDomain"),
    set: "Set-AcceptedDomain",
    restorable: &["DomainType"],
    cleared: &[],
};

/// Remote domains.
pub static REMOTE_DOMAIN: Kind = Kind {
    name: "RemoteDomain",
    read: "Get-RemoteDomain -ErrorAction Stop",
    new: Some("New-RemoteDomain"),
    set: "Set-RemoteDomain",
    restorable: &["TargetDeliveryDomain", "TrustedMailInboundEnabled"],
    cleared: &[],
};

/// What takes mail into a tenant.
pub static INBOUND_CONNECTOR: Kind = Kind {
    name: "InboundConnector",
    read: "Get-InboundConnector -ErrorAction Stop",
    new: Some("New-InboundConnector"),
    set: "Set-InboundConnector",
    restorable: &[
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
    cleared: &[],
};

/// What takes mail out of a tenant. Connectors in test mode would not be listed without being asked for.
pub static OUTBOUND_CONNECTOR: Kind = Kind {
    name: "OutboundConnector",
    read: "Get-OutboundConnector -IncludeTestModeConnectors $true -ErrorAction Stop",
    new: Some("New-OutboundConnector"),
    set: "Set-OutboundConnector",
    restorable: &[
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
        "Comment",
    ],
    cleared: &[],
};

/// Every predicate, exception and action of a rule that a script sets or clears. What it does not know it leaves.
pub static RULE_PARTS: [&str; 35] = [
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

/// How a rule works, which every rule has.
pub static RULE_SETTINGS: [&str; 3] = ["Mode", "SenderAddressLocation", "StopRuleProcessing"];

/// Mail-flow rules.
pub static TRANSPORT_RULE: Kind = Kind {
    name: "TransportRule",
    read: "Get-TransportRule -ResultSize 'Unlimited' -ErrorAction Stop",
    new: Some("New-TransportRule"),
    set: "Set-TransportRule",
    restorable: &RULE_SETTINGS,
    cleared: &RULE_PARTS,
};

/// Settings of the tenant.
pub static ORGANIZATION_CONFIG: Kind = Kind {
    name: "OrganizationConfig",
    read: "Get-OrganizationConfig -ErrorAction Stop",
    new: None,
    set: "Set-OrganizationConfig",
    restorable: &["RejectDirectSend"],
    cleared: &[],
};

/// Settings of its transport.
pub static TRANSPORT_CONFIG: Kind = Kind {
    name: "TransportConfig",
    read: "Get-TransportConfig -ErrorAction Stop",
    new: None,
    set: "Set-TransportConfig",
    restorable: &["SmtpClientAuthenticationDisabled"],
    cleared: &[],
};

/// A mailbox's own settings; only those that the script names are read.
pub static CAS_MAILBOX: Kind = Kind {
    name: "CASMailbox",
    read: "$mailboxes | ForEach-Object { Get-CASMailbox -Identity $_ -ErrorAction Stop }",
    new: None,
    set: "Set-CASMailbox",
    restorable: &["SmtpClientAuthenticationDisabled"],
    cleared: &[],
};

/// Keys that a tenant signs with.
pub static DKIM: Kind = Kind {
    name: "DkimSigningConfig",
    read: "Get-DkimSigningConfig -ErrorAction Stop",
    new: Some("New-DkimSigningConfig"),
    set: "Set-DkimSigningConfig",
    restorable: &["Enabled"],
    cleared: &[],
};

/// Trusted ARC sealers.
pub static ARC: Kind = Kind {
    name: "ArcConfig",
    read: "Get-ArcConfig -ErrorAction Stop",
    new: None,
    set: "Set-ArcConfig",
    restorable: &["ArcTrustedSealers"],
    cleared: &[],
};

/// What takes mail out of an Exchange organization.
pub static SEND_CONNECTOR: Kind = Kind {
    name: "SendConnector",
    read: "Get-SendConnector -ErrorAction Stop",
    new: Some("New-SendConnector"),
    set: "Set-SendConnector",
    restorable: &[
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
    cleared: &[],
};

/// What takes mail into an Exchange organization, once per server.
pub static RECEIVE_CONNECTOR: Kind = Kind {
    name: "ReceiveConnector",
    read: "$servers | ForEach-Object { Get-ReceiveConnector -Server $_ -ErrorAction Stop }",
    new: Some("New-ReceiveConnector"),
    set: "Set-ReceiveConnector",
    restorable: &[
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
    cleared: &[],
};
