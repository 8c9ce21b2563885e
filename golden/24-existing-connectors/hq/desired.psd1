# For Exchange Server 2016: location hq. Written by mailtopo. Data only: nothing in this file can run.
@{
    Format   = 1
    Location = 'hq'
    Product  = 'server'
    Title    = 'Exchange Server 2016'
    Marks    = @('[mailtopo:hq]')
    Servers  = @('EX01')
    Edge     = $false
    Version  = 'Version 15.1 '
    # What must hold before the first change.
    Check    = @{
        Recipients = @(
            @{ Domain = 'contoso.com'; Count = 2; Listed = @('bob@contoso.com', 'john@contoso.com') }
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
            Name         = 'Inbound from Office 365'
            From         = 'routes: To own servers'
            Why          = 'The spec writes this route.'
            FormerNames  = @('hq from cloud')
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
                Comment               = '[mailtopo:hq] routes: To own servers'
            }
        },
        @{
            Kind = 'SendConnector'
            Name = 'Outbound to Office 365'
            From = 'routes: Outbound to Office 365'
            Why  = 'The spec writes this route.'
            Properties = @{
                Enabled                  = $true
                AddressSpaces            = @('*;1')
                SourceTransportServers   = @('EX01')
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
                Comment                  = '[mailtopo:hq] routes: Outbound to Office 365'
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
