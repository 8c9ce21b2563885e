//! `directory: callout` with a real next hop: who exists there is taken, who does not is refused while the client waits,
//! and while the next hop is down nobody gets a last word.

use super::host::{Authority, Host, Network, Sink, until};
use super::lab::said;
use super::mail::{compiled, hand};
use super::specs::{Case, case};
use mailtopo::testing::topology::{Party, Sender};
use mailtopo::testing::values::Address;
use mailtopo::testing::walk::{Ends, Model, trace};
use std::collections::BTreeMap;

/// `front` takes every address of the domain and asks `back`, which knows them.
const SPEC: &str = r#"
version: 1
locations:
  front:
    kind: postfix
    hosts: [front.fabrikam.example]
    egress: [192.0.2.71]
    certificate: front.fabrikam.example
    directory: callout
    accepts: [{domain: fabrikam.example, type: internal-relay}]
  back:
    kind: postfix
    hosts: [192.0.2.72]
    egress: [192.0.2.72]
    certificate: back.fabrikam.example
    delivers_to: "lmtp:[192.0.2.73]:24"
    sends: {via: front}
domains:
  fabrikam.example:
    mailboxes: {back: [anna@fabrikam.example, ben@fabrikam.example]}
    mx: front
routes:
  - {name: out, from: front, to: internet, recipients: ["*"], smart_hosts: [192.0.2.79], tls: opportunistic}
"#;

const ADDRESSES: [&str; 3] = ["192.0.2.71", "192.0.2.72", "192.0.2.73"];
const STRANGER: &str = "203.0.113.77";
const FROM: &str = "someone@outside.example";

/// What `trace` says of a stranger's mail: where it ends, and the name of that place.
fn traced(case: &Case, to: &str) -> (bool, String) {
    let to = Address::parse(to).expect("an address");
    let trace = trace(&Model::of(&case.plan), &Sender::Party(Party::Internet), &to);
    assert_eq!(trace.ways.len(), 1, "{to}");
    let (taken, at) = match trace.ways[0].end.ends {
        Ends::Delivered(at) => (true, at),
        Ends::Rejected(Some(at)) => (false, at),
        ref other => panic!("{to}: {other:?}"),
    };
    (taken, case.plan.topology.location(at).name.clone())
}

#[test]
fn a_next_hop_says_who_exists() {
    let network = Network::with(&ADDRESSES, "");
    let authority = Authority::new();
    let case = case("callout", SPEC.to_owned(), &BTreeMap::new()).expect("a good spec");
    let store = Sink::at(&network, "192.0.2.73:24", &["-L"]);
    // An answer that is not there yet is looked for every second; one that was no last word is asked for again at once.
    let quick = "address_verify_poll_delay = 1s\naddress_verify_negative_refresh_time = 1s\n";
    let place =
        |place, address, more| compiled(&network, &authority, &case.plan, (place, address), more);
    let front = place("front", "192.0.2.71", quick);
    let back = place("back", "192.0.2.72", "");
    front.start();
    back.start();
    let logs = || front.log() + &back.log();

    assert_eq!(
        traced(&case, "anna@fabrikam.example"),
        (true, "back".to_owned())
    );
    let anna = |front: &Host<'_>| hand(front, STRANGER, FROM, "anna@fabrikam.example");
    let (reply, subject) = anna(&front);
    assert_eq!(reply.code, 250, "{}\n{}", reply.text, logs());
    until("the first message", || store.message(&subject), logs);

    for nobody in ["nobody@fabrikam.example", "nobody+list@fabrikam.example"] {
        assert_eq!(traced(&case, nobody), (false, "front".to_owned()));
        let (reply, _) = hand(&front, STRANGER, FROM, nobody);
        assert_eq!(reply.code, 550, "{nobody}: {}\n{}", reply.text, logs());
        assert!(reply.text.contains("5.1.1"), "{nobody}: {}", reply.text);
    }

    back.stop();
    for unasked in ["ben@fabrikam.example", "somebody@fabrikam.example"] {
        let (reply, _) = hand(&front, STRANGER, FROM, unasked);
        assert_eq!(reply.code, 450, "{unasked}: {}\n{}", reply.text, logs());
    }
    // Who is known already is taken, and the mail waits.
    let (reply, waiting) = anna(&front);
    assert_eq!(reply.code, 250, "{}\n{}", reply.text, logs());
    let deferred = || {
        let log = front.log();
        let deferred = |line: &str| line.contains("to=<anna@") && line.contains("status=deferred");
        log.lines().any(deferred).then_some(())
    };
    until("a message that waits", deferred, logs);

    // A sending server tries again, and what waits is tried again: here at once, elsewhere after some minutes.
    back.start();
    let flushed = front.postfix("flush");
    assert!(flushed.status.success(), "{}", said(&flushed));
    until("what waited", || store.message(&waiting), logs);
    let again = || {
        let (reply, late) = hand(&front, STRANGER, FROM, "ben@fabrikam.example");
        (reply.code == 250).then_some(late)
    };
    let late = until("an answer for ben", again, logs);
    until("the late message", || store.message(&late), logs);
    assert_eq!(store.count(), 3);
}
