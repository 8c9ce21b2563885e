//! The zones on the way to a new entry: first today's MX records for a short time, then the new ones for a short time.
//!
//! Mail still leaves by an old path in these stages, so no record in them makes a receiver reject it: SPF ends neutral
//! (RFC 7208, section 8.2), and DMARC asks for reports alone (RFC 7489, section 6.3).

use crate::dns::{RData, Record, RecordType, Zone};

/// Seconds: short enough to go back soon, long enough for resolvers that refuse less.
const SHORT: u32 = 300;

/// The number of stages before the last, which is the zones as they are planned.
pub(crate) const BEFORE_THE_LAST: [u8; 2] = [1, 2];

/// Whether a zone changes an entry.
pub(crate) fn changes(zone: &Zone) -> bool {
    !zone.today.is_empty()
}

/// The zone as it is published in a stage before the last.
pub(crate) fn stage(zone: &Zone, number: u8) -> Zone {
    let mut staged = zone.clone();
    for (owner, today) in &zone.today {
        let Some(set) = staged.sets.get_mut(owner.as_str(), RecordType::Mx) else {
            continue;
        };
        if number == 1 {
            set.clone_from(today);
        }
        set.ttl = set.ttl.min(SHORT);
    }
    for (_, set) in staged.sets.iter_mut() {
        set.records.iter_mut().for_each(tolerate);
    }
    // Secondaries take up a zone whose serial has grown; the last stage has that of the spec.
    if let Some(authority) = &mut staged.authority {
        authority.serial = authority.serial.saturating_sub(3 - u32::from(number));
    }
    staged
}

/// The record as it is while mail leaves by an old path, too.
fn tolerate(record: &mut Record) {
    let RData::Txt(octets) = &record.data else {
        return;
    };
    let text = String::from_utf8_lossy(octets);
    let (staged, remark) = match record.data.version_tag().as_deref() {
        Some("v=spf1") => (neutral(&text), WIDER),
        Some("v=dmarc1") => (without_policy(&text), REPORTS_ALONE),
        _ => return,
    };
    if staged != text {
        record.data = RData::text(staged);
        record.remark = Some(remark);
    }
}

const WIDER: &str = "?all in this stage: add what the record of today has, before it";
const REPORTS_ALONE: &str = "no policy in this stage: where there is a record today, keep that one";

/// SPF that passes what it passes and fails nothing. A record that names no sender is that of a name that sends nothing.
fn neutral(text: &str) -> String {
    let is_end = |term: &&str| matches!(term.to_ascii_lowercase().as_str(), "-all" | "~all");
    if text.split(' ').skip(1).all(|term| is_end(&term)) {
        return text.to_owned();
    }
    let terms = text.split(' ');
    let terms = terms.map(|term| if is_end(&term) { "?all" } else { term });
    terms.collect::<Vec<_>>().join(" ")
}

/// DMARC with every policy taken back.
fn without_policy(text: &str) -> String {
    let tags = text.split(';').map(|tag| {
        let (name, value) = tag.split_once('=').unwrap_or((tag, ""));
        let is_policy = ["p", "sp", "np"].contains(&name.trim());
        let acts = ["quarantine", "reject"].contains(&value.trim());
        if is_policy && acts {
            format!("{name}=none")
        } else {
            tag.to_owned()
        }
    });
    tags.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::{neutral, without_policy};

    #[test]
    fn no_record_of_a_stage_makes_a_receiver_reject_mail() {
        for (text, staged) in [
            (
                "v=spf1 include:a.example -all",
                "v=spf1 include:a.example ?all",
            ),
            ("v=spf1 ip4:192.0.2.1 ~all", "v=spf1 ip4:192.0.2.1 ?all"),
            ("v=spf1 redirect=a.example", "v=spf1 redirect=a.example"),
            ("v=spf1 -all", "v=spf1 -all"),
        ] {
            assert_eq!(neutral(text), staged);
        }
        assert_eq!(
            without_policy("v=DMARC1; p=reject; sp=quarantine; np=none; rua=mailto:d@a.example"),
            "v=DMARC1; p=none; sp=none; np=none; rua=mailto:d@a.example"
        );
    }
}
