#requires -Version 2.0
# For Exchange Online Protection: location protection. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

# protection from hq (locations.hq)
# `hq` sends through `protection`.
New-InboundConnector `
    -Name 'protection from hq' `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -TlsSenderCertificateName 'mail.contoso.com' `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:protection] locations.hq'

# protection to hq (locations.hq)
# `hq` sends through `protection` and holds these domains.
New-OutboundConnector `
    -Name 'protection to hq' `
    -ConnectorType 'OnPremises' `
    -RecipientDomains 'contoso.com' `
    -UseMXRecord $false `
    -SmartHosts 'mail.contoso.com' `
    -TlsSettings 'DomainValidation' `
    -TlsDomain 'mail.contoso.com' `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:protection] locations.hq'

# contoso.com (domains.contoso.com)
# Internet mail for it enters here.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# mail.contoso.com (locations.protection.also_accepts)
# The spec says that it is accepted here.
Set-AcceptedDomain -Identity 'mail.contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false
