function Write-Certificate($Names) {
    '  certificates:'
    foreach ($name in $Names) {
        try {
            $certificate = Find-Certificate $name ''
            '    ' + (Quote $name) + ': {thumbprint: ' + (Quote $certificate.Thumbprint) + ', issuer: ' + (Quote $certificate.Issuer) + ', subject: ' + (Quote $certificate.Subject) + '}'
        }
        catch { '    # ' + $name + ': ' + $_.Exception.Message }
    }
}
