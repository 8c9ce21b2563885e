//! What is to be said of a drift: one finding for each object, and one for each change of mail flow.

use crate::diff::{Change, Direction};
use crate::drift::objects::{Effect, ObjectDrift, PropertyDrift, State};
use crate::drift::{Drift, Source, Target, files, is_for_everybody, properties, rules};
use crate::finding::{Certainty, Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::source::Span;
use crate::values::Date;
use std::collections::BTreeMap;

/// So many items of a value are shown.
const MOST_ITEMS: usize = 8;

/// The findings of a drift.
pub(crate) fn findings(plan: &Plan, drift: &Drift) -> Findings {
    let mut findings = Findings::default();
    for change in &drift.flow.changes {
        findings.push(goes_elsewhere(plan, drift, change));
    }
    for object in &drift.objects {
        findings.extend(of_object(plan, drift, object));
    }
    for source in &drift.sources {
        findings.extend(incomplete(plan, drift, source));
        findings.extend(strange(plan, drift, source));
    }
    findings
}

/// Where a location stands, and what findings about it are on.
fn place(plan: &Plan, at: Target) -> (String, Span) {
    let span = match at {
        Target::Location(at) => plan.topology.location(at).span,
        Target::Zones => plan.topology.span,
    };
    (at.name(plan).to_owned(), span)
}

/// A finding about a place, which zones are none of.
fn about(finding: Finding, plan: &Plan, at: Target) -> Finding {
    let (location, span) = place(plan, at);
    let finding = finding.at(span, "");
    match at {
        Target::Location(_) => finding.on(Object::Location(location)),
        Target::Zones => finding,
    }
}

/// A finding about an object: of a set of records where the spec says it, else where it says the domain.
fn about_object(finding: Finding, plan: &Plan, object: &ObjectDrift) -> Finding {
    let span = (object.at == Target::Zones).then(|| record_at(plan, &object.kind, &object.name));
    match span.flatten() {
        Some(span) => finding.at(span, ""),
        None => about(finding, plan, object.at),
    }
}

/// Where a spec says a set of records.
pub(crate) fn record_at(plan: &Plan, kind: &str, name: &str) -> Option<Span> {
    let name = name.trim_end_matches('.').to_lowercase();
    let zones = plan.topology.dns.zones.iter();
    let mut written = zones.flat_map(|(origin, zone)| {
        let owner = match name.strip_suffix(origin.as_str()) {
            Some("") => Some("@"),
            Some(below) => below.strip_suffix('.'),
            None => None,
        };
        zone.records.iter().filter(move |at| {
            at.value.kind == kind && owner.is_some_and(|it| at.value.name.eq_ignore_ascii_case(it))
        })
    });
    let domain = || {
        let mut bases = std::iter::successors(Some(name.as_str()), |name| {
            name.split_once('.').map(|(_, rest)| rest)
        });
        let id = bases.find_map(|base| plan.topology.domain_named(base))?;
        let domain = plan.topology.domain(id);
        let mx = domain.mx.first().filter(|_| kind == "MX");
        Some(mx.map_or(domain.span, |at| at.span))
    };
    written.next().map(|at| at.span).or_else(domain)
}

/// What brings the whole of an export.
fn whole(plan: &Plan, source: &Source) -> String {
    match (source.at, &source.wanted) {
        (Target::Zones, _) => "export each zone whole, as its name server has it".to_owned(),
        (at, Some(_)) => format!(
            "name the folder that holds `main.cf` and the sources of its tables: `{}=/etc/postfix`",
            at.name(plan)
        ),
        (at, None) => format!(
            "export everything with an account that may read it: `{}/facts.ps1 -OutFile state.json`",
            at.name(plan)
        ),
    }
}

const RESTORE: &str =
    "restore it with the scripts that `--script DIR` writes, or change the spec to what exists";

const BY_OTHERS: &str =
    "the scripts leave it as it is: ask who changed it, or change the spec to what exists";

/// What resolves a difference of an object.
const fn help(object: &ObjectDrift) -> &'static str {
    if object.of_others { BY_OTHERS } else { RESTORE }
}

fn of_object(plan: &Plan, drift: &Drift, object: &ObjectDrift) -> Option<Finding> {
    let (location, _) = place(plan, object.at);
    let title = format!("{} `{}`", object.kind, object.name);
    let finding = match object.state {
        State::AsCompiled | State::NotExported => return None,
        State::Missing => Finding::warning(
            Code::C001,
            format!("`{location}` has no {title}, which the spec has"),
        )
        .help(help(object)),
        State::Differs => differs(&location, &title, object),
        State::Unknown => unknown(plan, &location, &title, drift, object),
    };
    let mut finding = about_object(finding, plan, object);
    let mut changes = drift.flow.changes.iter();
    if changes.any(|change| is_harmful(change) && change.because.contains(&object.title())) {
        finding.severity = Severity::Error;
    }
    Some(finding)
}

/// Whether its mail is certainly lost, or ends worse.
fn is_harmful(change: &Change) -> bool {
    let is_worse = matches!(change.direction, Direction::Lost | Direction::Worse);
    is_worse && change.certainty == Certainty::Certain
}

fn differs(location: &str, title: &str, object: &ObjectDrift) -> Finding {
    let mut words: Vec<String> = object.properties.iter().map(in_words).collect();
    let is_open = object.properties.iter().any(|at| at.effect == Effect::Open);
    let without_effect = object
        .properties
        .iter()
        .all(|at| at.effect == Effect::Nothing);
    if is_open {
        let open: Vec<String> = object
            .properties
            .iter()
            .filter(|at| at.effect == Effect::Open)
            .map(|at| format!("`{}`", at.name))
            .collect();
        words.push(format!(
            "the effect of {} on mail was not followed",
            open.join(" and ")
        ));
    }
    if !object.lets.is_empty() {
        let lets: Vec<&str> = object.lets.iter().map(String::as_str).collect();
        words.push(format!(
            "it lets {}, which the spec does not",
            lets.join(" and ")
        ));
    }
    let message = format!("`{location}`: {title} differs: {}", words.join("; "));
    let severity = if without_effect {
        Severity::Note
    } else {
        Severity::Warning
    };
    Finding::new(Code::C002, severity, message).help(help(object))
}

/// An object that is otherwise, in words.
pub(crate) fn object_in_words(location: &str, object: &ObjectDrift) -> String {
    let what = match object.state {
        State::Missing => vec!["it does not exist".to_owned()],
        State::Unknown => vec!["the spec does not have it".to_owned()],
        _ => object.properties.iter().map(in_words).collect(),
    };
    format!(
        "{} `{}` at `{location}`: {}",
        object.kind,
        object.name,
        what.join("; ")
    )
}

fn in_words(property: &PropertyDrift) -> String {
    let expected = value(&property.expected);
    match &property.actual {
        Some(actual) => format!(
            "{} is {}, expected {expected}",
            property.name,
            value(actual)
        ),
        None => format!(
            "{} is not whole in the export, expected {expected}",
            property.name
        ),
    }
}

/// A value in words.
pub(super) fn value(items: &[String]) -> String {
    let shown: Vec<String> = items
        .iter()
        .take(MOST_ITEMS)
        .map(|item| format!("`{item}`"))
        .collect();
    match items.len().checked_sub(shown.len()) {
        _ if shown.is_empty() => "nothing".to_owned(),
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Whether an object that no spec has can carry mail. Of rules these are few.
pub(crate) fn can_carry(object: &ObjectDrift, today: Date) -> bool {
    let live = object.live.as_ref();
    object.kind != "TransportRule" || live.is_none_or(|live| rules::moves(live, Some(today)))
}

fn unknown(
    plan: &Plan,
    location: &str,
    title: &str,
    drift: &Drift,
    object: &ObjectDrift,
) -> Finding {
    let name = object.title();
    let carries = |change: &&Change| change.because.contains(&name);
    let is_rule = object.kind == "TransportRule";
    let moves = plan.today.is_none_or(|today| can_carry(object, today));
    let grants = object.live.as_ref().is_some_and(properties::grants_rights);
    let (severity, what) = if drift.flow.changes.iter().any(|change| carries(&change)) {
        (Severity::Warning, "mail goes elsewhere because of it")
    } else if object.at == Target::Zones && !files::is_followed(plan, object) {
        (Severity::Note, "what it does to mail was not followed")
    } else if is_rule && moves || !object.unshown.is_empty() {
        (Severity::Warning, "what it does to mail was not followed")
    } else if is_rule {
        (Severity::Note, "it ends no mail and sends none elsewhere")
    } else if grants {
        (
            Severity::Warning,
            "it gives its clients rights that the spec gives nobody",
        )
    } else {
        (Severity::Note, "no mail of the spec takes it")
    };
    Finding::new(
        Code::C003,
        severity,
        format!("`{location}` has {title}, which the spec does not have: {what}"),
    )
    .help(match object.at {
        Target::Location(_) => {
            "add it to the spec, with `managed: false` where others manage it, or remove it by hand"
        }
        Target::Zones => "add it to the spec, or remove it by hand",
    })
}

fn goes_elsewhere(plan: &Plan, drift: &Drift, change: &Change) -> Finding {
    let severity = if is_harmful(change) {
        Severity::Error
    } else {
        Severity::Warning
    };
    let names = |list: &mut dyn Iterator<Item = &String>| value(&list.cloned().collect::<Vec<_>>());
    // Where it leaves everything that the spec knows, it is said to whom.
    let mut shown = change.new.shown.iter();
    let unknown = shown.find(|path| path.ends.starts_with("left-model"));
    let unknown = unknown.map_or_else(String::new, |path| format!(": {}", path.why));
    let message = format!(
        "mail from {} for {} is {}: `{}` became `{}`, because of {}{unknown}",
        names(&mut change.from.iter()),
        names(&mut change.domains.iter()),
        change.direction.word(),
        change.old.differing(&change.what),
        change.new.differing(&change.what),
        names(&mut change.because.iter()),
    );
    let mut finding = Finding::new(Code::C004, severity, message).help(RESTORE);
    finding.certainty = change.certainty;
    finding.readings = change.readings.keys().copied().collect();
    finding.domains = change.domains.iter().take(20).cloned().collect();
    finding.domains_total = change.domains.len();
    finding.recipients = (change.recipients > 0).then_some(change.recipients);
    if let Some(path) = change.new.shown.first() {
        finding.trace.clone_from(&path.hops);
    }
    let causes = drift.objects.iter();
    let causes = causes.filter(|object| change.because.contains(&object.title()));
    let mut places: Vec<Target> = Vec::new();
    for object in causes {
        if object.at == Target::Zones {
            finding = about_object(finding, plan, object);
        } else if !places.contains(&object.at) {
            places.push(object.at);
            finding = about(finding, plan, object.at);
        }
    }
    finding
}

/// One finding for what an export does not hold.
fn incomplete(plan: &Plan, drift: &Drift, source: &Source) -> Option<Finding> {
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    let of_source = drift.objects.iter().filter(|object| object.at == source.at);
    for object in of_source
        .clone()
        .filter(|object| object.state == State::NotExported)
    {
        *missing.entry(&object.kind).or_default() += 1;
    }
    for kind in &source.export.unread {
        missing.entry(kind).or_default();
    }
    let mut words: Vec<String> = missing
        .into_iter()
        .map(|(kind, count)| match count {
            0 => format!("no {kind}"),
            1 => format!("no {kind} (the spec has one)"),
            _ => format!("no {kind} (the spec has {count})"),
        })
        .collect();
    let mut receiving = of_source
        .clone()
        .filter(|object| object.kind == "ReceiveConnector");
    let is_without = |object: &ObjectDrift| {
        object
            .live
            .as_ref()
            .is_some_and(|live| live.any_recipient().is_none())
    };
    // Every server has one from the start, and by it mail of external senders comes in.
    let mut all = source.export.of_kind("ReceiveConnector").peekable();
    if all.peek().is_some() && !all.any(is_for_everybody) {
        words.push("no ReceiveConnector for all addresses".to_owned());
    }
    if receiving.any(is_without) {
        words.push("not the right of Receive connectors to relay".to_owned());
    }
    words.extend(
        of_source
            .filter(|object| !object.unshown.is_empty())
            .map(|object| {
                let names: Vec<String> = object.unshown.iter().cloned().collect();
                format!("not {} of {} `{}`", value(&names), object.kind, object.name)
            }),
    );
    if words.is_empty() {
        return None;
    }
    let message = format!(
        "the export of `{}` holds {}: these were not compared",
        source.at.name(plan),
        words.join(", ")
    );
    let finding = Finding::warning(Code::C005, message).help(whole(plan, source));
    Some(about(finding, plan, source.at))
}

/// What exists beside everything that a spec says, and was not compared.
fn strange(plan: &Plan, drift: &Drift, source: &Source) -> Option<Finding> {
    let of_source = drift.objects.iter().filter(|object| object.at == source.at);
    let words = of_source.filter(|object| !object.strange.is_empty());
    let words: Vec<String> = words
        .map(|object| {
            let names: Vec<String> = object.strange.iter().cloned().collect();
            format!("{} of {} `{}`", value(&names), object.kind, object.name)
        })
        .collect();
    (!words.is_empty()).then(|| {
        let message = format!(
            "the spec of `{}` says nothing of {}: these were not compared",
            source.at.name(plan),
            words.join(", ")
        );
        let finding = Finding::warning(Code::C005, message).help(
            "look at each by hand; what is known and does no harm is accepted under `ignore`",
        );
        about(finding, plan, source.at)
    })
}
