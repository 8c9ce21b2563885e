//! The catalogue accepts what the reference pages allow and says what is wrong with the rest: `calls.txt`.

use crate::powershell::wrong_calls;
use mailtopo::testing::platforms::exchange::catalogue::Product;
use mailtopo::testing::topology::ExchangeVersion::{V2007, V2010, V2019};

#[test]
fn calls_are_judged_as_the_reference_pages_say() {
    let lines = include_str!("calls.txt").lines();
    let cases: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    assert!(cases.len() >= 83, "only {} cases", cases.len());
    let mut failed = Vec::new();
    for case in cases {
        let (product, rest) = case.split_once(": ").expect("a product");
        let (call, expected) = rest.split_once(" =>").expect("what is said");
        let product = match product {
            "online" => Product::Online,
            "protection" => Product::Protection,
            "2007" => Product::Server(V2007),
            "2010" => Product::Server(V2010),
            "2019" => Product::Server(V2019),
            other => panic!("no product: {other}"),
        };
        let said = wrong_calls(call, product).join("; ");
        let expected = expected.trim_start();
        if said.is_empty() != expected.is_empty() || !said.contains(expected) {
            failed.push(format!("{call}\n  expected: {expected}\n  said: {said}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
