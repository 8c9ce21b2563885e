//! The running Postfix judges what `import` and `drift` say of a host.
//!
//! `import`: a host and the one that is compiled from its import are asked for every recipient, from every kind of client
//! and sender. `drift`: a table of a compiled host gets another line; it says that mail goes elsewhere exactly where the
//! changed host answers otherwise.

use super::folder::{Files, Folder, emitted, hostname};
use super::lab::{Instance, Master};
use super::oracle::{questions, witnesses};
use super::policy::{Demand, Policies};
use super::relays;
use super::session::{Resolved, Rewrite, Session, recipients};
use super::specs;
use mailtopo::compile::{self, Input};
use mailtopo::testing::plan::Configuration;
use mailtopo::testing::values::Date;
use mailtopo::testing::{drift_folder, import_folder};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// Hosts that one master serves at once.
const AT_ONCE: usize = 40;

/// One of so many changes is looked at in an everyday run; `LAWS` asks for all.
const PART: usize = 7;

/// A client, an envelope sender and a recipient.
type Mail = (String, String, String);

/// What becomes of each: why it is refused, or where each address that it became goes.
type Answers = BTreeMap<Mail, BTreeSet<String>>;

/// A host that is asked, and what it is asked for.
struct Asked {
    name: String,
    hostname: String,
    files: Files,
    mails: BTreeSet<Mail>,
}

fn today() -> Date {
    Date::parse("2026-01-01").expect("a day")
}

/// Starts all of these, some at a time, and asks each.
fn ask(hosts: &[Asked]) -> Vec<Answers> {
    let mut all = Vec::new();
    for hosts in hosts.chunks(AT_ONCE) {
        let folders: Vec<Folder> = hosts
            .iter()
            .map(|at| Folder::of_host(&at.name, &at.hostname, &at.files))
            .collect();
        let configs: Vec<_> = folders.iter().map(Folder::config).collect();
        let instances: Vec<Instance<'_>> = (0..hosts.len())
            .map(|number| Instance {
                number,
                folder: &configs[number],
                hostname: &hosts[number].hostname,
                parameters: with_users(&folders[number]),
            })
            .collect();
        let master = Master::start(&instances);
        let answers = hosts.iter().zip(&folders).enumerate();
        all.extend(answers.map(|(number, (at, folder))| answers_of(&master, number, folder, at)));
        let mut warnings = master.warnings();
        // Hosts that list a domain in two classes are asked on purpose.
        warnings.retain(|line| !line.contains("do not list domain"));
        assert!(warnings.is_empty(), "{warnings:#?}");
    }
    all
}

/// The users of a host are no part of its folder: whoever is not in a table of it exists.
fn with_users(folder: &Folder) -> Vec<(String, String)> {
    let users = ("local_recipient_maps".to_owned(), String::new());
    let own = folder.parameters.iter().cloned();
    std::iter::once(users).chain(own).collect()
}

fn answers_of(master: &Master, number: usize, folder: &Folder, asked: &Asked) -> Answers {
    let mut sessions: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for (client, sender, recipient) in &asked.mails {
        let of_sender = sessions.entry((client, sender)).or_default();
        of_sender.push(recipient.clone());
    }
    let mut rewrite = Rewrite::open(&master.socket("private", &format!("rewrite{number}")));
    let smtpd = master.socket("public", &format!("smtpd{number}"));
    let mut answers = Answers::new();
    let mut became: Vec<(Mail, String, Resolved)> = Vec::new();
    for ((client, sender), to) in sessions {
        let mut session = Session::open(&smtpd, client);
        let (replies, id) = session.message(sender, &to);
        let kept = id.map_or_else(Vec::new, |id| recipients(&master.held(&id)));
        for (recipient, reply) in to.iter().zip(replies) {
            let mail = (client.to_owned(), sender.to_owned(), recipient.clone());
            let found = answers.entry(mail.clone()).or_default();
            if reply.code == 250 {
                let all = kept.iter().filter(|(original, _)| original == recipient);
                became.extend(all.map(|(_, became)| {
                    let resolved = rewrite.resolve(sender, became);
                    (mail.clone(), became.clone(), resolved)
                }));
            } else if reply.text.contains("the next hop is not known yet") {
                found.insert("waits".to_owned());
            } else if reply.text.contains("Session encryption is required") {
                found.insert("refused without TLS".to_owned());
            } else {
                found.insert("refused".to_owned());
            }
        }
    }
    let policies = Policies::of(folder, became.iter().map(|(.., resolved)| resolved));
    for (mail, became, resolved) in &became {
        let way = way(became, resolved, &policies);
        let became = if *became == mail.2 { "" } else { became };
        let found = answers.entry(mail.clone()).or_default();
        found.insert(format!("{became} {way}").trim().to_owned());
    }
    answers
}

/// Where an address goes, in words that do not depend on how a host calls its services.
fn way(address: &str, resolved: &Resolved, policies: &Policies) -> String {
    let (transport, next_hop) = (resolved.transport.as_str(), resolved.next_hop.as_str());
    let domain = address.rsplit('@').next().unwrap_or_default();
    match transport {
        "error" if !next_hop.starts_with('4') => return "refused".to_owned(),
        "error" | "retry" => return "waits".to_owned(),
        "discard" => return "thrown away".to_owned(),
        "local" | "virtual" => return "stays here".to_owned(),
        _ => {}
    }
    let demand = match policies.demand(resolved) {
        Demand::Sender(level) | Demand::Both(level) => level.to_string(),
    };
    let client = match transport {
        "smtp" | "relay" => "",
        other => other,
    };
    let hop = next_hop.trim_end_matches(":25").to_lowercase();
    let hop = if hop == domain { "by its MX" } else { &hop };
    format!("{client} {hop} ({demand})").trim().to_owned()
}

/// What an import makes of a host: the host of the draft, and the ledger.
fn taken_over(name: &str, files: &Files) -> (Files, String, Value) {
    let (draft, _) =
        import_folder("mx", files, today()).unwrap_or_else(|why| panic!("{name}: {why}"));
    let ledger = serde_json::from_slice(&draft["import.json"]).expect("JSON");
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &draft["mailtopo.yaml"],
        files: &draft,
    };
    let plan = compile::plan(&input, None).plan.expect("a plan");
    (emitted(&plan, "mx"), hostname(&plan, "mx"), ledger)
}

/// Hosts that exist: of the examples, and written by hand. Each with its name, and recipients to ask for beside those that
/// its tables name.
fn existing() -> Vec<(String, Files, Vec<String>)> {
    let mut all = Vec::new();
    for case in specs::examples() {
        for (id, location) in case.plan.topology.locations() {
            if matches!(case.plan.place(id).configuration, Configuration::Postfix(_)) {
                let name = format!("{} {}", case.name, location.name);
                let files = emitted(&case.plan, &location.name);
                all.push((name, files, witnesses(&case.plan)));
            }
        }
    }
    let names = relays::DOMAINS.iter();
    let to: Vec<String> = names.map(|name| format!("someone@{name}")).collect();
    for (number, files) in relays::hosts().into_iter().enumerate() {
        all.push((format!("relay {number}"), files, to.clone()));
    }
    let below = to.iter().map(|at| at.replace('@', "@below."));
    let to: Vec<String> = below.chain(to.clone()).collect();
    for (about, files) in relays::others() {
        all.push((about.to_owned(), files, to.clone()));
    }
    all
}

/// An address for each key of each table.
fn keys(files: &Files) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, bytes) in files {
        if name == "main.cf" || name == "install.sh" {
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        let lines = text.lines().filter(|line| !line.starts_with(['#', ' ']));
        for key in lines.filter_map(|line| line.split_whitespace().next()) {
            let address = match key.rsplit_once('@') {
                Some(("", domain)) => format!("someone@{domain}"),
                Some(_) => key.to_owned(),
                None => match key.strip_prefix('.') {
                    Some(base) => format!("someone@below.{base}"),
                    None => format!("someone@{key}"),
                },
            };
            let domain = address.rsplit('@').next().unwrap_or_default();
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
            let is_host = domain.contains(|c: char| c.is_ascii_alphabetic());
            if domain.contains('.') && domain.chars().all(is_name) && is_host {
                found.insert(address);
            }
        }
    }
    found
}

#[test]
fn an_imported_host_sends_mail_where_the_host_does() {
    let mut hosts = Vec::new();
    let mut ledgers = Vec::new();
    for (name, files, more) in existing() {
        let (compiled, hostname, ledger) = taken_over(&name, &files);
        let mut to: BTreeSet<String> = keys(&files).into_iter().chain(more).collect();
        to.insert("someone@nowhere.example".to_owned());
        let mut from: BTreeSet<String> = relays::SENDERS.map(str::to_owned).into();
        from.insert(String::new());
        from.extend(to.iter().filter(|it| it.is_ascii()).take(3).cloned());
        let mut mails = BTreeSet::new();
        for client in ["127.0.0.1", "203.0.113.77", "192.0.2.25", "10.0.10.7"] {
            for sender in &from {
                let each = to.iter();
                mails.extend(each.map(|to| (client.to_owned(), sender.clone(), to.clone())));
            }
        }
        for files in [files, compiled] {
            hosts.push(Asked {
                name: name.clone(),
                hostname: hostname.clone(),
                files,
                mails: mails.clone(),
            });
        }
        ledgers.push(ledger);
    }
    let (mut equal, mut named) = (0, 0);
    let mut wrong: BTreeMap<String, Vec<&Mail>> = BTreeMap::new();
    let all = ask(&hosts);
    for (number, answers) in all.chunks(2).enumerate() {
        let (name, ledger) = (&hosts[2 * number].name, &ledgers[number]);
        for (mail, before) in &answers[0] {
            let after = &answers[1][mail];
            if before == after {
                equal += 1;
            } else if is_named(ledger, mail, [before, after]) {
                named += 1;
            } else {
                let what = format!("{name}: {before:?} became {after:?}");
                wrong.entry(what).or_default().push(mail);
            }
        }
    }
    println!(
        "{} hosts: {equal} equal, {named} as the ledger says",
        hosts.len() / 2
    );
    let wrong = wrong.iter().map(|(what, mails)| {
        let (client, sender, recipient) = mails[0];
        format!(
            "{what} ({} of them, such as {sender} at {client} to {recipient})",
            mails.len()
        )
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether the ledger names something that this mail depends on and the draft does not say: an entry that says where it goes,
/// or, where only one of the two hosts takes it, one that says who may write to whom.
fn is_named(
    ledger: &Value,
    (_, sender, recipient): &Mail,
    [before, after]: [&BTreeSet<String>; 2],
) -> bool {
    let is_refused = |found: &BTreeSet<String>| found.iter().all(|it| it.starts_with("refused"));
    let is_about_access = is_refused(before) != is_refused(after);
    let is_for = |address: &str, key: &str| {
        let (local, domain) = address.rsplit_once('@').unwrap_or_default();
        let plain = local.split(['+', '-']).next().unwrap_or_default();
        let below = |base: &str| domain.ends_with(&format!(".{base}"));
        let key = key.trim_start_matches('@');
        key == domain
            || key == address
            || key == format!("{plain}@{domain}")
            || key.strip_prefix('.').is_some_and(below)
    };
    let entries = ledger["entries"].as_array().expect("a list").iter();
    let not_said = ["not-understood", "unmanaged", "truncated"];
    let mut entries = entries.filter(|entry| not_said.iter().any(|word| entry["verdict"] == *word));
    entries.any(|entry| {
        let text = |name: &str| entry[name].as_str().expect("a text");
        let (object, property) = (text("object"), text("property"));
        if text("reason").starts_with("a list of recipients") {
            return is_about_access && is_refused(before);
        }
        let is_of = |names: &[&str]| names.iter().any(|name| object.ends_with(name));
        if is_of(&["main.cf"]) {
            return match property {
                "relay_domains" => is_about_access,
                "smtp_tls_security_level" => !is_about_access,
                "default_transport" | "relay_transport" | "transport_maps" => true,
                _ if property.starts_with("virtual_alias") => true,
                _ if property.ends_with("canonical_maps") => true,
                _ if property.starts_with("sender_dependent") => !is_about_access,
                _ => property.ends_with("_restrictions") && is_about_access,
            };
        }
        // An expression may be about any mail.
        if object.starts_with("table regexp:") {
            return true;
        }
        if is_of(&[
            "/transport",
            "/relay_domains",
            "/virtual_mailbox_domains",
            "/domains",
            "/tls",
        ]) {
            return is_for(recipient, property);
        }
        if is_of(&["/by_sender"]) {
            return is_for(sender, property);
        }
        is_about_access && (is_for(recipient, property) || is_for(sender, property))
    })
}

/// A file of a host with other lines: what was changed, and the files.
fn changed(files: &Files) -> Vec<(String, Files)> {
    let mut all = Vec::new();
    let mut add = |name: &str, what: String, lines: Vec<String>| {
        let mut other = files.clone();
        other.insert(name.to_owned(), (lines.join("\n") + "\n").into_bytes());
        all.push((format!("{name}: {what}"), other));
    };
    for (name, bytes) in files {
        if name == "install.sh" {
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let is_entry = |line: &str| !line.is_empty() && !line.starts_with(['#', ' ', '\t']);
        if name == "main.cf" {
            for (parameter, value) in [
                ("relayhost", ""),
                ("relayhost", "[relay.unlisted.example]"),
                ("smtp_tls_security_level", "none"),
                ("smtp_tls_security_level", "encrypt"),
                ("recipient_delimiter", ""),
                ("virtual_transport", "lmtp:unix:private/other"),
                ("mynetworks", "127.0.0.0/8, 203.0.113.0/24"),
            ] {
                let start = format!("{parameter} =");
                if lines.iter().any(|line| line.starts_with(&start)) {
                    let set = format!("{start} {value}");
                    let lines = lines.iter().map(|line| {
                        let is_it = line.starts_with(&start);
                        if is_it { set.clone() } else { line.clone() }
                    });
                    add(name, set.clone(), lines.collect());
                }
            }
            continue;
        }
        let mut values: Vec<&str> = lines
            .iter()
            .filter(|line| is_entry(line))
            .filter_map(|line| line.split_once(char::is_whitespace))
            .map(|(_, value)| value.trim())
            .collect();
        values.sort_unstable();
        values.dedup();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| is_entry(line)) {
            let Some((key, value)) = line.split_once(char::is_whitespace) else {
                continue;
            };
            // The spec has one name for all spellings of a domain, and these hosts speak no IPv6.
            if !key.is_ascii() || key.contains("xn--") || key.contains("::") {
                continue;
            }
            let mut rest = lines.clone();
            rest.remove(number);
            add(name, format!("without {key}"), rest);
            // Of a certificate only its check is asked, and not for which name.
            let others = values.iter().filter(|other| **other != value.trim());
            for other in others.filter(|other| !other.contains("match=")) {
                let mut rest = lines.clone();
                rest[number] = format!("{key} {other}");
                add(name, format!("{key} {other}"), rest);
            }
        }
        let is_of_names = |line: &&String| is_entry(line) && !line.starts_with(['[', '/']);
        let first = lines.iter().find(is_of_names);
        let is_network = first.is_some_and(|line| line.contains('/'));
        if let Some(value) = values.first().filter(|_| first.is_some() && !is_network) {
            let mut more = lines.clone();
            more.push(format!("unlisted.example {value}"));
            add(name, format!("unlisted.example {value}"), more);
        }
    }
    all
}

/// What `drift` says of a changed host.
struct Said {
    /// Which mail goes elsewhere (C004).
    moved: Vec<String>,
    /// Of a difference it says that nobody followed it, or that clients of no mail of the spec may do more.
    is_open: bool,
}

/// Mail beyond that of the spec: from the first address of every network of the tables, and as every domain that they have.
fn beyond(files: &Files, mails: &BTreeSet<Mail>) -> BTreeSet<Mail> {
    let mut clients: BTreeSet<String> = mails.iter().map(|(at, ..)| at.clone()).collect();
    clients.insert("203.0.113.5".to_owned());
    let mut senders: BTreeSet<String> = mails.iter().map(|(_, from, _)| from.clone()).collect();
    for (name, bytes) in files {
        let text = String::from_utf8_lossy(bytes);
        let keys = text.lines().filter(|line| !line.starts_with(['#', ' ']));
        let keys = keys.filter_map(|line| line.split_whitespace().next());
        for key in keys {
            match key.split_once('/') {
                Some((first, _)) if first.parse::<Ipv4Addr>().is_ok() => {
                    clients.insert(first.to_owned());
                }
                _ if name == "sender_access" && key.is_ascii() => {
                    senders.insert(format!("someone@{}", key.trim_start_matches('.')));
                }
                _ => {}
            }
        }
    }
    let to: BTreeSet<&String> = mails.iter().map(|(.., to)| to).collect();
    let mut all = BTreeSet::new();
    for client in &clients {
        for sender in &senders {
            let each = to.iter();
            all.extend(each.map(|to| (client.clone(), sender.clone(), (*to).clone())));
        }
    }
    all
}

#[test]
fn mail_goes_elsewhere_where_drift_says_so() {
    let part = std::env::var("LAWS").map_or(PART, |part| part.parse().unwrap_or(1));
    let mut hosts = Vec::new();
    // Of each host what `drift` says, and the mail of the spec; of one as compiled nothing.
    let mut said: Vec<Option<Said>> = Vec::new();
    let mut of_spec: Vec<BTreeSet<Mail>> = Vec::new();
    let mut number = 0;
    for case in specs::examples() {
        let asked = questions(&case.plan);
        for (id, location) in case.plan.topology.locations() {
            if !matches!(case.plan.place(id).configuration, Configuration::Postfix(_)) {
                continue;
            }
            let place = &location.name;
            let hostname = hostname(&case.plan, place);
            let own = asked.iter().filter(|(at, _)| *at == id);
            let mut mails: BTreeSet<Mail> = own.map(|(_, it)| it.mail()).collect();
            let who = mails.iter().map(|(at, from, _)| (at.clone(), from.clone()));
            let who: BTreeSet<(String, String)> = who.collect();
            for (client, sender) in who {
                mails.insert((client, sender, "someone@unlisted.example".to_owned()));
            }
            let files = emitted(&case.plan, place);
            let all = beyond(&files, &mails);
            let title = format!("{} {place}", case.name);
            let mut add = |name: String, files: Files| {
                of_spec.push(mails.clone());
                hosts.push(Asked {
                    name,
                    hostname: hostname.clone(),
                    files,
                    mails: all.clone(),
                });
            };
            add(title.clone(), files.clone());
            said.push(None);
            for (what, live) in changed(&files) {
                number += 1;
                if number % part != 0 {
                    continue;
                }
                let input = Input {
                    name: "mailtopo.yaml",
                    bytes: case.text.as_bytes(),
                    files: &case.files,
                };
                let (findings, _) = drift_folder(&input, place, &live, today())
                    .unwrap_or_else(|why| panic!("{title}: {why}"));
                let messages = |code: &str| -> Vec<String> {
                    let of_code = findings.iter().filter(|finding| finding.check == code);
                    of_code.map(|finding| finding.message.clone()).collect()
                };
                let is_open = |text: &String| {
                    text.contains("was not followed") || text.contains("which the spec does not")
                };
                said.push(Some(Said {
                    moved: messages("C004"),
                    is_open: messages("C002").iter().any(is_open),
                }));
                add(format!("{title}: {what}"), live);
            }
        }
    }
    let answers = ask(&hosts);
    let (mut elsewhere, mut wrong) = (0, Vec::new());
    let mut before = &answers[0];
    let own = said.iter().zip(&of_spec);
    for ((host, (said, mails)), after) in hosts.iter().zip(own).zip(&answers) {
        let Some(said) = said else {
            before = after;
            continue;
        };
        let is_moved = |mail: &&Mail| before[*mail] != after[*mail];
        let moved = mails.iter().find(is_moved);
        elsewhere += usize::from(moved.is_some());
        let is_missed = moved.is_some() && said.moved.is_empty() && !said.is_open;
        let is_invented = !said.moved.is_empty() && !before.keys().any(|mail| is_moved(&mail));
        let is_unsaid =
            said.moved.is_empty() && !said.is_open && before.keys().any(|mail| is_moved(&mail));
        if is_missed || is_invented || is_unsaid {
            let moved = moved.or_else(|| before.keys().find(is_moved));
            let moved =
                moved.map(|mail| format!("{mail:?}: {:?} became {:?}", before[mail], after[mail]));
            wrong.push(format!(
                "{}: Postfix: {moved:?}; drift: {:?}",
                host.name, said.moved
            ));
        }
    }
    println!("of {number} lines, of every {part}th {elsewhere} send mail elsewhere");
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
    assert!(elsewhere > 5, "only {elsewhere} send mail elsewhere");
}
