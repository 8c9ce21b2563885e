//! Group R, relaying and trust.

pub(super) mod r001_open_relay;
pub(super) mod r002_over_wide_ip_relay;
pub(super) mod r003_shared_ip_relay;
pub(super) mod r004_filter_bypass;
pub(super) mod r005_direct_send_exposed;
pub(super) mod r006_treat_as_internal;
pub(super) mod r007_internal_flag_from_outside;
pub(super) mod r008_onmicrosoft_locked_out;
pub(super) mod r009_restrict_without_list;
pub(super) mod r011_lockdown_shuts_out_internet;
