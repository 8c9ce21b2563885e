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
            @{ Domain = 'contoso.com'; Count = 1000; Listed = @() }
        )
    }
    Objects  = @(
        @{
            Kind = 'InboundConnector'
            Name = 'cloud from hq'
            From = 'locations.cloud'
            Why  = '`cloud` sends through `hq` and holds these domains.'
            Properties = @{
                Enabled                      = $true
                ConnectorType                = 'OnPremises'
                SenderDomains                = @('*')
                RequireTls                   = $true
                RestrictDomainsToCertificate = $false
                TlsSenderCertificateName     = 'mail.contoso.com'
                RestrictDomainsToIPAddresses = $false
                CloudServicesMailEnabled     = $true
                TreatMessagesAsInternal      = $false
                EFSkipLastIP                 = $false
                Comment                      = '[mailtopo:cloud] locations.cloud'
                SenderIPAddresses            = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind = 'OutboundConnector'
            Name = 'cloud to hq'
            From = 'locations.cloud'
            Why  = 'All outgoing mail of `cloud` makes the detour through `hq`.'
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'OnPremises'
                RecipientDomains              = @('*')
                AllAcceptedDomains            = $false
                UseMXRecord                   = $false
                SmartHosts                    = @('mail.contoso.com')
                TlsSettings                   = 'DomainValidation'
                TlsDomain                     = 'mail.contoso.com'
                IsTransportRuleScoped         = $false
                RouteAllMessagesViaOnPremises = $true
                CloudServicesMailEnabled      = $true
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
