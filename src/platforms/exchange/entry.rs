//! One object, as each script shows it.

use crate::platforms::exchange::call::items;
use crate::platforms::exchange::object::{Identity, Object};
use crate::writer::Refused;
use crate::writer::powershell::{PsValue, command, comment};

/// An object in `apply.ps1`: its properties, and the calls that make and change it.
pub(crate) fn apply_entry(object: &Object) -> Result<String, Refused> {
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
    let rename = if object.per_server {
        "connector"
    } else {
        "name"
    };
    let renames: Result<Vec<String>, Refused> = object
        .former_names
        .iter()
        .map(|old| {
            let old = PsValue::from(old.as_str()).text()?;
            let (old, new) = if object.per_server {
                (
                    format!("($server + '\\' + {old})"),
                    "($server + '\\' + $connector)",
                )
            } else {
                (old, "$name")
            };
            Ok(format!(
                "Rename-Object '{kind}' {old} {new} {{ {} -Identity $old -Name ${rename} @safely }}",
                object.kind.set
            ))
        })
        .collect();
    let renames = renames?;
    let with = with(object);
    let locks = locks(object);
    if object.per_server {
        text.push_str("foreach ($server in $servers) {\n");
        for rename in renames {
            line(&mut text, &format!("    {rename}"));
        }
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
        for rename in renames {
            line(&mut text, &rename);
        }
        line(
            &mut text,
            &format!("Step '{kind}' $name {with} `\n    {create} `\n    {change}{locks}"),
        );
    }
    Ok(text)
}

/// An object in `verify.ps1`: the same properties, and a look at them.
pub(crate) fn verify_entry(object: &Object) -> Result<String, Refused> {
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
        line(
            &mut text,
            &format!("Expect '{kind}' $name {}{}", with(object), locks(object)),
        );
    }
    Ok(text)
}

/// What marks an entry that waits until mail comes the right way.
fn locks(object: &Object) -> &'static str {
    if object.locks { " -Locks" } else { "" }
}

/// The properties as a function of the frame takes them.
fn with(object: &Object) -> &'static str {
    if object.kind.cleared.is_empty() {
        "$with"
    } else {
        "(Complete-Rule $with)"
    }
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

pub(crate) fn why(object: &Object) -> Result<String, Refused> {
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

/// A line of a hash table; a list that would be too long to read stands one item a line.
pub(crate) fn table_line(
    text: &mut String,
    key: &str,
    width: usize,
    value: &PsValue,
) -> Result<(), Refused> {
    let whole = format!("    {key:width$} = {}", value.text()?);
    if !matches!(value, PsValue::Array(_)) || whole.chars().count() <= 120 {
        line(text, &whole);
        return Ok(());
    }
    line(text, &format!("    {key:width$} = @("));
    table_items(text, "        ", value)?;
    line(text, "    )");
    Ok(())
}

/// The items of a list. Values of a spec stand one a line, so that a change shows alone; names of parameters, which are
/// the program's own, stand close.
pub(crate) fn table_items(text: &mut String, indent: &str, value: &PsValue) -> Result<(), Refused> {
    let items: Result<Vec<String>, Refused> = items(value).iter().map(PsValue::text).collect();
    let mut row = String::new();
    let items = items?;
    let last = items.len().saturating_sub(1);
    for (index, item) in items.iter().enumerate() {
        let piece = if index == last {
            item.clone()
        } else {
            format!("{item},")
        };
        let is_word = item
            .trim_matches('\'')
            .chars()
            .all(|c| c.is_ascii_alphabetic());
        if !row.is_empty() && (!is_word || row.len() + piece.len() > 110) {
            line(text, &format!("{indent}{row}"));
            row.clear();
        }
        if !row.is_empty() {
            row.push(' ');
        }
        row.push_str(&piece);
    }
    line(text, &format!("{indent}{row}"));
    Ok(())
}

/// Adds a line.
pub(crate) fn line(text: &mut String, one: &str) {
    text.push_str(one);
    text.push('\n');
}
