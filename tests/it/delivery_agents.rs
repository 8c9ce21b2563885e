//! Which client of Postfix a route goes by, and what stands in the tables of that client and of no other.

use mailtopo::compile::{self, Input};
use mailtopo::testing::finding::Severity;
use mailtopo::testing::output::OutputTree;
use mailtopo::testing::plan::Plan;
use mailtopo::testing::topology::{Party, Sender};
use mailtopo::testing::values::Address;
use mailtopo::testing::walk::{Model, trace};
use std::collections::BTreeMap;

const HEAD: &str = "version: 1
locations:
  mx: {kind: postfix, hosts: [mail.fabrikam.com], egress: [192.0.2.25], certificate: mail.fabrikam.com, delivers_to: \"lmtp:[192.0.2.61]:24\"}
domains:
  fabrikam.com: {mailboxes: mx, mx: mx}
";

fn plan(rest: &str) -> (Option<Plan>, Vec<String>) {
    let text = format!("{HEAD}{rest}");
    let input = Input {
        name: "mailtopo.yaml",
        bytes: text.as_bytes(),
        files: &BTreeMap::new(),
    };
    let checked = compile::plan(&input, None);
    let errors = checked
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| format!("{} {}", finding.check, finding.message))
        .collect();
    (checked.plan, errors)
}

fn emitted(rest: &str) -> (Plan, BTreeMap<String, String>) {
    let (plan, errors) = plan(rest);
    assert_eq!(errors, Vec::<String>::new());
    let plan = plan.expect("a plan");
    let mut tree = OutputTree::default();
    mailtopo::testing::platforms::postfix::write::emit(&plan, &mut tree).expect("written");
    let files = tree
        .iter()
        .map(|(path, bytes)| (path.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
        .collect();
    (plan, files)
}

/// What `trace` says of the TLS on the hop that leaves the location.
fn traced(plan: &Plan, to: &str) -> String {
    let (id, _) = plan.topology.locations().next().expect("a location");
    let sender = Sender::Party(Party::Location(id));
    let to = Address::parse(to).expect("an address");
    let trace = trace(&Model::of(plan), &sender, &to);
    let hop = trace.ways[0].hops.first().expect("a hop");
    hop.tls.clone().expect("a level")
}

/// The entries of a table, without what pads them.
fn entries(table: &str) -> Vec<String> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn a_route_over_lmtp_has_its_tls_in_the_tables_of_lmtp() {
    let (plan, files) = emitted(
        "routes:
  - {name: store, from: mx, to: internet, recipients: [store.example], smart_hosts: [\"store.hosts.example:24\"], transport: lmtp, tls: verified, auth: store}
  - {name: open, from: mx, to: internet, recipients: [open.example], smart_hosts: [\"192.0.2.62:24\"], transport: lmtp, tls: opportunistic}
  - {name: relay, from: mx, to: internet, recipients: [relay.example], smart_hosts: [relay.hosts.example], tls: encrypted}
",
    );
    assert_eq!(
        entries(&files["mx/lmtp_tls_policy"]),
        [
            "[192.0.2.62]:24 may",
            "[store.hosts.example]:24 secure match=store.hosts.example servername=hostname"
        ]
    );
    assert_eq!(
        entries(&files["mx/tls_policy"]),
        ["[relay.hosts.example]:25 encrypt"]
    );
    for line in [
        "lmtp_tls_policy_maps = lmdb:${config_directory}/mailtopo/lmtp_tls_policy",
        "lmtp_tls_chain_files = ${config_directory}/mailtopo-private/mail.fabrikam.com.pem",
        "lmtp_sasl_auth_enable = yes",
    ] {
        assert!(files["mx/main.cf"].contains(line), "{line}");
    }
    assert!(!files["mx/main.cf"].contains("smtp_sasl_auth_enable = yes\nsmtp"));
    assert!(files["mx/install.sh"].contains("needs_authorities='lmtp'"));
    for (to, level) in [
        ("a@store.example", "verified"),
        ("a@open.example", "opportunistic"),
        ("a@relay.example", "encrypted"),
    ] {
        assert_eq!(traced(&plan, to), level, "{to}");
    }
}

#[test]
fn without_a_route_over_lmtp_its_parameters_are_the_hosts() {
    let (_, files) = emitted("");
    assert!(!files["mx/main.cf"].contains("lmtp_"));
    assert!(!files.contains_key("mx/lmtp_tls_policy"));
}

#[test]
fn a_service_takes_what_is_handed_on_and_nothing_else() {
    let (_, files) = emitted(
        "routes:
  - {name: gone, from: mx, to: discard, recipients: [gone.example], transport: relay}
  - {name: refused, from: mx, to: reject, recipients: [refused.example], transport: relay}
  - {name: kept, from: mx, to: internet, recipients: [kept.example], transport: relay}
",
    );
    let routed = entries(&files["mx/transport"]);
    for line in [
        "gone.example discard:",
        "refused.example error:5.7.1 mail for this address is refused",
        "kept.example relay:",
    ] {
        assert!(routed.contains(&line.to_owned()), "{line}: {routed:?}");
    }
}

#[test]
fn what_no_client_can_do_is_refused() {
    let (_, errors) = plan(
        "routes:
  - {name: store, from: mx, to: internet, recipients: [store.example], transport: lmtp, tls: encrypted}
  - {name: by rule, from: mx, to: internet, recipients: [\"*\"], only_by_rule: true, tls: encrypted}
rules:
  - {name: boss, at: mx, when: {sender: [boss@fabrikam.com]}, route: by rule}
",
    );
    assert!(
        errors
            .iter()
            .any(|text| text.starts_with("X009 `lmtp` looks up no MX")),
        "{errors:?}"
    );
    assert!(
        errors
            .iter()
            .any(|text| text.starts_with("T002 Postfix keeps TLS levels by next hop")),
        "{errors:?}"
    );
}

/// Each label is an A-label or a U-label, and to Postfix each spelling is another next hop.
#[test]
fn a_partner_has_a_policy_in_every_spelling_of_its_name() {
    let (_, files) = emitted(
        "partners:
  bookshop: {domains: [\"*.büro.größe.example\"], tls: {outbound: verified}, certificate: mx.bookshop.example}
",
    );
    let expected: Vec<String> = [
        ".büro.größe.example",
        ".büro.xn--gre-6ka8i.example",
        ".xn--bro-hoa.größe.example",
        ".xn--bro-hoa.xn--gre-6ka8i.example",
    ]
    .map(|key| format!("{key} secure match=mx.bookshop.example servername=hostname"))
    .to_vec();
    let mut found = entries(&files["mx/tls_policy"]);
    found.sort();
    let mut expected = expected;
    expected.sort();
    assert_eq!(found, expected);
    let mut routed = entries(&files["mx/transport"]);
    routed.retain(|line| line.contains("example"));
    assert_eq!(routed.len(), 4, "{routed:?}");
}

/// A name whose level is everybody's still needs its own entry where other names around it are to give something else.
#[test]
fn a_name_below_a_partner_keeps_its_own_level() {
    let (plan, files) = emitted(
        "routes:
  - {name: all, from: mx, to: internet, recipients: [\"*\"], tls: encrypted}
  - {name: bank, from: mx, to: internet, recipients: [\"*.bank.example\"], tls: opportunistic}
  - {name: vault, from: mx, to: internet, recipients: [vault.bank.example], tls: encrypted}
",
    );
    assert_eq!(
        entries(&files["mx/tls_policy"]),
        [".bank.example may", "vault.bank.example encrypt"]
    );
    assert_eq!(traced(&plan, "a@vault.bank.example"), "encrypted");
    assert_eq!(traced(&plan, "a@other.bank.example"), "opportunistic");
}
