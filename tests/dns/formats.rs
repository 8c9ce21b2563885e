//! The four formats, each read by its own tool: dnspython for master files, octoDNS for its YAML, node for `dnsconfig.js`,
//! tfparse for `mail.tf`, as data and as resources. All give the records of the plan.

use crate::input::hostile;
use crate::{Spec, by_name, folders, generated, in_all_formats, peers, receivers, zones_of};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// So many generated specs are part of every run.
const EVERYDAY: u64 = 30;

#[test]
fn every_format_gives_the_records_of_the_plan() {
    let examples = folders(&["examples"]);
    let hostile: Vec<Spec> = hostile().collect();
    let given = examples.iter().chain(&hostile);
    let specs = given.filter_map(in_all_formats).chain(generated(EVERYDAY));
    let (mut names, mut planned, mut python, mut scripts) = (vec![], vec![], vec![], vec![]);
    let mut outputs = Vec::new();
    let mut refused = 0_usize;
    for spec in specs {
        let Some(asked) = spec.compiled() else {
            refused += 1;
            continue;
        };
        let files = asked.files().expect("it compiles");
        let text = |path: &str| {
            files
                .get(path)
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        let (Some(script), Some(terraform)) = (text("dns/dnsconfig.js"), text("dns/mail.tf"))
        else {
            continue;
        };
        names.push(spec.name);
        planned.push(asked.records());
        python.push(json!({
            "zones": zones_of(&files),
            "octodns": by_name(&files, "dns/octodns/", ".yaml"),
            "tf": terraform,
        }));
        scripts.push(script);
        outputs.push(files);
    }
    assert!(
        names.len() > 60,
        "{} specs, {refused} were refused",
        names.len()
    );
    check_policies(&outputs);
    check_zones(&outputs, &planned);
    let read = peers::python(
        "formats.py",
        "octodns octodns-bind tfparse dnspython",
        &Value::from(python),
    );
    let run = peers::ask(
        "node",
        "formats.js",
        "apt-get install nodejs",
        &Value::from(scripts),
    );
    let mut wrong = Vec::new();
    let mut records = 0;
    for (at, planned) in planned.iter().enumerate() {
        let wanted: BTreeSet<String> = planned.iter().map(|record| record.join(" ")).collect();
        records += wanted.len();
        let formats = read[at].as_object().expect("formats");
        let script = ("dnsconfig.js", &run[at]);
        let formats = formats.iter().filter(|(_, found)| !found.is_null());
        let formats = formats.map(|(name, found)| (name.as_str(), found));
        for (format, found) in formats.chain([script]) {
            let found: BTreeSet<String> = match found {
                Value::Array(list) => list
                    .iter()
                    .filter_map(|one| one.as_str().map(str::to_owned))
                    .collect(),
                other => {
                    wrong.push(format!("{format}: {other}\n{}", names[at]));
                    continue;
                }
            };
            // This provider keeps the name servers of its zones itself.
            let ours = |line: &&String| format != "cloudflare" || !is_apex_ns(line);
            let wanted: BTreeSet<String> = wanted.iter().filter(ours).cloned().collect();
            let missing: Vec<_> = wanted.difference(&found).take(3).collect();
            let more: Vec<_> = found.difference(&wanted).take(3).collect();
            if !missing.is_empty() || !more.is_empty() {
                wrong.push(format!(
                    "{format}: lacks {missing:#?}, has {more:#?}\n{}",
                    names[at]
                ));
            }
        }
    }
    println!(
        "{} specs, {records} records, {refused} specs were refused",
        names.len()
    );
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
}

type Files = BTreeMap<String, Vec<u8>>;

/// checkdmarc parses every DMARC, MTA-STS and TLS-RPT text without a complaint.
fn check_policies(outputs: &[Files]) {
    let mut asked = BTreeSet::new();
    for files in outputs {
        for record in crate::reader::records(files)
            .iter()
            .filter(|record| record.kind == "TXT")
        {
            let text = record.data.concat();
            let kind = match (record.name.split('.').next(), text.as_str()) {
                (Some("_dmarc"), _) => "dmarc",
                (Some("_mta-sts"), _) => "mta-sts",
                (Some("_smtp"), _) => "tls-rpt",
                _ => continue,
            };
            let domain = record.name.split_once('.').map_or("", |(_, rest)| rest);
            asked.insert((kind, domain.trim_start_matches("_tls.").to_owned(), text));
        }
        for (path, bytes) in files
            .iter()
            .filter(|(path, _)| path.ends_with("mta-sts.txt"))
        {
            asked.insert((
                "policy",
                path.clone(),
                String::from_utf8_lossy(bytes).into_owned(),
            ));
        }
    }
    let found = peers::python("policies.py", "checkdmarc", &json!(asked));
    let found = found.as_array().expect("a list");
    assert_eq!(found.len(), asked.len());
    for (asked, complaints) in asked.iter().zip(found) {
        assert!(
            complaints.as_array().is_some_and(Vec::is_empty),
            "{asked:?}: {complaints}"
        );
    }
    let kinds: BTreeSet<&str> = asked.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}

/// The crate `domain` reads the records of the plan out of the master files.
fn check_zones(outputs: &[Files], planned: &[Vec<[String; 5]>]) {
    let zones: Vec<_> = outputs.iter().map(zones_of).collect();
    // The crate knows neither CAA nor TLSA records, and stops at one.
    let is_known = |line: &&str| !line.contains(" CAA ") && !line.contains(" TLSA ");
    let without =
        |text: &String| text.lines().filter(is_known).collect::<Vec<_>>().join("\n") + "\n";
    let known: Vec<BTreeMap<&String, String>> = zones
        .iter()
        .map(|zones| {
            zones
                .iter()
                .map(|(zone, text)| (zone, without(text)))
                .collect()
        })
        .collect();
    let read = receivers::ask(&json!({"zones": known}));
    for ((found, planned), number) in read["zones"]
        .as_array()
        .expect("zones")
        .iter()
        .zip(planned)
        .zip(0..)
    {
        let found = found
            .as_array()
            .expect("a list")
            .iter()
            .map(|line| line.as_str().unwrap_or_default());
        let found: BTreeSet<String> = found.map(bare).collect();
        let known = |record: &&[String; 5]| record[2] != "CAA" && record[2] != "TLSA";
        let wanted = planned.iter().filter(known);
        let wanted: BTreeSet<String> = wanted.map(|record| bare(&record.join(" "))).collect();
        assert_eq!(found, wanted, "output {number}");
    }
}

/// A record without the final dots of names.
fn bare(line: &str) -> String {
    let words: Vec<&str> = line
        .split(' ')
        .map(|word| word.trim_end_matches('.'))
        .collect();
    words.join(" ")
}

fn is_apex_ns(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    words.get(2) == Some(&"NS") && words.first() == words.get(1)
}
