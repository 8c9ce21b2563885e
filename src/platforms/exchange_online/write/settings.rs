//! Settings of a whole tenant, written only where the spec writes them.

use crate::plan::Plan;
use crate::platforms::exchange::catalogue::{Product, has};
use crate::platforms::exchange::object::{Object, Stage};
use crate::platforms::exchange::{kind, origin_of_domain};
use crate::platforms::exchange_online::Configuration;
use crate::routes::logins;
use crate::topology::{LocationId, SmtpAuth};
use crate::values::DomainName;
use std::collections::BTreeSet;

/// Keys and signatures of the domains that the tenant signs with.
pub(super) fn dkim(plan: &Plan, here: LocationId, signing: &[&DomainName]) -> Vec<Object> {
    let sign = |domain: &&DomainName| {
        let mut object = Object::new(&kind::DKIM, domain.as_str());
        object.origin = origin_of_domain(plan, here, domain);
        object.why = "Keys now, signatures once the two records can be found.".into();
        object.properties = vec![("Enabled", true.into())];
        object
    };
    signing.iter().map(sign).collect()
}

/// Services before the tenant that seal with ARC what they change.
pub(super) fn arc(
    plan: &Plan,
    here: LocationId,
    product: Product,
    configuration: &Configuration,
) -> Option<Object> {
    // Where what is trusted already cannot be read, nothing could be added without losing it; a finding says so.
    if configuration.trusted_arc_sealers.is_empty() || product != Product::Online {
        return None;
    }
    let sealers = configuration.trusted_arc_sealers.iter();
    let mut object = Object::new(&kind::ARC, kind::ARC.name);
    object.origin = format!("locations.{}", plan.topology.location(here).name);
    object.why = "Trusts the seals of services that change messages before they arrive; those that are trusted already stay.".into();
    object.adds = true;
    object.properties = vec![(
        "ArcTrustedSealers",
        sealers.map(DomainName::as_str).collect(),
    )];
    Some(object)
}

/// Whether anonymous mail with our own domains as envelope sender is rejected.
pub(super) fn reject_direct_send(
    plan: &Plan,
    here: LocationId,
    product: Product,
    configuration: &Configuration,
) -> Option<Object> {
    let reject = configuration.settings.reject_direct_send?;
    if !has("Set-OrganizationConfig", "RejectDirectSend", product) {
        return None;
    }
    let mut object = Object::new(&kind::ORGANIZATION_CONFIG, "RejectDirectSend");
    object.origin = format!(
        "locations.{}.reject_direct_send",
        plan.topology.location(here).name
    );
    let verb = if reject { "Rejects" } else { "Accepts" };
    object.why = format!(
        "{verb} mail with an envelope sender in our own domains that matches no inbound connector."
    );
    object.stage = reject.then_some(Stage::Lock);
    object.properties = vec![("RejectDirectSend", reject.into())];
    Some(object)
}

/// Client submission: the tenant's switch, and that of each mailbox which a device logs on to.
pub(super) fn smtp_auth(
    plan: &Plan,
    here: LocationId,
    product: Product,
    configuration: &Configuration,
    mailboxes: Vec<String>,
) -> Vec<Object> {
    let Some(smtp_auth) = configuration.settings.smtp_auth else {
        return Vec::new();
    };
    if !has(
        "Set-TransportConfig",
        "SmtpClientAuthenticationDisabled",
        product,
    ) {
        return Vec::new();
    }
    let origin = format!("locations.{}.smtp_auth", plan.topology.location(here).name);
    let mut tenant = Object::new(&kind::TRANSPORT_CONFIG, "SmtpClientAuthenticationDisabled");
    tenant.origin.clone_from(&origin);
    tenant.why =
        "Client submission with a login; a mailbox's own setting wins over this one.".into();
    tenant.properties = vec![(
        "SmtpClientAuthenticationDisabled",
        (smtp_auth != SmtpAuth::Enabled).into(),
    )];
    let mailbox = |address: String| {
        let mut mailbox = Object::new(&kind::CAS_MAILBOX, address);
        mailbox.origin.clone_from(&origin);
        mailbox.why = "A device logs on to this mailbox to send.".into();
        mailbox.properties = vec![("SmtpClientAuthenticationDisabled", false.into())];
        mailbox
    };
    // The exceptions stand before the rule is closed, so that no device is shut out in between.
    let objects = mailboxes.into_iter().map(mailbox);
    objects.chain([tenant]).collect()
}

/// The mailboxes that devices log on to, where each has to be allowed by itself.
pub(super) fn submitting_mailboxes(
    plan: &Plan,
    here: LocationId,
    configuration: &Configuration,
) -> Vec<String> {
    if configuration.settings.smtp_auth != Some(SmtpAuth::PerMailbox) {
        return Vec::new();
    }
    let devices = plan.topology.devices.iter();
    let submitting = devices.filter(|device| device.via.value == here);
    let mailboxes = submitting.filter_map(|device| logins::login(&plan.topology, device));
    let addresses: BTreeSet<String> = mailboxes.map(ToString::to_string).collect();
    addresses.into_iter().collect()
}
