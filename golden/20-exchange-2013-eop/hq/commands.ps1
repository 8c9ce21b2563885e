#requires -Version 2.0
# For Exchange Server 2013: location hq. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

$servers = @('EX01', 'EX02')

# The certificate has to be valid and used for SMTP on every server, and there must be one alone.
$certificate = Get-ExchangeCertificate -DomainName @('mail.contoso.com')
$tlsName1 = '<I>' + $certificate.Issuer + '<S>' + $certificate.Subject

# hq from protection (locations.hq)
# `hq` sends through `protection` and holds these domains.
foreach ($server in $servers) {
    New-ReceiveConnector `
        -Name 'hq from protection' `
        -Server $server `
        -Usage 'Custom' `
        -TransportRole 'FrontendTransport' `
        -Bindings @('0.0.0.0:25', '[::]:25') `
        -RemoteIPRanges @('40.92.0.0/15', '40.107.0.0/16', '52.100.0.0/14', '104.47.0.0/17', '2a01:111:f400::/48', '2a01:111:f403::/48') `
        -AuthMechanism 'Tls' `
        -PermissionGroups 'AnonymousUsers' `
        -RequireTLS $true `
        -Fqdn 'mail.contoso.com' `
        -TlsCertificateName $tlsName1 `
        -TlsDomainCapabilities 'mail.protection.outlook.com:AcceptCloudServicesMail' `
        -MaxMessageSize '25MB' `
        -Comment '[mailtopo:hq] locations.hq'
}

# hq to protection (locations.hq)
# `hq` sends through `protection`.
New-SendConnector `
    -Name 'hq to protection' `
    -Usage 'Custom' `
    -AddressSpaces '*;1' `
    -SourceTransportServers @('EX01', 'EX02') `
    -DNSRoutingEnabled $false `
    -SmartHosts 'contoso-com.mail.protection.outlook.com' `
    -Fqdn 'mail.contoso.com' `
    -RequireTLS $true `
    -TlsAuthLevel 'DomainValidation' `
    -TlsDomain 'mail.protection.outlook.com' `
    -TlsCertificateName $tlsName1 `
    -CloudServicesMailEnabled $true `
    -MaxMessageSize '25MB' `
    -Comment '[mailtopo:hq] locations.hq'

# contoso.com (domains.contoso.com)
# hq holds mailboxes of it.
New-AcceptedDomain -Name 'contoso.com' -DomainName 'contoso.com' -DomainType 'Authoritative'
