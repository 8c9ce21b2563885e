#requires -Version 2.0
# For Exchange Server 2013: location hq. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

$servers = @('EX01')

# The certificate must be valid and used for SMTP on every server; connectors name its issuer and subject.
$names = @(Get-ExchangeCertificate -DomainName @('hybrid.contoso.com') | ForEach-Object { '<I>' + $_.Issuer + '<S>' + $_.Subject } | Sort-Object -Unique)
if ($names.Count -ne 1) { throw 'hybrid.contoso.com: exactly one certificate is needed' }
$tlsName1 = $names[0]

# hq to cloud (locations.hq)
# `hq` sends through `cloud`.
New-SendConnector `
    -Name 'hq to cloud' `
    -Usage 'Custom' `
    -Enabled $true `
    -AddressSpaces '*;1' `
    -SourceTransportServers 'EX01' `
    -DNSRoutingEnabled $false `
    -SmartHosts 'contoso-com.mail.protection.outlook.com' `
    -Port 25 `
    -Fqdn 'hybrid.contoso.com' `
    -RequireTLS $true `
    -IgnoreSTARTTLS $false `
    -SmartHostAuthMechanism 'None' `
    -IsScopedConnector $false `
    -TlsAuthLevel 'DomainValidation' `
    -TlsDomain 'mail.protection.outlook.com' `
    -TlsCertificateName $tlsName1 `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:hq] locations.hq'

# contoso.com (domains.contoso.com)
# hq holds mailboxes of it.
New-AcceptedDomain -Name 'contoso.com' -DomainName 'contoso.com' -DomainType 'Authoritative'
