//! Written routes.

use crate::finding::{Code, Finding, Object, Operation, nearest};
use crate::platforms::product::Trait;
use crate::source::{At, Span};
use crate::spec::{self, Kind};
use crate::topology::resolve::certificate::certificate;
use crate::topology::resolve::context::{Scope, Wanted, listed};
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::host::hosts;
use crate::topology::resolve::{list, text};
use crate::topology::{
    AcceptedBy, Certificate, ExchangeVersion, Location, Party, Recipients, SkipListing, SmartHosts,
    WrittenRoute,
};
use crate::values::{DomainName, Pattern};
use crate::yaml::{Form, List, Slot, Word};

/// Names of routes and rules become names of connectors, which Exchange limits.
pub(super) const MOST_NAME: usize = 64;

/// Services that every Postfix has.
const OWN_TRANSPORTS: [&str; 3] = ["smtp", "relay", "lmtp"];

/// Those that hand mail to nobody else, and what to write instead (<https://www.postfix.org/master.5.html>).
const ENDS: [(&str, &str); 5] = [
    ("discard", "write `to: discard`"),
    ("error", "write `to: reject`"),
    ("local", "leave it out"),
    ("retry", "leave it out"),
    ("virtual", "leave it out"),
];

/// All routes in the order written, without those whose ends are not known.
pub(super) fn routes(
    list: &[At<spec::Route>],
    locations: &[Location],
    scope: &mut Scope<'_>,
) -> Vec<WrittenRoute> {
    let mut names = Once::default();
    list.iter()
        .filter_map(|item| route(item, locations, &mut names, scope))
        .collect()
}

fn route(
    item: &At<spec::Route>,
    locations: &[Location],
    names: &mut Once<String>,
    scope: &mut Scope<'_>,
) -> Option<WrittenRoute> {
    let written = &item.value;
    let name = name("route", &written.name, item.span, names, scope);
    for (key, slot) in [("from", &written.from), ("to", &written.to)] {
        if slot.is_absent() {
            scope.error_help(
                Code::S018,
                format!("this route has no `{key}`"),
                item.span,
                format!("write `{key}: LOCATION`"),
            );
        }
    }
    let from = end(
        &written.from,
        &[Wanted::Location, Wanted::Partner, Wanted::Device],
        scope,
    );
    let to = end(
        &written.to,
        &[
            Wanted::Location,
            Wanted::Partner,
            Wanted::Internet,
            Wanted::Discard,
            Wanted::Reject,
        ],
        scope,
    );
    let only_by_rule = written.only_by_rule.or(false);
    let recipients = recipients(item, from, only_by_rule, scope);
    let accepted_by = accepted_by(&written.accepted_by, scope);
    if let (Some(accepted), Some(headers)) = (
        &accepted_by,
        written.hybrid_headers.at().filter(|at| at.value),
    ) && accepted.value == AcceptedBy::Nothing
    {
        scope.findings.push(
            Finding::error(
                Code::S019,
                "the receiving end does not know the sender and so keeps no cross-premises headers",
            )
            .at(headers.span, "")
            .at(accepted.span, "the sender is not known")
            .help("leave `hybrid_headers` out, or say how the sender is known"),
        );
    }
    let result = WrittenRoute {
        name,
        span: item.span,
        from: from.unwrap_or(At::new(Party::Internet, item.span)),
        to: to.unwrap_or(At::new(Party::Reject, item.span)),
        recipients,
        smart_hosts: smart_hosts(&written.smart_hosts, scope),
        cost: written.cost.or(1),
        tls: written.tls.at().copied(),
        client_certificate: client_certificate(written, from, locations, scope),
        enabled: At::new(
            written.enabled.or(true),
            written.enabled.span().unwrap_or(item.span),
        ),
        only_by_rule,
        accepted_by,
        senders: senders(written, scope),
        hybrid_headers: written.hybrid_headers.at().copied(),
        skip_listing: skip_listing(&written.skip_listing, scope),
        skip_listing_users: list::addresses(&written.skip_listing_users, scope),
        transport: transport(written, from, locations, scope),
        auth: scope.slot(&written.auth, text::credential),
        servers: servers(written, from, locations, scope),
        only_for: list::values(&written.only_for, "domain", DomainName::parse, scope),
        managed: managed(&written.managed, [from, to], scope),
        trusted: written.trusted.or(false),
        renamed_from: scope.slot(&written.renamed_from, |text| text::line(text, MOST_NAME)),
    };
    let (from, to) = (from?, to?);
    if from.value == to.value {
        scope.findings.push(
            Finding::error(Code::S008, "this route leads back to where it starts: its mail would loop until it bounces")
                .at(to.span, "")
                .at(from.span, "it starts here")
                .help("name the location that takes the mail, or leave the route out: delivery inside a location needs none"),
        );
        return None;
    }
    refuse_at_receiver(written, to, scope);
    refuse_mx(written, from, scope);
    Some(result)
}

/// The name of a route or rule, unique among its kind.
pub(super) fn name(
    what: &str,
    slot: &Slot<crate::yaml::Text>,
    span: Span,
    names: &mut Once<String>,
    scope: &mut Scope<'_>,
) -> Option<At<String>> {
    if slot.is_absent() {
        scope.error_help(
            Code::S018,
            format!("this {what} has no `name`"),
            span,
            "write `name: N`, at most 64 characters",
        );
    }
    let name = scope.slot(slot, |text| text::line(text, MOST_NAME))?;
    // Exchange compares names without regard to case.
    let key = name.value.to_lowercase();
    let words = || format!("the {what} `{}` stands twice", name.value);
    let again = names.again(key, name.span, words);
    let again = again.map(|finding| finding.help("give one of them another name"));
    scope.findings.extend(again);
    Some(name)
}

fn end(
    slot: &Slot<crate::yaml::Ref>,
    wanted: &[Wanted],
    scope: &mut Scope<'_>,
) -> Option<At<Party>> {
    let at = slot.at()?;
    scope.party(&at.value, at.span, wanted)
}

/// A route that a rule chooses, and a route that says how somebody's mail is taken, need no recipients.
fn recipients(
    item: &At<spec::Route>,
    from: Option<At<Party>>,
    only_by_rule: bool,
    scope: &mut Scope<'_>,
) -> At<Recipients> {
    let written = &item.value.recipients;
    let span = written.span().unwrap_or(item.span);
    let patterns = list::patterns(written, scope);
    let accepted = patterns
        .iter()
        .position(|pattern| pattern.value == Pattern::AcceptedDomains);
    match (accepted, patterns.as_slice()) {
        (Some(_), [_]) => return At::new(Recipients::AcceptedDomains, span),
        (Some(at), _) => {
            let place = patterns.get(at).map_or(span, |pattern| pattern.span);
            scope.error_help(
                Code::S019,
                "`accepted-domains` stands alone",
                place,
                "write two routes, one for `accepted-domains` and one for the other patterns",
            );
        }
        (None, _) => {}
    }
    let takes = matches!(
        from.map(|at| at.value),
        Some(Party::Partner(_) | Party::Device(_))
    );
    if !written.is_written() && !only_by_rule && !takes && from.is_some() {
        scope.error_help(
            Code::S018,
            "this route has no `recipients`, and no mail would take it",
            item.span,
            "write `recipients: [\"*\"]` for all mail, or the domains it is for",
        );
    }
    At::new(Recipients::Patterns(patterns), span)
}

fn senders(written: &spec::Route, scope: &mut Scope<'_>) -> Vec<At<Pattern>> {
    let patterns = list::patterns(&written.senders, scope);
    for pattern in &patterns {
        if pattern.value == Pattern::AcceptedDomains {
            scope.error_help(
                Code::S019,
                "`accepted-domains` says nothing about senders",
                pattern.span,
                "name the domains of the senders",
            );
        }
    }
    patterns
}

fn smart_hosts(slot: &Slot<spec::SmartHosts>, scope: &mut Scope<'_>) -> SmartHosts {
    match slot.get() {
        None => SmartHosts::OfReceiver,
        Some(spec::SmartHosts::Mx) => SmartHosts::Mx,
        Some(spec::SmartHosts::Hosts(list)) => host_list(list, scope),
    }
}

/// An empty list is the default.
fn host_list(list: &List<spec::Host>, scope: &mut Scope<'_>) -> SmartHosts {
    let hosts = hosts(list, scope);
    if hosts.is_empty() {
        SmartHosts::OfReceiver
    } else {
        SmartHosts::Hosts(hosts)
    }
}

fn accepted_by(slot: &Slot<spec::AcceptedBy>, scope: &mut Scope<'_>) -> Option<At<AcceptedBy>> {
    let At { value, span } = slot.at()?;
    let value = match value {
        Form::Short(spec::AcceptedByWord::Certificate) => AcceptedBy::Certificate,
        Form::Short(spec::AcceptedByWord::Addresses) => AcceptedBy::Addresses,
        Form::Short(spec::AcceptedByWord::Nothing) => AcceptedBy::Nothing,
        Form::Long(long) => match (long.certificate.at(), long.addresses.span()) {
            (Some(name), None) => AcceptedBy::CertificateName(
                scope
                    .value(
                        &name.value,
                        name.span,
                        crate::topology::resolve::certificate::name,
                    )?
                    .value,
            ),
            (None, Some(_)) => AcceptedBy::Networks(list::egress(&long.addresses, scope)),
            (Some(_), Some(addresses)) => {
                scope.error_help(
                    Code::S019,
                    "certificate and addresses never stand in one connector",
                    addresses,
                    "keep one of them",
                );
                return None;
            }
            (None, None) => {
                if long.certificate.is_absent() {
                    scope.error_help(
                        Code::S018,
                        "this `accepted_by` says nothing",
                        *span,
                        "write `{certificate: NAME}`, `{addresses: [CIDR]}` or one of `certificate`, `addresses`, `nothing`",
                    );
                }
                return None;
            }
        },
    };
    Some(At::new(value, *span))
}

fn skip_listing(slot: &Slot<spec::SkipListing>, scope: &mut Scope<'_>) -> Option<At<SkipListing>> {
    let At { value, span } = slot.at()?;
    let value = match value {
        Word::Word(spec::SkipListingWord::None) => SkipListing::None,
        Word::Word(spec::SkipListingWord::Last) => SkipListing::Last,
        Word::List(listed) => SkipListing::Addresses(list::networks(listed, scope)),
    };
    Some(At::new(value, *span))
}

/// The Send connector of a route has source transport servers, one or more of those that the location has.
fn servers(
    written: &spec::Route,
    from: Option<At<Party>>,
    locations: &[Location],
    scope: &mut Scope<'_>,
) -> Vec<At<String>> {
    let servers = list::inline(&written.servers, text::server, scope);
    let servers = list::once(servers, "server", scope.findings);
    let (Some(span), Some(from)) = (written.servers.span, from) else {
        return servers;
    };
    let location = from.value.location();
    let location = location.and_then(|id| locations.get(id.index()));
    let Some((location, server)) =
        location.and_then(|location| Some((location, location.exchange_server()?)))
    else {
        scope.error_help(
            Code::S022,
            "this route starts at no Exchange Server location, which alone has `servers`",
            span,
            "leave it out",
        );
        return Vec::new();
    };
    let known: Vec<&str> = server.servers.iter().map(|at| at.value.as_str()).collect();
    let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    for server in servers.iter().filter(|at| !is_known(&at.value)) {
        let message = format!("`{}` has no server `{}`", location.name, server.value);
        let finding = Finding::error(Code::S001, message).at(server.span, "");
        let near = nearest(&server.value, known.iter().copied());
        scope.findings.push(match near {
            Some(near) => finding.mend(Operation::replace(server.span, &server.value, near)),
            None => finding.help(format!("write one of {}", listed(&known))),
        });
    }
    servers
}

/// Whether the connectors of a route are written. What one end of it is at a Postfix location stands in files that are
/// written whole.
fn managed(
    slot: &Slot<bool>,
    ends: [Option<At<Party>>; 2],
    scope: &mut Scope<'_>,
) -> Option<At<bool>> {
    let managed = slot.at().copied()?;
    let ends = ends.into_iter().flatten();
    let mut ends = ends.filter_map(|at| at.value.location());
    let whole = |kind: Kind| kind.is(Trait::WrittenWhole);
    let postfix = ends.find(|id| scope.kind(*id).is_some_and(whole));
    if let Some(id) = postfix.filter(|_| !managed.value) {
        let place = scope.location_name(id).to_owned();
        scope.findings.push(written_whole(&place, managed.span));
    }
    Some(managed)
}

/// Nothing of the files of a Postfix location can be left to others.
pub(super) fn written_whole(place: &str, span: Span) -> Finding {
    Finding::error(
        Code::S022,
        format!("`{place}` is `postfix`, whose files mailtopo writes whole"),
    )
    .at(span, "")
    .help("leave `managed` out")
    .on(Object::Location(place.to_owned()))
}

/// Postfix alone can look the MX of a next hop up.
fn refuse_mx(written: &spec::Route, from: At<Party>, scope: &mut Scope<'_>) {
    let postfix = from.value.location();
    let postfix = postfix.is_some_and(|id| {
        scope
            .kind(id)
            .is_none_or(|kind| kind.is(Trait::LooksUpHops))
    });
    let Some(spec::SmartHosts::Hosts(hosts)) = written.smart_hosts.get().filter(|_| !postfix)
    else {
        return;
    };
    for host in &hosts.items {
        if let Form::Long(long) = &host.value
            && let Some(mx) = long.mx.at().filter(|at| at.value)
        {
            scope.findings.push(
                Finding::error(
                    Code::S022,
                    "this route starts at no Postfix location, which alone looks the MX of a smart host up",
                )
                .at(mx.span, "")
                .at(from.span, "it starts here")
                .help("leave `mx` out, and name the host itself"),
            );
        }
    }
}

/// What the sending end presents on this route alone, where it is one that can choose.
fn client_certificate(
    written: &spec::Route,
    from: Option<At<Party>>,
    locations: &[Location],
    scope: &mut Scope<'_>,
) -> Option<Certificate> {
    let shown = certificate(&written.client_certificate, scope)?;
    let from = from?;
    let location = from
        .value
        .location()
        .and_then(|id| locations.get(id.index()));
    let (why, instead) = match location {
        None => (
            "this route starts at no location, and what others present is said where they are",
            "leave it out, and write `certificate` there",
        ),
        Some(location) if location.tenant().is_some() => (
            "a tenant presents the certificate of its provider on every route",
            "leave it out",
        ),
        Some(location)
            if location
                .exchange_server()
                .is_some_and(|server| server.version.value < ExchangeVersion::V2013) =>
        {
            (
                "a Send connector names a certificate (`TlsCertificateName`) from Exchange 2013 on",
                "leave it out, and write `client_certificate` at the location",
            )
        }
        Some(_) => return Some(shown),
    };
    scope.findings.push(
        Finding::error(Code::S022, why)
            .at(shown.span, "")
            .at(from.span, "it starts here")
            .help(instead),
    );
    None
}

/// Keys of the inbound connector of a tenant.
fn refuse_at_receiver(written: &spec::Route, to: At<Party>, scope: &mut Scope<'_>) {
    let tenant = to.value.location();
    let tenant = tenant.is_some_and(|id| scope.kind(id).is_none_or(|kind| kind.is_tenant()));
    if tenant {
        return;
    }
    for (key, span) in [
        ("skip_listing", written.skip_listing.span()),
        ("skip_listing_users", written.skip_listing_users.span()),
        ("only_for", written.only_for.span()),
    ] {
        if let Some(span) = span {
            scope.findings.push(
                Finding::error(
                    Code::S022,
                    format!("this route does not end at a tenant, which alone knows `{key}`"),
                )
                .at(span, "")
                .at(to.span, "it ends here")
                .help("leave it out"),
            );
        }
    }
}

fn transport(
    written: &spec::Route,
    from: Option<At<Party>>,
    locations: &[Location],
    scope: &mut Scope<'_>,
) -> Option<At<String>> {
    let service = scope.slot(&written.transport, text::service_name)?;
    let from = from?;
    let Some(location) = from
        .value
        .location()
        .and_then(|id| locations.get(id.index()))
    else {
        scope.error_help(
            Code::S022,
            "this route starts at no Postfix location, which alone knows `transport`",
            service.span,
            "leave it out",
        );
        return None;
    };
    let Some(postfix) = location.postfix() else {
        scope.findings.push(
            Finding::error(
                Code::S022,
                format!(
                    "`{}` is `{}`, which has no `transport`",
                    location.name,
                    location.product().word
                ),
            )
            .at(service.span, "")
            .help("leave it out: only `postfix` knows this key")
            .on(Object::Location(location.name.clone())),
        );
        return None;
    };
    if let Some((name, instead)) = ENDS.iter().find(|(name, _)| *name == service.value) {
        scope.error_help(
            Code::S019,
            format!("mail that is handed to `{name}` gets to nobody else, so the route would not lead to its end"),
            service.span,
            *instead,
        );
        return None;
    }
    let known: Vec<&str> = OWN_TRANSPORTS
        .into_iter()
        .chain(postfix.transports.iter().map(|at| at.value.as_str()))
        .chain(
            postfix
                .delivers_to
                .iter()
                .filter_map(|to| to.service.value.split(':').next()),
        )
        .collect();
    if !known.contains(&service.value.as_str()) {
        let finding = Finding::error(
            Code::S001,
            format!(
                "`{}` has no service `{}` that the spec knows",
                location.name, service.value
            ),
        )
        .at(service.span, "");
        scope
            .findings
            .push(match nearest(&service.value, known.iter().copied()) {
                Some(near) => finding.mend(Operation::replace(service.span, &service.value, near)),
                None => finding.help(format!(
                    "where it stands in master.cf, write `transports: [{}]` at `{}`",
                    service.value, location.name
                )),
            });
    }
    Some(service)
}
