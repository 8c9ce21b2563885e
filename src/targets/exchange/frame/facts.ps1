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
    (Quote $location) + ':'
}
