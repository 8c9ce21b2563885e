//! What stops a script before its first change.

use super::{apply, unchanged};
use crate::examples::{Location, locations};
use crate::simulator::{Organization, run};
use mailtopo::platforms::exchange::catalogue::Product;

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
