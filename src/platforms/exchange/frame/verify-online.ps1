# Whether a rule is on, and does nothing that the spec does not say.
function Expect-RuleState([string] $Name, [string] $State) {
    $rule = Find-Present 'TransportRule' $Name
    if ($null -eq $rule) { return }
    $lines = @()
    if ([string] $rule.State -ne $State) { $lines += 'is ' + $rule.State + ', shall be ' + $State }
    foreach ($other in @(Find-OtherPart $rule)) { $lines += 'has ' + $other + ', which the spec cannot say' }
    if ($lines.Count -gt 0) { Write-Result ('TransportRule ' + $Name) $lines }
}

function Expect-RuleOrder($Names) {
    $priorities = @()
    foreach ($name in $Names) {
        $rule = Find-Present 'TransportRule' $name
        if ($null -ne $rule) { $priorities += [int] $rule.Priority }
    }
    $sorted = @($priorities | Sort-Object)
    if ([string]::Join(' ', [string[]] $priorities) -ne [string]::Join(' ', [string[]] $sorted)) {
        Write-Result 'order of the rules' @('shall be ' + [string]::Join(', ', [string[]] $Names))
    }
}

# The hybrid wizard chooses names of its own: its connectors are known by their source.
function Expect-Wizard([string] $Kind, $With) {
    $objects = @($present[$Kind] | Where-Object { [string] $_.ConnectorSource -eq 'HybridWizard' -and $_.Enabled })
    if ($objects.Count -eq 1) { Write-Result ($Kind + ' ' + $objects[0].Name) @(Find-Difference $objects[0] $With) }
    else { Write-Result ($Kind + ' of the hybrid wizard') @([string] $objects.Count + ' are enabled, shall be 1') }
}

function Expect-ArcSealer($Sealers) {
    $trusted = @()
    foreach ($config in $present['ArcConfig']) {
        foreach ($sealer in @(Get-Property $config 'ArcTrustedSealers')) { $trusted += @([string] $sealer -split ', *') }
    }
    Write-Result 'trusted ARC sealers' @($Sealers | Where-Object { $trusted -notcontains $_ } | ForEach-Object { 'lack ' + $_ })
}

function Expect-Dkim([string] $Domain) {
    $config = Find-Present 'DkimSigningConfig' $Domain
    if ($null -eq $config) { Write-Result ('DKIM of ' + $Domain) @('has no keys') }
    elseif (-not $config.Enabled) { Write-Result ('DKIM of ' + $Domain) @('is not enabled') }
    else { Write-Result ('DKIM of ' + $Domain) @() }
}

# Names what else there is, because a connector or rule that the spec does not know can win.
function Write-Others {
    foreach ($kind in @('InboundConnector', 'OutboundConnector')) {
        foreach ($object in $present[$kind]) {
            if ($known -notcontains ($kind + ' ' + $object.Name) -and [string] (Get-Property $object 'ConnectorSource') -ne 'HybridWizard') {
                Write-Warning ($kind + ' ' + $object.Name + ' is not in the spec (enabled: ' + $object.Enabled + ')')
            }
        }
    }
    $ours = @($present['TransportRule'] | Where-Object { $known -contains ('TransportRule ' + $_.Name) })
    foreach ($rule in $present['TransportRule']) {
        if ($known -contains ('TransportRule ' + $rule.Name)) { continue }
        $before = @($ours | Where-Object { [int] $_.Priority -lt [int] $rule.Priority } | ForEach-Object { $_.Name })
        if ($before.Count -gt 0 -and [string] $rule.State -eq 'Enabled') {
            Write-Warning ('TransportRule ' + $rule.Name + ' comes after ' + [string]::Join(', ', [string[]] $before) + ', and is not applied to mail that one of these routes')
        }
        $connector = [string] (Get-Property $rule 'RouteMessageOutboundConnector')
        if ($connector -ne '') {
            Write-Warning ('TransportRule ' + $rule.Name + ' is not in the spec and chooses ' + $connector + ' (' + $rule.State + ')')
        }
    }
}

# Exchange Online connects to every smart host and sends a message to each recipient, from its own address. What it
# finds is shown as it says it; a property of the result that is false counts as a difference.
function Test-Connector([string] $Name, $Recipients) {
    if (-not $Validate) { return }
    $lines = @()
    foreach ($result in @(Validate-OutboundConnector -Identity $Name -Recipients $Recipients -Confirm:$false -ErrorAction Stop)) {
        $shown = ($result | Out-String).Trim()
        Write-Host $shown
        foreach ($property in $result.PSObject.Properties) {
            if ($property.Value -is [bool] -and -not $property.Value) { $lines += $property.Name + ' is false' }
        }
    }
    Write-Result ('validation of OutboundConnector ' + $Name) $lines
}
