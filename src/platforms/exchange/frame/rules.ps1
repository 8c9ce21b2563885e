# What a rule has beside the parts that a spec can say, as a line of text each: whatever Set-TransportRule can set, but for
# how the rule is run and logged, and for what every rule has unless somebody says otherwise.
function Find-OtherPart($Rule) {
    $known = $ruleParts + @('Name', 'Identity', 'Priority', 'Mode', 'SenderAddressLocation', 'StopRuleProcessing', 'SetAuditSeverity')
    $usual = @{ RuleErrorAction = 'Ignore'; RuleSubType = 'None'; RecipientAddressType = 'Resolved' }
    $set = Get-Command -Name Set-TransportRule -ErrorAction SilentlyContinue
    if ($null -eq $set) { Write-Warning ('This account may not change rules, so that it does not see what else ' + $Rule.Name + ' could have.'); return }
    foreach ($part in @($set.Parameters.Keys | Sort-Object)) {
        if ($known -contains $part) { continue }
        $is = ConvertTo-Stored $part (Get-Property $Rule $part)
        if ($is -eq '' -or $is -eq 'False' -or $is -eq [string] $usual[$part]) { continue }
        $part + ' "' + $is + '"'
    }
}

# A rule does what its entry says and nothing else: every other part that a rule of a spec can have is cleared.
function Complete-Rule($With) {
    foreach ($part in $ruleParts) { if (-not $With.ContainsKey($part)) { $With[$part] = $null } }
    $With
}
