//! Where mail of each kind goes.

use crate::platforms::postfix::Class;
use crate::platforms::postfix::fixture::{address, at, fabrikam, id, listed, name, plan, tables};
use crate::platforms::postfix::tests::{codes, complete, fabrikam_plan, way, way_from};
use crate::topology::{Condition, Party, Rule, RuleTarget, Sends};
use crate::values::Pattern;

#[test]
fn a_server_that_sends_through_the_cloud() {
    let plan = fabrikam_plan();
    let mx = tables(&plan, 2);
    let dovecot = "lmtp:unix:private/dovecot-lmtp";
    let cloud = "fabrikam-com.mail.protection.outlook.com";
    for (recipient, expected) in [
        ("root@fabrikam.com", dovecot.to_owned()),
        ("root+x@fabrikam.com", dovecot.to_owned()),
        ("anybody@fabrikam.com", format!("relay:[{cloud}]:25")),
        (
            "a@lab.fabrikam.com",
            "relay:[mail.lab.fabrikam.com]:25".to_owned(),
        ),
        ("a@sub.lab.fabrikam.com", format!("smtp:[{cloud}]:25")),
        ("a@bücher.example", dovecot.to_owned()),
        (
            "a@journal.archive.example",
            "smtp:[smtp.archive.example]:25".to_owned(),
        ),
        ("a@elsewhere.example", format!("smtp:[{cloud}]:25")),
    ] {
        assert_eq!(way(mx, recipient), expected, "{recipient}");
    }
    for (domain, class) in [
        ("fabrikam.com", Class::Relay),
        ("lab.fabrikam.com", Class::Relay),
        ("sub.lab.fabrikam.com", Class::Default),
        ("bücher.example", Class::Mailboxes),
        ("old-fabrikam.example", Class::Default),
    ] {
        assert_eq!(mx.class(&name(domain)), class, "{domain}");
    }
    assert!(mx.knows(&address("anybody@fabrikam.com")));
    assert!(mx.splits[&name("fabrikam.com")].contains("at `cloud`"));
    assert_eq!(
        tables(&plan, 1).class(&name("fabrikam.com")),
        Class::Default
    );
}

#[test]
fn a_complete_directory_hands_on_each_recipient() {
    let (plan, findings) = plan(complete());
    let east = tables(&plan, 1);
    assert_eq!(
        way(east, "e@example.com"),
        "lmtp:unix:private/dovecot-lmtp",
        "{findings:?}"
    );
    assert_eq!(way(east, "w@example.com"), "relay:[west.example.com]:25");
    let routing = address("c@fabrikam.mail.onmicrosoft.com");
    assert_eq!(
        east.alias(&address("c@example.com"))
            .map(|alias| alias.targets.clone()),
        Some(vec![routing])
    );
    assert!(way(east, "c@fabrikam.mail.onmicrosoft.com").starts_with("smtp:[example-com."));
    assert!(!east.knows(&address("nobody@example.com")));
    assert!(east.knows(&address("c+x@example.com")));
}

#[test]
fn senders_choose_relays_by_rules() {
    let rule = |label: &str, when: Vec<Condition>, unless: Vec<Condition>| Rule {
        name: at(label.to_owned()),
        span: crate::source::Span::default(),
        at: at(id(2)),
        when: when.into_iter().map(at).collect(),
        unless: unless.into_iter().map(at).collect(),
        route: at(RuleTarget::Party(Party::Location(id(1)))),
        unless_header: Vec::new(),
        enabled: true,
        managed: true,
        renamed_from: None,
    };
    let mut topology = fabrikam();
    topology.rules = vec![rule(
        "by lab",
        vec![Condition::SenderDomain(vec![Pattern::Exact(name(
            "bücher.example",
        ))])],
        vec![Condition::Sender(vec![address("boss@bücher.example")])],
    )];
    let (made, findings) = plan(topology.clone());
    let mx = tables(&made, 2);
    let lab = "smtp:[mail.lab.fabrikam.com]:25";
    assert_eq!(
        way_from(mx, "a@elsewhere.example", Some("x@bücher.example")),
        lab,
        "{findings:?}"
    );
    for sender in [Some("boss@bücher.example"), Some("root@fabrikam.com"), None] {
        assert_ne!(
            way_from(mx, "a@elsewhere.example", sender),
            lab,
            "{sender:?}"
        );
    }
    topology.rules = vec![rule(
        "by city",
        vec![Condition::RecipientCity(vec!["Ulm".to_owned()])],
        Vec::new(),
    )];
    assert!(codes(topology).contains(&"X012"));
}

#[test]
fn unnamed_subdomains_go_where_the_domain_goes() {
    let mut topology = fabrikam();
    topology.domains[1].subdomains = true;
    let (plan, _) = plan(topology);
    let (lab, mx) = (tables(&plan, 1), tables(&plan, 2));
    assert_eq!(
        way(mx, "a@sub.lab.fabrikam.com"),
        "relay:[mail.lab.fabrikam.com]:25"
    );
    assert_eq!(
        way(lab, "a@deep.sub.lab.fabrikam.com"),
        "lmtp:unix:private/dovecot-lmtp"
    );
    assert!(lab.knows(&address("a@sub.lab.fabrikam.com")));
    assert_eq!(lab.class(&name("sub.lab.fabrikam.com")), Class::Relay);
}

#[test]
fn a_route_that_sends_direct_follows_the_mx() {
    let mut topology = fabrikam();
    topology.locations[2].sends = at(Sends::Direct);
    let (plan, _) = plan(topology);
    assert_eq!(way(tables(&plan, 2), "a@elsewhere.example"), "mx");
}

#[test]
fn ten_times_the_recipients_take_about_ten_times_as_long() {
    let many = |count: usize| {
        let texts: Vec<String> = (0..count).map(|at| format!("u{at}@example.com")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let half = texts.len() / 2;
        let mut topology = complete();
        topology.domains[0].holders[1].holds = listed(&texts[..half]);
        topology.domains[0].holders[2].holds = listed(&texts[half..]);
        let start = std::time::Instant::now();
        let (plan, _) = plan(topology);
        assert_eq!(tables(&plan, 1).relay_recipients.len(), count + 1);
        start.elapsed()
    };
    let (small, large) = (many(10_000), many(100_000));
    assert!(
        large < small * 40 + std::time::Duration::from_millis(200),
        "{small:?} {large:?}"
    );
}
