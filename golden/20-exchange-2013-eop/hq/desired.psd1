# For Exchange Server 2013: location hq. Written by mailtopo. Data only: nothing in this file can run.
@{
    Format   = 1
    Location = 'hq'
    Product  = 'server'
    Title    = 'Exchange Server 2013'
    Marks    = @('[mailtopo:hq]')
    Servers  = @('EX01', 'EX02')
    Edge     = $false
    Version  = 'Version 15.0 '
    # What must hold before the first change.
    Check    = @{
        Recipients = @(
            @{ Domain = 'contoso.com'; Count = 400; Listed = @() }
        )
    }
    Objects  = @(
        @{
            Kind         = 'ReceiveConnector'
            Name         = 'hq from protection'
            From         = 'locations.hq'
            Why          = '`hq` sends through `protection` and holds these domains.'
            New          = @{ TransportRole = 'FrontendTransport' }
            AnyRecipient = $false
            Properties = @{
                Enabled               = $true
                Bindings              = @('0.0.0.0:25', '[::]:25')
                RemoteIPRanges        = @(
                    '40.92.0.0/15',
                    '40.107.0.0/16',
                    '52.100.0.0/14',
                    '104.47.0.0/17',
                    '2a01:111:f400::/48',
                    '2a01:111:f403::/48'
                )
                AuthMechanism         = @('Tls')
                PermissionGroups      = 'AnonymousUsers'
                RequireTLS            = $true
                Fqdn                  = 'mail.contoso.com'
                TlsCertificateName    = @{ Certificate = 'mail.contoso.com'; Thumbprint = '' }
                TlsDomainCapabilities = @('mail.protection.outlook.com:AcceptCloudServicesMail')
                MaxMessageSize        = '25MB'
                Comment               = '[mailtopo:hq] locations.hq'
            }
        },
        @{
            Kind = 'SendConnector'
            Name = 'hq to protection'
            From = 'locations.hq'
            Why  = '`hq` sends through `protection`.'
            Properties = @{
                Enabled                  = $true
                AddressSpaces            = @('*;1')
                SourceTransportServers   = @('EX01', 'EX02')
                DNSRoutingEnabled        = $false
                SmartHosts               = @('contoso-com.mail.protection.outlook.com')
                Port                     = 25
                Fqdn                     = 'mail.contoso.com'
                RequireTLS               = $true
                IgnoreSTARTTLS           = $false
                SmartHostAuthMechanism   = 'None'
                IsScopedConnector        = $false
                TlsAuthLevel             = 'DomainValidation'
                TlsDomain                = 'mail.protection.outlook.com'
                TlsCertificateName       = @{ Certificate = 'mail.contoso.com'; Thumbprint = '' }
                CloudServicesMailEnabled = $true
                MaxMessageSize           = '25MB'
                Comment                  = '[mailtopo:hq] locations.hq'
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
        Certificates = @('mail.contoso.com')
    }
}
