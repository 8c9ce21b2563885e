foreach ($state in @(Get-Saved 'OrganizationConfig')) { Restore-Object $state $null { Set-OrganizationConfig @with @safely } }
foreach ($state in @(Get-Saved 'TransportConfig')) { Restore-Object $state $null { Set-TransportConfig @with @safely } }
foreach ($state in @(Get-Saved 'CASMailbox')) { Restore-Object $state $null { Set-CASMailbox -Identity $name @with @safely } }
