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
