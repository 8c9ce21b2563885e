//! The parameters of main.cf that are ours. What is not named here stays as the host has it.

use crate::platforms::postfix::write::tables::{
    TableFile, TableKind, class_name, hop_text, partner_name,
};
use crate::platforms::postfix::write::{FOLDER, PRIVATE};
use crate::platforms::postfix::{Agent, Configuration, Key, OwnClient};
use crate::writer::Refused;
use crate::writer::postfix::{Part, Value, comment, inline, list, parameter, value};
use std::fmt::Write as _;

/// Where Postfix's own limit of 51,200,000 octets for a mailbox file would be smaller than a message.
const MAILBOX_LIMIT: u64 = 51_200_000;

/// The file, in sections. `tables` are the tables that hold anything.
pub(super) fn main_cf(
    location: &str,
    configuration: &Configuration,
    tables: &[TableFile],
) -> Result<String, Refused> {
    let mut file = File {
        text: String::new(),
        map_type: configuration.map_type.keyword(),
        tables,
    };
    file.note(&format!(
        "Written by mailtopo for locations.{location}: only the parameters that are its own. install.sh puts them into the main.cf of the host."
    ))?;
    file.domains(configuration)?;
    file.ways(configuration)?;
    file.tls(configuration)?;
    file.access(configuration)?;
    Ok(file.text)
}

/// The file that holds the private key and the chain of a certificate, below the configuration folder.
pub(super) fn certificate_file(name: &str) -> String {
    format!("{PRIVATE}/{}.pem", name.replace('*', "wildcard"))
}

struct File<'a> {
    text: String,
    map_type: &'a str,
    tables: &'a [TableFile],
}

impl File<'_> {
    fn domains(&mut self, configuration: &Configuration) -> Result<(), Refused> {
        self.section("Domains, each in one address class")?;
        let own = value(&[Part::Parameter("myhostname"), Part::Text(", localhost")])?;
        self.add("mydestination", &own)?;
        self.literal("virtual_alias_domains", "")?;
        self.note("A domain is accepted under exactly its name: relay_domains is not among these, and `.domain` keys stand for the names below.")?;
        self.literal(
            "parent_domain_matches_subdomains",
            "debug_peer_list, fast_flush_domains, mynetworks, permit_mx_backup_networks, qmqpd_authorized_clients",
        )?;
        let host = Part::Parameter("myhostname");
        let below = |key: &Key| matches!(key, Key::Below(_));
        // The host's own name is no unnamed subdomain: its mail, from cron say, stays here.
        let not_the_host = if configuration.relay_domains.keys().any(below) {
            vec![value(&[Part::Text("!"), host])?]
        } else {
            Vec::new()
        };
        self.maps_after(
            "relay_domains",
            not_the_host,
            &["relay_domains", "!not_relayed", "relay_subdomains"],
        )?;
        for (name, tables) in [
            (
                "relay_recipient_maps",
                &["relay_recipients", "relay_recipients_subdomains"][..],
            ),
            ("virtual_mailbox_domains", &["virtual_mailbox_domains"]),
            ("virtual_mailbox_maps", &["virtual_mailbox_maps"]),
            ("virtual_alias_maps", &["virtual_alias"]),
        ] {
            self.maps(name, tables)?;
        }
        if let Some(hop) = configuration.mailbox_hop {
            self.literal("virtual_transport", &hop_text(configuration, hop))?;
        }
        self.literal("recipient_delimiter", &configuration.recipient_delimiter)?;
        if let Some(size) = configuration.max_message_size {
            self.literal("message_size_limit", &size.to_string())?;
            if size > MAILBOX_LIMIT {
                self.literal("mailbox_size_limit", "0")?;
                self.literal("virtual_mailbox_limit", "0")?;
            }
        }
        Ok(())
    }

    fn ways(&mut self, configuration: &Configuration) -> Result<(), Refused> {
        self.section("Ways out")?;
        let host = Part::Parameter("myhostname");
        let below = |key: &Key| matches!(key, Key::Below(_));
        let the_host = if configuration.transport.keys().any(below) {
            vec![inline(&[host], &[Part::Text("local:"), host])?]
        } else {
            Vec::new()
        };
        if !the_host.is_empty() {
            self.note("The host's own mail stays here, even where its name lies below a domain that goes elsewhere.")?;
        }
        self.maps_after("transport_maps", the_host, &["transport"])?;
        let default = configuration.default.map(|entry| {
            (
                configuration.hop(entry.hop),
                hop_text(configuration, entry.hop),
            )
        });
        let client = |usual: &str| {
            let family = configuration.family;
            let client = OwnClient {
                family,
                ..OwnClient::default()
            };
            client.service(usual)
        };
        let usual = client("smtp");
        // A sender's way without a next hop of its own would take the relay host for one, so that the host is written where
        // only the usual way asks.
        let mut by_sender = configuration.sender_relay.values().flatten();
        let follows_mx = by_sender.any(|entry| configuration.hop(entry.hop).next_hop.is_empty());
        let (relayhost, transport) = match &default {
            None => ("", usual.as_str()),
            Some((hop, _)) if hop.service == "smtp" && !follows_mx => {
                (hop.next_hop.as_str(), "smtp")
            }
            Some((_, text)) => ("", text.as_str()),
        };
        if let Some(name) = &configuration.helo {
            self.literal("smtp_helo_name", name)?;
        }
        self.literal("relayhost", relayhost)?;
        self.literal("default_transport", transport)?;
        if configuration.family.is_some() {
            self.literal("relay_transport", &client("relay"))?;
        }
        self.maps("sender_dependent_default_transport_maps", &["sender_relay"])?;
        self.literal("sender_dependent_relayhost_maps", "")?;
        for agent in [Agent::Smtp, Agent::Lmtp] {
            if configuration.demands(agent).credentials.is_empty() {
                continue;
            }
            let named = |rest: &str| format!("{}_sasl_{rest}", agent.prefix());
            self.note("install.sh asks for the passwords and keeps them out of this file.")?;
            self.literal(&named("auth_enable"), "yes")?;
            let table = reference(self.map_type, "sasl_passwd")?;
            self.add(&named("password_maps"), &table)?;
            self.literal(&named("security_options"), "noanonymous, noplaintext")?;
            self.literal(&named("tls_security_options"), "noanonymous")?;
        }
        Ok(())
    }

    fn tls(&mut self, configuration: &Configuration) -> Result<(), Refused> {
        self.section("TLS")?;
        self.literal(
            "smtp_tls_security_level",
            configuration.smtp.default.keyword(),
        )?;
        self.maps("smtp_tls_policy_maps", &["tls_policy"])?;
        let over_lmtp = !configuration.lmtp.policies.is_empty();
        if over_lmtp {
            self.note("The LMTP client knows nothing of the parameters of the SMTP client.")?;
            self.maps("lmtp_tls_policy_maps", &["lmtp_tls_policy"])?;
        }
        let shown = [
            &configuration.certificate,
            &configuration.lmtp_certificate,
            &configuration.client_certificate,
        ];
        if shown.iter().any(|name| name.is_some()) {
            self.note("Private key first, then the certificate and its chain, in one file.")?;
        }
        if let Some(name) = &configuration.certificate {
            self.literal("smtpd_tls_security_level", "may")?;
            self.chain("smtpd_tls_chain_files", name)?;
        }
        if let Some(name) = &configuration.lmtp_certificate {
            self.chain("lmtp_tls_chain_files", name)?;
        }
        let mut own = configuration.own_clients.values();
        if let Some(name) = &configuration.client_certificate {
            self.chain("smtp_tls_chain_files", name)?;
        } else if configuration.certificate.is_some() || own.any(|own| own.certificate.is_some()) {
            self.note("A certificate is shown where a route asks for it, by a client of its own in master.cf, and to nobody else.")?;
            self.literal("smtp_tls_chain_files", "")?;
            self.literal("smtp_tls_cert_file", "")?;
        }
        Ok(())
    }

    /// Everything stands in one list, so that the host's own lists for clients, senders and recipients stay.
    fn access(&mut self, configuration: &Configuration) -> Result<(), Refused> {
        self.section("Who may do what")?;
        self.literal("mynetworks", "127.0.0.0/8, [::1]/128")?;
        let word = |text: &str| value(&[Part::Text(text)]);
        let mut restrictions = vec![word("permit_mynetworks")?];
        for (check, table) in [
            ("check_sender_access", "sender_access"),
            ("check_recipient_access", "recipient_access"),
            ("permit_sasl_authenticated", ""),
            ("check_client_access", "admitted"),
            ("check_client_access", "client_access"),
            ("reject_unauth_destination", ""),
        ] {
            if table.is_empty() {
                restrictions.push(word(check)?);
            } else if let Some(file) = self.tables.iter().find(|file| file.name == table) {
                restrictions.push(self.check(check, file)?);
            }
        }
        if configuration.callout {
            restrictions.push(word("reject_unverified_recipient")?);
        }
        self.line(&list("smtpd_relay_restrictions", &restrictions)?);
        if configuration.callout {
            let cache = value(&[
                Part::Text(self.map_type),
                Part::Text(":"),
                Part::Parameter("data_directory"),
                Part::Text("/verify_cache"),
            ])?;
            self.add("address_verify_map", &cache)?;
            self.literal("unverified_recipient_reject_code", "550")?;
        }
        self.classes(configuration)
    }

    fn classes(&mut self, configuration: &Configuration) -> Result<(), Refused> {
        let word = |text: &str| value(&[Part::Text(text)]);
        let mut names = Vec::new();
        let mut classes = Vec::new();
        for (at, limit) in configuration.limits.iter().enumerate() {
            let class = class_name(at);
            let (senders, recipients) = (format!("{class}_senders"), format!("{class}_recipients"));
            let find = |name: &str| self.tables.iter().find(|file| file.name == name);
            let otherwise = if limit.else_stranger {
                None
            } else {
                Some(word("reject")?)
            };
            let then = |check: Option<Value>| check.into_iter().chain(otherwise.clone()).collect();
            let check_recipients: Vec<Value> = then(
                find(&recipients)
                    .map(|file| self.check("check_recipient_access", file))
                    .transpose()?,
            );
            if limit.senders.is_empty() {
                names.push(word(&class)?);
                classes.push((class, check_recipients));
                continue;
            }
            let check_senders: Vec<Value> = then(
                find(&senders)
                    .map(|file| self.check("check_sender_access", file))
                    .transpose()?,
            );
            names.push(word(&class)?);
            classes.push((class, check_senders));
            if !limit.recipients.is_empty() {
                names.push(word(&recipients)?);
                classes.push((recipients, check_recipients));
            }
        }
        for at in 0..configuration.partners.len() {
            let class = partner_name(at);
            if let Some(file) = self.tables.iter().find(|file| file.name == class) {
                let servers = self.check("check_client_access", file)?;
                names.push(word(&class)?);
                classes.push((class, vec![word("reject_plaintext_session")?, servers]));
            }
        }
        if names.is_empty() {
            return Ok(());
        }
        self.line(&list("smtpd_restriction_classes", &names)?);
        for (class, elements) in classes {
            self.line(&list(&class, &elements)?);
        }
        Ok(())
    }

    fn check(&self, check: &str, file: &TableFile) -> Result<Value, Refused> {
        let kind = match file.kind {
            TableKind::Indexed => self.map_type,
            TableKind::Cidr => "cidr",
            TableKind::Regexp => "regexp",
        };
        value(&[
            Part::Text(check),
            Part::Text(" "),
            Part::Text(kind),
            Part::Text(":"),
            Part::Parameter("config_directory"),
            Part::Text("/"),
            Part::Text(FOLDER),
            Part::Text("/"),
            Part::Text(&file.name),
        ])
    }

    /// A parameter that names tables, of which only those that hold anything exist.
    fn maps(&mut self, parameter_name: &str, names: &[&str]) -> Result<(), Refused> {
        self.maps_after(parameter_name, Vec::new(), names)
    }

    /// The same, with other values before them. `!table` takes out what the table holds.
    fn maps_after(
        &mut self,
        parameter_name: &str,
        mut values: Vec<Value>,
        names: &[&str],
    ) -> Result<(), Refused> {
        for written in names {
            let name = written.trim_start_matches('!');
            let Some(file) = self.tables.iter().find(|file| file.name == name) else {
                continue;
            };
            let kind = match file.kind {
                TableKind::Indexed => self.map_type,
                TableKind::Cidr => "cidr",
                TableKind::Regexp => "regexp",
            };
            let sign = if *written == name { "" } else { "!" };
            values.push(reference(&format!("{sign}{kind}"), name)?);
        }
        match values.as_slice() {
            [] => self.literal(parameter_name, ""),
            [one] => self.add(parameter_name, one),
            several => {
                let text = list(parameter_name, several)?;
                self.line(&text);
                Ok(())
            }
        }
    }

    fn chain(&mut self, parameter_name: &str, certificate: &str) -> Result<(), Refused> {
        let file = certificate_file(certificate);
        let path = value(&[
            Part::Parameter("config_directory"),
            Part::Text("/"),
            Part::Text(&file),
        ])?;
        self.add(parameter_name, &path)
    }

    fn literal(&mut self, name: &str, text: &str) -> Result<(), Refused> {
        let text = value(&[Part::Text(text)])?;
        self.add(name, &text)
    }

    fn add(&mut self, name: &str, text: &Value) -> Result<(), Refused> {
        let line = parameter(name, text)?;
        self.line(&line);
        Ok(())
    }

    fn section(&mut self, title: &str) -> Result<(), Refused> {
        self.text.push('\n');
        self.note(title)
    }

    fn note(&mut self, text: &str) -> Result<(), Refused> {
        let line = comment(text)?;
        self.line(&line);
        Ok(())
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }
}

/// A table below our folder.
fn reference(kind: &str, name: &str) -> Result<Value, Refused> {
    value(&[
        Part::Text(kind),
        Part::Text(":"),
        Part::Parameter("config_directory"),
        Part::Text("/"),
        Part::Text(FOLDER),
        Part::Text("/"),
        Part::Text(name),
    ])
}
