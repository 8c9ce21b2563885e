//! Lists of domains, addresses and networks, inline or in a file.

use crate::finding::Findings;
use crate::source::At;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::table::{self, RowFindings};
use crate::topology::resolve::value::{bad_value, pattern};
use crate::values::{Address, BadValue, Network, Pattern};
use crate::yaml::{AddressText, List, Listed, NetworkText, PatternText};
use std::fmt::Display;
use std::ops::Deref;

/// Addresses and networks; one that stands twice is reported.
pub(super) fn networks(listed: &Listed<NetworkText>, scope: &mut Scope<'_>) -> Vec<At<Network>> {
    let items = values(listed, "address", Network::parse, scope);
    once(items, "network", scope.findings)
}

/// Networks that mail leaves from. Nobody's mail leaves from the whole Internet or a large part of it: an SPF record or a
/// connector that says so lets everybody send.
pub(super) fn egress(listed: &Listed<NetworkText>, scope: &mut Scope<'_>) -> Vec<At<Network>> {
    let some = |text: &str| {
        let network = Network::parse(text)?;
        let least = if network.is_ipv6() { 1 } else { 8 };
        if network.prefix_len() >= least {
            return Ok(network);
        }
        let much = if network.prefix_len() == 0 {
            "the whole Internet: everybody"
        } else {
            "a large part of the Internet: people whom nobody knows"
        };
        Err(
            BadValue::new(format!("`{network}` is {much} could send as if from here"))
                .help("write the addresses that mail leaves from"),
        )
    };
    let items = values(listed, "address", some, scope);
    once(items, "network", scope.findings)
}

/// Mail addresses.
pub(super) fn addresses(listed: &Listed<AddressText>, scope: &mut Scope<'_>) -> Vec<At<Address>> {
    let items = values(listed, "address", Address::parse, scope);
    once(items, "address", scope.findings)
}

/// Domain patterns.
pub(super) fn patterns(listed: &Listed<PatternText>, scope: &mut Scope<'_>) -> Vec<At<Pattern>> {
    let mut items = inline_patterns(&listed.list, scope);
    items.extend(from_file(listed, "domain", Pattern::parse, scope));
    once(items, "pattern", scope.findings)
}

/// Domain patterns that no file can hold.
pub(super) fn inline_patterns(list: &List<PatternText>, scope: &mut Scope<'_>) -> Vec<At<Pattern>> {
    list.items
        .iter()
        .filter_map(|item| pattern(&item.value, item.span, scope.findings))
        .collect()
}

/// Values of any kind.
pub(super) fn values<S: Deref<Target = str>, T>(
    listed: &Listed<S>,
    column: &'static str,
    parse: impl Fn(&str) -> Result<T, BadValue> + Copy,
    scope: &mut Scope<'_>,
) -> Vec<At<T>> {
    let mut items = inline(&listed.list, parse, scope);
    items.extend(from_file(listed, column, parse, scope));
    items
}

/// Values that stand in the spec itself.
pub(super) fn inline<S: Deref<Target = str>, T>(
    list: &List<S>,
    parse: impl Fn(&str) -> Result<T, BadValue>,
    scope: &mut Scope<'_>,
) -> Vec<At<T>> {
    list.items
        .iter()
        .filter_map(|item| scope.value(&item.value, item.span, &parse))
        .collect()
}

fn from_file<S, T>(
    listed: &Listed<S>,
    column: &'static str,
    parse: impl Fn(&str) -> Result<T, BadValue>,
    scope: &mut Scope<'_>,
) -> Vec<At<T>> {
    let Some(path) = listed.file.at() else {
        return Vec::new();
    };
    let Some(file) = scope.reader.open(&path.value, path.span, scope.findings) else {
        return Vec::new();
    };
    let mut items = Vec::new();
    let mut mistakes = RowFindings::default();
    table::rows(
        scope.reader.sources,
        file,
        &[column],
        scope.findings,
        |row, _, findings| match parse(row.get(0)) {
            Ok(value) => items.push(At::new(value, row.span)),
            Err(bad) => mistakes.push(bad_value(bad, row.span), findings),
        },
    );
    mistakes.finish(scope.findings);
    items
}

/// The values without repetitions, in the order written; a repetition is an error that shows both places.
pub(super) fn once<T: Ord + Display + Clone>(
    items: Vec<At<T>>,
    what: &str,
    findings: &mut Findings,
) -> Vec<At<T>> {
    let mut seen = Once::default();
    let mut mistakes = RowFindings::default();
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        let words = || format!("the {what} `{}` stands twice in this list", item.value);
        match seen.again(item.value.clone(), item.span, words) {
            Some(again) => mistakes.push(again, findings),
            None => kept.push(item),
        }
    }
    mistakes.finish(findings);
    kept
}
