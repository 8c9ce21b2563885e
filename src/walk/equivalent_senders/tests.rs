//! Stars of places, most of them alike, followed both ways.

use crate::finding::Findings;
use crate::topology::{Party, Sender};
use crate::walk::equivalent_senders::Model;
use crate::walk::state::Message;
use crate::walk::survey::Flows;
use crate::walk::tests::read;
use crate::walk::trace::class_trace;
use crate::walk::way::Way;
use std::fmt::Write as _;

/// Numbers that look like chance and are always the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, limit: u64) -> bool {
        self.below(limit) == 0
    }

    fn one<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        usize::try_from(self.below(choices.len() as u64)).map_or("", |at| choices[at])
    }
}

/// Places around another one, most of them alike, with something odd about a few.
fn star(chance: &mut Chance) -> String {
    let hub = chance.one(&["postfix", "exchange-online", "exchange-server"]);
    let mut text = String::from("version: 1\nlocations:\n");
    let about = match hub {
        "exchange-online" => "tenant: contoso",
        "exchange-server" => {
            "version: 2019, servers: [EX01], hosts: [hub.contoso.com], egress: [198.18.0.1], certificate: hub.contoso.com"
        }
        _ => {
            "hosts: [hub.contoso.com], egress: [198.18.0.1], certificate: hub.contoso.com, delivers_to: \"lmtp:unix:private/lmtp\""
        }
    };
    let leaves = 3 + chance.below(4);
    let lock = if chance.one_in(4) {
        chance.one(&[", accept_only_from: [l0, l1]", ", accept_only_from: [l1]"])
    } else {
        ""
    };
    let explicit = chance.one_in(3);
    let _ = writeln!(text, "  hub: {{kind: {hub}, {about}{lock}}}");
    let usual = chance.one(&["postfix", "exchange-server", "smtp"]);
    for at in 0..leaves {
        let kind = if chance.one_in(7) {
            chance.one(&["postfix", "exchange-server", "smtp"])
        } else {
            usual
        };
        let own = match kind {
            "postfix" => ", delivers_to: \"lmtp:unix:private/lmtp\"".to_owned(),
            "exchange-server" => format!(", version: 2019, servers: [L{at}]"),
            _ => String::new(),
        };
        let certificate = if chance.one_in(7) {
            String::new()
        } else {
            format!(", certificate: l{at}.contoso.com")
        };
        let egress = if chance.one_in(7) {
            String::new()
        } else {
            format!(", egress: [198.18.1.{at}]")
        };
        let sends = if explicit || chance.one_in(7) {
            ""
        } else {
            ", sends: {via: hub}"
        };
        let _ = writeln!(
            text,
            "  l{at}: {{kind: {kind}, hosts: [l{at}.contoso.com]{egress}{own}{certificate}{sends}}}"
        );
    }
    text.push_str("domains:\n  contoso.com: {mailboxes: hub, mx: hub, dns: none}\n");
    for at in 0..leaves {
        let place = match chance.below(6) {
            0 => format!("{{l{at}: 10, hub: rest}}"),
            1 => format!("{{l{at}: [a@d{at}.example, b@d{at}.example]}}"),
            _ => format!("l{at}"),
        };
        let mx = if chance.one_in(6) {
            format!("l{at}")
        } else {
            "hub".to_owned()
        };
        let more = match chance.below(10) {
            0 => ", subdomains: true".to_owned(),
            1 => format!(
                ", forwards: [{{address: a@d{at}.example, target: x@d{}.example}}]",
                (at + 1) % leaves
            ),
            _ => String::new(),
        };
        let _ = writeln!(
            text,
            "  d{at}.example: {{mailboxes: {place}, mx: {mx}, dns: none{more}}}"
        );
    }
    // A second domain at each leaf, which an Exchange Online in the middle tells apart from the first.
    let second = chance.one_in(3);
    for at in (0..leaves).filter(|_| second) {
        let _ = writeln!(
            text,
            "  e{at}.example: {{mailboxes: l{at}, mx: l{at}, dns: none}}"
        );
    }
    if chance.one_in(3) {
        text.push_str("partners:\n  fabrikam: {domains: [fabrikam.com, \"*.fabrikam.com\"], tls: verified, certificate: mail.fabrikam.com, via: [l0]}\n");
    }
    if explicit {
        text.push_str("routing: explicit\n");
    }
    let odd = chance.one_in(4);
    if explicit || odd {
        text.push_str("routes:\n");
    }
    for at in (0..leaves).filter(|_| explicit) {
        let more = chance.one(&[
            "",
            "",
            "",
            "",
            ", tls: none",
            ", tls: encrypted",
            ", trusted: true",
        ]);
        let _ = writeln!(
            text,
            "  - {{name: up{at}, from: l{at}, to: hub, recipients: [\"*\"]{more}}}"
        );
        if !chance.one_in(6) {
            let _ = writeln!(
                text,
                "  - {{name: down{at}, from: hub, to: l{at}, recipients: [d{at}.example]}}"
            );
        }
    }
    if odd {
        let at = chance.below(leaves);
        let _ = writeln!(
            text,
            "  - {{name: odd, from: {}, to: {}, recipients: [{}]}}",
            chance.one(&["hub", "l0", "l1"]),
            chance.one(&["l2", "hub"]),
            match chance.below(4) {
                0 => format!("d{at}.example"),
                1 => "\"*.d0.example\"".to_owned(),
                2 => "\"*\"".to_owned(),
                _ => format!("\"*.d{at}.example\""),
            }
        );
    }
    text
}

fn after_the_first_hop(way: &Way) -> Way {
    let mut way = way.clone();
    way.places.remove(0);
    way.hops.remove(0);
    // It may say whose mail it was.
    way.end.why.clear();
    way
}

#[test]
fn who_speaks_for_others_sends_as_they_do() {
    let mut chance = Chance(7);
    let (mut stood_for, mut with_second, mut specs) = (0, 0, 0);
    for _ in 0..400 {
        let text = star(&mut chance);
        let Some(plan) = read(&text, &mut Findings::default()) else {
            continue;
        };
        specs += 1;
        let model = Model::of(&plan);
        let flows = Flows::of(&model);
        let each = Flows::one_by_one(&model);
        let faults = |flows: &Flows<'_>| format!("{:?}", flows.faults);
        assert_eq!(faults(&flows), faults(&each), "{text}");
        assert_eq!(flows.extent(), each.extent(), "{text}");
        let doubts = |flows: &Flows<'_>| format!("{:?}", flows.doubts());
        assert_eq!(doubts(&flows), doubts(&each), "{text}");
        for flow in &flows.flows {
            for other in flows.stands_for(flow) {
                let to = flows.class(flow);
                let from = Sender::Party(Party::Location(other));
                let written = Message {
                    sender: flow.trace.sender.clone(),
                };
                let seen = model.told_apart_by(&written);
                let messages = model.messages(&from);
                let like = |message: &&Message| model.told_apart_by(message) == seen;
                let message = messages.iter().find(like).expect("one that is seen alike");
                stood_for += 1;
                with_second += usize::from(messages.len() > 1);
                let own = class_trace(&model, &from, message, to);
                let ways = |trace: &crate::walk::Trace| -> Vec<Way> {
                    trace.ways.iter().map(after_the_first_hop).collect()
                };
                assert_eq!(ways(&own), ways(&flow.trace), "{text}\n{other:?} {to:?}");
            }
        }
    }
    assert!(specs > 300, "{specs} specs are right enough to be asked");
    assert!(stood_for > 1000, "{stood_for} pairs are stood for");
    assert!(
        with_second > 100,
        "{with_second} of places with two writers"
    );
}
