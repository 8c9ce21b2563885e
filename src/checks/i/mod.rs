//! Group I, intent: `expect`.

pub(super) mod i001_expectation_not_met;
pub(super) mod i002_ways_not_followed;
