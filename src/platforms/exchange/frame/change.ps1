# Goes with every call that changes something: an error stops the script, and whoever wants to be asked was asked before.
$safely = @{ ErrorAction = 'Stop'; Confirm = $false }

# Stops unless this shell has every cmdlet and parameter that will be used. A missing one is a missing permission, too:
# Exchange shows nobody what they may not use.
function Assert-Command($Needs) {
    $missing = @()
    foreach ($name in @($Needs.Keys | Sort-Object)) {
        $command = @(Get-Command -Name $name -CommandType Cmdlet, Function -ErrorAction SilentlyContinue)
        if ($command.Count -eq 0) { $missing += $name; continue }
        foreach ($parameter in @($Needs[$name])) {
            if (-not $command[0].Parameters.ContainsKey($parameter)) { $missing += $name + ' -' + $parameter }
        }
    }
    if ($missing.Count -gt 0) {
        throw ('This account or this shell does not have: ' + [string]::Join(', ', [string[]] $missing))
    }
}

$caller = $PSCmdlet
$done = @()
$seen = @{}

trap {
    Write-Host ''
    Write-Host ('Stopped: ' + $_.Exception.Message) -ForegroundColor Red
    if ($done.Count -eq 0) { Write-Host 'Nothing has been changed.' }
    else {
        Write-Host 'Done before that:'
        foreach ($line in $done) { Write-Host ('  ' + $line) }
        if ($saved -ne '') { Write-Host ('To go back: .\rollback.ps1 -Saved "' + $saved + '"') }
    }
    exit 1
}

# Does one thing, unless the caller only wants to know or says no.
function Invoke-Change([string] $Target, [string] $Action, [scriptblock] $Change) {
    if (-not $caller.ShouldProcess($Target, $Action)) { return }
    Save-State
    & $Change | Out-Null
    $script:done += $Action + ': ' + $Target
    Write-Host ($Action + ': ' + $Target) -ForegroundColor Green
}

# Gives an object another name, so that it need not be made anew beside the old one.
function Rename-Object([string] $Kind, [string] $Old, [string] $Name, [scriptblock] $Set) {
    $target = $Kind + ' ' + $Name
    $object = Find-Present $Kind $Old
    if ($null -eq $object) { return }
    if ($null -ne (Find-Present $Kind $Name)) {
        Write-Warning ($target + ' exists beside ' + $Old + ', its earlier name. Both work until one of them is removed.')
        return
    }
    if (-not (Test-Mark $object)) { Write-Warning ($Kind + ' ' + $Old + ' was not made by mailtopo. The spec names it, so it is renamed.') }
    $before = $done.Count
    Invoke-Change ($Kind + ' ' + $Old) ('Rename to ' + $Name) $Set
    # From here on it counts as renamed, also for somebody who only wants to know.
    if ($done.Count -gt $before -or $WhatIfPreference) {
        $script:formerly[$target] = $Old
        $script:seen[$Kind + ' ' + $Old] = $true
    }
}
