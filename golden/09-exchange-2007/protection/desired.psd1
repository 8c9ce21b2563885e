# For Exchange Online Protection: location protection. Written by mailtopo. Data only: nothing in this file can run.
@{
    Format   = 1
    Location = 'protection'
    Product  = 'protection'
    Title    = 'Exchange Online Protection'
    Marks    = @('[mailtopo:protection]')
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
            Name = 'protection from hq'
            From = 'locations.hq'
            Why  = '`hq` sends through `protection`.'
            Properties = @{
                Enabled                      = $true
                ConnectorType                = 'OnPremises'
                SenderDomains                = @('*')
                RequireTls                   = $true
                RestrictDomainsToCertificate = $false
                TlsSenderCertificateName     = 'mail.contoso.com'
                RestrictDomainsToIPAddresses = $false
                CloudServicesMailEnabled     = $false
                TreatMessagesAsInternal      = $false
                EFSkipLastIP                 = $false
                Comment                      = '[mailtopo:protection] locations.hq'
                SenderIPAddresses            = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind     = 'OutboundConnector'
            Name     = 'protection to hq'
            From     = 'locations.hq'
            Why      = '`hq` sends through `protection` and holds these domains.'
            Validate = @('postmaster@contoso.com')
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
                CloudServicesMailEnabled      = $false
                TestMode                      = $false
                Comment                       = '[mailtopo:protection] locations.hq'
            }
        },
        @{
            Kind = 'AcceptedDomain'
            Name = 'contoso.com'
            From = 'domains.contoso.com'
            Why  = 'Internet mail for it enters here.'
            Properties = @{
                DomainType      = 'Authoritative'
                MatchSubDomains = $false
            }
        }
    )
    Facts    = @{
        Mx       = @('contoso.com')
        Dkim     = @()
        MxSuffix = '.mail.protection.outlook.com'
    }
}
