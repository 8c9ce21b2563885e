//! What another finding says already: of one cause, one finding.
//!
//! Where an object cannot be written, the mail that needs it goes astray in the walk too, and only for that reason. An
//! error about an object that is written mutes nothing: the walk sees that object as it stands. Some errors, though, say
//! themselves what happens to the mail of their object, and `SPEAKERS` names the checks that would say it again. Who
//! speaks does not depend on `ignore`.

use crate::finding::{Certainty, Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::routes::RoutePattern;
use crate::topology::Party;
use crate::values::Pattern;
use std::collections::BTreeSet;

/// Checks whose errors about an object say what others would say of the same object.
const SPEAKERS: &[(Code, &[Code])] = &[
    (Code::G011, &[Code::G005, Code::L011]),
    (Code::H002, &[Code::L004]),
    (Code::H003, &[Code::D003, Code::G001, Code::L011]),
    (Code::P003, &[Code::P002]),
    (
        Code::R011,
        &[Code::G001, Code::P002, Code::R008, Code::V001],
    ),
    (Code::R009, &[Code::G001]),
    (Code::T002, &[Code::P002]),
    (Code::T005, &[Code::T002]),
    (Code::V002, &[Code::V001]),
    (Code::V003, &[Code::V001]),
    (Code::V004, &[Code::V009]),
    (Code::V005, &[Code::V001]),
    (Code::V006, &[Code::V001]),
    (Code::V007, &[Code::V001]),
    (Code::X010, &[Code::G001, Code::L001]),
    (Code::X014, &[Code::G001, Code::L001]),
];

/// Objects that errors withhold, and what errors say of others.
pub(super) struct Causes<'a> {
    missing: Vec<Missing<'a>>,
    /// Checks that would repeat an error, each with the object of that.
    said: BTreeSet<(Code, &'a Object)>,
}

/// An object that is not written.
struct Missing<'a> {
    object: &'a Object,
    /// Whose mail needs it.
    start: Option<&'a str>,
    /// The names it is for; nothing where no route says.
    recipients: &'a [RoutePattern],
}

impl<'a> Causes<'a> {
    /// What the errors that were found so far withhold.
    pub(super) fn of(plan: &'a Plan, findings: &'a Findings) -> Self {
        let topology = &plan.topology;
        // What somebody accepts mutes nothing: what follows from it has to be accepted by itself.
        let withheld = findings
            .iter()
            .filter(|finding| finding.is_open_error() && !finding.withholds.is_empty());
        let missing = withheld.flat_map(|finding| &finding.objects).map(|object| {
            let mut missing = Missing {
                object,
                start: None,
                recipients: &[],
            };
            match object {
                Object::Location(name) | Object::Partner(name) | Object::Device(name) => {
                    missing.start = Some(name);
                }
                Object::Route(name) => {
                    if let Some(route) = plan.routes.iter().find(|route| route.name == *name) {
                        missing.start = Some(topology.party_name(route.from));
                        missing.recipients = &route.recipients;
                    }
                }
                Object::Rule(name) => {
                    let rule = topology.rules.iter().find(|rule| rule.name.value == *name);
                    missing.start =
                        rule.map(|rule| topology.party_name(Party::Location(rule.at.value)));
                }
                Object::Domain(_) => {}
            }
            missing
        });
        let mut said = BTreeSet::new();
        for finding in findings {
            let is_certain =
                finding.severity == Severity::Error && finding.certainty == Certainty::Certain;
            let repeated = SPEAKERS.iter().find(|(code, _)| *code == finding.check);
            for code in repeated
                .filter(|_| is_certain)
                .map_or(&[][..], |(_, codes)| codes)
            {
                said.extend(finding.objects.iter().map(|object| (*code, object)));
            }
        }
        Self {
            missing: missing.collect(),
            said,
        }
    }

    /// Whether the mail of a finding needs any of it.
    pub(super) fn explain(&self, finding: &Finding) -> bool {
        // What the spec itself says of its mail is answered whatever else is wrong.
        let is_said = |object| self.said.contains(&(finding.check, object));
        finding.check != Code::I001
            && (finding.objects.iter().any(is_said)
                || self
                    .missing
                    .iter()
                    .any(|missing| missing.is_needed(finding)))
    }
}

impl Missing<'_> {
    fn is_needed(&self, finding: &Finding) -> bool {
        if finding.objects.contains(self.object) {
            return true;
        }
        let Some(start) = self.start else {
            return false;
        };
        let concerned = finding.objects.iter().any(|object| match object {
            Object::Location(name) | Object::Partner(name) | Object::Device(name) => name == start,
            Object::Domain(_) | Object::Route(_) | Object::Rule(_) => false,
        });
        let passed = || {
            finding
                .trace
                .iter()
                .any(|hop| hop.at == start || hop.to == start)
        };
        (concerned || passed()) && self.is_for(finding)
    }

    /// Whether the object is for any name that a finding is about.
    fn is_for(&self, finding: &Finding) -> bool {
        let mut names = finding
            .domains
            .iter()
            .filter_map(|name| Pattern::parse(name).ok());
        self.recipients.is_empty()
            || finding.domains.is_empty()
            || names.any(|name| {
                self.recipients
                    .iter()
                    .any(|pattern| meet(&pattern.pattern, &name))
            })
    }
}

/// Whether some name is in both.
fn meet(one: &Pattern, other: &Pattern) -> bool {
    match (one.base(), other.base()) {
        (Some(base), Some(name)) => one == other || one.matches(name) || other.matches(base),
        _ => true,
    }
}
