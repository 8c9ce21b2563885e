$different = 0
# What the spec has, by kind and name.
$known = @()

trap {
    Write-Host ('Could not look: ' + $_.Exception.Message) -ForegroundColor Red
    exit 2
}

function Write-Result([string] $Target, $Differences) {
    if (@($Differences).Count -eq 0) { Write-Host ('ok         ' + $Target); return }
    $script:different++
    Write-Host ('different  ' + $Target) -ForegroundColor Yellow
    foreach ($line in $Differences) { Write-Host ('           ' + $line) }
}

function Expect([string] $Kind, [string] $Name, $With, [switch] $Locks) {
    $script:known += $Kind + ' ' + $Name
    if ($Locks -and $WithoutLock) { Write-Host ('not yet    ' + $Kind + ' ' + $Name); return }
    $object = Find-Present $Kind $Name
    if ($null -eq $object) { Write-Result ($Kind + ' ' + $Name) @('does not exist') }
    else { Write-Result ($Kind + ' ' + $Name) @(Find-Difference $object $With) }
}
