#requires -Version 2.0

<#
.SYNOPSIS
    Makes the objects of desired.psd1, or changes them to what stands there.
.DESCRIPTION
    Looks at everything first, saves the present state, stops at the first error. Exit code 0: done; 1: stopped, or Exchange keeps something otherwise.
    FORM
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
