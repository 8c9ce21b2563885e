//! All that the laws know of the library: one spec in, the documents of the commands and the written files out.

use mailtopo::testing::plan::Plan;
use mailtopo::testing::{Asked, Planted, Question};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The day of every run, the one that the cases are written for.
pub(crate) const TODAY: &str = "2026-11-29";

/// The name of the main document.
pub(crate) const MAIN: &str = "mailtopo.yaml";

/// The files of a spec by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A finding, as `check --output-format json` has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub check: String,
    pub severity: String,
    pub certainty: String,
    /// The readings that it rests on.
    pub readings: BTreeSet<String>,
    /// In the order of the report: the first is what has to be changed.
    pub objects: Vec<String>,
    pub domains: BTreeSet<String>,
    pub domains_total: u64,
    pub message: String,
    pub help: String,
    /// The objects and places of its counterexample.
    pub trace: Vec<Hop>,
    /// Whether `ignore` accepts it.
    pub accepted: bool,
}

/// A hop of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hop {
    pub at: String,
    pub to: String,
    pub by: String,
    pub tls: String,
    /// What would have taken the message otherwise.
    pub instead_of: Vec<String>,
}

/// One possible way of a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path {
    pub ends: String,
    pub certainty: String,
    pub readings: BTreeMap<String, String>,
    pub assuming: BTreeSet<String>,
    pub tls: String,
    pub egress: Vec<String>,
    /// Whose mail receivers are asked to refuse or suspect, as nothing proves it.
    pub unproved: Option<String>,
    pub hops: Vec<Hop>,
}

impl Path {
    /// The places on the way, the sender first.
    pub(crate) fn places(&self) -> Vec<&str> {
        let first = self.hops.first().map(|hop| hop.at.as_str());
        let rest = self.hops.iter().map(|hop| hop.to.as_str());
        first.into_iter().chain(rest).collect()
    }
}

/// All ways of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub paths: Vec<Path>,
    /// There are more ways than are listed.
    pub cut: bool,
}

/// What a spec came to.
pub(crate) struct Compiled {
    asked: Asked,
    pub findings: Vec<Finding>,
    /// What is written; nothing while there are errors.
    pub files: Option<Files>,
}

impl Compiled {
    /// Compiles a spec on the usual day.
    pub(crate) fn of(files: &Files) -> Self {
        Self::on(files, MAIN, TODAY)
    }

    /// Compiles the spec called `main` on a day.
    pub(crate) fn on(files: &Files, main: &str, today: &str) -> Self {
        Self::from(Asked::of(main, files, today).expect("a main document and a day"))
    }

    /// What `check` says of a spec, without an output.
    pub(crate) fn checked(files: &Files) -> Self {
        Self::from(Asked::checked(MAIN, files, TODAY).expect("a main document and a day"))
    }

    fn from(asked: Asked) -> Self {
        let report = asked.report("json").expect("a known form");
        let report: Value = serde_json::from_str(&report).expect("JSON");
        let findings = list(&report["findings"]).iter().map(finding).collect();
        Self {
            files: asked.files(),
            findings,
            asked,
        }
    }

    /// What `check` says of the same files, which builds no output: its report.
    pub(crate) fn report_of_check(files: &Files) -> String {
        let checked = Asked::checked(MAIN, files, TODAY).expect("a main document and a day");
        checked.report("json").expect("a known form")
    }

    /// Nothing where the spec itself has mistakes.
    pub(crate) fn tracer(&self) -> Option<Tracer<'_>> {
        self.asked.tracer().map(Tracer)
    }

    /// The objects that were walked; nothing where the spec itself has mistakes.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        self.asked.plan()
    }

    /// The document of `routes`; nothing where the spec itself has mistakes.
    pub(crate) fn routes(&self) -> Option<Value> {
        self.asked.routes()
    }

    /// The report in the form with this name.
    pub(crate) fn report(&self, form: &str) -> String {
        self.asked.report(form).expect("a known form")
    }

    /// Faults in what is written that nobody notices and that are not idle.
    pub(crate) fn unnoticed(
        &self,
        asked: &[Question],
        is_idle: &dyn Fn(&Planted) -> bool,
    ) -> Vec<Planted> {
        self.asked.unnoticed(asked, is_idle)
    }

    /// How much was looked at: pairs, ways, hops, losers.
    pub(crate) fn counters(&self) -> [usize; 4] {
        self.asked.counters()
    }

    /// Whether something is not written because of this finding.
    pub(crate) fn withholds(&self, finding: &Finding) -> bool {
        let mut all = self.asked.withholding().into_iter();
        all.any(|(check, objects)| check == finding.check && objects == finding.objects)
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity == "error" && !finding.accepted)
    }
}

/// Answers questions about ways.
pub(crate) struct Tracer<'a>(mailtopo::testing::Tracer<'a>);

impl Tracer<'_> {
    /// All ways of a message, or why there is no such message.
    pub(crate) fn trace(&self, from: &str, to: &str) -> Result<Trace, String> {
        self.0.trace(from, to).map(|document| read(&document))
    }

    /// The same for an address that nobody has, even where the spec leaves that open.
    pub(crate) fn trace_to_nobody(&self, from: &str, to: &str) -> Result<Trace, String> {
        let document = self.0.trace_to_nobody(from, to)?;
        Ok(read(&document))
    }
}

fn read(document: &Value) -> Trace {
    Trace {
        paths: list(&document["paths"]).iter().map(path).collect(),
        cut: document["cut"] == true,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts<T: FromIterator<String>>(value: &Value) -> T {
    list(value).iter().map(text).collect()
}

fn finding(value: &Value) -> Finding {
    Finding {
        check: text(&value["check"]),
        severity: text(&value["severity"]),
        certainty: text(&value["certainty"]),
        readings: texts(&value["readings"]),
        objects: texts(&value["objects"]),
        domains: texts(&value["domains"]),
        domains_total: value["domains_total"].as_u64().unwrap_or_default(),
        message: text(&value["message"]),
        help: text(&value["help"]),
        trace: list(&value["trace"]).iter().map(hop).collect(),
        accepted: value.get("accepted").is_some(),
    }
}

fn hop(value: &Value) -> Hop {
    Hop {
        at: text(&value["at"]),
        to: text(&value["to"]),
        by: text(&value["by"]),
        tls: text(&value["tls"]),
        instead_of: list(&value["instead_of"])
            .iter()
            .map(|loser| text(&loser["by"]))
            .collect(),
    }
}

fn path(value: &Value) -> Path {
    let readings = value["readings"].as_object().into_iter().flatten();
    Path {
        ends: text(&value["ends"]),
        certainty: text(&value["certainty"]),
        readings: readings
            .map(|(id, word)| (id.clone(), text(word)))
            .collect(),
        assuming: texts(&value["assuming"]),
        tls: text(&value["tls"]),
        egress: texts(&value["egress"]),
        unproved: {
            let proof = &value["authentication"];
            let asked = text(&proof["policy"]);
            let is_lost = text(&proof["dmarc"]) == "fail" && asked != "none" && !asked.is_empty();
            is_lost.then(|| text(&proof["from"]))
        },
        hops: list(&value["hops"]).iter().map(hop).collect(),
    }
}
