# For Exchange Online: location cloud. Written by mailtopo. Data only: nothing in this file can run.
@{
    Format   = 1
    Location = 'cloud'
    Product  = 'online'
    Title    = 'Exchange Online'
    Marks    = @('[mailtopo:cloud]')
    Tenant   = 'fabrikam.onmicrosoft.com'
    # What must hold before the first change.
    Check    = @{
        Domains    = @('fabrikam.com')
        Customized = $true
        Recipients = @(
            @{ Domain = 'fabrikam.com'; Count = 2; Listed = @('ops@fabrikam.com', 'root@fabrikam.com') }
        )
    }
    Objects  = @(
        @{
            Kind = 'InboundConnector'
            Name = 'cloud from mx'
            From = 'locations.mx'
            Why  = '`mx` sends through `cloud`.'
            Properties = @{
                Enabled                      = $true
                ConnectorType                = 'OnPremises'
                SenderDomains                = @('*')
                RequireTls                   = $true
                RestrictDomainsToCertificate = $false
                TlsSenderCertificateName     = 'mail.fabrikam.com'
                RestrictDomainsToIPAddresses = $false
                CloudServicesMailEnabled     = $false
                TreatMessagesAsInternal      = $false
                EFSkipLastIP                 = $true
                Comment                      = '[mailtopo:cloud] locations.mx'
                SenderIPAddresses            = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind = 'OutboundConnector'
            Name = 'cloud to mx'
            From = 'locations.mx'
            Why  = '`mx` sends through `cloud` and holds these domains.'
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'OnPremises'
                RecipientDomains              = @(
                    'fabrikam.com',
                    'journal.archive.example',
                    'lab.fabrikam.com',
                    'xn--bcher-kva.example'
                )
                AllAcceptedDomains            = $false
                UseMXRecord                   = $false
                SmartHosts                    = @('mail.fabrikam.com')
                TlsSettings                   = 'DomainValidation'
                TlsDomain                     = 'mail.fabrikam.com'
                IsTransportRuleScoped         = $false
                RouteAllMessagesViaOnPremises = $false
                CloudServicesMailEnabled      = $false
                TestMode                      = $false
                Comment                       = '[mailtopo:cloud] locations.mx'
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
            Name = 'fabrikam.com'
            From = 'domains.fabrikam.com'
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
        Mx       = @('fabrikam.com')
        Dkim     = @('fabrikam.com')
        MxSuffix = '.mail.protection.outlook.com'
    }
}
