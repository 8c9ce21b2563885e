//! Slips that are common where records are written by hand.

use super::{Record, Term};
use crate::finding::distance;
use std::net::IpAddr;

/// The term that was meant by a word which is none, where the slip is a common one.
pub(crate) fn meant(word: &str) -> Option<String> {
    const NAMES: [&str; 9] = [
        "include", "redirect", "exists", "all", "ip4", "ip6", "ptr", "mx", "a",
    ];
    let reads = |text: &String| text != word && Record::parse(&format!("v=spf1 {text}")).is_ok();
    // What a sentence or a list ends with, quotation marks, and the dashes of a word processor.
    let bare = word
        .trim_matches(['"', '\''])
        .trim_end_matches(['.', ',', ';', '"']);
    let bare = bare.replace(['\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}'], "-");
    let sign = bare
        .get(..1)
        .filter(|first| "+-~?".contains(first))
        .unwrap_or_default();
    let rest = bare.strip_prefix(sign).unwrap_or(&bare);
    let network = |value: &str| {
        let (address, _) = value.split_once('/').unwrap_or((value, ""));
        let kind = if address.parse::<IpAddr>().ok()?.is_ipv6() {
            "ip6"
        } else {
            "ip4"
        };
        Some(format!("{sign}{kind}:{value}"))
    };
    if Term::parse(&bare).is_some() {
        return Some(bare).filter(reads);
    }
    if let Some(term) = network(rest) {
        return Some(term).filter(reads);
    }
    let split = rest.split_once([':', '=', '.']);
    let split = split.map(|(name, value)| (name, value.trim_start_matches([':', '='])));
    // Nothing may stand between a name and its value.
    let is_plain = |value: &&str| {
        value.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
            && !value.contains([':', '='])
    };
    let joined = ["include", "ip4", "ip6"].into_iter().find_map(|name| {
        let value = rest.strip_prefix(name);
        Some((name, value.filter(is_plain)?))
    });
    [split, joined]
        .into_iter()
        .flatten()
        .find_map(|(name, value)| {
            let lower = name.to_ascii_lowercase();
            let name = match lower.as_str() {
                "ip" | "ipv4" | "ipv6" | "ip4" | "ip6" => return network(value).filter(reads),
                "domain" | "host" => "a",
                short if short.len() < 3 => NAMES.into_iter().find(|name| *name == short)?,
                long => {
                    let near = |name: &&str| name.len() > 2 && distance(long, name) <= 1;
                    NAMES.into_iter().find(near)?
                }
            };
            let term = match name {
                "all" => {
                    return Some(format!("{sign}all"))
                        .filter(|_| value.is_empty())
                        .filter(reads);
                }
                "redirect" => format!("redirect={value}"),
                name => format!("{sign}{name}:{value}"),
            };
            Some(term).filter(reads)
        })
}

#[cfg(test)]
mod tests {
    use super::{Record, meant};
    use proptest::prelude::*;

    #[test]
    fn common_slips_are_known() {
        for (word, wanted) in [
            ("include.spf.a.example", Some("include:spf.a.example")),
            ("include=spf.a.example", Some("include:spf.a.example")),
            ("includes:spf.a.example", Some("include:spf.a.example")),
            ("inlcude:spf.a.example", Some("include:spf.a.example")),
            ("includespf.a.example", Some("include:spf.a.example")),
            ("redirect:spf.a.example", Some("redirect=spf.a.example")),
            ("ipv4:192.0.2.1", Some("ip4:192.0.2.1")),
            ("ip:192.0.2.0/24", Some("ip4:192.0.2.0/24")),
            ("-ip4=192.0.2.1", Some("-ip4:192.0.2.1")),
            ("ip4:2001:db8::1", Some("ip6:2001:db8::1")),
            ("ip6:192.0.2.1", Some("ip4:192.0.2.1")),
            ("ip4192.0.2.1", Some("ip4:192.0.2.1")),
            ("192.0.2.1", Some("ip4:192.0.2.1")),
            ("a=mail.a.example", Some("a:mail.a.example")),
            ("mx=a.example", Some("mx:a.example")),
            ("-all.", Some("-all")),
            ("\u{2013}all", Some("-all")),
            ("~all;", Some("~all")),
            ("includes.spf.a.example", Some("include:spf.a.example")),
            ("-al", None),
            ("foo:bar", None),
            ("ip4:192.0.2.300", None),
            ("include:", None),
            ("spf2.0/pra", None),
            ("exp=why.a.example", None),
            ("x=1", None),
        ] {
            assert_eq!(meant(word).as_deref(), wanted, "{word}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_offers_what_reads(word in "\\PC{0,30}|[+?~-]?(include|ip4|ipv6|a|mx|ptr|all)?[.:=/]{0,2}[a-z0-9.:/%{}üß-]{0,20}") {
            if let Some(term) = meant(&word) {
                let is_read = Record::parse(&format!("v=spf1 {term}")).is_ok();
                prop_assert!(is_read);
                prop_assert_ne!(term, word);
            }
        }
    }
}
