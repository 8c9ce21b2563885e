use crate::dns::fixture::{at, domain, host, name, parked, plan, server, tenant, topology};
use crate::dns::{RData, RecordType};
use crate::finding::{Findings, Severity};
use crate::plan::Plan;
use crate::source::{At, FileId, Span};
use crate::topology::{
    Dkim, DkimKey, DkimSigner, Dmarc, DmarcPolicy, DnsManagement, Domain, Entry, ForeignRecord,
    LocationFacts, LocationId, MtaSts, MtaStsMode, Party, Sends, Topology, ZoneSettings,
};
use crate::values::{Host, OwnerName};
use std::collections::BTreeMap;

fn id(index: usize) -> LocationId {
    LocationId::from_index(index)
}

/// The data of all records of this type at this name, in any zone.
fn found(plan: &Plan, owner: &str, kind: RecordType) -> Vec<RData> {
    let owner = OwnerName::parse(owner).expect("an owner");
    plan.zones
        .iter()
        .filter_map(|zone| zone.set(&owner, kind))
        .flat_map(|set| &set.records)
        .map(|record| record.data.clone())
        .collect()
}

fn texts(plan: &Plan, owner: &str) -> Vec<String> {
    found(plan, owner, RecordType::Txt)
        .into_iter()
        .filter_map(|data| match data {
            RData::Txt(octets) => String::from_utf8(octets).ok(),
            _ => None,
        })
        .collect()
}

fn mx(plan: &Plan, owner: &str) -> Vec<String> {
    found(plan, owner, RecordType::Mx)
        .into_iter()
        .map(|data| match data {
            RData::Mx {
                preference,
                exchange: Some(host),
            } => format!("{preference} {host}"),
            other => format!("{other:?}"),
        })
        .collect()
}

fn codes(findings: &Findings) -> Vec<&'static str> {
    // N017 says what is withheld; `withheld` looks at that.
    let wanted = |check: &&str| {
        ["N0", "U0", "S0"]
            .iter()
            .any(|group| check.starts_with(group))
            && *check != "N017"
    };
    findings
        .iter()
        .map(|finding| finding.check.as_str())
        .filter(wanted)
        .collect()
}

fn withheld(plan: &Plan) -> Vec<&str> {
    plan.withheld
        .iter()
        .map(|item| item.what.as_str())
        .collect()
}

/// Two places: the tenant `cloud` (0), and `hq` (1) which sends through it unless `direct`.
fn two_places(direct: bool, domains: Vec<Domain>) -> Topology {
    let mut hq = server("hq", "mail.contoso.com", "203.0.113.10");
    if !direct {
        hq.sends = at(Sends::Via(id(0)));
    }
    topology(vec![tenant("cloud"), hq], domains)
}

fn own_record(zone: &str, owner: &str, kind: &str, data: &str, topology: &mut Topology) {
    let number = u32::try_from(
        topology
            .dns
            .zones
            .values()
            .map(|z| z.records.len())
            .sum::<usize>(),
    )
    .expect("a small number");
    let settings = topology.dns.zones.entry(name(zone)).or_default();
    settings.records.push(At::new(
        ForeignRecord {
            name: owner.to_owned(),
            kind: kind.to_owned(),
            data: data.to_owned(),
            ttl: None,
        },
        // Two records never have one place, and findings are counted by place.
        Span::new(FileId(0), 100 + number, 101 + number),
    ));
}

#[test]
fn preferences_follow_the_list_of_places() {
    let mut split = domain("contoso.com", &[0, 1]);
    split.mx = vec![at(id(0)), at(id(1))];
    let mut other = domain("fabrikam.com", &[1]);
    other.mx = vec![at(id(1)), at(id(0))];
    let (plan, findings) = plan(two_places(false, vec![split, other]));
    assert_eq!(
        mx(&plan, "contoso.com"),
        [
            "0 contoso-com.mail.protection.outlook.com",
            "10 mail.contoso.com"
        ]
    );
    assert_eq!(
        mx(&plan, "fabrikam.com"),
        [
            "10 mail.contoso.com",
            "20 fabrikam-com.mail.protection.outlook.com"
        ]
    );
    assert_eq!(codes(&findings), Vec::<&str>::new());
}

#[test]
fn a_written_preference_wins() {
    let mut topology = two_places(true, vec![domain("contoso.com", &[1])]);
    let mut second = host("mx2.contoso.com");
    second.value.preference = Some(5);
    topology.locations[1].hosts.push(second);
    let (plan, _) = plan(topology);
    assert_eq!(
        mx(&plan, "contoso.com"),
        ["5 mx2.contoso.com", "10 mail.contoso.com"]
    );
}

#[test]
fn an_mx_set_is_whole_or_withheld() {
    let mut hyphen = domain("a-b.example", &[0, 1]);
    hyphen.mx = vec![at(id(0)), at(id(1))];
    hyphen.mta_sts = Some(at(MtaSts {
        mode: MtaStsMode::Enforce,
        host: None,
        max_age: 604_800,
    }));
    let mut topology = two_places(false, vec![hyphen]);
    let (before, _) = plan(topology.clone());
    assert_eq!(mx(&before, "a-b.example"), Vec::<String>::new());
    assert!(withheld(&before).contains(&"the MX record of `a-b.example`"));
    assert!(withheld(&before).contains(&"the MTA-STS policy of `a-b.example`"));
    assert_eq!(texts(&before, "_mta-sts.a-b.example"), Vec::<String>::new());

    let facts = LocationFacts {
        mx: BTreeMap::from([(
            name("a-b.example"),
            at("ab01e.j-v1.mx.microsoft".to_owned()),
        )]),
        ..LocationFacts::default()
    };
    topology.facts.locations.insert(id(0), facts);
    let (after, _) = plan(topology);
    assert_eq!(
        mx(&after, "a-b.example"),
        ["0 ab01e.j-v1.mx.microsoft", "10 mail.contoso.com"]
    );
}

#[test]
fn a_place_without_a_name_is_reported_once() {
    let mut topology = two_places(
        true,
        vec![domain("contoso.com", &[1]), domain("fabrikam.com", &[1])],
    );
    topology.locations[1].hosts = vec![
        host("203.0.113.10"),
        host("mail.contoso.com:2525"),
        host("EX01"),
    ];
    let (plan, findings) = plan(topology);
    assert_eq!(mx(&plan, "contoso.com"), Vec::<String>::new());
    assert_eq!(codes(&findings), ["N004"]);
    let finding = findings.iter().find(|f| f.check == "N004").expect("found");
    assert_eq!(finding.domains, ["contoso.com", "fabrikam.com"]);
}

#[test]
fn dkim_comes_from_facts_or_from_the_spec() {
    let mut written = domain("fabrikam.com", &[0]);
    written.dkim = Dkim::Signers(vec![DkimSigner {
        signer: at(Party::Location(id(1))),
        selectors: vec![
            (
                at("s1".to_owned()),
                DkimKey::Target("s1.keys.sender.example".to_owned()),
            ),
            (
                at("mail".to_owned()),
                DkimKey::Record("v=DKIM1; k=rsa; p=AAAA".to_owned()),
            ),
        ],
    }]);
    let domains = vec![
        domain("contoso.com", &[0]),
        domain("a.example", &[0]),
        written,
    ];
    let mut topology = two_places(true, domains);
    let target = "selector1-contoso-com._domainkey.contoso.onmicrosoft.com";
    let facts = LocationFacts {
        dkim: BTreeMap::from([(
            name("contoso.com"),
            Box::from([("selector1".to_owned(), at(target.to_owned()))]),
        )]),
        ..LocationFacts::default()
    };
    topology.facts.locations.insert(id(0), facts);
    let (plan, _) = plan(topology);
    let cname = |text| vec![RData::Cname(OwnerName::parse(text).expect("a name"))];
    assert_eq!(
        found(&plan, "selector1._domainkey.contoso.com", RecordType::Cname),
        cname(target)
    );
    assert_eq!(
        found(&plan, "s1._domainkey.fabrikam.com", RecordType::Cname),
        cname("s1.keys.sender.example")
    );
    assert_eq!(
        texts(&plan, "mail._domainkey.fabrikam.com"),
        ["v=DKIM1; k=rsa; p=AAAA"]
    );
    assert!(withheld(&plan).contains(&"the DKIM records of `a.example`"));
}

#[test]
fn dmarc_reports_to_another_domain_are_authorized_there() {
    let dmarc = |rua: &str| {
        Some(Box::new(at(Dmarc {
            policy: DmarcPolicy::Quarantine,
            rua: vec![rua.to_owned()],
            ..Dmarc::default()
        })))
    };
    let mut domains = Vec::new();
    for (text, rua) in [
        ("contoso.com", "mailto:dmarc@contoso.com"),
        ("eu.contoso.com", "mailto:dmarc@contoso.com"),
        ("fabrikam.com", "mailto:dmarc@contoso.com"),
        ("northwind.example", "mailto:x@reports.example"),
        ("tailspin.example", "mailto:x@reports.example"),
    ] {
        domains.push(Domain {
            dmarc: dmarc(rua),
            ..domain(text, &[0])
        });
    }
    let (plan, _) = plan(topology(vec![tenant("cloud")], domains));
    assert_eq!(
        texts(&plan, "_dmarc.fabrikam.com"),
        ["v=DMARC1; p=quarantine; rua=mailto:dmarc@contoso.com"]
    );
    assert_eq!(
        texts(&plan, "fabrikam.com._report._dmarc.contoso.com"),
        ["v=DMARC1;"]
    );
    assert_eq!(
        texts(&plan, "eu.contoso.com._report._dmarc.contoso.com"),
        Vec::<String>::new()
    );
    let asked = crate::dns::foreign_reports(&plan);
    let asked: Vec<(&str, Vec<&str>)> = asked
        .iter()
        .map(|(receiver, senders)| {
            let senders = senders.iter().map(|one| one.domain.as_str());
            (receiver.as_str(), senders.collect())
        })
        .collect();
    assert_eq!(
        asked,
        [(
            "reports.example",
            vec!["northwind.example", "tailspin.example"]
        )]
    );
}

#[test]
fn a_policy_names_the_old_and_the_new_entry() {
    let mut moving = domain("contoso.com", &[0]);
    moving.mta_sts = Some(at(MtaSts {
        mode: MtaStsMode::Testing,
        host: Some("sts.web.example".to_owned()),
        max_age: 86400,
    }));
    let (still, _) = plan(topology(vec![tenant("cloud")], vec![moving.clone()]));
    moving.mx_now = Some(at(Entry::Hosts(vec![at(
        Host::parse("mail.old.example").expect("a host")
    )])));
    let (staged, _) = plan(topology(vec![tenant("cloud")], vec![moving]));
    assert_eq!(
        staged.zones[0].policies[0].text(),
        "version: STSv1\nmode: testing\nmx: contoso-com.mail.protection.outlook.com\nmx: mail.old.example\nmax_age: 86400\n"
    );
    let id = |plan: &Plan| texts(plan, "_mta-sts.contoso.com");
    assert_ne!(id(&still), id(&staged));
    assert_eq!(id(&staged)[0].len(), "v=STSv1; id=".len() + 20);
}

#[test]
fn dane_needs_a_key_and_a_zone() {
    let mut contoso = domain("contoso.com", &[1]);
    contoso.dane = Some(at(true));
    let mut fabrikam = domain("fabrikam.com", &[0]);
    fabrikam.dane = Some(at(true));
    let mut topology = two_places(true, vec![contoso, fabrikam]);
    let (with_key, _) = plan(topology.clone());
    let tlsa = |plan: &Plan| found(plan, "_25._tcp.mail.contoso.com", RecordType::Tlsa);
    assert_eq!(
        tlsa(&with_key),
        [RData::Tlsa {
            usage: 3,
            selector: 1,
            matching: 1,
            data: vec![0xab; 32]
        }]
    );
    assert!(
        withheld(&with_key)
            .contains(&"the TLSA record of `fabrikam-com.mail.protection.outlook.com`")
    );
    if let Some(certificate) = &mut topology.locations[1].certificate {
        certificate.spki_sha256 = None;
    }
    let (without, _) = plan(topology);
    assert_eq!(tlsa(&without), []);
    assert!(withheld(&without).contains(&"the TLSA record of `mail.contoso.com`"));
}

#[test]
fn a_parked_domain_is_closed_at_every_name() {
    let mut topology = topology(Vec::new(), vec![parked("old.example")]);
    own_record("old.example", "www", "A", "192.0.2.80", &mut topology);
    own_record(
        "old.example",
        "shop",
        "CNAME",
        "shop.example.net.",
        &mut topology,
    );
    let (plan, findings) = plan(topology);
    for owner in ["old.example", "*.old.example", "www.old.example"] {
        assert_eq!(
            found(&plan, owner, RecordType::Mx),
            [RData::null_mx()],
            "{owner}"
        );
        assert_eq!(texts(&plan, owner), ["v=spf1 -all"], "{owner}");
    }
    assert_eq!(found(&plan, "shop.old.example", RecordType::Mx), []);
    assert_eq!(texts(&plan, "_dmarc.old.example"), ["v=DMARC1; p=reject"]);
    assert_eq!(texts(&plan, "*._domainkey.old.example"), ["v=DKIM1; p="]);
    assert_eq!(codes(&findings), Vec::<&str>::new());
}

#[test]
fn what_the_user_keeps_goes_before_ours_and_is_reported() {
    for (owner, kind, data, check) in [
        ("autodiscover", "CNAME", "web.example.", Some("N007")),
        ("_dmarc", "CNAME", "dmarc.service.example.", Some("N007")),
        ("_dmarc", "TXT", "v=DMARC1; p=none", Some("N018")),
        ("@", "MX", "10 mail.old.example.", Some("N004")),
        ("@", "TXT", "MS=ms123456789", None),
        ("www", "CNAME", "web.example.", None),
        ("@", "XYZ", "1", Some("S019")),
    ] {
        let mut contoso = domain("contoso.com", &[0]);
        contoso.dmarc = Some(Box::new(at(Dmarc {
            policy: DmarcPolicy::Reject,
            ..Dmarc::default()
        })));
        let mut topology = topology(vec![tenant("cloud")], vec![contoso]);
        own_record("contoso.com", owner, kind, data, &mut topology);
        let (plan, findings) = plan(topology);
        assert_eq!(
            codes(&findings),
            check.into_iter().collect::<Vec<_>>(),
            "{owner} {kind} {data}"
        );
        if kind == "MX" {
            assert_eq!(mx(&plan, "contoso.com"), ["10 mail.old.example"]);
        }
    }
}

#[test]
fn an_alias_at_the_apex_is_one_finding() {
    let mut topology = topology(vec![tenant("cloud")], vec![domain("contoso.com", &[0])]);
    own_record("contoso.com", "@", "CNAME", "web.example.", &mut topology);
    let (_, findings) = plan(topology);
    assert_eq!(codes(&findings), ["N007"]);
}

#[test]
fn mx_hosts_are_no_aliases_and_delegated_names_have_no_records() {
    let mut first = two_places(true, vec![domain("contoso.com", &[1])]);
    own_record("contoso.com", "mail", "CNAME", "web.example.", &mut first);
    let (_, findings) = plan(first);
    assert_eq!(codes(&findings), ["N001"]);
    let mut second = topology(vec![tenant("cloud")], vec![domain("eu.contoso.com", &[0])]);
    own_record("contoso.com", "eu", "NS", "ns.example.", &mut second);
    let (_, findings) = plan(second);
    assert_eq!(codes(&findings), ["N019"]);
}

#[test]
fn zones_are_registered_names_or_as_written() {
    let mut external = domain("external.example", &[0]);
    external.dns = DnsManagement::External(Box::default());
    let domains = vec![
        domain("contoso.co.uk", &[0]),
        domain("eu.contoso.co.uk", &[0]),
        domain("us.contoso.co.uk", &[0]),
        domain("contoso.onmicrosoft.com", &[0]),
        external,
    ];
    let mut topology = topology(vec![tenant("cloud")], domains);
    topology
        .dns
        .zones
        .insert(name("eu.contoso.co.uk"), ZoneSettings::default());
    let (plan, _) = plan(topology);
    let origins: Vec<_> = plan.zones.iter().map(|zone| zone.origin.as_str()).collect();
    assert_eq!(origins, ["contoso.co.uk", "eu.contoso.co.uk"]);
    let owners = |index: usize| {
        plan.zones[index]
            .sets
            .keys()
            .filter(|key| key.kind == RecordType::Mx)
            .count()
    };
    assert_eq!((owners(0), owners(1)), (2, 1));
}

#[test]
fn a_whole_zone_needs_what_it_names() {
    let mut topology = two_places(true, vec![domain("contoso.com", &[1])]);
    let settings = topology.dns.zones.entry(name("contoso.com")).or_default();
    settings.serial = Some(at(7));
    settings.nameservers = vec![at(name("ns1.contoso.com"))];
    let (broken, findings) = plan(topology.clone());
    assert_eq!(codes(&findings), ["N020"]);
    assert_eq!(broken.zones[0].authority, None);
    own_record("contoso.com", "ns1", "A", "192.0.2.53", &mut topology);
    let (whole, findings) = plan(topology.clone());
    assert!(whole.zones[0].authority.is_some());
    let warning = findings
        .iter()
        .find(|finding| finding.check == "N020")
        .expect("the MX host has no address");
    assert_eq!(warning.severity, Severity::Warning);
    topology.locations[1].hosts[0].value.addresses =
        vec!["203.0.113.25".parse().expect("an address")];
    let (_, findings) = plan(topology);
    assert_eq!(codes(&findings), Vec::<&str>::new());
}

#[test]
fn a_set_has_one_time_to_live() {
    let mut topology = topology(vec![tenant("cloud")], vec![domain("contoso.com", &[0])]);
    own_record("contoso.com", "@", "TXT", "MS=ms1", &mut topology);
    if let Some(zone) = topology.dns.zones.get_mut(&name("contoso.com")) {
        zone.records[0].value.ttl = Some(300);
    }
    let (plan, _) = plan(topology);
    let set = plan.zones[0]
        .set(OwnerName::from(name("contoso.com")), RecordType::Txt)
        .expect("a set");
    assert_eq!((set.ttl, set.records.len()), (300, 2));
}

#[test]
fn one_cause_is_said_once_for_all_domains() {
    let domains = [
        "a.example",
        "b.example",
        "c.example",
        "d.example",
        "e.example",
    ];
    let domains = domains.iter().map(|text| domain(text, &[0])).collect();
    let (plan, _) = plan(topology(vec![tenant("cloud")], domains));
    assert_eq!(
        withheld(&plan),
        ["the DKIM records of `a.example`, `b.example`, `c.example` and 2 more"]
    );
}

#[test]
fn autodiscover_follows_the_mailboxes() {
    let contoso = domain("contoso.com", &[0, 1]);
    let fabrikam = domain("fabrikam.com", &[0]);
    let mut topology = two_places(false, vec![contoso, fabrikam]);
    let (plain, _) = plan(topology.clone());
    assert_eq!(
        found(&plain, "autodiscover.fabrikam.com", RecordType::Cname).len(),
        1
    );
    assert_eq!(
        found(&plain, "_autodiscover._tcp.contoso.com", RecordType::Srv).len(),
        1
    );
    if let Some(certificate) = &mut topology.locations[1].certificate {
        certificate
            .names
            .push(at("autodiscover.contoso.com".to_owned()));
    }
    let (certified, _) = plan(topology);
    assert_eq!(
        found(&certified, "autodiscover.contoso.com", RecordType::Cname).len(),
        1
    );
    assert_eq!(
        found(
            &certified,
            "_autodiscover._tcp.contoso.com",
            RecordType::Srv
        ),
        []
    );
}
