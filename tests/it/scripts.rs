//! The scripts made of objects: PowerShell that calls only what the product knows, whatever stands in a spec.

use crate::examples::locations;
use crate::powershell::wrong_calls;
use mailtopo::platforms::exchange::catalogue::Product;
use mailtopo::platforms::exchange::kind;
use mailtopo::platforms::exchange::object::{Identity, Object, Part};
use mailtopo::platforms::exchange::script::Scripts;
use mailtopo::topology::ExchangeVersion;
use mailtopo::writer::powershell::PsValue;
use proptest::prelude::*;

fn variable(name: &str) -> PsValue {
    PsValue::Variable(name.to_owned())
}

fn outbound(name: &str, comment: &str) -> Part {
    let mut object = Object::new(&kind::OUTBOUND_CONNECTOR, name);
    object.origin = name.into();
    object.new = vec![("Name", variable("name"))];
    object.with = vec![
        ("ConnectorType", "Partner".into()),
        ("RecipientDomains", ["contoso.com"].into_iter().collect()),
        ("TlsDomain", PsValue::Null),
        ("Comment", comment.into()),
    ];
    Part::Object(Box::new(object))
}

fn receive(name: &str, comment: &str) -> Part {
    let mut object = Object::new(&kind::RECEIVE_CONNECTOR, name);
    object.origin = name.into();
    object.new = vec![
        ("Name", variable("connector")),
        ("Server", variable("server")),
        ("Usage", "Custom".into()),
    ];
    object.with = vec![
        ("Bindings", ["0.0.0.0:25"].into_iter().collect()),
        ("RemoteIPRanges", ["203.0.113.0/24"].into_iter().collect()),
        ("Comment", comment.into()),
    ];
    object.per_server = true;
    object.any_recipient = Some(true);
    Part::Object(Box::new(object))
}

fn setting() -> Part {
    let mut object = Object::new(&kind::ORGANIZATION_CONFIG, "RejectDirectSend");
    object.identity = Identity::Only;
    object.with = vec![("RejectDirectSend", true.into())];
    Part::Object(Box::new(object))
}

fn scripts(product: Product, parts: Vec<Part>) -> Scripts {
    let server = matches!(product, Product::Server(_));
    Scripts {
        product,
        location: "hq".to_owned(),
        former_location: None,
        constants: if server {
            vec![
                ("edge", false.into()),
                ("servers", ["EX01"].into_iter().collect()),
            ]
        } else {
            vec![("tenant", "contoso.onmicrosoft.com".into())]
        },
        reads: Vec::new(),
        checks: Vec::new(),
        lookups: Vec::new(),
        parts,
        verify_last: Vec::new(),
        facts: Vec::new(),
    }
}

fn wrong(product: Product, parts: Vec<Part>) -> Vec<String> {
    let files = scripts(product, parts).files().expect("can be written");
    assert_eq!(files.len(), 5);
    let wrong = files.iter().flat_map(|(name, bytes)| {
        let text = String::from_utf8_lossy(bytes);
        let wrong = wrong_calls(text.trim_start_matches('\u{feff}'), product);
        wrong
            .into_iter()
            .map(|why| format!("{name}: {why}"))
            .collect::<Vec<_>>()
    });
    wrong.collect()
}

#[test]
fn every_frame_calls_what_its_product_knows() {
    use ExchangeVersion::{Se, V2007, V2010, V2013, V2016, V2019};
    let nothing: Vec<String> = Vec::new();
    for version in [V2007, V2010, V2013, V2016, V2019, Se] {
        assert_eq!(
            wrong(Product::Server(version), vec![receive("a", "b")]),
            nothing
        );
    }
    for product in [Product::Online, Product::Protection] {
        assert_eq!(wrong(product, vec![outbound("a", "b")]), nothing);
    }
    assert_eq!(wrong(Product::Online, vec![setting()]), nothing);
}

#[test]
fn a_wrong_call_is_never_written() {
    let mut object = Object::new(&kind::OUTBOUND_CONNECTOR, "a");
    object.with = vec![("SmartHosts", ["h"].into_iter().collect())];
    let files = scripts(Product::Online, vec![Part::Object(Box::new(object))]).files();
    assert!(
        files
            .expect_err("lacks a name")
            .message
            .contains("UseMXRecord")
    );
}

proptest! {
    // One script holds many texts, because the frame around them takes most of the time.
    #![proptest_config(ProptestConfig::with_cases(4))]
    #[test]
    fn no_text_of_a_spec_becomes_code(texts in prop::collection::vec(("[-'\"`$@(){};,#<>\u{2018}\u{2019}a-z ]{1,20}", any::<String>()), 40)) {
        for (product, part) in [
            (Product::Online, outbound as fn(&str, &str) -> Part),
            (Product::Server(ExchangeVersion::V2010), receive),
        ] {
            let writable = |part: &Part| scripts(product, vec![part.clone()]).files().is_ok();
            let parts: Vec<Part> = texts.iter().map(|(name, comment)| part(name, comment)).filter(writable).collect();
            prop_assert_eq!(wrong(product, parts), Vec::<String>::new());
        }
    }
}

/// The scripts under `golden/` need no walk of their own: they are these, byte by byte.
#[test]
fn the_scripts_of_every_example_call_what_their_products_know() {
    let mut scripts = 0;
    let mut wrong = Vec::new();
    for location in locations() {
        for (file, text) in &location.scripts {
            let name = format!("{}/{file}", location.name);
            let calls = wrong_calls(text.text(), location.product);
            wrong.extend(calls.into_iter().map(|why| format!("{name}: {why}")));
            scripts += 1;
        }
    }
    assert!(scripts > 100, "only {scripts} scripts");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
