//! The parts of the scripts that never change, and which product takes which.

use crate::platforms::exchange::catalogue::Product;
use crate::platforms::exchange::kind::{self, Kind};

/// The parts that differ between a tenant and servers.
pub(crate) struct Frame {
    pub shell: &'static str,
    pub apply: &'static str,
    pub verify: &'static str,
    pub rollback: &'static [&'static str],
    pub facts: &'static [&'static str],
    /// Every kind whose objects can be put back.
    pub kinds: &'static [&'static Kind],
    /// Of these, the kinds whose objects can be made again and removed.
    pub removable: &'static [&'static str],
}

const ROLLBACK_ONLINE: &str = include_str!("frame/rollback-online.ps1");
const FACTS_ONLINE: &str = include_str!("frame/facts-online.ps1");

const ONLINE: Frame = Frame {
    shell: include_str!("frame/online.ps1"),
    apply: concat!(
        include_str!("frame/rules.ps1"),
        "\n",
        include_str!("frame/apply-online.ps1")
    ),
    verify: concat!(
        include_str!("frame/rules.ps1"),
        "\n",
        include_str!("frame/verify-online.ps1")
    ),
    rollback: &[include_str!("frame/rollback-settings.ps1"), ROLLBACK_ONLINE],
    facts: &[include_str!("frame/facts-dnssec.ps1"), FACTS_ONLINE],
    kinds: &[
        &kind::TENANT_DOMAIN,
        &kind::INBOUND_CONNECTOR,
        &kind::OUTBOUND_CONNECTOR,
        &kind::TRANSPORT_RULE,
        &kind::DKIM,
        &kind::ARC,
        &kind::ORGANIZATION_CONFIG,
        &kind::TRANSPORT_CONFIG,
        &kind::CAS_MAILBOX,
    ],
    removable: &["InboundConnector", "OutboundConnector", "TransportRule"],
};

/// A tenant that only filters has no mailboxes, and fewer settings.
static PROTECTION: Frame = Frame {
    rollback: &[ROLLBACK_ONLINE],
    facts: &[include_str!("frame/facts-protection.ps1"), FACTS_ONLINE],
    kinds: &[
        &kind::TENANT_DOMAIN,
        &kind::INBOUND_CONNECTOR,
        &kind::OUTBOUND_CONNECTOR,
        &kind::TRANSPORT_RULE,
        &kind::DKIM,
    ],
    ..ONLINE
};

static SERVER: Frame = Frame {
    shell: include_str!("frame/server.ps1"),
    apply: include_str!("frame/apply-server.ps1"),
    verify: include_str!("frame/verify-server.ps1"),
    rollback: &[include_str!("frame/rollback-server.ps1")],
    facts: &[include_str!("frame/facts-server.ps1")],
    kinds: &[
        &kind::ACCEPTED_DOMAIN,
        &kind::REMOTE_DOMAIN,
        &kind::SEND_CONNECTOR,
        &kind::RECEIVE_CONNECTOR,
    ],
    removable: &["AcceptedDomain", "SendConnector", "ReceiveConnector"],
};

/// The frame of a product's scripts.
pub(crate) fn of(product: Product) -> &'static Frame {
    match product {
        Product::Online => &ONLINE,
        Product::Protection => &PROTECTION,
        Product::Server(_) => &SERVER,
    }
}

/// Strict mode and the reading of properties: the beginning of every frame.
pub(crate) const BASE: &str = include_str!("frame/base.ps1");
/// How objects are found and compared.
pub(crate) const OBJECTS: &str = include_str!("frame/objects.ps1");
/// How something is changed.
pub(crate) const CHANGE: &str = include_str!("frame/change.ps1");
/// What makes sure that recipients exist.
pub(crate) const RECIPIENTS: &str = include_str!("frame/recipients.ps1");
/// What every `apply.ps1` does.
pub(crate) const APPLY: [&str; 3] = [
    include_str!("frame/apply-head.ps1"),
    include_str!("frame/apply.ps1"),
    include_str!("frame/apply-end.ps1"),
];
/// What every `verify.ps1` does.
pub(crate) const VERIFY: [&str; 3] = [
    include_str!("frame/verify-head.ps1"),
    include_str!("frame/verify.ps1"),
    include_str!("frame/verify-end.ps1"),
];
/// What every `rollback.ps1` does.
pub(crate) const ROLLBACK: [&str; 3] = [
    include_str!("frame/rollback-head.ps1"),
    include_str!("frame/rollback.ps1"),
    include_str!("frame/rollback-start.ps1"),
];
/// What every `facts.ps1` does.
pub(crate) const FACTS: [&str; 2] = [
    include_str!("frame/facts-head.ps1"),
    include_str!("frame/facts.ps1"),
];
/// The beginning of every `commands.ps1`.
pub(crate) const COMMANDS_HEAD: &str = include_str!("frame/commands-head.ps1");
