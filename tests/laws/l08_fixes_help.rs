//! L8: every proposed edit helps.
//!
//! An edit that a finding proposes leads to a spec without that finding. It is offered if and only if it brings nothing
//! worse than a note; what is not offered stays in the words of the help, where several faults are on one path. What
//! `check --fix` makes of a spec has no error that was not there, and no message that arrived before is lost or has less
//! TLS.

use crate::breach::{Breach, Breaches, holds, in_parallel};
use crate::corpus::{Spec, generated, more};
use crate::messages::{Message, said, usual};
use crate::surface::{Compiled, Files, MAIN, Path, TODAY};
use crate::topology::level;
use mailtopo::testing::{Proposal, fixed, proposals};
use std::collections::BTreeSet;

#[test]
fn every_proposed_edit_helps() {
    holds("L8", edits_help, |_, spec| {
        more().is_some() || is_of_today(&spec.name)
    });
}

/// Topologies of their own, which are checked and not compiled, so that many can be asked (`SAFE_FIXES=10000`, the first by
/// `SAFE_FIRST`).
#[test]
fn safe_edits_of_random_topologies_spare_mail() {
    let asked = |name: &str, usual: u64| {
        let text = std::env::var(name);
        text.map_or(usual, |text| text.parse().expect("a number"))
    };
    let (first, count) = (asked("SAFE_FIRST", 1_000_000), asked("SAFE_FIXES", 15));
    let numbers: Vec<usize> = (0..usize::try_from(count).expect("a count")).collect();
    let found = in_parallel(&numbers, |at| {
        let spec = generated(first + u64::try_from(at).expect("a number"));
        let compiled = Compiled::checked(&spec.files);
        let messages = usual(&compiled, &spec);
        let (edited, breaches) = safe_edits_spare_mail(&spec, &compiled, &messages);
        let text = (!breaches.is_empty()).then(|| spec.text());
        (messages.len(), edited, breaches, text)
    });
    let messages: usize = found.iter().map(|(messages, ..)| messages).sum();
    let edits: usize = found.iter().map(|(_, edited, ..)| edited).sum();
    println!("{count} topologies, {edits} safe edits, {messages} messages");
    let broken: Vec<String> = found
        .iter()
        .filter_map(|(.., breaches, text)| Some(format!("{}\n{breaches:#?}", text.as_ref()?)))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(edits > 0, "no edit was tried");
}

/// A third of the specs: each edit is a check of its own. By name, so that a new spec changes nothing for the others.
fn is_of_today(name: &str) -> bool {
    name.bytes().map(usize::from).sum::<usize>() % 3 == 0
}

/// A report tries no more edits than so many.
const MOST_OFFERS: usize = 40;

/// What is wrong in a spec, by check and objects: errors, or warnings too.
fn wrong(of: &Compiled, with_warnings: bool) -> BTreeSet<String> {
    let open = of.findings.iter().filter(|it| {
        !it.accepted && (it.severity == "error" || with_warnings && it.severity == "warning")
    });
    open.map(|it| format!("{} {:?}", it.check, it.objects))
        .collect()
}

/// What is not so of one proposed edit, in words of which the check is the first.
fn why_useless(
    spec: &Spec,
    compiled: &Compiled,
    all: &[Proposal],
    proposal: &Proposal,
) -> Option<(String, String)> {
    let (name, text) = proposal.edited.clone()?;
    let mut files = spec.files.clone();
    files.insert(name, text.into_bytes());
    let after = Compiled::checked(&files);
    let count = |of: &Compiled| {
        let same = of.findings.iter().filter(|it| {
            it.check == proposal.check
                && it.objects == proposal.objects
                && it.message == proposal.message
        });
        same.count()
    };
    let check = proposal.check;
    if compiled.tracer().is_some() && after.tracer().is_none() {
        return Some((
            format!("{check}: its edit is a mistake"),
            said(&after.findings),
        ));
    }
    if count(&after) >= count(compiled) {
        return Some((
            format!("{check}: its edit leaves it"),
            said(&after.findings),
        ));
    }
    // What could not be looked at before shows more afterwards.
    compiled.tracer()?;
    let brings = |with_warnings| {
        let was = wrong(compiled, with_warnings);
        let is = wrong(&after, with_warnings);
        is.difference(&was).cloned().collect::<Vec<String>>()
    };
    if proposal.is_offered {
        let errors = brings(false);
        return (!errors.is_empty()).then(|| {
            (
                format!("{check}: an offered edit brings an error"),
                errors.join("; "),
            )
        });
    }
    let is_tried = all.len() <= MOST_OFFERS;
    let is_harmless = || brings(true).is_empty() && brings(false).is_empty();
    (is_tried && is_harmless()).then(|| {
        (
            format!("{check}: an edit that helps is not offered"),
            String::new(),
        )
    })
}

fn edits_help(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let all = proposals(MAIN, &spec.files, TODAY).unwrap_or_default();
    if all.is_empty() {
        return Vec::new();
    }
    let mut breaches = Breaches::default();
    for proposal in &all {
        if let Some((kind, why)) = why_useless(spec, compiled, &all, proposal) {
            breaches.add(
                kind,
                format!("{}: {}", proposal.message, proposal.title),
                why,
            );
        }
    }
    let mut breaches = breaches.all();
    breaches.extend(safe_edits_spare_mail(spec, compiled, spec.messages()).1);
    breaches
}

/// How many edits `check --fix` makes in a spec, and what they break.
fn safe_edits_spare_mail(
    spec: &Spec,
    compiled: &Compiled,
    messages: &[Message],
) -> (usize, Vec<Breach>) {
    let breach = |kind: String, one: String, other: String| Breach {
        object: kind.clone(),
        kind,
        one,
        other,
    };
    let mut breaches = Vec::new();
    let Some(done) = fixed(MAIN, &spec.files, TODAY, false).filter(|done| !done.texts.is_empty())
    else {
        return (0, breaches);
    };
    let edited = done.applied.len();
    let mut files: Files = spec.files.clone();
    files.extend(
        done.texts
            .into_iter()
            .map(|(name, text)| (name, text.into_bytes())),
    );
    let after = Compiled::checked(&files);
    for error in wrong(&after, false).difference(&wrong(compiled, false)) {
        // What could not be looked at before shows more afterwards.
        if compiled.tracer().is_some() {
            breaches.push(breach(
                "an error that a safe edit brings".to_owned(),
                error.clone(),
                done.applied.join("; "),
            ));
        }
    }
    let Some(tracer) = after.tracer() else {
        return (edited, breaches);
    };
    for message in messages {
        let arrives = |ends: &str| {
            ["delivered", "handed-off", "internet"]
                .iter()
                .any(|it| ends.starts_with(it))
        };
        let before = message.trace.paths.iter().all(|path| arrives(&path.ends));
        let (from, to) = (&message.sender.from, &message.recipient.to);
        let Ok(now) = tracer.trace(from, to) else {
            continue;
        };
        let floor = |paths: &[Path]| paths.iter().map(|path| level(&path.tls)).min();
        let arrives_now = now.paths.iter().all(|path| arrives(&path.ends));
        let kind = match before {
            true if !arrives_now => "mail that a safe edit loses",
            true if floor(&now.paths) < floor(&message.trace.paths) => {
                "mail that a safe edit makes worse"
            }
            _ => continue,
        };
        let ways = |paths: &[Path]| {
            let each = paths
                .iter()
                .map(|it| format!("{:?} {} with {}", it.places(), it.ends, it.tls));
            each.collect::<Vec<String>>().join(", ")
        };
        breaches.push(breach(
            kind.to_owned(),
            format!(
                "{from} to {to}: {}; afterwards: {}",
                ways(&message.trace.paths),
                ways(&now.paths)
            ),
            done.applied.join("; "),
        ));
    }
    (edited, breaches)
}
