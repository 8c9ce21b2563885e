//! The ways of single messages, in the words of the command line.

use crate::finding::Findings;
use crate::plan::{self, Plan};
use crate::source::Sources;
use crate::topology::{Party, Sender, resolve};
use crate::values::Address;
use crate::walk::classes::Population;
use crate::walk::graph::Graph;
use crate::walk::trace::class_trace_in;
use crate::walk::{Cause, FaultKind, Flows, Model, TlsFailure, Trace, expect, trace};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

fn plan_of(spec: &str) -> Plan {
    let mut findings = Findings::default();
    let plan = read(spec, &mut findings);
    let said: Vec<&str> = findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    plan.unwrap_or_else(|| panic!("{said:?}"))
}

/// The plan of a spec that can be read.
pub(crate) fn read(spec: &str, findings: &mut Findings) -> Option<Plan> {
    let mut sources = Sources::default();
    let facts = include_bytes!("../../examples/02-split-mailboxes/facts.yaml");
    let files = BTreeMap::from([("facts.yaml".to_owned(), facts.to_vec())]);
    let topology = resolve::load(
        &files,
        "mailtopo.yaml",
        spec.as_bytes(),
        &mut sources,
        findings,
    )?;
    if findings.has_errors() {
        return None;
    }
    Some(plan::derive(topology, findings))
}

fn traced(plan: &Plan, from: &str, to: &str) -> Trace {
    let from = expect::sender(&plan.topology, from).expect("a sender");
    trace(
        &Model::of(plan),
        &from,
        &Address::parse(to).expect("an address"),
    )
}

/// Every way as `place > place = end, reading`.
fn ways(plan: &Plan, from: &str, to: &str) -> Vec<String> {
    traced(plan, from, to)
        .ways
        .iter()
        .map(|way| {
            let places: Vec<&str> = way
                .places
                .iter()
                .map(|at| plan.topology.location(*at).name.as_str())
                .collect();
            let readings: Vec<String> = way
                .readings
                .iter()
                .map(|(id, word)| format!(" {id}={word}"))
                .collect();
            format!(
                "{} = {}{}",
                places.join(" > "),
                way.end.ends.words(&plan.topology),
                readings.concat()
            )
        })
        .collect()
}

macro_rules! example {
    ($name:literal) => {
        include_str!(concat!("../../examples/", $name, "/mailtopo.yaml"))
    };
}

#[test]
fn the_examples_go_where_their_readers_expect() {
    let one = plan_of(example!("01-eop-standalone"));
    assert_eq!(
        ways(&one, "internet", "a@contoso.com"),
        ["protection > hq = delivered hq"]
    );
    assert_eq!(
        ways(&one, "hq", "sun@customer.example"),
        ["hq > protection = internet"]
    );
    assert_eq!(
        ways(&one, "a@fabrikam.com", "b@contoso.com"),
        ["hq = delivered hq"]
    );
    assert_eq!(
        ways(&one, "internet", "sun@customer.example"),
        ["hq = rejected hq", "protection = rejected protection"]
    );

    let devices = plan_of(example!("04-devices"));
    assert_eq!(
        ways(&devices, "door-sensor", "someone@example.net"),
        ["cloud = rejected cloud"]
    );
    assert_eq!(
        ways(&devices, "door-sensor", "anna@contoso.com"),
        ["cloud = delivered cloud"]
    );
    assert_eq!(
        ways(&devices, "printers-hq", "someone@example.net"),
        ["cloud = internet"]
    );
    assert_eq!(
        ways(&devices, "erp", "someone@example.net"),
        ["cloud = internet"]
    );

    let hybrid = plan_of(example!("06-hybrid-wizard"));
    assert_eq!(
        ways(&hybrid, "internet", "a@contoso.com"),
        ["hq > cloud = delivered cloud", "hq = delivered hq"]
    );
    assert_eq!(
        ways(&hybrid, "cloud", "sun@customer.example"),
        ["cloud > hq = internet"]
    );

    let gateway = plan_of(example!("08-gateway"));
    assert_eq!(
        ways(&gateway, "internet", "a@contoso.com"),
        ["filter > cloud = delivered cloud"]
    );
    assert_eq!(
        ways(&gateway, "cloud", "sun@customer.example"),
        ["cloud > filter = internet"]
    );
    assert_eq!(
        ways(&gateway, "internet", "x@hr.contoso.com"),
        ["cloud = rejected cloud", "filter = rejected filter"]
    );

    let centralized = plan_of(example!("11-centralized-transport"));
    let to_cloud = ways(&centralized, "internet", "a@contoso.com");
    assert!(
        to_cloud.contains(&"cloud > hq > cloud = delivered cloud".to_owned()),
        "{to_cloud:?}"
    );
    assert_eq!(
        ways(&centralized, "cloud", "sun@customer.example"),
        ["cloud > hq = internet"]
    );

    let service = plan_of(example!("16-loop-back-service"));
    assert_eq!(
        ways(&service, "cloud", "sun@customer.example"),
        ["cloud > signatures > cloud = internet"]
    );
    assert_eq!(
        ways(&service, "cloud", "anna@contoso.com"),
        ["cloud > signatures > cloud = delivered cloud"]
    );
    assert_eq!(
        ways(&service, "internet", "anna@contoso.com"),
        ["cloud = delivered cloud"]
    );
}

#[test]
fn postfix_follows_its_tables() {
    let plan = plan_of(example!("07-postfix-and-cloud"));
    for (from, to, expected) in [
        ("internet", "root@fabrikam.com", "cloud > mx = delivered mx"),
        ("internet", "anna@fabrikam.com", "cloud = delivered cloud"),
        ("mx", "anna@fabrikam.com", "mx > cloud = delivered cloud"),
        ("internet", "a@lab.fabrikam.com", "mx > lab = delivered lab"),
        ("lab", "sun@customer.example", "lab > mx > cloud = internet"),
        ("scanners", "root@fabrikam.com", "mx = delivered mx"),
        ("scanners", "root+log@fabrikam.com", "mx = delivered mx"),
        ("scanners", "sun@customer.example", "mx = rejected mx"),
        (
            "cloud",
            "x@journal.archive.example",
            "cloud > mx = handed-off archive",
        ),
    ] {
        assert_eq!(ways(&plan, from, to), [expected], "{from} {to}");
    }
}

/// The documents contradict each other about exactly one name of this spec.
#[test]
fn the_three_connectors_leave_two_ways_for_one_domain() {
    let plan = plan_of(example!("03-three-connectors"));
    assert_eq!(
        ways(&plan, "internet", "john@sales.contoso.com"),
        [
            "cloud > site-1 = bounced site-1 R1=list",
            "cloud > site-3 = delivered site-3 R1=example",
        ]
    );
    assert_eq!(
        ways(&plan, "internet", "a@contoso.com"),
        ["cloud > site-2 = delivered site-2"]
    );
    assert_eq!(
        ways(&plan, "internet", "a@fabrikam.com"),
        ["cloud > site-1 = delivered site-1"]
    );
    assert_eq!(
        ways(&plan, "internet", "a@hr.contoso.com"),
        [
            "cloud = rejected cloud",
            "site-1 = rejected site-1",
            "site-2 = rejected site-2",
            "site-3 = rejected site-3",
        ]
    );
    assert_eq!(
        ways(&plan, "internet", "a@contoso.onmicrosoft.com"),
        ["cloud > site-1 = delivered site-1"]
    );
}

#[test]
fn the_expectations_of_the_examples_hold() {
    for spec in [example!("02-split-mailboxes"), example!("05-partner-bank")] {
        let plan = plan_of(spec);
        assert!(!plan.topology.expectations.is_empty());
        let model = Model::of(&plan);
        for expected in &plan.topology.expectations {
            let trace = trace(&model, &expected.from.value, &expected.to.value);
            assert!(!trace.ways.is_empty(), "{} {}", trace.from, trace.to);
            for way in &trace.ways {
                assert_eq!(
                    expect::broken(&plan.topology, way, expected),
                    None,
                    "{} {}",
                    trace.from,
                    trace.to
                );
            }
        }
    }
}

const TWO_SIDES: &str = "
version: 1
locations:
  cloud: {kind: exchange-online, tenant: contoso, directory: own}
  hq: {kind: exchange-server, version: 2019, servers: [S], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}, directory: own}
domains:
  contoso.com: {mailboxes: {cloud: [a@contoso.com], hq: [b@contoso.com]}, mx: cloud}
";

/// Nobody knows that the mailbox does not exist, so each side hands the message to the other.
#[test]
fn a_loop_is_found_in_the_graph_of_states() {
    let plan = plan_of(TWO_SIDES);
    assert_eq!(
        ways(&plan, "internet", "a@contoso.com"),
        ["cloud = delivered cloud"]
    );
    assert_eq!(
        ways(&plan, "internet", "b@contoso.com"),
        ["cloud > hq = delivered hq"]
    );
    assert_eq!(
        ways(&plan, "b@contoso.com", "a@contoso.com"),
        ["hq > cloud = delivered cloud"]
    );
    let lost = ways(&plan, "internet", "nobody@contoso.com");
    assert!(
        lost.iter().all(|way| way.contains("= loop cloud,hq")),
        "{lost:?}"
    );
}

#[test]
fn an_unknown_sender_is_answered_with_the_nearest_name() {
    let plan = plan_of(TWO_SIDES);
    let error = expect::sender(&plan.topology, "clod").expect_err("nobody");
    assert!(error.contains("did you mean `cloud`?"), "{error}");
    assert!(expect::sender(&plan.topology, "a@b@c").is_err());
}

#[test]
fn senders_that_honour_a_policy_do_not_deliver_to_a_host_that_breaks_it() {
    for (mode, certificate, breaks) in [
        ("enforce", "other.contoso.com", true),
        ("enforce", "mail.contoso.com", false),
        ("enforce", "\"*.contoso.com\"", false),
        ("testing", "other.contoso.com", false),
    ] {
        let plan = plan_of(&format!(
            "version: 1
locations:
  hq: {{kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: {certificate}}}
  cloud: {{kind: exchange-online, tenant: contoso}}
domains:
  contoso.com: {{mailboxes: hq, mx: hq, mta_sts: {{mode: {mode}, host: sts.contoso.com}}}}
"
        ));
        let policy = Cause::Tls(TlsFailure::Policy);
        let trace = traced(&plan, "internet", "a@contoso.com");
        let refused = trace.ways.iter().filter(|way| way.end.cause == policy);
        assert_eq!(refused.count(), usize::from(breaks), "{mode} {certificate}");
        let arrives = trace.ways.iter().any(|way| way.end.ends.arrives());
        assert!(arrives, "who does not honour it still delivers");
        let model = Model::of(&plan);
        let faults = Flows::of(&model).faults;
        let fault = FaultKind::Unverifiable(TlsFailure::Policy);
        let said = faults.keys().any(|one| one.kind == fault);
        assert_eq!(said, breaks, "{mode} {certificate}");
    }
}

#[test]
fn a_way_past_the_gateway_is_found_where_the_tenant_is_open() {
    let open = example!("08-gateway").replace("accept_only_from: [filter], ", "");
    let plan = plan_of(&open);
    let all = ways(&plan, "internet", "a@contoso.com");
    assert_eq!(
        all,
        [
            "filter > cloud = delivered cloud",
            "cloud = delivered cloud"
        ]
    );
    assert!(traced(&plan, "internet", "a@contoso.com").ways[1].bypass);
}

/// A thousand rules for a thousand cities that choose one connector are followed like one.
#[test]
fn rules_that_do_the_same_are_one_way() {
    let ways_with = |count: usize| {
        let rules: Vec<String> = (0..count)
            .map(|at| {
                format!("  - {{name: rule {at}, at: cloud, when: {{recipient_city: [City {at}]}}, route: hq}}\n")
            })
            .collect();
        let rules = rules.concat();
        let spec = format!(
            "version: 1
locations:
  cloud: {{kind: exchange-online, tenant: contoso, reject_direct_send: true}}
  hq: {{kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {{via: cloud}}}}
domains:
  contoso.com: {{mailboxes: {{cloud: 10, hq: 5}}, mx: cloud}}
rules:
{rules}"
        );
        traced(&plan_of(&spec), "internet", "someone@contoso.com").ways
    };
    let (few, many) = (ways_with(2), ways_with(40));
    assert_eq!(few.len(), many.len());
    let words = many.iter().flat_map(|way| &way.assuming);
    let words = words.filter(|word| word.starts_with("rule `rule 0`"));
    assert_eq!(
        words.collect::<BTreeSet<_>>(),
        BTreeSet::from([
            &"rule `rule 0` or another that does the same acts on it".to_owned(),
            &"rule `rule 0` does not act on it".to_owned(),
        ])
    );
}

/// Locations of which each sends through the one before, and where a domain ends at the first.
fn chain(count: usize) -> String {
    let mut locations = String::new();
    for at in 0..count {
        let sends = match at.checked_sub(1) {
            Some(above) => format!(", sends: {{via: l{above}}}"),
            None => String::new(),
        };
        let _ = writeln!(
            locations,
            "  l{at}: {{kind: postfix, hosts: [l{at}.contoso.com], egress: [198.51.100.{at}], certificate: l{at}.contoso.com, delivers_to: \"lmtp:unix:x\"{sends}}}"
        );
    }
    format!(
        "version: 1\nlocations:\n{locations}domains:\n  contoso.com: {{mailboxes: {{l0: [ann@contoso.com]}}, mx: l0}}\n"
    )
}

/// In a chain of locations each hands the mail of all behind it on: two states for each location, not two for each pair.
#[test]
fn a_state_behind_a_hop_is_looked_at_once() {
    let states_of = |count: usize| {
        let plan = plan_of(&chain(count));
        let model = Model::of(&plan);
        let population = Population::of(&model);
        let class = population.classes.iter();
        let class = class.max_by_key(|class| class.recipients).expect("a class");
        let mut graph = Graph::default();
        let mut paths = 0;
        for (id, _) in plan.topology.locations() {
            let from = Sender::Party(Party::Location(id));
            for message in model.messages(&from) {
                let trace = class_trace_in(&model, &mut graph, &from, &message, class);
                paths += trace.ways.len();
            }
        }
        assert_eq!(paths, count);
        graph.states.len()
    };
    assert_eq!(states_of(10), 19);
    assert_eq!(states_of(20), 39);
}

/// However many senders are too far from however many domains: one fault for each location where their mail stops.
#[test]
fn mail_that_makes_too_many_hops_is_one_fault_where_it_stops() {
    let spec = chain(56).replace(
        "mailboxes: {l0: [ann@contoso.com]}",
        "mailboxes: {l0: [ann@contoso.com], l55: [bob@contoso.com], l54: [cid@contoso.com]}",
    );
    let plan = plan_of(&spec);
    let model = Model::of(&plan);
    let flows = Flows::of(&model);
    let too_far = flows.faults.iter();
    let mut too_far = too_far.filter(|(fault, _)| fault.kind == FaultKind::TooManyHops);
    let places: BTreeSet<_> = too_far.clone().map(|(fault, _)| fault.at).collect();
    assert_eq!(too_far.clone().count(), places.len());
    assert!(too_far.any(|(_, evidence)| flows.region(evidence).len() > 1));
}
