//! A drift in words for people, around the findings.

use crate::drift::{Drift, State, Target, is_for_everybody};
use crate::plan::Plan;
use crate::report::{counted, visible};
use std::fmt::Write as _;

/// What was compared, as the first line.
fn head(plan: &Plan, drift: &Drift) -> String {
    let sources: Vec<String> = drift
        .sources
        .iter()
        .map(|source| {
            let saved = source.export.saved.as_ref();
            let saved = saved.map_or_else(String::new, |saved| format!(", exported {saved}"));
            let objects = u64::try_from(source.export.objects.len()).unwrap_or(u64::MAX);
            format!(
                "{}={} ({}{saved})",
                source.at.name(plan),
                source.export.source(),
                counted(objects, "object")
            )
        })
        .collect();
    let others: Vec<&str> = plan
        .topology
        .locations()
        .filter(|(id, _)| {
            drift
                .sources
                .iter()
                .all(|source| source.at != Target::Location(*id))
        })
        .map(|(_, location)| location.name.as_str())
        .collect();
    let mut text = format!("drift against {}", sources.join(", "));
    if !others.is_empty() {
        _ = write!(text, "; taken as compiled: {}", others.join(", "));
    }
    text
}

/// What differs, counted.
fn tail(drift: &Drift) -> String {
    let count = |state: State| drift.objects.iter().filter(|at| at.state == state).count();
    let parts: Vec<String> = [
        (State::AsCompiled, "as compiled"),
        (State::Differs, "different"),
        (State::Missing, "missing"),
        (State::Unknown, "not in the spec"),
        (State::NotExported, "not exported"),
    ]
    .into_iter()
    .map(|(state, words)| (count(state), words))
    .filter(|(count, _)| *count > 0)
    .map(|(count, words)| format!("{count} {words}"))
    .collect();
    let changes = u64::try_from(drift.flow.changes.len()).unwrap_or(u64::MAX);
    let flow = if drift.flow.is_flow_unchanged() {
        "mail flow unchanged".to_owned()
    } else {
        counted(changes, "change") + " of mail flow"
    };
    format!("objects: {}{}; {flow}", parts.join(", "), beside(drift))
}

/// What does not count as a difference: marks, and connectors that servers have from the start, of which no spec says anything.
fn beside(drift: &Drift) -> String {
    let all = drift
        .sources
        .iter()
        .flat_map(|source| &source.export.objects);
    let all = all.filter(|live| live.kind == "ReceiveConnector" && is_for_everybody(live));
    let of_product = match u64::try_from(all.count()).unwrap_or(u64::MAX) {
        0 => String::new(),
        n => format!(
            " (of {} for all addresses only whether they take mail of external senders was compared)",
            counted(n, "connector")
        ),
    };
    let unmarked = drift.objects.iter().filter(|at| at.unmarked);
    let unmarked = match u64::try_from(unmarked.count()).unwrap_or(u64::MAX) {
        0 => String::new(),
        n => format!(
            " ({} without the mark that `apply.ps1` writes into comments)",
            counted(n, "object")
        ),
    };
    of_product + &unmarked
}

/// The whole text, around the report of the findings.
pub(crate) fn human(plan: &Plan, drift: &Drift, report: &str) -> String {
    let (head, tail) = (head(plan, drift), tail(drift));
    let (head, tail) = (visible(&head), visible(&tail));
    if drift.is_empty() {
        return format!("{head}: nothing differs{}\n", beside(drift));
    }
    format!(
        "{head}\n{report}{tail}\nnot compared: recipients and licences, delays of propagation, what the provider changed by itself\n"
    )
}
