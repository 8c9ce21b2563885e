//! What follows from another mistake and would only repeat it.
//!
//! Where an object cannot be written, the mail that needs it goes astray in the walk too, and only for that reason. An
//! error about an object that is written explains nothing: the walk sees that object as it stands.

use crate::finding::{Certainty, Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// Checks of which an error about an object is the reason for others about the same object.
const REASONS: &[(Code, &[Code])] = &[
    (Code::G011, &[Code::G005, Code::L011]),
    (Code::H002, &[Code::L004]),
    (Code::H003, &[Code::D003, Code::G001, Code::L011]),
    (Code::P003, &[Code::P002]),
    (
        Code::R011,
        &[Code::G001, Code::P002, Code::R008, Code::V001],
    ),
    (Code::R009, &[Code::G001]),
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

/// Names of locations, partners, devices and routes with an object that is not written.
pub(super) struct Causes {
    names: BTreeSet<String>,
    /// Objects with an error that is the reason for others, by the codes of those.
    reasons: BTreeSet<(Code, Object)>,
    /// Domains whose mail goes where a reading says, each with the readings.
    doubtful: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Causes {
    /// What the errors that were found so far withhold.
    pub(super) fn of(plan: &Plan, findings: &Findings) -> Self {
        let topology = &plan.topology;
        let mut names = BTreeSet::new();
        let mut reasons = BTreeSet::new();
        // What somebody accepts explains nothing: what follows from it has to be accepted by itself.
        let errors = || {
            let errors = findings.iter();
            errors.filter(|finding| {
                finding.is_open_error() && finding.certainty == Certainty::Certain
            })
        };
        for finding in errors() {
            let known = REASONS.iter().find(|(code, _)| *code == finding.check);
            for code in known.map_or(&[][..], |(_, codes)| codes) {
                reasons.extend(finding.objects.iter().map(|object| (*code, object.clone())));
            }
        }
        let withheld = errors().filter(|finding| !finding.withholds.is_empty());
        for object in withheld.flat_map(|finding| &finding.objects) {
            match object {
                Object::Location(name) | Object::Partner(name) | Object::Device(name) => {
                    names.insert(name.clone());
                }
                Object::Route(name) => {
                    names.insert(format!("route:{name}"));
                    let route = plan.routes.iter().find(|route| route.name == *name);
                    // What is wrong with a route is wrong where it starts.
                    let start = route.and_then(|route| route.from.location());
                    names.extend(start.map(|at| topology.location(at).name.clone()));
                }
                Object::Rule(name) => {
                    let rule = topology.rules.iter().find(|rule| rule.name.value == *name);
                    names.extend(rule.map(|rule| topology.location(rule.at.value).name.clone()));
                }
                Object::Domain(_) => {}
            }
        }
        let open = findings
            .iter()
            .filter(|finding| finding.severity > Severity::Note && finding.accepted.is_none());
        let mut doubtful: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
        for finding in open.filter(|finding| !finding.readings.is_empty()) {
            for domain in &finding.domains {
                let readings = doubtful.entry(domain.clone()).or_default();
                readings.extend(&finding.readings);
            }
        }
        Self {
            names,
            reasons,
            doubtful,
        }
    }

    /// Whether the mail of a finding passes any of it.
    pub(super) fn explain(&self, finding: &Finding) -> bool {
        // What the spec itself says of its mail is answered whatever else is wrong.
        if finding.check == Code::I001 {
            return false;
        }
        if self.is_doubted(finding) {
            return true;
        }
        let mut objects = finding.objects.iter().cloned();
        if objects.any(|object| self.reasons.contains(&(finding.check, object))) {
            return true;
        }
        let hops = finding.trace.iter();
        let passed = hops.flat_map(|hop| [&hop.at, &hop.to, &hop.by]);
        let concerned = finding.objects.iter().map(|object| match object {
            Object::Location(name) | Object::Partner(name) | Object::Device(name) => name.clone(),
            Object::Domain(_) | Object::Route(_) | Object::Rule(_) => object.to_string(),
        });
        concerned
            .chain(passed.cloned())
            .any(|name| self.names.contains(&name))
    }

    /// Whether a doubt about the same reading, or about all of the same domains, has been said.
    fn is_doubted(&self, finding: &Finding) -> bool {
        if finding.readings.is_empty() {
            return false;
        }
        let said = |domain: &String| self.doubtful.get(domain);
        let same = |domain: &String| {
            said(domain).is_some_and(|known| finding.readings.iter().any(|id| known.contains(id)))
        };
        finding.domains.iter().any(same)
            || finding.domains.iter().all(|domain| said(domain).is_some())
    }
}
