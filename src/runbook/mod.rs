//! `RUNBOOK.md`: the steps of the night in their order, each with its commands, its wait and the way to roll it back.
//!
//! The text is a template; every value passes the Markdown writer, because the formatter lets nothing else through.
//! What is set apart by backticks in a sentence comes out as code.

mod dns_steps;
pub(crate) mod external_tasks;
pub(crate) mod hops;
mod part;
pub(crate) mod prerequisites;
mod steps;
mod test_plan;

use crate::dns::foreign_reports;
use crate::finding::{Certainty, Finding, Findings};
use crate::output::Sink;
use crate::picture;
use crate::plan::{Plan, ProvedMail};
use crate::platforms;
use crate::routes::Withheld;
use crate::runbook::part::{cells, written};
use crate::runbook::steps::{Body, Objects};
use crate::topology::Topology;
use crate::values::quoted;
use crate::writer::{Refused, markdown};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};
use std::collections::BTreeSet;

/// The runbook of a plan, and of what is not written because of a finding that the spec accepts.
pub(crate) fn runbook(plan: &Plan, findings: &Findings) -> Result<String, Refused> {
    let topology = &plan.topology;
    let objects: Objects = topology
        .locations()
        .filter_map(|(id, _)| Some((id, platforms::desired(plan, id, Sink::Files)?.objects)))
        .collect();
    let steps = steps::all(plan, &objects);
    let tests = test_plan::rows(plan, &steps)?;
    let bodies: Vec<Body> = steps
        .iter()
        .map(|&step| steps::body(plan, &objects, &steps, &tests, step))
        .collect();
    let mut locations: Vec<Value> = topology
        .locations()
        .map(|(id, location)| {
            context! {
                name => location.name.clone(),
                kind => prerequisites::kind(location),
                needs => prerequisites::of(plan, id),
            }
        })
        .collect();
    locations.extend(external_tasks::needs(plan));
    let overview: Result<Vec<Value>, Refused> = bodies
        .iter()
        .enumerate()
        .map(|(at, body)| overview(at + 1, body, test_plan::names_of(&tests, at + 1)))
        .collect();
    let sections: Result<Vec<Value>, Refused> = bodies.iter().map(section).collect();
    let hops: Result<Vec<Value>, Refused> = hops::rows(plan).iter().map(|row| cells(row)).collect();
    let assumed: BTreeSet<&String> = tests.iter().flat_map(|test| &test.assumed).collect();
    let values = context! {
        organization => topology.organization.as_ref().map(|at| at.value.clone()),
        picture => Value::from_safe_string(picture::mermaid::block(plan)?),
        overview => overview?,
        assumed_wait => bodies.iter().any(|body| body.wait.contains(ASSUMED)),
        assumed => assumed.iter().take(SHOWN_ASSUMPTIONS).copied().cloned().collect::<Vec<_>>(),
        assumed_more => assumed.len().saturating_sub(SHOWN_ASSUMPTIONS),
        possible_path => tests.iter().any(|test| test.doubts.contains(&Certainty::Possible)),
        locations => locations,
        withheld => plan.withheld.iter().map(|item| withheld(plan, item)).chain(reports(plan)).chain(findings.iter().flat_map(refused)).collect::<Vec<_>>(),
        steps => sections?,
        tests => tests.into_iter().map(|test| test.row).collect::<Vec<_>>(),
        hops => hops?,
        proofs => plan.proofs.iter().flatten().map(|row| cells(&proof(topology, row))).collect::<Result<Vec<Value>, Refused>>()?,
        servers => topology.locations.iter().any(|location| location.exchange_server().is_some()),
    };
    render(values).map_err(|error| {
        // The detail is what a writer refused; the rest of the error is about the template.
        Refused::new(error.detail().map_or_else(
            || format!("the runbook cannot be written: {error}"),
            str::to_owned,
        ))
    })
}

/// Assumptions that are listed at most.
const SHOWN_ASSUMPTIONS: usize = 12;

/// Stands behind a wait that no document gives.
const ASSUMED: &str = " (assumed)";

/// The row of a step in the table at the top; owner, start and done are filled in by hand.
fn overview(number: usize, body: &Body, tests: Option<String>) -> Result<Value, Refused> {
    let tests = tests.map_or(String::new(), |names| format!(" ({names})"));
    let row = cells(&[
        number.to_string(),
        format!("{}{tests}", body.title),
        body.at.clone(),
        body.wait.clone(),
        String::new(),
        String::new(),
        String::new(),
    ])?;
    Ok(context! { gate => body.gate.is_some(), ..row })
}

fn section(body: &Body) -> Result<Value, Refused> {
    Ok(context! {
        title => body.title.clone(),
        gate => body.gate.clone(),
        parts => written(&body.parts)?,
        back => written(&body.roll_back)?,
    })
}

fn withheld(plan: &Plan, item: &Withheld) -> Value {
    let who = item
        .location
        .map(|id| plan.topology.location(id))
        .filter(|location| location.tenant().is_some())
        .map_or("the spec".to_owned(), |location| {
            format!("`{}/facts.ps1`", location.name)
        });
    context! { what => item.what.clone(), why => item.why.clone(), who => who }
}

/// A row of the table of proofs.
fn proof(topology: &Topology, row: &ProvedMail) -> Vec<String> {
    let names = row
        .authors
        .iter()
        .map(|id| topology.domain(*id).name.as_str());
    let names: Vec<&str> = names.collect();
    let authors = match names.as_slice() {
        [] => "-".to_owned(),
        [one] => format!("`{one}`"),
        [first, second] => format!("`{first}` and `{second}`"),
        [first, rest @ ..] => format!("`{first}` and {} others", rest.len()),
    };
    let by = format!("`{}`", topology.party_name(row.by));
    let front = [row.what.words(topology), by, authors, row.envelope.clone()];
    front.into_iter().chain(row.results.clone()).collect()
}

/// Records by which others agree to reports about our domains.
fn reports(plan: &Plan) -> impl Iterator<Item = Value> {
    let all = foreign_reports(plan).into_iter();
    all.flat_map(|(receiver, senders)| {
        let open = senders.into_iter().filter(|sender| sender.agreed != Some(true));
        open.map(move |sender| {
            let domain = sender.domain;
            let list = sender.told.map(|told| format!(", see `dns/changes/{}.md`", told.name));
            let list = list.unwrap_or_default();
            context! {
                what => format!("the record `{domain}._report._dmarc.{receiver}`"),
                why => format!("`{receiver}` is not managed here: its owner has to agree to the reports by the text `v=DMARC1;`{list}"),
                who => format!("the owner of `{receiver}`"),
            }
        })
    })
}

/// What an accepted finding says cannot be written.
fn refused(finding: &Finding) -> impl Iterator<Item = Value> {
    finding.withholds.iter().map(|what| {
        let who = format!("nobody: the spec accepts `{}`", finding.check);
        context! { what => what.clone(), why => finding.message.clone(), who => who }
    })
}

fn render(values: Value) -> Result<String, Error> {
    let refused = |refused: Refused| Error::new(ErrorKind::InvalidOperation, refused.message);
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .keep_trailing_newline(true)
            .build()?,
    );
    for (name, write) in [
        (
            "code",
            markdown::code as fn(&str) -> Result<String, Refused>,
        ),
        ("prose", markdown::prose),
    ] {
        environment.add_filter(name, move |text: String| {
            write(&text).map(Value::from_safe_string).map_err(refused)
        });
    }
    environment.set_formatter(move |out, _, value| {
        let text = value.to_string();
        let written = if value.is_safe() {
            text
        } else {
            markdown::text(&text).map_err(refused)?
        };
        out.write_str(&written).map_err(Error::from)
    });
    environment
        .template_from_named_str("runbook.md", include_str!("runbook.md"))?
        .render(values)
}

/// The first few of a list as code, and how many more there are.
fn some_of<I: IntoIterator<Item = T>, T: ToString>(names: I) -> String {
    first_of(names.into_iter().map(|name| quoted(&name.to_string())))
}

/// The first few of a list, and how many more there are.
fn first_of(names: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 12;
    let names: Vec<String> = names.collect();
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..SHOWN].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, context, render};
    use crate::writer::markdown;

    /// A template that names a value nobody gives is a mistake, not an empty place.
    #[test]
    fn an_undefined_value_is_refused() {
        assert!(render(context! { organization => "x" }).is_err());
    }

    #[test]
    fn markup_in_a_name_comes_out_as_itself() {
        let hostile = "a|b <img> `c` *d*";
        let none = Value::from(Vec::<Value>::new());
        let text = render(context! {
            organization => hostile,
            picture => "", overview => &none, locations => &none, withheld => &none, steps => &none, tests => &none,
            hops => &none, proofs => &none, servers => false,
            assumed_wait => false, assumed => &none, assumed_more => 0, possible_path => false,
        })
        .unwrap_or_default();
        let escaped = markdown::text(hostile).unwrap_or_default();
        assert!(
            text.starts_with(&format!("# Runbook: mail flow of {escaped}\n")),
            "{text}"
        );
    }
}
