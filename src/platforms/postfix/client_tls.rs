//! What Postfix's two clients demand of the servers that they hand mail to.
//!
//! `smtp(8)` and `lmtp(8)` are one program, which goes by `smtp_*` parameters under one name and by `lmtp_*` parameters
//! under the other (<https://www.postfix.org/lmtp.8.html>): what stands in the tables of one is nothing to the other.

use crate::platforms::postfix::Hop;
use crate::routes::RouteId;
use crate::values::DomainName;
use std::collections::BTreeMap;

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// `smtp(8)`
    Smtp,
    /// `lmtp(8)`
    Lmtp,
}

impl Agent {
    /// The client behind a service. A service that the host has of its own counts as an SMTP client.
    pub fn of(service: &str) -> Self {
        if service == "lmtp" {
            Self::Lmtp
        } else {
            Self::Smtp
        }
    }

    /// What its parameters begin with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Lmtp => "lmtp",
        }
    }
}

/// What a client demands of next hops, and shows to them. Keys are the texts of next hops as the other tables have them.
#[derive(Clone, Debug, Default)]
pub struct Demands {
    /// `smtp_tls_policy_maps`
    pub policies: BTreeMap<String, TlsPolicy>,
    /// `smtp_tls_security_level`: for next hops without a policy.
    pub default: TlsPolicyLevel,
    /// `smtp_sasl_password_maps`: the name of the credential that each wants.
    pub credentials: BTreeMap<String, String>,
}

impl Demands {
    /// The policy for a way out: by the next hop, else by the recipient's domain and its parents. Of several hosts, which
    /// are tried one after the other, the one that has to give least.
    pub(crate) fn level(&self, hop: Option<&Hop>, domain: &DomainName) -> TlsPolicyLevel {
        let least = hosts(hop, domain).map(|host| self.level_of(host)).min();
        least.unwrap_or(self.default)
    }

    /// The names that certificates are checked for: those of the policies of all hosts, of which one is enough.
    pub(crate) fn names(&self, hop: Option<&Hop>, domain: &DomainName) -> Vec<String> {
        hosts(hop, domain)
            .filter_map(|host| self.policy(host))
            .flat_map(|policy| policy.names.iter().cloned())
            .collect()
    }

    fn level_of(&self, host: &str) -> TlsPolicyLevel {
        self.policy(host)
            .map_or(self.default, |policy| policy.level)
    }

    /// Only a bare name is one of its parents' names below.
    fn policy(&self, host: &str) -> Option<&TlsPolicy> {
        let parents = std::iter::successors(host.split_once('.'), |(_, rest)| rest.split_once('.'));
        self.policies.get(host).or_else(|| {
            parents
                .filter(|_| !host.contains(['[', ':']))
                .find_map(|(_, parent)| self.policies.get(&format!(".{parent}")))
        })
    }

    /// Whether a certificate is checked, so that authorities must be known.
    pub fn needs_authorities(&self) -> bool {
        let levels = self.policies.values().map(|policy| policy.level);
        levels.chain([self.default]).max() == Some(TlsPolicyLevel::Secure)
    }
}

/// What the next hop must give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsPolicy {
    /// How much.
    pub level: TlsPolicyLevel,
    /// Names of which its certificate must hold one; a leading dot takes every name below.
    pub names: Vec<String>,
    /// A route that asks for it.
    pub route: RouteId,
}

/// What policies are looked up by: the hosts of a next hop, else the recipient's domain.
fn hosts<'a>(hop: Option<&'a Hop>, domain: &'a DomainName) -> impl Iterator<Item = &'a str> {
    let next_hop = match hop.map(|hop| hop.next_hop.as_str()) {
        None | Some("") => domain.as_str(),
        Some(next_hop) => next_hop,
    };
    next_hop.split([',', ' ']).filter(|host| !host.is_empty())
}

/// Levels of `smtp_tls_policy_maps` that are used, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TlsPolicyLevel {
    /// `none`
    None,
    /// `may`
    #[default]
    May,
    /// `encrypt`
    Encrypt,
    /// `secure`: authority and name are checked.
    Secure,
}

impl TlsPolicyLevel {
    /// The level as tables spell it.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::May => "may",
            Self::Encrypt => "encrypt",
            Self::Secure => "secure",
        }
    }
}
