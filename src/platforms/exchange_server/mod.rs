//! The objects of an Exchange organization: Send and Receive connectors, remote domains. Its accepted domains are those of
//! the plan.
//!
//! Fields are named after the parameters of the cmdlets `New-SendConnector`, `New-ReceiveConnector`
//! and `New-RemoteDomain`. What a version does not have is `None` here. This module must not know
//! how a script looks.

pub(crate) mod choose;
mod lower;
pub(crate) mod product;
mod receive;
mod send;
pub(crate) mod write;

pub(crate) use lower::lower;

use crate::routes::RouteId;
use crate::source::Span;
use crate::topology::ExchangeVersion;
use crate::values::{DomainName, Network, Pattern, Size, TlsLevel};

/// An organization's objects.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Product version.
    pub version: ExchangeVersion,
    /// Transport servers.
    pub servers: Vec<String>,
    /// Edge Transport servers without a subscription.
    pub edge: bool,
    /// Remote domains that belong to our own tenants.
    pub remote_domains: Vec<RemoteDomain>,
    /// What takes mail to others.
    pub send: Vec<SendConnector>,
    /// What takes mail from others; each exists once per server.
    pub receive: Vec<ReceiveConnector>,
    /// The connectors for all addresses, which every server has from the start, lose `AnonymousUsers`; where the spec says
    /// so.
    pub locked: Option<Span>,
}

/// `New-RemoteDomain`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteDomain {
    /// `Name`
    pub name: String,
    /// `DomainName`
    pub domain: DomainName,
    /// `TargetDeliveryDomain`: addresses of remote mailboxes end in it.
    pub target_delivery_domain: bool,
    /// `TrustedMailInboundEnabled`
    pub trusted_mail_inbound: bool,
    /// The location of the tenant, where the spec has it.
    pub span: Span,
}

/// `TlsAuthLevel` of a Send connector; absent means any certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsAuthLevel {
    /// Any certificate.
    EncryptionOnly,
    /// A trusted authority.
    CertificateValidation,
    /// A trusted authority and the name in `TlsDomain`.
    DomainValidation,
}

/// How a connector finds its certificate: by `<I>issuer<S>subject` where the facts have both, else by a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRef {
    /// A name on the certificate.
    pub name: String,
    /// SHA-1, upper case hexadecimal.
    pub thumbprint: Option<String>,
    /// X.500 names of issuer and subject.
    pub issuer_and_subject: Option<(String, String)>,
}

/// `New-SendConnector`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendConnector {
    /// `Name`
    pub name: String,
    /// Names that it had before something was renamed in the spec.
    pub former_names: Vec<String>,
    /// `Enabled`
    pub enabled: bool,
    /// `AddressSpaces`: space and cost, sorted.
    pub address_spaces: Vec<(Pattern, u32)>,
    /// `SourceTransportServers`; empty at an Edge Transport server.
    pub source_transport_servers: Vec<String>,
    /// `SmartHosts`; empty means `DNSRoutingEnabled $true`.
    pub smart_hosts: Vec<String>,
    /// `Port`
    pub port: u16,
    /// `Fqdn`: what HELO says, and which certificate is chosen where none is named.
    pub fqdn: Option<String>,
    /// `RequireTLS`
    pub require_tls: bool,
    /// `IgnoreSTARTTLS`
    pub ignore_starttls: bool,
    /// `TlsAuthLevel`; 2010 and later.
    pub tls_auth_level: Option<TlsAuthLevel>,
    /// `TlsDomain`; 2010 and later.
    pub tls_domain: Option<String>,
    /// `TlsCertificateName`; 2013 and later.
    pub tls_certificate: Option<CertificateRef>,
    /// `CloudServicesMailEnabled`; `None` before 2013.
    pub cloud_services_mail_enabled: Option<bool>,
    /// `SmartHostAuthMechanism BasicAuthRequireTLS` with the credential of this name.
    pub auth: Option<String>,
    /// `MaxMessageSize`
    pub max_message_size: Option<Size>,
    /// The route it carries.
    pub route: RouteId,
    /// Owned by the Hybrid Configuration Wizard: checked, never written.
    pub by_wizard: bool,
    /// It is written; else somebody else makes and changes it.
    pub managed: bool,
}

impl SendConnector {
    /// What it demands of whoever takes its mail.
    pub(crate) const fn level(&self) -> TlsLevel {
        match self.tls_auth_level {
            Some(TlsAuthLevel::DomainValidation) => TlsLevel::Verified,
            Some(TlsAuthLevel::CertificateValidation) => TlsLevel::CaVerified,
            _ if self.require_tls => TlsLevel::Encrypted,
            _ if self.ignore_starttls => TlsLevel::None,
            _ => TlsLevel::Opportunistic,
        }
    }

    /// One that does nothing yet, of which nobody has said who manages it.
    pub(crate) fn blank(name: &str, route: RouteId) -> Self {
        Self {
            name: name.to_owned(),
            former_names: Vec::new(),
            enabled: false,
            address_spaces: Vec::new(),
            source_transport_servers: Vec::new(),
            smart_hosts: Vec::new(),
            port: 25,
            fqdn: None,
            require_tls: false,
            ignore_starttls: false,
            tls_auth_level: None,
            tls_domain: None,
            tls_certificate: None,
            cloud_services_mail_enabled: None,
            auth: None,
            max_message_size: None,
            route,
            by_wizard: false,
            managed: false,
        }
    }
}

/// What a Receive connector lets its clients do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// Nothing without a login, whatever other connectors say. None is written so; people make them so.
    Nothing,
    /// Mail for accepted domains: `PermissionGroups AnonymousUsers`.
    AcceptedDomains,
    /// Mail for everybody: in addition `Ms-Exch-SMTP-Accept-Any-Recipient`.
    AnyRecipient,
    /// Everything, as if written inside: `AuthMechanism ExternalAuthoritative`, `PermissionGroups ExchangeServers`.
    Trusted,
}

/// `New-ReceiveConnector`, once per server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiveConnector {
    /// `Name`
    pub name: String,
    /// Names that it had before something was renamed in the spec.
    pub former_names: Vec<String>,
    /// `Enabled`
    pub enabled: bool,
    /// `RemoteIPRanges`, sorted.
    pub remote_ip_ranges: Vec<Network>,
    /// What its clients may do.
    pub grant: Grant,
    /// `RequireTLS`
    pub require_tls: bool,
    /// `Fqdn`
    pub fqdn: Option<String>,
    /// `TlsCertificateName`; 2013 and later.
    pub tls_certificate: Option<CertificateRef>,
    /// `TlsDomainCapabilities NAME:AcceptCloudServicesMail`; 2013 and later.
    pub accept_cloud_services_mail_from: Option<String>,
    /// `MaxMessageSize`
    pub max_message_size: Option<Size>,
    /// The routes it takes mail from.
    pub routes: Vec<RouteId>,
    /// Owned by the Hybrid Configuration Wizard: checked, never written.
    pub by_wizard: bool,
    /// It is written; else somebody else makes and changes it.
    pub managed: bool,
}

impl ReceiveConnector {
    /// One that does nothing yet, of which nobody has said who manages it.
    pub(crate) fn blank(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            former_names: Vec::new(),
            enabled: false,
            remote_ip_ranges: Vec::new(),
            grant: Grant::AcceptedDomains,
            require_tls: false,
            fqdn: None,
            tls_certificate: None,
            accept_cloud_services_mail_from: None,
            max_message_size: None,
            routes: Vec::new(),
            by_wizard: false,
            managed: false,
        }
    }
}

impl ReceiveConnector {
    /// Whether it is the connector for all addresses that a server has from the start: since Exchange 2013 the wizard makes
    /// none of its own and lets that one believe the tenant's headers.
    pub fn is_default(&self, version: ExchangeVersion) -> bool {
        self.by_wizard && version >= ExchangeVersion::V2013
    }

    /// What one of two connectors of a location does for its clients and the other does not, with the keys of the spec that
    /// decide it. Names, certificates and sizes are those of the location.
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let headers = &self.accept_cloud_services_mail_from;
        let differs = [
            (
                self.grant != other.grant,
                "what clients may do (`recipients`, `trusted`)",
            ),
            (
                self.require_tls != other.require_tls,
                "the demand for TLS (`tls`)",
            ),
            (
                *headers != other.accept_cloud_services_mail_from,
                "the belief in cross-premises headers (`hybrid_headers`)",
            ),
        ];
        let differs = differs.into_iter().filter(|(differs, _)| *differs);
        differs.map(|(_, what)| what).collect()
    }
}
