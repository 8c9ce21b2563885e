//! Names that objects have already.

use crate::finding::{Code, Finding, Object};
use crate::platforms::product::Trait;
use crate::source::At;
use crate::spec::Document;
use crate::topology::GivenName;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::route::MOST_NAME;
use crate::topology::resolve::text;

/// All of them, by location and the name that the object would get.
pub(super) fn given(documents: &[At<Document>], scope: &mut Scope<'_>) -> Vec<GivenName> {
    let mut names = Vec::new();
    // Exchange compares names without regard to case.
    let mut seen = Once::default();
    let entries = documents
        .iter()
        .flat_map(|document| &document.value.names.entries);
    for (location, written) in entries {
        let Some(at) = scope.location(&location.value, location.span) else {
            continue;
        };
        let kind = scope.kind(at.value);
        let named = kind.is_none_or(|kind| kind.is(Trait::NamedObjects));
        if !named {
            let place = location.value.to_string();
            scope.findings.push(
                Finding::error(
                    Code::S022,
                    format!(
                        "`{place}` is no Exchange location, and only objects of Exchange have names"
                    ),
                )
                .at(location.span, "")
                .help("leave it out")
                .on(Object::Location(place)),
            );
            continue;
        }
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
