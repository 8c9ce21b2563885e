//! Group X, what a product cannot express.

pub(super) mod x009_unknown_transport;
pub(super) mod x010_unlisted_mailboxes;
pub(super) mod x011_tls_level_raised;
pub(super) mod x012_rule_not_expressible;
pub(super) mod x013_certificate_not_checked;
pub(super) mod x014_no_delivery_service;
pub(super) mod x015_catch_all_without_list;
