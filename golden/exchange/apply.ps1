#requires -Version 2.0

<#
.SYNOPSIS
    Makes the objects of desired.psd1, or changes them to what stands there.
.DESCRIPTION
    Looks at everything first, saves the present state, stops at the first error. Exit code 0: done; 1: stopped, or Exchange keeps something otherwise.
    The same bytes in every output of this version of mailtopo: what is done stands in desired.psd1, how in ..\lib.
.EXAMPLE
    .\apply.ps1 -WhatIf -OutFile plan.html         shows every property that would change, and changes nothing
.EXAMPLE
    .\apply.ps1 -Confirm                           asks before every change
.EXAMPLE
    .\apply.ps1 -Only 'cloud to hq'                this object alone
.EXAMPLE
    .\apply.ps1 -Outgoing                          also what sends mail another way than before
.EXAMPLE
    .\apply.ps1 -Outgoing -Lock                    also what refuses mail; the last step
.EXAMPLE
    .\apply.ps1 -Prune                             also removes what an earlier run made and the spec no longer has
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [switch] $Outgoing,
    [switch] $Lock,
    [switch] $Prune,
    [string[]] $Only = @(),
    [string] $SaveTo = '',
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
Invoke-Mailtopo 'apply' (Join-Path $here 'desired.psd1') $PSCmdlet $PSBoundParameters
exit $run['Exit']
