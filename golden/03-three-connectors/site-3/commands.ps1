#requires -Version 2.0
# For Exchange Server 2013: location site-3. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

$servers = @('S3')

# The certificate has to be valid and used for SMTP on every server, and there must be one alone.
$certificate = Get-ExchangeCertificate -DomainName @('mail3.contoso.com')
$tlsName1 = '<I>' + $certificate.Issuer + '<S>' + $certificate.Subject

# site-3 from cloud (routes: Connector 3)
# The spec writes this route.
foreach ($server in $servers) {
    New-ReceiveConnector `
        -Name 'site-3 from cloud' `
        -Server $server `
        -Usage 'Custom' `
        -TransportRole 'FrontendTransport' `
        -Enabled $true `
        -Bindings @('0.0.0.0:25', '[::]:25') `
        -RemoteIPRanges @('40.92.0.0/15', '40.107.0.0/16', '52.100.0.0/14', '104.47.0.0/17', '2a01:111:f400::/48', '2a01:111:f403::/48') `
        -AuthMechanism @('Tls') `
        -PermissionGroups 'AnonymousUsers' `
        -RequireTLS $true `
        -Fqdn 'mail3.contoso.com' `
        -TlsCertificateName $tlsName1 `
        -TlsDomainCapabilities @('mail.protection.outlook.com:AcceptCloudServicesMail') `
        -Comment '[mailtopo:site-3] routes: Connector 3'
}

# Out 3 (routes: Out 3)
# The spec writes this route.
New-SendConnector `
    -Name 'Out 3' `
    -Usage 'Custom' `
    -Enabled $true `
    -AddressSpaces @('*;1') `
    -SourceTransportServers @('S3') `
    -DNSRoutingEnabled $false `
    -SmartHosts @('contoso-com.mail.protection.outlook.com') `
    -Port 25 `
    -Fqdn 'mail3.contoso.com' `
    -RequireTLS $true `
    -IgnoreSTARTTLS $false `
    -SmartHostAuthMechanism 'None' `
    -IsScopedConnector $false `
    -TlsAuthLevel 'DomainValidation' `
    -TlsDomain 'mail.protection.outlook.com' `
    -TlsCertificateName $tlsName1 `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:site-3] routes: Out 3'

# sales.contoso.com (domains.sales.contoso.com)
# site-3 holds mailboxes of it.
New-AcceptedDomain `
    -Name 'sales.contoso.com' `
    -DomainName 'sales.contoso.com' `
    -DomainType 'Authoritative'
