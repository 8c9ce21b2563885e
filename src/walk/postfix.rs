//! What a Postfix instance does with a message, asked of its tables in the order in which Postfix asks them.
//!
//! Sources: <https://www.postfix.org/SMTPD_ACCESS_README.html>, <https://www.postfix.org/ADDRESS_REWRITING_README.html>,
//! <https://www.postfix.org/transport.5.html>. This module must not know how a table is written.

use crate::platforms::postfix::{
    Because, Class, Configuration, Limit, Right, Selection, SenderAccess, TlsPolicyLevel,
};
use crate::routes::facts::reached_under;
use crate::topology::{ExchangeVersion, LocationId, Party};
use crate::values::{Address, DomainName, Pattern, TlsLevel};
use crate::walk::admit::{Admission, is_locked};
use crate::walk::attribution::AtPostfix;
use crate::walk::client::hides;
use crate::walk::handover::Handing;
use crate::walk::state::{
    Arrival, Cause, Ends, Message, Next, Reason, Redirect, Shows, State, Step,
};
use crate::walk::tls::Expects;
use crate::walk::{Home, Model};

impl Model<'_> {
    /// Whether a client gets its message in, by the tables of access.
    pub(crate) fn admit_postfix(
        &self,
        tables: &Configuration,
        message: &Message,
        state: &State,
        (party, client): (Party, &AtPostfix),
    ) -> Result<Admission, Reason> {
        let here = self.name(state.at);
        let recipient = &state.recipient;
        let domain = recipient.domain();
        if !client.talked_to && is_locked(state) {
            return Err(self.locked_out(state.at, party));
        }
        if let Some(sender) = &message.sender
            && let Some(SenderAccess::Parked(_)) = tables.sender_access(sender)
        {
            return Err(Cause::NotAllowed.because(format!(
                "nobody writes from the parked `{}`",
                sender.domain()
            )));
        }
        if let Some(sender) = &message.sender
            && let Some(SenderAccess::Partner(at)) = tables.sender_access(sender)
            && !client.partners.contains(&at)
        {
            return Err(Cause::Restricted.because(format!(
                "mail from `{}` is taken from its partner's own servers only",
                sender.domain()
            )));
        }
        if tables.refuses(recipient) {
            return Err(Cause::NotAccepted.because(format!("`{domain}` takes no mail")));
        }
        let admission = |known| Admission {
            known,
            inside: state.inside,
            detoured: false,
        };
        match client.right {
            Some(Right::Relay) => return Ok(admission(true)),
            Some(Right::Limited(at)) => {
                let limit = tables.limits.get(at);
                let within = limit.map(|limit| within(limit, message, domain));
                match within {
                    Some(Ok(())) => return Ok(admission(true)),
                    Some(Err(what)) if limit.is_some_and(|limit| !limit.else_stranger) => {
                        return Err(Cause::NotAllowed.because(format!(
                            "`{}` may not {what} at `{here}`",
                            self.party(party)
                        )));
                    }
                    Some(Err(_)) | None => {}
                }
            }
            None => {}
        }
        if tables.class(domain) == Class::Default {
            return Err(Cause::NotAccepted.because(format!(
                "`{here}` does not accept `{domain}`, and `{}` may not relay there",
                self.party(party)
            )));
        }
        Ok(admission(false))
    }

    /// Why the recipient is refused, where it is: no table has it, or the next hop, when asked, does not.
    pub(crate) fn unknown_to_postfix(
        &self,
        tables: &Configuration,
        state: &State,
    ) -> Option<Reason> {
        let here = self.name(state.at);
        let recipient = &state.recipient;
        if tables.class(recipient.domain()) == Class::Default {
            return None;
        }
        let way = tables.way(recipient, None);
        // Where nobody knows the next hop, Postfix puts off whoever asks before it looks for the recipient.
        let puts_off = |way: &Selection<'_>| tables.hop(way.hop).service == "retry";
        if way.as_ref().is_some_and(puts_off) {
            return None;
        }
        if !tables.knows(recipient) {
            let cause = match state.home {
                Home::At(_) => Cause::HalfDirectory,
                Home::Nobody | Home::Outside => Cause::NoRecipient,
            };
            return Some(cause.because(format!(
                "no table of `{here}` has the recipient `{recipient}`"
            )));
        }
        let next = self
            .asked(tables, state.at, recipient)
            .filter(|_| tables.callout)?;
        if next == state.at {
            return (state.home != Home::At(next)).then(|| {
                Cause::NoRecipient.because(format!(
                    "`{here}` asks its mailbox service, which has no mailbox for `{recipient}`"
                ))
            });
        }
        let there = State {
            at: next,
            ..state.clone()
        };
        self.unknown(&there).map(|reason| {
            let why = format!(
                "`{here}` asks `{}` for the recipient: {}",
                self.name(next),
                reason.why
            );
            reason.cause.because(why)
        })
    }

    /// The location that tells whether a recipient exists when this instance asks its next hop (`directory: callout`), itself
    /// where its own mailbox service does; `None` where an answer would tell nothing.
    pub(crate) fn asked(
        &self,
        tables: &Configuration,
        at: LocationId,
        recipient: &Address,
    ) -> Option<LocationId> {
        let hop = tables.hop(tables.way(recipient, None)?.hop);
        let Some(route) = hop.route else {
            let answers = matches!(hop.service.as_str(), "lmtp" | "smtp" | "relay");
            return answers.then_some(at);
        };
        let next = self.plan.route(route).to.location()?;
        (!self.answers_yes_to_all(next, &hop.next_hop)).then_some(next)
    }

    /// Whether a location takes every recipient of a session, so that asking it tells nothing. The front end of Exchange Server
    /// 2013 and later, which listens on port 25, has no list of recipients: they are refused behind it, after the data.
    /// <https://learn.microsoft.com/exchange/antispam-and-antimalware/antispam-protection/recipient-filtering-procedures>
    fn answers_yes_to_all(&self, at: LocationId, next_hop: &str) -> bool {
        let server = self.plan.topology.location(at).exchange_server();
        server.is_some_and(|server| server.version.value >= ExchangeVersion::V2013 && !server.edge)
            && next_hop
                .split(", ")
                .any(|host| host.is_empty() || host.ends_with(":25"))
    }

    /// Aliases first, then the way of what is left.
    pub(crate) fn in_postfix(
        &self,
        tables: &Configuration,
        message: &Message,
        state: &State,
    ) -> Vec<Step> {
        let recipient = &state.recipient;
        let alias = tables.alias(recipient);
        let targets = alias.map_or(&[][..], |alias| alias.targets.as_slice());
        let mut steps = Vec::new();
        for target in targets.iter().filter(|target| *target != recipient) {
            for meaning in self.people.meanings(self.plan, target) {
                // The address of a mailbox in its tenant's own name means the same person.
                let same = meaning.home == state.home
                    && reached_under(&self.plan.topology, target.domain()).is_some();
                // Another address of the same mailbox is none, nor is one that it only should have.
                let is_own = match state.home {
                    Home::At(home) => {
                        self.people.target(&state.person, home).as_ref() == Some(target)
                    }
                    Home::Nobody | Home::Outside => false,
                };
                let redirect = alias
                    .filter(|_| !same && !is_own && meaning.person != state.person)
                    .map(|alias| Redirect {
                        address: state.person.clone(),
                        target: target.clone(),
                        span: alias.span,
                    });
                let onward = State {
                    arrival: Arrival::Submitted,
                    recipient: target.clone(),
                    person: if same {
                        state.person.clone()
                    } else {
                        meaning.person
                    },
                    home: meaning.home,
                    ..state.clone()
                };
                // Only the session asks whether a recipient is listed: what an alias leads to goes its way.
                let mut onward = match tables.alias(target) {
                    Some(_) => vec![Step::still(Next::State(onward))],
                    None => self.over_transport(tables, message, &onward),
                };
                for step in &mut onward {
                    step.assuming.extend(meaning.assuming.clone());
                    step.redirect.clone_from(&redirect);
                }
                steps.extend(onward);
            }
        }
        if targets.is_empty() || targets.contains(recipient) {
            steps.extend(self.over_transport(tables, message, state));
        }
        steps
    }

    fn over_transport(
        &self,
        tables: &Configuration,
        message: &Message,
        state: &State,
    ) -> Vec<Step> {
        let here = self.name(state.at);
        let name = state.recipient.domain();
        let Some(way) = tables.way(&state.recipient, message.sender.as_ref()) else {
            if tables.class(name) == Class::Mailboxes {
                let why = format!("nobody says what mailboxes at `{here}` are handed to");
                let reason = Cause::AsWritten.because(why);
                return vec![Step::end(Ends::Deferred(state.at), reason)];
            }
            let mut handing = Handing::mx(name);
            let own = self.plan.topology.location(state.at).client_certificate();
            handing.shows = if hides(own, tables.client_certificate.as_deref()) {
                Shows::Nothing
            } else {
                Shows::Own
            };
            handing.tls = level(tables.tls(None, name));
            handing.expects = Expects::Names(tables.expected_names(None, name));
            handing.why = format!("no table of `{here}` names `{name}`");
            return self.hand(message, state, &handing);
        };
        let hop = tables.hop(way.hop);
        let Some(id) = hop.route else {
            if hop.service == "retry" {
                let why = format!("the tables of `{here}` put it off until it expires");
                let reason = Cause::AsWritten.because(why);
                return vec![Step::end(Ends::Deferred(state.at), reason)];
            }
            return vec![self.to_mailbox(state)];
        };
        let mut handing = self.over(id);
        handing.mx = hop.next_hop.is_empty();
        let shown = self.plan.route(id).shown(&self.plan.topology);
        // What a service of the host's own shows, its master.cf says; mail that waits will be shown for as its route says.
        let is_known = hop.service != "retry" && !tables.is_of_host(&hop.service);
        if is_known && hides(shown, tables.shown(hop)) {
            handing.shows = Shows::Nothing;
        }
        handing.tls = match hop.service.as_str() {
            // Nobody knows the next hop yet. Once it is known it stands in the table of policies, as the route says.
            "retry" => written_level(self.plan.route(id).tls),
            _ => level(tables.tls(Some(hop), name)),
        };
        handing.expects = Expects::Names(tables.expected_names(Some(hop), name));
        handing.why = in_words(way.because);
        self.hand(message, state, &handing)
    }

    fn to_mailbox(&self, state: &State) -> Step {
        let here = self.name(state.at);
        if state.home == Home::At(state.at) {
            let why = format!("the mailbox of `{}` is at `{here}`", state.person);
            return Step::end(Ends::Delivered(state.at), Cause::AsWritten.because(why));
        }
        let why = format!("`{here}` has no mailbox for `{}`", state.recipient);
        let cause = match state.home {
            Home::At(_) => Cause::HalfDirectory,
            Home::Nobody | Home::Outside => Cause::NoRecipient,
        };
        Step::end(Ends::Bounced(state.at), cause.because(why))
    }
}

/// What a limited client may not do, where this message is not within its limit.
fn within(limit: &Limit, message: &Message, domain: &DomainName) -> Result<(), String> {
    if !Pattern::admit(&limit.recipients, Some(domain)) {
        return Err(format!("write to `{domain}`"));
    }
    if !Pattern::admit(&limit.senders, message.sender_domain()) {
        return Err(message.sending());
    }
    Ok(())
}

/// What the tables demand of the connection of a sender.
pub(crate) fn demand(tables: &Configuration, message: &Message) -> TlsLevel {
    let access = message
        .sender
        .as_ref()
        .and_then(|sender| tables.sender_access(sender));
    match access {
        Some(SenderAccess::RequireTls(_) | SenderAccess::Partner(_)) => TlsLevel::Encrypted,
        Some(SenderAccess::Parked(_) | SenderAccess::Open(_)) | None => TlsLevel::None,
    }
}

const fn level(policy: TlsPolicyLevel) -> TlsLevel {
    match policy {
        TlsPolicyLevel::None => TlsLevel::None,
        TlsPolicyLevel::May => TlsLevel::Opportunistic,
        TlsPolicyLevel::Encrypt => TlsLevel::Encrypted,
        TlsPolicyLevel::Secure => TlsLevel::Verified,
    }
}

/// What the table of policies will say: Postfix has no level between encryption and a name that is checked.
const fn written_level(level: TlsLevel) -> TlsLevel {
    match level {
        TlsLevel::CaVerified => TlsLevel::Verified,
        TlsLevel::None | TlsLevel::Opportunistic | TlsLevel::Encrypted | TlsLevel::Verified => {
            level
        }
    }
}

fn in_words(because: Because<'_>) -> String {
    match because {
        Because::Transport(key) => format!("the transport table has `{key}`"),
        Because::Sender(key) => format!("the table of senders has `{key}`"),
        Because::Mailbox => "the domain's mailboxes are here".to_owned(),
        Because::Default => "no table names it, so it takes the default way".to_owned(),
    }
}
