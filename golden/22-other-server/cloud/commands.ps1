#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

# cloud from unix (locations.unix)
# `unix` sends through `cloud`.
New-InboundConnector `
    -Name 'cloud from unix' `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -TlsSenderCertificateName 'mail.unix.contoso.com' `
    -TreatMessagesAsInternal $true `
    -Comment '[mailtopo:cloud] locations.unix'

# cloud to unix (locations.unix)
# `unix` sends through `cloud` and holds these domains.
New-OutboundConnector `
    -Name 'cloud to unix' `
    -ConnectorType 'OnPremises' `
    -RecipientDomains 'unix.contoso.com' `
    -UseMXRecord $false `
    -SmartHosts 'mail.unix.contoso.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.unix.contoso.com' `
    -Comment '[mailtopo:cloud] locations.unix'

# DKIM of contoso.com: keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# unix.contoso.com (domains.unix.contoso.com)
# Internet mail for it enters here.
Set-AcceptedDomain -Identity 'unix.contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# RejectDirectSend (locations.cloud.reject_direct_send)
# Refuses mail that claims to come from our own domains and matches no inbound connector.
# Run it last, once mail enters as it shall: it refuses what comes another way.
Set-OrganizationConfig -RejectDirectSend $true
