#requires -Version 2.0
# For Exchange Server 2010: location hq. Written by mailtopo.
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

$location = 'hq'
$marks = @('[mailtopo:hq]')
$versionPrefix = 'Version 14.'
$edge = $false
$servers = @('HT01', 'HT02')

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

function Expect-AnyRecipient([string] $Name, [bool] $Allowed) {
    $connector = Find-Present 'ReceiveConnector' $Name
    if ($null -eq $connector -or (Test-AnyRecipient $connector) -eq $Allowed) { return }
    if ($Allowed) { Write-Result ('right to relay at ReceiveConnector ' + $Name) @('is missing') }
    else { Write-Result ('right to relay at ReceiveConnector ' + $Name) @('is granted, and shall not be') }
}

# The hybrid wizard chooses names of its own: its connector is known by its address space.
function Expect-Wizard([string] $Space, $With) {
    $objects = @($present['SendConnector'] | Where-Object { @((ConvertTo-Stored 'AddressSpaces' $_.AddressSpaces) -split ', ') -contains $Space -and $_.Enabled })
    foreach ($object in $objects) { $script:known += 'SendConnector ' + $object.Name }
    if ($objects.Count -eq 1) { Write-Result ('SendConnector ' + $objects[0].Name) @(Find-Difference $objects[0] $With) }
    else { Write-Result ('SendConnector of the hybrid wizard for ' + $Space) @([string] $objects.Count + ' are enabled, shall be 1') }
}

# Names what else there is, because a connector that the spec does not know can win.
function Write-Others {
    foreach ($object in $present['SendConnector']) {
        if ($known -notcontains ('SendConnector ' + $object.Name)) {
            Write-Warning ('SendConnector ' + $object.Name + ' is not in the spec (enabled: ' + $object.Enabled + ', spaces: ' + (ConvertTo-Stored 'AddressSpaces' $object.AddressSpaces) + ')')
        }
    }
}

function Get-Present {
    @{
        AcceptedDomain   = @(Get-AcceptedDomain -ErrorAction Stop)
        ReceiveConnector = @($servers | ForEach-Object { Get-ReceiveConnector -Server $_ -ErrorAction Stop })
        SendConnector    = @(Get-SendConnector -ErrorAction Stop)
    }
}

Assert-Shell
Assert-Organization
$present = Get-Present

# hq from cloud (locations.hq)
# `hq` sends through `cloud` and holds these domains.
$connector = 'hq from cloud'
$with = @{
    Enabled          = $true
    Bindings         = @('0.0.0.0:25', '[::]:25')
    RemoteIPRanges   = @(
        '40.92.0.0/15',
        '40.107.0.0/16',
        '52.100.0.0/14',
        '104.47.0.0/17',
        '2a01:111:f400::/48',
        '2a01:111:f403::/48'
    )
    AuthMechanism    = @('Tls')
    PermissionGroups = 'AnonymousUsers'
    RequireTLS       = $true
    Fqdn             = 'mail.contoso.com'
    Comment          = '[mailtopo:hq] locations.hq'
    TlsDomainCapabilities = $null
}
foreach ($server in $servers) {
    Expect 'ReceiveConnector' ($server + '\' + $connector) $with
    Expect-AnyRecipient ($server + '\' + $connector) $false
}

# hq to cloud (locations.hq)
# `hq` sends through `cloud`.
$name = 'hq to cloud'
$with = @{
    Enabled                = $true
    AddressSpaces          = @('*;1')
    SourceTransportServers = @('HT01', 'HT02')
    DNSRoutingEnabled      = $false
    SmartHosts             = @('contoso-com.mail.protection.outlook.com')
    Port                   = 25
    Fqdn                   = 'mail.contoso.com'
    RequireTLS             = $true
    IgnoreSTARTTLS         = $false
    SmartHostAuthMechanism = 'None'
    IsScopedConnector      = $false
    TlsAuthLevel           = 'DomainValidation'
    TlsDomain              = 'mail.protection.outlook.com'
    Comment                = '[mailtopo:hq] locations.hq'
}
Expect 'SendConnector' $name $with

# contoso.com (domains.contoso.com)
# hq holds mailboxes of it.
$name = 'contoso.com'
$with = @{
    DomainType = 'Authoritative'
}
Expect 'AcceptedDomain' $name $with

Write-Others

if ($different -eq 0) { Write-Host 'Everything is as the spec says.'; exit 0 }
Write-Host ([string] $different + ' objects differ from the spec.')
exit 1
