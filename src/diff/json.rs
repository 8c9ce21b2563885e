//! The form that other programs may rely on. Keys are added, never renamed.

use crate::diff::group::Path;
use crate::diff::{Change, Diff, ObjectChange, Paths};
use serde_json::{Map, Value, json as object};

/// So many domains of a change are named.
const MOST_DOMAINS: usize = 20;

/// The document, indented, with a line break at the end.
pub(crate) fn json(diff: &Diff) -> String {
    let document = object!({
        "version": 1,
        "changes": diff.changes.iter().map(change).collect::<Vec<_>>(),
        "sources_added": diff.sources_added.keys().collect::<Vec<_>>(),
        "sources_removed": diff.sources_removed.keys().collect::<Vec<_>>(),
        "renamed": diff.renamed.iter().map(|(old, new)| object!({"old": old, "new": new})).collect::<Vec<_>>(),
        "unchanged": {
            "classes": diff.unchanged_classes,
            "flows": diff.unchanged_flows,
            "recipients": diff.unchanged_recipients,
        },
        "objects": diff.objects.iter().map(of_object).collect::<Vec<_>>(),
        "files": diff.files.as_ref().map(|files| object!({
            "added": files.added,
            "removed": files.removed,
            "changed": files.changed,
        })),
        "only": diff.only,
        "unsought": diff.unsought,
        "accepted": diff.accepted.iter().map(|(on, reason)| object!({"on": on, "reason": reason})).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn change(change: &Change) -> Value {
    let mut value = Map::new();
    let mut add = |key: &str, part: Value| {
        value.insert(key.to_owned(), part);
    };
    add("id", object!(change.id));
    add("direction", object!(change.direction.word()));
    add("certainty", object!(change.certainty));
    add("readings", object!(change.readings));
    add("what", object!(change.what));
    add("from", object!(change.from));
    let shown = change.domains.iter().take(MOST_DOMAINS);
    add("domains", object!(shown.collect::<Vec<_>>()));
    add("domains_total", object!(change.domains.len()));
    add("also_possible", object!(change.also_possible));
    add("whose", object!(change.whose));
    let recipients = (change.recipients > 0).then_some(change.recipients);
    add("recipients", object!(recipients));
    add("old", side(&change.old));
    add("new", side(&change.new));
    add("because", object!(change.because));
    add("own_names_only", object!(change.own_names_only));
    if let Some(accepted) = &change.accepted {
        add("accepted", object!(accepted));
    }
    if let Some(announced) = change.announced {
        add("announced", object!(announced));
    }
    let witness = object!({"from": change.witness_from, "to": change.witness_to});
    let is_path = !change.is_authentication();
    add("witness", if is_path { witness } else { Value::Null });
    value.into()
}

/// The first path of the message that is shown, and all of them.
fn side(paths: &Paths) -> Value {
    let path = |path: &Path| {
        object!({
            "ends": path.ends,
            "tls": path.tls,
            "egress": path.egress,
            "why": path.why,
            "hops": path.hops,
        })
    };
    let mut first = match paths.shown.first().map(path) {
        Some(Value::Object(first)) => first,
        _ => Map::new(),
    };
    first.insert("all_ends".to_owned(), object!(paths.ends));
    let all: Vec<Value> = paths.shown.iter().map(path).collect();
    first.insert("paths".to_owned(), all.into());
    first.into()
}

fn of_object(change: &ObjectChange) -> Value {
    let properties = change.properties.iter();
    let property = |(name, old, new): &(&'static str, Value, Value)| object!({"name": name, "old": old, "new": new});
    object!({
        "object": change.object,
        "change": change.change,
        "properties": properties.map(property).collect::<Vec<_>>(),
    })
}
