//! The questions that the documents leave open, every combination of answers, and which of them a choice depends on.

use crate::platforms::Assumption;
use crate::platforms::exchange_online::choose::ClientStatus;
use crate::platforms::exchange_online::choose::claim::Candidate;

/// One answer to every question; all false is what the texts say first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Readings {
    pub by_example: bool,
    pub apex_included: bool,
    pub nested_undefined: bool,
    pub listed_only: bool,
    pub one_label: bool,
}

impl Readings {
    pub(crate) const COUNT: usize = 5;

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0_u8..1 << Self::COUNT).map(|bits| Self {
            by_example: bits & 1 != 0,
            apex_included: bits & 2 != 0,
            nested_undefined: bits & 4 != 0,
            listed_only: bits & 8 != 0,
            one_label: bits & 16 != 0,
        })
    }

    pub(crate) fn answers(self) -> [bool; Self::COUNT] {
        [
            self.by_example,
            self.apex_included,
            self.nested_undefined,
            self.listed_only,
            self.one_label,
        ]
    }
}

pub(crate) fn winners(
    candidates: &[Candidate],
    standing: ClientStatus,
    readings: Readings,
) -> Vec<usize> {
    let ranks: Vec<(u8, usize)> = candidates
        .iter()
        .map(|candidate| candidate.claim(standing, readings).rank(readings))
        .collect();
    let Some(best) = ranks.iter().max().filter(|rank| rank.0 > 0) else {
        return Vec::new();
    };
    (0..ranks.len()).filter(|&at| ranks[at] == *best).collect()
}

/// The questions whose answer changes the winners somewhere.
pub(crate) fn live(outcomes: &[Outcome]) -> [bool; Readings::COUNT] {
    let mut live = [false; Readings::COUNT];
    for (at, (_, winners)) in outcomes.iter().enumerate() {
        for (question, live) in live.iter_mut().enumerate() {
            let other = outcomes.get(at ^ (1 << question));
            *live |= other.is_some_and(|(_, others)| others != winners);
        }
    }
    live
}

/// One combination of answers and who wins under it.
pub(crate) type Outcome = (Readings, Vec<usize>);

/// Answers under all of which the same connector wins, alone or as one of several.
pub(crate) struct Case {
    pub assumed: Vec<Assumption>,
    /// One full combination of them.
    pub readings: Readings,
    pub tie: bool,
}

/// Every combination of answers under which `winner` wins, with as few questions asked as it takes.
pub(crate) fn cases(
    outcomes: &[&Outcome],
    winner: Option<usize>,
    live: [bool; Readings::COUNT],
    question: usize,
) -> Vec<Case> {
    let wins = |outcome: &Outcome| match winner {
        Some(winner) => outcome.1.contains(&winner),
        None => outcome.1.is_empty(),
    };
    if !outcomes.iter().any(|outcome| wins(outcome)) {
        return Vec::new();
    }
    let Some(&first) = outcomes.first() else {
        return Vec::new();
    };
    let alike = |outcome: &&Outcome| wins(outcome) && (outcome.1.len() > 1) == (first.1.len() > 1);
    if outcomes.iter().all(alike) {
        return vec![Case {
            assumed: Vec::new(),
            readings: first.0,
            tie: first.1.len() > 1,
        }];
    }
    let mut found = Vec::new();
    for answer in [false, true] {
        let part: Vec<&Outcome> = outcomes
            .iter()
            .copied()
            .filter(|outcome| outcome.0.answers().get(question) == Some(&answer))
            .collect();
        for mut case in cases(&part, winner, live, question + 1) {
            if let (Some((id, words)), true) = (WORDS.get(question), live[question]) {
                case.assumed.insert(0, (id, words[usize::from(answer)]));
            }
            found.push(case);
        }
        // An answer that changes nothing is not asked for.
        if !live[question] {
            break;
        }
    }
    found
}

/// The questions and their answers.
pub(crate) const WORDS: [(&str, [&str; 2]); Readings::COUNT] = [
    ("R1", ["list", "example"]),
    ("R2", ["excluded", "included"]),
    ("R3", ["longest", "undefined"]),
    ("R8", ["accepted", "listed-only"]),
    ("R9", ["any-depth", "one-label"]),
];
