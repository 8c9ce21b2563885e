//! A comparison for people: the worst first, each group with one message and both of its paths.

use crate::diff::group::Path;
use crate::diff::{Change, Diff, Direction, ObjectChange};
use crate::finding::{Certainty, TraceHop};
use crate::report::{counted, visible};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// So many names of one list are shown.
const SHOWN: usize = 20;

/// Of longer lists, only what differs is shown.
const FEW: usize = 4;

/// So many objects are shown.
const MOST_OBJECTS: usize = 40;

/// The whole text.
pub(crate) fn human(diff: &Diff) -> String {
    let mut out = String::new();
    for (old, new) in &diff.renamed {
        _ = writeln!(out, "renamed  {} → {}", visible(old), visible(new));
    }
    sources(diff, "added", "ends", &diff.sources_added, &mut out);
    sources(diff, "removed", "ended", &diff.sources_removed, &mut out);
    if let Some(hint) = diff.rename_hint() {
        _ = writeln!(out, "         {}", visible(&hint));
    }
    for change in &diff.changes {
        of_change(change, &mut out);
    }
    for (what, reason) in &diff.accepted {
        _ = writeln!(out, "accepted {}: {}", visible(what), visible(reason));
    }
    for note in footnotes(diff) {
        _ = writeln!(out, "{}", visible(&note));
    }
    _ = writeln!(out, "{}", summary(diff));
    if diff.is_pure_rename && diff.is_flow_unchanged() {
        if let Some(text) = named_after(diff) {
            _ = writeln!(out, "{text}");
        }
        return out;
    }
    objects(&diff.objects, &mut out);
    match &diff.files {
        None => out.push_str("files: not compared, because one of the specs has errors: `mailtopo check` shows them\n"),
        Some(files) => {
            list("files changed", &files.changed, &mut out);
            list("files new", &files.added, &mut out);
            list("files removed", &files.removed, &mut out);
        }
    }
    out
}

/// Why some groups are no worse.
pub(crate) fn footnotes(diff: &Diff) -> Vec<String> {
    let mut notes = Vec::new();
    if diff.changes.iter().any(|change| change.own_names_only) {
        notes.push(
            "¹ Only names that the provider gave are affected; nobody writes to them.".to_owned(),
        );
    }
    let accepted = diff.changes.iter().filter_map(|it| it.accepted.as_deref());
    let accepted: BTreeSet<&str> = accepted.collect();
    if !accepted.is_empty() {
        let accepted: Vec<&str> = accepted.into_iter().collect();
        notes.push(format!(
            "² The new spec accepts that: {}.",
            accepted.join(", ")
        ));
    }
    notes
}

/// One line: how many groups of which direction there are.
pub(crate) fn summary(diff: &Diff) -> String {
    let mut text = if diff.changes.is_empty() && diff.is_flow_unchanged() {
        "mail flow unchanged".to_owned()
    } else if diff.changes.is_empty() {
        "no mail of a sender of both specs changes".to_owned()
    } else {
        let mut counts: BTreeMap<_, (usize, usize)> = BTreeMap::new();
        for change in &diff.changes {
            let count = counts.entry(change.direction).or_default();
            count.0 += 1;
            count.1 += usize::from(change.certainty != Certainty::Certain);
        }
        let parts: Vec<String> = counts
            .into_iter()
            .map(|(direction, (all, unsure))| match unsure {
                0 => format!("{all} {}", direction.word()),
                _ if unsure == all => format!("{all} {} (not certain)", direction.word()),
                _ => format!("{all} {} ({unsure} not certain)", direction.word()),
            })
            .collect();
        let groups = counted(
            u64::try_from(diff.changes.len()).unwrap_or(u64::MAX),
            "group",
        );
        format!("{groups}: {}", parts.join(", "))
    };
    if !diff.changes.is_empty() {
        let flows = u64::try_from(diff.unchanged_flows).unwrap_or(u64::MAX);
        _ = write!(text, "; {} unchanged", counted(flows, "flow"));
    }
    if diff.unsought > 0 {
        _ = write!(
            text,
            "; causes not sought among {} differences of the specs",
            diff.unsought
        );
    }
    if !diff.only.is_empty() {
        _ = write!(text, "; only {}", visible(&diff.only.join(", ")));
    }
    text
}

/// What carries a new name, where nothing else changes.
pub(crate) fn named_after(diff: &Diff) -> Option<String> {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let files = diff.files.as_ref()?;
    let files = files.added.len() + files.changed.len();
    Some(format!(
        "nothing else changes; {} and {} carry the names",
        counted(number(diff.objects.len()), "object"),
        counted(number(files), "file")
    ))
}

/// What a sender that is in both specs gained or lost, in words.
pub(crate) fn in_both(diff: &Diff, name: &str, word: &str) -> &'static str {
    match (diff.in_both.contains(name), word) {
        (false, _) => "",
        (true, "added") => " (in both specs, with mailboxes in the new one alone)",
        (true, _) => " (in both specs, with mailboxes in the old one alone)",
    }
}

fn sources(
    diff: &Diff,
    word: &str,
    verb: &str,
    list: &BTreeMap<String, Vec<String>>,
    out: &mut String,
) {
    for (name, ends) in list {
        _ = writeln!(
            out,
            "{word:8} {}{}: its mail {verb} {}",
            visible(name),
            in_both(diff, name, word),
            visible(&names(ends.iter().map(String::as_str)))
        );
    }
}

fn of_change(change: &Change, out: &mut String) {
    let heading = format!("{}{}", change.direction.word(), change.footnote());
    _ = writeln!(
        out,
        "{heading:8} from {} {} {} ({})",
        visible(&names(change.from.iter().map(String::as_str))),
        if change.is_authentication() {
            "in the name of"
        } else {
            "to"
        },
        visible(&region(change)),
        visible(&whose(change)),
    );
    _ = writeln!(
        out,
        "         {} → {}{}",
        visible(&change.old.differing(&change.what)),
        visible(&change.new.differing(&change.what)),
        sureness(change)
    );
    if !change.also_possible.is_empty() {
        let also = names(change.also_possible.iter().map(String::as_str));
        _ = writeln!(out, "         possible too: {}", visible(&also));
    }
    if !change.because.is_empty() {
        let because: Vec<&str> = change.because.iter().map(String::as_str).collect();
        _ = writeln!(out, "         because {}", visible(&because.join(", ")));
    }
    match change.announced {
        Some(true) => out.push_str("         announced\n"),
        Some(false) => out.push_str("         M013: not announced\n"),
        None => {}
    }
    if change.direction == Direction::Neutral || change.is_authentication() {
        return;
    }
    let (old, new) = (change.old.shown.first(), change.new.shown.first());
    let from = &change.witness_from;
    _ = writeln!(
        out,
        "         a message from {} to {}",
        visible(from),
        visible(&change.witness_to)
    );
    let hops = |path: Option<&Path>| path.map(|path| path.hops.clone()).unwrap_or_default();
    let (one, other) = (hops(old), hops(new));
    let differs = first_difference(&one, &other);
    side("before", old, differs, out);
    side("after", new, differs, out);
}

/// The domains of a change, in words.
pub(crate) fn region(change: &Change) -> String {
    match change.all_but.as_deref() {
        Some([]) => format!("all {} domains", change.domains.len()),
        Some(few) => format!("all domains but {}", few.join(", ")),
        None => names(change.domains.iter().map(String::as_str)),
    }
}

/// Which recipients, in words, and how many.
pub(crate) fn whose(change: &Change) -> String {
    let mut text: Vec<String> = change.whose.iter().cloned().collect();
    if change.recipients > 0 {
        text.push(counted(change.recipients, "recipient"));
    }
    text.join(", ")
}

/// What certainty adds, in words; nothing where it is certain.
pub(crate) fn sureness(change: &Change) -> String {
    match change.certainty {
        Certainty::Certain => String::new(),
        Certainty::Assumed => "   assumed".to_owned(),
        Certainty::Possible => {
            let readings: Vec<String> = change
                .readings
                .iter()
                .map(|(id, words)| {
                    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                    match words.as_slice() {
                        [] => (*id).to_owned(),
                        words => format!("{id} read as {}", words.join(" or ")),
                    }
                })
                .collect();
            format!("   possible: {}", readings.join(", "))
        }
    }
}

/// The first hop that the two paths do not share.
pub(crate) fn first_difference(one: &[TraceHop], other: &[TraceHop]) -> usize {
    let same = |(a, b): &(&TraceHop, &TraceHop)| {
        (&a.at, &a.to, &a.by, &a.tls) == (&b.at, &b.to, &b.by, &b.tls)
    };
    one.iter().zip(other).take_while(same).count()
}

fn side(word: &str, path: Option<&Path>, differs: usize, out: &mut String) {
    let Some(path) = path else {
        _ = writeln!(out, "           {word}: no such message");
        return;
    };
    _ = writeln!(
        out,
        "           {word}: {}, tls {}",
        visible(&path.ends),
        path.tls
    );
    for (number, hop) in path.hops.iter().enumerate() {
        let mark = if number == differs { '>' } else { ' ' };
        _ = writeln!(
            out,
            "           {mark} {} → {}   {}{}: {}",
            visible(&hop.at),
            visible(&hop.to),
            visible(&hop.by),
            tls(hop),
            visible(&hop.why)
        );
    }
    let mark = if path.hops.len() <= differs { '>' } else { ' ' };
    _ = writeln!(out, "           {mark} = {}", visible(&path.why));
}

/// The TLS level of a hop, where one is known.
pub(crate) fn tls(hop: &TraceHop) -> String {
    hop.tls
        .as_ref()
        .map_or_else(String::new, |level| format!(", tls {level}"))
}

/// What becomes of an object, in words.
pub(crate) fn what_changes(change: &ObjectChange) -> String {
    let properties = change.properties.iter();
    let properties: Vec<String> = properties
        .map(|(name, old, new)| match (old, new) {
            (Value::Array(old), Value::Array(new)) if old.len().max(new.len()) > FEW => {
                let without = |of: &[Value], other: &[Value]| -> Vec<String> {
                    let left = of.iter().filter(|it| !other.contains(it));
                    left.map(Value::to_string).collect()
                };
                let (gone, come) = (without(old, new), without(new, old));
                let part = |sign: &str, list: &[String]| {
                    let list = names(list.iter().map(String::as_str));
                    (!list.is_empty()).then(|| format!("{sign} {list}"))
                };
                let parts = [part("without", &gone), part("with", &come)];
                let parts: Vec<String> = parts.into_iter().flatten().collect();
                format!("{name} {}", parts.join(", "))
            }
            _ => format!("{name} {old} → {new}"),
        })
        .collect();
    if properties.is_empty() {
        change.change.to_owned()
    } else {
        properties.join(", ")
    }
}

fn objects(changes: &[ObjectChange], out: &mut String) {
    for change in changes.iter().take(MOST_OBJECTS) {
        _ = writeln!(
            out,
            "object {}: {}",
            visible(&change.object),
            visible(&what_changes(change))
        );
    }
    if let Some(more) = changes
        .len()
        .checked_sub(MOST_OBJECTS)
        .filter(|more| *more > 0)
    {
        _ = writeln!(out, "and {more} more objects");
    }
}

fn list(word: &str, files: &[String], out: &mut String) {
    if !files.is_empty() {
        let names = names(files.iter().map(String::as_str));
        _ = writeln!(out, "{word}: {}", visible(&names));
    }
}

/// Names with commas, the first twenty of them.
pub(crate) fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.collect();
    let shown: Vec<&str> = all.iter().copied().take(SHOWN).collect();
    match all.len().checked_sub(shown.len()) {
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
    }
}
