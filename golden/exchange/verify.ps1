#requires -Version 2.0

<#
.SYNOPSIS
    Compares what exists with desired.psd1, property by property. Changes nothing.
.DESCRIPTION
    Exit code 0: all is as the spec says; 1: something differs; 2: it could not look.
    The same bytes in every output of this version of mailtopo: what is done stands in desired.psd1, how in ..\lib.
.EXAMPLE
    .\verify.ps1 -OutFile result.html              the result as a page; .json for programs
.EXAMPLE
    .\verify.ps1 -WithoutLock                      before apply.ps1 -Lock was run
.EXAMPLE
    .\verify.ps1 -WithoutLock -WithoutOutgoing     before apply.ps1 -Outgoing was run, too
.EXAMPLE
    .\verify.ps1 -Validate                         Exchange Online also sends its test messages
#>
[CmdletBinding()]
param(
    [switch] $WithoutLock,
    [switch] $WithoutOutgoing,
    [switch] $Validate,
    [string[]] $Only = @(),
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
Invoke-Mailtopo 'verify' (Join-Path $here 'desired.psd1') $PSCmdlet $PSBoundParameters
exit $run['Exit']
