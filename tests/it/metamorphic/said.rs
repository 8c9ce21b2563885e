//! Everything that is said about a spec, in lines that can be compared.

use super::corpus::{MAIN, Sample};
use mailtopo::compile::{Checked, Input, check};
use mailtopo::testing::finding::Finding;
use mailtopo::testing::topology::{Holds, Topology};
use mailtopo::testing::values::{Address, Date};
use mailtopo::testing::walk::{Model, expect, trace};
use serde_json::json;

/// A sender and a recipient.
pub(crate) type Asked = (String, String);

/// What is said, each list sorted.
pub(crate) struct Said {
    /// Checks with severity and certainty.
    pub verdicts: Vec<String>,
    /// Findings without their places.
    pub messages: Vec<String>,
    /// The ways of some messages.
    pub ways: Vec<String>,
}

/// Messages of so many senders and recipients are followed.
const FOLLOWED: usize = 12;

fn checked(sample: &Sample) -> Checked {
    let files = sample.files();
    let input = Input {
        name: MAIN,
        bytes: &files[MAIN],
        files: &files,
    };
    check(&input, Date::parse("2026-11-25").expect("a day"))
}

/// Messages to ask about: nothing where the spec itself has mistakes.
pub(crate) fn asked(sample: &Sample) -> Vec<Asked> {
    let Some(plan) = checked(sample).plan else {
        return Vec::new();
    };
    let topology = &plan.topology;
    let mut senders = vec!["internet".to_owned()];
    senders.extend(
        topology
            .locations()
            .map(|(_, location)| location.name.clone()),
    );
    senders.extend(topology.partners().map(|(_, partner)| partner.name.clone()));
    senders.extend(topology.devices().map(|(_, device)| device.name.clone()));
    let recipients = recipients(topology);
    let all: Vec<Asked> = senders
        .iter()
        .flat_map(|from| recipients.iter().map(move |to| (from.clone(), to.clone())))
        .collect();
    let step = all.len().div_ceil(FOLLOWED).max(1);
    // A step that shares a divisor with the number of recipients would ask about one of them again and again.
    let step = if recipients.len().is_multiple_of(step.max(2)) {
        step + 1
    } else {
        step
    };
    all.into_iter().step_by(step).collect()
}

fn recipients(topology: &Topology) -> Vec<String> {
    let mut recipients = vec!["sun@customer.example".to_owned()];
    for (_, domain) in topology.domains() {
        let somebody = domain
            .holders
            .iter()
            .find_map(|holder| match &holder.holds {
                Holds::Listed(people) => Some(people.first()?.address.to_string()),
                Holds::Count(_) | Holds::Rest => None,
            });
        recipients.push(somebody.unwrap_or_else(|| format!("anna@{}", domain.name)));
        recipients.push(format!("anna@below.{}", domain.name));
    }
    for (_, partner) in topology.partners() {
        let base = partner
            .domains
            .iter()
            .find_map(|pattern| pattern.value.base().cloned());
        recipients.extend(base.map(|name| format!("anna@{name}")));
    }
    recipients
}

/// What is said about a spec, in the words that `back` makes of it.
pub(crate) fn said(sample: &Sample, asked: &[Asked], back: impl Fn(&str) -> String) -> Said {
    let checked = checked(sample);
    let mut verdicts: Vec<String> = checked.findings.iter().map(verdict).collect();
    let mut messages: Vec<String> = checked
        .findings
        .iter()
        .map(|finding| back(&message(finding)))
        .collect();
    let mut ways = Vec::new();
    if let Some(plan) = &checked.plan {
        let model = Model::of(plan);
        for (from, to) in asked {
            let Ok(sender) = expect::sender(&plan.topology, from) else {
                ways.push(back(&format!("there is no {from}")));
                continue;
            };
            let Ok(to) = Address::parse(to) else {
                continue;
            };
            let said = trace(&model, &sender, &to);
            ways.extend(said.ways.iter().map(|way| {
                let line = json!([
                    said.from,
                    to.to_string(),
                    way.end.ends.words(&plan.topology),
                    way.end.why,
                    way.certainty,
                    way.readings,
                    way.assuming,
                    way.tls.as_str(),
                    way.egress
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>(),
                    way.shown(),
                ]);
                back(&line.to_string())
            }));
        }
    }
    for list in [&mut verdicts, &mut messages, &mut ways] {
        list.sort();
        list.dedup();
    }
    Said {
        verdicts,
        messages,
        ways,
    }
}

fn verdict(finding: &Finding) -> String {
    format!(
        "{} {:?} {:?}",
        finding.check, finding.severity, finding.certainty
    )
}

fn message(finding: &Finding) -> String {
    let mut objects: Vec<String> = finding.objects.iter().map(ToString::to_string).collect();
    objects.sort();
    let labels: Vec<&str> = finding
        .labels
        .iter()
        .map(|label| label.text.as_str())
        .collect();
    let rest = json!({
        "help": finding.help, "labels": labels, "objects": objects, "domains": finding.domains,
        "total": finding.domains_total, "recipients": finding.recipients, "readings": finding.readings,
        "trace": finding.trace,
    });
    format!("{} {} {rest}", verdict(finding), finding.message)
}
