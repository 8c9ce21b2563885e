#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

# lab.fabrikam.com (domains.lab.fabrikam.com)
# Internet mail for it enters here.
Set-AcceptedDomain -Identity 'lab.fabrikam.com' -DomainType 'InternalRelay' -MatchSubDomains $true

# cloud from lab (locations.lab)
# `lab` sends through `cloud`.
New-InboundConnector `
    -Name 'cloud from lab' `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -TlsSenderCertificateName 'mail.lab.fabrikam.com' `
    -Comment '[mailtopo:cloud] locations.lab'

# cloud to lab (locations.lab)
# `lab` sends through `cloud` and holds these domains.
New-OutboundConnector `
    -Name 'cloud to lab' `
    -ConnectorType 'OnPremises' `
    -RecipientDomains @('lab.fabrikam.com', '*.lab.fabrikam.com') `
    -UseMXRecord $false `
    -SmartHosts 'mail.lab.fabrikam.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.lab.fabrikam.com' `
    -Comment '[mailtopo:cloud] locations.lab'

# DKIM of fabrikam.com: keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'fabrikam.com' -Enabled $false -KeySize 2048

# fabrikam.com (domains.fabrikam.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'fabrikam.com' -DomainType 'Authoritative' -MatchSubDomains $false

# RejectDirectSend (locations.cloud.reject_direct_send)
# Refuses mail that claims to come from our own domains and matches no inbound connector.
# Run it last, once mail enters as it shall: it refuses what comes another way.
Set-OrganizationConfig -RejectDirectSend $true
