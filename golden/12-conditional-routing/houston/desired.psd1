# For Exchange Server 2016: location houston. Written by mailtopo. Data only: nothing in this file can run.
@{
    Format   = 1
    Location = 'houston'
    Product  = 'server'
    Title    = 'Exchange Server 2016'
    Marks    = @('[mailtopo:houston]')
    Servers  = @('HOU1')
    Edge     = $false
    Version  = 'Version 15.1 '
    # What must hold before the first change.
    Check    = @{
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
            Kind = 'RemoteDomain'
            Name = 'contoso.mail.onmicrosoft.com'
            From = 'the tenant''s contoso.mail.onmicrosoft.com'
            Why  = 'Mail between our servers and our own tenant counts as internal.'
            New  = @{ Name = 'cloud routing' }
            Properties = @{
                TargetDeliveryDomain      = $true
                TrustedMailInboundEnabled = $true
            }
        },
        @{
            Kind         = 'ReceiveConnector'
            Name         = 'houston from cloud'
            From         = 'locations.houston'
            Why          = 'A mail-flow rule at `cloud` chooses `houston`.'
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
                Fqdn                  = 'mail.hou.contoso.com'
                TlsCertificateName    = @{ Certificate = 'mail.hou.contoso.com'; Thumbprint = '' }
                TlsDomainCapabilities = @('mail.protection.outlook.com:AcceptCloudServicesMail')
                Comment               = '[mailtopo:houston] locations.houston'
            }
        },
        @{
            Kind = 'SendConnector'
            Name = 'houston to cloud'
            From = 'locations.houston'
            Why  = '`houston` sends through `cloud`.'
            Properties = @{
                Enabled                  = $true
                AddressSpaces            = @('*;1')
                SourceTransportServers   = @('HOU1')
                DNSRoutingEnabled        = $false
                SmartHosts               = @('contoso-com.mail.protection.outlook.com')
                Port                     = 25
                Fqdn                     = 'mail.hou.contoso.com'
                RequireTLS               = $true
                IgnoreSTARTTLS           = $false
                SmartHostAuthMechanism   = 'None'
                IsScopedConnector        = $false
                TlsAuthLevel             = 'DomainValidation'
                TlsDomain                = 'mail.protection.outlook.com'
                TlsCertificateName       = @{ Certificate = 'mail.hou.contoso.com'; Thumbprint = '' }
                CloudServicesMailEnabled = $true
                Comment                  = '[mailtopo:houston] locations.houston'
            }
        },
        @{
            Kind = 'AcceptedDomain'
            Name = 'contoso.com'
            From = 'domains.contoso.com'
            Why  = 'houston holds mailboxes of it.'
            Properties = @{
                DomainType = 'Authoritative'
            }
        }
    )
    Facts    = @{
        Certificates = @('mail.hou.contoso.com')
    }
}
