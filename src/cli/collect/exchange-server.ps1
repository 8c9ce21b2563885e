# Run in the Exchange Management Shell of one server; it only reads.
# It holds neither who may relay nor the certificates: `facts.ps1 -OutFile hq.json` of a compiled spec holds both.
# Then: mailtopo import hq=FOLDER --out spec
Get-AcceptedDomain     | Export-Clixml -Depth 3 domains.xml
Get-SendConnector      | Export-Clixml -Depth 3 send.xml
Get-ReceiveConnector   | Export-Clixml -Depth 3 receive.xml
Get-RemoteDomain       | Export-Clixml -Depth 3 remote-domains.xml
Get-TransportConfig    | Export-Clixml -Depth 3 transport.xml
