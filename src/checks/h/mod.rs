//! Group H, hybrid.

pub(super) mod h001_hybrid_connector_misses_domain;
pub(super) mod h002_cloudservices_one_side;
pub(super) mod h003_cmt_without_onprem_egress;
pub(super) mod h004_cmt_forwarding_leak;
pub(super) mod h007_subdomain_match_needs_relay;
