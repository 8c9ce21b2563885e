# For Exchange Online: location cloud. Written by mailtopo. Data only: nothing in this file can run.
@{
    Format   = 1
    Location = 'cloud'
    Product  = 'online'
    Title    = 'Exchange Online'
    Marks    = @('[mailtopo:cloud]')
    Tenant   = 'contoso.onmicrosoft.com'
    # What must hold before the first change.
    Check    = @{
        Domains    = @('contoso.com')
        Customized = $true
        Recipients = @(
            @{ Domain = 'contoso.com'; Count = 1; Listed = @() }
        )
    }
    Objects  = @(
        @{
            Kind = 'DkimSigningConfig'
            Name = 'contoso.com'
            From = 'domains.contoso.com'
            Why  = 'Keys now, signatures once the two records can be found.'
            Properties = @{
                Enabled = $true
            }
        },
        @{
            Kind = 'ArcConfig'
            Name = 'ArcConfig'
            From = 'locations.cloud'
            Why  = 'Trusts the seals of services that change messages before they arrive; those that are trusted already stay.'
            Add  = $true
            Properties = @{
                ArcTrustedSealers = @('filter.example')
            }
        },
        @{
            Kind = 'AcceptedDomain'
            Name = 'contoso.com'
            From = 'domains.contoso.com'
            Why  = 'cloud holds mailboxes of it.'
            Properties = @{
                DomainType      = 'Authoritative'
                MatchSubDomains = $false
            }
        },
        @{
            Kind  = 'InboundConnector'
            Name  = 'cloud from filter'
            From  = 'locations.cloud.accept_only_from'
            Why   = 'Rejects mail from external senders on any other path.'
            Stage = 'Lock'
            Properties = @{
                Enabled                      = $true
                ConnectorType                = 'Partner'
                SenderDomains                = @('*')
                RequireTls                   = $true
                RestrictDomainsToCertificate = $false
                RestrictDomainsToIPAddresses = $true
                SenderIPAddresses            = @('192.0.2.0/24')
                CloudServicesMailEnabled     = $false
                TreatMessagesAsInternal      = $false
                EFSkipLastIP                 = $true
                Comment                      = '[mailtopo:cloud] locations.cloud.accept_only_from'
                TlsSenderCertificateName     = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind  = 'OrganizationConfig'
            Name  = 'RejectDirectSend'
            From  = 'locations.cloud.reject_direct_send'
            Why   = 'Rejects mail with an envelope sender in our own domains that matches no inbound connector.'
            Stage = 'Lock'
            Properties = @{
                RejectDirectSend = $true
            }
        }
    )
    Facts    = @{
        Mx       = @('contoso.com')
        Dkim     = @('contoso.com')
        MxSuffix = '.mail.protection.outlook.com'
    }
}
