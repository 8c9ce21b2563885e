//! The objects of a tenant: connectors, mail-flow rules, settings. Its accepted domains are those of the plan.
//!
//! Fields are named after the parameters of the cmdlets `New-OutboundConnector`, `New-InboundConnector` and
//! `New-TransportRule`. This module must not know how a script looks.

pub(crate) mod choose;
mod inbound;
mod lower;
mod outbound;
pub(crate) mod product;
mod rules;
pub(crate) mod write;

pub(crate) use lower::lower;
pub(crate) use rules::{condition_of, domain_of, is_asked_by, is_mark_of};

use crate::routes::RouteId;
use crate::source::Span;
use crate::topology::SmtpAuth;
use crate::values::{Address, DomainName, Network, Pattern, TlsLevel};

/// A tenant's objects.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// What takes mail from us to others.
    pub outbound: Vec<OutboundConnector>,
    /// What takes mail from others.
    pub inbound: Vec<InboundConnector>,
    /// Rules, in the order in which they apply.
    pub rules: Vec<TransportRule>,
    /// Settings of the whole tenant, only where the spec writes them.
    pub settings: Settings,
    /// Domains that the tenant signs with.
    pub dkim: Vec<DomainName>,
    /// ARC sealers to trust.
    pub trusted_arc_sealers: Vec<DomainName>,
}

/// Types of connectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectorType {
    /// Our own servers: grants rights.
    OnPremises,
    /// Somebody else: restricts.
    Partner,
}

/// `TlsSettings` of an outbound connector; absent means opportunistic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsSettings {
    /// Any certificate.
    EncryptionOnly,
    /// A trusted authority.
    CertificateValidation,
    /// A trusted authority and the name in `TlsDomain`.
    DomainValidation,
}

/// `New-OutboundConnector`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundConnector {
    /// `Name`, at most 64 characters.
    pub name: String,
    /// Names that it had before something was renamed in the spec.
    pub former_names: Vec<String>,
    /// `Enabled`
    pub enabled: bool,
    /// `ConnectorType`
    pub connector_type: ConnectorType,
    /// `RecipientDomains`, sorted; never `AcceptedDomains`, which is the next field.
    pub recipient_domains: Vec<Pattern>,
    /// `AllAcceptedDomains`
    pub all_accepted_domains: bool,
    /// `SmartHosts`; empty means `UseMXRecord $true`.
    pub smart_hosts: Vec<String>,
    /// `TlsSettings`
    pub tls_settings: Option<TlsSettings>,
    /// `TlsDomain`, only with domain validation.
    pub tls_domain: Option<String>,
    /// `IsTransportRuleScoped`
    pub is_transport_rule_scoped: bool,
    /// `RouteAllMessagesViaOnPremises`
    pub route_all_messages_via_on_premises: bool,
    /// `CloudServicesMailEnabled`
    pub cloud_services_mail_enabled: bool,
    /// `SenderRewritingEnabled`, which connectors to our own servers alone have; `None`: it is left as it is.
    pub sender_rewriting_enabled: Option<bool>,
    /// Recipients for `Validate-OutboundConnector`.
    pub validation_recipients: Vec<Address>,
    /// The route it carries.
    pub route: RouteId,
    /// Owned by the Hybrid Configuration Wizard: checked, never written.
    pub by_wizard: bool,
    /// It is written; else somebody else makes and changes it.
    pub managed: bool,
}

impl OutboundConnector {
    /// What it demands of whoever takes its mail.
    pub(crate) const fn level(&self) -> TlsLevel {
        match self.tls_settings {
            Some(TlsSettings::DomainValidation) => TlsLevel::Verified,
            Some(TlsSettings::CertificateValidation) => TlsLevel::CaVerified,
            Some(TlsSettings::EncryptionOnly) => TlsLevel::Encrypted,
            None => TlsLevel::Opportunistic,
        }
    }

    /// One that does nothing yet, of which nobody has said who manages it.
    pub(crate) fn blank(name: &str, route: RouteId) -> Self {
        Self {
            name: name.to_owned(),
            former_names: Vec::new(),
            enabled: false,
            connector_type: ConnectorType::Partner,
            recipient_domains: Vec::new(),
            all_accepted_domains: false,
            smart_hosts: Vec::new(),
            tls_settings: None,
            tls_domain: None,
            is_transport_rule_scoped: false,
            route_all_messages_via_on_premises: false,
            cloud_services_mail_enabled: false,
            sender_rewriting_enabled: None,
            validation_recipients: Vec::new(),
            route,
            by_wizard: false,
            managed: false,
        }
    }

    /// Whether the sender of what a mailbox forwards is rewritten on it: always toward others, toward our own servers where
    /// it says so (<https://learn.microsoft.com/powershell/module/exchangepowershell/set-outboundconnector>).
    pub(crate) fn rewrites_sender(&self) -> bool {
        self.connector_type == ConnectorType::Partner || self.sender_rewriting_enabled == Some(true)
    }

    /// Whether all mail to others makes its way over it. One that is for rules takes part in nothing else.
    pub(crate) const fn is_detour(&self) -> bool {
        self.enabled && self.route_all_messages_via_on_premises && !self.is_transport_rule_scoped
    }
}

/// `New-InboundConnector`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundConnector {
    /// `Name`
    pub name: String,
    /// Names that it had before something was renamed in the spec.
    pub former_names: Vec<String>,
    /// `Enabled`
    pub enabled: bool,
    /// `ConnectorType`
    pub connector_type: ConnectorType,
    /// `SenderDomains`, sorted; means something on Partner connectors only.
    pub sender_domains: Vec<Pattern>,
    /// `RequireTls`
    pub require_tls: bool,
    /// `RestrictDomainsToCertificate`
    pub restrict_domains_to_certificate: bool,
    /// `TlsSenderCertificateName`
    pub tls_sender_certificate_name: Option<String>,
    /// `RestrictDomainsToIPAddresses`
    pub restrict_domains_to_ip_addresses: bool,
    /// `SenderIPAddresses`: IPv4, /24 to /32.
    pub sender_ip_addresses: Vec<Network>,
    /// `CloudServicesMailEnabled`
    pub cloud_services_mail_enabled: bool,
    /// `TreatMessagesAsInternal`
    pub treat_messages_as_internal: bool,
    /// `AssociatedAcceptedDomains`, sorted; empty: all.
    pub associated_accepted_domains: Vec<DomainName>,
    /// `EFSkipLastIP`
    pub ef_skip_last_ip: bool,
    /// `EFSkipIPs`
    pub ef_skip_ips: Vec<Network>,
    /// `EFUsers`
    pub ef_users: Vec<Address>,
    /// The routes it takes mail from; several where they share how they are known.
    pub routes: Vec<RouteId>,
    /// Where the spec asks for it by `accept_only_from`: for findings and comments alone.
    pub lockdown: Option<Span>,
    /// Owned by the Hybrid Configuration Wizard: checked, never written.
    pub by_wizard: bool,
    /// It is written; else somebody else makes and changes it.
    pub managed: bool,
}

impl InboundConnector {
    /// One that does nothing yet, of which nobody has said who manages it.
    pub(crate) fn blank(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            former_names: Vec::new(),
            enabled: false,
            connector_type: ConnectorType::Partner,
            sender_domains: Vec::new(),
            require_tls: false,
            restrict_domains_to_certificate: false,
            tls_sender_certificate_name: None,
            restrict_domains_to_ip_addresses: false,
            sender_ip_addresses: Vec::new(),
            cloud_services_mail_enabled: false,
            treat_messages_as_internal: false,
            associated_accepted_domains: Vec::new(),
            ef_skip_last_ip: false,
            ef_skip_ips: Vec::new(),
            ef_users: Vec::new(),
            routes: Vec::new(),
            lockdown: None,
            by_wizard: false,
            managed: false,
        }
    }
}

impl InboundConnector {
    /// Whether mail of its senders is refused unless it comes with the certificate or from the addresses.
    pub const fn restricts(&self) -> bool {
        self.restrict_domains_to_certificate || self.restrict_domains_to_ip_addresses
    }

    /// Whether it shuts out everybody whom it does not know, whoever asked for it: it is for every sender and restricts.
    pub fn is_lock(&self) -> bool {
        self.enabled
            && self.connector_type == ConnectorType::Partner
            && self.restricts()
            && self.sender_domains.contains(&Pattern::Any)
    }
}

/// `New-TransportRule`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportRule {
    /// `Name`
    pub name: String,
    /// The name that it had before it was renamed in the spec.
    pub former_name: Option<String>,
    /// `Enabled`
    pub enabled: bool,
    /// It is written; else somebody else makes and changes it.
    pub managed: bool,
    /// Predicates and exceptions, as parameter and value, in a fixed order.
    pub predicates: Vec<(&'static str, RuleValue)>,
    /// `RouteMessageOutboundConnector`: the name of a rule-scoped connector.
    pub connector: String,
    /// `SetHeaderName` and `SetHeaderValue`
    pub set_header: Option<(String, String)>,
    /// Position of the rule in the topology's list.
    pub rule: usize,
    /// Where the spec has it.
    pub span: Span,
}

/// The value of a predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleValue {
    /// One word.
    Text(String),
    /// Several.
    List(Vec<String>),
}

/// Settings of the whole tenant; `None` where the spec does not write them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `Set-OrganizationConfig -RejectDirectSend`
    pub reject_direct_send: Option<bool>,
    /// `Set-TransportConfig -SmtpClientAuthenticationDisabled` and the mailboxes' own switch.
    pub smtp_auth: Option<SmtpAuth>,
    /// `Set-TransportConfig -MaxReceiveSize` is not the tenant's to set; kept for the analysis, in octets.
    pub max_message_size: Option<u64>,
}
