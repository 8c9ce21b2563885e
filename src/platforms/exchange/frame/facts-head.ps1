#
# Prints the facts that only this organization knows, as the file that a spec names with `facts:`. It changes nothing.
#
#   .\facts.ps1 | Set-Content facts.yaml -Encoding UTF8
#
# What it cannot find it says in a comment, with the place where it can be read.
[CmdletBinding()]
param()
