//! Whether a mail-flow rule does something to mail on a day.

use crate::import::LiveObject;
use crate::values::Date;

/// Whether it acts; nothing where no day says so. A rule that is only audited does nothing, nor one before the day on which it
/// begins or after the one on which it ends (<https://learn.microsoft.com/powershell/module/exchangepowershell/set-transportrule>).
pub(crate) fn acts(rule: &LiveObject, today: Option<Date>) -> Option<bool> {
    if rule.word("State") == "Disabled" || is_audited(rule) {
        return Some(false);
    }
    let passed = |property: &str| {
        let text = rule.word(property);
        (!text.is_empty()).then(|| has_passed(&text, today))
    };
    match (passed("ActivationDate"), passed("ExpiryDate")) {
        (Some(Some(false)), _) | (_, Some(Some(true))) => Some(false),
        (Some(None), _) | (_, Some(None)) => None,
        _ => Some(true),
    }
}

/// Whether a rule is only audited.
pub(super) fn is_audited(rule: &LiveObject) -> bool {
    matches!(rule.word("Mode").as_str(), "Audit" | "AuditAndNotify")
}

/// Actions of rules that end mail or send it elsewhere.
pub(crate) const ENDS: [&str; 15] = [
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

/// Whether a rule ends mail or sends it elsewhere on a day, as far as that is known.
pub(super) fn moves(rule: &LiveObject, today: Option<Date>) -> bool {
    let does = |property: &str| {
        rule.properties
            .get(property)
            .is_some_and(|at| !at.is_empty())
    };
    acts(rule, today) != Some(false)
        && (does("RouteMessageOutboundConnector") || ENDS.iter().any(|property| does(property)))
}

/// The date of a rule by which it acts otherwise than a spec says.
pub(super) fn turning(rule: &LiveObject, acts: bool) -> &'static str {
    let dates: &[&str] = if acts {
        &["ActivationDate"]
    } else {
        &["ExpiryDate", "ActivationDate"]
    };
    let mut dates = dates.iter().copied();
    dates
        .find(|date| !rule.word(date).is_empty())
        .unwrap_or("State")
}

/// Whether a point of time has passed; nothing on the day itself, whose hour counts in a zone that nobody says, and where the
/// order of day and month decides.
fn has_passed(text: &str, today: Option<Date>) -> Option<bool> {
    let today = today?;
    let days = dates(text);
    let passed: Vec<bool> = days.iter().map(|day| *day < today).collect();
    let is_today = days.contains(&today);
    let first = *passed.first()?;
    (!is_today && passed.iter().all(|one| *one == first)).then_some(first)
}

/// The days that a text can mean: `2026-11-20T00:00:00`, `/Date(1763596800000)/`, `20.11.2026 00:00:00`, `11/20/2026 12:00 AM`.
fn dates(text: &str) -> Vec<Date> {
    let inside = text.trim_matches('/').strip_prefix("Date(");
    if let Some(milliseconds) = inside.and_then(|inside| inside.strip_suffix(')')) {
        let milliseconds = milliseconds.parse::<i64>().ok();
        let day = milliseconds.and_then(|it| Date::from_days(it.div_euclid(86_400_000)));
        return day.into_iter().collect();
    }
    if let Some(day) = text.get(..10).and_then(|day| Date::parse(day).ok()) {
        return vec![day];
    }
    let day = text.split(' ').next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['.', '/', '-']).collect();
    let [first, second, year] = parts[..] else {
        return Vec::new();
    };
    let orders = if day.contains('.') {
        vec![(first, second)]
    } else {
        vec![(first, second), (second, first)]
    };
    let dates = orders
        .into_iter()
        .filter_map(|(day, month)| Date::parse(&format!("{year:0>4}-{month:0>2}-{day:0>2}")).ok());
    dates.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Live;

    #[test]
    fn a_rule_acts_between_its_days_and_not_where_it_is_audited() {
        let today = Date::parse("2026-11-30").ok();
        let acts = |properties: &[(&str, &str)]| {
            let properties = properties.iter();
            let properties =
                properties.map(|(name, text)| ((*name).to_owned(), Live::Text((*text).to_owned())));
            let rule = LiveObject {
                properties: properties.collect(),
                ..LiveObject::default()
            };
            acts(&rule, today)
        };
        for (property, text, wanted) in [
            ("State", "Disabled", Some(false)),
            ("Mode", "Audit", Some(false)),
            ("Mode", "Enforce", Some(true)),
            ("ExpiryDate", "2026-11-20T00:00:00", Some(false)),
            ("ExpiryDate", "2026-12-20T00:00:00", Some(true)),
            ("ExpiryDate", "/Date(1763596800000)/", Some(false)),
            ("ExpiryDate", "20.11.2026 00:00:00", Some(false)),
            ("ExpiryDate", "11/20/2026 12:00:00 AM", Some(false)),
            ("ExpiryDate", "20/11/2026 00:00:00", Some(false)),
            ("ExpiryDate", "30.11.2026 18:00:00", None),
            ("ExpiryDate", "12/11/2026 00:00:00", None),
            ("ExpiryDate", "some day", None),
            ("ActivationDate", "1/2/2027 00:00:00", Some(false)),
            ("ActivationDate", "1/2/2026 00:00:00", Some(true)),
        ] {
            assert_eq!(acts(&[(property, text)]), wanted, "{property} {text}");
        }
    }
}
