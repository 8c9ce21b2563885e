//! Accepted domains: the address class of each, who exists in it, and how a split domain finds its mailboxes.
//!
//! Three patterns for a split domain. A: every recipient is known, those of other places have an entry each. B: the same,
//! and those in a tenant are replaced by their routing addresses, which no other place takes for its own. C: only the
//! mailboxes here are listed, and the domain's own entry takes everybody else on.

use super::hops::{Hops, Outgoing};
use super::lower::{Scene, mailbox_hop};
use super::{Alias, Configuration, Entry, HopId, Key};
use crate::finding::{Finding, Findings, Object};
use crate::plan::AcceptedDomain;
use crate::source::Span;
use crate::topology::{AcceptedType, Domain, Holder, Holds, LocationId, Recipient};
use crate::values::{Address, DomainName, Pattern};

/// Fills in everything that follows from the domains this place accepts.
pub(super) fn domains(
    scene: &Scene<'_>,
    outgoing: &Outgoing,
    hops: &mut Hops,
    configuration: &mut Configuration,
    findings: &mut Findings,
) {
    configuration.mailbox_hop = mailbox_hop(scene, hops, &Pattern::Any);
    let mut undelivered = Vec::new();
    let mut lowering = Lowering {
        scene,
        outgoing,
        hops,
        configuration,
        findings,
    };
    for accepted in scene.accepted {
        let domain = scene
            .topology
            .domain_named(&accepted.domain)
            .map(|id| scene.topology.domain(id));
        let here = domain.and_then(|domain| {
            domain
                .holders
                .iter()
                .find(|holder| holder.location == scene.id)
        });
        let service = lowering.mailbox_hop(&accepted.domain);
        if here.is_some() && service.is_none() {
            undelivered.push(accepted);
        }
        match (domain, here) {
            (Some(domain), Some(holder)) if !domain.is_split() && !accepted.subdomains => {
                lowering.mailbox_domain(accepted, holder, service);
            }
            _ => lowering.relay_domain(accepted, domain, here, service),
        }
        if let (Some(domain), Some(holder)) = (domain, here) {
            lowering.redirects(domain, holder);
        }
    }
    if let Some(first) = undelivered.first() {
        findings.push(
            Finding::error(
                "X014",
                format!(
                    "`{}` holds mailboxes of `{}` and nobody says what they are handed to, so their mail would wait",
                    scene.location.name,
                    first.domain.unicode()
                ),
            )
            .at(first.span, "held here")
            .on(scene.object())
            .domains(undelivered.iter().map(|accepted| accepted.domain.as_str()))
            .help("write `delivers_to: \"lmtp:unix:private/dovecot-lmtp\"` with the service that takes them"),
        );
    }
}

struct Lowering<'a, 'b> {
    scene: &'b Scene<'a>,
    outgoing: &'b Outgoing,
    hops: &'b mut Hops,
    configuration: &'b mut Configuration,
    findings: &'b mut Findings,
}

impl Lowering<'_, '_> {
    fn mailbox_hop(&mut self, domain: &DomainName) -> Option<HopId> {
        mailbox_hop(self.scene, self.hops, &Pattern::Exact(domain.clone()))
    }

    /// A domain whose mailboxes are all here.
    fn mailbox_domain(
        &mut self,
        accepted: &AcceptedDomain,
        holder: &Holder,
        service: Option<HopId>,
    ) {
        let name = &accepted.domain;
        self.configuration
            .mailbox_domains
            .insert(name.clone(), accepted.span);
        match &holder.holds {
            Holds::Listed(recipients) => {
                for (address, span) in addresses(recipients) {
                    self.configuration
                        .mailboxes
                        .entry(Key::Address(address.clone()))
                        .or_insert(span);
                }
            }
            Holds::Count(_) | Holds::Rest => {
                self.configuration
                    .mailboxes
                    .insert(Key::Domain(name.clone()), holder.span);
            }
        }
        // A route may have put an entry there, which would carry our own mail away.
        let key = Key::Domain(name.clone());
        self.configuration.transport.remove(&key);
        if let Some(hop) = service.filter(|_| service != self.configuration.mailbox_hop) {
            self.configuration.transport.insert(
                key,
                Entry {
                    hop,
                    span: holder.span,
                },
            );
        }
    }

    /// A domain that is passed on, wholly or in part; also one with unnamed subdomains, which no other class can take.
    fn relay_domain(
        &mut self,
        accepted: &AcceptedDomain,
        domain: Option<&Domain>,
        here: Option<&Holder>,
        service: Option<HopId>,
    ) {
        let name = &accepted.domain;
        let mut keys = vec![Key::Domain(name.clone())];
        if accepted.subdomains {
            keys.push(Key::Below(name.clone()));
        }
        for key in &keys {
            self.configuration
                .relay_domains
                .insert(key.clone(), accepted.span);
        }
        let rest_is_here = here.is_some_and(|holder| match holder.holds {
            Holds::Rest => true,
            Holds::Count(_) => domain.is_some_and(|domain| !domain.is_split()),
            Holds::Listed(_) => domain.is_some_and(|domain| !domain.is_split()),
        });
        let main = domain.and_then(|domain| main_holder(domain, self.scene.id));
        let entry = if rest_is_here {
            service.map(|hop| (hop, here.map_or(accepted.span, |holder| holder.span)))
        } else {
            self.outgoing
                .toward(self.scene, name, main)
                .map(|(route, span)| (self.hops.of_route(self.scene, route, true), span))
        };
        for key in &keys {
            match entry {
                Some((hop, span)) => {
                    self.configuration
                        .transport
                        .insert(key.clone(), Entry { hop, span });
                }
                None => {
                    self.configuration.transport.remove(key);
                }
            }
        }
        self.recipients(accepted, domain);
        if let Some(domain) = domain.filter(|domain| domain.is_split()) {
            self.split(accepted, domain, here, service, main);
        }
    }

    /// Who exists in a relay domain. Where nobody can tell, everybody does.
    fn recipients(&mut self, accepted: &AcceptedDomain, domain: Option<&Domain>) {
        let table = &mut self.configuration.relay_recipients;
        if accepted.subdomains {
            table.insert(Key::Below(accepted.domain.clone()), accepted.span);
        }
        let listed = domain
            .filter(|domain| accepted.kind == AcceptedType::Authoritative && domain.is_listed());
        let Some(domain) = listed else {
            table.insert(Key::Domain(accepted.domain.clone()), accepted.span);
            return;
        };
        for holder in &domain.holders {
            for (address, span) in addresses(listed_of(holder)) {
                if *address.domain() == accepted.domain {
                    table.entry(Key::Address(address.clone())).or_insert(span);
                }
            }
        }
    }

    /// Entries for single recipients of a split domain.
    fn split(
        &mut self,
        accepted: &AcceptedDomain,
        domain: &Domain,
        here: Option<&Holder>,
        service: Option<HopId>,
        main: Option<LocationId>,
    ) {
        let name = &accepted.domain;
        if let Some(Holder {
            holds: Holds::Count(_),
            span,
            ..
        }) = here
        {
            self.unlisted(domain, *span);
            return;
        }
        let complete = domain.is_listed() && accepted.kind == AcceptedType::Authoritative;
        let rest_is_here = here.is_some_and(|holder| matches!(holder.holds, Holds::Rest));
        if let (Some(holder), Some(hop), false) = (here, service, rest_is_here) {
            self.entries(holder, hop);
        }
        let mut pattern = if complete {
            "A: every recipient is known"
        } else {
            "C: the mailboxes here are listed"
        };
        if complete || rest_is_here {
            for holder in &domain.holders {
                if holder.location == self.scene.id {
                    continue;
                }
                if self
                    .scene
                    .topology
                    .location(holder.location)
                    .tenant()
                    .is_some()
                {
                    pattern = "B: recipients in the tenant are replaced by their routing addresses";
                    self.routing_addresses(holder);
                } else if rest_is_here || main != Some(holder.location) {
                    let route = self
                        .outgoing
                        .toward(self.scene, name, Some(holder.location));
                    if let Some((route, _)) = route {
                        let hop = self.hops.of_route(self.scene, route, true);
                        self.entries(holder, hop);
                    }
                }
            }
        } else if here.is_none() {
            pattern = "C: all of it is passed on";
        }
        let everybody = if rest_is_here {
            Some(self.scene.id)
        } else {
            main
        };
        let text = match everybody {
            Some(id) => format!(
                "{pattern}; whoever has no entry is at `{}`",
                self.scene.topology.location(id).name
            ),
            None => pattern.to_owned(),
        };
        self.configuration.splits.insert(name.clone(), text);
    }

    fn entries(&mut self, holder: &Holder, hop: HopId) {
        for (address, span) in addresses(listed_of(holder)) {
            self.configuration
                .transport
                .insert(Key::Address(address.clone()), Entry { hop, span });
        }
    }

    /// Recipients whose mailbox is in a tenant, by the addresses that reach it from anywhere.
    fn routing_addresses(&mut self, holder: &Holder) {
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
    fn redirects(&mut self, domain: &Domain, holder: &Holder) {
        let aliases = &mut self.configuration.aliases;
        for recipient in listed_of(holder) {
            for (address, span) in addresses(std::slice::from_ref(recipient)).skip(1) {
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
                    "X015",
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
            for (address, span) in addresses(listed_of(holder)) {
                aliases
                    .entry(Key::Address(address.clone()))
                    .or_insert_with(|| Alias {
                        targets: vec![address.clone()],
                        span,
                    });
            }
        }
        aliases.insert(
            Key::Domain(domain.name.clone()),
            Alias {
                targets: vec![catch_all.value.clone()],
                span: catch_all.span,
            },
        );
    }

    fn unlisted(&mut self, domain: &Domain, span: Span) {
        let name = domain.name.unicode();
        self.findings.push(
            Finding::error(
                "X010",
                format!(
                    "`{}` holds some mailboxes of `{name}` and the spec does not say which, so Postfix cannot tell them from the others",
                    self.scene.location.name
                ),
            )
            .at(span, "only a count")
            .on(Object::Domain(domain.name.to_string()))
            .on(self.scene.object())
            .help(format!("list them: `{}: {{file: {}-users.csv}}`, or write `{}: rest` and list the others", self.scene.location.name, self.scene.location.name, self.scene.location.name)),
        );
    }
}

/// The holder of whoever has no entry of his own: the rest, else the holder that has most, the first by id among equals.
fn main_holder(domain: &Domain, here: LocationId) -> Option<LocationId> {
    let size = |holder: &&Holder| match &holder.holds {
        Holds::Rest => u64::MAX,
        Holds::Count(count) => *count,
        Holds::Listed(list) => list.len() as u64,
    };
    domain
        .holders
        .iter()
        .filter(|holder| holder.location != here)
        .max_by_key(|holder| (size(holder), std::cmp::Reverse(holder.location)))
        .map(|holder| holder.location)
}

fn is_here(domain: &Domain, here: &Holder, address: &Address) -> bool {
    let listed = |holder: &Holder| {
        listed_of(holder)
            .binary_search_by(|recipient| recipient.address.cmp(address))
            .is_ok()
    };
    match here.holds {
        Holds::Listed(_) => listed(here),
        Holds::Count(_) | Holds::Rest => !domain.holders.iter().any(listed),
    }
}

fn listed_of(holder: &Holder) -> &[Recipient] {
    match &holder.holds {
        Holds::Listed(recipients) => recipients,
        Holds::Count(_) | Holds::Rest => &[],
    }
}

/// Every address of the mailboxes, the main one of each first.
fn addresses(recipients: &[Recipient]) -> impl Iterator<Item = (&Address, Span)> {
    recipients.iter().flat_map(|recipient| {
        let aliases = recipient
            .details
            .as_ref()
            .and_then(|details| details.aliases.as_deref())
            .unwrap_or_default();
        std::iter::once(&recipient.address)
            .chain(aliases.iter().filter(|alias| **alias != recipient.address))
            .map(|address| (address, recipient.span))
    })
}
