//! Addresses that others take the place of: further addresses of a mailbox, forwards, the catch-all, and the routing
//! addresses of mailboxes in a tenant.

use crate::finding::{Code, Finding, Object};
use crate::platforms::postfix::domains::Lowering;
use crate::platforms::postfix::fill::fill;
use crate::platforms::postfix::{Alias, Key};
use crate::routes::facts::reached_under;
use crate::source::Span;
use crate::topology::{Domain, Holder, Holds, Recipient};
use crate::values::Address;

impl Lowering<'_, '_> {
    /// Recipients whose mailbox is in a tenant, by the addresses that reach it from anywhere.
    pub(super) fn routing_addresses(&mut self, holder: &Holder) {
        let Some(tenant) = self.scene.topology.location(holder.location).tenant() else {
            return;
        };
        let suffix = tenant.routing_domain();
        for recipient in listed_of(holder) {
            let written = recipient
                .details
                .as_ref()
                .and_then(|details| details.target.clone());
            let target = match written {
                Some(target) => Some(target),
                None => Address::parse(&format!("{}@{suffix}", recipient.address.local())).ok(),
            };
            let Some(target) = target else { continue };
            for (address, span) in addresses(std::slice::from_ref(recipient)) {
                if *address == target {
                    continue;
                }
                self.configuration.aliases.insert(
                    Key::Address(address.clone()),
                    Alias {
                        targets: vec![target.clone()],
                        span,
                    },
                );
            }
        }
    }

    /// Redirects that act where the mailbox is: other addresses of a mailbox, forwards, and the catch-all address.
    pub(super) fn redirects(&mut self, domain: &Domain, holder: &Holder) {
        let aliases = &mut self.configuration.aliases;
        for recipient in listed_of(holder) {
            for (address, span) in addresses(std::slice::from_ref(recipient)).skip(1) {
                // A tenant's own names are of the mailboxes that it holds.
                if reached_under(self.scene.topology, address.domain()).is_some() {
                    continue;
                }
                let targets = vec![recipient.address.clone()];
                aliases.insert(Key::Address(address.clone()), Alias { targets, span });
            }
        }
        for forward in &domain.forwards {
            if !is_here(domain, holder, &forward.address) {
                continue;
            }
            let mut targets = vec![forward.target.clone()];
            if forward.keep_copy {
                targets.push(forward.address.clone());
            }
            let span = forward.span;
            aliases.insert(
                Key::Address(forward.address.clone()),
                Alias { targets, span },
            );
        }
        let Some(catch_all) = &domain.catch_all else {
            return;
        };
        if !domain.is_listed() {
            self.findings.push(
                Finding::error(
                    Code::X015,
                    format!("`catch_all` of `{}` has no list to go by, and would take the mail of every mailbox", domain.name.unicode()),
                )
                .at(catch_all.span, "for mail to unlisted addresses")
                .on(Object::Domain(domain.name.to_string()))
                .help("list the addresses of every location that holds mailboxes of it"),
            );
            return;
        }
        // The catch-all is asked before the mailboxes are, so that each of them stands for itself.
        for holder in &domain.holders {
            let listed = addresses(listed_of(holder)).map(|(address, span)| {
                let targets = vec![address.clone()];
                (Key::Address(address.clone()), Alias { targets, span })
            });
            fill(aliases, listed);
        }
        aliases.insert(
            Key::Domain(domain.name.clone()),
            Alias {
                targets: vec![catch_all.value.clone()],
                span: catch_all.span,
            },
        );
    }
}

/// Whether a redirect of this address acts here: where its mailbox is, and where nobody has one, at the place that has
/// most of the others.
fn is_here(domain: &Domain, here: &Holder, address: &Address) -> bool {
    let listed = |holder: &Holder| {
        listed_of(holder)
            .binary_search_by(|recipient| recipient.address.cmp(address))
            .is_ok()
    };
    match here.holds {
        Holds::Listed(_) if domain.is_listed() && !domain.holders.iter().any(listed) => {
            domain.main_holder() == Some(here.location)
        }
        Holds::Listed(_) => listed(here),
        Holds::Count(_) | Holds::Rest => !domain.holders.iter().any(listed),
    }
}

pub(crate) fn listed_of(holder: &Holder) -> &[Recipient] {
    match &holder.holds {
        Holds::Listed(recipients) => recipients,
        Holds::Count(_) | Holds::Rest => &[],
    }
}

/// Every address of the mailboxes, the main one of each first. Of a list that does not say which they are, the address
/// that shall reach a mailbox is one.
pub(crate) fn addresses(recipients: &[Recipient]) -> impl Iterator<Item = (&Address, Span)> {
    recipients.iter().flat_map(|recipient| {
        let details = recipient.details.as_ref();
        let aliases = details.and_then(|details| details.aliases.as_deref());
        let target = details.and_then(|details| details.target.as_ref());
        std::iter::once(&recipient.address)
            .chain(aliases.unwrap_or_default())
            .chain(target.filter(|_| aliases.is_none()))
            .enumerate()
            .filter(|(at, address)| *at == 0 || **address != recipient.address)
            .map(|(_, address)| address)
            .map(|address| (address, recipient.span))
    })
}
