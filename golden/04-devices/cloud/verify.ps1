#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# Compares what exists with what the spec says, property by property, and prints every difference. It changes nothing.
# Exit code 0: all is as it shall be. 1: something differs. 2: it could not look.
#
#   .\verify.ps1 -WithoutLock  before apply.ps1 -Lock was run: what that makes is not looked at
#   .\verify.ps1 -Validate     also has Exchange Online test its connectors by sending a message to the test recipients
[CmdletBinding()]
param(
    [switch] $WithoutLock,
    [switch] $Validate
)

$location = 'cloud'
$marks = @('[mailtopo:cloud]')
$tenant = 'contoso.onmicrosoft.com'
$mxSuffix = '.mail.protection.outlook.com'
$mailboxes = @('erp@contoso.com')

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

$different = 0
# What the spec has, by kind and name.
$known = @()

trap {
    Write-Host ('Could not look: ' + $_.Exception.Message) -ForegroundColor Red
    exit 2
}

function Write-Result([string] $Target, $Differences) {
    if (@($Differences).Count -eq 0) { Write-Host ('ok         ' + $Target); return }
    $script:different++
    Write-Host ('different  ' + $Target) -ForegroundColor Yellow
    foreach ($line in $Differences) { Write-Host ('           ' + $line) }
}

function Expect([string] $Kind, [string] $Name, $With, [switch] $Locks) {
    $script:known += $Kind + ' ' + $Name
    if ($Locks -and $WithoutLock) { Write-Host ('not yet    ' + $Kind + ' ' + $Name); return }
    $object = Find-Present $Kind $Name
    if ($null -eq $object) { Write-Result ($Kind + ' ' + $Name) @('does not exist') }
    else { Write-Result ($Kind + ' ' + $Name) @(Find-Difference $object $With) }
}

# What a rule has beside the parts that a spec can say, as a line of text each: whatever Set-TransportRule can set, but for
# how the rule is run and logged, and for what every rule has unless somebody says otherwise.
function Find-OtherPart($Rule) {
    $known = $ruleParts + @('Name', 'Identity', 'Priority', 'Mode', 'SenderAddressLocation', 'StopRuleProcessing', 'SetAuditSeverity')
    $usual = @{ RuleErrorAction = 'Ignore'; RuleSubType = 'None'; RecipientAddressType = 'Resolved' }
    $set = Get-Command -Name Set-TransportRule -ErrorAction SilentlyContinue
    if ($null -eq $set) { Write-Warning ('This account may not change rules, so that it does not see what else ' + $Rule.Name + ' could have.'); return }
    foreach ($part in @($set.Parameters.Keys | Sort-Object)) {
        if ($known -contains $part) { continue }
        $is = ConvertTo-Stored $part (Get-Property $Rule $part)
        if ($is -eq '' -or $is -eq 'False' -or $is -eq [string] $usual[$part]) { continue }
        $part + ' "' + $is + '"'
    }
}

# A rule does what its entry says and nothing else: every other part that a rule of a spec can have is cleared.
function Complete-Rule($With) {
    foreach ($part in $ruleParts) { if (-not $With.ContainsKey($part)) { $With[$part] = $null } }
    $With
}

# Whether a rule is on, and does nothing that the spec does not say.
function Expect-RuleState([string] $Name, [string] $State) {
    $rule = Find-Present 'TransportRule' $Name
    if ($null -eq $rule) { return }
    $lines = @()
    if ([string] $rule.State -ne $State) { $lines += 'is ' + $rule.State + ', shall be ' + $State }
    foreach ($other in @(Find-OtherPart $rule)) { $lines += 'has ' + $other + ', which the spec cannot say' }
    if ($lines.Count -gt 0) { Write-Result ('TransportRule ' + $Name) $lines }
}

function Expect-RuleOrder($Names) {
    $priorities = @()
    foreach ($name in $Names) {
        $rule = Find-Present 'TransportRule' $name
        if ($null -ne $rule) { $priorities += [int] $rule.Priority }
    }
    $sorted = @($priorities | Sort-Object)
    if ([string]::Join(' ', [string[]] $priorities) -ne [string]::Join(' ', [string[]] $sorted)) {
        Write-Result 'order of the rules' @('shall be ' + [string]::Join(', ', [string[]] $Names))
    }
}

# The hybrid wizard chooses names of its own: its connectors are known by their source.
function Expect-Wizard([string] $Kind, $With) {
    $objects = @($present[$Kind] | Where-Object { [string] $_.ConnectorSource -eq 'HybridWizard' -and $_.Enabled })
    if ($objects.Count -eq 1) { Write-Result ($Kind + ' ' + $objects[0].Name) @(Find-Difference $objects[0] $With) }
    else { Write-Result ($Kind + ' of the hybrid wizard') @([string] $objects.Count + ' are enabled, shall be 1') }
}

function Expect-ArcSealer($Sealers) {
    $trusted = @()
    foreach ($config in $present['ArcConfig']) {
        foreach ($sealer in @(Get-Property $config 'ArcTrustedSealers')) { $trusted += @([string] $sealer -split ', *') }
    }
    Write-Result 'trusted ARC sealers' @($Sealers | Where-Object { $trusted -notcontains $_ } | ForEach-Object { 'lack ' + $_ })
}

function Expect-Dkim([string] $Domain) {
    $config = Find-Present 'DkimSigningConfig' $Domain
    if ($null -eq $config) { Write-Result ('DKIM of ' + $Domain) @('has no keys') }
    elseif (-not $config.Enabled) { Write-Result ('DKIM of ' + $Domain) @('is not enabled') }
    else { Write-Result ('DKIM of ' + $Domain) @() }
}

# Names what else there is, because a connector or rule that the spec does not know can win.
function Write-Others {
    foreach ($kind in @('InboundConnector', 'OutboundConnector')) {
        foreach ($object in $present[$kind]) {
            if ($known -notcontains ($kind + ' ' + $object.Name) -and [string] (Get-Property $object 'ConnectorSource') -ne 'HybridWizard') {
                Write-Warning ($kind + ' ' + $object.Name + ' is not in the spec (enabled: ' + $object.Enabled + ')')
            }
        }
    }
    $ours = @($present['TransportRule'] | Where-Object { $known -contains ('TransportRule ' + $_.Name) })
    foreach ($rule in $present['TransportRule']) {
        if ($known -contains ('TransportRule ' + $rule.Name)) { continue }
        $before = @($ours | Where-Object { [int] $_.Priority -lt [int] $rule.Priority } | ForEach-Object { $_.Name })
        if ($before.Count -gt 0 -and [string] $rule.State -eq 'Enabled') {
            Write-Warning ('TransportRule ' + $rule.Name + ' comes after ' + [string]::Join(', ', [string[]] $before) + ', and is not applied to mail that one of these routes')
        }
        $connector = [string] (Get-Property $rule 'RouteMessageOutboundConnector')
        if ($connector -ne '') {
            Write-Warning ('TransportRule ' + $rule.Name + ' is not in the spec and chooses ' + $connector + ' (' + $rule.State + ')')
        }
    }
}

# Exchange Online connects to every smart host and sends a message to each recipient, from its own address. What it
# finds is shown as it says it; a property of the result that is false counts as a difference.
function Test-Connector([string] $Name, $Recipients) {
    if (-not $Validate) { return }
    $lines = @()
    foreach ($result in @(Validate-OutboundConnector -Identity $Name -Recipients $Recipients -Confirm:$false -ErrorAction Stop)) {
        $shown = ($result | Out-String).Trim()
        Write-Host $shown
        foreach ($property in $result.PSObject.Properties) {
            if ($property.Value -is [bool] -and -not $property.Value) { $lines += $property.Name + ' is false' }
        }
    }
    Write-Result ('validation of OutboundConnector ' + $Name) $lines
}

function Get-Present {
    @{
        AcceptedDomain     = @(Get-AcceptedDomain -ErrorAction Stop)
        CASMailbox         = @($mailboxes | ForEach-Object { Get-CASMailbox -Identity $_ -ErrorAction Stop })
        DkimSigningConfig  = @(Get-DkimSigningConfig -ErrorAction Stop)
        InboundConnector   = @(Get-InboundConnector -ErrorAction Stop)
        OrganizationConfig = @(Get-OrganizationConfig -ErrorAction Stop)
        OutboundConnector  = @(Get-OutboundConnector -IncludeTestModeConnectors $true -ErrorAction Stop)
        TransportConfig    = @(Get-TransportConfig -ErrorAction Stop)
        TransportRule      = @(Get-TransportRule -ResultSize 'Unlimited' -ErrorAction Stop)
    }
}

Assert-Shell
Assert-Organization
$present = Get-Present

# RejectDirectSend (locations.cloud.reject_direct_send)
# Takes mail that claims to come from our own domains and matches no inbound connector.
$name = 'RejectDirectSend'
$with = @{
    RejectDirectSend = $false
}
Expect 'OrganizationConfig' $name $with

# cloud from printers-hq (devices.printers-hq)
# `printers-hq` hands its mail to `cloud`.
$name = 'cloud from printers-hq'
$with = @{
    Enabled                      = $true
    ConnectorType                = 'OnPremises'
    SenderDomains                = @('*')
    RequireTls                   = $false
    RestrictDomainsToCertificate = $false
    RestrictDomainsToIPAddresses = $false
    SenderIPAddresses            = @('203.0.113.40', '203.0.113.41')
    CloudServicesMailEnabled     = $false
    TreatMessagesAsInternal      = $false
    EFSkipLastIP                 = $false
    Comment                      = '[mailtopo:cloud] devices.printers-hq'
    TlsSenderCertificateName = $null; AssociatedAcceptedDomains = $null; EFSkipIPs = $null
    EFUsers = $null
}
Expect 'InboundConnector' $name $with

# DKIM of contoso.com: keys now, signatures once the two records can be found.
Expect-Dkim 'contoso.com'

# erp@contoso.com (locations.cloud.smtp_auth)
# A device logs on to this mailbox to send.
$name = 'erp@contoso.com'
$with = @{
    SmtpClientAuthenticationDisabled = $false
}
Expect 'CASMailbox' $name $with

# SmtpClientAuthenticationDisabled (locations.cloud.smtp_auth)
# Client submission with a login; a mailbox's own setting wins over this one.
$name = 'SmtpClientAuthenticationDisabled'
$with = @{
    SmtpClientAuthenticationDisabled = $true
}
Expect 'TransportConfig' $name $with

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
$name = 'contoso.com'
$with = @{
    DomainType      = 'Authoritative'
    MatchSubDomains = $false
}
Expect 'AcceptedDomain' $name $with

Write-Others

if ($different -eq 0) { Write-Host 'Everything is as the spec says.'; exit 0 }
Write-Host ([string] $different + ' objects differ from the spec.')
exit 1
