//! Edits of a spec that bring it nearer to what exists. Each is tried before it is kept: less may differ then, and at
//! locations without an export nothing else may be written.

mod files;
mod parties;
mod proposed;

use parties::Refused;

use crate::compile::compared::{as_exported, target};
use crate::compile::{Input, drafted, fold, plan, with_texts};
use crate::draft::{self, Draft, Key, Part, is_of_postfix, is_of_zones};
use crate::drift::{self, ObjectDrift, Source, State};
use crate::finding::{Code, Finding, Operation};
use crate::output::Sink;
use crate::plan::Plan;
use crate::platforms::desired;
use crate::publish::publish;
use crate::source::Sources;
use crate::values::Date;
use std::collections::{BTreeMap, BTreeSet};

/// So many times edits are looked for in one run.
const MOST_ROUNDS: usize = 200;

/// A spec after edits.
pub(crate) struct Amended {
    /// The new texts of the files that changed, by name.
    pub(crate) texts: BTreeMap<String, String>,
    /// What was done, in words.
    pub(crate) done: Vec<String>,
    /// What is otherwise still, each with its location and, of what is written as files, the reason.
    pub(crate) left: Vec<(String, ObjectDrift, String)>,
    /// What the exports came to alone.
    pub(crate) draft: Draft,
}

/// What edits of a spec are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Everything is as it exists.
    Adopt,
    /// What exists and the spec does not have is added; what the spec says stays.
    Merge,
}

/// Amends a spec by exports of what exists; nothing where it has mistakes.
pub(crate) fn amend(
    input: &Input<'_>,
    parts: &[Part],
    aim: Aim,
    today: Date,
) -> Result<Option<Amended>, String> {
    let draft = drafted(parts, &BTreeMap::new(), &mut BTreeMap::new(), today);
    let mut undrafted = String::new();
    let draft = match (draft, aim) {
        (Ok((draft, _)), _) => draft,
        (Err(why), Aim::Merge) => return Err(why),
        // Nobody can say then what an object would be in the language; that others manage it can be said still.
        (Err(why), Aim::Adopt) => {
            undrafted = why;
            Draft::default()
        }
    };
    let mut work = Work {
        input,
        parts,
        aim,
        today,
        draft: &draft,
        known: BTreeSet::new(),
        elsewhere: None,
    };
    let Some(mut now) = work.look(BTreeMap::new()) else {
        return Ok(None);
    };
    work.known.clone_from(&now.mistakes);
    work.elsewhere = Some(work.elsewhere(&now.plan));
    let mut done = Vec::new();
    let mut refused = Vec::new();
    if aim == Aim::Merge {
        for part in parts.iter().filter(|part| !is_of_zones(&part.export)) {
            let mut locations = now.plan.topology.locations();
            let known = locations.find(|(_, at)| at.name == part.location);
            if known.is_some_and(|(at, _)| desired(&now.plan, at, Sink::Refusals).is_none()) {
                return Err(format!(
                    "the spec has `{}` already, and only exports of Exchange are compared so far: import it into a folder of its own",
                    part.location
                ));
            }
        }
        now = work.add_parties(now, &mut done, &mut refused);
    }
    let mut helpless = BTreeSet::new();
    let mut was_better = false;
    for _ in 0..MOST_ROUNDS {
        let Some((better, edits, of)) = work.better(&now, &mut helpless) else {
            // What nothing helped may be helped by what was done since.
            if helpless.is_empty() || !was_better {
                break;
            }
            helpless.clear();
            was_better = false;
            continue;
        };
        was_better = true;
        done.extend(edits.iter().map(ToString::to_string));
        let like = work.like(&now, &better, &of);
        now = better;
        if let Some(like) = like {
            now = work.together(now, &like, &mut done);
        }
    }
    let name = |at: drift::Target| at.name(&now.plan).to_owned();
    // Of files many say the same in other words; what no mail depends on may stay as it is there.
    let is_left = |object: &&ObjectDrift| {
        let is_same = object.state == State::Differs && object.harmful() == 0;
        object.state.differs() && !(is_same && work.is_file(&now, object))
    };
    let left = now.objects.iter().filter(is_left);
    let left = left.map(|object| {
        let reason = work.reason(&now, object);
        let reason = if reason.is_empty() {
            undrafted.clone()
        } else {
            reason
        };
        (name(object.at), object.clone(), reason)
    });
    let mut left: Vec<(String, ObjectDrift, String)> = left.collect();
    // A rule that neither ends nor moves mail needs no words: beside other differences it counts for nothing.
    let is_more = |(_, object, _): &(String, ObjectDrift, String)| {
        object.state != State::Unknown || drift::can_carry(object, today)
    };
    if !done.is_empty() || left.iter().any(is_more) {
        left.retain(is_more);
    }
    let texts = now.texts;
    let mut draft = draft;
    for what in refused {
        match what {
            Refused::Zone(zone) => draft.leave_zone(parts, &zone),
            Refused::Route(key) => draft.leave_route(key),
            Refused::Entry(edit) => draft.not_added.push(edit),
        }
    }
    Ok(Some(Amended {
        texts,
        done,
        left,
        draft,
    }))
}

/// What is edited, and by what edits are judged.
struct Work<'w> {
    input: &'w Input<'w>,
    parts: &'w [Part],
    aim: Aim,
    today: Date,
    draft: &'w Draft,
    /// Mistakes that the spec had before.
    known: BTreeSet<Code>,
    /// What is written at locations without an export.
    elsewhere: Option<fold::Written>,
}

/// The spec after some edits.
struct Now {
    texts: BTreeMap<String, String>,
    sources: Sources,
    plan: Plan,
    mistakes: BTreeSet<Code>,
    objects: Vec<ObjectDrift>,
    /// How much differs from what exists.
    left: usize,
}

/// What edits are of: an object, and which of its proposals they are.
struct Of {
    key: Key,
    at: usize,
}

/// Objects to which the same may be done.
struct Like {
    /// Which of the proposals.
    at: usize,
    others: Vec<Key>,
    /// What the one that was mended became.
    becomes: Option<(State, Vec<String>)>,
}

/// How an object stands, and in which properties it differs.
fn looks(object: &ObjectDrift) -> (State, Vec<String>) {
    let names = object.properties.iter().map(|at| at.name.clone());
    (object.state, names.collect())
}

/// Edits that belong together.
type Edits = Vec<Operation>;

impl Work<'_> {
    /// The spec with other texts; nothing where it is not understood.
    fn look(&self, texts: BTreeMap<String, String>) -> Option<Now> {
        let checked = with_texts(self.input, &texts, |input| plan(input, Some(self.today)));
        // That a connector waits for a rule which is off is true of what exists, and for its owner to look at.
        let is_off = |finding: &&Finding| self.aim == Aim::Adopt && finding.check == Code::D004;
        let mistakes = checked.findings.iter();
        let mistakes = mistakes.filter(|it| it.is_open_error() && !is_off(it));
        let mistakes: BTreeSet<Code> = mistakes.map(|finding| finding.check).collect();
        let mut plan = checked.plan?;
        let mut objects = Vec::new();
        for (at, location) in plan.topology.locations() {
            let part = self
                .parts
                .iter()
                .find(|part| part.location == location.name);
            objects.extend(
                part.map(|part| drift::objects(&plan, at, &part.export))
                    .unwrap_or_default(),
            );
        }
        if self.aim == Aim::Adopt {
            self.look_at_files(&mut plan, &mut objects)?;
        }
        let mut now = Now {
            texts,
            sources: checked.sources,
            plan,
            mistakes,
            objects,
            left: 0,
        };
        let weight = |object: &ObjectDrift| match object.state {
            State::AsCompiled | State::NotExported => 0,
            State::Missing | State::Unknown => 1,
            State::Differs if self.is_file(&now, object) => object.harmful(),
            State::Differs => object.properties.len(),
        };
        now.left = now.objects.iter().map(weight).sum();
        Some(now)
    }

    /// What of hosts and zones that are written as files is otherwise; nothing where a plan does not write them any more.
    fn look_at_files(&self, plan: &mut Plan, objects: &mut Vec<ObjectDrift>) -> Option<()> {
        if self.parts.iter().any(|part| is_of_zones(&part.export)) {
            publish(plan);
        }
        for part in self.parts {
            if !is_of_zones(&part.export) && !is_of_postfix(&part.export) {
                continue;
            }
            let at = target(plan, &part.location, &part.export).ok()?;
            let mut export = part.export.clone();
            let wanted = as_exported(plan, at, &mut export).ok()?;
            let source = Source { at, export, wanted };
            objects.extend(drift::objects_of(plan, &source, &draft::is_free));
        }
        Some(())
    }

    /// What is written at the locations that no export is of.
    fn elsewhere(&self, plan: &Plan) -> fold::Written {
        let is_exported = |name: &str| self.parts.iter().any(|part| part.location == name);
        let mut written = fold::written(plan, &|name| !is_exported(name));
        if !self.parts.iter().any(|part| is_of_zones(&part.export)) {
            written.extend(fold::records(plan));
        }
        written
    }

    /// The spec after edits, if it is understood and nothing else is written elsewhere.
    fn tried(&self, now: &Now, edits: &[Operation]) -> Option<Now> {
        let mut texts = now.texts.clone();
        let mut sources = now.sources.clone();
        for operation in edits {
            let edit = crate::fix::edit(&sources, operation)?;
            let mut after = Sources::default();
            for (_, file) in sources.iter() {
                if file.name == edit.file {
                    let text = crate::fix::applied(&file.text, &edit)?;
                    after.add(&*file.name, &*text);
                    texts.insert(file.name.clone(), text);
                } else {
                    after.add(&*file.name, &*file.text);
                }
            }
            sources = after;
        }
        let after = self.look(texts)?;
        let is_same = |known: &fold::Written| {
            // What is new there is of what was added; nothing that was there may change.
            let other = self.elsewhere(&after.plan);
            known
                .iter()
                .all(|(key, value)| other.get(key) == Some(value))
                && (self.aim == Aim::Merge || other.len() == known.len())
        };
        let is_fine =
            after.mistakes.is_subset(&self.known) && self.elsewhere.as_ref().is_none_or(is_same);
        is_fine.then_some(after)
    }

    /// The first edits of all that are proposed after which less differs, and what they are of. Objects that nothing helps
    /// are `helpless`, and are not asked about again.
    fn better(&self, now: &Now, helpless: &mut BTreeSet<Key>) -> Option<(Now, Edits, Of)> {
        let objects = now.objects.iter().filter(|object| match self.aim {
            // Who manages an object is not asked because of its comment.
            Aim::Adopt => {
                let is_comment = |at: &drift::PropertyDrift| at.name.starts_with("Comment");
                object.state.differs()
                    && (object.state != State::Differs || !object.properties.iter().all(is_comment))
            }
            Aim::Merge => object.state == State::Unknown,
        });
        for object in objects {
            let key = self.key(now, object);
            if helpless.contains(&key) {
                continue;
            }
            for (at, edits) in self.proposed(now, object).into_iter().enumerate() {
                let edits = self.with_found(now, object, edits);
                let after = self.tried(now, &edits);
                if let Some(after) = after.filter(|after| after.left < now.left) {
                    return Some((after, edits, Of { key, at }));
                }
            }
            helpless.insert(key);
        }
        None
    }

    /// Objects that differ in the same properties as the one that was mended, to which the same may be done. Of files each
    /// entry has edits of its own.
    fn like(&self, before: &Now, after: &Now, of: &Of) -> Option<Like> {
        let is_it = |now: &Now, object: &ObjectDrift| self.key(now, object) == of.key;
        let one = before.objects.iter().find(|it| is_it(before, it))?;
        if self.is_file(before, one) {
            return None;
        }
        let many = self.proposed(before, one).len();
        let others = after
            .objects
            .iter()
            .filter(|it| !is_it(after, it) && it.kind == one.kind && looks(it) == looks(one));
        let others = others.filter(|it| self.proposed(after, it).len() == many);
        let others: Vec<Key> = others.map(|it| self.key(after, it)).collect();
        let mended = after.objects.iter().find(|it| is_it(after, it));
        (!others.is_empty()).then(|| Like {
            at: of.at,
            others,
            becomes: mended.map(looks),
        })
    }

    /// Does to all of them at once what was done to one; where that does not do, to each half of them. What is left is asked
    /// about one by one.
    fn together(&self, now: Now, like: &Like, done: &mut Vec<String>) -> Now {
        let mut now = now;
        let mut open = vec![like.others.clone()];
        while let Some(keys) = open.pop() {
            if let Some((after, edits)) = self.all_of(&now, like, &keys) {
                done.extend(edits.iter().map(ToString::to_string));
                now = after;
            } else if keys.len() > 1 {
                let (first, second) = keys.split_at(keys.len() / 2);
                open.extend([second.to_vec(), first.to_vec()]);
            }
        }
        now
    }

    /// The spec with the same edits for each of these objects, where each of them becomes what the one became.
    fn all_of(&self, now: &Now, like: &Like, keys: &[Key]) -> Option<(Now, Edits)> {
        let mut edits = Edits::new();
        for key in keys {
            let mut objects = now.objects.iter();
            let object = objects.find(|object| self.key(now, object) == *key)?;
            edits.extend(self.proposed(now, object).into_iter().nth(like.at)?);
        }
        let mut after = self.tried(now, &edits)?;
        if edits.iter().any(proposed::gives_away) {
            let same = after.objects.iter();
            let same = same.filter(|object| keys.contains(&self.key(&after, object)));
            edits.extend(same.flat_map(|object| self.found(&after, object)));
            after = self.tried(now, &edits)?;
        }
        let is_mended = |key: &Key| {
            let mut objects = after.objects.iter();
            let object = objects.find(|object| self.key(&after, object) == *key);
            object.map(looks) == like.becomes
        };
        (after.left < now.left && keys.iter().all(is_mended)).then_some((after, edits))
    }

    /// The key of an object in the draft.
    fn key(&self, now: &Now, object: &ObjectDrift) -> Key {
        let place = object.at.name(&now.plan).to_owned();
        let name = object.live.as_ref().map_or(&object.name, |live| &live.name);
        (place, object.kind.clone(), name.clone())
    }
}

/// The text of a value that is written.
fn key_of(value: &str) -> String {
    serde_json::from_str(value).unwrap_or_else(|_| value.to_owned())
}

/// A text as it is written.
fn flow(text: &str) -> String {
    crate::draft::quoted(text)
}

fn put(path: &[&str], value: &str) -> Operation {
    Operation::At {
        path: path.iter().map(|key| (*key).to_owned()).collect(),
        value: Some(value.to_owned()),
    }
}

fn gone(path: &[&str]) -> Operation {
    Operation::At {
        path: path.iter().map(|key| (*key).to_owned()).collect(),
        value: None,
    }
}
