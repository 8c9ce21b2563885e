//! L3: every written property counts.
//!
//! One property of one object that is written gets another value before anything is followed. Then a finding or a way
//! changes. `src/testing/alter.rs` has the properties; those that no mail depends on are named here.

use crate::breach::{Breach, holds};
use crate::corpus::Spec;
use crate::surface::Compiled;
use std::collections::BTreeMap;

#[test]
fn every_property_counts() {
    holds("L3", properties_count, |_, spec| {
        spec.name.starts_with("examples/") || spec.name.starts_with("field/")
    });
}

fn properties_count(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    // Where nothing is written there is nothing to change.
    if compiled.files.is_none() {
        return Vec::new();
    }
    let asked: Vec<(String, String)> = spec
        .messages()
        .iter()
        .map(|it| (it.sender.from.clone(), it.recipient.to.clone()))
        .take(120)
        .collect();
    let mut breaches: BTreeMap<String, Breach> = BTreeMap::new();
    for (fault, is_noticed) in compiled.planted(&asked) {
        let property = fault.split(' ').next().unwrap_or_default().to_owned();
        if !is_noticed {
            breaches.entry(property.clone()).or_insert_with(|| Breach {
                object: property.clone(),
                kind: property,
                one: format!("{fault} has another value"),
                other: "no finding and no way changes".to_owned(),
            });
        }
    }
    breaches.into_values().collect()
}
