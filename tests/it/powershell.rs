//! Every script that mailtopo writes is PowerShell, and every call in it is one that the product knows.

pub(crate) mod reader;

use mailtopo::testing::platforms::exchange::call::Call;
use mailtopo::testing::platforms::exchange::catalogue::{self, Product};
use mailtopo::testing::writer::powershell::PsValue;
use proptest::prelude::*;
use reader::{ReadCall, read};

/// Parameters of every advanced function and cmdlet.
const COMMON: [&str; 4] = ["ErrorAction", "WarningAction", "Verbose", "ErrorVariable"];

/// Cmdlets that are not Exchange's.
const BUILT_IN: [&str; 16] = [
    "ForEach-Object",
    "Get-Command",
    "Get-Credential",
    "Get-Date",
    "Import-LocalizedData",
    "New-Object",
    "Out-Null",
    "Out-String",
    "Resolve-DnsName",
    "Select-Object",
    "Set-StrictMode",
    "Sort-Object",
    "Start-Sleep",
    "Test-Path",
    "Where-Object",
    "Write-Host",
];

/// What is wrong with the calls of a script that a product shall run.
pub(crate) fn wrong_calls(text: &str, product: Product) -> Vec<String> {
    let script = match read(text) {
        Ok(script) => script,
        Err(lines) => return vec![format!("not PowerShell:\n{lines}")],
    };
    let known =
        |name: &str| BUILT_IN.contains(&name) || script.functions.contains(&name.to_lowercase());
    let mut wrong = Vec::new();
    for read in script.calls.iter().filter(|read| !known(read.call.cmdlet)) {
        wrong.extend(
            wrong_call(read, product)
                .into_iter()
                .map(|why| format!("line {}: {why}", read.line)),
        );
    }
    wrong
}

fn wrong_call(read: &ReadCall, product: Product) -> Vec<String> {
    let mut call = read.call.clone();
    call.parameters.retain(|(name, _)| !COMMON.contains(name));
    match catalogue::check(&call, product) {
        Ok(()) => Vec::new(),
        // What is not seen cannot be missed, but a wrong name is wrong by itself.
        Err(wrong) if read.partial => {
            let names = [
                "there is no",
                "does not exist",
                "has no parameter",
                "none of",
            ];
            let certain = |why: &String| names.iter().any(|name| why.contains(name));
            wrong.into_iter().filter(certain).collect()
        }
        Err(wrong) => wrong,
    }
}

const SAMPLE: &str = r"#requires -Version 2.0
function Step($Kind, $Name) { Get-OutboundConnector }
Step 'outbound connector' 'a b' `
    { New-OutboundConnector -Name 'a b' -RecipientDomains @('contoso.com', '*.contoso.com') -WhatIf } `
    { Set-OutboundConnector -Identity 'it''s $HOME ‘‘x’’' @rest -TlsDomain $null -Confirm:$false }
";

#[test]
fn the_reader_finds_calls_in_blocks() {
    let script = read(SAMPLE).expect("is PowerShell");
    assert_eq!(script.functions, ["step"]);
    let names: Vec<_> = script
        .calls
        .iter()
        .map(|read| (read.call.cmdlet, read.line, read.partial))
        .collect();
    assert_eq!(
        names,
        [
            ("Get-OutboundConnector", 2, false),
            ("New-OutboundConnector", 4, false),
            ("Set-OutboundConnector", 5, true)
        ]
    );
    let (new, set) = (&script.calls[1].call, &script.calls[2].call);
    assert_eq!(
        new.get("RecipientDomains"),
        Some(&["contoso.com", "*.contoso.com"].into_iter().collect())
    );
    assert_eq!(new.get("WhatIf"), Some(&PsValue::Switch(true)));
    assert_eq!(set.get("Identity"), Some(&"it's $HOME ‘x’".into()));
    assert_eq!(set.get("TlsDomain"), Some(&PsValue::Null));
    assert_eq!(set.get("Confirm"), Some(&PsValue::Bool(false)));
}

#[test]
fn a_mistake_in_a_script_is_found() {
    let online = |text: &str| wrong_calls(text, Product::Online).join("\n");
    assert!(online("if (").starts_with("not PowerShell"));
    assert!(online("Get-SendConnector").contains("does not exist in Exchange Online"));
    assert!(online("Start-Something").contains("no cmdlet"));
    assert!(online("Get-OutboundConnector 'a'").contains("(by position)"));
    assert!(
        online("Set-OutboundConnector -Identity 'a' -Comments 'b'")
            .contains("no parameter `Comments`")
    );
}

fn value() -> impl Strategy<Value = PsValue> {
    let text = prop_oneof![
        any::<String>(),
        "[-'\"`$@(){};,#<> \u{2018}\u{2019}\u{201a}\u{201b}a-z]{0,12}",
    ];
    let one = prop_oneof![
        4 => text.prop_map(PsValue::String),
        1 => any::<i32>().prop_map(|number| PsValue::Int(number.into())),
        1 => any::<bool>().prop_map(PsValue::Bool),
        1 => Just(PsValue::Null),
    ];
    let list = prop::collection::vec(one.clone(), 0..4).prop_map(PsValue::Array);
    prop_oneof![3 => one, 1 => list]
}

/// Negative numbers stand in parentheses, which the reader takes for something worked out.
fn readable(value: &PsValue) -> bool {
    match value {
        PsValue::Int(number) => *number >= 0,
        PsValue::Array(items) => items.iter().all(readable),
        _ => true,
    }
}

proptest! {
    #[test]
    fn whatever_the_values_a_call_reads_back_as_written(values in prop::collection::vec(value(), 1..4)) {
        let names = ["Name", "Comment", "TlsDomain"];
        let parameters: Vec<_> = names.into_iter().zip(values).collect();
        let call = Call { cmdlet: "New-OutboundConnector", parameters };
        let Ok(line) = call.text() else { return Ok(()) };
        let script = read(&line).map_err(TestCaseError::fail)?;
        prop_assert_eq!(script.calls.len(), 1);
        if call.parameters.iter().all(|(_, value)| readable(value)) {
            prop_assert_eq!(&script.calls[0].call, &call);
        }
    }
}
