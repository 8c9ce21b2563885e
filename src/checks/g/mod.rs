//! Group G, coverage: mail that nothing carries.

pub(super) mod g001_no_route_for_population;
pub(super) mod g002_accepted_but_no_mailbox;
pub(super) mod g003_population_without_accepted_domain;
pub(super) mod g004_mx_entry_cannot_forward;
pub(super) mod g005_one_direction_only;
pub(super) mod g006_dsn_cannot_return;
pub(super) mod g007_subdomain_hole;
pub(super) mod g008_internal_relay_without_onward;
pub(super) mod g010_backup_mx_gap;
pub(super) mod g011_missing_egress;
pub(super) mod g013_opaque_end;
