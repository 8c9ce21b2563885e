//! DMARC policies as receivers find them: which record counts for a name, and which names belong together.
//!
//! Two rules are in use for what belongs together: the list of public suffixes (RFC 7489, section 3.2) and the walk up
//! the tree (RFC 9989, section 4.10). A proof needs both.

use crate::publish::Known;
use crate::spf::{MOST_LOOKUPS, Mechanism, Names, Qualifier, Record, is_record};
use crate::topology::{Alignment, DmarcPolicy, DnsManagement};
use crate::values::DomainName;

/// Names that the walk up the tree looks at below the top, at most.
const MOST_LABELS: usize = 8;

/// What receivers are asked to do with mail in a domain's name that nothing proves, the strictest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unproved {
    /// SPF lets everybody pass (`+all`).
    Passes,
    /// Nothing.
    IsTaken,
    /// SPF alone calls it suspicious (`~all`).
    IsSuspectBySpf,
    /// SPF alone refuses it (`-all`).
    IsRefusedBySpf,
    /// DMARC asks to suspect it.
    IsSuspect,
    /// DMARC asks to refuse it.
    IsRefused,
}

impl Unproved {
    /// The same in words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Passes => "passes SPF by `+all`",
            Self::IsTaken => "taken",
            Self::IsSuspectBySpf => "suspected by SPF alone (`~all`)",
            Self::IsRefusedBySpf => "refused by SPF alone (`-all`)",
            Self::IsSuspect => "suspected (DMARC `quarantine`)",
            Self::IsRefused => "refused (DMARC `reject`)",
        }
    }
}

/// A record as receivers read it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DmarcRecord {
    /// `p`
    pub policy: DmarcPolicy,
    /// What holds for names below: `sp`, else `p`.
    pub below: DmarcPolicy,
    /// `adkim`
    pub dkim: Alignment,
    /// `aspf`
    pub spf: Alignment,
    /// `psd`: whether names below have other owners.
    pub suffix: Option<bool>,
}

impl DmarcRecord {
    /// Reads a record; nothing where it is none that receivers act on (RFC 9989, section 4.10.1).
    pub fn parse(text: &str) -> Option<Self> {
        let mut tags = text.split(';').map(|tag| {
            let (name, value) = tag.split_once('=').unwrap_or((tag, ""));
            (name.trim().to_ascii_lowercase(), value.trim())
        });
        let (name, version) = tags.next()?;
        if name != "v" || version != "DMARC1" {
            return None;
        }
        let tags: Vec<(String, &str)> = tags.collect();
        let tag = |wanted: &str| tags.iter().find(|(name, _)| name == wanted).map(|at| at.1);
        let read = |wanted: &str| tag(wanted).map(policy);
        let broken = matches!(read("sp"), Some(None)) || matches!(read("np"), Some(None));
        let policy = match read("p") {
            Some(Some(policy)) if !broken => policy,
            // It asks for reports, and for nothing else.
            _ if tag("rua").is_some_and(|rua| rua.contains(':')) || tag("p").is_none() => {
                DmarcPolicy::None
            }
            _ => return None,
        };
        let milder = |asked: DmarcPolicy| match (tag("t"), asked) {
            (Some("y"), DmarcPolicy::Reject) => DmarcPolicy::Quarantine,
            (Some("y"), _) => DmarcPolicy::None,
            _ => asked,
        };
        let mode = |wanted: &str| match tag(wanted) {
            Some("s" | "S") => Alignment::Strict,
            _ => Alignment::Relaxed,
        };
        Some(Self {
            policy: milder(policy),
            below: milder(read("sp").flatten().unwrap_or(policy)),
            dkim: mode("adkim"),
            spf: mode("aspf"),
            suffix: match tag("psd") {
                Some("y") => Some(true),
                Some("n") => Some(false),
                _ => None,
            },
        })
    }
}

fn policy(text: &str) -> Option<DmarcPolicy> {
    let all = [
        DmarcPolicy::None,
        DmarcPolicy::Quarantine,
        DmarcPolicy::Reject,
    ];
    let mut all = all.into_iter();
    all.find(|policy| policy.keyword().eq_ignore_ascii_case(text))
}

/// Whether two names belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aligned {
    /// Under every rule.
    Yes,
    /// Under one of the two rules for what belongs together.
    Possibly,
    /// Under none.
    No,
}

impl Known<'_> {
    /// The DMARC record at a name.
    pub fn dmarc_at(&self, name: &str) -> Option<DmarcRecord> {
        let texts = self.texts(&format!("_dmarc.{name}"));
        if let Some(texts) = texts {
            let mut records = texts.iter().filter(|text| text.starts_with("v=DMARC1"));
            // Of several at one name none counts.
            return match (records.next(), records.next()) {
                (Some(text), None) => DmarcRecord::parse(text),
                _ => None,
            };
        }
        // What others shall publish for us they are taken to publish.
        let domain = self.domain(name)?;
        let wanted = matches!(domain.dns, DnsManagement::External(_));
        let wanted = domain.dmarc.as_ref().filter(|_| wanted)?;
        DmarcRecord::parse(&crate::dns::dmarc_text(&wanted.value))
    }

    /// The record that counts for mail of an author's domain, with the policy that it asks for.
    pub fn dmarc_of(&self, author: &DomainName) -> Option<(DmarcRecord, DmarcPolicy)> {
        if let Some(record) = self.dmarc_at(author.as_str()) {
            let policy = record.policy;
            return Some((record, policy));
        }
        let tops = [
            author.registrable().to_string(),
            self.walked(author.as_str()),
        ];
        let found = tops.iter().filter(|top| *top != author.as_str());
        // Where both rules lead to a record, the stricter one decides what is lost.
        found
            .filter_map(|top| self.dmarc_at(top))
            .map(|record| {
                let policy = record.below;
                (record, policy)
            })
            .max_by_key(|(_, policy)| *policy)
    }

    /// What receivers are asked to do with mail in a domain's name that nothing proves. Where DMARC has a say, the end of the
    /// SPF record decides nothing.
    pub(crate) fn unproved(&self, author: &DomainName) -> Unproved {
        let by_spf = self.end_of_spf(author.to_string());
        let policy = self.dmarc_of(author).map(|(_, policy)| policy);
        match policy {
            // Whoever passes SPF with the name of the author passes DMARC.
            _ if by_spf == Unproved::Passes => by_spf,
            Some(DmarcPolicy::Reject) => Unproved::IsRefused,
            Some(DmarcPolicy::Quarantine) => Unproved::IsSuspect,
            Some(DmarcPolicy::None) | None => by_spf,
        }
    }

    fn end_of_spf(&self, mut name: String) -> Unproved {
        for _ in 0..MOST_LOOKUPS {
            let texts = self.texts(&name).unwrap_or_default();
            let record = texts.iter().find(|text| is_record(text));
            let Some(record) = record.and_then(|text| Record::parse(text).ok()) else {
                break;
            };
            let mut terms = record.terms.iter();
            let end = terms.find(|term| term.mechanism == Mechanism::All);
            match (end.map(|term| term.qualifier), record.redirect) {
                (Some(Qualifier::Pass), _) => return Unproved::Passes,
                (Some(Qualifier::Fail), _) => return Unproved::IsRefusedBySpf,
                (Some(Qualifier::Softfail), _) => return Unproved::IsSuspectBySpf,
                (None, Some(next)) => name = next,
                (Some(Qualifier::Neutral) | None, _) => break,
            }
        }
        Unproved::IsTaken
    }

    /// Whether an authenticated name stands for an author's.
    pub fn aligned(&self, name: &DomainName, author: &DomainName, mode: Alignment) -> Aligned {
        if name == author {
            return Aligned::Yes;
        }
        if mode == Alignment::Strict {
            return Aligned::No;
        }
        let by_list = name.registrable() == author.registrable();
        let by_walk = self.walked(name.as_str()) == self.walked(author.as_str());
        match (by_list, by_walk) {
            (true, true) => Aligned::Yes,
            (false, false) => Aligned::No,
            _ => Aligned::Possibly,
        }
    }

    /// Whether a domain is the top of its names by one of the two rules, so that what its record asks for names below counts.
    pub(crate) fn is_top(&self, name: &DomainName) -> bool {
        name.registrable() == *name || self.walked(name.as_str()) == name.as_str()
    }

    /// The organizational domain of a name by the walk up the tree (RFC 9989, section 4.10.2).
    fn walked(&self, name: &str) -> String {
        let labels: Vec<&str> = name.split('.').collect();
        let start = labels.len();
        let first_above = (start.saturating_sub(1)).min(MOST_LABELS - 1);
        let lengths = std::iter::once(start).chain((1..=first_above).rev());
        let mut top: Option<String> = None;
        let mut below: Option<String> = None;
        for length in lengths {
            let at = labels
                .get(start.saturating_sub(length)..)
                .unwrap_or_default()
                .join(".");
            if let Some(record) = self.dmarc_at(&at) {
                match record.suffix {
                    Some(false) => return at,
                    Some(true) if length < start => return below.unwrap_or(at),
                    _ => top = Some(at.clone()),
                }
            }
            below = Some(at);
        }
        top.unwrap_or_else(|| name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_as_receivers_do() {
        let read = |text: &str| {
            DmarcRecord::parse(text).map(|record| {
                let letter = |mode| if mode == Alignment::Strict { 's' } else { 'r' };
                format!(
                    "{} {} {}{} {:?}",
                    record.policy.keyword(),
                    record.below.keyword(),
                    letter(record.dkim),
                    letter(record.spf),
                    record.suffix
                )
            })
        };
        for (text, wanted) in [
            ("v=DMARC1; p=reject", Some("reject reject rr None")),
            (
                "v=DMARC1;p=REJECT;sp=none;adkim=s",
                Some("reject none sr None"),
            ),
            (
                "v=DMARC1; p=reject; t=y",
                Some("quarantine quarantine rr None"),
            ),
            ("v=DMARC1; p=quarantine; t=y", Some("none none rr None")),
            (
                "v=DMARC1; p=none; psd=n; aspf=s",
                Some("none none rs Some(false)"),
            ),
            ("v=DMARC1", Some("none none rr None")),
            ("v=DMARC1; p=rejct", None),
            (
                "v=DMARC1; p=rejct; rua=mailto:a@b.example",
                Some("none none rr None"),
            ),
            (
                "v=DMARC1; p=reject; sp=x; rua=mailto:a@b.example",
                Some("none none rr None"),
            ),
            ("v=DMARC2; p=reject", None),
            ("p=reject; v=DMARC1", None),
        ] {
            assert_eq!(read(text).as_deref(), wanted, "{text}");
        }
    }
}
