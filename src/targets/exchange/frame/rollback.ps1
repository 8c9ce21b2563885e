# What there is now comes from apply.ps1 and the spec; it need not be saved again.
function Save-State { }

# The objects of a kind as they were saved.
function Get-Saved([string] $Kind) {
    foreach ($state in @($file['Objects'])) { if ($state['Kind'] -eq $Kind) { $state } }
}

# Whether an object is ours to put back: it carries the mark now, or did. A domain or a setting carries none.
function Test-Ours($State) {
    $values = $State['Values']
    if (-not $values.ContainsKey('Comment') -and -not $values.ContainsKey('Comments')) { return $true }
    $comment = [string] $values['Comment'] + [string] $values['Comments']
    if ($comment.StartsWith($mark)) { return $true }
    $object = Find-Present $State['Kind'] $State['Name']
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
