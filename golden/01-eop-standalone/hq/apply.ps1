#requires -Version 2.0
# For Exchange Server 2019: location hq. Written by mailtopo.
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

$location = 'hq'
$marks = @('[mailtopo:hq]')
$versionPrefix = 'Version 15.2 '
$edge = $false
$servers = @('EX01', 'EX02')
$needs = @{
    'Add-ADPermission'     = @('ExtendedRights', 'Identity', 'User')
    'New-AcceptedDomain'   = @('DomainName', 'DomainType', 'Name')
    'New-ReceiveConnector' = @(
        'AuthMechanism', 'Bindings', 'Comment', 'Enabled', 'Fqdn', 'Name', 'PermissionGroups', 'RemoteIPRanges',
        'RequireTLS', 'Server', 'TlsCertificateName', 'TlsDomainCapabilities', 'TransportRole', 'Usage'
    )
    'New-SendConnector'    = @(
        'AddressSpaces', 'CloudServicesMailEnabled', 'Comment', 'DNSRoutingEnabled', 'Enabled', 'Fqdn',
        'IgnoreSTARTTLS', 'IsScopedConnector', 'Name', 'Port', 'RequireTLS', 'SmartHostAuthMechanism', 'SmartHosts',
        'SourceTransportServers', 'TlsAuthLevel', 'TlsCertificateName', 'TlsDomain', 'Usage'
    )
    'Remove-ADPermission'  = @('ExtendedRights', 'Identity', 'User')
    'Set-AcceptedDomain'   = @('DomainType', 'Identity')
    'Set-ReceiveConnector' = @(
        'AuthMechanism', 'Bindings', 'Comment', 'Enabled', 'Fqdn', 'Identity', 'PermissionGroups', 'RemoteIPRanges',
        'RequireTLS', 'TlsCertificateName', 'TlsDomainCapabilities'
    )
    'Set-SendConnector'    = @(
        'AddressSpaces', 'CloudServicesMailEnabled', 'Comment', 'DNSRoutingEnabled', 'Enabled', 'Fqdn', 'Identity',
        'IgnoreSTARTTLS', 'IsScopedConnector', 'Port', 'RequireTLS', 'SmartHostAuthMechanism', 'SmartHosts',
        'SourceTransportServers', 'TlsAuthLevel', 'TlsCertificateName', 'TlsDomain'
    )
}
# What it may make that can carry no mark, by kind and name.
$unmarked = @('AcceptedDomain contoso.com', 'AcceptedDomain fabrikam.com')

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

# An Edge Transport server keeps its own configuration: the script is run on each of them, and changes that one.
if ($edge) { $servers = @($servers | Where-Object { $_ -eq $env:COMPUTERNAME }) }

# Stops in any shell but the Exchange Management Shell. Both shells know Set-AcceptedDomain, and each changes its own.
function Assert-Shell {
    if ($null -ne (Get-Command -Name Get-InboundConnector -ErrorAction SilentlyContinue)) {
        throw 'This shell is connected to Exchange Online. Start the Exchange Management Shell on one of the servers, and this script there.'
    }
    if ($null -eq (Get-Command -Name Get-ExchangeServer -ErrorAction SilentlyContinue)) {
        throw 'This is not the Exchange Management Shell. Start it on one of the servers, and this script there.'
    }
}

# Stops unless the organization is the one whose servers this script names.
function Assert-Organization {
    if ($servers.Count -eq 0) { throw ('The spec names no server ' + $env:COMPUTERNAME) }
    $found = @(Get-ExchangeServer -ErrorAction Stop)
    foreach ($server in $servers) {
        $match = @($found | Where-Object { $_.Name -eq $server })
        if ($match.Count -eq 0) {
            throw ('This organization has no server ' + $server + '; it has ' + [string]::Join(', ', [string[]] @($found | ForEach-Object { $_.Name })))
        }
        $version = [string] (Get-Property $match[0] 'AdminDisplayVersion')
        if (-not $version.StartsWith($versionPrefix, [System.StringComparison]::Ordinal)) {
            Write-Warning ($server + ' is ' + $version + ', but the spec says another version. Have the spec corrected: it decides which parameters are used.')
        }
    }
}

# The certificates of a server. Exchange 2007 shows only those of the server that the shell runs on.
function Get-ServerCertificate([string] $Server) {
    $where = @{}
    if ((Get-Command -Name Get-ExchangeCertificate).Parameters.ContainsKey('Server')) { $where['Server'] = $Server }
    Get-ExchangeCertificate @where -ErrorAction Stop
}

# The one certificate for a name that is valid and used for SMTP on every server; stops where there is none, or a choice.
function Find-Certificate([string] $Name, [string] $Thumbprint) {
    $wildcard = '*.' + ($Name -replace '^[^.]*\.', '')
    $chosen = $null
    foreach ($server in $servers) {
        $usable = @()
        foreach ($certificate in @(Get-ServerCertificate $server)) {
            $names = @($certificate.CertificateDomains | ForEach-Object { [string] $_ })
            if ($Thumbprint -ne '') { $fits = $certificate.Thumbprint -eq $Thumbprint }
            else { $fits = $names -contains $Name -or $names -contains $wildcard }
            if ($fits -and $certificate.NotAfter -gt (Get-Date) -and ([string] $certificate.Services) -match 'SMTP') { $usable += $certificate }
        }
        if ($usable.Count -eq 0) {
            throw ($server + ' has no valid certificate for ' + $Name + ' that is used for SMTP. Enable-ExchangeCertificate -Thumbprint ... -Services SMTP makes one so.')
        }
        if ($usable.Count -gt 1) {
            throw ($server + ' has several certificates for ' + $Name + '. Write the thumbprint of the one that is meant into the spec or the facts: ' +
                [string]::Join(', ', [string[]] @($usable | ForEach-Object { $_.Thumbprint })))
        }
        if ($null -ne $chosen -and ($chosen.Subject -ne $usable[0].Subject -or $chosen.Issuer -ne $usable[0].Issuer)) {
            throw ('The certificate for ' + $Name + ' on ' + $server + ' has another issuer or subject than on ' + $servers[0])
        }
        $chosen = $usable[0]
    }
    $chosen
}

# The name by which a connector refers to a certificate.
function Get-TlsCertificateName([string] $Name, [string] $Thumbprint) {
    $certificate = Find-Certificate $Name $Thumbprint
    '<I>' + $certificate.Issuer + '<S>' + $certificate.Subject
}

# The account of clients that do not log on, by the name that this machine's language has for it.
$anonymous = (New-Object System.Security.Principal.SecurityIdentifier 'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value
$anyRecipient = 'Ms-Exch-SMTP-Accept-Any-Recipient'

# Whether clients that do not log on may send to any recipient through a receive connector.
function Test-AnyRecipient($Connector) {
    $rights = @(Get-ADPermission -Identity $Connector.DistinguishedName -User $anonymous -ErrorAction Stop |
        Where-Object { [string] $_.Deny -ne 'True' -and [string] $_.IsInherited -ne 'True' } | ForEach-Object { $_.ExtendedRights } | ForEach-Object { [string] $_ })
    $rights -contains $anyRecipient
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

# Every property that is put back when an object is restored.
$restorable = @{
    AcceptedDomain   = @('DomainType')
    ReceiveConnector = @(
        'Enabled', 'Bindings', 'RemoteIPRanges', 'AuthMechanism', 'PermissionGroups', 'RequireTLS', 'Fqdn',
        'TlsCertificateName', 'TlsDomainCapabilities', 'MaxMessageSize', 'Comment'
    )
    SendConnector    = @(
        'Enabled', 'AddressSpaces', 'SourceTransportServers', 'DNSRoutingEnabled', 'SmartHosts', 'Port', 'Fqdn',
        'RequireTLS', 'IgnoreSTARTTLS', 'TlsAuthLevel', 'TlsDomain', 'TlsCertificateName', 'CloudServicesMailEnabled',
        'SmartHostAuthMechanism', 'MaxMessageSize', 'IsScopedConnector', 'Comment'
    )
}

function Get-Present {
    @{
        AcceptedDomain   = @(Get-AcceptedDomain -ErrorAction Stop)
        ReceiveConnector = @($servers | ForEach-Object { Get-ReceiveConnector -Server $_ -ErrorAction Stop })
        SendConnector    = @(Get-SendConnector -ErrorAction Stop)
    }
}

# Nothing is changed before all of this holds.
Assert-Shell
Assert-Organization
Assert-Command $needs
if ($Prune) { Assert-Command $removes }
$present = Get-Present
Assert-Recipients 'contoso.com' 1 @()
Assert-Recipients 'fabrikam.com' 1 @()
$tlsName1 = Get-TlsCertificateName 'mail.contoso.com' ''

# hq from protection (locations.hq)
# `hq` sends through `protection` and holds these domains.
$connector = 'hq from protection'
$with = @{
    Enabled               = $true
    Bindings              = @('0.0.0.0:25', '[::]:25')
    RemoteIPRanges        = @(
        '40.92.0.0/15',
        '40.107.0.0/16',
        '52.100.0.0/14',
        '104.47.0.0/17',
        '2a01:111:f400::/48',
        '2a01:111:f403::/48'
    )
    AuthMechanism         = @('Tls')
    PermissionGroups      = 'AnonymousUsers'
    RequireTLS            = $true
    Fqdn                  = 'mail.contoso.com'
    TlsCertificateName    = $tlsName1
    TlsDomainCapabilities = @('mail.protection.outlook.com:AcceptCloudServicesMail')
    Comment               = '[mailtopo:hq] locations.hq'
}
foreach ($server in $servers) {
    Step 'ReceiveConnector' ($server + '\' + $connector) $with `
        { New-ReceiveConnector -Name $connector -Server $server -Usage 'Custom' -TransportRole 'FrontendTransport' @given @safely } `
        { Set-ReceiveConnector -Identity $name @with @safely }
    Set-AnyRecipient ($server + '\' + $connector) $false
}

# hq to protection (locations.hq)
# `hq` sends through `protection`.
$name = 'hq to protection'
$with = @{
    Enabled                  = $true
    AddressSpaces            = @('*;1')
    SourceTransportServers   = @('EX01', 'EX02')
    DNSRoutingEnabled        = $false
    SmartHosts               = @('contoso-com.mail.protection.outlook.com')
    Port                     = 25
    Fqdn                     = 'mail.contoso.com'
    RequireTLS               = $true
    IgnoreSTARTTLS           = $false
    SmartHostAuthMechanism   = 'None'
    IsScopedConnector        = $false
    TlsAuthLevel             = 'DomainValidation'
    TlsDomain                = 'mail.protection.outlook.com'
    TlsCertificateName       = $tlsName1
    CloudServicesMailEnabled = $true
    Comment                  = '[mailtopo:hq] locations.hq'
}
Step 'SendConnector' $name $with `
    { New-SendConnector -Name $name -Usage 'Custom' @given @safely } `
    { Set-SendConnector -Identity $name @with @safely }

# contoso.com (domains.contoso.com)
# hq holds mailboxes of it.
$name = 'contoso.com'
$with = @{
    DomainType = 'Authoritative'
}
Step 'AcceptedDomain' $name $with `
    { New-AcceptedDomain -Name 'contoso.com' -DomainName $name @given @safely } `
    { Set-AcceptedDomain -Identity $identity @with @safely }

# fabrikam.com (domains.fabrikam.com)
# hq holds mailboxes of it.
$name = 'fabrikam.com'
$with = @{
    DomainType = 'Authoritative'
}
Step 'AcceptedDomain' $name $with `
    { New-AcceptedDomain -Name 'fabrikam.com' -DomainName $name @given @safely } `
    { Set-AcceptedDomain -Identity $identity @with @safely }

Remove-Leftover
if ($done.Count -eq 0) { Write-Host 'Nothing had to be changed.' }
else { Write-Host ([string] $done.Count + ' changes. Connectors and rules may take half an hour to work everywhere; then run verify.ps1. To go back: .\rollback.ps1 -Saved "' + $saved + '"') }
if ($waiting.Count -gt 0) {
    Write-Host ('Left out, because it refuses mail that comes another way: ' + [string]::Join(', ', [string[]] $waiting))
    Write-Host 'Once mail comes the way the spec says: .\apply.ps1 -Lock'
}
exit 0
