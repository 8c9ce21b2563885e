@{
    AllNodes = @(
        @{
            NodeName = "localhost"
        }
    )
    NonNodeData = @(
        @{
            OrganizationName = "contoso.onmicrosoft.com"
        }
    )
}
