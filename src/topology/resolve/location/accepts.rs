//! What a location takes, and from whom.

use crate::finding::Code;
use crate::source::At;
use crate::spec;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::duplicates::Once;
use crate::topology::{Accept, LocationId};
use crate::yaml::{List, Ref};

pub(super) fn only_from(
    id: LocationId,
    list: &List<Ref>,
    scope: &mut Scope<'_>,
) -> Option<At<Vec<LocationId>>> {
    let span = list.span?;
    let places = location_refs(list, scope);
    if let Some(own) = places.iter().find(|place| place.value == id) {
        scope.error(
            Code::S008,
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
pub(in crate::topology::resolve) fn location_refs(
    list: &List<Ref>,
    scope: &mut Scope<'_>,
) -> Vec<At<LocationId>> {
    let mut seen = Once::default();
    let mut kept = Vec::new();
    for item in &list.items {
        let Some(place) = scope.location(&item.value, item.span) else {
            continue;
        };
        if !scope.first(&mut seen, place.value, item.span, || {
            format!("`{}` stands twice in this list", item.value)
        }) {
            continue;
        }
        kept.push(place);
    }
    kept
}

pub(super) fn accepts(list: &List<spec::Accepted>, scope: &mut Scope<'_>) -> Vec<Accept> {
    let mut seen = Once::default();
    let mut kept = Vec::new();
    for item in &list.items {
        let written = &item.value;
        if written.domain.is_absent() {
            scope.error_help(
                Code::S018,
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
        if !scope.first(&mut seen, domain.value.clone(), domain.span, || {
            format!("the domain `{}` stands twice in this list", domain.value)
        }) {
            continue;
        }
        kept.push(Accept {
            domain,
            kind: written.kind.get().copied(),
            subdomains: written.subdomains.or(false),
        });
    }
    kept
}
