//! Routes: one hop of mail, with what both ends must know of it.

use crate::source::{At, Span};
use crate::topology::{Certificate, Party, Sends, SkipListing, Tenant, Topology};
use crate::values::{Address, DomainName, Host, Network, Pattern, TlsLevel};
use std::fmt;

/// A position in the plan's list of routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(u32);

impl RouteId {
    /// The id of the route at this position.
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The position of the route.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A hop.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name: as written, else `FROM to TO`, or `TO from FROM` where only the receiving end is ours.
    pub name: String,
    /// Where it starts.
    pub from: Party,
    /// Where it ends.
    pub to: Party,
    /// The spec writes its name.
    pub is_named: bool,
    /// The name that the spec wrote before.
    pub former_name: Option<String>,
    /// For which recipients, sorted.
    pub recipients: Vec<RoutePattern>,
    /// Where the mail is handed to.
    pub next_hop: NextHop,
    /// Lower wins among equals.
    pub cost: u32,
    /// What is demanded of the next hop.
    pub tls: TlsLevel,
    /// What the sending end presents here alone.
    pub client_certificate: Option<Certificate>,
    /// Whether it presents one here at all: Postfix does not to everybody.
    pub presents: bool,
    /// Off when false.
    pub enabled: bool,
    /// Used only by a mail-flow rule.
    pub only_by_rule: bool,
    /// How the receiving end knows the sender.
    pub accepted_by: Recognition,
    /// Sender domains that the receiving end admits; empty: everybody.
    pub senders: Vec<Pattern>,
    /// Both ends keep the cross-premises headers.
    pub hybrid_headers: bool,
    /// Enhanced filtering at a tenant.
    pub skip_listing: SkipListing,
    /// Only for these recipients; empty: all.
    pub skip_listing_users: Vec<Address>,
    /// A service of master.cf that takes the mail.
    pub transport: Option<String>,
    /// The credential the next hop wants, by name.
    pub auth: Option<String>,
    /// Source transport servers of its Send connector; empty: all of the location.
    pub servers: Vec<String>,
    /// Accepted domains that the connector of the receiving tenant is for; empty: all.
    pub only_for: Vec<DomainName>,
    /// Its connectors are written; else somebody else makes and changes them.
    pub managed: bool,
    /// Its mail counts as written inside.
    pub trusted: bool,
    /// The Hybrid Configuration Wizard makes and owns what sends it: checked, never written.
    pub by_wizard: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// The spec itself says that the headers are kept.
    pub(crate) asks_for_headers: bool,
}

impl Route {
    /// A route whose ends are not completed yet: everything that depends on them has its emptiest value.
    pub(crate) fn blank(
        name: String,
        from: Party,
        to: Party,
        recipients: Vec<RoutePattern>,
        origin: Origin,
    ) -> Self {
        Self {
            name,
            from,
            to,
            is_named: false,
            former_name: None,
            recipients,
            next_hop: NextHop::None,
            cost: 1,
            tls: TlsLevel::Opportunistic,
            client_certificate: None,
            presents: true,
            enabled: true,
            only_by_rule: false,
            accepted_by: Recognition::Nothing,
            senders: Vec::new(),
            hybrid_headers: false,
            skip_listing: SkipListing::None,
            skip_listing_users: Vec::new(),
            transport: None,
            auth: None,
            servers: Vec::new(),
            only_for: Vec::new(),
            managed: true,
            trusted: false,
            by_wizard: false,
            origin,
            asks_for_headers: false,
        }
    }

    /// The certificate that the sending end presents, where the spec says which: that of the route, else that of the party.
    pub fn shown<'a>(&'a self, topology: &'a Topology) -> Option<&'a Certificate> {
        let of_party = || match self.from {
            Party::Location(id) => topology.location(id).client_certificate(),
            Party::Partner(id) => topology.partner(id).client_certificate(),
            Party::Device(id) => topology.device(id).certificate.as_ref(),
            Party::Network(..) | Party::Internet | Party::Discard | Party::Reject => None,
        };
        self.client_certificate.as_ref().or_else(of_party)
    }

    /// The name of the certificate that is presented here, where the spec says which.
    pub(crate) fn presented<'a>(&'a self, topology: &'a Topology) -> Option<&'a str> {
        self.shown(topology).filter(|_| self.presents)?.name()
    }

    /// The closest of its patterns for a name, at a location that accepts it or not.
    pub fn pattern_for(&self, name: &DomainName, accepted: bool) -> Option<&RoutePattern> {
        let find = |pattern: Pattern| {
            let at = self
                .recipients
                .binary_search_by(|item| item.pattern.cmp(&pattern));
            self.recipients.get(at.ok()?)
        };
        let mut around = Pattern::around(name);
        let exact = around.next().and_then(find);
        let of_location = || find(Pattern::AcceptedDomains).filter(|_| accepted);
        exact
            .or_else(of_location)
            .or_else(|| around.find_map(find))
            .or_else(|| find(Pattern::Any))
    }

    /// Whether the spec can name one more recipient for it: `accepted-domains` stands alone.
    pub(crate) fn takes_more_names(&self) -> bool {
        let mut patterns = self.recipients.iter().map(|at| &at.pattern);
        self.is_written() && patterns.all(|pattern| *pattern != Pattern::AcceptedDomains)
    }

    /// Whether it takes mail for every domain.
    pub fn covers_everything(&self) -> bool {
        self.recipients
            .iter()
            .any(|pattern| pattern.pattern == Pattern::Any)
    }

    /// Whether all outgoing mail of a tenant with centralized transport makes its detour this way.
    pub(crate) fn is_detour(&self, topology: &Topology) -> bool {
        let Some(from) = self.from.location().map(|id| topology.location(id)) else {
            return false;
        };
        let is_centralized = from.tenant().is_some_and(Tenant::has_centralized_transport);
        let is_way_out =
            matches!(from.sends.value, Sends::Via(via) if self.to == Party::Location(via));
        is_centralized && is_way_out && !self.only_by_rule && self.covers_everything()
    }

    /// Whether the sending end marks its mail with the cross-premises headers. Nobody heeds them who knows the sender by its
    /// addresses alone, so unless the spec asks for them they are left out there.
    pub(crate) fn sends_headers(&self) -> bool {
        let heeded = matches!(self.accepted_by, Recognition::Certificate(_));
        self.hybrid_headers && (heeded || self.asks_for_headers)
    }

    /// Whether the headers that it should keep are lost, because the receiving end knows the sender by addresses alone.
    pub fn loses_headers(&self) -> bool {
        self.hybrid_headers && matches!(self.accepted_by, Recognition::Addresses(_))
    }

    /// Whether the spec itself says that the cross-premises headers are kept.
    pub fn wants_headers(&self) -> bool {
        self.asks_for_headers
    }

    /// Whether it was written by the user.
    pub const fn is_written(&self) -> bool {
        matches!(self.origin, Origin::Written(_))
    }
}

/// A pattern of a route and the item of the spec that asks for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoutePattern {
    /// The pattern.
    pub pattern: Pattern,
    /// Where the spec asks for it.
    pub span: Span,
}

impl RoutePattern {
    /// The pattern for exactly this name.
    pub fn exact(name: DomainName, span: Span) -> Self {
        Self {
            pattern: Pattern::Exact(name),
            span,
        }
    }
}

/// Where mail is handed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextHop {
    /// These hosts, in order of preference.
    SmartHosts(Vec<Host>),
    /// The recipient domain's MX.
    Mx,
    /// Nobody says which host it is.
    Unknown,
    /// The provider has assigned a host, and the facts do not have it: mail is followed as if they did, and what needs
    /// the host is not written.
    FactMissing,
    /// Mail ends here.
    None,
}

/// How a receiving end knows a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// By a certificate with this name.
    Certificate(String),
    /// By its addresses.
    Addresses(Vec<Network>),
    /// Not at all.
    Nothing,
}

/// Where a route comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The user wrote it here.
    Written(Span),
    /// It was derived for this reason from what stands here.
    Derived(At<Reason>),
}

impl Origin {
    /// The place in the spec.
    pub const fn span(&self) -> Span {
        match self {
            Self::Written(span) => *span,
            Self::Derived(reason) => reason.span,
        }
    }
}

/// Why a route was derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The sending end sends through the receiving end.
    ToParent,
    /// All mail of the tenant makes the detour through the receiving end.
    CentralizedTransport,
    /// The receiving end, or what sends through it, holds the mailboxes.
    ToChild,
    /// Both send direct, and the other end holds the mailboxes.
    BetweenRoots,
    /// A tenant takes mail of strangers from the receiving end alone, and another tenant is one.
    OverLock,
    /// The sending end sends by itself.
    ToInternet,
    /// The gateway forwards so.
    Forwards,
    /// The terms agreed with the partner ask for it.
    PartnerTerms,
    /// A device hands over its mail here.
    Device,
    /// A mail-flow rule chooses the receiving end.
    Rule,
}

impl Reason {
    /// The reason in words, for a route between these ends.
    pub fn explain(self, route: &Route, topology: &Topology) -> String {
        let from = topology.party_name(route.from);
        let to = topology.party_name(route.to);
        match self {
            Self::ToParent => format!("`{from}` sends through `{to}`"),
            Self::CentralizedTransport => {
                format!("all outgoing mail of `{from}` makes the detour through `{to}`")
            }
            Self::ToChild => format!("`{to}` sends through `{from}` and holds these domains"),
            Self::BetweenRoots => format!("`{to}` holds these domains"),
            Self::OverLock => format!(
                "a tenant that accepts mail of external senders from `{to}` alone holds these domains"
            ),
            Self::ToInternet => format!("`{from}` sends by itself"),
            Self::Forwards => format!("`{from}` forwards these domains to `{to}`"),
            Self::PartnerTerms => match route.to {
                Party::Partner(_) => format!("the terms agreed with `{to}`"),
                _ => format!("the terms agreed with `{from}`"),
            },
            Self::Device => format!("`{from}` hands its mail to `{to}`"),
            Self::Rule => format!("a mail-flow rule at `{from}` chooses `{to}`"),
        }
    }
}

impl fmt::Display for Recognition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(name) => write!(f, "certificate {name}"),
            Self::Addresses(networks) => {
                f.write_str("addresses")?;
                networks
                    .iter()
                    .try_for_each(|network| write!(f, " {network}"))
            }
            Self::Nothing => f.write_str("nothing"),
        }
    }
}
