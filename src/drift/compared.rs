//! One object as it exists against the one that was compiled, property by property.

use crate::drift::objects::{Effect, ObjectDrift, PropertyDrift};
use crate::drift::rules::{acts, is_audited, turning};
use crate::import::{Export, Live, LiveObject};
use crate::platforms::exchange::call::items;
use crate::platforms::exchange::catalogue::{Product, has};
use crate::platforms::exchange::effect::no_effect;
use crate::platforms::exchange::forms::{Form, form_of, is_of_product, parts};
use crate::platforms::exchange::kind::TRANSPORT_RULE;
use crate::platforms::exchange::object::Object;
use crate::values::Date;
use crate::writer::powershell::PsValue;
use std::collections::BTreeMap;

/// Kinds whose objects carry mail whoever made them.
pub(super) const CARRIERS: [&str; 6] = [
    "AcceptedDomain",
    "InboundConnector",
    "OutboundConnector",
    "ReceiveConnector",
    "SendConnector",
    "TransportRule",
];

/// An object of the plan, and what is known of it besides.
pub(super) struct Known<'p> {
    pub(super) object: &'p Object,
    pub(super) product: Product,
    /// What the spec says that others gave it.
    pub(super) found: BTreeMap<&'p str, &'p Vec<String>>,
}

impl Known<'_> {
    /// Every property that differs, every one that was compared, and those that could not be.
    pub(super) fn compare(&self, live: &LiveObject, export: &Export, drift: &mut ObjectDrift) {
        let object = self.object;
        // A state leaves out what is empty; a cmdlet shows what it was asked for, and of the rest nothing is known.
        let shown = |name: &str, value: &PsValue| {
            live.properties.get(name).cloned().or_else(|| {
                let is_truth = matches!(value, PsValue::Bool(_) | PsValue::Switch(_));
                Some(export.unshown(name, is_truth)).filter(|value| *value != Live::Lost)
            })
        };
        let own = object.properties.iter().chain(&object.stated);
        let own: Vec<(&str, &PsValue)> = own.map(|(name, value)| (*name, value)).collect();
        let rest = object.kind.cleared.iter().filter(|part| {
            let is_said = own.iter().any(|(name, _)| name == *part);
            !is_said && object.found_by.is_none() && !part.starts_with("Comment")
        });
        // A rule that is off may be audited instead, and its mode does nothing then.
        let is_off = object.enabled == Some(false);
        if is_off && !self.found.contains_key("Mode") {
            drift.compared.insert("Mode".to_owned());
        }
        let is_off = is_off && is_audited(live);
        if is_off {
            drift.compared.insert("State".to_owned());
        }
        let state = object.enabled.filter(|_| !is_off).map(|enabled| {
            let word = if enabled { "Enabled" } else { "Disabled" };
            ("State", PsValue::from(word))
        });
        let all = own
            .iter()
            .copied()
            .chain(rest.map(|part| (*part, &PsValue::Null)))
            .chain(state.iter().map(|(name, value)| (*name, value)));
        for (name, value) in all {
            match shown(name, value) {
                Some(comment) if name.starts_with("Comment") => {
                    drift.unmarked = !has_mark(&comment.items(), &texts(value));
                }
                // What chooses no path is not missed.
                None if no_effect(Some(object.kind), name).is_some() => {}
                None => _ = drift.unshown.insert(name.to_owned()),
                Some(actual) => {
                    let expected = match value {
                        PsValue::Hash(entries) if actual != Live::Lost => {
                            certificate(entries, &actual, export)
                        }
                        value => texts(value),
                    };
                    self.add(name, expected, &actual, drift);
                }
            }
        }
        if let (Some(wanted), Some(is)) = (object.any_recipient, live.any_recipient()) {
            let word = |truth: bool| if truth { "True" } else { "False" };
            let wanted = vec![word(wanted).to_owned()];
            self.add(ANY_RECIPIENT, wanted, &Live::Bool(is), drift);
        }
        if !CARRIERS.contains(&object.kind.name) || object.found_by.is_some() {
            return;
        }
        // What is left is nothing that a spec says: parts of rules are known by their names, of the rest nobody knows what
        // it does.
        for (name, actual) in &live.properties {
            // Where a sender stands counts only for a rule that asks who it is.
            let is_known = drift.compared.contains(name)
                || ["AnyRecipient", "Priority", "SenderAddressLocation", "State"]
                    .contains(&name.as_str());
            if form_of(name) == Form::Size && !drift.compared.contains(name) {
                let items = actual.items();
                let sizes = parts(name, items.iter().map(String::as_str));
                if *actual == Live::Lost || sizes.iter().any(|octets| !is_of_product(octets)) {
                    drift.strange.insert(name.clone());
                }
                continue;
            }
            if is_known || no_effect(Some(object.kind), name).is_some() {
                continue;
            }
            let is_part =
                *object.kind == TRANSPORT_RULE && has(object.kind.set, name, self.product);
            if self.found.contains_key(name.as_str()) || (is_part && !actual.is_empty()) {
                self.add(name, Vec::new(), actual, drift);
            } else if !actual.is_empty() {
                drift.strange.insert(name.clone());
            }
        }
    }

    /// What an object of the wizard says of its other end, where it does not fit.
    pub(super) fn compare_ends(
        &self,
        live: &LiveObject,
        ends: Vec<(&'static str, Vec<String>, bool)>,
        drift: &mut ObjectDrift,
    ) {
        for (name, expected, fits) in ends {
            let actual = live.properties.get(name).unwrap_or(&Live::Null);
            if self.found.contains_key(name) || !fits {
                self.add(name, expected, actual, drift);
            }
            drift.compared.insert(name.to_owned());
        }
    }

    /// A rule that begins or ends by itself does another thing with mail although nobody changed it.
    pub(super) fn by_day(&self, live: &LiveObject, today: Option<Date>, drift: &mut ObjectDrift) {
        let Some(wanted) = self.object.enabled else {
            return;
        };
        let acts = acts(live, today);
        let is_said = |at: &PropertyDrift| ["Mode", "State"].contains(&at.name.as_str());
        let name = turning(live, !wanted);
        if acts != Some(!wanted) || name == "State" || drift.properties.iter().any(is_said) {
            return;
        }
        let word = if name == "ExpiryDate" {
            "a later day"
        } else {
            "a day to come"
        };
        drift.properties.retain(|at| at.name != name);
        drift.properties.push(PropertyDrift {
            name: name.to_owned(),
            actual: Some(live.items(name)),
            expected: vec![word.to_owned()],
            effect: Effect::Open,
        });
    }

    fn add(&self, name: &str, expected: Vec<String>, actual: &Live, drift: &mut ObjectDrift) {
        drift.compared.insert(name.to_owned());
        let found = self.found.get(name).map(|values| (*values).clone());
        let expected = found.unwrap_or(expected);
        let is = actual.items();
        let have = parts(name, is.iter().map(String::as_str));
        let want = parts(name, expected.iter().map(String::as_str));
        let is_same = if self.object.adds {
            want.is_subset(&have)
        } else {
            want == have
        };
        if *actual != Live::Lost && is_same {
            return;
        }
        drift.properties.push(PropertyDrift {
            name: name.to_owned(),
            actual: (*actual != Live::Lost).then_some(is),
            expected,
            effect: Effect::Open,
        });
    }
}

/// Whether a comment has the mark that the scripts give it. Nothing else of it counts: the rest says where the spec has the
/// object, or is the words of others, which nobody repeats.
fn has_mark(is: &[String], expected: &[String]) -> bool {
    let marks = expected.iter().filter_map(|text| {
        let end = text.find(']')?;
        text.get(..=end)
            .filter(|mark| mark.starts_with("[mailtopo:"))
    });
    let mut marks = marks.peekable();
    marks.peek().is_none() || marks.any(|mark| is.iter().any(|text| text.contains(mark)))
}

/// What the right to relay to any recipient is called where properties are listed.
pub(super) const ANY_RECIPIENT: &str = "right to relay to any recipient";

/// A certificate as a connector names it: the one of this name or thumbprint that the export has, else the live one where
/// its subject is the name.
fn certificate(entries: &[(&'static str, PsValue)], live: &Live, export: &Export) -> Vec<String> {
    let entry = |key: &str| {
        let found = entries.iter().find(|(name, _)| *name == key);
        found
            .map_or_else(Vec::new, |(_, value)| texts(value))
            .concat()
    };
    let (name, thumbprint) = (entry("Certificate").to_lowercase(), entry("Thumbprint"));
    let wildcard = name.split_once('.').map(|(_, rest)| format!("*.{rest}"));
    let fits = |certificate: &&crate::import::LiveCertificate| {
        if thumbprint.is_empty() {
            certificate.names.contains(&name)
                || wildcard
                    .as_ref()
                    .is_some_and(|name| certificate.names.contains(name))
        } else {
            certificate.thumbprint.eq_ignore_ascii_case(&thumbprint)
        }
    };
    let fitting: Vec<&str> = export
        .certificates
        .iter()
        .filter(fits)
        .map(|certificate| certificate.reference.as_str())
        .collect();
    let is = live.items().concat();
    // Several may be valid at once, such as one and its renewal.
    if fitting.contains(&is.as_str()) {
        return vec![is];
    }
    let subject = is.to_lowercase();
    let subject = subject.split_once("<s>").map_or("", |(_, subject)| subject);
    let is_named = subject
        .split(',')
        .any(|part| part.trim() == format!("cn={name}"));
    match fitting.first() {
        Some(reference) => vec![(*reference).to_owned()],
        None if is_named => vec![is],
        None => vec![format!("the certificate {name}")],
    }
}

/// The texts of a value that was compiled.
pub(super) fn texts(value: &PsValue) -> Vec<String> {
    items(value)
        .iter()
        .filter_map(|item| match item {
            PsValue::String(text) | PsValue::Variable(text) => Some(text.clone()),
            PsValue::Int(number) => Some(number.to_string()),
            PsValue::Bool(truth) | PsValue::Switch(truth) => {
                Some(if *truth { "True" } else { "False" }.to_owned())
            }
            PsValue::Null | PsValue::Array(_) | PsValue::Hash(_) => None,
        })
        .collect()
}
