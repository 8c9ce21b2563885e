//! What a user may write: one type per concept of the language, every key with its description.
//!
//! There is no logic here, and no validity: text is raw, names are unresolved, required keys may be missing. `topology`
//! makes sense of it. The doc comments are the descriptions that editors show, because the JSON schema is made of these
//! types.

mod device;
mod dns;
mod domain;
mod expect;
mod facts;
mod host;
mod kinds;
mod location;
mod mailboxes;
mod partner;
mod route;
mod rule;
mod schema;
mod tls;

pub(crate) use crate::values::{DmarcPolicy, Environment, MapType, Method, Routing, TlsLevel};
pub(crate) use device::{Audience, Device, MaxTls, SendsTo};
pub(crate) use dns::{Dmarc, Dns, Failure, Spf, Suffix, Ttls, Zone, ZoneRecord};
pub(crate) use domain::{
    DeclaredBelow, DeclaredRecords, Dkim, DnsCare, Domain, Forward, MtaSts, RemoteMailbox,
    Selector, UnusedSubdomains,
};
pub(crate) use expect::{Expectation, Ignore};
pub(crate) use facts::{Facts, LocationFacts, RecordFacts};
pub(crate) use host::{Host, HostLong};
pub(crate) use kinds::Kind;
pub(crate) use location::{Accepted, Clients, Directory, Location, Sends};
pub(crate) use mailboxes::{Mailboxes, Share};
pub(crate) use partner::Partner;
pub(crate) use route::{
    AcceptedBy, AcceptedByWord, Route, SkipListing, SkipListingWord, SmartHosts,
};
pub(crate) use rule::{Conditions, HeaderTest, Rule};
pub use schema::{facts_schema, schema};
pub(crate) use tls::Certificate;

use crate::yaml::{DomainText, List, Map, Name, PathText, Slot, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// What an organization has for mail: locations, domains, partners, devices. Connectors, maps and records are derived
/// from it.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, title = "mailtopo topology", extend("required" = ["version"]))]
pub struct Document {
    /// Version of the language: 1.
    #[schemars(extend("const" = 1))]
    pub version: Slot<u32>,
    /// The organization's name, for titles and comments.
    pub organization: Slot<Text>,
    /// More files of the same language. Maps are merged; a name that stands twice is an error.
    #[schemars(extend("examples" = [["eu.yaml"]]))]
    pub include: List<PathText>,
    /// The file with what cannot be known offline: names and addresses that providers assign.
    #[schemars(extend("examples" = ["facts.yaml"]))]
    pub facts: Slot<PathText>,
    /// Every place that mail ends in or passes through, and that the organization runs or rents.
    pub locations: Map<Name, Location>,
    /// The names the organization uses for mail, and where their mailboxes are.
    pub domains: Map<DomainText, Box<Domain>>,
    /// Other organizations and services that mail is exchanged with under agreed terms.
    pub partners: Map<Name, Partner>,
    /// Printers, scanners and applications: senders without a mailbox of their own.
    pub devices: Map<Name, Device>,
    /// `derived` adds the written routes to the derived ones; with `explicit` exactly the written ones exist.
    #[schemars(extend("default" = "derived"))]
    pub routing: Slot<Routing>,
    /// Connections that cannot be derived, or, with `routing: explicit`, all of them.
    pub routes: List<Route>,
    /// Mail-flow rules: they choose a route by something other than the recipient's domain. They apply in the order
    /// written.
    pub rules: List<Rule>,
    /// Zones, output formats and defaults for the records.
    pub dns: Slot<Dns>,
    /// Names that derived objects have already, by location: the name that mailtopo would give, and the one that the object
    /// has. So it is adopted and none is made beside it.
    #[schemars(extend("examples" = [{"cloud": {"cloud from hq": "Inbound from 0a1b2c"}}]))]
    pub names: Map<Name, Map<Text, Text>>,
    /// What objects that others manage (`managed: false`) have and the language cannot say, by location, object and property
    /// of Exchange. The analysis does not use it; `drift` compares it with what exists.
    #[schemars(extend("examples" = [{"cloud": {"TransportRule Sign mail": {"ExceptIfSCLOver": ["5"]}}}]))]
    pub found: Map<Name, Map<Text, Map<Text, List<Text>>>>,
    /// What must be true of the mail flow. A broken expectation is a finding at its line.
    pub expect: List<Expectation>,
    /// Findings that are known and accepted.
    pub ignore: List<Ignore>,
}
