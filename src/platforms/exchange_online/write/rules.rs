//! Mail-flow rules of a tenant.

use crate::plan::Plan;
use crate::platforms::exchange::desired::marked;
use crate::platforms::exchange::kind::Property;
use crate::platforms::exchange::kind::TRANSPORT_RULE;
use crate::platforms::exchange::object::Object;
use crate::platforms::exchange_online::{Configuration, RuleValue, TransportRule};
use crate::writer::powershell::PsValue;

/// The rules, in the order in which they apply.
pub(super) fn rules(plan: &Plan, configuration: &Configuration, mark: &str) -> Vec<Object> {
    // A rule cannot name a connector that is not written.
    let is_written = |rule: &&TransportRule| {
        let mut outbound = configuration.outbound.iter();
        !outbound.any(|at| at.name == rule.connector && plan.waits_for_fact(at.route))
    };
    let rules = configuration.rules.iter().filter(is_written);
    rules.map(|rule| object(plan, rule, mark)).collect()
}

fn object(plan: &Plan, rule: &TransportRule, mark: &str) -> Object {
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
    // A rule that is off must be off from the first moment.
    object.new = vec![("Enabled", rule.enabled.into())];
    object.enabled = Some(rule.enabled);
    let mut with: Vec<Property> = rule
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
    // One that is off may be audited: it does nothing to mail either way.
    if rule.enabled {
        with.push(("Mode", "Enforce".into()));
    }
    // A sender is an envelope sender everywhere in the language; the cmdlet would look at the From header.
    if looks_at_sender(rule) {
        with.push(("SenderAddressLocation", "Envelope".into()));
    }
    if let Some((header, value)) = &rule.set_header {
        with.push(("SetHeaderName", header.as_str().into()));
        with.push(("SetHeaderValue", value.as_str().into()));
    }
    with.push(("Comments", marked(mark, &object.origin)));
    object.properties = with;
    object.managed(rule.managed)
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
