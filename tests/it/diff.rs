//! `diff`: its laws, its samples, and its forms.

use crate::cli::{mailtopo, stderr, stdout};
use mailtopo::testing::{Asked, Compared};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

const TODAY: &str = "2026-01-01";

type Files = BTreeMap<String, Vec<u8>>;

fn example(name: &str) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name);
    let mut files = Files::new();
    for entry in fs::read_dir(folder).expect("an example") {
        let entry = entry.expect("an entry");
        if entry.path().is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.insert(name, fs::read(entry.path()).expect("a file"));
        }
    }
    files
}

fn one(text: &str) -> Files {
    Files::from([("mailtopo.yaml".to_owned(), text.as_bytes().to_vec())])
}

fn text(files: &Files) -> String {
    String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned()
}

/// The example with pieces of its main document replaced.
fn changed(name: &str, pieces: &[(&str, &str)]) -> Files {
    let mut files = example(name);
    let mut spec = text(&files);
    for (from, to) in pieces {
        assert!(spec.contains(from), "{name} has no `{from}`");
        spec = spec.replace(from, to);
    }
    files.insert("mailtopo.yaml".to_owned(), spec.into_bytes());
    files
}

fn compare(old: &Files, new: &Files) -> Compared {
    Compared::of("mailtopo.yaml", old, new, TODAY).expect("two specs without mistakes")
}

fn json(found: &Compared) -> Value {
    found.json().expect("a document")
}

fn changes(found: &Compared) -> Vec<Value> {
    json(found)["changes"].as_array().expect("a list").clone()
}

fn words(value: &Value) -> Vec<String> {
    let list = value.as_array().expect("a list").iter();
    list.map(|word| word.as_str().expect("a text").to_owned())
        .collect()
}

/// No mail goes elsewhere, and nobody came or went.
fn is_flow_unchanged(found: &Compared) -> bool {
    let document = json(found);
    ["changes", "sources_added", "sources_removed"]
        .iter()
        .all(|key| document[key].as_array().is_some_and(Vec::is_empty))
}

const EXAMPLES: [&str; 10] = [
    "01-eop-standalone",
    "02-split-mailboxes",
    "03-three-connectors",
    "04-devices",
    "05-partner-bank",
    "07-postfix-and-cloud",
    "08-gateway",
    "12-conditional-routing",
    "15-subdomains",
    "23-filter-in-only",
];

/// Pairs of specs that differ in one thing.
fn pairs() -> Vec<(&'static str, Files, Files)> {
    let mut pairs = Vec::new();
    for name in EXAMPLES {
        let whole = example(name);
        let spec = text(&whole);
        // Each line of a flow-style entry is a thing of its own: leaving it out gives another spec, or none.
        for (at, line) in spec.lines().enumerate() {
            let is_entry = line.starts_with("  ") && (line.contains(": {") || line.contains("- {"));
            if !is_entry {
                continue;
            }
            let lines = spec.lines().enumerate().filter(|(other, _)| *other != at);
            let less: String = lines.flat_map(|(_, line)| [line, "\n"]).collect();
            let mut files = whole.clone();
            files.insert("mailtopo.yaml".to_owned(), less.into_bytes());
            let asked = Asked::of("mailtopo.yaml", &files, TODAY).expect("a spec");
            if asked.tracer().is_some() {
                pairs.push((name, files, whole.clone()));
            }
        }
    }
    assert!(pairs.len() > 12, "only {} pairs", pairs.len());
    pairs
}

#[test]
fn a_spec_does_not_differ_from_itself() {
    for name in EXAMPLES {
        let files = example(name);
        let found = compare(&files, &files);
        assert!(found.is_empty(), "{name}: {}", found.human());
    }
}

#[test]
fn the_reverse_comparison_has_the_directions_mirrored() {
    let shown = |found: &Compared, is_mirrored: bool| -> BTreeSet<String> {
        let mut shown = BTreeSet::new();
        for change in changes(found) {
            let direction = match (change["direction"].as_str().expect("a word"), is_mirrored) {
                ("lost", true) => "gained",
                ("gained", true) => "lost",
                ("worse", true) => "better",
                ("better", true) => "worse",
                (direction, _) => direction,
            };
            let (old, new) = if is_mirrored {
                ("new", "old")
            } else {
                ("old", "new")
            };
            for from in words(&change["from"]) {
                for domain in words(&change["domains"]) {
                    shown.insert(format!(
                        "{direction} {} {from} {domain} {} → {}",
                        change["certainty"], change[old]["all_ends"], change[new]["all_ends"]
                    ));
                }
            }
        }
        shown
    };
    for (name, old, new) in pairs() {
        let (there, back) = (compare(&old, &new), compare(&new, &old));
        assert_eq!(shown(&there, false), shown(&back, true), "{name}");
        assert_eq!(
            json(&there)["sources_added"],
            json(&back)["sources_removed"],
            "{name}"
        );
    }
}

#[test]
fn every_class_is_a_change_exactly_where_its_paths_differ() {
    for (name, old, new) in pairs() {
        let found = compare(&old, &new);
        let (before, after) = (
            Asked::of("mailtopo.yaml", &old, TODAY).expect("a spec"),
            Asked::of("mailtopo.yaml", &new, TODAY).expect("a spec"),
        );
        let (before, after) = (
            before.tracer().expect("a plan"),
            after.tracer().expect("a plan"),
        );
        let shape = |trace: &Value| -> BTreeSet<String> {
            let paths = trace["paths"].as_array().cloned().unwrap_or_default();
            paths
                .iter()
                .map(|path| {
                    let hops = path["hops"].as_array().cloned().unwrap_or_default();
                    let hops: Vec<String> = hops
                        .iter()
                        .map(|hop| {
                            format!("{} {} {} {}", hop["at"], hop["to"], hop["by"], hop["tls"])
                        })
                        .collect();
                    format!(
                        "{} {} {} {hops:?}",
                        path["ends"], path["tls"], path["egress"]
                    )
                })
                .collect()
        };
        for change in changes(&found) {
            // What receivers make of mail in our name is seen in no path.
            if words(&change["what"]) == ["authentication"] {
                assert_eq!(change["witness"], Value::Null, "{name}: {change:#}");
                continue;
            }
            let witness = |key: &str| change["witness"][key].as_str().expect("a text").to_owned();
            let (from, to) = (witness("from"), witness("to"));
            let one = before.trace(&from, &to).expect("a sender");
            let other = after.trace(&from, &to).expect("a sender");
            assert_ne!(shape(&one), shape(&other), "{name}: {change:#}");
        }
        for domain in [
            "contoso.com",
            "sales.contoso.com",
            "fabrikam.com",
            "any.contoso.com",
            "example.net",
        ] {
            let to = format!("someone@{domain}");
            let (Ok(one), Ok(other)) =
                (before.trace("internet", &to), after.trace("internet", &to))
            else {
                continue;
            };
            if shape(&one) == shape(&other) {
                continue;
            }
            let is_covered = changes(&found).iter().any(|change| {
                let fits = |pattern: &String| {
                    pattern == domain
                        || pattern == "*"
                        || pattern
                            .strip_prefix("*.")
                            .is_some_and(|base| domain.ends_with(&format!(".{base}")))
                };
                words(&change["from"]).iter().any(|from| from == "internet")
                    && (words(&change["domains"]).iter().any(fits)
                        || words(&change["also_possible"]).iter().any(fits))
            });
            assert!(is_covered, "{name}: {to}: {}", found.human());
        }
    }
}

#[test]
fn the_order_of_keys_and_comments_are_no_difference() {
    let files = example("02-split-mailboxes");
    let spec = text(&files);
    let mut sections: Vec<String> = Vec::new();
    for line in spec.lines() {
        match sections.last_mut() {
            Some(last) if line.starts_with([' ', '#']) || line.is_empty() => {
                last.push_str(line);
                last.push('\n');
            }
            _ => sections.push(format!("{line}\n")),
        }
    }
    sections.reverse();
    let mut shuffled = files.clone();
    let other = format!("# Another comment.\n{}", sections.concat());
    shuffled.insert("mailtopo.yaml".to_owned(), other.into_bytes());
    let found = compare(&files, &shuffled);
    assert!(found.is_empty(), "{}", found.human());
}

#[test]
fn a_rename_is_one_line() {
    let spec = "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.5], certificate: mail.contoso.com}\ndomains:\n  contoso.com: {mailboxes: {cloud: 20, hq: rest}, mx: cloud}\n";
    let renamed = spec
        .replace("  hq: {kind", "  berlin: {renamed_from: hq, kind")
        .replace("hq: rest", "berlin: rest");
    let found = compare(&one(spec), &one(&renamed));
    assert!(is_flow_unchanged(&found), "{}", found.human());
    assert_eq!(
        json(&found)["renamed"],
        serde_json::json!([{"old": "location:hq", "new": "location:berlin"}])
    );
    let back = compare(&one(&renamed), &one(spec));
    assert!(is_flow_unchanged(&back), "{}", back.human());
}

#[test]
fn the_third_connector_changes_two_regions() {
    let new = example("03-three-connectors");
    let spec = text(&new);
    let two: String = spec
        .lines()
        .filter(|line| !line.contains("name: Connector 3"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let found = compare(&one(&two), &new);
    let changes = changes(&found);
    let [worse, gained] = changes.as_slice() else {
        panic!("{}", found.human());
    };
    for (change, direction, certainty, domain, from, old, new) in [
        (
            worse,
            "worse",
            "certain",
            "*.contoso.com",
            &["cloud", "site-1", "site-2", "site-3"][..],
            &["bounced cloud"][..],
            "loop cloud,site-3",
        ),
        (
            gained,
            "gained",
            "possible",
            "sales.contoso.com",
            &["cloud", "internet", "site-1", "site-2"],
            &["bounced site-1", "loop cloud,site-1"],
            "delivered site-3",
        ),
    ] {
        let shown = found.human();
        assert_eq!(change["direction"], direction, "{shown}");
        assert_eq!(change["certainty"], certainty, "{shown}");
        assert_eq!(words(&change["domains"]), [domain], "{shown}");
        assert_eq!(words(&change["from"]), from, "{shown}");
        assert_eq!(words(&change["old"]["all_ends"]), old, "{shown}");
        assert_eq!(words(&change["new"]["all_ends"]), [new], "{shown}");
        assert_eq!(words(&change["because"]), ["route:Connector 3"], "{shown}");
    }
    assert_eq!(gained["readings"], serde_json::json!({"R1": ["example"]}));
}

#[test]
fn a_banks_tls_that_is_lowered_is_worse() {
    let old = example("05-partner-bank");
    let new = changed("05-partner-bank", &[("verified", "encrypted")]);
    let found = compare(&old, &new);
    let worse: Vec<Value> = changes(&found)
        .into_iter()
        .filter(|change| change["direction"] == "worse")
        .collect();
    assert!(!worse.is_empty(), "{}", found.human());
    for change in worse {
        assert_eq!(words(&change["what"]), ["tls"], "{change:#}");
        assert_eq!(
            words(&change["because"]),
            ["partners.contosobank.tls"],
            "{change:#}"
        );
    }
    assert!(
        !json(&found)["objects"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
}

/// A tenant, a filter in front of it, and two domains.
const FILTERED: &str = "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter]}\n  filter: {kind: gateway, hosts: [mx1.filter.example], egress: [198.51.100.0/24], certificate: mx1.filter.example, forwards: {contoso.com: cloud, fabrikam.com: cloud}}\ndomains:\n  contoso.com: {mailboxes: cloud, mx: filter}\n  fabrikam.com: {mailboxes: {cloud: [anna@fabrikam.com, bert@fabrikam.com]}, mx: filter}\n";

fn lines_without(text: &str, word: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains(word)).collect();
    lines.join("\n") + "\n"
}

/// The directions of the mail from the Internet to some domain, with what differs.
fn from_internet(found: &Compared, domain: &str) -> BTreeSet<(String, bool)> {
    let all = changes(found);
    let mine = all.iter().filter(|change| {
        words(&change["from"]).contains(&"internet".to_owned())
            && words(&change["domains"]).contains(&domain.to_owned())
    });
    mine.map(|change| {
        let direction = change["direction"].as_str().expect("a word").to_owned();
        (
            direction,
            words(&change["what"]).contains(&"filter".to_owned()),
        )
    })
    .collect()
}

#[test]
fn a_filter_that_is_gone_is_worse_and_a_domain_that_is_gone_is_lost() {
    let old = one(FILTERED);
    let direct = FILTERED
        .replace(", accept_only_from: [filter]", "")
        .replace("mx: filter", "mx: cloud");
    let direct = lines_without(&direct, "kind: gateway");
    let direct = one(&direct);
    let is = |word: &str, by_filter| BTreeSet::from([(word.to_owned(), by_filter)]);
    assert_eq!(
        from_internet(&compare(&old, &direct), "contoso.com"),
        is("worse", true)
    );
    assert_eq!(
        from_internet(&compare(&direct, &old), "contoso.com"),
        is("better", true)
    );

    let without = FILTERED.replace(", fabrikam.com: cloud", "");
    let without = lines_without(&without, "fabrikam.com");
    let without = one(&without);
    let lost = from_internet(&compare(&old, &without), "fabrikam.com");
    assert!(lost.iter().any(|(word, _)| word == "lost"), "{lost:?}");
    let gained = from_internet(&compare(&without, &old), "fabrikam.com");
    assert!(
        gained.iter().any(|(word, _)| word == "gained"),
        "{gained:?}"
    );
    assert_eq!(
        from_internet(&compare(&old, &without), "contoso.com"),
        BTreeSet::new()
    );

    // One mailbox that is gone is no loss of the mail flow: nobody has the address any more.
    let fewer = one(&FILTERED.replace(", bert@fabrikam.com]", "]"));
    let gone = from_internet(&compare(&old, &fewer), "fabrikam.com");
    assert!(gone.iter().all(|(word, _)| word == "neutral"), "{gone:?}");
}

/// A spec with so many domains whose mail moves from one location to another.
fn many(count: usize, at: &str) -> Files {
    use std::fmt::Write as _;
    let mut spec = "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.5], certificate: mail.contoso.com}\ndomains:\n  contoso.com: {mailboxes: cloud, mx: cloud}\n".to_owned();
    for number in 0..count {
        _ = writeln!(
            spec,
            "  d{number}.example.org: {{mailboxes: {at}, mx: cloud}}"
        );
    }
    one(&spec)
}

#[test]
fn a_comment_has_room_for_any_change() {
    let found = compare(&many(3000, "hq"), &many(3000, "cloud"));
    assert!(changes(&found).len() < 20, "{}", changes(&found).len());
    let text = found.markdown("a-->b\n::error::`x`");
    assert!(text.chars().count() <= 65_536, "{}", text.len());
    let first = text.lines().next().expect("a line");
    assert!(
        first.starts_with("<!-- mailtopo-diff: a- -b\\n::error::"),
        "{first}"
    );
    assert!(!text.lines().any(|line| line.starts_with("::")));
}

#[test]
fn revisions_folders_and_exit_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let git = |args: &[&str]| {
        let done = Command::new("git")
            .current_dir(folder.path())
            .args(["-c", "user.name=T", "-c", "user.email=t@example.com"])
            .args(args)
            .output()
            .expect("git runs");
        assert!(done.status.success(), "{}", stderr(&done));
    };
    let sub = folder.path().join("mail");
    fs::create_dir(&sub).expect("a folder");
    let spec = "version: 1\ninclude: [domains.yaml]\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.5], certificate: mail.contoso.com}\n";
    fs::write(sub.join("mailtopo.yaml"), spec).expect("a file");
    let domains = sub.join("domains.yaml");
    fs::write(
        &domains,
        "version: 1\ndomains:\n  contoso.com: {mailboxes: cloud, mx: cloud}\n",
    )
    .expect("a file");
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "one"]);
    let run = |args: &[&str]| mailtopo(&sub, args).output().expect("the program runs");
    for old in [
        "git:HEAD:mail/mailtopo.yaml",
        "git:HEAD:./mailtopo.yaml",
        ".",
    ] {
        let same = run(&["diff", old, "mailtopo.yaml", "--exit-code"]);
        assert_eq!(
            same.status.code(),
            Some(0),
            "{old}: {}{}",
            stdout(&same),
            stderr(&same)
        );
        assert_eq!(stdout(&same), "mail flow unchanged\n");
    }
    fs::write(
        &domains,
        "version: 1\ndomains:\n  contoso.com: {mailboxes: hq, mx: cloud}\n",
    )
    .expect("a file");
    let old = "git:HEAD:./mailtopo.yaml";
    let moved = run(&[
        "diff",
        old,
        "mailtopo.yaml",
        "--exit-code",
        "--output-format",
        "json,human=shown",
    ]);
    assert_eq!(moved.status.code(), Some(3), "{}", stderr(&moved));
    let document: Value = serde_json::from_slice(&moved.stdout).expect("JSON");
    assert_eq!(document["version"], 1);
    let changes = document["changes"].as_array().expect("a list");
    assert!(!changes.is_empty());
    for change in changes {
        assert_eq!(
            change["because"][0], "domains.contoso.com.mailboxes",
            "{change:#}"
        );
    }
    assert!(
        fs::read_to_string(sub.join("shown"))
            .expect("a file")
            .contains("delivered hq")
    );
    for (args, code, part) in [
        (&["--fail-on", "lost"][..], 0, ""),
        (&["--only", "sources:internet"], 0, "only sources:internet"),
        (&["--only", "nonsense"], 2, "is no filter"),
        (
            &["--output-format", "sarif"],
            2,
            "its forms are human, json, markdown",
        ),
    ] {
        let output = run(&[&["diff", old, "mailtopo.yaml"], args].concat());
        assert_eq!(
            output.status.code(),
            Some(code),
            "{args:?} {}",
            stderr(&output)
        );
        let shown = stdout(&output) + &stderr(&output);
        assert!(shown.contains(part), "{args:?}: {shown}");
    }
    fs::write(
        sub.join("announced.yaml"),
        "expect: {only: [contoso.com], becomes: delivered hq, others: unchanged}\n",
    )
    .expect("a file");
    let output = run(&[
        "diff",
        old,
        "mailtopo.yaml",
        "--announced",
        "announced.yaml",
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(stderr(&output).contains("M013"));
    for (old, part) in [
        ("git:none:mailtopo.yaml", "no such file in revision `none`"),
        ("git:HEAD:../mailtopo.yaml", "no such file"),
        ("git:HEAD:nothing", "no such file"),
        ("gone.yaml", "there is no file `gone.yaml`"),
    ] {
        let output = run(&["diff", old, "mailtopo.yaml"]);
        assert_eq!(output.status.code(), Some(2), "{old}");
        assert!(stderr(&output).contains(part), "{old}: {}", stderr(&output));
    }
    fs::write(
        &domains,
        "version: 1\ndomains:\n  contoso.com: {mailboxes: nowhere, mx: cloud}\n",
    )
    .expect("a file");
    let output = run(&["diff", old, "mailtopo.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nowhere"), "{}", stderr(&output));
}

/// A lock takes mail from the names that the provider gave, to which nobody writes.
#[test]
fn a_locks_effect_on_the_providers_names_is_a_footnote() {
    let spec = "version: 1\nlocations:\n  filter: {kind: gateway, hosts: [mx.filter.example], egress: [198.51.100.0/28], forwards: {contoso.com: cloud}}\n  cloud: {kind: exchange-online, tenant: contoso}\ndomains:\n  contoso.com: {mailboxes: cloud, mx: filter}\n";
    let locked = spec.replace(
        "tenant: contoso}",
        "tenant: contoso, accept_only_from: [filter]}",
    );
    let found = compare(&one(spec), &one(&locked));
    let changes = changes(&found);
    assert!(!found.has_possible_losses(), "{}", found.human());
    assert!(
        changes
            .iter()
            .any(|change| change["own_names_only"] == true),
        "{}",
        found.human()
    );
}
