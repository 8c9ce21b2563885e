//! Group U, authentication: SPF.

pub(super) mod u001_egress_not_in_spf;
pub(super) mod u002_spf_too_many_lookups;
pub(super) mod u004_spf_multiple_records;
pub(super) mod u017_spf_syntax;
