#
# Makes the objects below, or changes them to what stands here, and says what it does. Before the first change it makes
# sure of the shell, the organization, every cmdlet and parameter, and the recipients it relies on; then it saves what
# exists to a file, which rollback.ps1 takes. It stops at the first error. Run twice, it changes nothing the second time.
# What refuses mail that comes another way than the spec says is left out, and said at the end: it waits for -Lock.
#
#   .\apply.ps1 -WhatIf     says what it would do
#   .\apply.ps1 -Confirm    asks before every change
#   .\apply.ps1 -Lock       also makes what refuses mail; the last step, once mail comes the way the spec says
#   .\apply.ps1 -Prune      also removes what an earlier run made and the spec no longer has
#
# Edit the spec, not this file.
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [switch] $Lock,
    [switch] $Prune,
    # The file that the present state is saved to; by default in your home folder, with place and time in its name.
    [string] $SaveTo = ''
)
