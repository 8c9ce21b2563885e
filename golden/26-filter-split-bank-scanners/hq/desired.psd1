# For Exchange Server 2019: location hq. Written by mailtopo. Data only: nothing in this file can run.
@{
    Format   = 1
    Location = 'hq'
    Product  = 'server'
    Title    = 'Exchange Server 2019'
    Marks    = @('[mailtopo:hq]')
    Servers  = @('EX01', 'EX02')
    Edge     = $false
    Version  = 'Version 15.2 '
    # What must hold before the first change.
    Check    = @{
        Recipients = @(
            @{ Domain = 'contoso.com'; Count = 460; Listed = @() }
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
            Name         = 'hq from cloud'
            From         = 'locations.hq'
            Why          = '`hq` sends through `cloud` and holds these domains.'
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
                Comment               = '[mailtopo:hq] locations.hq'
            }
        },
        @{
            Kind         = 'ReceiveConnector'
            Name         = 'hq from scanners'
            From         = 'devices.scanners'
            Why          = '`scanners` hands its mail to `hq`.'
            New          = @{ TransportRole = 'FrontendTransport' }
            AnyRecipient = $false
            Properties = @{
                Enabled               = $true
                Bindings              = @('0.0.0.0:25')
                RemoteIPRanges        = @('10.0.10.0/28')
                AuthMechanism         = @('Tls')
                PermissionGroups      = 'AnonymousUsers'
                RequireTLS            = $false
                Fqdn                  = 'mail.contoso.com'
                TlsCertificateName    = @{ Certificate = 'mail.contoso.com'; Thumbprint = '' }
                Comment               = '[mailtopo:hq] devices.scanners'
                TlsDomainCapabilities = $null
            }
        },
        @{
            Kind = 'SendConnector'
            Name = 'hq to cloud'
            From = 'locations.hq'
            Why  = '`hq` sends through `cloud`.'
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
        },
        @{
            Kind  = 'ReceiveConnector'
            Name  = 'for all addresses'
            From  = 'locations.hq.accept_only_from'
            Why   = 'Rejects mail from external senders on any other path.'
            Stage = 'Lock'
            Take  = $true
            Properties = @{
                PermissionGroups = 'AnonymousUsers'
            }
        }
    )
    Facts    = @{
        Certificates = @('mail.contoso.com')
    }
}
