function Write-Certificate($Names) {
    $found = @()
    $missing = @()
    foreach ($name in $Names) {
        try {
            $certificate = Find-Certificate $name ''
            $found += (Quote $name) + ': {thumbprint: ' + (Quote $certificate.Thumbprint) + ', issuer: ' + (Quote $certificate.Issuer) + ', subject: ' + (Quote $certificate.Subject) + '}'
        }
        catch { $missing += $name + ': ' + $_.Exception.Message }
    }
    Write-Section 'certificates' $found $missing
}
