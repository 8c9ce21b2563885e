//! Locations: every place that mail ends in or passes through, and that the organization runs or rents.

mod kind;

pub use kind::LocationKind;
pub(crate) use kind::{
    DeliversTo, ExchangeServer, GatewayTarget, Handling, Postfix, Tenant, TrustedNetwork,
};

use crate::platforms::product::{Product, Trait};
use crate::source::{At, Span};
use crate::topology::LocationId;
use crate::values::{
    AcceptedType, Date, DomainName, Host, HostName, Issuer, Network, Size, TlsLevel,
};

/// A place.
#[derive(Clone, Debug, Hash)]
pub struct Location {
    /// Its key in the spec.
    pub name: String,
    /// Where its key stands.
    pub span: Span,
    /// What runs there, with what only such a place has.
    pub kind: LocationKind,
    /// Names and addresses that take mail.
    pub hosts: Vec<At<Host>>,
    /// Where our other locations hand it mail; empty means `hosts`.
    pub smart_hosts: Vec<At<Host>>,
    /// Addresses its mail leaves from.
    pub egress: Vec<At<Network>>,
    /// What it presents when it is connected to.
    pub certificate: Option<Certificate>,
    /// What it presents when it connects, where that is another one.
    pub client_certificate: Option<Certificate>,
    /// How mail for the Internet leaves.
    pub sends: At<Sends>,
    /// The name under which its recipients are reached from products that route by domain alone; a tenant has its own.
    pub routing_domain: Option<At<DomainName>>,
    /// What its directory knows; `None` where the spec does not say.
    pub directory: Option<At<Directory>>,
    /// What our others demand of it; `None` where the spec does not say.
    pub tls: Option<At<TlsLevel>>,
    /// Mail of strangers is taken from these only.
    pub accept_only_from: Option<At<Vec<LocationId>>>,
    /// What turns outgoing mail another way waits for a step of its own.
    pub outgoing_step: bool,
    /// Replaces the derived accepted domains.
    pub accepts: Option<At<Vec<Accept>>>,
    /// Adds to the accepted domains.
    pub also_accepts: Vec<Accept>,
    /// The credential it wants from us, by name.
    pub auth: Option<At<String>>,
    /// Its mail counts as written inside.
    pub trusted: bool,
    /// Other customers of the service show its certificate and addresses, too.
    pub shared: bool,
    /// Largest message it takes.
    pub max_message_size: Option<At<Size>>,
    /// What separates the extension of an address; `None` where the spec does not say.
    pub recipient_delimiter: Option<At<String>>,
    /// Client services to announce by SRV records.
    pub clients: ClientServices,
    /// SPF terms that stand for its egress, such as `include:spf.filter.example`.
    pub spf: Option<At<String>>,
    /// It changes bodies, so that signatures made before it break.
    pub modifies_body: bool,
    /// It rewrites envelope senders, a tenant those of what it forwards past our own servers; `None` where the spec does not
    /// say.
    pub rewrites_sender: Option<At<bool>>,
    /// The domain that it rewrites them to, as written.
    pub bounce_domain: Option<At<DomainName>>,
    /// Mail that ends here may go out again to members of mailing lists.
    pub mailing_lists: Option<MailingLists>,
    /// The name its mail leaves under, as written.
    pub helo: Option<At<DomainName>>,
    /// An earlier name.
    pub renamed_from: Option<At<String>>,
}

impl Location {
    /// Whether its servers are Edge Transport servers without a subscription, which have no directory: they ask nobody who
    /// exists (<https://learn.microsoft.com/exchange/architecture/edge-transport-servers/edge-subscriptions>).
    pub(crate) fn is_edge(&self) -> bool {
        self.exchange_server().is_some_and(|server| server.edge)
    }

    /// Where our other locations hand it mail.
    pub fn smart_hosts(&self) -> &[At<Host>] {
        if self.smart_hosts.is_empty() {
            &self.hosts
        } else {
            &self.smart_hosts
        }
    }

    /// The name its mail leaves under, where anybody says; a tenant's is its provider's.
    pub fn helo_name(&self) -> Option<DomainName> {
        let written = self.helo.as_ref().map(|at| at.value.clone());
        written.or_else(|| {
            let hosts = self.hosts.iter().filter_map(|at| at.value.name());
            let mut names = hosts.filter(|name| name.is_qualified());
            names.find_map(HostName::to_domain)
        })
    }

    /// Whether it rewrites envelope senders.
    pub fn rewrites_sender(&self) -> bool {
        self.rewrites_sender.is_some_and(|at| at.value)
    }

    /// The domain that it rewrites envelope senders to, where anybody says. With Postfix it is by default the domain that the
    /// host is in (`SRS_DOMAIN` of postsrsd, which is Postfix's `mydomain`).
    pub fn bounce_domain(&self) -> Option<DomainName> {
        let written = self.bounce_domain.as_ref().map(|at| at.value.clone());
        written.or_else(|| {
            let host = self.postfix().and_then(|_| self.helo_name())?;
            let above = host.as_str().split_once('.').map(|(_, above)| above);
            above.and_then(|above| DomainName::parse(above).ok())
        })
    }

    /// The certificate it presents when it connects.
    pub fn client_certificate(&self) -> Option<&Certificate> {
        self.client_certificate
            .as_ref()
            .or(self.certificate.as_ref())
    }

    /// The name under which its recipients are reached from products that route by domain alone.
    pub fn routing_domain(&self) -> Option<DomainName> {
        match self.tenant() {
            Some(tenant) => DomainName::parse(&tenant.routing_domain()).ok(),
            None => self.routing_domain.as_ref().map(|at| at.value.clone()),
        }
    }

    /// What it does with mail, where somebody else configures it.
    pub const fn handling(&self) -> Option<&Handling> {
        match &self.kind {
            LocationKind::Other(_, handling) => Some(handling),
            _ => None,
        }
    }

    /// Whether it does with mail of external senders what `forwards` says, and nothing else.
    pub fn forwards_only(&self) -> bool {
        let forwards = |handling: &Handling| !handling.forwards.is_empty();
        self.is(Trait::Filter) || self.handling().is_some_and(forwards)
    }

    /// The product that runs there.
    pub fn product(&self) -> &'static Product {
        self.kind.product()
    }

    /// Whether this is true of its product.
    pub(crate) fn is(&self, what: Trait) -> bool {
        self.product().is(what)
    }

    /// Whether a tenant rejects external senders that use its own domains.
    pub fn rejects_direct_send(&self) -> bool {
        let written = self.tenant().and_then(|tenant| tenant.reject_direct_send);
        written.is_some_and(|at| at.value)
    }

    /// Its tenant, where it is one.
    pub fn tenant(&self) -> Option<&Tenant> {
        match &self.kind {
            LocationKind::Tenant(tenant) => Some(tenant),
            _ => None,
        }
    }

    /// Its Exchange organization, where it is one.
    pub fn exchange_server(&self) -> Option<&ExchangeServer> {
        match &self.kind {
            LocationKind::ExchangeServer(server) => Some(server),
            _ => None,
        }
    }

    /// Its Postfix instance, where it is one.
    pub fn postfix(&self) -> Option<&Postfix> {
        match &self.kind {
            LocationKind::Postfix(postfix) => Some(postfix),
            _ => None,
        }
    }

    /// Whether others show the same certificate and addresses: every tenant shows those of the provider.
    pub fn is_shared(&self) -> bool {
        self.shared || self.tenant().is_some()
    }

    /// The characters of which each separates a user from an extension here; none: extensions are not known.
    pub fn delimiters(&self) -> &str {
        match &self.recipient_delimiter {
            Some(written) => &written.value,
            None => self.product().delimiters,
        }
    }

    /// Whether it can hold mailboxes.
    pub fn can_hold_mailboxes(&self) -> bool {
        self.product().holds_mailboxes()
    }
}

/// What mailing lists do with mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MailingLists {
    /// The list's address is put in the place of the author.
    pub rewrites_author: bool,
    /// Where the spec says that there are some.
    pub span: Span,
}

/// How mail for the Internet leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub enum Sends {
    /// By itself.
    #[default]
    Direct,
    /// Through this location.
    Via(LocationId),
}

/// What a directory knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Directory {
    /// Every recipient of its domains.
    Complete,
    /// Only its own mailboxes.
    Own,
}

/// A written accepted domain.
#[derive(Clone, Debug, Hash)]
pub struct Accept {
    /// The domain.
    pub domain: At<DomainName>,
    /// Its type; `None` where the spec does not say.
    pub kind: Option<AcceptedType>,
    /// Unnamed subdomains too.
    pub subdomains: bool,
}

/// A certificate.
#[derive(Clone, Debug, Hash)]
pub struct Certificate {
    /// Subject and alternative names, lower case; a leading `*.` is possible.
    pub names: Vec<At<String>>,
    /// Who signed it.
    pub issuer: Issuer,
    /// SHA-1 thumbprint, upper case hexadecimal.
    pub thumbprint: Option<At<String>>,
    /// Last day of validity.
    pub not_after: Option<At<Date>>,
    /// Path of the PEM file, as written, where there is one.
    pub file: Option<At<String>>,
    /// SHA-256 of the public key (TLSA 3 1 1, RFC 6698), read from the file.
    pub spki_sha256: Option<[u8; 32]>,
    /// What the file holds: the server's own certificate, then those that lead to its authority.
    pub chain: Vec<Presented>,
    /// The key that will follow.
    pub next: Option<NextKey>,
    /// Where it stands.
    pub span: Span,
}

/// A key that will follow another.
#[derive(Clone, Debug, Hash)]
pub struct NextKey {
    /// Path of its PEM file, as written.
    pub file: At<String>,
    /// SHA-256 of the public key.
    pub spki_sha256: [u8; 32],
    /// What the file holds.
    pub chain: Vec<Presented>,
}

/// What a server presents: a certificate, or the key alone where nothing else is known; in the form that is signed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Presented {
    /// The certificate.
    pub certificate: Option<Vec<u8>>,
    /// Its public key.
    pub key: Vec<u8>,
    /// It has signed itself.
    pub self_signed: bool,
}

impl Certificate {
    /// The first name, which connectors identify it by.
    pub fn name(&self) -> Option<&str> {
        self.names.first().map(|at| at.value.as_str())
    }

    /// The first name that a host can have: one for many names is none.
    pub(crate) fn host_name(&self) -> Option<&str> {
        let mut names = self.names.iter().map(|at| at.value.as_str());
        names.find(|name| !name.starts_with("*."))
    }
}

/// Hosts of client services.
#[derive(Clone, Debug, Default, Hash)]
pub struct ClientServices {
    /// RFC 8314 and RFC 6186 service name (`imaps`, `submission`, ...) and its host.
    pub services: Vec<(&'static str, At<Host>)>,
}
