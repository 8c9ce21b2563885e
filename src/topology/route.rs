//! Written routes. What is left out is `None` here: the defaults depend on both ends and are applied in `plan`.

use crate::source::{At, Span};
use crate::topology::{Certificate, Party};
use crate::values::{Address, DomainName, Host, Network, Pattern, TlsLevel};

/// A route as written.
#[derive(Clone, Debug, Hash)]
pub struct WrittenRoute {
    /// Its name; `None` where the spec gives none, then `FROM to TO`.
    pub name: Option<At<String>>,
    /// Where the whole entry stands.
    pub span: Span,
    /// Where it starts.
    pub from: At<Party>,
    /// Where it ends.
    pub to: At<Party>,
    /// For which domains.
    pub recipients: At<Recipients>,
    /// Next hops.
    pub smart_hosts: SmartHosts,
    /// Lower wins among equals.
    pub cost: u32,
    /// What is demanded of the next hop.
    pub tls: Option<At<TlsLevel>>,
    /// What the sending end presents on this route alone.
    pub client_certificate: Option<Certificate>,
    /// Off when false.
    pub enabled: At<bool>,
    /// Used only by a mail-flow rule.
    pub only_by_rule: bool,
    /// How the receiving end knows the sender.
    pub accepted_by: Option<At<AcceptedBy>>,
    /// Sender domains that the receiving end admits; empty: everybody.
    pub senders: Vec<At<Pattern>>,
    /// Both ends keep the cross-premises headers.
    pub hybrid_headers: Option<At<bool>>,
    /// Enhanced filtering at a tenant.
    pub skip_listing: Option<At<SkipListing>>,
    /// Only for these recipients; empty: all.
    pub skip_listing_users: Vec<At<Address>>,
    /// A service of master.cf that takes the mail.
    pub transport: Option<At<String>>,
    /// The credential the next hop wants, by name.
    pub auth: Option<At<String>>,
    /// Source transport servers of its Send connector; empty: all of the location.
    pub servers: Vec<At<String>>,
    /// Accepted domains that the connector of the receiving tenant is for; empty: all.
    pub only_for: Vec<At<DomainName>>,
    /// Whether its connectors are written, where the spec says so.
    pub managed: Option<At<bool>>,
    /// Its mail counts as written inside.
    pub trusted: bool,
    /// An earlier name.
    pub renamed_from: Option<At<String>>,
}

/// Which recipients a route is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Recipients {
    /// These patterns.
    Patterns(Vec<At<Pattern>>),
    /// Every domain that the place the route starts at accepts.
    AcceptedDomains,
}

/// Next hops of a written route.
#[derive(Clone, Debug, PartialEq, Eq, Default, Hash)]
pub enum SmartHosts {
    /// The hosts of the receiving end.
    #[default]
    OfReceiver,
    /// The recipient domain is looked up.
    Mx,
    /// These.
    Hosts(Vec<At<Host>>),
}

/// How the receiving end knows the sender.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AcceptedBy {
    /// By the sender's certificate.
    Certificate,
    /// By the sender's addresses.
    Addresses,
    /// Not at all.
    Nothing,
    /// By a certificate with this name, as the receiving end is set to expect it.
    CertificateName(String),
    /// From these networks, as the receiving end is set to expect it.
    Networks(Vec<At<Network>>),
}

/// Enhanced filtering: which hops before the tenant are skipped when the true source is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SkipListing {
    /// None.
    None,
    /// The last one.
    Last,
    /// These.
    Addresses(Vec<At<Network>>),
}
