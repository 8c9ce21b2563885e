#requires -Version 2.0
# For Exchange Server 2013: location hq. Written by mailtopo.
#
# The same objects as in apply.ps1, as plain commands for an organization that has none of them: to read, or to run one
# by one. Where an object exists, use Set- in place of New-. It asks nothing and saves nothing; apply.ps1 does.

$servers = @('EX01')

# hq to internet (locations.hq)
# `hq` sends by itself.
New-SendConnector `
    -Name 'hq to internet' `
    -Usage 'Custom' `
    -AddressSpaces '*;1' `
    -SourceTransportServers 'EX01' `
    -Fqdn 'hybrid.contoso.com' `
    -Comment '[mailtopo:hq] locations.hq'

# contoso.com (domains.contoso.com)
# hq holds mailboxes of it.
New-AcceptedDomain -Name 'contoso.com' -DomainName 'contoso.com' -DomainType 'Authoritative'
