function Restore-Domain($State) {
    Restore-Object $State $null { Set-AcceptedDomain -Identity $name @with @safely }
}

foreach ($state in @(Get-Saved 'InboundConnector')) { Restore-Name $state { Set-InboundConnector -Identity $old -Name $name @safely } }
foreach ($state in @(Get-Saved 'OutboundConnector')) { Restore-Name $state { Set-OutboundConnector -Identity $old -Name $name @safely } }
foreach ($state in @(Get-Saved 'TransportRule')) { Restore-Name $state { Set-TransportRule -Identity $old -Name $name @safely } }
# Under its own name everything is found from here on.
if (-not $WhatIfPreference) { $present = Get-Present; $formerly = @{} }

# A domain is relaxed before, and made authoritative after everything that takes its mail elsewhere.
foreach ($state in @(Get-Saved 'AcceptedDomain')) { if ($state['Values']['DomainType'] -ne 'Authoritative') { Restore-Domain $state } }
foreach ($state in @(Get-Saved 'InboundConnector')) {
    Restore-Object $state { New-InboundConnector -Name $name @given @safely } { Set-InboundConnector -Identity $name @with @safely }
}
foreach ($state in @(Get-Saved 'OutboundConnector')) {
    Restore-Object $state { New-OutboundConnector -Name $name @given @safely } { Set-OutboundConnector -Identity $name @with @safely }
}
foreach ($state in @(Get-Saved 'TransportRule')) {
    Restore-Object $state { New-TransportRule -Name $name @given @safely } { Set-TransportRule -Identity $name @with @safely }
}
foreach ($object in @(Get-Added 'TransportRule')) {
    $name = [string] $object.Name
    Invoke-Change ('TransportRule ' + $name) 'Remove' { Remove-TransportRule -Identity $name @safely }
}
foreach ($object in @(Get-Added 'OutboundConnector')) {
    $name = [string] $object.Name
    Invoke-Change ('OutboundConnector ' + $name) 'Remove' { Remove-OutboundConnector -Identity $name @safely }
}
foreach ($object in @(Get-Added 'InboundConnector')) {
    $name = [string] $object.Name
    Invoke-Change ('InboundConnector ' + $name) 'Remove' { Remove-InboundConnector -Identity $name @safely }
}

foreach ($state in @(Get-Saved 'TransportRule')) {
    $name = $state['Name']
    $rule = Get-TransportRule -Identity $name -ErrorAction SilentlyContinue
    if ($null -eq $rule -or -not (Test-Ours $state)) { continue }
    if ($state['State'] -eq 'Enabled' -and [string] $rule.State -ne 'Enabled') {
        Invoke-Change ('TransportRule ' + $name) 'Enable' { Enable-TransportRule -Identity $name @safely }
    }
    if ($state['State'] -eq 'Disabled' -and [string] $rule.State -ne 'Disabled') {
        Invoke-Change ('TransportRule ' + $name) 'Disable' { Disable-TransportRule -Identity $name @safely }
    }
}

# Moving one rule shifts others, so that this is done until all stand where they stood.
$ordered = @(Get-Saved 'TransportRule' | Where-Object { Test-Ours $_ } | Sort-Object { $_['Priority'] })
foreach ($pass in $ordered) {
    $moved = $done.Count
    foreach ($state in $ordered) {
        $name = $state['Name']
        $priority = $state['Priority']
        $rule = Get-TransportRule -Identity $name -ErrorAction SilentlyContinue
        if ($null -eq $rule -or [int] $rule.Priority -eq $priority) { continue }
        Invoke-Change ('TransportRule ' + $name) ('Move to priority ' + $priority) { Set-TransportRule -Identity $name -Priority $priority @safely }
    }
    if ($done.Count -eq $moved) { break }
}
foreach ($state in @(Get-Saved 'AcceptedDomain')) { if ($state['Values']['DomainType'] -eq 'Authoritative') { Restore-Domain $state } }
foreach ($state in @(Get-Saved 'DkimSigningConfig')) { Restore-Object $state $null { Set-DkimSigningConfig -Identity $name @with @safely } }
foreach ($object in @(Get-Added 'DkimSigningConfig')) {
    $name = [string] $object.Domain
    if ($object.Enabled) { Invoke-Change ('DKIM of ' + $name) 'Disable' { Set-DkimSigningConfig -Identity $name -Enabled $false @safely } }
    Invoke-Change ('DKIM keys of ' + $name) 'Remove' { Remove-DkimSigningConfig -Identity $name @safely }
}

if ($done.Count -eq 0) { Write-Host 'Everything is as it was saved.' }
exit 0
