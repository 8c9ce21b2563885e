//! Whose mail goes elsewhere between two specs, and which lines of the spec are the cause.
//!
//! Both plans are walked over the joint classes of their recipients, from every sender that both have. What a sender's
//! mail to a class does on either side is a set of paths; where the sets differ there is a change, with a direction.
//! Changes with the same shape and the same cause are one group. This module must not know how a spec is found, nor how
//! findings come about.

mod announced;
mod authentication;
mod cause;
mod group;
mod human;
mod json;
mod judge;
mod markdown;
mod observe;
mod outputs;
mod renames;
mod value;

pub(crate) use announced::Announced;
pub(crate) use cause::{Hops, Reader, Watch};
pub(crate) use group::{Change, Paths};
pub(crate) use human::human;
pub(crate) use json::json;
pub(crate) use judge::Direction;
pub(crate) use markdown::markdown;
pub(crate) use outputs::{FilesChanged, ObjectChange};
pub(crate) use outputs::{files, objects, records};
pub(crate) use value::Texts;

use crate::finding::{Certainty, Finding, Object, TraceHop};
use crate::plan::Plan;
use crate::topology::LocationId;
use crate::values::Pattern;
use crate::walk::{Joint, Model};
use std::collections::{BTreeMap, BTreeSet};

/// The component of a change that is about what receivers make of mail in our name.
const AUTHENTICATION: &str = "authentication";

/// Everything that differs between two specs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diff {
    /// Changes of mail flow, the worst first.
    pub(crate) changes: Vec<Change>,
    /// Senders that only the new spec has, such as `device:scanner`, with the ends of their mail.
    pub(crate) sources_added: BTreeMap<String, Vec<String>>,
    /// Senders that only the old spec has.
    pub(crate) sources_removed: BTreeMap<String, Vec<String>>,
    /// Of these senders, those that are in both specs, and write in one of them alone.
    pub(crate) in_both: BTreeSet<String>,
    /// The specs differ in names alone, and say so.
    pub(crate) is_pure_rename: bool,
    /// Objects that have another name, the old name first.
    pub(crate) renamed: Vec<(String, String)>,
    /// Classes of recipients whose mail is the same from all senders.
    pub(crate) unchanged_classes: usize,
    /// Pairs of a sender and a class whose mail is the same.
    pub(crate) unchanged_flows: usize,
    /// Listed or counted recipients of the unchanged classes.
    pub(crate) unchanged_recipients: u64,
    /// Properties of Exchange objects and DNS records that change.
    pub(crate) objects: Vec<ObjectChange>,
    /// Files that change; `None` where one of the specs cannot be compiled.
    pub(crate) files: Option<FilesChanged>,
    /// The filter of the command line, in its words.
    pub(crate) only: Vec<String>,
    /// Findings that the new spec accepts and the old one did not: what is said, and the reason.
    pub(crate) accepted: Vec<(String, String)>,
    /// So many differences of the texts that no cause was sought among them.
    pub(crate) unsought: usize,
}

/// What of a comparison is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Only {
    /// Names of senders; empty: all.
    pub(crate) sources: Vec<String>,
    /// Patterns of recipients' domains as printed; empty: all.
    pub(crate) domains: Vec<String>,
    /// Whoever asks knows that nothing differs but for mail that one of these reaches.
    pub(crate) reached: Option<Vec<Reach>>,
}

/// The mail that a difference can concern: all that fits everything that is said here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Domains of its recipients.
    pub(crate) recipients: Option<Vec<Pattern>>,
    /// Domains of its envelope senders.
    pub(crate) senders: Option<Vec<Pattern>>,
    /// What it passes in the old plan.
    pub(crate) passes: Option<Passed>,
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// Something hands it over.
    By(Hops),
    /// It comes to a location from elsewhere.
    Into(LocationId),
    /// It comes to a tenant, and not from partners that this connector does not know.
    IntoBy(LocationId, String),
}

impl Only {
    /// Reads `sources:NAME` or `domains:PATTERN`, several with commas.
    pub(crate) fn parse(texts: &[String]) -> Result<Self, String> {
        let mut only = Self::default();
        for text in texts {
            match text.split_once(':') {
                Some(("sources", name)) if !name.is_empty() => only.sources.push(name.to_owned()),
                Some(("domains", name)) if !name.is_empty() => only.domains.push(name.to_owned()),
                _ => {
                    return Err(format!(
                        "`{text}` is no filter; write `sources:NAME` or `domains:PATTERN`"
                    ));
                }
            }
        }
        Ok(only)
    }
}

/// Compares the mail flow of two plans. `read` derives a plan from a changed spec and finds the causes.
pub(crate) fn compare(old: &Plan, new: &Plan, only: &Only, reader: &Reader<'_>) -> Diff {
    let mut renames = renames::Renames::of(&old.topology, &new.topology);
    let mut renamed = None;
    if !renames.is_empty() {
        renames.apply(renamed.insert(old.clone()));
    }
    let old = renamed.as_ref().unwrap_or(old);
    let mut diff = Diff {
        renamed: renames.list(),
        only: only
            .sources
            .iter()
            .map(|name| format!("sources:{name}"))
            .chain(only.domains.iter().map(|name| format!("domains:{name}")))
            .collect(),
        ..Diff::default()
    };
    let (old, new) = (Model::of(old), Model::of(new));
    let joint = Joint::of(&old, &new);
    let observed = observe::observe(&old, &new, &joint, only, &renames);
    diff.unchanged_flows = observed.unchanged;
    let changed = observed.changed_classes();
    diff.unchanged_classes = joint.classes.len() - changed.len();
    let untouched = joint.classes.iter().enumerate();
    diff.unchanged_recipients = untouched
        .filter(|(at, _)| !changed.contains(at))
        .map(|(_, class)| class.recipients)
        .sum();
    diff.sources_added = observed.added.clone();
    diff.sources_removed = observed.removed.clone();
    diff.in_both.clone_from(&observed.in_both);
    diff.changes = group::groups(&joint, (&old, &new), observed);
    let receivers = authentication::observe(old.plan);
    if let Some((before, after)) = receivers
        .as_ref()
        .zip(authentication::observe(new.plan).as_ref())
    {
        diff.changes
            .extend(authentication::changes(before, after, only));
    }
    diff.is_pure_rename = !diff.renamed.is_empty() && cause::only_names(&renames, reader);
    let before = (&old, receivers.as_ref());
    diff.unsought = cause::find(&mut diff.changes, before, &new, &renames, reader);
    group::merge(&mut diff.changes);
    group::finish(&mut diff.changes);
    diff
}

/// Lowers what the new spec accepts: of a finding that shows the way of such mail, its author knows.
pub(crate) fn lower_accepted(diff: &mut Diff, findings: &[Finding]) {
    for change in &mut diff.changes {
        if !matches!(change.direction, Direction::Lost | Direction::Worse) {
            continue;
        }
        let Some(path) = change.new.shown.first() else {
            continue;
        };
        let shows = |finding: &&Finding| {
            let hops = finding.trace.len();
            let mut parts = path.hops.windows(hops.max(1));
            let same =
                |(one, other): (&TraceHop, &TraceHop)| one.at == other.at && one.to == other.to;
            let mut domains = change.domains.iter();
            finding.accepted.is_some()
                && domains.all(|domain| finding.domains.contains(domain))
                && hops > 0
                && parts.any(|part| part.iter().zip(&finding.trace).all(same))
        };
        if let Some(finding) = findings.iter().find(shows) {
            change.direction = Direction::Neutral;
            change.accepted = Some(said(finding));
        }
    }
    group::finish(&mut diff.changes);
}

/// A finding by its code and the first of what it is about.
fn said(finding: &Finding) -> String {
    let objects = finding.objects.iter().map(Object::to_string);
    let mut on = objects.chain(finding.domains.iter().cloned());
    on.next().map_or_else(
        || finding.check.to_string(),
        |on| format!("{} on {on}", finding.check),
    )
}

/// Findings that one spec accepts and the other did not.
pub(crate) fn newly_accepted(old: &[Finding], new: &[Finding]) -> Vec<(String, String)> {
    let reasons = |of: &[Finding]| -> BTreeSet<(String, String)> {
        let accepted = of
            .iter()
            .filter_map(|it| Some((said(it), it.accepted.as_ref()?.reason.clone())));
        accepted.collect()
    };
    let known: BTreeSet<String> = reasons(old).into_iter().map(|(said, _)| said).collect();
    let new = reasons(new).into_iter();
    new.filter(|(said, _)| !known.contains(said)).collect()
}

impl Diff {
    /// Whether the mail flow is the same, and so is everything else; where files were not compared, they may differ.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_flow_unchanged() && (self.is_pure_rename || self.has_no_output_changed())
    }

    /// Whether objects and files are the same, as far as they were compared.
    fn has_no_output_changed(&self) -> bool {
        self.objects.is_empty() && self.files.as_ref().is_some_and(FilesChanged::is_empty)
    }

    /// Whether no mail goes elsewhere and nobody came or went.
    pub(crate) fn is_flow_unchanged(&self) -> bool {
        self.changes.is_empty() && self.sources_added.is_empty() && self.sources_removed.is_empty()
    }

    /// What to write where one sender came and one of its kind went, which may be the same under another name.
    pub(crate) fn rename_hint(&self) -> Option<String> {
        let only = |sources: &BTreeMap<String, Vec<String>>| {
            let mut names = sources.keys();
            let (kind, name) = names.next()?.split_once(':')?;
            let is_only = names.next().is_none();
            is_only.then(|| (kind.to_owned(), name.to_owned()))
        };
        let (kind, old) = only(&self.sources_removed)?;
        let (other, new) = only(&self.sources_added)?;
        (kind == other && kind != "network").then(|| {
            format!(
                "if `{new}` is `{old}` under another name, write `renamed_from: {old}` at `{new}`"
            )
        })
    }

    /// Whether some mail is certainly lost or, from `worse` on, worse; from `possible` on, under any reading.
    pub(crate) fn reaches(&self, level: Level) -> bool {
        self.changes.iter().any(|change| {
            let certain = change.certainty == Certainty::Certain;
            match (change.direction, level) {
                (Direction::Lost, Level::Lost)
                | (Direction::Lost | Direction::Worse, Level::Worse) => certain,
                (Direction::Lost | Direction::Worse, Level::Possible) => true,
                _ => false,
            }
        })
    }
}

/// From which change on a comparison fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Mail that is certainly lost.
    Lost,
    /// Mail that is certainly lost or worse.
    Worse,
    /// Mail that is lost or worse under some reading or assumption.
    Possible,
}
