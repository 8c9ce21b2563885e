//! The steps that wait: what turns outgoing mail, and what locks a location.

use crate::plan::Plan;
use crate::platforms::exchange::object::Stage;
use crate::runbook::part::{Part, paths, script};
use crate::runbook::steps::{
    Body, Objects, Step, install, locks_by_itself, names, number, old_connector, roll_back,
    sends_everything, sign_in, wait, without,
};
use crate::runbook::test_plan::{Test, names_of, names_through};
use crate::runbook::{first_of, some_of};
use crate::topology::LocationId;
use crate::writer::powershell::PsValue;

pub(super) fn outgoing(plan: &Plan, objects: &Objects, steps: &[Step], id: LocationId) -> Body {
    let location = plan.topology.location(id);
    let name = &location.name;
    let made = names(objects, id, |object| object.stage == Some(Stage::Outgoing));
    let mut parts = vec![Part::text(format!("This run writes {}.", some_of(made)))];
    let mut lines = sign_in(location, &mut parts);
    lines.push(format!(
        "{} -Outgoing -WhatIf    # read it",
        script(name, "apply")
    ));
    lines.push(format!(
        "{} -Outgoing -SaveTo {}",
        script(name, "apply"),
        paths(name, "before-outgoing")
    ));
    let switches = location.exchange_server().is_some() && sends_everything(plan, id);
    if switches {
        lines.push(old_connector(false));
    }
    lines.push(format!(
        "{}{}    # exit code 0: nothing differs",
        script(name, "verify"),
        without(objects, id, &[Stage::Lock])
    ));
    parts.push(Part::code("powershell", lines));
    parts.push(Part::text(format!(
        "Then send the messages of the table of tests that have the step {}, and compare the path.",
        number(steps, Step::Outgoing(id))
    )));
    Body {
        title: format!("switch outgoing mail of `{name}`; test"),
        at: format!("`{name}`"),
        wait: wait(location),
        gate: Some(format!(
            "go only if step {} passed and the wider SPF record of step {} has been public for its old TTL.",
            number(steps, Step::Test),
            number(steps, Step::Widen)
        )),
        parts,
        roll_back: roll_back(name, "before-outgoing", None, switches),
    }
}

pub(super) fn lock(
    plan: &Plan,
    objects: &Objects,
    steps: &[Step],
    tests: &[Test],
    id: LocationId,
) -> Body {
    let location = plan.topology.location(id);
    let name = &location.name;
    if locks_by_itself(plan, id) {
        return lock_host(plan, steps, tests, id);
    }
    let locks = names(objects, id, |object| object.stage == Some(Stage::Lock));
    let skips = objects.get(&id).into_iter().flatten().any(|object| {
        let skips = |(name, value): &(&str, PsValue)| match value {
            PsValue::Bool(on) => *name == "EFSkipLastIP" && *on,
            PsValue::Array(list) => *name == "EFSkipIPs" && !list.is_empty(),
            _ => false,
        };
        object.stage == Some(Stage::Lock) && object.properties.iter().any(skips)
    });
    let mut parts = vec![Part::text(format!("This run writes {}.", some_of(locks)))];
    if skips {
        parts.push(Part::text("Until then the tenant judges mail by the address that hands it over, not by where it comes from: look into the quarantine for good mail.".to_owned()));
    }
    let mut lines = sign_in(location, &mut parts);
    let outgoing = if steps.contains(&Step::Outgoing(id)) {
        " -Outgoing"
    } else {
        ""
    };
    lines.push(format!(
        "{}{outgoing} -Lock -WhatIf    # read it",
        script(name, "apply")
    ));
    lines.push(format!(
        "{}{outgoing} -Lock -SaveTo {}",
        script(name, "apply"),
        paths(name, "before-lock")
    ));
    lines.push(format!(
        "{}    # after the wait; exit code 0: nothing differs",
        script(name, "verify")
    ));
    parts.push(Part::code("powershell", lines));
    parts.extend(test_lock(steps, tests, id));
    Body {
        title: format!("lock: `{name}` rejects mail on any other path; test"),
        at: format!("`{name}`"),
        wait: "30 min".to_owned(),
        gate: Some(LOCK_GATE.to_owned()),
        parts,
        roll_back: roll_back(name, "before-lock", None, false),
    }
}

const LOCK_GATE: &str =
    "go only if every test so far passed and no good mail arrives by an old path any more.";

/// The messages that show a lock: those that must still pass the location, and those that must not any more.
fn test_lock(steps: &[Step], tests: &[Test], id: LocationId) -> Option<Part> {
    let step = number(steps, Step::Lock(id));
    let through = first_of(names_through(tests, id).into_iter());
    let mut sentences = Vec::new();
    if !through.is_empty() {
        sentences.push(format!(
            "After the wait, send these messages of the table of tests again; each must still take its expected path: {through}."
        ));
    }
    if names_of(tests, step).is_some() {
        let when = if sentences.is_empty() {
            "After the wait, send the messages of the table of tests"
        } else {
            "Then send those"
        };
        sentences.push(format!(
            "{when} that have the step {step}; each must be rejected."
        ));
    }
    (!sentences.is_empty()).then(|| Part::text(sentences.join(" ")))
}

/// The lock of a Postfix host.
fn lock_host(plan: &Plan, steps: &[Step], tests: &[Test], id: LocationId) -> Body {
    let location = plan.topology.location(id);
    let name = &location.name;
    let admitted = plan.place(id).configuration.admitted();
    let except = if admitted.is_empty() {
        String::new()
    } else {
        format!(", except from {}", some_of(admitted))
    };
    Body {
        title: format!("lock: `{name}` rejects mail on any other path; test"),
        at: format!("`{name}`"),
        wait: String::new(),
        gate: Some(LOCK_GATE.to_owned()),
        parts: [
            Part::text(format!(
                "From this run on the host rejects mail of external senders{except}."
            )),
            install(name, ""),
        ]
        .into_iter()
        .chain(test_lock(steps, tests, id))
        .collect(),
        roll_back: vec![Part::code(
            "sh",
            vec![format!("sudo sh {name}/install.sh --without-lock")],
        )],
    }
}
