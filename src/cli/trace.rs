//! `trace`: the way of one message, hop by hop, with the reason for every hop.

use crate::cli::args::{ListForm, TraceArgs};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, check, say_findings, spec};
use crate::compile;
use crate::finding::Certainty;
use crate::plan::Plan;
use crate::platforms::reading;
use crate::publish::verdict::{Judge, Outcome, Proof, SignatureStatus};
use crate::publish::{Aligned, addresses, publish};
use crate::report::visible;
use crate::topology::{DmarcPolicy, DomainId, LocationId, Party, Sender, Topology};
use crate::values::{Address, TlsLevel};
use crate::walk::{self, Departure, Model, Trace, Way, expect, trace};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

pub(super) fn run(args: &TraceArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let spec = spec::open(args.spec.as_deref())?;
    let mut planned = compile::plan(&spec.input(), Some(check::day(&args.day)?));
    let plan = planned.plan.as_mut();
    let answered = plan.map_or(Ok(()), |plan| answer(args, plan, screen));
    let verdict = say_findings(&spec.shown, &planned, screen);
    answered.map(|()| verdict)
}

/// Prints the ways of the message that was asked for.
fn answer(args: &TraceArgs, plan: &mut Plan, screen: &Screen) -> Result<(), Failure> {
    let from = expect::sender(&plan.topology, &args.from)
        .map_err(|why| Failure::new(format!("cannot trace from `{}`: {why}", args.from)))?;
    let to = Address::parse(&args.to)
        .map_err(|bad| Failure::new(format!("cannot trace to `{}`: {}", args.to, bad.message)))?;
    let trace = trace(&Model::of(plan), &from, &to);
    let own = in_our_name(&plan.topology, &from, &to);
    let leaves = trace.ways.iter().any(|way| !way.leavings.is_empty());
    if leaves || !own.is_empty() {
        // What receivers find out rests on the records, and these on where all mail leaves.
        publish(plan);
    }
    let judge = Judge::of(plan);
    screen.result(&match args.output_format {
        ListForm::Human => human(&judge, &trace, &own),
        ListForm::Json => json_text(&judge, &trace, &own)?,
    })
}

/// What a partner sends to an address of others in the name of domains of ours: by itself, so that no way of ours is its.
fn in_our_name(topology: &Topology, from: &Sender, to: &Address) -> Vec<(DomainId, Departure)> {
    let (Sender::Party(Party::Partner(id)) | Sender::As(Party::Partner(id), Some(_))) = from else {
        return Vec::new();
    };
    if topology.nearest_domain(to.domain()).is_some() {
        return Vec::new();
    }
    let partner = topology.partner(*id);
    let own = topology
        .domains()
        .filter_map(|(author, domain)| Some((author, walk::in_our_name(*id, partner, domain)?)));
    own.collect()
}

fn json_text(
    judge: &Judge<'_>,
    trace: &Trace,
    own: &[(DomainId, Departure)],
) -> Result<String, Failure> {
    let mut document = document(judge, trace);
    if let Some(object) = document.as_object_mut().filter(|_| !own.is_empty()) {
        let own = own.iter().map(|one| own_path(judge, trace, one));
        object.insert("in_our_name".to_owned(), own.collect());
    }
    serde_json::to_string_pretty(&document)
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(format!("cannot write the trace: {error}")))
}

/// The ways of one message, as other programs read them.
pub(crate) fn document(judge: &Judge<'_>, trace: &Trace) -> Value {
    let paths: Vec<Value> = trace
        .ways
        .iter()
        .map(|way| path(judge, trace, way))
        .collect();
    let mut document = json!({"from": trace.from, "to": trace.to.to_string(), "paths": paths});
    if trace.cut
        && let Some(object) = document.as_object_mut()
    {
        object.insert("cut".to_owned(), json!(true));
    }
    document
}

fn path(judge: &Judge<'_>, trace: &Trace, way: &Way) -> Value {
    let egress: Vec<String> = way.egress.iter().map(ToString::to_string).collect();
    let mut path = json!({
        "ends": way.end.ends.words(&judge.plan.topology),
        "certainty": way.certainty,
        "readings": way.readings,
        "assuming": way.assuming,
        "tls": way.tls.as_str(),
        "egress": egress,
        "why": way.end.why,
        "hops": way.shown(),
    });
    if let Some(found) = authentication(judge, trace, way)
        && let Some(object) = path.as_object_mut()
    {
        object.insert(
            "authentication".to_owned(),
            authenticated(
                judge,
                way.leavings
                    .iter()
                    .find(|leaving| leaving.outside)
                    .map(|leaving| leaving.by),
                way.certainty,
                &found,
            ),
        );
    }
    path
}

/// The path of what a partner sends by itself in our name.
fn own_path(
    judge: &Judge<'_>,
    trace: &Trace,
    (author, departure): &(DomainId, Departure),
) -> Value {
    let topology = &judge.plan.topology;
    let name = topology.party_name(departure.by);
    let why = sends_itself(topology, *author, departure);
    let egress = addresses(topology, departure.by);
    let egress: Vec<String> = egress.iter().map(ToString::to_string).collect();
    let by = format!("mx {}", trace.to.domain());
    let mut path = json!({
        "ends": "internet",
        "certainty": Certainty::Certain,
        "readings": {},
        "assuming": [],
        "tls": TlsLevel::None.as_str(),
        "egress": egress,
        "why": why,
        "hops": [{"at": name, "to": "internet", "by": by, "why": why}],
    });
    if let Some(proof) = judge.proof(departure, *author)
        && let Some(object) = path.as_object_mut()
    {
        let found = (*author, proof);
        let authentication = authenticated(judge, None, Certainty::Certain, &found);
        object.insert("authentication".to_owned(), authentication);
    }
    path
}

fn sends_itself(topology: &Topology, author: DomainId, departure: &Departure) -> String {
    format!(
        "`{}` sends mail of `{}` by itself",
        topology.party_name(departure.by),
        topology.domain(author).name
    )
}

/// What receivers find out about mail that leaves on a way, with the domain of its author.
fn authentication(judge: &Judge<'_>, trace: &Trace, way: &Way) -> Option<(DomainId, Proof)> {
    let author = judge
        .plan
        .topology
        .domain_named(trace.sender.as_ref()?.domain())?;
    let leaving = way.leavings.iter().find(|leaving| leaving.outside)?;
    let source = way.client.unwrap_or(Party::Location(leaving.by));
    let proof = judge.proof(&Departure::of(source, leaving), author)?;
    Some((author, proof))
}

fn authenticated(
    judge: &Judge<'_>,
    by: Option<LocationId>,
    certainty: Certainty,
    (author, proof): &(DomainId, Proof),
) -> Value {
    let topology = &judge.plan.topology;
    let author = &topology.domain(*author).name;
    let helo = by.and_then(|at| topology.location(at).helo_name());
    let signatures = proof.signatures.iter().map(|one| {
        json!({
            "signer": topology.party_name(one.signer),
            "d": one.domain.name(author).as_str(),
            "selector": one.selector,
            "survives": !matches!(one.standing, SignatureStatus::Broken(_)),
            "counts": one.standing == SignatureStatus::Counts,
        })
    });
    let certainty = if proof.is_possible() {
        Certainty::Possible
    } else if proof.outcome == Outcome::Assumed {
        Certainty::Assumed
    } else {
        certainty
    };
    json!({
        "from": author.as_str(),
        "envelope": proof.envelope.as_ref().map(|of| of.name(author).as_str()),
        "helo": helo.map(|name| name.to_string()),
        "spf": proof.spf.word(),
        "spf_aligned": proof.aligned == Aligned::Yes,
        "dkim": signatures.collect::<Vec<Value>>(),
        "dmarc": proof.outcome.word(),
        "policy": proof.policy.map(DmarcPolicy::keyword),
        "certainty": certainty,
    })
}

/// The same in one line.
fn authenticated_words(judge: &Judge<'_>, (author, proof): &(DomainId, Proof)) -> String {
    let topology = &judge.plan.topology;
    let author = &topology.domain(*author).name;
    let envelope = proof.envelope.as_ref().map(|of| of.name(author).as_str());
    let spf = format!(
        "SPF {} for `{}`{}",
        proof.spf.word(),
        envelope.unwrap_or("an unknown envelope sender"),
        if proof.aligned == Aligned::Yes {
            ""
        } else {
            ", not aligned"
        }
    );
    let counts = proof
        .signatures
        .iter()
        .filter(|one| one.standing == SignatureStatus::Counts);
    let signers: BTreeSet<&str> = counts.map(|one| topology.party_name(one.signer)).collect();
    let dkim = if signers.is_empty() {
        "no signature that counts".to_owned()
    } else {
        let signers: Vec<&str> = signers.into_iter().collect();
        format!("signed by {}", signers.join(", "))
    };
    format!(
        "DMARC {} for `{author}`: {spf}; {dkim}",
        proof.outcome.word()
    )
}

fn human(judge: &Judge<'_>, trace: &Trace, own: &[(DomainId, Departure)]) -> String {
    let plan = judge.plan;
    let mut out = format!("from {} to {}\n", visible(&trace.from), trace.to);
    if trace.ways.is_empty() {
        out.push_str("\nno way: nobody can send so\n");
    }
    for (number, way) in trace.ways.iter().enumerate() {
        let _ = write!(out, "\n{}", heading(plan, trace, number, way));
        let forwarded = |out: &mut String, hops: usize| {
            for (_, redirect) in way.forwards.iter().filter(|(before, _)| *before == hops) {
                let _ = writeln!(
                    out,
                    "    `{}` forwards to `{}`",
                    redirect.address, redirect.target
                );
            }
        };
        for (number, hop) in way.hops.iter().enumerate() {
            forwarded(&mut out, number);
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
        forwarded(&mut out, way.hops.len());
        let _ = writeln!(out, "  = {}", visible(&way.end.why));
        if !way.egress.is_empty() {
            let egress: Vec<String> = way.egress.iter().map(ToString::to_string).collect();
            let _ = writeln!(out, "  leaves from {}", egress.join(", "));
        }
        if let Some(found) = authentication(judge, trace, way) {
            let _ = writeln!(out, "  {}", visible(&authenticated_words(judge, &found)));
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
    for (author, departure) in own {
        let topology = &plan.topology;
        let name = topology.party_name(departure.by);
        let why = sends_itself(topology, *author, departure);
        let _ = writeln!(
            out,
            "\nin the name of `{}`: internet, tls {}\n  1 {} -> internet   mx {}\n  = {}",
            topology.domain(*author).name,
            TlsLevel::None,
            visible(name),
            trace.to.domain(),
            visible(&why)
        );
        let egress = addresses(topology, departure.by);
        let egress: Vec<String> = egress.iter().map(ToString::to_string).collect();
        if !egress.is_empty() {
            let _ = writeln!(out, "  leaves from {}", egress.join(", "));
        }
        if let Some(proof) = judge.proof(departure, *author) {
            let words = authenticated_words(judge, &(*author, proof));
            let _ = writeln!(out, "  {}", visible(&words));
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
