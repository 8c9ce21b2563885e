//! One object as a plain command, as a person would type it and the vendor's own pages show it.
//!
//! This module must not know the frame: what stands here runs without it.

use crate::platforms::exchange::call::Call;
use crate::platforms::exchange::entry::{line, why};
use crate::platforms::exchange::object::{Object, Statement};
use crate::writer::Refused;
use crate::writer::powershell::{PsValue, command, comment};

/// An object in `commands.ps1`: the call that makes it, or changes it where nothing can make one.
pub(crate) fn plain_entry(object: &Object) -> Result<String, Refused> {
    let mut text = why(object)?;
    if object.locks {
        text.push_str(LOCKS);
    }
    if let Some(name) = &object.credential {
        line(
            &mut text,
            &comment(&format!("Asks for the user and password of {name}."))?,
        );
        line(&mut text, "$credential = Get-Credential");
    }
    let mut calls = vec![object.create().unwrap_or_else(|| object.change())];
    if object.bare {
        let mut change = object.change();
        if let Some((_, identity)) = change.parameters.first_mut() {
            *identity = object.given_name();
        }
        calls.push(change);
    }
    let indent = if object.per_server { "    " } else { "" };
    if object.per_server {
        text.push_str("foreach ($server in $servers) {\n");
    }
    for call in calls {
        text.push_str(&typed(indent, &spelled_out(&call, &object.name))?);
    }
    if object.any_recipient == Some(true) {
        let name = PsValue::from(object.name.as_str()).text()?;
        text.push_str(&ANY_RECIPIENT.replace("NAME", &name));
    }
    if object.per_server {
        text.push_str("}\n");
    }
    Ok(text)
}

const LOCKS: &str =
    "# Run it last, once mail enters as it shall: it refuses what comes another way.\n";

const ANY_RECIPIENT: &str = r"    # Lets clients that do not log on send to any recipient. The account has another name in other languages.
    $anonymous = (New-Object System.Security.Principal.SecurityIdentifier 'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value
    $dn = (Get-ReceiveConnector -Identity ($server + '\' + NAME)).DistinguishedName
    Add-ADPermission -Identity $dn -User $anonymous -ExtendedRights 'Ms-Exch-SMTP-Accept-Any-Recipient'
";

/// The call with names in place of variables, without what a new object has anyway.
fn spelled_out(call: &Call, name: &str) -> Call {
    let is_name = |value: &PsValue| matches!(value, PsValue::Variable(name) if ["name", "connector", "identity"].contains(&name.as_str()));
    let mut plain = Call::new(call.cmdlet);
    for (parameter, value) in &call.parameters {
        if call.is_new() && is_default(parameter, value) {
            continue;
        }
        let value = match value {
            name_of_it if is_name(name_of_it) => PsValue::from(name),
            PsValue::Array(items) if items.len() == 1 => items[0].clone(),
            other => other.clone(),
        };
        plain.parameters.push((parameter, value));
    }
    plain
}

/// What the cmdlets' own pages name as the value of a new connector or rule that does not say.
fn is_default(parameter: &str, value: &PsValue) -> bool {
    match (parameter, value) {
        ("Enabled" | "UseMXRecord" | "DNSRoutingEnabled", PsValue::Bool(on)) => *on,
        (_, PsValue::Bool(on)) => !on,
        ("Port", PsValue::Int(port)) => *port == 25,
        ("SmartHostAuthMechanism", PsValue::String(none)) => none == "None",
        ("Mode", PsValue::String(mode)) => mode == "Enforce",
        _ => false,
    }
}

/// A call on one line where it is short, else one parameter a line.
fn typed(indent: &str, call: &Call) -> Result<String, Refused> {
    let whole = format!("{indent}{}\n", call.text()?);
    if call.parameters.len() <= 4 && whole.chars().count() <= 120 {
        return Ok(whole);
    }
    let mut lines = vec![format!("{indent}{}", call.cmdlet)];
    for parameter in &call.parameters {
        let alone = command(call.cmdlet, std::slice::from_ref(parameter))?;
        let shown = alone.strip_prefix(call.cmdlet).unwrap_or(&alone);
        lines.push(format!("{indent}   {shown}"));
    }
    Ok(lines.join(" `\n") + "\n")
}

/// A certificate's name, without the functions of the frame.
pub(crate) fn plain_lookup(lookup: &Statement) -> Result<String, Refused> {
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
