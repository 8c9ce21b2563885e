#requires -Version 2.0
# For Exchange Server 2007: location hq. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

$servers = @('HUB01')

# hq from protection (locations.hq)
# `hq` sends through `protection` and holds these domains.
foreach ($server in $servers) {
    New-ReceiveConnector `
        -Name 'hq from protection' `
        -Server $server `
        -Usage 'Custom' `
        -Enabled $true `
        -Bindings @('0.0.0.0:25', '[::]:25') `
        -RemoteIPRanges @('40.92.0.0/15', '40.107.0.0/16', '52.100.0.0/14', '104.47.0.0/17', '2a01:111:f400::/48', '2a01:111:f403::/48') `
        -AuthMechanism 'Tls' `
        -PermissionGroups 'AnonymousUsers' `
        -RequireTLS $true `
        -Fqdn 'mail.contoso.com' `
        -Comment '[mailtopo:hq] locations.hq'
}

# hq to protection (locations.hq)
# `hq` sends through `protection`.
New-SendConnector `
    -Name 'hq to protection' `
    -Usage 'Custom' `
    -Enabled $true `
    -AddressSpaces '*;1' `
    -SourceTransportServers 'HUB01' `
    -DNSRoutingEnabled $false `
    -SmartHosts 'contoso-com.mail.protection.outlook.com' `
    -Port 25 `
    -Fqdn 'mail.contoso.com' `
    -RequireTLS $true `
    -IgnoreSTARTTLS $false `
    -SmartHostAuthMechanism 'None' `
    -IsScopedConnector $false `
    -Comment '[mailtopo:hq] locations.hq'

# contoso.com (domains.contoso.com)
# hq holds mailboxes of it.
New-AcceptedDomain -Name 'contoso.com' -DomainName 'contoso.com' -DomainType 'Authoritative'
