#requires -Version 2.0
# For Exchange Online: location cloud. Written by mailtopo.
#
# Prints the facts that only this organization knows, as the file that a spec names with `facts:`. It changes nothing.
#
#   .\facts.ps1 | Set-Content facts.yaml -Encoding UTF8
#
# What it cannot find it says in a comment, with the place where it can be read.
[CmdletBinding()]
param()

$location = 'cloud'
$marks = @('[mailtopo:cloud]')
$tenant = 'contoso.onmicrosoft.com'
$mxSuffix = '.mail.protection.outlook.com'

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

function Get-Property($Object, [string] $Property) {
    $found = $Object.PSObject.Properties[$Property]
    if ($null -ne $found) { $found.Value }
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

$opened = $false

trap {
    Write-Host ('Could not look: ' + $_.Exception.Message) -ForegroundColor Red
    exit 2
}

function Quote([string] $Text) {
    "'" + ($Text -replace "'", "''") + "'"
}

function Write-Start {
    'version: 1'
    'gathered: ' + (Get-Date).ToString('yyyy-MM-dd', [System.Globalization.CultureInfo]::InvariantCulture)
}

# A part of the location's facts: what was found, and a comment for each thing that was not.
function Write-Section([string] $Name, $Found, $Missing) {
    if (@($Found).Count -gt 0) {
        if (-not $script:opened) { (Quote $location) + ':'; $script:opened = $true }
        '  ' + $Name + ':'
        foreach ($line in $Found) { '    ' + $line }
    }
    foreach ($line in $Missing) { '    # ' + $line }
}

# The signed host that the tenant wants in a domain's MX, where DNSSEC is enabled for it.
function Find-ExpectedHost([string] $Domain) {
    try {
        $status = Get-DnssecStatusForVerifiedDomain -DomainName $Domain -ErrorAction Stop
        $expected = [string] (Get-Property $status 'ExpectedMxRecord')
        if ($expected -match '([a-z0-9-]+\.)+mx\.microsoft') { $matches[0] }
    }
    catch { Write-Verbose $_.Exception.Message }
}

# The facts file has no key for this; it is shown for whoever publishes the records.
function Write-Dnssec($Domains) {
    foreach ($domain in $Domains) {
        $status = Get-DnssecStatusForVerifiedDomain -DomainName $domain -ErrorAction SilentlyContinue
        $feature = 'unknown'
        if ($null -ne $status) { $feature = Get-Property $status 'DnssecFeatureStatus' }
        '  # DNSSEC of the host that takes mail for ' + $domain + ': ' + [string] $feature
    }
}

# The host that takes a domain's mail: as the tenant expects it, else as its administration says, else as the domain's
# own MX says where it leads to Exchange Online already. Nothing is computed: the name can be any.
function Find-MxHost([string] $Domain) {
    $expected = Find-ExpectedHost $Domain
    if ($expected) { return $expected }
    if ($null -ne (Get-Command -Name Get-MgDomainServiceConfigurationRecord -ErrorAction SilentlyContinue)) {
        try {
            foreach ($record in @(Get-MgDomainServiceConfigurationRecord -DomainId $Domain -ErrorAction Stop)) {
                if ($record.RecordType -eq 'Mx') { return [string] $record.AdditionalProperties['mailExchange'] }
            }
        }
        catch { Write-Verbose $_.Exception.Message }
    }
    $ordinal = [System.StringComparison]::OrdinalIgnoreCase
    if ($null -ne (Get-Command -Name Resolve-DnsName -ErrorAction SilentlyContinue)) {
        foreach ($record in @(Resolve-DnsName -Name $Domain -Type MX -ErrorAction SilentlyContinue)) {
            $exchange = ([string] (Get-Property $record 'NameExchange')).TrimEnd('.')
            if ($exchange.EndsWith($mxSuffix, $ordinal) -or $exchange.EndsWith('.mx.microsoft', $ordinal)) { return $exchange }
        }
    }
}

function Write-Mx($Domains) {
    $found = @()
    $missing = @()
    foreach ($domain in $Domains) {
        $mx = Find-MxHost $domain
        if ($mx) { $found += (Quote $domain) + ': ' + (Quote $mx) }
        else { $missing += $domain + ': in the Microsoft 365 admin center, Settings, Domains, ' + $domain + ', DNS records, MX' }
    }
    Write-Section 'mx' $found $missing
}

function Write-Dkim($Domains) {
    $found = @()
    $missing = @()
    foreach ($domain in $Domains) {
        $config = Get-DkimSigningConfig -Identity $domain -ErrorAction SilentlyContinue
        if ($null -eq $config) { $missing += $domain + ': has no DKIM keys yet; apply.ps1 makes them'; continue }
        $found += (Quote $domain) + ': {selector1: ' + (Quote $config.Selector1CNAME) + ', selector2: ' + (Quote $config.Selector2CNAME) + '}'
    }
    Write-Section 'dkim' $found $missing
}

Assert-Shell
Assert-Organization
Write-Start
Write-Mx @('contoso.com', 'mail.contoso.com')
Write-Dkim @('contoso.com')
