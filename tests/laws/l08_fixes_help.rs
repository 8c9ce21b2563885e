//! L8: every proposed edit helps.
//!
//! An edit that a finding proposes leads to a spec without that finding and with no new error. What `check --fix` makes of
//! a spec has no error that was not there, and no message that arrived before is lost.

use crate::breach::{Breach, holds};
use crate::corpus::{Spec, more};
use crate::surface::{Compiled, Files, MAIN, TODAY};
use mailtopo::testing::{Proposal, fixed, proposals};
use std::collections::BTreeSet;

#[test]
fn every_proposed_edit_helps() {
    holds("L8", edits_help, |_, spec| {
        more().is_some() || is_of_today(&spec.name)
    });
}

/// A third of the specs: each edit is a check of its own. By name, so that a new spec changes nothing for the others.
fn is_of_today(name: &str) -> bool {
    name.bytes().map(usize::from).sum::<usize>() % 3 == 0
}

fn edits_help(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let all = proposals(MAIN, &spec.files, TODAY).unwrap_or_default();
    if all.is_empty() {
        return Vec::new();
    }
    let breach = |kind: String, one: String, other: String| Breach {
        object: kind.clone(),
        kind,
        one,
        other,
    };
    let useless = all.iter().filter(|it| it.has_edit && !it.helps);
    let mut breaches: Vec<Breach> = useless
        .map(
            |Proposal {
                 check,
                 title,
                 message,
                 ..
             }| {
                breach(
                    format!("{check}: an edit that does not help"),
                    message.clone(),
                    title.clone(),
                )
            },
        )
        .collect();
    let Some(done) = fixed(MAIN, &spec.files, TODAY, false).filter(|done| !done.texts.is_empty())
    else {
        return breaches;
    };
    let mut files: Files = spec.files.clone();
    files.extend(
        done.texts
            .into_iter()
            .map(|(name, text)| (name, text.into_bytes())),
    );
    let after = Compiled::of(&files);
    let errors = |of: &Compiled| -> BTreeSet<String> {
        let open = of
            .findings
            .iter()
            .filter(|it| it.severity == "error" && !it.accepted);
        open.map(|it| format!("{} {:?}", it.check, it.objects))
            .collect()
    };
    for error in errors(&after).difference(&errors(compiled)) {
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
        return breaches;
    };
    for message in spec.messages() {
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
        if before && !now.paths.iter().all(|path| arrives(&path.ends)) {
            breaches.push(breach(
                "mail that a safe edit loses".to_owned(),
                format!("{from} to {to}"),
                done.applied.join("; "),
            ));
        }
    }
    breaches
}
