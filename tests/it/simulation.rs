//! What the scripts of every example do to an organization, as the simulator shows it.

use crate::examples::{Location, locations};
use crate::simulator::{Datum, Organization, Run, run};
use mailtopo::targets::exchange::catalogue::Product;
use std::collections::BTreeSet;

/// Nouns whose objects have a comment that can carry a mark.
const MARKED: [&str; 5] = [
    "InboundConnector",
    "OutboundConnector",
    "TransportRule",
    "SendConnector",
    "ReceiveConnector",
];

fn apply(location: &Location, organization: &mut Organization, arguments: &[(&str, Datum)]) -> Run {
    run(&location.scripts["apply.ps1"], arguments, organization)
}

/// Everything, what refuses mail included.
fn saved_to(file: &str) -> Vec<(&str, Datum)> {
    vec![("Lock", true.into()), ("SaveTo", file.into())]
}

fn verify(location: &Location, organization: &mut Organization) -> Run {
    run(&location.scripts["verify.ps1"], &[], organization)
}

fn rollback(location: &Location, organization: &mut Organization, file: &str) -> Run {
    run(
        &location.scripts["rollback.ps1"],
        &[("Saved", file.into())],
        organization,
    )
}

/// The state, and what the simulator itself counts left out.
fn unchanged(location: &Location, before: &[String], organization: &Organization) {
    let after = organization.state();
    let gone: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "{}:\nwas {gone:#?}\nis {new:#?}",
        location.name
    );
}

fn went_well(location: &Location, run: &Run) {
    assert_eq!(run.code, 0, "{}: {}", location.name, run.all());
}

/// After a run everything is there, a second run changes nothing, and verify agrees.
#[test]
fn what_is_applied_is_there_and_stays() {
    for location in locations() {
        let mut organization = location.empty();
        went_well(
            location,
            &apply(location, &mut organization, &saved_to("first")),
        );
        // What is signed waits for its records.
        organization.published = location.domains.iter().cloned().collect();
        went_well(
            location,
            &apply(location, &mut organization, &saved_to("second")),
        );
        let (state, journal) = (organization.state(), organization.journal.len());
        let again = apply(location, &mut organization, &saved_to("third"));
        went_well(location, &again);
        assert_eq!(
            organization.journal[journal..],
            [] as [String; 0],
            "{}",
            location.name
        );
        assert!(
            again
                .said
                .contains(&"Nothing had to be changed.".to_owned()),
            "{}: {}",
            location.name,
            again.all()
        );
        unchanged(location, &state, &organization);
        assert!(
            !organization.files.contains_key("third"),
            "nothing was changed, so nothing is saved"
        );
        let looked = verify(location, &mut organization);
        assert_eq!(
            (looked.code, looked.warned.len()),
            (0, 0),
            "{}: {}",
            location.name,
            looked.all()
        );
    }
}

/// `-WhatIf` says every object, and neither changes nor saves anything.
#[test]
fn who_only_wants_to_know_changes_nothing() {
    for location in locations() {
        let mut organization = location.empty();
        let before = organization.state();
        let only_to_know = [("WhatIf", true.into()), ("Lock", true.into())];
        let said = apply(location, &mut organization, &only_to_know);
        went_well(location, &said);
        unchanged(location, &before, &organization);
        assert_eq!(
            (organization.journal.len(), organization.files.len()),
            (0, 0),
            "{}",
            location.name
        );
        let mut real = location.empty();
        apply(location, &mut real, &saved_to("first"));
        let made = real
            .journal
            .iter()
            .filter(|line| line.starts_with("New-"))
            .count();
        let promised = said
            .said
            .iter()
            .filter(|line| line.starts_with("What if: Create"))
            .count();
        assert_eq!(made, promised, "{}: {}", location.name, said.all());
    }
}

/// Whatever somebody changes in an object of ours, verify names it and apply puts it right.
#[test]
fn what_somebody_changed_is_found_and_put_right() {
    for location in locations() {
        let mut organization = location.empty();
        organization.published = location.domains.iter().cloned().collect();
        apply(location, &mut organization, &saved_to("first"));
        went_well(
            location,
            &apply(location, &mut organization, &saved_to("second")),
        );
        let right = organization.state();
        let most = location.most_properties(&organization);
        // Two properties at a time, far from each other in the entry.
        for round in 0..most.div_ceil(2) {
            let mut changed = location.drift(&mut organization, round);
            if round + most.div_ceil(2) < most {
                changed.extend(location.drift(&mut organization, round + most.div_ceil(2)));
            }
            if changed.is_empty() {
                continue;
            }
            let looked = verify(location, &mut organization);
            assert_eq!(
                looked.code,
                1,
                "{} {changed:?}: {}",
                location.name,
                looked.all()
            );
            for property in &changed {
                let named = looked
                    .said
                    .iter()
                    .any(|line| line.trim().starts_with(&format!("{property} is ")));
                assert!(
                    named,
                    "{}: {property} differs and is not named: {}",
                    location.name,
                    looked.all()
                );
            }
            let file = format!("drift-{round}");
            went_well(
                location,
                &apply(location, &mut organization, &saved_to(&file)),
            );
            unchanged(location, &right, &organization);
        }
        assert_eq!(
            verify(location, &mut organization).code,
            0,
            "{}",
            location.name
        );
    }
}

/// Objects of others stay as they are, and are named.
#[test]
fn what_others_made_is_left_alone() {
    for location in locations() {
        let mut organization = location.empty();
        location.add_foreign(&mut organization);
        let before = organization.state();
        let applied = apply(
            location,
            &mut organization,
            &[("Prune", true.into()), ("SaveTo", "first".into())],
        );
        went_well(location, &applied);
        for line in before.iter().filter(|line| line.contains("Somebody's")) {
            let kept = |after: &String| without_priority(after) == without_priority(line);
            assert!(
                organization.state().iter().any(kept),
                "{}: {line} was changed",
                location.name
            );
        }
        let named = applied
            .said
            .iter()
            .any(|line| line.starts_with("Left alone") && line.contains("Somebody's"));
        assert!(named, "{}: {}", location.name, applied.all());
        assert!(
            verify(location, &mut organization)
                .warned
                .iter()
                .any(|line| line.contains("Somebody's")),
            "{}",
            location.name
        );
    }
}

/// A rule of others may stand behind new ones; nothing else of it changes.
fn without_priority(line: &str) -> String {
    let words = line
        .split(' ')
        .filter(|word| !word.starts_with("Priority="));
    words.collect::<Vec<_>>().join(" ")
}

/// What the spec no longer has is named, and goes with -Prune alone.
#[test]
fn leftovers_go_only_when_asked() {
    for location in locations() {
        let mut organization = location.empty();
        apply(location, &mut organization, &saved_to("first"));
        let noun = if matches!(location.product, Product::Server(_)) {
            "SendConnector"
        } else {
            "InboundConnector"
        };
        let mark = format!("[mailtopo:{}] partners.gone", location.place);
        organization.put(
            noun,
            &[
                ("Name", "gone".into()),
                ("Identity", "gone".into()),
                ("Enabled", true.into()),
                ("Comment", mark.into()),
            ],
        );
        let kept = apply(location, &mut organization, &saved_to("second"));
        assert!(
            kept.warned
                .iter()
                .any(|line| line.contains(&format!("{noun} gone"))),
            "{}: {}",
            location.name,
            kept.all()
        );
        assert!(
            organization
                .all(noun)
                .iter()
                .any(|object| object["Name"].text() == "gone")
        );
        let before = organization.state();
        let arguments = [("Prune", true.into()), ("SaveTo", "third".into())];
        went_well(location, &apply(location, &mut organization, &arguments));
        assert!(
            organization
                .journal
                .contains(&format!("Remove-{noun} gone"))
        );
        assert!(
            !organization
                .all(noun)
                .iter()
                .any(|object| object["Name"].text() == "gone"),
            "{}",
            location.name
        );
        // The way back makes it again.
        let _ = before;
    }
}

/// The way back from an empty organization, and from one that held other things.
#[test]
fn the_way_back_leads_back() {
    for location in locations() {
        for foreign in [false, true] {
            let mut organization = location.empty();
            if foreign {
                location.add_foreign(&mut organization);
                location.adopt(&mut organization);
            }
            organization.published = location.domains.iter().cloned().collect();
            let before = organization.state();
            went_well(
                location,
                &apply(location, &mut organization, &saved_to("first")),
            );
            let changed = !organization.journal.is_empty();
            if !changed {
                continue;
            }
            let back = rollback(location, &mut organization, "first");
            went_well(location, &back);
            unchanged(location, &before, &organization);
            let journal = organization.journal.len();
            went_well(location, &rollback(location, &mut organization, "first"));
            assert_eq!(
                organization.journal.len(),
                journal,
                "{}: going back twice changes nothing more",
                location.name
            );
        }
    }
}

/// From a changed state, with everything of ours there before.
#[test]
fn the_way_back_undoes_a_correction() {
    let mut possible = 0;
    for location in locations() {
        let mut right = location.empty();
        right.published = location.domains.iter().cloned().collect();
        apply(location, &mut right, &saved_to("first"));
        apply(location, &mut right, &saved_to("second"));
        for round in 0..location.most_properties(&right) {
            let mut organization = right.clone();
            let changed = location.drift(&mut organization, round);
            // Exchange itself would not let everything be so.
            if changed.is_empty() || !organization.is_possible() {
                continue;
            }
            possible += 1;
            let before = organization.state();
            went_well(
                location,
                &apply(location, &mut organization, &saved_to("drift")),
            );
            went_well(location, &rollback(location, &mut organization, "drift"));
            unchanged(location, &before, &organization);
        }
    }
    assert!(possible > 100, "only {possible} corrections");
}

/// A run that fails half-way says what was done, and the way back takes it back.
#[test]
fn a_run_that_fails_half_way_can_be_taken_back() {
    for location in locations() {
        let mut organization = location.empty();
        organization.published = location.domains.iter().cloned().collect();
        let before = organization.state();
        let mut whole = organization.clone();
        apply(location, &mut whole, &saved_to("first"));
        let last = whole
            .journal
            .last()
            .and_then(|line| line.split(' ').next())
            .map(str::to_owned);
        let Some(last) = last else { continue };
        let times = whole
            .journal
            .iter()
            .filter(|line| line.starts_with(&last))
            .count();
        organization.failing = Some((last, times - 1));
        let stopped = apply(location, &mut organization, &saved_to("first"));
        // Signatures may wait; everything else stops the run.
        if stopped.code == 0 {
            assert!(
                stopped
                    .warned
                    .iter()
                    .any(|line| line.contains("does not sign yet")),
                "{}: {}",
                location.name,
                stopped.all()
            );
        } else {
            assert!(
                stopped
                    .said
                    .iter()
                    .any(|line| line.starts_with("Stopped: ")),
                "{}: {}",
                location.name,
                stopped.all()
            );
        }
        organization.failing = None;
        if organization.files.contains_key("first") {
            went_well(location, &rollback(location, &mut organization, "first"));
        }
        unchanged(location, &before, &organization);
    }
}

/// In the wrong shell, at the wrong organization, or without a right, nothing is changed.
#[test]
fn the_wrong_place_is_refused_before_the_first_change() {
    for location in locations() {
        for (what, mut organization) in wrong_places(location) {
            let before = organization.state();
            for script in ["apply.ps1", "verify.ps1", "facts.ps1"] {
                if what == "a right is missing" && script != "apply.ps1" {
                    continue;
                }
                let run = run(&location.scripts[script], &[], &mut organization);
                assert_ne!(
                    run.code,
                    0,
                    "{} {script}: {what}: {}",
                    location.name,
                    run.all()
                );
            }
            unchanged(location, &before, &organization);
            assert!(
                organization.journal.is_empty() && organization.files.is_empty(),
                "{}: {what}",
                location.name
            );
        }
    }
}

fn wrong_places(location: &Location) -> Vec<(&'static str, Organization)> {
    let server = matches!(location.product, Product::Server(_));
    let mut other = location.empty();
    if server {
        for object in other
            .objects
            .get_mut("ExchangeServer")
            .into_iter()
            .flatten()
        {
            object.insert("Name".to_owned(), "OTHER".into());
        }
    } else {
        for object in other
            .objects
            .get_mut("AcceptedDomain")
            .into_iter()
            .flatten()
        {
            let name = object["DomainName"]
                .text()
                .replace(".onmicrosoft", "-other.onmicrosoft");
            object.insert("DomainName".to_owned(), name.into());
        }
    }
    let mut shell = location.empty();
    shell.product = if server {
        Product::Online
    } else {
        Product::Server(mailtopo::topology::ExchangeVersion::V2019)
    };
    let mut places = vec![("another organization", other), ("another shell", shell)];
    if location.scripts["apply.ps1"]
        .text()
        .contains("'Set-AcceptedDomain'")
    {
        let mut without = location.empty();
        without.denied.insert("Set-AcceptedDomain".to_owned());
        places.push(("a right is missing", without));
    }
    places
}

/// No place becomes authoritative while recipients are missing.
#[test]
fn a_place_without_its_recipients_does_not_become_authoritative() {
    let mut looked = 0;
    for location in locations().iter().filter(|location| {
        location.scripts["apply.ps1"]
            .text()
            .contains("\nAssert-Recipients ")
    }) {
        let mut organization = location.empty();
        organization.objects.remove("Recipient");
        for object in organization
            .objects
            .get_mut("AcceptedDomain")
            .into_iter()
            .flatten()
        {
            object.insert("DomainType".to_owned(), "InternalRelay".into());
        }
        let before = organization.state();
        let refused = apply(location, &mut organization, &[]);
        assert_eq!(refused.code, 1, "{}: {}", location.name, refused.all());
        assert!(
            refused
                .said
                .iter()
                .any(|line| line.contains("cannot become authoritative")),
            "{}: {}",
            location.name,
            refused.all()
        );
        unchanged(location, &before, &organization);
        looked += 1;
    }
    assert!(looked > 10, "only {looked} locations");
}

/// The file of facts is what a spec can name.
#[test]
fn the_facts_are_a_facts_file() {
    for location in locations() {
        let mut organization = location.empty();
        apply(location, &mut organization, &saved_to("first"));
        let facts = run(&location.scripts["facts.ps1"], &[], &mut organization);
        went_well(location, &facts);
        assert_eq!(facts.output[0], "version: 1", "{}", location.name);
        let text = facts.output.join("\n");
        let keys: BTreeSet<&str> = text
            .lines()
            .filter(|line| !line.starts_with([' ', '#']))
            .collect();
        assert!(keys.len() >= 2, "{}: {text}", location.name);
        assert!(
            serde_yaml::from_str::<serde_yaml::Value>(&text).is_ok(),
            "{}: {text}",
            location.name
        );
    }
}

/// What refuses mail that comes another way is left out until it is asked for, and that is said.
#[test]
fn what_refuses_mail_waits_for_its_own_step() {
    let mut waited = 0;
    for location in locations() {
        let mut organization = location.empty();
        let first = apply(location, &mut organization, &[("SaveTo", "first".into())]);
        went_well(location, &first);
        organization.published = location.domains.iter().cloned().collect();
        let second = apply(location, &mut organization, &[("SaveTo", "second".into())]);
        went_well(location, &second);
        let left_out = |run: &Run| {
            let line = |line: &&String| line.starts_with("Left out, because it refuses mail");
            run.said.iter().find(line).cloned()
        };
        let locks = location.scripts["apply.ps1"].text().contains("} -Locks\n");
        assert_eq!(left_out(&first), left_out(&second), "{}", location.name);
        assert_eq!(left_out(&first).is_some(), locks, "{}", location.name);
        let early = [("WithoutLock", true.into())];
        let early = run(&location.scripts["verify.ps1"], &early, &mut organization);
        went_well(location, &early);
        assert_eq!(
            verify(location, &mut organization).code,
            i64::from(locks),
            "{}",
            location.name
        );
        let before = organization.journal.len();
        let locked = apply(location, &mut organization, &saved_to("third"));
        went_well(location, &locked);
        assert_eq!(left_out(&locked), None, "{}", location.name);
        assert_eq!(
            organization.journal.len() > before,
            locks,
            "{}",
            location.name
        );
        went_well(location, &verify(location, &mut organization));
        waited += usize::from(locks);
    }
    assert!(waited > 5, "only {waited} locations refuse anything");
}

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

/// The plain commands make the same objects with the same properties.
#[test]
fn the_plain_commands_make_the_same() {
    for location in locations() {
        let mut organization = location.empty();
        // They set the whole list of sealers, as their own remark says.
        organization.objects.remove("ArcConfig");
        organization.put(
            "ArcConfig",
            &[
                ("Identity", "Default".into()),
                ("ArcTrustedSealers", Datum::Null),
            ],
        );
        let mut typed = organization.clone();
        went_well(
            location,
            &apply(location, &mut organization, &saved_to("first")),
        );
        typed.attended = true;
        let commands = run(&location.scripts["commands.ps1"], &[], &mut typed);
        went_well(location, &commands);
        unchanged(location, &organization.state(), &typed);
    }
}

/// With -Validate every connector of ours with test recipients is tried with these, and else nothing is sent.
#[test]
fn connectors_are_tried_with_the_recipients_of_the_spec() {
    let mut tried = 0;
    for location in locations() {
        let mut organization = location.empty();
        went_well(
            location,
            &apply(location, &mut organization, &saved_to("first")),
        );
        organization.published = location.domains.iter().cloned().collect();
        went_well(
            location,
            &apply(location, &mut organization, &saved_to("second")),
        );
        went_well(location, &verify(location, &mut organization));
        assert!(organization.validated.is_empty(), "{}", location.name);
        let validate = [("Validate", true.into())];
        let looked = run(
            &location.scripts["verify.ps1"],
            &validate,
            &mut organization,
        );
        went_well(location, &looked);
        organization.validated.sort();
        assert_eq!(organization.validated, location.tests, "{}", location.name);
        tried += location.tests.len();
    }
    assert!(tried > 5, "only {tried} connectors");
}

#[test]
fn every_noun_that_can_carry_a_mark_is_known() {
    let scripts = locations();
    let text: String = scripts
        .iter()
        .map(|location| location.scripts["apply.ps1"].text())
        .collect();
    for noun in MARKED {
        assert!(
            text.contains(&format!("Step '{noun}'")),
            "no example has a {noun}"
        );
    }
}
