
if ($different -eq 0) { Write-Host 'Everything is as the spec says.'; exit 0 }
Write-Host ([string] $different + ' objects differ from the spec.')
exit 1
