//! A drift for programs. Keys are added, never renamed.

use crate::diff;
use crate::drift::{Drift, ObjectDrift, State};
use crate::plan::Plan;
use serde_json::{Value, json as object};

/// The document, indented, with a line break at the end. `report` is the JSON form of the findings.
pub(crate) fn json(plan: &Plan, drift: &Drift, report: &str) -> String {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let (report, flow) = (parsed(report), parsed(&diff::json(&drift.flow)));
    let locations = plan.topology.locations().map(|(id, location)| {
        let source = drift.sources.iter().find(|source| source.at == id);
        object!({
            "location": location.name,
            "source": source.map(|source| source.export.source()),
            "exported": source.and_then(|source| source.export.saved.as_ref()),
            "objects": source.map(|source| source.export.objects.len()),
            "compared": source.is_some(),
        })
    });
    let differing = drift
        .objects
        .iter()
        .filter(|at| at.state != State::AsCompiled || at.not_compared().next().is_some());
    let document = object!({
        "version": 1,
        "locations": locations.collect::<Vec<_>>(),
        "objects": differing.map(|at| of_object(plan, at)).collect::<Vec<_>>(),
        "as_compiled": drift.objects.iter().filter(|at| at.state == State::AsCompiled).count(),
        "changes": flow.get("changes").cloned().unwrap_or_default(),
        "findings": report.get("findings").cloned().unwrap_or_default(),
        "summary": report.get("summary").cloned().unwrap_or_default(),
    });
    format!("{document:#}\n")
}

fn of_object(plan: &Plan, at: &ObjectDrift) -> Value {
    let properties = at.properties.iter().map(|property| {
        object!({
            "name": property.name,
            "actual": property.actual,
            "expected": property.expected,
        })
    });
    object!({
        "location": plan.topology.location(at.at).name,
        "object": at.title(),
        "state": at.state.word(),
        "properties": properties.collect::<Vec<_>>(),
        "not_compared": at.not_compared().collect::<Vec<_>>(),
    })
}
