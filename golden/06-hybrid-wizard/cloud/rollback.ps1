#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# Puts back what apply.ps1 saved before it changed anything: connectors with their names, rules with their state and
# order, domains, settings, DKIM, and the right to relay. What apply.ps1 has made since is removed; what somebody else has
# made or changed since stays. Passwords of smart hosts are in no file, and stay as they are.
#
#   .\rollback.ps1 -Saved FILE -WhatIf     says what it would do
#   .\rollback.ps1 -Saved FILE -Confirm    asks before every change
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)]
    [string] $Saved
)

$location = 'cloud'
$marks = @('[mailtopo:cloud]')
$tenant = 'contoso.onmicrosoft.com'
$mxSuffix = '.mail.protection.outlook.com'
# What can be made again, and removed.
$removable = @('InboundConnector', 'OutboundConnector', 'TransportRule')

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

function Get-Property($Object, [string] $Property) {
    $found = $Object.PSObject.Properties[$Property]
    if ($null -ne $found) { $found.Value }
}

# The property by which an object is found, where it is not the name; and of what there is one alone.
$keys = @{ AcceptedDomain = 'DomainName'; RemoteDomain = 'DomainName'; ReceiveConnector = 'Identity'; DkimSigningConfig = 'Domain'
    CASMailbox = 'PrimarySmtpAddress' }
$single = @('OrganizationConfig', 'TransportConfig', 'ArcConfig')

# What exists, by kind; read once the shell is known to be the right one.
$present = @{}

# The names under which it was read, by kind and new name, of what has been renamed since.
$formerly = @{}

# A size as Exchange shows it, or as it is typed, in octets.
function ConvertTo-Octets([string] $Size) {
    if ($Size -match '\((.*) bytes\)') { return ($matches[1] -replace '[^0-9]', '') }
    $units = @{ B = 1; KB = 1024; MB = 1048576; GB = 1073741824 }
    if ($Size -match '^([0-9]+)(B|KB|MB|GB)$') { return [string] ([long] $matches[1] * $units[$matches[2]]) }
    $Size
}

# Several words that Exchange shows as one text.
$flags = @('AuthMechanism', 'PermissionGroups', 'ArcTrustedSealers')

# A value in one form, so that what Exchange stores compares with what was written: it adds a type and a cost to
# domains, brackets or a prefix length to addresses, and spells sizes out.
function ConvertTo-Stored([string] $Property, $Value) {
    $items = @()
    foreach ($item in @($Value)) {
        if ($null -eq $item) { continue }
        $text = ([string] $item).Trim()
        if ($Property -eq 'Comment' -or $Property -eq 'Comments') { $items += $text; continue }
        if ($Property -eq 'MaxMessageSize') { $text = ConvertTo-Octets $text }
        $parts = @($text)
        # Custom only shows that a right was granted beside these groups.
        if ($flags -contains $Property) { $parts = @(($text -split ', *') -ne 'Custom') }
        foreach ($part in $parts) {
            $part = $part -replace '^smtp:', '' -replace ';1$', '' -replace '^\[(.*)\]$', '$1' -replace '/(32|128)$', ''
            if ($part -ne '') { $items += $part.ToLowerInvariant() }
        }
    }
    [string]::Join(', ', [string[]] @($items | Sort-Object))
}

# Every property of an object that is not as it shall be, as a line of text.
function Find-Difference($Object, $With) {
    foreach ($property in @($With.Keys | Sort-Object)) {
        $is = ConvertTo-Stored $property (Get-Property $Object $property)
        $shall = ConvertTo-Stored $property $With[$property]
        if ($is -cne $shall) { $property + ' is "' + $is + '", shall be "' + $shall + '"' }
    }
}

# What an object is called, and found by.
function Get-ObjectName([string] $Kind, $Object) {
    if ($keys.ContainsKey($Kind)) { return [string] (Get-Property $Object $keys[$Kind]) }
    if ($single -contains $Kind) { return $Kind }
    [string] (Get-Property $Object 'Name')
}

function Find-Present([string] $Kind, [string] $Name) {
    $wanted = $Name
    if ($single -contains $Kind) { $wanted = $Kind }
    elseif ($formerly.ContainsKey($Kind + ' ' + $Name)) { $wanted = $formerly[$Kind + ' ' + $Name] }
    foreach ($object in @($present[$Kind])) {
        if ($null -ne $object -and (Get-ObjectName $Kind $object) -eq $wanted) { return $object }
    }
}

# Whether an earlier run made it, for this location.
function Test-Mark($Object) {
    Test-MarkText ([string] (Get-Property $Object 'Comment') + [string] (Get-Property $Object 'Comments'))
}

function Test-MarkText([string] $Comment) {
    foreach ($mark in $marks) {
        if ($Comment.StartsWith($mark, [System.StringComparison]::Ordinal)) { return $true }
    }
    $false
}

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

# Stops in any shell but Exchange Online PowerShell. Both shells know Set-AcceptedDomain, and each changes its own.
function Assert-Shell {
    if ($null -ne (Get-Command -Name Get-ExchangeServer -ErrorAction SilentlyContinue)) {
        throw 'This is the Exchange Management Shell of your own servers. Start Windows PowerShell, run Connect-ExchangeOnline, and this script again.'
    }
    if ($null -eq (Get-Command -Name Get-InboundConnector -ErrorAction SilentlyContinue)) {
        throw 'Not connected to Exchange Online. Run Connect-ExchangeOnline (module ExchangeOnlineManagement), and this script again.'
    }
}

# Stops unless the session is with the tenant that this script was written for.
function Assert-Organization {
    $domains = @(Get-AcceptedDomain -ErrorAction Stop | ForEach-Object { [string] $_.DomainName })
    if ($domains -notcontains $tenant) {
        throw ('This session is with another tenant: ' + $tenant + ' is not among its accepted domains, which are ' + [string]::Join(', ', [string[]] $domains))
    }
}

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

$mailboxes = @(Get-Saved 'CASMailbox' | ForEach-Object { $_['Name'] })
$readers = @{
    AcceptedDomain     = { Get-AcceptedDomain -ErrorAction Stop }
    InboundConnector   = { Get-InboundConnector -ErrorAction Stop }
    OutboundConnector  = { Get-OutboundConnector -IncludeTestModeConnectors $true -ErrorAction Stop }
    TransportRule      = { Get-TransportRule -ResultSize 'Unlimited' -ErrorAction Stop }
    DkimSigningConfig  = { Get-DkimSigningConfig -ErrorAction Stop }
    ArcConfig          = { Get-ArcConfig -ErrorAction Stop }
    OrganizationConfig = { Get-OrganizationConfig -ErrorAction Stop }
    TransportConfig    = { Get-TransportConfig -ErrorAction Stop }
    CASMailbox         = { $mailboxes | ForEach-Object { Get-CASMailbox -Identity $_ -ErrorAction Stop } }
}

Assert-Shell
Assert-Organization
Assert-Command (Get-Need)
$present = Get-Present

foreach ($state in @(Get-Saved 'OrganizationConfig')) { Restore-Object $state $null { Set-OrganizationConfig @with @safely } }
foreach ($state in @(Get-Saved 'TransportConfig')) { Restore-Object $state $null { Set-TransportConfig @with @safely } }
foreach ($state in @(Get-Saved 'CASMailbox')) { Restore-Object $state $null { Set-CASMailbox -Identity $name @with @safely } }
foreach ($state in @(Get-Saved 'ArcConfig')) {
    # The cmdlet takes no empty list.
    if ($null -ne $state['Values']['ArcTrustedSealers']) { Restore-Object $state $null { Set-ArcConfig -Identity 'Default' @with @safely }; continue }
    if ((ConvertTo-Stored 'ArcTrustedSealers' (Get-Property (Find-Present 'ArcConfig' '') 'ArcTrustedSealers')) -ne '') {
        Write-Warning 'Before, no ARC sealer was trusted. Remove those that are trusted now in the Microsoft Defender portal.'
    }
}

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
