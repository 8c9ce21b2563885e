//! A spec against exports of what exists: what differs, and what restores it.

use crate::checks::Acceptance;
use crate::compile::{Checked, Input, plan};
use crate::dns;
use crate::draft::{self, is_of_zones};
use crate::drift::{self, Drift, ObjectDrift, Source, State, Target};
use crate::finding::Finding;
use crate::import::{self, Export, Live};
use crate::output::{OutputTree, Sealed, Sink};
use crate::plan::Plan;
use crate::platforms::desired;
use crate::platforms::exchange::kind::{
    INBOUND_CONNECTOR, OUTBOUND_CONNECTOR, RECEIVE_CONNECTOR, SEND_CONNECTOR,
};
use crate::platforms::exchange::object::Object;
use crate::platforms::exchange::object_constraints::needs;
use crate::platforms::exchange::scripts::{Form, LIBRARY, LIBRARY_PATH};
use crate::platforms::product::Applied;
use crate::publish::publish;
use crate::values::Date;
use crate::writer::Refused;
use crate::writer::powershell::{self, PsValue, file};

/// Compares what a spec compiles to with exports of what exists, each with the name of its location and what the user calls
/// it. Where the spec has mistakes, only these come back.
pub(crate) fn drift(
    input: &Input<'_>,
    today: Date,
    exports: Vec<(String, Export)>,
) -> Result<(Checked, Option<Drift>), String> {
    let mut checked = plan(input, Some(today));
    let has_errors = checked.findings.iter().any(Finding::is_open_error);
    let Some(mut plan) = checked.plan.take().filter(|_| !has_errors) else {
        return Ok((checked, None));
    };
    let mut sources: Vec<Source> = Vec::new();
    for (location, export) in exports {
        let at = target(&plan, &location, &export)?;
        if let Some(other) = export.location.as_ref().filter(|other| **other != location) {
            return Err(format!(
                "`{}` was exported for the location `{other}`, not for `{location}`",
                export.source()
            ));
        }
        match sources.iter_mut().find(|source| source.at == at) {
            Some(source) => source.export.join(export)?,
            None => sources.push(Source {
                at,
                export,
                wanted: None,
            }),
        }
    }
    // Who sends mail with a name is known once mail was followed.
    if sources.iter().any(|source| source.at == Target::Zones) {
        publish(&mut plan);
    }
    for source in &mut sources {
        source.wanted = as_exported(&plan, source.at, &mut source.export)?;
    }
    let drift = drift::compare(&plan, sources, &draft::is_free);
    let mut findings = drift::findings(&plan, &drift);
    let mut acceptance = Acceptance::of(&plan.topology.ignores, today);
    acceptance.mark(&mut findings);
    checked.findings = findings.into_sorted();
    checked.plan = Some(plan);
    Ok((checked, Some(drift)))
}

/// What an export that the command line names so is compared with.
pub(super) fn target(plan: &Plan, name: &str, export: &Export) -> Result<Target, String> {
    let is_of_zones = is_of_zones(export);
    let mut locations = plan.topology.locations();
    let Some((at, _)) = locations.find(|(_, at)| at.name == name) else {
        return match (name, is_of_zones) {
            ("dns", true) => Ok(Target::Zones),
            (_, true) => Err(format!(
                "zones are no location: write `dns={}`",
                export.source()
            )),
            _ => Err(format!("the spec has no location `{name}`")),
        };
    };
    let is_of_postfix = export.product.as_deref() == Some("postfix");
    let source = export.source();
    match plan.topology.location(at).product().applied {
        Applied::ByHand => Err(format!(
            "nothing is written for `{name}` that an export could be compared with"
        )),
        Applied::Install if !is_of_postfix => Err(format!(
            "`{name}` is a Postfix host, and `{source}` is none: name the folder that holds its `main.cf`"
        )),
        Applied::Scripts if is_of_postfix || is_of_zones => {
            Err(format!("`{name}` is of Exchange, and `{source}` is not"))
        }
        Applied::Install | Applied::Scripts => Ok(Target::Location(at)),
    }
}

/// What was compiled as files, read as an export of it would be; nothing of Exchange, whose objects are compared. Zones that
/// the export does not hold are noted in it.
pub(super) fn as_exported(
    plan: &Plan,
    at: Target,
    export: &mut Export,
) -> Result<Option<Export>, String> {
    let Target::Location(at) = at else {
        let mut all: Option<Export> = None;
        for zone in &plan.zones {
            let name = zone.origin.as_str();
            if !export.zones.iter().any(|held| held == name) {
                export.unread.push(format!("zone {name}"));
                continue;
            }
            let text = dns::write::bind::zone_file(zone).map_err(|refused| refused.to_string())?;
            let text = format!("$ORIGIN {name}.\n{text}");
            let one = import::read(&format!("{name}.zone"), text.into_bytes())?;
            match &mut all {
                Some(all) => all.join(one)?,
                None => all = Some(one),
            }
        }
        let none = || {
            format!(
                "the spec writes none of these zones: {}",
                export.zones.join(", ")
            )
        };
        return all.map(Some).ok_or_else(none);
    };
    let location = plan.topology.location(at);
    if location.product().applied != Applied::Install {
        return Ok(None);
    }
    let mut tree = OutputTree::default();
    (location.product().write)(plan, at, Form::Thin, &mut tree).map_err(|why| why.message)?;
    let start = format!("{}/", location.name);
    let files = tree
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(&start)?.to_owned(), bytes.to_vec())));
    let mut wanted = import::read_folder(&location.name, files.collect())?;
    // `install.sh` leaves it to the host what it calls itself; here it has to be one of the names that the spec has.
    let names = location.hosts.iter().filter_map(|at| at.value.name());
    let names: Vec<String> = names.map(ToString::to_string).collect();
    let mut live = export
        .of_kind("main.cf")
        .map(|main| main.word("myhostname"));
    if let (Some(is), Some(first)) = (live.next(), names.first())
        && !is.is_empty()
        && !is.contains('$')
    {
        let is_known = names.iter().any(|name| name.eq_ignore_ascii_case(&is));
        let name = if is_known { &is } else { first };
        let mains = wanted.objects.iter_mut().filter(|at| at.kind == "main.cf");
        for main in mains {
            let own = Live::Text(name.clone());
            main.properties.insert("myhostname".to_owned(), own);
        }
    }
    Ok(Some(wanted))
}

/// The scripts that restore what differs, by path: those of each location with the objects that differ alone.
pub(crate) fn restoring(plan: &Plan, drift: &Drift) -> Result<Sealed, String> {
    let mut tree = OutputTree::default();
    let said = |refused: Refused| refused.to_string();
    for source in &drift.sources {
        let name = source.at.name(plan);
        // What is written as files is written whole.
        let is_restored = |object: &ObjectDrift| object.at == source.at && object.is_restored();
        if source.wanted.is_some() && drift.objects.iter().any(is_restored) {
            if let Some(at) = source.at.location() {
                let write = plan.topology.location(at).product().write;
                write(plan, at, Form::Thin, &mut tree).map_err(|why| why.message)?;
            } else {
                for zone in &plan.zones {
                    let text = dns::write::bind::zone_file(zone).map_err(said)?;
                    let path = format!("dns/{}.zone", zone.origin);
                    tree.insert(&path, text).map_err(said)?;
                }
            }
        }
        let Some(mut wanted) = source
            .at
            .location()
            .and_then(|at| desired(plan, at, Sink::Files))
        else {
            continue;
        };
        let differs = |object: &Object| {
            drift.objects.iter().any(|at| {
                at.at == source.at && at.is_restored() && at.is_of(object.kind.name, &object.name)
            })
        };
        let differing: Vec<Object> = wanted
            .objects
            .iter()
            .filter(|at| differs(at))
            .cloned()
            .collect();
        // What the script needs beside them stands there too; as it is as compiled, nothing is done to it.
        wanted
            .objects
            .retain(|object| differs(object) || differing.iter().any(|other| needs(other, object)));
        if wanted.objects.is_empty() {
            continue;
        }
        for (file, bytes) in wanted.files(Form::Thin, Sink::Files).map_err(said)? {
            tree.insert(&format!("{name}/{file}"), bytes)
                .map_err(said)?;
        }
        if !tree.iter().any(|(path, _)| path == LIBRARY_PATH) {
            tree.insert(LIBRARY_PATH, file(LIBRARY)).map_err(said)?;
        }
    }
    Ok(tree.seal(&plan.topology.digest()))
}

/// The commands that turn off what the spec does not have, each as a comment with the mail that this would move. Nobody runs
/// them unasked.
pub(crate) fn turning_off(drift: &Drift) -> Vec<String> {
    let mut lines = Vec::new();
    for object in drift.objects.iter().filter(|at| at.state == State::Unknown) {
        let identity: PsValue = object.name.as_str().into();
        let (cmdlet, parameters) = match object.kind.as_str() {
            "TransportRule" => ("Disable-TransportRule", vec![("Identity", identity)]),
            kind => {
                let all = [
                    &INBOUND_CONNECTOR,
                    &OUTBOUND_CONNECTOR,
                    &RECEIVE_CONNECTOR,
                    &SEND_CONNECTOR,
                ];
                let Some(kind) = all.into_iter().find(|known| known.name == kind) else {
                    continue;
                };
                (
                    kind.set,
                    vec![("Identity", identity), ("Enabled", false.into())],
                )
            }
        };
        let Ok(command) = powershell::command(cmdlet, &parameters) else {
            continue;
        };
        let title = object.title();
        let moved = drift
            .flow
            .changes
            .iter()
            .filter(|at| at.because.contains(&title));
        let mut moved: Vec<String> = moved
            .map(|change| {
                let from: Vec<&str> = change.from.iter().map(String::as_str).collect();
                format!(
                    "mail from {} for {}",
                    from.join(", "),
                    change.domains.join(", ")
                )
            })
            .collect();
        if moved.is_empty() {
            moved.push("no mail of the spec".to_owned());
        }
        lines.push(format!("# {command}   # moves {}", moved.join("; ")));
    }
    lines
}
