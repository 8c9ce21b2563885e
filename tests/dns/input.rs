//! Bad input that is too large or too strange for a line of `cases.yaml`: what is said of it, where, and what helps.

use crate::TODAY;
use mailtopo::testing::Asked;
use serde_json::Value;
use serde_yaml::Value as Yaml;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

/// A finding: code, severity, what stands at its place, message, help.
type Said = (String, String, String, String, String);

/// What is said of a spec.
fn said(files: &BTreeMap<String, Vec<u8>>, today: &str) -> Vec<Said> {
    let asked = Asked::checked("mailtopo.yaml", files, today).expect("a spec");
    let report: Value =
        serde_json::from_str(&asked.report("json").expect("a report")).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|found| {
            let label = &found["labels"][0];
            let line = label["line"]
                .as_u64()
                .and_then(|line| usize::try_from(line).ok());
            let column = label["column"]
                .as_u64()
                .and_then(|column| usize::try_from(column).ok());
            let here = files
                .get(&text(&label["file"]))
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            let here = here.and_then(|text| {
                let line = text.lines().nth(line? - 1)?.to_owned();
                Some(line.chars().skip(column? - 1).take(40).collect::<String>())
            });
            let (check, severity) = (text(&found["check"]), text(&found["severity"]));
            (
                check,
                severity,
                here.unwrap_or_default(),
                text(&found["message"]),
                text(&found["help"]),
            )
        })
        .collect()
}

/// Whether one of them has this code and severity, this at its place, and this in its help.
fn holds(said: &[Said], code: &str, severity: &str, at: &str, help: &str) {
    let fits = |one: &&Said| {
        one.0 == code && one.1 == severity && one.2.starts_with(at) && one.4.contains(help)
    };
    let shown: Vec<_> = said
        .iter()
        .map(|(code, severity, at, message, help)| {
            format!(
                "{code} {severity} at {at:?}: {} | {help}",
                message.chars().take(200).collect::<String>()
            )
        })
        .collect();
    assert!(
        said.iter().any(|one| fits(&one)),
        "no {code} {severity} at {at:?} with {help:?}: {shown:#?}"
    );
}

/// A small spec: what is added to its server and to its domain, what stands behind, and the records of others.
fn files(location: &str, domain: &str, more: &str, facts: &str) -> BTreeMap<String, Vec<u8>> {
    let text = format!(
        "version: 1\nfacts: facts.yaml\nlocations:\n  box: {{kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: \"lmtp:unix:private/dovecot-lmtp\"{location}}}\ndomains:\n  contoso.com: {{mailboxes: {{box: [ann@contoso.com]}}, mx: box{domain}}}\n{more}"
    );
    let facts = format!(
        "version: 1\ngathered: 2026-11-20\nrecords:\n  other.example: {{txt: []}}\n{facts}"
    );
    BTreeMap::from([
        ("mailtopo.yaml".to_owned(), text.into_bytes()),
        ("facts.yaml".to_owned(), facts.into_bytes()),
    ])
}

#[test]
fn ten_kilobytes_of_spf() {
    let mut networks = String::new();
    for number in 0..640 {
        let _ = write!(
            networks,
            " ip4:198.{}.{}.1",
            18 + number / 256,
            number % 256
        );
    }
    assert!(networks.len() > 10_000);
    let declared = files(
        "",
        &format!(", dns: external, records: {{txt: [\"v=spf1 ip4:192.0.2.10{networks} -all\"]}}"),
        "",
        "",
    );
    holds(&said(&declared, TODAY), "U022", "warning", "\"v=spf1", "");
    let service = format!(
        "partners:\n  bulk: {{sends_as: [contoso.com], spf: \"{}\"}}\n",
        networks.trim()
    );
    holds(
        &said(&files("", "", &service, ""), TODAY),
        "U022",
        "warning",
        "",
        "split: true",
    );
    // A single word of that length is no term, and is not shown whole.
    let word = "x".repeat(10_240);
    let strange = files(
        "",
        &format!(", dns: external, records: {{txt: [\"v=spf1 {word} -all\"]}}"),
        "",
        "",
    );
    let found = said(&strange, TODAY);
    holds(&found, "U017", "error", "\"v=spf1", "");
    let longest = found.iter().map(|one| one.3.len().max(one.4.len())).max();
    assert!(longest < Some(2_000), "{longest:?}");
}

#[test]
fn a_circle_of_fifty_names() {
    let mut facts = String::new();
    for number in 0..50 {
        let next = (number + 1) % 50;
        let _ = writeln!(
            facts,
            "  c{number}.example: {{txt: [\"v=spf1 include:c{next}.example -all\"]}}"
        );
    }
    let found = said(
        &files("", ", spf: {include: [c0.example]}", "", &facts),
        TODAY,
    );
    holds(&found, "U002", "error", "", "c0.example");
}

/// Nanoseconds for which this thread has run.
fn spent() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts them");
    let first = text.split_ascii_whitespace().next().expect("a number");
    first.parse().expect("a number")
}

#[test]
fn a_tree_with_a_million_paths() {
    let mut facts = String::new();
    for level in 0..6 {
        for number in 0..10 {
            let mut text = "v=spf1".to_owned();
            for below in 0..10 {
                let _ = match level {
                    5 => write!(text, " ip4:198.51.{number}.{below}"),
                    _ => write!(text, " include:t{}-{below}.example", level + 1),
                };
            }
            let _ = writeln!(
                facts,
                "  t{level}-{number}.example: {{txt: [\"{text} -all\"]}}"
            );
        }
    }
    let with = files("", ", spf: {include: [t0-0.example]}", "", &facts);
    let without = files("", ", spf: {include: [other.example]}", "", &facts);
    let time = |files| {
        let before = spent();
        let found = said(files, TODAY);
        (spent() - before, found)
    };
    // The first run of all pays for what both need.
    let _ = time(&without);
    let least = |files| (0..3).map(|_| time(files).0).min().unwrap_or_default();
    let (usual, all) = (least(&without), least(&with));
    holds(
        &time(&with).1,
        "U002",
        "error",
        "{include: [t0-0.example]}",
        "take one of them out",
    );
    let more = all.saturating_sub(usual) / 1_000_000;
    // The program as it is released does it in less than 50 ms. Here it is built without optimization, which is some five
    // times slower; a million paths one by one would take seconds.
    let most = if cfg!(debug_assertions) { 250 } else { 50 };
    assert!(more < most, "the tree takes {more} ms");
}

fn openssl(folder: &std::path::Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .expect("openssl is needed: apt-get install openssl");
    assert!(
        output.status.success(),
        "{arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn certificates_of_every_wrong_kind() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    openssl(
        at,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=Authority",
    );
    openssl(
        at,
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout leaf.key -out leaf.csr -subj /CN=mail.contoso.com",
    );
    openssl(
        at,
        "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 30 -out leaf.pem",
    );
    openssl(at, "genpkey -algorithm X25519 -out x.key");
    openssl(at, "pkey -in x.key -pubout -out x.pub");
    openssl(
        at,
        "x509 -new -force_pubkey x.pub -CA ca.pem -CAkey ca.key -days 30 -subj /CN=mail.contoso.com -out x.pem",
    );
    let read = |name: &str| fs::read_to_string(at.join(name)).expect("a file");
    let (authority, own) = (read("ca.pem"), read("leaf.pem"));
    let with = |pem: String| {
        let mut files = files("", "", "", "");
        let text = String::from_utf8(files["mailtopo.yaml"].clone()).expect("text");
        let text = text.replace(
            "certificate: mail.contoso.com",
            "certificate: {file: mail.pem}",
        );
        files.insert("mailtopo.yaml".to_owned(), text.into_bytes());
        files.insert("mail.pem".to_owned(), pem.into_bytes());
        files
    };
    let far = "2199-01-01";
    let right = said(&with(format!("{own}{authority}")), TODAY);
    assert!(!right.iter().any(|one| one.0 == "S019"), "{right:?}");
    holds(
        &said(&with(format!("{authority}{own}")), TODAY),
        "S019",
        "error",
        "mail.pem",
        "its own certificate",
    );
    holds(
        &said(&with(read("x.pem")), TODAY),
        "S019",
        "error",
        "mail.pem",
        "its own certificate",
    );
    holds(
        &said(&with(String::new()), TODAY),
        "S019",
        "error",
        "mail.pem",
        "its own certificate",
    );
    holds(
        &said(&with(format!("{own}{authority}")), far),
        "T006",
        "error",
        "mail.pem",
        "",
    );
    let secret = read("leaf.key");
    let found = said(&with(secret.clone()), TODAY);
    holds(&found, "S019", "error", "mail.pem", "");
    let body = secret.lines().nth(1).expect("a line");
    assert!(
        !format!("{found:?}").contains(body),
        "a private key is shown"
    );
}

/// Strings that a format could take for its own words.
pub(crate) const HOSTILE: [&str; 12] = [
    "a\"b",
    "a\\b",
    "a'b",
    "*/ a",
    "${a}",
    "%{a}",
    "a; b",
    "a # b",
    "a\\nb",
    "a\\u0007b",
    "a\\u202eb",
    "\\U0001F600",
];

/// Every place of the language whose text gets into a file about the DNS.
pub(crate) const PLACES: [&str; 8] = [
    "organization: \"H\"\n",
    "partners:\n  \"H\": {sends_as: [contoso.com], spf: \"ip4:198.51.100.0/28\"}\n",
    "partners:\n  bulk: {sends_as: [contoso.com], spf: \"H\"}\n",
    "dns: {zones: {contoso.com: {records: [{name: \"@\", type: TXT, data: \"H\"}]}}}\n",
    "dns: {zones: {contoso.com: {records: [{name: \"@\", type: CAA, data: '0 issue \"H\"'}]}}}\n",
    "dns: {zones: {contoso.com: {records: [{name: \"H\", type: TXT, data: x}]}}}\n",
    ", dkim: {box: {s1: \"v=DKIM1; k=ed25519; n=H; p=A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\"}}",
    ", dmarc: {policy: none, rua: [\"mailto:H@contoso.com\"]}",
];

/// Facts for the spec of `hostile.yaml`.
const FACTS: &str = "version: 1\ngathered: 2026-11-20\nrecords:\n  spf.filter.example: {txt: [\"v=spf1 ip4:198.51.100.10 -all\"]}\n  spf.bulk.example: {txt: [\"v=spf1 ip4:198.51.100.96/28 -all\"]}\n";

/// The specs with a hostile string at each place: every string at those whose text is written as it is, and one at each
/// scalar and each name of a spec with all keys.
pub(crate) fn hostile() -> impl Iterator<Item = crate::Spec> {
    let pairs = PLACES
        .iter()
        .flat_map(|place| HOSTILE.iter().map(move |text| (place, text)));
    let written = pairs.map(|(place, text)| {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        // What is written as an escape of YAML is meant as the letter.
        let escaped = ["n", "u", "U"].iter().fold(escaped, |text, letter| {
            text.replace(&format!("\\\\{letter}"), &format!("\\{letter}"))
        });
        let put = place.replace('H', &escaped);
        let files = match place.chars().next() {
            Some(',') => files("", &put, "", ""),
            _ => files("", "", &put, ""),
        };
        crate::Spec {
            name: format!("{text:?} in {place:?}"),
            files,
        }
    });
    let whole: Yaml = serde_yaml::from_str(include_str!("hostile.yaml")).expect("a spec");
    let mut places = Vec::new();
    places_of(&whole, &mut Vec::new(), &mut places);
    let everywhere = places.into_iter().enumerate().map(move |(number, place)| {
        let text = HOSTILE[number % HOSTILE.len()];
        let escaped = text.replace('"', "\\\"");
        let escaped = escaped.replace("a\\b", "a\\\\b");
        let meant: String = serde_yaml::from_str(&format!("\"{escaped}\"")).expect("a text");
        let mut other = whole.clone();
        put(&mut other, &place, &meant);
        let main = serde_yaml::to_string(&other).expect("a spec");
        crate::Spec {
            name: format!("{text:?} at {place:?}"),
            files: BTreeMap::from([
                ("mailtopo.yaml".to_owned(), main.into_bytes()),
                ("facts.yaml".to_owned(), FACTS.as_bytes().to_vec()),
            ]),
        }
    });
    written.chain(everywhere)
}

/// A step into a document: the value of an entry or an item, or the name of an entry.
#[derive(Clone, Debug)]
enum Step {
    Value(usize),
    Name(usize),
}

/// Where scalars stand, and names that are no words of the language.
fn places_of(value: &Yaml, path: &mut Vec<Step>, places: &mut Vec<Vec<Step>>) {
    let mut inside = |number: usize, value: &Yaml, name: Option<&str>| {
        let is_word = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if name.is_some_and(|name| !is_word(name)) {
            places.push([path.as_slice(), &[Step::Name(number)]].concat());
        }
        path.push(Step::Value(number));
        places_of(value, path, places);
        path.pop();
    };
    match value {
        Yaml::Mapping(entries) => {
            for (number, (name, value)) in entries.iter().enumerate() {
                inside(number, value, name.as_str());
            }
        }
        Yaml::Sequence(items) => {
            for (number, item) in items.iter().enumerate() {
                inside(number, item, None);
            }
        }
        _ => places.push(path.clone()),
    }
}

fn put(value: &mut Yaml, place: &[Step], text: &str) {
    let hostile = Yaml::String(text.to_owned());
    match (value, place) {
        (Yaml::Mapping(entries), [Step::Name(at)]) => {
            let renamed = entries.iter().enumerate().map(|(number, (name, value))| {
                let name = if number == *at { &hostile } else { name };
                (name.clone(), value.clone())
            });
            *entries = renamed.collect();
        }
        (Yaml::Mapping(entries), [Step::Value(at), rest @ ..]) => {
            let inner = entries.iter_mut().nth(*at).expect("an entry").1;
            put(inner, rest, text);
        }
        (Yaml::Sequence(items), [Step::Value(at), rest @ ..]) => put(&mut items[*at], rest, text),
        (scalar, _) => *scalar = hostile,
    }
}

/// What cannot be written is refused with its place; everything else is compared in `formats`.
#[test]
fn hostile_strings_are_refused_with_their_place_or_written() {
    let (mut refused, mut written) = (0, 0);
    for spec in hostile() {
        if spec.compiled().is_some() {
            written += 1;
            continue;
        }
        refused += 1;
        let found = said(&spec.files, TODAY);
        let placed = found
            .iter()
            .any(|one| one.1 == "error" && !one.2.is_empty());
        assert!(placed, "{}: {found:?}", spec.name);
    }
    assert!(
        refused > 20 && written > 20,
        "{refused} are refused, {written} are written"
    );
}
