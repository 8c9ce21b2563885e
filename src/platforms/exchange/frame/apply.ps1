$saved = ''
# What was left out for want of -Lock.
$waiting = @()

# A value as the file keeps it: truth, number, text, or a list of texts.
function ConvertTo-Plain([string] $Property, $Value) {
    if ($null -eq $Value -or $Value -is [bool] -or $Value -is [int]) { return $Value }
    if ($Property -eq 'MaxMessageSize') { return (ConvertTo-Octets ([string] $Value)) }
    # Custom is shown there, but not taken.
    if ($flags -contains $Property) {
        foreach ($item in @($Value)) { @([string] $item -split ', *') -ne 'Custom' }
        return
    }
    if ($Value -is [string] -or $Value -isnot [System.Collections.IEnumerable]) { return [string] $Value }
    foreach ($item in $Value) { [string] $item }
}

# Everything that a later change could touch, in a form that does not depend on the types of this shell.
function Get-Snapshot {
    foreach ($kind in @($restorable.Keys | Sort-Object)) {
        $set = Get-Command -Name ('Set-' + $kind) -ErrorAction SilentlyContinue
        # What this account may not change needs no way back.
        if ($null -eq $set) { continue }
        foreach ($object in $present[$kind]) {
            $values = @{}
            foreach ($property in $restorable[$kind]) {
                if ($set.Parameters.ContainsKey($property)) { $values[$property] = ConvertTo-Plain $property (Get-Property $object $property) }
            }
            $state = @{ Kind = $kind; Name = (Get-ObjectName $kind $object); Guid = [string] (Get-Property $object 'Guid'); Values = $values }
            Add-State $state $object
            $state
        }
    }
}

# What this script would make and can mark nowhere: the way back knows it only from the file.
function Get-Missing {
    foreach ($target in $unmarked) {
        $kind, $name = $target -split ' ', 2
        if ($null -eq (Find-Present $kind $name)) { $target }
    }
}

function Save-State {
    if ($script:saved -ne '') { return }
    # Saving is no change that anybody would want to be asked about.
    $ConfirmPreference = 'None'
    $path = $SaveTo
    if ($path -eq '') { $path = Join-Path $HOME ('mailtopo-' + $location + '-' + (Get-Date).ToString('yyyyMMdd-HHmmss') + '.xml') }
    if (Test-Path -LiteralPath $path) { throw ($path + ' exists; the state before an earlier run is not overwritten.') }
    Export-Clixml -Path $path -Depth 6 -InputObject @{ Format = 1; Mark = $marks[0]; Objects = @(Get-Snapshot); Missing = @(Get-Missing) }
    $script:saved = $path
    Write-Host ('The present state is saved in ' + $path)
}

# Makes an object, or changes it where it differs. What $With has as $null is cleared on an object that exists, and left
# out ($given) on a new one. What refuses mail waits for -Lock.
function Step([string] $Kind, [string] $Name, $With, [scriptblock] $New, [scriptblock] $Set, [switch] $Locks) {
    $target = $Kind + ' ' + $Name
    $script:seen[$target] = $true
    $given = @{}
    foreach ($property in $With.Keys) { if ($null -ne $With[$property]) { $given[$property] = $With[$property] } }
    $object = Find-Present $Kind $Name
    if ($null -eq $object) {
        if ($Locks -and -not $Lock) { $script:waiting += $target; return }
        if ($null -eq $New) { throw ($target + ' does not exist, and no cmdlet can create it.') }
        Invoke-Change $target 'Create' $New
        return
    }
    $differences = @(Find-Difference $object $With)
    if ($differences.Count -eq 0) { Write-Host ('As it shall be: ' + $target); return }
    if ($Locks -and -not $Lock) { $script:waiting += $target; return }
    if (@('InboundConnector', 'OutboundConnector', 'SendConnector', 'ReceiveConnector', 'TransportRule') -contains $Kind -and -not (Test-Mark $object)) {
        Write-Warning ($target + ' was not made by mailtopo. The spec names it, so it is changed.')
    }
    foreach ($line in $differences) { Write-Host ('  ' + $line) }
    $identity = [string] (Get-Property $object 'Identity')
    Invoke-Change $target 'Change' $Set
}
