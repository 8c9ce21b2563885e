# For Exchange Server SE: location hq. Written by mailtopo. Data only: nothing in this file can run.
@{
    Format   = 1
    Location = 'hq'
    Product  = 'server'
    Title    = 'Exchange Server SE'
    Marks    = @('[mailtopo:hq]')
    Servers  = @('EX01', 'EX02')
    Edge     = $false
    Version  = 'Version 15.2 '
    # What must hold before the first change.
    Check    = @{
        Recipients = @(
            @{ Domain = 'contoso.com'; Count = 1000; Listed = @() }
        )
    }
    Objects  = @(
        @{
            Kind  = 'SendConnector'
            Name  = 'of the hybrid wizard'
            From  = 'locations.cloud'
            Why   = 'The hybrid wizard owns it; it is compared and never changed.'
            Match = @{ AddressSpaces = 'contoso.mail.onmicrosoft.com' }
            Properties = @{
                Enabled                  = $true
                CloudServicesMailEnabled = $true
                RequireTLS               = $true
            }
        },
        @{
            Kind = 'SendConnector'
            Name = 'hq to internet'
            From = 'locations.hq'
            Why  = '`hq` sends by itself.'
            Properties = @{
                Enabled                  = $true
                AddressSpaces            = @('*;1')
                SourceTransportServers   = @('EX01', 'EX02')
                DNSRoutingEnabled        = $true
                Port                     = 25
                Fqdn                     = 'hybrid.contoso.com'
                RequireTLS               = $false
                IgnoreSTARTTLS           = $false
                SmartHostAuthMechanism   = 'None'
                IsScopedConnector        = $false
                CloudServicesMailEnabled = $false
                Comment                  = '[mailtopo:hq] locations.hq'
                SmartHosts               = $null
                TlsAuthLevel             = $null
                TlsDomain                = $null
                TlsCertificateName       = $null
            }
        },
        @{
            Kind = 'AcceptedDomain'
            Name = 'contoso.com'
            From = 'domains.contoso.com'
            Why  = 'hq holds mailboxes of it.'
            Properties = @{
                DomainType = 'Authoritative'
            }
        }
    )
    Facts    = @{
        Certificates = @('hybrid.contoso.com')
    }
}
