//! Specs with Postfix locations: the examples, and generated ones that are the same for the same number.

use mailtopo::compile::{self, Input};
use mailtopo::testing::plan::{Configuration, Plan};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// A spec that derives without a mistake.
pub(crate) struct Case {
    /// How messages name it.
    pub name: String,
    /// What was written.
    pub text: String,
    /// The files beside it.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What will be configured.
    pub plan: Plan,
}

/// Every example with a Postfix location.
pub(crate) fn examples() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .expect("examples")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    names.sort();
    let mut cases = Vec::new();
    for path in names {
        let Ok(text) = std::fs::read_to_string(path.join("mailtopo.yaml")) else {
            continue;
        };
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(&path).expect("an example") {
            let entry = entry.expect("an entry");
            if let Ok(bytes) = std::fs::read(entry.path()) {
                files.insert(entry.file_name().to_string_lossy().into_owned(), bytes);
            }
        }
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        cases.extend(case(&name, text, &files));
    }
    cases
}

/// The generated spec of this number; some numbers make one that mailtopo refuses.
pub(crate) fn generated(number: u64) -> Option<Case> {
    let text = Writer::new(number).spec();
    case(&format!("generated {number}"), text, &BTreeMap::new())
}

/// The case of a text, where it has no mistake and a Postfix location.
pub(crate) fn case(name: &str, text: String, files: &BTreeMap<String, Vec<u8>>) -> Option<Case> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: text.as_bytes(),
        files,
    };
    let checked = compile::plan(&input, None);
    let wrong = checked
        .findings
        .iter()
        .any(|finding| finding.severity == mailtopo::testing::finding::Severity::Error);
    let plan = checked.plan.filter(|_| !wrong)?;
    let postfix = |place: &mailtopo::testing::plan::LocationPlan| {
        matches!(place.configuration, Configuration::Postfix(_))
    };
    plan.places.iter().any(postfix).then(|| Case {
        name: name.to_owned(),
        text,
        files: files.clone(),
        plan,
    })
}

/// `splitmix64`: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or(0)
    }

    fn one_in(&mut self, odds: usize) -> bool {
        self.below(odds) == 0
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

struct Writer {
    random: Random,
    text: String,
    postfix: Vec<String>,
    others: Vec<String>,
    /// Domains of the spec.
    domains: Vec<&'static str>,
}

const DOMAINS: [&str; 8] = [
    "fabrikam.example",
    "eu.fabrikam.example",
    "de.eu.fabrikam.example",
    "contoso.example",
    "lab.contoso.example",
    "bücher.example",
    "a-b.example",
    "tailspin.example",
];

const PEOPLE: [&str; 6] = ["anna", "ben", "carla.d", "o'neil", "root", "sales-eu"];

impl Writer {
    fn new(number: u64) -> Self {
        Self {
            random: Random(number),
            text: String::new(),
            postfix: Vec::new(),
            others: Vec::new(),
            domains: Vec::new(),
        }
    }

    fn spec(mut self) -> String {
        self.text.push_str("version: 1\nlocations:\n");
        self.locations();
        self.domains();
        let explicit = self.random.one_in(6);
        self.partners();
        self.devices();
        if explicit {
            self.text.push_str("routing: explicit\n");
        }
        self.routes(explicit);
        self.rules();
        self.text
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }

    fn locations(&mut self) {
        let count = 1 + self.random.below(3);
        self.postfix = (1..=count).map(|at| format!("mx{at}")).collect();
        if self.random.one_in(2) {
            self.others.push("cloud".to_owned());
            self.line(
                "  cloud: {kind: exchange-online, tenant: fabrikam, reject_direct_send: true}",
            );
        }
        if self.random.one_in(4) {
            self.others.push("legacy".to_owned());
            self.line("  legacy: {kind: smtp, hosts: [legacy.hosts.example], egress: [192.0.2.90], certificate: legacy.hosts.example}");
        }
        let gateway = self.random.one_in(5);
        if gateway {
            self.line("  filter:\n    kind: gateway\n    hosts: [filter.hosts.example]\n    egress: [192.0.2.128/28]\n    certificate: filter.hosts.example\n    forwards: {\"*\": mx1}");
        }
        for at in 1..=count {
            let parent = (0..self.random.below(3)).last().and_then(|_| {
                let earlier: Vec<String> = self
                    .postfix
                    .iter()
                    .take(at - 1)
                    .chain(&self.others)
                    .cloned()
                    .collect();
                (!earlier.is_empty()).then(|| self.random.pick(&earlier).clone())
            });
            self.postfix_location(at, parent, gateway);
        }
    }

    fn postfix_location(&mut self, at: usize, parent: Option<String>, gateway: bool) {
        let host = format!("mx{at}.hosts.example");
        self.line(&format!("  mx{at}:\n    kind: postfix"));
        let hosts = match self.random.below(5) {
            0 => format!("[{host}, mx{at}b.hosts.example]"),
            1 => format!("[\"{host}:2525\"]"),
            2 => format!("[{{name: {host}, preference: 5}}, 192.0.2.{at}]"),
            _ => format!("[{host}]"),
        };
        self.line(&format!("    hosts: {hosts}\n    egress: [192.0.2.{at}0]"));
        if !self.random.one_in(5) {
            let issuer = *self.random.pick(&["public", "private", "self-signed"]);
            self.line(&format!(
                "    certificate: {{names: [{host}], issuer: {issuer}}}"
            ));
        }
        let service = match self.random.below(4) {
            0 => {
                "{\"*\": \"lmtp:unix:private/dovecot-lmtp\", eu.fabrikam.example: \"lmtp:[127.0.0.1]:24\"}"
            }
            1 => "virtual",
            _ => "\"lmtp:unix:private/dovecot-lmtp\"",
        };
        self.line(&format!("    delivers_to: {service}"));
        let map_type = *self.random.pick(&["lmdb", "lmdb", "hash", "texthash"]);
        self.line(&format!("    map_type: {map_type}"));
        match self.random.below(6) {
            0 => self.line("    recipient_delimiter: \"\""),
            1 => self.line("    recipient_delimiter: \"-\""),
            2 => self.line("    recipient_delimiter: \"+\""),
            _ => {}
        }
        if self.random.one_in(5) {
            self.line(&format!("    trusted_networks: [10.{at}.0.0/16]"));
        }
        if let Some(parent) = parent {
            self.line(&format!("    sends: {{via: {parent}}}"));
        }
        if gateway && self.random.one_in(3) {
            self.line("    accept_only_from: [filter]");
        }
        if self.random.one_in(8) {
            self.line("    directory: own");
        }
    }

    fn domains(&mut self) {
        self.line("domains:");
        let count = 1 + self.random.below(5);
        let mut names = DOMAINS.to_vec();
        for _ in 0..count {
            let name = names.remove(self.random.below(names.len()));
            self.domains.push(name);
            self.domain(name);
        }
        if self.random.one_in(3) {
            self.line("  old.fabrikam.example: {parked: true}");
        }
        if self.random.one_in(4) {
            self.line("  news.contoso.example: {send_only: true}");
        }
    }

    fn domain(&mut self, name: &str) {
        let places: Vec<String> = self.postfix.iter().chain(&self.others).cloned().collect();
        let first = self.random.pick(&self.postfix.clone()).clone();
        let second = self.random.pick(&places).clone();
        let list = |people: &[&str]| {
            let all: Vec<_> = people
                .iter()
                .map(|person| format!("\"{person}@{name}\""))
                .collect();
            format!("[{}]", all.join(", "))
        };
        let mut listed_at = None;
        let mailboxes = match self.random.below(8) {
            0 => first.clone(),
            1 => second.clone(),
            2 => format!("{{{first}: 12}}"),
            3 if first != second => {
                format!("{{{first}: {}, {second}: rest}}", list(&PEOPLE[..2]))
            }
            4 if first != second => {
                format!("{{{second}: {}, {first}: rest}}", list(&PEOPLE[..2]))
            }
            5 | 6 if first != second => {
                listed_at = Some(first.clone());
                format!(
                    "{{{first}: {}, {second}: {}}}",
                    list(&PEOPLE[..3]),
                    list(&PEOPLE[3..])
                )
            }
            _ => {
                listed_at = Some(first.clone());
                format!("{{{first}: {}}}", list(&PEOPLE[..4]))
            }
        };
        self.line(&format!("  {name}:\n    mailboxes: {mailboxes}"));
        let mx = match self.random.below(6) {
            0 if self.postfix.len() > 1 => format!("[{}, {}]", self.postfix[0], self.postfix[1]),
            1 => self.random.pick(&places).clone(),
            2 => first,
            _ => self.random.pick(&self.postfix.clone()).clone(),
        };
        self.line(&format!("    mx: {mx}"));
        if self.random.one_in(5) {
            self.line("    subdomains: true");
        }
        if listed_at.is_some() {
            if self.random.one_in(4) {
                self.line(&format!("    catch_all: \"{}@{name}\"", PEOPLE[0]));
            }
            if self.random.one_in(3) {
                let target = match self.random.below(3) {
                    0 => format!("{}@{name}", PEOPLE[1]),
                    1 => "someone@elsewhere.example".to_owned(),
                    _ => format!("{}@{}", PEOPLE[0], self.domains[0]),
                };
                let keep = self.random.one_in(2);
                self.line(&format!(
                    "    forwards: [{{address: \"{}@{name}\", target: \"{target}\", keep_copy: {keep}}}]",
                    PEOPLE[2]
                ));
            }
        }
    }

    fn partners(&mut self) {
        let via = self.random.pick(&self.postfix.clone()).clone();
        self.line("partners:");
        self.line("  bank:\n    domains: [bank.example, \"*.bank.example\"]");
        let tls = *self
            .random
            .pick(&["opportunistic", "encrypted", "verified", "ca-verified"]);
        self.line(&format!(
            "    tls: {tls}\n    certificate: \"*.bank.example\"\n    addresses: [198.51.100.0/28]"
        ));
        if self.random.one_in(2) {
            self.line("    hosts: [in1.bank.example, \"in2.bank.example:2525\"]");
        }
        if self.random.one_in(2) {
            self.line(&format!("    via: [{via}]"));
        }
        if self.random.one_in(3) {
            let tls = *self
                .random
                .pick(&["opportunistic", "encrypted", "verified"]);
            self.line(&format!("  museum:\n    domains: [büro.größe.example, \"*.büro.größe.example\"]\n    tls: {{outbound: {tls}}}\n    certificate: mx.museum.example"));
        }
        if self.random.one_in(3) {
            self.line("  archive:\n    domains: [journal.archive.example]\n    hosts: [smtp.archive.example]\n    tls: encrypted");
        }
    }

    fn devices(&mut self) {
        if self.random.one_in(3) {
            return;
        }
        let via = self.random.pick(&self.postfix.clone()).clone();
        let domain = self.domains[0];
        self.line("devices:");
        let to = *self.random.pick(&[
            "internal",
            "anyone",
            "[bank.example, \"*.fabrikam.example\"]",
        ]);
        self.line(&format!("  scanners:\n    addresses: [10.9.0.7, 10.9.1.0/28]\n    sends_as: [\"scan@{domain}\"]\n    sends_to: {to}\n    method: relay\n    via: {via}"));
        if self.random.one_in(3) {
            let via = self.random.pick(&self.postfix.clone()).clone();
            self.line(&format!("  erp:\n    addresses: [10.9.1.3]\n    sends_as: [\"{domain}\"]\n    sends_to: anyone\n    method: relay\n    via: {via}"));
        }
    }

    fn routes(&mut self, explicit: bool) {
        let mut routes: Vec<String> = Vec::new();
        let from = self.random.pick(&self.postfix.clone()).clone();
        let mut add = |name: &str, rest: String| {
            routes.push(format!("  - {{name: {name}, from: {from}, {rest}}}"));
        };
        if self.random.one_in(3) {
            let host = if self.random.one_in(2) {
                "{name: relay.customs.example, mx: true}"
            } else {
                "relay.customs.example"
            };
            let tls = self.random.pick(&["encrypted", "verified"]);
            add(
                "customs",
                format!(
                    "to: internet, recipients: [customs.example, \"*.customs.example\"], smart_hosts: [{host}], tls: {tls}"
                ),
            );
        }
        if self.random.one_in(3) {
            let tls = *self
                .random
                .pick(&["opportunistic", "encrypted", "verified"]);
            add(
                "store",
                format!(
                    "to: internet, recipients: [store.example, \"*.store.example\"], smart_hosts: [\"store.hosts.example:24\"], transport: lmtp, tls: {tls}"
                ),
            );
        }
        if self.random.one_in(4) {
            add(
                "nowhere",
                "to: discard, recipients: [noreply.example]".to_owned(),
            );
        }
        if self.random.one_in(4) {
            add(
                "refused",
                "to: reject, recipients: [\"*.refused.example\"]".to_owned(),
            );
        }
        if self.random.one_in(5) {
            add("below", "to: internet, recipients: [\"*.fabrikam.example\"], smart_hosts: [below.hosts.example]".to_owned());
        }
        if explicit {
            let targets: Vec<String> = self.postfix.iter().chain(&self.others).cloned().collect();
            let domains = self.domains.clone();
            for (number, place) in self.postfix.clone().iter().enumerate() {
                let to = self.random.pick(&targets).clone();
                if to == *place {
                    continue;
                }
                let pattern = match self.random.below(4) {
                    0 => "\"*\"".to_owned(),
                    1 => "accepted-domains".to_owned(),
                    _ => format!("\"{}\"", self.random.pick(&domains)),
                };
                routes.push(format!("  - {{name: written {number}, from: {place}, to: {to}, recipients: [{pattern}]}}"));
            }
        }
        if routes.is_empty() {
            return;
        }
        self.line("routes:");
        for route in routes {
            self.line(&route);
        }
    }

    fn rules(&mut self) {
        if !self.random.one_in(4) {
            return;
        }
        let at = self.random.pick(&self.postfix.clone()).clone();
        let targets: Vec<String> = self
            .postfix
            .iter()
            .chain(&self.others)
            .filter(|name| **name != at)
            .cloned()
            .collect();
        if targets.is_empty() {
            return;
        }
        let to = self.random.pick(&targets).clone();
        let domain = self.domains[0];
        self.line(&format!("rules:\n  - {{name: by sender, at: {at}, when: {{sender_domain: [\"{domain}\"]}}, unless: {{sender: [\"ben@{domain}\"]}}, route: {to}}}"));
    }
}
