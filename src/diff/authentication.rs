//! What receivers make of mail in our name, before and after: what proves it, and what becomes of mail that nothing proves.

use crate::diff::group::{Change, Paths};
use crate::diff::judge::Direction;
use crate::diff::{AUTHENTICATION, Only};
use crate::finding::Certainty;
use crate::plan::{LeavingMail, Plan, Proved, ProvedMail};
use crate::publish::Known;
use crate::topology::Topology;
use std::collections::{BTreeMap, BTreeSet};

/// What receivers make of mail, by what mail it is and the domain of its authors.
pub(super) type Observed = BTreeMap<(String, String), Statement>;

/// What receivers make of some mail.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// Who sends it, or hands over what has no sender of ours.
    from: BTreeSet<String>,
    /// The higher, the better.
    rank: u8,
    words: &'static str,
    /// It does not rest on what is taken for granted of others.
    is_sure: bool,
}

/// What receivers make of the mail of a plan; nothing before its mail has been followed.
pub(super) fn observe(plan: &Plan) -> Option<Observed> {
    let mut observed = Observed::new();
    for row in plan.proofs.as_ref()? {
        add(&plan.topology, row, &mut observed);
    }
    let known = Known::filled(plan);
    for (_, domain) in plan.topology.domains() {
        let unproved = known.unproved(&domain.name);
        let key = ("what others write".to_owned(), domain.name.to_string());
        let statement = Statement {
            from: BTreeSet::from(["internet".to_owned()]),
            rank: unproved as u8,
            words: unproved.words(),
            is_sure: true,
        };
        observed.insert(key, statement);
    }
    Some(observed)
}

fn add(topology: &Topology, row: &ProvedMail, observed: &mut Observed) {
    let Some(proved) = row.proved else {
        return;
    };
    let by = topology.party_name(row.by).to_owned();
    let (what, from) = match row.what {
        LeavingMail::InOurName => (format!("mail of `{by}`"), by),
        what @ LeavingMail::Of(source) => {
            let source = topology.party_name(source);
            (what.words(topology), source.to_owned())
        }
        what => (what.words(topology), by),
    };
    for author in &row.authors {
        let name = topology.domain(*author).name.to_string();
        let statement = Statement {
            from: BTreeSet::new(),
            rank: match proved {
                // What a partner is taken to use proves as much as what it says.
                Proved::Assumed => Proved::BySpf as u8,
                proved => proved as u8,
            },
            words: words(proved),
            is_sure: !matches!(proved, Proved::Unknown | Proved::Assumed),
        };
        let known = observed
            .entry((what.clone(), name))
            .or_insert_with(|| statement.clone());
        // Of several ways out, the worst is what receivers may see.
        if (statement.rank, statement.is_sure) < (known.rank, known.is_sure) {
            let from = std::mem::take(&mut known.from);
            *known = Statement { from, ..statement };
        }
        known.from.insert(from.clone());
    }
}

const fn words(proved: Proved) -> &'static str {
    match proved {
        Proved::Refused => "proved by nothing, and refused for it",
        Proved::ByNothing => "proved by nothing",
        Proved::Unknown => "proved by what nobody knows",
        Proved::Assumed | Proved::BySpf => "proved by SPF alone",
        Proved::BySignature => "proved by a signature alone",
        Proved::ByBoth => "proved by SPF and a signature",
    }
}

/// What differs between two plans, as groups.
pub(super) fn changes(old: &Observed, new: &Observed, only: &Only) -> Vec<Change> {
    let mut groups: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for ((what, author), after) in new {
        let Some(before) = old.get(&(what.clone(), author.clone())) else {
            continue;
        };
        let from: BTreeSet<&String> = before.from.union(&after.from).collect();
        let is_asked_for = (only.domains.is_empty() || only.domains.contains(author))
            && (only.sources.is_empty() || from.iter().any(|it| only.sources.contains(it)));
        if before.rank == after.rank || !is_asked_for {
            continue;
        }
        let direction = if after.rank < before.rank {
            Direction::Worse
        } else {
            Direction::Better
        };
        let is_sure = before.is_sure && after.is_sure;
        let words = (before.words, after.words);
        let key = (direction, is_sure, what, from, words);
        groups.entry(key).or_default().insert(author.clone());
    }
    let groups = groups.into_iter();
    groups
        .map(
            |((direction, is_sure, what, from, (before, after)), authors)| Change {
                direction,
                certainty: if is_sure {
                    Certainty::Certain
                } else {
                    Certainty::Assumed
                },
                what: BTreeSet::from([AUTHENTICATION]),
                from: from.into_iter().cloned().collect(),
                domains: authors.into_iter().collect(),
                whose: BTreeSet::from([what.clone()]),
                old: Paths::ending(before),
                new: Paths::ending(after),
                ..Change::default()
            },
        )
        .collect()
}

/// What receivers make of the mail of a change in another plan.
pub(super) fn words_of(observed: &Observed, change: &Change) -> BTreeSet<String> {
    let key = |author: &String| Some((change.whose.first()?.clone(), author.clone()));
    let statements = change.domains.iter().filter_map(key);
    let statements = statements.filter_map(|key| observed.get(&key));
    statements.map(|it| it.words.to_owned()).collect()
}
