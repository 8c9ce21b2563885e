//! The state that `facts.ps1 -OutFile state.json` writes: complete, and plain values alone.

use crate::import::{ANY_RECIPIENT, Export, KNOWN, Live, LiveCertificate, LiveObject};
use serde_json::Value;

/// The kinds that an export holds, by product.
const KINDS: [(&str, &[&str]); 3] = [
    (
        "online",
        &[
            "AcceptedDomain",
            "InboundConnector",
            "OutboundConnector",
            "TransportRule",
            "DkimSigningConfig",
            "ArcConfig",
            "OrganizationConfig",
            "TransportConfig",
            "RemoteDomain",
        ],
    ),
    (
        "protection",
        &[
            "AcceptedDomain",
            "InboundConnector",
            "OutboundConnector",
            "TransportRule",
            "DkimSigningConfig",
        ],
    ),
    (
        "server",
        &[
            "AcceptedDomain",
            "RemoteDomain",
            "SendConnector",
            "ReceiveConnector",
            "TransportConfig",
            "OrganizationConfig",
        ],
    ),
];

/// Reads such a file.
pub(super) fn read(value: &Value) -> Result<Export, String> {
    if value.get("What").and_then(Value::as_str) != Some("state") {
        return Err(format!("it is JSON, but no state. {KNOWN}"));
    }
    if value.get("Format").and_then(Value::as_i64) != Some(1) {
        return Err("it is a state of another version of mailtopo".to_owned());
    }
    if value.get("Whole").and_then(Value::as_bool) != Some(true) {
        return Err(
            "it is what `apply.ps1` saved before a change, and holds only what that could touch; export everything: `facts.ps1 -OutFile state.json`".to_owned(),
        );
    }
    let product = text_of(value.get("Product"));
    let known = KINDS.iter().find(|(name, _)| **name == product);
    let Some((_, kinds)) = known else {
        return Err(format!("its product `{product}` is not known"));
    };
    let unread: Vec<String> = list(value.get("Unread"))
        .iter()
        .map(|at| text_of(Some(at)))
        .collect();
    let objects: Result<Vec<LiveObject>, String> =
        list(value.get("Objects")).iter().map(object).collect();
    let kinds = kinds.iter().map(|kind| (*kind).to_owned());
    Ok(Export {
        location: Some(text_of(value.get("Location"))).filter(|name| !name.is_empty()),
        product: Some(product),
        title: Some(text_of(value.get("Title"))).filter(|title| !title.is_empty()),
        tenant: Some(text_of(value.get("Tenant"))).filter(|name| !name.is_empty()),
        saved: Some(text_of(value.get("Saved"))).filter(|text| !text.is_empty()),
        kinds: Some(kinds.filter(|kind| !unread.contains(kind)).collect()),
        zones: Vec::new(),
        files: Vec::new(),
        omits_empty: false,
        doubts: Vec::new(),
        unread,
        objects: objects?,
        certificates: list(value.get("Certificates"))
            .iter()
            .map(certificate)
            .collect(),
    })
}

fn object(value: &Value) -> Result<LiveObject, String> {
    let (kind, name) = (text_of(value.get("Kind")), text_of(value.get("Name")));
    let Some(Value::Object(properties)) = value.get("Properties") else {
        return Err(format!("its object `{kind} {name}` has no properties"));
    };
    let mut object = LiveObject {
        kind,
        name,
        properties: properties
            .iter()
            .map(|(name, value)| (name.clone(), live(value)))
            .collect(),
        ..LiveObject::default()
    };
    for beside in ["State", ANY_RECIPIENT] {
        if let Some(value) = value.get(beside) {
            object.properties.insert(beside.to_owned(), live(value));
        }
    }
    Ok(object)
}

fn live(value: &Value) -> Live {
    match value {
        Value::Null => Live::Null,
        Value::Bool(truth) => Live::Bool(*truth),
        Value::Number(number) => number.as_i64().map_or(Live::Lost, Live::Int),
        Value::String(text) => Live::Text(text.clone()),
        Value::Array(items) => {
            let texts: Option<Vec<String>> = items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect();
            texts.map_or(Live::Lost, Live::List)
        }
        Value::Object(_) => Live::Lost,
    }
}

fn certificate(value: &Value) -> LiveCertificate {
    let names = list(value.get("Names"));
    LiveCertificate {
        names: names
            .iter()
            .map(|name| text_of(Some(name)).to_lowercase())
            .collect(),
        thumbprint: text_of(value.get("Thumbprint")),
        reference: format!(
            "<I>{}<S>{}",
            text_of(value.get("Issuer")),
            text_of(value.get("Subject"))
        ),
    }
}

/// A list; a single value stands for a list of one.
fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(one) => vec![one.clone()],
    }
}

fn text_of(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}
