//! Postfix, as the table of products knows it.

use crate::finding::Findings;
use crate::plan::Configuration;
use crate::platforms::postfix::{lower, write};
use crate::platforms::product::{Applied, Certificates, Lowering, Product, Rules, Settings, Trait};

/// A Postfix instance.
pub(crate) static PRODUCT: Product = Product {
    word: "postfix",
    about: "A Postfix server.",
    label: "Postfix",
    title: "Postfix",
    settings: Settings::Postfix,
    keys: &[
        "hosts",
        "smart_hosts",
        "egress",
        "certificate",
        "client_certificate",
        "routing_domain",
        "delivers_to",
        "map_type",
        "trusted_networks",
        "transports",
        "modifies_body",
        "rewrites_sender",
        "bounce_domain",
        "mailing_lists",
        "rewrites_author",
        "helo",
        "accept_only_from",
        "clients",
        "recipient_delimiter",
    ],
    required: &[],
    rules: Rules::BySender,
    certificates: Certificates::ByFingerprint,
    holds_none_unlike: None,
    delimiters: "+",
    traits: &[
        Trait::OwnServer,
        Trait::RoutesByRecipient,
        Trait::KnowsListed,
        Trait::CallsOut,
        Trait::CatchesAll,
        Trait::LooksUpHops,
        Trait::LimitsDevices,
        Trait::WrittenWhole,
        Trait::TlsNeedsCertificate,
    ],
    applied: Applied::Install,
    wait: "",
    need: "You may change the Postfix configuration and reload it; the package for the map type is installed",
    log: |_| "the mail log of the host: `status=sent`".to_owned(),
    lower: objects,
    write: |plan, id, _, tree| write::emit(plan, id, tree),
};

fn objects(lowering: &Lowering<'_>, findings: &mut Findings) -> Configuration {
    lowering
        .location
        .postfix()
        .map_or(Configuration::Checklist, |postfix| {
            Configuration::Postfix(Box::new(lower(lowering, postfix, findings)))
        })
}
