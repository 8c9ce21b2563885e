function Restore-Domain($State) {
    Restore-Object $State { New-AcceptedDomain -Name $name -DomainName $name @given @safely } { Set-AcceptedDomain -Identity $identity @with @safely }
}

foreach ($state in @(Get-Saved 'ReceiveConnector')) {
    $connector = ($state['Name'] -split '\\', 2)[1]
    Restore-Name $state { Set-ReceiveConnector -Identity $old -Name $connector @safely }
}
foreach ($state in @(Get-Saved 'SendConnector')) { Restore-Name $state { Set-SendConnector -Identity $old -Name $name @safely } }
# Under its own name everything is found from here on.
if (-not $WhatIfPreference) { $present = Get-Present; $formerly = @{} }

# A domain is relaxed before, and made authoritative after everything that takes its mail elsewhere.
foreach ($state in @(Get-Saved 'AcceptedDomain')) { if ($state['Values']['DomainType'] -ne 'Authoritative') { Restore-Domain $state } }
foreach ($state in @(Get-Saved 'RemoteDomain')) {
    Restore-Object $state $null { Set-RemoteDomain -Identity $identity @with @safely }
}
foreach ($state in @(Get-Saved 'ReceiveConnector')) {
    $server, $connector = $state['Name'] -split '\\', 2
    $role = @{}
    if ($state['TransportRole'] -ne '') { $role['TransportRole'] = $state['TransportRole'] }
    Restore-Object $state { New-ReceiveConnector -Name $connector -Server $server -Usage 'Custom' @given @role @safely } { Set-ReceiveConnector -Identity $identity @with @safely }
    $live = Get-ReceiveConnector -Identity $state['Name'] -ErrorAction SilentlyContinue
    if ($null -eq $live -or -not (Test-Ours $state)) { continue }
    $dn = $live.DistinguishedName
    $allowed = Test-AnyRecipient $live
    if ($allowed -and -not $state['AnyRecipient']) {
        Invoke-Change ('ReceiveConnector ' + $state['Name']) 'Take the right to relay' { Remove-ADPermission -Identity $dn -User $anonymous -ExtendedRights $anyRecipient @safely }
    }
    if (-not $allowed -and $state['AnyRecipient']) {
        Invoke-Change ('ReceiveConnector ' + $state['Name']) 'Grant the right to relay' { Add-ADPermission -Identity $dn -User $anonymous -ExtendedRights $anyRecipient @safely }
    }
}
foreach ($state in @(Get-Saved 'SendConnector')) {
    Restore-Object $state { New-SendConnector -Name $name -Usage 'Custom' @given @safely } { Set-SendConnector -Identity $identity @with @safely }
}
foreach ($object in @(Get-Added 'SendConnector')) {
    $identity = [string] $object.Identity
    Invoke-Change ('SendConnector ' + $identity) 'Remove' { Remove-SendConnector -Identity $identity @safely }
}
foreach ($object in @(Get-Added 'ReceiveConnector')) {
    $identity = [string] $object.Identity
    Invoke-Change ('ReceiveConnector ' + $identity) 'Remove' { Remove-ReceiveConnector -Identity $identity @safely }
}
foreach ($state in @(Get-Saved 'AcceptedDomain')) { if ($state['Values']['DomainType'] -eq 'Authoritative') { Restore-Domain $state } }
foreach ($object in @(Get-Added 'AcceptedDomain')) {
    $identity = [string] $object.Identity
    Invoke-Change ('AcceptedDomain ' + [string] $object.DomainName) 'Remove' { Remove-AcceptedDomain -Identity $identity @safely }
}
foreach ($object in @(Get-Added 'RemoteDomain')) {
    $identity = [string] $object.Identity
    Invoke-Change ('RemoteDomain ' + [string] $object.DomainName) 'Remove' { Remove-RemoteDomain -Identity $identity @safely }
}

if ($done.Count -eq 0) { Write-Host 'Everything is as it was saved.' }
exit 0
