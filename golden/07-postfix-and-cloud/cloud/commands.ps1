#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

# cloud from mx (locations.mx)
# `mx` sends through `cloud`.
New-InboundConnector `
    -Name 'cloud from mx' `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -TlsSenderCertificateName 'mail.fabrikam.com' `
    -Comment '[mailtopo:cloud] locations.mx'

# cloud to mx (locations.mx)
# `mx` sends through `cloud` and holds these domains.
New-OutboundConnector `
    -Name 'cloud to mx' `
    -ConnectorType 'OnPremises' `
    -RecipientDomains @('fabrikam.com', 'journal.archive.example', 'lab.fabrikam.com', 'xn--bcher-kva.example') `
    -UseMXRecord $false `
    -SmartHosts 'mail.fabrikam.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.fabrikam.com' `
    -Comment '[mailtopo:cloud] locations.mx'

# DKIM of fabrikam.com: keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'fabrikam.com' -Enabled $false -KeySize 2048

# fabrikam.com (domains.fabrikam.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'fabrikam.com' -DomainType 'Authoritative' -MatchSubDomains $false

# RejectDirectSend (locations.cloud.reject_direct_send)
# Refuses mail that claims to come from our own domains and matches no inbound connector.
# Run it last, once mail enters as it shall: it refuses what comes another way.
Set-OrganizationConfig -RejectDirectSend $true
