//! Group L, loops and lost mail.

pub(super) mod l001_loop;
pub(super) mod l002_possible_loop;
pub(super) mod l003_mx_returns_to_sender;
pub(super) mod l004_cmt_marker_lost;
pub(super) mod l005_redirect_cycle;
pub(super) mod l006_routing_domain_not_routed;
pub(super) mod l007_missing_routing_alias;
pub(super) mod l008_authoritative_on_both_sides;
pub(super) mod l009_unknown_recipients_end;
pub(super) mod l011_unreachable_queue;
pub(super) mod l013_backscatter;
