#
# Puts back what apply.ps1 saved before it changed anything: connectors, rules with their state and order, types of
# accepted domains, settings and the right to relay. What apply.ps1 has made since is removed. Passwords of smart hosts
# are in no file; DKIM keys, trusted ARC sealers and domains that were added stay.
#
#   .\rollback.ps1 -Saved FILE -WhatIf     says what it would do
#   .\rollback.ps1 -Saved FILE -Confirm    asks before every change
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)]
    [string] $Saved
)
