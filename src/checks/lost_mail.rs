//! Findings about mail that goes astray: what all of them have in common.

use crate::checks::attribution::{Speaker, claim};
use crate::checks::words::{as_written, listed};
use crate::finding::{
    Certainty, Code, Finding, Findings, Object, Operation, Severity, TraceHop, written_route,
};
use crate::routes::Route;
use crate::topology::{LocationId, Party, Rule, RuleTarget, Topology};
use crate::values::{Pattern, shown};
use crate::walk::{Cause, Ends, Evidence, Fault, FaultKind, Flows};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One finding for every fault of a kind that no other check knows a better reason for.
pub(super) fn report(
    flows: &Flows<'_>,
    kind: FaultKind,
    findings: &mut Findings,
    finding: impl Fn(&Astray<'_>) -> Finding,
) {
    report_where(flows, findings, finding, |fault, evidence| {
        fault.kind == kind && claim(flows, fault, evidence).is_none()
    });
}

/// One finding for every fault that this check knows the reason for.
pub(super) fn report_claimed(
    flows: &Flows<'_>,
    code: Code,
    findings: &mut Findings,
    finding: impl Fn(&Astray<'_>) -> Finding,
) {
    report_where(flows, findings, finding, |fault, evidence| {
        claim(flows, fault, evidence) == Some(Speaker::Check(code))
    });
}

/// One finding for every fault that is `wanted`.
pub(super) fn report_where(
    flows: &Flows<'_>,
    findings: &mut Findings,
    finding: impl Fn(&Astray<'_>) -> Finding,
    wanted: impl Fn(&Fault, &Evidence) -> bool,
) {
    for (fault, evidence) in &flows.faults {
        if wanted(fault, evidence) {
            let astray = Astray {
                flows,
                fault,
                evidence,
                region: flows.region(evidence),
            };
            findings.push(astray.complete(finding(&astray)));
        }
    }
}

/// A fault, everything that shows it, and the names concerned.
pub(super) struct Astray<'a> {
    /// Everything that was followed.
    pub flows: &'a Flows<'a>,
    /// What is wrong.
    pub fault: &'a Fault,
    /// What shows it.
    pub evidence: &'a Evidence,
    /// The names concerned, as patterns.
    pub region: Vec<String>,
}

impl<'a> Astray<'a> {
    /// The spec.
    pub(super) fn topology(&self) -> &'a Topology {
        &self.flows.model.plan.topology
    }

    /// The names concerned, in a sentence.
    pub(super) fn names(&self) -> String {
        listed(self.region.iter().map(String::as_str))
    }

    /// One of the names concerned.
    pub(super) fn first_name(&self) -> &str {
        self.region.first().map_or("", String::as_str)
    }

    /// A route for the first of the names from one location to another, as it is written.
    pub(super) fn route_to_write(&self, from: &str, to: &str) -> String {
        written_route(from, to, &self.written_name(), "")
    }

    /// One of the names concerned, as it is written in a list.
    pub(super) fn written_name(&self) -> String {
        as_written(self.first_name())
    }

    /// The senders concerned, in a sentence.
    pub(super) fn senders(&self) -> String {
        listed(self.evidence.senders.iter().map(String::as_str))
    }

    /// The name of a place.
    pub(super) fn name(&self, at: LocationId) -> &'a str {
        &self.topology().location(at).name
    }

    /// The place that is to blame; mail that was refused before it was taken has come to none.
    pub(super) fn place(&self) -> &'a str {
        let refused_by = match self.evidence.way.end.ends {
            Ends::Rejected(at) => at,
            _ => None,
        };
        let at = self.fault.at.or(refused_by);
        at.map_or("", |at| self.name(at))
    }

    /// Where the mailboxes are.
    pub(super) fn home(&self) -> &'a str {
        self.fault.home.map_or("", |at| self.name(at))
    }

    /// The partner or device concerned.
    pub(super) fn party(&self) -> &'a str {
        self.fault
            .party
            .map_or("", |party| self.topology().party_name(party))
    }

    /// How the mail ends, in the words of the command line, and why.
    pub(super) fn end(&self) -> String {
        let end = &self.evidence.way.end;
        format!("ends `{}`: {}", end.ends.words(self.topology()), end.why)
    }

    /// The places of a loop, in a sentence that ends "until the hop limit".
    pub(super) fn rounds(&self) -> String {
        let names = listed(self.fault.cycle.iter().map(|&at| self.name(at)));
        if self.fault.cycle.len() == 1 {
            format!("returns to {names} until the hop limit")
        } else {
            format!("loops between {names} until the hop limit")
        }
    }

    /// The rule that chooses a step of the way.
    pub(super) fn rule(&self) -> Option<&'a Rule> {
        let mut hops = self.evidence.way.hops.iter();
        hops.find_map(|hop| self.rule_of(hop))
    }

    /// The route of the last step.
    pub(super) fn last_route(&self) -> Option<&'a Route> {
        let name = self.evidence.way.hops.last()?.by.strip_prefix("route:")?;
        let mut routes = self.flows.model.plan.routes.iter();
        routes.find(|route| route.name == name)
    }

    fn rule_of(&self, hop: &TraceHop) -> Option<&'a Rule> {
        let name = hop.by.strip_prefix("rule:")?;
        let mut rules = self.topology().rules.iter();
        rules.find(|rule| rule.name.value == name)
    }

    /// The rules at the locations of the circle that send mail to one of them, by name.
    fn rules_of_the_circle(&self) -> Vec<&'a str> {
        let plan = self.flows.model.plan;
        let circle = &self.fault.cycle;
        let leads_back = |rule: &&Rule| {
            let target = match rule.route.value {
                RuleTarget::Party(party) => party.location(),
                RuleTarget::Route(at) => {
                    let written = plan.topology.routes.get(at);
                    let mut routes = plan.routes.iter();
                    let route = written.and_then(|written| {
                        routes.find(|route| route.origin.span() == written.span)
                    });
                    route.and_then(|route| route.to.location())
                }
            };
            rule.enabled
                && rule.unless_header.is_empty()
                && circle.contains(&rule.at.value)
                && target.is_some_and(|to| circle.contains(&to))
        };
        let rules = plan.topology.rules.iter().filter(leads_back);
        rules.map(|rule| rule.name.value.as_str()).collect()
    }

    /// Proposes that a rule that sends mail in a circle leaves alone what it has sent on once; without a rule, other words.
    pub(super) fn break_loop(&self, finding: Finding, other: impl FnOnce() -> String) -> Finding {
        // A rule that leads into the circle is left once, whatever it does the second time, and a header ends nothing where
        // the MX of the name itself leads back.
        let names: Vec<&str> = self.fault.cycle.iter().map(|&at| self.name(at)).collect();
        let is_round = |hop: &&Arc<TraceHop>| {
            [&hop.at, &hop.to]
                .iter()
                .all(|at| names.contains(&at.as_str()))
        };
        let by_mx = self.evidence.way.end.cause == Cause::OwnMx;
        let mut round = self.evidence.way.hops.iter().filter(is_round);
        let Some(rule) = round.find_map(|hop| self.rule_of(hop)).filter(|_| !by_mx) else {
            let mut circle = self.fault.cycle.iter();
            return match circle.find_map(|&at| self.instead_of_everything(at)) {
                Some(narrowed) => finding.mend(narrowed),
                None => finding.help(other()),
            };
        };
        let name = &rule.name.value;
        let words = name.split(|c: char| !c.is_ascii_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let header = if words.is_empty() {
            "Routed".to_owned()
        } else {
            words.join("-")
        };
        // Where another rule sends the same mail in a circle too, one edit ends nothing.
        let others = self.rules_of_the_circle();
        if let [_, _, ..] = others.as_slice() {
            return finding.help(format!(
                "let the rules {} leave alone what they have sent on once: `unless_header` on each",
                listed(others)
            ));
        }
        let once = Operation::set(
            Object::Rule(name.clone()),
            "unless_header",
            format!("{{name: X-{header}, value: \"yes\", set: true}}"),
        );
        let words = format!(
            "let rule {} leave alone what it has sent on once: {once}",
            shown(name)
        );
        finding.help(words).fix(once)
    }

    /// Where one entry of a gateway leads every name to a location, the entries to write in its place: the domains that this
    /// one accepts.
    pub(super) fn instead_of_everything(&self, at: LocationId) -> Option<Operation> {
        let topology = self.topology();
        let gateway = topology.location(at);
        let forwards = &gateway.handling()?.forwards;
        let mut entries = forwards.iter();
        let (_, target) = entries.find(|(pattern, _)| pattern.value == Pattern::Any)?;
        let to = target.value.location()?;
        let accepted = topology
            .domains()
            .filter(|(_, domain)| self.flows.model.accepted(to, &domain.name).is_some());
        let mut wanted: BTreeMap<String, &str> = accepted
            .map(|(_, domain)| (domain.name.to_string(), self.name(to)))
            .collect();
        if wanted.is_empty() {
            return None;
        }
        for (pattern, target) in forwards
            .iter()
            .filter(|(pattern, _)| pattern.value != Pattern::Any)
        {
            wanted.insert(pattern.value.to_string(), topology.party_name(target.value));
        }
        let wanted: Vec<String> = wanted
            .iter()
            .map(|(name, to)| format!("{}: {}", as_written(name), as_written(to)))
            .collect();
        let object = Object::Location(gateway.name.clone());
        Some(Operation::set(
            object,
            "forwards",
            format!("{{{}}}", wanted.join(", ")),
        ))
    }

    /// Adds how sure it is, who is concerned, where the spec says so, and the way.
    fn complete(&self, mut finding: Finding) -> Finding {
        let topology = self.topology();
        let way = &self.evidence.way;
        finding.certainty = way.certainty;
        finding.readings = way.readings.keys().copied().collect();
        if finding.severity == Severity::Error && way.certainty != Certainty::Certain {
            finding.severity = Severity::Warning;
        }
        finding.trace = way.shown();
        finding.recipients = (self.evidence.recipients > 0).then_some(self.evidence.recipients);
        let party = match self.fault.party {
            Some(Party::Device(id)) => {
                let device = topology.device(id);
                Some((device.span, Object::Device(device.name.clone())))
            }
            Some(Party::Partner(id)) => {
                let partner = topology.partner(id);
                Some((partner.span, Object::Partner(partner.name.clone())))
            }
            _ => None,
        };
        if let Some((span, object)) = party {
            finding = finding
                .at(span, format!("`{}` is here", self.party()))
                .on(object);
        }
        if let Some(at) = self.fault.at {
            let location = topology.location(at);
            finding = finding
                .at(location.span, format!("`{}` is here", location.name))
                .on(Object::Location(location.name.clone()));
        }
        for &at in &self.fault.cycle {
            finding = finding.on(Object::Location(self.name(at).to_owned()));
        }
        for hop in &way.hops {
            let (kind, name) = hop.by.split_once(':').unwrap_or_default();
            let mut routes = self.flows.model.plan.routes.iter();
            let route = routes.find(|route| match kind {
                "route" => route.name == name,
                // The connector that takes the mail of a partner belongs to its way, whoever wrote it.
                "partner" => {
                    let ends = [route.from, route.to].map(|end| topology.party_name(end));
                    ends == [name, hop.to.as_str()]
                }
                _ => false,
            });
            let Some(route) = route else { continue };
            let (name, object) = (&route.name, Object::Route(route.name.clone()));
            let span = route.origin.span();
            if finding.objects.contains(&object) {
                continue;
            }
            if finding.labels.iter().all(|label| label.span != span) {
                finding = finding.at(span, format!("`{name}` takes it on"));
            }
            finding = finding.on(object);
        }
        if let Some(rule) = self.rule() {
            finding = finding
                .at(rule.name.span, "this rule chooses the way")
                .on(Object::Rule(rule.name.value.clone()));
        }
        let mailboxes = self.region.iter().find_map(|name| {
            let name = crate::values::DomainName::parse(name).ok()?;
            let domain = topology.domain(topology.domain_named(&name)?);
            let holder = domain
                .holders
                .iter()
                .find(|holder| Some(holder.location) == self.fault.home);
            Some(holder.map_or(domain.span, |holder| holder.span))
        });
        if let Some(span) = mailboxes
            && finding.labels.iter().all(|label| label.span != span)
        {
            finding = finding.at(span, "whose mail it is");
        }
        if finding.labels.is_empty() {
            finding = finding.at(topology.span, "");
        }
        finding.domains(self.region.iter().cloned())
    }
}
