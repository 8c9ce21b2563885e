//! A drift for programs. Keys are added, never renamed.

use crate::diff;
use crate::drift::{Drift, ObjectDrift, State, Target};
use crate::plan::Plan;
use serde_json::{Value, json as object};

/// The document, indented, with a line break at the end. `report` is the JSON form of the findings.
pub(crate) fn json(plan: &Plan, drift: &Drift, report: &str) -> String {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let (report, flow) = (parsed(report), parsed(&diff::json(&drift.flow)));
    let targets = plan
        .topology
        .locations()
        .map(|(id, _)| Target::Location(id));
    let of_zones = |target: &Target| drift.sources.iter().any(|source| source.at == *target);
    let targets = targets.chain(Some(Target::Zones).filter(of_zones));
    let locations = targets.map(|target| {
        let source = drift.sources.iter().find(|source| source.at == target);
        object!({
            "location": target.name(plan),
            "source": source.map(|source| source.export.source()),
            "exported": source.and_then(|source| source.export.saved.as_ref()),
            "objects": source.map(|source| source.export.objects.len()),
            "compared": source.is_some(),
        })
    });
    let is_listed = |at: &&ObjectDrift| {
        at.state != State::AsCompiled || at.unmarked || at.not_compared().next().is_some()
    };
    let listed = drift.objects.iter().filter(is_listed);
    let document = object!({
        "version": 1,
        "locations": locations.collect::<Vec<_>>(),
        "objects": listed.map(|at| of_object(plan, at)).collect::<Vec<_>>(),
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
        "location": at.at.name(plan),
        "object": at.title(),
        "state": at.state.word(),
        "properties": properties.collect::<Vec<_>>(),
        "not_compared": at.not_compared().collect::<Vec<_>>(),
        "unmarked": at.unmarked,
    })
}
