//! How mail for the Internet leaves a location.

use crate::finding::{Code, Finding, Object};
use crate::source::At;
use crate::spec;
use crate::topology::resolve::context::Scope;
use crate::topology::{Location, LocationId, Sends};
use crate::yaml::{Form, Slot};

pub(super) fn sends(
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
            Code::S018,
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
            Code::S008,
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

/// With centralized transport the way out is the only Exchange organization, where the spec names no other.
pub(super) fn default_centralized(locations: &mut [Location], scope: &mut Scope<'_>) {
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
                    Code::S019,
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
                Code::S018,
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
pub(super) fn refuse_circles(locations: &[Location], scope: &mut Scope<'_>) {
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

pub(super) fn report_circle(locations: &[Location], circle: &[LocationId], scope: &mut Scope<'_>) {
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
        Code::S008,
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
