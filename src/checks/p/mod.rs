//! Group P, partners.

pub(super) mod p001_partner_asymmetric_tls;
pub(super) mod p002_partner_rejects_own_senders;
pub(super) mod p003_partner_also_accepted;
pub(super) mod p005_ip_and_cert_in_one;
pub(super) mod p006_nested_partners;
