//! A drift in words for people, around the findings.

use crate::drift::{Drift, State};
use crate::plan::Plan;
use crate::report::{counted, visible};
use std::fmt::Write as _;

/// What was compared, as the first line.
fn head(plan: &Plan, drift: &Drift) -> String {
    let name = |at| &plan.topology.location(at).name;
    let sources: Vec<String> = drift
        .sources
        .iter()
        .map(|source| {
            let saved = source.export.saved.as_ref();
            let saved = saved.map_or_else(String::new, |saved| format!(", exported {saved}"));
            let objects = u64::try_from(source.export.objects.len()).unwrap_or(u64::MAX);
            format!(
                "{}={} ({}{saved})",
                name(source.at),
                source.export.source(),
                counted(objects, "object")
            )
        })
        .collect();
    let others: Vec<&str> = plan
        .topology
        .locations()
        .filter(|(id, _)| drift.sources.iter().all(|source| source.at != *id))
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
    format!("objects: {}{}; {flow}", parts.join(", "), by_others(drift))
}

/// What was hardly compared: an object with `managed: false` belongs to others, and is only asked whether it is enabled.
fn by_others(drift: &Drift) -> String {
    let is_hardly = |name: &String| name == "Enabled" || name == "State";
    let mut hardly = 0;
    for object in drift.objects.iter().filter(|at| at.live.is_some()) {
        let compared = &object.compared;
        hardly += u64::from(!compared.is_empty() && compared.iter().all(is_hardly));
    }
    match hardly {
        0 => String::new(),
        n => format!(
            " (only whether it is enabled was compared of {} with `managed: false`)",
            counted(n, "object")
        ),
    }
}

/// The whole text, around the report of the findings.
pub(crate) fn human(plan: &Plan, drift: &Drift, report: &str) -> String {
    let (head, tail) = (head(plan, drift), tail(drift));
    let (head, tail) = (visible(&head), visible(&tail));
    if drift.is_empty() {
        return format!("{head}: nothing differs{}\n", by_others(drift));
    }
    format!(
        "{head}\n{report}{tail}\nnot compared: recipients and licences, delays of propagation, what the provider changed by itself\n"
    )
}
