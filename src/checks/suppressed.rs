//! What follows from another mistake and would only repeat it.
//!
//! A place or a route with an error is not written as its author means it, so mail that passes it goes astray in the
//! model too. Whoever mends the error hears of whatever is left in the next run.

use crate::finding::{Certainty, Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// Names of places, partners, devices and routes that an error concerns.
pub struct Causes {
    names: BTreeSet<String>,
    /// Domains whose mail goes where a reading says, each with the readings.
    doubtful: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Causes {
    /// What the errors that were found so far concern.
    pub fn of(plan: &Plan, findings: &Findings) -> Self {
        let topology = &plan.topology;
        let mut names = BTreeSet::new();
        // What somebody accepts explains nothing: what follows from it has to be accepted by itself.
        let errors = findings
            .iter()
            .filter(|finding| finding.is_open_error() && finding.certainty == Certainty::Certain);
        for object in errors.flat_map(|finding| &finding.objects) {
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
        Self { names, doubtful }
    }

    /// Whether the mail of a finding passes any of it.
    pub fn explain(&self, finding: &Finding) -> bool {
        // What the spec itself says of its mail is answered whatever else is wrong.
        if finding.check == Code::I001 {
            return false;
        }
        if self.is_doubted(finding) {
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
