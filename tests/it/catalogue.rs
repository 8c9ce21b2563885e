//! The catalogue accepts what the reference pages allow and says what is wrong with the rest.

use crate::powershell::wrong_calls;
use mailtopo::testing::platforms::exchange::catalogue::Product;
use mailtopo::testing::topology::ExchangeVersion;

/// A product, a call, and what is said about it; nothing where it is right.
const CASES: &[(Product, &str, &str)] = &[
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'OnPremises' -AllAcceptedDomains $true",
        "",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -AllAcceptedDomains $true",
        "requires ConnectorType OnPremises",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -RouteAllMessagesViaOnPremises $true",
        "requires ConnectorType OnPremises",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a'",
        "no documented default",
    ),
    (
        ONLINE,
        "New-OutboundConnector -ConnectorType 'Partner'",
        "missing: Name",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'OnPremises' -AllAcceptedDomains $true -RecipientDomains @('*')",
        "takes all mail",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -UseMXRecord $false",
        "requires SmartHosts",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -SmartHosts @('h')",
        "UseMXRecord $false in the same call",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -UseMXRecord $false -SmartHosts @('h')",
        "",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -TlsSettings 'EncryptionOnly' -TlsDomain 'a.com'",
        "DomainValidation",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -TlsSettings 'DomainValidation'",
        "TlsDomain",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -RecipientDomains @('a.*.com')",
        "wildcard",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -RecipientDomains @('a.com') -IsTransportRuleScoped $true",
        "and not for both",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -RecipientDomains $null -IsTransportRuleScoped $false",
        "and not for both",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -IsTransportRuleScoped $true",
        "",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'OnPremises' -UseMXRecord $true",
        "UseMXRecord $true is refused",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'OnPremises' -UseMXRecord $false -SmartHosts @('192.168.1.1')",
        "public IPv4",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'OnPremises' -UseMXRecord $false -SmartHosts @('2001:db8::1')",
        "public IPv4",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'OnPremises' -UseMXRecord $false -SmartHosts @('203.0.113.10', 'mail.a.com')",
        "",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -TlsSettings 'DomainValidation' -TlsDomain '*'",
        "never every one",
    ),
    (
        ONLINE,
        "Set-TransportRule -Identity 'a' -Comments $null",
        "leaves it as it is",
    ),
    (
        ONLINE,
        "Set-TransportRule -Identity 'a' -RecipientADAttributeContainsWords @('City:New Orleans,Houston ')",
        "a word or a pattern that is refused",
    ),
    (
        ONLINE,
        "Set-TransportRule -Identity 'a' -RecipientADAttributeContainsWords @('City:New Orleans,Houston')",
        "",
    ),
    (
        ONLINE,
        "Set-TransportRule -Identity 'a' -FromAddressMatchesPatterns @('x\\S')",
        "a word or a pattern that is refused",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partners'",
        "none of Partner, OnPremises",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -TlsSettings $null",
        "",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -Comment $null",
        "cannot be empty on a new object",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType @('Partner')",
        "takes one value",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -Name 'b' -ConnectorType 'Partner'",
        "stands twice",
    ),
    (
        ONLINE,
        "New-OutboundConnector -Name 'a' -ConnectorType 'Partner' -Enabled 'yes'",
        "is no Boolean",
    ),
    (
        ONLINE,
        "Set-OutboundConnector -Identity 'a' -Name '0123456789012345678901234567890123456789012345678901234567890123'",
        "",
    ),
    (
        ONLINE,
        "Set-OutboundConnector -Identity 'a' -Name '01234567890123456789012345678901234567890123456789012345678901234'",
        "longer than 64",
    ),
    (
        ONLINE,
        "Set-OutboundConnector -Identity 'a' -TlsDomain $null -SmartHosts $null -TlsSettings $null -UseMXRecord $true",
        "",
    ),
    (
        ONLINE,
        "Set-OutboundConnector -Identity 'a' -Enabled $null",
        "cannot be $null",
    ),
    (
        ONLINE,
        "New-SendConnector -Name 'a' -AddressSpaces @('*')",
        "does not exist in Exchange Online",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -ConnectorType 'OnPremises'",
        "missing: SenderDomains",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'OnPremises' -TlsSenderCertificateName 'a.com'",
        "requires RequireTls",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'OnPremises' -RequireTls $true",
        "requires SenderIPAddresses or TlsSenderCertificateName",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'OnPremises' -TlsSenderCertificateName 'a.com' -RequireTls $true",
        "",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'OnPremises' -SenderIPAddresses @('203.0.113.10')",
        "",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'OnPremises' -SenderIPAddresses @('203.0.113.0/23')",
        "from /24 to /32",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'OnPremises' -SenderIPAddresses @('2001:db8::1')",
        "from /24 to /32",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'Partner' -SenderIPAddresses @('203.0.113.10')",
        "RestrictDomainsToIPAddresses",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'Partner' -RestrictDomainsToCertificate $true",
        "requires TlsSenderCertificateName",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'Partner' -RestrictDomainsToIPAddresses $true -SenderIPAddresses @('203.0.113.10') -TlsSenderCertificateName 'a.com'",
        "do not stand in one",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'OnPremises' -CloudServicesMailEnabled $true -TreatMessagesAsInternal $true",
        "excludes CloudServicesMailEnabled",
    ),
    (
        ONLINE,
        "New-InboundConnector -Name 'a' -SenderDomains @('*') -ConnectorType 'Partner' -EFSkipIPs @('203.0.113.0/20')",
        "EFSkipLastIP $false",
    ),
    (
        ONLINE,
        "New-AcceptedDomain -Name 'a' -DomainName 'a.com'",
        "does not exist",
    ),
    (
        ONLINE,
        "Set-AcceptedDomain -Identity 'a.com' -DomainType 'Authoritative' -MatchSubDomains $true",
        "requires InternalRelay",
    ),
    (
        ONLINE,
        "Set-AcceptedDomain -Identity 'a.com' -DomainType 'ExternalRelay'",
        "Exchange Server alone",
    ),
    (
        ONLINE,
        "New-TransportRule -Name 'a' -RecipientDomainIs @('*.a.com')",
        "takes no wildcard",
    ),
    (
        ONLINE,
        "New-TransportRule -Name 'a' -RouteMessageOutboundConnector 'b' -ExceptIfHeaderContainsMessageHeader 'X'",
        "stand together",
    ),
    (ONLINE, "Set-OrganizationConfig -RejectDirectSend $true", ""),
    (
        ONLINE,
        "Set-CASMailbox -Identity 'a@b.com' -SmtpClientAuthenticationDisabled $null",
        "",
    ),
    (
        ONLINE,
        "Validate-OutboundConnector -Identity 'a' -Recipients @('b')",
        "addresses",
    ),
    (
        EOP,
        "Set-TransportConfig -SmtpClientAuthenticationDisabled $true",
        "does not exist in Exchange Online Protection",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*;1') -SmartHosts @('h') -DNSRoutingEnabled $false -RequireTLS $true -TlsAuthLevel 'DomainValidation' -TlsDomain 'h'",
        "",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*;1') -SmartHosts @('h')",
        "DNSRoutingEnabled $false",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*;1') -DNSRoutingEnabled $false",
        "requires SmartHosts",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*;0')",
        "from 1 to 100",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('SMTP:*.contoso.com;100')",
        "",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*contoso.com')",
        "address space",
    ),
    (V2019, "New-SendConnector -Name 'a'", "takes no mail"),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*') -RequireTLS $false -TlsAuthLevel 'EncryptionOnly'",
        "requires RequireTLS",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*') -SmartHosts @('h') -DNSRoutingEnabled $false -SmartHostAuthMechanism 'BasicAuthRequireTLS'",
        "AuthenticationCredential",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*') -SmartHosts @('h') -DNSRoutingEnabled $false -SmartHostAuthMechanism 'BasicAuthRequireTLS' -AuthenticationCredential $credential",
        "",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*') -Port 65536",
        "between 0 and 65535",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*') -MaxMessageSize '25MB'",
        "",
    ),
    (
        V2019,
        "New-SendConnector -Name 'a' -AddressSpaces @('*') -MaxMessageSize '25 MB'",
        "is no Unlimited",
    ),
    (
        V2010,
        "New-SendConnector -Name 'a' -AddressSpaces @('*') -CloudServicesMailEnabled $true",
        "does not exist in Exchange Server 2010",
    ),
    (
        V2007,
        "New-SendConnector -Name 'a' -AddressSpaces @('*') -RequireTLS $true -TlsAuthLevel 'EncryptionOnly'",
        "does not exist in Exchange Server 2007",
    ),
    (
        V2019,
        "New-ReceiveConnector -Name 'a' -Server 'S' -Usage 'Custom' -Bindings @('0.0.0.0:25') -RemoteIPRanges @('203.0.113.10') -TransportRole 'FrontendTransport'",
        "",
    ),
    (
        V2019,
        "New-ReceiveConnector -Name 'a' -Server 'S' -Usage 'Custom' -Custom -Bindings @('0.0.0.0:25') -RemoteIPRanges @('203.0.113.10')",
        "do not go together",
    ),
    (
        V2019,
        "New-ReceiveConnector -Name 'a' -Server 'S' -Usage 'Internet' -Bindings @('0.0.0.0:25') -RemoteIPRanges @('203.0.113.10')",
        "cannot be used with Usage Internet",
    ),
    (
        V2019,
        "New-ReceiveConnector -Name 'a' -Server 'S' -Usage 'Custom' -RemoteIPRanges @('203.0.113.10')",
        "Bindings is required",
    ),
    (
        V2019,
        "Set-ReceiveConnector -Identity 'S\\a' -AuthMechanism @('ExternalAuthoritative', 'Tls') -PermissionGroups @('ExchangeServers')",
        "",
    ),
    (
        V2019,
        "Set-ReceiveConnector -Identity 'S\\a' -AuthMechanism @('ExternalAuthoritative', 'Integrated') -PermissionGroups @('ExchangeServers')",
        "only Tls may stand",
    ),
    (
        V2019,
        "Set-ReceiveConnector -Identity 'S\\a' -AuthMechanism @('ExternalAuthoritative') -PermissionGroups @('AnonymousUsers')",
        "requires PermissionGroups ExchangeServers",
    ),
    (
        V2019,
        "Set-ReceiveConnector -Identity 'S\\a' -AuthMechanism @('None') -RequireTLS $true",
        "requires AuthMechanism Tls",
    ),
    (
        V2010,
        "New-ReceiveConnector -Name 'a' -Usage 'Custom' -Bindings @('0.0.0.0:25') -RemoteIPRanges @('203.0.113.10') -TransportRole 'FrontendTransport'",
        "does not exist in Exchange Server 2010",
    ),
    (
        V2019,
        "Add-ADPermission -Identity 'x' -User 'y' -ExtendedRights @('Ms-Exch-SMTP-Accept-Any-Recipient')",
        "",
    ),
    (V2019, "Add-ADPermission -User 'y'", "missing"),
    (
        V2019,
        "New-AcceptedDomain -Name 'a' -DomainName '*.a.com' -DomainType 'ExternalRelay'",
        "",
    ),
];

const ONLINE: Product = Product::Online;
const EOP: Product = Product::Protection;
const V2007: Product = Product::Server(ExchangeVersion::V2007);
const V2010: Product = Product::Server(ExchangeVersion::V2010);
const V2019: Product = Product::Server(ExchangeVersion::V2019);

#[test]
fn calls_are_judged_as_the_reference_pages_say() {
    let mut failed = Vec::new();
    for (product, text, expected) in CASES {
        let said = wrong_calls(text, *product).join("; ");
        if if expected.is_empty() {
            !said.is_empty()
        } else {
            !said.contains(expected)
        } {
            failed.push(format!("{text}\n  expected: {expected}\n  said: {said}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
