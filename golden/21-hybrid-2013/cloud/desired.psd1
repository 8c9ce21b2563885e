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
            @{ Domain = 'contoso.com'; Count = 350; Listed = @() }
        )
    }
    Objects  = @(
        @{
            Kind  = 'InboundConnector'
            Name  = 'of the hybrid wizard'
            From  = 'locations.hq'
            Why   = 'The hybrid wizard owns it; it is compared and never changed.'
            Match = @{ ConnectorSource = 'HybridWizard' }
            Properties = @{
                Enabled                  = $true
                ConnectorType            = 'OnPremises'
                CloudServicesMailEnabled = $true
                TreatMessagesAsInternal  = $false
            }
        },
        @{
            Kind  = 'OutboundConnector'
            Name  = 'of the hybrid wizard'
            From  = 'locations.hq'
            Why   = 'The hybrid wizard owns it; it is compared and never changed.'
            Match = @{ ConnectorSource = 'HybridWizard' }
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'OnPremises'
                RecipientDomains              = @('contoso.com')
                RouteAllMessagesViaOnPremises = $false
                CloudServicesMailEnabled      = $true
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
