#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# cloud from contosobank (partners.contosobank)
# The terms agreed with `contosobank`.
New-InboundConnector `
    -Name 'cloud from contosobank' `
    -Enabled $true `
    -ConnectorType 'Partner' `
    -SenderDomains 'contosobank.com' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $true `
    -TlsSenderCertificateName '*.contosobank.com' `
    -RestrictDomainsToIPAddresses $false `
    -CloudServicesMailEnabled $false `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $false `
    -Comment '[mailtopo:cloud] partners.contosobank'

# cloud from supplier (partners.supplier)
# The terms agreed with `supplier`.
New-InboundConnector `
    -Name 'cloud from supplier' `
    -Enabled $true `
    -ConnectorType 'Partner' `
    -SenderDomains 'supplier.example' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $false `
    -RestrictDomainsToIPAddresses $true `
    -SenderIPAddresses '198.51.100.0/26' `
    -CloudServicesMailEnabled $false `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $false `
    -Comment '[mailtopo:cloud] partners.supplier'

# cloud to contosobank (partners.contosobank)
# The terms agreed with `contosobank`.
New-OutboundConnector `
    -Name 'cloud to contosobank' `
    -Enabled $true `
    -ConnectorType 'Partner' `
    -RecipientDomains 'contosobank.com' `
    -AllAcceptedDomains $false `
    -UseMXRecord $true `
    -TlsSettings 'DomainValidation' `
    -TlsDomain '*.contosobank.com' `
    -IsTransportRuleScoped $false `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $false `
    -TestMode $false `
    -Comment '[mailtopo:cloud] partners.contosobank'

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
