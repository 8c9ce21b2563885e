//! The ledger: every value that was read has exactly one verdict, with its reason.

mod pages;

use crate::draft::tenant::tenant_of;
use crate::draft::{Draft, Key, Part, postfix, resources, server, zones};
use crate::drift::{ENDS, ObjectDrift, State, acts, is_for_everybody};
use crate::import::{DYNAMIC, Live, LiveObject};
use crate::platforms::exchange::effect::no_effect;
use crate::platforms::exchange::forms::{Form, form_of};
use crate::platforms::exchange::kind::{ALL, ObjectKind};
use std::collections::BTreeMap;

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// It stands in the draft.
    Imported,
    /// It is what the product has where nobody says otherwise, so that nothing is written.
    Default,
    /// It is known, and chooses no path.
    NoEffect,
    /// The language cannot say it: its object stands in the draft with `managed: false`.
    Unmanaged,
    /// The export lost it.
    Truncated,
    /// Nothing here knows what it means.
    NotUnderstood,
}

impl Verdict {
    /// Every verdict, in the order of reports.
    const ALL: [Self; 6] = [
        Self::Imported,
        Self::Default,
        Self::NoEffect,
        Self::Unmanaged,
        Self::Truncated,
        Self::NotUnderstood,
    ];

    /// The word of reports.
    const fn word(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Default => "default",
            Self::NoEffect => "no-effect",
            Self::Unmanaged => "unmanaged",
            Self::Truncated => "truncated",
            Self::NotUnderstood => "not-understood",
        }
    }
}

/// The verdict on one value. The value itself is not repeated: nobody knows what is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The location, and the file of its export.
    source: (String, String),
    /// Kind and name of the object.
    object: String,
    /// The property.
    property: String,
    verdict: Verdict,
    /// The path in the draft, or why.
    reason: String,
}

/// Every verdict of an import.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    /// Objects that the draft would make and that do not exist.
    extra: Vec<String>,
    /// Locations and domains that the spec could not take, as the edits that would add them.
    not_added: Vec<String>,
}

impl Ledger {
    /// The ledger of an import: of a draft, of the objects that it compiles to as `drift` sees them, and of the exports.
    pub(crate) fn of(parts: &[Part], draft: &Draft, compared: &[(Key, ObjectDrift)]) -> Self {
        let mut by_object: BTreeMap<Key, &ObjectDrift> = BTreeMap::new();
        let mut ledger = Self {
            not_added: draft.not_added.clone(),
            ..Self::default()
        };
        for ((location, kind, _), drift) in compared {
            if drift.state == State::Missing {
                ledger.extra.push(format!("{location}: {}", drift.title()));
            }
            if let Some(live) = &drift.live {
                let key = (location.clone(), kind.clone(), live.name.to_lowercase());
                by_object.insert(key, drift);
            }
        }
        for part in parts {
            for object in &part.export.objects {
                ledger.add(part, object, draft, &by_object);
            }
        }
        ledger
    }

    fn add(
        &mut self,
        part: &Part,
        object: &LiveObject,
        draft: &Draft,
        by_object: &BTreeMap<Key, &ObjectDrift>,
    ) {
        let location = &part.location;
        let file = part
            .export
            .files
            .get(object.file)
            .cloned()
            .unwrap_or_default();
        let mut push = |property: &str, (verdict, reason): (Verdict, String)| {
            self.entries.push(Entry {
                source: (location.clone(), file.clone()),
                object: format!("{} {}", object.kind, object.name),
                property: property.to_owned(),
                verdict,
                reason,
            });
        };
        if zones::is_of_zones(&part.export) {
            for (number, value) in &object.properties {
                push(number, of_record(draft, part, object, number, value));
            }
            return;
        }
        if postfix::is_of_postfix(&part.export) {
            for (property, value) in &object.properties {
                push(
                    property,
                    postfix::verdict(draft, part, object, property, value),
                );
            }
            return;
        }
        let key = (location.clone(), object.kind.clone(), object.name.clone());
        let lower = (key.0.clone(), key.1.clone(), key.2.to_lowercase());
        let seen = Seen {
            object,
            drift: by_object.get(&lower).copied(),
            path: draft.path(&key),
            left_out: draft.left_out.get(&key).map(String::as_str),
            is_merged: draft.is_merged,
            is_of_wizard: draft.of_wizard.contains(&key)
                || by_object.get(&lower).is_some_and(|drift| drift.of_wizard),
        };
        for (property, value) in &object.properties {
            push(property, seen.verdict(property, value));
        }
        let unshown = seen.drift.map(|drift| &drift.unshown).into_iter().flatten();
        let command = format!("Get-{} | Export-Clixml FILE.xml", object.kind);
        for property in unshown.filter(|name| !object.properties.contains_key(*name)) {
            let why = format!("the export does not show it; `{command}` does");
            push(property, (Verdict::Truncated, why));
        }
        if draft.unsure.contains(&key) {
            let why = format!(
                "the export does not show whether its clients may relay, and the draft takes them to; `{}` does",
                server::RIGHTS
            );
            push("AnyRecipient", (Verdict::Truncated, why));
        }
    }

    /// How many values have each verdict.
    fn counts<'l>(entries: impl Iterator<Item = &'l Entry> + Clone) -> Vec<(Verdict, usize)> {
        let count = |verdict| entries.clone().filter(|at| at.verdict == verdict).count();
        Verdict::ALL
            .into_iter()
            .map(|verdict| (verdict, count(verdict)))
            .collect()
    }

    /// Whether every value is accounted for, and the draft makes nothing that does not exist.
    pub(crate) fn is_whole(&self) -> bool {
        let is_lost = |entry: &Entry| entry.verdict >= Verdict::Truncated;
        self.extra.is_empty() && self.not_added.is_empty() && !self.entries.iter().any(is_lost)
    }

    /// One line: how many values there are of each verdict.
    pub(crate) fn summary(&self) -> String {
        let counts = Self::counts(self.entries.iter())
            .into_iter()
            .filter(|(_, count)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(verdict, count)| format!("{count} {}", verdict.word()))
            .collect();
        format!("{} values: {}", self.entries.len(), counts.join(", "))
    }
}

/// The verdict on a record of a zone.
fn of_record(
    draft: &Draft,
    part: &Part,
    object: &LiveObject,
    number: &str,
    value: &Live,
) -> (Verdict, String) {
    let key = zones::key(&part.location, object, number);
    if let Some(why) = draft.left_out.get(&key) {
        return (Verdict::NotUnderstood, why.clone());
    }
    let Some(zone) = zones::zone_of(&part.export, &object.name) else {
        let why = format!("`{}` lies outside the zone of this file", object.name);
        return (Verdict::NotUnderstood, why);
    };
    match (object.kind.as_str(), value) {
        (kind, _) if kind.starts_with(DYNAMIC) => (
            Verdict::NotUnderstood,
            "a dynamic record answers some clients with it, which no zone says: the draft has the `values` of the record alone".to_owned(),
        ),
        (kind, Live::Lost) => (
            Verdict::NotUnderstood,
            format!(
                "`${kind}` stands for records that are not in the file: export the zone as the name server has it"
            ),
        ),
        ("SOA", _) => (
            Verdict::Unmanaged,
            format!("of these values `dns.zones.{zone}` says the serial number alone"),
        ),
        ("NS", value) if draft.servers_kept(zone, &object.name).is_some() => {
            let path = format!("dns.zones.{zone}.nameservers");
            let kept = draft.servers_kept(zone, &object.name).unwrap_or_default();
            let ttl = match value {
                Live::List(parts) => parts.first().map_or("", String::as_str),
                _ => "",
            };
            if ttl.is_empty() || ttl == kept {
                (Verdict::Imported, path)
            } else {
                let why = format!(
                    "{path} says the server, which is kept as long as the longest of the other records, {kept} seconds"
                );
                (Verdict::Unmanaged, why)
            }
        }
        _ => (Verdict::Imported, format!("dns.zones.{zone}.records")),
    }
}

/// An object, and what is known of it when its values are judged.
struct Seen<'e> {
    object: &'e LiveObject,
    drift: Option<&'e ObjectDrift>,
    path: Option<String>,
    left_out: Option<&'e str>,
    is_merged: bool,
    is_of_wizard: bool,
}

impl Seen<'_> {
    fn verdict(&self, property: &str, value: &Live) -> (Verdict, String) {
        let because = |verdict, why: &str| (verdict, why.to_owned());
        let object = self.object;
        let kind: Option<&'static ObjectKind> =
            ALL.iter().copied().find(|kind| kind.name == object.kind);
        let is_known = ["State", "AnyRecipient"].contains(&property)
            || kind.is_some_and(|kind| kind.manages(property));
        // Of an object that is there; of another the table of resources says so.
        let no_effect =
            no_effect(kind, property).filter(|_| kind.is_some() || property != "Ensure");
        if let Some(why) = no_effect.filter(|_| !is_known || property.starts_with("Comment")) {
            return because(Verdict::NoEffect, why);
        }
        if *value == Live::Lost {
            let why = match form_of(property) {
                Form::Size => "the export does not hold it whole, or without its unit",
                _ => "the export does not hold it whole",
            };
            return because(Verdict::Truncated, why);
        }
        if let Some(why) = self.left_out {
            return (
                Verdict::NotUnderstood,
                format!("the object cannot be written: {why}"),
            );
        }
        let is_custom = |word: &String| word.to_lowercase().contains("custom");
        if property == "PermissionGroups"
            && object.any_recipient().is_none()
            && value.items().iter().any(is_custom)
        {
            return because(
                Verdict::Truncated,
                "`Custom` stands for rights that it does not show, such as that to relay to any recipient (`ms-Exch-SMTP-Accept-Any-Recipient`): the draft takes its clients to have it",
            );
        }
        let drift = self.drift.filter(|drift| drift.state != State::Unknown);
        let is_compared = |drift: &&ObjectDrift| is_known || drift.compared.contains(property);
        if property == "SenderAddressLocation"
            && !drift.is_some_and(|at| at.compared.contains(property))
        {
            return because(
                Verdict::NoEffect,
                "only a rule that asks who sends looks at it",
            );
        }
        let is_end = object.kind == "TransportRule" && ENDS.contains(&property);
        // The draft does not say the names that every tenant has.
        let is_own = self.is_of_tenant();
        if let Some(drift) = drift.filter(is_compared).filter(|_| !is_end && !is_own) {
            if drift
                .properties
                .iter()
                .any(|at| at.name == property || (property == "AnyRecipient" && at.is_of_rights()))
            {
                if self.is_merged {
                    return because(
                        Verdict::NotUnderstood,
                        "the spec says otherwise, and stays as it is",
                    );
                }
                let why = if self.is_of_wizard {
                    "the hybrid wizard made it otherwise than a spec says: it stands under `found`, and `drift` compares it"
                } else {
                    "the language has no words for it: it stands under `found`, and `drift` compares it"
                };
                return because(Verdict::Unmanaged, why);
            }
            if value.is_empty() {
                return because(Verdict::Default, "it is off or empty");
            }
            if drift.compared.contains(property) || property == "AnyRecipient" {
                return (Verdict::Imported, self.path.clone().unwrap_or_default());
            }
        }
        if self.is_of_wizard && !value.is_empty() {
            return because(
                Verdict::Unmanaged,
                "the hybrid wizard makes and changes it (`hybrid_wizard: true`)",
            );
        }
        if kind.is_none() {
            let (verdict, why) = resources::verdict(&object.kind, property);
            return because(verdict, why);
        }
        self.of_kind(property, value, is_known, no_effect)
    }

    /// Whether it is a name that every tenant has, as it was from the start.
    fn is_of_tenant(&self) -> bool {
        self.object.kind == "AcceptedDomain"
            && tenant_of(&self.object.name).is_some()
            && self.drift.is_none_or(|drift| drift.of_others)
    }

    /// The verdict on a value that no comparison decided.
    fn of_kind(
        &self,
        property: &str,
        value: &Live,
        is_known: bool,
        no_effect: Option<&'static str>,
    ) -> (Verdict, String) {
        let because = |verdict, why: &str| (verdict, why.to_owned());
        let object = self.object;
        match object.kind.as_str() {
            "AcceptedDomain" if self.is_of_tenant() && (is_known || value.is_empty()) => {
                because(Verdict::Default, "every tenant has this domain")
            }
            "ReceiveConnector" if is_for_everybody(object) => because(
                Verdict::Default,
                "every server has this connector from the start, and mailtopo leaves it as it is",
            ),
            "TransportRule" if self.path.is_none() => {
                if acts(object, None) == Some(false) {
                    because(Verdict::NoEffect, "part of a rule that is off")
                } else if ENDS.contains(&property) && !value.is_empty() {
                    because(
                        Verdict::NotUnderstood,
                        "a rule that ends mail or sends it elsewhere, which the language cannot say",
                    )
                } else {
                    because(
                        Verdict::NoEffect,
                        "part of a rule that chooses no connector",
                    )
                }
            }
            "RemoteDomain" => because(
                Verdict::NoEffect,
                "says how mail to a domain is written, not where it goes",
            ),
            "OrganizationConfig" | "TransportConfig" | "DkimSigningConfig" | "ArcConfig"
                if !is_known =>
            {
                because(Verdict::NoEffect, "a setting that chooses no path")
            }
            _ if value.is_empty() => because(Verdict::Default, "it is off or empty"),
            "ArcConfig" => because(
                Verdict::NotUnderstood,
                "a trusted sealer, which belongs to a gateway (`arc_seal`)",
            ),
            "DkimSigningConfig" => because(Verdict::Default, "a domain of the tenant itself signs"),
            _ if is_known => match no_effect {
                Some(why) => because(Verdict::NoEffect, why),
                None => because(
                    Verdict::NotUnderstood,
                    "nothing in the draft says this value",
                ),
            },
            _ => because(Verdict::NotUnderstood, "no table knows this property"),
        }
    }
}
