//! Services of master.cf: which of them counts in place of main.cf, and the verdict on every value of each.
//!
//! A service has parameters of its own (`-o name=value`). Those of the server on port 25 and of `trivial-rewrite(8)`, which
//! chooses the ways, count where the draft asks for the parameter. Sources: <https://www.postfix.org/master.5.html>,
//! <https://www.postfix.org/FILTER_README.html>

use crate::draft::Verdict;
use crate::draft::postfix::{Host, parameters};
use crate::import::{Export, Live, LiveObject, open_port};
use crate::values::Network;
use std::collections::BTreeMap;

/// What a service is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It takes mail on port 25.
    Main,
    /// It takes the mail of clients that log on.
    Submission,
    /// It takes mail from programs on the host itself.
    Loopback,
    /// It takes mail on another port.
    OtherPort,
    /// It chooses the ways.
    Ways,
    /// It hands mail to servers.
    Client,
    /// It hands mail to a program, or keeps it.
    Program,
    /// What else every host runs.
    Other,
}

/// The names by which a service is found: its name, and its type.
fn named(object: &LiveObject) -> (&str, &str) {
    object.name.split_once(' ').unwrap_or((&object.name, ""))
}

fn role(object: &LiveObject) -> Role {
    let (_, kind) = named(object);
    match object.word("command").as_str() {
        "smtpd" if kind == "pass" => Role::Main,
        "smtpd" | "postscreen" if kind == "inet" => match open_port(object) {
            None => Role::Loopback,
            Some("smtp" | "25") => Role::Main,
            Some("submission" | "submissions" | "smtps" | "587" | "465") => Role::Submission,
            Some(_) => Role::OtherPort,
        },
        "smtpd" => Role::Loopback,
        "trivial-rewrite" => Role::Ways,
        "smtp" | "lmtp" => Role::Client,
        "pipe" | "local" | "virtual" | "spawn" => Role::Program,
        _ => Role::Other,
    }
}

/// The parameter that a property of a service sets.
fn parameter(property: &str) -> Option<&str> {
    property.strip_prefix("-o ")
}

/// The parameters that count in place of those of main.cf, each with its service and its value.
pub(super) fn overrides(export: &Export) -> BTreeMap<&str, (&str, &str)> {
    let mut found = BTreeMap::new();
    for object in export.of_kind("master.cf") {
        let of_role = role(object);
        for (property, value) in &object.properties {
            let (Some(name), Live::Text(value)) = (parameter(property), value) else {
                continue;
            };
            let counts = match of_role {
                Role::Main => {
                    name.starts_with("smtpd_") || matches!(name, "mynetworks" | "content_filter")
                }
                Role::Ways => !name.starts_with("smtp"),
                _ => false,
            };
            if counts {
                let of_service = (object.name.as_str(), value.as_str());
                found.entry(name).or_insert(of_service);
            }
        }
    }
    found
}

/// The program behind a service that tables name; nothing where no export shows it.
pub(super) fn program<'e>(export: &'e Export, service: &str) -> Option<&'e str> {
    let mut all = export.of_kind("master.cf");
    let found = all.find(|object| named(object) == (service, "unix"))?;
    match found.properties.get("command") {
        Some(Live::Text(command)) => Some(command),
        _ => None,
    }
}

/// Judges every value of master.cf that was not judged where it counts.
pub(super) fn judge(host: &mut Host<'_>) {
    let export = &host.part.export;
    for object in export.of_kind("master.cf") {
        for (property, value) in &object.properties {
            let at = (
                "master.cf".to_owned(),
                object.name.clone(),
                property.clone(),
            );
            if host.is_judged(&at) {
                continue;
            }
            let text = host.with_values(&value.items().join(" ")).0;
            let (verdict, why) = verdict(host, object, property, &text);
            host.judge(at, verdict, &why);
        }
    }
    let text = host.value("content_filter");
    if !text.is_empty() {
        let (verdict, why) = filter(host, &text);
        host.judge_parameter("content_filter", verdict, &why);
    }
}

fn verdict(host: &Host<'_>, object: &LiveObject, property: &str, text: &str) -> (Verdict, String) {
    let because = |verdict, why: &str| (verdict, why.to_owned());
    let (service, _) = named(object);
    let is_used = host.uses(service);
    let role = role(object);
    let Some(name) = parameter(property) else {
        return match (role, property) {
            (Role::Main | Role::Ways | Role::Other, _) => {
                because(Verdict::Default, "a service that every host runs")
            }
            (Role::Submission, _) => because(
                Verdict::NoEffect,
                "clients log on here, and their mail goes the ways of all other mail",
            ),
            (Role::Loopback, _) => because(
                Verdict::NoEffect,
                "only programs on the host itself reach it",
            ),
            (Role::OtherPort, _) => because(
                Verdict::NotUnderstood,
                "the host takes mail on another port, which the language does not have for a location",
            ),
            (Role::Client, _) if is_used => {
                let path = format!("locations.{}.transports", host.part.location);
                (Verdict::Imported, path)
            }
            (Role::Program, "arguments") if is_used => because(
                Verdict::Unmanaged,
                "what a program does with mail, only the program says",
            ),
            (Role::Program, _) if is_used => {
                let path = format!("locations.{}.delivers_to", host.part.location);
                (Verdict::Imported, path)
            }
            (Role::Client | Role::Program, _) => {
                because(Verdict::NoEffect, "no table that was read hands mail to it")
            }
        };
    };
    if text.is_empty() {
        return because(Verdict::Default, "it is empty");
    }
    if host.in_main(name).is_some_and(|main| main == text) {
        return because(Verdict::Default, "main.cf says the same");
    }
    if let Some(why) = parameters::free(name, text) {
        return because(Verdict::NoEffect, why);
    }
    match role {
        Role::Submission if name == "content_filter" => filter(host, text),
        Role::Loopback => because(
            Verdict::NoEffect,
            "only programs on the host itself reach it",
        ),
        Role::Submission if name.ends_with("_restrictions") => {
            let words = crate::draft::postfix::words(text);
            let words: Vec<String> = words
                .into_iter()
                .filter(|word| !matches!(word.as_str(), "reject" | "defer"))
                .collect();
            // Behind a list that keeps others from relaying the second one need not.
            let keeps =
                name == "smtpd_relay_restrictions" || name == "smtpd_recipient_restrictions";
            if parameters::unusual(&words, keeps).is_none() {
                because(
                    Verdict::NoEffect,
                    "whoever logs on may write to everybody, as the language has it",
                )
            } else {
                because(
                    Verdict::NotUnderstood,
                    "it lets clients of this port do more or less than to log on and write to everybody",
                )
            }
        }
        Role::Submission
            if matches!(name, "smtpd_tls_security_level" | "smtpd_tls_wrappermode") =>
        {
            because(
                Verdict::NoEffect,
                "how clients that log on begin TLS, and not where their mail goes",
            )
        }
        Role::Submission if name == "mynetworks" && is_of_host_alone(text) => because(
            Verdict::NoEffect,
            "nobody but the host itself is trusted on this port",
        ),
        Role::Submission => because(
            Verdict::NotUnderstood,
            "it holds for clients of this port alone, which the language does not tell from others",
        ),
        Role::OtherPort => because(
            Verdict::NotUnderstood,
            "the host takes mail on another port, which the language does not have for a location",
        ),
        Role::Client if is_used || matches!(service, "smtp" | "relay") => because(
            Verdict::NotUnderstood,
            "it changes how this client hands mail over, and the draft says what main.cf says",
        ),
        Role::Client | Role::Program if !is_used => {
            because(Verdict::NoEffect, "no table that was read hands mail to it")
        }
        _ => because(
            Verdict::NotUnderstood,
            "it counts in place of the parameter of main.cf, and the draft does not say it",
        ),
    }
}

/// What a filter before the queue does. One on the host itself that hands the mail back changes nothing of the ways.
fn filter(host: &Host<'_>, text: &str) -> (Verdict, String) {
    let (service, next_hop) = text.split_once(':').unwrap_or((text, ""));
    let is_of_host = next_hop.contains("127.0.0.1")
        || next_hop.contains("[::1]")
        || next_hop.contains("localhost")
        || next_hop.starts_with("unix:")
        || matches!(host.program(service), Some("pipe" | "spawn"));
    let mut services = host.part.export.of_kind("master.cf");
    let way_back = services.find(|object| role(object) == Role::Loopback);
    match way_back {
        Some(back) if is_of_host => (
            Verdict::NoEffect,
            format!(
                "all mail passes a program on the host itself, and returns by `{}`",
                back.name
            ),
        ),
        _ => (
            Verdict::NotUnderstood,
            "all mail is handed to a filter before a way is chosen, and nothing says where it goes from there"
                .to_owned(),
        ),
    }
}

/// Whether a list of networks is of the host itself.
pub(super) fn is_of_host_alone(text: &str) -> bool {
    crate::draft::postfix::words(text).iter().all(|word| {
        let bare = word.replace(['[', ']'], "");
        let network = Network::parse(&bare);
        bare.starts_with("::ffff:127.") || network.is_ok_and(|it| it.first().is_loopback())
    })
}
