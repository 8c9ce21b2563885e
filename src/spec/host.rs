//! Hosts: where mail is handed to.

use crate::yaml::{Form, HostText, Listed, NetworkText, Slot};
use schemars::JsonSchema;
use serde::Deserialize;

/// A host. The short form is a name or an address, `NAME:PORT` for a port other than 25.
pub(crate) type Host = Form<HostText, HostLong>;

/// A host with its port, preference or addresses.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, rename = "Host", extend("required" = ["name"]))]
pub struct HostLong {
    /// Name or address.
    pub name: Slot<HostText>,
    /// TCP port, 1 to 65535.
    #[schemars(extend("default" = 25))]
    pub port: Slot<u16>,
    /// Preference in MX records, lower is tried first, 0 to 65535.
    #[schemars(extend("default" = 10))]
    pub preference: Slot<u16>,
    /// Whether the MX of the name is looked up, as for a domain (`smart_hosts` of a route from a Postfix location).
    #[schemars(extend("default" = false))]
    pub mx: Slot<bool>,
    /// Its addresses: they make the A and AAAA records where the zone is managed.
    pub addresses: Listed<NetworkText>,
}
