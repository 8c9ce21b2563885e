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
