//! Mail-flow rules of a draft: those that choose a connector. Their conditions are those of the language where it has them.

use crate::draft::join::pair;
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Draft, Item, Pairs};
use crate::drift::acts;
use crate::import::{Live, LiveObject};
use crate::platforms::exchange::catalogue::{Product, has};
use crate::platforms::exchange::kind::TRANSPORT_RULE;
use crate::platforms::exchange_online::domain_of;

/// The order in which a draft names conditions.
const ORDER: [&str; 10] = [
    "sender",
    "recipient",
    "sender_member_of",
    "recipient_member_of",
    "sender_domain",
    "recipient_domain",
    "from",
    "to",
    "recipient_city",
    "recipient_department",
];

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
        let acts = acts(rule, draft.today);
        let (when, unless) = (Side::of(rule, ""), Side::of(rule, "ExceptIf"));
        let mut other = when.other;
        if acts.is_none() {
            other.push("a day on which it begins or ends".to_owned());
        }
        let is_whole = other.is_empty() && unless.other.is_empty();
        let with_other = |mut keys: Pairs, other: &[String]| {
            if !other.is_empty() {
                keys.push(pair("other", quoted(&other.join(", "))));
            }
            keys
        };
        let mut when_keys = when.keys;
        // Exceptions for headers are what keeps a rule from acting twice.
        let mut headers = when.headers.into_iter();
        if let Some((_, header)) = headers.next() {
            when_keys.push(pair("header", mapping(&header)));
        }
        other.extend(headers.map(|(name, _)| name.to_owned()));
        let when_keys = with_other(when_keys, &other);
        if !when_keys.is_empty() {
            keys.push(pair("when", mapping(&when_keys)));
        }
        let unless_keys = with_other(unless.keys, &unless.other);
        if !unless_keys.is_empty() {
            keys.push(pair("unless", mapping(&unless_keys)));
        }
        let stamped = rule.word("SetHeaderName");
        let marks = unless.headers.into_iter().map(|(_, mut mark)| {
            let is_it = |(key, name): &(String, String)| {
                key == "name" && name.eq_ignore_ascii_case(&quoted(&stamped))
            };
            if mark.iter().any(is_it) {
                mark.push(pair("set", "true"));
            }
            mapping(&mark)
        });
        let marks: Vec<String> = marks.collect();
        match &marks[..] {
            [] => {}
            [one] => keys.push(pair("unless_header", one.as_str())),
            all => keys.push(pair("unless_header", format!("[{}]", all.join(", ")))),
        }
        keys.push(pair("route", quoted(&connector)));
        if acts == Some(false) {
            keys.push(pair("enabled", "false"));
        }
        if !is_whole {
            keys.push(pair("managed", "false"));
        }
        draft.rules.push(Item {
            objects: vec![(location.to_owned(), rule.kind.clone(), rule.name.clone())],
            keys,
            names: Vec::new(),
        });
    }
}

/// The conditions of a rule, or its exceptions.
#[derive(Default)]
struct Side {
    keys: Pairs,
    /// Tests of headers, each by its property.
    headers: Vec<(&'static str, Pairs)>,
    /// Properties for which the language has no word.
    other: Vec<String>,
}

impl Side {
    fn of(rule: &LiveObject, prefix: &str) -> Self {
        let mut side = Self::default();
        for (property, value) in &rule.properties {
            let Some(name) = property.strip_prefix(prefix) else {
                continue;
            };
            let is_condition = has(
                TRANSPORT_RULE.set,
                &format!("ExceptIf{name}"),
                Product::Online,
            );
            if value.is_empty() || !is_condition {
                continue;
            }
            if *value == Live::Lost || !side.say(rule, prefix, name, &value.items()) {
                side.other.push(property.clone());
            }
        }
        // In the order of the language.
        side.keys
            .sort_by_key(|(key, _)| ORDER.iter().position(|known| known == key));
        side
    }

    /// Whether the language has a word for a condition.
    fn say(&mut self, rule: &LiveObject, prefix: &str, name: &str, values: &[String]) -> bool {
        let known = CONDITIONS.iter().find(|(known, _)| *known == name);
        let word = match (name, values) {
            ("FromScope", _) => "from",
            ("SentToScope", _) => "to",
            ("RecipientADAttributeContainsWords", _) => {
                let words = values.iter().map(|attribute| {
                    let (name, words) = attribute.split_once(':')?;
                    let key = match name {
                        "City" => "recipient_city",
                        "Department" => "recipient_department",
                        _ => return None,
                    };
                    Some(pair(key, list(words.split(','))))
                });
                let words: Option<Pairs> = words.collect();
                let is_said = words.is_some();
                self.keys.extend(words.into_iter().flatten());
                return is_said;
            }
            ("HeaderContainsMessageHeader" | "HeaderMatchesMessageHeader", [_]) => return true,
            ("HeaderContainsWords", [text]) => {
                let name = rule.word(&format!("{prefix}HeaderContainsMessageHeader"));
                let keys = vec![pair("name", quoted(&name)), pair("value", quoted(text))];
                self.headers.push(("HeaderContainsWords", keys));
                return true;
            }
            ("HeaderMatchesPatterns", [pattern]) => {
                let name = rule.word(&format!("{prefix}HeaderMatchesMessageHeader"));
                let mut keys = vec![pair("name", quoted(&name))];
                if pattern != "." {
                    keys.push(pair("matches", quoted(pattern)));
                }
                self.headers.push(("HeaderMatchesPatterns", keys));
                return true;
            }
            _ => match known {
                Some((_, key)) => {
                    let values: Option<Vec<String>> = if name.ends_with("Patterns") {
                        values.iter().map(|text| domain_of(text)).collect()
                    } else {
                        Some(values.to_vec())
                    };
                    let is_said = values.is_some();
                    self.keys
                        .extend(values.map(|values| pair(key, list(values))));
                    return is_said;
                }
                None => return false,
            },
        };
        let side = match values.first().map(String::as_str) {
            Some("InOrganization") => "inside",
            Some("NotInOrganization") => "outside",
            _ => return false,
        };
        self.keys.push(pair(word, side));
        true
    }
}
