//! Addresses that others take the place of.

use crate::platforms::postfix::fixture::{address, at, details, plan, tables};
use crate::platforms::postfix::tests::complete;
use crate::topology::{Forward, Holds};
use std::sync::Arc;

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
