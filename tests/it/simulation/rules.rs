//! Mail-flow rules: their order, that the first one decides, and parts that no spec knows.

use super::{apply, saved_to, unchanged, verify, went_well};
use crate::examples::locations;
use crate::simulator::Datum;
use mailtopo::compile::{Input, plan};
use std::collections::BTreeMap;

/// The first rule that matches decides: each ends the processing, and they stand in the order of the spec.
#[test]
fn rules_stop_in_the_order_of_the_spec() {
    let mut several = 0;
    for location in locations() {
        let mut organization = location.empty();
        location.add_foreign(&mut organization);
        went_well(
            location,
            &apply(location, &mut organization, &saved_to("first")),
        );
        let text = location.scripts["apply.ps1"].text();
        let mut last = -1;
        for name in rules_in(text) {
            let rules = organization.all("TransportRule");
            let rule = rules.iter().find(|rule| rule["Name"].text() == name);
            let rule = rule.expect("was made");
            assert_eq!(rule["StopRuleProcessing"], Datum::Bool(true), "{name}");
            let Datum::Int(priority) = rule["Priority"] else {
                panic!("{name} has no priority")
            };
            assert!(priority > last, "{}: {name}", location.name);
            several += usize::from(last >= 0);
            last = priority;
        }
    }
    assert!(several > 0, "no example has two rules");
}

/// The rules of a script, in the order in which it makes them.
fn rules_in(text: &str) -> Vec<String> {
    let mut name = "";
    let mut rules = Vec::new();
    for line in text.lines() {
        if let Some(value) = line.strip_prefix("$name = '") {
            name = value.trim_end_matches('\'');
        }
        if line.starts_with("Step 'TransportRule'") {
            rules.push(name.to_owned());
        }
    }
    rules
}

/// A rule of somebody else is not taken over with what no spec can say; in one of ours it is reported.
#[test]
fn parts_that_no_spec_knows_are_neither_taken_over_nor_hidden() {
    let mut looked = 0;
    for location in locations() {
        for name in rules_in(location.scripts["apply.ps1"].text()) {
            for (property, value) in [
                ("SubjectMatchesPatterns", Datum::List(vec!["x".into()])),
                (
                    "ExceptIfSenderIpRanges",
                    Datum::List(vec!["192.0.2.1".into()]),
                ),
                ("Quarantine", Datum::Bool(true)),
                ("ExpiryDate", "2020-01-01".into()),
            ] {
                let mut organization = location.empty();
                organization.put(
                    "TransportRule",
                    &[
                        ("Name", name.as_str().into()),
                        ("Identity", name.as_str().into()),
                        ("State", "Enabled".into()),
                        ("Priority", Datum::Int(0)),
                        ("Comments", "by hand".into()),
                        (property, value.clone()),
                    ],
                );
                let before = organization.state();
                let refused = apply(location, &mut organization, &saved_to("first"));
                assert_eq!(refused.code, 1, "{}: {}", location.name, refused.all());
                assert!(refused.all().contains(property), "{}", refused.all());
                unchanged(location, &before, &organization);

                let mut organization = location.empty();
                went_well(
                    location,
                    &apply(location, &mut organization, &saved_to("first")),
                );
                let rules = organization.objects.get_mut("TransportRule");
                let rule = rules
                    .into_iter()
                    .flatten()
                    .find(|rule| rule["Name"].text() == name);
                rule.expect("was made").insert(property.to_owned(), value);
                let again = apply(location, &mut organization, &saved_to("second"));
                went_well(location, &again);
                let named = |line: &String| line.contains(property);
                assert!(again.warned.iter().any(named), "{}", again.all());
                let seen = verify(location, &mut organization);
                assert_eq!(seen.code, 1, "{}: {}", location.name, seen.all());
                assert!(seen.said.iter().any(named), "{}", seen.all());
                looked += 1;
            }
        }
    }
    assert!(looked > 0, "no example has a rule");
}

/// The cmdlet takes `City:a,b` for two words; nobody meant them.
#[test]
fn a_comma_makes_no_second_word() {
    for (word, refused) in [("New Orleans", false), ("Washington, D.C.", true)] {
        let spec = format!(
            "version: 1\nlocations:\n  cloud: {{kind: exchange-online, tenant: contoso}}\n  branch: {{kind: exchange-server, version: 2019, servers: [BR1], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {{via: cloud}}}}\ndomains:\n  contoso.com: {{mailboxes: {{cloud: 10, branch: 5}}, mx: cloud}}\nrules:\n  - {{name: Capital, at: cloud, when: {{recipient_city: [\"{word}\"]}}, route: branch}}\n"
        );
        let files = BTreeMap::from([("mailtopo.yaml".to_owned(), spec.clone().into_bytes())]);
        let input = Input {
            name: "mailtopo.yaml",
            bytes: spec.as_bytes(),
            files: &files,
        };
        let findings = plan(&input).findings;
        let said = findings
            .iter()
            .any(|finding| finding.message.contains("a comma divides them"));
        assert_eq!(said, refused, "{word}: {findings:?}");
    }
}
