//! One object, as each script shows it.

use super::object::{Identity, Object, Statement};
use crate::writer::Refused;
use crate::writer::powershell::{PsValue, command, comment};

/// An object in `apply.ps1`: its properties, and the calls that make and change it.
pub(super) fn apply_entry(object: &Object) -> Result<String, Refused> {
    let mut text = entry_head(object)?;
    let secret = match &object.credential {
        Some(name) => format!(
            " -AuthenticationCredential (Read-Credential {})",
            PsValue::from(name.as_str()).text()?
        ),
        None => String::new(),
    };
    let create = match object.kind.new {
        Some(cmdlet) if object.bare => format!(
            "{{ {} @safely; {} -Identity {} @with @safely }}",
            command(cmdlet, &object.new)?,
            object.kind.set,
            object.given_name().text()?
        ),
        Some(cmdlet) => format!(
            "{{ {}{secret} @given @safely }}",
            command(cmdlet, &object.new)?
        ),
        None => "$null".to_owned(),
    };
    let identity = match object.identity {
        Identity::Name => " -Identity $name",
        Identity::Found => " -Identity $identity",
        Identity::Only => "",
    };
    let change = format!("{{ {}{identity}{secret} @with @safely }}", object.kind.set);
    let kind = object.kind.name;
    if object.per_server {
        text.push_str("foreach ($server in $servers) {\n");
        line(
            &mut text,
            &format!(
                "    Step '{kind}' ($server + '\\' + $connector) $with `\n        {create} `\n        {change}"
            ),
        );
        if let Some(allowed) = object.any_recipient {
            line(
                &mut text,
                &format!(
                    "    Set-AnyRecipient ($server + '\\' + $connector) {}",
                    PsValue::Bool(allowed).text()?
                ),
            );
        }
        text.push_str("}\n");
    } else {
        line(
            &mut text,
            &format!("Step '{kind}' $name $with `\n    {create} `\n    {change}"),
        );
    }
    Ok(text)
}

/// An object in `verify.ps1`: the same properties, and a look at them.
pub(super) fn verify_entry(object: &Object) -> Result<String, Refused> {
    let mut text = entry_head(object)?;
    let kind = object.kind.name;
    if object.per_server {
        text.push_str("foreach ($server in $servers) {\n");
        line(
            &mut text,
            &format!("    Expect '{kind}' ($server + '\\' + $connector) $with"),
        );
        if let Some(allowed) = object.any_recipient {
            line(
                &mut text,
                &format!(
                    "    Expect-AnyRecipient ($server + '\\' + $connector) {}",
                    PsValue::Bool(allowed).text()?
                ),
            );
        }
        text.push_str("}\n");
    } else {
        line(&mut text, &format!("Expect '{kind}' $name $with"));
    }
    Ok(text)
}

/// Where an object comes from, why it exists, its name and its properties.
fn entry_head(object: &Object) -> Result<String, Refused> {
    let mut text = why(object)?;
    let variable = if object.per_server {
        "connector"
    } else {
        "name"
    };
    line(
        &mut text,
        &format!(
            "${variable} = {}",
            PsValue::from(object.name.as_str()).text()?
        ),
    );
    text.push_str("$with = @{\n");
    let (cleared, set): (Vec<_>, Vec<_>) = object
        .with
        .iter()
        .partition(|(_, value)| *value == PsValue::Null);
    let width = set.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in set {
        table_line(&mut text, name, width, value)?;
    }
    let cleared: Vec<String> = cleared
        .iter()
        .map(|(name, _)| format!("{name} = $null"))
        .collect();
    for few in cleared.chunks(3) {
        line(&mut text, &format!("    {}", few.join("; ")));
    }
    text.push_str("}\n");
    Ok(text)
}

fn why(object: &Object) -> Result<String, Refused> {
    let mut text = String::new();
    line(
        &mut text,
        &comment(&format!("{} ({})", object.name, object.origin))?,
    );
    if !object.why.is_empty() {
        line(&mut text, &comment(&object.why)?);
    }
    Ok(text)
}

/// An object in `commands.ps1`: one call, as a person would type it.
pub(super) fn plain_entry(object: &Object) -> Result<String, Refused> {
    let mut text = why(object)?;
    if let Some(name) = &object.credential {
        line(
            &mut text,
            &comment(&format!("Asks for the user and password of {name}."))?,
        );
        line(&mut text, "$credential = Get-Credential");
    }
    let call = object.create().unwrap_or_else(|| object.change());
    let name = |value: &PsValue| matches!(value, PsValue::Variable(name) if ["name", "connector", "identity"].contains(&name.as_str()));
    let parameters: Vec<_> = call
        .parameters
        .iter()
        .map(|(parameter, value)| {
            (
                *parameter,
                if name(value) {
                    PsValue::from(object.name.as_str())
                } else {
                    value.clone()
                },
            )
        })
        .collect();
    let indent = if object.per_server { "    " } else { "" };
    if object.per_server {
        text.push_str("foreach ($server in $servers) {\n");
    }
    line(&mut text, &typed(indent, call.cmdlet, &parameters)?);
    if object.bare {
        let mut change = object.change();
        if let Some((_, identity)) = change.parameters.first_mut() {
            *identity = object.given_name();
        }
        line(
            &mut text,
            &typed(indent, change.cmdlet, &change.parameters)?,
        );
    }
    if object.any_recipient == Some(true) {
        line(
            &mut text,
            &format!("{indent}# Lets clients that do not log on send to any recipient."),
        );
        line(
            &mut text,
            &format!(
                "{indent}$anonymous = (New-Object System.Security.Principal.SecurityIdentifier 'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value"
            ),
        );
        line(
            &mut text,
            &format!(
                "{indent}$dn = (Get-ReceiveConnector -Identity ($server + '\\' + {})).DistinguishedName",
                PsValue::from(object.name.as_str()).text()?
            ),
        );
        line(
            &mut text,
            &format!(
                "{indent}Add-ADPermission -Identity $dn -User $anonymous -ExtendedRights 'Ms-Exch-SMTP-Accept-Any-Recipient'"
            ),
        );
    }
    if object.per_server {
        text.push_str("}\n");
    }
    Ok(text)
}

/// A call over several lines, one parameter each.
fn typed(indent: &str, cmdlet: &str, parameters: &[(&str, PsValue)]) -> Result<String, Refused> {
    let mut lines = vec![format!("{indent}{cmdlet}")];
    for (parameter, value) in parameters {
        lines.push(format!("{indent}    -{parameter} {}", value.text()?));
    }
    Ok(lines.join(" `\n"))
}

/// A certificate's name, without the functions of the frame.
pub(super) fn plain_lookup(lookup: &Statement) -> Result<String, Refused> {
    let (Some(into), Some(name), Some(thumbprint)) = (
        &lookup.into,
        lookup.arguments.first(),
        lookup.arguments.get(1),
    ) else {
        return Ok(String::new());
    };
    let choice = if *thumbprint == PsValue::from("") {
        format!(
            "Get-ExchangeCertificate -DomainName {}",
            PsValue::Array(vec![name.clone()]).text()?
        )
    } else {
        format!("Get-ExchangeCertificate -Thumbprint {}", thumbprint.text()?)
    };
    let variable = PsValue::Variable(into.clone()).text()?;
    Ok(format!(
        "# The certificate has to be valid and used for SMTP on every server, and there must be one alone.\n$certificate = {choice}\n{variable} = '<I>' + $certificate.Issuer + '<S>' + $certificate.Subject\n"
    ))
}

/// A line of a hash table; a list that would be too long to read stands one item a line.
pub(super) fn table_line(
    text: &mut String,
    key: &str,
    width: usize,
    value: &PsValue,
) -> Result<(), Refused> {
    let whole = format!("    {key:width$} = {}", value.text()?);
    match value {
        PsValue::Array(items) if whole.chars().count() > 120 => {
            let items: Result<Vec<_>, Refused> = items
                .iter()
                .map(|item| Ok(format!("        {}", item.text()?)))
                .collect();
            line(
                text,
                &format!("    {key:width$} = @(\n{}\n    )", items?.join(",\n")),
            );
        }
        _ => line(text, &whole),
    }
    Ok(())
}

/// Adds a line.
pub(super) fn line(text: &mut String, one: &str) {
    text.push_str(one);
    text.push('\n');
}
