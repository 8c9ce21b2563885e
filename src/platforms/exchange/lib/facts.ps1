#requires -Version 2.0

<#
.SYNOPSIS
    Prints the facts that only this organization knows, as YAML for facts:; or exports everything. Changes nothing.
.DESCRIPTION
    Exit code 0: done; 2: it could not look.
    FORM
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
