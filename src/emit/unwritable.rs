//! What a file could not carry, and which item of the spec it comes from.

use crate::source::Span;
use crate::topology::Topology;
use crate::writer::{Refused, shown};

/// A value that its format refuses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unwritable {
    /// One sentence as in a finding.
    pub message: String,
    /// The item of the spec.
    pub span: Span,
}

impl Unwritable {
    /// What the writer refused, in a file about this item.
    pub fn at(span: Span) -> impl FnOnce(Refused) -> Self {
        move |refused| Self {
            message: refused.message,
            span,
        }
    }
}

/// The item of the spec that a refusal names, where a file is about all of them: of several the one with the longest name.
pub fn named_in(topology: &Topology, refused: &Refused) -> Span {
    let organization = topology.organization.iter();
    let organization = organization.map(|at| (at.value.as_str(), at.span));
    let locations = topology.locations.iter();
    let locations = locations.map(|location| (location.name.as_str(), location.span));
    let partners = topology.partners.iter();
    let partners = partners.map(|partner| (partner.name.as_str(), partner.span));
    let devices = topology.devices.iter();
    let devices = devices.map(|device| (device.name.as_str(), device.span));
    let domains = topology.domains.iter();
    let domains = domains.map(|domain| (domain.name.as_str(), domain.span));
    organization
        .chain(locations)
        .chain(partners)
        .chain(devices)
        .chain(domains)
        .filter(|(name, _)| refused.message.contains(&shown(name)))
        .max_by_key(|(name, _)| name.len())
        .map_or(topology.span, |(_, span)| span)
}

#[cfg(test)]
mod tests {
    use super::named_in;
    use crate::source::{At, FileId, Span};
    use crate::topology::Topology;
    use crate::writer::markdown;

    /// What the page about everything cannot carry is shown where it stands, not as a mistake of the whole spec.
    #[test]
    fn a_refusal_of_the_whole_page_points_at_what_it_names() {
        let name = "Con\u{202e}toso".to_owned();
        let place = Span::new(FileId(0), 25, 40);
        let refused = markdown::text(&name).expect_err("cannot be seen");
        let topology = Topology {
            organization: Some(At::new(name, place)),
            span: Span::new(FileId(0), 0, 99),
            ..Topology::default()
        };
        assert_eq!(named_in(&topology, &refused), place);
    }
}
