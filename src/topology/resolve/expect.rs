//! Expectations: what must be true of the mail flow.

use crate::finding::{Code, Finding, nearest};
use crate::source::{At, Span};
use crate::spec;
use crate::topology::resolve::context::{Scope, Wanted};
use crate::topology::resolve::list;
use crate::topology::resolve::location::location_refs;
use crate::topology::{Expectation, Sender};
use crate::values::Address;
use crate::values::shown;

/// How mail can end, and what may be named behind it.
const ENDS: [(&str, &[Wanted]); 9] = [
    ("delivered", &[Wanted::Location]),
    ("handed-off", &[Wanted::Partner]),
    ("internet", &[]),
    ("rejected", &[Wanted::Location, Wanted::Internet]),
    ("bounced", &[Wanted::Location]),
    ("deferred", &[Wanted::Location]),
    ("discarded", &[Wanted::Location]),
    ("loop", &[Wanted::Location]),
    ("left-model", &[Wanted::Location, Wanted::Internet]),
];

/// One expectation, where its mail is known.
pub(super) fn expectation(
    item: &At<spec::Expectation>,
    scope: &mut Scope<'_>,
) -> Option<Expectation> {
    let written = &item.value;
    for (key, missing) in [
        ("from", written.from.is_absent()),
        ("to", written.to.is_absent()),
    ] {
        if missing {
            scope.error_help(
                Code::S018,
                format!("this expectation has no `{key}`"),
                item.span,
                "write such as `{from: internet, to: john@contoso.com, ends: delivered hq}`",
            );
        }
    }
    let from = written
        .from
        .at()
        .and_then(|at| sender(&at.value, at.span, scope));
    let to = scope.slot(&written.to, Address::parse);
    let ends = match written.ends.at() {
        Some(at) => Some(ends(&at.value, at.span, scope)?),
        // Any end: what is said is said about the way.
        None => None,
    };
    let nothing_said = written.ends.is_absent()
        && !written.via.is_written()
        && !written.not_via.is_written()
        && written.tls.is_absent()
        && !written.egress.is_written();
    if nothing_said {
        scope.error_help(
            Code::S018,
            "this expectation expects nothing",
            item.span,
            "write `ends: delivered LOCATION`",
        );
    }
    let expectation = Expectation {
        span: item.span,
        // The way may pass a location twice, and so may this part of it.
        via: written
            .via
            .items
            .iter()
            .filter_map(|item| scope.location(&item.value, item.span))
            .collect(),
        not_via: location_refs(&written.not_via, scope),
        tls: written.tls.at().copied(),
        egress: list::networks(&written.egress, scope),
        from: from?,
        to: to?,
        ends,
    };
    contradiction(&expectation, scope);
    Some(expectation)
}

fn sender(text: &str, span: Span, scope: &mut Scope<'_>) -> Option<At<Sender>> {
    let wanted = [
        Wanted::Location,
        Wanted::Partner,
        Wanted::Device,
        Wanted::Internet,
    ];
    if let Some((name, sender)) = Sender::parts(text) {
        let party = scope.party(name, span, &wanted)?;
        let sender = match sender {
            Some(sender) => Some(scope.value(sender, span, Address::parse)?.value),
            None => None,
        };
        return Some(party.map(|party| Sender::As(party, sender)));
    }
    if text.contains('@') {
        return scope
            .value(text, span, Address::parse)
            .map(|at| at.map(Sender::Address));
    }
    scope
        .party(text, span, &wanted)
        .map(|at| at.map(Sender::Party))
}

/// The words are kept as `trace` prints them; the names behind them must exist.
fn ends(text: &str, span: Span, scope: &mut Scope<'_>) -> Option<At<String>> {
    let mut words = text.split_ascii_whitespace();
    let word = words.next().unwrap_or_default();
    let place = words.next();
    let Some((_, wanted)) = ENDS.iter().find(|(known, _)| *known == word) else {
        let names = ENDS.map(|(known, _)| known);
        let finding =
            Finding::error(Code::S019, format!("mail does not end {}", shown(text))).at(span, "");
        let is_place = scope.names.by_name.contains_key(word);
        scope.findings.push(match nearest(word, names) {
            _ if is_place => finding.help(format!("write `delivered {word}`")),
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("write one of `{}`", names.join("`, `"))),
        });
        return None;
    };
    let Some(place) = place else {
        return Some(At::new(word.to_owned(), span));
    };
    if words.next().is_some() || wanted.is_empty() {
        scope.error_help(
            Code::S019,
            format!("mail does not end {}", shown(text)),
            span,
            format!(
                "write `{word}`{}",
                if wanted.is_empty() {
                    ""
                } else {
                    " and one name"
                }
            ),
        );
        return None;
    }
    // A loop names all its members, separated by commas.
    let mut members: Vec<&str> = place.split(',').collect();
    if word != "loop" && members.len() > 1 {
        scope.error(
            Code::S019,
            format!("mail ends at one place, not at {}", shown(place)),
            span,
        );
        return None;
    }
    for member in &members {
        scope.party(member, span, wanted)?;
    }
    members.sort_unstable();
    Some(At::new(format!("{word} {}", members.join(",")), span))
}

fn contradiction(expectation: &Expectation, scope: &mut Scope<'_>) {
    for never in &expectation.not_via {
        if let Some(place) = expectation
            .via
            .iter()
            .find(|place| place.value == never.value)
        {
            scope.findings.push(
                Finding::error(
                    Code::S019,
                    "this expectation wants a location both on the path and off it",
                )
                .at(never.span, "")
                .at(place.span, "wanted here")
                .help("keep one of them"),
            );
        }
    }
}
