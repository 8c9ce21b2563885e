# What -Prune uses besides.
$removes = @{ 'Remove-SendConnector' = @('Identity'); 'Remove-ReceiveConnector' = @('Identity') }

# What is saved of a receive connector beside its properties.
function Add-State($State, $Object) {
    if ($State['Kind'] -ne 'ReceiveConnector') { return }
    $State['AnyRecipient'] = Test-AnyRecipient $Object
    $State['TransportRole'] = [string] (Get-Property $Object 'TransportRole')
}

# Asks for the password that a smart host wants; it is kept nowhere but in the connector.
function Read-Credential([string] $Name) {
    Write-Host ('The smart host wants a login: enter user and password of ' + $Name + '.')
    Get-Credential
}

# Lets clients that do not log on send to any recipient through a receive connector, or no longer. This right stands in
# the directory beside the connector, not in it.
function Set-AnyRecipient([string] $Name, [bool] $Allowed) {
    $connector = Get-ReceiveConnector -Identity $Name -ErrorAction SilentlyContinue
    if ($null -eq $connector) { return }
    if ((Test-AnyRecipient $connector) -eq $Allowed) { return }
    $dn = $connector.DistinguishedName
    if (-not $Allowed) {
        Invoke-Change ('ReceiveConnector ' + $Name) 'Take the right to relay' {
            Remove-ADPermission -Identity $dn -User $anonymous -ExtendedRights $anyRecipient @safely
        }
        return
    }
    Invoke-Change ('ReceiveConnector ' + $Name) 'Grant the right to relay' {
        # A new connector may not have reached every domain controller yet.
        for ($try = 1; $true; $try++) {
            try { Add-ADPermission -Identity $dn -User $anonymous -ExtendedRights $anyRecipient @safely; break }
            catch { if ($try -ge 6) { throw }; Start-Sleep -Seconds 10 }
        }
    }
}

# Reports what an earlier run made and the spec no longer has; removes it with -Prune. Names what others made.
function Remove-Leftover {
    $others = @()
    foreach ($kind in @('SendConnector', 'ReceiveConnector')) {
        foreach ($object in $present[$kind]) {
            $name = Get-ObjectName $kind $object
            $target = $kind + ' ' + $name
            if ($seen.ContainsKey($target)) { continue }
            if (-not (Test-Mark $object)) { $others += $target; continue }
            if (-not $Prune) { Write-Warning ($target + ' is no longer in the spec. It still works; -Prune removes it.'); continue }
            if ($kind -eq 'SendConnector') { Invoke-Change $target 'Remove' { Remove-SendConnector -Identity $name @safely } }
            if ($kind -eq 'ReceiveConnector') { Invoke-Change $target 'Remove' { Remove-ReceiveConnector -Identity $name @safely } }
        }
    }
    if ($others.Count -gt 0) { Write-Host ('Left alone, because mailtopo did not make them: ' + [string]::Join(', ', [string[]] $others)) }
}
