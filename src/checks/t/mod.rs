//! Group T, TLS.

pub(super) mod t001_floor_below_demand;
pub(super) mod t002_demand_unsatisfiable;
pub(super) mod t003_cert_name_mismatch;
pub(super) mod t004_wildcard_depth;
pub(super) mod t005_self_signed_with_validation;
pub(super) mod t007_cert_attribution_name;
pub(super) mod t012_tls_inspection_between_hybrid;
