//! What a difference between two sets of paths means for the mail.

use crate::finding::Certainty;
use crate::topology::{LocationId, Party, Topology};
use crate::values::TlsLevel;
use crate::walk::{Class, ClassKind, Ends, FaultKind, Home, Model, Way, fault_of, may_write_to};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// What a change means for the mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Direction {
    /// It arrived and no longer does.
    Lost,
    /// It ends worse than before, or arrives with less security.
    Worse,
    /// It arrives and did not before.
    Gained,
    /// It ends better than before, or arrives with more security.
    Better,
    /// It takes another path.
    #[default]
    Neutral,
}

impl Direction {
    /// The word of the contract.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Worse => "worse",
            Self::Gained => "gained",
            Self::Better => "better",
            Self::Neutral => "neutral",
        }
    }
}

/// One path with what is to be said of it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) way: Way,
    /// Its end in words.
    pub(crate) ends: String,
    /// The names of the locations it passes.
    pub(crate) places: Vec<String>,
    /// 0: as intended; the higher, the worse.
    rank: u8,
    /// Only names that a provider gave are affected.
    pub(crate) is_own_name_lost: bool,
    whose: Whose,
    /// It comes from outside and passes a filter.
    is_filtered: bool,
}

/// Whose the recipient is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// It is a mailbox of ours.
    Mailbox,
    /// Nobody has this address of ours.
    Nobody,
    /// The domain is not ours.
    Others,
}

impl Whose {
    const fn of(class: &Class) -> Self {
        match class.kind {
            ClassKind::Mailboxes(_) if !class.by_provider => Self::Mailbox,
            ClassKind::Partner(_) | ClassKind::Outside | ClassKind::Subdomain(Home::Outside) => {
                Self::Others
            }
            ClassKind::Mailboxes(_) | ClassKind::Unknown | ClassKind::Subdomain(_) => Self::Nobody,
        }
    }
}

/// Whether mail of a party on a way passes a filter of external mail.
fn is_filtered(topology: &Topology, party: Party, way: &Way) -> bool {
    let is_external = matches!(party, Party::Internet | Party::Partner(_));
    // What holds no mailboxes is there to filter: a gateway, or a tenant of the protection alone.
    let filters = |at: &LocationId| !topology.location(*at).can_hold_mailboxes();
    is_external && way.places.iter().any(filters)
}

/// A path as it is compared: without its reasons, and without the readings and assumptions it rests on.
pub(super) type Shape<'a> = (
    &'a str,
    Vec<(&'a str, &'a str, &'a str, Option<&'a str>)>,
    TlsLevel,
    Vec<String>,
    bool,
);

impl Seen {
    /// Judges a path of the mail of a party to a class.
    pub(crate) fn of(model: &Model<'_>, party: Party, class: &Class, way: Way) -> Self {
        let settled = way.settled();
        let fault = fault_of(model, party, class, &settled);
        let topology = &model.plan.topology;
        let is_refusal_intended = is_refusal_intended(model, party, class) || way.bypass;
        let rank = match (&way.end.ends, &fault) {
            (Ends::Delivered(_) | Ends::HandedOff(_) | Ends::Internet, None) => 0,
            (Ends::Delivered(_) | Ends::HandedOff(_) | Ends::Internet, Some(_)) => 1,
            (Ends::Rejected(_), _) if is_refusal_intended => 0,
            // Whether a host that nobody here knows takes it, nobody here knows; the others certainly lose it.
            (Ends::LeftModel(_), _) => 2,
            (Ends::Rejected(_), _) => 3,
            (Ends::Bounced(_), _) => 4,
            (Ends::Deferred(_), _) => 5,
            (Ends::Loop(_), _) => 6,
            (Ends::Discarded(_), _) => 7,
        };
        let name = |at: &LocationId| topology.location(*at).name.clone();
        Self {
            ends: way.end.ends.words(topology),
            places: way.places.iter().map(name).collect(),
            rank,
            is_own_name_lost: fault.is_some_and(|fault| fault.kind == FaultKind::OwnNameLost),
            whose: Whose::of(class),
            is_filtered: is_filtered(topology, party, &way),
            way,
        }
    }

    /// The same of mail in our name that none of ours has written: that it is refused is what is meant.
    pub(super) fn of_nobody_of_ours(self) -> Self {
        let rank = match self.way.end.ends {
            Ends::Rejected(_) => 0,
            _ => self.rank.max(1),
        };
        Self { rank, ..self }
    }

    pub(crate) fn rank(&self) -> u8 {
        self.rank
    }

    pub(super) const fn is_filtered(&self) -> bool {
        self.is_filtered
    }

    pub(super) fn arrives(&self) -> bool {
        self.way.end.ends.arrives()
    }

    pub(super) fn shape(&self) -> Shape<'_> {
        let hops = self.way.hops.iter();
        (
            &self.ends,
            hops.map(|hop| {
                let (at, to) = (hop.at.as_str(), hop.to.as_str());
                (at, to, hop.by.as_str(), hop.tls.as_deref())
            })
            .collect(),
            self.way.tls,
            self.way.egress.iter().map(ToString::to_string).collect(),
            self.way.bypass,
        )
    }
}

/// Whether a refusal in the session is what must happen to this mail.
fn is_refusal_intended(model: &Model<'_>, party: Party, class: &Class) -> bool {
    let topology: &Topology = &model.plan.topology;
    match (party, class.kind) {
        (Party::Device(id), _) if !may_write_to(topology.device(id), class) => true,
        (_, ClassKind::Unknown | ClassKind::Subdomain(Home::Nobody | Home::Outside))
        | (Party::Internet, ClassKind::Partner(_) | ClassKind::Outside) => true,
        _ => false,
    }
}

/// What a difference means, under which readings, and in which components.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Verdict {
    pub(crate) direction: Direction,
    pub(crate) certainty: Certainty,
    pub(crate) readings: BTreeMap<&'static str, BTreeSet<&'static str>>,
    pub(crate) what: BTreeSet<&'static str>,
}

impl Verdict {
    /// The paths that there are under the readings it rests on.
    pub(crate) fn relevant(&self, seen: &[Seen]) -> Vec<Seen> {
        let agrees = |seen: &&Seen| {
            seen.way.readings.iter().all(|(id, word)| {
                let words = self.readings.get(id);
                words.is_none_or(|words| words.is_empty() || words.contains(word))
            })
        };
        let kept: Vec<Seen> = seen.iter().filter(agrees).cloned().collect();
        if kept.is_empty() { seen.to_vec() } else { kept }
    }
}

/// Readings of one pair that are all looked at; of more, the paths are compared as a whole.
const MOST_READINGS: usize = 6;

/// What the differences between two sets of paths mean; nothing where they are equal under every reading.
pub(crate) fn verdicts(old: &[Seen], new: &[Seen], is_assumed: bool) -> Vec<Verdict> {
    let mut live: BTreeMap<&'static str, BTreeSet<&'static str>> = BTreeMap::new();
    for (id, word) in old.iter().chain(new).flat_map(|seen| &seen.way.readings) {
        live.entry(id).or_default().insert(word);
    }
    let as_whole = live.len() > MOST_READINGS;
    let assignments = if as_whole {
        vec![BTreeMap::new()]
    } else {
        assignments(&live)
    };
    let mut found: BTreeMap<Direction, Vec<&BTreeMap<&str, &str>>> = BTreeMap::new();
    let mut what: BTreeMap<Direction, BTreeSet<&'static str>> = BTreeMap::new();
    let mut assumed: BTreeSet<Direction> = BTreeSet::new();
    let mut looked_at = assignments.len();
    for assignment in &assignments {
        let agrees = |seen: &&Seen| {
            as_whole
                || seen
                    .way
                    .readings
                    .iter()
                    .all(|(id, word)| assignment.get(id) == Some(word))
        };
        let one: Vec<&Seen> = old.iter().filter(agrees).collect();
        let other: Vec<&Seen> = new.iter().filter(agrees).collect();
        // No message goes nowhere: these words do not occur together.
        if one.is_empty() != old.is_empty() || other.is_empty() != new.is_empty() {
            looked_at -= 1;
            continue;
        }
        let Some(direction) = direction(&one, &other) else {
            continue;
        };
        found.entry(direction).or_default().push(assignment);
        what.entry(direction)
            .or_default()
            .extend(components(&one, &other));
        if !is_certain(&one, &other, direction) {
            assumed.insert(direction);
        }
    }
    if found.len() > 1 {
        found.remove(&Direction::Neutral);
    }
    let verdict = |(direction, held): (Direction, Vec<&BTreeMap<&'static str, &'static str>>)| {
        let is_possible = as_whole || held.len() < looked_at;
        let readings = if is_possible {
            constant(&live, &held)
        } else {
            BTreeMap::new()
        };
        let certainty = if is_possible {
            Certainty::Possible
        } else if is_assumed || assumed.contains(&direction) {
            Certainty::Assumed
        } else {
            Certainty::Certain
        };
        Verdict {
            direction,
            certainty,
            readings,
            what: what.get(&direction).cloned().unwrap_or_default(),
        }
    };
    found.into_iter().map(verdict).collect()
}

/// Every way to choose a word for each reading.
fn assignments(
    live: &BTreeMap<&'static str, BTreeSet<&'static str>>,
) -> Vec<BTreeMap<&'static str, &'static str>> {
    let mut all = vec![BTreeMap::new()];
    for (id, words) in live {
        // A path that rests on no word of a reading is there under each; a word that no path rests on changes nothing.
        let words = words
            .iter()
            .copied()
            .chain((words.len() == 1).then_some(""));
        let words: Vec<&'static str> = words.collect();
        all = all
            .into_iter()
            .flat_map(|known: BTreeMap<&'static str, &'static str>| {
                words.iter().map(move |word| {
                    let mut more = known.clone();
                    more.insert(*id, *word);
                    more
                })
            })
            .collect();
    }
    all
}

/// The readings that a direction rests on: those that do not take all their words in its assignments.
fn constant(
    live: &BTreeMap<&'static str, BTreeSet<&'static str>>,
    held: &[&BTreeMap<&'static str, &'static str>],
) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut readings = BTreeMap::new();
    for (id, words) in live {
        let seen: BTreeSet<&'static str> = held
            .iter()
            .filter_map(|assignment| assignment.get(id).copied())
            .collect();
        if seen.is_empty() || seen.len() < words.len().max(2) {
            readings.insert(
                *id,
                seen.into_iter().filter(|word| !word.is_empty()).collect(),
            );
        }
    }
    readings
}

/// Whether the difference is there without the paths that rest on an assumption.
fn is_certain(old: &[&Seen], new: &[&Seen], found: Direction) -> bool {
    if old
        .iter()
        .chain(new)
        .all(|seen| seen.way.assuming.is_empty())
    {
        return true;
    }
    let (one, other) = (sure(old), sure(new));
    !one.is_empty() && !other.is_empty() && direction(&one, &other) == Some(found)
}

/// The paths that rest on no assumption.
fn sure<'s>(list: &[&'s Seen]) -> Vec<&'s Seen> {
    let sure = list.iter().filter(|seen| seen.way.assuming.is_empty());
    sure.copied().collect()
}

/// Paths as they are compared.
pub(super) fn shapes<'s>(list: impl IntoIterator<Item = &'s Seen>) -> BTreeSet<Shape<'s>> {
    list.into_iter().map(Seen::shape).collect()
}

/// What the difference of two sets of paths means; `None` where they are equal.
fn direction(old: &[&Seen], new: &[&Seen]) -> Option<Direction> {
    if shapes(old.iter().copied()) == shapes(new.iter().copied()) {
        return None;
    }
    // A way past a filter that the other side does not have is what all its mail takes there.
    let has_filter = |list: &[&Seen]| list.iter().any(|seen| seen.is_filtered);
    let both_filter = has_filter(old) && has_filter(new);
    let rank = |seen: &&Seen| {
        if seen.way.bypass && seen.arrives() && !both_filter {
            0
        } else {
            seen.rank
        }
    };
    let worst = |list: &[&Seen]| list.iter().map(rank).max();
    let best = |list: &[&Seen]| list.iter().map(rank).min();
    let arrive = |list: &[&Seen]| !list.is_empty() && list.iter().all(|seen| seen.arrives());
    // Nobody could send so: where nothing was, nothing is lost.
    let fails = |list: &[&Seen]| list.is_empty() || worst(list) >= Some(2);
    if arrive(old) && fails(new) {
        return Some(Direction::Lost);
    }
    if fails(old) && arrive(new) {
        return Some(Direction::Gained);
    }
    // A domain that is ours no more, or is now: that its mail is rejected is meant, and its mailboxes are gone all the same.
    let all = |list: &[&Seen], whose| !list.is_empty() && list.iter().all(|it| it.whose == whose);
    let none_arrives = |list: &[&Seen]| !list.iter().any(|seen| seen.arrives());
    if all(old, Whose::Mailbox) && arrive(old) && all(new, Whose::Others) && none_arrives(new) {
        return Some(Direction::Lost);
    }
    if all(new, Whose::Mailbox) && arrive(new) && all(old, Whose::Others) && none_arrives(old) {
        return Some(Direction::Gained);
    }
    let (Some(from), Some(to)) = (worst(old).zip(best(old)), worst(new).zip(best(new))) else {
        return Some(Direction::Neutral);
    };
    let parts = [
        floor(old).zip(floor(new)).map(|(old, new)| new.cmp(&old)),
        filtered(old)
            .zip(filtered(new))
            .map(|(old, new)| new.cmp(&old)),
    ];
    let parts: Vec<Option<Ordering>> = parts.into_iter().chain(by_hop(old, new)).collect();
    let falls = parts.contains(&Some(Ordering::Less));
    let rises = parts.contains(&Some(Ordering::Greater));
    // Whatever falls makes it worse, whatever else rises; what arrives now and did not had nothing to lose.
    Some(match to.cmp(&from) {
        Ordering::Greater => Direction::Worse,
        Ordering::Less if falls && arrive(old) => Direction::Worse,
        Ordering::Less => Direction::Better,
        Ordering::Equal if falls => Direction::Worse,
        Ordering::Equal if rises => Direction::Better,
        Ordering::Equal => Direction::Neutral,
    })
}

/// Whether all mail that arrives has passed a filter.
fn filtered(list: &[&Seen]) -> Option<bool> {
    let arriving = list.iter().filter(|seen| seen.arrives());
    arriving.map(|seen| seen.is_filtered).min()
}

/// The least TLS level of the mail that arrives.
fn floor(list: &[&Seen]) -> Option<TlsLevel> {
    let arriving = list.iter().filter(|seen| seen.arrives());
    arriving.map(|seen| seen.way.tls).min()
}

/// The TLS levels of each hop of the mail that arrives, the least of all ways that pass the same.
fn levels(list: &[&Seen]) -> BTreeMap<Vec<(String, String)>, Vec<Option<TlsLevel>>> {
    let mut found: BTreeMap<_, Vec<Option<TlsLevel>>> = BTreeMap::new();
    for seen in list.iter().filter(|seen| seen.arrives()) {
        let hops = || seen.way.hops.iter();
        let level = |text: &String| TlsLevel::parse(text).ok();
        let own: Vec<Option<TlsLevel>> =
            hops().map(|hop| hop.tls.as_ref().and_then(level)).collect();
        let key = hops().map(|hop| (hop.at.clone(), hop.to.clone())).collect();
        let known = found.entry(key).or_insert_with(|| own.clone());
        for (least, level) in known.iter_mut().zip(own) {
            *least = (*least).min(level);
        }
    }
    found
}

/// How the levels of single hops change where the mail goes the same ways: those of others are not to be compared.
fn by_hop(old: &[&Seen], new: &[&Seen]) -> Vec<Option<Ordering>> {
    let (old, new) = (levels(old), levels(new));
    if !old.keys().eq(new.keys()) {
        return Vec::new();
    }
    let pairs = old.into_values().flatten().zip(new.into_values().flatten());
    pairs
        .map(|(old, new)| old.zip(new).map(|(old, new)| new.cmp(&old)))
        .collect()
}

/// What differs between two sets of paths.
fn components(old: &[&Seen], new: &[&Seen]) -> BTreeSet<&'static str> {
    let mut what = BTreeSet::new();
    let mut add = |word: &'static str, part: fn(&Seen) -> String| {
        let set =
            |list: &[&Seen]| -> BTreeSet<String> { list.iter().map(|seen| part(seen)).collect() };
        if set(old) != set(new) {
            what.insert(word);
        }
    };
    add("end", |seen| seen.ends.clone());
    add("tls", |seen| seen.way.tls.to_string());
    add("hop", |seen| {
        let hops = seen.way.hops.iter();
        format!("{:?}", hops.map(|hop| &hop.tls).collect::<Vec<_>>())
    });
    add("filter", |seen| {
        format!("{} {}", seen.way.bypass, seen.is_filtered)
    });
    add("egress", |seen| format!("{:?}", seen.way.egress));
    add("path", |seen| {
        let hops = seen.way.hops.iter();
        format!(
            "{:?}",
            hops.map(|hop| (&hop.at, &hop.to)).collect::<Vec<_>>()
        )
    });
    add("object", |seen| {
        let hops = seen.way.hops.iter();
        format!("{:?}", hops.map(|hop| &hop.by).collect::<Vec<_>>())
    });
    if what.contains("path") {
        what.remove("object");
    }
    // The levels of single hops say something of the same way alone.
    if what.remove("hop") && !what.contains("path") {
        what.insert("tls");
    }
    what
}
