//! L1: findings and traces agree.
//!
//! (a) A way that is not as wanted has a finding whose region holds the recipient and whose objects or trace touch the
//! way. (b) The way that a finding shows, and the end that it names, is one that the trace has.
//! (c) "All end as intended" stands only beside ways that do. (d) A way written as an
//! expectation holds; with another end it does not.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::messages::{Message, fault, in_regions, is_found, region_holds, said, senders, starts};
use crate::surface::{Compiled, Finding, Path};
use crate::topology::{Topology, domain_of};
use serde_yaml::Value;
use std::collections::BTreeSet;

#[test]
fn a_way_that_is_not_as_wanted_has_a_finding() {
    holds("L1a", ways_have_findings, |_, _| true);
}

#[test]
fn a_finding_shows_a_way_that_the_trace_has() {
    holds("L1b", findings_have_ways, |_, _| true);
}

#[test]
fn a_way_is_what_is_expected_of_it() {
    holds("L1d", ways_are_expected, |_, _| true);
}

#[test]
fn all_as_intended_stands_beside_such_ways_alone() {
    holds("L1c", as_intended, |_, _| true);
}

fn as_intended(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let Some(topology) = Topology::of(spec) else {
        return Vec::new();
    };
    if !compiled.report("human").contains("all end as intended") {
        return Vec::new();
    }
    let mut breaches = Breaches::default();
    for message in spec.messages() {
        for path in &message.trace.paths {
            // What is only worth a note is as intended.
            if let Some(fault) = fault(&topology, message, path).filter(|it| it.least != "note") {
                breaches.add(fault.kind, "all end as intended", shown(message, path));
            }
        }
    }
    breaches.all()
}

fn shown(message: &Message, path: &Path) -> String {
    format!(
        "trace {} to {}: {} ({}), tls {}, by {:?}",
        message.sender.from,
        message.recipient.to,
        path.ends,
        path.certainty,
        path.tls,
        path.places()
    )
}

fn ways_have_findings(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let Some(topology) = Topology::of(spec) else {
        return Vec::new();
    };
    let mut breaches = Breaches::default();
    let routes = starts(compiled);
    for message in spec.messages() {
        for path in &message.trace.paths {
            let Some(fault) = fault(&topology, message, path) else {
                continue;
            };
            if !is_found(&compiled.findings, &fault, message, path, &routes) {
                let other = format!("no {} in: {}", fault.least, said(&compiled.findings));
                breaches.add(fault.kind, shown(message, path), other);
            }
        }
    }
    breaches.all()
}

/// The end that a message names: "ends `bounced hq`".
fn end_in(finding: &Finding) -> Option<&str> {
    let (_, rest) = finding.message.split_once(" ends `")?;
    rest.split_once('`').map(|(end, _)| end)
}

fn findings_have_ways(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let Some(topology) = Topology::of(spec) else {
        return Vec::new();
    };
    let about_mail: Vec<&Finding> = compiled
        .findings
        .iter()
        .filter(|it| {
            // `trace` asks for no mail of a network.
            let is_of_network = it.trace.first().is_some_and(|hop| hop.at.contains('/'));
            it.check != "I001"
                && !is_of_network
                && !it.domains.is_empty()
                && (!it.trace.is_empty() || end_in(it).is_some())
        })
        .collect();
    if about_mail.is_empty() {
        return Vec::new();
    }
    let more = in_regions(&topology, spec, compiled, &about_mail);
    let all: Vec<&Message> = spec.messages().iter().chain(&more).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let mut breaches = Breaches::default();
    for finding in about_mail {
        let in_region: Vec<&Message> = all
            .iter()
            .copied()
            .filter(|it| region_holds(finding, domain_of(&it.recipient.to)))
            .collect();
        let paths = || in_region.iter().flat_map(|message| &message.trace.paths);
        let hops: Vec<(&str, &str)> = finding
            .trace
            .iter()
            .map(|it| (it.at.as_str(), it.to.as_str()))
            .collect();
        let goes = |path: &Path| {
            let ways: Vec<(&str, &str)> = path
                .hops
                .iter()
                .map(|it| (it.at.as_str(), it.to.as_str()))
                .collect();
            hops.is_empty() || ways.windows(hops.len()).any(|part| part == hops)
        };
        let ends = |path: &Path| end_in(finding).is_none_or(|end| path.ends == end);
        if paths().any(|path| goes(path) && ends(path)) {
            continue;
        }
        // Where mailboxes are not listed, `trace` takes each address for one of them.
        let is_of_nobody = finding.message.contains("unknown address");
        if is_of_nobody
            && to_nobody(&topology, compiled, finding)
                .iter()
                .any(|path| goes(path) && ends(path))
        {
            continue;
        }
        // Reports are mail like other mail, with an empty sender.
        let is_of_reports = finding.check == "G006";
        if is_of_reports
            && reports(compiled, finding, &in_region)
                .iter()
                .any(|path| goes(path) && ends(path))
        {
            continue;
        }
        let what = if paths().any(goes) {
            "the end"
        } else {
            "the way"
        };
        let object = format!("{}: no trace has {what}", finding.check);
        let traces: Vec<String> = in_region
            .iter()
            .take(6)
            .flat_map(|it| it.trace.paths.iter().map(|path| shown(it, path)))
            .take(6)
            .collect();
        breaches.add(
            object,
            format!("{} {} by {hops:?}", finding.check, finding.message),
            traces.join("\n   "),
        );
    }
    breaches.all()
}

/// Every way of mail for addresses in the region of a finding that nobody has.
fn to_nobody(topology: &Topology, compiled: &Compiled, finding: &Finding) -> Vec<Path> {
    let Some(tracer) = compiled.tracer() else {
        return Vec::new();
    };
    let mut paths = Vec::new();
    for pattern in &finding.domains {
        let to = format!("any@{}", pattern.replace('*', "xq8"));
        for sender in senders(topology) {
            let trace = tracer.trace_to_nobody(&sender.from, &to);
            paths.extend(trace.map(|it| it.paths).unwrap_or_default());
        }
    }
    paths
}

/// Every way of reports to these recipients.
fn reports(compiled: &Compiled, finding: &Finding, in_region: &[&Message]) -> Vec<Path> {
    let (Some(tracer), Some(first)) = (compiled.tracer(), finding.trace.first()) else {
        return Vec::new();
    };
    let recipients: BTreeSet<&String> = in_region.iter().map(|it| &it.recipient.to).collect();
    let mut paths = Vec::new();
    for to in recipients {
        let trace = tracer.trace(&format!("{}:<>", first.at), to);
        paths.extend(trace.map(|it| it.paths).unwrap_or_default());
    }
    paths
}

fn end_word(path: &Path) -> &str {
    path.ends.split(' ').next().unwrap_or_default()
}

/// So many ways of a spec are written as expectations.
const EXPECTED: usize = 40;

fn ways_are_expected(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let (Some(topology), Some(mut main)) = (Topology::of(spec), spec.main()) else {
        return Vec::new();
    };
    let is_plain = |it: &Message| it.recipient.to.is_ascii() && it.sender.from.is_ascii();
    let single = spec
        .messages()
        .iter()
        .filter(|it| it.trace.paths.len() == 1 && is_plain(it));
    // Mail that is lost outside.
    let (outside, single): (Vec<_>, Vec<_>) =
        single.partition(|it| it.trace.paths[0].ends.ends_with(" internet"));
    let single: Vec<&Message> = single.into_iter().take(EXPECTED).collect();
    if single.is_empty() || main.as_mapping().is_none() {
        return Vec::new();
    }
    let line = |message: &Message, end: &str| {
        let path = &message.trace.paths[0];
        let mut line = serde_yaml::Mapping::new();
        let mut put = |key: &str, value: Value| line.insert(key.into(), value);
        put("from", message.sender.from.as_str().into());
        put("to", message.recipient.to.as_str().into());
        put("ends", end.into());
        let mut via: Vec<&str> = path
            .places()
            .into_iter()
            .filter(|it| topology.places.contains_key(*it))
            .collect();
        // A place that did not take the mail was not passed.
        if matches!(end_word(path), "rejected" | "deferred") {
            via.pop();
        }
        let mut once = via.clone();
        once.sort_unstable();
        once.dedup();
        if once.len() == via.len() && !via.is_empty() {
            put("via", via.into());
        }
        put("tls", path.tls.as_str().into());
        if !path.egress.is_empty() {
            put(
                "egress",
                path.egress
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .into(),
            );
        }
        Value::Mapping(line)
    };
    let mut ask = |lines: Vec<Value>| {
        let map = main.as_mapping_mut().expect("a mapping");
        map.insert("expect".into(), Value::Sequence(lines));
        Compiled::of(&spec.with_main(&main).files)
    };
    let right = ask(single
        .iter()
        .map(|it| line(it, &it.trace.paths[0].ends))
        .collect());
    let wrong = ask(single
        .iter()
        .map(|it| {
            line(
                it,
                if it.trace.paths[0].ends.starts_with("loop") {
                    "internet"
                } else {
                    "loop"
                },
            )
        })
        .collect());
    let broken = |compiled: &Compiled, message: &Message| {
        let start = format!(
            "mail from `{}` to `{}` ",
            message.sender.from, message.recipient.to
        );
        let mut findings = compiled.findings.iter();
        findings
            .find(|it| it.check == "I001" && it.message.starts_with(&start))
            .cloned()
    };
    let mut breaches = Breaches::default();
    let mut add = |object: &str, message: &Message, other: String| {
        breaches.add(object, shown(message, &message.trace.paths[0]), other);
    };
    if mistake(compiled).is_some() {
        return Vec::new();
    }
    let in_vain = outside
        .first()
        .map(|it| (it, ask(vec![line(it, &it.trace.paths[0].ends)])));
    if let Some((message, compiled)) = in_vain
        && let Some(finding) = mistake(&compiled)
    {
        add(
            "the end of a trace is no end of an expectation",
            message,
            finding.message.clone(),
        );
    }
    if let Some(finding) = mistake(&right).or(mistake(&wrong)) {
        add(
            "expectations are a mistake",
            single[0],
            finding.message.clone(),
        );
        return breaches.all();
    }
    for message in &single {
        if let Some(finding) = broken(&right, message) {
            add("I001 for the way of the trace", message, finding.message);
        }
        if broken(&wrong, message).is_none() {
            add("no I001 for another end", message, said(&wrong.findings));
        }
    }
    breaches.all()
}

/// A mistake in what the spec says.
fn mistake(compiled: &Compiled) -> Option<&Finding> {
    let mut findings = compiled.findings.iter();
    findings.find(|it| it.check.starts_with('S') && it.severity == "error")
}
