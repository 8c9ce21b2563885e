#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# RejectDirectSend (locations.cloud.reject_direct_send)
# Accepts mail with an envelope sender in our own domains that matches no inbound connector.
Set-OrganizationConfig -RejectDirectSend $false

# cloud from printers-hq (devices.printers-hq)
# `printers-hq` hands its mail to `cloud`.
New-InboundConnector `
    -Name 'cloud from printers-hq' `
    -Enabled $true `
    -ConnectorType 'OnPremises' `
    -SenderDomains '*' `
    -RequireTls $false `
    -RestrictDomainsToCertificate $false `
    -RestrictDomainsToIPAddresses $false `
    -SenderIPAddresses @('203.0.113.40', '203.0.113.41') `
    -CloudServicesMailEnabled $false `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $false `
    -Comment '[mailtopo:cloud] devices.printers-hq'

# contoso.com (domains.contoso.com)
# Keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# erp@contoso.com (locations.cloud.smtp_auth)
# A device logs on to this mailbox to send.
Set-CASMailbox -Identity 'erp@contoso.com' -SmtpClientAuthenticationDisabled $false

# SmtpClientAuthenticationDisabled (locations.cloud.smtp_auth)
# Client submission with a login; a mailbox's own setting wins over this one.
Set-TransportConfig -SmtpClientAuthenticationDisabled $true

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false
