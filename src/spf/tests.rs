//! The rules of RFC 7208, one by one. Random records are compared with another implementation in `tests/spf`.

use super::*;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What stands under names, as `name: ["text", "MX host", "192.0.2.1"]`; other names are void below `.test`.
struct Zone(BTreeMap<&'static str, Vec<&'static str>>);

impl Zone {
    fn of(list: &[(&'static str, &[&'static str])]) -> Self {
        Self(
            list.iter()
                .map(|(name, data)| (*name, data.to_vec()))
                .collect(),
        )
    }

    fn at(&self, name: &str) -> Option<Vec<&'static str>> {
        match self.0.get(name) {
            Some(data) => Some(data.clone()),
            None => name
                .rsplit('.')
                .next()
                .is_some_and(|label| label == "test")
                .then(Vec::new),
        }
    }
}

impl Names for Zone {
    fn texts(&self, name: &str) -> Option<Vec<String>> {
        let texts = self
            .at(name)?
            .into_iter()
            .filter(|text| text.to_lowercase().starts_with("v="));
        Some(texts.map(str::to_owned).collect())
    }

    fn exchangers(&self, name: &str) -> Option<Vec<String>> {
        let hosts = self.at(name)?.into_iter();
        Some(
            hosts
                .filter_map(|text| text.strip_prefix("MX "))
                .map(str::to_owned)
                .collect(),
        )
    }

    fn addresses(&self, name: &str, v6: bool) -> Option<Vec<IpAddr>> {
        let data = self.at(name)?.into_iter();
        Some(
            data.filter_map(|text| text.parse().ok())
                .filter(|ip: &IpAddr| ip.is_ipv6() == v6)
                .collect(),
        )
    }
}

fn verdict(zone: &Zone, address: &str) -> String {
    let verdict = check_host(zone, address.parse().expect("an address"), "d.test");
    format!("{verdict:?}")
}

#[test]
fn mechanisms_match_as_the_standard_says() {
    for (record, address, wanted) in [
        ("v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.200", "Pass"),
        ("v=spf1 ip4:192.0.2.1/24 ~all", "192.0.3.1", "Softfail"),
        ("v=spf1 ?ip6:2001:db8::/32 -all", "2001:db8::1", "Neutral"),
        ("v=spf1 a -all", "192.0.2.7", "Pass"),
        ("v=spf1 a/24 -all", "192.0.2.9", "Pass"),
        ("v=spf1 a:d.test//64 -all", "2001:db8::9", "Pass"),
        ("v=spf1 mx -all", "198.51.100.1", "Pass"),
        ("V=SPF1 -MX +all", "198.51.100.1", "Fail"),
        ("v=spf1 exists:%{ir}.list.test -all", "192.0.2.1", "Pass"),
        ("v=spf1 exists:%{ir}.list.test -all", "192.0.2.2", "Fail"),
        ("v=spf1 include:in.test -all", "203.0.113.1", "Pass"),
        (
            "v=spf1 include:in.test ip4:203.0.113.2 -all",
            "203.0.113.2",
            "Pass",
        ),
        ("v=spf1 redirect=in.test", "203.0.113.2", "Softfail"),
        ("v=spf1 redirect=in.test -all", "203.0.113.1", "Fail"),
        ("v=spf1", "192.0.2.1", "Neutral"),
        ("v=spf10 -all", "192.0.2.1", "None"),
        (
            "v=spf1 include:no.test -all",
            "192.0.2.1",
            "Permerror(Missing(\"no.test\"))",
        ),
        (
            "v=spf1 redirect=no.test",
            "192.0.2.1",
            "Permerror(Missing(\"no.test\"))",
        ),
        (
            "v=spf1 include:two.test -all",
            "192.0.2.1",
            "Permerror(Several(\"two.test\"))",
        ),
        (
            "v=spf1 ip4:192.0.2.1 -al",
            "192.0.2.1",
            "Permerror(Syntax(\"d.test\", \"-al\"))",
        ),
        (
            "v=spf1 include:d.test -all",
            "192.0.2.1",
            "Permerror(Lookups)",
        ),
        (
            "v=spf1 a:x.test a:y.test a:z.test -all",
            "192.0.2.1",
            "Permerror(Void)",
        ),
        ("v=spf1 a:x.test a:y.test +all", "192.0.2.1", "Pass"),
        (
            "v=spf1 include:who.example -all",
            "192.0.2.1",
            "Unknown(\"who.example\")",
        ),
        (
            "v=spf1 include:who.example ip4:192.0.2.1 -all",
            "192.0.2.1",
            "Pass",
        ),
        (
            "v=spf1 -a:who.example ip4:192.0.2.1 -all",
            "192.0.2.1",
            "Unknown(\"who.example\")",
        ),
    ] {
        let zone = Zone::of(&[
            (
                "d.test",
                &[record, "192.0.2.7", "2001:db8::7", "MX mx.test"],
            ),
            ("mx.test", &["198.51.100.1"]),
            ("in.test", &["v=spf1 ip4:203.0.113.1 ~all"]),
            ("two.test", &["v=spf1 -all", "v=spf1 +all"]),
            ("1.2.0.192.list.test", &["127.0.0.2"]),
        ]);
        assert_eq!(verdict(&zone, address), wanted, "{record}");
    }
}

#[test]
fn terms_are_read_or_refused() {
    for term in [
        "all:x",
        "include",
        "include:",
        "include:nodots",
        "include:a.b/24",
        "a:",
        "a/33",
        "a/024",
        "a//129",
        "mx:x.1",
        "ip4:2001:db8::1",
        "ip4:192.0.2.1/",
        "ip6:192.0.2.1",
        "ip4",
        "exists",
        "ptr:",
        "b:x.test",
        "exists:%{x}.a.test",
        "exists:%a.test",
        "a:\u{fc}.test",
    ] {
        assert_eq!(Term::parse(term), None, "{term}");
    }
    for term in [
        "-all",
        "a/0",
        "a:x.test/24//64",
        "a//64",
        "mx",
        "ptr",
        "?ptr:x.test",
        "ip4:192.0.2.1/0",
        "ip6:::/0",
        "exists:%{i}._spf.%{d2}",
        "include:%{d}",
        "INCLUDE:_spf.x.test.",
    ] {
        assert!(Term::parse(term).is_some(), "{term}");
    }
    for (record, term) in [
        ("v=spf1 redirect=a.test redirect=b.test", "redirect=b.test"),
        ("v=spf1 redirect=", "redirect="),
        ("v=spf1 exp=a.test exp=a.test", "exp=a.test"),
    ] {
        assert_eq!(Record::parse(record), Err(term.to_owned()));
    }
    assert!(Record::parse("v=spf1  x-y=%{d} -all ").is_ok());
}

#[test]
fn lookups_are_counted_to_the_bottom() {
    let zone = Zone::of(&[
        (
            "d.test",
            &[
                "v=spf1 include:a.test mx:gone.test ip4:192.0.2.1 include:who.example -all a:after.test",
            ],
        ),
        (
            "a.test",
            &[
                "v=spf1 include:b.test mx a:h.test ip4:192.0.2.2 -all",
                "MX h.test",
            ],
        ),
        ("b.test", &["v=spf1 exists:%{i}.b.test ~all"]),
        ("h.test", &["198.51.100.7"]),
        (
            "circle.test",
            &["v=spf1 include:a.test include:back.test -all"],
        ),
        (
            "back.test",
            &["v=spf1 include:circle.test include:no.test -all"],
        ),
    ]);
    let found = survey(&zone, "d.test");
    assert_eq!(found.lookups(), 7);
    assert_eq!(
        found.costs,
        [
            ("include:a.test".to_owned(), 5),
            ("mx:gone.test".to_owned(), 1),
            ("include:who.example".to_owned(), 1)
        ]
    );
    assert_eq!(found.void, ["gone.test"]);
    assert_eq!(
        Vec::from_iter(&found.unknown),
        ["%{i}.b.test", "who.example"]
    );
    assert_eq!(found.networks.len(), 3);
    let round = survey(&zone, "circle.test");
    assert_eq!(round.circle.as_deref(), Some("circle.test"));
    assert_eq!(
        Vec::from_iter(round.broken),
        [Broken::Missing("no.test".to_owned())]
    );
}

#[test]
fn a_network_is_cut_where_the_record_tells_addresses_apart() {
    let zone = Zone::of(&[
        (
            "d.test",
            &["v=spf1 -ip4:192.0.2.128/25 ip4:192.0.2.0/24 a:h.test -all"],
        ),
        ("h.test", &["192.0.3.1"]),
    ]);
    let network = "192.0.2.0/23".parse().expect("a network");
    let found = check_network(&zone, network, "d.test");
    let said = |verdict: Verdict| {
        found
            .iter()
            .filter(|(_, said)| *said == verdict)
            .map(|(part, _)| part.to_string())
            .collect::<Vec<String>>()
    };
    assert_eq!(said(Verdict::Pass), ["192.0.2.0/25", "192.0.3.1/32"]);
    assert_eq!(found.len(), 2 + 9);
}
