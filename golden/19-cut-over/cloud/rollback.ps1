#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# Puts back what apply.ps1 saved before it changed anything: connectors, rules with their state and order, types of
# accepted domains, settings and the right to relay. What apply.ps1 has made since is removed. Passwords of smart hosts
# are in no file; DKIM keys, trusted ARC sealers and domains that were added stay.
#
#   .\rollback.ps1 -Saved FILE -WhatIf     says what it would do
#   .\rollback.ps1 -Saved FILE -Confirm    asks before every change
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)]
    [string] $Saved
)

$mark = '[mailtopo:cloud]'
$tenant = 'contoso.onmicrosoft.com'
$mxSuffix = '.mail.protection.outlook.com'
$needs = @{
    'New-InboundConnector'   = @()
    'New-OutboundConnector'  = @()
    'New-TransportRule'      = @()
    'Set-AcceptedDomain'     = @()
    'Set-InboundConnector'   = @()
    'Set-OrganizationConfig' = @()
    'Set-OutboundConnector'  = @()
    'Set-TransportRule'      = @()
}

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Goes with every call that changes something: an error stops the script, and whoever wants to be asked was asked before.
$safely = @{ ErrorAction = 'Stop'; Confirm = $false }

# The property by which an object is found.
$keys = @{ AcceptedDomain = 'DomainName'; RemoteDomain = 'DomainName'; ReceiveConnector = 'Identity'; DkimSigningConfig = 'Domain'
    CASMailbox = 'PrimarySmtpAddress' }

# What exists, by kind; read once the shell is known to be the right one.
$present = @{}

function Get-Property($Object, [string] $Property) {
    $found = $Object.PSObject.Properties[$Property]
    if ($null -ne $found) { $found.Value }
}

# A size as Exchange shows it, or as it is typed, in octets.
function ConvertTo-Octets([string] $Size) {
    if ($Size -match '\((.*) bytes\)') { return ($matches[1] -replace '[^0-9]', '') }
    $units = @{ B = 1; KB = 1024; MB = 1048576; GB = 1073741824 }
    if ($Size -match '^([0-9]+)(B|KB|MB|GB)$') { return [string] ([long] $matches[1] * $units[$matches[2]]) }
    $Size
}

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
        if ($Property -eq 'AuthMechanism' -or $Property -eq 'PermissionGroups') { $parts = @(($text -split ', *') -ne 'Custom') }
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

function Find-Present([string] $Kind, [string] $Name) {
    if ($Kind -eq 'OrganizationConfig' -or $Kind -eq 'TransportConfig') { return $present[$Kind][0] }
    $key = 'Name'
    if ($keys.ContainsKey($Kind)) { $key = $keys[$Kind] }
    foreach ($object in @($present[$Kind])) {
        if ($null -ne $object -and [string] (Get-Property $object $key) -eq $Name) { return $object }
    }
}

# Whether an earlier run made it, for this location.
function Test-Mark($Object) {
    $comment = [string] (Get-Property $Object 'Comment') + [string] (Get-Property $Object 'Comments')
    $comment.StartsWith($mark)
}

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

function Get-Present {
    @{
        AcceptedDomain     = @(Get-AcceptedDomain -ErrorAction Stop)
        DkimSigningConfig  = @(Get-DkimSigningConfig -ErrorAction Stop)
        InboundConnector   = @(Get-InboundConnector -ErrorAction Stop)
        OrganizationConfig = @(Get-OrganizationConfig -ErrorAction Stop)
        OutboundConnector  = @(Get-OutboundConnector -IncludeTestModeConnectors $true -ErrorAction Stop)
        TransportRule      = @(Get-TransportRule -ResultSize 'Unlimited' -ErrorAction Stop)
    }
}

Assert-Shell
Assert-Organization
Assert-Command $needs
$present = Get-Present

foreach ($state in @(Get-Saved 'OrganizationConfig')) { Restore-Object $state $null { Set-OrganizationConfig @with @safely } }
foreach ($state in @(Get-Saved 'TransportConfig')) { Restore-Object $state $null { Set-TransportConfig @with @safely } }
foreach ($state in @(Get-Saved 'CASMailbox')) { Restore-Object $state $null { Set-CASMailbox -Identity $name @with @safely } }

function Restore-Domain($State) {
    Restore-Object $State $null { Set-AcceptedDomain -Identity $name @with @safely }
}

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

# From the first to the last, each rule finds its place when those before it stand in theirs.
foreach ($state in @(Get-Saved 'TransportRule' | Sort-Object { $_['Priority'] })) {
    $name = $state['Name']
    $priority = $state['Priority']
    $rule = Get-TransportRule -Identity $name -ErrorAction SilentlyContinue
    if ($null -eq $rule -or -not (Test-Ours $state)) { continue }
    if ([int] $rule.Priority -ne $priority) {
        Invoke-Change ('TransportRule ' + $name) ('Move to priority ' + $priority) { Set-TransportRule -Identity $name -Priority $priority @safely }
    }
    if ($state['State'] -eq 'Enabled' -and [string] $rule.State -ne 'Enabled') {
        Invoke-Change ('TransportRule ' + $name) 'Enable' { Enable-TransportRule -Identity $name @safely }
    }
    if ($state['State'] -eq 'Disabled' -and [string] $rule.State -ne 'Disabled') {
        Invoke-Change ('TransportRule ' + $name) 'Disable' { Disable-TransportRule -Identity $name @safely }
    }
}
foreach ($state in @(Get-Saved 'AcceptedDomain')) { if ($state['Values']['DomainType'] -eq 'Authoritative') { Restore-Domain $state } }

if ($done.Count -eq 0) { Write-Host 'Everything is as it was saved.' }
exit 0
