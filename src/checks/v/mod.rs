//! Group V, devices.

pub(super) mod v001_device_no_path;
pub(super) mod v002_direct_send_external;
pub(super) mod v003_device_sender_not_accepted;
pub(super) mod v004_device_ip_overlap;
pub(super) mod v005_private_source_ip;
pub(super) mod v006_device_tls_too_old;
pub(super) mod v007_smtp_auth_disabled;
