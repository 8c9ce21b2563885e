//! Whole runs over generated specs of growing size: wall time, peak memory, throughput.
//!
//! `cargo bench --bench scale` prints a Markdown table for `docs/performance.md`. Peak memory is read from
//! `/proc` while the program runs, so figures exist on Linux only.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// Domains and recipients of each spec.
const SIZES: &[(usize, usize)] = &[
    (10, 0),
    (1_000, 0),
    (10_000, 0),
    (100_000, 0),
    (1_000, 1_000_000),
];

/// A spec with so many of something.
type Shape = fn(usize) -> String;

/// Specs that are hard on an analysis, each at two sizes.
const SHAPES: &[(&str, Shape, [usize; 2])] = &[
    ("nested wildcards", nested_wildcards, [1_000, 10_000]),
    ("routes at one place", routes_at_one_place, [1_000, 10_000]),
    ("partners", partners, [1_000, 10_000]),
    ("locations around one", locations, [100, 1_000]),
    ("locations in a chain of `via`", chain, [60, 120]),
    ("rules for one city each", rules, [1_000, 2_000]),
    ("routes for one name", same_name, [1_000, 2_000]),
];

fn main() {
    if env::args().any(|word| word == "shapes") {
        shapes();
        return;
    }
    if env::args().any(|word| word == "missing") {
        one_domain_is_missing();
        return;
    }
    if env::args().any(|word| word == "drift") {
        exports();
        return;
    }
    if env::args().any(|word| word == "zones") {
        zones();
        return;
    }
    let folder = env::temp_dir().join(format!("mailtopo-scale-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    println!(
        "| domains | recipients | input | command | wall, best of 3 | peak memory | memory / input | input / wall |"
    );
    println!("|---:|---:|---:|---|---:|---:|---:|---:|");
    for &(domains, recipients) in SIZES {
        let (spec, bytes) = write_spec(&folder, domains, recipients);
        for command in ["check", "compile"] {
            let runs: Vec<Run> = (0..3).map(|_| run(command, &spec, &folder)).collect();
            let wall = runs.iter().map(|run| run.wall).min().unwrap_or_default();
            let peak = runs.iter().map(|run| run.peak).max().unwrap_or_default();
            println!(
                "| {domains} | {recipients} | {} | {command} | {} ms | {} | {:.1} | {:.1} MB/s |",
                megabytes(bytes),
                wall.as_millis(),
                megabytes(peak),
                ratio(peak, bytes),
                ratio(bytes, 1_000_000) / wall.as_secs_f64(),
            );
        }
    }
    let _ = fs::remove_dir_all(&folder);
}

/// `cargo bench --bench scale -- zones`: zones with all the records that mail needs, half of them of a tenant whose facts are
/// known, half of a Postfix, one in fifty parked. The specs stay where it says, for other programs to be measured with them.
fn zones() {
    println!("| zones | input | command | wall, best of 3 | peak memory |");
    println!("|---:|---:|---|---:|---:|");
    for count in [5_000, 50_000] {
        let folder = env::temp_dir().join(format!("mailtopo-zones-{count}"));
        fs::create_dir_all(&folder).expect("a temporary folder");
        let (spec, bytes) = write_zones(&folder, count);
        for command in ["check", "compile"] {
            let runs: Vec<Run> = (0..3).map(|_| run(command, &spec, &folder)).collect();
            let wall = runs.iter().map(|run| run.wall).min().unwrap_or_default();
            let peak = runs.iter().map(|run| run.peak).max().unwrap_or_default();
            println!(
                "| {count} | {} | {command} | {} ms | {} |",
                megabytes(bytes),
                wall.as_millis(),
                megabytes(peak)
            );
        }
        println!("\nThe spec is {}.\n", spec.display());
    }
}

fn write_zones(folder: &Path, count: usize) -> (PathBuf, u64) {
    let mut text = String::from(
        "version: 1\norganization: Contoso\nfacts: facts.yaml\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}\n  mx: {kind: postfix, hosts: [mx1.hosting.example], egress: [192.0.2.10], certificate: mx1.hosting.example, delivers_to: \"lmtp:unix:private/lmtp\"}\ndns: {ttl: 3600, formats: [bind]}\ndomains:\n  hosting.example: {send_only: true}\n",
    );
    let (mut hosts, mut keys) = (String::new(), String::new());
    for index in 0..count {
        let name = format!("customer{index:05}.example");
        let dmarc = format!("dmarc: {{policy: reject, rua: [\"mailto:info@{name}\"]}}");
        let _ = if index % 50 == 49 {
            writeln!(text, "  {name}: {{parked: true}}")
        } else if index % 2 == 1 {
            writeln!(
                text,
                "  {name}: {{mailboxes: {{mx: [\"info@{name}\"]}}, mx: mx, dkim: {{mx: {{s1: s1.{name}.keys.hosting.example}}}}, {dmarc}}}"
            )
        } else {
            let dashed = name.replace('.', "-");
            let target = format!("{dashed}._domainkey.contoso.n-v1.dkim.mail.microsoft");
            let _ = writeln!(hosts, "    {name}: {dashed}.mail.protection.outlook.com");
            let _ = writeln!(
                keys,
                "    {name}: {{selector1: selector1-{target}, selector2: selector2-{target}}}"
            );
            writeln!(
                text,
                "  {name}: {{mailboxes: {{cloud: [\"info@{name}\"]}}, mx: cloud, {dmarc}}}"
            )
        };
    }
    let facts = format!("version: 1\ngathered: 2026-11-29\ncloud:\n  mx:\n{hosts}  dkim:\n{keys}");
    let bytes = (text.len() + facts.len()) as u64;
    let spec = folder.join("mailtopo.yaml");
    fs::write(&spec, text).expect("the spec is written");
    fs::write(folder.join("facts.yaml"), facts).expect("the facts are written");
    (spec, bytes)
}

/// `cargo bench --bench scale -- drift`: a tenant with 1,000 connectors, checked, compared with an export of it, and imported
/// from what `Export-Clixml` writes of it, 41 MB of which most is the binary form of each object.
fn exports() {
    const MANY: usize = 1_000;
    let folder = env::temp_dir().join(format!("mailtopo-drift-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    let mut spec = "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}\ndomains:\n  contoso.com: {mailboxes: cloud, mx: cloud, dkim: [], dns: none}\npartners:\n".to_owned();
    let mut state = r#"{"Format": 1, "What": "state", "Whole": true, "Product": "online", "Location": "cloud", "Unread": [], "Objects": [
{"Kind": "AcceptedDomain", "Name": "contoso.com", "Properties": {"DomainType": "Authoritative", "MatchSubDomains": false}},
{"Kind": "OrganizationConfig", "Name": "OrganizationConfig", "Properties": {"RejectDirectSend": true}}"#.to_owned();
    let mut xml = String::from(
        r#"<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj RefId="0"><Props><S N="DomainName">contoso.com</S><S N="DomainType">Authoritative</S><B N="MatchSubDomains">false</B></Props></Obj><Obj RefId="1"><Props><S N="DomainName">contoso.onmicrosoft.com</S><S N="DomainType">Authoritative</S><B N="MatchSubDomains">false</B></Props></Obj>"#,
    );
    let binary = "AAEAAAD/////AQAAAAAAAAAE".repeat(1_640);
    for number in 0..MANY {
        let _ = writeln!(
            spec,
            "  p{number}: {{domains: [p{number}.example], tls: {{inbound: opportunistic, outbound: verified}}, certificate: mail.p{number}.example}}"
        );
        let _ = write!(
            state,
            r#",
{{"Kind": "OutboundConnector", "Name": "cloud to p{number}", "Properties": {{"AllAcceptedDomains": false, "CloudServicesMailEnabled": false, "Comment": "[mailtopo:cloud]", "ConnectorType": "Partner", "Enabled": true, "IsTransportRuleScoped": false, "RecipientDomains": ["p{number}.example"], "RouteAllMessagesViaOnPremises": false, "TestMode": false, "TlsDomain": "mail.p{number}.example", "TlsSettings": "DomainValidation", "UseMXRecord": true}}}}"#
        );
        let _ = write!(
            xml,
            r#"<Obj RefId="1{number}"><ToString>cloud to p{number}</ToString><Props><S N="Name">cloud to p{number}</S><B N="Enabled">true</B><B N="AllAcceptedDomains">false</B><B N="CloudServicesMailEnabled">false</B><S N="Comment">[mailtopo:cloud]</S><Obj N="ConnectorType"><ToString>Partner</ToString><I32>2</I32></Obj><B N="IsTransportRuleScoped">false</B><Obj N="RecipientDomains"><LST><S>p{number}.example</S></LST></Obj><B N="RouteAllMessagesViaOnPremises">false</B><Nil N="SmartHosts"/><B N="TestMode">false</B><S N="TlsDomain">mail.p{number}.example</S><Obj N="TlsSettings"><ToString>DomainValidation</ToString><I32>4</I32></Obj><B N="UseMXRecord">true</B></Props><MS><BA N="SerializationData">{binary}</BA></MS></Obj>"#
        );
    }
    state.push_str("]}");
    xml.push_str("</Objs>");
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).expect("a file is written");
        path.display().to_string()
    };
    let (spec, state, xml) = (
        file("mailtopo.yaml", &spec),
        format!("cloud={}", file("state.json", &state)),
        format!("cloud={}", file("export.xml", &xml)),
    );
    let (out, short) = (folder.join("out"), folder.join("short"));
    let (out, short) = (out.display().to_string(), short.display().to_string());
    println!("| command | wall, best of 5 | peak memory |\n|---|---:|---:|");
    for (title, words) in [
        ("`check`", vec!["check", &spec]),
        ("`drift`, state", vec!["drift", &spec, &state]),
        ("`drift`, CLIXML", vec!["drift", &spec, &xml]),
        ("`import`, CLIXML", vec!["import", &xml, "--out", &out]),
        (
            "`import --fold`, CLIXML",
            vec!["import", &xml, "--fold", "--out", &short],
        ),
    ] {
        let runs: Vec<Run> = (0..5)
            .map(|_| {
                let _ = fs::remove_dir_all(&out);
                let _ = fs::remove_dir_all(&short);
                let (run, ended) = timed(&words);
                assert!(matches!(ended.code(), Some(0 | 1)), "{words:?}: {ended}");
                run
            })
            .collect();
        let wall = runs.iter().map(|run| run.wall).min().unwrap_or_default();
        let peak = runs.iter().map(|run| run.peak).max().unwrap_or_default();
        println!(
            "| {title} | {} ms | {} |",
            wall.as_millis(),
            megabytes(peak)
        );
    }
    let _ = fs::remove_dir_all(&folder);
}

/// `cargo bench --bench scale -- shapes`
fn shapes() {
    let folder = env::temp_dir().join(format!("mailtopo-shapes-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    println!("| shape | how many | input | check, best of 3 | peak memory |");
    println!("|---|---:|---:|---:|---:|");
    for (name, shape, sizes) in SHAPES {
        for &size in sizes {
            let text = shape(size);
            let spec = folder.join("mailtopo.yaml");
            fs::write(&spec, &text).expect("the spec is written");
            let runs: Vec<Run> = (0..3).map(|_| run_any("check", &spec, &folder)).collect();
            let wall = runs.iter().map(|run| run.wall).min().unwrap_or_default();
            let peak = runs.iter().map(|run| run.peak).max().unwrap_or_default();
            println!(
                "| {name} | {size} | {} | {} ms | {} |",
                megabytes(text.len() as u64),
                wall.as_millis(),
                megabytes(peak)
            );
        }
    }
    let _ = fs::remove_dir_all(&folder);
}

/// `cargo bench --bench scale -- missing`: 100,000 domains with 1,000,000 recipients, one of them on no route. The time of
/// `routes`, which reads and derives and looks at nothing, stands beside that of `check`.
fn one_domain_is_missing() {
    let folder = env::temp_dir().join(format!("mailtopo-missing-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    let (domains, recipients) = (100_000, 1_000_000);
    let mut text = String::from(
        "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: scale, reject_direct_send: true}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.d0.example], egress: [203.0.113.10], certificate: mail.d0.example}\nrouting: explicit\nroutes:\n  - {name: in, from: cloud, to: hq, recipients: {file: in.txt}}\n  - {name: out, from: hq, to: cloud, recipients: [\"*\"]}\ndomains:\n",
    );
    let (mut list, mut people) = (String::new(), String::from("address,city\n"));
    for at in 0..domains {
        let _ = writeln!(
            text,
            "  d{at}.example: {{mailboxes: {{hq: {{file: people.csv}}}}, mx: cloud, dns: none}}"
        );
        if at != domains * 3 / 4 {
            let _ = writeln!(list, "d{at}.example");
        }
    }
    for at in 0..recipients {
        let _ = writeln!(people, "user{at}@d{}.example,City {}", at % domains, at % 7);
    }
    let spec = folder.join("mailtopo.yaml");
    for (name, text) in [
        ("mailtopo.yaml", &text),
        ("in.txt", &list),
        ("people.csv", &people),
    ] {
        fs::write(folder.join(name), text).expect("the spec is written");
    }
    let input = (text.len() + list.len() + people.len()) as u64;
    println!("| command | input | wall, best of 3 | peak memory |");
    println!("|---|---:|---:|---:|");
    for command in ["routes", "check"] {
        let runs: Vec<Run> = (0..3).map(|_| run_any(command, &spec, &folder)).collect();
        let wall = runs.iter().map(|run| run.wall).min().unwrap_or_default();
        let peak = runs.iter().map(|run| run.peak).max().unwrap_or_default();
        println!(
            "| {command} | {} | {} ms | {} |",
            megabytes(input),
            wall.as_millis(),
            megabytes(peak)
        );
    }
    let output = Command::new(env!("CARGO_BIN_EXE_mailtopo"))
        .args(["check", "--output-format", "concise"])
        .arg(&spec)
        .output()
        .expect("the program starts");
    print!("{}", String::from_utf8_lossy(&output.stdout));
    let _ = fs::remove_dir_all(&folder);
}

const TWO_PLACES: &str = "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: scale, reject_direct_send: true}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.scale.example], egress: [203.0.113.10], certificate: mail.scale.example}\n  branch: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [branch.scale.example], egress: [203.0.113.11], certificate: branch.scale.example}\n";

/// Chains of a hundred wildcards, each below the one before, in turn for one place and for the other.
fn nested_wildcards(count: usize) -> String {
    let mut text = format!(
        "{TWO_PLACES}domains:\n  scale.example: {{mailboxes: hq, mx: cloud, dns: none}}\nrouting: explicit\nroutes:\n  - {{name: in, from: cloud, to: hq, recipients: [scale.example]}}\n  - {{name: out, from: hq, to: cloud, recipients: [\"*\"]}}\n"
    );
    for (name, place, odd) in [("even", "hq", 0), ("odd", "branch", 1)] {
        let patterns: Vec<String> = (0..count)
            .filter(|at| at % 2 == odd)
            .map(|at| format!("\"*.{}c{}.example\"", "x.".repeat(at % 100), at / 100))
            .collect();
        let _ = writeln!(
            text,
            "  - {{name: {name}, from: cloud, to: {place}, recipients: [{}]}}",
            patterns.join(", ")
        );
    }
    text
}

fn routes_at_one_place(count: usize) -> String {
    let mut text = format!("{TWO_PLACES}domains:\n");
    for at in 0..count {
        let _ = writeln!(
            text,
            "  d{at}.example: {{mailboxes: hq, mx: cloud, dns: none}}"
        );
    }
    text.push_str(
        "routing: explicit\nroutes:\n  - {name: out, from: hq, to: cloud, recipients: [\"*\"]}\n",
    );
    for at in 0..count {
        let _ = writeln!(
            text,
            "  - {{name: r{at}, from: cloud, to: hq, recipients: [d{at}.example]}}"
        );
    }
    text
}

fn partners(count: usize) -> String {
    let mut text = format!(
        "{TWO_PLACES}domains:\n  scale.example: {{mailboxes: cloud, mx: cloud, dns: none}}\npartners:\n"
    );
    for at in 0..count {
        let _ = writeln!(
            text,
            "  p{at}: {{domains: [p{at}.example], tls: verified, certificate: mail.p{at}.example, via: [cloud]}}"
        );
    }
    text
}

fn locations(count: usize) -> String {
    let mut text = String::from(
        "version: 1\nlocations:\n  hub: {kind: postfix, hosts: [hub.scale.example], egress: [203.0.113.10], certificate: hub.scale.example, delivers_to: \"lmtp:unix:private/lmtp\"}\n",
    );
    for at in 0..count {
        let (high, low) = (at / 250, at % 250 + 1);
        let _ = writeln!(
            text,
            "  l{at}: {{kind: postfix, hosts: [l{at}.scale.example], egress: [198.18.{high}.{low}], certificate: l{at}.scale.example, delivers_to: \"lmtp:unix:private/lmtp\", sends: {{via: hub}}}}"
        );
    }
    text.push_str("domains:\n");
    for at in 0..count {
        let _ = writeln!(
            text,
            "  d{at}.example: {{mailboxes: l{at}, mx: hub, dns: none}}"
        );
    }
    text
}

/// Each hands all mail for others to the one before it, and holds the mailboxes of one domain.
fn chain(count: usize) -> String {
    let mut text = String::from("version: 1\nlocations:\n");
    for at in 0..count {
        let (high, low) = (at / 250, at % 250 + 1);
        let _ = write!(
            text,
            "  l{at}: {{kind: postfix, hosts: [m{at}.scale.example], egress: [198.51.{high}.{low}], certificate: m{at}.scale.example, delivers_to: \"lmtp:unix:x\""
        );
        if let Some(above) = at.checked_sub(1) {
            let _ = write!(text, ", sends: {{via: l{above}}}");
        }
        text.push_str("}\n");
    }
    text.push_str("domains:\n");
    for at in 0..count {
        let _ = writeln!(
            text,
            "  d{at}.example: {{mailboxes: {{l{at}: [a@d{at}.example]}}, mx: l{at}}}"
        );
    }
    text
}

/// A domain with mailboxes at a tenant and at a server.
const SPLIT: &str = "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: contoso.com, sends: {via: cloud}}\ndomains:\n  contoso.com: {mailboxes: {cloud: 10, hq: 5}, mx: cloud}\n";

/// Rules of which nobody can say whether they act, because no list has a city.
fn rules(count: usize) -> String {
    let mut text = format!("{SPLIT}rules:\n");
    for at in 0..count {
        let _ = writeln!(
            text,
            "  - {{name: rule {at}, at: cloud, when: {{recipient_city: [City {at}]}}, route: hq}}"
        );
    }
    text
}

/// Routes between which nothing decides.
fn same_name(count: usize) -> String {
    let mut text = format!("{SPLIT}routes:\n");
    for at in 0..count {
        let _ = writeln!(
            text,
            "  - {{name: r{at}, from: cloud, to: hq, recipients: [archive.contoso.com]}}"
        );
    }
    text
}

struct Run {
    wall: Duration,
    peak: u64,
}

fn run(command: &str, spec: &Path, folder: &Path) -> Run {
    let (run, ended) = timed_over(command, spec, folder);
    assert!(
        ended.success(),
        "{command} of {} ended with {ended}",
        spec.display()
    );
    run
}

/// A run that may find mistakes.
fn run_any(command: &str, spec: &Path, folder: &Path) -> Run {
    let (run, ended) = timed_over(command, spec, folder);
    assert!(
        matches!(ended.code(), Some(0 | 1)),
        "{command} of {} ended with {ended}",
        spec.display()
    );
    run
}

fn timed_over(command: &str, spec: &Path, folder: &Path) -> (Run, ExitStatus) {
    let out = folder.join("out");
    let _ = fs::remove_dir_all(&out);
    let (spec, out) = (spec.display().to_string(), out.display().to_string());
    let mut words = vec![command, &spec];
    if command == "compile" {
        words.extend(["--out", &out]);
    }
    timed(&words)
}

fn timed(words: &[&str]) -> (Run, ExitStatus) {
    let mut call = Command::new(env!("CARGO_BIN_EXE_mailtopo"));
    call.args(words).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = call.spawn().expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().expect("the program can be waited for") {
            break ended;
        }
        peak = peak_memory(&status).unwrap_or(peak);
        thread::sleep(Duration::from_millis(1));
    };
    let wall = start.elapsed();
    (Run { wall, peak }, ended)
}

fn peak_memory(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn write_spec(folder: &Path, domains: usize, recipients: usize) -> (PathBuf, u64) {
    let mut text = String::from(
        "version: 1\norganization: Scale\nlocations:\n  cloud: {kind: exchange-online, tenant: scale, reject_direct_send: true}\n  mx:\n    kind: postfix\n    hosts: [mail.scale.example]\n    egress: [192.0.2.25]\n    certificate: mail.scale.example\n    delivers_to: \"lmtp:unix:private/lmtp\"\n    sends: {via: cloud}\ndomains:\n  scale.example: {mailboxes: mx, mx: cloud, dns: none}\n",
    );
    for index in 0..domains {
        let place = if recipients == 0 && index % 2 == 0 {
            "cloud"
        } else {
            "mx"
        };
        let mailboxes = if recipients == 0 {
            place.to_owned()
        } else {
            "{mx: {file: people.csv}}".to_owned()
        };
        let _ = writeln!(
            text,
            "  d{index}.scale.example:\n    mailboxes: {mailboxes}\n    mx: cloud\n    dns: none"
        );
    }
    let mut bytes = text.len() as u64;
    let spec = folder.join("mailtopo.yaml");
    fs::write(&spec, text).expect("the spec is written");
    if recipients > 0 {
        let mut people = String::from("address,city\n");
        for index in 0..recipients {
            let _ = writeln!(
                people,
                "user{index}@d{}.scale.example,City {}",
                index % domains,
                index % 7
            );
        }
        bytes += people.len() as u64;
        fs::write(folder.join("people.csv"), people).expect("the list is written");
    }
    (spec, bytes)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b as f64
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", ratio(bytes, 1_000_000))
}
