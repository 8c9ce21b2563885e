#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

# cloud from hq (locations.cloud)
# `cloud` sends through `hq` and holds these domains.
New-InboundConnector `
    -Name 'cloud from hq' `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -TlsSenderCertificateName 'mail.contoso.com' `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:cloud] locations.cloud'

# cloud to hq (locations.cloud)
# All outgoing mail of `cloud` makes the detour through `hq`.
New-OutboundConnector `
    -Name 'cloud to hq' `
    -ConnectorType 'OnPremises' `
    -RecipientDomains '*' `
    -UseMXRecord $false `
    -SmartHosts 'mail.contoso.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.contoso.com' `
    -RouteAllMessagesViaOnPremises $true `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:cloud] locations.cloud'

# DKIM of contoso.com: keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# RejectDirectSend (locations.cloud.reject_direct_send)
# Refuses mail that claims to come from our own domains and matches no inbound connector.
# Run it last, once mail enters as it shall: it refuses what comes another way.
Set-OrganizationConfig -RejectDirectSend $true
