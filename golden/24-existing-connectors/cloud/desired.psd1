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
            @{ Domain = 'contoso.com'; Count = 2; Listed = @('bob@contoso.com', 'john@contoso.com') }
        )
    }
    Objects  = @(
        @{
            Kind        = 'InboundConnector'
            Name        = 'Inbound from own servers'
            From        = 'routes: Outbound to Office 365'
            Why         = 'The spec writes this route.'
            FormerNames = @('cloud from hq')
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
                Comment                      = '[mailtopo:cloud] routes: Outbound to Office 365'
                SenderIPAddresses            = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind        = 'OutboundConnector'
            Name        = 'To own servers'
            From        = 'routes: To own servers'
            Why         = 'The spec writes this route.'
            FormerNames = @('Outbound old')
            Validate    = @('john@contoso.com')
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
                Comment                       = '[mailtopo:cloud] routes: To own servers'
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
