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
        Domains    = @('contoso.com', 'fabrikam.com')
        Customized = $true
        Recipients = @(
            @{ Domain = 'contoso.com'; Count = 1; Listed = @() },
            @{ Domain = 'fabrikam.com'; Count = 1; Listed = @() }
        )
    }
    Objects  = @(
        @{
            Kind = 'OutboundConnector'
            Name = 'cloud to filter'
            From = 'locations.cloud'
            Why  = '`cloud` sends through `filter`.'
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'Partner'
                RecipientDomains              = @('*')
                AllAcceptedDomains            = $false
                UseMXRecord                   = $false
                SmartHosts                    = @('mx1.filter.example', 'mx2.filter.example')
                TlsSettings                   = 'DomainValidation'
                TlsDomain                     = '*.filter.example'
                IsTransportRuleScoped         = $false
                RouteAllMessagesViaOnPremises = $false
                CloudServicesMailEnabled      = $false
                TestMode                      = $false
                Comment                       = '[mailtopo:cloud] locations.cloud'
            }
        },
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
            Kind = 'DkimSigningConfig'
            Name = 'fabrikam.com'
            From = 'domains.fabrikam.com'
            Why  = 'Keys now, signatures once the two records can be found.'
            Properties = @{
                Enabled = $true
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
            Kind = 'AcceptedDomain'
            Name = 'fabrikam.com'
            From = 'domains.fabrikam.com'
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
                RestrictDomainsToCertificate = $true
                TlsSenderCertificateName     = '*.filter.example'
                RestrictDomainsToIPAddresses = $false
                CloudServicesMailEnabled     = $false
                TreatMessagesAsInternal      = $false
                EFSkipLastIP                 = $true
                Comment                      = '[mailtopo:cloud] locations.cloud.accept_only_from'
                SenderIPAddresses            = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        }
    )
    Facts    = @{
        Mx       = @('contoso.com', 'fabrikam.com')
        Dkim     = @('contoso.com', 'fabrikam.com')
        MxSuffix = '.mail.protection.outlook.com'
    }
}
