//! The other ways to run the scripts: with `-Lock`, with `-Validate`, `commands.ps1` and `facts.ps1`.

use super::{apply, saved_to, settled, unchanged, verify, went_well};
use crate::examples::locations;
use crate::simulator::{Datum, Run, run};
use std::collections::BTreeSet;

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
        let mut organization = settled(location);
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
