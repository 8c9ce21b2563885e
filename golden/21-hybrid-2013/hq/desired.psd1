# For Exchange Server 2013: location hq. Written by mailtopo. Data only: nothing in this file can run.
@{
    Format   = 1
    Location = 'hq'
    Product  = 'server'
    Title    = 'Exchange Server 2013'
    Marks    = @('[mailtopo:hq]')
    Servers  = @('EX01')
    Edge     = $false
    Version  = 'Version 15.0 '
    # What must hold before the first change.
    Check    = @{
        Recipients = @(
            @{ Domain = 'contoso.com'; Count = 350; Listed = @() }
        )
    }
    Objects  = @(
        @{
            Kind = 'SendConnector'
            Name = 'hq to cloud'
            From = 'locations.hq'
            Why  = '`hq` sends through `cloud`.'
            Properties = @{
                Enabled                  = $true
                AddressSpaces            = @('*;1')
                SourceTransportServers   = @('EX01')
                DNSRoutingEnabled        = $false
                SmartHosts               = @('contoso-com.mail.protection.outlook.com')
                Port                     = 25
                Fqdn                     = 'hybrid.contoso.com'
                RequireTLS               = $true
                IgnoreSTARTTLS           = $false
                SmartHostAuthMechanism   = 'None'
                IsScopedConnector        = $false
                TlsAuthLevel             = 'DomainValidation'
                TlsDomain                = 'mail.protection.outlook.com'
                TlsCertificateName       = @{ Certificate = 'hybrid.contoso.com'; Thumbprint = '' }
                CloudServicesMailEnabled = $true
                Comment                  = '[mailtopo:hq] locations.hq'
            }
        },
        @{
            Kind  = 'SendConnector'
            Name  = 'of the hybrid wizard'
            From  = 'locations.hq'
            Why   = 'The hybrid wizard owns it; it is compared and never changed.'
            Match = @{ AddressSpaces = 'contoso.mail.onmicrosoft.com' }
            Properties = @{
                Enabled                  = $true
                CloudServicesMailEnabled = $true
                RequireTLS               = $true
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
