//! Whole messages for the rows of the decision table: signed with a throw-away key whose public half the zone has, changed where
//! the spec says so, and judged by pyspf, dkimpy and authheaders (DMARC by the public suffix list) and by mail-auth (DMARC by
//! the walk of RFC 9989).

use crate::spf::planned;
use crate::{Spec, TODAY, peers, receivers, zones_of};
use mailtopo::testing::Asked;
use mailtopo::testing::finding::Findings;
use mailtopo::testing::publish::{Left, Published, left};
use mailtopo::testing::walk::{Flows, Model};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The seed of a key that protects nothing.
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PUBLIC: &str = "v=DKIM1; k=ed25519; p=A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

/// A row: its name, the handling by the gateway behind the server, the domain's keys, other domains, what DMARC comes to.
const ROWS: [(&str, &str, &str, &str, &str); 9] = [
    ("two legs", "", "dkim: {box: {s1: KEY}}", "", "pass"),
    ("SPF alone", "", "", "", "pass"),
    (
        "rewritten, not signed",
        "rewrites_sender: true",
        "",
        "",
        "fail",
    ),
    (
        "rewritten, signed before",
        "rewrites_sender: true",
        "dkim: {box: {s1: KEY}}",
        "",
        "pass",
    ),
    (
        "rewritten, signed by the last hop",
        "rewrites_sender: true, modifies_body: true",
        "dkim: {out: {s1: KEY}}",
        "",
        "pass",
    ),
    (
        "rewritten and changed after it was signed",
        "rewrites_sender: true, modifies_body: true",
        "dkim: {box: {s1: KEY}}",
        "",
        "fail",
    ),
    (
        "changed, and SPF passes",
        "modifies_body: true",
        "dkim: {box: {s1: KEY}}",
        "",
        "pass",
    ),
    (
        "rewritten to a name below",
        "rewrites_sender: true, bounce_domain: bounces.contoso.com",
        "",
        "  bounces.contoso.com: {send_only: true}\n",
        "pass",
    ),
    (
        "rewritten to a name below, strict",
        "rewrites_sender: true, bounce_domain: bounces.contoso.com",
        "dmarc: {policy: reject, alignment: strict}",
        "  bounces.contoso.com: {send_only: true}\n",
        "fail",
    ),
];

fn comma(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(", {text}")
    }
}

fn spec(gateway: &str, domain: &str, more: &str) -> String {
    let dmarc = if domain.contains("dmarc") {
        ""
    } else {
        ", dmarc: {policy: reject}"
    };
    let domain = comma(&domain.replace("KEY", &format!("\"{PUBLIC}\"")));
    format!(
        "version: 1\nlocations:\n  box: {{kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: \"lmtp:unix:private/dovecot-lmtp\", sends: {{via: out}}}}\n  out: {{kind: gateway, hosts: [out.filter.example], egress: [198.51.100.10]{}}}\ndomains:\n  contoso.com: {{mailboxes: {{box: [ann@contoso.com]}}, mx: box{dmarc}{domain}}}\n{more}ignore:\n  - {{check: U008, on: \"location:out\", reason: the row shows it}}\n  - {{check: U009, on: \"location:out\", reason: the row shows it}}\n",
        comma(gateway)
    )
}

#[test]
fn receivers_find_out_what_the_table_says() {
    let mut rows = Rows::default();
    for (name, gateway, domain, more, wanted) in ROWS {
        let spec = Spec {
            name: name.to_owned(),
            files: files(spec(gateway, domain, more)),
        };
        let asked = rows.add(&spec, &json!({}));
        let tracer = asked.tracer().expect("a plan");
        let trace = tracer
            .trace("ann@contoso.com", "sun@customer.example")
            .expect("a trace");
        for path in trace["paths"].as_array().expect("paths") {
            let proof = &path["authentication"];
            assert_eq!(proof["dmarc"], wanted, "{name}: {proof}");
            let spf = (proof["spf_aligned"] == true).then(|| proof["spf"].clone());
            let way = json!({
                "from": "contoso.com",
                "address": path["egress"][0],
                "envelope": proof["envelope"].as_str().unwrap_or("rewritten.example"),
                "helo": "mail.contoso.com",
                "dkim": proof["dkim"],
            });
            rows.way(name, way, spf, wanted);
        }
    }
    rows.settle(9);
}

/// What leaves by others: services, devices, lists and bounces. The name, the domain's keys, what stands behind, the envelope
/// sender that is asked about (empty for a bounce), and what DMARC comes to.
const OTHERS: [(&str, &str, &str, &str, &str); 8] = [
    (
        "a service with the author's envelope sender",
        "",
        "partners:\n  bulk: {sends_as: [contoso.com], spf: \"ip4:198.51.100.64/28\"}\n",
        "contoso.com",
        "pass",
    ),
    (
        "a service with its own",
        "",
        "partners:\n  bulk: {sends_as: [contoso.com], addresses: [198.51.100.64/28], envelope: bounces.bulk.example}\n",
        "bounces.bulk.example",
        "fail",
    ),
    (
        "a service with its own that signs",
        "dkim: {box: {s1: KEY}, bulk: {b1: KEY}}",
        "partners:\n  bulk: {sends_as: [contoso.com], addresses: [198.51.100.64/28], envelope: bounces.bulk.example}\n",
        "bounces.bulk.example",
        "pass",
    ),
    (
        "a service that takes bounces at a name of ours",
        "",
        "partners:\n  bulk: {sends_as: [contoso.com], spf: \"ip4:198.51.100.64/28\", bounce_domain: {name: b.contoso.com, mx: [10 mx.bulk.example]}}\n",
        "b.contoso.com",
        "pass",
    ),
    (
        "the same with strict alignment",
        "dmarc: {policy: none, alignment: strict}",
        "partners:\n  bulk: {sends_as: [contoso.com], spf: \"ip4:198.51.100.64/28\", bounce_domain: {name: b.contoso.com, mx: [10 mx.bulk.example]}}\n",
        "b.contoso.com",
        "fail",
    ),
    (
        "a device that sends by itself",
        "",
        "devices:\n  sensor: {addresses: [203.0.113.40], sends_as: [sensor@contoso.com], sends_to: internal, method: direct-send, via: box}\n",
        "contoso.com",
        "pass",
    ),
    (
        "a subdomain without a record of its own",
        "",
        "  jobs.contoso.com: {send_only: true}\npartners:\n  bulk: {sends_as: [jobs.contoso.com], spf: \"ip4:198.51.100.64/28\"}\n",
        "jobs.contoso.com",
        "pass",
    ),
    (
        "a subdomain that ends the walk",
        "dmarc: {policy: none}",
        "  jobs.contoso.com: {send_only: true, dmarc: {policy: none, psd: n}}\npartners:\n  bulk: {sends_as: [jobs.contoso.com], spf: \"ip4:198.51.100.64/28\", bounce_domain: {name: b.jobs.contoso.com, mx: [10 mx.bulk.example]}}\n",
        "b.jobs.contoso.com",
        "pass",
    ),
];

#[test]
fn receivers_find_out_what_is_said_of_others() {
    let mut rows = Rows::default();
    for (name, domain, more, envelope, wanted) in OTHERS {
        let text = spec("", domain, more).replace("sends: {via: out}", "sends: direct");
        let text = text.replace("policy: reject", "policy: none");
        let spec = Spec {
            name: name.to_owned(),
            files: files(text),
        };
        let foreign = json!({"bounces.bulk.example": ["v=spf1 ip4:198.51.100.64/28 -all"]});
        rows.add(&spec, &foreign);
        rows.departures(&spec, |one| one.envelope == envelope, wanted);
    }
    rows.settle(8);
}

/// What leaves by lists and as bounces: the name, the server of lists, the other server, the keys of `contoso.com`, the author,
/// the envelope sender that is asked about, and what DMARC comes to. A bounce has the author of its envelope sender, which is
/// the name that the server gives.
const MACHINES: [(&str, &str, &str, &str, &str, &str, &str); 6] = [
    (
        "a list that keeps the author",
        "",
        "",
        "",
        "contoso.com",
        "lists.example",
        "fail",
    ),
    (
        "a list that keeps an author who signs",
        "",
        "",
        "dkim: {box: {s1: KEY}}",
        "contoso.com",
        "lists.example",
        "pass",
    ),
    (
        "a list that changes what an author has signed",
        "modifies_body: true",
        "",
        "dkim: {box: {s1: KEY}}",
        "contoso.com",
        "lists.example",
        "fail",
    ),
    (
        "a list that replaces the author",
        "rewrites_author: true, modifies_body: true",
        "",
        "dkim: {box: {s1: KEY}}",
        "lists.example",
        "lists.example",
        "pass",
    ),
    (
        "a bounce from a name with a record",
        "",
        "helo: mail.contoso.com",
        "",
        "mail.contoso.com",
        "mail.contoso.com",
        "pass",
    ),
    (
        "a bounce from a name without one",
        "",
        "",
        "",
        "mail.contoso.com",
        "mail.contoso.com",
        "fail",
    ),
];

/// A spec with a server of mailboxes and one of lists, each in a domain of its own.
fn with_lists(lists: &str, server: &str, domain: &str) -> String {
    format!(
        "version: 1\nlocations:\n  box: {{kind: postfix, hosts: [{{name: mail.contoso.com, addresses: [192.0.2.10]}}], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: \"lmtp:unix:private/dovecot-lmtp\"{}}}\n  lists: {{kind: postfix, hosts: [lists.lists.example], egress: [192.0.2.20], certificate: lists.lists.example, delivers_to: \"lmtp:unix:private/mailman\", mailing_lists: true{}}}\ndomains:\n  contoso.com: {{mailboxes: {{box: [ann@contoso.com]}}, mx: box, dmarc: {{policy: none}}{}}}\n  lists.example: {{mailboxes: {{lists: [all@lists.example]}}, mx: lists, dmarc: {{policy: none}}}}\ndns: {{zones: {{contoso.com: {{nameservers: [ns1.dns.example], serial: 1}}}}}}\n",
        comma(server),
        comma(lists),
        comma(&domain.replace("KEY", &format!("\"{PUBLIC}\"")))
    )
}

#[test]
fn receivers_find_out_what_is_said_of_lists_and_bounces() {
    let mut rows = Rows::default();
    for (name, lists, server, domain, author, envelope, wanted) in MACHINES {
        let spec = Spec {
            name: name.to_owned(),
            files: files(with_lists(lists, server, domain)),
        };
        rows.add(&spec, &json!({}));
        rows.departures(
            &spec,
            |one| one.author == author && one.envelope == envelope,
            wanted,
        );
    }
    // What an external sender writes to a list.
    for (name, lists, severity, wanted) in [
        (
            "changed by a list",
            "modifies_body: true",
            "warning",
            "fail",
        ),
        ("sent on by a list as it is", "", "note", "pass"),
    ] {
        let spec = Spec {
            name: name.to_owned(),
            files: files(with_lists(lists, "", "")),
        };
        rows.stranger(
            &spec,
            severity,
            "192.0.2.20",
            "lists.example",
            lists.is_empty(),
            wanted,
        );
    }
    rows.settle(8);
}

/// The first two rows: mail of external senders that we forward, changed on the way or not. What is said is a warning where
/// receivers refuse it, and a note where the author's signature still counts.
#[test]
fn receivers_refuse_the_mail_of_others_that_is_changed_before_it_is_forwarded() {
    let mut rows = Rows::default();
    for (name, gateway, severity, wanted) in [
        (
            "forwarded and changed",
            "modifies_body: true",
            "warning",
            "fail",
        ),
        ("forwarded as it is", "", "note", "pass"),
    ] {
        let text = spec(gateway, "", "").replace(
            "mailboxes: {box: [ann@contoso.com]}",
            "mailboxes: {box: [ann@contoso.com]}, forwards: [{address: ann@contoso.com, target: ann@else.example}]",
        );
        let spec = Spec {
            name: name.to_owned(),
            files: files(text),
        };
        rows.stranger(
            &spec,
            severity,
            "198.51.100.10",
            "fabrikam.com",
            gateway.is_empty(),
            wanted,
        );
    }
    rows.settle(2);
}

/// Records that others publish and that do not let the server pass: with a signature beside them, and without.
#[test]
fn receivers_find_in_declared_records_what_we_do() {
    let mut rows = Rows::default();
    let (spf, dmarc) = ("v=spf1 ip4:198.51.100.1 -all", "v=DMARC1; p=reject");
    for (name, keys, wanted) in [
        ("a signature alone", "dkim: {box: {s1: KEY}}", "pass"),
        ("an address that the record does not have", "", "fail"),
    ] {
        let below = format!(
            "below: {{_dmarc: {{txt: [\"{dmarc}\"]}}, s1._domainkey: {{txt: [\"{PUBLIC}\"]}}}}"
        );
        let text = format!(
            "version: 1\nlocations:\n  box: {{kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: \"lmtp:unix:private/dovecot-lmtp\"}}\ndomains:\n  contoso.com: {{mailboxes: {{box: [ann@contoso.com]}}, mx: box, dmarc: {{policy: reject}}, dns: external, records: {{mx: [10 mail.contoso.com], txt: [\"{spf}\"], {below}}}{}}}\nignore:\n  - {{check: U001, on: \"location:box\", reason: the row shows it}}\n",
            comma(&keys.replace("KEY", &format!("\"{PUBLIC}\"")))
        );
        let spec = Spec {
            name: name.to_owned(),
            files: files(text),
        };
        let foreign = json!({
            "contoso.com": [spf],
            "_dmarc.contoso.com": [dmarc],
            "s1._domainkey.contoso.com": [PUBLIC],
        });
        rows.add(&spec, &foreign);
        rows.departures(&spec, |one| one.envelope == "contoso.com", wanted);
    }
    rows.settle(2);
}

fn files(text: String) -> BTreeMap<String, Vec<u8>> {
    BTreeMap::from([("mailtopo.yaml".to_owned(), text.into_bytes())])
}

/// Messages that are to be judged, with what we say of them.
#[derive(Default)]
struct Rows {
    rows: Vec<Value>,
    said: Vec<(String, Option<Value>, String)>,
}

impl Rows {
    /// A spec whose zones receivers see, beside names of others.
    fn add(&mut self, spec: &Spec, foreign: &Value) -> Asked {
        let asked = Asked::of("mailtopo.yaml", &spec.files, TODAY).expect("a spec");
        let written = asked.files().unwrap_or_else(|| {
            panic!(
                "{}: {}",
                spec.name,
                asked.report("human").unwrap_or_default()
            )
        });
        self.rows.push(
            json!({"zones": zones_of(&written), "foreign": foreign, "key": SECRET, "ways": []}),
        );
        asked
    }

    /// A message of the last of them.
    fn way(&mut self, name: &str, way: Value, spf: Option<Value>, dmarc: &str) {
        if let Some(ways) = self
            .rows
            .last_mut()
            .and_then(|row| row["ways"].as_array_mut())
        {
            ways.push(way);
            self.said.push((name.to_owned(), spf, dmarc.to_owned()));
        }
    }

    /// A message for each departure that fits.
    fn departures(&mut self, spec: &Spec, fits: impl Fn(&Left) -> bool, wanted: &str) {
        let name = &spec.name;
        let plan = planned(spec).expect("a plan");
        let model = Model::of(&plan);
        let flows = Flows::of(&model);
        let published = Published::of(&flows, &mut Findings::default());
        let mut found = 0;
        for one in left(&plan, &published) {
            let Some(network) = one.networks.first().filter(|_| fits(&one)) else {
                continue;
            };
            found += 1;
            assert_eq!(one.dmarc, wanted, "{name}");
            let dkim = one.signatures.iter().map(|(domain, selector, survives)| {
                json!({"d": domain, "selector": selector, "survives": survives})
            });
            // A machine writes with an empty sender, in the name that it gives.
            let (envelope, helo) = if one.envelope == "mail.contoso.com" {
                ("", one.envelope.as_str())
            } else {
                (one.envelope.as_str(), "mail.contoso.com")
            };
            let way = json!({
                "from": one.author,
                "address": network.net().network().to_string(),
                "envelope": envelope,
                "helo": helo,
                "dkim": dkim.collect::<Vec<_>>(),
            });
            self.way(name, way, None, wanted);
        }
        assert!(found > 0, "{name}: nothing leaves so");
    }

    /// The mail of an external sender who signs, sent on from an address with this envelope domain: what is said of it, and what
    /// DMARC comes to.
    fn stranger(
        &mut self,
        spec: &Spec,
        severity: &str,
        address: &str,
        envelope: &str,
        survives: bool,
        wanted: &str,
    ) {
        let foreign = json!({
            "fabrikam.com": ["v=spf1 ip4:203.0.113.99 -all"],
            "_dmarc.fabrikam.com": ["v=DMARC1; p=reject"],
            "s1._domainkey.fabrikam.com": [PUBLIC],
        });
        let asked = self.add(spec, &foreign);
        let report: Value =
            serde_json::from_str(&asked.report("json").expect("a report")).expect("JSON");
        let findings = report["findings"].as_array().expect("findings");
        let said = findings
            .iter()
            .find(|found| found["check"] == "U011")
            .expect("U011");
        assert_eq!(said["severity"], severity, "{}", spec.name);
        let way = json!({
            "from": "fabrikam.com",
            "address": address,
            "envelope": envelope,
            "helo": "out.filter.example",
            "dkim": [{"d": "fabrikam.com", "selector": "s1", "survives": survives}],
        });
        self.way(&spec.name, way, None, wanted);
    }

    fn settle(&self, least: usize) {
        let packages = "pyspf dnspython dkimpy pynacl authheaders";
        let found = peers::python("messages.py", packages, &Value::from(self.rows.clone()));
        let found = found.as_array().expect("a list of results");
        assert_eq!(found.len(), self.said.len());
        assert!(found.len() >= least, "{} messages", found.len());
        let messages: Vec<Value> = found.iter().map(|one| one["message"].clone()).collect();
        let walked = receivers::ask(&json!({"messages": messages}));
        let walked = walked["messages"].as_array().expect("a list of results");
        for (((name, spf, wanted), list), walk) in self.said.iter().zip(found).zip(walked) {
            assert_eq!(
                list["dmarc"], **wanted,
                "{name}, by the suffix list: {list}"
            );
            assert_eq!(walk["dmarc"], **wanted, "{name}, by the walk: {walk}");
            // What nobody knows is decided by whoever receives it.
            if let Some(spf) = spf.as_ref().filter(|spf| *spf != "unknown") {
                assert_eq!(list["spf"], *spf, "{name}: {list}");
                assert_eq!(walk["spf"], *spf, "{name}: {walk}");
            }
        }
    }
}
