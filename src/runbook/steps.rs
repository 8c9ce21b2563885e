//! The steps in their order, and what is done at each location.

mod later;

use later::{lock, outgoing};

use crate::plan::Plan;
use crate::platforms::exchange::kind;
use crate::platforms::exchange::object::{Object, Stage};
use crate::platforms::product::Applied;
use crate::routes::facts::dkim_targets;
use crate::runbook::part::{Part, paths, script};
use crate::runbook::test_plan::Test;
use crate::runbook::{ASSUMED, dns_steps, some_of};
use crate::topology::{Environment, ExchangeServer, Location, LocationId, Party, Tenant};
use crate::values::DomainName;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The objects that the scripts of each Exchange location write.
pub(crate) type Objects = BTreeMap<LocationId, Vec<Object>>;

/// A step of the night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// DNS changes after which mail still takes every path that it took.
    Widen,
    /// Connectors, rules and maps of a location, without what waits for a step of its own.
    Configure(LocationId),
    /// Messages over everything that works so far.
    Test,
    /// Outgoing mail of a location takes its new path.
    Outgoing(LocationId),
    /// Mail from the Internet enters at its new location.
    Mx,
    /// A location rejects mail on any other path.
    Lock(LocationId),
    /// Records that would be wrong while mail still takes an old path.
    Narrow,
}

/// What is done in one step.
pub(crate) struct Body {
    /// The heading.
    pub title: String,
    /// Where it is done.
    pub at: String,
    /// How long to wait after it.
    pub wait: String,
    /// On which condition it is done, where somebody has to decide.
    pub gate: Option<String>,
    /// What to do.
    pub parts: Vec<Part>,
    /// How to roll it back.
    pub roll_back: Vec<Part>,
}

/// All steps. SPF comes first: a message over a new path must pass it.
pub(crate) fn all(plan: &Plan, objects: &Objects) -> Vec<Step> {
    let order = order(plan);
    let staged = |stage: Stage| {
        let waits = move |id: &LocationId| {
            let locks = stage == Stage::Lock && locks_by_itself(plan, *id);
            locks || !names(objects, *id, |o| o.stage == Some(stage)).is_empty()
        };
        order.iter().copied().filter(waits)
    };
    let mut steps = vec![Step::Widen];
    steps.extend(order.iter().copied().map(Step::Configure));
    steps.push(Step::Test);
    steps.extend(staged(Stage::Outgoing).map(Step::Outgoing));
    if dns_steps::changing(plan).next().is_some() {
        steps.push(Step::Mx);
    }
    steps.extend(staged(Stage::Lock).map(Step::Lock));
    steps.push(Step::Narrow);
    steps
}

/// A Postfix host with a lock: it stands in its maps, of which `install.sh` can leave it out.
fn locks_by_itself(plan: &Plan, id: LocationId) -> bool {
    let applied = plan.topology.location(id).product().applied;
    applied == Applied::Install && plan.place(id).configuration.is_locked()
}

/// The number of a step.
pub(crate) fn number(steps: &[Step], step: Step) -> usize {
    steps
        .iter()
        .position(|&at| at == step)
        .map_or(0, |at| at + 1)
}

/// A relay before the locations that send through it, whatever chooses the route; by name among equals, and where two send
/// through each other.
fn order(plan: &Plan) -> Vec<LocationId> {
    let above = |&id: &LocationId| plan.tree.parent(id).map(|at| at.value);
    let depth = |id: LocationId| {
        std::iter::successors(Some(id), above)
            .take(plan.places.len())
            .count()
    };
    let mut ids: Vec<LocationId> = plan.topology.locations().map(|(id, _)| id).collect();
    ids.sort_by_key(|&id| (depth(id), id));
    let mut relays: BTreeMap<LocationId, BTreeSet<LocationId>> = BTreeMap::new();
    for (_, route) in plan.routes().filter(|(_, route)| route.enabled) {
        if let (Party::Location(from), Party::Location(to)) = (route.from, route.to)
            && route.covers_everything()
        {
            relays.entry(from).or_default().insert(to);
        }
    }
    let mut order: Vec<LocationId> = Vec::new();
    while !ids.is_empty() {
        let waits = |id: &LocationId| {
            let mut needed = relays.get(id).into_iter().flatten();
            needed.any(|relay| relay != id && ids.contains(relay))
        };
        let next = ids.iter().position(|id| !waits(id)).unwrap_or_default();
        order.push(ids.remove(next));
    }
    order
}

/// The names of the objects of a location that fulfil this; with the kind, where the name alone says little.
fn names(objects: &Objects, id: LocationId, which: impl Fn(&Object) -> bool) -> Vec<String> {
    let objects = objects.get(&id).into_iter().flatten();
    let mine = objects.filter(|object| object.is_written() && which(object));
    mine.map(|object| match object.stage {
        Some(Stage::Lock) => format!("{} {}", object.kind.name, object.name),
        _ => object.name.clone(),
    })
    .collect()
}

/// An object that chooses the path of mail that leaves its location.
fn turns_mail(object: &Object) -> bool {
    [
        &kind::OUTBOUND_CONNECTOR,
        &kind::SEND_CONNECTOR,
        &kind::TRANSPORT_RULE,
    ]
    .contains(&object.kind)
}

/// What is done in this step.
pub(crate) fn body(
    plan: &Plan,
    objects: &Objects,
    steps: &[Step],
    tests: &[Test],
    step: Step,
) -> Body {
    match step {
        Step::Widen => dns_steps::widen(plan, steps),
        Step::Configure(id) => configure(plan, objects, steps, id),
        Step::Test => test(plan, objects, steps),
        Step::Outgoing(id) => outgoing(plan, objects, steps, id),
        Step::Mx => dns_steps::mx(plan, steps),
        Step::Lock(id) => lock(plan, objects, steps, tests, id),
        Step::Narrow => dns_steps::narrow(plan, steps),
    }
}

fn configure(plan: &Plan, objects: &Objects, steps: &[Step], id: LocationId) -> Body {
    let location = plan.topology.location(id);
    let name = &location.name;
    let widen = number(steps, Step::Widen);
    match location.product().applied {
        Applied::Scripts => exchange(plan, objects, steps, id),
        Applied::Install => {
            let locks = locks_by_itself(plan, id);
            let without = if locks { " --without-lock" } else { "" };
            let mut parts = vec![Part::text(format!(
                "Copy the folder `{name}` to the host. Run there, in the folder that holds it:"
            ))];
            parts.push(install(name, without));
            parts.push(Part::text("The run keeps what it replaces in a folder of `mailtopo-previous`, beside `main.cf`. The folder is named after the time of the run and is never overwritten. Name of this folder: `____`".to_owned()));
            if locks {
                parts.push(Part::text(format!(
                    "The host takes mail from every path until step {}.",
                    number(steps, Step::Lock(id))
                )));
            }
            Body {
                title: format!("install the maps of `{name}`; its mail takes the new paths"),
                at: format!("`{name}`"),
                wait: String::new(),
                gate: Some(format!(
                    "go only if the wider SPF record of step {widen} has been public for its old TTL. From this run on the host uses the new maps for all its mail."
                )),
                parts,
                roll_back: vec![
                    Part::text("On the host, back to what it had before the first run; with the name of a folder of `mailtopo-previous` in place of `first`, back to what this folder keeps:".to_owned()),
                    Part::code("sh", vec![format!("sudo sh {name}/install.sh --restore first")]),
                ],
            }
        }
        Applied::ByHand => Body {
            title: format!("set up `{name}`"),
            at: format!("`{name}`"),
            wait: String::new(),
            gate: Some(format!(
                "go only if the wider SPF record of step {widen} has been public for its old TTL."
            )),
            parts: vec![Part::text(format!(
                "Its administrator works through `{name}/CHECKLIST.md` and notes the former value of each setting."
            ))],
            roll_back: vec![Part::text(
                "Its administrator restores the former values.".to_owned(),
            )],
        },
    }
}

fn exchange(plan: &Plan, objects: &Objects, steps: &[Step], id: LocationId) -> Body {
    let location = plan.topology.location(id);
    let name = &location.name;
    let now = |object: &Object| object.stage.is_none();
    let turning = names(objects, id, |object| now(object) && turns_mail(object));
    let inbound = names(objects, id, |object| {
        now(object) && [&kind::INBOUND_CONNECTOR, &kind::RECEIVE_CONNECTOR].contains(&object.kind)
    });
    let made: Vec<String> = inbound.into_iter().chain(turning.iter().cloned()).collect();
    let later = |stage: Stage, step: Step| {
        let waiting = names(objects, id, |object| object.stage == Some(stage));
        (!waiting.is_empty()).then(|| {
            format!(
                "Step {1} writes {0}.",
                some_of(waiting),
                number(steps, step)
            )
        })
    };
    let mut about = vec![if made.is_empty() {
        "This run writes accepted domains and settings, no connectors and no rules.".to_owned()
    } else {
        format!(
            "This run writes accepted domains, settings, and the connectors and rules {}.",
            some_of(made)
        )
    }];
    about.extend(later(Stage::Outgoing, Step::Outgoing(id)));
    about.extend(later(Stage::Lock, Step::Lock(id)));
    let mut parts = vec![Part::text(about.join(" "))];
    let mut lines = Vec::new();
    let connect = sign_in(location, &mut parts);
    if !connect.is_empty() {
        // Not every host of a shell of Exchange Server has transcripts.
        lines.push(format!("Start-Transcript -Path .\\{name}-apply.txt"));
    }
    lines.extend(connect);
    lines.push(format!(
        "{} -WhatIf    # shows every change and makes none: read it",
        script(name, "apply")
    ));
    lines.push(format!(
        "{} -SaveTo {}",
        script(name, "apply"),
        paths(name, "before")
    ));
    let carries_all = location.exchange_server().is_some() && sends_everything(plan, id);
    let switches = carries_all && !location.outgoing_step;
    if switches {
        lines.push(old_connector(false));
    }
    lines.push(format!(
        "{}{}    # exit code 0: nothing differs",
        script(name, "verify"),
        without(objects, id, &[Stage::Lock, Stage::Outgoing])
    ));
    parts.push(Part::code("powershell", lines));
    let signing = names(objects, id, |object| object.kind == &kind::DKIM);
    if !signing.is_empty() {
        parts.extend(sign(plan, id, &signing));
    }
    let gate = (!turning.is_empty()).then(|| format!(
        "go only if the wider SPF record of step {} has been public for its old TTL. From this run on mail takes the path of {}.",
        number(steps, Step::Widen),
        some_of(&turning)
    ));
    Body {
        title: if turning.is_empty() {
            format!("create connectors of `{name}`")
        } else {
            format!("create connectors of `{name}`; mail takes the new path")
        },
        at: format!("`{name}`"),
        wait: wait(location),
        gate,
        parts,
        roll_back: roll_back(
            name,
            "before",
            (!signing.is_empty()).then_some(DKIM),
            switches,
        ),
    }
}

/// The file that the second run for DKIM saves.
const DKIM: &str = "before-dkim";

/// The second run at a tenant, which switches DKIM on: a key is there, and can be published, only after the first.
fn sign(plan: &Plan, id: LocationId, signing: &[String]) -> Vec<Part> {
    let name = &plan.topology.location(id).name;
    let has_targets = |name: &&String| {
        let name = DomainName::parse(name).ok();
        name.is_some_and(|name| dkim_targets(&plan.topology, id, &name).is_some())
    };
    let missing: Vec<&String> = signing.iter().filter(|name| !has_targets(name)).collect();
    let mut about = format!(
        "This run creates DKIM keys that do not sign yet, for {}. Until the two records of a domain are public, `verify.ps1` names its `DkimSigningConfig` as different and its exit code is 1.",
        some_of(signing)
    );
    if !missing.is_empty() {
        let _ = write!(
            about,
            " The records of {} are missing from this output, because only the tenant shows where they lead: run the script below, put what it prints into the facts file of the spec, compile again, and publish the DKIM records that `dns` then holds.",
            some_of(missing.iter())
        );
    }
    let mut parts = vec![Part::text(about)];
    if !missing.is_empty() {
        parts.push(Part::code("powershell", vec![script(name, "facts")]));
    }
    parts.push(Part::text(
        "Once both records of a domain are public, a second run switches its signatures on:"
            .to_owned(),
    ));
    parts.push(Part::code(
        "powershell",
        vec![format!(
            "{} -SaveTo {}",
            script(name, "apply"),
            paths(name, DKIM)
        )],
    ));
    parts
}

/// The commands that install the maps of a Postfix host.
fn install(name: &str, switches: &str) -> Part {
    let script = format!("sh {name}/install.sh{switches}");
    Part::code(
        "sh",
        vec![
            format!("{script} --dry-run    # shows every change and makes none: read it"),
            format!("sudo {script}"),
            format!("{script} --dry-run    # nothing is left to change"),
        ],
    )
}

/// How long connectors and rules of a product take to work.
fn wait(location: &Location) -> String {
    format!("{}{ASSUMED}", location.product().wait)
}

/// The commands that restore what was saved before a run, and before the second run for DKIM where there was one.
fn roll_back(name: &str, saved: &str, second: Option<&str>, switched: bool) -> Vec<Part> {
    let mut lines = Vec::new();
    if switched {
        lines.push(old_connector(true));
    }
    if let Some(second) = second {
        lines.push(format!(
            "{} -Saved {}    # only where the run for DKIM wrote this file",
            script(name, "rollback"),
            paths(name, second)
        ));
    }
    lines.push(format!(
        "{} -Saved {}",
        script(name, "rollback"),
        paths(name, saved)
    ));
    vec![Part::code("powershell", lines)]
}

/// The Send connector that the organization had for all other mail. Nobody but its administrator knows the name.
fn old_connector(enabled: bool) -> String {
    format!("Set-SendConnector '____' -Enabled ${enabled}    # the connector that carried * before")
}

/// Whether a connector of the location carries all mail that no other is for.
pub(crate) fn sends_everything(plan: &Plan, id: LocationId) -> bool {
    plan.routes_at(id).any(|(_, route)| {
        let own = route.from == crate::topology::Party::Location(id);
        own && route.enabled && route.managed && !route.by_wizard && route.covers_everything()
    })
}

/// Where the commands are run, and the command that connects to a tenant.
fn sign_in(location: &Location, parts: &mut Vec<Part>) -> Vec<String> {
    if let Some(server) = location.exchange_server() {
        parts.push(Part::text(format!(
            "In the Exchange Management Shell on {}:",
            servers(server)
        )));
    }
    let tenant = location.tenant();
    tenant.map_or_else(Vec::new, |tenant| connect(tenant, parts))
}

/// The same command for every tenant, one without mailboxes and one of another environment too:
/// <https://learn.microsoft.com/powershell/module/exchangepowershell/connect-exchangeonline>.
fn connect(tenant: &Tenant, parts: &mut Vec<Part>) -> Vec<String> {
    let domain = tenant.initial_domain();
    parts.push(Part::text(format!(
        "With your own account of `{domain}` in place of `admin`:"
    )));
    let environment = match tenant.environment {
        Environment::Worldwide => "",
        Environment::GccHigh => " -ExchangeEnvironmentName O365USGovGCCHigh",
        Environment::Dod => " -ExchangeEnvironmentName O365USGovDoD",
        Environment::China => " -ExchangeEnvironmentName O365China",
    };
    vec![format!(
        "Connect-ExchangeOnline -UserPrincipalName admin@{domain}{environment}"
    )]
}

/// Edge servers that are not subscribed know nothing of each other.
fn servers(server: &ExchangeServer) -> String {
    let names = || server.servers.iter().map(|at| format!("`{}`", at.value));
    match (names().next(), server.edge) {
        (None, _) => "a server".to_owned(),
        (Some(first), false) => first,
        (Some(_), true) => format!("each of {}", names().collect::<Vec<_>>().join(", ")),
    }
}

/// The switches by which `verify.ps1` leaves out what still waits.
fn without(objects: &Objects, id: LocationId, stages: &[Stage]) -> String {
    let waits =
        |stage: &&Stage| !names(objects, id, |object| object.stage == Some(**stage)).is_empty();
    let mut switches = String::new();
    for stage in stages.iter().filter(waits) {
        let _ = write!(switches, " -Without{}", stage.name());
    }
    switches
}

/// Exchange Online tests its own connectors.
fn test(plan: &Plan, objects: &Objects, steps: &[Step]) -> Body {
    let mut parts = vec![Part::text(format!(
        "Send the messages of the table of tests that have the step {}, and compare the path.{}",
        number(steps, Step::Test),
        if steps.contains(&Step::Mx) {
            format!(
                " Until step {} mail from the Internet, replies among it, arrives by the old path.",
                number(steps, Step::Mx)
            )
        } else {
            String::new()
        }
    ))];
    for (id, location) in plan.topology.locations() {
        let mine = objects.get(&id).into_iter().flatten();
        let recipients: BTreeSet<&String> = mine.flat_map(|object| &object.validate).collect();
        if recipients.is_empty() {
            continue;
        }
        parts.push(Part::text(format!(
            "`{}` tests its own connectors; this sends mail to {}:",
            location.name,
            some_of(recipients)
        )));
        let switches = without(objects, id, &[Stage::Lock, Stage::Outgoing]);
        parts.push(Part::code(
            "powershell",
            vec![format!(
                "{}{switches} -Validate",
                script(&location.name, "verify")
            )],
        ));
    }
    Body {
        title: "test".to_owned(),
        at: String::new(),
        wait: String::new(),
        gate: None,
        parts,
        roll_back: vec![Part::text("Nothing was changed. If a test fails, roll back the steps before it, the last one first.".to_owned())],
    }
}
