Assert-Shell
Assert-Organization
Assert-Command (Get-Need)
$present = Get-Present
