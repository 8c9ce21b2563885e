//! Group E, what Exchange cannot hold.

pub(super) mod e001_connector_name_too_long;
pub(super) mod e002_cidr_out_of_range;
pub(super) mod e003_smarthost_missing;
pub(super) mod e004_onpremises_only_flag_on_partner;
pub(super) mod e010_rule_names_unscoped_connector;
pub(super) mod e012_smart_host_unreachable;
pub(super) mod e013_cannot_be_written;
pub(super) mod e014_setting_not_on_this_tenant;
pub(super) mod e015_arc_sealer_by_hand;
pub(super) mod e016_trusted_behind_a_lock;
