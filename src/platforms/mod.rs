//! How each platform chooses the next hop among its own objects, as its vendor documents it.
//!
//! One file per platform. A policy sees the objects of a plan and the name of a recipient's domain, and says which
//! object takes the mail, which others would have, and under which reading of the documents. What becomes of the
//! message afterwards must not be known here.

pub mod exchange;
pub mod exchange_online;
pub mod exchange_server;
pub mod other;
pub mod postfix;
pub mod readings;

pub use readings::{Assumption, READINGS, Reading, reading};

use crate::values::{DomainName, Pattern};

/// What a policy chooses. Several choices stand where readings differ or objects tie; each may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Position of the chosen object; `None` where no object is for this name.
    pub winner: Option<usize>,
    /// Why, in words.
    pub why: String,
    /// What has to be assumed of the documents.
    pub readings: Vec<Assumption>,
    /// What would have taken the mail otherwise.
    pub losers: Vec<Lost>,
}

/// An object that was for the name too, and lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Its position.
    pub index: usize,
    /// Why it lost.
    pub why: String,
}

/// How a sorted list of patterns meets a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meeting {
    /// Position of the pattern that is the name itself.
    pub exact: Option<usize>,
    /// Positions of `*.base` with the name strictly below, longest base first, with the labels of the base.
    pub below: Vec<(usize, usize)>,
    /// Position of `*.name`.
    pub apex: Option<usize>,
    /// Position of `*`.
    pub any: Option<usize>,
}

/// Looks a name up in a list that is sorted by pattern; never walks the whole list, which may hold every domain.
pub(crate) fn meet<T>(list: &[T], key: impl Fn(&T) -> &Pattern, name: &DomainName) -> Meeting {
    let find = |kind: u8, wanted: &str| {
        let order = |item: &T| {
            let (its_kind, base) = sort_key(key(item));
            (its_kind, base).cmp(&(kind, wanted))
        };
        let at = list.partition_point(|item| order(item).is_lt());
        list.get(at)
            .is_some_and(|item| order(item).is_eq())
            .then_some(at)
    };
    let below = name
        .parents()
        .filter_map(|base| Some((find(1, base)?, base.split('.').count())))
        .collect();
    Meeting {
        exact: find(0, name.as_str()),
        below,
        apex: find(1, name.as_str()),
        any: find(2, ""),
    }
}

/// The order of patterns, in a form that needs no pattern to compare with.
fn sort_key(pattern: &Pattern) -> (u8, &str) {
    match pattern {
        Pattern::Exact(name) => (0, name.as_str()),
        Pattern::Below(base) => (1, base.as_str()),
        Pattern::Any => (2, ""),
        Pattern::AcceptedDomains => (3, ""),
    }
}
