#
# Puts back what apply.ps1 saved before it changed anything: connectors with their names, rules with their state and
# order, domains, settings, DKIM, and the right to relay. What apply.ps1 has made since is removed; what somebody else has
# made or changed since stays. Passwords of smart hosts are in no file, and stay as they are.
#
#   .\rollback.ps1 -Saved FILE -WhatIf     says what it would do
#   .\rollback.ps1 -Saved FILE -Confirm    asks before every change
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)]
    [string] $Saved
)
