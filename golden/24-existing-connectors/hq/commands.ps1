#requires -Version 2.0
# For Exchange Server 2016: location hq. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

$servers = @('EX01')

# The certificate must be valid and used for SMTP on every server; connectors name its issuer and subject.
$names = @(Get-ExchangeCertificate -DomainName @('mail.contoso.com') | ForEach-Object { '<I>' + $_.Issuer + '<S>' + $_.Subject } | Sort-Object -Unique)
if ($names.Count -ne 1) { throw 'mail.contoso.com: exactly one certificate is needed' }
$tlsName1 = $names[0]

# contoso.mail.onmicrosoft.com (the tenant's contoso.mail.onmicrosoft.com)
# Mail between our servers and our own tenant counts as internal.
New-RemoteDomain -DomainName 'contoso.mail.onmicrosoft.com' -Name 'cloud routing'
Set-RemoteDomain -Identity 'cloud routing' -TargetDeliveryDomain $true -TrustedMailInboundEnabled $true

# Inbound from Office 365 (routes: To own servers)
# The spec writes this route.
foreach ($server in $servers) {
    New-ReceiveConnector `
        -Name 'Inbound from Office 365' `
        -Server $server `
        -Usage 'Custom' `
        -TransportRole 'FrontendTransport' `
        -Enabled $true `
        -Bindings @('0.0.0.0:25', '[::]:25') `
        -RemoteIPRanges @('40.92.0.0/15', '40.107.0.0/16', '52.100.0.0/14', '104.47.0.0/17', '2a01:111:f400::/48', '2a01:111:f403::/48') `
        -AuthMechanism 'Tls' `
        -PermissionGroups 'AnonymousUsers' `
        -RequireTLS $true `
        -Fqdn 'mail.contoso.com' `
        -TlsCertificateName $tlsName1 `
        -TlsDomainCapabilities 'mail.protection.outlook.com:AcceptCloudServicesMail' `
        -Comment '[mailtopo:hq] routes: To own servers'
}

# Outbound to Office 365 (routes: Outbound to Office 365)
# The spec writes this route.
New-SendConnector `
    -Name 'Outbound to Office 365' `
    -Usage 'Custom' `
    -Enabled $true `
    -AddressSpaces '*;1' `
    -SourceTransportServers 'EX01' `
    -DNSRoutingEnabled $false `
    -SmartHosts 'contoso-com.mail.protection.outlook.com' `
    -Port 25 `
    -Fqdn 'mail.contoso.com' `
    -RequireTLS $true `
    -IgnoreSTARTTLS $false `
    -SmartHostAuthMechanism 'None' `
    -IsScopedConnector $false `
    -TlsAuthLevel 'DomainValidation' `
    -TlsDomain 'mail.protection.outlook.com' `
    -TlsCertificateName $tlsName1 `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:hq] routes: Outbound to Office 365'

# contoso.com (domains.contoso.com)
# hq holds mailboxes of it.
New-AcceptedDomain -Name 'contoso.com' -DomainName 'contoso.com' -DomainType 'Authoritative'
