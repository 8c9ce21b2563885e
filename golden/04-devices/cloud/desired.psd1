# For Exchange Online: location cloud. Written by mailtopo. Data only: nothing in this file can run.
@{
    Format    = 1
    Location  = 'cloud'
    Product   = 'online'
    Title     = 'Exchange Online'
    Marks     = @('[mailtopo:cloud]')
    Tenant    = 'contoso.onmicrosoft.com'
    Mailboxes = @('erp@contoso.com')
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
            Kind = 'OrganizationConfig'
            Name = 'RejectDirectSend'
            From = 'locations.cloud.reject_direct_send'
            Why  = 'Accepts mail with an envelope sender in our own domains that matches no inbound connector.'
            Properties = @{
                RejectDirectSend = $false
            }
        },
        @{
            Kind = 'InboundConnector'
            Name = 'cloud from printers-hq'
            From = 'devices.printers-hq'
            Why  = '`printers-hq` hands its mail to `cloud`.'
            Properties = @{
                Enabled                      = $true
                ConnectorType                = 'OnPremises'
                SenderDomains                = @('*')
                RequireTls                   = $false
                RestrictDomainsToCertificate = $false
                RestrictDomainsToIPAddresses = $false
                SenderIPAddresses            = @('203.0.113.40', '203.0.113.41')
                CloudServicesMailEnabled     = $false
                TreatMessagesAsInternal      = $false
                EFSkipLastIP                 = $false
                Comment                      = '[mailtopo:cloud] devices.printers-hq'
                TlsSenderCertificateName     = $null
                AssociatedAcceptedDomains    = $null
                EFSkipIPs                    = $null
                EFUsers                      = $null
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
            Kind = 'CASMailbox'
            Name = 'erp@contoso.com'
            From = 'locations.cloud.smtp_auth'
            Why  = 'A device logs on to this mailbox to send.'
            Properties = @{
                SmtpClientAuthenticationDisabled = $false
            }
        },
        @{
            Kind = 'TransportConfig'
            Name = 'SmtpClientAuthenticationDisabled'
            From = 'locations.cloud.smtp_auth'
            Why  = 'Client submission with a login; a mailbox''s own setting wins over this one.'
            Properties = @{
                SmtpClientAuthenticationDisabled = $true
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
        }
    )
    Facts    = @{
        Mx       = @('contoso.com')
        Dkim     = @('contoso.com')
        MxSuffix = '.mail.protection.outlook.com'
    }
}
