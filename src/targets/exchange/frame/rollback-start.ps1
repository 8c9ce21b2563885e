Assert-Shell
Assert-Organization
Assert-Command $needs
$present = Get-Present
