//! What a live host lets clients do that the spec lets nobody do. No mail of the spec shows it, because nobody of the spec
//! writes so.

use crate::drift::objects::ObjectDrift;
use crate::drift::tables::last;
use crate::platforms::postfix::{Configuration, Right, SenderAccess, class_name};
use crate::values::Pattern;

/// Names it at the objects that do it.
pub(super) fn name(planned: &Configuration, now: &Configuration, objects: &mut [&mut ObjectDrift]) {
    for (network, client) in &now.clients {
        let known = planned.right(network).or_else(|| planned.right_of_all());
        if !is_more((planned, known), (now, client.right)) {
            continue;
        }
        let what = match client.right {
            Right::Relay => "write to everybody",
            Right::Limited(_) => "write as others or to others",
        };
        let key = network.net().to_string();
        let class = match client.right {
            Right::Limited(at) => class_name(at),
            Right::Relay => String::new(),
        };
        let is_listed = |object: &ObjectDrift| object.properties.iter().any(|at| at.name == key);
        let is_limit =
            |object: &ObjectDrift| !class.is_empty() && last(&object.name).starts_with(&class);
        let at = objects
            .iter()
            .position(|object| is_listed(object))
            .or_else(|| objects.iter().position(|object| is_limit(object)))
            .or_else(|| objects.iter().position(|object| object.kind == "main.cf"))
            .unwrap_or(0);
        if let Some(object) = objects.get_mut(at) {
            object.lets.insert(format!("`{key}` {what}"));
        }
    }
    let is_kept = |access: Option<&SenderAccess>| {
        matches!(
            access,
            Some(SenderAccess::Parked(_) | SenderAccess::Partner(_))
        )
    };
    let senders = planned.senders.iter();
    let senders = senders.filter(|(_, access)| is_kept(Some(access)));
    for (key, _) in senders.filter(|(key, _)| !is_kept(now.senders.get(key))) {
        let what = format!("mail from `{key}` in");
        add(objects, "sender_access", what);
    }
    let refused = planned.refused_recipients.keys();
    for key in refused.filter(|key| !now.refused_recipients.contains_key(key)) {
        let what = format!("mail for `{key}` in");
        add(objects, "recipient_access", what);
    }
}

/// Names it at this table, or at what else differs.
fn add(objects: &mut [&mut ObjectDrift], table: &str, what: String) {
    let at = objects
        .iter()
        .position(|object| last(&object.name) == table);
    let at = at.or_else(|| objects.iter().position(|object| object.kind == "main.cf"));
    if let Some(object) = objects.get_mut(at.unwrap_or(0)) {
        object.lets.insert(what);
    }
}

/// Whether one right allows something that the other does not.
fn is_more(known: (&Configuration, Option<Right>), now: (&Configuration, Right)) -> bool {
    let (Some(Right::Limited(before)), Right::Limited(after)) = (known.1, now.1) else {
        return known.1 != Some(Right::Relay) && known.1 != Some(now.1);
    };
    let (Some(before), Some(after)) = (known.0.limits.get(before), now.0.limits.get(after)) else {
        return true;
    };
    exceeds(&after.senders, &before.senders)
        || exceeds(&after.recipients, &before.recipients)
        || after.else_stranger && !before.else_stranger
}

/// Whether a list holds more than another; an empty one holds all.
fn exceeds(now: &[Pattern], before: &[Pattern]) -> bool {
    !before.is_empty() && (now.is_empty() || now.iter().any(|pattern| !before.contains(pattern)))
}
