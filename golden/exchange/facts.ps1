#requires -Version 2.0

<#
.SYNOPSIS
    Prints the facts that only this organization knows, as YAML for facts:; or exports everything. Changes nothing.
.DESCRIPTION
    Exit code 0: done; 2: it could not look.
    The same bytes in every output of this version of mailtopo: what is done stands in desired.psd1, how in ..\lib.
.EXAMPLE
    .\facts.ps1 | Set-Content facts.yaml -Encoding UTF8
.EXAMPLE
    .\facts.ps1 -OutFile cloud.json                all that `mailtopo import` and `mailtopo drift` need
#>
[CmdletBinding()]
param(
    [string] $OutFile = ''
)
if ($MyInvocation.InvocationName -eq '.') { Write-Warning 'Run this script, do not dot-source it.'; return }
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$library = Join-Path (Join-Path (Split-Path -Parent $here) 'lib') 'mailtopo-exchange.ps1'
if (-not [System.IO.File]::Exists($library)) { Write-Host ($library + ' is missing. Copy the whole output, or compile with --standalone.'); exit 2 }
# The library has to be the one that this script was written with; a signature at its end does not count.
$text = [System.IO.File]::ReadAllText($library) -replace "`r", ''
$text = ($text -replace '\n# SIG # Begin signature block\n(# [A-Za-z0-9+/=]+\n)+# SIG # End signature block\s*$', '').TrimEnd() + "`n"
$hash = [System.Security.Cryptography.SHA256]::Create().ComputeHash([System.Text.Encoding]::UTF8.GetBytes($text))
if ([System.BitConverter]::ToString($hash).Replace('-', '') -ne '56B4FC12B9B7A70B9B2DBD3C637CD095CF5E77C0ED07F360D8AEE6EB3DDE1148') { Write-Host ($library + ' is of another version, or was edited.'); exit 2 }
. $library
Invoke-Mailtopo 'facts' (Join-Path $here 'desired.psd1') $PSCmdlet $PSBoundParameters
exit $run['Exit']
