//! What the scripts of every example do to an organization, as the simulator shows it.

mod modes;
mod refusals;
mod rules;
mod way_back;

use crate::examples::{Location, locations};
use crate::simulator::{Datum, Organization, Run, run};
use mailtopo::platforms::exchange::catalogue::Product;

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

/// An organization with everything that the spec says; what is signed waits for its records, and so for a second run.
fn settled(location: &Location) -> Organization {
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
    organization
}

/// After a run everything is there, a second run changes nothing, and verify agrees.
#[test]
fn what_is_applied_is_there_and_stays() {
    for location in locations() {
        let mut organization = settled(location);
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
