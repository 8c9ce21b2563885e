#requires -Version 2.0
# For Exchange Server 2013: location hq. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

$servers = @('EX01')

# The certificate has to be valid and used for SMTP on every server, and there must be one alone.
$certificate = Get-ExchangeCertificate -DomainName @('hybrid.contoso.com')
$tlsName1 = '<I>' + $certificate.Issuer + '<S>' + $certificate.Subject

# hq to cloud (locations.hq)
# `hq` sends through `cloud`.
New-SendConnector `
    -Name 'hq to cloud' `
    -Usage 'Custom' `
    -AddressSpaces '*;1' `
    -SourceTransportServers 'EX01' `
    -DNSRoutingEnabled $false `
    -SmartHosts 'contoso-com.mail.protection.outlook.com' `
    -Fqdn 'hybrid.contoso.com' `
    -RequireTLS $true `
    -TlsAuthLevel 'DomainValidation' `
    -TlsDomain 'mail.protection.outlook.com' `
    -TlsCertificateName $tlsName1 `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:hq] locations.hq'

# contoso.com (domains.contoso.com)
# hq holds mailboxes of it.
New-AcceptedDomain -Name 'contoso.com' -DomainName 'contoso.com' -DomainType 'Authoritative'
