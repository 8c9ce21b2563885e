# The host that takes a domain's mail: as the tenant expects it, else as its administration says, else as the domain's
# own MX says where it leads to Exchange Online already. Nothing is computed: the name can be any.
function Find-MxHost([string] $Domain) {
    $expected = Find-ExpectedHost $Domain
    if ($expected) { return $expected }
    if ($null -ne (Get-Command -Name Get-MgDomainServiceConfigurationRecord -ErrorAction SilentlyContinue)) {
        try {
            foreach ($record in @(Get-MgDomainServiceConfigurationRecord -DomainId $Domain -ErrorAction Stop)) {
                if ($record.RecordType -eq 'Mx') { return [string] $record.AdditionalProperties['mailExchange'] }
            }
        }
        catch { Write-Verbose $_.Exception.Message }
    }
    $ordinal = [System.StringComparison]::OrdinalIgnoreCase
    if ($null -ne (Get-Command -Name Resolve-DnsName -ErrorAction SilentlyContinue)) {
        foreach ($record in @(Resolve-DnsName -Name $Domain -Type MX -ErrorAction SilentlyContinue)) {
            $exchange = ([string] (Get-Property $record 'NameExchange')).TrimEnd('.')
            if ($exchange.EndsWith($mxSuffix, $ordinal) -or $exchange.EndsWith('.mx.microsoft', $ordinal)) { return $exchange }
        }
    }
}

function Write-Mx($Domains) {
    $found = @()
    $missing = @()
    foreach ($domain in $Domains) {
        $mx = Find-MxHost $domain
        if ($mx) { $found += (Quote $domain) + ': ' + (Quote $mx) }
        else { $missing += $domain + ': in the Microsoft 365 admin center, Settings, Domains, ' + $domain + ', DNS records, MX' }
    }
    Write-Section 'mx' $found $missing
}

function Write-Dkim($Domains) {
    $found = @()
    $missing = @()
    foreach ($domain in $Domains) {
        $config = Get-DkimSigningConfig -Identity $domain -ErrorAction SilentlyContinue
        if ($null -eq $config) { $missing += $domain + ': has no DKIM keys yet; apply.ps1 makes them'; continue }
        $found += (Quote $domain) + ': {selector1: ' + (Quote $config.Selector1CNAME) + ', selector2: ' + (Quote $config.Selector2CNAME) + '}'
    }
    Write-Section 'dkim' $found $missing
}
