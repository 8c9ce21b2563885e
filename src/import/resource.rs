//! Resources of `Microsoft365DSC`, under whose names and properties Microsoft Graph keeps its snapshots, too.
//!
//! Their properties are those of the cmdlets, but for the state of a rule. What is no object that carries mail is kept as one
//! value, so that nothing of an export is passed over.
//! Sources: <https://microsoft365dsc.com/resources/exchange/>, <https://learn.microsoft.com/graph/utcm-exchange-resources>

use crate::import::cmdlet::of_kind;
use crate::import::{Live, LiveObject};
use std::collections::BTreeMap;

/// Kinds of objects that carry mail and are resources under the same name.
const KINDS: [&str; 9] = [
    "AcceptedDomain",
    "ArcConfig",
    "DkimSigningConfig",
    "InboundConnector",
    "OrganizationConfig",
    "OutboundConnector",
    "RemoteDomain",
    "TransportConfig",
    "TransportRule",
];

/// The value that stands for all others of a resource that is no object of the cmdlets that are read.
const WHOLE: &str = "its values";

/// The property that says whether an object exists.
const ENSURE: &str = "Ensure";

impl LiveObject {
    /// The kind of what does not exist, where a configuration says so.
    pub(crate) fn absent(&self) -> Option<&'static str> {
        let says_so = self.properties.len() == 1 && self.properties.contains_key(ENSURE);
        kind(&self.kind).filter(|_| says_so)
    }
}

/// What such exports are known to lose.
pub(super) const DOUBT: &str = "it was made by Microsoft365DSC or Microsoft Graph, which have lost conditions of rules and whether a rule is on: compare its rules with `Get-TransportRule`";

/// The kind of a resource: `EXOInboundConnector` or `microsoft.exchange.inboundconnector`.
pub(super) fn kind(resource: &str) -> Option<&'static str> {
    let lower = resource.to_lowercase();
    let bare = lower.strip_prefix("exo");
    let bare = bare.or_else(|| lower.strip_prefix("microsoft.exchange."))?;
    let mut kinds = KINDS.into_iter();
    kinds.find(|kind| kind.to_lowercase() == bare)
}

/// The object of a resource; of others than those of `kind` its name alone is needed.
pub(super) fn object(
    resource: &str,
    name: &str,
    mut properties: BTreeMap<String, Live>,
) -> Result<LiveObject, String> {
    let absent = properties.get(ENSURE).map(Live::items);
    let is_absent = absent.is_some_and(|word| word == ["Absent"]);
    let Some(kind) = kind(resource).filter(|_| !is_absent) else {
        let what = if is_absent { ENSURE } else { WHOLE };
        // What does not exist is known by its own name, and not by that of the resource.
        let own = kind(resource).map(|kind| of_kind(kind, properties));
        let own = own.and_then(Result::ok).map(|object| object.name);
        return Ok(LiveObject {
            kind: resource.to_owned(),
            name: own.unwrap_or_else(|| name.to_owned()),
            properties: BTreeMap::from([(what.to_owned(), Live::Null)]),
            ..LiveObject::default()
        });
    };
    if kind == "TransportRule" {
        let state = match properties.remove("Enabled") {
            Some(Live::Bool(true)) => Live::Text("Enabled".to_owned()),
            Some(Live::Bool(false)) => Live::Text("Disabled".to_owned()),
            _ => Live::Lost,
        };
        properties.entry("State".to_owned()).or_insert(state);
    }
    of_kind(kind, properties)
}
