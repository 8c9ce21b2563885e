#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# Makes the objects below, or changes them to what stands here, and says what it does. Before the first change it makes
# sure of the shell, the organization, every cmdlet and parameter, and the recipients it relies on; then it saves what
# exists to a file, which rollback.ps1 takes. It stops at the first error. Run twice, it changes nothing the second time.
# What refuses mail that comes another way than the spec says is left out, and said at the end: it waits for -Lock.
#
#   .\apply.ps1 -WhatIf     says what it would do
#   .\apply.ps1 -Confirm    asks before every change
#   .\apply.ps1 -Lock       also makes what refuses mail; the last step, once mail comes the way the spec says
#   .\apply.ps1 -Prune      also removes what an earlier run made and the spec no longer has
#
# Edit the spec, not this file.
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [switch] $Lock,
    [switch] $Prune,
    # The file that the present state is saved to; by default in your home folder, with place and time in its name.
    [string] $SaveTo = ''
)

$location = 'cloud'
$marks = @('[mailtopo:cloud]')
$tenant = 'contoso.onmicrosoft.com'
$mxSuffix = '.mail.protection.outlook.com'
$mailboxes = @('erp@contoso.com')
$needs = @{
    'New-DkimSigningConfig'  = @('DomainName', 'Enabled', 'KeySize')
    'New-InboundConnector'   = @(
        'AssociatedAcceptedDomains', 'CloudServicesMailEnabled', 'Comment', 'ConnectorType', 'EFSkipIPs',
        'EFSkipLastIP', 'EFUsers', 'Enabled', 'Name', 'RequireTls', 'RestrictDomainsToCertificate',
        'RestrictDomainsToIPAddresses', 'SenderDomains', 'SenderIPAddresses', 'TlsSenderCertificateName',
        'TreatMessagesAsInternal'
    )
    'Set-AcceptedDomain'     = @('DomainType', 'Identity', 'MatchSubDomains')
    'Set-CASMailbox'         = @('Identity', 'SmtpClientAuthenticationDisabled')
    'Set-DkimSigningConfig'  = @('Enabled', 'Identity')
    'Set-InboundConnector'   = @(
        'AssociatedAcceptedDomains', 'CloudServicesMailEnabled', 'Comment', 'ConnectorType', 'EFSkipIPs',
        'EFSkipLastIP', 'EFUsers', 'Enabled', 'Identity', 'RequireTls', 'RestrictDomainsToCertificate',
        'RestrictDomainsToIPAddresses', 'SenderDomains', 'SenderIPAddresses', 'TlsSenderCertificateName',
        'TreatMessagesAsInternal'
    )
    'Set-OrganizationConfig' = @('RejectDirectSend')
    'Set-TransportConfig'    = @('SmtpClientAuthenticationDisabled')
}
# What it may make that can carry no mark, by kind and name.
$unmarked = @('DkimSigningConfig contoso.com')

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

# What -Prune uses besides.
$removes = @{ 'Remove-TransportRule' = @('Identity'); 'Remove-OutboundConnector' = @('Identity'); 'Remove-InboundConnector' = @('Identity') }

# What is saved of a rule beside its properties.
function Add-State($State, $Object) {
    if ($State['Kind'] -ne 'TransportRule') { return }
    $State['State'] = [string] (Get-Property $Object 'State')
    $State['Priority'] = [int] (Get-Property $Object 'Priority')
}

# Stops unless the tenant has these domains: no cmdlet can add one.
function Assert-Domain($Domains) {
    foreach ($domain in $Domains) {
        if ($null -eq (Find-Present 'AcceptedDomain' $domain)) {
            throw ($domain + ' is no accepted domain of this tenant. Add and verify it in the Microsoft 365 admin center, then run this script again.')
        }
    }
}

# Stops where the tenant was never customized: then some settings cannot be changed, and that would show half-way.
function Assert-Customized {
    if ([string] (Get-Property (Get-OrganizationConfig -ErrorAction Stop) 'IsDehydrated') -eq 'True') {
        throw 'This tenant was never customized. Run Enable-OrganizationCustomization once, wait some minutes, and run this script again.'
    }
}

# Stops where a rule that somebody else made would be taken over with parts that no spec knows: it would do something else
# than the spec says. The same in a rule of ours is said, and stays.
function Assert-Rule($Names) {
    foreach ($name in $Names) {
        $rule = Find-Present 'TransportRule' $name
        if ($null -eq $rule) { continue }
        $others = @(Find-OtherPart $rule)
        if ($others.Count -eq 0) { continue }
        $what = 'TransportRule ' + $name + ' has parts that a spec cannot say: ' + [string]::Join(', ', [string[]] $others)
        if (-not (Test-Mark $rule)) { throw ($what + '. mailtopo did not make it. Remove these parts, or give the rule of the spec another name.') }
        Write-Warning ($what + '. They stay. Remove them in the Exchange admin center if the rule shall do what the spec says.')
    }
}

function Set-RuleState([string] $Name, [string] $State) {
    $rule = Get-TransportRule -Identity $Name -ErrorAction SilentlyContinue
    if ($null -eq $rule -or [string] $rule.State -eq $State) { return }
    if ($State -eq 'Enabled') { Invoke-Change ('TransportRule ' + $Name) 'Enable' { Enable-TransportRule -Identity $Name @safely } }
    else { Invoke-Change ('TransportRule ' + $Name) 'Disable' { Disable-TransportRule -Identity $Name @safely } }
}

# Puts these rules into this order; rules of others stay where they are between them.
function Set-RuleOrder($Names) {
    $before = $null
    foreach ($name in $Names) {
        $rule = Get-TransportRule -Identity $name -ErrorAction SilentlyContinue
        if ($null -eq $rule) { continue }
        $priority = [int] $rule.Priority
        if ($null -ne $before -and $priority -lt $before) {
            $priority = $before
            Invoke-Change ('TransportRule ' + $name) ('Move to priority ' + $priority) { Set-TransportRule -Identity $name -Priority $priority @safely }
        }
        $before = $priority
    }
}

# Trusts more ARC sealers; those that are trusted already stay.
function Add-ArcSealer($Sealers) {
    $trusted = @()
    foreach ($config in $present['ArcConfig']) {
        foreach ($sealer in @(Get-Property $config 'ArcTrustedSealers')) { $trusted += @(([string] $sealer -split ', *') -ne '') }
    }
    $missing = @($Sealers | Where-Object { $trusted -notcontains $_ })
    if ($missing.Count -eq 0) { Write-Host 'As it shall be: trusted ARC sealers'; return }
    $all = [string[]] @($trusted + $missing)
    Invoke-Change ('ARC sealers ' + [string]::Join(', ', [string[]] $missing)) 'Trust' { Set-ArcConfig -Identity 'Default' -ArcTrustedSealers $all @safely }
}

# Makes the keys that a domain signs with, and signs as soon as their records can be found.
function Enable-Dkim([string] $Domain) {
    $config = Find-Present 'DkimSigningConfig' $Domain
    if ($null -ne $config -and $config.Enabled) { Write-Host ('As it shall be: DKIM of ' + $Domain); return }
    if ($null -eq $config) {
        Invoke-Change ('DKIM keys of ' + $Domain) 'Create' { New-DkimSigningConfig -DomainName $Domain -Enabled $false -KeySize 2048 @safely }
        Write-Host ('  ' + $Domain + ' does not sign yet: run facts.ps1, publish the two records, run this script again.')
        return
    }
    if (-not $caller.ShouldProcess('DKIM of ' + $Domain, 'Enable')) { return }
    Save-State
    try {
        Set-DkimSigningConfig -Identity $Domain -Enabled $true @safely | Out-Null
        $script:done += 'Enable: DKIM of ' + $Domain
        Write-Host ('Enable: DKIM of ' + $Domain) -ForegroundColor Green
    }
    catch {
        Write-Warning ($Domain + ' does not sign yet. Publish the two records that facts.ps1 shows, wait, and run this script again. ' + $_.Exception.Message)
    }
}

# Reports what an earlier run made and the spec no longer has; removes it with -Prune. Names what others made.
function Remove-Leftover {
    $others = @()
    foreach ($kind in @('TransportRule', 'OutboundConnector', 'InboundConnector')) {
        foreach ($object in $present[$kind]) {
            $name = Get-ObjectName $kind $object
            $target = $kind + ' ' + $name
            if ($seen.ContainsKey($target)) { continue }
            if (-not (Test-Mark $object)) { $others += $target; continue }
            if (-not $Prune) { Write-Warning ($target + ' is no longer in the spec. It still works; -Prune removes it.'); continue }
            if ($kind -eq 'TransportRule') { Invoke-Change $target 'Remove' { Remove-TransportRule -Identity $name @safely } }
            if ($kind -eq 'OutboundConnector') { Invoke-Change $target 'Remove' { Remove-OutboundConnector -Identity $name @safely } }
            if ($kind -eq 'InboundConnector') { Invoke-Change $target 'Remove' { Remove-InboundConnector -Identity $name @safely } }
        }
    }
    if ($others.Count -gt 0) { Write-Host ('Left alone, because mailtopo did not make them: ' + [string]::Join(', ', [string[]] $others)) }
}

$recipients = $null

# Stops where a domain would become authoritative while recipients are missing: mail to them would be refused. Expected
# is their number, or those that the spec lists.
function Assert-Recipients([string] $Domain, [int] $Expected, $Listed) {
    $object = Find-Present 'AcceptedDomain' $Domain
    if ($null -ne $object -and [string] (Get-Property $object 'DomainType') -eq 'Authoritative') { return }
    if ($null -eq $recipients) {
        Write-Host 'Reading all recipients.'
        $script:recipients = @(Get-Recipient -ResultSize 'Unlimited' -ErrorAction Stop)
    }
    $addresses = @{}
    $count = 0
    foreach ($recipient in $recipients) {
        $own = $false
        foreach ($address in @(Get-Property $recipient 'EmailAddresses')) {
            $text = ([string] $address).ToLowerInvariant() -replace '^smtp:', ''
            $addresses[$text] = $true
            if ($text.EndsWith('@' + $Domain, [System.StringComparison]::Ordinal)) { $own = $true }
        }
        if ($own) { $count++ }
    }
    $missing = @($Listed | Where-Object { -not $addresses.ContainsKey($_) })
    if ($missing.Count -gt 0) {
        throw ($Domain + ' cannot become authoritative: ' + $missing.Count + ' recipients are missing here, such as ' +
            [string]::Join(', ', [string[]] @($missing | Select-Object -First 5)) + '. Synchronize the directory first.')
    }
    if ($count -lt $Expected) {
        throw ($Domain + ' cannot become authoritative: the spec counts ' + $Expected + ' recipients, and ' + $count + ' exist here. Synchronize the directory first.')
    }
}

# Everything that a rule of a spec can consist of.
$ruleParts = @(
    'From', 'FromAddressMatchesPatterns', 'FromMemberOf', 'FromScope', 'HeaderContainsMessageHeader',
    'HeaderContainsWords', 'HeaderMatchesMessageHeader', 'HeaderMatchesPatterns',
    'RecipientADAttributeContainsWords', 'RecipientAddressMatchesPatterns', 'RecipientDomainIs', 'SenderDomainIs',
    'SentTo', 'SentToMemberOf', 'SentToScope', 'SubjectContainsWords', 'ExceptIfFrom',
    'ExceptIfFromAddressMatchesPatterns', 'ExceptIfFromMemberOf', 'ExceptIfFromScope',
    'ExceptIfHeaderContainsMessageHeader', 'ExceptIfHeaderContainsWords', 'ExceptIfHeaderMatchesMessageHeader',
    'ExceptIfHeaderMatchesPatterns', 'ExceptIfRecipientADAttributeContainsWords',
    'ExceptIfRecipientAddressMatchesPatterns', 'ExceptIfRecipientDomainIs', 'ExceptIfSenderDomainIs',
    'ExceptIfSentTo', 'ExceptIfSentToMemberOf', 'ExceptIfSentToScope', 'RouteMessageOutboundConnector',
    'SetHeaderName', 'SetHeaderValue', 'Comments'
)

# Every property that is put back when an object is restored.
$restorable = @{
    AcceptedDomain     = @('DomainType', 'MatchSubDomains')
    CASMailbox         = @('SmtpClientAuthenticationDisabled')
    DkimSigningConfig  = @('Enabled')
    InboundConnector   = @(
        'Enabled', 'ConnectorType', 'SenderDomains', 'RequireTls', 'RestrictDomainsToCertificate',
        'TlsSenderCertificateName', 'RestrictDomainsToIPAddresses', 'SenderIPAddresses', 'AssociatedAcceptedDomains',
        'CloudServicesMailEnabled', 'TreatMessagesAsInternal', 'EFSkipLastIP', 'EFSkipIPs', 'EFUsers', 'Comment'
    )
    OrganizationConfig = @('RejectDirectSend')
    OutboundConnector  = @(
        'Enabled', 'ConnectorType', 'RecipientDomains', 'AllAcceptedDomains', 'UseMXRecord', 'SmartHosts',
        'TlsSettings', 'TlsDomain', 'IsTransportRuleScoped', 'RouteAllMessagesViaOnPremises',
        'CloudServicesMailEnabled', 'TestMode', 'Comment'
    )
    TransportConfig    = @('SmtpClientAuthenticationDisabled')
    TransportRule      = $ruleParts + @('Mode', 'SenderAddressLocation', 'StopRuleProcessing')
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

# Nothing is changed before all of this holds.
Assert-Shell
Assert-Organization
Assert-Command $needs
if ($Prune) { Assert-Command $removes }
$present = Get-Present
Assert-Customized
Assert-Domain @('contoso.com')
Assert-Recipients 'contoso.com' 1 @()

# RejectDirectSend (locations.cloud.reject_direct_send)
# Takes mail that claims to come from our own domains and matches no inbound connector.
$name = 'RejectDirectSend'
$with = @{
    RejectDirectSend = $false
}
Step 'OrganizationConfig' $name $with `
    $null `
    { Set-OrganizationConfig @with @safely }

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
Step 'InboundConnector' $name $with `
    { New-InboundConnector -Name $name @given @safely } `
    { Set-InboundConnector -Identity $name @with @safely }

# DKIM of contoso.com: keys now, signatures once the two records can be found.
Enable-Dkim 'contoso.com'

# erp@contoso.com (locations.cloud.smtp_auth)
# A device logs on to this mailbox to send.
$name = 'erp@contoso.com'
$with = @{
    SmtpClientAuthenticationDisabled = $false
}
Step 'CASMailbox' $name $with `
    $null `
    { Set-CASMailbox -Identity $name @with @safely }

# SmtpClientAuthenticationDisabled (locations.cloud.smtp_auth)
# Client submission with a login; a mailbox's own setting wins over this one.
$name = 'SmtpClientAuthenticationDisabled'
$with = @{
    SmtpClientAuthenticationDisabled = $true
}
Step 'TransportConfig' $name $with `
    $null `
    { Set-TransportConfig @with @safely }

# contoso.com (domains.contoso.com)
# cloud holds mailboxes of it.
$name = 'contoso.com'
$with = @{
    DomainType      = 'Authoritative'
    MatchSubDomains = $false
}
Step 'AcceptedDomain' $name $with `
    $null `
    { Set-AcceptedDomain -Identity $name @with @safely }

Remove-Leftover
if ($done.Count -eq 0) { Write-Host 'Nothing had to be changed.' }
else { Write-Host ([string] $done.Count + ' changes. Connectors and rules may take half an hour to work everywhere; then run verify.ps1. To go back: .\rollback.ps1 -Saved "' + $saved + '"') }
if ($waiting.Count -gt 0) {
    Write-Host ('Left out, because it refuses mail that comes another way: ' + [string]::Join(', ', [string[]] $waiting))
    Write-Host 'Once mail comes the way the spec says: .\apply.ps1 -Lock'
}
exit 0
