//! `commands.ps1`: the objects as plain commands, as a person would type them and the vendor's own pages show them.
//!
//! What stands here runs without the library.

use crate::platforms::exchange::call::Call;
use crate::platforms::exchange::desired::Desired;
use crate::platforms::exchange::object::{Object, Stage};
use crate::writer::Refused;
use crate::writer::powershell::{PsValue, ask_comment, command, comment};
use std::borrow::Cow;
use std::fmt::Write as _;

const HEAD: &str = "\
#
# The same objects as in desired.psd1, as plain commands for an organization that has none of them: to read, or to run
# one by one. Where an object exists, use Set- in place of New-. They ask nothing and save nothing; apply.ps1 does.
";

const ANY_RECIPIENT: &str = r"    # Lets clients that do not log on send to any recipient. The account has another name in other languages.
    $anonymous = (New-Object System.Security.Principal.SecurityIdentifier 'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value
    $dn = (Get-ReceiveConnector -Identity ($server + '\' + NAME)).DistinguishedName
    Add-ADPermission -Identity $dn -User $anonymous -ExtendedRights 'Ms-Exch-SMTP-Accept-Any-Recipient'
";

const TAKEN: &str = r"    $everybody = '(^| )(0\.0\.0\.0(/0|-255\.255\.255\.255)|::(/0|-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff))( |$)'
    foreach ($open in @(Get-ReceiveConnector -Server $server | Where-Object { $_.Enabled -and [string] $_.RemoteIPRanges -match $everybody })) {
        $left = @(([string] $open.PermissionGroups) -split '[ ,]+' | Where-Object { @(WORDS, 'Custom', 'None', '') -notcontains $_ })
        if ($left.Count -eq 0) { $left = @('None') }
        Set-ReceiveConnector -Identity $open.Identity -PermissionGroups $left
    }
";

impl Desired {
    /// The text of the file.
    pub fn commands(&self) -> Result<String, Refused> {
        let mut text = format!("#requires -Version 2.0\n{}\n{HEAD}", self.title()?);
        let organization = |wanted: &str| {
            let found = self.organization.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value)
        };
        if organization("Edge") == Some(&PsValue::Bool(true)) {
            text.push_str(
                "\n# Run this on each Edge Transport server.\n$servers = @($env:COMPUTERNAME)\n",
            );
        } else if let Some(servers) = organization("Servers") {
            let _ = write!(text, "\n$servers = {}\n", servers.text()?);
        }
        let own = self.objects.iter().filter(|object| object.is_written());
        let mut certificates = Certificates::default();
        let entries: Result<Vec<String>, Refused> = own
            .map(|object| entry(object, &object.made_by(self.product), &mut certificates))
            .collect();
        let entries = entries?;
        for (number, certificate) in certificates.0.iter().enumerate() {
            text.push_str(&look_up(number, certificate)?);
        }
        text.push_str(&entries.concat());
        Ok(text)
    }

    /// What the file would be refused for where the data is not: comments refuse more than values do.
    pub(crate) fn ask_commands(&self) -> Result<(), Refused> {
        let own = self.objects.iter().filter(|object| object.is_written());
        for object in own {
            comments(object).try_for_each(|line| ask_comment(&line))?;
            if let Some(login) = &object.login {
                ask_comment(&asks_for(login))?;
            }
        }
        Ok(())
    }
}

/// Certificates whose names only the organization knows, in the order of their first use.
#[derive(Default)]
struct Certificates(Vec<PsValue>);

impl Certificates {
    /// The variable that holds the name.
    fn name(&mut self, certificate: &PsValue) -> PsValue {
        let known = self.0.iter().position(|known| known == certificate);
        let index = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(certificate.clone());
        }
        variable(index)
    }
}

fn variable(index: usize) -> PsValue {
    PsValue::Variable(format!("tlsName{}", index + 1))
}

/// The name of a certificate as connectors take it. Of several that differ none is right.
fn look_up(index: usize, certificate: &PsValue) -> Result<String, Refused> {
    let PsValue::Hash(entries) = certificate else {
        return Ok(String::new());
    };
    let entry = |wanted: &str| {
        let found = entries.iter().find(|(key, _)| *key == wanted);
        found.map_or(PsValue::Null, |(_, value)| value.clone())
    };
    let by = match entry("Thumbprint") {
        thumbprint if thumbprint != PsValue::from("") => ("Thumbprint", thumbprint),
        _ => ("DomainName", PsValue::Array(vec![entry("Certificate")])),
    };
    let name = entry("Certificate");
    let text = match &name {
        PsValue::String(text) => text.as_str(),
        _ => "",
    };
    let wrong = PsValue::String(format!("{text}: exactly one certificate is needed"));
    Ok(format!(
        "\n# The certificate must be valid and used for SMTP on every server; connectors name its issuer and subject.\n$names = @({} | ForEach-Object {{ '<I>' + $_.Issuer + '<S>' + $_.Subject }} | Sort-Object -Unique)\nif ($names.Count -ne 1) {{ throw {} }}\n{} = $names[0]\n",
        command("Get-ExchangeCertificate", &[by])?,
        wrong.text()?,
        variable(index).text()?
    ))
}

/// What is said of an object before anything else.
fn comments(object: &Object) -> impl Iterator<Item = Cow<'_, str>> {
    let title = format!("{} ({})", object.name, object.origin);
    let why = Some(object.why.as_str()).filter(|why| !why.is_empty());
    std::iter::once(Cow::Owned(title)).chain(why.map(Cow::Borrowed))
}

fn asks_for(login: &str) -> String {
    format!("Asks for the user and password of {login}.")
}

/// One object: where it comes from, why it exists, and the calls that make it.
fn entry(
    object: &Object,
    calls: &[Call],
    certificates: &mut Certificates,
) -> Result<String, Refused> {
    let mut text = "\n".to_owned();
    for line in comments(object) {
        let _ = writeln!(text, "{}", comment(&line)?);
    }
    match object.stage {
        Some(Stage::Outgoing) => {
            text.push_str("# A step of its own: from here on outgoing mail takes this path.\n");
        }
        Some(Stage::Lock) => {
            text.push_str("# The last step: this rejects mail on any other path.\n");
        }
        None => {}
    }
    if object.adds {
        text.push_str("# This sets the whole list: run it only where the list is empty.\n");
    }
    if let Some(name) = &object.login {
        let asks = comment(&asks_for(name))?;
        let _ = write!(text, "{asks}\n$credential = Get-Credential\n");
    }
    let indent = if object.kind.per_server { "    " } else { "" };
    if object.kind.per_server {
        text.push_str("foreach ($server in $servers) {\n");
    }
    if object.takes {
        let words = object.properties.iter().map(|(_, value)| value.text());
        let words: Result<Vec<String>, Refused> = words.collect();
        text.push_str(&TAKEN.replace("WORDS", &words?.join(", ")));
    }
    for call in calls.iter().filter(|_| !object.takes) {
        text.push_str(&typed(indent, &plain(call, certificates))?);
    }
    if object.any_recipient == Some(true) {
        let name = PsValue::from(object.name.as_str()).text()?;
        text.push_str(&ANY_RECIPIENT.replace("NAME", &name));
    }
    if object.kind.per_server {
        text.push_str("}\n");
    }
    Ok(text)
}

/// The call as it is typed: one item without the brackets of a list, a variable for what has to be looked up.
fn plain(call: &Call, certificates: &mut Certificates) -> Call {
    let mut plain = Call::new(call.cmdlet);
    for (parameter, value) in &call.parameters {
        let value = match value {
            PsValue::Array(items) if items.len() == 1 => items.first().unwrap_or(value).clone(),
            PsValue::Hash(_) => certificates.name(value),
            other => other.clone(),
        };
        plain.parameters.push((parameter, value));
    }
    plain
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
