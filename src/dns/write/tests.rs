use crate::dns::fixture::{at, domain, host, name, parked, plan, server, tenant, topology};
use crate::dns::write::emit;
use crate::output::OutputTree;
use crate::plan::Plan;
use crate::topology::{
    Dkim, DkimKey, DkimSigner, Dmarc, DmarcPolicy, DnsFormat, Entry, ForeignRecord, LocationFacts,
    LocationId, MtaSts, MtaStsMode, Party, Topology, ZoneSettings,
};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;

/// A tenant and a server, with every kind of record that this project makes.
fn everything() -> Topology {
    let mut hq = server("hq", "mail.contoso.com", "203.0.113.10");
    let addresses = ["203.0.113.25", "2001:db8::25"];
    hq.hosts[0].value.addresses = addresses.iter().filter_map(|ip| ip.parse().ok()).collect();
    hq.clients.services = vec![
        ("imaps", hq.hosts[0].clone()),
        ("submissions", hq.hosts[0].clone()),
    ];
    let mut contoso = domain("contoso.com", &[1, 0]);
    contoso.dane = Some(at(true));
    contoso.subdomains = true;
    contoso.tls_rpt = vec![at("mailto:tls@contoso.com".to_owned())];
    contoso.mta_sts = Some(at(MtaSts {
        mode: MtaStsMode::Enforce,
        host: Some("sts.web.example".to_owned()),
        max_age: 604_800,
    }));
    contoso.dmarc = Some(Box::new(at(Dmarc {
        policy: DmarcPolicy::Reject,
        subdomains: Some(DmarcPolicy::Quarantine),
        nonexistent: Some(DmarcPolicy::Reject),
        rua: vec![
            "mailto:dmarc@contoso.com".to_owned(),
            "mailto:d@fabrikam.com".to_owned(),
        ],
        ruf: vec!["mailto:dmarc@contoso.com".to_owned()],
        failure: vec!["1".to_owned(), "d".to_owned()],
        testing: true,
        ..Dmarc::default()
    })));
    contoso.dkim = Dkim::Signers(vec![
        DkimSigner {
            signer: at(Party::Location(LocationId::from_index(0))),
            selectors: Vec::new(),
        },
        DkimSigner {
            signer: at(Party::Location(LocationId::from_index(1))),
            selectors: vec![(
                at("mail".to_owned()),
                DkimKey::Record(format!("v=DKIM1; k=rsa; p={}", "A".repeat(392))),
            )],
        },
    ]);
    let mut topology = topology(
        vec![tenant("cloud"), hq],
        vec![
            contoso,
            domain("fabrikam.com", &[0]),
            domain("a-b.example", &[0]),
            parked("old.example"),
        ],
    );
    let facts = LocationFacts {
        dkim: BTreeMap::from([(
            name("contoso.com"),
            Box::from([(
                "selector1".to_owned(),
                at("selector1-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft".to_owned()),
            )]),
        )]),
        ..LocationFacts::default()
    };
    topology
        .facts
        .locations
        .insert(LocationId::from_index(0), facts);
    let settings = topology.dns.zones.entry(name("contoso.com")).or_default();
    settings.serial = Some(at(2026));
    settings.nameservers = vec![at(name("ns1.dns.example")), at(name("ns2.dns.example"))];
    for (owner, kind, data) in [
        ("@", "TXT", "MS=ms123456789"),
        ("@", "A", "192.0.2.80"),
        ("www", "CNAME", "contoso.com."),
        ("@", "CAA", "0 issue \"ca.example\""),
        ("umlaut", "TXT", "Zürich \"quoted\" \\ ;"),
        ("svc", "TYPE65", "\\# 3 000100"),
    ] {
        settings.records.push(at(ForeignRecord {
            name: owner.to_owned(),
            kind: kind.to_owned(),
            data: data.to_owned(),
            ttl: None,
        }));
    }
    topology
}

fn written(plan: &Plan) -> BTreeMap<String, String> {
    let mut tree = OutputTree::default();
    assert_eq!(emit(plan, &mut tree), []);
    tree.iter()
        .map(|(path, bytes)| {
            (
                path.to_owned(),
                String::from_utf8(bytes.to_vec()).expect("text"),
            )
        })
        .collect()
}

/// The records of a file without comments, each white space once.
fn rows(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.starts_with(';'))
        .map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn one_file_per_zone_and_per_policy() {
    let (plan, _) = plan(everything());
    let files = written(&plan);
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "dns/a-b.example.zone",
            "dns/contoso.com.zone",
            "dns/fabrikam.com.zone",
            "dns/mta-sts/contoso.com/.well-known/mta-sts.txt",
            "dns/old.example.zone",
        ]
    );
    assert_eq!(
        rows(&files["dns/old.example.zone"]),
        [
            "old.example. 3600 IN MX 0 .",
            "old.example. 3600 IN TXT \"v=spf1 -all\"",
            "*.old.example. 3600 IN MX 0 .",
            "*.old.example. 3600 IN TXT \"v=spf1 -all\"",
            "_dmarc.old.example. 3600 IN TXT \"v=DMARC1; p=reject\"",
            "*._domainkey.old.example. 3600 IN TXT \"v=DKIM1; p=\"",
        ]
    );
    assert_eq!(
        rows(&files["dns/fabrikam.com.zone"]),
        [
            "fabrikam.com. 3600 IN MX 0 fabrikam-com.mail.protection.outlook.com.",
            "fabrikam.com. 3600 IN TXT \"v=spf1\"",
            "contoso.com._report._dmarc.fabrikam.com. 3600 IN TXT \"v=DMARC1;\"",
            "autodiscover.fabrikam.com. 3600 IN CNAME autodiscover.outlook.com.",
        ]
    );
}

#[test]
fn the_same_topology_gives_the_same_files() {
    assert_eq!(
        written(&plan(everything()).0),
        written(&plan(everything()).0)
    );
}

/// First today's entry for a short time, then the new one for a short time, then as planned; serials grow.
#[test]
fn an_entry_changes_in_stages() {
    let mut contoso = domain("contoso.com", &[0]);
    contoso.mx_now = Some(at(Entry::Hosts(vec![host("old.example.net")])));
    let mut topology = topology(
        vec![tenant("cloud")],
        vec![contoso, parked("other.example")],
    );
    let settings = ZoneSettings {
        nameservers: vec![at(name("ns1.dns.example"))],
        serial: Some(at(9)),
        ..ZoneSettings::default()
    };
    topology.dns.zones.insert(name("contoso.com"), settings);
    topology.dns.formats = vec![at(DnsFormat::Bind), at(DnsFormat::Dnscontrol)];
    let files = written(&plan(topology).0);
    for (path, host, ttl, serial) in [
        (
            "dns/stage-1/contoso.com.zone",
            "old.example.net",
            "300",
            " 7 ",
        ),
        (
            "dns/stage-2/contoso.com.zone",
            "mail.protection.outlook.com",
            "300",
            " 8 ",
        ),
        (
            "dns/contoso.com.zone",
            "mail.protection.outlook.com",
            "3600",
            " 9 ",
        ),
    ] {
        let text = &files[path];
        let entries: Vec<&str> = text.lines().filter(|line| line.contains(" MX ")).collect();
        assert_eq!(entries.len(), 1, "{path}");
        assert!(
            entries[0].contains(host) && entries[0].contains(ttl),
            "{entries:?}"
        );
        assert!(
            text.lines()
                .any(|line| line.contains(" SOA ") && line.contains(serial)),
            "{text}"
        );
    }
    assert!(!files.contains_key("dns/stage-1/other.example.zone"));
    // One file for all zones holds those that stay as they are too.
    assert!(files["dns/stage-1/dnsconfig.js"].contains("other.example"));
}

#[test]
fn every_format_has_every_record() {
    let mut topology = everything();
    topology.dns.formats = [
        DnsFormat::Octodns,
        DnsFormat::Dnscontrol,
        DnsFormat::Terraform,
    ]
    .map(at)
    .to_vec();
    if let Some(settings) = topology.dns.zones.get_mut(&name("contoso.com")) {
        settings
            .records
            .retain(|at| !["svc", "umlaut"].contains(&at.value.name.as_str()));
    }
    let (plan, _) = plan(topology);
    let records: usize = plan
        .zones
        .iter()
        .flat_map(|zone| zone.sets.iter())
        .map(|(_, set)| set.records.len())
        .sum();
    let sets: usize = plan.zones.iter().map(|zone| zone.sets.keys().count()).sum();
    let files = written(&plan);
    assert!(!files.contains_key("dns/contoso.com.zone"));
    let count = |path: &str, part: &str| files[path].matches(part).count();
    assert_eq!(count("dns/dnsconfig.js", "TTL(3600)"), records);
    assert_eq!(count("dns/mail.tf", "ttl = 3600"), sets);
    let octodns: Vec<&String> = files
        .keys()
        .filter(|path| path.starts_with("dns/octodns/"))
        .collect();
    assert_eq!(octodns.len(), plan.zones.len());
    assert_eq!(
        octodns
            .iter()
            .map(|path| count(path, "ttl: 3600"))
            .sum::<usize>(),
        sets
    );
}

#[test]
fn what_a_format_cannot_carry_is_said() {
    let mut topology = everything();
    topology.dns.formats = vec![at(DnsFormat::Octodns), at(DnsFormat::Dnscontrol)];
    let (plan, _) = plan(topology);
    let mut tree = OutputTree::default();
    let refused = emit(&plan, &mut tree);
    assert_eq!(refused.len(), 2, "{refused:?}");
    let paths: Vec<&str> = tree.iter().map(|(path, _)| path).collect();
    assert!(paths.contains(&"dns/octodns/fabrikam.com.yaml"));
    assert!(!paths.contains(&"dns/octodns/contoso.com.yaml"));
    // Who only asks is told the same, and no text is made.
    let mut asked = OutputTree::of_refusals();
    assert_eq!(emit(&plan, &mut asked), refused);
    assert_eq!(asked.iter().count(), 0);
}

/// A fragment as the user would include it.
fn whole(text: &str, zone: &str) -> String {
    if text.contains(" SOA ") {
        return text.to_owned();
    }
    format!(
        "{zone}. 3600 IN SOA ns.dns.test. hostmaster.dns.test. 1 86400 7200 3600000 3600\n{zone}. 3600 IN NS ns.dns.test.\n{text}"
    )
}

#[test]
fn bind_loads_every_zone() {
    let (plan, _) = plan(everything());
    let files = written(&plan);
    let mut checked = 0;
    for (path, text) in &files {
        let Some(zone) = path
            .strip_prefix("dns/")
            .and_then(|rest| rest.strip_suffix(".zone"))
        else {
            continue;
        };
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(whole(text, zone).as_bytes())
            .expect("written");
        // `-i local`: everything else would ask the network for hosts outside of the zone.
        let output = Command::new("named-checkzone")
            .args([
                "-i", "local", "-k", "fail", "-m", "fail", "-M", "fail", "-n", "fail", "-r", "fail",
            ])
            .args(["-S", "fail", "-T", "warn", "-W", "warn", zone])
            .arg(file.path())
            .output()
            .expect("named-checkzone is needed: apt-get install bind9-utils");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{path}: {said}\n{text}");
        // A wildcard is part of what closes a parked domain; BIND says so of every one.
        let warned = said
            .lines()
            .any(|line| line.contains("warning") && !line.contains("wildcard"));
        assert!(!warned, "{path}: {said}");
        checked += 1;
    }
    assert_eq!(checked, 4);
}
