//! Real mail between three instances that are compiled from one spec: what arrives, is refused or waits is what `trace`
//! says, by the `Received` lines.

use super::host::{Authority, Host, Network, Sink, emitted, until};
use super::lab::{arg, run, said, write_main_cf};
use super::session::{Reply, Session};
use super::specs::{Case, case};
use mailtopo::testing::plan::Plan;
use mailtopo::testing::topology::{Party, Sender};
use mailtopo::testing::values::Address;
use mailtopo::testing::walk::{Ends, Model, trace};
use std::collections::BTreeMap;

/// `cloud` stands in for a tenant. Mail for the Internet leaves through a smart host, because there is no DNS here.
const SPEC: &str = r#"
version: 1
locations:
  edge:
    kind: postfix
    hosts: [edge.fabrikam.example]
    smart_hosts: [192.0.2.21]
    egress: [192.0.2.21]
    certificate: edge.fabrikam.example
    delivers_to: "lmtp:[192.0.2.61]:24"
  onprem:
    kind: postfix
    hosts: [192.0.2.22]
    egress: [192.0.2.22]
    certificate: onprem.fabrikam.example
    delivers_to: "lmtp:[192.0.2.62]:24"
    sends: {via: edge}
  cloud:
    kind: postfix
    hosts: [192.0.2.23]
    egress: [192.0.2.23]
    certificate: cloud.fabrikam.example
    delivers_to: "lmtp:[192.0.2.63]:24"
    sends: {via: edge}
domains:
  fabrikam.example:
    mailboxes:
      onprem: [anna@fabrikam.example, root@fabrikam.example, fwd@fabrikam.example]
      cloud: [ben@fabrikam.example, carla@fabrikam.example]
    mx: edge
    forwards: [{address: fwd@fabrikam.example, target: carla@fabrikam.example, keep_copy: true}]
  lab.fabrikam.example: {mailboxes: onprem, mx: edge}
  old.example: {parked: true}
partners:
  bank:
    domains: [bank.example]
    tls: verified
    certificate: mx.bank.example
    hosts: [192.0.2.31]
    addresses: [192.0.2.32]
    via: [edge]
  wrong:
    domains: [wrong.example]
    tls: {outbound: verified}
    certificate: mx.wrong.example
    hosts: [192.0.2.33]
    via: [edge]
  plain:
    domains: [plain.example]
    tls: {outbound: encrypted}
    hosts: [192.0.2.34]
    via: [edge]
  bookshop:
    domains: [bücher.example, "*.bücher.example"]
    tls: {outbound: verified}
    certificate: mx.bank.example
    via: [edge]
devices:
  scanners:
    addresses: [192.0.2.40]
    sends_as: [scan@fabrikam.example]
    sends_to: internal
    method: relay
    via: onprem
routes:
  - {name: store, from: edge, to: internet, recipients: [store.example], smart_hosts: ["192.0.2.64:24"], transport: lmtp, tls: encrypted}
  - {name: open store, from: edge, to: internet, recipients: [open.store.example], smart_hosts: ["192.0.2.65:24"], transport: lmtp, tls: opportunistic}
  - {name: out, from: edge, to: internet, recipients: ["*"], smart_hosts: [192.0.2.50], tls: opportunistic}
"#;

/// Who the MX of the bookshop names: the bank's server, and a door of it that offers no TLS.
const NAMES: &str = "192.0.2.31 xn--bcher-kva.example sub.xn--bcher-kva.example\n\
                     192.0.2.36 plain.xn--bcher-kva.example\n";

const PLACES: [(&str, &str); 3] = [
    ("edge", "192.0.2.21"),
    ("onprem", "192.0.2.22"),
    ("cloud", "192.0.2.23"),
];

struct World<'n> {
    case: Case,
    hosts: BTreeMap<&'static str, Host<'n>>,
    /// Stores by place, and who else takes mail: `internet`, `bank` and `plain`.
    sinks: BTreeMap<&'static str, Sink>,
    bank: Host<'n>,
}

impl<'n> World<'n> {
    fn new(network: &'n Network, authority: &Authority) -> Self {
        let case = case("three instances", SPEC.to_owned(), &BTreeMap::new()).expect("a good spec");
        let sinks = BTreeMap::from([
            ("edge", Sink::at(network, "192.0.2.61:24", &["-L"])),
            ("onprem", Sink::at(network, "192.0.2.62:24", &["-L"])),
            ("cloud", Sink::at(network, "192.0.2.63:24", &["-L"])),
            ("internet", Sink::at(network, "192.0.2.50:25", &[])),
            ("plain", Sink::at(network, "192.0.2.34:25", &[])),
            ("store", Sink::at(network, "192.0.2.64:24", &["-L"])),
            ("open store", Sink::at(network, "192.0.2.65:24", &["-L"])),
            ("bank", Sink::at(network, "192.0.2.35:25", &[])),
        ]);
        let mut hosts = BTreeMap::new();
        for (place, address) in PLACES {
            let host = compiled(
                network,
                authority,
                &case.plan,
                (place, address),
                "smtp_tls_loglevel = 1\n",
            );
            host.start();
            hosts.insert(place, host);
        }
        let bank = bank(network, authority);
        Self {
            case,
            hosts,
            sinks,
            bank,
        }
    }

    /// Hands a message to a place as this client; gives the reply to the recipient.
    fn hand(&self, place: &str, client: &str, from: &str, to: &str) -> (Reply, String) {
        hand(&self.hosts[place], client, from, to)
    }

    fn logs(&self) -> String {
        let logs = self.hosts.values().chain([&self.bank]).map(Host::log);
        logs.collect::<Vec<_>>().join("\n")
    }

    fn bounced(&self, place: &str, to: &str) {
        let line = self.fate_of(place, to);
        assert!(line.contains("status=bounced"), "{line}");
    }

    /// What a place logs of its attempt to hand on mail for a recipient.
    fn fate_of(&self, place: &str, to: &str) -> String {
        let look = || {
            let log = self.hosts[place].log();
            let mut lines = log.lines();
            let line = lines
                .find(|line| line.contains(&format!("to=<{to}>")) && line.contains("status="))?;
            Some(line.to_owned())
        };
        until(to, look, || self.logs())
    }

    /// What `trace` says of the TLS on the hop that leaves a place.
    fn traced_tls(&self, place: &str, to: &str) -> String {
        let mut locations = self.case.plan.topology.locations();
        let (id, _) = locations.find(|(_, at)| at.name == place).expect("a place");
        let to = Address::parse(to).expect("an address");
        let sender = Sender::Party(Party::Location(id));
        let trace = trace(&Model::of(&self.case.plan), &sender, &to);
        assert_eq!(trace.ways.len(), 1, "{to}");
        let hop = trace.ways[0].hops.iter().find(|hop| hop.at == place);
        hop.and_then(|hop| hop.tls.clone()).expect("a level")
    }

    /// Sends a message as a party does and looks whether every way of `trace` is what happens.
    fn as_traced(&self, party: &str, client: &str, from: &str, to: &str) {
        let topology = &self.case.plan.topology;
        let sender = match topology.locations().find(|(_, at)| at.name == party) {
            Some((id, _)) => Sender::Party(Party::Location(id)),
            None => match topology.devices().find(|(_, at)| at.name == party) {
                Some((id, _)) => Sender::Party(Party::Device(id)),
                None => Sender::Party(Party::Internet),
            },
        };
        let address = Address::parse(to).expect("an address");
        let trace = trace(&Model::of(&self.case.plan), &sender, &address);
        assert!(!trace.ways.is_empty(), "{party} to {to}: no way");
        let Some(&first) = trace.ways[0].places.first() else {
            // It has nowhere to enter.
            assert_eq!(
                trace.ways[0].end.ends,
                Ends::Rejected(None),
                "{party} to {to}"
            );
            return;
        };
        let first = &topology.location(first).name;
        let (reply, subject) = self.hand(first, client, from, to);
        for way in &trace.ways {
            let names: Vec<&str> = way
                .places
                .iter()
                .map(|&at| topology.location(at).name.as_str())
                .collect();
            let said = format!("{party} to {to}: {:?} {names:?}", way.end);
            let sink = match &way.end.ends {
                Ends::Rejected(_) | Ends::Bounced(_) if way.places.len() == 1 => {
                    assert!(reply.code >= 500, "{said}: {}", reply.text);
                    continue;
                }
                // Whoever handed it over gets the refusal, and writes the bounce.
                Ends::Bounced(_) => {
                    assert_eq!(reply.code, 250, "{said}: {}", reply.text);
                    self.bounced(names[names.len() - 2], to);
                    continue;
                }
                Ends::Delivered(at) => topology.location(*at).name.as_str(),
                Ends::Internet => "internet",
                other => panic!("{said}: no sink for {other:?}"),
            };
            assert_eq!(reply.code, 250, "{said}: {}", reply.text);
            let message = until(&said, || self.sinks[sink].message(&subject), || self.logs());
            assert_eq!(received_by(&message), names, "{said}\n{message}");
        }
    }
}

/// A host of fabrikam.example with what is compiled for a place, put there by its own script, and not started yet. It
/// knows the authority; `more` is what else the host has in its main.cf.
pub(crate) fn compiled<'n>(
    network: &'n Network,
    authority: &Authority,
    plan: &Plan,
    (place, address): (&str, &str),
    more: &str,
) -> Host<'n> {
    let hostname = format!("{place}.fabrikam.example");
    let ca = authority.certificate();
    let own = format!("smtp_tls_CAfile = {}\n{more}", arg(&ca));
    let host = Host::new(Some(network), &hostname, Some(address), &own, "");
    let key = host
        .config()
        .join(format!("mailtopo-private/{hostname}.pem"));
    authority.issue(&hostname, &key);
    let files = emitted(plan, place);
    let output = host.install(files.path());
    assert!(output.status.success(), "{place}: {}", said(&output));
    host
}

/// A partner's server: its own name at one address, another's at a second; what it takes goes to a sink. It sends with
/// TLS, and to `root` without.
fn bank<'n>(network: &'n Network, authority: &Authority) -> Host<'n> {
    let more = format!(
        "relay_domains = bank.example, wrong.example, bücher.example, xn--bcher-kva.example\nmydestination =\nrelay_recipient_maps =\nmynetworks = 127.0.0.0/8\n\
         smtpd_tls_security_level = may\nsmtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n\
         transport_maps = inline:{{{{bank.example=smtp:[192.0.2.35]:25}}, {{wrong.example=smtp:[192.0.2.35]:25}}, {{bücher.example=discard:}}, {{.bücher.example=discard:}}, {{.xn--bcher-kva.example=discard:}}, {{root@fabrikam.example=clear:[192.0.2.21]:25}}, {{fabrikam.example=crypt:[192.0.2.21]:25}}}}\n\
         smtp_tls_CAfile = {}\n",
        arg(&authority.certificate())
    );
    let host = Host::new(
        Some(network),
        "mx.bank.example",
        Some("192.0.2.31"),
        &more,
        "192.0.2.33:25 inet n - n - - smtpd\n  -o smtpd_tls_chain_files=${config_directory}/bank.pem\n\
         192.0.2.36:25 inet n - n - - smtpd\n  -o smtpd_tls_security_level=none\n\
         crypt unix - - n - - smtp\n  -o smtp_bind_address=192.0.2.32\n  -o smtp_tls_security_level=encrypt\n\
         clear unix - - n - - smtp\n  -o smtp_bind_address=192.0.2.32\n  -o smtp_tls_security_level=none\n",
    );
    let config = host.config();
    let main_cf = std::fs::read_to_string(config.join("main.cf"))
        .expect("main.cf")
        .replace(
            "inet_interfaces = 192.0.2.31\n",
            "inet_interfaces = 192.0.2.31, 192.0.2.33, 192.0.2.36\nsmtpd_tls_chain_files = ${config_directory}/hoster.pem\ntls_server_sni_maps = lmdb:${config_directory}/sni\n",
        );
    write_main_cf(&config, &main_cf);
    // Whoever asks for no name is shown that of the hoster.
    authority.issue("many.hoster.example", &config.join("hoster.pem"));
    authority.issue("mx.bank.example", &config.join("bank.pem"));
    let bank = config.join("bank.pem");
    let names = [
        "mx.bank.example",
        "xn--bcher-kva.example",
        ".xn--bcher-kva.example",
    ];
    let bank = bank.display();
    let entries = names.map(|name| format!("{name} {bank}\n")).concat();
    std::fs::write(config.join("sni"), entries).expect("written");
    let table = format!("lmdb:{}", config.join("sni").display());
    run("postmap", &["-F", &table]);
    host.start();
    host
}

/// Hands a message to a host as this client; gives the reply, and the subject that it is found by.
pub(crate) fn hand(host: &Host<'_>, client: &str, from: &str, to: &str) -> (Reply, String) {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(1);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let subject = format!("message {number}");
    let mut session = Session::open(&host.door(), client);
    let reply = session.one(from, to, &subject);
    (reply, subject)
}

/// Our places in the order in which they took a message.
fn received_by(message: &str) -> Vec<&str> {
    let mut places: Vec<&str> = message
        .match_indices("by ")
        .filter_map(|(at, _)| message[at + 3..].split_once(".fabrikam.example (Postfix)"))
        .map(|(name, _)| name)
        .filter(|name| !name.contains(char::is_whitespace))
        .collect();
    places.reverse();
    places
}

const ADDRESSES: [&str; 16] = [
    "192.0.2.21",
    "192.0.2.22",
    "192.0.2.23",
    "192.0.2.31",
    "192.0.2.32",
    "192.0.2.33",
    "192.0.2.34",
    "192.0.2.35",
    "192.0.2.36",
    "192.0.2.50",
    "192.0.2.61",
    "192.0.2.62",
    "192.0.2.63",
    "192.0.2.64",
    "192.0.2.65",
    "192.0.2.40",
];

#[test]
fn mail_of_every_source_ends_where_trace_says() {
    let network = Network::with(&ADDRESSES, NAMES);
    let authority = Authority::new();
    let world = World::new(&network, &authority);
    let (stranger, inside, outside) = ("203.0.113.77", "192.0.2.40", "192.0.2.41");
    for to in [
        "anna@fabrikam.example",
        "anna+list@fabrikam.example",
        "ben@fabrikam.example",
        "fwd@fabrikam.example",
        "nobody@fabrikam.example",
        "anyone@lab.fabrikam.example",
        "someone@sub.lab.fabrikam.example",
        "someone@old.example",
        "someone@outside.example",
    ] {
        world.as_traced("internet", stranger, "someone@outside.example", to);
        world.as_traced("scanners", inside, "scan@fabrikam.example", to);
        world.as_traced("onprem", "127.0.0.1", "anna@fabrikam.example", to);
        world.as_traced("cloud", "127.0.0.1", "ben@fabrikam.example", to);
    }
    // Who is not in the device's list is a stranger there.
    let from = "scan@fabrikam.example";
    let (reply, _) = world.hand("onprem", outside, from, "someone@outside.example");
    assert_eq!(reply.code, 554, "{}", reply.text);

    a_partner_is_reached_over_tls_or_not_at_all(&world);
    an_internationalized_partner_is_reached_over_tls_or_not_at_all(&world);
    an_lmtp_store_gets_mail_over_tls_or_not_at_all(&world);
    a_partner_that_sends_in_the_clear_is_refused(&world);
    no_instance_relays_for_strangers(&world);
}

fn a_partner_is_reached_over_tls_or_not_at_all(world: &World<'_>) {
    let user = |to: &str| {
        world
            .hand("onprem", "127.0.0.1", "anna@fabrikam.example", to)
            .1
    };
    let subject = user("teller@bank.example");
    let find = || world.sinks["bank"].message(&subject);
    let message = until("the bank's mail", find, || world.logs());
    assert!(
        message.contains("by mx.bank.example (Postfix) with ESMTPS"),
        "{message}"
    );
    let before = world.sinks["bank"].count();
    for (to, why) in [
        ("someone@wrong.example", "Server certificate not verified"),
        (
            "someone@plain.example",
            "TLS is required, but was not offered",
        ),
    ] {
        user(to);
        let line = world.fate_of("edge", to);
        assert!(line.contains("status=deferred"), "{line}");
        assert!(line.contains(why), "{line}");
    }
    assert_eq!(world.sinks["plain"].count(), 0, "sent in the clear");
    assert_eq!(
        world.sinks["bank"].count(),
        before,
        "sent to the wrong name"
    );
}

/// The client looks for the next hop and its parents in the spelling that the sender wrote, and connects to the A-labels.
fn an_internationalized_partner_is_reached_over_tls_or_not_at_all(world: &World<'_>) {
    let send = |to: &str| {
        world.hand("edge", "127.0.0.1", "anna@fabrikam.example", to);
        assert_eq!(world.traced_tls("edge", to), "verified", "{to}");
        world.fate_of("edge", to)
    };
    for to in [
        "reader@bücher.example",
        "reader@BÜCHER.example",
        "reader@sub.bücher.example",
        "reader@sub.xn--bcher-kva.example",
    ] {
        let line = send(to);
        assert!(line.contains("status=sent"), "{line}");
    }
    let log = world.hosts["edge"].log();
    for name in ["xn--bcher-kva.example", "sub.xn--bcher-kva.example"] {
        let verified = format!("Verified TLS connection established to {name}[192.0.2.31]");
        assert!(log.contains(&verified), "{log}");
        let other = format!("Untrusted TLS connection established to {name}[");
        assert!(!log.contains(&other), "{log}");
    }
    for to in [
        "reader@plain.bücher.example",
        "reader@plain.BÜCHER.example",
        "reader@plain.xn--bcher-kva.example",
    ] {
        let line = send(to);
        assert!(line.contains("status=deferred"), "{line}");
        assert!(
            line.contains("TLS is required, but was not offered"),
            "{line}"
        );
    }
}

fn an_lmtp_store_gets_mail_over_tls_or_not_at_all(world: &World<'_>) {
    let send = |to: &str| {
        let (_, subject) = world.hand("edge", "127.0.0.1", "anna@fabrikam.example", to);
        (world.fate_of("edge", to), subject)
    };
    let (line, _) = send("someone@store.example");
    assert!(
        line.contains("TLS is required, but was not offered"),
        "{line}"
    );
    assert_eq!(
        world.traced_tls("edge", "someone@store.example"),
        "encrypted"
    );
    assert_eq!(world.sinks["store"].count(), 0, "sent in the clear");
    let (line, subject) = send("someone@open.store.example");
    assert!(line.contains("status=sent"), "{line}");
    let find = || world.sinks["open store"].message(&subject);
    until("the open store's mail", find, || world.logs());
    assert_eq!(
        world.traced_tls("edge", "someone@open.store.example"),
        "opportunistic"
    );
}

fn a_partner_that_sends_in_the_clear_is_refused(world: &World<'_>) {
    let send = |to: &str| hand(&world.bank, "127.0.0.1", "teller@bank.example", to).1;
    let subject = send("anna@fabrikam.example");
    let find = || world.sinks["onprem"].message(&subject);
    let message = until("the partner's mail", find, || world.logs());
    assert_eq!(received_by(&message), ["edge", "onprem"], "{message}");
    send("root@fabrikam.example");
    let refused = || {
        let log = world.bank.log();
        let line = log.lines().find(|line| {
            line.contains("to=<root@fabrikam.example>") && line.contains("status=deferred")
        })?;
        Some(line.to_owned())
    };
    let line = until("the refusal", refused, || world.logs());
    assert!(line.contains("encryption is required"), "{line}");
    // Somebody else who uses the partner's name does not get in, with or without TLS.
    let from = "teller@bank.example";
    let (reply, _) = world.hand("edge", "203.0.113.77", from, "anna@fabrikam.example");
    assert!(reply.code >= 400, "{}", reply.text);
}

fn no_instance_relays_for_strangers(world: &World<'_>) {
    let before = world.sinks["internet"].count();
    for (place, host) in &world.hosts {
        for from in [
            "",
            "someone@outside.example",
            "root@fabrikam.example",
            "root@localhost",
        ] {
            for to in super::session::RELAY_ATTEMPTS {
                let (reply, _) = hand(host, "203.0.113.99", from, to);
                assert!(
                    reply.code >= 500,
                    "{place} takes {to} from <{from}>: {}",
                    reply.text
                );
            }
        }
    }
    assert_eq!(world.sinks["internet"].count(), before);
}
