#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

# cloud from houston (locations.houston)
# `houston` sends through `cloud`.
New-InboundConnector `
    -Name 'cloud from houston' `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -TlsSenderCertificateName 'mail.hou.contoso.com' `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:cloud] locations.houston'

# cloud from new-orleans (locations.new-orleans)
# `new-orleans` sends through `cloud`.
New-InboundConnector `
    -Name 'cloud from new-orleans' `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -TlsSenderCertificateName 'mail.nola.contoso.com' `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:cloud] locations.new-orleans'

# cloud to houston by rule (locations.houston)
# A mail-flow rule at `cloud` chooses `houston`.
New-OutboundConnector `
    -Name 'cloud to houston by rule' `
    -ConnectorType 'OnPremises' `
    -RecipientDomains '*' `
    -UseMXRecord $false `
    -SmartHosts 'mail.hou.contoso.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.hou.contoso.com' `
    -IsTransportRuleScoped $true `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:cloud] locations.houston'

# cloud to new-orleans by rule (locations.new-orleans)
# A mail-flow rule at `cloud` chooses `new-orleans`.
New-OutboundConnector `
    -Name 'cloud to new-orleans by rule' `
    -ConnectorType 'OnPremises' `
    -RecipientDomains '*' `
    -UseMXRecord $false `
    -SmartHosts 'mail.nola.contoso.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.nola.contoso.com' `
    -IsTransportRuleScoped $true `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:cloud] locations.new-orleans'

# New Orleans (rules: New Orleans)
# Sends what it matches through connector cloud to new-orleans by rule.
New-TransportRule `
    -Name 'New Orleans' `
    -ExceptIfHeaderContainsMessageHeader 'X-Contoso-Routed' `
    -ExceptIfHeaderContainsWords '1' `
    -RecipientADAttributeContainsWords 'City:New Orleans' `
    -RouteMessageOutboundConnector 'cloud to new-orleans by rule' `
    -StopRuleProcessing $true `
    -SetHeaderName 'X-Contoso-Routed' `
    -SetHeaderValue '1' `
    -Comments '[mailtopo:cloud] rules: New Orleans'

# Houston (rules: Houston)
# Sends what it matches through connector cloud to houston by rule.
New-TransportRule `
    -Name 'Houston' `
    -ExceptIfHeaderContainsMessageHeader 'X-Contoso-Routed' `
    -ExceptIfHeaderContainsWords '1' `
    -RecipientADAttributeContainsWords 'City:Houston' `
    -RouteMessageOutboundConnector 'cloud to houston by rule' `
    -StopRuleProcessing $true `
    -SetHeaderName 'X-Contoso-Routed' `
    -SetHeaderValue '1' `
    -Comments '[mailtopo:cloud] rules: Houston'

# DKIM of contoso.com: keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# RejectDirectSend (locations.cloud.reject_direct_send)
# Refuses mail that claims to come from our own domains and matches no inbound connector.
# Run it last, once mail enters as it shall: it refuses what comes another way.
Set-OrganizationConfig -RejectDirectSend $true
