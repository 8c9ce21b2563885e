//! `trace`, run as users run it, over the examples.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Exit code, standard output and standard error.
fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_mailtopo"))
        .args(args)
        .output()
        .expect("the program runs");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
        .join("mailtopo.yaml")
        .to_string_lossy()
        .into_owned()
}

#[test]
fn both_ways_of_the_doubtful_domain_are_shown_with_their_reading() {
    let spec = example("03-three-connectors");
    let (_, text, _) = run(&[
        "trace",
        &spec,
        "--from",
        "internet",
        "--to",
        "john@sales.contoso.com",
        "--output-format",
        "json",
    ]);
    let trace: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(trace["from"], "internet");
    assert_eq!(trace["to"], "john@sales.contoso.com");
    let paths = trace["paths"].as_array().expect("a list");
    assert_eq!(paths.len(), 2, "{text}");
    for (path, (ends, reading, to, by)) in paths.iter().zip([
        ("bounced site-1", "list", "site-1", "route:Connector 1"),
        ("delivered site-3", "example", "site-3", "route:Connector 3"),
    ]) {
        assert_eq!(path["ends"], ends);
        assert_eq!(path["certainty"], "possible");
        assert_eq!(path["readings"]["R1"], reading);
        let hops = path["hops"].as_array().expect("a list");
        assert_eq!(hops[0]["at"], "internet");
        assert_eq!(hops[0]["by"], "mx sales.contoso.com");
        assert_eq!(hops[1]["to"], to);
        assert_eq!(hops[1]["by"], by);
        assert!(hops[1]["instead_of"][0]["why"].is_string(), "{text}");
    }
}

#[test]
fn people_are_told_what_decided_and_what_lost() {
    let spec = example("03-three-connectors");
    let (_, text, _) = run(&[
        "trace",
        &spec,
        "--from",
        "internet",
        "--to",
        "john@sales.contoso.com",
    ]);
    for part in [
        "way 1: bounced site-1",
        "way 2: delivered site-3",
        "not route:Connector 1",
        "if R1 is read as `example`",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn a_name_that_nobody_has_is_a_mistake_of_the_call() {
    let spec = example("01-eop-standalone");
    let (code, out, error) = run(&["trace", &spec, "--from", "hp", "--to", "a@contoso.com"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(error.contains("did you mean `hq`?"), "{error}");
    let (code, _, error) = run(&["trace", &spec, "--from", "hq", "--to", "contoso.com"]);
    assert_eq!(code, Some(2), "{error}");
}
