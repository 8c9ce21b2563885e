//! Whether Exchange Online takes a message of a client.
//!
//! Certificates and addresses are looked at first, the sender's name where they know nobody. Source:
//! <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/use-connectors-to-configure-mail-flow>

use crate::platforms::exchange_online::{self, InboundConnector};
use crate::topology::LocationId;
use crate::values::{DomainName, TlsLevel};
use crate::walk::Model;
use crate::walk::admit::{Admission, Admitted, is_locked};
use crate::walk::attribution::AtTenant;
use crate::walk::state::{Cause, Message, Reason, State};

impl Model<'_> {
    /// Exchange Online: an `OnPremises` connector grants rights, a `Partner` connector restricts.
    pub(crate) fn admit_tenant(
        &self,
        tenant: &exchange_online::Configuration,
        message: &Message,
        state: &State,
        (client, headers): (&AtTenant, bool),
    ) -> Vec<Admitted> {
        let here = self.name(state.at);
        let domain = state.recipient.domain();
        let accepted = self.accepted(state.at, domain).is_some();
        if let Some((own, by_certificate)) = self.own_at(state.at, tenant, client, domain) {
            if !accepted && !self.may_relay(state.at, client, message) {
                return vec![Admitted::no(Cause::NotAllowed.because(format!(
                    "`{here}` relays for `{domain}` only where the certificate or the envelope sender belongs to one of its accepted domains (5.7.64)"
                )))];
            }
            let kept = own.cloud_services_mail_enabled && by_certificate && headers;
            let admission = Admission {
                known: true,
                inside: own.treat_messages_as_internal || (kept && state.inside),
                detoured: kept,
            };
            if kept || self.lookup.detour(state.at).is_none() {
                return vec![Admitted::yes(admission)];
            }
            let lost = Admission {
                known: false,
                ..admission.clone()
            };
            // A connector that could keep the headers of whom it knows by a certificate, and shall not, removes the mark.
            if by_certificate && !own.cloud_services_mail_enabled {
                return vec![Admitted::yes(lost)];
            }
            // The detour ends because the tenant takes the mail as its own, or for the sake of the headers, which are lost.
            let reading = |answer, admission| Admitted {
                verdict: Ok(admission),
                readings: vec![("R11", answer)],
            };
            let spared = Admission {
                detoured: true,
                ..admission
            };
            return vec![reading("attributed", spared), reading("headers", lost)];
        }
        let verdict = self.admit_stranger(tenant, message, state, client, accepted);
        vec![Admitted {
            verdict: verdict.map(|()| Admission {
                known: false,
                inside: false,
                detoured: false,
            }),
            readings: Vec::new(),
        }]
    }

    fn admit_stranger(
        &self,
        tenant: &exchange_online::Configuration,
        message: &Message,
        state: &State,
        client: &AtTenant,
        accepted: bool,
    ) -> Result<(), Reason> {
        let here = self.name(state.at);
        let domain = state.recipient.domain();
        let satisfies = |(index, _): &(usize, &InboundConnector)| client.partners.contains(index);
        let locks = || {
            let all = self.locks(state.at, tenant);
            all.filter(|(_, lock)| is_locked(state) && self.concerns(state.at, lock, domain))
        };
        // Who is known to a lock by a certificate or an address is looked up by it, whoever wrote the mail. Of several locks
        // one is enough; the documents leave that open.
        if locks().any(|lock| satisfies(&lock)) {
            return self.accepts(here, domain, accepted);
        }
        // Nor is the sender's name asked for where another connector that restricts knows the client
        // (<https://github.com/MicrosoftDocs/OfficeDocs-Exchange/pull/1041>).
        let about = self.inbound_about(state.at, tenant, message, domain);
        let mut restricting =
            about.filter(|(_, connector)| connector.restricts() && !connector.is_lock());
        let known = restricting.clone().any(|connector| satisfies(&connector));
        if let Some((_, lock)) = locks().next().filter(|_| !known) {
            return Err(Cause::Restricted.because(format!(
                "connector `{}` of `{here}` rejects all other senders (5.7.51)",
                lock.name
            )));
        }
        if let Some((_, connector)) = restricting.find(|connector| !satisfies(connector)) {
            return Err(Cause::Restricted.because(format!(
                "connector `{}` of `{here}` takes this sender's mail from its own servers only (5.7.51)",
                connector.name
            )));
        }
        let spoofed = message
            .sender
            .as_ref()
            .is_some_and(|sender| self.accepted(state.at, sender.domain()).is_some());
        if tenant.settings.reject_direct_send == Some(true) && spoofed && !known {
            return Err(Cause::Restricted.because(format!(
                "`{here}` rejects external senders that use its own domains (RejectDirectSend, 5.7.68)"
            )));
        }
        self.accepts(here, domain, accepted)
    }

    fn accepts(&self, here: &str, domain: &DomainName, accepted: bool) -> Result<(), Reason> {
        if accepted {
            return Ok(());
        }
        Err(Cause::NotAccepted.because(format!(
            "`{here}` does not accept `{domain}` and does not know the sender as one that may relay (5.7.64)"
        )))
    }

    /// The connector that knows the client by its certificate or address decides; where none does, one that goes by the
    /// sender's name alone asks of whoever writes with it. What a connector of our own takes, no other restricts.
    pub(crate) fn demand_of_tenant(
        &self,
        tenant: &exchange_online::Configuration,
        at: LocationId,
        client: &AtTenant,
        (message, recipient): (&Message, &DomainName),
    ) -> TlsLevel {
        if self.own_at(at, tenant, client, recipient).is_some() {
            return TlsLevel::None;
        }
        let concerned = || self.inbound_about(at, tenant, message, recipient);
        // A name without the restriction says nothing about who may use the connector, so that any certificate will do.
        // <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector#-restrictdomainstocertificate>
        let level = |(_, connector): (usize, &InboundConnector)| {
            if connector.restrict_domains_to_certificate {
                TlsLevel::Verified
            } else if connector.require_tls {
                TlsLevel::Encrypted
            } else {
                TlsLevel::None
            }
        };
        let mut known = concerned()
            .filter(|(index, _)| client.partners.contains(index))
            .map(level)
            .peekable();
        let by_name = || concerned().filter(|(_, connector)| !connector.restricts());
        let demanded = if known.peek().is_some() {
            known.max()
        } else {
            by_name().map(level).max()
        };
        demanded.unwrap_or(TlsLevel::None)
    }

    /// Since November 2023 the certificate's name or the envelope sender must belong to an accepted domain.
    /// <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/updated-requirements-smtp-relay>
    pub(crate) fn may_relay(&self, at: LocationId, client: &AtTenant, message: &Message) -> bool {
        let by_sender = message
            .sender
            .as_ref()
            .is_some_and(|sender| self.accepted(at, sender.domain()).is_some());
        by_sender || client.certified
    }
}
