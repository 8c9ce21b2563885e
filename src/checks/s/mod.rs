//! Group S, the spec itself.

pub(super) mod s001_unknown_reference;
pub(super) mod s002_duplicate_name;
pub(super) mod s003_invalid_domain;
pub(super) mod s004_non_canonical_name;
pub(super) mod s005_infix_wildcard;
pub(super) mod s006_wildcard_public_suffix;
pub(super) mod s007_unknown_key;
pub(super) mod s008_self_route;
pub(super) mod s009_count_mismatch;
pub(super) mod s010_recipient_in_two_locations;
pub(super) mod s011_duplicate_proxy;
pub(super) mod s012_unused_definition;
pub(super) mod s013_unused_suppression;
pub(super) mod s014_suppression_without_reason;
pub(super) mod s015_duplicate_key;
pub(super) mod s016_reserved_domain;
pub(super) mod s017_syntax;
pub(super) mod s018_wrong_type;
pub(super) mod s019_bad_value;
pub(super) mod s020_include;
pub(super) mod s021_encoding;
pub(super) mod s022_not_on_this_kind;
