#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

# cloud from contosobank (partners.contosobank)
# The terms agreed with `contosobank`.
New-InboundConnector `
    -Name 'cloud from contosobank' `
    -ConnectorType 'Partner' `
    -SenderDomains 'contosobank.com' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $true `
    -TlsSenderCertificateName '*.contosobank.com' `
    -Comment '[mailtopo:cloud] partners.contosobank'

# cloud from supplier (partners.supplier)
# The terms agreed with `supplier`.
New-InboundConnector `
    -Name 'cloud from supplier' `
    -ConnectorType 'Partner' `
    -SenderDomains 'supplier.example' `
    -RequireTls $true `
    -RestrictDomainsToIPAddresses $true `
    -SenderIPAddresses '198.51.100.0/26' `
    -Comment '[mailtopo:cloud] partners.supplier'

# cloud to contosobank (partners.contosobank)
# The terms agreed with `contosobank`.
New-OutboundConnector `
    -Name 'cloud to contosobank' `
    -ConnectorType 'Partner' `
    -RecipientDomains 'contosobank.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain '*.contosobank.com' `
    -Comment '[mailtopo:cloud] partners.contosobank'

# DKIM of contoso.com: keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# RejectDirectSend (locations.cloud.reject_direct_send)
# Refuses mail that claims to come from our own domains and matches no inbound connector.
# Run it last, once mail enters as it shall: it refuses what comes another way.
Set-OrganizationConfig -RejectDirectSend $true
