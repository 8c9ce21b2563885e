#requires -Version 2.0
# For Exchange Online Protection: location protection. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# protection from hq (locations.hq)
# `hq` sends through `protection`.
New-InboundConnector `
    -Name 'protection from hq' `
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
    -Comment '[mailtopo:protection] locations.hq'

# protection to hq (locations.hq)
# `hq` sends through `protection` and holds these domains.
New-OutboundConnector `
    -Name 'protection to hq' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -RecipientDomains 'contoso.com' `
    -AllAcceptedDomains $false `
    -UseMXRecord $false `
    -SmartHosts 'mail.contoso.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.contoso.com' `
    -IsTransportRuleScoped $false `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $true `
    -TestMode $false `
    -Comment '[mailtopo:protection] locations.hq'

# contoso.com (domains.contoso.com)
# Internet mail for it enters here.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# mail.contoso.com (locations.protection.also_accepts)
# The spec says that it is accepted here.
Set-AcceptedDomain -Identity 'mail.contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false
