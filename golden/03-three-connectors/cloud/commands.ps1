#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

# cloud from site-1 (routes: Out 1)
# The spec writes this route.
New-InboundConnector `
    -Name 'cloud from site-1' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -SenderDomains @('*') `
    -RequireTls $false `
    -RestrictDomainsToCertificate $false `
    -TlsSenderCertificateName 'mail1.contoso.com' `
    -RestrictDomainsToIPAddresses $false `
    -CloudServicesMailEnabled $true `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $false `
    -Comment '[mailtopo:cloud] routes: Out 1'

# cloud from site-2 (routes: Out 2)
# The spec writes this route.
New-InboundConnector `
    -Name 'cloud from site-2' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -SenderDomains @('*') `
    -RequireTls $false `
    -RestrictDomainsToCertificate $false `
    -TlsSenderCertificateName 'mail2.contoso.com' `
    -RestrictDomainsToIPAddresses $false `
    -CloudServicesMailEnabled $true `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $false `
    -Comment '[mailtopo:cloud] routes: Out 2'

# cloud from site-3 (routes: Out 3)
# The spec writes this route.
New-InboundConnector `
    -Name 'cloud from site-3' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -SenderDomains @('*') `
    -RequireTls $false `
    -RestrictDomainsToCertificate $false `
    -TlsSenderCertificateName 'mail3.contoso.com' `
    -RestrictDomainsToIPAddresses $false `
    -CloudServicesMailEnabled $true `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $false `
    -Comment '[mailtopo:cloud] routes: Out 3'

# Connector 1 (routes: Connector 1)
# The spec writes this route.
New-OutboundConnector `
    -Name 'Connector 1' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -AllAcceptedDomains $true `
    -UseMXRecord $false `
    -SmartHosts @('mail1.contoso.com') `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail1.contoso.com' `
    -IsTransportRuleScoped $false `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $true `
    -TestMode $false `
    -Comment '[mailtopo:cloud] routes: Connector 1'

# Connector 2 (routes: Connector 2)
# The spec writes this route.
New-OutboundConnector `
    -Name 'Connector 2' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -RecipientDomains @('contoso.com') `
    -AllAcceptedDomains $false `
    -UseMXRecord $false `
    -SmartHosts @('mail2.contoso.com') `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail2.contoso.com' `
    -IsTransportRuleScoped $false `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $true `
    -TestMode $false `
    -Comment '[mailtopo:cloud] routes: Connector 2'

# Connector 3 (routes: Connector 3)
# The spec writes this route.
New-OutboundConnector `
    -Name 'Connector 3' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -RecipientDomains @('*.contoso.com') `
    -AllAcceptedDomains $false `
    -UseMXRecord $false `
    -SmartHosts @('mail3.contoso.com') `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail3.contoso.com' `
    -IsTransportRuleScoped $false `
    -RouteAllMessagesViaOnPremises $false `
    -CloudServicesMailEnabled $true `
    -TestMode $false `
    -Comment '[mailtopo:cloud] routes: Connector 3'

# contoso.com (domains.contoso.com)
# Internet mail for it enters here.
Set-AcceptedDomain `
    -Identity 'contoso.com' `
    -DomainType 'Authoritative' `
    -MatchSubDomains $false

# contoso.onmicrosoft.com (domains.contoso.onmicrosoft.com)
# Internet mail for it enters here.
Set-AcceptedDomain `
    -Identity 'contoso.onmicrosoft.com' `
    -DomainType 'Authoritative' `
    -MatchSubDomains $false

# fabrikam.com (domains.fabrikam.com)
# Internet mail for it enters here.
Set-AcceptedDomain `
    -Identity 'fabrikam.com' `
    -DomainType 'Authoritative' `
    -MatchSubDomains $false

# sales.contoso.com (domains.sales.contoso.com)
# Internet mail for it enters here.
Set-AcceptedDomain `
    -Identity 'sales.contoso.com' `
    -DomainType 'Authoritative' `
    -MatchSubDomains $false
