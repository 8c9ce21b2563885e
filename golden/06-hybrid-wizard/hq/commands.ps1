#requires -Version 2.0
# For Exchange Server SE: location hq. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

$servers = @('EX01', 'EX02')

# hq to internet (locations.hq)
# `hq` sends by itself.
New-SendConnector `
    -Name 'hq to internet' `
    -Usage 'Custom' `
    -Enabled $true `
    -AddressSpaces '*;1' `
    -SourceTransportServers @('EX01', 'EX02') `
    -DNSRoutingEnabled $true `
    -Port 25 `
    -Fqdn 'hybrid.contoso.com' `
    -RequireTLS $false `
    -IgnoreSTARTTLS $false `
    -SmartHostAuthMechanism 'None' `
    -IsScopedConnector $false `
    -CloudServicesMailEnabled $false `
    -Comment '[mailtopo:hq] locations.hq'

# contoso.com (domains.contoso.com)
# hq holds mailboxes of it.
New-AcceptedDomain -Name 'contoso.com' -DomainName 'contoso.com' -DomainType 'Authoritative'
