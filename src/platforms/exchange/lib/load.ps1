$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$library = Join-Path (Join-Path (Split-Path -Parent $here) 'lib') 'mailtopo-exchange.ps1'
if (-not [System.IO.File]::Exists($library)) { Write-Host ($library + ' is missing. Copy the whole output, or compile with --standalone.'); exit 2 }
# The library has to be the one that this script was written with; a signature at its end does not count.
$text = [System.IO.File]::ReadAllText($library) -replace "`r", ''
$text = ($text -replace '\n# SIG # Begin signature block\n(# [A-Za-z0-9+/=]+\n)+# SIG # End signature block\s*$', '').TrimEnd() + "`n"
$hash = [System.Security.Cryptography.SHA256]::Create().ComputeHash([System.Text.Encoding]::UTF8.GetBytes($text))
if ([System.BitConverter]::ToString($hash).Replace('-', '') -ne 'HASH') { Write-Host ($library + ' is of another version, or was edited.'); exit 2 }
. $library
Invoke-Mailtopo 'SCRIPT' (Join-Path $here 'desired.psd1') $PSCmdlet $PSBoundParameters
exit $run['Exit']
