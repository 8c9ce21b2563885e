#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# cloud from houston (locations.houston)
# `houston` sends through `cloud`.
New-InboundConnector `
    -Name 'cloud from houston' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $false `
    -TlsSenderCertificateName 'mail.hou.contoso.com' `
    -RestrictDomainsToIPAddresses $false `
    -CloudServicesMailEnabled $true `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $false `
    -Comment '[mailtopo:cloud] locations.houston'

# cloud from new-orleans (locations.new-orleans)
# `new-orleans` sends through `cloud`.
New-InboundConnector `
    -Name 'cloud from new-orleans' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $false `
    -TlsSenderCertificateName 'mail.nola.contoso.com' `
    -RestrictDomainsToIPAddresses $false `
    -CloudServicesMailEnabled $true `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $false `
    -Comment '[mailtopo:cloud] locations.new-orleans'

# cloud to houston by rule (locations.houston)
# A mail-flow rule at `cloud` chooses `houston`.
New-OutboundConnector `
    -Name 'cloud to houston by rule' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -AllAcceptedDomains $false `
    -UseMXRecord $false `
    -SmartHosts 'mail.hou.contoso.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.hou.contoso.com' `
    -IsTransportRuleScoped $true `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $true `
    -TestMode $false `
    -Comment '[mailtopo:cloud] locations.houston'

# cloud to new-orleans by rule (locations.new-orleans)
# A mail-flow rule at `cloud` chooses `new-orleans`.
New-OutboundConnector `
    -Name 'cloud to new-orleans by rule' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -AllAcceptedDomains $false `
    -UseMXRecord $false `
    -SmartHosts 'mail.nola.contoso.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.nola.contoso.com' `
    -IsTransportRuleScoped $true `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $true `
    -TestMode $false `
    -Comment '[mailtopo:cloud] locations.new-orleans'

# New Orleans (rules: New Orleans)
# Sends what it matches through connector cloud to new-orleans by rule.
New-TransportRule `
    -Name 'New Orleans' `
    -Enabled $true `
    -ExceptIfHeaderContainsMessageHeader 'X-Contoso-Routed' `
    -ExceptIfHeaderContainsWords '1' `
    -RecipientADAttributeContainsWords 'City:New Orleans' `
    -RouteMessageOutboundConnector 'cloud to new-orleans by rule' `
    -StopRuleProcessing $true `
    -Mode 'Enforce' `
    -SetHeaderName 'X-Contoso-Routed' `
    -SetHeaderValue '1' `
    -Comments '[mailtopo:cloud] rules: New Orleans'

# Houston (rules: Houston)
# Sends what it matches through connector cloud to houston by rule.
New-TransportRule `
    -Name 'Houston' `
    -Enabled $true `
    -ExceptIfHeaderContainsMessageHeader 'X-Contoso-Routed' `
    -ExceptIfHeaderContainsWords '1' `
    -RecipientADAttributeContainsWords 'City:Houston' `
    -RouteMessageOutboundConnector 'cloud to houston by rule' `
    -StopRuleProcessing $true `
    -Mode 'Enforce' `
    -SetHeaderName 'X-Contoso-Routed' `
    -SetHeaderValue '1' `
    -Comments '[mailtopo:cloud] rules: Houston'

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
