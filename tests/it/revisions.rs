//! What changes when a spec changes: the scripts only where it did, and a renamed object keeps being the same one.

use crate::examples::{Location, locations_of};
use crate::simulator::{Datum, Organization, run};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
        .join("mailtopo.yaml");
    fs::read_to_string(path).expect("the example")
}

fn compiled(name: &str, text: &str) -> Vec<Location> {
    let mut files = files_beside(name);
    files.insert("mailtopo.yaml".to_owned(), text.as_bytes().to_vec());
    let all = locations_of(name, "mailtopo.yaml", &files);
    assert!(!all.is_empty(), "{name} does not compile:\n{text}");
    all
}

fn find<'l>(locations: &'l [Location], name: &str) -> &'l Location {
    locations
        .iter()
        .find(|location| location.place == name)
        .expect("the location")
}

/// Blocks that only one of two scripts has. A list of everything there is, such as the domains that are looked at, changes
/// with what it lists: its two versions are one block.
fn changed_blocks(old: &str, new: &str) -> Vec<String> {
    let blocks = |text: &str| {
        // The last entry of a file ends with a line break of its own.
        text.split("\n\n")
            .map(|block| block.trim_end().to_owned())
            .collect::<BTreeSet<String>>()
    };
    let mut by_head: BTreeMap<String, String> = BTreeMap::new();
    for block in blocks(old).symmetric_difference(&blocks(new)) {
        let head = block.trim().lines().next().unwrap_or_default().to_owned();
        by_head.entry(head).or_default().push_str(block);
    }
    by_head.into_values().collect()
}

#[test]
fn a_change_of_one_thing_changes_its_entries_alone() {
    for (spec, old, new, concerned) in [
        (
            "05-partner-bank",
            "domains: [contosobank.com]",
            "domains: [contosobank.com, bank.example]",
            &["contosobank"][..],
        ),
        (
            "05-partner-bank",
            "certificate: \"*.contosobank.com\"",
            "certificate: smtp.contosobank.com",
            &["contosobank"],
        ),
        (
            "05-partner-bank",
            "[198.51.100.0/26]",
            "[198.51.100.0/26, 198.51.100.128]",
            &["supplier"],
        ),
        (
            "12-conditional-routing",
            "recipient_city: [Houston]",
            "recipient_city: [Houston, Galveston]",
            &["rules: Houston"],
        ),
        (
            "11-centralized-transport",
            "    test_recipient: postmaster@contoso.com\n",
            "    test_recipient: postmaster@contoso.com\n  fabrikam.com: {mailboxes: cloud, mx: cloud}\n",
            &["fabrikam.com", "hq to cloud"],
        ),
        (
            "04-devices",
            "203.0.113.41]",
            "203.0.113.43]",
            &["printers-hq"],
        ),
    ] {
        let before = example(spec);
        assert!(before.contains(old), "{spec} has no {old}");
        let after = before.replacen(old, new, 1);
        let (was, is) = (compiled(spec, &before), compiled(spec, &after));
        assert!(!is.is_empty() && was.len() == is.len(), "{spec}: {new}");
        let mut changed = 0;
        for location in &was {
            let other = find(&is, &location.place);
            for (file, script) in &location.scripts {
                let blocks = changed_blocks(script.text(), other.scripts[file].text());
                changed += blocks.len();
                for block in blocks {
                    let known = concerned.iter().any(|word| block.contains(word));
                    assert!(
                        known,
                        "{spec}/{}/{file}: {new} changed\n{block}",
                        location.place
                    );
                }
            }
            assert_eq!(
                location.scripts["rollback.ps1"].text(),
                other.scripts["rollback.ps1"].text(),
                "{spec}"
            );
        }
        assert!(changed > 0, "{spec}: {new} changed nothing");
    }
}

#[test]
fn a_route_for_a_top_level_domain_is_validated_with_the_recipients_below_it() {
    let spec = "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}\ndomains:\n  contoso.com: {mailboxes: hq, mx: cloud, test_recipient: postmaster@contoso.com}\nrouting: explicit\nroutes:\n  - {name: in, from: cloud, to: hq, recipients: [\"*.com\"]}\n";
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let input = mailtopo::compile::Input {
        name: "mailtopo.yaml",
        bytes: spec.as_bytes(),
        files: &files,
    };
    let plan = mailtopo::compile::plan(&input).plan.expect("a plan");
    let tenant = plan
        .places
        .iter()
        .find_map(|place| match &place.configuration {
            mailtopo::plan::Configuration::ExchangeOnline(tenant) => Some(tenant),
            _ => None,
        });
    let connector = &tenant.expect("a tenant").outbound[0];
    let recipients: Vec<String> = connector
        .validation_recipients
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(recipients, ["postmaster@contoso.com"]);
}

fn files_beside(spec: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(spec);
    let mut files = BTreeMap::new();
    crate::examples::files_below(&folder, &folder, &mut files);
    files
}

fn run_apply(location: &Location, organization: &mut Organization, file: &str) {
    let run = run(
        &location.scripts["apply.ps1"],
        &[("Lock", true.into()), ("SaveTo", file.into())],
        organization,
    );
    assert_eq!(run.code, 0, "{}: {}", location.name, run.all());
}

#[test]
fn a_renamed_location_keeps_its_connectors() {
    let old = example("02-split-mailboxes");
    let new = old
        .replace("  hq:\n", "  headquarters:\n    renamed_from: hq\n")
        .replace("      hq: [", "      headquarters: [")
        .replace("delivered hq", "delivered headquarters");
    let (was, is) = (
        compiled("02-split-mailboxes", &old),
        compiled("02-split-mailboxes", &new),
    );
    for (before, after) in [("cloud", "cloud"), ("hq", "headquarters")] {
        let (before, after) = (find(&was, before), find(&is, after));
        let mut organization = before.empty();
        organization.published = before.domains.iter().cloned().collect();
        run_apply(before, &mut organization, "first");
        run_apply(before, &mut organization, "second");
        let (state, journal) = (organization.state(), organization.journal.len());

        let only = run(
            &after.scripts["apply.ps1"],
            &[("WhatIf", Datum::Bool(true))],
            &mut organization,
        );
        assert_eq!(
            (only.code, organization.journal.len()),
            (0, journal),
            "{}",
            only.all()
        );
        assert!(
            only.said
                .iter()
                .any(|line| line.starts_with("What if: Rename to ")),
            "{}",
            only.all()
        );
        assert!(
            !only
                .said
                .iter()
                .any(|line| line.starts_with("What if: Create ")),
            "{}",
            only.all()
        );

        run_apply(after, &mut organization, "renamed");
        let done = &organization.journal[journal..];
        assert!(
            !done.is_empty() && done.iter().all(|line| line.starts_with("Set-")),
            "{}: {done:?}",
            after.name
        );
        let seen = run(&after.scripts["verify.ps1"], &[], &mut organization);
        assert_eq!(
            (seen.code, seen.warned.len()),
            (0, 0),
            "{}: {}",
            after.name,
            seen.all()
        );
        let journal = organization.journal.len();
        run_apply(after, &mut organization, "again");
        assert_eq!(organization.journal.len(), journal, "{}", after.name);

        let back = run(
            &after.scripts["rollback.ps1"],
            &[("Saved", "renamed".into())],
            &mut organization,
        );
        assert_eq!(back.code, 0, "{}", back.all());
        assert_eq!(organization.state(), state, "{}", after.name);
    }
}

#[test]
fn a_connector_made_by_hand_is_renamed_where_the_spec_names_it() {
    let all = compiled("24-existing-connectors", &example("24-existing-connectors"));
    let cloud = find(&all, "cloud");
    let mut organization = cloud.empty();
    organization.published = cloud.domains.iter().cloned().collect();
    let domains = Datum::List(vec!["older.example".into()]);
    organization.put(
        "OutboundConnector",
        &[
            ("Name", "Outbound old".into()),
            ("Identity", "Outbound old".into()),
            ("ConnectorType", "Partner".into()),
            ("RecipientDomains", domains),
        ],
    );
    let before = organization.state();
    run_apply(cloud, &mut organization, "first");
    assert!(
        !organization
            .journal
            .iter()
            .any(|line| line.starts_with("New-OutboundConnector")),
        "{:?}",
        organization.journal
    );
    assert_eq!(organization.all("OutboundConnector").len(), 1);
    assert_eq!(
        organization.all("OutboundConnector")[0]["Name"].text(),
        "To own servers"
    );
    let back = run(
        &cloud.scripts["rollback.ps1"],
        &[("Saved", "first".into())],
        &mut organization,
    );
    assert_eq!(back.code, 0, "{}", back.all());
    assert_eq!(organization.state(), before);
}
