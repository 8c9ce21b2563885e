#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# cloud to filter (locations.cloud)
# `cloud` sends through `filter`.
New-OutboundConnector `
    -Name 'cloud to filter' `
    -Enabled $true `
    -ConnectorType 'Partner' `
    -RecipientDomains '*' `
    -AllAcceptedDomains $false `
    -UseMXRecord $false `
    -SmartHosts @('mx1.filter.example', 'mx2.filter.example') `
    -TlsSettings 'DomainValidation' `
    -TlsDomain '*.filter.example' `
    -IsTransportRuleScoped $false `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $false `
    -TestMode $false `
    -Comment '[mailtopo:cloud] locations.cloud'

# contoso.com (domains.contoso.com)
# Keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# fabrikam.com (domains.fabrikam.com)
# Keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'fabrikam.com' -Enabled $false -KeySize 2048

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# fabrikam.com (domains.fabrikam.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'fabrikam.com' -DomainType 'Authoritative' -MatchSubDomains $false

# cloud from filter (locations.cloud.accept_only_from)
# Rejects mail from external senders on any other path.
# The last step: this rejects mail on any other path.
New-InboundConnector `
    -Name 'cloud from filter' `
    -Enabled $true `
    -ConnectorType 'Partner' `
    -SenderDomains '*' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $true `
    -TlsSenderCertificateName '*.filter.example' `
    -RestrictDomainsToIPAddresses $false `
    -CloudServicesMailEnabled $false `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $true `
    -Comment '[mailtopo:cloud] locations.cloud.accept_only_from'
