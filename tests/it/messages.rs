//! Whole messages for the rows of the decision table that mail of our own can be in: signed with a throw-away key whose public
//! half the zone has, changed where the spec says so, and judged by pyspf, dkimpy and authheaders.

use mailtopo::testing::Asked;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// The seed of a key that protects nothing.
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PUBLIC: &str = "v=DKIM1; k=ed25519; p=A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

/// A row: its name, the handling by the gateway behind the server, the domain's keys, other domains, what DMARC comes to.
const ROWS: [(&str, &str, &str, &str, &str); 9] = [
    ("two legs", "", "dkim: {box: {s1: KEY}}", "", "pass"),
    ("SPF alone", "", "", "", "pass"),
    (
        "rewritten, not signed",
        "rewrites_sender: true",
        "",
        "",
        "fail",
    ),
    (
        "rewritten, signed before",
        "rewrites_sender: true",
        "dkim: {box: {s1: KEY}}",
        "",
        "pass",
    ),
    (
        "rewritten, signed by the last hop",
        "rewrites_sender: true, modifies_body: true",
        "dkim: {out: {s1: KEY}}",
        "",
        "pass",
    ),
    (
        "rewritten and changed after it was signed",
        "rewrites_sender: true, modifies_body: true",
        "dkim: {box: {s1: KEY}}",
        "",
        "fail",
    ),
    (
        "changed, and SPF passes",
        "modifies_body: true",
        "dkim: {box: {s1: KEY}}",
        "",
        "pass",
    ),
    (
        "rewritten to a name below",
        "rewrites_sender: true, bounce_domain: bounces.contoso.com",
        "",
        "  bounces.contoso.com: {send_only: true}\n",
        "pass",
    ),
    (
        "rewritten to a name below, strict",
        "rewrites_sender: true, bounce_domain: bounces.contoso.com",
        "dmarc: {policy: reject, alignment: strict}",
        "  bounces.contoso.com: {send_only: true}\n",
        "fail",
    ),
];

fn spec(gateway: &str, domain: &str, more: &str) -> String {
    let comma = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            format!(", {text}")
        }
    };
    let dmarc = if domain.contains("dmarc") {
        ""
    } else {
        ", dmarc: {policy: reject}"
    };
    let domain = comma(&domain.replace("KEY", &format!("\"{PUBLIC}\"")));
    format!(
        "version: 1\nlocations:\n  box: {{kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: \"lmtp:unix:private/dovecot-lmtp\", sends: {{via: out}}}}\n  out: {{kind: gateway, hosts: [out.filter.example], egress: [198.51.100.10]{}}}\ndomains:\n  contoso.com: {{mailboxes: {{box: [ann@contoso.com]}}, mx: box{dmarc}{domain}}}\n{more}ignore:\n  - {{check: U008, on: \"location:out\", reason: the row shows it}}\n  - {{check: U009, on: \"location:out\", reason: the row shows it}}\n",
        comma(gateway)
    )
}

#[test]
fn receivers_find_out_what_the_table_says() {
    let mut rows = Vec::new();
    let mut said = Vec::new();
    for (name, gateway, domain, more, wanted) in ROWS {
        let files = BTreeMap::from([(
            "mailtopo.yaml".to_owned(),
            spec(gateway, domain, more).into_bytes(),
        )]);
        let asked = Asked::of("mailtopo.yaml", &files, "2026-11-29").expect("a spec");
        let written = asked
            .files()
            .unwrap_or_else(|| panic!("{name}: {}", asked.report("human").unwrap_or_default()));
        let zones: BTreeMap<&str, String> = written
            .iter()
            .filter_map(|(path, bytes)| {
                let zone = path.strip_prefix("dns/")?.strip_suffix(".zone")?;
                Some((zone, String::from_utf8_lossy(bytes).into_owned()))
            })
            .collect();
        let tracer = asked.tracer().expect("a plan");
        let trace = tracer
            .trace("ann@contoso.com", "sun@customer.example")
            .expect("a trace");
        let mut ways = Vec::new();
        for path in trace["paths"].as_array().expect("paths") {
            let proof = &path["authentication"];
            assert_eq!(proof["dmarc"], wanted, "{name}: {proof}");
            ways.push(json!({
                "from": "contoso.com",
                "address": path["egress"][0],
                "authentication": proof,
            }));
            said.push((
                name,
                proof["spf"].clone(),
                proof["spf_aligned"] == true,
                wanted,
            ));
        }
        rows.push(json!({"zones": zones, "key": SECRET, "ways": ways}));
    }
    let found = receivers(&Value::from(rows));
    assert_eq!(found.len(), said.len());
    for ((name, spf, aligned, wanted), theirs) in said.iter().zip(&found) {
        assert_eq!(theirs["dmarc"], *wanted, "{name}: {theirs}");
        // What nobody knows is decided by whoever receives it.
        if *aligned && *spf != "unknown" {
            assert_eq!(theirs["spf"], *spf, "{name}: {theirs}");
        }
    }
}

fn receivers(rows: &Value) -> Vec<Value> {
    let mut child = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/messages.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(rows.to_string().as_bytes())
        .expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!(
            "receivers cannot be asked; where something is missing, install it with `python3 -m pip install pyspf dnspython dkimpy pynacl authheaders`:\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}
