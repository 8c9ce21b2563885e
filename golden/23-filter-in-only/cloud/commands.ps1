#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.

# contoso.com (domains.contoso.com)
# Keys now, signatures once the two records can be found.
New-DkimSigningConfig -DomainName 'contoso.com' -Enabled $false -KeySize 2048

# ArcConfig (locations.cloud)
# Trusts the seals of services that change messages before they arrive; those that are trusted already stay.
# This sets the whole list: run it only where the list is empty.
Set-ArcConfig -Identity 'Default' -ArcTrustedSealers 'filter.example'

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
Set-AcceptedDomain -Identity 'contoso.com' -DomainType 'Authoritative' -MatchSubDomains $false

# cloud from filter (locations.cloud.accept_only_from)
# Rejects mail from external senders on any other path.
# The last step: this rejects mail on any other path.
New-InboundConnector `
    -Name 'cloud from filter' `
    -Enabled $true `
    -ConnectorType 'Partner' `
    -SenderDomains '*' `
    -RequireTls $true `
    -RestrictDomainsToCertificate $false `
    -RestrictDomainsToIPAddresses $true `
    -SenderIPAddresses '192.0.2.0/24' `
    -CloudServicesMailEnabled $false `
    -TreatMessagesAsInternal $false `
    -EFSkipLastIP $true `
    -Comment '[mailtopo:cloud] locations.cloud.accept_only_from'

# RejectDirectSend (locations.cloud.reject_direct_send)
# Rejects mail with an envelope sender in our own domains that matches no inbound connector.
# The last step: this rejects mail on any other path.
Set-OrganizationConfig -RejectDirectSend $true
