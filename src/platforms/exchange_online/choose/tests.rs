//! Selections, and what the documents leave open in each.

use crate::platforms::exchange_online::ConnectorType;
use crate::platforms::exchange_online::choose::*;
use crate::routes::RouteId;
use crate::values::Pattern;

fn connector(name: &str, accepted: bool, patterns: &[&str]) -> OutboundConnector {
    let mut recipient_domains: Vec<Pattern> = patterns
        .iter()
        .map(|p| Pattern::parse(p).expect("a pattern"))
        .collect();
    recipient_domains.sort();
    OutboundConnector {
        enabled: true,
        connector_type: ConnectorType::OnPremises,
        recipient_domains,
        all_accepted_domains: accepted,
        smart_hosts: vec!["mail.contoso.com".to_owned()],
        managed: true,
        ..OutboundConnector::blank(name, RouteId::from_index(0))
    }
}

fn chosen(connectors: &[OutboundConnector], standing: ClientStatus, name: &str) -> Vec<String> {
    let name = DomainName::parse(name).expect("a name");
    let index = index(connectors);
    let fitting: Fitting = index.about(&name).map(|(fit, at)| (fit, *at)).collect();
    select(connectors, &fitting, standing, &name)
        .into_iter()
        .map(|choice| {
            let winner = choice.winner.map_or("mx", |at| &connectors[at].name);
            let readings: Vec<String> = choice
                .readings
                .iter()
                .map(|(id, word)| format!(" {id}={word}"))
                .collect();
            format!("{winner}{}", readings.concat())
        })
        .collect()
}

/// The documented example, with what each of the two readings makes of it.
#[test]
fn the_documented_example_is_ambiguous_for_one_name_only() {
    let three = [
        connector("C1", true, &[]),
        connector("C2", false, &["contoso.com"]),
        connector("C3", false, &["*.contoso.com"]),
    ];
    for (name, standing, expected) in [
        ("fabrikam.com", ClientStatus::Named, vec!["C1"]),
        ("contoso.com", ClientStatus::Named, vec!["C2"]),
        (
            "sales.contoso.com",
            ClientStatus::Named,
            vec!["C1 R1=list", "C3 R1=example"],
        ),
        ("hr.contoso.com", ClientStatus::Foreign, vec!["C3"]),
        ("contoso.onmicrosoft.com", ClientStatus::Named, vec!["C1"]),
        ("example.net", ClientStatus::Foreign, vec!["mx"]),
    ] {
        assert_eq!(chosen(&three, standing, name), expected, "{name}");
    }
}

#[test]
fn what_the_documents_leave_open_is_named() {
    let apex = [connector("W", false, &["*.contoso.com"])];
    assert_eq!(
        chosen(&apex, ClientStatus::Named, "contoso.com"),
        ["mx R2=excluded", "W R2=included"]
    );
    assert_eq!(
        chosen(&apex, ClientStatus::Foreign, "a.b.contoso.com"),
        ["W R9=any-depth", "mx R9=one-label"]
    );
    let nested = [
        connector("A", false, &["*.contoso.com"]),
        connector("B", false, &["*.eu.contoso.com"]),
    ];
    let both = chosen(&nested, ClientStatus::Foreign, "x.eu.contoso.com");
    assert_eq!(
        both,
        [
            "B R3=longest",
            "B R3=undefined R9=any-depth",
            "B R3=undefined R9=one-label",
            "A R3=undefined R9=any-depth",
        ]
    );
    let twins = [
        connector("X", false, &["contoso.com"]),
        connector("Y", false, &["contoso.com"]),
    ];
    assert_eq!(
        chosen(&twins, ClientStatus::Named, "contoso.com"),
        ["X R4=any", "Y R4=any"]
    );
    let accepted = [connector("C1", true, &[])];
    assert_eq!(
        chosen(&accepted, ClientStatus::Subdomain, "x.contoso.com"),
        ["C1 R8=accepted", "mx R8=listed-only"]
    );
}

#[test]
fn an_entry_by_name_leaves_no_doubt() {
    let three = [
        connector("C1", true, &[]),
        connector("C3", false, &["*.contoso.com", "sales.contoso.com"]),
        connector("C4", false, &["*"]),
    ];
    assert_eq!(
        chosen(&three, ClientStatus::Named, "sales.contoso.com"),
        ["C3"]
    );
    assert_eq!(chosen(&three, ClientStatus::Named, "fabrikam.com"), ["C1"]);
    assert_eq!(chosen(&three, ClientStatus::Foreign, "example.net"), ["C4"]);
}

#[test]
fn disabled_connectors_and_those_of_rules_take_no_part() {
    let mut off = connector("off", false, &["contoso.com"]);
    off.enabled = false;
    let mut ruled = connector("ruled", false, &["contoso.com"]);
    ruled.is_transport_rule_scoped = true;
    assert_eq!(
        chosen(&[off, ruled], ClientStatus::Named, "contoso.com"),
        ["mx"]
    );
}
