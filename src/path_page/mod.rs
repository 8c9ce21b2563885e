//! `graph --format html`: one page that shows the path of a typed address in the picture, and that needs nothing but itself.
//!
//! The paths are followed here and stand in the page as data; its script looks an address up and shows what was found. The
//! policy of the page lets the browser run this script alone and load nothing.

use crate::finding::{Certainty, Finding};
use crate::picture::{self, Picture, svg};
use crate::plan::Plan;
use crate::topology::{Domain, Location, Party, Sender, Topology};
use crate::values::Address;
use crate::walk::{Answer, Directory, Model, Trace, Way, trace};
use crate::writer::html::Html;
use crate::writer::shown;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const STYLE: &str = include_str!("path_page.css");
const SCRIPT: &str = include_str!("path_page.js");

/// Messages that are followed at most. Of more senders, one stands for all that are drawn as one box.
const MOST_MESSAGES: usize = 20_000;

/// Octets of paths in a page about at most: those of senders that would exceed it are left out, and the page says so.
const MOST_OCTETS: usize = 1_500_000;

/// Names in one cell at most.
const MOST_NAMES: usize = 40;

/// Rows of a table at most.
const MOST_ROWS: usize = 500;

/// Stands in the data where the page puts the typed name, and the typed address.
const TYPED_NAME: &str = "\u{e000}";
const TYPED_ADDRESS: &str = "\u{e001}";

/// The page of a plan with what was found.
pub(crate) fn page(plan: &Plan, findings: &[Finding]) -> String {
    let topology = &plan.topology;
    let open = picture::shown(findings);
    let picture = Picture::of(plan, &open);
    let title = match &topology.organization {
        Some(name) => format!("Paths of mail: {}", name.value),
        None => "Paths of mail".to_owned(),
    };
    let mut body = Html::default();
    body.heading(1, &title);
    body.paragraph(&Html::prose(&format!(
        "mailtopo {} made this page from the topology with the SHA-256 digest `{}`. It holds the paths of all mail and needs no network.",
        env!("CARGO_PKG_VERSION"),
        topology.digest()
    )));
    let data = data(plan, &picture, &open);
    body.raw(FORM);
    body.raw("<div id=\"picture\">\n");
    body.picture(&svg::with_marks(&picture));
    body.raw("</div>\n");
    body.paragraph(&Html::text("A dotted line has no TLS, a dashed one has it where both servers offer it, a whole one is encrypted, and a double one verifies the certificate."));
    if !open.is_empty() {
        body.paragraph(&Html::text(
            "Numbers on red are those of the findings below.",
        ));
    }
    body.heading(2, "Who hands mail to whom");
    body.table(
        &[
            ("from", 0),
            ("to", 0),
            ("which mail", 0),
            ("TLS at least", 0),
        ],
        &arrows(&picture),
    );
    if !open.is_empty() {
        body.heading(2, "Findings");
        body.table(
            &[("number", 0), ("check", 0), ("severity", 0), ("finding", 0)],
            &found(&open),
        );
    }
    body.script(&data.to_string(), SCRIPT);
    body.page_with_script(&title, STYLE, SCRIPT)
}

/// What is asked for, and where the answer comes. Without scripts there is none, so that the script shows it.
const FORM: &str = "<form id=\"ask\" hidden>\n<label>From <select id=\"from\"></select></label>\n<label>To <input id=\"to\" type=\"text\" size=\"32\" autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\"></label>\n<button type=\"submit\">Show path</button>\n<label>All mail for <select id=\"domain\"></select></label>\n<label>All mail at <select id=\"location\"></select></label>\n<label>Finding <select id=\"finding\"></select></label>\n</form>\n<noscript><p>Without scripts this page shows the picture and the tables, and not the path of an address.</p></noscript>\n<section id=\"answer\" aria-live=\"polite\" aria-label=\"The path\" hidden></section>\n";

/// The arrows, for those who do not see the picture.
fn arrows(picture: &Picture) -> Vec<Vec<Html>> {
    let label = |at: usize| Html::text(picture.boxes.get(at).map_or("", |node| &node.label));
    let rows = picture.arrows.iter().take(MOST_ROWS).map(|arrow| {
        let more = arrow.mail.len().saturating_sub(MOST_NAMES);
        let more = (more > 0).then(|| Html::text(&format!("and {more} more")));
        let mail = arrow
            .mail
            .iter()
            .take(MOST_NAMES)
            .map(|mail| Html::text(mail));
        let tls = arrow
            .tls
            .map_or("follows the MX".to_owned(), |tls| tls.to_string());
        vec![
            label(arrow.from),
            label(arrow.to),
            Html::list(mail.chain(more)),
            Html::text(&tls),
        ]
    });
    rows.collect()
}

fn found(open: &[&Finding]) -> Vec<Vec<Html>> {
    let rows = (1..).zip(open).map(|(number, at): (usize, _)| {
        vec![
            Html::text(&number.to_string()),
            Html::text(&at.check.to_string()),
            Html::text(at.severity.word()),
            Html::prose(&at.message),
        ]
    });
    rows.collect()
}

/// Who can send, in the order of the list: external senders, then those of the spec.
fn senders(topology: &Topology) -> Vec<Party> {
    let holders: BTreeSet<_> = topology
        .domains
        .iter()
        .flat_map(Domain::holder_ids)
        .collect();
    let mut all = vec![Party::Internet];
    all.extend(holders.into_iter().map(Party::Location));
    all.extend(topology.partners().map(|(id, _)| Party::Partner(id)));
    all.extend(topology.devices().map(|(id, _)| Party::Device(id)));
    all
}

/// What the script of the page reads.
fn data(plan: &Plan, picture: &Picture, open: &[&Finding]) -> Value {
    let topology = &plan.topology;
    let model = Model::of(plan);
    let directory = Directory::of(&model);
    let mut senders = senders(topology);
    let all = senders.len();
    if senders.len() * directory.answers.len() > MOST_MESSAGES {
        let boxes = picture
            .boxes
            .iter()
            .filter_map(|node| node.parties.first().copied());
        let first: BTreeSet<Party> = boxes.collect();
        senders.retain(|party| *party == Party::Internet || first.contains(party));
    }
    let mut kept = Kept::default();
    let mut answers: Vec<Vec<usize>> = vec![Vec::new(); directory.answers.len()];
    let mut followed = 0;
    for party in &senders {
        for (answer, results) in directory.answers.iter().zip(&mut answers) {
            let found = trace(&model, &Sender::Party(*party), &answer.to);
            results.push(kept.result(topology, answer, &found));
        }
        followed += 1;
        if kept.octets() > MOST_OCTETS {
            break;
        }
    }
    senders.truncate(followed);
    let addresses: BTreeMap<String, Value> = directory
        .addresses
        .iter()
        .map(|(address, (answer, extended))| (address.to_string(), json!([answer, extended])))
        .collect();
    let boxes: Vec<Value> = picture
        .boxes
        .iter()
        .map(|node| {
            let parties = node.parties.iter().map(|party| topology.party_name(*party));
            json!({"label": node.label, "parties": parties.collect::<Vec<_>>()})
        })
        .collect();
    let arrows: Vec<[usize; 2]> = picture.arrows.iter().map(|at| [at.from, at.to]).collect();
    let findings: Vec<Value> = (1..)
        .zip(open)
        .map(|(number, finding): (usize, _)| {
            let text = shown(&finding.message);
            json!(format!("{number} {}: {text}", finding.check))
        })
        .collect();
    let located = |location: &Location| location.name.clone();
    json!({
        "locations": topology.locations().map(|(_, location)| located(location)).collect::<Vec<_>>(),
        "findings": findings,
        "found_at": picture.boxes.iter().map(|node| &node.findings).collect::<Vec<_>>(),
        "found_on": picture.arrows.iter().map(|arrow| &arrow.findings).collect::<Vec<_>>(),
        "senders": senders.iter().map(|party| topology.party_name(*party)).collect::<Vec<_>>(),
        "left_out": all - senders.len(),
        "cut": directory.cut,
        "names": directory.names,
        "addresses": addresses,
        "answers": answers,
        "results": kept.results.list,
        "ways": kept.ways.list,
        "hops": kept.hops.list,
        "boxes": boxes,
        "arrows": arrows,
    })
}

/// Values that stand in the data once.
#[derive(Default)]
struct Once {
    list: Vec<Value>,
    known: HashMap<String, usize>,
    /// How long all of them are as text.
    octets: usize,
}

impl Once {
    fn number(&mut self, value: Value) -> usize {
        let next = self.list.len();
        let text = value.to_string();
        let octets = text.len();
        let number = *self.known.entry(text).or_insert(next);
        if number == next {
            self.octets += octets;
            self.list.push(value);
        }
        number
    }
}

#[derive(Default)]
struct Kept {
    hops: Once,
    ways: Once,
    results: Once,
}

impl Kept {
    fn octets(&self) -> usize {
        self.hops.octets + self.ways.octets + self.results.octets
    }

    fn result(&mut self, topology: &Topology, answer: &Answer, found: &Trace) -> usize {
        let ways: Vec<usize> = found
            .ways
            .iter()
            .map(|way| self.way(topology, answer, way))
            .collect();
        self.results.number(json!({"ways": ways, "cut": found.cut}))
    }

    fn way(&mut self, topology: &Topology, answer: &Answer, way: &Way) -> usize {
        let hops: Vec<usize> = way
            .hops
            .iter()
            .map(|hop| {
                self.hops.number(json!([
                    hop.at,
                    hop.to,
                    said(&hop.by, answer),
                    hop.tls,
                    said(&hop.why, answer),
                ]))
            })
            .collect();
        let sure = match way.certainty {
            Certainty::Certain => "certain",
            Certainty::Assumed => "assumed",
            Certainty::Possible => "possible",
        };
        let assuming: Vec<String> = way.assuming.iter().map(|text| said(text, answer)).collect();
        let readings: Vec<String> = way
            .readings
            .iter()
            .map(|(id, word)| format!("{id}: {word}"))
            .collect();
        self.ways.number(json!({
            "ends": said(&way.end.ends.words(topology), answer),
            "certainty": sure,
            "tls": way.tls.as_str(),
            "why": said(&way.end.why, answer),
            "hops": hops,
            "assuming": assuming,
            "readings": readings,
        }))
    }
}

/// A text about the address that was followed, for any that gets the same answer.
fn said(text: &str, answer: &Answer) -> String {
    let address: &Address = &answer.to;
    let mut text = shown(text).replace(&format!("`{address}`"), &format!("`{TYPED_ADDRESS}`"));
    if let Some(plain) = &answer.plain {
        text = text.replace(&format!("`{plain}`"), &format!("`{TYPED_ADDRESS}`"));
    }
    if answer.any_name {
        let name = address.domain();
        text = text.replace(&format!("`{name}`"), &format!("`{TYPED_NAME}`"));
        if text == format!("mx {name}") {
            text = format!("mx {TYPED_NAME}");
        }
    }
    text
}
