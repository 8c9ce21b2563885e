#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# cloud from hq (locations.cloud)
# `cloud` sends through `hq` and holds these domains.
New-InboundConnector `
    -Name 'cloud from hq' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $false `
    -TlsSenderCertificateName 'mail.contoso.com' `
    -RestrictDomainsToIPAddresses $false `
    -CloudServicesMailEnabled $true `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $false `
    -Comment '[mailtopo:cloud] locations.cloud'

# cloud to hq (locations.cloud)
# All outgoing mail of `cloud` makes the detour through `hq`.
New-OutboundConnector `
    -Name 'cloud to hq' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -RecipientDomains '*' `
    -AllAcceptedDomains $false `
    -UseMXRecord $false `
    -SmartHosts 'mail.contoso.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.contoso.com' `
    -IsTransportRuleScoped $false `
    -RouteAllMessagesViaOnPremises $true `
    -CloudServicesMailEnabled $true `
    -TestMode $false `
    -Comment '[mailtopo:cloud] locations.cloud'

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
