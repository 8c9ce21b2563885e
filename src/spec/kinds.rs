//! Which kinds of location know which keys.
//!
//! One table for the schema, for the reference and for the reader's refusals. A key that is missing here stands on
//! every kind.

use crate::spec::Kind;
use crate::spec::Kind::{Eop, ExchangeOnline, ExchangeServer, Gateway, Postfix, Smtp};

/// All kinds, in the order of the reference.
pub(crate) const ALL_KINDS: [Kind; 6] =
    [ExchangeOnline, Eop, ExchangeServer, Postfix, Smtp, Gateway];

const TENANTS: &[Kind] = &[ExchangeOnline, Eop];
const HOSTED_BY_US_OR_OTHERS: &[Kind] = &[ExchangeServer, Postfix, Smtp, Gateway];
const FOREIGN: &[Kind] = &[Smtp, Gateway];
const HANDLING: &[Kind] = &[Postfix, Smtp, Gateway];
const LISTS: &[Kind] = &[Postfix, Smtp];

/// The keys of a location that only some kinds know, and those kinds.
pub(crate) const KINDS_OF_KEY: &[(&str, &[Kind])] = &[
    ("tenant", TENANTS),
    ("primary_domain", TENANTS),
    ("environment", TENANTS),
    ("hybrid_wizard", TENANTS),
    ("centralized_transport", TENANTS),
    ("reject_direct_send", TENANTS),
    ("smtp_auth", TENANTS),
    ("version", &[ExchangeServer]),
    ("servers", &[ExchangeServer]),
    ("edge", &[ExchangeServer]),
    ("hosts", HOSTED_BY_US_OR_OTHERS),
    ("smart_hosts", HOSTED_BY_US_OR_OTHERS),
    ("egress", HOSTED_BY_US_OR_OTHERS),
    ("certificate", HOSTED_BY_US_OR_OTHERS),
    ("client_certificate", HOSTED_BY_US_OR_OTHERS),
    ("routing_domain", &[ExchangeServer, Postfix, Smtp]),
    ("delivers_to", &[Postfix]),
    ("map_type", &[Postfix]),
    ("trusted_networks", &[Postfix]),
    ("transports", &[Postfix]),
    ("forwards", FOREIGN),
    ("modifies_body", HANDLING),
    ("mailing_lists", LISTS),
    ("rewrites_author", LISTS),
    ("rewrites_sender", FOREIGN),
    ("bounce_domain", FOREIGN),
    ("arc_seal", FOREIGN),
    ("trusted", FOREIGN),
    ("shared", FOREIGN),
    ("spf", FOREIGN),
    ("helo", HOSTED_BY_US_OR_OTHERS),
    (
        "accept_only_from",
        &[ExchangeOnline, Eop, ExchangeServer, Postfix],
    ),
    ("outgoing_step", &[ExchangeOnline, Eop, ExchangeServer]),
    ("clients", &[ExchangeOnline, ExchangeServer, Postfix, Smtp]),
    ("recipient_delimiter", &[Postfix, Smtp]),
];

impl Kind {
    /// The kind as a spec writes it.
    pub const fn word(self) -> &'static str {
        match self {
            ExchangeOnline => "exchange-online",
            Eop => "eop",
            ExchangeServer => "exchange-server",
            Postfix => "postfix",
            Smtp => "smtp",
            Gateway => "gateway",
        }
    }
}
