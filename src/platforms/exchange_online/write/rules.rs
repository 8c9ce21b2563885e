//! Mail-flow rules of a tenant.

use crate::plan::Plan;
use crate::platforms::exchange::call::Call;
use crate::platforms::exchange::kind::TRANSPORT_RULE;
use crate::platforms::exchange::object::{Do, Object, Part, Statement};
use crate::platforms::exchange_online::{Configuration, RuleValue, TransportRule};
use crate::writer::powershell::PsValue;

/// The rules, their states and their order.
pub fn rules(plan: &Plan, configuration: &Configuration, mark: &str) -> Vec<Part> {
    let rules = &configuration.rules;
    let mut parts: Vec<Part> = rules
        .iter()
        .flat_map(|rule| [object(plan, rule, mark), state(rule)])
        .collect();
    if rules.len() > 1 {
        let names: PsValue = rules.iter().map(|rule| rule.name.as_str()).collect();
        parts.push(Part::Do(Box::new(Do {
            why: vec!["Rules apply in the order in which the spec writes them.".to_owned()],
            apply: Some(Statement::new("Set-RuleOrder", vec![names.clone()])),
            verify: Some(Statement::new("Expect-RuleOrder", vec![names])),
            uses: vec![
                Call::new("Set-TransportRule")
                    .with("Identity", "")
                    .with("Priority", PsValue::Int(0)),
            ],
            ..Do::default()
        })));
    }
    parts
}

/// What must hold of the rules that are there before one is changed.
pub fn check(configuration: &Configuration) -> Option<Statement> {
    let names: PsValue = configuration
        .rules
        .iter()
        .flat_map(|rule| rule.former_name.iter().chain([&rule.name]))
        .map(String::as_str)
        .collect();
    (!configuration.rules.is_empty()).then(|| Statement::new("Assert-Rule", vec![names]))
}

fn object(plan: &Plan, rule: &TransportRule, mark: &str) -> Part {
    let mut object = Object::new(&TRANSPORT_RULE, rule.name.as_str());
    object.origin = format!(
        "rules: {}",
        plan.topology
            .rules
            .get(rule.rule)
            .map_or(&*rule.name, |written| &written.name.value)
    );
    object.former_names.extend(rule.former_name.clone());
    object.why = format!(
        "Sends what it matches through connector {}.",
        rule.connector
    );
    object.new = vec![
        ("Name", PsValue::Variable("name".to_owned())),
        ("Enabled", rule.enabled.into()),
    ];
    let mut with: Vec<(&'static str, PsValue)> = rule
        .predicates
        .iter()
        .map(|(name, value)| (*name, rule_value(value)))
        .collect();
    with.push((
        "RouteMessageOutboundConnector",
        rule.connector.as_str().into(),
    ));
    // The language's first matching rule decides; which of two chosen connectors wins is documented nowhere.
    with.push(("StopRuleProcessing", true.into()));
    with.push(("Mode", "Enforce".into()));
    // A sender is an envelope sender everywhere in the language; the cmdlet would look at the From header.
    if looks_at_sender(rule) {
        with.push(("SenderAddressLocation", "Envelope".into()));
    }
    if let Some((header, value)) = &rule.set_header {
        with.push(("SetHeaderName", header.as_str().into()));
        with.push(("SetHeaderValue", value.as_str().into()));
    }
    with.push((
        "Comments",
        PsValue::String(format!("{mark} {}", object.origin)),
    ));
    object.with = with;
    Part::Object(Box::new(object))
}

fn rule_value(value: &RuleValue) -> PsValue {
    match value {
        RuleValue::Text(text) => text.as_str().into(),
        RuleValue::List(items) => items.iter().map(String::as_str).collect(),
    }
}

fn looks_at_sender(rule: &TransportRule) -> bool {
    let predicates = rule.predicates.iter();
    let mut plain = predicates.map(|(name, _)| name.trim_start_matches("ExceptIf"));
    plain.any(|name| ["From", "FromAddressMatchesPatterns", "FromMemberOf"].contains(&name))
}

/// A rule is switched by a cmdlet of its own.
fn state(rule: &TransportRule) -> Part {
    let (state, cmdlet) = if rule.enabled {
        ("Enabled", "Enable-TransportRule")
    } else {
        ("Disabled", "Disable-TransportRule")
    };
    let arguments = vec![rule.name.as_str().into(), state.into()];
    Part::Do(Box::new(Do {
        apply: Some(Statement::new("Set-RuleState", arguments.clone())),
        verify: Some(Statement::new("Expect-RuleState", arguments)),
        uses: vec![Call::new(cmdlet).with("Identity", "")],
        ..Do::default()
    }))
}
