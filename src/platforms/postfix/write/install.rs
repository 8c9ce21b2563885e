//! `install.sh`: a fixed frame, and at its head what only this location has.

use crate::platforms::postfix::write::main_cf::certificate_file;
use crate::platforms::postfix::write::tables::{TableFile, TableKind};
use crate::platforms::postfix::{Agent, Configuration, OwnClient};
use crate::writer::{Refused, shell};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The line of the frame that the settings take the place of.
const MARK: &str = "# settings\n";

/// The script. `tables` are the tables that hold anything.
pub(super) fn script(
    location: &str,
    configuration: &Configuration,
    tables: &[TableFile],
) -> Result<String, Refused> {
    let named = |kind: TableKind| {
        let names: Vec<_> = tables
            .iter()
            .filter(|table| table.kind == kind)
            .map(|table| table.name.as_str())
            .collect();
        names.join(" ")
    };
    let needs_authorities: Vec<_> = [Agent::Smtp, Agent::Lmtp]
        .into_iter()
        .filter(|agent| configuration.demands(*agent).needs_authorities())
        .map(Agent::prefix)
        .collect();
    let mut settings = String::new();
    for (name, value) in [
        ("location", location.to_owned()),
        ("map_type", configuration.map_type.keyword().to_owned()),
        ("indexed_tables", named(TableKind::Indexed)),
        ("cidr_tables", named(TableKind::Cidr)),
        ("regexp_tables", named(TableKind::Regexp)),
        ("services", configuration.services.join(" ")),
        ("needs_authorities", needs_authorities.join(" ")),
    ] {
        let _ = writeln!(settings, "{name}={}", shell::word(&value)?);
    }
    let own = configuration.own_clients.values();
    let shown: BTreeSet<&String> = own
        .filter_map(|own| own.certificate.as_ref())
        .chain(&configuration.certificate)
        .chain(&configuration.lmtp_certificate)
        .chain(&configuration.client_certificate)
        .collect();
    let certificates: Vec<_> = shown
        .iter()
        .map(|name| vec![(*name).clone(), certificate_file(name)])
        .collect();
    let credentials: Vec<_> = configuration
        .smtp
        .credentials
        .iter()
        .chain(&configuration.lmtp.credentials)
        .map(|(next_hop, name)| vec![name.clone(), next_hop.clone()])
        .collect();
    let clients: Vec<_> = configuration
        .own_clients
        .iter()
        .map(|(service, client)| {
            let fields = ["unix", "-", "-", "n", "-", "-", "smtp"].map(str::to_owned);
            let own = parameters(client).into_iter();
            let own = own.flat_map(|parameter| ["-o".to_owned(), parameter]);
            std::iter::once(service.clone())
                .chain(fields)
                .chain(own)
                .collect()
        })
        .collect();
    settings.push_str(&lines(
        "clients",
        "the service of master.cf of each SMTP client of its own",
        &clients,
    )?);
    settings.push_str(&lines(
        "certificates",
        "name and file of each certificate",
        &certificates,
    )?);
    settings.push_str(&lines(
        "credentials",
        "name and next hop of each credential",
        &credentials,
    )?);
    Ok(include_str!("install.sh").replacen(MARK, &settings, 1))
}

/// What an SMTP client has of its own.
fn parameters(client: &OwnClient) -> Vec<String> {
    let tls = client
        .begins_with_tls
        .then(|| "smtp_tls_wrappermode=yes".to_owned());
    let shown = client.certificate.as_ref().map(|name| {
        format!(
            "smtp_tls_chain_files=$config_directory/{}",
            certificate_file(name)
        )
    });
    let family = client
        .family
        .map(|family| format!("inet_protocols={}", family.keyword()));
    [tls, shown, family].into_iter().flatten().collect()
}

/// A function that prints rows of words without white space, one per line.
fn lines(function: &str, what: &str, rows: &[Vec<String>]) -> Result<String, Refused> {
    let mut text = format!("{}\n{function}() {{\n", shell::comment(what)?);
    if rows.is_empty() {
        text.push_str("  :\n");
    }
    for row in rows {
        if let Some(word) = row.iter().find(|word| word.contains(char::is_whitespace)) {
            return Err(Refused::new(format!(
                "`{word}` holds white space and cannot stand in install.sh"
            )));
        }
        let row = shell::word(&row.join(" "))?;
        let _ = writeln!(text, "  printf '%s\\n' {row}");
    }
    text.push_str("}\n");
    Ok(text)
}
