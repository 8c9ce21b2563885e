//! What the user expects of the mail flow, and what the user accepts.

use crate::spec::TlsLevel;
use crate::yaml::{AddressText, DateText, List, Listed, NetworkText, Ref, Slot, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// What must be true of the mail flow, on every possible way.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["from", "to"]))]
pub struct Expectation {
    /// Who sends: `internet`, a location (its mailboxes), a partner, a device, or an address. `NAME:ADDRESS` writes
    /// with that envelope sender, and `NAME:<>` is a report.
    pub from: Slot<Text>,
    /// The recipient's address.
    pub to: Slot<AddressText>,
    /// How it ends: `delivered LOCATION`, `handed-off PARTNER`, `internet`, `rejected`, or any other end that `trace`
    /// knows; without a location it matches any. Default: any end.
    #[schemars(extend("examples" = ["delivered hq", "handed-off contosobank", "internet", "rejected"]))]
    pub ends: Slot<Text>,
    /// Locations that the message passes, in this order. It may pass others between them.
    pub via: List<Ref>,
    /// Locations it must not pass.
    pub not_via: List<Ref>,
    /// Least TLS level of every hop.
    pub tls: Slot<TlsLevel>,
    /// Addresses or networks that it leaves us from.
    pub egress: Listed<NetworkText>,
}

/// A finding that is known and accepted, named by check and object.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["check", "reason"]))]
pub struct Ignore {
    /// The check: a group letter and three digits.
    #[schemars(extend("examples" = ["R005"]))]
    pub check: Slot<Text>,
    /// The object: the name of a location, domain, partner, device, route or rule.
    pub on: Slot<Text>,
    /// The same as `on`, which readers of YAML 1.1 take for `true`.
    pub object: Slot<Text>,
    /// Why it is accepted.
    pub reason: Slot<Text>,
    /// Last day on which it is accepted, `YYYY-MM-DD`.
    pub until: Slot<DateText>,
}
