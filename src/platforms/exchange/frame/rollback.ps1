# What there is now comes from apply.ps1 and the spec; it need not be saved again.
function Save-State { }

# The objects of a kind as they were saved.
function Get-Saved([string] $Kind) {
    foreach ($state in @($file['Objects'])) { if ($null -ne $state -and $state['Kind'] -eq $Kind) { $state } }
}

# What a saved object is now: by its name, or renamed.
function Find-Again($State) {
    $object = Find-Present $State['Kind'] $State['Name']
    if ($null -ne $object -or $State['Guid'] -eq '') { return $object }
    foreach ($other in @($present[$State['Kind']])) {
        if ($null -ne $other -and [string] (Get-Property $other 'Guid') -eq $State['Guid']) { return $other }
    }
}

# Whether an object is ours to put back: it carries the mark now, or did. A domain or a setting carries none.
function Test-Ours($State) {
    $values = $State['Values']
    if (-not $values.ContainsKey('Comment') -and -not $values.ContainsKey('Comments')) { return $true }
    if (Test-MarkText ([string] $values['Comment'] + [string] $values['Comments'])) { return $true }
    $object = Find-Again $State
    $null -ne $object -and (Test-Mark $object)
}

# Puts one object back, whether it was changed or removed. What somebody else has changed since is left as it is.
function Restore-Object($State, [scriptblock] $New, [scriptblock] $Set) {
    $kind = $State['Kind']
    $name = $State['Name']
    $target = $kind + ' ' + $name
    $with = $State['Values']
    $given = @{}
    foreach ($property in @($with.Keys)) { if ($null -ne $with[$property]) { $given[$property] = $with[$property] } }
    $object = Find-Present $kind $name
    $foreign = -not (Test-Ours $State)
    if ($null -eq $object) {
        if ($foreign) { Write-Warning ($target + ' was removed by somebody else, and is left so.'); return }
        if ($null -eq $New) { Write-Warning ($target + ' is gone, and no cmdlet can create it.'); return }
        Invoke-Change $target 'Create again' $New
        return
    }
    $differences = @(Find-Difference $object $with)
    if ($differences.Count -eq 0) { return }
    if ($foreign) { Write-Warning ($target + ' was changed by somebody else, and is left so.'); return }
    foreach ($line in $differences) { Write-Host ('  ' + $target + ': ' + $line) }
    $identity = [string] (Get-Property $object 'Identity')
    Invoke-Change $target 'Put back' $Set
}

# Gives an object that was renamed its name back.
function Restore-Name($State, [scriptblock] $Set) {
    $kind = $State['Kind']
    if ($null -ne (Find-Present $kind $State['Name']) -or -not (Test-Ours $State)) { return }
    $object = Find-Again $State
    if ($null -ne $object) { Rename-Object $kind (Get-ObjectName $kind $object) $State['Name'] $Set }
}

# What apply.ps1 made since: it carries the mark, or was missing when the file was saved, and was not there before under
# whatever name.
function Get-Added([string] $Kind) {
    $names = @(Get-Saved $Kind | ForEach-Object { $_['Name'] })
    $guids = @(Get-Saved $Kind | ForEach-Object { $_['Guid'] })
    foreach ($object in @($present[$Kind])) {
        if ($null -eq $object) { continue }
        $name = Get-ObjectName $Kind $object
        $guid = [string] (Get-Property $object 'Guid')
        if ($names -contains $name -or ($guid -ne '' -and $guids -contains $guid)) { continue }
        if ((Test-Mark $object) -or @($file['Missing']) -contains ($Kind + ' ' + $name)) { $object }
    }
}

# The kinds of objects that the file speaks of.
function Get-SavedKind {
    $kinds = @{}
    foreach ($state in @($file['Objects'])) { if ($null -ne $state) { $kinds[$state['Kind']] = $true } }
    foreach ($target in @($file['Missing'])) { if ($null -ne $target) { $kinds[($target -split ' ', 2)[0]] = $true } }
    foreach ($kind in $removable) { $kinds[$kind] = $true }
    $kinds.Keys | Sort-Object
}

function Get-Present {
    $found = @{}
    foreach ($kind in @(Get-SavedKind)) { $found[$kind] = @(& $readers[$kind]) }
    $found
}

# The cmdlets and parameters that putting it back can take.
function Get-Need {
    $needs = @{}
    foreach ($kind in $removable) { $needs['New-' + $kind] = @(); $needs['Set-' + $kind] = @(); $needs['Remove-' + $kind] = @() }
    foreach ($state in @($file['Objects'])) { if ($null -ne $state) { $needs['Set-' + $state['Kind']] = @($state['Values'].Keys) } }
    $needs
}

$file = Import-Clixml -Path $Saved
if ($file['Format'] -ne 1 -or $marks -cnotcontains $file['Mark']) { throw ($Saved + ' was saved for another location, or by another version.') }
