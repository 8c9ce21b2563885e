//! The ledger: every value that was read has exactly one verdict, with its reason.

use crate::draft::Draft;
use crate::drift::{ObjectDrift, State};
use crate::import::{Export, Live, LiveObject};
use crate::platforms::exchange::kind::{ALL, Kind};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

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
}

/// Properties that choose no path, and why.
const NO_EFFECT: [(&str, &[&str]); 4] = [
    (
        "says which object it is",
        &[
            "AdminDisplayName",
            "DistinguishedName",
            "ExchangeObjectId",
            "Guid",
            "Id",
            "Identity",
            "ImmutableId",
            "IsValid",
            "Name",
            "ObjectCategory",
            "ObjectClass",
            "ObjectState",
            "OrganizationalUnitRoot",
            "OrganizationId",
            "OriginatingServer",
            "DomainName",
            "Domain",
            "PSComputerName",
            "PSShowComputerName",
            "RunspaceId",
        ],
    ),
    (
        "says when and by whom it was made",
        &[
            "CreatedBy",
            "LastModifiedBy",
            "WhenChanged",
            "WhenChangedUTC",
            "WhenCreated",
            "WhenCreatedUTC",
            "ExchangeVersion",
            "ConnectorSource",
            "RuleVersion",
        ],
    ),
    (
        "a comment, which `apply.ps1` replaces by its mark",
        &["Comment", "Comments"],
    ),
    (
        "says how something is shown, checked or recorded",
        &[
            "IsValidated",
            "LastValidationTimestamp",
            "ValidationRecipients",
            "LinkForModifiedConnector",
            "Description",
            "SetAuditSeverity",
            "RuleSubType",
            "RuleErrorAction",
            "ManuallyModified",
            "Priority",
            "Size",
            "Usage",
            "RecipientAddressType",
            "SenderAddressLocation",
            "StopRuleProcessing",
            "ScanAndDropRecipients",
            "AddressBookEnabled",
            "Default",
            "InitialDomain",
            "IsCoexistenceDomain",
            "IsDefaultFederatedDomain",
            "FederatedOrganizationLink",
            "MailFlowPartner",
            "PendingCompletion",
            "PendingRemoval",
            "PerimeterDuplicateDetected",
            "EmailOnly",
            "ExternallyManaged",
            "DualProvisioningEnabled",
            "OutboundOnly",
            "PendingFederatedAccountNamespace",
            "PendingFederatedDomain",
            "SendingFromDomainDisabled",
            "SendingToDomainDisabled",
            "EnableNego2Authentication",
            "AuthenticationType",
            "LiveIdInstanceType",
            "RawAuthenticationType",
            "CatchAllRecipientID",
        ],
    ),
];

/// Actions of rules that end mail or send it elsewhere.
const ENDS: [&str; 15] = [
    "AddManagerAsRecipientType",
    "AddToRecipients",
    "BlindCopyTo",
    "CopyTo",
    "DeleteMessage",
    "GenerateIncidentReport",
    "ModerateMessageByManager",
    "ModerateMessageByUser",
    "Quarantine",
    "RedirectMessageTo",
    "RejectMessageEnhancedStatusCode",
    "RejectMessageReasonText",
    "Disconnect",
    "SmtpRejectMessageRejectText",
    "RouteMessageOutboundRequireTls",
];

impl Ledger {
    /// The ledger of an import: of a draft, of the objects that it compiles to as `drift` sees them, and of its export.
    pub(crate) fn of(
        location: &str,
        export: &Export,
        draft: &Draft,
        compared: &[ObjectDrift],
    ) -> Self {
        let mut by_object: BTreeMap<(&str, String), &ObjectDrift> = BTreeMap::new();
        let mut ledger = Self::default();
        for drift in compared {
            if drift.state == State::Missing {
                ledger.extra.push(drift.title());
            }
            if let Some(live) = &drift.live {
                by_object.insert((&drift.kind, live.name.to_lowercase()), drift);
            }
        }
        for object in &export.objects {
            let drift = by_object.get(&(object.kind.as_str(), object.name.to_lowercase()));
            let path = draft.path(location, &object.kind, &object.name);
            for (property, value) in &object.properties {
                let (verdict, reason) =
                    verdict(object, property, value, drift.copied(), path.as_deref());
                ledger.entries.push(Entry {
                    object: format!("{} {}", object.kind, object.name),
                    property: property.clone(),
                    verdict,
                    reason,
                });
            }
        }
        ledger
    }

    /// How many values have each verdict.
    fn counts(&self) -> Vec<(Verdict, usize)> {
        let count = |verdict| {
            self.entries
                .iter()
                .filter(|at| at.verdict == verdict)
                .count()
        };
        Verdict::ALL
            .into_iter()
            .map(|verdict| (verdict, count(verdict)))
            .collect()
    }

    /// Whether every value is accounted for, and the draft makes nothing that does not exist.
    pub(crate) fn is_whole(&self) -> bool {
        let is_lost = |entry: &Entry| entry.verdict >= Verdict::Truncated;
        self.extra.is_empty() && !self.entries.iter().any(is_lost)
    }

    /// One line: how many values there are of each verdict.
    pub(crate) fn summary(&self) -> String {
        let counts = self.counts().into_iter().filter(|(_, count)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(verdict, count)| format!("{count} {}", verdict.word()))
            .collect();
        format!("{} values: {}", self.entries.len(), counts.join(", "))
    }

    /// The form for programs.
    pub(crate) fn json(&self, location: &str, source: &str) -> String {
        let verdicts: serde_json::Map<String, Value> = self
            .counts()
            .into_iter()
            .map(|(verdict, count)| (verdict.word().to_owned(), count.into()))
            .collect();
        let entries = self.entries.iter().map(|at| {
            json!({"object": at.object, "property": at.property, "verdict": at.verdict.word(), "reason": at.reason})
        });
        let document = json!({
            "version": 1,
            "sources": [{"location": location, "source": source}],
            "values": self.entries.len(),
            "verdicts": verdicts,
            "extra": self.extra,
            "entries": entries.collect::<Vec<_>>(),
        });
        format!("{document:#}\n")
    }

    /// The form for people: what was assumed, then what the draft does not say.
    pub(crate) fn markdown(&self, location: &str, source: &str, assumed: &[String]) -> String {
        let code = |text: &str| crate::report::code(text);
        let mut text = format!(
            "# Import of {}\n\nFrom {}: {}.\n",
            code(location),
            code(source),
            self.summary()
        );
        if !assumed.is_empty() {
            text.push_str(
                "\n## Assumed\n\nNo export says these. Correct them in `mailtopo.yaml` first.\n\n",
            );
            for line in assumed {
                _ = writeln!(text, "- {}", crate::report::prose(line));
            }
        }
        if !self.extra.is_empty() {
            text.push_str("\n## Does not exist\n\nThe draft would make these.\n\n");
            for title in &self.extra {
                _ = writeln!(text, "- {}", code(title));
            }
        }
        for (verdict, heading, what) in [
            (
                Verdict::NotUnderstood,
                "Not understood",
                "The draft does not say these. Look at each before anything is compiled from it.",
            ),
            (
                Verdict::Truncated,
                "Truncated",
                "The export lost these. Export again with `facts.ps1 -OutFile state.json`.",
            ),
            (
                Verdict::Unmanaged,
                "Unmanaged",
                "The language cannot say these: their objects stand in the draft with `managed: false`.",
            ),
        ] {
            let entries: Vec<&Entry> = self
                .entries
                .iter()
                .filter(|at| at.verdict == verdict)
                .collect();
            if entries.is_empty() {
                continue;
            }
            _ = writeln!(text, "\n## {heading}\n\n{what}\n");
            for entry in entries {
                _ = writeln!(
                    text,
                    "- {}, {}: {}",
                    code(&entry.object),
                    code(&entry.property),
                    crate::report::prose(&entry.reason)
                );
            }
        }
        text
    }
}

fn is_empty(value: &Live) -> bool {
    match value {
        Live::Null | Live::Bool(false) => true,
        Live::Text(text) => text.is_empty(),
        Live::List(items) => items.is_empty(),
        Live::Bool(true) | Live::Int(_) | Live::Lost => false,
    }
}

fn verdict(
    object: &LiveObject,
    property: &str,
    value: &Live,
    drift: Option<&ObjectDrift>,
    path: Option<&str>,
) -> (Verdict, String) {
    if *value == Live::Lost {
        return (
            Verdict::Truncated,
            "the export does not hold it whole".to_owned(),
        );
    }
    let no_effect = NO_EFFECT
        .iter()
        .find(|(_, names)| names.contains(&property));
    let kind: Option<&'static Kind> = ALL.iter().copied().find(|kind| kind.name == object.kind);
    let is_known = property == "State"
        || kind.is_some_and(|kind| {
            kind.properties.contains(&property) || kind.cleared.contains(&property)
        });
    if let Some((why, _)) = no_effect.filter(|_| !is_known || property.starts_with("Comment")) {
        return (Verdict::NoEffect, (*why).to_owned());
    }
    match object.kind.as_str() {
        "AcceptedDomain"
            if drift.is_none() && object.name.to_lowercase().ends_with(".onmicrosoft.com") =>
        {
            return (Verdict::Default, "every tenant has this domain".to_owned());
        }
        "TransportRule" if path.is_none() => {
            return if ENDS.contains(&property) && !is_empty(value) {
                (
                    Verdict::NotUnderstood,
                    "a rule that ends mail or sends it elsewhere, which the language cannot say"
                        .to_owned(),
                )
            } else {
                (
                    Verdict::NoEffect,
                    "part of a rule that chooses no connector".to_owned(),
                )
            };
        }
        "RemoteDomain" => {
            return (
                Verdict::NoEffect,
                "says how mail to a domain is written, not where it goes".to_owned(),
            );
        }
        "OrganizationConfig" | "TransportConfig" | "DkimSigningConfig" | "ArcConfig"
            if !is_known =>
        {
            return (
                Verdict::NoEffect,
                "a setting that chooses no path".to_owned(),
            );
        }
        _ => {}
    }
    let differing: BTreeSet<&str> = drift
        .into_iter()
        .flat_map(|drift| &drift.properties)
        .map(|at| at.name.as_str())
        .collect();
    let is_compared = drift.is_some_and(|drift| drift.state != State::Unknown);
    if is_known && is_compared {
        return if differing.contains(property) {
            (
                Verdict::Unmanaged,
                "the language has no words for this value beside the others of its object"
                    .to_owned(),
            )
        } else if is_empty(value) {
            (Verdict::Default, "it is off or empty".to_owned())
        } else {
            (Verdict::Imported, path.unwrap_or_default().to_owned())
        };
    }
    if is_empty(value) {
        return (Verdict::Default, "it is off or empty".to_owned());
    }
    match (object.kind.as_str(), is_known) {
        ("ArcConfig", _) => (
            Verdict::NotUnderstood,
            "a trusted sealer, which belongs to a gateway (`arc_seal`)".to_owned(),
        ),
        ("DkimSigningConfig", true) => (
            Verdict::Default,
            "a domain of the tenant itself signs".to_owned(),
        ),
        (_, true) => (
            Verdict::NotUnderstood,
            "the object cannot be written: `mailtopo check` says why".to_owned(),
        ),
        (_, false) => (
            Verdict::NotUnderstood,
            "no table knows this property".to_owned(),
        ),
    }
}
