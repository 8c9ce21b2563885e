# What -Prune uses besides.
$removes = @{ 'Remove-TransportRule' = @('Identity'); 'Remove-OutboundConnector' = @('Identity'); 'Remove-InboundConnector' = @('Identity') }

# What is saved of a rule beside its properties.
function Add-State($State, $Object) {
    if ($State['Kind'] -ne 'TransportRule') { return }
    $State['State'] = [string] (Get-Property $Object 'State')
    $State['Priority'] = [int] (Get-Property $Object 'Priority')
}

# Stops unless the tenant has these domains: no cmdlet can add one.
function Assert-Domain($Domains) {
    foreach ($domain in $Domains) {
        if ($null -eq (Find-Present 'AcceptedDomain' $domain)) {
            throw ($domain + ' is no accepted domain of this tenant. Add and verify it in the Microsoft 365 admin center, then run this script again.')
        }
    }
}

# Stops where the tenant was never customized: then some settings cannot be changed, and that would show half-way.
function Assert-Customized {
    if ([string] (Get-Property (Get-OrganizationConfig -ErrorAction Stop) 'IsDehydrated') -eq 'True') {
        throw 'This tenant was never customized. Run Enable-OrganizationCustomization once, wait some minutes, and run this script again.'
    }
}

# Stops where a rule that somebody else made would be taken over with parts that no spec knows: it would do something else
# than the spec says. The same in a rule of ours is said, and stays.
function Assert-Rule($Names) {
    foreach ($name in $Names) {
        $rule = Find-Present 'TransportRule' $name
        if ($null -eq $rule) { continue }
        $others = @(Find-OtherPart $rule)
        if ($others.Count -eq 0) { continue }
        $what = 'TransportRule ' + $name + ' has parts that a spec cannot say: ' + [string]::Join(', ', [string[]] $others)
        if (-not (Test-Mark $rule)) { throw ($what + '. mailtopo did not make it. Remove these parts, or give the rule of the spec another name.') }
        Write-Warning ($what + '. They stay. Remove them in the Exchange admin center if the rule shall do what the spec says.')
    }
}

function Set-RuleState([string] $Name, [string] $State) {
    $rule = Get-TransportRule -Identity $Name -ErrorAction SilentlyContinue
    if ($null -eq $rule -or [string] $rule.State -eq $State) { return }
    if ($State -eq 'Enabled') { Invoke-Change ('TransportRule ' + $Name) 'Enable' { Enable-TransportRule -Identity $Name @safely } }
    else { Invoke-Change ('TransportRule ' + $Name) 'Disable' { Disable-TransportRule -Identity $Name @safely } }
}

# Puts these rules into this order; rules of others stay where they are between them.
function Set-RuleOrder($Names) {
    $before = $null
    foreach ($name in $Names) {
        $rule = Get-TransportRule -Identity $name -ErrorAction SilentlyContinue
        if ($null -eq $rule) { continue }
        $priority = [int] $rule.Priority
        if ($null -ne $before -and $priority -lt $before) {
            $priority = $before
            Invoke-Change ('TransportRule ' + $name) ('Move to priority ' + $priority) { Set-TransportRule -Identity $name -Priority $priority @safely }
        }
        $before = $priority
    }
}

# Trusts more ARC sealers; those that are trusted already stay.
function Add-ArcSealer($Sealers) {
    $trusted = @()
    foreach ($config in $present['ArcConfig']) {
        foreach ($sealer in @(Get-Property $config 'ArcTrustedSealers')) { $trusted += @(([string] $sealer -split ', *') -ne '') }
    }
    $missing = @($Sealers | Where-Object { $trusted -notcontains $_ })
    if ($missing.Count -eq 0) { Write-Host 'As it shall be: trusted ARC sealers'; return }
    $all = [string[]] @($trusted + $missing)
    Invoke-Change ('ARC sealers ' + [string]::Join(', ', [string[]] $missing)) 'Trust' { Set-ArcConfig -Identity 'Default' -ArcTrustedSealers $all @safely }
}

# Makes the keys that a domain signs with, and signs as soon as their records can be found.
function Enable-Dkim([string] $Domain) {
    $config = Find-Present 'DkimSigningConfig' $Domain
    if ($null -ne $config -and $config.Enabled) { Write-Host ('As it shall be: DKIM of ' + $Domain); return }
    if ($null -eq $config) {
        Invoke-Change ('DKIM keys of ' + $Domain) 'Create' { New-DkimSigningConfig -DomainName $Domain -Enabled $false -KeySize 2048 @safely }
        Write-Host ('  ' + $Domain + ' does not sign yet: run facts.ps1, publish the two records, run this script again.')
        return
    }
    if (-not $caller.ShouldProcess('DKIM of ' + $Domain, 'Enable')) { return }
    Save-State
    try {
        Set-DkimSigningConfig -Identity $Domain -Enabled $true @safely | Out-Null
        $script:done += 'Enable: DKIM of ' + $Domain
        Write-Host ('Enable: DKIM of ' + $Domain) -ForegroundColor Green
    }
    catch {
        Write-Warning ($Domain + ' does not sign yet. Publish the two records that facts.ps1 shows, wait, and run this script again. ' + $_.Exception.Message)
    }
}

# Reports what an earlier run made and the spec no longer has; removes it with -Prune. Names what others made.
function Remove-Leftover {
    $others = @()
    foreach ($kind in @('TransportRule', 'OutboundConnector', 'InboundConnector')) {
        foreach ($object in $present[$kind]) {
            $name = Get-ObjectName $kind $object
            $target = $kind + ' ' + $name
            if ($seen.ContainsKey($target)) { continue }
            if (-not (Test-Mark $object)) { $others += $target; continue }
            if (-not $Prune) { Write-Warning ($target + ' is no longer in the spec. It still works; -Prune removes it.'); continue }
            if ($kind -eq 'TransportRule') { Invoke-Change $target 'Remove' { Remove-TransportRule -Identity $name @safely } }
            if ($kind -eq 'OutboundConnector') { Invoke-Change $target 'Remove' { Remove-OutboundConnector -Identity $name @safely } }
            if ($kind -eq 'InboundConnector') { Invoke-Change $target 'Remove' { Remove-InboundConnector -Identity $name @safely } }
        }
    }
    if ($others.Count -gt 0) { Write-Host ('Left alone, because mailtopo did not make them: ' + [string]::Join(', ', [string[]] $others)) }
}
