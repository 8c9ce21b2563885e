//! What another finding says already: of one cause, one finding.
//!
//! Where an object cannot be written, the mail that needs it goes astray in the walk too, and only for that reason. An
//! error about an object that is written mutes nothing: the walk sees that object as it stands. Some errors, though, say
//! themselves what happens to the mail of their object, and `SPEAKERS` names the checks that would say it again: of the
//! names that the error speaks of, and of no others. Who speaks does not depend on `ignore`.

use crate::finding::{Certainty, Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::routes::RoutePattern;
use crate::topology::Party;
use crate::values::Pattern;
use std::collections::BTreeMap;

/// Checks whose errors about an object say what others would say of the same object.
const SPEAKERS: &[(Code, &[Code])] = &[
    (Code::G011, &[Code::G005, Code::L011]),
    (Code::G016, &[Code::G013]),
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
    /// Checks that would repeat an error, each with an object of that and its names; without names it speaks of all.
    said: BTreeMap<(Code, &'a Object), Vec<&'a [String]>>,
}

/// An object that is not written.
struct Missing<'a> {
    object: &'a Object,
    /// Whose mail needs it.
    start: Option<&'a str>,
    /// The names it is for; nothing where no route says, or a rule alone.
    recipients: Option<&'a [RoutePattern]>,
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
                recipients: None,
            };
            match object {
                Object::Location(name) | Object::Partner(name) | Object::Device(name) => {
                    missing.start = Some(name);
                }
                Object::Route(name) => {
                    if let Some(route) = plan.routes.iter().find(|route| route.name == *name) {
                        missing.start = Some(topology.party_name(route.from));
                        let is_named = !route.only_by_rule;
                        missing.recipients = is_named.then_some(route.recipients.as_slice());
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
        let mut said: BTreeMap<(Code, &Object), Vec<&[String]>> = BTreeMap::new();
        for finding in findings {
            let is_certain =
                finding.severity == Severity::Error && finding.certainty == Certainty::Certain;
            let repeated = SPEAKERS.iter().find(|(code, _)| *code == finding.check);
            for code in repeated
                .filter(|_| is_certain)
                .map_or(&[][..], |(_, codes)| codes)
            {
                for object in &finding.objects {
                    // The names of a partner are those that it sends with, and no recipients; R008 is about names of the
                    // provider, which nobody speaks of beside a tenant's domains.
                    let is_of_others = matches!(object, Object::Partner(_)) || *code == Code::R008;
                    let names = (!is_of_others).then_some(finding.domains.as_slice());
                    let all = said.entry((*code, object)).or_default();
                    all.push(names.unwrap_or_default());
                }
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
        let is_said = |object| {
            let said = self.said.get(&(finding.check, object));
            said.is_some_and(|all| all.iter().any(|names| covers(names, &finding.domains)))
        };
        // Nor does mail that everybody can send through us go anywhere because an object is missing.
        let is_lost = finding.check != Code::R001;
        let is_needed = |missing: &Missing<'_>| missing.is_needed(finding);
        finding.check != Code::I001
            && (finding.objects.iter().any(is_said)
                || is_lost && self.missing.iter().any(is_needed))
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
        // Whoever sends the mail is on its way, and whom it is for need not be.
        let concerned = || {
            finding.objects.iter().any(|object| match object {
                Object::Location(name) | Object::Partner(name) | Object::Device(name) => {
                    name == start
                }
                Object::Domain(_) | Object::Route(_) | Object::Rule(_) => false,
            })
        };
        let passed = || {
            let mut hops = finding.trace.iter();
            hops.any(|hop| hop.at == start || hop.to == start)
        };
        let is_on_its_way = match self.object {
            Object::Route(_) if !finding.trace.is_empty() => passed(),
            _ => concerned() || passed(),
        };
        is_on_its_way && self.is_for(finding)
    }

    /// Whether the object is for any name that a finding is about.
    fn is_for(&self, finding: &Finding) -> bool {
        let mut names = finding
            .domains
            .iter()
            .filter_map(|name| Pattern::parse(name).ok());
        let Some(recipients) = self.recipients else {
            return true;
        };
        finding.domains.is_empty()
            || names.any(|name| {
                recipients
                    .iter()
                    .any(|pattern| meet(&pattern.pattern, &name))
            })
    }
}

/// Whether the first names, as patterns, hold all of the others.
fn covers(names: &[String], others: &[String]) -> bool {
    let patterns: Vec<Pattern> = names
        .iter()
        .filter_map(|it| Pattern::parse(it).ok())
        .collect();
    let is_covered = |name: &String| {
        let Ok(name) = Pattern::parse(name) else {
            return false;
        };
        patterns.iter().any(|pattern| {
            *pattern == name
                || *pattern == Pattern::Any
                || name.base().is_some_and(|base| pattern.matches(base))
        })
    };
    names.is_empty() || others.iter().all(is_covered)
}

/// Whether some name is in both.
fn meet(one: &Pattern, other: &Pattern) -> bool {
    match (one.base(), other.base()) {
        (Some(base), Some(name)) => one == other || one.matches(name) || other.matches(base),
        _ => true,
    }
}
