#requires -Version 2.0
# For Exchange Server 2019: location hq. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

$servers = @('EX01', 'EX02')

# The certificate must be valid and used for SMTP on every server; connectors name its issuer and subject.
$names = @(Get-ExchangeCertificate -DomainName @('mail.contoso.com') | ForEach-Object { '<I>' + $_.Issuer + '<S>' + $_.Subject } | Sort-Object -Unique)
if ($names.Count -ne 1) { throw 'mail.contoso.com: exactly one certificate is needed' }
$tlsName1 = $names[0]

# contoso.mail.onmicrosoft.com (the tenant's contoso.mail.onmicrosoft.com)
# Mail between our servers and our own tenant counts as internal.
New-RemoteDomain -DomainName 'contoso.mail.onmicrosoft.com' -Name 'cloud routing'
Set-RemoteDomain -Identity 'cloud routing' -TargetDeliveryDomain $true -TrustedMailInboundEnabled $true

# hq from cloud (locations.hq)
# `hq` sends through `cloud` and holds these domains.
foreach ($server in $servers) {
    New-ReceiveConnector `
        -Name 'hq from cloud' `
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
        -Comment '[mailtopo:hq] locations.hq'
}

# hq from scanners (devices.scanners)
# `scanners` hands its mail to `hq`.
foreach ($server in $servers) {
    New-ReceiveConnector `
        -Name 'hq from scanners' `
        -Server $server `
        -Usage 'Custom' `
        -TransportRole 'FrontendTransport' `
        -Enabled $true `
        -Bindings '0.0.0.0:25' `
        -RemoteIPRanges '10.0.10.0/28' `
        -AuthMechanism 'Tls' `
        -PermissionGroups 'AnonymousUsers' `
        -RequireTLS $false `
        -Fqdn 'mail.contoso.com' `
        -TlsCertificateName $tlsName1 `
        -Comment '[mailtopo:hq] devices.scanners'
}

# hq to cloud (locations.hq)
# `hq` sends through `cloud`.
New-SendConnector `
    -Name 'hq to cloud' `
    -Usage 'Custom' `
    -Enabled $true `
    -AddressSpaces '*;1' `
    -SourceTransportServers @('EX01', 'EX02') `
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
    -Comment '[mailtopo:hq] locations.hq'

# contoso.com (domains.contoso.com)
# hq holds mailboxes of it.
New-AcceptedDomain -Name 'contoso.com' -DomainName 'contoso.com' -DomainType 'Authoritative'

# for all addresses (locations.hq.accept_only_from)
# Rejects mail from external senders on any other path.
# The last step: this rejects mail on any other path.
foreach ($server in $servers) {
    $everybody = '(^| )(0\.0\.0\.0(/0|-255\.255\.255\.255)|::(/0|-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff))( |$)'
    foreach ($open in @(Get-ReceiveConnector -Server $server | Where-Object { $_.Enabled -and [string] $_.RemoteIPRanges -match $everybody })) {
        $left = @(([string] $open.PermissionGroups) -split '[ ,]+' | Where-Object { @('AnonymousUsers', 'Custom', 'None', '') -notcontains $_ })
        if ($left.Count -eq 0) { $left = @('None') }
        Set-ReceiveConnector -Identity $open.Identity -PermissionGroups $left
    }
}
