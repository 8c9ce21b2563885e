//! Exchange Server, as the table of products knows it.

use crate::finding::Findings;
use crate::plan::Configuration;
use crate::platforms::exchange;
use crate::platforms::exchange_server::lower;
use crate::platforms::product::{Applied, Certificates, Lowering, Product, Rules, Settings, Trait};
use crate::values::quoted;

/// An Exchange organization on servers.
pub(crate) static PRODUCT: Product = Product {
    word: "exchange-server",
    about: "An Exchange organization on the organization's own servers.",
    label: "Exchange Server",
    title: "Exchange Server",
    settings: Settings::ExchangeServer,
    keys: &[
        "version",
        "servers",
        "edge",
        "hosts",
        "smart_hosts",
        "egress",
        "certificate",
        "client_certificate",
        "routing_domain",
        "helo",
        "accept_only_from",
        "outgoing_step",
        "clients",
    ],
    required: &["version", "servers"],
    rules: Rules::All,
    certificates: Certificates::OfServers,
    holds_none_unlike: None,
    delimiters: "",
    traits: &[Trait::OwnServer, Trait::NamedObjects, Trait::KeepsUnrouted],
    applied: Applied::Scripts,
    wait: "15 min",
    need: "You are a member of Organization Management, or have the roles for Send and Receive connectors and accepted domains",
    log: |recipient| quoted(&format!("Get-MessageTrackingLog -Recipients {recipient}")),
    lower: objects,
    write: exchange::write,
};

fn objects(lowering: &Lowering<'_>, findings: &mut Findings) -> Configuration {
    lowering
        .location
        .exchange_server()
        .map_or(Configuration::Checklist, |server| {
            Configuration::ExchangeServer(lower(lowering, server, findings))
        })
}
