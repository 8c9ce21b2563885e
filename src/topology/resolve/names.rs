//! What objects have already: their names, and what the language cannot say of those of others.

use crate::finding::{Code, Finding, Object};
use crate::platforms::product::Trait;
use crate::source::At;
use crate::spec::Document;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::route::MOST_NAME;
use crate::topology::resolve::text;
use crate::topology::{AllFound, Found, GivenName, LocationId};
use crate::yaml::Name;

/// All of them, by location and the name that the object would get.
pub(super) fn given(documents: &[At<Document>], scope: &mut Scope<'_>) -> Vec<GivenName> {
    let mut names = Vec::new();
    // Exchange compares names without regard to case.
    let mut seen = Once::default();
    let entries = documents
        .iter()
        .flat_map(|document| &document.value.names.entries);
    for (location, written) in entries {
        let Some(at) = of_exchange(location, scope) else {
            continue;
        };
        for (derived, existing) in &written.value {
            let line = |text: &str| text::line(text, MOST_NAME);
            let existing = scope.value(&existing.value, existing.span, line);
            // A name that Exchange does not take can be derived all the same.
            let derived = scope.value(&derived.value, derived.span, |text| text::line(text, 256));
            let (Some(derived), Some(existing)) = (derived, existing) else {
                continue;
            };
            let key = (at.value, derived.value.to_lowercase());
            let is_first = scope.first(&mut seen, key, derived.span, || {
                format!("`{}` has two names at `{}`", derived.value, location.value)
            });
            if is_first {
                names.push(GivenName {
                    at: at.value,
                    derived,
                    existing,
                });
            }
        }
    }
    names.sort_by(|a, b| (a.at, &a.derived.value).cmp(&(b.at, &b.derived.value)));
    names
}

/// What objects of others have, by their kinds and names.
pub(super) fn found(documents: &[At<Document>], scope: &mut Scope<'_>) -> AllFound {
    let mut all = Vec::new();
    let mut seen = Once::default();
    let entries = documents
        .iter()
        .flat_map(|document| &document.value.found.entries);
    for (location, written) in entries {
        let Some(at) = of_exchange(location, scope) else {
            continue;
        };
        for (object, properties) in &written.value {
            let line = |text: &str| text::line(text, 256);
            let Some(object) = scope.value(&object.value, object.span, line) else {
                continue;
            };
            let key = (at.value, object.value.to_lowercase());
            let is_first = scope.first(&mut seen, key, object.span, || {
                format!("`{}` stands twice at `{}`", object.value, location.value)
            });
            let properties = properties.value.iter().map(|(name, values)| {
                let values = values.value.items.iter();
                let values = values.map(|at| at.value.to_string());
                (name.value.to_string(), values.collect())
            });
            if is_first {
                all.push(Found {
                    at: at.value,
                    object,
                    properties: properties.collect(),
                });
            }
        }
    }
    all.sort_by(|a: &Found, b| (a.at, &a.object.value).cmp(&(b.at, &b.object.value)));
    AllFound(all)
}

/// A location whose objects are those of Exchange.
fn of_exchange(location: &At<Name>, scope: &mut Scope<'_>) -> Option<At<LocationId>> {
    let at = scope.location(&location.value, location.span)?;
    let kind = scope.kind(at.value);
    if kind.is_none_or(|kind| kind.is(Trait::NamedObjects)) {
        return Some(at);
    }
    let place = location.value.to_string();
    scope.findings.push(
        Finding::error(
            Code::S022,
            format!("`{place}` is no Exchange location, and only objects of Exchange have names"),
        )
        .at(location.span, "")
        .help("leave it out")
        .on(Object::Location(place)),
    );
    None
}
