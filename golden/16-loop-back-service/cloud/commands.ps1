#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# cloud from signatures (locations.signatures)
# `signatures` forwards these domains to `cloud`.
New-InboundConnector `
    -Name 'cloud from signatures' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -RequireTls $false `
    -RestrictDomainsToCertificate $false `
    -RestrictDomainsToIPAddresses $false `
    -SenderIPAddresses '198.51.100.16/28' `
    -CloudServicesMailEnabled $false `
    -TreatMessagesAsInternal $true `
    -EFSkipLastIP $true `
    -Comment '[mailtopo:cloud] locations.signatures'

# cloud to signatures by rule (locations.signatures)
# A mail-flow rule at `cloud` chooses `signatures`.
New-OutboundConnector `
    -Name 'cloud to signatures by rule' `
    -Enabled $true `
    -ConnectorType 'Partner' `
    -AllAcceptedDomains $false `
    -UseMXRecord $false `
    -SmartHosts 'contoso.signatures.example' `
    -TlsSettings 'EncryptionOnly' `
    -IsTransportRuleScoped $true `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $false `
    -TestMode $false `
    -Comment '[mailtopo:cloud] locations.signatures'

# Add signature (rules: Add signature)
# Sends what it matches through connector cloud to signatures by rule.
New-TransportRule `
    -Name 'Add signature' `
    -Enabled $true `
    -ExceptIfHeaderContainsMessageHeader 'X-Contoso-Signed' `
    -ExceptIfHeaderContainsWords 'yes' `
    -FromScope 'InOrganization' `
    -RouteMessageOutboundConnector 'cloud to signatures by rule' `
    -StopRuleProcessing $true `
    -Mode 'Enforce' `
    -SetHeaderName 'X-Contoso-Signed' `
    -SetHeaderValue 'yes' `
    -Comments '[mailtopo:cloud] rules: Add signature'

# contoso.com (domains.contoso.com)
# Keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# RejectDirectSend (locations.cloud.reject_direct_send)
# Rejects mail with an envelope sender in our own domains that matches no inbound connector.
# The last step: this rejects mail on any other path.
Set-OrganizationConfig -RejectDirectSend $true
