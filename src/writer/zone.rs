//! DNS zones in the text form of RFC 1035, section 5.1, as BIND, NSD and Knot read it.
//!
//! Every name is written in full with its final dot, because a name without one silently means another name. Records
//! come in the canonical order of RFC 4034, section 6.1, the apex first, so that a changed spec changes few lines.
//! This module must not know which records mail needs.

use crate::values::hex;
use crate::writer::{Refused, shown, visible};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it stands: a full name, with or without the final dot.
    pub owner: String,
    /// Time to live in seconds, at most 2^31-1 (RFC 2181, section 8).
    pub ttl: u32,
    /// What it says.
    pub data: Data,
    /// The object of the spec that it comes from; written above it as a comment where it is not empty.
    pub comment: String,
}

/// What a record says. Names are full names, with or without the final dot; `.` is the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Start of authority.
    Soa {
        /// The primary name server.
        primary: String,
        /// The mailbox of the administrator, as a name.
        mailbox: String,
        /// The version of the zone.
        serial: u32,
        /// Refresh, retry, expire and negative TTL, in seconds.
        timers: [u32; 4],
    },
    /// A name server.
    Ns(String),
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// Another name of the owner.
    Cname(String),
    /// A mail exchanger; preference 0 and the root say that there is none (RFC 7505).
    Mx {
        /// The lower is tried first.
        preference: u16,
        /// The host.
        exchange: String,
    },
    /// Octets, written in strings of at most 255, which readers join without a separator.
    Txt(Vec<u8>),
    /// A service (RFC 2782); the root as target says that it is not offered.
    Srv {
        /// The lower is tried first.
        priority: u16,
        /// Share among equal priorities.
        weight: u16,
        /// The port.
        port: u16,
        /// The host.
        target: String,
    },
    /// A certificate association (RFC 6698).
    Tlsa {
        /// Certificate usage.
        usage: u8,
        /// Selector.
        selector: u8,
        /// Matching type: 0 the whole, 1 SHA-256, 2 SHA-512.
        matching: u8,
        /// The certificate association data.
        data: Vec<u8>,
    },
    /// Which authorities may issue certificates (RFC 8659).
    Caa {
        /// 128 for critical.
        flags: u8,
        /// `issue`, `issuewild` or `iodef`.
        tag: String,
        /// The value.
        value: String,
    },
    /// Any other type by its number (RFC 3597).
    Other {
        /// The number of the type.
        kind: u16,
        /// Its data.
        data: Vec<u8>,
    },
}

/// The records of a zone or of a part of one, which `$INCLUDE` can take up: every name is written in full and every
/// record has its time to live.
///
/// Refused are names outside of the zone, which servers drop; a `CNAME` beside other records (RFC 2181, section 10.1);
/// and different times to live in one set (section 5.2), of which servers keep one. The same record twice is written once.
pub fn zone(origin: &str, records: &[Record]) -> Result<String, Refused> {
    let origin = name(origin)?;
    let rows = records.iter().map(|record| Row::of(&origin, record));
    let mut rows = rows.collect::<Result<Vec<Row>, Refused>>()?;
    rows.sort_by(Row::in_order);
    rows.dedup_by(|row, before| row.in_order(before).is_eq());
    check_sets(&rows)?;
    Ok(write_rows(&rows))
}

/// A comment of one line, without the line end.
pub(crate) fn comment(text: &str) -> Result<String, Refused> {
    Ok(format!("; {}", visible(text)?).trim_end().to_owned())
}

/// The strings of a TXT record: quoted, at most 255 octets each, every octet but printable ASCII as its number.
pub(crate) fn character_strings(octets: &[u8]) -> String {
    if octets.is_empty() {
        return "\"\"".to_owned();
    }
    let strings: Vec<String> = octets.chunks(255).map(quoted).collect();
    strings.join(" ")
}

fn quoted(octets: &[u8]) -> String {
    let mut text = "\"".to_owned();
    for &octet in octets {
        match octet {
            b'"' | b'\\' => {
                text.push('\\');
                text.push(char::from(octet));
            }
            b' '..=b'~' => text.push(char::from(octet)),
            _ => {
                let _ = write!(text, "\\{octet:03}");
            }
        }
    }
    text.push('"');
    text
}

/// A record with every field written.
struct Row {
    owner: String,
    ttl: u32,
    /// Rank and mnemonic of the type.
    kind: (u32, Cow<'static, str>),
    data: String,
    comment: Option<String>,
}

impl Row {
    fn of(origin: &str, record: &Record) -> Result<Self, Refused> {
        let owner = name(&record.owner)?;
        let above = owner.strip_suffix(origin);
        if origin != "." && !above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) {
            return Err(Refused::new(format!(
                "`{owner}` is not in the zone `{origin}`"
            )));
        }
        if record.ttl > i32::MAX.unsigned_abs() {
            return Err(Refused::new(format!(
                "`{}` is too long a TTL for `{owner}`",
                record.ttl
            )));
        }
        let comment = match record.comment.as_str() {
            "" => None,
            text => Some(comment(text)?),
        };
        let (kind, data) = fields(&record.data)?;
        Ok(Self {
            owner,
            ttl: record.ttl,
            kind,
            data,
            comment,
        })
    }

    /// The labels of the owner from the root down.
    fn labels(&self) -> impl Iterator<Item = &str> {
        self.owner.trim_end_matches('.').rsplit('.')
    }

    /// In canonical order: by labels, then by type and data.
    fn in_order(&self, other: &Self) -> Ordering {
        (self.labels().cmp(other.labels()))
            .then_with(|| self.kind.0.cmp(&other.kind.0))
            .then_with(|| self.data.cmp(&other.data))
    }
}

/// What a record says, without its name and type.
pub(crate) fn data_text(data: &Data) -> Result<String, Refused> {
    fields(data).map(|(_, text)| text)
}

/// Rank and mnemonic of the type, and the data.
fn fields(data: &Data) -> Result<((u32, Cow<'static, str>), String), Refused> {
    let (rank, kind, text) = match data {
        Data::Soa {
            primary,
            mailbox,
            serial,
            timers: [refresh, retry, expire, negative],
        } => {
            let (primary, mailbox) = (name(primary)?, name(mailbox)?);
            (
                0,
                "SOA",
                format!("{primary} {mailbox} {serial} {refresh} {retry} {expire} {negative}"),
            )
        }
        Data::Ns(host) => (1, "NS", name(host)?),
        Data::A(address) => (2, "A", address.to_string()),
        Data::Aaaa(address) => (3, "AAAA", address.to_string()),
        Data::Cname(target) => (4, "CNAME", name(target)?),
        Data::Mx {
            preference,
            exchange,
        } => (5, "MX", format!("{preference} {}", name(exchange)?)),
        Data::Txt(octets) => (6, "TXT", character_strings(octets)),
        Data::Srv {
            priority,
            weight,
            port,
            target,
        } => (
            7,
            "SRV",
            format!("{priority} {weight} {port} {}", name(target)?),
        ),
        Data::Tlsa {
            usage,
            selector,
            matching,
            data,
        } => (8, "TLSA", tlsa(*usage, *selector, *matching, data)?),
        Data::Caa { flags, tag, value } => (9, "CAA", caa(*flags, tag, value)?),
        Data::Other { kind, data } => {
            let text = format!("\\# {} {}", data.len(), hex(data))
                .trim_end()
                .to_owned();
            let mnemonic = Cow::Owned(format!("TYPE{kind}"));
            return Ok(((100 + u32::from(*kind), mnemonic), text));
        }
    };
    Ok(((rank, Cow::Borrowed(kind)), text))
}

/// Servers take a digest of any length, but nothing that it is compared with can then be equal to it.
fn tlsa(usage: u8, selector: u8, matching: u8, data: &[u8]) -> Result<String, Refused> {
    let wanted = match matching {
        1 => Some(32),
        2 => Some(64),
        _ => None,
    };
    if data.is_empty() || wanted.is_some_and(|octets| octets != data.len()) {
        return Err(Refused::new(format!(
            "a TLSA record with matching type {matching} cannot hold {} octets",
            data.len()
        )));
    }
    Ok(format!("{usage} {selector} {matching} {}", hex(data)))
}

fn caa(flags: u8, tag: &str, value: &str) -> Result<String, Refused> {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if tag.is_empty() || tag.len() > 255 || !tag.chars().all(word) {
        return Err(Refused::new(format!(
            "`{}` is not the tag of a CAA record",
            shown(tag)
        )));
    }
    // Unlike a TXT record, this is one string with no limit of 255 (RFC 8659, section 4.1.1).
    Ok(format!("{flags} {tag} {}", quoted(value.as_bytes())))
}

/// A full name in lower case with its final dot. Letters, digits, hyphens and underscores, a `*` as the first label, and
/// the slash of RFC 2317; names in other scripts are given in their A-label form.
fn name(text: &str) -> Result<String, Refused> {
    let refuse = |why: &str| {
        Err(Refused::new(format!(
            "`{}` is not a name in the DNS: {why}",
            shown(text)
        )))
    };
    if text == "." {
        return Ok(text.to_owned());
    }
    let full = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    if full.len() > 253 {
        return refuse("it is longer than 253 characters");
    }
    for (at, label) in full.split('.').enumerate() {
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
        if label.is_empty() {
            return refuse("a label is empty");
        }
        if label.len() > 63 {
            return refuse("a label is longer than 63 characters");
        }
        let wildcard = at == 0 && label == "*";
        if !wildcard && !label.chars().all(letter) {
            return refuse("only letters, digits, hyphens and underscores can stand in it");
        }
    }
    // Such a name is nearly always an address in the wrong place, and would mean a name that nobody has.
    if full
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
    {
        return refuse("its last label is a number");
    }
    Ok(full + ".")
}

fn check_sets(rows: &[Row]) -> Result<(), Refused> {
    for pair in rows.windows(2) {
        let [one, other] = pair else { continue };
        if one.owner != other.owner {
            continue;
        }
        if one.kind == other.kind && one.ttl != other.ttl {
            return Err(Refused::new(format!(
                "the {} records at `{}` have different times to live, {} and {}",
                one.kind.1, one.owner, one.ttl, other.ttl
            )));
        }
        if one.kind.1 == "CNAME" || other.kind.1 == "CNAME" {
            let beside = if one.kind.1 == "CNAME" { other } else { one };
            return Err(Refused::new(format!(
                "`{}` has a CNAME record, beside which there can be no {} record",
                one.owner,
                if beside.kind.1 == "CNAME" {
                    "second CNAME"
                } else {
                    beside.kind.1.as_ref()
                }
            )));
        }
    }
    Ok(())
}

fn write_rows(rows: &[Row]) -> String {
    let widest = |field: fn(&Row) -> usize| rows.iter().map(field).max().unwrap_or(0);
    let (owner, ttl, kind) = (
        widest(|row| row.owner.len()),
        widest(|row| row.ttl.to_string().len()),
        widest(|row| row.kind.1.len()),
    );
    let mut text = String::new();
    let mut said = None;
    for row in rows {
        if let Some(comment) = row
            .comment
            .as_ref()
            .filter(|comment| said != Some(*comment))
        {
            let _ = writeln!(text, "{comment}");
        }
        said = row.comment.as_ref();
        let _ = writeln!(
            text,
            "{:owner$} {:>ttl$} IN {:kind$} {}",
            row.owner, row.ttl, row.kind.1, row.data
        );
    }
    text
}

#[cfg(test)]
mod tests;
