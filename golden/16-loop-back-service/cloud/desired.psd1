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
            Name = 'cloud from signatures'
            From = 'locations.signatures'
            Why  = '`signatures` forwards these domains to `cloud`.'
            Properties = @{
                Enabled                      = $true
                ConnectorType                = 'OnPremises'
                SenderDomains                = @('*')
                RequireTls                   = $false
                RestrictDomainsToCertificate = $false
                RestrictDomainsToIPAddresses = $false
                SenderIPAddresses            = @('198.51.100.16/28')
                CloudServicesMailEnabled     = $false
                TreatMessagesAsInternal      = $true
                EFSkipLastIP                 = $true
                Comment                      = '[mailtopo:cloud] locations.signatures'
                TlsSenderCertificateName     = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
            }
        },
        @{
            Kind = 'OutboundConnector'
            Name = 'cloud to signatures by rule'
            From = 'locations.signatures'
            Why  = 'A mail-flow rule at `cloud` chooses `signatures`.'
            Properties = @{
                Enabled                       = $true
                ConnectorType                 = 'Partner'
                AllAcceptedDomains            = $false
                UseMXRecord                   = $false
                SmartHosts                    = @('contoso.signatures.example')
                TlsSettings                   = 'EncryptionOnly'
                IsTransportRuleScoped         = $true
                RouteAllMessagesViaOnPremises = $false
                CloudServicesMailEnabled      = $false
                TestMode                      = $false
                Comment                       = '[mailtopo:cloud] locations.signatures'
                RecipientDomains              = $null
                TlsDomain                     = $null
            }
        },
        @{
            Kind  = 'TransportRule'
            Name  = 'Add signature'
            From  = 'rules: Add signature'
            Why   = 'Sends what it matches through connector cloud to signatures by rule.'
            New   = @{ Enabled = $true }
            State = 'Enabled'
            Properties = @{
                ExceptIfHeaderContainsMessageHeader = 'X-Contoso-Signed'
                ExceptIfHeaderContainsWords         = @('yes')
                FromScope                           = 'InOrganization'
                RouteMessageOutboundConnector       = 'cloud to signatures by rule'
                StopRuleProcessing                  = $true
                Mode                                = 'Enforce'
                SetHeaderName                       = 'X-Contoso-Signed'
                SetHeaderValue                      = 'yes'
                Comments                            = '[mailtopo:cloud] rules: Add signature'
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
