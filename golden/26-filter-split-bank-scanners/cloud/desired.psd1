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
        Domains    = @('contoso.com', 'mail.contoso.com')
        Customized = $true
        Recipients = @(
            @{ Domain = 'contoso.com'; Count = 460; Listed = @() }
        )
    }
    Objects  = @(
        @{
            Kind = 'InboundConnector'
            Name = 'cloud from hq'
            From = 'locations.hq'
            Why  = '`hq` sends through `cloud`.'
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
                Comment                      = '[mailtopo:cloud] locations.hq'
                SenderIPAddresses            = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind = 'OutboundConnector'
            Name = 'cloud to hq'
            From = 'locations.hq'
            Why  = '`hq` sends through `cloud` and holds these domains.'
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'OnPremises'
                RecipientDomains              = @('contoso.com')
                AllAcceptedDomains            = $false
                UseMXRecord                   = $false
                SmartHosts                    = @('mail.contoso.com')
                TlsSettings                   = 'DomainValidation'
                TlsDomain                     = 'mail.contoso.com'
                IsTransportRuleScoped         = $false
                RouteAllMessagesViaOnPremises = $false
                CloudServicesMailEnabled      = $true
                TestMode                      = $false
                Comment                       = '[mailtopo:cloud] locations.hq'
            }
        },
        @{
            Kind = 'OutboundConnector'
            Name = 'cloud to bank'
            From = 'partners.bank'
            Why  = 'The terms agreed with `bank`.'
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'Partner'
                RecipientDomains              = @('bank.example')
                AllAcceptedDomains            = $false
                UseMXRecord                   = $true
                TlsSettings                   = 'DomainValidation'
                TlsDomain                     = 'mail.bank.example'
                IsTransportRuleScoped         = $false
                RouteAllMessagesViaOnPremises = $false
                CloudServicesMailEnabled      = $false
                TestMode                      = $false
                Comment                       = '[mailtopo:cloud] partners.bank'
                SmartHosts                    = $null
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
            Kind = 'AcceptedDomain'
            Name = 'mail.contoso.com'
            From = 'locations.cloud.also_accepts'
            Why  = 'The spec says that it is accepted here.'
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
        Mx       = @('contoso.com', 'mail.contoso.com')
        Dkim     = @('contoso.com')
        MxSuffix = '.mail.protection.outlook.com'
    }
}
