#requires -Version 2.0
# For Exchange Server 2016: location new-orleans. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

$servers = @('NOLA1')

# The certificate has to be valid and used for SMTP on every server, and there must be one alone.
$certificate = Get-ExchangeCertificate -DomainName @('mail.nola.contoso.com')
$tlsName1 = '<I>' + $certificate.Issuer + '<S>' + $certificate.Subject

# contoso.mail.onmicrosoft.com (the tenant's contoso.mail.onmicrosoft.com)
# Mail between our servers and our own tenant counts as internal.
New-RemoteDomain -Name 'cloud routing' -DomainName 'contoso.mail.onmicrosoft.com'
Set-RemoteDomain -Identity 'cloud routing' -TargetDeliveryDomain $true -TrustedMailInboundEnabled $true

# new-orleans from cloud (locations.new-orleans)
# A mail-flow rule at `cloud` chooses `new-orleans`.
foreach ($server in $servers) {
    New-ReceiveConnector `
        -Name 'new-orleans from cloud' `
        -Server $server `
        -Usage 'Custom' `
        -TransportRole 'FrontendTransport' `
        -Bindings @('0.0.0.0:25', '[::]:25') `
        -RemoteIPRanges @('40.92.0.0/15', '40.107.0.0/16', '52.100.0.0/14', '104.47.0.0/17', '2a01:111:f400::/48', '2a01:111:f403::/48') `
        -AuthMechanism 'Tls' `
        -PermissionGroups 'AnonymousUsers' `
        -RequireTLS $true `
        -Fqdn 'mail.nola.contoso.com' `
        -TlsCertificateName $tlsName1 `
        -TlsDomainCapabilities 'mail.protection.outlook.com:AcceptCloudServicesMail' `
        -Comment '[mailtopo:new-orleans] locations.new-orleans'
}

# new-orleans to cloud (locations.new-orleans)
# `new-orleans` sends through `cloud`.
New-SendConnector `
    -Name 'new-orleans to cloud' `
    -Usage 'Custom' `
    -AddressSpaces '*;1' `
    -SourceTransportServers 'NOLA1' `
    -DNSRoutingEnabled $false `
    -SmartHosts 'contoso-com.mail.protection.outlook.com' `
    -Fqdn 'mail.nola.contoso.com' `
    -RequireTLS $true `
    -TlsAuthLevel 'DomainValidation' `
    -TlsDomain 'mail.protection.outlook.com' `
    -TlsCertificateName $tlsName1 `
    -CloudServicesMailEnabled $true `
    -Comment '[mailtopo:new-orleans] locations.new-orleans'

# contoso.com (domains.contoso.com)
# new-orleans holds mailboxes of it.
New-AcceptedDomain -Name 'contoso.com' -DomainName 'contoso.com' -DomainType 'Authoritative'
