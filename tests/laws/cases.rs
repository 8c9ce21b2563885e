//! Single faults with the right value: `tests/cases/NAME/`, the spec and `expected.yaml`.
//!
//! `expected.yaml` says what must hold, row by row, and `open: true` while it does not. A case that is open and holds
//! fails: whoever mends it takes the word out, and it stays as a test.

use crate::breach::in_parallel;
use crate::corpus::{below, folders, root};
use crate::surface::{Compiled, Files, Finding, MAIN, TODAY, Trace};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Whether it fails today.
    #[serde(default)]
    open: bool,
    /// Why the value is right.
    why: String,
    rows: Vec<Row>,
}

/// What must hold of one spec. Everything that is written must.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Row {
    /// Pieces of the main document and what is written in their place.
    change: Vec<(String, String)>,
    today: Option<String>,
    /// 0: no error; 1: errors.
    exit: Option<u8>,
    /// There is such a finding.
    has: Vec<Wanted>,
    /// There is no such finding.
    lacks: Vec<Wanted>,
    /// So many findings are such.
    count: Vec<(usize, Wanted)>,
    trace: Option<Asked>,
    /// A part of each written file, by its path: what it holds and what it does not.
    files: BTreeMap<String, Pieces>,
    /// A part of the report in a form, by the name of the form.
    report: BTreeMap<String, Pieces>,
    /// A part of the document of `routes`, which is one route, by its name.
    routes: BTreeMap<String, Pieces>,
    /// Commands that end with 0, run by `sh` in a copy of the folder, where `$MAILTOPO` is the program.
    shell: Option<String>,
    /// One of these holds.
    either: Vec<Row>,
}

/// Everything that is written must be true of the finding.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    /// One of these codes.
    check: Vec<String>,
    /// All of these are among its objects.
    on: Vec<String>,
    /// The first of its objects.
    first: Option<String>,
    severity: Option<String>,
    certainty: Option<String>,
    domain: Option<String>,
    message: Option<String>,
    help: Option<String>,
    no_help: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    from: String,
    to: String,
    /// Each way ends so.
    ends: Option<String>,
    /// One way ends so.
    some: Option<String>,
    /// No way ends with this.
    never: Option<String>,
    /// Each way has this level.
    tls: Option<String>,
    /// Each way leaves from exactly these.
    egress: Option<Vec<String>>,
    /// One way has these places in a row.
    way: Option<Vec<String>>,
    /// Each way passes this place.
    through: Option<String>,
    /// No way passes this place.
    not_through: Option<String>,
    /// So many ways.
    ways: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Pieces {
    /// Only the text between these two is looked at.
    within: Option<(String, String)>,
    has: Vec<String>,
    lacks: Vec<String>,
    /// Pieces that stand in this order.
    order: Vec<String>,
}

/// The names of the open cases.
pub(crate) fn open() -> BTreeSet<String> {
    let cases = folders(&root("tests/cases"));
    let open = cases.iter().filter(|path| read(path).open);
    open.map(|path| name(path)).collect()
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

fn read(folder: &Path) -> Case {
    let path = folder.join("expected.yaml");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn cases_hold_unless_they_are_open() {
    let cases = folders(&root("tests/cases"));
    assert!(cases.len() >= 90, "only {} cases were found", cases.len());
    let numbers: Vec<usize> = (0..cases.len()).collect();
    let results = in_parallel(&numbers, |number| {
        let (case, files) = (read(&cases[number]), below(&cases[number]));
        assert!(
            !case.why.is_empty() && !case.rows.is_empty(),
            "{}",
            cases[number].display()
        );
        let mut wrong = Vec::new();
        for row in &case.rows {
            wrong.extend(row.wrong(&files));
        }
        (case, wrong)
    });
    let (mut text, mut open) = (String::new(), 0);
    for (path, (case, wrong)) in cases.iter().zip(&results) {
        open += usize::from(case.open);
        match (case.open, wrong.is_empty()) {
            (true, true) => {
                let _ = writeln!(text, "{} holds now: take `open: true` out", name(path));
            }
            (false, false) => {
                let _ = writeln!(text, "{} ({})", name(path), case.why);
                for line in wrong {
                    let _ = writeln!(text, "    {line}");
                }
            }
            _ if std::env::var_os("SHOW_OPEN").is_some() => {
                for line in wrong {
                    println!("{}: {line}", name(path));
                }
            }
            _ => {}
        }
    }
    println!("{} cases, {open} of them open", cases.len());
    assert!(text.is_empty(), "{text}");
}

impl Row {
    /// What does not hold.
    fn wrong(&self, files: &Files) -> Vec<String> {
        let mut files = files.clone();
        if !self.change.is_empty() {
            let mut text = String::from_utf8(files[MAIN].clone()).expect("UTF-8");
            for (old, new) in &self.change {
                assert!(text.contains(old.as_str()), "there is no `{old}` to change");
                text = text.replace(old.as_str(), new);
            }
            files.insert(MAIN.to_owned(), text.into_bytes());
        }
        let mut wrong = Vec::new();
        if !self.either.is_empty() {
            let tried: Vec<Vec<String>> = self.either.iter().map(|row| row.wrong(&files)).collect();
            if tried.iter().all(|wrong| !wrong.is_empty()) {
                wrong.extend(
                    tried
                        .concat()
                        .into_iter()
                        .map(|line| format!("either: {line}")),
                );
            }
        }
        if let Some(script) = &self.shell {
            wrong.extend(run(script, &files));
        }
        if files.contains_key(MAIN) {
            let today = self.today.as_deref().unwrap_or(TODAY);
            wrong.extend(self.wrong_in(&Compiled::on(&files, MAIN, today)));
        }
        wrong
    }

    fn wrong_in(&self, compiled: &Compiled) -> Vec<String> {
        let mut wrong = Vec::new();
        let shown: Vec<String> = compiled.findings.iter().map(shown).collect();
        let shown = shown.join("; ");
        if let Some(exit) = self.exit
            && exit != u8::from(compiled.has_errors())
        {
            wrong.push(format!("exit is not {exit}: {shown}"));
        }
        let how_many = |wanted: &Wanted| {
            let findings = compiled.findings.iter();
            findings.filter(|finding| wanted.is(finding)).count()
        };
        for wanted in self.has.iter().filter(|wanted| how_many(wanted) == 0) {
            wrong.push(format!("no finding is {wanted:?}: {shown}"));
        }
        for wanted in self.lacks.iter().filter(|wanted| how_many(wanted) > 0) {
            wrong.push(format!("a finding is {wanted:?}: {shown}"));
        }
        for (number, wanted) in &self.count {
            if how_many(wanted) != *number {
                wrong.push(format!(
                    "{} and not {number} findings are {wanted:?}",
                    how_many(wanted)
                ));
            }
        }
        if let Some(asked) = &self.trace {
            let trace = compiled
                .tracer()
                .ok_or_else(|| "the spec has mistakes".to_owned());
            match trace.and_then(|tracer| tracer.trace(&asked.from, &asked.to)) {
                Ok(trace) => wrong.extend(asked.wrong(&trace)),
                Err(why) => wrong.push(format!("no trace: {why}")),
            }
        }
        for (paths, pieces) in &self.files {
            let Some(files) = &compiled.files else {
                wrong.push(format!("nothing is written: {shown}"));
                break;
            };
            let text = texts_of(files, paths);
            if text.is_empty() {
                wrong.push(format!("`{paths}` is not written"));
            }
            wrong.extend(pieces.wrong(paths, &text));
        }
        for (form, pieces) in &self.report {
            wrong.extend(pieces.wrong(form, &compiled.report(form)));
        }
        for (route, pieces) in &self.routes {
            let document = compiled.routes().unwrap_or_default();
            let rows = document["routes"].as_array().into_iter().flatten();
            let row = rows.into_iter().find(|row| row["name"] == route.as_str());
            let text = row.map(ToString::to_string).unwrap_or_default();
            wrong.extend(pieces.wrong(&format!("route {route}"), &text));
        }
        wrong
    }
}

/// The texts of the files with these paths, one behind the other; `folder/*` stands for all files in the folder.
fn texts_of(files: &Files, paths: &str) -> String {
    let mut text = String::new();
    for wanted in paths.split(' ') {
        let found = files
            .iter()
            .filter(|(path, _)| match wanted.strip_suffix('*') {
                Some(folder) => path.starts_with(folder),
                None => path.as_str() == wanted,
            });
        found.for_each(|(_, bytes)| text.push_str(&String::from_utf8_lossy(bytes)));
    }
    text
}

/// One space for each run of spaces, line breaks and signs that a command goes on.
fn in_one_line(text: &str) -> String {
    let words = text.split_whitespace().filter(|&word| word != "`");
    words.collect::<Vec<_>>().join(" ")
}

fn shown(finding: &Finding) -> String {
    format!(
        "{} {} {} on {:?} for {:?}: {} ({})",
        finding.check,
        finding.severity,
        finding.certainty,
        finding.objects,
        finding.domains,
        finding.message,
        finding.help
    )
}

impl Wanted {
    fn is(&self, finding: &Finding) -> bool {
        let is =
            |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|it| it == found);
        let holds = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|it| found.contains(it.as_str()))
        };
        (self.check.is_empty() || self.check.contains(&finding.check))
            && self
                .on
                .iter()
                .all(|object| finding.objects.contains(object))
            && self
                .first
                .as_ref()
                .is_none_or(|object| finding.objects.first() == Some(object))
            && is(&self.severity, &finding.severity)
            && is(&self.certainty, &finding.certainty)
            && self
                .domain
                .as_ref()
                .is_none_or(|it| finding.domains.contains(it))
            && holds(&self.message, &finding.message)
            && holds(&self.help, &finding.help)
            && self
                .no_help
                .as_ref()
                .is_none_or(|it| !finding.help.contains(it.as_str()))
    }
}

impl Asked {
    fn wrong(&self, trace: &Trace) -> Vec<String> {
        let mut wrong = Vec::new();
        let ends = |text: &str, end: &str| end == text || end.starts_with(&format!("{text} "));
        for path in &trace.paths {
            let mut say = |what: &str| {
                wrong.push(format!(
                    "{} to {}: {what}: {} by {:?}, tls {}, from {:?}",
                    self.from,
                    self.to,
                    path.ends,
                    path.places(),
                    path.tls,
                    path.egress
                ));
            };
            if self.ends.as_ref().is_some_and(|it| !ends(it, &path.ends)) {
                say("it ends another way");
            }
            if self.never.as_ref().is_some_and(|it| ends(it, &path.ends)) {
                say("it must not end so");
            }
            if self.tls.as_ref().is_some_and(|it| *it != path.tls) {
                say("another level of TLS");
            }
            if self.egress.as_ref().is_some_and(|it| *it != path.egress) {
                say("it leaves from elsewhere");
            }
            let passes = |place: &String| path.places().contains(&place.as_str());
            if self.through.as_ref().is_some_and(|it| !passes(it)) {
                say("it passes the place by");
            }
            if self.not_through.as_ref().is_some_and(passes) {
                say("it passes the place");
            }
        }
        let all: Vec<&str> = trace.paths.iter().map(|path| path.ends.as_str()).collect();
        if let Some(some) = &self.some
            && !all.iter().any(|end| ends(some, end))
        {
            wrong.push(format!("no way ends `{some}` but {all:?}"));
        }
        if let Some(way) = &self.way {
            let ways: Vec<Vec<&str>> = trace
                .paths
                .iter()
                .map(crate::surface::Path::places)
                .collect();
            if !ways
                .iter()
                .any(|places| places.windows(way.len()).any(|part| part == way))
            {
                wrong.push(format!("no way goes {way:?} but {ways:?}"));
            }
        }
        if self.ways.is_some_and(|it| it != trace.paths.len()) {
            wrong.push(format!("there are {} ways", trace.paths.len()));
        }
        if trace.paths.is_empty() {
            wrong.push("there is no way".to_owned());
        }
        wrong
    }
}

impl Pieces {
    /// Spaces do not matter, but for pieces that speak of whole lines.
    fn wrong(&self, of: &str, text: &str) -> Vec<String> {
        let text = match &self.within {
            None => text,
            Some((first, last)) => {
                let part = text.split_once(first.as_str()).map(|(_, after)| after);
                match part.and_then(|after| after.split_once(last.as_str())) {
                    Some((part, _)) => part,
                    None => return vec![format!("`{of}` has nothing from `{first}` to `{last}`")],
                }
            }
        };
        let joined = in_one_line(text);
        let of_piece = |piece: &str| {
            if piece.contains('\n') {
                text
            } else {
                joined.as_str()
            }
        };
        let holds = |piece: &&String| of_piece(piece).contains(piece.as_str());
        let mut wrong = Vec::new();
        for piece in self.has.iter().filter(|piece| !holds(piece)) {
            wrong.push(format!("`{of}` does not hold `{piece}`"));
        }
        for piece in self.lacks.iter().filter(holds) {
            wrong.push(format!("`{of}` holds `{piece}`"));
        }
        let is_lines = self.order.iter().any(|piece| piece.contains('\n'));
        let mut rest = if is_lines { text } else { joined.as_str() };
        for piece in &self.order {
            match rest.split_once(piece.as_str()) {
                Some((_, after)) => rest = after,
                None => wrong.push(format!("`{of}` does not hold `{piece}` in its place")),
            }
        }
        wrong
    }
}

/// Runs a script in a folder of its own; what it said where it fails.
fn run(script: &str, files: &Files) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    let output = Command::new("sh")
        .args(["-eu", "-c", script])
        .current_dir(folder.path())
        .env("MAILTOPO", env!("CARGO_BIN_EXE_mailtopo"))
        .env("REPOSITORY", root(""))
        .env_remove("NO_COLOR")
        .output()
        .expect("sh starts");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let last: Vec<&str> = said.lines().rev().take(6).collect();
    let failed = !output.status.success();
    failed.then(|| format!("{}: {last:?}", output.status))
}
