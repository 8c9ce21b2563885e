//! What Exchange refuses of objects because of how many values they have, or of what other objects there are.

use crate::platforms::exchange::call::items;
use crate::platforms::exchange::catalogue::{Product, has};
use crate::platforms::exchange::kind::{
    INBOUND_CONNECTOR, OUTBOUND_CONNECTOR, RECEIVE_CONNECTOR, TRANSPORT_RULE,
};
use crate::platforms::exchange::object::Object;
use crate::writer::powershell::PsValue;
use foldhash::{HashSet, HashSetExt};

/// Entries of `RemoteIPRanges` that every server takes: the most is between 1,200 and 1,300
/// (<https://learn.microsoft.com/exchange/troubleshoot/mailflow/connector-remote-ip-address-limit-exceeded>).
const MOST_RANGES: usize = 1200;

/// What is refused of an object because the spec has more of something than the product takes.
pub(crate) fn too_many(object: &Object) -> Option<String> {
    let property = |(name, _): &&(&str, PsValue)| *name == "RemoteIPRanges";
    let (_, ranges) = object.properties.iter().find(property)?;
    let count = items(ranges).len();
    (count > MOST_RANGES).then(|| {
        format!(
            "the receive connector `{}` has {count} entries in `RemoteIPRanges`, of which Exchange takes at most {MOST_RANGES}: write networks in place of single addresses",
            object.name
        )
    })
}

/// Every rule that objects break together, in the order in which they are made.
///
/// A rule that names a connector: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-transportrule>. The
/// role of a port: <https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors>
pub(crate) fn broken_together(objects: &[Object], product: Product, edge: bool) -> Vec<String> {
    let mut broken = Vec::new();
    let mut names = HashSet::new();
    for (index, object) in objects.iter().enumerate() {
        let before = objects.iter().take(index);
        let is_first = names.insert((object.kind.name, object.name.to_lowercase()));
        if object.is_written() && !is_first {
            broken.push(format!(
                "{} `{}` stands twice, and Exchange takes no notice of case",
                object.kind.name, object.name
            ));
        }
        let property = |name: &str| value_of(object, name);
        if *object.kind == TRANSPORT_RULE {
            let mut connectors = before.filter(|other| needs(object, other));
            let usable = |other: &Object| {
                let is_for_rules = is_true(other, "Enabled")
                    && is_true(other, "IsTransportRuleScoped")
                    && other.stage == object.stage;
                other.kept || is_for_rules
            };
            if property("RouteMessageOutboundConnector").is_some() && !connectors.any(usable) {
                broken.push(format!(
                    "rule `{}` names no connector that is enabled, for rules, and made in the same step",
                    object.name
                ));
            }
        } else if *object.kind == OUTBOUND_CONNECTOR
            && object.is_written()
            && is_true(object, "RouteAllMessagesViaOnPremises")
        {
            let mut connectors = before.filter(|other| needs(object, other));
            if connectors.next().is_none() {
                broken.push(format!(
                    "connector `{}` has RouteAllMessagesViaOnPremises, and no enabled inbound connector of the type OnPremises is made before it",
                    object.name
                ));
            }
        } else if *object.kind == RECEIVE_CONNECTOR
            && object.is_written()
            && !object.takes
            && !edge
            && has("New-ReceiveConnector", "TransportRole", product)
        {
            let role = object.new.iter().find(|(name, _)| *name == "TransportRole");
            if role.is_none_or(|(_, role)| *role != PsValue::from("FrontendTransport")) {
                broken.push(format!(
                    "connector `{}` would be one of the transport service, whose port 25 is the front end's",
                    object.name
                ));
            }
        }
    }
    broken
}

/// Whether an object cannot be made without another: a rule without its connector, and a connector for all mail of a tenant
/// without one that takes mail of own servers.
pub(crate) fn needs(object: &Object, other: &Object) -> bool {
    if *object.kind == TRANSPORT_RULE {
        let target = value_of(object, "RouteMessageOutboundConnector");
        return *other.kind == OUTBOUND_CONNECTOR
            && target == Some(&PsValue::from(other.name.as_str()));
    }
    let own = PsValue::from("OnPremises");
    *object.kind == OUTBOUND_CONNECTOR
        && is_true(object, "RouteAllMessagesViaOnPremises")
        && *other.kind == INBOUND_CONNECTOR
        && (other.kept
            || other.found_by.is_some()
            || (is_true(other, "Enabled") && value_of(other, "ConnectorType") == Some(&own)))
}

fn value_of<'o>(object: &'o Object, name: &str) -> Option<&'o PsValue> {
    let found = object.properties.iter().find(|(own, _)| *own == name);
    found.map(|(_, value)| value)
}

fn is_true(object: &Object, name: &str) -> bool {
    value_of(object, name) == Some(&PsValue::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::{INBOUND_CONNECTOR, OUTBOUND_CONNECTOR, Object, Product, PsValue, broken_together};

    #[test]
    fn a_detour_needs_a_connector_of_our_own_servers_before_it() {
        let mut detour = Object::new(&OUTBOUND_CONNECTOR, "cloud to hq");
        detour.properties = vec![("RouteAllMessagesViaOnPremises", PsValue::Bool(true))];
        let own = |kind: &str, enabled: bool| {
            let mut own = Object::new(&INBOUND_CONNECTOR, "cloud from hq");
            own.properties = vec![
                ("ConnectorType", PsValue::from(kind)),
                ("Enabled", PsValue::Bool(enabled)),
            ];
            own
        };
        let of_wizard = Object {
            kept: true,
            ..Object::new(&INBOUND_CONNECTOR, "Inbound from 1")
        };
        for (objects, holds) in [
            (vec![own("OnPremises", true), detour.clone()], true),
            (vec![of_wizard, detour.clone()], true),
            (vec![own("OnPremises", false), detour.clone()], false),
            (vec![own("Partner", true), detour.clone()], false),
            (vec![detour.clone(), own("OnPremises", true)], false),
            (vec![detour.clone()], false),
        ] {
            let broken = broken_together(&objects, Product::Online, false);
            assert_eq!(broken.is_empty(), holds, "{broken:?} of {objects:?}");
        }
    }
}
