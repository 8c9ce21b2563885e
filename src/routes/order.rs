//! The order of precedence among routes, or the objects made of them, that fit the same recipient: one per platform, as data.
//!
//! Lowering goes by the order of the language, so that a product's objects have the result that the author of the spec
//! means; the walk goes by the order of the product at each location.

use crate::values::Fit;
use std::cmp::{Ordering, Reverse};

/// What is compared, in this order; what is equal by all of it is a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// The first key by which two candidates differ decides.
    pub keys: &'static [Key],
    /// What happens when none does.
    pub tie: Tie,
}

/// A property of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// A mail-flow rule chooses it.
    Rule,
    /// The more specific pattern.
    Pattern,
    /// The pattern is written and not one that `accepted-domains` stands for.
    WrittenOut,
    /// The lower cost.
    Cost,
    /// The fewest locations on the path to the one that holds the mailbox.
    TowardHolder,
    /// The name that comes first.
    Name,
}

/// What happens among equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// Each may be used.
    Any,
    /// There are none: a table holds one entry for a key, and no two objects share a name.
    Never,
    /// The documents leave it open, by this reading.
    Reading(&'static str),
}

/// The order of the language: gateways and servers of other makes are taken to keep it, and it decides which route a table
/// entry of Postfix is made of.
pub(crate) const LANGUAGE: Order = Order {
    keys: &[Key::Pattern, Key::WrittenOut, Key::Cost, Key::TowardHolder],
    tie: Tie::Any,
};

/// Exchange Server: <https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection>.
pub(crate) const EXCHANGE_SERVER: Order = Order {
    keys: &[Key::Pattern, Key::Cost, Key::Name],
    tie: Tie::Never,
};

/// Exchange Online; how specific a pattern is depends on the readings R1 to R3, R5, R8 and R9.
pub(crate) const EXCHANGE_ONLINE: Order = Order {
    keys: &[Key::Rule, Key::Pattern],
    tie: Tie::Reading("R4"),
};

/// What an order compares of a route or an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim<'a> {
    /// How closely its pattern fits.
    pub fit: Fit,
    /// The pattern stands in the spec and not `accepted-domains` in its place.
    pub is_written_out: bool,
    /// Its cost.
    pub cost: u32,
    /// The hops from its end to the holder of the mailbox, where there is a path and the location knows the holder.
    pub distance: Option<usize>,
    /// Its name.
    pub name: &'a str,
}

impl Order {
    /// Which of two comes first, and the key that decides; none where they are equal.
    pub(crate) fn compare(&self, a: &Claim<'_>, b: &Claim<'_>) -> (Ordering, Option<Key>) {
        let decided = self.keys.iter().find_map(|key| {
            let ordering = key.compare(a, b);
            ordering.is_ne().then_some((ordering, Some(*key)))
        });
        decided.unwrap_or((Ordering::Equal, None))
    }

    /// The positions of the candidates that come first, in order.
    pub(crate) fn first(&self, claims: &[Claim<'_>]) -> Vec<usize> {
        let Some(best) = claims.iter().min_by(|a, b| self.compare(a, b).0) else {
            return Vec::new();
        };
        let is_best = |claim: &Claim<'_>| self.compare(claim, best).0.is_eq();
        let all = claims.iter().enumerate();
        all.filter(|(_, claim)| is_best(claim))
            .map(|(at, _)| at)
            .collect()
    }
}

impl Key {
    fn compare(self, a: &Claim<'_>, b: &Claim<'_>) -> Ordering {
        let far = |claim: &Claim<'_>| claim.distance.unwrap_or(usize::MAX);
        match self {
            // Who asks has looked for these before, in tables of their own.
            Self::Rule => Ordering::Equal,
            Self::Pattern => Reverse(a.fit).cmp(&Reverse(b.fit)),
            Self::WrittenOut => Reverse(a.is_written_out).cmp(&Reverse(b.is_written_out)),
            Self::Cost => a.cost.cmp(&b.cost),
            Self::TowardHolder => far(a).cmp(&far(b)),
            Self::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
        }
    }
}
