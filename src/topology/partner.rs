//! Partners: other organizations and services that mail is exchanged with under agreed terms.

use crate::source::{At, Span};
use crate::topology::{Certificate, LocationId};
use crate::values::{Address, DomainName, Host, HostName, Network, OwnerName, Pattern, TlsLevel};
use std::fmt;

/// A partner.
#[derive(Clone, Debug, Hash)]
pub struct Partner {
    /// Its key in the spec.
    pub name: String,
    /// Where its key stands.
    pub span: Span,
    /// Its domains.
    pub domains: Vec<At<Pattern>>,
    /// What is demanded of mail that comes from it; `None` where the spec demands nothing.
    pub tls_inbound: Option<At<TlsLevel>>,
    /// What is demanded of mail that goes to it; `None` where the spec demands nothing.
    pub tls_outbound: Option<At<TlsLevel>>,
    /// What it presents when it is connected to.
    pub certificate: Option<Certificate>,
    /// What it presents when it connects, where that is another one.
    pub client_certificate: Option<Certificate>,
    /// Its mail leaves from these.
    pub addresses: Vec<At<Network>>,
    /// Smart hosts; empty means its MX.
    pub hosts: Vec<At<Host>>,
    /// Locations that talk to it; empty: it is reached the way Internet mail leaves.
    pub via: Vec<At<LocationId>>,
    /// What it sends in our name.
    pub sends_as: Vec<At<SendsInOurName>>,
    /// SPF terms that stand for its egress.
    pub spf: Option<At<String>>,
    /// Whose envelope senders it uses, where the spec says so.
    pub envelope: Option<At<PartnerEnvelope>>,
    /// A name of ours that it takes bounces at.
    pub bounce: Option<At<BounceName>>,
    /// The domains that its signatures name; empty: those whose `dkim` names it.
    pub signs_as: Vec<At<DomainName>>,
    /// The credential it wants from us, by name.
    pub auth: Option<At<String>>,
    /// An address of theirs for connector validation.
    pub test_recipient: Option<At<Address>>,
    /// Other customers of the service show its certificate and addresses, too.
    pub shared: bool,
    /// Somebody else makes and changes the connectors for it when false.
    pub managed: bool,
    /// It may relay through us.
    pub relays: bool,
    /// An earlier name.
    pub renamed_from: Option<At<String>>,
}

impl Partner {
    /// The certificate it presents when it connects.
    pub fn client_certificate(&self) -> Option<&Certificate> {
        self.client_certificate
            .as_ref()
            .or(self.certificate.as_ref())
    }
}

/// A name somebody else sends with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SendsInOurName {
    /// Any address of a domain.
    Domain(DomainName),
    /// One address.
    Address(Address),
}

impl fmt::Display for SendsInOurName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(domain) => domain.fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// A name of ours that a service takes bounces at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BounceName {
    /// The name.
    pub name: DomainName,
    /// What stands there.
    pub at: BounceRecords,
}

/// What stands at a name that a service takes bounces at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BounceRecords {
    /// MX records: preference and host.
    Mx(Vec<(u16, HostName)>),
    /// It stands for this name of the service.
    Alias(OwnerName),
}

/// Whose envelope senders a partner uses for mail in our name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PartnerEnvelope {
    /// Those of the author's domain.
    Same,
    /// Those of this domain.
    Domain(DomainName),
}
