//! What clients may do.

use crate::platforms::postfix::fixture::{at, device, fabrikam, name, network, plan, tables};
use crate::platforms::postfix::tests::fabrikam_plan;
use crate::platforms::postfix::{Key, Right};
use crate::topology::SendsTo;
use crate::values::Pattern;

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
