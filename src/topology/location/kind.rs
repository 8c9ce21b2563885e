//! What runs at a location, with what only such a place has.

use crate::platforms::product::{Product, Settings, with};
use crate::source::At;
use crate::topology::Party;
use crate::values::{
    DomainName, Environment, ExchangeVersion, MapType, Network, Pattern, SmtpAuth,
};
use std::hash::{Hash, Hasher};

/// What runs at a place.
#[derive(Clone, Debug, Hash)]
pub enum LocationKind {
    /// Exchange Online, or Exchange Online Protection alone.
    Tenant(Tenant),
    /// An Exchange organization on servers.
    ExchangeServer(ExchangeServer),
    /// A Postfix instance.
    Postfix(Postfix),
    /// Another product, with what it does with mail.
    Other(&'static Product, Handling),
}

impl LocationKind {
    /// The product that runs there.
    pub fn product(&self) -> &'static Product {
        let settings = match self {
            Self::Tenant(tenant) => Settings::Tenant {
                filtering_only: tenant.filtering_only,
            },
            Self::ExchangeServer(_) => Settings::ExchangeServer,
            Self::Postfix(_) => Settings::Postfix,
            Self::Other(product, _) => return product,
        };
        with(settings)
    }
}

/// A tenant of Exchange Online or of Exchange Online Protection.
#[derive(Clone, Debug, Hash)]
pub struct Tenant {
    /// `kind: eop`: it filters and holds no mailboxes.
    pub filtering_only: bool,
    /// Its initial name, without suffix: `contoso`.
    pub tenant: At<String>,
    /// The domain whose MX host our own places use as smart host.
    pub primary_domain: Option<At<DomainName>>,
    /// Which cloud it lives in.
    pub environment: Environment,
    /// The Hybrid Configuration Wizard owns the hybrid connectors.
    pub hybrid_wizard: Option<At<bool>>,
    /// Mail of cloud mailboxes for outside leaves through `sends.via`.
    pub centralized_transport: Option<At<bool>>,
    /// As written; the provider's default is off.
    pub reject_direct_send: Option<At<bool>>,
    /// As written; the provider's default for new tenants is off.
    pub smtp_auth: Option<At<SmtpAuth>>,
}

impl Tenant {
    /// `contoso.onmicrosoft.com`.
    pub fn initial_domain(&self) -> String {
        format!("{}{}", self.tenant.value, self.environment.initial_suffix())
    }

    /// `contoso.mail.onmicrosoft.com`, which exists once hybrid or directory synchronization is on.
    pub fn routing_domain(&self) -> String {
        format!(
            "{}.mail{}",
            self.tenant.value,
            self.environment.initial_suffix()
        )
    }

    /// Whether the Hybrid Configuration Wizard owns the hybrid connectors.
    pub fn has_hybrid_wizard(&self) -> bool {
        self.hybrid_wizard.is_some_and(|at| at.value)
    }

    /// Whether outgoing mail makes the detour through our own servers.
    pub fn has_centralized_transport(&self) -> bool {
        self.centralized_transport.is_some_and(|at| at.value)
    }
}

/// An Exchange organization.
#[derive(Clone, Debug, Hash)]
pub struct ExchangeServer {
    /// Product version.
    pub version: At<ExchangeVersion>,
    /// Source transport servers.
    pub servers: Vec<At<String>>,
    /// The servers are Edge Transport servers without a subscription.
    pub edge: bool,
}

/// A network whose hosts may relay.
#[derive(Clone, Debug)]
pub struct TrustedNetwork {
    /// The network.
    pub network: At<Network>,
    /// The same as text, by which messages name its hosts.
    pub name: String,
}

impl Hash for TrustedNetwork {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.network.hash(state);
    }
}

/// What only a Postfix instance has.
#[derive(Clone, Debug, Default, Hash)]
pub struct Postfix {
    /// Where its own mailboxes are handed to.
    pub delivers_to: Vec<DeliversTo>,
    /// Table type of the maps.
    pub map_type: MapType,
    /// Networks that may relay.
    pub trusted_networks: Vec<TrustedNetwork>,
    /// `directory: callout`: the next hop is asked whether a recipient exists.
    pub callout: bool,
    /// Services in master.cf besides Postfix's own.
    pub transports: Vec<At<String>>,
}

/// A service that takes mail for mailboxes, and for which domains.
#[derive(Clone, Debug, Hash)]
pub struct DeliversTo {
    /// Which domains; `*` where the spec names one service for all.
    pub pattern: Pattern,
    /// The service, as `transport:next-hop`.
    pub service: At<String>,
}

/// What a place that somebody else configures does with mail.
#[derive(Clone, Debug, Default, Hash)]
pub struct Handling {
    /// What it does with mail that comes in from elsewhere, by pattern.
    pub forwards: Vec<(At<Pattern>, GatewayTarget)>,
    /// It seals with ARC as this domain.
    pub arc_seal: Option<At<DomainName>>,
}

/// Where a gateway hands mail to: a location, a partner or the Internet.
pub(crate) type GatewayTarget = At<Party>;
