//! A draft without what the language gives by itself: every shorter one is compiled, and kept where the same is written.

use crate::compile::{Input, plan};
use crate::diff::{self, Only, Texts};
use crate::draft::{Draft, Judge};
use crate::finding::{Code, Finding};
use crate::output::{OutputTree, Sink};
use crate::plan::Plan;
use crate::platforms::desired;
use crate::platforms::exchange::scripts::Form;
use crate::values::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Drafts with more connectors are not folded: each of them is compiled for many shorter drafts.
pub(crate) const MOST_FOLDED: usize = 500;

/// What is written for a plan, value by value; of what is said in comments, nothing.
pub(super) type Written = BTreeMap<String, String>;

/// The draft without what the language gives by itself.
pub(super) fn folded(draft: Draft, today: Date) -> Draft {
    let Some((wanted, known)) = compiled(&draft, today) else {
        return draft;
    };
    let all = |plan: &Plan| {
        let mut all = written(plan, &|_| true);
        all.extend(records(plan));
        all
    };
    let wanted = all(&wanted);
    let differing = |draft: &Draft| {
        let (plan, mistakes) = compiled(draft, today)?;
        mistakes
            .is_subset(&known)
            .then(|| differing(&wanted, &all(&plan)))
    };
    let is_same_mail = |before: &Draft, after: &Draft| {
        let (before, after) = (compiled(before, today), compiled(after, today));
        before.zip(after).is_some_and(|((before, _), (after, _))| {
            let reader = diff::Reader {
                old: Texts::new(),
                new: Texts::new(),
                plan: &|_| None,
            };
            let diff = diff::compare(&before, &after, &Only::default(), &reader);
            // By which words of the spec a hop comes about is another, because routes are derived now.
            let mut what = diff.changes.iter().flat_map(|change| &change.what);
            what.all(|what| *what == "object")
                && diff.sources_added.is_empty()
                && diff.sources_removed.is_empty()
        })
    };
    draft.folded(&Judge {
        differing: &differing,
        is_same_mail: &is_same_mail,
    })
}

/// The plan of a draft, and the mistakes that stand in it.
fn compiled(draft: &Draft, today: Date) -> Option<(Plan, BTreeSet<Code>)> {
    let text = draft.text();
    let input = Input {
        name: "mailtopo.yaml",
        bytes: text.as_bytes(),
        files: &BTreeMap::new(),
    };
    let checked = plan(&input, Some(today));
    let mistakes = checked
        .findings
        .iter()
        .filter(|it| Finding::is_open_error(it));
    let mistakes = mistakes.map(|finding| finding.check).collect();
    Some((checked.plan?, mistakes))
}

/// How many values differ.
fn differing(one: &Written, other: &Written) -> usize {
    let missing = one
        .iter()
        .filter(|(key, value)| other.get(*key) != Some(value));
    let new = other.keys().filter(|key| !one.contains_key(*key));
    missing.count() + new.count()
}

/// What is written for the locations that are asked for.
pub(super) fn written(plan: &Plan, is_asked: &dyn Fn(&str) -> bool) -> Written {
    let mut all = Written::new();
    for (id, location) in plan.topology.locations() {
        let place = &location.name;
        if !is_asked(place) {
            continue;
        }
        let wanted = desired(plan, id, Sink::Files);
        let is_exchange = wanted.is_some();
        if let Some(wanted) = wanted {
            for object in &wanted.objects {
                let title = format!("{place} {} {}", object.kind.name, object.name);
                let how = (
                    object.enabled,
                    object.any_recipient,
                    &object.login,
                    (object.adds, object.takes, object.kept, &object.stated),
                    &object.found_by,
                );
                all.insert(title.clone(), format!("{how:?}"));
                let properties = object.properties.iter();
                let properties = properties.filter(|(name, _)| !name.starts_with("Comment"));
                all.extend(
                    properties
                        .map(|(name, value)| (format!("{title} {name}"), format!("{value:?}"))),
                );
            }
        }
        let mut tree = OutputTree::default();
        let is_written =
            !is_exchange && (location.product().write)(plan, id, Form::Thin, &mut tree).is_ok();
        for (file, bytes) in tree.iter().filter(|_| is_written) {
            // Pages for people are no configuration.
            let is_page = Path::new(file).extension().is_some_and(|end| end == "md");
            let text = String::from_utf8_lossy(bytes);
            let lines = text
                .lines()
                .filter(|line| !is_page && !line.starts_with('#'));
            all.extend(lines.map(|line| (format!("{file}: {line}"), String::new())));
        }
    }
    all
}

/// The records of all zones, set by set.
pub(super) fn records(plan: &Plan) -> Written {
    let mut all = Written::new();
    for zone in &plan.zones {
        for (key, set) in zone.sets.iter() {
            let title = format!("{} {} {}", zone.origin, key.owner, key.kind);
            let records = set
                .records
                .iter()
                .map(|record| format!("{:?}", record.data));
            let records: Vec<String> = records.collect();
            all.insert(title, format!("{} {}", set.ttl, records.join(" ")));
        }
    }
    all
}
