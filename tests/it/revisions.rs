//! What changes when a spec changes: the objects that it concerns, and nothing else.

use crate::exchange::{Location, files_below, locations_of};
use crate::golden::root;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn example(name: &str) -> String {
    std::fs::read_to_string(root("examples").join(name).join("mailtopo.yaml")).expect("the example")
}

fn compiled(name: &str, text: &str) -> Vec<Location> {
    let mut files = files_below(&root("examples").join(name));
    files.insert("mailtopo.yaml".to_owned(), text.as_bytes().to_vec());
    let all = locations_of(name, "mailtopo.yaml", &files);
    assert!(!all.is_empty(), "{name} does not compile:\n{text}");
    all
}

fn find<'l>(locations: &'l [Location], name: &str) -> &'l Location {
    let mut all = locations.iter();
    all.find(|location| location.place == name)
        .expect("the location")
}

/// The objects that only one of two locations has, or that differ.
fn changed(old: &Location, new: &Location) -> Vec<String> {
    let by_name = |location: &Location| -> BTreeMap<String, String> {
        let objects = location.objects().iter();
        objects
            .map(|object| {
                (
                    format!("{} {}", object["Kind"], object["Name"]),
                    object.to_string(),
                )
            })
            .collect()
    };
    let (old, new) = (by_name(old), by_name(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differs = |name: &&&String| old.get(**name) != new.get(**name);
    let differing = names.iter().filter(differs);
    differing
        .map(|name| format!("{name}: {:?} {:?}", old.get(*name), new.get(*name)))
        .collect()
}

/// Blocks that only one of two scripts has.
fn changed_blocks(old: &str, new: &str) -> Vec<String> {
    let blocks = |text: &str| -> BTreeSet<String> {
        text.split("\n\n")
            .map(|block| block.trim_end().to_owned())
            .collect()
    };
    blocks(old)
        .symmetric_difference(&blocks(new))
        .cloned()
        .collect()
}

#[test]
fn a_change_of_one_thing_changes_its_objects_alone() {
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
        assert_eq!(was.len(), is.len(), "{spec}: {new}");
        let mut number = 0;
        for location in &was {
            let other = find(&is, &location.place);
            let objects = changed(location, other);
            let commands = "commands.ps1";
            let blocks = changed_blocks(&location.files[commands], &other.files[commands]);
            number += objects.len();
            for text in objects.iter().chain(&blocks) {
                let known = concerned.iter().any(|word| text.contains(word));
                assert!(known, "{spec}/{}: {new} changed\n{text}", location.place);
            }
            for (file, text) in &location.files {
                let own = ["desired.psd1", commands].contains(&file.as_str());
                assert!(
                    own || *text == other.files[file],
                    "{spec}/{}/{file}",
                    location.place
                );
            }
        }
        assert!(number > 0, "{spec}: {new} changed nothing");
    }
}

#[test]
fn a_route_for_a_top_level_domain_is_validated_with_the_recipients_below_it() {
    let spec = "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}\ndomains:\n  contoso.com: {mailboxes: hq, mx: cloud, test_recipient: postmaster@contoso.com}\nrouting: explicit\nroutes:\n  - {name: in, from: cloud, to: hq, recipients: [\"*.com\"]}\n";
    let files = BTreeMap::from([("mailtopo.yaml".to_owned(), spec.as_bytes().to_vec())]);
    let all = locations_of("top", "mailtopo.yaml", &files);
    let cloud = find(&all, "cloud");
    let connector = cloud
        .of_kind("OutboundConnector")
        .next()
        .expect("a connector");
    assert_eq!(
        connector["Validate"],
        Value::from(vec!["postmaster@contoso.com"])
    );
}

/// Every name that a renaming changes is one that the object has among its earlier ones, so that it is renamed and not
/// made anew; the mark of the location's earlier name stays known.
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
        let mut renamed = 0;
        for object in after.objects() {
            let mut all = before.of_kind(object["Kind"].as_str().expect("a kind"));
            if all.any(|other| other["Name"] == object["Name"]) {
                continue;
            }
            let former = object["FormerNames"].as_array().expect("it has names");
            let mut all = before.of_kind(object["Kind"].as_str().expect("a kind"));
            assert!(all.any(|other| former.contains(&other["Name"])), "{object}");
            renamed += 1;
        }
        assert!(renamed > 0, "{}", after.name);
        let marks = before.data["Marks"].as_array().expect("marks");
        let known = after.data["Marks"].as_array().expect("marks");
        assert!(marks.iter().all(|mark| known.contains(mark)), "{known:?}");
    }
}

#[test]
fn a_connector_made_by_hand_is_renamed_where_the_spec_names_it() {
    let all = compiled("24-existing-connectors", &example("24-existing-connectors"));
    let mut connectors = find(&all, "cloud").of_kind("OutboundConnector");
    let connector = connectors.find(|object| object["Name"] == "To own servers");
    let connector = connector.expect("the connector");
    assert_eq!(connector["FormerNames"], Value::from(vec!["Outbound old"]));
}

#[test]
fn an_outgoing_step_holds_what_turns_outgoing_mail() {
    let waits = |object: &Value| object["Stage"] == "Outgoing";
    for (spec, at) in [
        ("02-split-mailboxes", "  hq:\n"),
        ("12-conditional-routing", "  cloud:\n"),
    ] {
        let text = example(spec).replacen(at, &format!("{at}    outgoing_step: true\n"), 1);
        let location = at.trim().trim_end_matches(':');
        let mut held = 0;
        for one in compiled(spec, &text) {
            for object in one.objects() {
                let kind = object["Kind"].as_str().expect("a kind");
                let outgoing =
                    ["OutboundConnector", "SendConnector", "TransportRule"].contains(&kind);
                assert_eq!(
                    waits(object),
                    outgoing && one.place == location,
                    "{}: {object}",
                    one.name
                );
                held += usize::from(waits(object));
            }
        }
        assert!(held > 0, "{spec}");
    }
    for one in compiled("06-hybrid-wizard", &example("06-hybrid-wizard")) {
        assert!(!one.objects().iter().any(waits), "{}", one.name);
    }
}

#[test]
fn what_others_manage_is_looked_for_and_never_written() {
    let text = example("24-existing-connectors").replace(
        "from: cloud, to: hq, recipients: [contoso.com]}",
        "from: cloud, to: hq, recipients: [contoso.com], managed: false}",
    );
    let all = compiled("24-existing-connectors", &text);
    for (place, kind, cmdlet) in [
        ("cloud", "OutboundConnector", "New-OutboundConnector"),
        ("hq", "ReceiveConnector", "New-ReceiveConnector"),
    ] {
        let location = find(&all, place);
        let mut kept = location.of_kind(kind);
        let kept = kept.next().expect("the connector");
        assert_eq!(kept["Keep"], Value::Bool(true), "{kept}");
        assert_eq!(kept["Properties"], serde_json::json!({"Enabled": true}));
        assert!(!location.files["commands.ps1"].contains(cmdlet), "{place}");
        assert_eq!(location.refused(), [""; 0]);
    }
    // The other direction is written as before.
    let inbound = find(&all, "cloud").of_kind("InboundConnector").next();
    let inbound = inbound.expect("the connector");
    assert_eq!(inbound["Name"], "Inbound from own servers");
    assert!(inbound.get("Keep").is_none(), "{inbound}");
}
