//! `dns/facts.sh` with a resolver of its own: what it prints is read as facts, and an answer that did not come is no fact.

use mailtopo::testing::Asked;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

const SPEC: &str = "version: 1\nlocations:\n  box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: \"lmtp:unix:private/dovecot-lmtp\"}\ndomains:\n  contoso.com: {mailboxes: {box: [ann@contoso.com]}, mx: box, spf: {include: [spf.bulk.example, lost.example]}, dmarc: {policy: none, rua: [\"mailto:c@reports.example\"]}}\npartners:\n  bulk: {sends_as: [contoso.com], spf: \"include:spf.bulk.example\"}\n";

/// One name stands for another that has two texts, one name does not exist, and of the others no server answers.
const DIG: &str = r#"#!/bin/sh
name=
type=
for word in "$@"; do
  case $word in
  +*) ;;
  *) name=$type; type=$word ;;
  esac
done
case "$name $type" in
"spf.bulk.example TXT")
  printf ';; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n;; flags: qr rd ra; QUERY: 1\n\n;; ANSWER SECTION:\n'
  printf 'spf.bulk.example.\t300\tIN\tCNAME\tx.bulk.example.\n'
  printf 'x.bulk.example.\t300\tIN\tTXT\t"v=spf1 ip4:198.51.100.0/28 " "-all"\n'
  printf 'x.bulk.example.\t300\tIN\tTXT\t"it'\''s \\"so\\";  here"\n'
  ;;
"contoso.com._report._dmarc.reports.example TXT") printf ';; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 1\n' ;;
*) printf ';; ->>HEADER<<- opcode: QUERY, status: SERVFAIL, id: 1\n' ;;
esac
"#;

fn asked(main: &str, facts: Option<&str>) -> Asked {
    let facts = facts.map(|text| ("facts.yaml".to_owned(), text.as_bytes().to_vec()));
    let main = ("mailtopo.yaml".to_owned(), main.as_bytes().to_vec());
    let files: BTreeMap<String, Vec<u8>> = [main].into_iter().chain(facts).collect();
    Asked::of("mailtopo.yaml", &files, "2030-01-01").expect("a spec")
}

fn codes(asked: &Asked) -> Vec<String> {
    let report = asked.report("json").expect("a report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .map(|found| {
            format!(
                "{} {}",
                found["check"].as_str().unwrap_or_default(),
                found["severity"]
            )
        })
        .collect()
}

#[test]
fn what_the_script_prints_is_read_as_facts() {
    let before = asked(SPEC, None);
    let script = before.files().expect("files")["dns/facts.sh"].clone();
    let folder = tempfile::tempdir().expect("a folder");
    let (dig, path) = (folder.path().join("dig"), folder.path().join("facts.sh"));
    fs::write(&dig, DIG).expect("a file");
    fs::set_permissions(&dig, fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::write(&path, script).expect("a file");
    let paths = format!(
        "{}:{}",
        folder.path().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let output = Command::new("sh")
        .arg(&path)
        .env("PATH", paths)
        .output()
        .expect("sh runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let lost = String::from_utf8_lossy(&output.stderr).into_owned();
    // A name without an answer is said, and no key of it is written.
    assert_eq!(output.status.code(), Some(1), "{printed}{lost}");
    assert!(lost.contains("no answer for lost.example TXT"), "{lost}");
    let texts = "txt: ['v=spf1 ip4:198.51.100.0/28 -all', 'it''s \"so\";  here']";
    assert!(printed.contains(texts), "{printed}");
    assert!(
        printed.contains("'contoso.com._report._dmarc.reports.example':"),
        "{printed}"
    );
    let after = asked(
        &SPEC.replace("version: 1\n", "version: 1\nfacts: facts.yaml\n"),
        Some(&printed),
    );
    let (before, after) = (codes(&before), codes(&after));
    assert!(
        before.iter().any(|code| code.starts_with("U024")),
        "{before:?}"
    );
    assert!(
        !after.iter().any(|code| code.starts_with(['S', 'Y'])),
        "{after:?}\n{printed}"
    );
    assert!(
        !after.iter().any(|code| code.starts_with("U024")),
        "{after:?}"
    );
    assert!(after.contains(&"N023 \"warning\"".to_owned()), "{after:?}");
}
