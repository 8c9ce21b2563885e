//! Small specs, right ones and wrong ones, the same for the same number.

mod entry;
mod lists;
mod routes;

use super::random::Random;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

const PLACES: [&str; 4] = ["alpha", "bravo", "delta", "echo"];
const DOMAINS: [&str; 6] = [
    "contoso.example",
    "sales.contoso.example",
    "eu.sales.contoso.example",
    "fabrikam.example",
    "lab.fabrikam.example",
    "tailspin.example",
];
const PEOPLE: [&str; 4] = ["ann", "bob", "cho", "dev"];

struct Place {
    name: &'static str,
    kind: &'static str,
}

impl Place {
    fn holds(&self) -> bool {
        !matches!(self.kind, "gateway" | "eop")
    }

    fn is_tenant(&self) -> bool {
        matches!(self.kind, "exchange-online" | "eop")
    }
}

/// A spec and the files beside it.
pub(crate) struct Generated {
    pub text: String,
    pub files: BTreeMap<String, Vec<u8>>,
}

impl fmt::Display for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text)?;
        for (name, content) in &self.files {
            write!(f, "{name}:\n{}", String::from_utf8_lossy(content))?;
        }
        Ok(())
    }
}

struct Spec {
    random: Random,
    /// Of what came to be asked later, so that the rest of every spec stays as it was.
    later: Random,
    files: BTreeMap<String, Vec<u8>>,
    places: Vec<Place>,
    domains: Vec<&'static str>,
    partners: Vec<String>,
    explicit: bool,
    text: String,
}

/// The spec with this number.
pub(crate) fn spec(seed: u64) -> Generated {
    let mut random = Random::new(seed);
    let places = places(&mut random);
    let mut domains = Vec::new();
    for _ in 0..=random.below(4) {
        let name = *random.pick(&DOMAINS);
        if !domains.contains(&name) {
            domains.push(name);
        }
    }
    let explicit = random.chance(40);
    let mut spec = Spec {
        random,
        later: Random::new(!seed),
        files: BTreeMap::new(),
        places,
        domains,
        partners: Vec::new(),
        explicit,
        text: "version: 1\n".to_owned(),
    };
    if explicit {
        spec.text.push_str("routing: explicit\n");
    }
    spec.locations();
    spec.domains();
    spec.partners();
    spec.devices();
    let routes = spec.routes();
    spec.rules(&routes);
    Generated {
        text: spec.text,
        files: spec.files,
    }
}

fn places(random: &mut Random) -> Vec<Place> {
    let mut tenants = 0;
    let count = 1 + random.below(4);
    PLACES[..count]
        .iter()
        .map(|&name| {
            let mut kind = *random.pick(&[
                "exchange-online",
                "exchange-online",
                "eop",
                "exchange-server",
                "exchange-server",
                "postfix",
                "postfix",
                "smtp",
                "gateway",
            ]);
            if matches!(kind, "exchange-online" | "eop") {
                tenants += 1;
                if tenants > 1 {
                    kind = "exchange-server";
                }
            }
            Place { name, kind }
        })
        .collect()
}

impl Spec {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn place(&mut self) -> &'static str {
        let at = self.random.below(self.places.len());
        self.places[at].name
    }

    fn domain(&mut self) -> &'static str {
        let at = self.random.below(self.domains.len());
        self.domains[at]
    }

    fn locations(&mut self) {
        self.line("locations:");
        for at in 0..self.places.len() {
            let Place { name, kind } = self.places[at];
            let mut item = format!("  {name}: {{kind: {kind}");
            if self.places[at].is_tenant() {
                self.tenant(at, &mut item);
            } else {
                let host = if self.random.chance(12) {
                    format!("{name}.{}", self.domain())
                } else {
                    format!("{name}.hosts.test")
                };
                let _ = write!(item, ", hosts: [{host}]");
                if kind == "gateway" {
                    let _ = write!(item, ", egress: [192.0.2.{}/28]", 16 * at);
                } else if self.random.chance(94) {
                    let _ = write!(item, ", egress: [203.0.113.{}]", 10 + at);
                }
                match self.random.below(20) {
                    0 => {}
                    1 => {
                        let _ = write!(
                            item,
                            ", certificate: {{names: [{host}], issuer: self-signed}}"
                        );
                    }
                    2 | 3 => {
                        let _ = write!(item, ", certificate: {{names: [{host}], issuer: private}}");
                    }
                    4 => {
                        let _ = write!(item, ", certificate: mail.{}", self.domain());
                    }
                    _ => {
                        let _ = write!(item, ", certificate: {host}");
                    }
                }
            }
            match kind {
                "exchange-server" => {
                    let version = *self.random.pick(&["2010", "2013", "2019", "2019", "se"]);
                    let _ = write!(
                        item,
                        ", version: {version}, servers: [{}]",
                        name.to_uppercase()
                    );
                }
                "postfix" if self.random.chance(95) => {
                    item.push_str(", delivers_to: \"lmtp:unix:private/store\"");
                }
                "gateway" => self.forwards(at, 95, &mut item),
                "smtp" => self.forwards(at, 25, &mut item),
                _ => {}
            }
            if at > 0 && self.random.chance(45) {
                let via = self.random.below(at);
                let _ = write!(item, ", sends: {{via: {}}}", self.places[via].name);
            }
            if kind != "gateway" && self.random.chance(20) {
                let word = *self.random.pick(&["own", "complete"]);
                let _ = write!(item, ", directory: {word}");
            }
            if self.random.chance(8) {
                let level = *self
                    .random
                    .pick(&["none", "opportunistic", "encrypted", "verified"]);
                let _ = write!(item, ", tls: {level}");
            }
            if matches!(
                kind,
                "exchange-online" | "eop" | "exchange-server" | "postfix"
            ) && self.places.len() > 1
                && self.random.chance(12)
            {
                let other = self.place();
                if other != name {
                    let _ = write!(item, ", accept_only_from: [{other}]");
                }
            }
            self.rewriting(kind, &mut item);
            if kind != "gateway" && self.random.chance(8) {
                let domain = self.domain();
                let kind = *self.random.pick(&["authoritative", "internal-relay"]);
                let below = self.random.chance(25);
                let _ = write!(
                    item,
                    ", also_accepts: [{{domain: {domain}, type: {kind}, subdomains: {below}}}]"
                );
            }
            item.push('}');
            self.line(&item);
        }
    }

    fn tenant(&mut self, at: usize, item: &mut String) {
        let _ = write!(item, ", tenant: contoso{at}");
        if self.random.chance(25) {
            item.push_str(", reject_direct_send: true");
        }
        if self.random.chance(30) {
            item.push_str(", smtp_auth: per-mailbox");
        }
        let servers = self
            .places
            .iter()
            .filter(|place| place.kind == "exchange-server")
            .count();
        if servers == 1 && self.places[at].kind == "exchange-online" && self.random.chance(35) {
            item.push_str(", centralized_transport: true");
        }
    }

    /// Who rewrites envelope senders, and to what.
    fn rewriting(&mut self, kind: &str, item: &mut String) {
        let may = matches!(kind, "exchange-online" | "postfix" | "smtp" | "gateway");
        if !may || !self.later.chance(20) {
            return;
        }
        item.push_str(", rewrites_sender: true");
        if kind != "exchange-online" && self.later.chance(60) {
            let domain = *self.later.pick(&self.domains);
            let _ = write!(item, ", bounce_domain: {domain}");
        }
    }

    fn forwards(&mut self, at: usize, percent: usize, item: &mut String) {
        if !self.random.chance(percent) || self.places.len() < 2 {
            return;
        }
        let mut keys: Vec<String> = Vec::new();
        let mut parts = Vec::new();
        for _ in 0..=self.random.below(3) {
            let key = match self.random.below(8) {
                0 => "\"*\"".to_owned(),
                1 => format!("\"*.{}\"", self.domain()),
                _ => self.domain().to_owned(),
            };
            let to = self.place();
            if to != self.places[at].name && !keys.contains(&key) {
                parts.push(format!("{key}: {to}"));
                keys.push(key);
            }
        }
        if !parts.is_empty() {
            let _ = write!(item, ", forwards: {{{}}}", parts.join(", "));
        }
    }

    fn domains(&mut self) {
        self.line("domains:");
        let holders: Vec<&'static str> = self
            .places
            .iter()
            .filter(|place| place.holds())
            .map(|place| place.name)
            .collect();
        for at in 0..self.domains.len() {
            let name = self.domains[at];
            if holders.is_empty() || self.random.chance(6) {
                let word = *self.random.pick(&["parked", "send_only"]);
                self.line(&format!("  {name}: {{{word}: true}}"));
                continue;
            }
            let mut listed: Vec<String> = Vec::new();
            let mailboxes = self.mailboxes(name, &holders, &mut listed);
            let mut item = format!("  {name}: {{mailboxes: {mailboxes}, mx: ");
            let first = self.place();
            let second = self.place();
            if self.random.chance(20) && first != second {
                let _ = write!(item, "[{first}, {second}]");
            } else {
                item.push_str(first);
            }
            self.entry(&mut item);
            if self.random.chance(15) {
                item.push_str(", subdomains: true");
            }
            if !listed.is_empty() && self.random.chance(15) {
                let address = listed[self.random.below(listed.len())].clone();
                let target = match self.random.below(3) {
                    0 => "away@outside.example".to_owned(),
                    1 => format!("ann@{}", self.domain()),
                    _ => listed[self.random.below(listed.len())].clone(),
                };
                if target != address {
                    let keep = self.random.chance(40);
                    let _ = write!(
                        item,
                        ", forwards: [{{address: {address}, target: {target}, keep_copy: {keep}}}]"
                    );
                }
            }
            item.push('}');
            self.line(&item);
        }
    }

    fn partners(&mut self) {
        if !self.random.chance(40) {
            return;
        }
        self.line("partners:");
        for at in 0..=self.random.below(2) {
            let name = format!("partner{at}");
            let mut item = match self.random.below(3) {
                0 => format!("  {name}: {{domains: [{name}.example]"),
                1 => format!("  {name}: {{domains: [{name}.example, \"*.{name}.example\"]"),
                _ => format!("  {name}: {{domains: [\"*.{name}.example\"]"),
            };
            match self.random.below(4) {
                0 => {}
                1 => item.push_str(", tls: encrypted"),
                2 => item.push_str(", tls: verified"),
                _ => item.push_str(", tls: {inbound: encrypted, outbound: opportunistic}"),
            }
            let _ = write!(item, ", certificate: mx.{name}.example");
            if self.random.chance(50) {
                let _ = write!(item, ", addresses: [198.51.100.{}]", 10 + at);
            }
            if self.random.chance(30) {
                let _ = write!(item, ", hosts: [mx.{name}.example]");
            }
            if self.random.chance(40) {
                let via = self.place();
                if self
                    .places
                    .iter()
                    .any(|p| p.name == via && p.kind != "gateway")
                {
                    let _ = write!(item, ", via: [{via}]");
                }
            }
            item.push('}');
            self.line(&item);
            self.partners.push(name);
        }
    }

    fn devices(&mut self) {
        if !self.random.chance(35) {
            return;
        }
        self.line("devices:");
        for at in 0..=self.random.below(2) {
            let via = self.place();
            let tenant = self.places.iter().any(|p| p.name == via && p.is_tenant());
            let domain = self.domain();
            let method = if tenant {
                *self
                    .random
                    .pick(&["relay", "relay", "direct-send", "client-submission"])
            } else {
                "relay"
            };
            let to = *self.random.pick(&["internal", "anyone"]);
            let mut item = format!(
                "  device{at}: {{addresses: [203.0.113.{}], sends_as: [scan@{domain}], sends_to: {to}, method: {method}, via: {via}",
                60 + at
            );
            if self.random.chance(15) {
                item.push_str(", max_tls: none");
            }
            item.push('}');
            self.line(&item);
        }
    }
}
