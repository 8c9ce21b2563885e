#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# cloud from unix (locations.unix)
# `unix` sends through `cloud`.
New-InboundConnector `
    -Name 'cloud from unix' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $false `
    -TlsSenderCertificateName 'mail.unix.contoso.com' `
    -RestrictDomainsToIPAddresses $false `
    -CloudServicesMailEnabled $false `
    -TreatMessagesAsInternal $true `
    -EFSkipLastIP $false `
    -Comment '[mailtopo:cloud] locations.unix'

# cloud to unix (locations.unix)
# `unix` sends through `cloud` and holds these domains.
New-OutboundConnector `
    -Name 'cloud to unix' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -RecipientDomains 'unix.contoso.com' `
    -AllAcceptedDomains $false `
    -UseMXRecord $false `
    -SmartHosts 'mail.unix.contoso.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.unix.contoso.com' `
    -IsTransportRuleScoped $false `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $false `
    -TestMode $false `
    -Comment '[mailtopo:cloud] locations.unix'

# contoso.com (domains.contoso.com)
# Keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# unix.contoso.com (domains.unix.contoso.com)
# Internet mail for it enters here.
Set-AcceptedDomain -Identity 'unix.contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# RejectDirectSend (locations.cloud.reject_direct_send)
# Rejects mail with an envelope sender in our own domains that matches no inbound connector.
# The last step: this rejects mail on any other path.
Set-OrganizationConfig -RejectDirectSend $true
