//! When two text records say the same to those who look them up: the list for the owners of zones, the checks and `drift` all
//! ask here.
//!
//! The order of tags and terms, their case and what is the default anyway may differ. A text that receivers cannot read says
//! the same as none but itself.

use crate::dns::keys::{same_key, tags};
use crate::spf::{Record, is_record};
use crate::values::{Address, MailUri};
use std::collections::{BTreeMap, BTreeSet};

/// Whether two text records say the same.
pub(crate) fn same_meaning(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    if is_record(one) && is_record(other) {
        let sender_policy = |text| Record::parse(text).ok().map(|record| record.meaning());
        return sender_policy(one).is_some_and(|found| Some(found) == sender_policy(other));
    }
    meaning(one).is_some_and(|found| Some(found) == meaning(other)) || same_key(one, other)
}

/// The tags of a policy that receivers act on, by name.
fn meaning(text: &str) -> Option<BTreeMap<String, String>> {
    let list = tags(text).ok()?;
    let (_, version) = list.first().filter(|(name, _)| *name == "v")?;
    let is_dmarc = *version == "DMARC1";
    let mut found = BTreeMap::new();
    for (name, value) in &list {
        // The names of DKIM, MTA-STS and TLS reports are in small letters.
        let name = if is_dmarc {
            name.to_ascii_lowercase()
        } else {
            (*name).to_owned()
        };
        let value = match name.as_str() {
            "rua" | "ruf" => addresses(value),
            // The version, keys and identifiers are compared letter by letter.
            _ if !is_dmarc || name == "v" => value.split_ascii_whitespace().collect(),
            "fo" => {
                let options: BTreeSet<String> = value.split(':').map(lower).collect();
                options.into_iter().collect::<Vec<_>>().join(":")
            }
            _ => lower(value),
        };
        // Which of two counts is not said.
        if found.insert(name, value).is_some() {
            return None;
        }
    }
    if is_dmarc {
        without_defaults(&mut found);
    }
    Some(found)
}

/// Report addresses in one order and one spelling.
fn addresses(list: &str) -> String {
    let each = list.split(',').map(str::trim);
    // What size a report may have no receiver looks at.
    let read = each.map(|uri| {
        let uri = MailUri::split_size(uri).0;
        MailUri::parse(uri).map_or_else(|_| uri.to_owned(), |uri| uri.to_string())
    });
    let read: BTreeSet<String> = read.collect();
    read.into_iter().collect::<Vec<_>>().join(",")
}

fn lower(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

/// Takes out of a DMARC record what holds without it, too (RFC 9989, section 4.7).
fn without_defaults(tags: &mut BTreeMap<String, String>) {
    let usual = [
        ("adkim", "r"),
        ("aspf", "r"),
        ("fo", "0"),
        ("pct", "100"),
        ("psd", "u"),
        ("rf", "afrf"),
        ("ri", "86400"),
        ("t", "n"),
    ];
    tags.retain(|name, value| !usual.contains(&(name.as_str(), value.as_str())));
    let below = tags.get("sp").or_else(|| tags.get("p")).cloned();
    if tags
        .get("np")
        .is_some_and(|value| Some(value) == below.as_ref())
    {
        tags.remove("np");
    }
    if tags
        .get("sp")
        .is_some_and(|value| Some(value) == tags.get("p"))
    {
        tags.remove("sp");
    }
}

/// A kind of policy that stands below a domain.
pub(crate) struct Policy {
    /// Where.
    pub head: &'static str,
    /// What it begins with.
    pub version: &'static str,
    /// What it is called.
    pub name: &'static str,
}

/// What a DMARC policy asks for, the strictest last.
const WORDS: [&str; 3] = ["none", "quarantine", "reject"];

/// What receivers do with mail that nothing proves.
pub(crate) const DMARC: Policy = Policy {
    head: "_dmarc",
    version: "v=DMARC1",
    name: "DMARC",
};

/// All kinds.
pub(crate) const POLICIES: [Policy; 3] = [
    DMARC,
    Policy {
        head: "_mta-sts",
        version: "v=STSv1",
        name: "MTA-STS",
    },
    Policy {
        head: "_smtp._tls",
        version: "v=TLSRPTv1",
        name: "TLS-RPT",
    },
];

impl Policy {
    /// The records among texts that are meant as this policy.
    pub(crate) fn meant<'t>(&self, texts: &'t [String]) -> Vec<&'t String> {
        let is_meant = |text: &&String| {
            let text = text.trim_start_matches([' ', '"', '\'']);
            let start = text.get(..self.version.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(self.version))
        };
        texts.iter().filter(is_meant).collect()
    }

    /// Why receivers act on no policy of a domain although one is meant, by what stands at names of it; and what mends it.
    pub(crate) fn flaw(
        &self,
        domain: &str,
        look: impl Fn(&str) -> Option<Vec<String>>,
    ) -> Option<Flaw> {
        let own = format!("{}.{domain}", self.head);
        let texts = look(&own).unwrap_or_default();
        match self.meant(&texts).as_slice() {
            [] => {
                // At the domain itself, or without the underscore.
                let others = [
                    domain.to_owned(),
                    format!("{}.{domain}", self.head.trim_start_matches('_')),
                ];
                let stands =
                    |name: &String| !self.meant(&look(name).unwrap_or_default()).is_empty();
                let name = others.into_iter().find(stands)?;
                Some(Flaw {
                    why: format!(
                        "a {} record stands at `{name}`, where no receiver looks",
                        self.name
                    ),
                    cure: format!("have it moved to `{own}`"),
                })
            }
            [one] => self.slip(one),
            all => {
                let strictness = |text: &&&String| {
                    let list = tags(text).unwrap_or_default();
                    let asked = list.iter().find(|(name, _)| *name == "p");
                    WORDS
                        .iter()
                        .position(|word| asked.is_some_and(|(_, value)| value == word))
                };
                let kept = all.iter().rev().max_by_key(strictness)?;
                Some(Flaw {
                    why: format!(
                        "{} {} records stand at `{own}`, and receivers act on none of them",
                        all.len(),
                        self.name
                    ),
                    cure: format!("have all of them taken out but one, such as `{kept}`"),
                })
            }
        }
    }

    /// What is wrong with one record.
    fn slip(&self, text: &str) -> Option<Flaw> {
        let flaw = |why: String, cure: String| Some(Flaw { why, cure });
        let name = self.name;
        if !text.starts_with(self.version) {
            return flaw(
                format!("the {name} record does not begin with `{}`", self.version),
                format!("have it begin with `{}`, in these letters", self.version),
            );
        }
        let list = match tags(text) {
            Ok(list) => list,
            Err(part) => {
                return flaw(
                    format!("`{part}` in the {name} record is no tag"),
                    format!("have `{part}` mended, such as `p=reject`, or taken out"),
                );
            }
        };
        if list
            .first()
            .is_none_or(|(name, value)| [name, "=", value].concat() != self.version)
        {
            return flaw(
                format!(
                    "no semicolon stands behind `{}` in the {name} record",
                    self.version
                ),
                format!("have `{};` written there", self.version),
            );
        }
        let value = |wanted: &str| {
            let mut list = list.iter();
            let found = list.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| *value)
        };
        for tag in ["p", "sp", "np"] {
            if let Some(bad) = value(tag).filter(|_| self.head == DMARC.head)
                && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(bad))
            {
                return flaw(
                    format!("`{tag}={bad}` in the {name} record is no policy"),
                    format!(
                        "have `{tag}=none`, `{tag}=quarantine` or `{tag}=reject` written there"
                    ),
                );
            }
        }
        for tag in ["rua", "ruf"] {
            for uri in value(tag).unwrap_or_default().split(',').map(str::trim) {
                let bare = MailUri::split_size(uri).0;
                if MailUri::parse(bare).is_err() && Address::parse(bare).is_ok() {
                    return flaw(
                        format!("`{tag}={uri}` in the {name} record lacks `mailto:`"),
                        format!("have `{tag}=mailto:{uri}` written there"),
                    );
                }
            }
        }
        let needed = match self.head {
            "_mta-sts" => "id",
            "_smtp._tls" => "rua",
            _ => return None,
        };
        if value(needed).is_none_or(str::is_empty) {
            return flaw(
                format!("the {name} record has no `{needed}=`"),
                format!("have `{needed}=` written there"),
            );
        }
        None
    }
}

/// Why receivers act on no policy.
pub(crate) struct Flaw {
    /// The reason.
    pub why: String,
    /// What its owner does about it.
    pub cure: String,
}

#[cfg(test)]
mod tests {
    use super::{POLICIES, same_meaning};
    use proptest::prelude::*;

    #[test]
    fn order_case_and_defaults_do_not_matter() {
        for (one, other, same) in [
            (
                "v=spf1 ip4:192.0.2.1 include:A.example. -all",
                "v=spf1 +include:a.example ip4:192.0.2.1/32 -ALL redirect=b.example",
                true,
            ),
            (
                "v=spf1 mx a:b.example/24//64 ?all",
                "v=spf1 a:b.example/24//64 mx",
                true,
            ),
            (
                "v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/24 -all",
                "v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.1 -all",
                false,
            ),
            ("v=spf1 a -all", "v=spf1 a ~all", false),
            (
                "v=spf1 redirect=a.example",
                "v=spf1 REDIRECT=A.example",
                true,
            ),
            (
                "v=spf1 ipv4:192.0.2.1 -all",
                "v=spf1  ipv4:192.0.2.1 -all",
                false,
            ),
            (
                "v=DMARC1; p=reject; rua=mailto:a@b.example,mailto:c@d.example",
                "v=DMARC1;rua=mailto:c@D.example, MAILTO:a@b.example;P=Reject;sp=reject;adkim=r",
                true,
            ),
            ("v=DMARC1; p=reject; sp=none", "v=DMARC1; p=reject", false),
            (
                "v=DMARC1; p=reject; sp=none; np=none",
                "v=DMARC1; np=None; sp=none; p=reject",
                true,
            ),
            (
                "v=DMARC1; p=reject; p=none",
                "v=DMARC1; p=reject; p=none;",
                false,
            ),
            ("v=STSv1; id=20260101", "v=STSv1;id=20260101;", true),
            ("v=STSv1; id=A", "v=STSv1; id=a", false),
            (
                "v=TLSRPTv1; rua=mailto:a@b.example",
                "v=TLSRPTv1;rua=mailto:A@b.example",
                true,
            ),
            ("site=1; a=2", "a=2; site=1", false),
        ] {
            assert_eq!(same_meaning(one, other), same, "{one} | {other}");
            assert_eq!(same_meaning(other, one), same, "{other} | {one}");
        }
    }

    proptest! {
        #[test]
        fn texts_say_the_same_as_themselves(
            one in "\\PC{0,40}|v=(spf1|DMARC1|dmarc1|STSv1|TLSRPTv1|DKIM1)[; ].{0,40}|v=DMARC1; p=[a-z]{0,3}; rua=.{0,20}",
            other in "\\PC{0,40}|v=(spf1|DMARC1|STSv1)[; ].{0,40}",
        ) {
            prop_assert!(same_meaning(&one, &one));
            prop_assert_eq!(same_meaning(&one, &other), same_meaning(&other, &one));
            for policy in POLICIES {
                policy.flaw("contoso.com", |_| Some(vec![one.clone(), other.clone()]));
                policy.flaw("contoso.com", |_| Some(vec![one.clone()]));
            }
        }
    }
}
