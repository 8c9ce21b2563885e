//! JSON: a state of our own, or what `ConvertTo-Json` writes of one kind of objects or of several.
//!
//! `ConvertTo-Json` shows an enumeration as a number where nobody asks for words, and joins a list into one text below the
//! depth that it was given, without a warning. Neither is guessed: such a value is lost.
//! Sources: <https://github.com/PowerShell/PowerShell/issues/24386>, <https://github.com/PowerShell/PowerShell/issues/9266>

use crate::import::cmdlet::{is_list, live_object};
use crate::import::{Export, KNOWN, Live, records, state};
use serde_json::Value;

/// The largest text that is read, in octets: what it holds takes several times as much.
const LARGEST: usize = 64 << 20;

/// Properties whose words may be shown as numbers.
const WORDS: [&str; 13] = [
    "AuthMechanism",
    "ConnectorSource",
    "ConnectorType",
    "DomainType",
    "FromScope",
    "Mode",
    "PermissionGroups",
    "SenderAddressLocation",
    "SentToScope",
    "SmartHostAuthMechanism",
    "State",
    "TlsAuthLevel",
    "TlsSettings",
];

/// Reads such a file.
pub(super) fn read(text: &str) -> Result<Export, String> {
    if text.len() > LARGEST {
        return Err(format!(
            "it is larger than {} MB; export each kind into a file of its own",
            LARGEST >> 20
        ));
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let objects = match value {
        Value::Object(ref table) if table.contains_key("What") => return state::read(&value),
        Value::Object(ref table) if table.contains_key("domains") => {
            return records::dnscontrol(&value);
        }
        Value::Array(objects) => objects,
        one => vec![one],
    };
    let mut export = Export::default();
    for object in objects {
        let Value::Object(table) = object else {
            return Err(format!("it is JSON, but no export. {KNOWN}"));
        };
        let properties = table
            .into_iter()
            .map(|(name, value)| {
                let value = shown(&name, &value);
                (name, value)
            })
            .collect();
        export.objects.push(live_object(properties)?);
    }
    Ok(export)
}

fn shown(name: &str, value: &Value) -> Live {
    let plain = name.strip_prefix("ExceptIf").unwrap_or(name);
    match value {
        Value::Null => Live::Null,
        Value::Bool(truth) => Live::Bool(*truth),
        Value::Number(_) if WORDS.contains(&plain) => Live::Lost,
        Value::Number(number) => number.as_i64().map_or(Live::Lost, Live::Int),
        Value::String(text) if is_list(name) && text.trim().contains(' ') => Live::Lost,
        Value::String(text) => Live::Text(text.clone()),
        Value::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(item).collect();
            texts.map_or(Live::Lost, Live::List)
        }
        one @ Value::Object(_) => item(one).map_or(Live::Lost, Live::Text),
    }
}

/// The text of an item: an enumeration shows its word beside its number, a range of addresses the text that it was made of.
fn item(value: &Value) -> Option<String> {
    let text = match value {
        Value::Object(table) => table.get("Value").or_else(|| table.get("Expression"))?,
        text => text,
    };
    text.as_str().map(str::to_owned)
}
