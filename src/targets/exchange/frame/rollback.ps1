# What there is now comes from apply.ps1 and the spec; it need not be saved again.
function Save-State { }

# The objects of a kind as they were saved.
function Get-Saved([string] $Kind) {
    foreach ($state in @($file['Objects'])) { if ($state['Kind'] -eq $Kind) { $state } }
}

# Puts one object back, whether it was changed or removed.
function Restore-Object($State, [scriptblock] $New, [scriptblock] $Set) {
    $kind = $State['Kind']
    $name = $State['Name']
    $target = $kind + ' ' + $name
    $with = $State['Values']
    $given = @{}
    foreach ($property in @($with.Keys)) { if ($null -ne $with[$property]) { $given[$property] = $with[$property] } }
    $object = Find-Present $kind $name
    if ($null -eq $object) {
        if ($null -eq $New) { Write-Warning ($target + ' is gone, and no cmdlet can create it.'); return }
        Invoke-Change $target 'Create again' $New
        return
    }
    $differences = @(Find-Difference $object $with)
    if ($differences.Count -eq 0) { return }
    foreach ($line in $differences) { Write-Host ('  ' + $target + ': ' + $line) }
    $identity = [string] (Get-Property $object 'Identity')
    Invoke-Change $target 'Put back' $Set
}

# What apply.ps1 made since: it carries the mark and was not there before.
function Get-Added([string] $Kind) {
    $before = @(Get-Saved $Kind | ForEach-Object { $_['Name'] })
    $key = 'Name'
    if ($keys.ContainsKey($Kind)) { $key = $keys[$Kind] }
    foreach ($object in @($present[$Kind])) {
        if ($null -ne $object -and (Test-Mark $object) -and $before -notcontains [string] (Get-Property $object $key)) { $object }
    }
}

$file = Import-Clixml -Path $Saved
if ($file['Format'] -ne 1 -or $file['Mark'] -cne $mark) { throw ($Saved + ' was saved for another location, or by another version.') }
