//! `drift --adopt`: the spec is changed to what exists, or it is said what the language cannot say.

use crate::cli::{mailtopo, stderr, stdout};
use crate::drift::{Sample, assert_no_drift, bytes, examples, is_of_product, other, part};
use mailtopo::compile::Input;
use mailtopo::testing::values::Date;
use mailtopo::testing::{adopt, import};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

/// One of so many properties is changed in an everyday run.
const PART: usize = 29;

fn adopted(sample: &Sample, exports: &[(&str, Vec<u8>)]) -> Result<Sample, Vec<String>> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &sample.files["mailtopo.yaml"],
        files: &sample.files,
    };
    let today = Date::parse("2026-01-01").expect("a day");
    let exports = exports
        .iter()
        .map(|(place, bytes)| (*place, bytes.as_slice()));
    let exports: Vec<(&str, &[u8])> = exports.collect();
    let texts = adopt(&input, &exports, today)?;
    let mut files = sample.files.clone();
    files.extend(
        texts
            .into_iter()
            .map(|(name, text)| (name, text.into_bytes())),
    );
    Ok(Sample {
        name: sample.name.clone(),
        files,
        states: sample.states.clone(),
    })
}

/// Another value of a property, one of its own words where it has words.
fn another(name: &str, value: &Value) -> Option<Value> {
    let words: &[&str] = match name {
        "DomainType" => &["Authoritative", "InternalRelay", "ExternalRelay"],
        "TlsSettings" | "TlsAuthLevel" => &["EncryptionOnly", "CertificateValidation"],
        "ConnectorType" => &["OnPremises", "Partner"],
        _ => return other(name, value),
    };
    let word = words.iter().find(|word| *value != **word)?;
    Some((*word).into())
}

/// What the language has no words for: the kind, the property, and why.
const NO_WORDS: [(&str, &str, &str); 4] = [
    ("*", "Enabled", "a route is on or off at both ends"),
    ("ArcConfig", "*", "a sealer belongs to a gateway"),
    (
        "DkimSigningConfig",
        "*",
        "a domain that signs has records for it",
    ),
    (
        "RemoteDomain",
        "*",
        "it follows from the tenant that it is of",
    ),
];

/// Objects that no route of a spec can stand for: the example, the name, and why.
const NO_ROUTE: [(&str, &str, &str); 12] = [
    ("07", "cloud from mx", POSTFIX),
    ("07", "cloud to mx", POSTFIX),
    ("08", "cloud from filter", LOCK),
    ("12", "cloud to houston by rule", RULE),
    ("12", "cloud to new-orleans by rule", RULE),
    ("12", "HOU1\\houston from cloud", TWO),
    ("12", "NOLA1\\new-orleans from cloud", TWO),
    ("13", "cloud from hq only", LOCK),
    ("15", "cloud from lab", POSTFIX),
    ("15", "cloud to lab", POSTFIX),
    ("23", "cloud from filter", LOCK),
    ("26", "cloud from filter", LOCK),
];

const POSTFIX: &str = "its route has its other end at a Postfix host, whose files would change";
const LOCK: &str = "it is made of `accept_only_from` or of what a gateway forwards";
const RULE: &str =
    "a rule that names its location leaves the domain to it, and one that names a route does not";
const TWO: &str = "it takes the mail of two routes, and a route that others manage is one of them";

#[test]
fn what_is_adopted_drifts_no_more() {
    let part = part(PART);
    let (mut number, mut done) = (0, 0);
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut new = Vec::new();
    for sample in examples() {
        for (place, state) in &sample.states {
            let objects = state["Objects"].as_array().expect("a list");
            for (at, object) in objects.iter().enumerate() {
                if object["Name"] == "of the hybrid wizard" || is_of_product(object) {
                    continue;
                }
                for (property, value) in object["Properties"].as_object().expect("a table") {
                    let Some(other) = another(property, value) else {
                        continue;
                    };
                    number += 1;
                    if number % part != 0 {
                        continue;
                    }
                    let mut changed = state.clone();
                    changed["Objects"][at]["Properties"][property] = other.clone();
                    let title = format!(
                        "{}/{place}: {} {} {property} {other}",
                        sample.name, object["Kind"], object["Name"]
                    );
                    let all = sample.states.iter().map(|(other, state)| {
                        let state = if other == place { &changed } else { state };
                        (other.as_str(), bytes(state))
                    });
                    let all: Vec<(&str, Vec<u8>)> = all.collect();
                    match adopted(&sample, &all) {
                        Ok(after) => {
                            done += 1;
                            assert_no_drift(&after, &all, &title);
                        }
                        Err(left) => {
                            assert!(
                                left.iter().any(|line| line.contains(property.as_str())),
                                "{title}: {left:#?}"
                            );
                            let kind = object["Kind"].as_str().expect("a kind");
                            *refused.entry(format!("{kind} {property}")).or_default() += 1;
                            let is = |known: &str, what: &str| known == "*" || known == what;
                            let has_words = NO_WORDS
                                .iter()
                                .all(|(of, name, _)| !is(of, kind) || !is(name, property));
                            let has_route = NO_ROUTE.iter().all(|(example, name, _)| {
                                !sample.name.starts_with(example) || object["Name"] != **name
                            });
                            if has_words && has_route {
                                new.push(title);
                            }
                        }
                    }
                }
            }
        }
    }
    println!("{done} adopted; refused: {refused:#?}");
    assert!(new.is_empty(), "{new:#?}");
    assert!(done * 2 > number / part, "only {done} are adopted");
}

#[test]
fn the_program_prints_the_edit_and_writes_it() {
    let samples = examples();
    let sample = samples
        .iter()
        .find(|sample| sample.name == "05-partner-bank")
        .expect("the bank");
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in &sample.files {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    let state = &sample.states["cloud"];
    let objects = state["Objects"].as_array().expect("a list");
    let write = |kind: &str, property: &str, value: Value| {
        let mut of_kind = objects.iter();
        let at = of_kind.position(|object| object["Kind"] == kind);
        let mut changed = state.clone();
        changed["Objects"][at.expect("an object")]["Properties"][property] = value;
        fs::write(folder.path().join("cloud.json"), bytes(&changed)).expect("a file");
    };
    let run = |more: &[&str]| {
        let args = [
            &["drift", "cloud=cloud.json", "--today", "2026-01-01"],
            more,
        ]
        .concat();
        mailtopo(folder.path(), &args).output().expect("it runs")
    };
    let text = || fs::read_to_string(folder.path().join("mailtopo.yaml")).expect("a spec");
    let before = text();
    // What stands in a comment is nobody's difference, so that there is nothing to adopt.
    write("OutboundConnector", "Comment", "by hand".into());
    let nothing = run(&["--adopt"]);
    assert_eq!(nothing.status.code(), Some(0), "{}", stderr(&nothing));
    assert_eq!(text(), before);
    write("OutboundConnector", "Enabled", false.into());
    let shown = run(&["--adopt", "--diff"]);
    assert_eq!(shown.status.code(), Some(0), "{}", stderr(&shown));
    assert!(stdout(&shown).contains("\n+"), "{}", stdout(&shown));
    assert_eq!(text(), before);
    let done = run(&["--adopt"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(stdout(&done), stdout(&shown));
    // Every line that was there is there, comments too.
    let after = text();
    for line in before
        .lines()
        .filter(|line| line.trim_start().starts_with('#'))
    {
        assert!(after.contains(line), "{after}");
    }
    let same = run(&["--exit-code"]);
    assert_eq!(same.status.code(), Some(0), "{}{after}", stdout(&same));
    assert!(
        stdout(&same).contains("nothing differs"),
        "{}",
        stdout(&same)
    );
}

#[test]
fn what_the_language_cannot_say_is_refused_and_nothing_is_written() {
    let samples = examples();
    let mut samples = samples.iter();
    let sample = samples.find(|sample| sample.name == "02-split-mailboxes");
    let sample = sample.expect("the split");
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in &sample.files {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    let mut state = sample.states["hq"].clone();
    let mut objects = state["Objects"].as_array_mut().expect("a list").iter_mut();
    let remote = objects.find(|object| object["Kind"] == "RemoteDomain");
    remote.expect("a remote domain")["Properties"]["TrustedMailInboundEnabled"] = false.into();
    fs::write(folder.path().join("hq.json"), bytes(&state)).expect("a file");
    let args = ["drift", "hq=hq.json", "--today", "2026-01-01", "--adopt"];
    let refused = mailtopo(folder.path(), &args).output().expect("it runs");
    assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    let said = stderr(&refused);
    assert!(
        said.contains("cannot be said in the language: RemoteDomain"),
        "{said}"
    );
    let after = fs::read(folder.path().join("mailtopo.yaml")).expect("a spec");
    assert_eq!(after, sample.files["mailtopo.yaml"]);
}

/// Of an organization that was imported no object has the mark of mailtopo: what changed there is adopted all the same.
#[test]
fn what_was_imported_is_adopted() {
    let today = Date::parse("2026-01-01").expect("a day");
    let (mut number, mut done) = (0, 0);
    for sample in examples() {
        let mut states = sample.states.clone();
        for state in states.values_mut() {
            for object in state["Objects"].as_array_mut().expect("a list") {
                for name in ["Comment", "Comments"] {
                    object["Properties"]
                        .as_object_mut()
                        .expect("a table")
                        .remove(name);
                }
            }
        }
        let exports = |states: &BTreeMap<String, Value>| -> Vec<(String, Vec<u8>)> {
            let all = states.iter();
            all.map(|(place, state)| (place.clone(), bytes(state)))
                .collect()
        };
        let before = exports(&states);
        let borrowed: Vec<(&str, &[u8])> = before
            .iter()
            .map(|(place, bytes)| (place.as_str(), &bytes[..]))
            .collect();
        let (files, _) = import(&borrowed, today).expect("a draft");
        let imported = Sample {
            name: sample.name.clone(),
            files,
            states: states.clone(),
        };
        // The first connector out of each place is turned off.
        for (place, state) in &states {
            let all = state["Objects"].as_array().expect("a list");
            let first = all.iter().position(|object| {
                let is_out = ["OutboundConnector", "SendConnector"]
                    .map(Value::from)
                    .contains(&object["Kind"]);
                is_out
                    && object["Name"] != "of the hybrid wizard"
                    && object["Properties"]["Enabled"] == true
            });
            let Some(first) = first else {
                continue;
            };
            let mut changed = states.clone();
            changed.get_mut(place).expect("it is there")["Objects"][first]["Properties"]["Enabled"] =
                false.into();
            let changed = exports(&changed);
            let changed: Vec<(&str, Vec<u8>)> = changed
                .iter()
                .map(|(place, bytes)| (place.as_str(), bytes.clone()))
                .collect();
            number += 1;
            done += usize::from(adopted(&imported, &changed).is_ok());
        }
    }
    assert!(
        number > 10 && done * 3 > number * 2,
        "{done} of {number} are adopted"
    );
}

/// A lock that was opened knows nobody any more, and so does the spec.
#[test]
fn an_opened_lock_is_adopted_as_open() {
    let today = Date::parse("2026-01-01").expect("a day");
    let export = |is_locked: bool| {
        let objects = json!([
            {"DomainName": "contoso.onmicrosoft.com", "DomainType": "Authoritative", "MatchSubDomains": false},
            {"DomainName": "contoso.com", "DomainType": "Authoritative", "MatchSubDomains": false},
            {"Name": "From filter", "Enabled": true, "ConnectorType": "Partner", "SenderDomains": ["smtp:*;1"], "SenderIPAddresses": ["203.0.113.0/24"], "RequireTls": true,
             "RestrictDomainsToIPAddresses": is_locked, "RestrictDomainsToCertificate": false, "TlsSenderCertificateName": null, "AssociatedAcceptedDomains": [],
             "CloudServicesMailEnabled": false, "TreatMessagesAsInternal": false, "EFSkipLastIP": false, "EFSkipIPs": [], "EFUsers": []},
        ]);
        objects.to_string().into_bytes()
    };
    let before = export(true);
    let (files, _) = import(&[("cloud", &before)], today).expect("a draft");
    let imported = Sample {
        name: "a lock".to_owned(),
        files,
        states: BTreeMap::new(),
    };
    let text =
        |sample: &Sample| String::from_utf8_lossy(&sample.files["mailtopo.yaml"]).into_owned();
    assert!(
        text(&imported).contains("accepted_by: {addresses: [\"203.0.113.0/24\"]}"),
        "{}",
        text(&imported)
    );
    let open = [("cloud", export(false))];
    let after = adopted(&imported, &open).expect("it is adopted");
    assert!(
        text(&after).contains("accepted_by: nothing"),
        "{}",
        text(&after)
    );
}

/// Where many objects differ alike, the same is done to all of them; one of them that is otherwise has an edit of its own.
#[test]
fn many_that_differ_alike_are_adopted_together() {
    let mut spec = String::from(
        "version: 1\nlocations:\n  cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}\ndomains:\n  contoso.com: {mailboxes: cloud, mx: cloud, dkim: [], dns: none}\npartners:\n",
    );
    let mut objects = vec![
        json!({"Kind": "AcceptedDomain", "Name": "contoso.com", "Properties": {"DomainType": "Authoritative", "MatchSubDomains": false}}),
        json!({"Kind": "AcceptedDomain", "Name": "contoso.onmicrosoft.com", "Properties": {"DomainType": "Authoritative", "MatchSubDomains": false}}),
        json!({"Kind": "OrganizationConfig", "Name": "OrganizationConfig", "Properties": {"RejectDirectSend": true}}),
    ];
    for number in 0..24 {
        let _ = writeln!(
            spec,
            "  p{number}: {{domains: [p{number}.example], tls: {{inbound: opportunistic, outbound: verified}}, certificate: mail.p{number}.example}}"
        );
        let domain = format!("mail.p{number}.example");
        let (level, domain) = match number {
            13 => ("CertificateValidation", None),
            number if number % 2 == 1 => ("EncryptionOnly", None),
            _ => ("DomainValidation", Some(domain)),
        };
        objects.push(json!({"Kind": "OutboundConnector", "Name": format!("cloud to p{number}"), "Properties": {
            "AllAcceptedDomains": false, "CloudServicesMailEnabled": false, "Comment": "[mailtopo:cloud]",
            "ConnectorType": "Partner", "Enabled": true, "IsTransportRuleScoped": false,
            "RecipientDomains": [format!("p{number}.example")], "RouteAllMessagesViaOnPremises": false,
            "TestMode": false, "TlsDomain": domain, "TlsSettings": level, "UseMXRecord": true,
        }}));
    }
    let state = json!({"Format": 1, "What": "state", "Whole": true, "Product": "online", "Location": "cloud", "Unread": [], "Objects": objects});
    let sample = Sample {
        name: "many".to_owned(),
        files: BTreeMap::from([("mailtopo.yaml".to_owned(), spec.into_bytes())]),
        states: BTreeMap::new(),
    };
    let exports = [("cloud", bytes(&state))];
    let after = adopted(&sample, &exports).expect("all of it is said");
    let text = String::from_utf8_lossy(&after.files["mailtopo.yaml"]).into_owned();
    assert_eq!(text.matches("outbound: encrypted").count(), 11, "{text}");
    assert_eq!(text.matches("outbound: verified").count(), 12, "{text}");
    assert_eq!(text.matches("outbound: ca-verified").count(), 1, "{text}");
}
