//! Tables made from small topologies.

mod findings;
mod redirects;
mod rights;
mod tls;
mod ways;

use crate::plan::Plan;
use crate::platforms::postfix::Configuration;
use crate::platforms::postfix::fixture::{
    address, domain, fabrikam, listed, plan, postfix, tenant,
};
use crate::topology::Topology;

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
        .map(|finding| finding.check.as_str())
        .collect()
}

fn fabrikam_plan() -> Plan {
    plan(fabrikam()).0
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
        )]
        .into(),
        ..Topology::default()
    }
}
