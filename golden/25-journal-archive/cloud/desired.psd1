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
            Kind = 'InboundConnector'
            Name = 'cloud from archive'
            From = 'partners.archive'
            Why  = 'The terms agreed with `archive`.'
            Properties = @{
                Enabled                      = $true
                ConnectorType                = 'Partner'
                SenderDomains                = @('journal.archive.example')
                RequireTls                   = $true
                RestrictDomainsToCertificate = $false
                RestrictDomainsToIPAddresses = $true
                SenderIPAddresses            = @('198.51.100.64/27')
                CloudServicesMailEnabled     = $false
                TreatMessagesAsInternal      = $false
                EFSkipLastIP                 = $false
                Comment                      = '[mailtopo:cloud] partners.archive'
                TlsSenderCertificateName     = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind     = 'OutboundConnector'
            Name     = 'cloud to archive'
            From     = 'partners.archive'
            Why      = 'The terms agreed with `archive`.'
            Validate = @('test@journal.archive.example')
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'Partner'
                RecipientDomains              = @('journal.archive.example')
                AllAcceptedDomains            = $false
                UseMXRecord                   = $false
                SmartHosts                    = @('smtp.archive.example')
                TlsSettings                   = 'DomainValidation'
                TlsDomain                     = 'smtp.archive.example'
                IsTransportRuleScoped         = $false
                RouteAllMessagesViaOnPremises = $false
                CloudServicesMailEnabled      = $false
                TestMode                      = $false
                Comment                       = '[mailtopo:cloud] partners.archive'
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
