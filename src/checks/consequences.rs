//! What follows from another mistake and would only repeat it.
//!
//! A place or a route with an error is not written as its author means it, so mail that passes it goes astray in the
//! model too. Whoever mends the error hears of whatever is left in the next run.

use crate::finding::{Certainty, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::topology::{Party, Topology};
use std::collections::BTreeSet;

/// Names of places, partners, devices and routes that an error concerns.
pub struct Causes {
    names: BTreeSet<String>,
    /// Names whose mail goes where a reading says, and the reading.
    doubtful: BTreeSet<(&'static str, String)>,
}

impl Causes {
    /// What the errors that were found so far concern.
    pub fn of(plan: &Plan, findings: &Findings) -> Self {
        let topology = &plan.topology;
        let mut names = BTreeSet::new();
        let errors = findings.iter().filter(|finding| {
            finding.severity == Severity::Error && finding.certainty == Certainty::Certain
        });
        for object in errors.flat_map(|finding| &finding.objects) {
            match object {
                Object::Location(name) | Object::Partner(name) | Object::Device(name) => {
                    names.insert(name.clone());
                }
                Object::Route(name) => {
                    names.insert(format!("route:{name}"));
                    let route = plan.routes.iter().find(|route| route.name == *name);
                    names.extend(route.and_then(|route| ours(topology, route.from)));
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
            .filter(|finding| finding.severity > Severity::Note);
        let doubtful = open
            .flat_map(|finding| {
                let domains = finding.domains.iter();
                domains.flat_map(|domain| finding.readings.iter().map(|id| (*id, domain.clone())))
            })
            .collect();
        Self { names, doubtful }
    }

    /// Whether the mail of a finding passes any of it.
    pub fn explain(&self, finding: &Finding) -> bool {
        let mut doubts = finding.readings.iter().flat_map(|id| {
            let domains = finding.domains.iter();
            domains.map(|domain| (*id, domain.clone()))
        });
        let names: BTreeSet<&str> = self
            .doubtful
            .iter()
            .map(|(_, name)| name.as_str())
            .collect();
        let covered = |domain: &String| names.contains(domain.as_str());
        if doubts.any(|doubt| self.doubtful.contains(&doubt))
            || (!finding.readings.is_empty() && finding.domains.iter().all(covered))
        {
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
}

/// What is wrong with a route is wrong where it starts.
fn ours(topology: &Topology, party: Party) -> Option<String> {
    match party {
        Party::Location(id) => Some(topology.location(id).name.clone()),
        _ => None,
    }
}
