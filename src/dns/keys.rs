//! What a DKIM key record is good for (RFC 6376, section 3.6.1; RFC 8301; RFC 8463), wherever it is written: in `dkim`, in
//! our zones, in what is declared of the zones of others, or in the facts.

use crate::values::HostName;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;
use x509_cert::der::asn1::{AnyRef, BitStringRef, UintRef};
use x509_cert::der::{Decode, Header, Reader, SliceReader};

/// Bits that receivers ask of an RSA key at least, and that are asked of a new one.
const LEAST_BITS: usize = 1024;
const GOOD_BITS: usize = 2048;

/// What one string of a TXT record holds at most, and where the forms of some registrars cut a longer record off.
const STRING: usize = 255;

/// What a key that is a test means, in a sentence.
pub(crate) const IS_TEST: &str = "`t=y` says that it is a test, and receivers need not act on it";

/// What a key that was taken back means, in a sentence.
pub(crate) const REVOKED: &str = "it is revoked: its tag `p=` is empty";

/// What is said of a key that nobody may see.
const IS_PRIVATE: &str = "what stands there is a private key";

/// What receivers make of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyUse {
    /// They verify signatures with it.
    Good,
    /// They do, and a longer one is asked of new keys.
    Short,
    /// It says that it is a test, so that they need not trust it.
    Test,
    /// The owner has taken it back.
    Revoked,
    /// They do not, for this reason.
    Unusable(Slip, String),
}

/// What went wrong with a key that receivers do not use, as far as it is mended in another way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slip {
    /// The text is the name that a CNAME record should lead to.
    Alias(String),
    /// Several records stand there; whether their texts in one are a key.
    Several(bool),
    /// The end is missing.
    Cut,
    /// It is the part of the key that nobody may see.
    Private,
    /// It is too short.
    Weak,
    /// A tag says what it should not, or what stands there is no key at all.
    Other,
}

impl KeyUse {
    fn unusable(why: &str) -> Self {
        Self::Unusable(Slip::Other, why.to_owned())
    }
}

/// What receivers make of all text records under the name of a selector.
pub(crate) fn keys_use<T: AsRef<str>>(texts: &[T]) -> KeyUse {
    match texts {
        [one] => key_use(one.as_ref()),
        [] => KeyUse::unusable("it is not published"),
        _ => {
            let mut parts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
            parts.sort_by_key(|part| !part.contains("p="));
            let is_one = !matches!(
                key_use(&parts.concat()),
                KeyUse::Revoked | KeyUse::Unusable(..)
            );
            let together = if is_one {
                ", though their texts in one record are a key"
            } else {
                ""
            };
            let why = format!(
                "{} TXT records stand under its name, and a selector has one{together}",
                texts.len()
            );
            KeyUse::Unusable(Slip::Several(is_one), why)
        }
    }
}

/// Whether receivers verify the same signatures with both records: the tags beside the key, and their order, may differ
/// as long as the key can be used.
pub(crate) fn same_key(one: &str, other: &str) -> bool {
    let key = |record: &str| {
        let tags = tags(record).ok()?;
        let key: String = tag(&tags, "p")?.split_ascii_whitespace().collect();
        Some((tag(&tags, "k").unwrap_or(RSA).to_owned(), key))
    };
    let is_used = |record| !matches!(key_use(record), KeyUse::Revoked | KeyUse::Unusable(..));
    match (key(one), key(other)) {
        (Some(a), Some(b)) => a == b && is_used(one) && is_used(other),
        _ => false,
    }
}

/// Whether a record holds an Ed25519 key.
pub(crate) fn is_ed25519(record: &str) -> bool {
    tags(record).is_ok_and(|tags| tag(&tags, "k") == Some(ED25519))
}

/// The type of keys of RFC 8463.
const ED25519: &str = "ed25519";

/// The type of a key that does not name its own.
const RSA: &str = "rsa";

/// The tags of a record with their values, or what is none.
pub(super) fn tags(record: &str) -> Result<Vec<(&str, &str)>, &str> {
    let tags = record.split(';').map(str::trim);
    let tags = tags.filter(|tag| !tag.is_empty());
    tags.map(|tag| {
        let (name, value) = tag.split_once('=').ok_or(tag)?;
        Ok((name.trim(), value.trim()))
    })
    .collect()
}

fn tag<'r>(tags: &[(&str, &'r str)], wanted: &str) -> Option<&'r str> {
    tags.iter().find(|(name, _)| *name == wanted).map(|at| at.1)
}

/// Reads a key record.
pub(crate) fn key_use(record: &str) -> KeyUse {
    let unusable = KeyUse::unusable;
    if record.contains("PRIVATE KEY") {
        return KeyUse::Unusable(Slip::Private, IS_PRIVATE.to_owned());
    }
    if record.contains("-----BEGIN") {
        return unusable("what stands there is a file with a key, and not its record");
    }
    if record.contains("\\;") {
        return unusable(
            "a backslash stands before its semicolons, which belongs into zone files alone",
        );
    }
    if record.contains('"') {
        return unusable("quotation marks, which belong into zone files alone, are in its text");
    }
    let tags = match tags(record) {
        Ok(tags) => tags,
        Err(text) => {
            let name = HostName::parse(record.trim()).ok();
            return match name.filter(|name| name.as_str().contains('.')) {
                Some(name) => KeyUse::Unusable(
                    Slip::Alias(name.to_string()),
                    "its text is a name and no key".to_owned(),
                ),
                None => unusable(&format!("`{text}` is no tag")),
            };
        }
    };
    let mut names = BTreeSet::new();
    if let Some((twice, _)) = tags.iter().find(|(name, _)| !names.insert(*name)) {
        return unusable(&format!("its tag `{twice}=` stands there twice"));
    }
    let tag = |wanted: &str| tag(&tags, wanted);
    match tag("v") {
        Some("DKIM1") if tags.first().is_some_and(|(name, _)| *name != "v") => {
            return unusable("its tag `v=` does not stand first, and receivers may discard it");
        }
        None | Some("DKIM1") => {}
        Some(version) if version.starts_with("spf1") => {
            return unusable(
                "what answers under its name is an SPF record, as a wildcard gives it to every name",
            );
        }
        Some(_) => return unusable("it is of another version than `DKIM1`"),
    }
    let Some(key) = tag("p") else {
        return unusable("it has no tag `p=` with the public key");
    };
    let key: String = key.split_ascii_whitespace().collect();
    if key.is_empty() {
        return KeyUse::Revoked;
    }
    let holds = |wanted: &str, words: &[&str]| {
        let list = tag(wanted).unwrap_or(words.first().copied().unwrap_or_default());
        let mut list = list.split(':');
        list.any(|word| words.contains(&word.trim()))
    };
    if !holds("h", &["sha256"]) {
        return unusable("its tag `h=` does not allow `sha256`");
    }
    if !holds("s", &["*", "email"]) {
        return unusable("its tag `s=` is not for mail");
    }
    let der = match STANDARD.decode(&key) {
        Ok(der) => der,
        Err(base64::DecodeError::InvalidByte(at, byte)) => {
            return unusable(&format!(
                "its tag `p=` is not base64 at character {}, `{}`",
                at + 1,
                char::from(byte).escape_default()
            ));
        }
        Err(_) => return KeyUse::Unusable(Slip::Cut, cut_short(record)),
    };
    let bits = match tag("k").unwrap_or(RSA) {
        RSA => match rsa_bits(&der) {
            Some(bits) => bits,
            None if is_private(&der) => {
                return KeyUse::Unusable(Slip::Private, IS_PRIVATE.to_owned());
            }
            None if ends_early(&der) => return KeyUse::Unusable(Slip::Cut, cut_short(record)),
            None => return unusable("its tag `p=` holds no RSA key"),
        },
        ED25519 if der.len() == 32 => GOOD_BITS,
        ED25519 => return unusable("its tag `p=` holds no Ed25519 key, which has 32 octets"),
        other => return unusable(&format!("`k={other}` is no type of keys")),
    };
    let testing = || {
        let mut flags = tag("t").unwrap_or_default().split(':');
        flags.any(|flag| flag.trim() == "y")
    };
    if bits < LEAST_BITS {
        let why = format!("its RSA key has {bits} bits, and receivers want {LEAST_BITS} at least");
        KeyUse::Unusable(Slip::Weak, why)
    } else if testing() {
        KeyUse::Test
    } else if bits < GOOD_BITS {
        KeyUse::Short
    } else {
        KeyUse::Good
    }
}

/// What is said of a record of which only the beginning is there.
fn cut_short(record: &str) -> String {
    let length = record.len();
    if length == STRING {
        format!(
            "it is cut short at {STRING} octets, where one string of a TXT record ends and the rest belongs into a second string of the record"
        )
    } else {
        format!(
            "it is cut short: its tag `p=` ends in the middle of the key, after {length} octets of the record"
        )
    }
}

/// Whether DER begins as private keys do: with their version, 0 (RFC 8017, appendix A.1.2; RFC 5958).
fn is_private(der: &[u8]) -> bool {
    let ([0x30, 0x82, _, _, body @ ..] | [0x30, 0x81, _, body @ ..] | [0x30, _, body @ ..]) = der
    else {
        return false;
    };
    body.starts_with(&[2, 1, 0])
}

/// Whether DER says that it is longer than it is.
fn ends_early(der: &[u8]) -> bool {
    let header = SliceReader::new(der).and_then(|mut reader| {
        let header = Header::decode(&mut reader)?;
        Ok(reader.remaining_len() < header.length())
    });
    header.unwrap_or_default()
}

/// The length of the modulus of an RSA key, in the form of X.509 or by itself.
fn rsa_bits(der: &[u8]) -> Option<usize> {
    modulus(der).or_else(|| {
        let mut outer = SliceReader::new(der).ok()?;
        let bits = outer
            .sequence(|inner| {
                AnyRef::decode(inner)?;
                let bits = BitStringRef::decode(inner)?;
                Ok::<_, x509_cert::der::Error>(bits.raw_bytes().to_vec())
            })
            .ok()?;
        modulus(&bits)
    })
}

fn modulus(der: &[u8]) -> Option<usize> {
    let mut outer = SliceReader::new(der).ok()?;
    outer
        .sequence(|inner| {
            let modulus = UintRef::decode(inner)?;
            UintRef::decode(inner)?;
            let octets = modulus.as_bytes();
            let zeros = octets.first().map_or(0, |first| first.leading_zeros());
            Ok::<_, x509_cert::der::Error>(octets.len() * 8 - zeros as usize)
        })
        .ok()
}
