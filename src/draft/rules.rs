//! Mail-flow rules of a draft: those that choose a connector. Their conditions are those of the language where it has them.

use crate::draft::join::pair;
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Draft, Item};
use crate::import::LiveObject;

/// What a condition of a rule is in the language.
const CONDITIONS: [(&str, &str); 6] = [
    ("From", "sender"),
    ("SentTo", "recipient"),
    ("FromMemberOf", "sender_member_of"),
    ("SentToMemberOf", "recipient_member_of"),
    ("FromAddressMatchesPatterns", "sender_domain"),
    ("RecipientAddressMatchesPatterns", "recipient_domain"),
];

/// Adds the rules that choose a connector, in the order in which they apply.
pub(super) fn draft(draft: &mut Draft, location: &str, rules: &[&LiveObject]) {
    let mut rules: Vec<&LiveObject> = rules.to_vec();
    let priority = |rule: &LiveObject| rule.word("Priority").parse::<i64>().unwrap_or(i64::MAX);
    rules.sort_by_key(|rule| priority(rule));
    for rule in rules {
        let connector = rule.word("RouteMessageOutboundConnector");
        if connector.is_empty() {
            continue;
        }
        let mut keys = vec![
            pair("name", quoted(&rule.name)),
            pair("at", quoted(location)),
        ];
        let when = conditions(rule, "");
        let unless = conditions(rule, "ExceptIf");
        if !when.is_empty() {
            keys.push(pair("when", mapping(&when)));
        }
        let mark = header(rule, "ExceptIf");
        if !unless.is_empty() {
            keys.push(pair("unless", mapping(&unless)));
        }
        if let Some(mut mark) = mark {
            let stamped = rule.word("SetHeaderName");
            if !stamped.is_empty() {
                mark.push(pair("set", "true"));
            }
            keys.push(pair("unless_header", mapping(&mark)));
        }
        keys.push(pair("route", quoted(&connector)));
        // A rule that is only audited does nothing to the mail (https://learn.microsoft.com/powershell/module/exchange/set-transportrule).
        let is_audited = matches!(rule.word("Mode").as_str(), "Audit" | "AuditAndNotify");
        if rule.word("State") == "Disabled" || is_audited {
            keys.push(pair("enabled", "false"));
        }
        draft.rules.push(Item {
            objects: vec![(location.to_owned(), rule.kind.clone(), rule.name.clone())],
            keys,
            names: Vec::new(),
        });
    }
}

fn conditions(rule: &LiveObject, prefix: &str) -> Vec<(String, String)> {
    let of = |name: &str| rule.items(&format!("{prefix}{name}"));
    let mut keys = Vec::new();
    for (name, key) in CONDITIONS {
        let mut values = of(name);
        if name.ends_with("Patterns") {
            let domains: Option<Vec<String>> = values.iter().map(|text| domain(text)).collect();
            // What is no domain cannot be said; the comparison finds that.
            values = domains.unwrap_or_default();
        }
        if !values.is_empty() {
            keys.push(pair(key, list(&values)));
        }
    }
    for (name, key) in [("FromScope", "from"), ("SentToScope", "to")] {
        match of(name).first().map(String::as_str) {
            Some("InOrganization") => keys.push(pair(key, "inside")),
            Some("NotInOrganization") => keys.push(pair(key, "outside")),
            _ => {}
        }
    }
    for attribute in of("RecipientADAttributeContainsWords") {
        let Some((name, words)) = attribute.split_once(':') else {
            continue;
        };
        let words = list(words.split(','));
        match name {
            "City" => keys.push(pair("recipient_city", words)),
            "Department" => keys.push(pair("recipient_department", words)),
            _ => {}
        }
    }
    // An exception for a header is what keeps a rule from acting twice.
    if prefix.is_empty()
        && let Some(header) = header(rule, prefix)
    {
        keys.push(pair("header", mapping(&header)));
    }
    keys
}

/// A test of a header.
fn header(rule: &LiveObject, prefix: &str) -> Option<Vec<(String, String)>> {
    let of = |name: &str| rule.word(&format!("{prefix}{name}"));
    let (name, text) = (of("HeaderContainsMessageHeader"), of("HeaderContainsWords"));
    if !name.is_empty() {
        return Some(vec![
            pair("name", quoted(&name)),
            pair("value", quoted(&text)),
        ]);
    }
    let (name, pattern) = (
        of("HeaderMatchesMessageHeader"),
        of("HeaderMatchesPatterns"),
    );
    if name.is_empty() {
        return None;
    }
    let mut keys = vec![pair("name", quoted(&name))];
    if pattern != "." {
        keys.push(pair("matches", quoted(&pattern)));
    }
    Some(keys)
}

/// The domain pattern that an expression over addresses stands for, as the compiler writes it.
fn domain(expression: &str) -> Option<String> {
    let plain = |text: &str| {
        let name = text.replace("\\.", ".");
        let is_name = name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        is_name.then_some(name)
    };
    if expression == "@" {
        return Some("*".to_owned());
    }
    let body = expression.strip_suffix('$')?;
    if let Some(exact) = body.strip_prefix('@') {
        return plain(exact);
    }
    plain(body.strip_prefix("\\.")?).map(|name| format!("*.{name}"))
}
