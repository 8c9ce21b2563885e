//! Exports of one state in every form that `import` and `drift` read, as the programs that write them do.

use crate::drift::{kind, objects_of, shown};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A configuration as `Export-M365DSCConfiguration` writes it, and the data file beside it.
pub(crate) fn dsc(state: &Value) -> Vec<Vec<u8>> {
    let tenant = state["Tenant"].as_str().expect("a tenant").to_owned();
    let mut text = "# Generated with Microsoft365DSC version 1.26.218.1\nparam (\n)\n\nConfiguration M365TenantConfig\n{\n    param (\n    )\n\n    $OrganizationName = $ConfigurationData.NonNodeData.OrganizationName\n\n    Import-DscResource -ModuleName 'Microsoft365DSC' -ModuleVersion '1.26.218.1'\n\n    Node localhost\n    {\n        AADSecurityDefaults \"AADSecurityDefaults\"\n        {\n            IsEnabled        = $False;\n            Settings         = @(\n                MSFT_Setting{\n                    Name = \"a } in a text\"\n                }\n            );\n        }\n".to_owned();
    let written = |value: &Value| -> String {
        let quoted = |text: &str| {
            if text.eq_ignore_ascii_case(&tenant) {
                return "$OrganizationName".to_owned();
            }
            let mut inside = String::new();
            for c in text.chars() {
                // What PowerShell takes for a quote, a variable or an escape.
                if "`\"$\u{201c}\u{201d}\u{201e}".contains(c) {
                    inside.push('`');
                }
                inside.push(c);
            }
            format!("\"{}\"", inside.replace(&tenant, "$OrganizationName"))
        };
        match value {
            Value::Bool(true) => "$True".to_owned(),
            Value::Bool(false) => "$False".to_owned(),
            Value::String(text) => quoted(text),
            Value::Array(items) => {
                let items = items.iter().map(|item| item.as_str().map(quoted));
                let items: Option<Vec<String>> = items.collect();
                format!("@({})", items.expect("texts").join(","))
            }
            other => other.to_string(),
        }
    };
    for object in &objects_of(state) {
        let (kind, name, properties) = resource(object);
        let _ = write!(
            text,
            "        EXO{kind} \"EXO{kind}-{}\"\n        {{\n            ApplicationId         = $ConfigurationData.NonNodeData.ApplicationId;\n            Ensure                = \"Present\"; # it exists\n            TenantId              = $OrganizationName;\n",
            name.replace(['`', '"', '$', '\u{201a}', '\u{201b}'], "")
        );
        for (name, value) in &properties {
            let _ = writeln!(text, "            {name} = {};", written(value));
        }
        text.push_str("        }\n");
    }
    text.push_str("    }\n}\n\nM365TenantConfig -ConfigurationData .\\ConfigurationData.psd1\n");
    let data = format!(
        "@{{\n    AllNodes = @(\n        @{{\n            NodeName = \"localhost\"\n            PSDscAllowPlainTextPassword = $true;\n        }}\n    )\n    NonNodeData = @(\n        @{{\n            # Tenant's default verified domain name\n            OrganizationName = \"{tenant}\"\n        }}\n    )\n}}\n"
    );
    vec![data.into_bytes(), text.into_bytes()]
}

/// The kind of a resource, its name, and the properties that are shown of it.
fn resource(object: &Value) -> (String, String, Vec<(String, Value)>) {
    let kind = object["Kind"].as_str().expect("a kind").to_owned();
    let name = object["Name"].as_str().expect("a name").to_owned();
    let mut properties: Vec<(String, Value)> = match kind.as_str() {
        "TransportRule" => vec![
            ("Name".to_owned(), name.clone().into()),
            ("Enabled".to_owned(), (object["State"] == "Enabled").into()),
        ],
        "ArcConfig" | "OrganizationConfig" | "TransportConfig" => {
            vec![("IsSingleInstance".to_owned(), "Yes".into())]
        }
        "RemoteDomain" => vec![
            ("Identity".to_owned(), name.clone().into()),
            ("DomainName".to_owned(), name.clone().into()),
        ],
        _ => vec![("Identity".to_owned(), name.clone().into())],
    };
    let all = object["Properties"].as_object().expect("a table").iter();
    let all = all.filter(|(_, value)| !value.is_null());
    properties.extend(all.map(|(name, value)| (name.clone(), value.clone())));
    // Texts that are empty are left out, empty lists are shown.
    let of_kind = crate::drift::kind(&kind);
    for name in of_kind.properties.iter().chain(of_kind.cleared) {
        let is_text = [
            "Comment",
            "Scope",
            "MessageHeader",
            "SetHeader",
            "RouteMessage",
            "TlsDomain",
            "TlsSettings",
            "CertificateName",
        ]
        .iter()
        .any(|part| name.contains(part));
        if !is_text && !properties.iter().any(|(known, _)| known == name) {
            properties.push(((*name).to_owned(), json!([])));
        }
    }
    (kind, name, properties)
}

/// A snapshot of Microsoft Graph.
pub(crate) fn graph(state: &Value) -> Vec<u8> {
    let mut resources = vec![json!({
        "displayName": "AADGroupLifecyclePolicy", "resourceType": "microsoft.entra.grouplifecyclepolicy",
        "properties": {"GroupLifetimeInDays@odata.type": "#Int64", "GroupLifetimeInDays": 99}})];
    for object in &objects_of(state) {
        let (kind, name, properties) = resource(object);
        let mut table = serde_json::Map::from_iter(properties);
        table.insert("Ensure".to_owned(), "Present".into());
        resources.push(json!({
            "displayName": format!("EXO{kind}-{name}"),
            "resourceType": format!("microsoft.exchange.{}", kind.to_lowercase()),
            "properties": table}));
    }
    json!({"id": "5b15be20-897f-4b79-85a6-97871c708f6f", "displayName": "Snapshot", "parameters": [], "resources": resources})
        .to_string()
        .into_bytes()
}

/// A value as it is shown in a line: `{a, b}` of a list, of which so many items are shown.
fn in_line(name: &str, value: &Value, most: usize) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            // Flags are one value of several words.
            if ["AuthMechanism", "PermissionGroups"].contains(&name) {
                texts.join(", ")
            } else if texts.len() > most {
                format!("{{{}...}}", texts[..most].join(", "))
            } else {
                format!("{{{}}}", texts.join(", "))
            }
        }
        other => other.to_string(),
    }
}

/// What `Format-List` shows, where `$FormatEnumerationLimit` is as given; it is 4 where nobody says otherwise.
pub(crate) fn format_list(state: &Value, most: usize) -> Vec<u8> {
    let mut text = String::new();
    for object in &objects_of(state) {
        let Some(shown) = shown(state, object) else {
            continue;
        };
        text.push('\n');
        for (name, value) in &shown {
            // The lines of a text are shown below each other.
            let value = in_line(name, value, most).replace('\n', &format!("\n{:32}", ""));
            let _ = writeln!(text, "{name:<29} : {value}");
        }
    }
    text.into_bytes()
}

/// What `Export-Csv` writes of each kind: a list is the name of its type.
pub(crate) fn csv(state: &Value) -> Vec<Vec<u8>> {
    let mut of_kind: Vec<(&str, String)> = Vec::new();
    let objects = objects_of(state);
    for object in &objects {
        let Some(shown) = shown(state, object) else {
            continue;
        };
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let name = kind(object["Kind"].as_str().expect("a kind")).name;
        let names: Vec<String> = shown.keys().map(|name| quoted(name)).collect();
        let values: Vec<String> = shown
            .iter()
            .map(|(name, value)| match value {
                Value::Null => String::new(),
                Value::Array(_)
                    if !["AuthMechanism", "PermissionGroups"].contains(&name.as_str()) =>
                {
                    quoted("Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]")
                }
                value => quoted(&in_line(name, value, 4)),
            })
            .collect();
        let row = format!("{}\r\n", values.join(","));
        // Other objects of the kind may show other properties: the first says which are written.
        match of_kind.iter_mut().find(|(of, text)| {
            *of == name && text.starts_with(&format!("#TYPE {name}\r\n{}\r\n", names.join(",")))
        }) {
            Some((_, text)) => text.push_str(&row),
            None => of_kind.push((
                name,
                format!("#TYPE {name}\r\n{}\r\n{row}", names.join(",")),
            )),
        }
    }
    of_kind
        .into_iter()
        .map(|(_, text)| text.into_bytes())
        .collect()
}
