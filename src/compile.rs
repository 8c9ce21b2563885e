//! The whole way from a spec to findings and files: what the command line and the tests call.
//!
//! Every step takes the step before and a sink for findings. Nothing here touches a disk, a clock or the environment.

mod amend;
mod compared;
mod edits;
mod fold;
mod merge;

pub(crate) use amend::{Aim, Amended};
pub(crate) use compared::{drift, restoring, turning_off};
use edits::with_texts;
pub(crate) use edits::{checked_with, fix, offer};
pub(crate) use fold::MOST_FOLDED;
pub(crate) use merge::merge;

use crate::as_built::{self, Proof};
use crate::checks::{self, Acceptance, Check};
use crate::diff::{self, Diff, Only, Texts};
use crate::draft::{Draft, Found, Key, Ledger, Part};
use crate::drift::{self, ObjectDrift, State};
use crate::emit::{self, Unwritable};
use crate::finding::{Code, Finding, Findings};
use crate::output::{AS_BUILT, OutputTree, Sealed};
use crate::plan::{self, Plan};
use crate::platforms::exchange::scripts::Form;
use crate::publish::Published;
use crate::publish::verdict::tally;
use crate::report::{Authentication, Rule, Summary};
use crate::source::{FileId, Files, Sources};
use crate::topology::resolve::load;
use crate::topology::{Expectation, Topology};
use crate::values::Date;
use crate::walk::expect::who;
use crate::walk::{Extent, Flows, Model};
use std::collections::BTreeMap;

/// A spec to read.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The name of the main document, relative to its folder.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The files it may name.
    pub files: &'a dyn Files,
}

/// What a spec came to.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The texts that were read.
    pub sources: Sources,
    /// What there is to say, sorted.
    pub findings: Vec<Finding>,
    /// What will be configured; nothing where the spec itself has mistakes.
    pub plan: Option<Plan>,
    /// What was looked at.
    pub summary: Summary,
}

/// Reads a spec, derives and analyses it. `today` is the day that dates in it are compared with.
///
/// What a format cannot carry is an error of the spec, so the writers are asked; no output is made.
pub fn check(input: &Input<'_>, today: Date) -> Checked {
    let write = |plan: &Plan, findings: &Findings, ()| emit::refusals(plan, findings);
    analyse(input, today, |_| (), write).0
}

/// Checks a spec and makes the whole output, with Exchange scripts of this form; nothing while there are errors that
/// nobody accepted. The day stands in the output where `dated` asks for it: otherwise the same spec gives the same bytes
/// on every day.
pub fn compile(
    input: &Input<'_>,
    today: Date,
    dated: bool,
    form: Form,
) -> (Checked, Option<Sealed>) {
    let (mut tree, mut digest) = (OutputTree::default(), String::new());
    let write = |plan: &Plan, findings: &Findings, proof: Proof| {
        let mut refused;
        (tree, refused) = emit::emit(plan, findings, form);
        digest = plan.topology.digest();
        let day = dated.then_some(today);
        let page = as_built::page(plan, &digest, findings, &proof, &tree, day);
        let page = tree.insert(AS_BUILT, page);
        refused.extend(page.map_err(Unwritable::at(plan.topology.span)).err());
        refused
    };
    let (checked, is_written) = analyse(input, today, Proof::of, write);
    let is_written = is_written && checked.plan.is_some();
    let output = is_written.then(|| tree.seal(&digest));
    (checked, output)
}

/// Checks a spec, with the hashes of the files that it compiles to.
fn hashed(input: &Input<'_>, today: Date) -> (Checked, Option<OutputTree>) {
    let mut tree = OutputTree::of_hashes();
    let write = |plan: &Plan, findings: &Findings, ()| {
        emit::emit_into(&mut tree, plan, findings, Form::Thin)
    };
    let (checked, is_written) = analyse(input, today, |_| (), write);
    let is_written = is_written && checked.plan.is_some();
    (checked, is_written.then_some(tree))
}

/// Checks a spec, and says whether everything can be written; `write` says what cannot. It gets what `look` made of the
/// mail while it was followed.
fn analyse<T>(
    input: &Input<'_>,
    today: Date,
    look: impl FnOnce(&Flows<'_>) -> T,
    write: impl FnOnce(&Plan, &Findings, T) -> Vec<Unwritable>,
) -> (Checked, bool) {
    let mut findings = Findings::default();
    let (sources, mut plan) = derive(input, Some(today), &mut findings);
    let mut summary = Summary::default();
    if let Some(plan) = &mut plan {
        let (found, seen) = follow(plan, today, look, &mut findings);
        summary = found;
        // Beside other errors no file is made, but what no file could hold is found all the same, unless one of them says
        // it in better words.
        let refused = if findings.has_errors() {
            let mut open = findings.iter().filter(|finding| finding.is_open_error());
            let is_said = open.any(|finding| checks::REFUSED.contains(&finding.check));
            if is_said {
                Vec::new()
            } else {
                emit::refusals(plan, &findings)
            }
        } else {
            write(plan, &findings, seen)
        };
        findings.extend(refused.into_iter().map(unwritable));
    }
    let is_written = !findings.has_errors();
    let checked = Checked {
        sources,
        findings: findings.into_sorted(),
        plan,
        summary,
    };
    (checked, is_written)
}

/// Follows all mail, looks at everything, and puts what is published because of it into the plan.
fn follow<T>(
    plan: &mut Plan,
    today: Date,
    look: impl FnOnce(&Flows<'_>) -> T,
    findings: &mut Findings,
) -> (Summary, T) {
    let (summary, published, seen) = {
        let model = Model::of(plan);
        let flows = Flows::of(&model);
        let published = Published::of(&flows, findings);
        let mut acceptance = Acceptance::of(&plan.topology.ignores, today);
        checks::run_plan_checks(&flows, &published, &mut acceptance, findings);
        findings.extend(acceptance.stale());
        let summary = summary_of(flows.extent(), plan, &published);
        (summary, published, look(&flows))
    };
    published.fill(plan);
    (summary, seen)
}

/// Reads a spec and derives what will be configured, without an opinion on it. Without a day no date has passed.
pub fn plan(input: &Input<'_>, today: Option<Date>) -> Checked {
    let mut findings = Findings::default();
    let (sources, plan) = derive(input, today, &mut findings);
    Checked {
        sources,
        findings: findings.into_sorted(),
        plan,
        summary: Summary::default(),
    }
}

/// Compares the mail flow of two specs, and what is written for them. Where one of them has mistakes, only these come
/// back.
pub(crate) fn diff(
    old: &Input<'_>,
    new: &Input<'_>,
    today: Date,
    only: &Only,
) -> (Checked, Checked, Option<Diff>) {
    let ((old_checked, old_output), (new_checked, new_output)) = std::thread::scope(|scope| {
        let side = || hashed(old, today);
        let thread = std::thread::Builder::new()
            .stack_size(crate::STACK)
            .spawn_scoped(scope, side);
        let new = hashed(new, today);
        let old = thread.map_or_else(
            |_| side(),
            |thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            },
        );
        (old, new)
    });
    let texts = |checked: &Checked| -> Texts {
        let files = checked.sources.iter();
        files
            .map(|(id, file)| {
                let is_main = id == FileId::default();
                let name = if is_main {
                    String::new()
                } else {
                    file.name.clone()
                };
                (name, file.text.to_string())
            })
            .collect()
    };
    let again = |texts: &Texts| -> Option<Plan> {
        let files: BTreeMap<String, Vec<u8>> = texts
            .iter()
            .map(|(name, text)| (name.clone(), text.clone().into_bytes()))
            .collect();
        let input = Input {
            name: new.name,
            bytes: texts.get("")?.as_bytes(),
            files: &files,
        };
        plan(&input, Some(today)).plan
    };
    let found = old_checked
        .plan
        .as_ref()
        .zip(new_checked.plan.as_ref())
        .map(|(before, after)| {
            let reader = diff::Reader {
                old: texts(&old_checked),
                new: texts(&new_checked),
                plan: &again,
            };
            let mut found = diff::compare(before, after, only, &reader);
            found.objects = diff::objects(before, after);
            found.objects.extend(diff::records(before, after));
            diff::lower_accepted(&mut found, &new_checked.findings);
            found.accepted = diff::newly_accepted(&old_checked.findings, &new_checked.findings);
            let outputs = old_output.as_ref().zip(new_output.as_ref());
            found.files = match outputs {
                Some((before, after)) => Some(diff::files(before, after)),
                // Equal specs have equal outputs, even where errors keep them from being written.
                None => (reader.old == reader.new).then(diff::FilesChanged::default),
            };
            found
        });
    (old_checked, new_checked, found)
}

/// Changes a spec to what exists; nothing where it has mistakes.
pub(crate) fn adopt(input: &Input<'_>, parts: &[Part], today: Date) -> Option<Amended> {
    amend::amend(input, parts, Aim::Adopt, today).ok().flatten()
}

/// A draft spec and what is to be said of it.
pub(crate) struct Imported {
    /// The files of the folder.
    pub(crate) files: Sealed,
    /// How many values have which verdict.
    pub(crate) summary: String,
    /// Whether every value is accounted for.
    pub(crate) is_whole: bool,
    /// Whether it was too large to be folded.
    pub(crate) is_too_large: bool,
}

/// Objects that cannot be written are left out one after the other, so many times.
const MOST_DRAFTS: usize = 100;

/// Makes a draft spec of exports, each of a location; with `folds` without what the language gives by itself.
pub(crate) fn import(parts: &[Part], folds: bool, today: Date) -> Result<Imported, String> {
    let mut left_out = BTreeMap::new();
    let (_, plan) = drafted(parts, &BTreeMap::new(), &mut left_out, today)?;
    let compared = against(&plan, parts);
    let differing = compared
        .iter()
        .filter(|(_, object)| object.state == State::Differs);
    let unmanaged = differing.map(|(key, object)| (key.clone(), object.found()));
    let unmanaged: BTreeMap<Key, Found> = unmanaged.collect();
    let (mut draft, plan) = drafted(parts, &unmanaged, &mut left_out, today)?;
    let is_too_large = folds && draft.size() > MOST_FOLDED;
    if folds && !is_too_large {
        draft = fold::folded(draft, today);
    }
    let ledger = Ledger::of(parts, &draft, &compared);
    let text = draft.text().into_bytes();
    let files = BTreeMap::from([("mailtopo.yaml".to_owned(), text)]);
    let imported = folder_of(files, parts, &draft, &ledger, &plan)?;
    Ok(Imported {
        is_too_large,
        ..imported
    })
}

/// The folder of an import: the spec, and what became of every value.
fn folder_of(
    mut files: BTreeMap<String, Vec<u8>>,
    parts: &[Part],
    draft: &Draft,
    ledger: &Ledger,
    plan: &Plan,
) -> Result<Imported, String> {
    let page = ledger.markdown(parts, &draft.assumed);
    files.insert("IMPORT.md".to_owned(), page.into_bytes());
    files.insert("import.json".to_owned(), ledger.json(parts).into_bytes());
    let mut tree = OutputTree::default();
    for (name, bytes) in files {
        tree.insert(&name, bytes)
            .map_err(|refused| refused.to_string())?;
    }
    Ok(Imported {
        files: tree.seal(&plan.topology.digest()),
        summary: ledger.summary(),
        is_whole: ledger.is_whole(),
        is_too_large: false,
    })
}

/// A draft that is understood, and its plan. Objects that stand in the way of that are left out, with the reason.
fn drafted(
    parts: &[Part],
    unmanaged: &BTreeMap<Key, Found>,
    left_out: &mut BTreeMap<Key, String>,
    today: Date,
) -> Result<(Draft, Plan), String> {
    let mut said = String::new();
    for _ in 0..MOST_DRAFTS {
        let draft = Draft::of(parts, unmanaged, left_out, today)?;
        let text = draft.text();
        let input = Input {
            name: "mailtopo.yaml",
            bytes: text.as_bytes(),
            files: &BTreeMap::new(),
        };
        let checked = plan(&input, Some(today));
        let is_stopped = checked.plan.is_none();
        let is_mistake = |finding: &&Finding| {
            finding.is_open_error() && (is_stopped || finding.check.as_str().starts_with('S'))
        };
        let mut is_fine = true;
        for finding in checked.findings.iter().filter(is_mistake) {
            is_fine = false;
            said.clone_from(&finding.message);
            let labels = finding.labels.iter();
            let objects = labels.map(|label| draft.objects_at(label.span.start as usize));
            let objects = objects.filter(|objects| !objects.is_empty());
            for object in objects.take(1).flatten() {
                left_out.insert(object, finding.message.clone());
            }
        }
        match checked.plan {
            Some(plan) if is_fine => return Ok((draft, plan)),
            _ => {}
        }
    }
    Err(format!("no draft can be made of it: {said}"))
}

/// The objects of the locations of a plan as they exist.
fn against(plan: &Plan, parts: &[Part]) -> Vec<(Key, ObjectDrift)> {
    let mut compared = Vec::new();
    for (at, location) in plan.topology.locations() {
        let Some(part) = parts.iter().find(|part| part.location == location.name) else {
            continue;
        };
        for object in drift::objects(plan, at, &part.export) {
            let name = object.live.as_ref().map_or(&object.name, |live| &live.name);
            let key = (location.name.clone(), object.kind.clone(), name.clone());
            compared.push((key, object));
        }
    }
    compared
}

/// Every check there is, as reports show it.
pub fn rules() -> Vec<Rule> {
    let rule = |check: &Check| Rule {
        code: check.code,
        name: check.name,
        severity: check.severity,
        proves: check.proves(),
        page: check.page(),
    };
    checks::ALL.iter().map(rule).collect()
}

fn derive(
    input: &Input<'_>,
    today: Option<Date>,
    findings: &mut Findings,
) -> (Sources, Option<Plan>) {
    let mut sources = Sources::default();
    let topology = load(input.files, input.name, input.bytes, &mut sources, findings);
    // What a spec with mistakes would derive is not what its author means, and would be reported on top of them.
    let mut plan = topology
        .filter(|_| !findings.has_errors())
        .map(|topology| plan::derive(topology, findings));
    if let Some(plan) = &mut plan {
        plan.today = today;
    }
    (sources, plan)
}

/// What an entry of `expect` asks for, in one line.
fn asked(topology: &Topology, entry: &Expectation) -> String {
    let from = who(topology, &entry.from.value);
    let ends = entry.ends.as_ref();
    let ends = ends.map_or_else(String::new, |ends| format!(" ends {}", ends.value));
    format!("expect: mail from {from} to {}{ends}", entry.to.value)
}

fn summary_of(extent: Extent, plan: &Plan, published: &Published) -> Summary {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let tally = tally(published);
    let topology = &plan.topology;
    let expectations = topology.expectations.iter();
    let gathered = topology.facts.gathered.as_ref();
    Summary {
        authentication: Authentication {
            proved: tally.proved,
            one_leg: tally.one_leg,
            unknown: tally.unknown,
            broken: tally.broken,
            domains: tally.domains,
            spf_alone: tally.spf_alone,
            without_policy: tally.without_policy,
            replies: tally.replies,
            exits: tally.exits,
            facts: gathered.map(|at| at.value.to_string()),
        },
        flows: number(extent.flows),
        classes: number(extent.classes),
        sources: number(extent.sources),
        readings: extent.readings,
        expectations: expectations
            .map(|entry| (entry.span, asked(topology, entry)))
            .collect(),
    }
}

fn unwritable(refused: Unwritable) -> Finding {
    Finding::error(Code::E013, refused.message)
        .at(refused.span, "comes from here")
        .help("write the value without what is named here")
}
