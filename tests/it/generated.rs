//! Thousands of specs made by chance: whatever they say, no script holds a call that its product does not know.

use crate::exchange::{commands, locations_of};
use mailtopo::compile::{Input, plan};
use mailtopo::testing::emit::{emit, refusals};
use mailtopo::testing::finding::{Finding, Findings, Severity};
use mailtopo::testing::output::Sink;
use mailtopo::testing::plan::{Configuration, Plan};
use mailtopo::testing::platforms::exchange::scripts::Form;
use mailtopo::testing::platforms::{
    exchange_online::write as exchange_online, exchange_server::write as exchange_server,
};
use mailtopo::testing::topology::{Location, LocationId, LocationKind};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Numbers that are the same every day.
pub(crate) struct Chance(pub u64);

impl Chance {
    fn number(&mut self, below: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % below
    }

    fn one<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let index = self.number(choices.len() as u64);
        choices[usize::try_from(index).expect("is small")]
    }

    /// One time in so many.
    fn rarely(&mut self, text: &str, of: u64) -> String {
        if self.number(of) == 0 {
            text.to_owned()
        } else {
            String::new()
        }
    }
}

const TLS: [&str; 5] = [
    "none",
    "opportunistic",
    "encrypted",
    "ca-verified",
    "verified",
];

/// A spec. Some of them contradict themselves; most do not.
pub(crate) fn spec(chance: &mut Chance) -> String {
    let kind = chance.one(&[
        "exchange-online",
        "exchange-online",
        "exchange-online",
        "eop",
    ]);
    let mut cloud = format!("kind: {kind}, tenant: contoso");
    if kind == "exchange-online" {
        cloud += &chance.rarely(", reject_direct_send: true", 2);
        cloud += &chance.rarely(", smtp_auth: per-mailbox", 3);
        cloud += &chance.rarely(", hybrid_wizard: true", 6);
    }
    let centralized = kind == "exchange-online" && chance.number(5) == 0;
    cloud += if centralized {
        ", centralized_transport: true"
    } else {
        ""
    };
    // Elsewhere the service's addresses are no public knowledge, and most of what needs them is refused.
    cloud += &chance.rarely(", environment: gcc-high", 12);
    cloud += &chance.rarely(", accept_only_from: [filter]", 6);
    cloud += &chance.rarely(", also_accepts: [{domain: mail.contoso.com}]", 3);
    let version = chance.one(&["2007", "2010", "2013", "2016", "2019", "se"]);
    let mut hq = format!("kind: exchange-server, version: {version}");
    let _ = write!(
        hq,
        ", servers: [{}]",
        chance.one(&["EX01", "EX01, EX02", "A, B, C"])
    );
    let _ = write!(
        hq,
        ", hosts: [{}]",
        chance.one(&[
            "mail.contoso.com",
            "203.0.113.10",
            "mail.contoso.com, mx2.contoso.com"
        ])
    );
    let _ = write!(
        hq,
        ", egress: [{}]",
        chance.one(&[
            "203.0.113.10",
            "203.0.113.0/24",
            "203.0.112.0/22",
            "203.0.113.10, \"2001:db8::/48\""
        ])
    );
    let _ = write!(
        hq,
        ", certificate: {{names: [{}], issuer: {}}}",
        chance.one(&["mail.contoso.com", "\"*.contoso.com\", contoso.com"]),
        chance.one(&["public", "public", "private", "self-signed"])
    );
    hq += if centralized {
        ""
    } else {
        chance.one(&[
            ", sends: {via: cloud}",
            ", sends: {via: cloud}",
            "",
            ", sends: {via: filter}",
        ])
    };
    hq += &chance.rarely(", edge: true", 6);
    hq += &chance.rarely(", max_message_size: 25MB", 3);
    hq += &chance.rarely(", directory: own", 4);
    hq += &chance.rarely(", renamed_from: old-hq", 5);
    if chance.number(3) == 0 {
        let _ = write!(hq, ", tls: {}", chance.one(&TLS));
    }
    let branches = [
        "postfix, delivers_to: \"lmtp:unix:private/dovecot-lmtp\"",
        "smtp",
        "exchange-server, version: 2016, servers: [BR1]",
    ];
    let branch = chance.one(if centralized {
        &branches[..2]
    } else {
        &branches
    });
    let filter = format!(
        "kind: gateway, hosts: [mx1.filter.example], egress: [192.0.2.0/{}], forwards: {{contoso.com: cloud}}{}{}",
        chance.one(&["24", "23", "28"]),
        chance.rarely(", certificate: \"*.filter.example\"", 2),
        chance.rarely(", modifies_body: true, arc_seal: filter.example", 2),
    );
    let mailboxes = match (kind, chance.number(4)) {
        ("eop", _) | (_, 1) => "hq",
        (_, 0) => "cloud",
        (_, 2) => "{cloud: 100, hq: 50}",
        _ => "{cloud: rest, hq: [john@contoso.com, \"o'hara@contoso.com\"]}",
    };
    let mx = chance.one(if hq.contains("hosts: [203") {
        &["cloud", "filter"]
    } else {
        &["cloud", "cloud", "hq", "filter"]
    });
    let lab = chance.one(&[
        "{mailboxes: branch, mx: cloud}",
        "{mailboxes: {branch: [ops@lab.contoso.com]}, mx: cloud, subdomains: true}",
        "{mailboxes: hq, mx: cloud}",
    ]);
    let mut text = format!(
        "version: 1\nlocations:\n  cloud: {{{cloud}}}\n  hq: {{{hq}}}\n  branch: {{kind: {branch}, hosts: [mail.lab.contoso.com], egress: [198.51.100.7], certificate: mail.lab.contoso.com, sends: {{via: {}}}}}\n  filter: {{{filter}}}\ndomains:\n  contoso.com: {{mailboxes: {mailboxes}, mx: {mx}, test_recipient: postmaster@contoso.com}}\n  lab.contoso.com: {lab}\n",
        chance.one(&["cloud", "hq"]),
    );
    text += "partners:\n";
    let _ = writeln!(
        text,
        "  bank: {{domains: [bank.example, \"*.bank.example\"], tls: {{inbound: {}, outbound: {}}}, certificate: {}{}{}{}}}",
        chance.one(&TLS[1..]),
        chance.one(&TLS),
        chance.one(&["\"*.bank.example\"", "smtp.bank.example"]),
        chance.rarely(", addresses: [198.51.100.0/26, 198.51.102.0/23]", 2),
        chance.rarely(", hosts: [smtp.bank.example]", 2),
        chance.rarely(", via: [hq]", 4),
    );
    let via = chance.one(&["cloud", "cloud", "hq"]);
    let methods = ["relay", "direct-send", "client-submission", "high-volume"];
    let device = chance.one(if kind == "eop" || via == "hq" {
        &methods[..2]
    } else {
        &methods
    });
    let to = if device == "relay" || device == "client-submission" {
        chance.one(&["anyone", "internal"])
    } else {
        "internal"
    };
    let _ = write!(
        text,
        "devices:\n  printer: {{addresses: [203.0.113.40], sends_as: [scan@contoso.com], sends_to: {to}, method: {device}, via: {via}}}\n"
    );
    if chance.number(2) == 0 {
        let _ = write!(
            text,
            "routes:\n  - {{name: \"{}\", from: {}, to: {}, recipients: [{}], tls: {}{}{}{}}}\n",
            chance.one(&["Tom's way", "a $(b) `c`", "d; e", "\u{201a}f\u{201b}"]),
            chance.one(&["cloud", "hq"]),
            chance.one(&["branch", "bank", "internet", "filter"]),
            chance.one(&[
                "customs.example",
                "\"*.customs.example\"",
                "customs.example, \"*.customs.example\"",
                "\"*\""
            ]),
            chance.one(&TLS),
            chance.rarely(", smart_hosts: [relay.customs.example]", 2),
            chance.rarely(", enabled: false", 4),
            chance.rarely(", cost: 7", 3),
        );
    }
    if kind == "exchange-online" && chance.number(2) == 0 {
        let _ = write!(
            text,
            "rules:\n  - {{name: \"R'1\", at: cloud, when: {{{}}}, unless: {{{}}}, route: {}, unless_header: {{name: X-Routed, value: \"1\", set: true}}{}}}\n",
            chance.one(&[
                "recipient_city: [New Orleans]",
                "from: inside",
                "sender_domain: [\"*.contoso.com\"]",
                "recipient_member_of: [staff@contoso.com]",
                "header: {name: X-Site, matches: \"^a|b$\"}"
            ]),
            chance.one(&["", "to: outside", "recipient: [boss@contoso.com]"]),
            chance.one(&["branch", "filter", "bank"]),
            chance.rarely(", enabled: false", 4),
        );
    }
    text
}

/// Why the scripts of a plan cannot be written.
fn refused(plan: &Plan) -> Vec<String> {
    let desired = |(id, location): (LocationId, &Location)| match (
        &location.kind,
        &plan.place(id).configuration,
    ) {
        (LocationKind::Tenant(tenant), Configuration::ExchangeOnline(configuration)) => Some(
            exchange_online::desired(plan, id, tenant, configuration, Sink::Files),
        ),
        (_, Configuration::ExchangeServer(configuration)) => Some(exchange_server::desired(
            plan,
            id,
            configuration,
            Sink::Files,
        )),
        _ => None,
    };
    let desired = plan.topology.locations().filter_map(desired);
    let refused = desired.filter_map(|desired| desired.text().err());
    refused.map(|refused| refused.message).collect()
}

#[test]
fn no_spec_becomes_a_wrong_call() {
    let mut chance = Chance(2_026_112_500_000_001);
    let (mut written, mut scripts) = (0, 0);
    let read = std::env::var("MAILTOPO_READ").ok();
    let read: usize = read.map_or(50, |every| every.parse().expect("a number"));
    for number in 0..2000 {
        let text = spec(&mut chance);
        let files: BTreeMap<String, Vec<u8>> =
            BTreeMap::from([("mailtopo.yaml".to_owned(), text.clone().into_bytes())]);
        let input = Input {
            name: "mailtopo.yaml",
            bytes: text.as_bytes(),
            files: &files,
        };
        let checked = plan(&input, None);
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let fine = !checked.findings.iter().any(is_error);
        let Some(plan) = checked.plan.filter(|_| fine) else {
            continue;
        };
        assert_eq!(refused(&plan), Vec::<String>::new(), "{text}");
        written += 1;
        // The compiler has checked every call; the grammar, which is slow, reads the scripts of a part of them.
        if number % read == 0 {
            for location in locations_of("generated", "mailtopo.yaml", &files) {
                let mut wrong = location.refused();
                wrong.extend(commands::differences(&location));
                assert!(wrong.is_empty(), "{}:\n{text}", wrong.join("\n"));
                scripts += 1;
            }
        }
    }
    println!("{written} specs without a mistake, {scripts} of their locations read");
    assert!(written > 1200, "only {written} specs had no mistake");
    assert!(scripts > 40, "only {scripts} locations were read");
}

/// Texts that somebody could want to break out with, and every other character there is.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(any::<char>(), 1..20)
            .prop_map(|chars| chars.into_iter().collect()),
        "[-'\"`$@(){};,#<>|&*? \u{2018}\u{2019}\u{201a}\u{201b}\u{201c}\u{2028}\u{202e}\u{0}a-z]{1,20}",
        "('@|@'|\"@|#>|<#|\\$\\(|`n|;|\n|\r){1,3}[a-z]{1,4}",
    ]
}

/// As JSON writes it, which YAML reads.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text")
}

fn spec_with(names: &[String; 9]) -> String {
    let [
        route,
        rule,
        city,
        value,
        group,
        subject,
        department,
        header,
        smtp,
    ] = names.each_ref().map(|name| quoted(name));
    format!(
        "version: 1
facts: facts.yaml
locations:
  cloud: {{kind: exchange-online, tenant: contoso}}
  hq: {{kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {{via: cloud}}}}
domains:
  contoso.com: {{mailboxes: {{cloud: 10, hq: 5}}, mx: cloud}}
routes:
  - {{name: {route}, from: hq, to: internet, recipients: [customs.example], smart_hosts: [relay.customs.example]}}
  - {{name: {smtp}, from: cloud, to: internet, recipients: [tolls.example], smart_hosts: [relay.tolls.example]}}
rules:
  - {{name: {rule}, at: cloud, when: {{recipient_city: [{city}], header: {{name: X-Kind, matches: {header}}}}}, unless: {{recipient_member_of: [{group}], recipient_department: [{department}]}}, route: hq, unless_header: {{name: X-Routed, value: {value}, set: true}}}}
# {subject_comment}
",
        subject_comment = subject.len(),
    )
}

/// Some of the texts are what somebody could want to break out with; of all of them at once none would be written.
fn some_hostile() -> impl Strategy<Value = [String; 9]> {
    let one = proptest::option::weighted(0.12, any_name());
    proptest::array::uniform9(one).prop_map(|names| {
        let mut number = 0;
        names.map(|name| {
            number += 1;
            name.unwrap_or_else(|| format!("plain {number}"))
        })
    })
}

#[test]
fn whatever_a_text_is_the_organization_gets_it_or_nothing() {
    let config = ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let reached = Cell::new(0);
    let run = TestRunner::new(config).run(&some_hostile(), |names| arrives(&names, &reached));
    run.unwrap_or_else(|why| panic!("{why}"));
    assert!(
        reached.get() > 10,
        "only {} specs were written",
        reached.get()
    );
}

fn arrives(names: &[String; 9], reached: &Cell<u32>) -> Result<(), TestCaseError> {
    let text = spec_with(names);
    let issuer = quoted(&names[5]);
    let facts = format!(
        "version: 1\ngathered: 2026-11-20\nhq:\n  certificates: {{mail.contoso.com: {{thumbprint: {}, issuer: {issuer}, subject: {issuer}}}}}\n",
        "A".repeat(40)
    );
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::from([
        ("mailtopo.yaml".to_owned(), text.clone().into_bytes()),
        ("facts.yaml".to_owned(), facts.into_bytes()),
    ]);
    let input = Input {
        name: "mailtopo.yaml",
        bytes: text.as_bytes(),
        files: &files,
    };
    // Refused in the spec, while deriving, or by the writer: nothing is written then.
    let planned = plan(&input, None);
    let is_refused = |finding: &Finding| finding.severity == Severity::Error;
    let Some(plan) = planned
        .plan
        .filter(|_| !planned.findings.iter().any(is_refused))
    else {
        return Ok(());
    };
    let (_, refused) = emit(&plan, &Findings::default(), Form::Thin);
    prop_assert_eq!(
        &refused,
        &refusals(&plan, &Findings::default()),
        "`check` asks what `compile` asks"
    );
    if !refused.is_empty() {
        return Ok(());
    }
    reached.set(reached.get() + 1);
    for location in locations_of("names", "mailtopo.yaml", &files) {
        prop_assert_eq!(location.refused(), Vec::<String>::new());
        prop_assert_eq!(commands::differences(&location), Vec::<String>::new());
        let of = |kind| location.of_kind(kind);
        if location.place == "cloud" {
            let rule = of("TransportRule").next().expect("a rule");
            let made = &rule["Properties"];
            prop_assert_eq!(&rule["Name"], &names[1]);
            prop_assert_eq!(&made["SetHeaderValue"], &names[3]);
            for (property, text) in [
                (
                    "RecipientADAttributeContainsWords",
                    format!("City:{}", names[2]),
                ),
                ("ExceptIfSentToMemberOf", names[4].clone()),
                (
                    "ExceptIfRecipientADAttributeContainsWords",
                    format!("Department:{}", names[6]),
                ),
                ("HeaderMatchesPatterns", names[7].clone()),
            ] {
                prop_assert_eq!(&made[property], &serde_json::json!([text]));
            }
            prop_assert!(of("OutboundConnector").any(|made| made["Name"] == *names[8]));
        } else {
            let certificate = format!("<I>{0}<S>{0}", names[5]);
            let named =
                |made: &serde_json::Value| made["Properties"]["TlsCertificateName"] == *certificate;
            prop_assert!(of("SendConnector").any(|made| made["Name"] == *names[0]));
            prop_assert!(of("SendConnector").any(named), "{}", certificate);
        }
    }
    Ok(())
}
