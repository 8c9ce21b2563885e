//! What is missing for the same reason in many domains.

use crate::routes::Withheld;
use crate::source::Span;
use crate::topology::LocationId;
use crate::values::DomainName;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Domains by what is missing there, why, and whose facts would bring it.
#[derive(Default)]
pub(crate) struct Gaps(BTreeMap<Gap, Vec<(DomainName, Span)>>);

type Gap = (&'static str, String, Option<LocationId>);

impl Gaps {
    /// Says that something is not written for a domain.
    pub(crate) fn add(
        &mut self,
        what: &'static str,
        why: impl Into<String>,
        location: Option<LocationId>,
        domain: &DomainName,
        span: Span,
    ) {
        let gap = (what, why.into(), location);
        let domains = self.0.entry(gap).or_default();
        domains.push((domain.clone(), span));
    }

    /// Says it, of all domains with the same cause at once.
    pub(crate) fn close(self, withheld: &mut Vec<Withheld>) {
        const NAMED: usize = 3;
        for ((what, why, location), domains) in self.0 {
            let first: Vec<String> = domains
                .iter()
                .take(NAMED)
                .map(|(name, _)| format!("`{name}`"))
                .collect();
            let mut names = first.join(", ");
            if domains.len() > NAMED {
                let _ = write!(names, " and {} more", domains.len() - NAMED);
            }
            let span = domains
                .first()
                .map_or_else(Span::default, |(_, span)| *span);
            withheld.push(Withheld {
                what: format!("{what} of {names}"),
                why,
                location,
                domains: domains.into_iter().map(|(name, _)| name).collect(),
                span,
            });
        }
    }
}
