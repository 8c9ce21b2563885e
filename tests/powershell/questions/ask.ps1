# Asks every question of the PowerShell that runs this, Windows PowerShell 5.1 included, and compares with what the design counts on.
#   powershell.exe -NoProfile -File ask.ps1 OUTPUT     OUTPUT is what compile wrote for examples/02-split-mailboxes
param([Parameter(Mandatory = $true)] [string] $Output)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$env:MAILTOPO_OUTPUT = (Get-Item -LiteralPath $Output).FullName
$shell = (Get-Process -Id $PID).Path
$others = 0
foreach ($script in @(Get-ChildItem -Path (Join-Path (Split-Path -Parent $MyInvocation.MyCommand.Path) 'q*.ps1') | Sort-Object Name)) {
    $lines = @(Get-Content -LiteralPath $script.FullName -Encoding UTF8)
    $expect = (@($lines | Where-Object { $_ -like '# EXPECT: *' })[0]) -replace '^# EXPECT: ', ''
    # What the script says of errors must not stop this one.
    $ErrorActionPreference = 'Continue'
    $said = @(& $shell -NoProfile -NonInteractive -File $script.FullName 2>&1 | ForEach-Object { [string] $_ } | Where-Object { $_.Trim() -ne '' })
    $ErrorActionPreference = 'Stop'
    $answer = ''
    if ($said.Count -gt 0) { $answer = $said[$said.Count - 1] }
    if ($answer -ceq $expect) { Write-Host ('yes  ' + $script.BaseName); continue }
    if ($answer -eq 'left out') { Write-Host ('-    ' + $script.BaseName + ': left out'); continue }
    $others++
    Write-Host ('NO   ' + $script.BaseName + ': ' + $lines[0])
    Write-Host ('       expected: ' + $expect)
    foreach ($line in @($said | Select-Object -Last 12)) { Write-Host ('       got: ' + $line) }
}
Write-Host ([string] $others + ' answers are not as expected')
exit [int] ($others -gt 0)
