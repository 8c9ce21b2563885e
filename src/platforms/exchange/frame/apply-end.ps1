
Remove-Leftover
if ($done.Count -eq 0) { Write-Host 'Nothing had to be changed.' }
else { Write-Host ([string] $done.Count + ' changes. Connectors and rules may take half an hour to work everywhere; then run verify.ps1. To go back: .\rollback.ps1 -Saved "' + $saved + '"') }
if ($waiting.Count -gt 0) {
    Write-Host ('Left out, because it refuses mail that comes another way: ' + [string]::Join(', ', [string[]] $waiting))
    Write-Host 'Once mail comes the way the spec says: .\apply.ps1 -Lock'
}
exit 0
