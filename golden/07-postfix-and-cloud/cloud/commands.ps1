#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# cloud from mx (locations.mx)
# `mx` sends through `cloud`.
New-InboundConnector `
    -Name 'cloud from mx' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $false `
    -TlsSenderCertificateName 'mail.fabrikam.com' `
    -RestrictDomainsToIPAddresses $false `
    -CloudServicesMailEnabled $false `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $true `
    -Comment '[mailtopo:cloud] locations.mx'

# cloud to mx (locations.mx)
# `mx` sends through `cloud` and holds these domains.
New-OutboundConnector `
    -Name 'cloud to mx' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -RecipientDomains @('fabrikam.com', 'journal.archive.example', 'lab.fabrikam.com', 'xn--bcher-kva.example') `
    -AllAcceptedDomains $false `
    -UseMXRecord $false `
    -SmartHosts 'mail.fabrikam.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.fabrikam.com' `
    -IsTransportRuleScoped $false `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $false `
    -TestMode $false `
    -Comment '[mailtopo:cloud] locations.mx'

# fabrikam.com (domains.fabrikam.com)
# Keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'fabrikam.com' -Enabled $false -KeySize 2048

# fabrikam.com (domains.fabrikam.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'fabrikam.com' -DomainType 'Authoritative' -MatchSubDomains $false

# RejectDirectSend (locations.cloud.reject_direct_send)
# Rejects mail with an envelope sender in our own domains that matches no inbound connector.
# The last step: this rejects mail on any other path.
Set-OrganizationConfig -RejectDirectSend $true
