# Run in a session of Connect-ExchangeOnline; it only reads.
# Then: mailtopo import cloud=FOLDER --out spec
Get-AcceptedDomain     | Export-Clixml -Depth 3 domains.xml
Get-InboundConnector   | Export-Clixml -Depth 3 inbound.xml
Get-OutboundConnector  | Export-Clixml -Depth 3 outbound.xml
Get-TransportRule      | Export-Clixml -Depth 3 rules.xml
Get-DkimSigningConfig  | Export-Clixml -Depth 3 dkim.xml
Get-OrganizationConfig | Export-Clixml -Depth 3 organization.xml
Get-TransportConfig    | Export-Clixml -Depth 3 transport.xml
Get-RemoteDomain       | Export-Clixml -Depth 3 remote-domains.xml
