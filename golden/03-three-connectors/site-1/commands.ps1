#requires -Version 2.0
# For Exchange Server 2013: location site-1. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

$servers = @('S1')

# The certificate has to be valid and used for SMTP on every server, and there must be one alone.
$certificate = Get-ExchangeCertificate -DomainName @('mail1.contoso.com')
$tlsName1 = '<I>' + $certificate.Issuer + '<S>' + $certificate.Subject

# site-1 from cloud (routes: Connector 1)
# The spec writes this route.
foreach ($server in $servers) {
    New-ReceiveConnector `
        -Name 'site-1 from cloud' `
        -Server $server `
        -Usage 'Custom' `
        -TransportRole 'FrontendTransport' `
        -Enabled $true `
        -Bindings @('0.0.0.0:25', '[::]:25') `
        -RemoteIPRanges @('40.92.0.0/15', '40.107.0.0/16', '52.100.0.0/14', '104.47.0.0/17', '2a01:111:f400::/48', '2a01:111:f403::/48') `
        -AuthMechanism @('Tls') `
        -PermissionGroups 'AnonymousUsers' `
        -RequireTLS $true `
        -Fqdn 'mail1.contoso.com' `
        -TlsCertificateName $tlsName1 `
        -TlsDomainCapabilities @('mail.protection.outlook.com:AcceptCloudServicesMail') `
        -Comment '[mailtopo:site-1] routes: Connector 1'
}

# Out 1 (routes: Out 1)
# The spec writes this route.
New-SendConnector `
    -Name 'Out 1' `
    -Usage 'Custom' `
    -Enabled $true `
    -AddressSpaces @('*;1') `
    -SourceTransportServers @('S1') `
    -DNSRoutingEnabled $false `
    -SmartHosts @('contoso-com.mail.protection.outlook.com') `
    -Port 25 `
    -Fqdn 'mail1.contoso.com' `
    -RequireTLS $true `
    -IgnoreSTARTTLS $false `
    -SmartHostAuthMechanism 'None' `
    -IsScopedConnector $false `
    -TlsAuthLevel 'DomainValidation' `
    -TlsDomain 'mail.protection.outlook.com' `
    -TlsCertificateName $tlsName1 `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:site-1] routes: Out 1'

# contoso.onmicrosoft.com (domains.contoso.onmicrosoft.com)
# site-1 holds mailboxes of it.
New-AcceptedDomain `
    -Name 'contoso.onmicrosoft.com' `
    -DomainName 'contoso.onmicrosoft.com' `
    -DomainType 'Authoritative'

# fabrikam.com (domains.fabrikam.com)
# site-1 holds mailboxes of it.
New-AcceptedDomain `
    -Name 'fabrikam.com' `
    -DomainName 'fabrikam.com' `
    -DomainType 'Authoritative'
