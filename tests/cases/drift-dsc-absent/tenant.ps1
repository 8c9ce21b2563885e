Configuration M365TenantConfig
{
    $OrganizationName = 'contoso.onmicrosoft.com'
    Import-DscResource -ModuleName 'Microsoft365DSC'
    Node localhost
    {
        EXOAcceptedDomain "EXOAcceptedDomain-contoso.com"
        {
            DomainType      = "Authoritative";
            Ensure          = "Present";
            Identity        = "contoso.com";
            MatchSubDomains = $False;
        }
        EXOAcceptedDomain "EXOAcceptedDomain-contoso.onmicrosoft.com"
        {
            DomainType      = "Authoritative";
            Ensure          = "Present";
            Identity        = "contoso.onmicrosoft.com";
            MatchSubDomains = $False;
        }
        EXOOutboundConnector "EXOOutboundConnector-1"
        {
            Ensure   = "Absent";
            Identity = "To relay";
        }
    }
}
