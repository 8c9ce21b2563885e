//! What is said of records, keys and mail that leaves: `cases.yaml` has a case for each key and for each row of the decision
//! table, with its mended twin, and `bad_input.yaml` one for each kind of bad input.
//!
//! A case is a whole `spec`, or what is put into a small one: `domain` into the entry of `contoso.com`, `location` into that of
//! its server, and `more` behind it. `finds` lists findings by code, severity, the text at their place and a part of their
//! help; `silent` lists codes that must not come. `files` says what some written files hold, and `never` what nothing shows.

use mailtopo::testing::Asked;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    spec: Option<String>,
    #[serde(default)]
    location: String,
    #[serde(default)]
    domain: String,
    #[serde(default)]
    more: String,
    facts: Option<String>,
    #[serde(default)]
    beside: BTreeMap<String, String>,
    #[serde(default)]
    finds: Vec<Wanted>,
    #[serde(default)]
    silent: Vec<String>,
    #[serde(default)]
    files: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    never: Vec<String>,
    /// No error at all.
    #[serde(default)]
    clean: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    code: String,
    severity: Option<String>,
    at: Option<String>,
    #[serde(default)]
    says: String,
    help: Option<String>,
}

impl Case {
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let facts = match &self.facts {
            Some(_) => "facts: facts.yaml\n",
            None => "",
        };
        let small = || {
            format!(
                "version: 1\n{facts}locations:\n  box: {{kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: \"lmtp:unix:private/dovecot-lmtp\"{}}}\ndomains:\n  contoso.com: {{mailboxes: box, mx: box{}}}\n{}",
                self.location, self.domain, self.more
            )
        };
        let main = self.spec.clone().unwrap_or_else(small);
        let beside = self.beside.iter();
        let beside = beside.map(|(name, text)| (name.clone(), text.clone().into_bytes()));
        let facts = self.facts.iter().map(|text| {
            let text = format!("version: 1\ngathered: 2026-11-20\n{text}");
            ("facts.yaml".to_owned(), text.into_bytes())
        });
        [("mailtopo.yaml".to_owned(), main.into_bytes())]
            .into_iter()
            .chain(beside)
            .chain(facts)
            .collect()
    }

    /// What differs from what the case says.
    fn breaches(&self) -> Vec<String> {
        let files = self.files();
        let asked = Asked::of("mailtopo.yaml", &files, "2026-11-29").expect("a main spec");
        let report = asked.report("json").expect("a report");
        let report: Value = serde_json::from_str(&report).expect("JSON");
        let findings = report["findings"].as_array().expect("findings");
        let mut breaches = Vec::new();
        for wanted in &self.finds {
            if !findings.iter().any(|found| wanted.fits(found, &files)) {
                breaches.push(format!(
                    "no {} {:?} {:?}",
                    wanted.code, wanted.at, wanted.help
                ));
            }
        }
        for found in findings {
            let code = found["check"].as_str().unwrap_or_default();
            let is_error = found["severity"] == "error";
            let expected = self.finds.iter().any(|one| one.code == code);
            if self.silent.iter().any(|one| one == code) || (self.clean && is_error && !expected) {
                breaches.push(format!("{code} came: {}", found["message"]));
            }
        }
        let written = asked.files();
        for (path, parts) in &self.files {
            let bytes = written.as_ref().and_then(|files| files.get(path));
            let text = bytes.map_or_else(String::new, |bytes| {
                String::from_utf8_lossy(bytes).into_owned()
            });
            // Columns of a zone are as wide as its names.
            let text: Vec<&str> = text.split_ascii_whitespace().collect();
            let text = text.join(" ");
            for part in parts {
                let (part, wanted) = match part.strip_prefix("not: ") {
                    Some(part) => (part, false),
                    None => (part.as_str(), true),
                };
                if text.contains(part) != wanted {
                    breaches.push(format!("{path}: {part:?} is there: {}: {text}", !wanted));
                }
            }
        }
        for (path, bytes) in written.iter().flatten() {
            let zone = path
                .strip_prefix("dns/")
                .and_then(|path| path.strip_suffix(".zone"));
            // A whole zone whose host has no address is what N020 speaks of.
            let whole = findings.iter().any(|found| found["check"] == "N020");
            if let Some(zone) = zone.filter(|zone| !zone.contains('/') && !whole) {
                crate::zones::check(zone, &String::from_utf8_lossy(bytes));
            }
        }
        let all = ["human", "json", "sarif", "markdown"];
        let mut shown: Vec<String> = all.iter().filter_map(|form| asked.report(form)).collect();
        let bytes = written.iter().flat_map(BTreeMap::values);
        shown.extend(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()));
        for secret in &self.never {
            if shown.iter().any(|text| text.contains(secret.as_str())) {
                breaches.push(format!("{secret:?} is shown"));
            }
        }
        if !breaches.is_empty() {
            for found in findings {
                breaches.push(format!(
                    "  said: {} {} {} | {}",
                    found["severity"], found["check"], found["message"], found["help"]
                ));
            }
        }
        breaches
    }
}

impl Wanted {
    fn fits(&self, found: &Value, files: &BTreeMap<String, Vec<u8>>) -> bool {
        let help = found["help"].as_str().unwrap_or_default();
        let severity = self.severity.as_deref();
        let here = found["labels"].as_array().and_then(|labels| {
            let place = labels.first()?;
            let text = files.get(place["file"].as_str()?)?;
            let text = String::from_utf8_lossy(text).into_owned();
            let line = usize::try_from(place["line"].as_u64()?).ok()?;
            let column = usize::try_from(place["column"].as_u64()?).ok()?;
            let line = text.lines().nth(line - 1)?.to_owned();
            Some(line.chars().skip(column - 1).collect::<String>())
        });
        let at = |part: &String| {
            here.as_ref()
                .is_some_and(|here| here.starts_with(part.as_str()))
        };
        found["check"] == self.code.as_str()
            && severity.is_none_or(|wanted| found["severity"] == wanted)
            && found["message"]
                .as_str()
                .unwrap_or_default()
                .contains(&self.says)
            && self.at.as_ref().is_none_or(at)
            && self
                .help
                .as_ref()
                .is_none_or(|part| help.contains(part.as_str()))
    }
}

/// The cases of a file, of which each says something.
fn cases(text: &str) -> Vec<Case> {
    let cases: Vec<Case> = serde_yaml::from_str(text).expect("the cases");
    let mut names = std::collections::BTreeSet::new();
    for case in &cases {
        assert!(names.insert(&case.name), "`{}` stands twice", case.name);
        let says_something = !case.finds.is_empty()
            || !case.silent.is_empty()
            || !case.files.is_empty()
            || case.clean;
        assert!(says_something, "`{}` says nothing", case.name);
    }
    cases
}

fn hold(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let breaches = case.breaches();
        if !breaches.is_empty() {
            wrong.push(format!("{}:\n{}", case.name, breaches.join("\n")));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn every_case_holds() {
    let bad_input = cases(include_str!("bad_input.yaml"));
    let cases = cases(include_str!("cases.yaml"));
    // Each check of records and of mail that leaves is silent at a spec that is nearly its own.
    for rule in mailtopo::compile::rules() {
        let code = rule.code.to_string();
        let all = || cases.iter().chain(&bad_input);
        let is_silent = || all().any(|case| case.silent.contains(&code));
        assert!(
            !code.starts_with(['N', 'U']) || is_silent(),
            "{code} has no near miss"
        );
    }
    hold(&cases);
}

/// Bad input is refused with code, severity, place and help, or taken as it is, which the case says then.
#[test]
fn bad_input_is_refused_where_it_stands() {
    let cases = cases(include_str!("bad_input.yaml"));
    for case in &cases {
        let is_whole = |one: &Wanted| {
            let texts = [&one.severity, &one.at, &one.help];
            texts
                .into_iter()
                .all(|text| text.as_ref().is_some_and(|text| !text.is_empty()))
        };
        assert!(
            case.finds.iter().all(is_whole)
                && !(case.finds.is_empty() && !case.clean && case.silent.is_empty()),
            "`{}` leaves something open",
            case.name
        );
    }
    hold(&cases);
}
