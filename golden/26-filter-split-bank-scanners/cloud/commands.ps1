#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# cloud from hq (locations.hq)
# `hq` sends through `cloud`.
New-InboundConnector `
    -Name 'cloud from hq' `
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
    -Comment '[mailtopo:cloud] locations.hq'

# cloud to hq (locations.hq)
# `hq` sends through `cloud` and holds these domains.
New-OutboundConnector `
    -Name 'cloud to hq' `
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
    -Comment '[mailtopo:cloud] locations.hq'

# cloud to bank (partners.bank)
# The terms agreed with `bank`.
New-OutboundConnector `
    -Name 'cloud to bank' `
    -Enabled $true `
    -ConnectorType 'Partner' `
    -RecipientDomains 'bank.example' `
    -AllAcceptedDomains $false `
    -UseMXRecord $true `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.bank.example' `
    -IsTransportRuleScoped $false `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $false `
    -TestMode $false `
    -Comment '[mailtopo:cloud] partners.bank'

# contoso.com (domains.contoso.com)
# Keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# mail.contoso.com (locations.cloud.also_accepts)
# The spec says that it is accepted here.
Set-AcceptedDomain -Identity 'mail.contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

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

# RejectDirectSend (locations.cloud.reject_direct_send)
# Rejects mail with an envelope sender in our own domains that matches no inbound connector.
# The last step: this rejects mail on any other path.
Set-OrganizationConfig -RejectDirectSend $true
