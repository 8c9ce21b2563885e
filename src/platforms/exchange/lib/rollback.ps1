#requires -Version 2.0

<#
.SYNOPSIS
    Puts back every object of mailtopo as it was when apply.ps1 saved the file, whoever changed it since.
.DESCRIPTION
    Removes what carries the mark of mailtopo and was not there then, and what that run of apply.ps1 made; what others made stays. Exit code 0: done; 1: stopped, or Exchange keeps something otherwise.
    FORM
.EXAMPLE
    .\rollback.ps1 -Saved FILE -WhatIf             shows what it would do
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)] [string] $Saved,
    [string[]] $Only = @(),
    [string] $OutFile = ''
)
if ($MyInvocation.InvocationName -eq '.') { Write-Warning 'Run this script, do not dot-source it.'; return }
