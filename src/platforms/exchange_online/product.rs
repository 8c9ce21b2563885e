//! Exchange Online and Exchange Online Protection, as the table of products knows them.

use crate::finding::Findings;
use crate::plan::Configuration;
use crate::platforms::exchange;
use crate::platforms::exchange_online::lower;
use crate::platforms::product::{Applied, Certificates, Lowering, Product, Rules, Settings, Trait};
use crate::values::quoted;

/// A tenant with mailboxes.
pub(crate) static ONLINE: Product = Product {
    keys: &[
        "tenant",
        "primary_domain",
        "environment",
        "hybrid_wizard",
        "centralized_transport",
        "reject_direct_send",
        "smtp_auth",
        "accept_only_from",
        "outgoing_step",
        "rewrites_sender",
        "clients",
    ],
    traits: &[Trait::JudgesSenders, Trait::NamedObjects, Trait::HighVolume],
    ..TENANT
};

/// A tenant that filters and holds no mailboxes.
pub(crate) static PROTECTION: Product = Product {
    word: "eop",
    about: "A tenant with Exchange Online Protection alone: it filters and holds no mailboxes.",
    label: "Exchange Online Protection",
    title: "Exchange Online Protection",
    settings: Settings::Tenant {
        filtering_only: true,
    },
    holds_none_unlike: Some("exchange-online"),
    ..TENANT
};

/// What is true of every tenant, called as one with mailboxes.
const TENANT: Product = Product {
    word: "exchange-online",
    about: "An Exchange Online tenant.",
    label: "Exchange Online",
    title: "Exchange Online",
    settings: Settings::Tenant {
        filtering_only: false,
    },
    keys: &[
        "tenant",
        "primary_domain",
        "environment",
        "hybrid_wizard",
        "centralized_transport",
        "reject_direct_send",
        "smtp_auth",
        "accept_only_from",
        "outgoing_step",
    ],
    required: &["tenant"],
    rules: Rules::All,
    certificates: Certificates::ByName,
    holds_none_unlike: None,
    // <https://learn.microsoft.com/exchange/recipients-in-exchange-online/plus-addressing-in-exchange-online>
    delimiters: "+",
    traits: &[Trait::JudgesSenders, Trait::NamedObjects],
    applied: Applied::Scripts,
    wait: "60 min",
    need: "You have the role that connectors and accepted domains need (Exchange Administrator has it)",
    log: |recipient| quoted(&format!("Get-MessageTraceV2 -RecipientAddress {recipient}")),
    lower: objects,
    write: exchange::write,
};

fn objects(lowering: &Lowering<'_>, findings: &mut Findings) -> Configuration {
    lowering
        .location
        .tenant()
        .map_or(Configuration::Checklist, |tenant| {
            Configuration::ExchangeOnline(lower(lowering, tenant, findings))
        })
}
