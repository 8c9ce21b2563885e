//! What both ends of a connection guarantee, and why there is none where the sending end asks for more than the other has.
//!
//! The sending end is the client of TLS: it demands a level and, for the highest, one of some names. What it finds is the
//! certificate that the spec says the receiving end has. Whose names those are, and how a star is read:
//! <https://www.rfc-editor.org/rfc/rfc9525#section-6.3>

use crate::dns::enforced::misfit;
use crate::plan::Configuration;
use crate::topology::{Certificate, Issuer, LocationId, Party};
use crate::values::{DomainName, TlsLevel};
use crate::walk::Model;
use crate::walk::attribution::Attribution;
use crate::walk::client::hides;
use crate::walk::handover::Handing;
use crate::walk::state::{Cause, Reason};

/// Why no connection comes about. The message waits at the sending end until it expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsFailure {
    /// The receiving end has no certificate, and so offers no TLS.
    NotOffered,
    /// No name on the certificate is one that is expected.
    NameMismatch,
    /// Nobody whom the sending end trusts vouches for the certificate.
    Untrusted,
    /// The certificate was valid until a day before today.
    Expired,
    /// The sending end honours MTA-STS or DANE, and the receiving one does not fit what its domain promises.
    Policy,
}

/// Which names a sending end takes for the receiving one's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expects {
    /// It is not told, and goes by what the spec says.
    Any,
    /// One of these; a leading dot takes every name below.
    Names(Vec<String>),
    /// The domain of the recipient.
    RecipientDomain,
}

impl Model<'_> {
    /// Why mail cannot be handed to a location or a partner as the sending end demands; a location may show its certificate
    /// to some clients, as which it sees the sending end.
    pub(crate) fn tls_failure(
        &self,
        from: LocationId,
        (to, client): (Party, Option<&Attribution>),
        handing: &Handing,
        recipient: &DomainName,
    ) -> Option<Reason> {
        if handing.tls <= TlsLevel::Opportunistic {
            return None;
        }
        let topology = &self.plan.topology;
        let certificate = match to {
            Party::Location(id) => topology.location(id).certificate.as_ref(),
            Party::Partner(id) => topology.partner(id).certificate.as_ref(),
            _ => None,
        };
        let certificate = certificate.filter(|own| !self.hidden_to(to, own, client));
        let tenant = to.location().and_then(|id| topology.location(id).tenant());
        let (failure, what) = match (certificate, tenant) {
            (_, Some(tenant)) => {
                let name = tenant.environment.certificate_name();
                let below = format!("*.{name}");
                let mut shown = vec![name, &below];
                // The hosts of signed domains show their own names: their policies of MTA-STS could not be met otherwise.
                if let Expects::Names(names) = &handing.expects {
                    let own = names.iter().map(String::as_str);
                    shown.extend(own.filter(|name| tenant.environment.is_signed_host(name)));
                }
                self.name_fails(to, handing, recipient, &shown)?
            }
            (None, None) => self.not_offered(to, client, handing.tls)?,
            (Some(certificate), None) => {
                self.certificate_fails(from, to, handing, recipient, certificate)?
            }
        };
        Some(Cause::Tls(failure).because(format!(
            "`{}` demands `{}`, and {what}: it is retried until it expires",
            self.name(from),
            handing.tls
        )))
    }

    /// Why a sender that honours MTA-STS or DANE does not hand mail for a name to one of its exchangers.
    pub(crate) fn policy_failure(&self, name: &DomainName, to: LocationId) -> Option<Reason> {
        let why = misfit(self.plan, name, to)?;
        Some(Cause::Tls(TlsFailure::Policy).because(format!(
            "{why}: senders that honour it do not deliver to `{}`",
            self.name(to)
        )))
    }

    /// Whether the receiving end does not show its certificate to the client: the object that the client comes in at names
    /// another.
    fn hidden_to(&self, to: Party, own: &Certificate, client: Option<&Attribution>) -> bool {
        let configuration = to.location().map(|id| &self.plan.place(id).configuration);
        let named = match (configuration, client) {
            (Some(Configuration::Postfix(tables)), _) => tables.certificate.as_deref(),
            (_, Some(Attribution::Server(client))) if client.certificate.is_some() => {
                client.certificate.as_deref()
            }
            _ => return false,
        };
        hides(Some(own), named)
    }

    /// Postfix without a certificate offers no TLS; every other product brings one of its own.
    fn not_offered(
        &self,
        to: Party,
        client: Option<&Attribution>,
        level: TlsLevel,
    ) -> Option<(TlsFailure, String)> {
        let receiver = to.location()?;
        let name = self.name(receiver);
        match (&self.plan.place(receiver).configuration, client) {
            (Configuration::Postfix(_), _) => {
                let what = format!("`{name}` has no certificate and so offers no TLS");
                Some((TlsFailure::NotOffered, what))
            }
            (_, Some(Attribution::Server(client))) if level >= TlsLevel::CaVerified => {
                let shown = client.certificate.as_deref()?;
                let what = format!("`{name}` shows `{shown}`, of which the spec says nothing");
                Some((TlsFailure::NameMismatch, what))
            }
            _ => None,
        }
    }

    fn certificate_fails(
        &self,
        from: LocationId,
        to: Party,
        handing: &Handing,
        recipient: &DomainName,
        certificate: &Certificate,
    ) -> Option<(TlsFailure, String)> {
        if handing.tls < TlsLevel::CaVerified {
            return None;
        }
        let topology = &self.plan.topology;
        let receiver = self.party(to);
        let is_server = |at: LocationId| topology.location(at).tenant().is_none();
        // Our own servers can be taught an authority of our own; nobody can be taught a certificate that signs itself.
        let may_be_taught = certificate.issuer == Issuer::Private
            && is_server(from)
            && to.location().is_some_and(is_server);
        if certificate.issuer != Issuer::Public && !may_be_taught {
            let what = format!("the certificate of `{receiver}` comes from no public authority");
            return Some((TlsFailure::Untrusted, what));
        }
        if let Some(day) = self.expired(certificate) {
            let what = format!("the certificate of `{receiver}` was valid until {day}");
            return Some((TlsFailure::Expired, what));
        }
        let shown: Vec<&str> = certificate
            .names
            .iter()
            .map(|at| at.value.as_str())
            .collect();
        self.name_fails(to, handing, recipient, &shown)
    }

    fn name_fails(
        &self,
        to: Party,
        handing: &Handing,
        recipient: &DomainName,
        shown: &[&str],
    ) -> Option<(TlsFailure, String)> {
        if handing.tls < TlsLevel::Verified || shown.is_empty() {
            return None;
        }
        let expected = match &handing.expects {
            Expects::Any => return None,
            Expects::Names(names) => names.clone(),
            Expects::RecipientDomain => vec![recipient.to_string()],
        };
        let matches = |expected: &String| shown.iter().any(|name| is_name(expected, name));
        (!expected.is_empty() && !expected.iter().any(matches)).then(|| {
            let expected = expected.join("`, `");
            let what = format!(
                "expects the name `{expected}`, which is not on the certificate of `{}`: `{}`",
                self.party(to),
                shown.join("`, `")
            );
            (TlsFailure::NameMismatch, what)
        })
    }

    /// The last day of a certificate that is no longer valid.
    pub(crate) fn expired(&self, certificate: &Certificate) -> Option<crate::values::Date> {
        let day = certificate.not_after.as_ref()?.value;
        self.plan.today.filter(|today| day < *today).map(|_| day)
    }
}

/// Whether a name on a certificate is one that is expected. A star stands for one label on either side, a leading dot for
/// any number of labels.
fn is_name(expected: &str, shown: &str) -> bool {
    let below = |pattern: &str, name: &str| {
        let base = pattern.strip_prefix("*.");
        let rest = name.split_once('.').map(|(_, rest)| rest);
        base.is_some() && base == rest
    };
    expected.eq_ignore_ascii_case(shown)
        || below(shown, expected)
        || below(expected, shown)
        || (expected.starts_with('.') && shown.ends_with(expected))
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_star_on_either_side_stands_for_one_label() {
        for (expected, shown, matches) in [
            ("mail.contoso.com", "mail.contoso.com", true),
            ("mail.contoso.com", "*.contoso.com", true),
            ("*.contoso.com", "mail.contoso.com", true),
            ("*.contoso.com", "*.contoso.com", true),
            (".contoso.com", "*.contoso.com", true),
            (".contoso.com", "mx.eu.contoso.com", true),
            ("mx1.eu.contoso.com", "*.contoso.com", false),
            ("*.contoso.com", "mx1.eu.contoso.com", false),
            ("contoso.com", "*.contoso.com", false),
        ] {
            assert_eq!(is_name(expected, shown), matches, "{expected} {shown}");
        }
    }
}
