//! Locations.

use super::certificate::certificate;
use super::host::{hosts, service_host};
use super::list;
use super::scope::{Scope, Wanted, listed};
use super::text;
use crate::finding::{Finding, Object};
use crate::source::{At, Span};
use crate::spec::{self, KINDS_OF_KEY};
use crate::topology::{
    Accept, AcceptedType, ClientServices, DeliversTo, Directory, Environment, ExchangeServer,
    ExchangeVersion, Gateway, GatewayTarget, Kind, Location, LocationId, MapType, Party, Postfix,
    Sends, Smtp, SmtpAuth, Tenant,
};
use crate::values::{Pattern, Size, TlsLevel};
use crate::yaml::{Form, List, Map, PatternText, Ref, Slot};
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
        None if written.kind.is_absent() => require("kind", "kind: exchange-online", name, scope),
        None => {}
    }
    let directory = directory(written, name, scope);
    Location {
        name: name.value.clone(),
        span: name.span,
        kind: kind(id, name, written, scope),
        hosts: hosts(&written.hosts, scope),
        smart_hosts: hosts(&written.smart_hosts, scope),
        egress: list::networks(&written.egress, scope),
        certificate: certificate(&written.certificate, scope),
        client_certificate: certificate(&written.client_certificate, scope),
        sends: sends(id, name, &written.sends, scope),
        directory,
        tls: level(&written.tls),
        accept_only_from: only_from(id, &written.accept_only_from, scope),
        accepts: written
            .accepts
            .span
            .map(|span| At::new(accepts(&written.accepts, scope), span)),
        also_accepts: accepts(&written.also_accepts, scope),
        auth: scope.slot(&written.auth, text::credential),
        trusted: written.trusted.or(false),
        max_message_size: scope.slot(&written.max_message_size, Size::parse),
        recipient_delimiter: scope.slot(&written.recipient_delimiter, text::delimiter),
        clients: clients(&written.clients, scope),
        spf: scope.slot(&written.spf, text::spf_terms),
        renamed_from: super::renamed_from(&written.renamed_from, scope),
    }
}

fn require(key: &str, example: &str, name: &At<String>, scope: &mut Scope<'_>) {
    scope.findings.push(
        Finding::error(
            "S018",
            format!("`{}` has no `{key}`, which it needs", name.value),
        )
        .at(name.span, "")
        .help(format!("write `{example}`"))
        .on(Object::Location(name.value.clone())),
    );
}

/// A key on a kind that does not know it would be ignored, so it is refused.
fn refuse_foreign_keys(
    name: &At<String>,
    kind: spec::Kind,
    written: &spec::Location,
    scope: &mut Scope<'_>,
) {
    for (key, span) in keys(written) {
        let Some(span) = span else {
            continue;
        };
        let Some((_, kinds)) = KINDS_OF_KEY.iter().find(|(known, _)| *known == key) else {
            continue;
        };
        if !kinds.contains(&kind) {
            let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
            scope.findings.push(
                Finding::error(
                    "S022",
                    format!(
                        "`{}` is `{}`, which has no `{key}`",
                        name.value,
                        kind.word()
                    ),
                )
                .at(span, "")
                .help(format!("leave it out: this key is for {}", listed(&words)))
                .on(Object::Location(name.value.clone())),
            );
        }
    }
}

/// Every key that only some kinds know, and where it is written.
fn keys(written: &spec::Location) -> [(&'static str, Option<Span>); 28] {
    [
        ("tenant", written.tenant.span()),
        ("primary_domain", written.primary_domain.span()),
        ("environment", written.environment.span()),
        ("hybrid_wizard", written.hybrid_wizard.span()),
        (
            "centralized_transport",
            written.centralized_transport.span(),
        ),
        ("reject_direct_send", written.reject_direct_send.span()),
        ("smtp_auth", written.smtp_auth.span()),
        ("version", written.version.span()),
        ("servers", written.servers.span),
        ("edge", written.edge.span()),
        ("hosts", written.hosts.span),
        ("smart_hosts", written.smart_hosts.span),
        ("egress", written.egress.span()),
        ("certificate", written.certificate.span()),
        ("client_certificate", written.client_certificate.span()),
        ("delivers_to", written.delivers_to.span()),
        ("map_type", written.map_type.span()),
        ("trusted_networks", written.trusted_networks.span()),
        ("transports", written.transports.span),
        ("forwards", written.forwards.span),
        ("modifies_body", written.modifies_body.span()),
        ("rewrites_sender", written.rewrites_sender.span()),
        ("arc_seal", written.arc_seal.span()),
        ("trusted", written.trusted.span()),
        ("spf", written.spf.span()),
        ("accept_only_from", written.accept_only_from.span),
        ("clients", written.clients.span()),
        ("recipient_delimiter", written.recipient_delimiter.span()),
    ]
}

fn kind(
    id: LocationId,
    name: &At<String>,
    written: &spec::Location,
    scope: &mut Scope<'_>,
) -> Kind {
    match written.kind.get() {
        Some(spec::Kind::ExchangeOnline) => Kind::Tenant(tenant(name, written, false, scope)),
        Some(spec::Kind::Eop) => Kind::Tenant(tenant(name, written, true, scope)),
        Some(spec::Kind::ExchangeServer) => {
            Kind::ExchangeServer(exchange_server(name, written, scope))
        }
        Some(spec::Kind::Postfix) => Kind::Postfix(postfix(written, scope)),
        Some(spec::Kind::Smtp) => Kind::Smtp(Smtp {
            forwards: forwards(id, &written.forwards, scope),
            modifies_body: written.modifies_body.or(false),
            rewrites_sender: written.rewrites_sender.or(false),
            arc_seal: written
                .arc_seal
                .at()
                .and_then(|at| scope.domain(&at.value, at.span)),
        }),
        Some(spec::Kind::Gateway) | None => Kind::Gateway(Gateway {
            forwards: forwards(id, &written.forwards, scope),
            modifies_body: written.modifies_body.or(false),
            rewrites_sender: written.rewrites_sender.or(false),
            arc_seal: written
                .arc_seal
                .at()
                .and_then(|at| scope.domain(&at.value, at.span)),
        }),
    }
}

fn tenant(
    name: &At<String>,
    written: &spec::Location,
    filtering_only: bool,
    scope: &mut Scope<'_>,
) -> Tenant {
    if written.tenant.is_absent() {
        require("tenant", "tenant: contoso", name, scope);
    }
    let tenant = scope.slot(&written.tenant, text::tenant);
    Tenant {
        filtering_only,
        tenant: tenant.unwrap_or_else(|| At::new(String::new(), name.span)),
        primary_domain: written
            .primary_domain
            .at()
            .and_then(|at| scope.domain(&at.value, at.span)),
        environment: match written.environment.or(spec::Environment::Worldwide) {
            spec::Environment::Worldwide => Environment::Worldwide,
            spec::Environment::GccHigh => Environment::GccHigh,
            spec::Environment::Dod => Environment::Dod,
            spec::Environment::China => Environment::China,
        },
        hybrid_wizard: written.hybrid_wizard.at().copied(),
        centralized_transport: written.centralized_transport.at().copied(),
        reject_direct_send: written.reject_direct_send.at().copied(),
        smtp_auth: written.smtp_auth.at().map(|at| {
            let value = match at.value {
                spec::SmtpAuth::Disabled => SmtpAuth::Disabled,
                spec::SmtpAuth::PerMailbox => SmtpAuth::PerMailbox,
                spec::SmtpAuth::Enabled => SmtpAuth::Enabled,
            };
            At::new(value, at.span)
        }),
    }
}

fn exchange_server(
    name: &At<String>,
    written: &spec::Location,
    scope: &mut Scope<'_>,
) -> ExchangeServer {
    if written.version.is_absent() {
        require("version", "version: 2019", name, scope);
    }
    if written.servers.items.is_empty() && !written.servers.incomplete {
        require("servers", "servers: [EX01]", name, scope);
    }
    let servers = list::inline(&written.servers, text::server, scope);
    let version = written.version.at().map(|at| {
        let value = match at.value {
            spec::ExchangeVersion::V2007 => ExchangeVersion::V2007,
            spec::ExchangeVersion::V2010 => ExchangeVersion::V2010,
            spec::ExchangeVersion::V2013 => ExchangeVersion::V2013,
            spec::ExchangeVersion::V2016 => ExchangeVersion::V2016,
            spec::ExchangeVersion::V2019 => ExchangeVersion::V2019,
            spec::ExchangeVersion::Se => ExchangeVersion::Se,
        };
        At::new(value, at.span)
    });
    ExchangeServer {
        version: version.unwrap_or_else(|| At::new(ExchangeVersion::Se, name.span)),
        servers: once_without_case(servers, scope),
        edge: written.edge.or(false),
    }
}

/// Windows compares names of servers without regard to case.
fn once_without_case(servers: Vec<At<String>>, scope: &mut Scope<'_>) -> Vec<At<String>> {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    servers
        .into_iter()
        .filter(|server| {
            let first = *seen
                .entry(server.value.to_ascii_lowercase())
                .or_insert(server.span);
            if first != server.span {
                scope.findings.push(
                    Finding::error(
                        "S002",
                        format!("the server `{}` stands twice in this list", server.value),
                    )
                    .at(server.span, "")
                    .at(first, "first here")
                    .help("delete one of them"),
                );
            }
            first == server.span
        })
        .collect()
}

fn postfix(written: &spec::Location, scope: &mut Scope<'_>) -> Postfix {
    let delivers_to = match written.delivers_to.at() {
        Some(At {
            value: Form::Short(service),
            span,
        }) => scope
            .value(service, *span, text::service)
            .map(|service| DeliversTo {
                pattern: Pattern::Any,
                service,
            })
            .into_iter()
            .collect(),
        Some(At {
            value: Form::Long(map),
            ..
        }) => services(map, scope),
        None => Vec::new(),
    };
    let transports = list::inline(&written.transports, text::service_name, scope);
    Postfix {
        delivers_to,
        map_type: match written.map_type.or(spec::MapType::Lmdb) {
            spec::MapType::Lmdb => MapType::Lmdb,
            spec::MapType::Hash => MapType::Hash,
            spec::MapType::Texthash => MapType::Texthash,
        },
        trusted_networks: list::networks(&written.trusted_networks, scope),
        callout: written.directory.get() == Some(&spec::Directory::Callout),
        transports: list::once(transports, "service", scope.findings),
    }
}

fn services(map: &Map<PatternText, crate::yaml::Text>, scope: &mut Scope<'_>) -> Vec<DeliversTo> {
    let patterns = pattern_keys(map, scope);
    let mut services: Vec<DeliversTo> = map
        .entries
        .iter()
        .zip(patterns)
        .filter_map(|((_, service), pattern)| {
            let service = scope.value(&service.value, service.span, text::service);
            Some(DeliversTo {
                pattern: pattern?.value,
                service: service?,
            })
        })
        .collect();
    services.sort_by(|a, b| a.pattern.cmp(&b.pattern));
    services
}

/// The keys of a map from patterns, where they are good and stand there for the first time.
fn pattern_keys<V>(map: &Map<PatternText, V>, scope: &mut Scope<'_>) -> Vec<Option<At<Pattern>>> {
    let mut seen: BTreeMap<Pattern, Span> = BTreeMap::new();
    map.entries
        .iter()
        .map(|(key, _)| {
            let pattern = scope.pattern(&key.value, key.span)?;
            if let Some(&first) = seen.get(&pattern.value) {
                scope.findings.push(
                    Finding::error(
                        "S002",
                        format!("the pattern `{}` stands twice", pattern.value),
                    )
                    .at(key.span, "")
                    .at(first, "first here")
                    .help("delete one of them"),
                );
                return None;
            }
            seen.insert(pattern.value.clone(), key.span);
            Some(pattern)
        })
        .collect()
}

fn forwards(
    id: LocationId,
    map: &Map<PatternText, Ref>,
    scope: &mut Scope<'_>,
) -> Vec<(At<Pattern>, GatewayTarget)> {
    let patterns = pattern_keys(map, scope);
    let mut forwards: Vec<(At<Pattern>, GatewayTarget)> = map
        .entries
        .iter()
        .zip(patterns)
        .filter_map(|((_, target), pattern)| {
            let wanted = [Wanted::Location, Wanted::Partner, Wanted::Internet];
            let target = scope.party(&target.value, target.span, &wanted)?;
            if target.value == Party::Location(id) {
                let name = scope.location_name(id).to_owned();
                scope.error_help(
                    "S008",
                    format!("`{name}` forwards to itself, and mail for this pattern would never leave it"),
                    target.span,
                    "name the location that takes this mail",
                );
                return None;
            }
            Some((pattern?, target))
        })
        .collect();
    // The order of keys means nothing.
    forwards.sort_by(|(a, _), (b, _)| a.value.cmp(&b.value));
    forwards
}

fn sends(
    id: LocationId,
    name: &At<String>,
    slot: &Slot<spec::Sends>,
    scope: &mut Scope<'_>,
) -> At<Sends> {
    let direct = At::new(Sends::Direct, slot.span().unwrap_or(name.span));
    let Some(At {
        value: Form::Long(long),
        span,
    }) = slot.at()
    else {
        return direct;
    };
    if long.via.is_absent() {
        scope.error_help(
            "S018",
            "this `sends` has no `via`",
            *span,
            "write `sends: {via: LOCATION}` or `sends: direct`",
        );
    }
    let Some(via) = long
        .via
        .at()
        .and_then(|via| scope.location(&via.value, via.span))
    else {
        return direct;
    };
    if via.value == id {
        scope.error_help(
            "S008",
            format!(
                "`{}` sends through itself, and its mail for the Internet would never leave",
                name.value
            ),
            via.span,
            "write `sends: direct`, or name another location",
        );
        return direct;
    }
    At::new(Sends::Via(via.value), via.span)
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
                scope.findings.push(
                    Finding::error(
                        "S002",
                        format!(
                            "`{}` and `{}` are the same tenant `{}`",
                            first.name, location.name, tenant.tenant.value
                        ),
                    )
                    .at(tenant.tenant.span, "")
                    .at(first_span, "first here")
                    .help("write one location for it")
                    .on(Object::Location(first.name.clone()))
                    .on(Object::Location(location.name.clone())),
                );
            }
        }
    }
}

/// With centralized transport the way out is the only Exchange organization, where the spec names no other.
fn default_centralized(locations: &mut [Location], scope: &mut Scope<'_>) {
    let servers: Vec<LocationId> = locations
        .iter()
        .enumerate()
        .filter(|(_, location)| location.exchange_server().is_some())
        .map(|(index, _)| LocationId::from_index(index))
        .collect();
    for location in locations.iter_mut() {
        let Some(flag) = location
            .tenant()
            .and_then(|tenant| tenant.centralized_transport)
            .filter(|at| at.value)
        else {
            continue;
        };
        if location.sends.value != Sends::Direct {
            continue;
        }
        if location.sends.span != location.span {
            scope.findings.push(
                Finding::error(
                    "S019",
                    format!("`{}` sends direct and has centralized transport, which contradict each other", location.name),
                )
                .at(location.sends.span, "")
                .at(flag.span, "centralized transport")
                .help("write `sends: {via: LOCATION}`, or leave `centralized_transport` out"),
            );
        } else if let [only] = servers.as_slice() {
            location.sends = At::new(Sends::Via(*only), flag.span);
        } else {
            let how_many = if servers.is_empty() {
                "no"
            } else {
                "more than one"
            };
            scope.error_help(
                "S018",
                format!(
                    "`{}` has centralized transport and {how_many} Exchange Server to send through",
                    location.name
                ),
                flag.span,
                "write `sends: {via: LOCATION}`",
            );
        }
    }
}

/// Places that send through each other in a circle never send.
fn refuse_circles(locations: &[Location], scope: &mut Scope<'_>) {
    let next = |id: LocationId| match locations.get(id.index())?.sends.value {
        Sends::Via(via) => Some(via),
        Sends::Direct => None,
    };
    let mut done = vec![false; locations.len()];
    for start in (0..locations.len()).map(LocationId::from_index) {
        let mut way = Vec::new();
        let mut at = Some(start);
        while let Some(id) = at {
            if let Some(first) = way.iter().position(|&earlier| earlier == id) {
                report_circle(locations, way.get(first..).unwrap_or_default(), scope);
                break;
            }
            if done.get(id.index()).copied().unwrap_or(true) {
                break;
            }
            way.push(id);
            at = next(id);
        }
        for id in way {
            if let Some(done) = done.get_mut(id.index()) {
                *done = true;
            }
        }
    }
}

fn report_circle(locations: &[Location], circle: &[LocationId], scope: &mut Scope<'_>) {
    let members: Vec<&Location> = circle
        .iter()
        .filter_map(|id| locations.get(id.index()))
        .collect();
    let mut names: Vec<&str> = members
        .iter()
        .map(|location| location.name.as_str())
        .collect();
    names.extend(names.first().copied());
    let mut finding = Finding::error(
        "S008",
        format!(
            "mail for the Internet goes in a circle and never leaves: `{}`",
            names.join("` to `")
        ),
    )
    .help("let one of them send direct");
    for location in members {
        finding = finding
            .at(
                location.sends.span,
                format!("`{}` sends here", location.name),
            )
            .on(Object::Location(location.name.clone()));
    }
    scope.findings.push(finding);
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
                && *kind != spec::Kind::Postfix
            {
                scope.findings.push(
                    Finding::error(
                        "S022",
                        format!(
                            "`{}` is `{}`, which cannot call out",
                            name.value,
                            kind.word()
                        ),
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

/// A TLS level.
pub(super) fn level(slot: &Slot<spec::TlsLevel>) -> Option<At<TlsLevel>> {
    slot.at().map(|at| At::new(tls(at.value), at.span))
}

/// A TLS level as the values have it.
pub(super) const fn tls(level: spec::TlsLevel) -> TlsLevel {
    match level {
        spec::TlsLevel::None => TlsLevel::None,
        spec::TlsLevel::Opportunistic => TlsLevel::Opportunistic,
        spec::TlsLevel::Encrypted => TlsLevel::Encrypted,
        spec::TlsLevel::CaVerified => TlsLevel::CaVerified,
        spec::TlsLevel::Verified => TlsLevel::Verified,
    }
}

fn only_from(
    id: LocationId,
    list: &List<Ref>,
    scope: &mut Scope<'_>,
) -> Option<At<Vec<LocationId>>> {
    let span = list.span?;
    let places = location_refs(list, scope);
    if let Some(own) = places.iter().find(|place| place.value == id) {
        scope.error(
            "S008",
            "a location does not take its own mail from outside",
            own.span,
        );
    }
    Some(At::new(
        places.into_iter().map(|at| at.value).collect(),
        span,
    ))
}

/// Locations by name, each once.
pub(super) fn location_refs(list: &List<Ref>, scope: &mut Scope<'_>) -> Vec<At<LocationId>> {
    let mut seen: BTreeMap<LocationId, Span> = BTreeMap::new();
    let mut kept = Vec::new();
    for item in &list.items {
        let Some(place) = scope.location(&item.value, item.span) else {
            continue;
        };
        if let Some(&first) = seen.get(&place.value) {
            scope.findings.push(
                Finding::error(
                    "S002",
                    format!("`{}` stands twice in this list", item.value),
                )
                .at(item.span, "")
                .at(first, "first here")
                .help("delete one of them"),
            );
            continue;
        }
        seen.insert(place.value, place.span);
        kept.push(place);
    }
    kept
}

fn accepts(list: &List<spec::Accepted>, scope: &mut Scope<'_>) -> Vec<Accept> {
    let mut seen: BTreeMap<_, Span> = BTreeMap::new();
    let mut kept = Vec::new();
    for item in &list.items {
        let written = &item.value;
        if written.domain.is_absent() {
            scope.error_help(
                "S018",
                "this accepted domain has no `domain`",
                item.span,
                "write `domain: contoso.com`",
            );
        }
        let Some(domain) = written
            .domain
            .at()
            .and_then(|at| scope.domain(&at.value, at.span))
        else {
            continue;
        };
        if let Some(&first) = seen.get(&domain.value) {
            scope.findings.push(
                Finding::error(
                    "S002",
                    format!("the domain `{}` stands twice in this list", domain.value),
                )
                .at(domain.span, "")
                .at(first, "first here")
                .help("delete one of them"),
            );
            continue;
        }
        seen.insert(domain.value.clone(), domain.span);
        kept.push(Accept {
            domain,
            kind: written.kind.get().map(|kind| match kind {
                spec::AcceptedType::Authoritative => AcceptedType::Authoritative,
                spec::AcceptedType::InternalRelay => AcceptedType::InternalRelay,
                spec::AcceptedType::ExternalRelay => AcceptedType::ExternalRelay,
            }),
            subdomains: written.subdomains.or(false),
        });
    }
    kept
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
