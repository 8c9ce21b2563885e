//! L5: outputs agree with each other.
//!
//! (a) What a connector, a table or a checklist says of a hop is what `routes` says. (b) A certificate identifies nobody
//! over a link without TLS. (c) Addresses that mail leaves from stand in the checklist of the place. (d) What the
//! path of a test rests on stands in the runbook. (e) Every file that the runbook names exists, and every script is named
//! there. (f) Each step stands behind what its mail needs. (g) The help of an error names no list of changes, which is not
//! written because of it.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::readers::{pages, powershell};
use crate::surface::Compiled;
use crate::topology::{Topology, texts};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn outputs_agree() {
    holds("L5", outputs_agree_of, |_, _| true);
}

/// Endings of what mailtopo writes.
const ENDINGS: [&str; 7] = [
    ".ps1",
    ".psd1",
    ".zone",
    ".sh",
    ".cf",
    ".txt",
    "CHECKLIST.md",
];

fn outputs_agree_of(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let mut breaches = Breaches::default();
    let errors = compiled
        .findings
        .iter()
        .filter(|it| it.severity == "error" && !it.accepted);
    for finding in errors.filter(|it| it.help.contains("dns/changes/")) {
        let kind = "an error names a list that is not written";
        breaches.add(kind, finding.help.clone(), String::new());
    }
    let (Some(topology), Some(files)) = (Topology::of(spec), &compiled.files) else {
        return breaches.all();
    };
    let mut add = |kind: &str, one: String, other: String| breaches.add(kind, one, other);
    let document = compiled.routes().unwrap_or_default();
    for row in document["routes"].as_array().into_iter().flatten() {
        let word = |key: &str| row[key].as_str().unwrap_or_default();
        let name = word("name");
        if row["known_by"]["kind"] == "certificate" && word("tls") == "none" {
            add(
                "a certificate identifies over a link without TLS",
                row.to_string(),
                String::new(),
            );
        }
        let Some(bytes) = files.get(&format!("{}/commands.ps1", word("from"))) else {
            continue;
        };
        let commands = powershell::commands(&String::from_utf8_lossy(bytes));
        let made = commands.iter().find(|it| {
            matches!(
                it.cmdlet.as_str(),
                "New-OutboundConnector" | "New-SendConnector"
            ) && it.one("Name") == name
        });
        let Some(made) = made else { continue };
        let level = match (
            made.cmdlet.as_str(),
            made.one("TlsSettings"),
            made.one("TlsAuthLevel"),
        ) {
            ("New-OutboundConnector", "EncryptionOnly", _) | (_, _, "EncryptionOnly") => {
                "encrypted"
            }
            ("New-OutboundConnector", "CertificateValidation", _)
            | (_, _, "CertificateValidation") => "ca-verified",
            ("New-OutboundConnector", "DomainValidation", _) | (_, _, "DomainValidation") => {
                "verified"
            }
            _ if made.one("IgnoreSTARTTLS") == "$true" => "none",
            _ if made.one("RequireTLS") == "$true" => "encrypted",
            _ => "opportunistic",
        };
        // A tenant cannot be told to do without TLS.
        let is_same = level == word("tls")
            || level == "opportunistic"
                && word("tls") == "none"
                && made.cmdlet == "New-OutboundConnector";
        if !is_same {
            add(
                "the connector demands another TLS than the route",
                format!("{name}: {}", word("tls")),
                format!("{level} by {:?}", made.parameters),
            );
        }
    }
    for (name, place) in &topology.places {
        let Some(bytes) = files.get(&format!("{name}/CHECKLIST.md")) else {
            continue;
        };
        let page = String::from_utf8_lossy(bytes).into_owned();
        for message in spec.messages() {
            for path in message
                .trace
                .paths
                .iter()
                .filter(|path| path.ends == "internet")
            {
                // The place that the mail leaves at is the last before the Internet.
                let last = path.hops.last().is_some_and(|hop| hop.at == *name);
                let own = texts(place.value.get("egress"));
                for address in path.egress.iter().filter(|it| last && own.contains(it)) {
                    if !page.contains(&format!("`{address}`")) {
                        add(
                            "the checklist does not name an address that mail leaves from",
                            format!("{address} of {name}"),
                            String::new(),
                        );
                    }
                }
            }
        }
    }
    let Some(runbook) = files.get("RUNBOOK.md") else {
        add("there is no runbook", String::new(), String::new());
        return breaches.all();
    };
    let runbook = String::from_utf8_lossy(runbook).into_owned();
    for (kind, one) in out_of_order(&runbook, &document) {
        add(kind, one, String::new());
    }
    for one in not_said(&runbook, compiled) {
        add(
            "the runbook does not say what a test rests on",
            one,
            String::new(),
        );
    }
    let mut named: BTreeSet<String> = pages::quoted(&runbook).into_iter().collect();
    named.retain(|word| {
        let folder = word.split('/').next().unwrap_or_default();
        let is_ours = topology.places.contains_key(folder) || folder == "dns";
        is_ours
            && word.contains('/')
            && !word.contains([' ', '*', ':'])
            && ENDINGS.iter().any(|it| word.ends_with(it))
    });
    for word in &named {
        // What a script writes when it runs, and what is named as withheld, is not among the files.
        let is_made = files.contains_key(word) || word.ends_with("facts.ps1");
        if !is_made {
            add(
                "the runbook names a file that does not exist",
                word.clone(),
                format!("{:?}", files.keys().collect::<Vec<_>>()),
            );
        }
    }
    for path in files
        .keys()
        .filter(|path| path.ends_with("apply.ps1") || path.ends_with("install.sh"))
    {
        if !runbook.contains(path.as_str())
            && !runbook.contains(path.rsplit('/').next().unwrap_or_default())
        {
            add(
                "the runbook does not name a script",
                path.clone(),
                String::new(),
            );
        }
    }
    breaches.all()
}

/// Assumptions of the paths that the table of tests calls assumed, and that the runbook does not name. A long list is cut.
fn not_said(runbook: &str, compiled: &Compiled) -> BTreeSet<String> {
    let (Some(tracer), false) = (compiled.tracer(), runbook.contains("\n- and ")) else {
        return BTreeSet::new();
    };
    let runbook = runbook.replace('\\', "");
    let said: BTreeSet<&str> = runbook.lines().collect();
    let rows = runbook.lines().filter(|line| line.starts_with("| T"));
    let assumed = rows.filter(|line| line.contains("(assumed)"));
    let traces = assumed.filter_map(|line| {
        let mut cells = line.split(" | ").skip(2);
        let mut quoted = || pages::quoted(cells.next()?).into_iter().next();
        tracer.trace(&quoted()?, &quoted()?).ok()
    });
    let paths = traces.flat_map(|trace| trace.paths);
    let ends = |path: &crate::surface::Path| {
        path.certainty == "assumed" && path.ends.starts_with("delivered")
    };
    paths
        .filter(ends)
        .flat_map(|path| path.assuming)
        .filter(|one| !said.contains(format!("- {one}").as_str()))
        .collect()
}

/// Steps of the runbook that stand before one that their mail needs.
fn out_of_order(runbook: &str, routes: &serde_json::Value) -> Vec<(&'static str, String)> {
    let rows = runbook.lines().take_while(|line| !line.starts_with("## "));
    let steps: Vec<(String, String)> = rows
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            cells.next()?.trim().parse::<usize>().ok()?;
            Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
        })
        .collect();
    let of = |words: &str| steps.iter().position(|(what, _)| what.contains(words));
    let at = |name: &str| {
        let cell = format!("`{name}`");
        steps
            .iter()
            .position(|(what, place)| *place == cell && !what.contains("lock:"))
    };
    let mut found = Vec::new();
    let mut before = |one: Option<usize>, other: Option<usize>, kind: &'static str| {
        if let (Some(one), Some(other)) = (one, other)
            && one >= other
        {
            found.push((
                kind,
                format!("{:?}", steps.iter().map(|it| &it.0).collect::<Vec<_>>()),
            ));
        }
    };
    let (wider, mx, lock) = (of("wider SPF"), of("switch the MX"), of("lock:"));
    before(mx, lock, "a lock stands before the MX record");
    before(
        lock.or(mx),
        of("narrow SPF"),
        "SPF is made narrow before mail has left the old paths",
    );
    let places = steps
        .iter()
        .filter(|(what, place)| place.starts_with('`') && !what.contains("lock:"));
    for (_, place) in places {
        let here = at(place.trim_matches('`'));
        before(
            wider,
            here,
            "a new path stands before the SPF record that it needs",
        );
        before(
            here,
            mx,
            "an MX record stands before the location that takes the mail",
        );
    }
    // Mail for accepted domains is taken from anybody, other mail from whom the location knows by then.
    let mut relays: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in routes["routes"].as_array().into_iter().flatten() {
        let word = |key: &str| row[key].as_str().unwrap_or_default();
        let is_for_all = row["for"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|it| it == "*");
        if is_for_all && row["enabled"] != false {
            relays.entry(word("from")).or_default().insert(word("to"));
        }
    }
    for (from, to) in relays
        .iter()
        .flat_map(|(from, all)| all.iter().map(move |to| (*from, *to)))
    {
        // Of two that send through each other one has to be first.
        let (mut open, mut reached) = (vec![to], BTreeSet::new());
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(relays.get(next).into_iter().flatten());
            }
        }
        if !reached.contains(from) {
            before(
                at(to),
                at(from),
                "a location sends through another that comes later",
            );
        }
    }
    found
}
