//! Lowering mail-flow rules to the predicates of `New-TransportRule`.
//!
//! The cmdlet's own domain predicates match subdomains by themselves, so patterns become regular expressions over the
//! address, which match exactly what the language means.

use crate::finding::{Code, Finding, Findings, Object};
use crate::platforms::exchange::constraints::refused_in_rule;
use crate::platforms::exchange_online::{OutboundConnector, RuleValue, TransportRule};
use crate::routes::RoutesAt;
use crate::source::At;
use crate::topology::{
    Condition, HeaderTest, LocationId, LoopBreak, Party, Rule, RuleTarget, Side, Topology,
};
use crate::values::{Address, Pattern};

type Predicates = Vec<(&'static str, RuleValue)>;

/// The most characters of one rule, and of the patterns of all rules together: a larger rule is refused
/// (<https://learn.microsoft.com/exchange/troubleshoot/email-delivery/transport-rule-not-created-because-too-large>).
const MOST_CHARACTERS: usize = 8_192;
const MOST_OF_PATTERNS: usize = 20_480;

/// The most rules of a tenant
/// (<https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits>).
const MOST_RULES: usize = 300;

/// The rules of the tenant at `here`, in the order in which they apply.
pub(crate) fn lower(
    topology: &Topology,
    routes: RoutesAt<'_>,
    here: LocationId,
    connectors: &[OutboundConnector],
    findings: &mut Findings,
) -> Vec<TransportRule> {
    let rules: Vec<TransportRule> = topology
        .rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.at.value == here)
        .filter_map(|(index, rule)| lower_rule(topology, routes, connectors, index, rule, findings))
        .collect();
    let patterns = rules.iter().flat_map(|rule| &rule.predicates);
    let patterns = patterns.filter(|(name, _)| name.ends_with("MatchesPatterns"));
    let patterns = patterns.map(|(_, value)| characters(value)).sum::<usize>();
    let location = topology.location(here);
    for (count, most, what) in [
        (rules.len(), MOST_RULES, "rules"),
        (
            patterns,
            MOST_OF_PATTERNS,
            "characters of patterns in all rules together",
        ),
    ] {
        if count > most {
            findings.push(
                Finding::error(Code::S019, format!("`{}` would have {count} {what}, of which Exchange Online takes at most {most}: the last rules would not be made", location.name))
                    .at(location.span, "")
                    .on(Object::Location(location.name.clone()))
                    .help("choose by `recipients` of routes in place of rules, or by a group in place of many domains"),
            );
        }
    }
    rules
}

fn characters(value: &RuleValue) -> usize {
    match value {
        RuleValue::Text(text) => text.chars().count(),
        RuleValue::List(texts) => texts.iter().map(|text| text.chars().count()).sum(),
    }
}

fn lower_rule(
    topology: &Topology,
    routes: RoutesAt<'_>,
    connectors: &[OutboundConnector],
    index: usize,
    rule: &Rule,
    findings: &mut Findings,
) -> Option<TransportRule> {
    let connector = connector(topology, routes, rule)?;
    // A rule cannot name what is not there.
    if !connectors.iter().any(|known| known.name == connector) {
        let what = format!("the rule `{}`, which needs it", rule.name.value);
        findings.withhold_too(&Object::Route(connector), &what);
        return None;
    }
    let mut predicates = Predicates::new();
    for condition in &rule.when {
        when(&condition.value, &mut predicates);
    }
    for condition in &rule.unless {
        unless(&condition.value, &mut predicates);
    }
    for header in &rule.unless_header {
        predicates.extend(header_predicates(
            &header.header.value.name,
            &header.header.value.test,
            true,
        ));
    }
    let split = rule.when.iter().chain(&rule.unless).find_map(divided);
    if let Some(word) = split {
        findings.push(
            Finding::error(Code::S019, format!("rule `{}` looks for `{word}`, which Exchange Online would take for several words: a comma divides them, and mail for any of these would be routed so", rule.name.value))
                .at(rule.span, "")
                .on(Object::Rule(rule.name.value.clone()))
                .help("write the part before or after the comma, or several, each by itself"),
        );
        return None;
    }
    let refused = predicates
        .iter()
        .find_map(|(name, value)| refused(name, value));
    if let Some((text, why)) = refused {
        findings.push(
            Finding::error(Code::S019, format!("rule `{}` looks for `{text}`, and Exchange Online refuses {why}: the rule would not be made", rule.name.value))
                .at(rule.span, "")
                .on(Object::Rule(rule.name.value.clone()))
                .help("write a shorter word without blanks at its ends, or a pattern that begins and ends with something else"),
        );
        return None;
    }
    let size = predicates
        .iter()
        .map(|(_, value)| characters(value))
        .sum::<usize>();
    if size > MOST_CHARACTERS {
        findings.push(
            Finding::error(Code::S019, format!("rule `{}` has conditions of {size} characters, and a rule of Exchange Online has at most {MOST_CHARACTERS} in all: the rule would not be made", rule.name.value))
                .at(rule.span, "")
                .on(Object::Rule(rule.name.value.clone()))
                .help("write several rules with the same route, each for a part of the conditions, or name a group (`recipient_member_of`)"),
        );
        return None;
    }
    predicates.sort_by(|a, b| a.0.cmp(b.0));
    if let Some(pair) = predicates.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        findings.push(
            Finding::error(Code::S019, format!("rule `{}` needs `{}` twice, and a rule of Exchange Online has each predicate once: it would let one of them go", rule.name.value, pair[0].0))
                .at(rule.span, "")
                .on(Object::Rule(rule.name.value.clone()))
                .help("write two rules, one for each condition"),
        );
        return None;
    }
    Some(TransportRule {
        name: rule.name.value.clone(),
        former_name: rule.renamed_from.as_ref().map(|at| at.value.clone()),
        enabled: rule.enabled,
        managed: rule.managed,
        predicates,
        connector,
        set_header: rule
            .unless_header
            .iter()
            .find(|header| header.set)
            .and_then(stamp),
        rule: index,
        span: rule.span,
    })
}

/// A text of a predicate that the cmdlet refuses, and why.
fn refused<'v>(name: &str, value: &'v RuleValue) -> Option<(&'v str, &'static str)> {
    match value {
        RuleValue::Text(_) => None,
        RuleValue::List(texts) => texts.iter().find_map(|text| refused_in_rule(name, text)),
    }
}

/// A word of the directory that the cmdlet would read as several.
fn divided(condition: &At<Condition>) -> Option<&str> {
    let (Condition::RecipientCity(words) | Condition::RecipientDepartment(words)) =
        &condition.value
    else {
        return None;
    };
    words
        .iter()
        .map(String::as_str)
        .find(|word| word.contains(','))
}

/// The name of the rule-scoped route that the rule chooses.
fn connector(topology: &Topology, routes: RoutesAt<'_>, rule: &Rule) -> Option<String> {
    let from = Party::Location(rule.at.value);
    let chosen = match rule.route.value {
        RuleTarget::Route(index) => {
            let span = topology.routes.get(index)?.span;
            routes
                .iter()
                .find(|(_, route)| route.is_written() && route.origin.span() == span)
        }
        RuleTarget::Party(party) => routes.iter().find(|(_, route)| {
            route.from == from && route.to == party && route.only_by_rule && !route.is_written()
        }),
    };
    chosen.map(|(_, route)| route.name.clone())
}

fn when(condition: &Condition, predicates: &mut Predicates) {
    let list = |addresses: &[Address]| {
        RuleValue::List(addresses.iter().map(ToString::to_string).collect())
    };
    let one = match condition {
        Condition::From(side) => ("FromScope", scope(*side)),
        Condition::To(side) => ("SentToScope", scope(*side)),
        Condition::Sender(addresses) => ("From", list(addresses)),
        Condition::Recipient(addresses) => ("SentTo", list(addresses)),
        Condition::SenderDomain(patterns) => ("FromAddressMatchesPatterns", expressions(patterns)),
        Condition::RecipientDomain(patterns) => {
            ("RecipientAddressMatchesPatterns", expressions(patterns))
        }
        Condition::SenderMemberOf(groups) => ("FromMemberOf", RuleValue::List(groups.clone())),
        Condition::RecipientMemberOf(groups) => ("SentToMemberOf", RuleValue::List(groups.clone())),
        Condition::RecipientCity(cities) => (
            "RecipientADAttributeContainsWords",
            attribute("City", cities),
        ),
        Condition::RecipientDepartment(names) => (
            "RecipientADAttributeContainsWords",
            attribute("Department", names),
        ),
        Condition::Header(header) => {
            predicates.extend(header_predicates(&header.name, &header.test, false));
            return;
        }
        // Only a rule that is never written has one.
        Condition::Other(_) => return,
    };
    predicates.push(one);
}

fn unless(condition: &Condition, predicates: &mut Predicates) {
    let mut plain = Predicates::new();
    when(condition, &mut plain);
    predicates.extend(
        plain
            .into_iter()
            .map(|(name, value)| (exception(name), value)),
    );
}

/// The exception that goes with a predicate.
fn exception(predicate: &'static str) -> &'static str {
    match predicate {
        "FromScope" => "ExceptIfFromScope",
        "SentToScope" => "ExceptIfSentToScope",
        "From" => "ExceptIfFrom",
        "SentTo" => "ExceptIfSentTo",
        "FromAddressMatchesPatterns" => "ExceptIfFromAddressMatchesPatterns",
        "RecipientAddressMatchesPatterns" => "ExceptIfRecipientAddressMatchesPatterns",
        "FromMemberOf" => "ExceptIfFromMemberOf",
        "SentToMemberOf" => "ExceptIfSentToMemberOf",
        "RecipientADAttributeContainsWords" => "ExceptIfRecipientADAttributeContainsWords",
        "HeaderContainsMessageHeader" => "ExceptIfHeaderContainsMessageHeader",
        "HeaderContainsWords" => "ExceptIfHeaderContainsWords",
        "HeaderMatchesMessageHeader" => "ExceptIfHeaderMatchesMessageHeader",
        "HeaderMatchesPatterns" => "ExceptIfHeaderMatchesPatterns",
        other => other,
    }
}

fn header_predicates(name: &str, test: &HeaderTest, except: bool) -> Predicates {
    let (header, words, value) = match test {
        HeaderTest::Present => (
            "HeaderMatchesMessageHeader",
            "HeaderMatchesPatterns",
            ".".to_owned(),
        ),
        HeaderTest::Matches(pattern) => (
            "HeaderMatchesMessageHeader",
            "HeaderMatchesPatterns",
            pattern.clone(),
        ),
        HeaderTest::Contains(word) => (
            "HeaderContainsMessageHeader",
            "HeaderContainsWords",
            word.clone(),
        ),
    };
    let named = |name| if except { exception(name) } else { name };
    vec![
        (named(header), RuleValue::Text(name.to_owned())),
        (named(words), RuleValue::List(vec![value])),
    ]
}

/// The header that the rule stamps, with a value that its own exception recognizes.
fn stamp(header: &LoopBreak) -> Option<(String, String)> {
    let value = match &header.header.value.test {
        HeaderTest::Present => "1".to_owned(),
        HeaderTest::Contains(word) => word.clone(),
        HeaderTest::Matches(_) => return None,
    };
    Some((header.header.value.name.clone(), value))
}

fn scope(side: Side) -> RuleValue {
    RuleValue::Text(
        match side {
            Side::Inside => "InOrganization",
            Side::Outside => "NotInOrganization",
        }
        .to_owned(),
    )
}

fn attribute(name: &str, words: &[String]) -> RuleValue {
    RuleValue::List(vec![format!("{name}:{}", words.join(","))])
}

fn expressions(patterns: &[Pattern]) -> RuleValue {
    let expression = |pattern: &Pattern| match pattern {
        Pattern::Exact(name) => format!("@{}$", name.as_str().replace('.', "\\.")),
        Pattern::Below(name) => format!("\\.{}$", name.as_str().replace('.', "\\.")),
        Pattern::Any | Pattern::AcceptedDomains => "@".to_owned(),
    };
    RuleValue::List(patterns.iter().map(expression).collect())
}

/// The domain pattern that one of these expressions stands for.
pub(crate) fn domain_of(expression: &str) -> Option<String> {
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

/// The condition that a predicate stands for; nothing where the language has none, or where it takes two.
pub(crate) fn condition_of(predicate: &str, values: &[String]) -> Option<Condition> {
    let side = || match values {
        [word] if word == "InOrganization" => Some(Side::Inside),
        [word] if word == "NotInOrganization" => Some(Side::Outside),
        _ => None,
    };
    let addresses = || -> Option<Vec<Address>> {
        let parsed = values.iter().map(|text| Address::parse(text).ok());
        parsed.collect()
    };
    let patterns = || -> Option<Vec<Pattern>> {
        let names = values.iter().map(|text| domain_of(text));
        names.map(|name| Pattern::parse(&name?).ok()).collect()
    };
    Some(match predicate {
        "FromScope" => Condition::From(side()?),
        "SentToScope" => Condition::To(side()?),
        "From" => Condition::Sender(addresses()?),
        "SentTo" => Condition::Recipient(addresses()?),
        "FromAddressMatchesPatterns" => Condition::SenderDomain(patterns()?),
        "RecipientAddressMatchesPatterns" => Condition::RecipientDomain(patterns()?),
        "FromMemberOf" => Condition::SenderMemberOf(values.to_vec()),
        "SentToMemberOf" => Condition::RecipientMemberOf(values.to_vec()),
        _ => return None,
    })
}

/// Whether a condition asks what this predicate asks.
pub(crate) fn is_asked_by(condition: &Condition, predicate: &str) -> bool {
    let mut own = Predicates::new();
    when(condition, &mut own);
    own.iter().any(|(name, _)| *name == predicate)
}

/// Whether an exception for a header is made of this predicate.
pub(crate) fn is_mark_of(mark: &LoopBreak, predicate: &str) -> bool {
    let header = &mark.header.value;
    let own = header_predicates(&header.name, &header.test, true);
    own.iter().any(|(name, _)| *name == predicate)
}
