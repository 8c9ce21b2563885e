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
            @{ Domain = 'contoso.com'; Count = 4; Listed = @(
                'ann@contoso.com',
                'ben@contoso.com',
                'cora@contoso.com',
                'dan@contoso.com'
            ) }
        )
    }
    Objects  = @(
        @{
            Kind = 'InboundConnector'
            Name = 'cloud from houston'
            From = 'locations.houston'
            Why  = '`houston` sends through `cloud`.'
            Properties = @{
                Enabled                      = $true
                ConnectorType                = 'OnPremises'
                SenderDomains                = @('*')
                RequireTls                   = $true
                RestrictDomainsToCertificate = $false
                TlsSenderCertificateName     = 'mail.hou.contoso.com'
                RestrictDomainsToIPAddresses = $false
                CloudServicesMailEnabled     = $true
                TreatMessagesAsInternal      = $false
                EFSkipLastIP                 = $false
                Comment                      = '[mailtopo:cloud] locations.houston'
                SenderIPAddresses            = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind = 'InboundConnector'
            Name = 'cloud from new-orleans'
            From = 'locations.new-orleans'
            Why  = '`new-orleans` sends through `cloud`.'
            Properties = @{
                Enabled                      = $true
                ConnectorType                = 'OnPremises'
                SenderDomains                = @('*')
                RequireTls                   = $true
                RestrictDomainsToCertificate = $false
                TlsSenderCertificateName     = 'mail.nola.contoso.com'
                RestrictDomainsToIPAddresses = $false
                CloudServicesMailEnabled     = $true
                TreatMessagesAsInternal      = $false
                EFSkipLastIP                 = $false
                Comment                      = '[mailtopo:cloud] locations.new-orleans'
                SenderIPAddresses            = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind = 'OutboundConnector'
            Name = 'cloud to houston by rule'
            From = 'locations.houston'
            Why  = 'A mail-flow rule at `cloud` chooses `houston`.'
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'OnPremises'
                AllAcceptedDomains            = $false
                UseMXRecord                   = $false
                SmartHosts                    = @('mail.hou.contoso.com')
                TlsSettings                   = 'DomainValidation'
                TlsDomain                     = 'mail.hou.contoso.com'
                IsTransportRuleScoped         = $true
                RouteAllMessagesViaOnPremises = $false
                CloudServicesMailEnabled      = $true
                TestMode                      = $false
                Comment                       = '[mailtopo:cloud] locations.houston'
                RecipientDomains              = $null
            }
        },
        @{
            Kind = 'OutboundConnector'
            Name = 'cloud to new-orleans by rule'
            From = 'locations.new-orleans'
            Why  = 'A mail-flow rule at `cloud` chooses `new-orleans`.'
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'OnPremises'
                AllAcceptedDomains            = $false
                UseMXRecord                   = $false
                SmartHosts                    = @('mail.nola.contoso.com')
                TlsSettings                   = 'DomainValidation'
                TlsDomain                     = 'mail.nola.contoso.com'
                IsTransportRuleScoped         = $true
                RouteAllMessagesViaOnPremises = $false
                CloudServicesMailEnabled      = $true
                TestMode                      = $false
                Comment                       = '[mailtopo:cloud] locations.new-orleans'
                RecipientDomains              = $null
            }
        },
        @{
            Kind  = 'TransportRule'
            Name  = 'New Orleans'
            From  = 'rules: New Orleans'
            Why   = 'Sends what it matches through connector cloud to new-orleans by rule.'
            New   = @{ Enabled = $true }
            State = 'Enabled'
            Properties = @{
                ExceptIfHeaderContainsMessageHeader = 'X-Contoso-Routed'
                ExceptIfHeaderContainsWords         = @('1')
                RecipientADAttributeContainsWords   = @('City:New Orleans')
                RouteMessageOutboundConnector       = 'cloud to new-orleans by rule'
                StopRuleProcessing                  = $true
                Mode                                = 'Enforce'
                SetHeaderName                       = 'X-Contoso-Routed'
                SetHeaderValue                      = '1'
                Comments                            = '[mailtopo:cloud] rules: New Orleans'
            }
        },
        @{
            Kind  = 'TransportRule'
            Name  = 'Houston'
            From  = 'rules: Houston'
            Why   = 'Sends what it matches through connector cloud to houston by rule.'
            New   = @{ Enabled = $true }
            State = 'Enabled'
            Properties = @{
                ExceptIfHeaderContainsMessageHeader = 'X-Contoso-Routed'
                ExceptIfHeaderContainsWords         = @('1')
                RecipientADAttributeContainsWords   = @('City:Houston')
                RouteMessageOutboundConnector       = 'cloud to houston by rule'
                StopRuleProcessing                  = $true
                Mode                                = 'Enforce'
                SetHeaderName                       = 'X-Contoso-Routed'
                SetHeaderValue                      = '1'
                Comments                            = '[mailtopo:cloud] rules: Houston'
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
