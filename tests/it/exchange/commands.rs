//! `commands.ps1` read back as calls: exactly the objects of `desired.psd1`.

use crate::exchange::{Location, json, locations};
use crate::powershell::reader::{ReadCall, read};
use crate::powershell::wrong_calls;
use mailtopo::testing::platforms::exchange::kind::{self, ObjectKind};
use mailtopo::testing::writer::powershell::PsValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What the calls of an object give it, where they are right.
type Given = BTreeMap<String, Value>;

#[test]
fn commands_make_exactly_the_objects_of_the_data() {
    let mut wrong = Vec::new();
    for location in locations() {
        wrong.extend(differences(location));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where the commands of a location differ from its data.
pub(crate) fn differences(location: &Location) -> Vec<String> {
    let text = &location.files["commands.ps1"];
    let calls = match read(text.trim_start_matches('\u{feff}')) {
        Ok(script) => script.calls,
        Err(why) => return vec![format!("{}: {why}", location.name)],
    };
    let certificates = certificates(text);
    let mut calls = calls.iter().filter(|read| is_of_an_object(read)).peekable();
    let mut wrong = wrong_calls(text.trim_start_matches('\u{feff}'), location.product());
    for object in location.objects() {
        // What others manage is looked at, and no command makes it.
        if object.get("Match").is_some() || object.get("Keep").is_some() {
            continue;
        }
        let kind = kind_of(object);
        let Some(first) = calls.next() else {
            wrong.push(format!("no call makes {}", object["Name"]));
            break;
        };
        let mut given = given(first, &certificates);
        // What is left of a list only the organization knows.
        if object.get("Take").is_some() {
            let properties = object["Properties"].as_object().expect("a table");
            given.remove("Identity");
            if first.call.cmdlet != kind.set || !given.keys().eq(properties.keys()) {
                wrong.push(format!("{}: {given:?}", object["Name"]));
            }
            continue;
        }
        if kind.bare && kind.name != "DkimSigningConfig" {
            let change = calls.next().map(|read| self::given(read, &certificates));
            let mut change = change.unwrap_or_default();
            if change.remove("Identity") != Some(given["Name"].clone()) {
                wrong.push(format!("another is changed than {}", object["Name"]));
            }
            given.extend(change);
        }
        let wanted = wanted(object, first.call.cmdlet);
        if given != wanted {
            wrong.push(format!(
                "{}: the data has\n  {wanted:?}\n and the commands\n  {given:?}",
                object["Name"]
            ));
        }
    }
    wrong.extend(calls.map(|read| format!("{} is of no object", read.call.cmdlet)));
    wrong
        .into_iter()
        .map(|why| format!("{}: {why}", location.name))
        .collect()
}

fn is_of_an_object(read: &ReadCall) -> bool {
    kind::ALL
        .iter()
        .any(|kind| kind.new == Some(read.call.cmdlet) || kind.set == read.call.cmdlet)
}

fn kind_of(object: &Value) -> &'static ObjectKind {
    let mut kinds = kind::ALL.iter();
    kinds
        .find(|kind| object["Kind"] == kind.name)
        .expect("a kind")
}

/// What the calls must say of an object, by parameter.
fn wanted(object: &Value, cmdlet: &str) -> Given {
    let kind = kind_of(object);
    let text = |key: &str| object[key].clone();
    if kind.name == "DkimSigningConfig" {
        return [
            ("DomainName", text("Name")),
            ("Enabled", false.into()),
            ("KeySize", 2048.into()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
    }
    let mut all = Map::new();
    let is_new = cmdlet.starts_with("New-");
    let name = match (kind.name, is_new) {
        ("ArcConfig", _) => Some(("Identity", "Default".into())),
        ("OrganizationConfig" | "TransportConfig", _) => None,
        (_, false) => Some(("Identity", text("Name"))),
        ("RemoteDomain", true) => Some(("DomainName", text("Name"))),
        (_, true) => Some(("Name", text("Name"))),
    };
    all.extend(name.map(|(key, value)| (key.to_owned(), value)));
    let more: &[(&str, Value)] = match (kind.name, is_new) {
        ("AcceptedDomain", true) => &[("DomainName", text("Name"))],
        ("SendConnector", _) => &[("Usage", "Custom".into())],
        ("ReceiveConnector", _) => &[("Usage", "Custom".into()), ("Server", "$server".into())],
        _ => &[],
    };
    all.extend(
        more.iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone())),
    );
    if object.get("Login").is_some() {
        all.insert("AuthenticationCredential".to_owned(), "$credential".into());
    }
    let new = object.get("New").and_then(Value::as_object);
    all.extend(new.cloned().into_iter().flatten());
    let properties = object["Properties"].as_object().expect("a table").clone();
    all.extend(
        properties
            .into_iter()
            .filter(|(_, value)| !is_new || !value.is_null()),
    );
    all.into_iter()
        .map(|(key, value)| (key, alone(value)))
        .collect()
}

/// A list of one is typed without its brackets.
fn alone(value: Value) -> Value {
    match value {
        Value::Array(mut items) if items.len() == 1 => items.remove(0),
        other => other,
    }
}

/// The parameters of a call; a certificate that is looked up as the data has it.
fn given(read: &ReadCall, certificates: &BTreeMap<String, Value>) -> Given {
    let value = |value: &PsValue| match value {
        PsValue::Variable(name) if certificates.contains_key(name) => certificates[name].clone(),
        other => json(other),
    };
    let parameters = read.call.parameters.iter();
    parameters
        .map(|(name, given)| ((*name).to_owned(), value(given)))
        .collect()
}

/// What each variable of a certificate is looked up by.
fn certificates(text: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut thumbprint = String::new();
    let mut name = String::new();
    for line in text.lines() {
        let quoted: Vec<&str> = line.split('\'').skip(1).step_by(2).collect();
        if let Some((_, rest)) = line.split_once("Get-ExchangeCertificate -Thumbprint '") {
            rest.split('\'')
                .next()
                .unwrap_or_default()
                .clone_into(&mut thumbprint);
        } else if line.starts_with("if ($names.Count -ne 1) { throw") {
            let said = quoted.concat();
            let (certificate, _) = said.split_once(": exactly one").expect("a name");
            certificate.clone_into(&mut name);
        } else if let Some(variable) = line.strip_suffix(" = $names[0]") {
            let value = serde_json::json!({"Certificate": name, "Thumbprint": thumbprint});
            found.insert(variable.trim_start_matches('$').to_owned(), value);
            thumbprint.clear();
        }
    }
    found
}
