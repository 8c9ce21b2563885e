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
        Domains    = @('fabrikam.com', 'lab.fabrikam.com')
        Customized = $true
        Recipients = @(
            @{ Domain = 'fabrikam.com'; Count = 1; Listed = @() }
        )
    }
    Objects  = @(
        @{
            Kind = 'AcceptedDomain'
            Name = 'lab.fabrikam.com'
            From = 'domains.lab.fabrikam.com'
            Why  = 'Internet mail for it enters here.'
            Properties = @{
                DomainType      = 'InternalRelay'
                MatchSubDomains = $true
            }
        },
        @{
            Kind = 'InboundConnector'
            Name = 'cloud from lab'
            From = 'locations.lab'
            Why  = '`lab` sends through `cloud`.'
            Properties = @{
                Enabled                      = $true
                ConnectorType                = 'OnPremises'
                SenderDomains                = @('*')
                RequireTls                   = $true
                RestrictDomainsToCertificate = $false
                TlsSenderCertificateName     = 'mail.lab.fabrikam.com'
                RestrictDomainsToIPAddresses = $false
                CloudServicesMailEnabled     = $false
                TreatMessagesAsInternal      = $false
                EFSkipLastIP                 = $false
                Comment                      = '[mailtopo:cloud] locations.lab'
                SenderIPAddresses            = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind = 'OutboundConnector'
            Name = 'cloud to lab'
            From = 'locations.lab'
            Why  = '`lab` sends through `cloud` and holds these domains.'
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'OnPremises'
                RecipientDomains              = @('lab.fabrikam.com', '*.lab.fabrikam.com')
                AllAcceptedDomains            = $false
                UseMXRecord                   = $false
                SmartHosts                    = @('mail.lab.fabrikam.com')
                TlsSettings                   = 'DomainValidation'
                TlsDomain                     = 'mail.lab.fabrikam.com'
                IsTransportRuleScoped         = $false
                RouteAllMessagesViaOnPremises = $false
                CloudServicesMailEnabled      = $false
                TestMode                      = $false
                Comment                       = '[mailtopo:cloud] locations.lab'
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
        Mx       = @('fabrikam.com', 'lab.fabrikam.com')
        Dkim     = @('fabrikam.com')
        MxSuffix = '.mail.protection.outlook.com'
    }
}
