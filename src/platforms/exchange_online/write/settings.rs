//! Settings of a whole tenant, written only where the spec writes them.

use crate::plan::Plan;
use crate::platforms::exchange::call::Call;
use crate::platforms::exchange::catalogue::{Product, has};
use crate::platforms::exchange::kind;
use crate::platforms::exchange::object::{Do, Identity, Object, Part, Statement};
use crate::platforms::exchange_online::Configuration;
use crate::topology::{LocationId, Method, SendsAs, SmtpAuth};
use crate::values::DomainName;
use crate::writer::powershell::PsValue;

/// Keys and signatures of the domains that the tenant signs with.
pub fn dkim(configuration: &Configuration) -> Vec<Part> {
    let sign = |name: &str| {
        let create = Call::new("New-DkimSigningConfig")
            .with("DomainName", name)
            .with("Enabled", false)
            .with("KeySize", PsValue::Int(2048));
        Part::Do(Box::new(Do {
            why: vec![format!(
                "DKIM of {name}: keys now, signatures once the two records can be found."
            )],
            apply: Some(Statement::new("Enable-Dkim", vec![name.into()])),
            verify: Some(Statement::new("Expect-Dkim", vec![name.into()])),
            commands: vec![create],
            uses: vec![
                Call::new("Set-DkimSigningConfig")
                    .with("Identity", name)
                    .with("Enabled", true),
            ],
            makes: vec![format!("{} {name}", kind::DKIM.name)],
            reads: vec![&kind::DKIM],
        }))
    };
    configuration
        .dkim
        .iter()
        .map(|domain| sign(domain.as_str()))
        .collect()
}

/// Services before the tenant that seal with ARC what they change.
pub fn arc(product: Product, configuration: &Configuration) -> Option<Part> {
    // Where what is trusted already cannot be read, nothing could be added without losing it; a finding says so.
    if configuration.trusted_arc_sealers.is_empty() || product != Product::Online {
        return None;
    }
    let sealers: PsValue = configuration
        .trusted_arc_sealers
        .iter()
        .map(DomainName::as_str)
        .collect();
    Some(Part::Do(Box::new(Do {
        why: vec!["Seals of services that change messages before they arrive; those that are trusted already stay.".to_owned()],
        apply: Some(Statement::new("Add-ArcSealer", vec![sealers.clone()])),
        verify: Some(Statement::new("Expect-ArcSealer", vec![sealers.clone()])),
        // It sets the whole list: alone it is right only where none is trusted yet.
        commands: vec![Call::new("Set-ArcConfig").with("Identity", "Default").with("ArcTrustedSealers", sealers)],
        reads: vec![&kind::ARC],
        ..Do::default()
    })))
}

/// Whether anonymous mail with our own domains as sender is refused.
pub fn reject_direct_send(
    plan: &Plan,
    here: LocationId,
    product: Product,
    configuration: &Configuration,
) -> Option<Part> {
    let reject = configuration.settings.reject_direct_send?;
    if !has("Set-OrganizationConfig", "RejectDirectSend", product) {
        return None;
    }
    let mut object = Object::new(&kind::ORGANIZATION_CONFIG, "RejectDirectSend");
    object.origin = format!(
        "locations.{}.reject_direct_send",
        plan.topology.location(here).name
    );
    let verb = if reject { "Refuses" } else { "Takes" };
    object.why = format!(
        "{verb} mail that claims to come from our own domains and matches no inbound connector."
    );
    object.identity = Identity::Only;
    object.locks = reject;
    object.with = vec![("RejectDirectSend", reject.into())];
    Some(Part::Object(Box::new(object)))
}

/// Client submission: the tenant's switch, and that of each mailbox which a device logs on to.
pub fn smtp_auth(
    plan: &Plan,
    here: LocationId,
    product: Product,
    configuration: &Configuration,
    mailboxes: Vec<String>,
) -> Vec<Part> {
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
    tenant.identity = Identity::Only;
    tenant.with = vec![(
        "SmtpClientAuthenticationDisabled",
        (smtp_auth != SmtpAuth::Enabled).into(),
    )];
    let mailbox = |address: String| {
        let mut mailbox = Object::new(&kind::CAS_MAILBOX, address);
        mailbox.origin.clone_from(&origin);
        mailbox.why = "A device logs on to this mailbox to send.".into();
        mailbox.with = vec![("SmtpClientAuthenticationDisabled", false.into())];
        mailbox
    };
    // The exceptions stand before the rule is closed, so that no device is shut out in between.
    let objects = mailboxes.into_iter().map(mailbox).chain([tenant]);
    objects
        .map(|object| Part::Object(Box::new(object)))
        .collect()
}

/// The mailboxes that devices log on to, where each has to be allowed by itself.
pub fn submitting_mailboxes(
    plan: &Plan,
    here: LocationId,
    configuration: &Configuration,
) -> Vec<String> {
    if configuration.settings.smtp_auth != Some(SmtpAuth::PerMailbox) {
        return Vec::new();
    }
    let devices = plan.topology.devices.iter();
    let submitting = devices.filter(|device| {
        device.via.value == here && device.method.value == Method::ClientSubmission
    });
    let mut addresses: Vec<String> = submitting
        .flat_map(|device| &device.sends_as)
        .filter_map(|sender| match &sender.value {
            SendsAs::Address(address) => Some(address.to_string()),
            SendsAs::Pattern(_) => None,
        })
        .collect();
    addresses.sort();
    addresses.dedup();
    addresses
}
