//! Whether Exchange Online takes a message: which of its inbound connectors knows the sending end, and what that one asks.
//!
//! Certificates and addresses are looked at first, the sender's name where they know nobody. Source:
//! <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/use-connectors-to-configure-mail-flow>

use crate::platforms::exchange_online::{self, ConnectorType, InboundConnector};
use crate::routes::AcceptedDomain;
use crate::topology::{LocationId, Party};
use crate::values::{Network, Pattern, TlsLevel};
use crate::walk::Model;
use crate::walk::admit::{Admission, is_locked};
use crate::walk::state::{Cause, Message, Reason, State};

impl Model<'_> {
    /// Exchange Online: an `OnPremises` connector grants rights, a `Partner` connector restricts.
    pub(crate) fn admit_tenant(
        &self,
        tenant: &exchange_online::Configuration,
        message: &Message,
        state: &State,
        (party, headers, plain): (Party, bool, bool),
    ) -> Result<Admission, Reason> {
        let here = self.name(state.at);
        let domain = state.recipient.domain();
        let offered = if plain {
            TlsLevel::None
        } else {
            TlsLevel::Opportunistic
        };
        let shown = |connector: &InboundConnector| is_shown(connector, offered);
        let accepted = self.accepted(state.at, domain).is_some();
        let own = self.own_connector(state.at, tenant, party, offered);
        if let Some(own) = own {
            if !accepted && !self.may_relay(state.at, own, message) {
                return Err(Cause::NotAllowed.because(format!(
                    "`{here}` relays for `{domain}` only where the certificate or the envelope sender belongs to one of its accepted domains (5.7.64)"
                )));
            }
            let kept = own.cloud_services_mail_enabled && headers;
            return Ok(Admission {
                known: true,
                inside: own.treat_messages_as_internal || (kept && state.inside),
                detoured: kept,
            });
        }
        let stranger = Admission {
            known: false,
            inside: false,
            detoured: false,
        };
        // A connector that goes by the sender's name alone does so whoever brings the mail.
        let mut concerned = self.inbound_about(state.at, tenant, message);
        let mut partners = concerned.clone().filter(|connector| {
            !connector.is_lock()
                && (self.recognizes(connector, party) || !connector.restricts())
                && shown(connector)
        });
        let partner = partners
            .clone()
            .find(|connector| connector.restricts())
            .or_else(|| partners.next());
        let partner_restricts = partner.is_some_and(InboundConnector::restricts);
        let passes = |lock: &InboundConnector| {
            let listed = lock.lockdown.is_some()
                && self.is_among(state.at, party)
                && self.is_known_to(lock, party);
            let routed = lock.lockdown.is_none() && self.carries(&lock.routes, party);
            shown(lock) && (listed || routed || self.shows_certificate(lock, party))
        };
        let mut locks = self
            .locks(state.at, tenant)
            .filter(|_| is_locked(state))
            .peekable();
        let first = locks.peek().copied();
        // Whoever satisfies one of several locks is let in; the documents leave it open.
        let through = locks.any(passes);
        if let Some(lock) = first.filter(|_| !through)
            // Who is known by a certificate or an address is looked up by it, and is nobody else; the sender's name is
            // not asked for (<https://github.com/MicrosoftDocs/OfficeDocs-Exchange/pull/1041>).
            && !partner_restricts
        {
            return Err(Cause::Restricted.because(format!(
                "connector `{}` of `{here}` refuses everybody else (5.7.51)",
                lock.name
            )));
        }
        // Who is known to the lock by its certificate or address is looked up by it, whoever wrote the mail.
        let restricted = concerned.find(|connector| {
            !through
                && connector.restricts()
                && !connector.is_lock()
                && !self.recognizes(connector, party)
        });
        if let Some(connector) = restricted {
            return Err(Cause::Restricted.because(format!(
                "connector `{}` of `{here}` takes this sender's mail from its own servers only (5.7.51)",
                connector.name
            )));
        }
        let spoofed = message
            .sender
            .as_ref()
            .is_some_and(|sender| self.accepted(state.at, sender.domain()).is_some());
        if tenant.settings.reject_direct_send == Some(true)
            && spoofed
            && !partner_restricts
            && !through
        {
            return Err(Cause::Restricted.because(format!(
                "`{here}` refuses strangers that send with its own domains (RejectDirectSend, 5.7.68)"
            )));
        }
        if accepted {
            Ok(stranger)
        } else {
            Err(Cause::NotAccepted.because(format!(
                "`{here}` does not accept `{domain}` and does not know the sender as one that may relay (5.7.64)"
            )))
        }
    }

    /// The connector that knows the client by its certificate or address decides; where none does, one that goes by the
    /// sender's name alone asks of whoever writes with it.
    pub(crate) fn demand_of_tenant(
        &self,
        tenant: &exchange_online::Configuration,
        at: LocationId,
        party: Party,
        message: &Message,
    ) -> TlsLevel {
        let concerned = || self.inbound_about(at, tenant, message);
        let knows = |connector: &&InboundConnector| {
            let by_list = connector.lockdown.is_some() && self.is_among(at, party);
            connector.restricts() && (by_list || self.recognizes(connector, party))
        };
        let level = |connector: &InboundConnector| match &connector.tls_sender_certificate_name {
            _ if !connector.require_tls => TlsLevel::None,
            Some(_) => TlsLevel::Verified,
            None => TlsLevel::Encrypted,
        };
        let by_name = || concerned().filter(|connector| !connector.restricts());
        let demanded = match concerned().filter(knows).map(level).max() {
            Some(known) => Some(known),
            None => by_name().map(level).max(),
        };
        demanded.unwrap_or(TlsLevel::None)
    }

    /// The connector of type `OnPremises` that knows the sending end.
    pub(crate) fn own_connector<'t>(
        &self,
        at: LocationId,
        tenant: &'t exchange_online::Configuration,
        party: Party,
        offered: TlsLevel,
    ) -> Option<&'t InboundConnector> {
        let known = self.inbound_from(at, tenant, party).filter(|connector| {
            connector.connector_type == ConnectorType::OnPremises
                && is_shown(connector, offered)
                && self.recognizes(connector, party)
        });
        // A certificate is looked at before an address is.
        known.min_by_key(|connector| connector.tls_sender_certificate_name.is_none())
    }

    /// Whether a connector knows the sending end: as the one that its routes come from, or as anybody with the certificate.
    fn recognizes(&self, connector: &InboundConnector, party: Party) -> bool {
        self.carries(&connector.routes, party) || self.shows_certificate(connector, party)
    }

    /// Whether the sending end shows a certificate with the name that a connector goes by; two places may have one.
    fn shows_certificate(&self, connector: &InboundConnector, party: Party) -> bool {
        let wanted = connector.tls_sender_certificate_name.as_deref();
        wanted.is_some_and(|wanted| {
            let mut names = self.shown_names(party);
            names.any(|name| stands_for(wanted, name))
        })
    }

    /// The names on the certificate that a sending end shows.
    pub(crate) fn shown_names(&self, party: Party) -> impl Iterator<Item = &str> {
        let topology = &self.plan.topology;
        let shown = match party {
            Party::Location(id) => topology.location(id).client_certificate(),
            Party::Partner(id) => topology.partner(id).client_certificate(),
            Party::Device(id) => topology.device(id).certificate.as_ref(),
            Party::Internet | Party::Discard | Party::Reject => None,
        };
        let names = shown.into_iter().flat_map(|certificate| &certificate.names);
        names.map(|at| at.value.as_str())
    }

    /// A lockdown by addresses knows only who leaves from them.
    fn is_known_to(&self, lock: &InboundConnector, party: Party) -> bool {
        let from = party.location().map(|from| self.leaves_from(from));
        let from = from.unwrap_or_default();
        lock.tls_sender_certificate_name.is_some()
            || (!from.is_empty()
                && from
                    .iter()
                    .all(|network| is_within(network, &lock.sender_ip_addresses)))
    }

    /// Since November 2023 the certificate's name or the envelope sender must belong to an accepted domain.
    /// <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/updated-requirements-smtp-relay>
    pub(crate) fn may_relay(
        &self,
        at: LocationId,
        own: &InboundConnector,
        message: &Message,
    ) -> bool {
        let by_sender = message
            .sender
            .as_ref()
            .is_some_and(|sender| self.accepted(at, sender.domain()).is_some());
        let by_certificate = own
            .tls_sender_certificate_name
            .as_ref()
            .is_some_and(|name| {
                let name = name.strip_prefix("*.").unwrap_or(name);
                let accepted = &self.plan.place(at).accepted;
                std::iter::successors(Some(name), |node| Some(node.split_once('.')?.1))
                    .any(|node| AcceptedDomain::find(accepted, node).is_some())
            });
        by_sender || by_certificate
    }
}

/// Whether the name that a connector goes by is this one; a star stands for one label.
fn stands_for(wanted: &str, name: &str) -> bool {
    let below = |base| name.split_once('.').is_some_and(|(_, rest)| rest == base);
    wanted == name || wanted.strip_prefix("*.").is_some_and(below)
}

/// A certificate is shown in a TLS session or not at all.
fn is_shown(connector: &InboundConnector, offered: TlsLevel) -> bool {
    offered > TlsLevel::None || connector.tls_sender_certificate_name.is_none()
}

/// Whether a connector's `SenderDomains` hold the envelope sender; the empty one is everybody's.
pub(crate) fn admits_sender(connector: &InboundConnector, message: &Message) -> bool {
    connector.sender_domains.iter().any(|pattern| {
        *pattern == Pattern::Any
            || message.sender.as_ref().is_some_and(|sender| {
                let domain = sender.domain();
                // `SenderDomains` covers the domain itself too: <https://learn.microsoft.com/powershell/module/exchange/new-inboundconnector>
                pattern.matches(domain) || pattern.base() == Some(domain)
            })
    })
}

/// Whether a range lies within others, of which a connector holds a wide one as several narrow ones.
fn is_within(network: &Network, known: &[Network]) -> bool {
    let whole = |part: &Network| known.iter().any(|known| known.contains(part));
    whole(network) || (network.prefix_len() >= 8 && network.split_v4_24().iter().all(whole))
}
