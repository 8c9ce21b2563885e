//! Specs that say much about DNS: every kind of record, of exit and of sender, the same for the same number.

use crate::random::Random;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A key of its type, whose private half protects nothing.
const ED25519: &str = "v=DKIM1; k=ed25519; p=A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
const RSA: &str = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmluJ+YAsMkjPU5SM5vvT6tTd9/JjKLVPjxosIWOA19XZTJiHAmOPeGW6hSgSpefpnVYARcK2JH0sSv1CEteIaThZv8W0Abf2h4G9r5aiSKnGe0ihSdTfM5r0iR7J2BS3RT94aCDx2UUPMTO271LEsIJzJeGUIwjgXQMWs2Lh87YcHwjRcQ439399N7bK8XFBYAEtrXfEd49cJ5Qn+w5EDIDajLGy/fbBJ8xx8QzocUi/pESzfEeHUgM9pwGPJZ7M4wR5PrVMQBvshBsc/FWj0D3+uK+PZIW9lToAZEq5oAqD293ntyoZye8cIU/YXpRRJDUG4pAEzMJK43lTXCm/KQIDAQAB";

/// The certificate of `mail.contoso.com`, of which TLSA records are made.
const PEM: &[u8] = include_bytes!("../../src/topology/resolve/testdata/mail.contoso.com.pem");

const DOMAINS: [&str; 7] = [
    "contoso.com",
    "news.contoso.com",
    "eu.contoso.com",
    "lab.eu.contoso.com",
    "fabrikam.example",
    "old.fabrikam.example",
    "xn--bcher-kva.example",
];

/// Texts that formats quote in different ways.
const TEXTS: [&str; 9] = [
    r#"a "quoted" word"#,
    r#"back\slash \" and \065"#,
    "semi; colon ;",
    "${not.a.variable} %{nor.this} $${three}",
    "two  spaces, and 'single' ones",
    "b\u{fc}cher \u{2713}",
    "#no comment // nor /* this */",
    "{{ no template }} <b>",
    "- yes: [no, {null: ~}] & *star !tag |",
];

/// A spec and the files beside it.
pub(crate) struct Generated {
    pub files: BTreeMap<String, Vec<u8>>,
}

struct Spec {
    random: Random,
    text: String,
    /// Locations that hold mailboxes.
    holders: Vec<&'static str>,
    gateway: bool,
    tenant: bool,
    domains: Vec<&'static str>,
}

/// The spec with this number.
pub(crate) fn spec(seed: u64) -> Generated {
    let mut random = Random::new(seed ^ 0x0D15_EA5E);
    let tenant = random.chance(40);
    let gateway = random.chance(45);
    let mut spec = Spec {
        random,
        text: "version: 1\n".to_owned(),
        holders: Vec::new(),
        gateway,
        tenant,
        domains: Vec::new(),
    };
    let with_facts = spec.random.chance(70);
    if with_facts {
        spec.text.push_str("facts: facts.yaml\n");
    }
    spec.locations();
    spec.domains();
    spec.partners();
    spec.devices();
    spec.dns();
    let mut files = BTreeMap::from([("mail.pem".to_owned(), PEM.to_vec())]);
    if with_facts {
        files.insert("facts.yaml".to_owned(), spec.facts().into_bytes());
    }
    files.insert("mailtopo.yaml".to_owned(), spec.text.into_bytes());
    Generated { files }
}

impl Spec {
    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        self.random.pick::<&str>(of)
    }

    /// A text, in so many of a hundred cases.
    fn maybe(&mut self, percent: usize, text: &str) -> String {
        if self.random.chance(percent) {
            text.to_owned()
        } else {
            String::new()
        }
    }

    fn locations(&mut self) {
        self.text.push_str("locations:\n");
        let via = if self.gateway {
            ", sends: {via: out}"
        } else {
            ""
        };
        let egress = self.one(&[
            "[192.0.2.10]",
            "[192.0.2.10, \"2001:db8::10\"]",
            "[192.0.2.0/28, 192.0.2.16/28]",
            "[192.0.2.64/27, 192.0.2.70]",
        ]);
        let helo = self.maybe(30, ", helo: out.contoso.com");
        let lists = self.one(&[
            "",
            "",
            "",
            ", mailing_lists: true",
            ", mailing_lists: true, rewrites_author: true",
        ]);
        let clients = self.maybe(
            40,
            ", clients: {imaps: mail.contoso.com, submission: mail.contoso.com}",
        );
        let certificate = self.one(&["mail.contoso.com", "{file: mail.pem}"]);
        let _ = writeln!(
            self.text,
            "  box: {{kind: postfix, hosts: [{{name: mail.contoso.com, addresses: [192.0.2.10, \"2001:db8::10\"]}}], egress: {egress}, certificate: {certificate}, delivers_to: \"lmtp:unix:private/dovecot-lmtp\"{helo}{lists}{clients}{via}}}"
        );
        self.holders.push("box");
        if self.random.chance(40) {
            let egress = self.one(&[
                "[203.0.113.10]",
                "[203.0.113.0/29]",
                "[10.1.2.3, 203.0.113.11]",
            ]);
            let via = self.one(&["", "", ", sends: {via: box}"]);
            let _ = writeln!(
                self.text,
                "  hq: {{kind: exchange-server, version: 2019, servers: [EX01], hosts: [mx.fabrikam.example], egress: {egress}, certificate: mx.fabrikam.example{via}}}"
            );
            self.holders.push("hq");
        }
        if self.tenant {
            self.text.push_str(
                "  cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}\n",
            );
            self.holders.push("cloud");
        }
        if self.gateway {
            let handling = self.one(&[
                "",
                "",
                ", modifies_body: true",
                ", rewrites_sender: true",
                ", rewrites_sender: true, bounce_domain: bounces.contoso.com",
                ", modifies_body: true, rewrites_sender: true",
            ]);
            let spf = self.one(&[
                "",
                ", spf: \"include:spf.filter.example\"",
                ", spf: \"ip4:198.51.100.0/26 a:out.filter.example\"",
            ]);
            let _ = writeln!(
                self.text,
                "  out: {{kind: gateway, hosts: [mx.filter.example], egress: [198.51.100.0/26]{handling}{spf}}}"
            );
        }
    }

    fn domains(&mut self) {
        self.text.push_str("domains:\n");
        self.domains.push(DOMAINS[0]);
        for name in &DOMAINS[1..] {
            if self.random.chance(45) {
                self.domains.push(name);
            }
        }
        for name in self.domains.clone() {
            let entry = self.domain(name);
            let _ = writeln!(self.text, "  {name}: {{{entry}}}");
        }
        if self.gateway && self.text.contains("bounce_domain: bounces.contoso.com") {
            self.text
                .push_str("  bounces.contoso.com: {send_only: true}\n");
        }
    }

    fn domain(&mut self, name: &str) -> String {
        let what = if name == DOMAINS[0] {
            0
        } else {
            self.random.below(10)
        };
        // A wildcard of ours above a parked name is a mistake.
        if what == 9 && !self.text.contains("subdomains: true") {
            return "parked: true".to_owned();
        }
        let mut entry = if what == 8 {
            "send_only: true".to_owned()
        } else {
            let holder = *self.random.pick(&self.holders.clone());
            let own = self.maybe(25, ", subdomains: true");
            let own = if holder == "box" { own } else { String::new() };
            let dane = if holder == "box" && name == DOMAINS[0] && self.text.contains("mail.pem") {
                self.maybe(30, ", dane: true")
            } else {
                String::new()
            };
            let closed = if own.is_empty() {
                self.maybe(20, ", unused_subdomains: closed")
            } else {
                String::new()
            };
            let sts = self.one(&[
                "",
                "",
                ", mta_sts: enforce",
                ", mta_sts: {mode: testing, host: sts.sender.example}",
            ]);
            // Senders that honour a policy take no certificate that signs itself.
            let sts = if self.text.contains("mail.pem") && sts.contains("enforce") {
                ""
            } else {
                sts
            };
            format!("mailboxes: {holder}, mx: {holder}{own}{dane}{closed}{sts}")
        };
        // What rewrites a sender without a signer behind it fails, and nothing is written then.
        let policy = if self.text.contains("rewrites_sender") || !self.random.chance(60) {
            "none"
        } else {
            self.one(&["none", "quarantine", "reject"])
        };
        let alignment = self.one(&[
            "",
            "",
            ", alignment: strict",
            ", alignment: {dkim: strict, spf: relaxed}",
        ]);
        let reports = self.one(&[
            "",
            ", rua: [\"mailto:dmarc@contoso.com\"]",
            ", rua: [\"mailto:dmarc@reports.example\", \"mailto:dmarc@contoso.com\"], failure: [\"1\"]",
        ]);
        let below = self.one(&[
            "",
            ", subdomains: reject",
            ", nonexistent: reject, testing: true",
            ", psd: n",
        ]);
        if self.random.chance(80) {
            let _ = write!(
                entry,
                ", dmarc: {{policy: {policy}{alignment}{reports}{below}}}"
            );
        }
        match self.random.below(5) {
            0 => {
                let _ = write!(entry, ", dkim: {{box: {{s1: \"{ED25519}\"}}}}");
            }
            1 => {
                let _ = write!(
                    entry,
                    ", dkim: {{box: {{s1: \"{RSA}\", s2: s2.keys.example}}}}"
                );
            }
            2 if self.gateway => {
                let _ = write!(entry, ", dkim: {{out: {{g1: \"{ED25519}\"}}}}");
            }
            _ => {}
        }
        let spf = self.one(&[
            "",
            "",
            "",
            ", spf: {all: softfail}",
            ", spf: {include: [spf.sender.example]}",
            ", spf: {include: [spf.nested.example], all: softfail}",
            ", spf: {subdomains: true}",
        ]);
        let spf = if spf.contains("subdomains") && entry.contains("unused_subdomains") {
            ""
        } else {
            spf
        };
        entry.push_str(spf);
        entry.push_str(&self.maybe(25, ", tls_rpt: [\"mailto:tls@contoso.com\"]"));
        entry.push_str(self.one(&[
            "",
            "",
            ", ttl: 600",
            ", ttl: {mx: 300, spf: 1800, dkim: 3600, dmarc: 7200}",
        ]));
        entry
    }

    fn partners(&mut self) {
        let mut partners = String::new();
        let names = self.domains.clone();
        let parts = [
            "spf: \"ip4:198.51.100.128/28\"",
            "spf: \"include:spf.sender.example\"",
            "spf: \"include:spf.nested.example\"",
            "spf: \"a:out.sender.example mx:sender.example/30\"",
            "addresses: [198.51.100.144/28]",
            "spf: \"include:spf.sender.example\", envelope: bounces.sender.example",
            "spf: \"ip4:198.51.100.160/28\", bounce_domain: {name: b.contoso.com, mx: [10 mx.sender.example]}",
            "spf: \"ip4:198.51.100.176/28\", bounce_domain: {name: u.contoso.com, cname: u1.sender.example}",
            "spf: \"ip4:198.51.100.192/28\", envelope: same, signs_as: [contoso.com]",
        ];
        let mut said = Vec::new();
        for number in 0..self.random.below(4) {
            let part = *self.random.pick(&parts);
            if part.contains("bounce_domain") && said.contains(&part) {
                continue;
            }
            said.push(part);
            let live = |name: &&&str| !self.text.contains(&format!("  {name}: {{parked"));
            let live: Vec<&str> = names.iter().filter(live).copied().collect();
            // With an envelope sender of its own a service proves nothing, which a policy would make an error.
            let lax = |name: &&&str| {
                self.text.contains(&format!("  {name}: {{")) && {
                    let line = self
                        .text
                        .lines()
                        .find(|line| line.starts_with(&format!("  {name}: {{")));
                    line.is_none_or(|line| {
                        !line.contains("policy: quarantine") && !line.contains("policy: reject")
                    })
                }
            };
            let own_envelope = part.contains("envelope: bounces") || part.contains("cname");
            let lax: Vec<&str> = live.iter().filter(lax).copied().collect();
            let list = if own_envelope { &lax } else { &live };
            if list.is_empty() {
                continue;
            }
            let sends_as = *self.random.pick(list);
            let _ = writeln!(
                partners,
                "  service{number}: {{sends_as: [{sends_as}], {part}}}"
            );
        }
        if !partners.is_empty() {
            self.text.push_str("partners:\n");
            self.text.push_str(&partners);
        }
    }

    fn devices(&mut self) {
        if self.random.chance(25) {
            let method = self.one(&["relay", "direct-send"]);
            let to = self.one(&["internal", "anyone"]);
            let to = if method == "direct-send" {
                "internal"
            } else {
                to
            };
            let _ = writeln!(
                self.text,
                "devices:\n  scanner: {{addresses: [203.0.113.40], sends_as: [scanner@contoso.com], sends_to: {to}, method: {method}, via: box}}"
            );
        }
    }

    fn dns(&mut self) {
        let kind = self.one(&["neutral", "route53", "cloudflare"]);
        let all = self.one(&["fail", "softfail"]);
        let flatten = self.one(&["false", "false", "true", "[spf.nested.example]"]);
        let split = self.one(&["false", "true"]);
        let ttl = self.one(&["3600", "300", "86400"]);
        // octoDNS has no form for quotation marks, backslashes and letters outside of ASCII.
        let octodns = self.one(&["octodns, ", "octodns, ", ""]);
        let _ = writeln!(
            self.text,
            "dns:\n  ttl: {ttl}\n  formats: [bind, {octodns}dnscontrol, terraform]\n  terraform: {kind}\n  spf: {{all: {all}, flatten: {flatten}, split: {split}}}\n  dnssec: {{contoso.com: true}}"
        );
        let whole = self.random.chance(40);
        let mut records = Vec::new();
        for number in 0..self.random.below(6) {
            let record = match self.random.below(9) {
                0 => "type: A, data: 203.0.113.80".to_owned(),
                1 => "type: AAAA, data: \"2001:db8::80\"".to_owned(),
                2 => {
                    "type: CAA, data: '0 issue \"ca.example; validationmethods=dns-01\"'".to_owned()
                }
                3 => "type: SRV, data: 0 5 5061 sip.contoso.com.".to_owned(),
                4 => format!(
                    "type: TXT, data: {}",
                    quoted(&"x".repeat([254, 255, 256, 511][self.random.below(4)]))
                ),
                5 => "type: CNAME, data: www.hoster.example.".to_owned(),
                6 => "type: MX, data: 10 mx.lists.example.".to_owned(),
                _ => {
                    let fits = |text: &&&str| {
                        octodns.is_empty() || text.is_ascii() && !text.contains(['"', '\\'])
                    };
                    let texts: Vec<&str> = TEXTS.iter().filter(fits).copied().collect();
                    let text = *self.random.pick(&texts);
                    format!("type: TXT, data: {}", quoted(text))
                }
            };
            let name = match self.random.below(5) {
                0 if record.contains("TXT") => "\"@\"".to_owned(),
                1 if record.contains("SRV") => format!("_sip._tls.deep.empty{number}"),
                1 => format!("deep.empty{number}"),
                2 if record.contains("TXT") => format!("\"*.w{number}\""),
                _ if record.contains("SRV") => format!("_sip._tcp.r{number}"),
                _ => format!("r{number}"),
            };
            let ttl = self.maybe(30, ", ttl: 7200");
            records.push(format!("        - {{name: {name}, {record}{ttl}}}"));
        }
        if whole || !records.is_empty() {
            self.text.push_str("  zones:\n    contoso.com:\n");
            if whole {
                self.text
                    .push_str("      nameservers: [ns1.dns.example, ns2.dns.example]\n      serial: 2026112901\n");
            }
            if !records.is_empty() {
                let _ = writeln!(self.text, "      records:\n{}", records.join("\n"));
            }
        }
    }

    fn facts(&mut self) -> String {
        let mut text = "version: 1\ngathered: 2026-11-20\n".to_owned();
        if self.tenant {
            text.push_str("cloud:\n  mx:\n");
            for name in &self.domains {
                let label = name.trim_start_matches("xn--").replace('.', "-");
                let _ = writeln!(text, "    {name}: {label}.mail.protection.outlook.com");
            }
            text.push_str("  dkim:\n");
            for name in &self.domains {
                let label = name.trim_start_matches("xn--").replace('.', "-");
                let _ = writeln!(
                    text,
                    "    {name}: {{selector1: selector1-{label}._domainkey.contoso.onmicrosoft.com, selector2: selector2-{label}._domainkey.contoso.onmicrosoft.com}}"
                );
            }
        }
        text.push_str("records:\n");
        let known = [
            "spf.filter.example: {txt: [\"v=spf1 ip4:198.51.100.0/26 -all\"]}",
            "spf.sender.example: {txt: [\"v=spf1 ip4:198.51.100.224/28 ip4:198.51.100.240/28 -all\"]}",
            "spf.nested.example: {txt: [\"v=spf1 include:a.nested.example include:b.nested.example ~all\"]}",
            "a.nested.example: {txt: [\"v=spf1 ip4:203.0.113.64/27 -all\"]}",
            "b.nested.example: {txt: [\"v=spf1 ip4:203.0.113.96/28 ip6:2001:db8:b::/64 -all\"]}",
            "out.filter.example: {a: [198.51.100.9]}",
            "out.sender.example: {a: [203.0.113.130]}",
            "sender.example: {mx: [10 mx.sender.example], txt: []}",
            "mx.sender.example: {a: [203.0.113.140]}",
            "bounces.sender.example: {txt: [\"v=spf1 include:spf.sender.example -all\"]}",
            "u1.sender.example: {txt: [\"v=spf1 ip4:198.51.100.176/28 -all\"]}",
            "s2.keys.example: {txt: [\"v=DKIM1; k=ed25519; p=A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\"]}",
        ];
        let mut any = false;
        for line in known {
            if self.random.chance(80) {
                let _ = writeln!(text, "  {line}");
                any = true;
            }
        }
        if !any {
            let _ = writeln!(text, "  {}", known[0]);
        }
        text
    }
}

/// A scalar of YAML in double quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Most of the specs compile; of the others each has a reason that stands for something, which is counted.
#[test]
fn most_specs_compile() {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut compile = 0;
    for seed in 0..24 {
        let spec = crate::Spec {
            name: seed.to_string(),
            files: spec(seed).files,
        };
        if spec.compiled().is_some() {
            compile += 1;
            continue;
        }
        let asked = mailtopo::testing::Asked::of("mailtopo.yaml", &spec.files, crate::TODAY)
            .expect("a spec");
        let report: serde_json::Value =
            serde_json::from_str(&asked.report("json").expect("a report")).expect("JSON");
        for found in report["findings"].as_array().expect("findings") {
            if found["severity"] == "error" {
                *refused
                    .entry(format!("{} {}", found["check"], found["message"]))
                    .or_default() += 1;
            }
        }
    }
    assert!(compile > 14, "{compile} of 24 compile: {refused:#?}");
}
