use crate::writer::any_text;
use crate::writer::zone::{Data, Record, character_strings, comment, zone};
use proptest::prelude::*;

fn record(owner: &str, data: Data) -> Record {
    Record {
        owner: owner.to_owned(),
        ttl: 3600,
        data,
        comment: String::new(),
    }
}

fn mx(preference: u16, exchange: &str) -> Data {
    Data::Mx {
        preference,
        exchange: exchange.to_owned(),
    }
}

fn written(records: &[Record]) -> String {
    zone("contoso.com", records).expect("can be written")
}

/// The fields behind the type of the one record of a zone.
fn data(data: Data) -> String {
    let text = written(&[record("contoso.com", data)]);
    let (_, data) = text.trim_end().split_once(" IN ").expect("class");
    let (_, data) = data.split_once(' ').expect("type");
    data.to_owned()
}

/// Reads quoted strings as RFC 1035 says; `None` where one is open, holds a line break or is too long.
fn read_strings(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut rest = text.bytes().peekable();
    while rest.peek().is_some() {
        (rest.next()? == b'"').then_some(())?;
        let start = octets.len();
        loop {
            match rest.next()? {
                b'"' => break,
                b'\\' => {
                    let first = rest.next()?;
                    if first.is_ascii_digit() {
                        let digits = [first, rest.next()?, rest.next()?];
                        octets.push(std::str::from_utf8(&digits).ok()?.parse().ok()?);
                    } else {
                        octets.push(first);
                    }
                }
                octet @ b' '..=b'~' => octets.push(octet),
                _ => return None,
            }
        }
        (octets.len() - start <= 255).then_some(())?;
        if rest.peek().is_some() {
            (rest.next()? == b' ').then_some(())?;
        }
    }
    Some(octets)
}

#[test]
fn apex_first_then_canonical_order_and_aligned() {
    let mut commented = record("www.contoso.com", Data::Cname("web.example".to_owned()));
    commented.comment = "domains.contoso.com".to_owned();
    let text = written(&[
        commented,
        record("a.b.contoso.com.", Data::A([192, 0, 2, 1].into())),
        record("*.contoso.com", mx(0, ".")),
        record("b.contoso.com", Data::Txt(b"v=spf1 -all".to_vec())),
        record("CONTOSO.com", mx(20, "mx2.Contoso.com")),
        record("contoso.com", Data::Txt(b"v=spf1 -all".to_vec())),
        record("contoso.com", Data::Ns("ns1.dns.example".to_owned())),
        record("contoso.com", mx(10, "mx1.contoso.com")),
        record("contoso.com", mx(10, "mx1.contoso.com.")),
    ]);
    assert_eq!(
        text,
        "contoso.com.     3600 IN NS    ns1.dns.example.\n\
         contoso.com.     3600 IN MX    10 mx1.contoso.com.\n\
         contoso.com.     3600 IN MX    20 mx2.contoso.com.\n\
         contoso.com.     3600 IN TXT   \"v=spf1 -all\"\n\
         *.contoso.com.   3600 IN MX    0 .\n\
         b.contoso.com.   3600 IN TXT   \"v=spf1 -all\"\n\
         a.b.contoso.com. 3600 IN A     192.0.2.1\n\
         ; domains.contoso.com\n\
         www.contoso.com. 3600 IN CNAME web.example.\n"
    );
}

#[test]
fn every_type() {
    for (value, expected) in [
        (
            Data::Soa {
                primary: "ns1.dns.example".to_owned(),
                mailbox: "hostmaster.contoso.com".to_owned(),
                serial: 7,
                timers: [7200, 900, 1_209_600, 300],
            },
            "ns1.dns.example. hostmaster.contoso.com. 7 7200 900 1209600 300",
        ),
        (
            Data::Aaaa("2001:DB8:0::1".parse().expect("an address")),
            "2001:db8::1",
        ),
        (
            Data::Srv {
                priority: 0,
                weight: 1,
                port: 993,
                target: ".".to_owned(),
            },
            "0 1 993 .",
        ),
        (
            Data::Tlsa {
                usage: 3,
                selector: 1,
                matching: 0,
                data: vec![0, 255],
            },
            "3 1 0 00ff",
        ),
        (
            Data::Caa {
                flags: 128,
                tag: "issue".to_owned(),
                value: "ca.example; x=\"y\"".to_owned(),
            },
            "128 issue \"ca.example; x=\\\"y\\\"\"",
        ),
        (
            Data::Other {
                kind: 65280,
                data: vec![10, 0, 0, 1],
            },
            "\\# 4 0a000001",
        ),
        (
            Data::Other {
                kind: 65280,
                data: Vec::new(),
            },
            "\\# 0",
        ),
    ] {
        assert_eq!(data(value), expected);
    }
}

#[test]
fn long_text_is_split_by_octets_not_by_characters() {
    let text = "ä".repeat(200);
    let written = data(Data::Txt(text.clone().into_bytes()));
    assert!(written.is_ascii());
    assert_eq!(written.matches("\" \"").count(), 1);
    assert_eq!(read_strings(&written), Some(text.into_bytes()));
    assert_eq!(
        character_strings(b"v=DMARC1; p=none"),
        "\"v=DMARC1; p=none\""
    );
    assert_eq!(character_strings(b"a\"b\\c\n"), "\"a\\\"b\\\\c\\010\"");
    assert_eq!(character_strings(b""), "\"\"");
}

#[test]
fn names_that_are_none_are_refused() {
    let long = "a".repeat(64);
    let longest = vec!["a".repeat(50); 6].join(".");
    for name in [
        "",
        "..",
        "a..contoso.com",
        ".contoso.com",
        "a b.contoso.com",
        "a;b.contoso.com",
        "a\nb.contoso.com",
        "a\\.contoso.com",
        "\"a\".contoso.com",
        "münchen.contoso.com",
        "a.*.contoso.com",
        "*a.contoso.com",
        "@",
        "192.0.2.1",
        &format!("{long}.contoso.com"),
        &longest,
    ] {
        assert!(
            zone("contoso.com", &[record("contoso.com", mx(1, name))]).is_err(),
            "{name:?}"
        );
    }
}

#[test]
fn what_servers_drop_or_change_is_refused() {
    let other_ttl = Record {
        ttl: 300,
        ..record("contoso.com", mx(20, "b.example"))
    };
    let eternal = Record {
        ttl: u32::MAX,
        ..record("contoso.com", mx(20, "b.example"))
    };
    let broken_comment = Record {
        comment: "x\nevil.contoso.com. 1 IN A 192.0.2.1".to_owned(),
        ..record("contoso.com", mx(20, "b.example"))
    };
    let short_digest = Data::Tlsa {
        usage: 3,
        selector: 1,
        matching: 1,
        data: vec![1, 2],
    };
    let text = |owner| record(owner, Data::Txt(b"x".to_vec()));
    let cname = |target: &str| record("a.contoso.com", Data::Cname(target.to_owned()));
    for (records, why) in [
        (vec![text("fabrikam.com")], "not in the zone"),
        (vec![text("evilcontoso.com")], "not in the zone"),
        (
            vec![record("contoso.com", mx(10, "a.example")), other_ttl],
            "different times to live",
        ),
        (vec![eternal], "too long"),
        (vec![broken_comment], "line break"),
        (vec![text("a.contoso.com"), cname("x.example")], "CNAME"),
        (vec![cname("x.example"), cname("y.example")], "second CNAME"),
        (
            vec![record("_25._tcp.contoso.com", short_digest)],
            "2 octets",
        ),
    ] {
        let refused = zone("contoso.com", &records).expect_err(why).message;
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn comments() {
    assert_eq!(
        comment("domains.contoso.com").as_deref(),
        Ok("; domains.contoso.com")
    );
    assert!(comment("a\nb").is_err());
}

proptest! {
    #[test]
    fn octets_read_back(octets in prop::collection::vec(any::<u8>(), 0..600)) {
        let text = character_strings(&octets);
        prop_assert!(text.bytes().all(|octet| (b' '..=b'~').contains(&octet)));
        prop_assert_eq!(read_strings(&text), Some(octets));
    }

    #[test]
    fn no_name_or_value_leaves_its_line(owner in any_text(), value in any_text(), tag in "\\PC{0,4}") {
        let owner = format!("{owner}.contoso.com");
        for data in [
            Data::Txt(value.clone().into_bytes()),
            Data::Cname(value.clone()),
            Data::Caa { flags: 0, tag, value: value.clone() },
        ] {
            if let Ok(text) = zone("contoso.com", &[record(&owner, data)]) {
                prop_assert_eq!(text.lines().count(), 1);
                prop_assert!(text.is_ascii());
            }
        }
    }

    #[test]
    fn the_order_of_records_does_not_matter(mut records in prop::collection::vec(
        ("[ab*]{1}\\.[ab]\\.contoso\\.com", 0u16..3, "[ab]\\.example"), 0..8).prop_map(|list| list
        .into_iter().map(|(owner, preference, host)| record(&owner, mx(preference, &host))).collect::<Vec<_>>()))
    {
        let text = zone("contoso.com", &records);
        records.reverse();
        prop_assert_eq!(zone("contoso.com", &records), text);
    }
}
