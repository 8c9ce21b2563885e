//! The resources of `mail.tf`, evaluated by tfparse, make the records of the zone files.

use mailtopo::testing::Asked;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

const SPEC: &str = r#"
version: 1
locations:
  box: {kind: postfix, hosts: [{name: mail.contoso.com, addresses: [192.0.2.10, "2001:db8::10"]}], egress: [192.0.2.10], certificate: {file: mail.pem}, delivers_to: "lmtp:unix:private/dovecot-lmtp", clients: {imaps: mail.contoso.com}}
domains:
  contoso.com:
    mailboxes: {box: [ann@contoso.com]}
    mx: box
    dane: true
    ttl: {mx: 300}
    unused_subdomains: closed
    dmarc: {policy: reject, rua: ["mailto:dmarc@contoso.com"]}
    dkim: {box: {s1: "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmluJ+YAsMkjPU5SM5vvT6tTd9/JjKLVPjxosIWOA19XZTJiHAmOPeGW6hSgSpefpnVYARcK2JH0sSv1CEteIaThZv8W0Abf2h4G9r5aiSKnGe0ihSdTfM5r0iR7J2BS3RT94aCDx2UUPMTO271LEsIJzJeGUIwjgXQMWs2Lh87YcHwjRcQ439399N7bK8XFBYAEtrXfEd49cJ5Qn+w5EDIDajLGy/fbBJ8xx8QzocUi/pESzfEeHUgM9pwGPJZ7M4wR5PrVMQBvshBsc/FWj0D3+uK+PZIW9lToAZEq5oAqD293ntyoZye8cIU/YXpRRJDUG4pAEzMJK43lTXCm/KQIDAQAB", s2: s2.keys.example}}
  old.example: {parked: true}
dns:
  formats: [bind, terraform]
  terraform: KIND
  dnssec: {contoso.com: true}
  zones:
    contoso.com:
      nameservers: [ns1.dns.example, ns2.dns.example]
      serial: 1
      records:
        - {name: "@", type: CAA, data: '0 issue "ca.example; validationmethods=dns-01"'}
        - {name: "@", type: TXT, data: 'a "quoted" word, a \ and ${nothing} %{at} all; here'}
"#;

#[test]
fn resources_make_the_records_of_the_zones() {
    for kind in ["route53", "cloudflare"] {
        let pem = include_bytes!("../../src/topology/resolve/testdata/mail.contoso.com.pem");
        let files = BTreeMap::from([
            (
                "mailtopo.yaml".to_owned(),
                SPEC.replace("KIND", kind).into_bytes(),
            ),
            ("mail.pem".to_owned(), pem.to_vec()),
        ]);
        let asked = Asked::of("mailtopo.yaml", &files, "2026-11-29").expect("a spec");
        let written = asked
            .files()
            .unwrap_or_else(|| panic!("{}", asked.report("human").unwrap_or_default()));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let zones: BTreeMap<&str, String> = written
            .iter()
            .filter_map(|(path, bytes)| {
                let zone = path.strip_prefix("dns/")?.strip_suffix(".zone")?;
                Some((zone, text(bytes)))
            })
            .collect();
        let found = evaluated(&json!({
            "tf": text(&written["dns/mail.tf"]),
            "zones": zones,
            "provider_has_ns": kind == "cloudflare",
        }));
        let count = found[1].as_array().map_or(0, Vec::len);
        assert!(count > 20, "{kind}: {count} records");
        assert_eq!(found[0], found[1], "{kind}");
    }
}

fn evaluated(asked: &Value) -> Value {
    let mut child = Command::new("python3")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/it/terraform.py"
        ))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("there is no python3: install it with `apt-get install python3`");
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(asked.to_string().as_bytes())
        .expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!(
            "tfparse cannot be asked; where something is missing, install it with `python3 -m pip install tfparse dnspython`:\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}
