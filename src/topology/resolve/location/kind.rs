//! What runs at a location, with what only such a place has.

use crate::finding::{Code, Object};
use crate::platforms::product::{Settings, UNKNOWN};
use crate::source::At;
use crate::spec;
use crate::topology::resolve::context::{Scope, Wanted};
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::{list, text};
use crate::topology::{
    DeliversTo, ExchangeServer, ExchangeVersion, GatewayTarget, Handling, LocationId, LocationKind,
    Party, Postfix, Tenant, TrustedNetwork,
};
use crate::values::{DomainName, Pattern};
use crate::yaml::{Form, Map, PatternText, Ref};

pub(super) fn kind(
    id: LocationId,
    name: &At<String>,
    written: &spec::Location,
    scope: &mut Scope<'_>,
) -> LocationKind {
    let written_kind = written.kind.get().map(|kind| kind.product());
    let product = written_kind.unwrap_or(UNKNOWN);
    match product.settings {
        Settings::Tenant { filtering_only } => {
            LocationKind::Tenant(tenant(name, written, filtering_only, scope))
        }
        Settings::ExchangeServer => {
            LocationKind::ExchangeServer(exchange_server(name, written, scope))
        }
        Settings::Postfix => LocationKind::Postfix(postfix(written, scope)),
        Settings::Handling => LocationKind::Other(product, handling(id, written, scope)),
    }
}

fn handling(id: LocationId, written: &spec::Location, scope: &mut Scope<'_>) -> Handling {
    Handling {
        forwards: forwards(id, &written.forwards, scope),
        arc_seal: written
            .arc_seal
            .at()
            .and_then(|at| scope.domain(&at.value, at.span)),
    }
}

/// The domain of the envelope senders that a place writes, which says nothing where it writes none.
pub(super) fn bounce_domain(
    written: &spec::Location,
    scope: &mut Scope<'_>,
) -> Option<At<DomainName>> {
    let at = written.bounce_domain.at()?;
    if !written.rewrites_sender.or(false) {
        scope.error_help(
            Code::S019,
            "`bounce_domain` is what the envelope sender is rewritten to, and nothing says that it is rewritten",
            at.span,
            "write `rewrites_sender: true` beside it, or leave it out",
        );
    }
    scope.domain(&at.value, at.span)
}

pub(super) fn tenant(
    name: &At<String>,
    written: &spec::Location,
    filtering_only: bool,
    scope: &mut Scope<'_>,
) -> Tenant {
    if written.tenant.is_absent() {
        scope.require("tenant", "tenant: contoso", name, Object::Location);
    }
    let tenant = scope.slot(&written.tenant, text::tenant);
    Tenant {
        filtering_only,
        tenant: tenant.unwrap_or_else(|| At::new(String::new(), name.span)),
        primary_domain: written
            .primary_domain
            .at()
            .and_then(|at| scope.domain(&at.value, at.span)),
        environment: written.environment.or(spec::Environment::Worldwide),
        hybrid_wizard: written.hybrid_wizard.at().copied(),
        centralized_transport: written.centralized_transport.at().copied(),
        reject_direct_send: written.reject_direct_send.at().copied(),
        smtp_auth: written.smtp_auth.at().copied(),
    }
}

pub(super) fn exchange_server(
    name: &At<String>,
    written: &spec::Location,
    scope: &mut Scope<'_>,
) -> ExchangeServer {
    if written.version.is_absent() {
        scope.require("version", "version: 2019", name, Object::Location);
    }
    if written.servers.items.is_empty() && !written.servers.incomplete {
        scope.require("servers", "servers: [EX01]", name, Object::Location);
    }
    let servers = list::inline(&written.servers, text::server, scope);
    let version = written.version.at().copied();
    ExchangeServer {
        version: version.unwrap_or_else(|| At::new(ExchangeVersion::Se, name.span)),
        servers: once_without_case(servers, scope),
        edge: written.edge.or(false),
    }
}

/// Windows compares names of servers without regard to case.
pub(super) fn once_without_case(
    servers: Vec<At<String>>,
    scope: &mut Scope<'_>,
) -> Vec<At<String>> {
    let mut seen = Once::default();
    servers
        .into_iter()
        .filter(|server| {
            let words = || format!("the server `{}` stands twice in this list", server.value);
            scope.first(
                &mut seen,
                server.value.to_ascii_lowercase(),
                server.span,
                words,
            )
        })
        .collect()
}

pub(super) fn postfix(written: &spec::Location, scope: &mut Scope<'_>) -> Postfix {
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
        map_type: written.map_type.or(spec::MapType::Lmdb),
        trusted_networks: list::networks(&written.trusted_networks, scope)
            .into_iter()
            .map(|network| TrustedNetwork {
                name: network.value.to_string(),
                network,
            })
            .collect(),
        callout: written.directory.get() == Some(&spec::Directory::Callout),
        transports: list::once(transports, "service", scope.findings),
    }
}

pub(super) fn services(
    map: &Map<PatternText, crate::yaml::Text>,
    scope: &mut Scope<'_>,
) -> Vec<DeliversTo> {
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
pub(super) fn pattern_keys<V>(
    map: &Map<PatternText, V>,
    scope: &mut Scope<'_>,
) -> Vec<Option<At<Pattern>>> {
    let mut seen = Once::default();
    map.entries
        .iter()
        .map(|(key, _)| {
            let pattern = scope.pattern(&key.value, key.span)?;
            if !scope.first(&mut seen, pattern.value.clone(), key.span, || {
                format!("the pattern `{}` stands twice", pattern.value)
            }) {
                return None;
            }
            Some(pattern)
        })
        .collect()
}

pub(super) fn forwards(
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
                    Code::S008,
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
