#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# Inbound from own servers (routes: Outbound to Office 365)
# The spec writes this route.
New-InboundConnector `
    -Name 'Inbound from own servers' `
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
    -Comment '[mailtopo:cloud] routes: Outbound to Office 365'

# To own servers (routes: To own servers)
# The spec writes this route.
New-OutboundConnector `
    -Name 'To own servers' `
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
    -Comment '[mailtopo:cloud] routes: To own servers'

# contoso.com (domains.contoso.com)
# Keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# mail.contoso.com (locations.cloud.also_accepts)
# The spec says that it is accepted here.
Set-AcceptedDomain -Identity 'mail.contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# RejectDirectSend (locations.cloud.reject_direct_send)
# Rejects mail with an envelope sender in our own domains that matches no inbound connector.
# The last step: this rejects mail on any other path.
Set-OrganizationConfig -RejectDirectSend $true
