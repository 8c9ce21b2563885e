foreach ($state in @(Get-Saved 'OrganizationConfig')) { Restore-Object $state $null { Set-OrganizationConfig @with @safely } }
foreach ($state in @(Get-Saved 'TransportConfig')) { Restore-Object $state $null { Set-TransportConfig @with @safely } }
foreach ($state in @(Get-Saved 'CASMailbox')) { Restore-Object $state $null { Set-CASMailbox -Identity $name @with @safely } }
foreach ($state in @(Get-Saved 'ArcConfig')) {
    # The cmdlet takes no empty list.
    if ($null -ne $state['Values']['ArcTrustedSealers']) { Restore-Object $state $null { Set-ArcConfig -Identity 'Default' @with @safely }; continue }
    if ((ConvertTo-Stored 'ArcTrustedSealers' (Get-Property (Find-Present 'ArcConfig' '') 'ArcTrustedSealers')) -ne '') {
        Write-Warning 'Before, no ARC sealer was trusted. Remove those that are trusted now in the Microsoft Defender portal.'
    }
}
