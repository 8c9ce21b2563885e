#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

# cloud to filter (locations.cloud)
# `cloud` sends through `filter`.
New-OutboundConnector `
    -Name 'cloud to filter' `
    -ConnectorType 'Partner' `
    -RecipientDomains '*' `
    -UseMXRecord $false `
    -SmartHosts @('mx1.filter.example', 'mx2.filter.example') `
    -TlsSettings 'DomainValidation' `
    -TlsDomain '*.filter.example' `
    -Comment '[mailtopo:cloud] locations.cloud'

# DKIM of contoso.com: keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# DKIM of fabrikam.com: keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'fabrikam.com' -Enabled $false -KeySize 2048

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# fabrikam.com (domains.fabrikam.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'fabrikam.com' -DomainType 'Authoritative' -MatchSubDomains $false

# cloud from filter (locations.cloud.accept_only_from)
# Mail of strangers is refused unless it comes this way.
# Run it last, once mail enters as it shall: it refuses what comes another way.
New-InboundConnector `
    -Name 'cloud from filter' `
    -ConnectorType 'Partner' `
    -SenderDomains '*' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $true `
    -TlsSenderCertificateName '*.filter.example' `
    -EFSkipLastIP $true `
    -Comment '[mailtopo:cloud] locations.cloud.accept_only_from'
