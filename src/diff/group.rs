//! Changes with the same shape as one: never a line per domain or per sender.

use crate::diff::AUTHENTICATION;
use crate::diff::judge::{Direction, Seen, Verdict};
use crate::diff::observe::{Difference, Observed, sender_of};
use crate::finding::{Certainty, TraceHop};
use crate::output::sha256;
use crate::topology::{LocationId, Topology};
use crate::walk::{Class, ClassKind, Home, Joint, JointClass, Model};
use std::collections::{BTreeMap, BTreeSet};

/// A change of mail flow, or of what receivers make of mail in our name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    /// A name that stays the same as long as the change does.
    pub(crate) id: String,
    /// What it means for the mail.
    pub(crate) direction: Direction,
    /// How sure it is.
    pub(crate) certainty: Certainty,
    /// The readings it rests on, each with its words.
    pub(crate) readings: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// What differs: `end`, `tls`, `filter`, `egress`, `path`, `object`; or `authentication` alone.
    pub(crate) what: BTreeSet<&'static str>,
    /// Names of the senders.
    pub(crate) from: BTreeSet<String>,
    /// All affected domains, as patterns: those of the recipients, or of the authors where the authentication differs.
    pub(crate) domains: Vec<String>,
    /// Of many domains that are nearly all of the spec, those that it is not.
    pub(crate) all_but: Option<Vec<String>>,
    /// Names below the domains where the same may happen under some reading.
    pub(crate) also_possible: BTreeSet<String>,
    /// Which recipients of the domains, in words.
    pub(crate) whose: BTreeSet<String>,
    /// How many listed or counted recipients; 0: the spec does not say.
    pub(crate) recipients: u64,
    /// Before.
    pub(crate) old: Paths,
    /// After.
    pub(crate) new: Paths,
    /// The keys of the spec, or the objects, that are the cause.
    pub(crate) because: Vec<String>,
    /// It would be lost or worse, and concerns only names that a provider gave and nobody writes to.
    pub(crate) own_names_only: bool,
    /// It would be lost or worse, and the new spec accepts the finding that says so: which one.
    pub(crate) accepted: Option<String>,
    /// An announcement says that it happens; `None` where nothing is announced.
    pub(crate) announced: Option<bool>,
    /// The sender of the message that is shown.
    pub(crate) witness_from: String,
    /// Its recipient.
    pub(crate) witness_to: String,
    /// A recipient of each of the joint classes.
    pub(crate) witnesses: Vec<String>,
    /// Positions of the joint classes.
    pub(crate) classes: BTreeSet<usize>,
}

impl Change {
    /// The sign of the footnote that says why it is no worse.
    pub(crate) const fn footnote(&self) -> &'static str {
        match (self.own_names_only, &self.accepted) {
            (true, _) => "¹",
            (false, Some(_)) => "²",
            (false, None) => "",
        }
    }

    /// Whether it is about what receivers make of mail in the name of its domains, whoever the recipient is.
    pub(crate) fn is_authentication(&self) -> bool {
        self.what.contains(AUTHENTICATION)
    }
}

/// One side of a change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths {
    /// All ends.
    pub(crate) ends: BTreeSet<String>,
    /// The paths of the message that is shown: those that the other side has not, the worst first, and then the others.
    pub(crate) shown: Vec<Path>,
    /// The least level is that of the other side, and those of single hops differ.
    is_by_hop: bool,
}

/// A path of the message that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// How it ends.
    pub(crate) ends: String,
    /// Why it ends so.
    pub(crate) why: String,
    /// The least TLS level on it.
    pub(crate) tls: String,
    /// The addresses that the mail leaves from.
    pub(crate) egress: Vec<String>,
    /// What it has to do with a filter of external mail, in words.
    filter: &'static str,
    /// The hops.
    pub(crate) hops: Vec<TraceHop>,
}

impl Paths {
    fn of(seen: &[Seen], other: &[Seen]) -> Self {
        let mut shown: Vec<&Seen> = seen.iter().collect();
        let is_in_both = |seen: &Seen| other.iter().any(|other| other.shape() == seen.shape());
        // Past a filter that the other side does not have goes what went without one.
        let both_filter = [seen, other]
            .iter()
            .all(|it| it.iter().any(Seen::is_filtered));
        shown.sort_by_key(|seen| {
            let is_past = seen.way.bypass && !both_filter;
            let rank = if is_past { 0 } else { seen.rank() };
            (is_in_both(seen), std::cmp::Reverse(rank), is_past)
        });
        Self {
            ends: seen.iter().map(|seen| seen.ends.clone()).collect(),
            shown: shown.into_iter().map(path).collect(),
            is_by_hop: false,
        }
    }

    /// Mail of which no path is shown.
    pub(super) fn ending(words: &str) -> Self {
        Self {
            ends: BTreeSet::from([words.to_owned()]),
            ..Self::default()
        }
    }

    /// The ends in words.
    pub(crate) fn words(&self) -> String {
        if self.ends.is_empty() {
            return "no such message".to_owned();
        }
        let ends: Vec<&str> = self.ends.iter().map(String::as_str).collect();
        ends.join(" | ")
    }

    /// What differs from the other side, where the ends are the same: the TLS level, the path, the addresses.
    pub(crate) fn differing(&self, what: &BTreeSet<&'static str>) -> String {
        let mut text = self.words();
        let Some(first) = self.shown.first() else {
            return text;
        };
        if what.contains("end") {
            return text;
        }
        if what.contains("tls") {
            let hops = first.hops.iter().filter_map(|hop| hop.tls.as_deref());
            let hops: Vec<&str> = hops.collect();
            let levels = if self.is_by_hop {
                hops.join(" → ")
            } else {
                first.tls.clone()
            };
            text = format!("{text}, tls {levels}");
        }
        if what.contains("path") {
            let hops = first.hops.iter().map(|hop| hop.to.as_str());
            text = format!("{text} by {}", hops.collect::<Vec<_>>().join(" → "));
        } else if what.contains("object") {
            let hops = first.hops.iter().map(|hop| hop.by.as_str());
            text = format!("{text} by {}", hops.collect::<Vec<_>>().join(", "));
        }
        if what.contains("filter") {
            text = format!("{text} {}", first.filter);
        }
        if what.contains("egress") {
            text = format!("{text} from {}", first.egress.join(", "));
        }
        text
    }
}

fn path(seen: &Seen) -> Path {
    Path {
        ends: seen.ends.clone(),
        why: seen.way.end.why.clone(),
        tls: seen.way.tls.to_string(),
        egress: seen.way.egress.iter().map(ToString::to_string).collect(),
        filter: match (seen.way.bypass, seen.is_filtered()) {
            (true, _) => "past the filter",
            (false, true) => "through a filter",
            (false, false) => "without a filter",
        },
        hops: seen.way.shown(),
    }
}

/// What the differences of one group have in common.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    verdict: Verdict,
    own_names_only: bool,
    old: Shape,
    new: Shape,
}

/// The ends, and where they say nothing the way there.
type Shape = (BTreeSet<String>, BTreeSet<String>);

fn shape(seen: &[Seen], verdict: &Verdict) -> Shape {
    let ends = seen.iter().map(|seen| seen.ends.clone()).collect();
    let detail = |seen: &Seen| {
        let mut detail = format!("tls {}", seen.way.tls);
        if verdict.direction == Direction::Neutral {
            detail = format!("{} {detail} {:?}", seen.places.join(" → "), seen.way.egress);
        }
        detail
    };
    let is_plain = verdict.what.contains("end") && verdict.direction != Direction::Neutral;
    let details = seen.iter().filter(|_| !is_plain).map(detail);
    (ends, details.collect())
}

/// The groups of all differences.
pub(crate) fn groups(
    joint: &Joint,
    models: (&Model<'_>, &Model<'_>),
    observed: Observed,
) -> Vec<Change> {
    let mut found: BTreeMap<Key, Vec<&Difference>> = BTreeMap::new();
    for difference in &observed.differences {
        let Some(class) = joint.classes.get(difference.class) else {
            continue;
        };
        let mut verdict = difference.verdict.clone();
        let is_own_name = |seen: &[Seen]| seen.iter().any(|seen| seen.is_own_name_lost);
        let own_names_only = verdict.direction != Direction::Neutral
            && ((class.old.by_provider && class.new.by_provider)
                || is_own_name(&difference.old)
                || is_own_name(&difference.new));
        if own_names_only {
            verdict.direction = Direction::Neutral;
        }
        let key = Key {
            old: shape(&verdict.relevant(&difference.old), &verdict),
            new: shape(&verdict.relevant(&difference.new), &verdict),
            own_names_only,
            verdict,
        };
        found.entry(key).or_default().push(difference);
    }
    let mut changes = Vec::new();
    for (key, differences) in found {
        for (parties, classes) in rectangles(&differences) {
            let shown = differences
                .iter()
                .filter(|at| parties.contains(&at.from) && classes.contains(&at.class))
                .min_by_key(|at| {
                    let class = joint.classes.get(at.class);
                    let is_listed = class.is_some_and(|class| class.recipients > 0);
                    (!is_listed, at.from != "internet", at.class)
                });
            let Some(shown) = shown else { continue };
            changes.push(change(joint, models, &key, shown, parties, classes));
        }
    }
    changes
}

/// The senders and classes of a group as few products: senders with the same classes, or classes with the same senders.
fn rectangles(differences: &[&Difference]) -> Vec<(BTreeSet<String>, BTreeSet<usize>)> {
    let mut by_sender: BTreeMap<&String, BTreeSet<usize>> = BTreeMap::new();
    let mut by_class: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for found in differences {
        by_sender
            .entry(&found.from)
            .or_default()
            .insert(found.class);
        by_class
            .entry(found.class)
            .or_default()
            .insert(found.from.clone());
    }
    let mut senders: BTreeMap<BTreeSet<usize>, BTreeSet<String>> = BTreeMap::new();
    for (sender, classes) in by_sender {
        senders.entry(classes).or_default().insert(sender.clone());
    }
    let mut classes: BTreeMap<BTreeSet<String>, BTreeSet<usize>> = BTreeMap::new();
    for (class, senders) in by_class {
        classes.entry(senders).or_default().insert(class);
    }
    if senders.len() <= classes.len() {
        senders
            .into_iter()
            .map(|(classes, from)| (from, classes))
            .collect()
    } else {
        classes.into_iter().collect()
    }
}

fn change(
    joint: &Joint,
    models: (&Model<'_>, &Model<'_>),
    key: &Key,
    shown: &Difference,
    from: BTreeSet<String>,
    classes: BTreeSet<usize>,
) -> Change {
    let all: Vec<&JointClass> = classes
        .iter()
        .filter_map(|&at| joint.classes.get(at))
        .collect();
    let [old_topology, new_topology] = [models.0, models.1].map(|model| &model.plan.topology);
    let witness = joint.classes.get(shown.class);
    let witness_to = witness.map_or_else(String::new, |class| class.new.witness.to_string());
    let [before, after] = [&shown.old, &shown.new].map(|seen| key.verdict.relevant(seen));
    let side = |ends: &BTreeSet<String>, own: &[Seen], other: &[Seen]| Paths {
        ends: ends.clone(),
        ..Paths::of(own, other)
    };
    let mut old = side(&key.old.0, &before, &after);
    let mut new = side(&key.new.0, &after, &before);
    let domains = domains(joint, &all);
    let least = |paths: &Paths| paths.shown.first().map(|path| path.tls.clone());
    let is_by_hop = least(&old) == least(&new);
    (old.is_by_hop, new.is_by_hop) = (is_by_hop, is_by_hop);
    Change {
        id: String::new(),
        direction: key.verdict.direction,
        certainty: key.verdict.certainty,
        readings: key.verdict.readings.clone(),
        what: key.verdict.what.clone(),
        from,
        all_but: all_but(new_topology, &domains),
        domains,
        also_possible: BTreeSet::new(),
        whose: all
            .iter()
            .map(|class| {
                // Of mailboxes that only one of the plans has, that one says whose they are.
                let is_new = is_mailbox(&class.new) || !is_mailbox(&class.old);
                if is_new {
                    whose(new_topology, &class.new)
                } else {
                    whose(old_topology, &class.old)
                }
            })
            .collect(),
        recipients: all.iter().map(|class| class.recipients).sum(),
        old,
        new,
        because: Vec::new(),
        own_names_only: key.own_names_only,
        accepted: None,
        announced: None,
        witness_from: sender_of(&shown.from, &witness_to),
        witnesses: all
            .iter()
            .map(|class| class.new.witness.to_string())
            .collect(),
        witness_to,
        classes,
    }
}

fn domains(joint: &Joint, classes: &[&JointClass]) -> Vec<String> {
    let atoms = classes.iter().flat_map(|class| &class.atoms);
    joint.new.patterns(&atoms.copied().collect())
}

fn is_mailbox(class: &Class) -> bool {
    matches!(class.kind, ClassKind::Mailboxes(_))
}

/// So many domains are named one by one, or left out by name.
const MOST_NAMED: usize = 20;
const MOST_LEFT_OUT: usize = 3;

/// The domains of the spec that are not among these, where these are many and those few.
fn all_but(topology: &Topology, domains: &[String]) -> Option<Vec<String>> {
    if domains.len() <= MOST_NAMED || domains.len() + MOST_LEFT_OUT < topology.domains.len() {
        return None;
    }
    let among: BTreeSet<&str> = domains.iter().map(String::as_str).collect();
    let all = topology.domains().map(|(_, domain)| domain.name.as_str());
    let (inside, left): (Vec<&str>, Vec<&str>) = all.partition(|name| among.contains(name));
    let is_short = left.len() <= MOST_LEFT_OUT && inside.len() == domains.len();
    is_short.then(|| left.into_iter().map(str::to_owned).collect())
}

/// The recipients of a class in words.
fn whose(topology: &Topology, class: &Class) -> String {
    let name = |at: LocationId| &topology.location(at).name;
    match class.kind {
        ClassKind::Mailboxes(at) => format!("mailboxes at `{}`", name(at)),
        ClassKind::Unknown => "unknown addresses".to_owned(),
        ClassKind::Subdomain(Home::At(_) | Home::Nobody | Home::Outside) => {
            "unknown subdomains".to_owned()
        }
        ClassKind::Partner(id) => format!("partner `{}`", topology.partner(id).name),
        ClassKind::Outside if topology.nearest_domain(class.witness.domain()).is_some() => {
            "unknown subdomains".to_owned()
        }
        ClassKind::Outside => "other organizations".to_owned(),
    }
}

/// Joins groups that differ in their ends on one side alone and have the same cause and the same recipients, and names
/// with a change of names above them what is possible below.
pub(crate) fn merge(changes: &mut Vec<Change>) {
    let mut kept: Vec<Change> = Vec::new();
    for change in std::mem::take(changes) {
        let same = |known: &&mut Change| {
            (
                known.direction,
                known.certainty,
                &known.readings,
                known.own_names_only,
            ) == (
                change.direction,
                change.certainty,
                &change.readings,
                change.own_names_only,
            ) && known.because == change.because
                && known.classes == change.classes
                && !known.is_authentication()
                && known.direction != Direction::Neutral
                && (known.old.ends == change.old.ends || known.new.ends == change.new.ends)
        };
        match kept.iter_mut().find(same) {
            Some(known) => {
                known.from.extend(change.from);
                known.what.extend(change.what);
                known.old.ends.extend(change.old.ends);
                known.new.ends.extend(change.new.ends);
            }
            None => kept.push(change),
        }
    }
    let certain: Vec<Change> = kept
        .iter()
        .filter(|change| change.certainty == Certainty::Certain)
        .cloned()
        .collect();
    let mut echoes: Vec<(Change, Change)> = Vec::new();
    kept.retain(|change| {
        let cause = certain.iter().find(|above| is_echo(change, above));
        echoes.extend(cause.map(|above| (above.clone(), change.clone())));
        cause.is_none()
    });
    for (above, echo) in echoes {
        let same = |change: &&mut Change| {
            change.classes == above.classes
                && change.from == above.from
                && change.direction == above.direction
        };
        if let Some(change) = kept.iter_mut().find(same) {
            change.also_possible.extend(echo.domains);
        }
    }
    *changes = kept;
}

/// Whether a change is what another one is under some reading, for names below those of the other.
fn is_echo(change: &Change, above: &Change) -> bool {
    let is_below = |domain: &String| {
        let name = domain.strip_prefix('*').unwrap_or(domain);
        above.domains.iter().any(|pattern| {
            let base = pattern.strip_prefix('*');
            base.is_some_and(|base| {
                !base.is_empty() && name.len() > base.len() && name.ends_with(base)
            })
        })
    };
    change.certainty == Certainty::Possible
        && change.direction == above.direction
        && change.because == above.because
        && change.from.is_subset(&above.from)
        && change.whose.is_subset(&above.whose)
        && change.old.ends.is_subset(&above.old.ends)
        && change.new.ends.is_subset(&above.new.ends)
        && change.domains.iter().all(is_below)
}

/// Gives every group its name, and puts the worst first.
pub(crate) fn finish(changes: &mut [Change]) {
    for change in changes.iter_mut() {
        let key = format!(
            "{} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            change.direction.word(),
            change.certainty,
            change.readings,
            change.what,
            change.from,
            change.domains,
            change.whose,
            change.old.ends,
            change.new.ends,
            change.because
        );
        let hash = sha256(key.as_bytes());
        let word = change.direction.word();
        change.id = format!(
            "{}-{}",
            word.get(..1).unwrap_or_default(),
            hash.get(..8).unwrap_or_default()
        );
    }
    changes.sort_by(|a, b| {
        (a.direction, a.certainty)
            .cmp(&(b.direction, b.certainty))
            .then_with(|| b.recipients.cmp(&a.recipients))
            .then_with(|| a.domains.cmp(&b.domains))
            .then_with(|| a.from.cmp(&b.from))
            .then_with(|| a.whose.cmp(&b.whose))
            .then_with(|| a.id.cmp(&b.id))
    });
}
