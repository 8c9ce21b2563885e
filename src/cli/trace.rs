//! `trace`: the way of one message, hop by hop, with the reason for every hop.

use crate::cli::args::{ListForm, TraceArgs};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, check, say_findings, spec};
use crate::compile;
use crate::plan::Plan;
use crate::platforms::reading;
use crate::report::visible;
use crate::values::Address;
use crate::walk::{Model, Trace, Way, expect, trace};
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(super) fn run(args: &TraceArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let spec = spec::open(args.spec.as_deref())?;
    let planned = compile::plan(&spec.input(), Some(check::day(&args.day)?));
    let verdict = say_findings(&spec.shown, &planned, screen);
    let Some(plan) = &planned.plan else {
        return Ok(verdict);
    };
    let from = expect::sender(&plan.topology, &args.from)
        .map_err(|why| Failure::new(format!("cannot trace from `{}`: {why}", args.from)))?;
    let to = Address::parse(&args.to)
        .map_err(|bad| Failure::new(format!("cannot trace to `{}`: {}", args.to, bad.message)))?;
    let trace = trace(&Model::of(plan), &from, &to);
    screen.result(&match args.output_format {
        ListForm::Human => human(plan, &trace),
        ListForm::Json => json_text(plan, &trace)?,
    })?;
    Ok(verdict)
}

fn json_text(plan: &Plan, trace: &Trace) -> Result<String, Failure> {
    serde_json::to_string_pretty(&document(plan, trace))
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(format!("cannot write the trace: {error}")))
}

/// The ways of one message, as other programs read them.
pub(crate) fn document(plan: &Plan, trace: &Trace) -> Value {
    let paths: Vec<Value> = trace.ways.iter().map(|way| path(plan, way)).collect();
    let mut document = json!({"from": trace.from, "to": trace.to.to_string(), "paths": paths});
    if trace.cut
        && let Some(object) = document.as_object_mut()
    {
        object.insert("cut".to_owned(), json!(true));
    }
    document
}

fn path(plan: &Plan, way: &Way) -> Value {
    let egress: Vec<String> = way.egress.iter().map(ToString::to_string).collect();
    json!({
        "ends": way.end.ends.words(&plan.topology),
        "certainty": way.certainty,
        "readings": way.readings,
        "assuming": way.assuming,
        "tls": way.tls.as_str(),
        "egress": egress,
        "why": way.end.why,
        "hops": way.shown(),
    })
}

fn human(plan: &Plan, trace: &Trace) -> String {
    let mut out = format!("from {} to {}\n", visible(&trace.from), trace.to);
    if trace.ways.is_empty() {
        out.push_str("\nno way: nobody can send so\n");
    }
    for (number, way) in trace.ways.iter().enumerate() {
        let _ = write!(out, "\n{}", heading(plan, trace, number, way));
        for (number, hop) in way.hops.iter().enumerate() {
            let _ = writeln!(
                out,
                "  {} {} -> {}   {}{}",
                number + 1,
                visible(&hop.at),
                visible(&hop.to),
                visible(&hop.by),
                hop.tls
                    .as_deref()
                    .map_or(String::new(), |tls| format!("   tls {tls}")),
            );
            if !hop.why.is_empty() {
                let _ = writeln!(out, "      {}", visible(&hop.why));
            }
            for loser in &hop.instead_of {
                let _ = writeln!(
                    out,
                    "      not {}: {}",
                    visible(&loser.by),
                    visible(&loser.why)
                );
            }
        }
        let _ = writeln!(out, "  = {}", visible(&way.end.why));
        if !way.egress.is_empty() {
            let egress: Vec<String> = way.egress.iter().map(ToString::to_string).collect();
            let _ = writeln!(out, "  leaves from {}", egress.join(", "));
        }
        for (id, word) in &way.readings {
            let meaning = reading(id).map_or(*word, |reading| {
                let found = reading.alternatives.iter().find(|(key, _)| key == word);
                found.map_or(*word, |(_, meaning)| meaning)
            });
            let _ = writeln!(out, "  if {id} is read as `{word}` ({meaning})");
        }
        for assumed in &way.assuming {
            let _ = writeln!(out, "  if {}", visible(assumed));
        }
    }
    if trace.cut {
        out.push_str("\nthere are more ways than are shown\n");
    }
    out
}

fn heading(plan: &Plan, trace: &Trace, number: usize, way: &Way) -> String {
    let ends = way.end.ends.words(&plan.topology);
    let ends = visible(&ends);
    if trace.ways.len() == 1 {
        return format!("{ends}, tls {}\n", way.tls);
    }
    format!("way {}: {ends}, tls {}\n", number + 1, way.tls)
}
