# The signed host that the tenant wants in a domain's MX, where DNSSEC is enabled for it.
function Find-ExpectedHost([string] $Domain) {
    try {
        $status = Get-DnssecStatusForVerifiedDomain -DomainName $Domain -ErrorAction Stop
        $expected = [string] (Get-Property $status 'ExpectedMxRecord')
        if ($expected -match '([a-z0-9-]+\.)+mx\.microsoft') { $matches[0] }
    }
    catch { Write-Verbose $_.Exception.Message }
}

# The facts file has no key for this; it is shown for whoever publishes the records.
function Write-Dnssec($Domains) {
    foreach ($domain in $Domains) {
        $status = Get-DnssecStatusForVerifiedDomain -DomainName $domain -ErrorAction SilentlyContinue
        $feature = 'unknown'
        if ($null -ne $status) { $feature = Get-Property $status 'DnssecFeatureStatus' }
        '  # DNSSEC of the host that takes mail for ' + $domain + ': ' + [string] $feature
    }
}
