//! Group N, DNS records.

pub(super) mod n001_mx_host_is_cname;
pub(super) mod n004_mx_disagrees_with_intent;
pub(super) mod n007_record_over_cname;
pub(super) mod n017_fact_missing;
pub(super) mod n018_duplicate_text_record;
pub(super) mod n019_below_delegation;
pub(super) mod n020_host_without_address;
