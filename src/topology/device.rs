//! Devices: printers, scanners, applications: senders without a mailbox of their own.

use crate::source::{At, Span};
use crate::topology::{Certificate, LocationId};
use crate::values::{Address, Method, Network, Pattern, TlsLevel};
use std::fmt;
use std::net::IpAddr;

/// A device or a group of them.
#[derive(Clone, Debug, Hash)]
pub struct Device {
    /// Its key in the spec.
    pub name: String,
    /// Where its key stands.
    pub span: Span,
    /// Addresses it connects from.
    pub addresses: Vec<At<Network>>,
    /// Envelope senders it uses.
    pub sends_as: Vec<At<SendsAs>>,
    /// The mailbox it logs on to, where the spec names it.
    pub login: Option<At<Address>>,
    /// Whom it writes to.
    pub sends_to: SendsTo,
    /// How it hands over its mail.
    pub method: At<Method>,
    /// The location that takes its mail.
    pub via: At<LocationId>,
    /// What it presents, in place of addresses.
    pub certificate: Option<Certificate>,
    /// Highest TLS version it speaks, such as `1.2`; `none` is no STARTTLS; `None` where the spec does not say.
    pub max_tls: Option<At<String>>,
    /// Public address, where `addresses` are private and `via` is in the cloud.
    pub nat: Vec<At<IpAddr>>,
    /// Its mail counts as written inside.
    pub trusted: bool,
    /// An earlier name.
    pub renamed_from: Option<At<String>>,
}

impl Device {
    /// The TLS level that its mail has at least, whatever the end that takes it demands: a login is offered over TLS alone.
    pub(crate) fn tls(&self) -> TlsLevel {
        match &self.max_tls {
            _ if self.method.value.logs_on() => TlsLevel::Encrypted,
            Some(tls) if tls.value == "none" => TlsLevel::None,
            _ => TlsLevel::Opportunistic,
        }
    }
}

/// An envelope sender.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SendsAs {
    /// One address.
    Address(Address),
    /// Any address of these domains.
    Pattern(Pattern),
}

/// Whom a device writes to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SendsTo {
    /// Our own mailboxes.
    Internal,
    /// Everybody.
    Anyone,
    /// These domains.
    Patterns(Vec<At<Pattern>>),
}

impl fmt::Display for SendsAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Pattern(pattern) => pattern.fmt(f),
        }
    }
}
