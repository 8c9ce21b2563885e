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
