//! What another finding says already: of one cause, one finding.
//!
//! Where an object cannot be written, the mail that needs it goes astray in the walk too, and only for that reason. An
//! error about an object that is written mutes nothing: the walk sees that object as it stands. Some errors, though, say
//! themselves what happens to the mail of their object, and `SPEAKERS` names the checks that would say it again: of the
//! names that the error speaks of, and of no others. Who speaks does not depend on `ignore`.

use crate::finding::{Certainty, Code, Finding, Findings, Object, Severity, TraceHop};
use crate::plan::Plan;
use crate::routes::{NextHop, Route};
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

/// Checks whose errors withhold what a location knows a sender by: mail on that route arrives, and is taken for a stranger's.
const AT_THE_RECEIVER: &[Code] = &[Code::R003, Code::R009, Code::X013];

/// Checks of handing mail over, which happens before anybody asks who the sender is.
const OF_HANDING_OVER: &[Code] = &[Code::T002, Code::T003, Code::T005, Code::T006];

/// Checks of mail that arrives where it must not: nothing that is missing lets it through.
const OF_ARRIVING: &[Code] = &[Code::R001, Code::V009];

/// Objects that errors withhold, and what errors say of others.
pub(super) struct Causes<'a> {
    plan: &'a Plan,
    missing: Vec<Missing<'a>>,
    /// Checks that would repeat an error, each with an object of that and its names; without names it speaks of all.
    said: BTreeMap<(Code, &'a Object), Vec<&'a [String]>>,
}

/// An object that is not written.
enum Missing<'a> {
    /// Of a route: what sends its mail, or what knows its sender.
    Route(&'a Route, End),
    /// The rule at a location.
    Rule(&'a Object, &'a str),
}

/// The end of a route that an object is at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Sending,
    Receiving,
}

impl<'a> Causes<'a> {
    /// What the errors that were found so far withhold.
    pub(super) fn of(plan: &'a Plan, findings: &'a Findings) -> Self {
        let topology = &plan.topology;
        // What somebody accepts mutes nothing: what follows from it has to be accepted by itself.
        let withheld = findings
            .iter()
            .filter(|finding| finding.is_open_error() && !finding.withholds.is_empty());
        let mut missing = Vec::new();
        for finding in withheld {
            let end = if AT_THE_RECEIVER.contains(&finding.check) {
                End::Receiving
            } else {
                End::Sending
            };
            for object in &finding.objects {
                let of_object = |route: &&Route| match object {
                    Object::Route(name) => route.name == *name,
                    // Of a location that nobody finds, or that hands its mail to nobody.
                    Object::Location(name) if finding.check == Code::E018 => {
                        topology.party_name(route.from) == name && route.is_detour(topology)
                    }
                    Object::Location(name) => {
                        topology.party_name(route.to) == name && route.next_hop == NextHop::Unknown
                    }
                    _ => false,
                };
                // A route that is off takes no mail, whether it can be written or not.
                let routes = plan.routes.iter().filter(|route| route.enabled);
                let routes = routes.filter(of_object);
                missing.extend(routes.map(|route| Missing::Route(route, end)));
                if let Object::Rule(name) = object {
                    let mut rules = topology.rules.iter();
                    let rule = rules.find(|rule| rule.name.value == *name);
                    let at = rule.map(|rule| topology.party_name(Party::Location(rule.at.value)));
                    missing.extend(at.map(|at| Missing::Rule(object, at)));
                }
            }
        }
        let mut said: BTreeMap<(Code, &Object), Vec<&[String]>> = BTreeMap::new();
        for finding in findings {
            let is_certain =
                finding.severity == Severity::Error && finding.certainty == Certainty::Certain;
            let repeated = SPEAKERS.iter().find(|(code, _)| *code == finding.check);
            for code in repeated
                .filter(|_| is_certain)
                .map_or(&[][..], |(_, codes)| codes)
            {
                // What is wrong of one device says nothing of the others at the same location.
                let is_device = |object: &Object| matches!(object, Object::Device(_));
                let of_device = finding.objects.iter().any(is_device);
                let speaks_of = |object: &&Object| !of_device || is_device(object);
                for object in finding.objects.iter().filter(speaks_of) {
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
            plan,
            missing,
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
        let is_lost = !OF_ARRIVING.contains(&finding.check);
        finding.check != Code::I001
            && (finding.objects.iter().any(is_said)
                || is_lost && self.missing.iter().any(|it| self.is_needed(it, finding)))
    }

    fn is_needed(&self, missing: &Missing<'_>, finding: &Finding) -> bool {
        match missing {
            Missing::Rule(rule, at) => {
                let mut hops = finding.trace.iter();
                finding.objects.contains(rule)
                    || hops.any(|hop| hop.at == *at || hop.to == *at)
                    || is_of(finding, at)
            }
            Missing::Route(_, End::Receiving) if OF_HANDING_OVER.contains(&finding.check) => false,
            Missing::Route(route, end) => {
                finding.objects.contains(&Object::Route(route.name.clone()))
                    || self.is_on_the_way(route, *end, finding)
            }
        }
    }

    /// Whether mail goes over the route, or has come to where the route starts and gone no better way.
    fn is_on_the_way(&self, route: &Route, end: End, finding: &Finding) -> bool {
        let topology = &self.plan.topology;
        let [from, to] = [route.from, route.to].map(|party| topology.party_name(party));
        let hops = &finding.trace;
        // What sends the mail of one route is not missed by the mail of another between the same two.
        let is_it = |hop: &TraceHop| match hop.by.strip_prefix("route:") {
            Some(by) if end == End::Sending => by == route.name,
            _ => true,
        };
        if hops
            .iter()
            .any(|hop| hop.at == from && hop.to == to && is_it(hop))
        {
            return true;
        }
        if end == End::Receiving {
            return false;
        }
        // Mail that was sent on under another name followed the MX of that one.
        let sent_on = hops.iter().filter_map(|hop| hop.by.strip_prefix("mx "));
        let names = finding.domains.iter().map(String::as_str).chain(sent_on);
        let names: Vec<Pattern> = names.filter_map(|name| Pattern::parse(name).ok()).collect();
        // What waits for a rule takes mail for the mailboxes that it leads to, and no other.
        let leads_to = |name: &Pattern| {
            let mut domains = topology.domains.iter();
            domains.any(|domain| {
                name.matches(&domain.name)
                    && domain
                        .holder_ids()
                        .any(|id| Party::Location(id) == route.to)
            })
        };
        let is_for = |better: &dyn Fn(&Pattern) -> bool| {
            if route.only_by_rule {
                names.iter().any(leads_to)
            } else {
                names.is_empty() || names.iter().any(better)
            }
        };
        let is_left = |hop: &TraceHop| {
            let taken = self.plan.routes.iter().find(|other| {
                hop.by.strip_prefix("route:") == Some(other.name.as_str())
                    && topology.party_name(other.from) == from
            });
            let is_better = |name: &Pattern| {
                let own = nearest(route, name);
                own.is_some() && own >= taken.and_then(|taken| nearest(taken, name))
            };
            hop.at == from && !hop.by.starts_with("rule:") && is_for(&is_better)
        };
        let has_ended = match hops.last() {
            Some(hop) => hop.to == from && route.from.location().is_some(),
            None => is_of(finding, from),
        };
        hops.iter().any(is_left) || has_ended && is_for(&|name| nearest(route, name).is_some())
    }
}

/// Whether a finding that shows no way is about mail of this location: the last that it names is where the mail is.
fn is_of(finding: &Finding, place: &str) -> bool {
    let mut objects = finding.objects.iter().rev();
    let last = objects.find_map(|object| match object {
        Object::Location(name) => Some(name),
        _ => None,
    });
    finding.trace.is_empty() && last.is_some_and(|name| name == place)
}

/// How near the nearest pattern of a route is to a name, itself a pattern; nothing where none has a name in common with it.
fn nearest(route: &Route, name: &Pattern) -> Option<usize> {
    let patterns = route.recipients.iter().map(|at| &at.pattern);
    let met = patterns.filter(|pattern| meet(pattern, name));
    met.map(|pattern| match pattern {
        Pattern::Any => 0,
        Pattern::AcceptedDomains => 1,
        Pattern::Below(base) => 2 + base.as_str().len(),
        Pattern::Exact(_) => usize::MAX,
    })
    .max()
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
