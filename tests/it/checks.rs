//! The pages of the checks: collected in `docs/checks.md`, and true.

use mailtopo::compile::{self, Input};
use mailtopo::testing::checks::{ALL, Check};
use mailtopo::testing::finding::{Finding, Severity};
use mailtopo::testing::values::Date;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// The pages in one file, one heading level down.
fn reference() -> String {
    let mut text = String::from(
        "# Checks\n\n\
         What mailtopo looks for, one section per check. `mailtopo explain CODE` shows the same text without *How to fix*,\n\
         which is what `check` says of the failing spec. The failing and the mended spec of every section are run by the tests.\n\
         This file is made from the checks' own sources: change those, then run `UPDATE=1 cargo test --test it checks::`.\n\n\
         | Code | Name | Severity |\n|---|---|---|\n",
    );
    for check in ALL {
        let anchor = format!("{}-{}", check.code.as_str().to_lowercase(), check.name);
        let severity = format!("{:?}", check.severity).to_lowercase();
        let _ = writeln!(
            text,
            "| [{}](#{anchor}) | {} | {severity} |",
            check.code, check.name
        );
    }
    for check in ALL {
        text.push('\n');
        let page = one_level_down(&check.page());
        let (before, after) = page.split_once(MENDED).expect("a mended spec");
        let _ = write!(text, "{before}{}{MENDED}{after}", how_to_fix(check));
    }
    text
}

const MENDED: &str = "### Mended spec\n";

/// The help text of the failing spec, where there is one.
fn how_to_fix(check: &Check) -> String {
    let found = said(files(check, "Failing spec").into_iter().collect());
    let mut own = found.iter().filter(|finding| finding.check == check.code);
    let help = own.find_map(|finding| finding.help.as_deref());
    help.map_or_else(String::new, |help| {
        format!("### How to fix\n\n```text\n{help}\n```\n\n")
    })
}

fn one_level_down(page: &str) -> String {
    let mut fenced = false;
    let mut text = String::new();
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        if !fenced && line.starts_with('#') {
            text.push('#');
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[test]
fn the_reference_is_made_of_the_pages() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks.md");
    let expected = reference();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/checks.md is stale: run `UPDATE=1 cargo test --test it checks::`"
    );
}

/// The files of a spec on a page: `mailtopo.yaml`, and those whose fence says `file=NAME`.
pub(crate) fn files(check: &Check, heading: &str) -> Vec<(String, Vec<u8>)> {
    let section = check.section(heading).unwrap_or_default();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut open: Option<(String, bool, String)> = None;
    for line in section.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let name = info.split(' ').find_map(|word| word.strip_prefix("file="));
                let escaped = info.split(' ').any(|word| word == "escaped");
                open = Some((
                    name.unwrap_or("mailtopo.yaml").to_owned(),
                    escaped,
                    String::new(),
                ));
            }
            (Some(_), Some(_)) => {
                let (name, escaped, text) = open.take().unwrap();
                let bytes = if escaped {
                    unescaped(&text)
                } else {
                    text.into_bytes()
                };
                files.push((name, bytes));
            }
            (Some((_, _, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(
        open.is_none(),
        "{}: a fence of `{heading}` is not closed",
        check.code
    );
    assert_eq!(
        files
            .iter()
            .filter(|(name, _)| name == "mailtopo.yaml")
            .count(),
        1,
        "{} {heading}",
        check.code
    );
    files
}

/// `\xNN` as the byte it stands for.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        let (digits, tail) = after.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).unwrap());
        rest = tail;
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

#[test]
fn every_page_has_two_specs_that_differ() {
    for check in ALL {
        assert_ne!(
            files(check, "Failing spec"),
            files(check, "Mended spec"),
            "{}",
            check.code
        );
    }
}

/// Everything that is said about a spec on 25 November 2026.
fn said(mut files: BTreeMap<String, Vec<u8>>) -> Vec<Finding> {
    let main = files.remove("mailtopo.yaml").unwrap_or_default();
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &main,
        files: &files,
    };
    let today = Date::parse("2026-11-25").expect("a day");
    let mut findings = compile::check(&input, today).findings;
    // What exists stands beside the spec, by location.
    if let Some(export) = files.get("cloud.json") {
        let exports = [("cloud", export.as_slice())];
        findings.extend(
            mailtopo::testing::drift(&input, &exports, today)
                .expect("a state")
                .0,
        );
    }
    findings
}

#[test]
fn every_failing_spec_fails_for_its_reason_alone_and_every_mended_one_does_not() {
    let mut wrong = Vec::new();
    for check in ALL {
        let failing = said(files(check, "Failing spec").into_iter().collect());
        if !failing.iter().any(|finding| finding.check == check.code) {
            wrong.push(format!("{}: the failing spec does not show it", check.code));
        }
        // Mail that suffers makes an error of its cause, too.
        let suffers = failing
            .iter()
            .any(|at| at.check == "C004" && at.severity == Severity::Error);
        let is_cause = |finding: &Finding| {
            let causes = ["C001", "C002", "C003"];
            suffers && causes.iter().any(|code| finding.check == *code)
        };
        let others = failing.iter().filter(|finding| {
            finding.severity == Severity::Error && finding.check != check.code && !is_cause(finding)
        });
        wrong.extend(others.map(|finding| {
            format!(
                "{} fails: {} {}",
                check.code, finding.check, finding.message
            )
        }));
        let mended = said(files(check, "Mended spec").into_iter().collect());
        let left = mended
            .iter()
            .filter(|finding| finding.severity == Severity::Error || finding.check == check.code);
        wrong.extend(left.map(|finding| {
            format!(
                "{} mended: {} {}",
                check.code, finding.check, finding.message
            )
        }));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_finding_of_a_failing_spec_says_where_and_what_to_write() {
    for check in ALL {
        for finding in said(files(check, "Failing spec").into_iter().collect()) {
            let message = &finding.message;
            assert!(!finding.labels.is_empty(), "{}: {message}", finding.check);
            assert!(!message.ends_with('.'), "{}: {message}", finding.check);
            assert!(
                !message.starts_with(char::is_uppercase),
                "{}: {message}",
                finding.check
            );
        }
    }
}

/// Where a check proposes an edit, the failing spec of its page with the edit is free of its findings and has no new
/// error; comments stay, and a second run changes nothing.
#[test]
fn what_a_page_proposes_mends_it() {
    let today = Date::parse("2026-01-01").expect("a day");
    let mut mended: Vec<&str> = Vec::new();
    let mut wrong: Vec<String> = Vec::new();
    for check in ALL {
        let files: BTreeMap<String, Vec<u8>> = files(check, "Failing spec").into_iter().collect();
        let Some(bytes) = files.get("mailtopo.yaml") else {
            continue;
        };
        let mut files = files.clone();
        let marked = format!(
            "# A comment that stays.\n{}",
            String::from_utf8_lossy(bytes)
        );
        files.insert("mailtopo.yaml".to_owned(), marked.into_bytes());
        let has_fix = compile_check(&files, today)
            .iter()
            .any(|finding| finding.check == check.code && !finding.fixes.is_empty());
        if !has_fix {
            continue;
        }
        let fixed =
            mailtopo::testing::fixed("mailtopo.yaml", &files, "2026-01-01", true).expect("a spec");
        let texts = fixed
            .texts
            .iter()
            .map(|(name, text)| (name.clone(), text.clone().into_bytes()));
        let mut after = files.clone();
        after.extend(texts);
        let left = compile_check(&after, today);
        let text = String::from_utf8_lossy(&after["mailtopo.yaml"]).into_owned();
        if left.iter().any(|finding| finding.check == check.code) {
            wrong.push(format!(
                "{} is still there after {:?}\n{text}",
                check.code, fixed.applied
            ));
            continue;
        }
        assert!(
            text.starts_with("# A comment that stays.\n"),
            "{}: {text}",
            check.code
        );
        let again =
            mailtopo::testing::fixed("mailtopo.yaml", &after, "2026-01-01", true).expect("a spec");
        assert_eq!(again.applied, [""; 0], "{}", check.code);
        mended.push(check.code.as_str());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(mended.len() >= 10, "only {mended:?}");
}

fn compile_check(files: &BTreeMap<String, Vec<u8>>, today: Date) -> Vec<Finding> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &files["mailtopo.yaml"],
        files,
    };
    compile::check(&input, today).findings
}

/// A location whose hosts are not known takes no mail, and nobody needs it to send mail to anybody else.
#[test]
fn an_open_relay_is_named_beside_a_location_that_nothing_is_known_of() {
    let spec = "\
version: 1
locations:
  alpha: {kind: smtp, hosts: [a.example.net], certificate: a.example.net}
  bravo: {kind: gateway, hosts: [b.example.net], certificate: b.example.net, sends: {via: alpha}}
  more: {kind: exchange-server, version: 2019, servers: [MORE1]}
domains:
  tailspin.example: {mx: bravo}
  more.example: {mailboxes: {more: 5}}
";
    let files = BTreeMap::from([("mailtopo.yaml".to_owned(), spec.as_bytes().to_vec())]);
    let today = Date::parse("2026-11-25").expect("a day");
    let findings = compile_check(&files, today);
    let is_said = |code: &str| findings.iter().any(|said| said.check.as_str() == code);
    assert!(is_said("R001") && is_said("R009"), "{findings:#?}");
}

/// What one error withholds explains no mail that does not need it, and mail that ends with somebody else is lost.
#[test]
fn mail_that_goes_astray_is_named_beside_what_is_not_written() {
    let today = Date::parse("2026-11-25").expect("a day");
    for (code, end, spec) in ASTRAY {
        let files = BTreeMap::from([("mailtopo.yaml".to_owned(), spec.as_bytes().to_vec())]);
        let findings = compile_check(&files, today);
        let mut said = findings.iter();
        assert!(
            said.any(|said| said.check.as_str() == *code && said.message.contains(end)),
            "{code} {end}\n{spec}\n{findings:#?}"
        );
    }
}

/// A check, words of its message, and a spec that it has to speak of.
const ASTRAY: &[(&str, &str, &str)] = &[
    (
        "G001",
        "`handed-off relay`",
        "\
version: 1
locations:
  hq: {kind: exchange-server, version: 2019, servers: [EX01]}
domains:
  contoso.example: {mailboxes: {hq: [ann@contoso.example]}}
partners:
  relay: {hosts: [mx.relay.example]}
routes:
  - {name: out, from: hq, to: relay, recipients: [\"*\"]}
",
    ),
    (
        "G001",
        "`handed-off relay`",
        "\
version: 1
locations:
  hq: {kind: exchange-server, version: 2019, servers: [EX01]}
  lists: {kind: smtp, hosts: [lists.contoso.example]}
domains:
  lists.example: {mailboxes: lists}
  contoso.example: {mailboxes: hq}
partners:
  relay: {hosts: [mx.relay.example]}
routes:
  - {name: out, from: lists, to: relay, recipients: [contoso.example]}
",
    ),
    (
        "V009",
        "scanner",
        "\
version: 1
locations:
  relay: {kind: postfix}
  cloud: {kind: eop, tenant: contoso}
devices:
  scanner: {addresses: [203.0.113.60], via: cloud}
rules:
  - {name: by relay, at: cloud, route: relay}
",
    ),
    (
        "T001",
        "bank",
        "\
version: 1
routing: explicit
locations:
  filter: {kind: gateway, hosts: [filter.example], egress: [192.0.2.0/28], certificate: filter.example, forwards: {contoso.example: hq}}
  hq: {kind: exchange-server, hosts: [hq.example], egress: [203.0.113.12], certificate: hq.example, version: 2019, servers: [EX01]}
  lists: {kind: smtp, hosts: [lists.example], certificate: {names: [lists.example], issuer: self-signed}}
domains:
  contoso.example: {mailboxes: hq, mx: filter}
partners:
  bank: {domains: [bank.example], tls: verified, certificate: mx.bank.example, addresses: [198.51.100.10], hosts: [mx.bank.example]}
routes:
  - {name: off, from: lists, to: hq, recipients: [\"*\"], enabled: false}
  - {name: out, from: hq, to: lists, recipients: [\"*\"]}
",
    ),
    (
        "G004",
        "filter",
        "\
version: 1
locations:
  filter: {kind: gateway, hosts: [filter.example], egress: [192.0.2.0/28], certificate: filter.example}
  hq: {kind: exchange-server, version: 2013, servers: [EX01], hosts: [hq.example]}
domains:
  contoso.example: {mailboxes: {hq: [ann@contoso.example]}, mx: [hq, filter]}
partners:
  bank: {domains: [\"*.bank.example\"], tls: verified, certificate: mx.bank.example}
",
    ),
];

/// The servers that send through a tenant are not what its mail comes from.
#[test]
fn no_lock_is_proposed_while_a_gateway_hands_its_mail_to_nobody() {
    let spec = "\
version: 1
locations:
  filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.0/28], certificate: mx.filter.example}
  cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, also_accepts: [{domain: mail.contoso.com}]}
  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
domains:
  contoso.com: {mailboxes: {cloud: 800, hq: 200}, mx: filter}
";
    let files = BTreeMap::from([("mailtopo.yaml".to_owned(), spec.as_bytes().to_vec())]);
    let findings = compile_check(&files, Date::parse("2026-11-25").expect("a day"));
    let mut about = findings.iter().filter(|said| said.check.as_str() == "R004");
    let helps: Vec<_> = about
        .by_ref()
        .map(|said| format!("{:?}", said.help))
        .collect();
    assert!(!helps.is_empty(), "{findings:#?}");
    for help in helps {
        assert!(
            help.contains("forwards") && !help.contains("[hq]"),
            "{help}"
        );
    }
}

/// Mail for a domain comes where its MX record leads, whether anybody is there or not.
#[test]
fn mail_for_a_domain_without_mailboxes_is_followed() {
    let spec = "\
version: 1
locations:
  mx: {kind: postfix, hosts: [mx.fabrikam.com], egress: [203.0.113.10], certificate: mx.fabrikam.com, delivers_to: \"lmtp:unix:private/store\"}
domains:
  fabrikam.com: {mx: mx}
";
    let files = BTreeMap::from([("mailtopo.yaml".to_owned(), spec.as_bytes().to_vec())]);
    let findings = compile_check(&files, Date::parse("2026-11-25").expect("a day"));
    let is_said = |code: &str| findings.iter().any(|said| said.check.as_str() == code);
    assert!(is_said("L009") && is_said("G002"), "{findings:#?}");
}
