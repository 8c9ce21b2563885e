//! Reports from the field: what administrators wrote in public, as specs, against what has to be said of them.
//!
//! Every folder holds a spec, whose first lines tell the situation, its true cause and where it was reported, and what was
//! expected of the tool before it was run. What it still gets wrong is marked `open`, and fails here once it is right, so
//! that the mark goes with the fault.
//!
//! The folders `review-*` hold what reviewers of changes asked of other tools: their `shell` runs the commands of a review,
//! and their `README.md` shows the output.

use serde::Deserialize;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    platform: Platform,
    source: String,
    /// Findings that must be there.
    #[serde(default)]
    says: Vec<Finding>,
    /// Checks that must find nothing.
    #[serde(default)]
    silent: Vec<String>,
    /// Whether nothing at all may be found, notes apart.
    #[serde(default)]
    clean: bool,
    #[serde(default)]
    ends: Vec<Mail>,
    #[serde(default)]
    files: Vec<Written>,
    /// Commands that end with 0, run by `sh` in a copy of the folder, where `$MAILTOPO` is the program, and `exits N COMMAND`
    /// runs a command that has to end with N and keeps its output in `out`. What they leave in `shown` stands in `README.md`.
    shell: Option<String>,
    /// The spec is the draft of these exports: what was read of them.
    import: Option<Import>,
    /// What version 0.1 did on the day the case was written.
    before: Before,
    wrong_because: Option<String>,
    #[serde(default)]
    open: bool,
    reason: Option<String>,
}

/// Exports, and what becomes of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    /// `LOCATION=FILE`, in the folder of the case.
    exports: Vec<String>,
    /// How many values there are of each verdict; of others there are none.
    verdicts: std::collections::BTreeMap<String, u64>,
    /// How many objects of Exchange and of zones are otherwise once the draft is compiled; the ledger names them.
    #[serde(default)]
    differs: usize,
    /// How many changes of mail flow that makes.
    #[serde(default)]
    elsewhere: usize,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Platform {
    Exchange,
    Postfix,
    Dns,
    Review,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Before {
    Right,
    Wrong,
}

/// A word, or several of which one will do.
#[derive(Deserialize, Debug)]
#[serde(untagged)]
enum OneOf {
    One(String),
    Any(Vec<String>),
}

impl OneOf {
    fn holds(&self, test: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(word) => test(word),
            Self::Any(words) => words.iter().any(|word| test(word)),
        }
    }
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Finding {
    check: Option<OneOf>,
    on: Option<OneOf>,
    domain: Option<String>,
    severity: Option<String>,
    /// A word of the message, where no check exists yet that could be named.
    text: Option<String>,
    /// A word of what would mend it.
    help: Option<String>,
}

impl Finding {
    fn is(&self, found: &Value) -> bool {
        let has = |list: &str, word: &str| {
            found[list]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one == word))
        };
        self.check
            .as_ref()
            .is_none_or(|check| check.holds(|code| found["check"] == code))
            && self
                .on
                .as_ref()
                .is_none_or(|on| on.holds(|object| has("objects", object)))
            && self
                .domain
                .as_ref()
                .is_none_or(|domain| has("domains", domain))
            && self
                .severity
                .as_ref()
                .is_none_or(|severity| found["severity"] == severity.as_str())
            && [("message", &self.text), ("help", &self.help)]
                .into_iter()
                .all(|(key, text)| {
                    let said = || found[key].as_str().unwrap_or_default();
                    text.as_ref().is_none_or(|text| said().contains(text))
                })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mail {
    from: String,
    to: String,
    /// Where every way may end.
    ends: Vec<String>,
    /// Places that every way passes.
    #[serde(default)]
    via: Vec<String>,
}

/// What a written file holds, whatever the width of its gaps; a folder is all files below it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    path: String,
    #[serde(default)]
    has: Vec<OneOf>,
    #[serde(default)]
    lacks: Vec<String>,
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mailtopo"))
        .args(arguments)
        .output()
        .expect("mailtopo runs")
}

fn json(arguments: &[&str]) -> Result<Value, String> {
    let output = run(arguments);
    serde_json::from_slice(&output.stdout).map_err(|_| {
        format!(
            "`mailtopo {}`: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

fn text_below(path: &Path) -> String {
    let Ok(entries) = fs::read_dir(path) else {
        return fs::read_to_string(path).unwrap_or_default();
    };
    entries
        .map(|entry| text_below(&entry.expect("an entry").path()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn narrow(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const EXITS: &str = r#"exits() {
    expected=$1
    shift
    actual=0
    "$@" >out 2>err || actual=$?
    [ "$actual" = "$expected" ] || { echo "$* ends with $actual and not $expected"; tail -n 4 out err; exit 1; }
}
"#;

/// What is wrong with the run of the commands, which happens in a copy of the folder.
fn fault_of_commands(folder: &Path, script: &str) -> Option<String> {
    let copy = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(folder).expect("the folder of the case") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("a copy");
    }
    let output = Command::new("sh")
        .args(["-eu", "-c", &format!("{EXITS}{script}")])
        .current_dir(copy.path())
        .env("MAILTOPO", env!("CARGO_BIN_EXE_mailtopo"))
        .output()
        .expect("sh starts");
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        return Some(format!(
            "{}: {}",
            output.status,
            String::from_utf8_lossy(&said)
        ));
    }
    let page = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    let shown = fs::read_to_string(copy.path().join("shown")).unwrap_or_default();
    (shown.trim().is_empty() || !page.contains(shown.trim()))
        .then(|| format!("`README.md` does not show:\n{shown}"))
}

/// What is wrong with the draft of the exports of a case: it is the spec below its comment, and every value is accounted for.
fn faults_of_import(folder: &Path, import: &Import) -> Vec<String> {
    let made = tempfile::tempdir().expect("a folder");
    let out = made.path().join("draft");
    let mut arguments = vec!["import".to_owned()];
    arguments.extend(import.exports.iter().cloned());
    let output = Command::new(env!("CARGO_BIN_EXE_mailtopo"))
        .args(arguments)
        .args(["--today", "2026-11-29", "--out"])
        .arg(&out)
        .current_dir(folder)
        .output()
        .expect("mailtopo runs");
    let Ok(ledger) = fs::read(out.join("import.json")) else {
        return vec![format!(
            "not imported: {}",
            String::from_utf8_lossy(&output.stderr)
        )];
    };
    let ledger: Value = serde_json::from_slice(&ledger).expect("JSON");
    let mut faults = Vec::new();
    let verdicts = ledger["verdicts"].as_object().expect("a table");
    let found: std::collections::BTreeMap<String, u64> = verdicts
        .iter()
        .filter_map(|(word, count)| Some((word.clone(), count.as_u64()?)))
        .filter(|(_, count)| *count > 0)
        .collect();
    if found != import.verdicts || Some(found.values().sum()) != ledger["values"].as_u64() {
        faults.push(format!("verdicts: {found:?}"));
    }
    let is_lost = found.contains_key("truncated") || found.contains_key("not-understood");
    if output.status.code()
        != Some(i32::from(
            is_lost || ledger["extra"] != Value::Array(Vec::new()),
        ))
    {
        faults.push(format!("ends with {:?}", output.status.code()));
    }
    // Of what does not compile nothing is compared.
    let compared = Command::new(env!("CARGO_BIN_EXE_mailtopo"))
        .arg("drift")
        .arg(out.join("mailtopo.yaml"))
        .args(&import.exports)
        .args(["--today", "2026-11-29", "--output-format", "json"])
        .current_dir(folder)
        .output()
        .expect("mailtopo runs");
    if let Ok(compared) = serde_json::from_slice::<Value>(&compared.stdout)
        && let (Some(objects), Some(changes)) = (
            compared["objects"].as_array(),
            compared["changes"].as_array(),
        )
    {
        // The files of Postfix say the same in other words; where its mail goes is compared.
        let is_other = |object: &&Value| {
            let title = object["object"].as_str().unwrap_or_default();
            let is_file = title.starts_with("main.cf ") || title.starts_with("table ");
            !is_file
                && !matches!(
                    object["state"].as_str(),
                    Some("as-compiled" | "not-exported")
                )
        };
        let others = objects.iter().filter(is_other).count();
        if (others, changes.len()) != (import.differs, import.elsewhere) {
            faults.push(format!(
                "compiled, {others} objects differ and {} changes of mail flow are made",
                changes.len()
            ));
        }
    }
    let body = |text: &str| -> String {
        let lines = text.lines().skip_while(|line| line.starts_with('#'));
        lines.collect::<Vec<_>>().join("\n")
    };
    let draft = fs::read_to_string(out.join("mailtopo.yaml")).expect("a draft");
    let spec = fs::read_to_string(folder.join("mailtopo.yaml")).expect("a spec");
    if body(&draft) != body(&spec) {
        faults.push(format!("the draft is:\n{draft}"));
    }
    faults
}

/// What is not as expected, in words.
fn faults(spec: &str, expected: &Expected) -> Vec<String> {
    let mut faults = Vec::new();
    let folder = Path::new(spec).parent().expect("the folder of the spec");
    if let Some(script) = &expected.shell {
        faults.extend(fault_of_commands(folder, script));
    }
    if let Some(import) = &expected.import {
        faults.extend(faults_of_import(folder, import));
    }
    match json(&[
        "check",
        spec,
        "--today",
        "2026-11-29",
        "--output-format",
        "json",
    ]) {
        Ok(report) => {
            let findings = report["findings"].as_array().expect("a list of findings");
            for wanted in &expected.says {
                if !findings.iter().any(|found| wanted.is(found)) {
                    faults.push(format!("not said: {wanted:?}"));
                }
            }
            for found in findings {
                let code = found["check"].as_str().unwrap_or_default();
                // What a provider has ended since is no fault of the situation.
                let is_dated = code.starts_with('K');
                if expected.silent.iter().any(|one| one == code)
                    || (expected.clean && found["severity"] != "note" && !is_dated)
                {
                    faults.push(format!("said: {code} {}", found["message"]));
                }
            }
        }
        Err(problem) => faults.push(problem),
    }
    for mail in &expected.ends {
        let name = format!("from {} to {}", mail.from, mail.to);
        match json(&[
            "trace",
            spec,
            "--from",
            &mail.from,
            "--to",
            &mail.to,
            "--output-format",
            "json",
        ]) {
            Ok(trace) => {
                let paths = trace["paths"].as_array().expect("a list of paths");
                if paths.is_empty() {
                    faults.push(format!("{name}: no way at all"));
                }
                for path in paths {
                    if !mail.ends.iter().any(|end| path["ends"] == end.as_str()) {
                        faults.push(format!(
                            "{name}: ends {} and not {:?}",
                            path["ends"], mail.ends
                        ));
                    }
                    let hops = path["hops"].as_array().expect("a list of hops");
                    for place in &mail.via {
                        if !hops.iter().any(|hop| hop["at"] == place.as_str()) {
                            faults.push(format!("{name}: does not pass {place}"));
                        }
                    }
                }
            }
            Err(problem) => faults.push(problem),
        }
    }
    if !expected.files.is_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out");
        let output = run(&[
            "compile",
            spec,
            "--today",
            "2026-11-29",
            "--out",
            &out.to_string_lossy(),
        ]);
        if !output.status.success() {
            faults.push(format!(
                "not written: {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        for file in &expected.files {
            let text = narrow(&text_below(&out.join(&file.path)));
            for words in &file.has {
                if !words.holds(|word| text.contains(word)) {
                    faults.push(format!("{} lacks {words:?}", file.path));
                }
            }
            for word in &file.lacks {
                if text.contains(word.as_str()) {
                    faults.push(format!("{} holds `{word}`", file.path));
                }
            }
        }
    }
    faults
}

/// What is wrong with the case itself.
fn disorder(text: &str, expected: &Expected) -> Vec<&'static str> {
    let situation = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect::<String>();
    let mut disorder = Vec::new();
    if !situation.contains(&expected.source) {
        disorder.push("the first lines of the spec do not name the source");
    }
    if expected.clean != expected.says.is_empty() {
        disorder.push("either it is clean or something must be said");
    }
    if (expected.before == Before::Wrong) != expected.wrong_because.is_some() {
        disorder.push("`wrong_because` stands where it was wrong before, and nowhere else");
    }
    if (expected.platform == Platform::Review) != expected.shell.is_some() {
        disorder.push("`shell` stands where a review is run, and nowhere else");
    }
    if expected.open != expected.reason.is_some() {
        disorder.push("`reason` stands where it is open, and nowhere else");
    }
    disorder
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/field");
    let mut cases = fs::read_dir(folder)
        .expect("the folder of the cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect::<Vec<_>>();
    cases.sort();
    cases
}

#[test]
fn reports_from_the_field_get_what_they_need() {
    let mut wrong = Vec::new();
    let mut seen = [0, 0, 0, 0];
    for case in cases() {
        let name = case
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let spec = case.join("mailtopo.yaml");
        let text = fs::read_to_string(&spec).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let data = fs::read_to_string(case.join("expected.yaml"))
            .unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let expected: Expected =
            serde_yaml::from_str(&data).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        seen[match expected.platform {
            Platform::Exchange => 0,
            Platform::Postfix => 1,
            Platform::Dns => 2,
            Platform::Review => 3,
        }] += 1;
        wrong.extend(
            disorder(&text, &expected)
                .into_iter()
                .map(|problem| format!("{name}: {problem}")),
        );
        let faults = faults(&spec.to_string_lossy(), &expected);
        match (expected.open, faults.is_empty()) {
            (true, true) => wrong.push(format!(
                "{name}: is right now, so `open` and `reason` have to go"
            )),
            (false, false) => {
                wrong.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
            }
            _ => {}
        }
    }
    assert!(
        seen.iter().all(|count| *count >= 10),
        "ten reports of each platform, and ten of reviews: {seen:?}"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
