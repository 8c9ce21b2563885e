//! How Exchange keeps what it is given, what a new object has, and how rules are numbered.

use super::datum::Datum;
use super::organization::{Object, Organization};
use std::net::Ipv4Addr;

/// Properties that are truths, and what a new object has.
const TRUTHS: [(&str, bool); 20] = [
    ("AllAcceptedDomains", false),
    ("CloudServicesMailEnabled", false),
    ("DNSRoutingEnabled", true),
    ("EFSkipLastIP", false),
    ("Enabled", true),
    ("IgnoreSTARTTLS", false),
    ("IsScopedConnector", false),
    ("IsTransportRuleScoped", false),
    ("MatchSubDomains", false),
    ("RequireTLS", false),
    ("RequireTls", false),
    ("RestrictDomainsToCertificate", false),
    ("RestrictDomainsToIPAddresses", false),
    ("RouteAllMessagesViaOnPremises", false),
    ("StopRuleProcessing", false),
    ("TargetDeliveryDomain", false),
    ("TestMode", false),
    ("TreatMessagesAsInternal", false),
    ("TrustedMailInboundEnabled", false),
    ("UseMXRecord", true),
];

/// Properties that hold several values.
const LISTS: [&str; 14] = [
    "AddressSpaces",
    "ArcTrustedSealers",
    "AssociatedAcceptedDomains",
    "Bindings",
    "EFSkipIPs",
    "EFUsers",
    "RecipientDomains",
    "RemoteIPRanges",
    "SenderDomains",
    "SenderIPAddresses",
    "SentTo",
    "SmartHosts",
    "SourceTransportServers",
    "TlsDomainCapabilities",
];

/// A value as the property of an object holds it.
pub fn stored(noun: &str, name: &str, value: &Datum) -> Datum {
    let listed = LISTS.contains(&name)
        || (noun == "TransportRule"
            && ["Words", "Patterns", "MemberOf", "DomainIs", "From"]
                .iter()
                .any(|end| name.ends_with(end)));
    if listed {
        return Datum::List(
            value
                .items()
                .iter()
                .map(|item| one(noun, name, item))
                .collect(),
        );
    }
    match name {
        "AuthMechanism" | "PermissionGroups" => {
            let words: Vec<String> = value.items().iter().map(Datum::text).collect();
            words.join(", ").into()
        }
        _ => one(noun, name, value),
    }
}

fn one(noun: &str, name: &str, value: &Datum) -> Datum {
    let text = value.text();
    match name {
        // The wizard and the admin centre show these with type and cost; so do the cmdlets of servers.
        "AddressSpaces" | "SenderDomains" if !text.starts_with("smtp:") => {
            let cost = if text.contains(';') { "" } else { ";1" };
            format!("smtp:{text}{cost}").into()
        }
        "SmartHosts" if text.parse::<Ipv4Addr>().is_ok() => format!("[{text}]").into(),
        "SenderIPAddresses" if !text.contains('/') => format!("{text}/32").into(),
        "RemoteIPRanges" => text.strip_suffix("/32").unwrap_or(&text).into(),
        "MaxMessageSize" => size(&text).into(),
        "RecipientDomains" | "TlsDomain"
            if noun == "OutboundConnector" && !value.items().is_empty() =>
        {
            text.to_lowercase().into()
        }
        _ => value.clone(),
    }
}

/// `25MB` is shown as `25 MB (26,214,400 bytes)`.
fn size(text: &str) -> String {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[number.len()..] {
        "KB" => 1 << 10,
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        _ => 1,
    };
    let Ok(count) = number.parse::<u64>() else {
        return text.to_owned();
    };
    let octets = (count * unit).to_string();
    let mut shown = String::new();
    for (index, digit) in octets.chars().enumerate() {
        if index > 0 && (octets.len() - index) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    format!("{} MB ({shown} bytes)", (count * unit) >> 20)
}

impl Organization {
    /// What a new object has before anybody says anything.
    pub(super) fn blank(&self, noun: &str) -> Object {
        let set = format!("Set-{noun}");
        let known = TRUTHS.iter().filter(|(name, _)| self.has(&set, name));
        let mut blank: Object = known
            .map(|(name, value)| ((*name).to_owned(), Datum::Bool(*value)))
            .collect();
        let more: &[(&str, Datum)] = match noun {
            "InboundConnector" | "OutboundConnector" => &[("ConnectorSource", "Default".into())],
            "SendConnector" => &[
                ("Port", Datum::Int(25)),
                ("SmartHostAuthMechanism", "None".into()),
                ("MaxMessageSize", "35 MB (36,700,160 bytes)".into()),
            ],
            "DkimSigningConfig" => &[
                ("Selector1CNAME", "selector1.dkim.example".into()),
                ("Selector2CNAME", "selector2.dkim.example".into()),
            ],
            "ReceiveConnector" => &[("MaxMessageSize", "36 MB (37,748,736 bytes)".into())],
            "TransportRule" => &[
                ("Mode", "Enforce".into()),
                ("RecipientAddressType", "Resolved".into()),
                ("RuleErrorAction", "Ignore".into()),
                ("RuleSubType", "None".into()),
                ("SenderAddressLocation", "Header".into()),
            ],
            "AcceptedDomain" => &[("DomainType", "Authoritative".into())],
            _ => &[],
        };
        let more = more
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        blank.extend(more);
        blank
    }

    /// Two receive connectors of one server that listen for the same clients are refused.
    pub(super) fn collide(&mut self, noun: &str, identity: &str) -> Result<(), String> {
        if noun != "ReceiveConnector" {
            return Ok(());
        }
        let server = |object: &Object| {
            object["Identity"]
                .text()
                .split('\\')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let ranges = |object: &Object| {
            object
                .get("RemoteIPRanges")
                .map(Datum::items)
                .unwrap_or_default()
        };
        let this = &self.all(noun)[self.index(noun, identity)?];
        let twin = self.all(noun).iter().find(|other| {
            other["Identity"] != this["Identity"]
                && server(other) == server(this)
                && !ranges(this).is_empty()
                && ranges(other) == ranges(this)
                && other.get("Bindings") == this.get("Bindings")
        });
        match twin {
            Some(twin) => Err(format!(
                "{identity} listens where {} does",
                twin["Identity"].text()
            )),
            None => Ok(()),
        }
    }

    /// Moves a rule to a place; those between move by one.
    pub(super) fn move_rule(&mut self, index: usize, priority: i64) -> Result<(), String> {
        let rules = self.objects.entry("TransportRule".to_owned()).or_default();
        let to = usize::try_from(priority)
            .ok()
            .filter(|to| *to < rules.len())
            .ok_or("no such priority")?;
        let rule = rules.remove(index);
        rules.insert(to, rule);
        self.number_rules();
        Ok(())
    }

    pub(super) fn number_rules(&mut self) {
        for (number, rule) in self
            .objects
            .entry("TransportRule".to_owned())
            .or_default()
            .iter_mut()
            .enumerate()
        {
            rule.insert(
                "Priority".to_owned(),
                Datum::Int(i64::try_from(number).unwrap_or_default()),
            );
        }
    }
}
