//! Locations.

mod accepts;
mod keys;
mod kind;
mod sends;

pub(super) use accepts::location_refs;
use accepts::{accepts, only_from};
use keys::refuse_foreign_keys;
use kind::kind;
use sends::{default_centralized, refuse_circles, sends};

use crate::finding::{Code, Finding, Object};
use crate::platforms::product::Trait;
use crate::source::At;
use crate::spec;
use crate::topology::resolve::certificate::certificate;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::duplicates::{Once, twice};
use crate::topology::resolve::host::{hosts, service_host};
use crate::topology::resolve::{list, text};
use crate::topology::{ClientServices, Directory, Domain, Location, LocationId, MailingLists};
use crate::values::{DomainName, Size};
use crate::yaml::Slot;
use std::collections::BTreeMap;

/// A location as written, with its name.
pub(super) type Written = (At<String>, At<spec::Location>);

/// All locations, in the order of their ids. Where one is too broken to be known, it stands as a gateway, so that ids
/// hold; then there is an error, and nothing is derived.
pub(super) fn locations(written: &[Written], scope: &mut Scope<'_>) -> Vec<Location> {
    let mut locations: Vec<Location> = written
        .iter()
        .enumerate()
        .map(|(index, (name, item))| location(LocationId::from_index(index), name, item, scope))
        .collect();
    refuse_double_tenants(&locations, scope);
    default_centralized(&mut locations, scope);
    refuse_circles(&locations, scope);
    locations
}

fn location(
    id: LocationId,
    name: &At<String>,
    item: &At<spec::Location>,
    scope: &mut Scope<'_>,
) -> Location {
    let written = &item.value;
    match written.kind.get() {
        Some(kind) => refuse_foreign_keys(name, *kind, written, scope),
        None if written.kind.is_absent() => {
            scope.require("kind", "kind: exchange-online", name, Object::Location);
        }
        None => {}
    }
    let directory = directory(written, name, scope);
    Location {
        name: name.value.clone(),
        span: name.span,
        kind: kind(id, name, written, scope),
        hosts: hosts(&written.hosts, scope),
        smart_hosts: hosts(&written.smart_hosts, scope),
        egress: list::egress(&written.egress, scope),
        certificate: certificate(&written.certificate, scope),
        client_certificate: certificate(&written.client_certificate, scope),
        sends: sends(id, name, &written.sends, scope),
        routing_domain: scope.slot(&written.routing_domain, DomainName::parse),
        directory,
        tls: written.tls.at().copied(),
        accept_only_from: only_from(id, &written.accept_only_from, scope),
        outgoing_step: written.outgoing_step.or(false),
        accepts: written
            .accepts
            .span
            .map(|span| At::new(accepts(&written.accepts, scope), span)),
        also_accepts: accepts(&written.also_accepts, scope),
        auth: scope.slot(&written.auth, text::credential),
        trusted: written.trusted.or(false),
        shared: written.shared.or(false),
        max_message_size: scope.slot(&written.max_message_size, Size::parse),
        recipient_delimiter: scope.slot(&written.recipient_delimiter, text::delimiter),
        clients: clients(&written.clients, scope),
        spf: scope.slot(&written.spf, text::spf_terms),
        modifies_body: written.modifies_body.or(false),
        rewrites_sender: written.rewrites_sender.at().copied(),
        bounce_domain: kind::bounce_domain(written, scope),
        mailing_lists: mailing_lists(written, scope),
        helo: scope.slot(&written.helo, DomainName::parse),
        renamed_from: crate::topology::resolve::renamed_from(&written.renamed_from, scope),
    }
}

/// Lists that rewrite the author are lists, and nobody says that there are any.
fn mailing_lists(written: &spec::Location, scope: &mut Scope<'_>) -> Option<MailingLists> {
    let lists = written.mailing_lists.at().filter(|at| at.value);
    if let (None, Some(at)) = (lists, written.rewrites_author.at().filter(|at| at.value)) {
        scope.error_help(
            Code::S019,
            "`rewrites_author` is what mailing lists do, and nothing says that there are any",
            at.span,
            "write `mailing_lists: true` beside it, or leave it out",
        );
    }
    Some(MailingLists {
        rewrites_author: written.rewrites_author.or(false),
        span: lists?.span,
    })
}

/// A tenant is one place, however many things it does.
fn refuse_double_tenants(locations: &[Location], scope: &mut Scope<'_>) {
    let mut seen: BTreeMap<String, &Location> = BTreeMap::new();
    for location in locations {
        let Some(tenant) = location
            .tenant()
            .filter(|tenant| !tenant.tenant.value.is_empty())
        else {
            continue;
        };
        match seen.get(&tenant.initial_domain()) {
            None => {
                seen.insert(tenant.initial_domain(), location);
            }
            Some(first) => {
                let first_span = first
                    .tenant()
                    .map_or(first.span, |tenant| tenant.tenant.span);
                let words = format!(
                    "`{}` and `{}` are the same tenant `{}`",
                    first.name, location.name, tenant.tenant.value
                );
                scope.findings.push(
                    twice(words, tenant.tenant.span, first_span)
                        .help("write one location for it")
                        .on(Object::Location(first.name.clone()))
                        .on(Object::Location(location.name.clone())),
                );
            }
        }
    }
}

/// A routing domain says at which location a recipient is, so it is a name of one location and of nothing else.
pub(super) fn check_routing_domains(
    locations: &[Location],
    domains: &[Domain],
    scope: &mut Scope<'_>,
) {
    let mut seen: Once<DomainName> = Once::default();
    for location in locations {
        let Some(written) = &location.routing_domain else {
            continue;
        };
        let name = &written.value;
        let words = || {
            format!(
                "`{}` is the routing domain of two locations",
                name.unicode()
            )
        };
        if let Some(twice) = seen.again(name.clone(), written.span, words) {
            scope
                .findings
                .push(twice.on(Object::Location(location.name.clone())));
        }
        let holder = domains.iter().find(|domain| {
            domain.name == *name || (domain.subdomains && name.is_below(&domain.name))
        });
        if let Some(domain) = holder {
            let finding = Finding::error(
                Code::S019,
                format!(
                    "`{}` cannot be the routing domain of `{}`: it belongs to the domain `{}`, whose recipients may be elsewhere",
                    name.unicode(),
                    location.name,
                    domain.name.unicode()
                ),
            )
            .at(written.span, "")
            .at(domain.span, "the domain")
            .on(Object::Location(location.name.clone()))
            .help("write a name below one of your domains that is used for nothing else");
            scope.findings.push(finding);
        }
    }
}

fn directory(
    written: &spec::Location,
    name: &At<String>,
    scope: &mut Scope<'_>,
) -> Option<At<Directory>> {
    let at = written.directory.at()?;
    let value = match at.value {
        spec::Directory::Complete => Directory::Complete,
        spec::Directory::Own => Directory::Own,
        spec::Directory::Callout => {
            if let Some(kind) = written.kind.get()
                && !kind.is(Trait::CallsOut)
            {
                scope.findings.push(
                    Finding::error(
                        Code::S022,
                        format!("`{}` is `{}`, which cannot call out", name.value, kind.word),
                    )
                    .at(at.span, "")
                    .help("write `complete` or `own`: only `postfix` knows `callout`")
                    .on(Object::Location(name.value.clone())),
                );
            }
            // It is asked whether a recipient exists, so that it knows them all without a list.
            Directory::Complete
        }
    };
    Some(At::new(value, at.span))
}

fn clients(slot: &Slot<Box<spec::Clients>>, scope: &mut Scope<'_>) -> ClientServices {
    let Some(written) = slot.get() else {
        return ClientServices::default();
    };
    let services = [
        ("imaps", &written.imaps, 993),
        ("submission", &written.submission, 587),
        ("submissions", &written.submissions, 465),
        ("imap", &written.imap, 143),
        ("pop3s", &written.pop3s, 995),
    ];
    ClientServices {
        services: services
            .into_iter()
            .filter_map(|(name, slot, port)| {
                let at = slot.at()?;
                let host = service_host(&at.value, port, at.span, scope)?;
                Some((name, At::new(host, at.span)))
            })
            .collect(),
    }
}
