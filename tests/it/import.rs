//! `import`: what is read back from an export of a plan is that plan.

use crate::cli::{mailtopo, stderr, stdout};
use crate::drift::{bytes, clixml, examples, json_text, sample, shown};
use crate::exports::{csv, dsc, format_list, graph};
use crate::generated::{Chance, spec};
use crate::postfix_reader as postfix;
use crate::relays;
use crate::zone_reader as zone;
use mailtopo::compile::{Input, check, plan};
use mailtopo::testing::emit::emit;
use mailtopo::testing::finding::{Finding, Findings, Severity};
use mailtopo::testing::platforms::exchange::effect::no_effect;
use mailtopo::testing::platforms::exchange::kind::ALL;
use mailtopo::testing::platforms::exchange::scripts::Form;
use mailtopo::testing::values::Date;
use mailtopo::testing::{drift, drift_folder, import, import_folder};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

type Files = BTreeMap<String, Vec<u8>>;

fn today() -> Date {
    Date::parse("2026-01-01").expect("a day")
}

/// An organization that exists: its name, and what each of its locations exports.
type Organization = (String, Vec<(String, Value)>);

/// Every organization of the examples that has Exchange, whole.
fn organizations() -> Vec<Organization> {
    let all: Vec<Organization> = examples()
        .into_iter()
        .map(|sample| (sample.name, sample.states.into_iter().collect()))
        .collect();
    assert!(all.len() > 15, "only {} organizations", all.len());
    all
}

pub(crate) type Exports<'a> = Vec<(&'a str, Vec<u8>)>;

fn as_state(states: &[(String, Value)]) -> Exports<'_> {
    let exports = states.iter();
    exports
        .map(|(place, state)| (place.as_str(), bytes(state)))
        .collect()
}

fn borrowed<'a>(exports: &'a Exports<'a>) -> Vec<(&'a str, &'a [u8])> {
    let exports = exports.iter();
    exports
        .map(|(place, bytes)| (*place, bytes.as_slice()))
        .collect()
}

fn imported(name: &str, exports: &Exports<'_>) -> (Files, bool) {
    import(&borrowed(exports), today()).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// What the spec of an import compiles to, against the exports: the properties that differ.
pub(crate) fn differing(files: &Files, exports: &Exports<'_>) -> Vec<String> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &files["mailtopo.yaml"],
        files,
    };
    let (_, json) = drift(&input, &borrowed(exports), today()).expect("a draft that compiles");
    let json: Value = serde_json::from_str(&json).unwrap_or_default();
    let Some(objects) = json["objects"].as_array() else {
        let text = String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned();
        return vec![format!("nothing is compared of {text}")];
    };
    let mut found = Vec::new();
    for object in objects {
        let properties = object["properties"].as_array().expect("a list").iter();
        let title = format!("{} {}", object["location"], object["object"]);
        match object["state"].as_str() {
            Some("differs") => found.extend(properties.map(|at| format!("{title} {}", at["name"]))),
            // Of what is as compiled only the mark is missing, or something that no spec says.
            Some(state) if state != "as-compiled" => found.push(format!("{title} {state}")),
            _ => {}
        }
    }
    found
}

/// The forms in which all is exported: the name, the exports, and whether they lose nothing.
pub(crate) fn forms(states: &[(String, Value)]) -> Vec<(&'static str, Exports<'_>, bool)> {
    let each = |make: &dyn Fn(&Value) -> Vec<u8>| -> Exports<'_> {
        let exports = states.iter();
        exports
            .map(|(place, state)| (place.as_str(), make(state)))
            .collect()
    };
    let several = |make: &dyn Fn(&Value) -> Vec<Vec<u8>>| -> Exports<'_> {
        let exports = states.iter();
        exports
            .flat_map(|(place, state)| {
                let all = make(state).into_iter();
                all.map(move |bytes| (place.as_str(), bytes))
            })
            .collect()
    };
    vec![
        ("state", as_state(states), true),
        ("clixml", each(&clixml), true),
        ("json", each(&|state| json_text(state, true, false)), true),
        (
            "json, depth 6",
            each(&|state| json_text(state, true, true)),
            true,
        ),
        (
            "json without words",
            each(&|state| json_text(state, false, false)),
            false,
        ),
        (
            "json without words, depth 6",
            each(&|state| json_text(state, false, true)),
            false,
        ),
        (
            "Format-List",
            each(&|state| format_list(state, usize::MAX)),
            true,
        ),
        (
            "Format-List, lists cut",
            each(&|state| format_list(state, 4)),
            false,
        ),
        ("csv", several(&csv), false),
        // These are forms of tenants; servers beside them are exported otherwise.
        (
            "DSC",
            several(&|state| {
                if state["Product"] == "online" {
                    dsc(state)
                } else {
                    vec![bytes(state)]
                }
            }),
            true,
        ),
        (
            "Graph",
            each(&|state| {
                if state["Product"] == "online" {
                    graph(state)
                } else {
                    bytes(state)
                }
            }),
            true,
        ),
    ]
}

/// What differs between an organization and what its import compiles to, beyond what the export lost.
fn wrong(name: &str, states: &[(String, Value)]) -> Vec<String> {
    let all = 0..forms(states).len();
    all.flat_map(|form| wrong_in(name, states, form)).collect()
}

/// What holds of every draft, whatever its export lost: it is read and resolves, and each value of each file has one verdict
/// with its reason.
fn unsound(files: &Files) -> Vec<String> {
    let is_of_spec = |finding: &Finding| {
        finding.severity == Severity::Error && finding.check.as_str().starts_with('S')
    };
    let found = check(&spec_in(files), today()).findings.into_iter();
    let mut wrong: Vec<String> = found
        .filter(is_of_spec)
        .map(|finding| finding.message)
        .collect();
    let ledger = ledger(files);
    let entries = ledger["entries"].as_array().expect("a list");
    let mut named = BTreeSet::new();
    let mut of_file: BTreeMap<String, u64> = BTreeMap::new();
    for at in entries {
        let file = format!("{} {}", at["location"], at["source"]);
        if at["reason"] == "" {
            wrong.push(format!("a verdict without a reason: {at}"));
        }
        if !named.insert(format!("{file} {} {}", at["object"], at["property"])) {
            wrong.push(format!("a second verdict: {at}"));
        }
        *of_file.entry(file).or_default() += 1;
    }
    for source in ledger["sources"].as_array().expect("a list") {
        let verdicts = source["verdicts"].as_object().expect("a table").values();
        let sum: u64 = verdicts.filter_map(Value::as_u64).sum();
        let file = format!("{} {}", source["location"], source["source"]);
        let listed = of_file.remove(&file).unwrap_or_default();
        if source["values"] != sum || listed != sum {
            wrong.push(format!("{source}: {sum} verdicts, {listed} entries"));
        }
    }
    wrong.extend(of_file.into_keys().map(|file| format!("no source {file}")));
    wrong
}

/// The same in one of the forms.
fn wrong_in(name: &str, states: &[(String, Value)], form: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    for (form, exports, is_whole) in forms(states).into_iter().skip(form).take(1) {
        let files = match import(&borrowed(&exports), today()) {
            Ok((files, _)) => files,
            Err(why) => {
                wrong.push(format!("{name} {form}: {why}"));
                continue;
            }
        };
        wrong.extend((unsound(&files).into_iter()).map(|what| format!("{name} {form}: {what}")));
        let ledger = ledger(&files);
        let of = |verdict: &str| -> Vec<&Value> {
            let entries = ledger["entries"].as_array().expect("a list").iter();
            // A seal that is trusted belongs to a gateway, which no export of a tenant has.
            let entries = entries.filter(|entry| entry["object"] != "ArcConfig ArcConfig");
            // What the wizard made is looked for, and never written. Servers do not say what it made.
            let is_of_wizard = |entry: &&Value| {
                let says = |key: &str, part: &str| {
                    entry[key].as_str().is_some_and(|text| text.contains(part))
                };
                says("reason", "the hybrid wizard ") || says("object", " of the hybrid wizard")
            };
            let entries =
                entries.filter(|entry| entry["verdict"] != "unmanaged" || !is_of_wizard(entry));
            entries
                .filter(|entry| entry["verdict"] == verdict)
                .collect()
        };
        let say = |what: String| format!("{name} {form}: {what}");
        if is_whole {
            // The right to relay stands in the state alone; what no other form shows of it is said.
            let is_shown = |entry: &&Value| entry["property"] != "AnyRecipient" || form == "state";
            let lost = ["unmanaged", "truncated", "not-understood"]
                .into_iter()
                .flat_map(&of)
                .filter(is_shown);
            wrong.extend(lost.map(|entry| say(entry.to_string())));
        }
        // What the export lost is named as truncated, and nothing else differs.
        let lost: BTreeSet<String> = of("truncated")
            .iter()
            .filter(|at| at["property"] != "AnyRecipient")
            .map(|at| format!("{} {} ", at["location"], at["object"]))
            .collect();
        let differing = differing(&files, &exports);
        // Of what lost every list, or every word, the draft can contradict itself, and is not compared.
        if !is_whole && differing.iter().any(|what| what.starts_with("nothing is ")) {
            if lost.is_empty() {
                wrong.push(say("nothing is compared, and nothing is lost".to_owned()));
            }
            continue;
        }
        let differing = differing.into_iter();
        // Of a connector whose type is lost nobody knows what it is, nor who has the routes that it would be part of.
        let is_lost = |what: &String| {
            let is_other = [" unknown\"", " missing\"", " unknown", " missing"]
                .iter()
                .any(|end| what.ends_with(end));
            is_other || lost.iter().any(|title| what.starts_with(title))
        };
        wrong.extend(differing.filter(|what| is_whole || !is_lost(what)).map(say));
    }
    wrong
}

#[test]
fn what_is_imported_compiles_to_what_was_exported() {
    let mut all = Vec::new();
    for (name, states) in organizations() {
        all.extend(wrong(&name, &states));
    }
    assert!(all.is_empty(), "{} differences: {all:#?}", all.len());
}

/// Specs made by chance, and the organization of each: those without mistakes that a wizard of today could have made.
struct Made {
    chance: Chance,
    number: usize,
}

impl Iterator for Made {
    type Item = (usize, String, Vec<(String, Value)>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.number += 1;
            let text = spec(&mut self.chance);
            let files = Files::from([("mailtopo.yaml".to_owned(), text.clone().into_bytes())]);
            let input = Input {
                name: "mailtopo.yaml",
                bytes: text.as_bytes(),
                files: &files,
            };
            // What the wizard would make with a certificate that no tenant believes, nobody compiles.
            if text.contains("hybrid_wizard: true") && !text.contains("issuer: public") {
                continue;
            }
            // The wizard wants servers of 2010 or later (<https://learn.microsoft.com/exchange/hybrid-deployment-prerequisites>).
            if text.contains("hybrid_wizard: true") && text.contains("version: 2007") {
                continue;
            }
            // Of a route to servers of ours over a relay of others no export says where that relay leads.
            let leads_astray = text.lines().any(|line| {
                line.contains("to: branch,")
                    && line.contains("smart_hosts: [relay.customs.example]")
            });
            if leads_astray && text.contains("branch: {kind: exchange-server") {
                continue;
            }
            let planned = plan(&input, None);
            let is_wrong = |finding: &Finding| finding.severity == Severity::Error;
            if planned.plan.is_none() || planned.findings.iter().any(is_wrong) {
                continue;
            }
            let states: Vec<(String, Value)> =
                sample("generated", files).states.into_iter().collect();
            // The wizard's connectors have one name here, whichever of two organizations on servers they lead to.
            let is_double = |(_, state): &(String, Value)| {
                let objects = state["Objects"].as_array().expect("a list");
                let names = objects
                    .iter()
                    .map(|at| (at["Kind"].to_string(), at["Name"].to_string()));
                names.collect::<BTreeSet<_>>().len() < objects.len()
            };
            if !states.iter().any(is_double) && !is_half(&states) {
                return Some((self.number, text, states));
            }
        }
    }
}

/// Whether an organization has a part of what the wizard makes: it makes connectors in both directions, and a certificate that
/// the servers show with the headers of the tenant is one that the tenant knows
/// (<https://learn.microsoft.com/exchange/transport-routing>).
fn is_half(states: &[(String, Value)]) -> bool {
    let all = || {
        let objects = states.iter().map(|(_, state)| &state["Objects"]);
        objects.flat_map(|objects| objects.as_array().expect("a list"))
    };
    let of_wizard = |kind: &'static str| {
        let own = all().filter(move |at| at["Kind"] == kind);
        own.filter(|at| at["Properties"]["ConnectorSource"] == "HybridWizard")
    };
    let (inbound, outbound) = (
        of_wizard("InboundConnector"),
        of_wizard("OutboundConnector"),
    );
    let (has_inbound, has_outbound) = (inbound.count() > 0, outbound.count() > 0);
    // Alone the one that takes mail out of the tenant for everything is refused (E018).
    if has_outbound && !has_inbound {
        return true;
    }
    let known = || {
        let own = all().filter(|at| at["Kind"] == "InboundConnector");
        own.filter_map(|at| at["Properties"]["TlsSenderCertificateName"].as_str())
    };
    let covers = |shown: &str, wanted: &str| {
        let below = shown.strip_prefix("*.");
        shown == wanted || below.is_some_and(|base| wanted.ends_with(&format!(".{base}")))
    };
    let is_unknown = |at: &Value| {
        let properties = &at["Properties"];
        let certificate = properties["TlsCertificateName"].as_str();
        let shown = certificate.and_then(|text| text.rsplit("CN=").next());
        properties["CloudServicesMailEnabled"] == true
            && shown.is_some_and(|shown| !known().any(|wanted| covers(shown, wanted)))
    };
    let mut sending = all().filter(|at| at["Kind"] == "SendConnector");
    has_inbound && sending.any(is_unknown)
}

fn made() -> Made {
    Made {
        chance: Chance(2_026_112_900_000_001),
        number: 0,
    }
}

/// The number that a variable of the environment says, else the one of an everyday run.
fn wanted(variable: &str, everyday: usize) -> usize {
    let said = std::env::var(variable).ok();
    said.map_or(everyday, |number| number.parse().expect("a number"))
}

/// So many specs made by chance are looked at in an everyday run, each in one form; `GENERATED` says another number, each of
/// which is looked at in every form.
const GENERATED: usize = 30;

#[test]
fn a_generated_spec_is_read_back_in_every_form() {
    let is_everyday = std::env::var_os("GENERATED").is_none();
    let mut all = Vec::new();
    let mut looked_at = 0;
    // `SPECS` names some of them.
    let named = std::env::var("SPECS").ok();
    let named: Option<BTreeSet<usize>> = named.map(|all| {
        let all = all.split(',');
        all.map(|it| it.parse().expect("a number")).collect()
    });
    let is_wanted = |made: usize| named.as_ref().is_none_or(|all| all.contains(&made));
    let all_made = made().take(wanted("GENERATED", GENERATED));
    for (made, text, states) in all_made.filter(|(made, ..)| is_wanted(*made)) {
        let name = format!("spec {made}");
        // Every fourth in the form that loses least, the others in turn in the other forms.
        let others = forms(&states).len() - 1;
        let found = match looked_at {
            _ if !is_everyday => wrong(&name, &states),
            number if number % 4 == 0 => wrong_in(&name, &states, 0),
            number => wrong_in(&name, &states, 1 + number % others),
        };
        // `SHOW` names a folder for what is looked at by hand.
        if let Some(folder) = std::env::var_os("SHOW").filter(|_| !found.is_empty()) {
            let folder = std::path::Path::new(&folder).join(made.to_string());
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("mailtopo.yaml"), &text).expect("a file");
            fs::write(folder.join("found"), format!("{found:#?}")).expect("a file");
            for (place, state) in &states {
                fs::write(folder.join(place), format!("{state:#}")).expect("a file");
            }
        }
        all.extend(found);
        looked_at += 1;
    }
    println!("{looked_at} specs");
    assert!(all.is_empty(), "{} differences: {all:#?}", all.len());
}

/// The records of a zone that is imported are those of the zone that its draft compiles to, in every form that a zone has.
#[test]
fn no_record_of_a_zone_is_lost() {
    let mut looked_at = 0;
    for folder in crate::golden::folders(&crate::golden::root("golden")) {
        let all = crate::golden::files(&folder);
        let zones = all.iter().filter(|(path, _)| {
            let name = path
                .strip_prefix("dns/")
                .and_then(|name| name.strip_suffix(".zone"));
            name.is_some_and(|name| !name.contains('/'))
        });
        for (path, bytes) in zones {
            let zone = path.trim_start_matches("dns/").trim_end_matches(".zone");
            let text = format!("$ORIGIN {zone}.\n{}", String::from_utf8_lossy(bytes));
            let before = zone::records(&Files::from([(path.clone(), bytes.clone())]));
            if before.is_empty() {
                continue;
            }
            assert_no_record_is_lost(path, text.as_bytes(), &before);
            looked_at += 1;
        }
    }
    assert!(looked_at > 10, "only {looked_at} zones");
}

/// What is compiled from an import.
fn compiled(files: &Files) -> Files {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &files["mailtopo.yaml"],
        files,
    };
    let plan = plan(&input, None).plan.expect("a plan");
    let (tree, _) = emit(&plan, &Findings::default(), Form::Thin);
    tree.iter()
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect()
}

/// Imports a zone, compiles the draft, and looks for every record.
pub(crate) fn assert_no_record_is_lost(name: &str, text: &[u8], before: &[zone::Record]) {
    let exports = vec![("dns", text.to_vec())];
    let (files, is_whole) = imported(name, &exports);
    assert!(
        is_whole,
        "{name}: {}",
        String::from_utf8_lossy(&files["IMPORT.md"])
    );
    let written = compiled(&files);
    let after = zone::records(&written);
    let lost: Vec<_> = before
        .iter()
        .filter(|record| !after.contains(record))
        .collect();
    assert!(
        lost.is_empty(),
        "{name}: {lost:#?}\n{}\n{after:#?}",
        String::from_utf8_lossy(&files["mailtopo.yaml"])
    );
}

#[test]
fn a_zone_is_read_in_every_form() {
    let master = "$TTL 1h\n@ 3600 IN SOA ns1.dns.example. hostmaster ( 7 3h\n 1h 1w 1h ) ; serial\n  NS ns1.dns.example.\nmail 300 A 192.0.2.1\n     IN AAAA 2001:db8::1\n@ MX 10 mail\n@ TXT \"v=spf1 \" \"mx -all\"\n_dmarc TXT \"v=DMARC1; p=none\"\nwww CNAME mail\n@ CAA 0 issue \"ca.example\"\n_sip._tcp SRV 1 2 5060 mail\nold PTR mail\nhost SSHFP 1 1 0011223344556677889900112233445566778899\n";
    let octodns = "---\n'':\n  - {type: MX, ttl: 3600, value: {preference: 10, exchange: mail.zone.example.}}\n  - {type: TXT, values: [\"v=spf1 mx -all\"]}\n_dmarc: {type: TXT, value: 'v=DMARC1\\; p=none'}\nmail: {type: A, ttl: 300, values: [192.0.2.1]}\n";
    let dnscontrol = json!({"domains": [{"name": "zone.example", "records": [
        {"type": "MX", "name": "@", "ttl": 3600, "mxpreference": 10, "target": "mail.zone.example."},
        {"type": "TXT", "name": "@", "ttl": 3600, "target": "v=spf1 mx -all"},
        {"type": "TXT", "name": "_dmarc", "ttl": 3600, "target": "v=DMARC1; p=none"},
        {"type": "A", "name": "mail", "ttl": 300, "target": "192.0.2.1"},
    ]}]});
    let zone = |name: &str, kind: &str, data: &[&str]| zone::Record {
        name: name.to_owned(),
        kind: kind.to_owned(),
        data: data.iter().map(|word| (*word).to_owned()).collect(),
    };
    let common = vec![
        zone("zone.example", "MX", &["10", "mail.zone.example"]),
        zone("zone.example", "TXT", &["v=spf1 mx -all"]),
        zone("_dmarc.zone.example", "TXT", &["v=DMARC1; p=none"]),
        zone("mail.zone.example", "A", &["192.0.2.1"]),
    ];
    let mut all = common.clone();
    all.extend([
        zone("mail.zone.example", "AAAA", &["2001:db8::1"]),
        zone("www.zone.example", "CNAME", &["mail.zone.example"]),
        zone("zone.example", "CAA", &["0", "issue", "ca.example"]),
        zone(
            "_sip._tcp.zone.example",
            "SRV",
            &["1", "2", "5060", "mail.zone.example"],
        ),
        zone("zone.example", "NS", &["ns1.dns.example"]),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    for (file, text, wanted) in [
        ("zone.example.zone", master.to_owned(), &all),
        ("zone.example.yaml", octodns.to_owned(), &common),
        ("ir.json", dnscontrol.to_string(), &common),
    ] {
        fs::write(folder.path().join(file), &text).expect("a file");
        let run = |args: &[&str]| mailtopo(folder.path(), args).output().expect("it runs");
        let done = run(&[
            "import",
            &format!("dns={file}"),
            "--out",
            &format!("of-{file}"),
        ]);
        assert_eq!(
            done.status.code(),
            Some(0),
            "{file}: {}{}",
            stdout(&done),
            stderr(&done)
        );
        let spec = format!("of-{file}/mailtopo.yaml");
        let done = run(&["compile", &spec, "--out", &format!("out-{file}")]);
        let draft = fs::read_to_string(folder.path().join(&spec)).expect("a draft");
        assert_eq!(
            done.status.code(),
            Some(0),
            "{file}: {}{}{draft}",
            stdout(&done),
            stderr(&done)
        );
        let written = crate::golden::files(&folder.path().join(format!("out-{file}")));
        let after = zone::records(&written);
        let lost: Vec<_> = wanted
            .iter()
            .filter(|record| !after.contains(record))
            .collect();
        assert!(lost.is_empty(), "{file}: {lost:#?}\n{draft}\n{after:#?}");
    }
    // What stands for records elsewhere is not passed over.
    let more = "$ORIGIN zone.example.\n$INCLUDE others.zone\n@ 300 IN A 192.0.2.1\n@ 300 IN LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m\n";
    let (files, is_whole) = imported("include", &vec![("dns", more.as_bytes().to_vec())]);
    let page = String::from_utf8_lossy(&files["IMPORT.md"]).into_owned();
    assert!(
        !is_whole && page.contains("$INCLUDE") && page.contains("LOC"),
        "{page}"
    );
}

/// What Postfix does with mail for an address is the same in a folder and in the one that its import compiles to.
#[test]
fn an_imported_postfix_folder_sends_mail_the_same_way() {
    let mut looked_at = 0;
    for folder in crate::golden::folders(&crate::golden::root("golden")) {
        let all = crate::golden::files(&folder);
        let hosts: BTreeSet<String> = all
            .keys()
            .filter_map(|path| path.strip_suffix("/main.cf"))
            .map(str::to_owned)
            .collect();
        for place in hosts {
            let start = format!("{place}/");
            let own: Files = all
                .iter()
                .filter_map(|(path, bytes)| {
                    Some((path.strip_prefix(&start)?.to_owned(), bytes.clone()))
                })
                .collect();
            let name = format!("{}/{place}", folder.display());
            looked_at += same_ways(&name, &own);
        }
    }
    assert!(looked_at > 15, "only {looked_at} addresses");
}

/// The next hop of a way, without the usual port.
fn port(way: postfix::Way) -> String {
    match way {
        postfix::Way::To { next_hop, .. } => next_hop.trim_end_matches(":25").to_owned(),
        postfix::Way::Mx => String::new(),
    }
}

/// Imports a folder, compiles the draft, and compares the ways of an address for every entry of every table.
pub(crate) fn same_ways(name: &str, own: &Files) -> usize {
    let (files, _) =
        import_folder("mx", own, today()).unwrap_or_else(|why| panic!("{name}: {why}"));
    let draft = String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned();
    let ledger = ledger(&files);
    let entries = ledger["entries"].as_array().expect("a list");
    let sum: u64 = ledger["verdicts"]
        .as_object()
        .expect("a table")
        .values()
        .filter_map(Value::as_u64)
        .sum();
    assert_eq!(sum, entries.len() as u64, "{name}");
    let written = compiled(&files);
    let flat = |files: &Files, start: &str| -> Files {
        let mut flat = Files::new();
        for (path, bytes) in files {
            let last = path.rsplit('/').next().expect("a name");
            flat.insert(format!("{start}/{last}"), bytes.clone());
        }
        flat
    };
    let before = postfix::Host::read(&flat(own, "mx"), "mx").expect("a host");
    let after = postfix::Host::read(&written, "mx").expect("a host");
    let mut domains: BTreeSet<String> = BTreeSet::from(["nowhere.example".to_owned()]);
    for (path, bytes) in own {
        if path.ends_with("main.cf") || path.ends_with("install.sh") {
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        let keys = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_whitespace().next());
        let keys = keys.filter(|key| {
            key.is_ascii() && !key.starts_with('[') && !key.contains(['/', ':', '{', '$'])
        });
        domains.extend(keys.filter_map(|key| key.rsplit('@').next()).map(|key| {
            match key.strip_prefix('.') {
                Some(base) => format!("below.{base}"),
                None => key.to_owned(),
            }
        }));
    }
    domains.retain(|domain| {
        domain.contains('.') && domain.contains(|c: char| c.is_ascii_alphabetic())
    });
    let lost: BTreeSet<&str> = entries
        .iter()
        .filter(|entry| entry["verdict"] == "not-understood")
        .filter_map(|entry| entry["property"].as_str())
        .collect();
    for domain in &domains {
        // What the ledger does not understand is not claimed.
        let above = domain.split_once('.').map(|(_, rest)| format!(".{rest}"));
        if lost.contains(domain.as_str())
            || above.is_some_and(|above| lost.contains(above.as_str()))
        {
            continue;
        }
        let address = format!("someone@{domain}");
        let [one, two] =
            [&before, &after].map(|host| port(host.way("anna@outside.example", &address)));
        assert_eq!(one, two, "{name}: {address}\n{draft}");
    }
    domains.len()
}

/// Relays and next hops of every kind: the way of each address is that of the folder, or the ledger says what is not.
#[test]
fn the_relays_of_a_postfix_host_are_those_of_its_folder() {
    let mut lost_at = BTreeSet::new();
    for (number, own) in relays::hosts().into_iter().enumerate() {
        let main = String::from_utf8_lossy(&own["main.cf"]).into_owned();
        let lost = ways_lost(&main, &own, &relays::SENDERS, &relays::DOMAINS);
        if !lost.is_empty() {
            lost_at.insert(number);
        }
    }
    assert_eq!(lost_at, BTreeSet::from([11, 14]));
    // What is at home stays there, unless the table takes it away.
    for (transport, verdict) in [
        ("* smtp:[out.filter.example]\n", "not-understood"),
        ("* smtp:[out.filter.example]\ncontoso.com :\n", "imported"),
    ] {
        let main = "myhostname = mx.contoso.com\nvirtual_mailbox_domains = contoso.com\nvirtual_transport = lmtp:unix:private/lmtp\ntransport_maps = hash:/etc/postfix/transport\n";
        let own = Files::from([
            ("main.cf".to_owned(), main.as_bytes().to_vec()),
            ("transport".to_owned(), transport.as_bytes().to_vec()),
        ]);
        let (files, _) = import_folder("mx", &own, today()).expect("a draft");
        let ledger = ledger(&files);
        let mut entries = ledger["entries"].as_array().expect("a list").iter();
        let star = entries
            .find(|entry| entry["property"] == "*")
            .expect("an entry");
        assert_eq!(star["verdict"], verdict, "{transport}");
    }
}

/// Imports a folder, compiles the draft, and compares the ways of mail from each of these senders to each domain. Gives what
/// the ledger does not understand; of mail that this is about, nothing is compared.
fn ways_lost(name: &str, own: &Files, senders: &[&str], domains: &[&str]) -> Vec<String> {
    let (files, _) =
        import_folder("mx", own, today()).unwrap_or_else(|why| panic!("{name}: {why}"));
    let draft = String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned();
    let ledger = ledger(&files);
    let entries = ledger["entries"].as_array().expect("a list").iter();
    let lost = entries.filter(|entry| entry["verdict"] == "not-understood");
    let lost: Vec<String> = lost
        .map(|entry| entry["property"].as_str().expect("a name").to_owned())
        .collect();
    let flat = |files: &Files| -> Files {
        let last = |path: &String| format!("mx/{}", path.rsplit('/').next().expect("a name"));
        files
            .iter()
            .map(|(path, bytes)| (last(path), bytes.clone()))
            .collect()
    };
    let before = postfix::Host::read(&flat(own), "mx").expect("a host");
    let after = postfix::Host::read(&compiled(&files), "mx").expect("a host");
    for sender in senders {
        let is_lost = |key: &String| sender.ends_with(key.as_str());
        if lost.iter().any(is_lost) || lost.iter().any(|name| name.contains("sender_dependent")) {
            continue;
        }
        for domain in domains {
            let address = format!("someone@{domain}");
            let [one, two] = [&before, &after].map(|host| port(host.way(sender, &address)));
            assert_eq!(
                one, two,
                "{name}: {sender} to {address}\n{draft}\n{ledger:#}"
            );
        }
    }
    lost
}

/// The verdict on a parameter of a host that has these.
fn verdict_of(main: &str, parameter: &str) -> String {
    let exports = vec![("mx", main.as_bytes().to_vec())];
    let (files, _) = imported(main, &exports);
    let ledger = ledger(&files);
    let mut entries = ledger["entries"].as_array().expect("a list").iter();
    let entry = entries.find(|entry| entry["property"] == parameter);
    let entry = entry.unwrap_or_else(|| panic!("{main}: {parameter} has no verdict"));
    entry["verdict"].as_str().expect("a verdict").to_owned()
}

#[test]
fn what_lets_mail_in_or_refuses_it_at_postfix_is_never_without_effect() {
    let start = "myhostname = mx.contoso.com\nrelay_domains = contoso.com\n";
    for (parameter, value, verdict) in [
        (
            "smtpd_relay_restrictions",
            "permit_mynetworks, permit",
            "not-understood",
        ),
        (
            "smtpd_relay_restrictions",
            "permit_mynetworks, reject_unauth_destination, permit",
            "default",
        ),
        (
            "smtpd_client_restrictions",
            "permit_mynetworks, permit",
            "default",
        ),
        ("smtpd_tls_security_level", "encrypt", "not-understood"),
        ("smtpd_tls_security_level", "none", "not-understood"),
        ("smtpd_tls_security_level", "may", "no-effect"),
        ("smtpd_use_tls", "no", "not-understood"),
        ("smtpd_use_tls", "yes", "no-effect"),
        ("smtp_tls_security_level", "dane-only", "not-understood"),
        ("smtp_tls_security_level", "encrypt", "imported"),
    ] {
        let main = format!("{start}{parameter} = {value}\n");
        assert_eq!(
            verdict_of(&main, parameter),
            verdict,
            "{parameter} = {value}"
        );
    }
}

/// A host that nobody reaches takes no mail of others, whatever its tables say: what shuts it is named, by import and by drift.
#[test]
fn a_postfix_host_that_nobody_reaches_is_named() {
    let start = "myhostname = mx.contoso.com\nrelay_domains = contoso.com\n";
    for (value, verdict) in [
        ("all", "no-effect"),
        ("$myhostname, localhost", "no-effect"),
        ("192.0.2.1", "no-effect"),
        ("loopback-only", "not-understood"),
        ("127.0.0.1, [::1]", "not-understood"),
    ] {
        let main = format!("{start}inet_interfaces = {value}\n");
        assert_eq!(verdict_of(&main, "inet_interfaces"), verdict, "{value}");
    }
    let open = "smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\n";
    let shut = "#smtp inet n - y - - smtpd\n127.0.0.1:smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\n";
    let screened = "smtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd\n";
    let folder = |main: &str, master: &str| -> Files {
        let files = [("main.cf", main), ("master.cf", master)];
        files
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
            .collect()
    };
    let says = "no service on port 25";
    for (master, is_said) in [(open, false), (screened, false), (shut, true)] {
        let (files, _) = import_folder("mx", &folder(start, master), today()).expect("a draft");
        let page = String::from_utf8_lossy(&files["IMPORT.md"]).into_owned();
        assert_eq!(page.contains(says), is_said, "{master}: {page}");
    }
    let (files, _) = import_folder("mx", &folder(start, open), today()).expect("a draft");
    let input = spec_in(&files);
    let closed = format!("{start}inet_interfaces = loopback-only\n");
    for (main, master, named) in [
        (start, open, ""),
        (start, shut, "port 25, where nothing listens"),
        (closed.as_str(), open, "inet_interfaces"),
    ] {
        let live = folder(main, master);
        let (findings, _) = drift_folder(&input, "mx", &live, today()).expect("a comparison");
        let is_named = |finding: &Finding| {
            finding.check == "C005" && finding.message.contains(&format!("`{named}`"))
        };
        assert_eq!(
            findings.iter().any(is_named),
            !named.is_empty(),
            "{named}: {findings:#?}"
        );
    }
}

#[test]
fn a_relay_domain_of_postfix_stands_for_the_names_below_it() {
    let start = "myhostname = mx.contoso.com\nrelay_domains = contoso.com\n";
    for (more, takes_below) in [
        ("", true),
        (
            "parent_domain_matches_subdomains = mynetworks, relay_domains\n",
            true,
        ),
        ("parent_domain_matches_subdomains = mynetworks\n", false),
    ] {
        let exports = vec![("mx", format!("{start}{more}").into_bytes())];
        let (files, _) = imported(more, &exports);
        let draft = String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned();
        assert_eq!(draft.contains("subdomains: true"), takes_below, "{draft}");
    }
}

/// A rule that is not in force yet or no more does nothing to mail, and what the language has no word for is left open.
#[test]
fn a_rule_is_drafted_by_its_days_and_with_every_condition() {
    let draft = |more: Value| {
        let mut rule = json!({"Name": "sign", "State": "Enabled", "Mode": "Enforce", "RouteMessageOutboundConnector": "To service", "StopRuleProcessing": true});
        let more = more.as_object().expect("a table").clone();
        rule.as_object_mut().expect("a table").extend(more);
        let objects = json!([
            {"DomainName": "contoso.onmicrosoft.com", "DomainType": "Authoritative", "MatchSubDomains": false},
            {"Name": "To service", "Enabled": true, "ConnectorType": "Partner", "RecipientDomains": [], "IsTransportRuleScoped": true, "UseMXRecord": false, "SmartHosts": ["sign.example"], "TlsSettings": "CertificateValidation"},
            rule,
        ]);
        let exports = vec![("cloud", objects.to_string().into_bytes())];
        let (files, _) = imported("a rule", &exports);
        let text = String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned();
        let rule = text.lines().find(|line| line.contains("name: sign,"));
        (rule.expect("the rule").to_owned(), text)
    };
    for (more, wanted, missing) in [
        (
            json!({"ExpiryDate": "2020-01-01T00:00:00"}),
            "enabled: false",
            "other",
        ),
        (
            json!({"ExpiryDate": "2099-01-01T00:00:00"}),
            "managed: false",
            "enabled",
        ),
        (
            json!({"ActivationDate": "2099-01-01T00:00:00"}),
            "enabled: false",
            "other",
        ),
        (
            json!({"ExpiryDate": "one day"}),
            "when: {other: \"a day on which it begins or ends\"}",
            "enabled",
        ),
        (
            json!({"SenderIpRanges": ["192.0.2.1"]}),
            "when: {other: \"SenderIpRanges\"}",
            "unless",
        ),
        (
            json!({"ExceptIfSCLOver": "5"}),
            "unless: {other: \"ExceptIfSCLOver\"}",
            "when",
        ),
        (
            json!({"SetHeaderName": "X-Way", "SetHeaderValue": "in", "ExceptIfHeaderContainsMessageHeader": "X-Signed", "ExceptIfHeaderContainsWords": ["yes"]}),
            "unless_header: {name: \"X-Signed\", value: yes}",
            "set: true",
        ),
        (
            json!({"SetHeaderName": "X-Signed", "SetHeaderValue": "yes", "ExceptIfHeaderContainsMessageHeader": "X-Signed", "ExceptIfHeaderContainsWords": ["yes"]}),
            "unless_header: {name: \"X-Signed\", value: yes, set: true}",
            "managed: false",
        ),
    ] {
        let (rule, text) = draft(more.clone());
        assert!(
            rule.contains(wanted) && !rule.contains(missing),
            "{more}: {rule}"
        );
        let found = more
            .as_object()
            .expect("a table")
            .keys()
            .next()
            .expect("a key");
        let is_found = text
            .lines()
            .any(|line| line.contains("TransportRule sign") && line.contains(found));
        assert_eq!(is_found, rule.contains("managed: false"), "{text}");
    }
}

/// What a listing does not show is lost, and is named with the command that shows it.
#[test]
fn what_a_listing_does_not_show_is_named() {
    let listing = "\nName : To bank\nEnabled : True\nConnectorType : Partner\nRecipientDomains : {bank.example}\nSmartHosts : {mx.bank.example}\n";
    let domain = "\nDomainName : contoso.onmicrosoft.com\nDomainType : Authoritative\nMatchSubDomains : False\n";
    let exports = vec![
        ("cloud", domain.as_bytes().to_vec()),
        ("cloud", listing.as_bytes().to_vec()),
    ];
    let (files, is_whole) = imported("a listing", &exports);
    assert!(!is_whole);
    let ledger = ledger(&files);
    let entries = ledger["entries"].as_array().expect("a list").iter();
    let lost: BTreeSet<&str> = entries
        .filter(|at| at["verdict"] == "truncated" && at["object"] == "OutboundConnector To bank")
        .filter(|at| {
            at["reason"]
                .as_str()
                .is_some_and(|why| why.contains("`Get-OutboundConnector | "))
        })
        .filter_map(|at| at["property"].as_str())
        .collect();
    assert!(
        lost.is_superset(&BTreeSet::from([
            "TlsSettings",
            "TlsDomain",
            "IsTransportRuleScoped"
        ])),
        "{lost:?}"
    );
    let page = String::from_utf8_lossy(&files["IMPORT.md"]).into_owned();
    assert!(
        page.contains("`Get-InboundConnector`") && page.contains("`Get-TransportRule`"),
        "{page}"
    );
    assert!(!page.contains("`Get-OutboundConnector`,"), "{page}");
}

/// A smart host of others that takes all mail for outside is a place that passes it on, so that another host there is seen.
#[test]
fn who_takes_all_mail_for_outside_passes_it_on() {
    let send = |host: &str| {
        let objects = json!([
            {"DomainName": "contoso.com", "DomainType": "Authoritative", "MatchSubDomains": false},
            {"Name": "To filter", "Enabled": true, "AddressSpaces": ["SMTP:*;1"], "SmartHosts": [host], "DNSRoutingEnabled": false, "Port": 25, "RequireTLS": false, "IgnoreSTARTTLS": false, "TlsAuthLevel": null, "TlsDomain": null, "SourceTransportServers": ["EX01"], "CloudServicesMailEnabled": false, "IsScopedConnector": false, "TlsCertificateName": null, "SmartHostAuthMechanism": "None"},
        ]);
        vec![("hq", objects.to_string().into_bytes())]
    };
    let (files, _) = imported("a filter", &send("out.filter.example"));
    let draft = String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned();
    assert!(draft.contains("out-filter-example: {kind: gateway, hosts: [out.filter.example], forwards: {\"*\": internet}}"), "{draft}");
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &files["mailtopo.yaml"],
        files: &files,
    };
    let codes = |exports: &Exports<'_>| -> BTreeSet<String> {
        let (findings, _) = drift(&input, &borrowed(exports), today()).expect("a comparison");
        findings.iter().map(|at| at.check.to_string()).collect()
    };
    assert!(!codes(&send("out.filter.example")).contains("C004"));
    assert!(codes(&send("other.example")).contains("C004"));
}

/// A connector that demands nothing of its senders stands in the draft, where `drift` looks for it, and nobody makes it: mail
/// that it takes is no direct send.
#[test]
fn a_connector_that_demands_nothing_is_known() {
    for (senders, of_partner) in [
        ("smtp:*;1", "[\"*\"]"),
        ("smtp:bank.example;1", "[bank.example]"),
    ] {
        let objects = json!([
            {"DomainName": "contoso.onmicrosoft.com", "DomainType": "Authoritative", "MatchSubDomains": false},
            {"DomainName": "contoso.com", "DomainType": "Authoritative", "MatchSubDomains": false},
            {"RejectDirectSend": true, "IsDehydrated": false},
            {"Name": "Open door", "Enabled": true, "ConnectorType": "Partner", "SenderDomains": [senders], "SenderIPAddresses": [], "RequireTls": false,
             "RestrictDomainsToIPAddresses": false, "RestrictDomainsToCertificate": false, "TlsSenderCertificateName": null, "AssociatedAcceptedDomains": [],
             "CloudServicesMailEnabled": false, "TreatMessagesAsInternal": false, "EFSkipLastIP": false, "EFSkipIPs": [], "EFUsers": []},
        ]);
        let exports = vec![("cloud", objects.to_string().into_bytes())];
        let (files, is_whole) = imported(senders, &exports);
        let draft = String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned();
        assert!(is_whole, "{}", String::from_utf8_lossy(&files["IMPORT.md"]));
        let route = draft
            .lines()
            .find(|line| line.contains("accepted_by: nothing"));
        let route = route.expect("a route");
        assert!(
            route.contains("managed: false") && route.contains(of_partner),
            "{route}"
        );
        assert_eq!(differing(&files, &exports), Vec::<String>::new());
        let plan = compiled(&files);
        let data = String::from_utf8_lossy(&plan["cloud/desired.psd1"]).into_owned();
        assert!(data.contains("Open door"), "{data}");
        // Once it is gone or changed, that is said.
        let gone: Vec<Value> = objects.as_array().expect("a list")[..3].to_vec();
        let mut without = vec![("cloud", Value::from(gone).to_string().into_bytes())];
        without.push(("cloud", json!([{"Name": "Another", "Enabled": false, "ConnectorType": "Partner", "SenderDomains": ["smtp:other.example;1"]}]).to_string().into_bytes()));
        assert!(
            differing(&files, &without)
                .iter()
                .any(|what| what.contains("Open door") && what.contains("missing"))
        );
    }
}

/// The spec in a folder.
fn spec_in(files: &Files) -> Input<'_> {
    Input {
        name: "mailtopo.yaml",
        bytes: &files["mailtopo.yaml"],
        files,
    }
}

/// Whatever a property is called: `drift` compares it, names it as not compared, or has a reason why it chooses no path.
#[test]
fn no_property_is_passed_over_in_silence() {
    let (mut named, mut reasons) = (0, BTreeSet::new());
    for (name, states) in organizations() {
        let (files, _) = imported(&name, &as_state(&states));
        let input = spec_in(&files);
        for (place, state) in &states {
            let objects = state["Objects"].as_array().expect("a list");
            let carriers = ["Connector", "TransportRule", "AcceptedDomain"];
            let mut more = state.clone();
            let mut planted = BTreeSet::new();
            for (at, object) in objects.iter().enumerate() {
                let kind = object["Kind"].as_str().expect("a kind");
                let is_ours = carriers.iter().any(|end| kind.ends_with(end))
                    && object["Name"] != "of the hybrid wizard"
                    && !crate::drift::is_of_product(object);
                for property in [
                    "AddressBookEnabled",
                    "WhenChanged",
                    "NoTableKnows",
                    "MessageTrackingReadStatusEnabled",
                ] {
                    if is_ours && object["Properties"].get(property).is_none() {
                        more["Objects"][at]["Properties"][property] = true.into();
                        let title = format!("{kind} {}", object["Name"].as_str().expect("a name"));
                        planted.insert((title, property));
                    }
                }
            }
            let exports = vec![(place.as_str(), bytes(&more))];
            let (_, json) = drift(&input, &borrowed(&exports), today()).expect("a comparison");
            let json: Value = serde_json::from_str(&json).expect("JSON");
            for object in json["objects"].as_array().expect("a list") {
                let of = |key: &str| object[key].as_array().expect("a list").clone();
                let said = of("properties").into_iter().map(|at| at["name"].clone());
                let title = object["object"].as_str().expect("a title").to_owned();
                for property in said.chain(of("not_compared")) {
                    let before = planted.len();
                    planted.retain(|(own, name)| *own != title || property != **name);
                    named += before - planted.len();
                }
            }
            reasons.extend(planted.into_iter().map(|(title, property)| {
                let kind = title.split(' ').next().expect("a kind").to_owned();
                (kind, property)
            }));
        }
    }
    let known = |(kind, property): &(String, &str)| {
        let kind = ALL.iter().copied().find(|known| known.name == kind);
        no_effect(kind, property).is_some()
    };
    assert!(reasons.iter().all(known), "{reasons:?}");
    assert!(
        named > 50 && reasons.len() > 3,
        "{named} named, {reasons:?}"
    );
}

/// Of servers, what a listing shows beside its connectors: the version, the largest message, and rights that it does not show.
/// The domain that every tenant has is no place for what nobody knows.
#[test]
fn what_no_table_knows_of_the_domain_of_a_tenant_is_named() {
    let objects = json!([{"DomainName": "contoso.onmicrosoft.com", "DomainType": "Authoritative", "MatchSubDomains": false, "NoTableKnows": "x", "NothingKnown": null}]);
    let exports = vec![("cloud", objects.to_string().into_bytes())];
    let (files, _) = imported("a domain", &exports);
    let ledger = ledger(&files);
    let verdict = |property: &str| {
        let mut entries = ledger["entries"].as_array().expect("a list").iter();
        let entry = entries.find(|entry| entry["property"] == property);
        entry.expect("an entry")["verdict"].clone()
    };
    assert_eq!(verdict("NoTableKnows"), "not-understood");
    assert_eq!(verdict("NothingKnown"), "default");
    assert_eq!(verdict("DomainType"), "default");
}

#[test]
fn what_connectors_of_servers_say_of_them() {
    let listing = |more: &str, groups: &str| {
        let text = format!(
            "\nIdentity : EX01\\Default Frontend EX01\nEnabled : True\nBindings : {{0.0.0.0:25}}\nRemoteIPRanges : {{0.0.0.0-255.255.255.255}}\nPermissionGroups : AnonymousUsers, ExchangeServers\nAuthMechanism : Tls\n{more}\nIdentity : EX01\\scanners\nEnabled : True\nBindings : {{10.0.1.13:25}}\nRemoteIPRanges : {{10.0.20.22}}\nPermissionGroups : {groups}\nAuthMechanism : Tls\nMaxMessageSize : 100 MB (104,857,600 bytes)\n"
        );
        let (files, _) = imported(groups, &vec![("hq", text.into_bytes())]);
        let draft = String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned();
        (
            draft,
            String::from_utf8_lossy(&files["IMPORT.md"]).into_owned(),
        )
    };
    let (draft, page) = listing(
        "MaxMessageSize : 250 MB (262,144,000 bytes)\n",
        "AnonymousUsers",
    );
    assert!(
        draft.contains("version: 2016") && !draft.contains("max_message_size"),
        "{draft}"
    );
    assert!(
        !page.contains("ms-Exch-SMTP-Accept-Any-Recipient"),
        "{page}"
    );
    let (draft, page) = listing("", "AnonymousUsers, Custom");
    assert!(draft.contains("max_message_size"), "{draft}");
    assert!(page.contains("ms-Exch-SMTP-Accept-Any-Recipient"), "{page}");
}

/// Spreadsheets put semicolons between values and translate truth values.
#[test]
fn a_table_of_a_spreadsheet_is_read() {
    let draft = |between: &str, on: &str, off: &str| {
        let row = |values: &[&str]| {
            let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
            values.join(between) + "\r\n"
        };
        let table = row(&[
            "Name",
            "Enabled",
            "ConnectorType",
            "RecipientDomains",
            "UseMXRecord",
            "SmartHosts",
            "AllAcceptedDomains",
        ]) + &row(&[
            "Wahr",
            on,
            "Partner",
            "bank.example",
            off,
            "mx.bank.example",
            off,
        ]);
        let domain = "\nDomainName : contoso.onmicrosoft.com\nDomainType : Authoritative\nMatchSubDomains : False\n";
        let exports = vec![
            ("cloud", domain.as_bytes().to_vec()),
            ("cloud", table.into_bytes()),
        ];
        String::from_utf8_lossy(&imported(on, &exports).0["mailtopo.yaml"]).into_owned()
    };
    let plain = draft(",", "True", "False");
    assert!(
        plain.contains("recipients: [bank.example]") && !plain.contains("enabled: false"),
        "{plain}"
    );
    assert_eq!(plain, draft(";", "WAHR", "FALSCH"));
    assert_eq!(plain, draft(",", "Vrai", "Faux"));
    assert!(draft(";", "FALSCH", "FALSCH").contains("enabled: false"));
}

/// People join lists with commas before they show them.
#[test]
fn a_list_that_is_joined_with_commas_is_read() {
    let draft = |addresses: &str| {
        let listing = format!(
            "\nIdentity         : EX01\\scanners\nEnabled          : True\nBindings         : {{10.0.1.13:25}}\nRemoteIPRanges   : {addresses}\nPermissionGroups : AnonymousUsers\nAuthMechanism    : Tls\n"
        );
        let exports = vec![("hq", listing.into_bytes())];
        let (files, _) = imported(addresses, &exports);
        String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned()
    };
    let joined = draft("10.0.20.22,10.0.21.11");
    assert!(joined.contains("10.0.20.22"), "{joined}");
    assert_eq!(joined, draft("{10.0.20.22, 10.0.21.11}"));
}

/// Every number of these that a public export shows beside its word is read as the word, and no other.
#[test]
fn a_number_is_read_where_a_public_export_shows_its_word() {
    let send = json!({"Name": "a", "Enabled": true, "AddressSpaces": ["smtp:a.example;1"], "DNSRoutingEnabled": false, "SmartHosts": ["b.example"], "RequireTLS": true});
    let receive = json!({"Identity": "EX01\\a", "Enabled": true, "RemoteIPRanges": ["192.0.2.1"], "Bindings": ["0.0.0.0:25"]});
    let read = |object: &Value, property: &str, value: Value| {
        let mut object = object.clone();
        object[property] = value;
        let (files, _) = imported(property, &vec![("hq", bytes(&object))]);
        (
            files["mailtopo.yaml"].clone(),
            ledger(&files)["entries"].clone(),
        )
    };
    let between = |text: &str, start: &str, end: &str| -> Option<String> {
        let (_, rest) = text.split_once(start)?;
        Some(rest.split_once(end)?.0.to_owned())
    };
    let mut shown = BTreeSet::new();
    for folder in crate::golden::folders(&crate::golden::root("tests/field")) {
        for (file, octets) in crate::golden::files(&folder) {
            let text = String::from_utf8_lossy(&octets);
            if !file.split('.').any(|part| part == "xml") {
                continue;
            }
            for property in [
                "AuthMechanism",
                "PermissionGroups",
                "SmartHostAuthMechanism",
                "TlsAuthLevel",
            ] {
                for part in text.split(&format!("<Obj N=\"{property}\"")).skip(1) {
                    let word = between(part, "<ToString>", "</ToString>").expect("a word");
                    let number = between(part, "<I32>", "</I32>").expect("a number");
                    shown.insert((property, number.parse::<i64>().expect("a number"), word));
                }
            }
        }
    }
    assert!(shown.len() > 7, "only {shown:?}");
    for (property, number, word) in &shown {
        let object = if ["AuthMechanism", "PermissionGroups"].contains(property) {
            &receive
        } else {
            &send
        };
        let [by_number, by_word, other] = [json!(number), json!(word), json!(number + 100)]
            .map(|value| read(object, property, value));
        assert_eq!(by_number, by_word, "{property} {number}");
        assert_ne!(other, by_word, "{property} {number}");
    }
}

#[test]
fn a_draft_is_understood() {
    for (name, states) in organizations() {
        let (files, _) = imported(&name, &as_state(&states));
        let input = spec_in(&files);
        let of_spec: Vec<String> = check(&input, today())
            .findings
            .into_iter()
            .filter(|finding| {
                finding.severity == Severity::Error && finding.check.as_str().starts_with('S')
            })
            .map(|finding| finding.message)
            .collect();
        assert!(of_spec.is_empty(), "{name}: {of_spec:#?}");
        assert!(plan(&input, None).plan.is_some(), "{name}");
    }
}

fn ledger(files: &Files) -> Value {
    serde_json::from_slice(&files["import.json"]).expect("JSON")
}

#[test]
fn every_value_has_one_verdict() {
    for (name, states) in organizations() {
        let (files, is_whole) = imported(&name, &as_state(&states));
        let ledger = ledger(&files);
        let entries = ledger["entries"].as_array().expect("a list");
        let mut all = 0;
        for ((place, state), source) in states
            .iter()
            .zip(ledger["sources"].as_array().expect("a list"))
        {
            let objects = state["Objects"].as_array().expect("a list").iter();
            let read: usize = objects
                .map(|object| {
                    let beside = ["State", "AnyRecipient"]
                        .iter()
                        .filter(|key| object.get(**key).is_some());
                    object["Properties"].as_object().expect("a table").len() + beside.count()
                })
                .sum();
            let verdicts = source["verdicts"].as_object().expect("a table").values();
            let sum: u64 = verdicts
                .map(|count| count.as_u64().expect("a number"))
                .sum();
            assert_eq!(source["location"], **place, "{name}");
            assert_eq!(
                (source["values"].as_u64(), sum),
                (Some(read as u64), read as u64),
                "{name}/{place}"
            );
            all += read;
        }
        let title = |at: &Value| format!("{} {} {}", at["location"], at["object"], at["property"]);
        let named: BTreeSet<String> = entries.iter().map(title).collect();
        assert_eq!((named.len(), entries.len()), (all, all), "{name}");
        assert!(entries.iter().all(|at| at["reason"] != ""), "{name}");
        let lost: Vec<&Value> = entries
            .iter()
            .filter(|at| at["verdict"] == "not-understood" || at["verdict"] == "truncated")
            .collect();
        assert_eq!(lost.is_empty(), is_whole, "{name}: {lost:#?}");
    }
}

/// What a cmdlet shows is counted here, and not by the reader: each property of each object is one value.
#[test]
fn every_value_that_is_shown_has_one_verdict() {
    let mut looked_at = 0;
    for (name, states) in organizations() {
        let shown: Vec<BTreeMap<String, Value>> = states
            .iter()
            .flat_map(|(_, state)| {
                let objects = crate::drift::objects_of(state);
                let shown = objects.into_iter().filter_map(|at| shown(state, &at));
                shown.collect::<Vec<_>>()
            })
            .collect();
        let wanted: usize = shown.iter().map(BTreeMap::len).sum();
        for (form, exports, _) in forms(&states) {
            if !["clixml", "json", "Format-List", "csv"]
                .iter()
                .any(|shows| form.starts_with(shows))
            {
                continue;
            }
            let (files, _) = imported(&name, &exports);
            let ledger = ledger(&files);
            let entries = ledger["entries"].as_array().expect("a list").iter();
            // No cmdlet shows the right to relay; that it is not there is said beside what is.
            let entries = entries.filter(|at| at["property"] != "AnyRecipient");
            assert_eq!(entries.count(), wanted, "{name} {form}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 100, "only {looked_at} exports");
}

/// So many values are changed in an everyday run; `MUTATIONS` says another number.
const CHANGED: usize = 150;

/// Other values: of the same shape, of another, and none.
fn others(value: &Value) -> Vec<Value> {
    let text = || Value::from("other.example");
    let mut others = match value {
        Value::Bool(truth) => vec![Value::from(!truth), text()],
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or_default();
            vec![Value::from(number + 1), Value::from(0), text()]
        }
        Value::Array(items) => {
            let more: Vec<Value> = items.iter().cloned().chain([text()]).collect();
            let fewer = items.get(1..).unwrap_or_default().to_vec();
            vec![
                fewer.into(),
                more.into(),
                json!(["other.example"]),
                json!([]),
            ]
        }
        Value::String(word) => vec![text(), format!("{word}x").into(), "*".into(), "".into()],
        _ => vec![text(), json!(["other.example"]), true.into()],
    };
    others.push(Value::Null);
    // What is off or empty is one value, whatever it is called.
    let is_empty = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    others.retain(|other| other != value && !(is_empty(other) && is_empty(value)));
    others
}

/// Every value of every export, changed: the draft changes, or a verdict; or the verdict is one that claims nothing.
#[test]
fn a_changed_value_changes_the_draft_or_a_verdict() {
    let mut organizations = organizations();
    let wanted = wanted("MUTATIONS", CHANGED);
    let mut made = made();
    let mut changes: Vec<(usize, usize, usize, String, Value)> = Vec::new();
    let mut known = 0;
    // The examples do not have that many values, so that organizations made by chance come to them.
    while known < organizations.len() || changes.len() < wanted {
        if known == organizations.len() {
            let (number, _, states) = made.next().expect("a spec");
            organizations.push((format!("spec {number}"), states));
        }
        for (place, (_, state)) in organizations[known].1.iter().enumerate() {
            let objects = state["Objects"].as_array().expect("a list").iter();
            for (at, object) in objects.enumerate() {
                for (name, value) in object["Properties"].as_object().expect("a table") {
                    let others = others(value).into_iter();
                    changes.extend(others.map(|other| (known, place, at, name.clone(), other)));
                }
            }
        }
        known += 1;
    }
    let step = (changes.len() / wanted.max(1)).max(1);
    let kept = |files: &Files| {
        (
            files["mailtopo.yaml"].clone(),
            ledger(files)["entries"].clone(),
        )
    };
    let mut before = BTreeMap::new();
    let mut silent = Vec::new();
    let (mut looked_at, mut unclaimed) = (0, 0);
    for (organization, place, at, property, other) in changes.iter().step_by(step) {
        let (name, states) = &organizations[*organization];
        let before = before
            .entry(*organization)
            .or_insert_with(|| kept(&imported(name, &as_state(states)).0));
        let mut changed = states.clone();
        let object = &mut changed[*place].1["Objects"][*at];
        let title = format!(
            "{} {}",
            object["Kind"].as_str().expect("a kind"),
            object["Name"].as_str().expect("a name")
        );
        let value = object["Properties"][property].take();
        object["Properties"][property] = other.clone();
        looked_at += 1;
        let exports = as_state(&changed);
        // A draft that cannot be made is no silence either.
        let Ok((after, _)) = import(&borrowed(&exports), today()) else {
            continue;
        };
        if *before != kept(&after) {
            continue;
        }
        let ledger = ledger(&after);
        let mut entries = ledger["entries"].as_array().expect("a list").iter();
        let entry = entries
            .find(|entry| {
                entry["object"] == title
                    && entry["property"] == **property
                    && entry["location"] == *changed[*place].0
            })
            .expect("an entry");
        let claims = ["imported", "default"]
            .iter()
            .any(|verdict| entry["verdict"] == *verdict);
        let of_product = entry["reason"]
            .as_str()
            .is_some_and(|why| why.starts_with("every server has"));
        unclaimed += 1;
        if claims && !of_product {
            silent.push(format!("{name}: {value} -> {other}: {entry}"));
        }
    }
    println!(
        "{looked_at} of {} changes, {unclaimed} of values that no verdict says to matter",
        changes.len()
    );
    assert!(silent.is_empty(), "{} silences: {silent:#?}", silent.len());
    assert!(looked_at >= wanted, "only {looked_at} values");
}

#[test]
fn the_program_writes_a_folder_that_compiles() {
    let (_, states) = organizations()
        .into_iter()
        .find(|(name, _)| name.starts_with("05-"))
        .expect("a tenant");
    let (place, state) = states.into_iter().next().expect("a tenant");
    let folder = tempfile::tempdir().expect("a folder");
    let mut more = state.clone();
    more["Objects"][0]["Properties"]["NoTableKnows"] = "hunter2".into();
    fs::write(folder.path().join("state.json"), bytes(&state)).expect("a file");
    fs::write(folder.path().join("more.json"), bytes(&more)).expect("a file");
    fs::write(folder.path().join("hq.json"), bytes(&json!({"Format": 1, "What": "state", "Whole": true, "Product": "server", "Objects": []}))).expect("a file");
    let run = |args: &[&str]| mailtopo(folder.path(), args).output().expect("it runs");
    let named = format!("{place}=state.json");
    let done = run(&["import", &named, "--out", "spec"]);
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}{}",
        stdout(&done),
        stderr(&done)
    );
    assert!(stdout(&done).contains("values: "), "{}", stdout(&done));
    // Of what others made no object has our mark, and still nothing differs.
    let mut by_others = state.clone();
    for object in by_others["Objects"].as_array_mut().expect("a list") {
        object["Properties"]["Comment"] = "by hand".into();
    }
    fs::write(folder.path().join("others.json"), bytes(&by_others)).expect("a file");
    let others = format!("{place}=others.json");
    let done = run(&["import", &others, "--out", "of-others"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    for (spec, named) in [("spec", &named), ("of-others", &others), ("spec", &others)] {
        let spec = format!("{spec}/mailtopo.yaml");
        let same = run(&["drift", &spec, named, "--exit-code", "--fail-on", "warning"]);
        assert_eq!(same.status.code(), Some(0), "{}", stdout(&same));
        assert_eq!(stdout(&same).lines().count(), 1, "{}", stdout(&same));
        assert!(
            stdout(&same).contains("nothing differs"),
            "{}",
            stdout(&same)
        );
    }
    let lost = run(&["import", &format!("{place}=more.json"), "--out", "other"]);
    assert_eq!(lost.status.code(), Some(1), "{}", stderr(&lost));
    let page = fs::read_to_string(folder.path().join("other/IMPORT.md")).expect("a page");
    assert!(
        page.contains("NoTableKnows") && page.contains("## Assumed"),
        "{page}"
    );
    for file in ["IMPORT.md", "import.json", "mailtopo.yaml"] {
        let text = fs::read_to_string(folder.path().join("other").join(file)).expect("a file");
        assert!(!text.contains("hunter2"), "{file}");
    }
    for (args, part) in [
        (
            vec!["import", "state.json", "--out", "x"],
            "names no location",
        ),
        (vec!["import", "A=state.json", "--out", "x"], "is no name"),
        (
            vec!["import", "a=state.json", "a=state.json", "--out", "x"],
            "name it alone",
        ),
    ] {
        let refused = run(&args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert!(
            stderr(&refused).contains(part),
            "{args:?}: {}",
            stderr(&refused)
        );
    }
    assert!(!folder.path().join("x").exists());
}

/// An organization whose connectors were made by hand, under other names than ours: the example has each of them, receiving ends
/// included, and makes none a second time. Without `names` it would.
#[test]
fn what_exists_is_adopted_and_none_is_made_twice() {
    let example = crate::golden::files(&crate::golden::root("examples/24-existing-connectors"));
    let states = sample("24-existing-connectors", example.clone()).states;
    let mut exports = Exports::new();
    for (place, state) in &states {
        let mut state = state.clone();
        for object in state["Objects"].as_array_mut().expect("a list") {
            // It has its old name still, and its administrator wrote no comment of ours.
            if object["Name"] == "To own servers" {
                object["Name"] = "Outbound old".into();
            }
            object["Properties"]["Comment"] = "by hand".into();
        }
        exports.push((place.as_str(), bytes(&state)));
    }
    let connectors = |text: &str| -> Vec<(String, String)> {
        let input = Input {
            name: "mailtopo.yaml",
            bytes: text.as_bytes(),
            files: &example,
        };
        let (_, json) = drift(&input, &borrowed(&exports), today()).expect("a comparison");
        let json: Value = serde_json::from_str(&json).expect("JSON");
        let objects = json["objects"].as_array().expect("a list").iter();
        let word = |value: &Value| value.as_str().expect("a word").to_owned();
        objects
            .map(|object| (word(&object["object"]), word(&object["state"])))
            .filter(|(title, _)| title.contains("Connector"))
            .collect()
    };
    let text = String::from_utf8(example["mailtopo.yaml"].clone()).expect("UTF-8");
    let adopted = connectors(&text);
    assert_eq!(adopted.len(), 4, "{adopted:?}");
    let made = |all: &[(String, String)]| {
        let all = all.iter().filter(|(_, state)| state == "missing");
        all.count()
    };
    assert_eq!(made(&adopted), 0, "{adopted:?}");
    assert!(
        adopted.iter().all(|(_, state)| state == "as-compiled"),
        "{adopted:?}"
    );
    let (start, rest) = text.split_once("names:").expect("names");
    let (_, end) = rest.split_once("expect:").expect("the next key");
    let unnamed = connectors(&format!("{start}expect:{end}"));
    assert_eq!(made(&unnamed), 2, "{unnamed:?}");
    // What import makes of the same organization has each of them, too.
    let (files, _) = imported("24-existing-connectors", &exports);
    assert_eq!(ledger(&files)["extra"], json!([]));
}
