//! The library that the scripts load, held against the table of kinds and the catalogue of cmdlets.
//!
//! What it does is proven by PowerShell itself (`tests/powershell`). Here its text is read with a grammar.

use crate::powershell::reader::{ReadCall, read};
use mailtopo::testing::platforms::exchange::catalogue::{Product, exists, has, knows};
use mailtopo::testing::platforms::exchange::kind::{ALL, Identity};
use mailtopo::testing::platforms::exchange::scripts::LIBRARY;
use mailtopo::testing::topology::ExchangeVersion::{Se, V2007, V2010, V2013, V2016, V2019};
use std::collections::{BTreeMap, BTreeSet};

/// The text of `$kinds`, by kind.
fn kinds() -> BTreeMap<&'static str, String> {
    let (_, rest) = LIBRARY.split_once("\n$kinds = @{\n").expect("the table");
    let (table, _) = rest.split_once("\n}\n").expect("its end");
    let mut kinds: BTreeMap<&str, String> = BTreeMap::new();
    let mut open = "";
    for line in table.lines() {
        if let Some(name) = line
            .strip_prefix("    ")
            .and_then(|rest| rest.strip_suffix(" = @{"))
        {
            open = name;
        }
        let text = kinds.entry(open).or_default();
        text.push_str(line);
        text.push('\n');
    }
    kinds
}

/// The names in the list behind a key, `$ruleParts` written out.
fn names(text: &str, key: &str) -> BTreeSet<String> {
    let Some((_, rest)) = text.split_once(&format!("{key} = ")) else {
        return BTreeSet::new();
    };
    let whole = rest.split(['\n', ';']).next().unwrap_or_default();
    let list = rest.split(')').next().unwrap_or_default();
    let mut names: BTreeSet<String> = list
        .split('\'')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    if whole.starts_with("$ruleParts") {
        if whole == "$ruleParts" {
            names.clear();
        }
        names.extend(self::names(LIBRARY, "$ruleParts"));
    }
    names
}

fn literal(text: &str) -> Vec<ReadCall> {
    let calls = read(text).expect("PowerShell").calls;
    calls
        .into_iter()
        .filter(|read| knows(read.call.cmdlet))
        .collect()
}

#[test]
fn its_kinds_are_those_of_the_compiler() {
    let kinds = kinds();
    let known: BTreeSet<&str> = ALL.iter().map(|kind| kind.name).collect();
    assert_eq!(kinds.keys().copied().collect::<BTreeSet<_>>(), known);
    for kind in ALL {
        let text = &kinds[kind.name];
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let cleared: BTreeSet<String> = own(kind.cleared);
        let mut properties: BTreeSet<String> = own(kind.properties);
        properties.extend(cleared.iter().cloned());
        assert_eq!(names(text, "Properties"), properties, "{}", kind.name);
        assert_eq!(names(text, "Cleared"), cleared, "{}", kind.name);
        assert_eq!(
            text.contains("Single = $true"),
            kind.identity != Identity::Name,
            "{}",
            kind.name
        );
        assert_eq!(
            text.contains("PerServer = $true"),
            kind.per_server,
            "{}",
            kind.name
        );
        let body = text.split_once("@{\n").expect("a table").1;
        let calls = literal(&format!("$x = @{{\n{body}"));
        let cmdlets: BTreeSet<&str> = calls.iter().map(|read| read.call.cmdlet).collect();
        assert!(cmdlets.contains(kind.set), "{}: {cmdlets:?}", kind.name);
        assert_eq!(
            text.contains("New = {"),
            kind.new.is_some(),
            "{}",
            kind.name
        );
        assert!(
            kind.new.is_none_or(|new| cmdlets.contains(new)),
            "{}",
            kind.name
        );
    }
}

/// Every call is literal, of a cmdlet that some product has with these parameters, or takes a block of the table.
#[test]
fn its_calls_are_those_that_products_know() {
    let servers = [V2007, V2010, V2013, V2016, V2019, Se].map(Product::Server);
    let products: Vec<Product> = [Product::Online, Product::Protection]
        .into_iter()
        .chain(servers)
        .collect();
    let calls = literal(LIBRARY);
    assert!(calls.len() > 50, "only {} calls", calls.len());
    let common = ["ErrorAction", "WarningAction"];
    for read in &calls {
        let call = &read.call;
        let names: Vec<&str> = call.parameters.iter().map(|(name, _)| *name).collect();
        let names: Vec<&str> = names
            .into_iter()
            .filter(|name| !common.contains(name))
            .collect();
        let fits = |product: &&Product| {
            exists(call.cmdlet, **product)
                && names.iter().all(|name| has(call.cmdlet, name, **product))
        };
        assert!(
            products.iter().any(|product| fits(&product)),
            "line {}: {} {names:?}",
            read.line,
            call.cmdlet
        );
    }
    for (number, line) in LIBRARY.lines().enumerate() {
        let code = line.split("# ").next().unwrap_or_default();
        for banned in [
            "Invoke-Expression",
            "iex ",
            "[scriptblock]::Create",
            "Invoke-Command",
            "& \"",
            "& (",
        ] {
            assert!(!code.contains(banned), "line {}: {line}", number + 1);
        }
    }
}
