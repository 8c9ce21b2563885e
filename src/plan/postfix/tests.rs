//! Tables made from small topologies.

use super::fixture::{
    address, at, certificate, details, device, domain, fabrikam, id, listed, name, network,
    partner, plan, postfix, tables, tenant,
};
use super::{Class, Configuration, Hop, Key, Right, TlsPolicy, TlsPolicyLevel};
use crate::plan::{Plan, RouteId};
use crate::topology::{
    Condition, DeliversTo, Forward, Holds, Issuer, Kind, Party, Postfix, Rule, RuleTarget, Sends,
    SendsTo, Topology,
};
use crate::values::{DomainName, Pattern, TlsLevel};
use std::sync::Arc;

/// The way of mail as the tables spell it.
fn way(configuration: &Configuration, recipient: &str) -> String {
    way_from(configuration, recipient, None)
}

fn way_from(configuration: &Configuration, recipient: &str, sender: Option<&str>) -> String {
    let recipient = address(recipient);
    let sender = sender.map(address);
    let way = configuration.way(&recipient, sender.as_ref());
    way.map_or_else(
        || "mx".to_owned(),
        |hop| {
            let hop = configuration.hop(hop.hop);
            format!("{}:{}", hop.service, hop.next_hop)
        },
    )
}

fn codes(topology: Topology) -> Vec<&'static str> {
    plan(topology)
        .1
        .into_iter()
        .map(|finding| finding.check)
        .collect()
}

fn fabrikam_plan() -> Plan {
    plan(fabrikam()).0
}

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
fn policies_stand_under_the_text_of_the_next_hop() {
    let plan = fabrikam_plan();
    let mx = tables(&plan, 2);
    for (key, level, names) in [
        (
            "[fabrikam-com.mail.protection.outlook.com]:25",
            TlsPolicyLevel::Encrypt,
            &[][..],
        ),
        ("[mail.lab.fabrikam.com]:25", TlsPolicyLevel::Encrypt, &[]),
        (
            "[smtp.archive.example]:25",
            TlsPolicyLevel::Secure,
            &["smtp.archive.example"],
        ),
    ] {
        let Some(policy) = mx.smtp.policies.get(key) else {
            panic!("no policy for {key}: {:?}", mx.smtp.policies);
        };
        if key.contains("outlook") {
            assert!(policy.level >= level, "{key}");
            continue;
        }
        assert_eq!(policy.level, level, "{key}");
        assert_eq!(policy.names, names, "{key}");
    }
    let texts: Vec<&str> = mx
        .hops
        .iter()
        .filter(|hop| hop.route.is_some())
        .map(|hop| hop.next_hop.as_str())
        .collect();
    for key in mx.smtp.policies.keys() {
        assert!(
            texts.contains(&key.as_str()),
            "{key} is looked up by nobody"
        );
    }
}

#[test]
fn policies_of_several_hosts_and_of_names_below() {
    let policies = [
        ("[a.example]:25", TlsPolicyLevel::Secure),
        ("[b.example]:25", TlsPolicyLevel::Encrypt),
        (".below.example", TlsPolicyLevel::Encrypt),
    ];
    let mut tables = Configuration::default();
    tables.smtp.policies = policies
        .map(|(key, level)| {
            let policy = TlsPolicy {
                level,
                names: Vec::new(),
                route: RouteId::from_index(0),
            };
            (key.to_owned(), policy)
        })
        .into();
    let Ok(domain) = DomainName::parse("x.below.example") else {
        panic!("a name");
    };
    for (next_hop, level) in [
        ("[a.example]:25", TlsPolicyLevel::Secure),
        ("[a.example]:25, [b.example]:25", TlsPolicyLevel::Encrypt),
        ("[a.example]:25, [c.example]:25", TlsPolicyLevel::May),
        ("", TlsPolicyLevel::Encrypt),
        ("x.below.example:25", TlsPolicyLevel::May),
        ("[x.below.example]", TlsPolicyLevel::May),
    ] {
        let hop = Hop {
            service: "smtp".to_owned(),
            next_hop: next_hop.to_owned(),
            route: None,
        };
        assert_eq!(tables.tls(Some(&hop), &domain), level, "{next_hop}");
    }
}

#[test]
fn rights_of_clients_are_no_wider_than_the_spec() {
    let plan = fabrikam_plan();
    let mx = tables(&plan, 2);
    assert_eq!(mx.clients[&network("192.0.2.26")].right, Right::Relay);
    let of_cloud = mx.right(&network("40.107.1.2"));
    assert_eq!(of_cloud, Some(Right::Limited(0)));
    assert!(mx.limits[0].else_stranger);
    let archive = Pattern::Exact(name("journal.archive.example"));
    assert_eq!(mx.limits[0].recipients, [archive]);
    assert_eq!(mx.clients[&network("10.0.10.7")].right, Right::Limited(1));
    assert!(!mx.limits[1].else_stranger);
    let allowed = &mx.limits[1].recipients;
    for inside in ["fabrikam.com", "lab.fabrikam.com", "bücher.example"] {
        assert!(allowed.contains(&Pattern::Exact(name(inside))), "{inside}");
    }
    assert_eq!(allowed.len(), 3);
    assert!(
        mx.senders
            .contains_key(&Key::Domain(name("old-fabrikam.example")))
    );
    assert!(
        mx.refused_recipients
            .contains_key(&Key::Domain(name("old-fabrikam.example")))
    );
}

/// Two Postfix servers and a tenant share a domain; everybody is listed.
fn complete() -> Topology {
    Topology {
        locations: vec![
            tenant("cloud"),
            postfix("east", "east.example.com", "192.0.2.1"),
            postfix("west", "west.example.com", "192.0.2.2"),
        ],
        domains: vec![domain(
            "example.com",
            vec![
                (0, listed(&["c@example.com"])),
                (1, listed(&["e@example.com", "f@example.com"])),
                (2, listed(&["w@example.com"])),
            ],
            &[1],
        )],
        ..Topology::default()
    }
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
fn aliases_forwards_and_the_catch_all_act_where_the_mailbox_is() {
    let mut topology = complete();
    let shared = &mut topology.domains[0];
    shared.catch_all = Some(at(address("e@example.com")));
    shared.forwards = vec![Forward {
        address: address("f@example.com"),
        target: address("f@elsewhere.example"),
        keep_copy: true,
        span: crate::source::Span::default(),
    }];
    if let Holds::Listed(list) = &mut shared.holders[1].holds {
        list[0].details = Some(Arc::new(details(&["info@example.com"])));
    }
    let (plan, _) = plan(topology);
    let east = tables(&plan, 1);
    let targets = |text: &str| {
        let alias = east.alias(&address(text));
        alias.map(|alias| {
            alias
                .targets
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        })
    };
    for (recipient, expected) in [
        ("info@example.com", &["e@example.com"][..]),
        ("f@example.com", &["f@elsewhere.example", "f@example.com"]),
        ("w@example.com", &["w@example.com"]),
        ("nobody@example.com", &["e@example.com"]),
    ] {
        assert_eq!(
            targets(recipient).as_deref(),
            Some(&expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
            "{recipient}"
        );
    }
    let west = tables(&plan, 2).alias(&address("f@example.com"));
    assert_eq!(
        west.map(|alias| &alias.targets[..]),
        Some(&[address("f@example.com")][..])
    );
}

#[test]
fn what_postfix_cannot_know_or_say_is_an_error() {
    let mut counted = complete();
    counted.domains[0].holders[1].holds = Holds::Count(7);
    assert!(codes(counted).contains(&"X010"));

    let mut homeless = fabrikam();
    homeless.locations[1].kind = Kind::Postfix(Postfix::default());
    assert!(codes(homeless).contains(&"X014"));

    let mut unknown = fabrikam();
    unknown.locations[1].kind = Kind::Postfix(Postfix {
        delivers_to: vec![DeliversTo {
            pattern: Pattern::Any,
            service: at("lntp:unix:private/dovecot-lmtp".to_owned()),
        }],
        ..Postfix::default()
    });
    let (_, findings) = plan(unknown);
    let finding = findings
        .iter()
        .find(|finding| finding.check == "X009")
        .expect("an unknown service");
    assert!(
        finding
            .help
            .as_deref()
            .is_some_and(|help| help.contains("`lmtp`")),
        "{finding:?}"
    );

    let mut nameless = fabrikam();
    nameless.partners[0].certificate = None;
    nameless.partners[0].hosts = vec![at(
        crate::values::Host::parse("203.0.113.9").expect("a host")
    )];
    assert!(codes(nameless).contains(&"T002"));

    let mut swallowing = fabrikam();
    swallowing.domains[1].catch_all = Some(at(address("a@lab.fabrikam.com")));
    assert!(codes(swallowing).contains(&"X015"));
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
fn levels_are_raised_and_never_lowered() {
    let mut topology = fabrikam();
    topology.partners = vec![
        crate::topology::Partner {
            certificate: Some(certificate(&["*.bank.example"], Issuer::Public)),
            via: vec![at(id(2))],
            ..partner(
                "bank",
                &["bank.example", "*.bank.example"],
                Some(TlsLevel::CaVerified),
            )
        },
        crate::topology::Partner {
            auth: Some(at("post".to_owned())),
            hosts: vec![at(
                crate::values::Host::parse("out.post.example:587").expect("a host")
            )],
            via: vec![at(id(2))],
            ..partner("post", &["post.example"], None)
        },
    ];
    let (plan, findings) = plan(topology);
    let mx = tables(&plan, 2);
    let policy = |key: &str| {
        mx.smtp
            .policies
            .get(key)
            .map(|policy| (policy.level, policy.names.clone()))
    };
    let secure = Some((TlsPolicyLevel::Secure, vec![".bank.example".to_owned()]));
    assert_eq!(policy("bank.example"), secure);
    assert_eq!(policy(".bank.example"), secure);
    assert_eq!(
        policy("[out.post.example]:587").map(|(level, _)| level),
        Some(TlsPolicyLevel::Encrypt)
    );
    assert_eq!(mx.smtp.credentials["[out.post.example]:587"], "post");
    assert_eq!(
        findings
            .iter()
            .filter(|finding| finding.check == "X011")
            .count(),
        2,
        "{findings:?}"
    );
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

#[test]
fn a_route_that_sends_direct_follows_the_mx() {
    let mut topology = fabrikam();
    topology.locations[2].sends = at(Sends::Direct);
    let (plan, _) = plan(topology);
    assert_eq!(way(tables(&plan, 2), "a@elsewhere.example"), "mx");
}

#[test]
fn devices_that_write_to_anybody_relay() {
    let mut topology = fabrikam();
    topology.devices = vec![device("app", &["10.0.20.0/24"], 2, SendsTo::Anyone)];
    let (plan, _) = plan(topology);
    let mx = tables(&plan, 2);
    assert_eq!(mx.clients[&network("10.0.20.0/24")].right, Right::Relay);
    assert!(mx.limits.iter().all(|limit| limit.else_stranger));
}

#[test]
fn devices_behind_one_address_may_do_what_either_may() {
    let mut topology = fabrikam();
    let to = |text: &str| SendsTo::Patterns(vec![at(Pattern::parse(text).expect("a pattern"))]);
    topology.devices = vec![
        device("app", &["10.0.20.1"], 2, to("fabrikam.com")),
        device("other", &["10.0.20.1"], 2, to("example.net")),
    ];
    let (plan, _) = plan(topology);
    let mx = tables(&plan, 2);
    let Some(Right::Limited(limit)) = mx.right(&network("10.0.20.1")) else {
        panic!("{:?}", mx.clients);
    };
    let allowed: Vec<String> = mx.limits[limit]
        .recipients
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(allowed, ["example.net", "fabrikam.com"]);
}
