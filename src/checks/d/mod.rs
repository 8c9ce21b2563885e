//! Group D, dead configuration: what never acts.

pub(super) mod d001_shadowed_route;
pub(super) mod d002_matches_nothing;
pub(super) mod d003_disabled_referenced;
pub(super) mod d004_scoped_without_rule;
pub(super) mod d005_partly_shadowed;
