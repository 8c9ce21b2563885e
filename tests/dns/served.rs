//! Zones on the loopback interface: NSD and Knot answer for every name, for unnamed subdomains, empty non-terminals and names
//! outside as the plan says, and `Mail::SPF`, which asks them, says of senders what we say.

use crate::spf::{Heard, questions};
use crate::zones::whole;
use crate::{folders, generated, peers, zones_of};
use mailtopo::testing::finding::Findings;
use mailtopo::testing::publish::{Known, Published};
use mailtopo::testing::walk::{Flows, Model};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many generated specs are part of every run.
const EVERYDAY: u64 = 6;

/// A text of a zone file.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    let octets = escaped.as_bytes().chunks(250);
    let parts = octets.map(|part| format!("\"{}\"", String::from_utf8_lossy(part)));
    parts.collect::<Vec<_>>().join(" ")
}

/// The zone `.` with what is known of names that are in no zone of ours.
fn rest(
    names: &BTreeMap<String, BTreeMap<&'static str, Vec<String>>>,
    ours: &BTreeMap<String, String>,
) -> String {
    let mut text = ". 3600 IN SOA ns.invalid. hostmaster.invalid. 1 86400 7200 3600000 3600\n. 3600 IN NS ns.invalid.\n".to_owned();
    for (name, records) in names {
        let is_ours = ours
            .keys()
            .any(|zone| name == zone || name.ends_with(&format!(".{zone}")));
        if is_ours {
            continue;
        }
        for (kind, values) in records {
            for value in values {
                let data = match *kind {
                    "TXT" => quoted(value),
                    "MX" => format!("10 {value}."),
                    _ => value.clone(),
                };
                let _ = writeln!(text, "{name}. 3600 IN {kind} {data}");
            }
        }
    }
    text
}

#[test]
fn name_servers_answer_as_planned_and_mail_spf_agrees() {
    let specs = folders(&["examples"])
        .into_iter()
        .chain(generated(EVERYDAY));
    let (mut worlds, mut said) = (Vec::new(), Vec::new());
    for spec in specs {
        let Some(asked) = spec.compiled() else {
            continue;
        };
        let zones = zones_of(&asked.files().expect("it compiles"));
        if zones.is_empty() {
            continue;
        }
        let mut planned = asked.records();
        let served: BTreeMap<String, String> = zones
            .iter()
            .map(|(origin, text)| (origin.clone(), whole(text, origin)))
            .collect();
        // What makes a whole zone of a fragment is no part of the plan, and is there all the same.
        for (origin, text) in &served {
            let added = text.lines().filter(|line| !zones[origin].contains(*line));
            for line in added {
                let words: Vec<&str> = line.split_ascii_whitespace().collect();
                let [name, ttl, "IN", kind, data @ ..] = words.as_slice() else {
                    continue;
                };
                let name = name.trim_end_matches('.').to_owned();
                if *kind != "SOA" {
                    planned.push([
                        origin.clone(),
                        name,
                        (*kind).to_owned(),
                        (*ttl).to_owned(),
                        data.join(" "),
                    ]);
                }
            }
        }
        let plan = crate::spf::planned(&spec).expect("it compiles");
        let model = Model::of(&plan);
        let flows = Flows::of(&model);
        let published = Published::of(&flows, &mut Findings::default());
        let known = Known::of(&plan, &published);
        let heard = Heard::of(&known);
        let questions = questions(&heard, &plan, &published);
        let mut asked = Vec::new();
        let mut ours = Vec::new();
        // What a service has under the name that one of ours leads to is told in the spec, and served by nobody here.
        let is_alias = |name: &str| {
            planned
                .iter()
                .any(|one| one[1] == name && one[2] == "CNAME")
        };
        for (address, domain, word) in questions {
            if is_alias(&domain) {
                continue;
            }
            asked.push(json!([address.to_string(), domain]));
            ours.push((format!("{}: {address} as {domain}", spec.name), word));
        }
        let others = rest(&heard.into_names(), &zones);
        worlds.push(
            json!({"zones": served, "planned": planned, "asked": asked, "others": {".": others}}),
        );
        said.push(ours);
    }
    let found = peers::python("served.py", "dnspython", &Value::from(worlds));
    let (mut answers, mut evaluated) = (0, 0);
    let mut wrong = Vec::new();
    for (world, said) in found.as_array().expect("a list").iter().zip(&said) {
        answers += world["answers"].as_u64().unwrap_or_default();
        wrong.extend(
            world["wrong"]
                .as_array()
                .expect("a list")
                .iter()
                .map(ToString::to_string),
        );
        let theirs = world["spf"].as_array().expect("a list");
        assert_eq!(theirs.len(), said.len());
        for ((shown, ours), theirs) in said.iter().zip(theirs) {
            evaluated += 1;
            if theirs != ours {
                wrong.push(format!("{shown}: {ours}, Mail::SPF: {theirs}"));
            }
        }
    }
    println!(
        "{} worlds, {answers} answers, {evaluated} evaluations",
        said.len()
    );
    assert!(
        wrong.is_empty(),
        "{}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert!(
        answers > 1000 && evaluated > 200,
        "{answers} answers, {evaluated} evaluations"
    );
}
