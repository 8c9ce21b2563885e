#requires -Version 2.0

<#
.SYNOPSIS
    Compares what exists with desired.psd1, property by property. Changes nothing.
.DESCRIPTION
    Exit code 0: all is as the spec says; 1: something differs; 2: it could not look.
    FORM
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
