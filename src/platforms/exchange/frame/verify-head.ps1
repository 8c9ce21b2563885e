#
# Compares what exists with what the spec says, property by property, and prints every difference. It changes nothing.
# Exit code 0: all is as it shall be. 1: something differs. 2: it could not look.
#
#   .\verify.ps1 -WithoutLock  before apply.ps1 -Lock was run: what that makes is not looked at
#   .\verify.ps1 -Validate     also has Exchange Online test its connectors by sending a message to the test recipients
[CmdletBinding()]
param(
    [switch] $WithoutLock,
    [switch] $Validate
)
