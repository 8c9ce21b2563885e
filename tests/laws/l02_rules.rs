//! L2: a mail-flow rule takes the mail that its predicates match, and no other.
//!
//! The predicates of the objects, which L2b reads back from the files, are read by what the documentation of
//! `New-TransportRule` says of them, and asked about the sender and the recipient of each way over the tenant. What
//! needs a directory, the scope of a sender or the headers of a message stays open.
//! <https://learn.microsoft.com/powershell/module/exchangepowershell/new-transportrule>

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::messages::{Class, Message, Role};
use crate::surface::Compiled;
use crate::topology::Topology;
use mailtopo::testing::plan::Configuration;
use mailtopo::testing::platforms::exchange_online::{RuleValue, TransportRule};

#[test]
fn a_rule_takes_what_its_predicates_match() {
    holds("L2c", rules_take_what_they_match, |_, _| true);
}

/// Whether something is so; nothing where only the product can tell.
type Known = Option<bool>;

/// A rule with its predicates, which `L2b` reads back from what is written.
struct Rule<'a> {
    /// Its name in the spec.
    name: &'a str,
    lowered: &'a TransportRule,
}

impl Rule<'_> {
    /// Whether it acts: every predicate holds and no exception does.
    fn acts(&self, sender: Option<&str>, recipient: Option<&str>) -> Known {
        // What a rule of others asks for is not written.
        let mut all = self.lowered.managed.then_some(self.lowered.enabled);
        for (name, value) in &self.lowered.predicates {
            let values = match value {
                RuleValue::Text(text) => std::slice::from_ref(text),
                RuleValue::List(texts) => texts,
            };
            let (bare, wanted) = match name.strip_prefix("ExceptIf") {
                Some(bare) => (bare, false),
                None => (*name, true),
            };
            let asked = if bare.starts_with("From") {
                sender
            } else {
                recipient
            };
            let holds = asked.and_then(|address| matches(bare, values, address));
            match holds.map(|holds| holds == wanted) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => all = None,
            }
        }
        all
    }
}

/// Whether a predicate that looks at an address matches it.
fn matches(predicate: &str, values: &[String], address: &str) -> Known {
    match predicate {
        "From" | "SentTo" => Some(values.iter().any(|it| it.eq_ignore_ascii_case(address))),
        "FromAddressMatchesPatterns" | "RecipientAddressMatchesPatterns" => {
            let found = values.iter().map(|pattern| is_found(pattern, address));
            found.reduce(|one, other| Some(one? || other?)).flatten()
        }
        _ => None,
    }
}

/// Whether a regular expression of plain characters finds something in a text; nothing where it has other ones.
fn is_found(pattern: &str, text: &str) -> Known {
    let (body, at_end) = match pattern.strip_suffix('$') {
        Some(body) => (body, true),
        None => (pattern, false),
    };
    let plain = body.replace("\\.", "\u{0}");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@-_\u{0}".contains(c);
    if !plain.chars().all(is_plain) {
        return None;
    }
    let plain = plain.replace('\u{0}', ".").to_ascii_lowercase();
    let text = text.to_ascii_lowercase();
    Some(if at_end {
        text.ends_with(&plain)
    } else {
        text.contains(&plain)
    })
}

fn rules_take_what_they_match(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let (Some(topology), Some(plan)) = (Topology::of(spec), compiled.plan()) else {
        return Vec::new();
    };
    let has = |word: &str| {
        let mut texts = spec.files.values().map(|it| String::from_utf8_lossy(it));
        texts.any(|text| text.contains(word))
    };
    // A mailbox that has other addresses, which stand in the same line, is looked for by one of them; and a sender may be
    // rewritten on the way.
    let is_redirected = has("forwards") || has("remote_mailboxes");
    let has_others = |address: &str| {
        let mut texts = spec.files.values().map(|it| String::from_utf8_lossy(it));
        texts.any(|text| {
            let mut lines = text.lines().filter(|line| line.contains(address));
            lines.any(|line| line.matches('@').count() > 1)
        })
    };
    let is_rewritten = has("rewrites_sender");
    let mut breaches = Breaches::default();
    for (id, location) in plan.topology.locations() {
        let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration else {
            continue;
        };
        let place = &location.name;
        let rules: Vec<Rule<'_>> = tenant
            .rules
            .iter()
            .map(|lowered| Rule {
                name: &plan.topology.rules[lowered.rule].name.value,
                lowered,
            })
            .collect();
        if rules.is_empty() {
            continue;
        }
        for message in spec.messages() {
            let sender = (!is_rewritten)
                .then(|| sender(&topology, message))
                .flatten();
            let recipient = message.recipient.to.as_str();
            let is_known = matches!(message.recipient.class, Class::Known(_));
            let is_plain = !is_known || !is_redirected && !has_others(recipient);
            let recipient = is_plain.then_some(recipient);
            for path in &message.trace.paths {
                for hop in path.hops.iter().filter(|hop| hop.at == *place) {
                    let Some(by) = hop.by.strip_prefix("rule:") else {
                        continue;
                    };
                    let rule = rules.iter().find(|rule| rule.name == by);
                    let acts = rule.and_then(|rule| rule.acts(sender.as_deref(), recipient));
                    if acts == Some(false) {
                        breaches.add(
                            "a rule takes what its predicates do not match",
                            format!(
                                "{} to {} by {:?}",
                                message.sender.from,
                                message.recipient.to,
                                path.places()
                            ),
                            format!("rule `{by}` of {place}"),
                        );
                    }
                }
                let over = path.hops.iter().find(|hop| hop.at == *place);
                let first = rules
                    .iter()
                    .map(|rule| (rule, rule.acts(sender.as_deref(), recipient)))
                    .find(|(_, acts)| *acts != Some(false));
                if let (Some(hop), Some((rule, Some(true)))) = (over, first)
                    && !hop.by.starts_with("rule:")
                {
                    breaches.add(
                        "a rule does not take what its predicates match",
                        format!(
                            "{} to {} by {:?}",
                            message.sender.from,
                            message.recipient.to,
                            path.places()
                        ),
                        format!("{}, and rule `{}` of {place}", hop.by, rule.name),
                    );
                }
            }
        }
    }
    breaches.all()
}

/// The envelope sender of a message, where there is only one.
fn sender(topology: &Topology, message: &Message) -> Option<String> {
    let from = &message.sender.from;
    match message.sender.role {
        Role::Mailbox if from.contains('@') => Some(from.clone()),
        Role::Device => match topology.devices.get(from)?.sends_as.as_slice() {
            [address] if address.contains('@') => Some(address.clone()),
            _ => None,
        },
        _ => None,
    }
}
