# No cmdlet of this tenant tells the host that it wants in a domain's MX.
function Find-ExpectedHost([string] $Domain) { }
