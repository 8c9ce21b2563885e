//! `RUNBOOK.md`: its commands can be run, its expected paths are those of `trace`, and its order keeps mail flowing.

use crate::golden::{TODAY, files, folders, root};
use crate::metamorphic::corpus::samples;
use mailtopo::compile::{self, Input};
use mailtopo::testing::output::Sealed;
use mailtopo::testing::plan::Plan;
use mailtopo::testing::platforms::exchange::catalogue::{Product, exists, has, knows};
use mailtopo::testing::platforms::exchange::scripts::Form;
use mailtopo::testing::topology::{ExchangeVersion, Location, LocationId, LocationKind};
use mailtopo::testing::values::{Address, Date};
use mailtopo::testing::walk::{Model, expect, trace, trace_straight};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::sync::OnceLock;

/// Parameters of the vendors' cmdlets that runbooks name, as their reference pages list them.
const CMDLETS: [(&str, &[&str]); 9] = [
    (
        "Connect-ExchangeOnline",
        &["UserPrincipalName", "ExchangeEnvironmentName"],
    ),
    ("Start-Transcript", &["Path"]),
    ("Resolve-DnsName", &["Name", "Type"]),
    ("Set-SendConnector", &["Enabled"]),
    ("Get-RemoteMailbox", &["Identity", "ResultSize"]),
    ("Get-MailUser", &["Identity", "ResultSize"]),
    ("Get-MessageTrackingLog", &["Recipients"]),
    ("Get-MessageTraceV2", &["RecipientAddress"]),
    ("Send-MailMessage", &["SmtpServer", "From", "To", "Subject"]),
];

type Output = BTreeMap<String, Vec<u8>>;

/// What a spec alone compiles to.
fn compiled(spec: &str) -> Output {
    let files = BTreeMap::from([("mailtopo.yaml".to_owned(), spec.as_bytes().to_vec())]);
    case("a spec", &files)
        .unwrap_or_else(|| panic!("it does not compile: {spec}"))
        .output
}

fn text(output: &Output, path: &str) -> String {
    let bytes = output
        .get(path)
        .unwrap_or_else(|| panic!("{path} is missing"));
    String::from_utf8_lossy(bytes).into_owned()
}

/// A spec that compiles: every example, report from the field, check page and spec made by chance.
struct Case {
    name: String,
    plan: Plan,
    output: Output,
}

fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let mut found: Vec<Case> = samples()
            .iter()
            .filter(|sample| sample.name != "dense")
            .filter_map(|sample| case(&sample.name, &sample.files()))
            .collect();
        for folder in folders(&root("tests/field")) {
            found.extend(case(&folder.display().to_string(), &files(&folder)));
        }
        let outgoing = BTreeMap::from([("mailtopo.yaml".to_owned(), WITH_OUTGOING_STEP.into())]);
        found.extend(case("an outgoing step", &outgoing));
        assert!(found.len() > 200, "only {} specs compile", found.len());
        found
    })
}

fn case(name: &str, files: &Output) -> Option<Case> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: files.get("mailtopo.yaml")?,
        files,
    };
    let today = Date::parse(TODAY).expect("a day");
    let (checked, sealed) = compile::compile(&input, today, false, Form::Thin);
    Some(Case {
        name: name.to_owned(),
        output: written(&sealed?),
        plan: checked.plan?,
    })
}

fn written(sealed: &Sealed) -> Output {
    let files = sealed.iter();
    files
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect()
}

/// Outgoing mail has a step of its own.
const WITH_OUTGOING_STEP: &str = "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, also_accepts: [{domain: mail.contoso.com}]}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, outgoing_step: true, sends: {via: cloud}}\ndomains:\n  contoso.com: {mailboxes: {cloud: 400, hq: 60}, mx: cloud}\n";

fn with_outgoing_step() -> &'static Output {
    let case = cases().iter().find(|case| case.name == "an outgoing step");
    &case.expect("it compiles").output
}

/// The shells that the scripts of a spec are for.
fn products(plan: &Plan) -> Vec<Product> {
    let locations = plan.topology.locations.iter();
    locations
        .filter_map(|location| match &location.kind {
            LocationKind::Tenant(tenant) if tenant.filtering_only => Some(Product::Protection),
            LocationKind::Tenant(_) => Some(Product::Online),
            LocationKind::ExchangeServer(server) => Some(Product::Server(server.version.value)),
            _ => None,
        })
        .collect()
}

/// Whether one of these shells has a cmdlet of the catalogue with all these parameters; what the catalogue does not know
/// is another's.
fn is_in_catalogue(products: &[Product], command: &str) -> bool {
    let mut words = command.split(' ');
    let cmdlet = words.next().unwrap_or_default();
    let parameters: Vec<&str> = words.filter_map(|word| word.strip_prefix('-')).collect();
    !knows(cmdlet)
        || products.iter().any(|&product| {
            exists(cmdlet, product) && parameters.iter().all(|name| has(cmdlet, name, product))
        })
}

/// The commands of the blocks of a runbook, and those that stand in its sentences.
fn commands(runbook: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in runbook.lines() {
        if line.starts_with("```") {
            inside = !inside && !line.contains("mermaid") && line.len() > 3;
        } else if inside {
            let command = line.split("    #").next().unwrap_or_default();
            found.push(command.trim().to_owned());
        } else {
            let spans = line.split('`').skip(1).step_by(2);
            let is_command = |span: &&str| CMDLETS.iter().any(|(name, _)| span.starts_with(name));
            found.extend(spans.filter(is_command).map(str::to_owned));
        }
    }
    found
}

/// The parameters that a script of the output declares.
fn parameters(script: &str) -> BTreeSet<String> {
    let (before, rest) = script.split_once("param(\n").expect("parameters");
    let (block, _) = rest.split_once("\n)\n").expect("the end of the parameters");
    let mut names: BTreeSet<String> = block
        .lines()
        .filter_map(|line| {
            line.rsplit_once('$')?
                .1
                .split([' ', ','])
                .next()
                .map(str::to_owned)
        })
        .collect();
    // A default value may hold a dollar sign, too; the name is what follows the type.
    names.extend(block.split("] $").skip(1).filter_map(|rest| {
        rest.split(|c: char| !c.is_alphanumeric())
            .next()
            .map(str::to_owned)
    }));
    if before.contains("SupportsShouldProcess") {
        names.extend(["WhatIf".to_owned(), "Confirm".to_owned()]);
    }
    names
}

/// What is wrong with a command of a runbook.
fn refused(output: &Output, command: &str) -> Option<String> {
    let words: Vec<&str> = command.split(' ').collect();
    let given = |from: usize| {
        let switches = words.iter().skip(from).filter(|word| word.starts_with('-'));
        switches
            .map(|word| word.trim_start_matches('-').to_owned())
            .collect::<Vec<_>>()
    };
    let known: BTreeSet<String>;
    let names;
    match words.as_slice() {
        ["sudo", "sh", path, ..] | ["sh", path, ..] => {
            let script = text(output, path);
            let from = words.iter().position(|word| word == path).unwrap_or(0) + 1;
            names = given(from);
            known = names
                .iter()
                .filter(|name| script.contains(&format!("  --{name})")))
                .cloned()
                .collect();
        }
        [path, ..] if path.starts_with(".\\") => {
            let path = path.trim_start_matches(".\\").replace('\\', "/");
            known = parameters(&text(output, &path));
            names = given(1);
        }
        [cmdlet, ..] => {
            let Some((_, list)) = CMDLETS.iter().find(|(name, _)| name == cmdlet) else {
                return Some(format!("{command}: nobody knows this command"));
            };
            known = list.iter().map(|&name| name.to_owned()).collect();
            names = given(1);
        }
        [] => return Some("an empty command".to_owned()),
    }
    let unknown = names.iter().find(|name| !known.contains(*name))?;
    Some(format!(
        "{command}: no parameter `{unknown}` among {known:?}"
    ))
}

#[test]
fn every_command_exists_with_these_parameters() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for Case { name, plan, output } in cases() {
        let products = products(plan);
        let runbook = text(output, "RUNBOOK.md");
        let mut saved = BTreeSet::new();
        let mut restored = BTreeSet::new();
        for command in commands(&runbook) {
            count += 1;
            wrong.extend(refused(output, &command).map(|why| format!("{name}: {why}")));
            if !is_in_catalogue(&products, &command) {
                wrong.push(format!(
                    "{name}: {command}: no shell of {products:?} has it"
                ));
            }
            if let Some((_, file)) = command.split_once(" -SaveTo ") {
                assert!(
                    saved.insert(file.to_owned()),
                    "{name}: two steps save to {file}"
                );
            }
            if let Some((_, file)) = command.split_once(" -Saved ") {
                assert!(
                    saved.contains(file),
                    "{name}: no step before saves to {file}"
                );
                restored.insert(file.to_owned());
            }
        }
        assert_eq!(
            saved, restored,
            "{name}: a saved file that nothing restores"
        );
    }
    assert!(count > 2000, "only {count} commands were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_command_with_a_wrong_parameter_is_found() {
    let output = with_outgoing_step();
    for wrong in [
        ".\\hq\\apply.ps1 -Locked",
        ".\\hq\\verify.ps1 -WhatIf",
        "Get-RemoteMailbox -Recipient x",
        "Remove-Mailbox -Identity x",
    ] {
        assert!(refused(output, wrong).is_some(), "{wrong}");
    }
    assert_eq!(refused(output, ".\\hq\\apply.ps1 -WhatIf"), None);
    let server = [Product::Server(ExchangeVersion::V2019)];
    for (command, holds) in [
        ("Set-SendConnector 'x' -Enabled $false", true),
        ("Set-SendConnector 'x' -TestMode $false", false),
        ("Get-InboundConnector", false),
        ("Resolve-DnsName -Name x", true),
    ] {
        assert_eq!(is_in_catalogue(&server, command), holds, "{command}");
    }
}

/// The cells of the rows of tests.
fn tests(runbook: &str) -> Vec<Vec<String>> {
    let (_, rest) = runbook
        .split_once("| test | step |")
        .expect("a table of tests");
    let rows = rest
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        row.trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim().to_owned())
            .collect()
    })
    .collect()
}

fn spans(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn expected_paths_are_those_of_trace() {
    let mut count = 0;
    for Case { name, plan, output } in cases() {
        let model = Model::of(plan);
        for row in tests(&text(output, "RUNBOOK.md")) {
            let [number, _, from, to, expected, ..] = row.as_slice() else {
                panic!("{name}: {row:?}");
            };
            let to = Address::parse(spans(to)[0]).expect("an address");
            let all = if from.contains(", straight to ") {
                let named =
                    |(_, location): &(LocationId, &Location)| location.name == spans(from)[0];
                let (at, _) = plan.topology.locations().find(named).expect("a location");
                let sender = Address::parse(spans(from)[1]).expect("an address");
                trace_straight(&model, at, &sender, &to)
            } else {
                let from = expect::sender(&plan.topology, spans(from)[0]).expect("a sender");
                trace(&model, &from, &to)
            };
            let shown: Vec<&str> = expected
                .split("; or ")
                .filter(|path| !path.contains(" more: see"))
                .collect();
            let ends = |path: &str| spans(path).last().map(|end| (*end).to_owned());
            let meant: BTreeSet<_> = shown.iter().filter_map(|path| ends(path)).collect();
            let mut found: Vec<String> = Vec::new();
            for way in all.ways {
                let end = way.end.ends.words(&plan.topology);
                let mut path = String::new();
                for (at, hop) in way.hops.iter().enumerate() {
                    if at == 0 {
                        let _ = write!(path, "{}", hop.at);
                    }
                    let tls = hop
                        .tls
                        .as_ref()
                        .map_or(String::new(), |tls| format!(", TLS {tls}"));
                    let _ = write!(path, " → {} by {}{tls}", hop.to, hop.by);
                }
                let path = if path.is_empty() {
                    end.clone()
                } else {
                    format!("{path}: {end}")
                };
                if meant.contains(&end) && !found.contains(&path) {
                    found.push(path);
                }
            }
            let plain = |path: &&str| {
                let path = path.replace(['`', '\\'], "");
                path.trim_end_matches(" (assumed)")
                    .trim_end_matches(" (possible)")
                    .to_owned()
            };
            let mut written: Vec<String> = Vec::new();
            for path in shown.iter().map(plain) {
                if !written.contains(&path) {
                    written.push(path);
                }
            }
            assert!(!written.is_empty(), "{name} {number}: no path");
            found.truncate(written.len().max(3));
            assert_eq!(written, found, "{name} {number}");
            count += 1;
        }
    }
    assert!(count > 800, "only {count} tests were found");
}

/// The steps with their numbers, headings and texts.
fn steps(runbook: &str) -> Vec<(String, String)> {
    let sections = runbook.split("\n## Step ").skip(1);
    sections
        .map(|section| {
            let section = section.split("\n## ").next().unwrap_or_default();
            let (heading, rest) = section.split_once('\n').expect("a heading");
            (heading.to_owned(), rest.to_owned())
        })
        .collect()
}

/// Under the final SPF record, mail that still leaves by an old path fails. So the first step only widens it, nothing
/// leaves by a new path before, and the final record is the last thing of all.
#[test]
fn the_final_spf_record_comes_last() {
    for Case { name, output, .. } in cases() {
        let runbook = text(output, "RUNBOOK.md");
        let steps = steps(&runbook);
        let (last, before) = steps.split_last().expect("steps");
        let (first, later) = before.split_first().expect("steps");
        assert!(first.0.contains("wider SPF"), "{name}: {}", first.0);
        assert!(
            !first.1.contains(".ps1") && !first.1.contains("install.sh"),
            "{name}: {}",
            first.1
        );
        assert!(
            last.1.contains("no mail leaves by an old path"),
            "{name}: {}",
            last.1
        );
        for (heading, text) in before {
            assert!(
                !text.contains("v=spf1"),
                "{name}: {heading} writes an SPF record"
            );
            assert!(
                !text.contains("Publish the records of"),
                "{name}: {heading} publishes whole zones"
            );
            if text.contains("dns/stage-") {
                assert!(
                    text.contains("SPF"),
                    "{name}: {heading} publishes a zone with the final SPF record"
                );
            }
        }
        for (heading, text) in later {
            // The lock of a host is a second run of its script, after all others.
            let turns = text.contains("mail takes the path")
                || heading.contains("outgoing")
                || (text.contains("install.sh") && !heading.contains("lock:"));
            if turns {
                assert!(
                    text.contains("wider SPF record of step 1 has been public"),
                    "{name}: {heading}"
                );
            }
        }
    }
}

/// Where the records lead to `mx` already, there is nothing to switch and nothing to stage.
#[test]
fn an_entry_that_does_not_change_has_no_step() {
    let spec = |cloud: &str, hq: &str| {
        format!(
            "version: 1\nlocations:\n  cloud: {{kind: exchange-online, tenant: contoso}}\n  hq: {{kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {{via: cloud}}}}\ndomains:\n  contoso.com: {{mailboxes: {{cloud: 400, hq: 60}}, mx: cloud{cloud}}}\n  fabrikam.com: {{mailboxes: hq, mx: hq{hq}}}\n"
        )
    };
    let has_step = |spec: &str| {
        let output = compiled(spec);
        let runbook = text(&output, "RUNBOOK.md");
        let step = runbook.contains(": switch the MX records");
        assert_eq!(step, runbook.contains("lower TTL"), "{runbook}");
        assert_eq!(step, runbook.contains("raise the TTL"), "{runbook}");
        let of_mx = tests(&runbook)
            .iter()
            .any(|row| row[2].contains("external sender") && row[4].contains("`mx "));
        assert!(of_mx, "{runbook}");
        (
            step,
            output.keys().any(|path| path.starts_with("dns/stage-")),
        )
    };
    for (cloud, hq, expected) in [
        ("", "", (true, false)),
        (", mx_now: cloud", ", mx_now: hq", (false, false)),
        (
            ", mx_now: cloud",
            ", mx_now: mail.contoso.com",
            (false, false),
        ),
        (", mx_now: cloud", ", mx_now: old.example.net", (true, true)),
        (", mx_now: hq", ", mx_now: hq", (true, true)),
        (
            ", mx_now: cloud",
            ", dns: external, records: {mx: [5 mail.contoso.com]}",
            (false, false),
        ),
    ] {
        assert_eq!(has_step(&spec(cloud, hq)), expected, "{cloud} {hq}");
    }
    // Of a change of one domain, the table has that one alone.
    let output = compiled(&spec(", mx_now: cloud", ", mx_now: old.example.net"));
    let runbook = text(&output, "RUNBOOK.md");
    let steps = steps(&runbook);
    let (_, mx) = steps
        .iter()
        .find(|(heading, _)| heading.contains("switch the MX"))
        .expect("a step");
    assert!(
        mx.contains("| `fabrikam.com` |") && !mx.contains("| `contoso.com` |"),
        "{mx}"
    );
}

/// A message that must be rejected, from outside to outside, at every location that the Internet reaches; and behind every
/// lock one that comes past it, beside those that must still arrive.
#[test]
fn what_must_be_rejected_is_tested() {
    let mut locks = 0;
    for Case { name, plan, output } in cases() {
        let runbook = text(output, "RUNBOOK.md");
        let rows = tests(&runbook);
        let rejected: Vec<_> = rows
            .iter()
            .filter(|row| row[4].contains("`rejected "))
            .collect();
        for row in &rejected {
            assert!(!row[5].is_empty(), "{name}: {row:?}");
        }
        let model = Model::of(plan);
        let outside = Address::parse("someone@somewhere.example").expect("an address");
        let internet = expect::sender(&plan.topology, "internet").expect("a sender");
        for way in trace(&model, &internet, &outside).ways {
            let end = way.end.ends.words(&plan.topology);
            if end.starts_with("rejected ") {
                let is_it = |row: &&&Vec<String>| {
                    row[2].starts_with("an external sender")
                        && spans(&row[4]).last() == Some(&end.as_str())
                };
                assert!(rejected.iter().any(|row| is_it(&row)), "{name}: {end}");
            }
        }
        for (number, (heading, step)) in steps(&runbook).iter().enumerate() {
            let Some((_, rest)) = heading.split_once("lock: `") else {
                continue;
            };
            let (at, _) = rest.split_once('`').expect("a name");
            let own = (number + 1).to_string();
            let past = rows
                .iter()
                .any(|row| row[1] == own && row[2].contains(&format!("straight to `{at}`")));
            if past {
                locks += 1;
                assert!(
                    step.contains(&format!("that have the step {own}; each must be rejected")),
                    "{name}: {step}"
                );
            }
            let again = step.contains("each must still take its expected path: T");
            let through = rows.iter().any(|row| {
                row[4].contains(&format!("`{at}` by "))
                    && !row[4].contains("`rejected ")
                    && row[1].parse::<usize>().is_ok_and(|at| at <= number)
            });
            assert!(again || !through, "{name}: {step}");
        }
    }
    assert!(locks > 40, "only {locks} locks are tested");
}

/// A key can be published only once the tenant has made it; a runbook without the records says where they come from.
#[test]
fn records_of_dkim_that_are_missing_are_fetched_before_signing() {
    let example = |name: &str| {
        let case = cases()
            .iter()
            .find(|case| case.name == name)
            .expect("an example");
        text(&case.output, "RUNBOOK.md")
    };
    let missing = example("examples/04-devices");
    let facts = missing
        .find("\n.\\cloud\\facts.ps1\n")
        .expect("the script that reads them");
    let second = missing.find("before-dkim.psd1\n").expect("the second run");
    let first = missing.find("before.psd1\n").expect("the first run");
    assert!(first < facts && facts < second, "{missing}");
    assert!(
        missing.contains("The records of `contoso.com` are missing from this output"),
        "{missing}"
    );
    let known = example("examples/02-split-mailboxes");
    assert!(
        known.contains("before-dkim.psd1") && !known.contains("facts.ps1"),
        "{known}"
    );
}

/// A name that holds backticks arrives with them.
#[test]
fn hostile_names_of_rules_stay_whole() {
    let name = "a `b` ``c` | <d>";
    let spec = fs::read_to_string(root("examples/16-loop-back-service/mailtopo.yaml"));
    let spec = spec.expect("an example");
    let output = compiled(&spec.replace("name: Add signature", &format!("name: \"{name}\"")));
    let runbook = text(&output, "RUNBOOK.md");
    let mut shown = String::new();
    for part in runbook.split("<code>").skip(1) {
        let (code, _) = part.split_once("</code>").expect("an end");
        for piece in code.split("&#") {
            match piece.split_once(';') {
                Some((sign, rest)) => {
                    let sign = sign.parse().ok().and_then(char::from_u32);
                    shown.extend(sign);
                    shown.push_str(rest);
                }
                None => shown.push_str(piece),
            }
        }
    }
    assert!(shown.contains(name), "{shown}");
}

/// What is marked is explained, and nothing else is.
#[test]
fn marks_are_explained_where_they_stand() {
    for Case { name, output, .. } in cases() {
        let runbook = text(output, "RUNBOOK.md");
        let cells = || runbook.lines().filter(|line| line.starts_with('|'));
        for (mark, explained) in [
            (" min (assumed)", "`(assumed)`: no document"),
            ("` (assumed)", "`(assumed)`: the path"),
            ("` (possible)", "`(possible)`: documents"),
        ] {
            let stands = cells().any(|line| line.contains(mark));
            assert_eq!(stands, runbook.contains(explained), "{name}: {mark}");
        }
    }
}

/// In a zone of a stage, SPF fails nothing and DMARC asks for no policy, in every format; names that send nothing aside.
fn final_records_wait_for_the_last_stage(name: &str, output: &Output) {
    let stages = output.keys().filter(|path| path.starts_with("dns/stage-"));
    for path in stages {
        for line in text(output, path).lines() {
            let fails = line.contains("v=spf1 ")
                && !line.contains("v=spf1 -all")
                && (line.contains("-all") || line.contains("~all"));
            let rejects = line.contains("p=reject") || line.contains("p=quarantine");
            assert!(!fails && !rejects, "{name}: {path}: {line}");
        }
    }
}

/// A cut-over with a policy, in every format of zones.
#[test]
fn the_zones_of_a_stage_hold_the_records_of_that_stage() {
    let output = compiled(
        "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso}\n  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}\ndomains:\n  contoso.com: {mailboxes: {cloud: 400, hq: 60}, mx: cloud, mx_now: hq, dmarc: {policy: reject, rua: [\"mailto:d@contoso.com\"]}}\ndns: {formats: [bind, octodns, dnscontrol, terraform]}\n",
    );
    final_records_wait_for_the_last_stage("a cut-over", &output);
    let stages: Vec<String> = output
        .keys()
        .filter(|path| path.starts_with("dns/stage-"))
        .cloned()
        .collect();
    assert_eq!(stages.len(), 8, "{stages:?}");
    for path in stages {
        let staged = text(&output, &path);
        assert!(staged.contains("?all"), "{path}: {staged}");
        let last = text(
            &output,
            &path.replace("stage-1/", "").replace("stage-2/", ""),
        );
        assert!(last.contains("-all") && last.contains("p=reject"), "{last}");
    }
}

#[test]
fn a_lock_of_postfix_is_a_step_of_its_own() {
    let output = compiled(
        "version: 1\nlocations:\n  filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.10], certificate: mx.filter.example, forwards: {contoso.com: relay}}\n  relay: {kind: postfix, hosts: [relay.contoso.com], egress: [203.0.113.5], certificate: relay.contoso.com, delivers_to: \"lmtp:unix:private/lmtp\", accept_only_from: [filter]}\ndomains:\n  contoso.com: {mailboxes: relay, mx: filter, dns: none}\n",
    );
    let runbook = text(&output, "RUNBOOK.md");
    let steps = steps(&runbook);
    let at = |what: &str| {
        let found = steps.iter().position(|(heading, _)| heading.contains(what));
        found.unwrap_or_else(|| panic!("{what} in {runbook}"))
    };
    let (install, mx, lock) = (
        at("install the maps"),
        at("switch the MX"),
        at("lock: `relay`"),
    );
    assert!(install < mx && mx < lock, "{runbook}");
    assert!(
        steps[install]
            .1
            .contains("sudo sh relay/install.sh --without-lock")
    );
    let locked = &steps[lock].1;
    assert!(locked.contains("**Go / no-go**"), "{locked}");
    assert!(locked.contains("\nsudo sh relay/install.sh\n"), "{locked}");
    let (_, back) = locked.split_once("Roll back").expect("a way to roll back");
    assert!(
        back.contains("sudo sh relay/install.sh --without-lock"),
        "{back}"
    );
}

#[test]
fn every_kind_of_tenant_is_connected_to() {
    for (more, expected) in [
        ("kind: exchange-online", "admin@contoso.onmicrosoft.com\n"),
        (
            "kind: exchange-online, environment: gcc-high",
            "admin@contoso.onmicrosoft.us -ExchangeEnvironmentName O365USGovGCCHigh\n",
        ),
        (
            "kind: exchange-online, environment: dod",
            "admin@contoso.onmicrosoft.us -ExchangeEnvironmentName O365USGovDoD\n",
        ),
        (
            "kind: exchange-online, environment: china",
            "admin@contoso.partner.onmschina.cn -ExchangeEnvironmentName O365China\n",
        ),
    ] {
        let output = compiled(&format!(
            "version: 1\nlocations:\n  cloud: {{{more}, tenant: contoso, reject_direct_send: true}}\ndomains:\n  contoso.com: {{mailboxes: cloud, mx: cloud, dns: none}}\n"
        ));
        let runbook = text(&output, "RUNBOOK.md");
        let command = format!("Connect-ExchangeOnline -UserPrincipalName {expected}");
        assert!(runbook.contains(&command), "{more}: {runbook}");
    }
    let filtering = cases()
        .iter()
        .find(|case| case.name == "examples/01-eop-standalone");
    let runbook = text(&filtering.expect("the example").output, "RUNBOOK.md");
    assert!(
        runbook.contains("Connect-ExchangeOnline -UserPrincipalName admin@"),
        "{runbook}"
    );
}

#[test]
fn outgoing_mail_has_a_step_of_its_own_where_the_spec_asks_for_it() {
    let runbook = text(with_outgoing_step(), "RUNBOOK.md");
    let steps = steps(&runbook);
    let outgoing = steps
        .iter()
        .position(|(heading, _)| heading.contains("switch outgoing mail of `hq`"));
    let outgoing = outgoing.expect("a step");
    let (_, text) = &steps[outgoing];
    assert!(
        text.contains(".\\hq\\apply.ps1 -Outgoing -SaveTo"),
        "{text}"
    );
    assert!(text.contains("**Go / no-go**"), "{text}");
    let (_, configure) = &steps[2];
    assert!(
        configure.contains(".\\hq\\verify.ps1 -WithoutOutgoing"),
        "{configure}"
    );
    assert!(!configure.contains("Set-SendConnector"), "{configure}");
    // Mail that leaves `hq` waits for this step in the table of tests.
    for row in tests(&runbook) {
        let leaves = row[4].starts_with("`hq` →");
        assert_eq!(row[1] == (outgoing + 1).to_string(), leaves, "{row:?}");
    }
}

/// Who sends to whom among the mailboxes of our locations.
fn pairs(spec: &str) -> Vec<String> {
    let rows = tests(&text(&compiled(spec), "RUNBOOK.md"));
    let between = |row: &Vec<String>| {
        let from = row[2]
            .strip_prefix("a mailbox at `")?
            .trim_matches('`')
            .to_owned();
        let to = spans(&row[4])
            .last()?
            .strip_prefix("delivered ")?
            .to_owned();
        Some(format!("{from} {to}"))
    };
    rows.iter().filter_map(between).collect()
}

/// `places` that send as `sends` says, by their number.
fn spec(places: usize, sends: impl Fn(usize) -> &'static str) -> String {
    let mut text = String::from("version: 1\nlocations:\n");
    for at in 0..places {
        let _ = writeln!(
            text,
            "  l{at}: {{kind: postfix, hosts: [l{at}.example.com], egress: [192.0.2.{}], certificate: l{at}.example.com, delivers_to: \"lmtp:unix:private/lmtp\"{}}}",
            at + 1,
            sends(at)
        );
    }
    text.push_str("domains:\n");
    for at in 0..places {
        let _ = writeln!(
            text,
            "  d{at}.example.com: {{mailboxes: l{at}, mx: l{at}, dns: none}}"
        );
    }
    text
}

#[test]
fn among_few_locations_every_pair_gets_a_message() {
    let messages = pairs(&spec(3, |_| ""));
    let all = ["l0 l1", "l0 l2", "l1 l0", "l1 l2", "l2 l0", "l2 l1"];
    assert_eq!(messages, all);
}

#[test]
fn among_many_each_sends_to_the_next() {
    let messages = pairs(&spec(5, |_| ""));
    assert_eq!(messages, ["l0 l1", "l1 l2", "l2 l3", "l3 l4", "l4 l0"]);
    let star = |at| if at == 0 { "" } else { ", sends: {via: l0}" };
    let messages = pairs(&spec(5, star));
    let both_ways = [
        "l0 l1", "l0 l2", "l0 l3", "l0 l4", "l1 l0", "l2 l0", "l3 l0", "l4 l0",
    ];
    assert_eq!(messages, both_ways);
}
