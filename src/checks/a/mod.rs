//! Group A, ambiguity: more than one object, or reading, could decide.

pub(super) mod a001_accepted_domains_beside_wildcard;
pub(super) mod a002_apex_of_wildcard;
pub(super) mod a003_nested_wildcards;
pub(super) mod a004_equal_patterns;
pub(super) mod a006_cost_tie;
pub(super) mod a007_name_tie_break;
pub(super) mod a008_partner_in_own_wildcard;
pub(super) mod a009_wildcard_over_own_subdomain;
pub(super) mod a010_ip_range_partial_overlap;
pub(super) mod a011_inbound_double_match;
pub(super) mod a012_restrict_vs_allow_partner;
pub(super) mod a013_equal_mx_different_end;
pub(super) mod a015_reading_dependent_spec;
