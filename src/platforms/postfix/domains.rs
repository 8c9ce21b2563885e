//! Accepted domains: the address class of each, who exists in it, and how a split domain finds its mailboxes.
//!
//! Mail for a split domain follows the domain's own entry toward one next hop, and an entry for each listed address toward
//! the others, whatever is known of all recipients. Three patterns: A: every recipient is known. B: the same, and
//! recipients in a tenant are replaced by their routing addresses, which no other location takes for its own. C: not
//! everybody is listed, and the domain's own entry takes the others on.

use crate::finding::{Code, Finding, Findings, Object};
use crate::platforms::postfix::fill::fill;
use crate::platforms::postfix::hops::{Hops, Outgoing};
use crate::platforms::postfix::lower::{Scene, mailbox_hop};
use crate::platforms::postfix::redirects::{addresses, listed_of};
use crate::platforms::postfix::{Alias, Configuration, Entry, HopId, Key};
use crate::routes::split::weight;
use crate::routes::{AcceptedDomain, RouteId, accepted_directory};
use crate::source::Span;
use crate::topology::{AcceptedType, Directory, Domain, Holder, Holds, Topology};
use crate::values::{Address, DomainName, Pattern};

/// Fills in everything that follows from the domains this place accepts.
pub(crate) fn domains(
    scene: &Scene<'_>,
    outgoing: &Outgoing<'_>,
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
        if scene.location.routing_domain().as_ref() == Some(&accepted.domain) {
            lowering.own_routing_domain(accepted);
            continue;
        }
        let service = lowering.mailbox_hop(&accepted.domain);
        if here.is_some() && service.is_none() {
            undelivered.push(accepted);
        }
        match (domain, here) {
            (Some(domain), here)
                if (here.is_some() && !domain.is_split()
                    || lowering.ends_here(accepted, domain))
                    && !accepted.subdomains
                    && !is_within_another(scene, &accepted.domain) =>
            {
                lowering.mailbox_domain(accepted, here, service);
            }
            _ => lowering.relay_domain(accepted, domain, here, service),
        }
        if let (Some(domain), Some(holder)) = (domain, here) {
            lowering.redirects(domain, holder);
        }
    }
    lowering.named_elsewhere();
    if let Some(first) = undelivered.first() {
        findings.push(
            Finding::error(
                Code::X014,
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

/// The holders of a domain toward which one route leads.
struct Group<'d> {
    route: Option<(RouteId, Span)>,
    holders: Vec<&'d Holder>,
}

impl<'d> Group<'d> {
    /// What makes the domain belong to this group, most first: mailboxes that can be told from others by the domain alone,
    /// because no list and no routing domain does, then its size.
    fn weight(&self, topology: &Topology) -> (bool, (bool, bool, u64)) {
        let needs_domain = self.nameless(topology).is_some();
        (needs_domain, weight(self.holders.iter().copied()))
    }

    /// A holder without a list and without a routing domain, by which others reach it.
    fn nameless(&self, topology: &Topology) -> Option<&'d Holder> {
        let mut holders = self.holders.iter().copied();
        holders.find(|holder| {
            !matches!(holder.holds, Holds::Listed(_))
                && topology
                    .location(holder.location)
                    .routing_domain()
                    .is_none()
        })
    }
}

/// What the domains of a place become, one after the other.
pub(crate) struct Lowering<'a, 'b> {
    pub scene: &'b Scene<'a>,
    pub outgoing: &'b Outgoing<'a>,
    pub hops: &'b mut Hops,
    pub configuration: &'b mut Configuration,
    pub findings: &'b mut Findings,
}

impl Lowering<'_, '_> {
    /// Whether this location takes a domain for its own to the last address, and knows only its own mailboxes of it, if any.
    fn ends_here(&self, accepted: &AcceptedDomain, domain: &Domain) -> bool {
        let here = self.scene.id;
        accepted.kind == AcceptedType::Authoritative
            && !domain.holders.is_empty()
            && accepted_directory(self.scene.topology, domain, here) == Directory::Own
    }

    fn mailbox_hop(&mut self, domain: &DomainName) -> Option<HopId> {
        mailbox_hop(self.scene, self.hops, &Pattern::Exact(domain.clone()))
    }

    /// A domain whose mailboxes are all here, or for which the others do not exist.
    fn mailbox_domain(
        &mut self,
        accepted: &AcceptedDomain,
        holder: Option<&Holder>,
        service: Option<HopId>,
    ) {
        let name = &accepted.domain;
        self.configuration
            .mailbox_domains
            .insert(name.clone(), accepted.span);
        // A route may have put an entry there, which would carry our own mail away.
        let key = Key::Domain(name.clone());
        self.configuration.transport.remove(&key);
        let Some(holder) = holder else { return };
        match &holder.holds {
            Holds::Listed(recipients) => {
                let listed = addresses(recipients)
                    .map(|(address, span)| (Key::Address(address.clone()), span));
                fill(&mut self.configuration.mailboxes, listed);
            }
            Holds::Count(_) | Holds::Rest => {
                self.configuration
                    .mailboxes
                    .insert(Key::Domain(name.clone()), holder.span);
            }
        }
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

    /// The routing domain of this location: each address in it stands for the mailbox with the same local part.
    fn own_routing_domain(&mut self, accepted: &AcceptedDomain) {
        let name = &accepted.domain;
        let domains = &mut self.configuration.relay_domains;
        domains.insert(Key::Domain(name.clone()), accepted.span);
        let scene = self.scene;
        for domain in scene
            .topology
            .domains
            .iter()
            .filter(|domain| domain.is_split())
        {
            let mut holders = domain.holders.iter();
            let Some(holder) = holders.find(|holder| holder.location == scene.id) else {
                continue;
            };
            if let Holds::Rest = holder.holds {
                self.unlisted(domain, holder.span);
            }
            let aliases = listed_of(holder).iter().filter_map(|recipient| {
                let reached = Address::of(recipient.address.local(), name)?;
                let targets = vec![recipient.address.clone()];
                let span = recipient.span;
                Some((Key::Address(reached), Alias { targets, span }))
            });
            fill(&mut self.configuration.aliases, aliases);
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
        let groups = domain.map_or_else(Vec::new, |domain| self.groups(domain));
        let into_mailboxes =
            service.map(|hop| (hop, here.map_or(accepted.span, |holder| holder.span)));
        let route = if let Some(group) = groups.first() {
            group.route
        } else {
            let key = Key::Domain(name.clone());
            self.outgoing.toward(self.scene, &key, None)
        };
        let below = domain.and_then(Domain::main_holder);
        let route_below = self
            .outgoing
            .toward(self.scene, &Key::Below(name.clone()), below);
        let mut hop = |route: Option<(RouteId, Span)>| {
            route.map(|(route, span)| (self.hops.of_route(self.scene, route, true), span))
        };
        let (onward, onward_below) = (hop(route), hop(route_below));
        // Unnamed subdomains end at one place, which has no others to ask.
        let below_is_here =
            domain.is_some_and(|domain| domain.main_holder() == Some(self.scene.id));
        for key in &keys {
            let (is_here, onward) = match key {
                Key::Below(_) => (below_is_here, onward_below),
                Key::Domain(_) | Key::Address(_) => (rest_is_here, onward),
            };
            match if is_here { into_mailboxes } else { onward } {
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
            self.split(accepted, domain, here, service, &groups);
        }
    }

    /// Domains that have a name and a place of their own are no unnamed subdomains, even where they lie below one whose
    /// unnamed subdomains are accepted here.
    fn named_elsewhere(&mut self) {
        let scene = self.scene;
        for domain in &scene.topology.domains {
            let accepted_here = scene.accepted.named(&domain.name).is_some();
            if accepted_here || !is_within_another(scene, &domain.name) {
                continue;
            }
            let mut keys = vec![Key::Domain(domain.name.clone())];
            if domain.subdomains {
                keys.push(Key::Below(domain.name.clone()));
            }
            for key in keys {
                let way = self
                    .outgoing
                    .toward(scene, &key, domain.main_holder())
                    .map(|(route, span)| (self.hops.of_route(scene, route, false), span));
                if let Some((hop, span)) = way {
                    let entry = Entry { hop, span };
                    self.configuration
                        .transport
                        .entry(key.clone())
                        .or_insert(entry);
                }
                self.configuration.not_relayed.insert(key, domain.span);
            }
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
            let listed = addresses(listed_of(holder))
                .filter(|(address, _)| *address.domain() == accepted.domain)
                .map(|(address, span)| (Key::Address(address.clone()), span));
            fill(table, listed);
        }
        // Whoever is only forwarded has no mailbox, and exists all the same.
        for forward in &domain.forwards {
            table
                .entry(Key::Address(forward.address.clone()))
                .or_insert(forward.span);
        }
    }

    /// The holders elsewhere by the route toward them, the group that the domain belongs to first.
    fn groups<'d>(&self, domain: &'d Domain) -> Vec<Group<'d>> {
        let mut groups: Vec<Group<'d>> = Vec::new();
        let elsewhere = domain.holders.iter();
        let key = Key::Domain(domain.name.clone());
        for holder in elsewhere.filter(|holder| holder.location != self.scene.id) {
            let route = self
                .outgoing
                .toward(self.scene, &key, Some(holder.location));
            match groups.iter_mut().find(|group| group.route == route) {
                Some(group) => group.holders.push(holder),
                None => groups.push(Group {
                    route,
                    holders: vec![holder],
                }),
            }
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.weight(self.scene.topology)));
        groups
    }

    /// Entries for single recipients of a split domain.
    fn split(
        &mut self,
        accepted: &AcceptedDomain,
        domain: &Domain,
        here: Option<&Holder>,
        service: Option<HopId>,
        groups: &[Group<'_>],
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
        self.indistinguishable(domain, groups);
        let complete = domain.is_listed() && accepted.kind == AcceptedType::Authoritative;
        let rest_is_here = here.is_some_and(|holder| matches!(holder.holds, Holds::Rest));
        if let (Some(holder), Some(hop), false) = (here, service, rest_is_here) {
            self.entries(holder, hop);
        }
        // Either of two equal groups may have the domain: each of their addresses has an entry of its own.
        let first_is_equal = match groups {
            [first, second, ..] => {
                let topology = self.scene.topology;
                first.weight(topology) == second.weight(topology)
            }
            _ => false,
        };
        let mut by_routing_address = false;
        for (at, group) in groups.iter().enumerate() {
            for holder in &group.holders {
                let location = self.scene.topology.location(holder.location);
                if (complete || rest_is_here) && location.tenant().is_some() {
                    by_routing_address = true;
                    self.routing_addresses(holder);
                } else if let Some((route, _)) = group.route
                    && (at > 0 || first_is_equal || rest_is_here)
                {
                    let hop = self.hops.of_route(self.scene, route, true);
                    self.entries(holder, hop);
                }
            }
        }
        let pattern = if by_routing_address {
            "B: recipients in the tenant are replaced by their routing addresses"
        } else if complete {
            "A: every recipient is known"
        } else if groups.len() > 1 {
            "C: the mailboxes beyond other next hops are listed"
        } else if here.is_none() {
            "C: all of it is passed on"
        } else {
            "C: the mailboxes here are listed"
        };
        let main = groups.first().map(|group| {
            let holders = group.holders.iter().map(|holder| {
                let location = self.scene.topology.location(holder.location);
                format!("`{}`", location.name)
            });
            holders.collect::<Vec<_>>().join(" or ")
        });
        let everybody = if rest_is_here {
            Some(format!("`{}`", self.scene.location.name))
        } else {
            main
        };
        let text = match everybody {
            Some(names) => format!("{pattern}; whoever has no entry is at {names}"),
            None => pattern.to_owned(),
        };
        self.configuration.splits.insert(name.clone(), text);
    }

    /// Beyond two derived routes there are mailboxes that neither a list nor a routing domain tells apart.
    fn indistinguishable(&mut self, domain: &Domain, groups: &[Group<'_>]) {
        let mut unlisted = groups.iter().filter_map(|group| {
            let (route, _) = group.route?;
            let holder = group.nameless(self.scene.topology)?;
            (!self.scene.route(route).is_written()).then_some(holder)
        });
        let (Some(first), Some(second)) = (unlisted.next(), unlisted.next()) else {
            return;
        };
        let name = |holder: &Holder| &self.scene.topology.location(holder.location).name;
        let (here, one, other) = (&self.scene.location.name, name(first), name(second));
        self.findings.push(
            Finding::error(
                Code::X010,
                format!(
                    "the spec does not say which mailboxes of `{}` are at `{one}` and which at `{other}`, so Postfix at `{here}` cannot send their mail on by two routes",
                    domain.name.unicode()
                ),
            )
            .at(second.span, "no list")
            .at(first.span, "no list here either")
            .on(Object::Domain(domain.name.to_string()))
            .on(self.scene.object())
            .help(format!("list those of one of them: `{other}: {{file: {other}-users.csv}}`")),
        );
    }

    fn entries(&mut self, holder: &Holder, hop: HopId) {
        let listed = addresses(listed_of(holder))
            .map(|(address, span)| (Key::Address(address.clone()), Entry { hop, span }));
        fill(&mut self.configuration.transport, listed);
    }

    fn unlisted(&mut self, domain: &Domain, span: Span) {
        let name = domain.name.unicode();
        self.findings.push(
            Finding::error(
                Code::X010,
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

/// Whether the name is also one of the unnamed names below another accepted domain. Then it is a relay domain as that one
/// is: Postfix warns of a domain in two classes.
fn is_within_another(scene: &Scene<'_>, name: &DomainName) -> bool {
    scene.accepted.around(name).is_some()
}
