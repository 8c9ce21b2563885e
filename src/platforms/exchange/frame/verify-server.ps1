function Expect-AnyRecipient([string] $Name, [bool] $Allowed) {
    $connector = Find-Present 'ReceiveConnector' $Name
    if ($null -eq $connector -or (Test-AnyRecipient $connector) -eq $Allowed) { return }
    if ($Allowed) { Write-Result ('right to relay at ReceiveConnector ' + $Name) @('is missing') }
    else { Write-Result ('right to relay at ReceiveConnector ' + $Name) @('is granted, and shall not be') }
}

# The hybrid wizard chooses names of its own: its connector is known by its address space.
function Expect-Wizard([string] $Space, $With) {
    $objects = @($present['SendConnector'] | Where-Object { @((ConvertTo-Stored 'AddressSpaces' $_.AddressSpaces) -split ', ') -contains $Space -and $_.Enabled })
    foreach ($object in $objects) { $script:known += 'SendConnector ' + $object.Name }
    if ($objects.Count -eq 1) { Write-Result ('SendConnector ' + $objects[0].Name) @(Find-Difference $objects[0] $With) }
    else { Write-Result ('SendConnector of the hybrid wizard for ' + $Space) @([string] $objects.Count + ' are enabled, shall be 1') }
}

# Names what else there is, because a connector that the spec does not know can win.
function Write-Others {
    foreach ($object in $present['SendConnector']) {
        if ($known -notcontains ('SendConnector ' + $object.Name)) {
            Write-Warning ('SendConnector ' + $object.Name + ' is not in the spec (enabled: ' + $object.Enabled + ', spaces: ' + (ConvertTo-Stored 'AddressSpaces' $object.AddressSpaces) + ')')
        }
    }
}
