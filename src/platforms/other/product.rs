//! Gateways and other mail servers, as the table of products knows them.

use crate::platforms::product::{BY_HAND, Product, Trait};

/// A mail server that mailtopo cannot configure.
pub(crate) static SMTP: Product = BY_HAND;

/// A filter that somebody else configures.
pub(crate) static GATEWAY: Product = Product {
    word: "gateway",
    about: "A service or appliance that its own administrator configures: it relays mail.",
    label: "gateway",
    title: "a gateway",
    keys: &[
        "hosts",
        "smart_hosts",
        "egress",
        "certificate",
        "client_certificate",
        "forwards",
        "modifies_body",
        "rewrites_sender",
        "bounce_domain",
        "arc_seal",
        "trusted",
        "shared",
        "spf",
        "helo",
    ],
    holds_none_unlike: Some("smtp"),
    delimiters: "",
    traits: &[
        Trait::Filter,
        Trait::JudgesSenders,
        Trait::RoutesByRecipient,
    ],
    ..BY_HAND
};
