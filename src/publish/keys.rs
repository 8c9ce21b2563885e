//! What a DKIM key record is good for (RFC 6376, section 3.6.1; RFC 8301; RFC 8463), wherever it is written: in `dkim`, in
//! our zones, in what is declared of the zones of others, or in the facts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
    /// They do not.
    Unusable(String),
}

/// What receivers make of all text records under the name of a selector.
pub(crate) fn keys_use<T: AsRef<str>>(texts: &[T]) -> KeyUse {
    match texts {
        [one] => key_use(one.as_ref()),
        [] => KeyUse::Unusable("it is not published".to_owned()),
        _ => {
            let mut parts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
            parts.sort_by_key(|part| !part.contains("p="));
            let together = match key_use(&parts.concat()) {
                KeyUse::Good | KeyUse::Short | KeyUse::Test => {
                    ", though their texts in one record are a key"
                }
                KeyUse::Revoked | KeyUse::Unusable(_) => "",
            };
            KeyUse::Unusable(format!(
                "{} TXT records stand under its name, and a selector has one{together}",
                texts.len()
            ))
        }
    }
}

/// Reads a key record.
pub(crate) fn key_use(record: &str) -> KeyUse {
    let unusable = |why: &str| KeyUse::Unusable(why.to_owned());
    let mut tags = Vec::new();
    for tag in record.split(';').filter(|tag| !tag.trim().is_empty()) {
        let Some((name, value)) = tag.split_once('=') else {
            return KeyUse::Unusable(format!("`{}` is no tag", tag.trim()));
        };
        tags.push((name.trim(), value.trim()));
    }
    let tag = |wanted: &str| tags.iter().find(|(name, _)| *name == wanted).map(|at| at.1);
    match tag("v") {
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
            return KeyUse::Unusable(format!(
                "its tag `p=` is not base64 at character {}, `{}`",
                at + 1,
                char::from(byte).escape_default()
            ));
        }
        Err(_) => return KeyUse::Unusable(cut_short(record)),
    };
    let bits = match tag("k").unwrap_or("rsa") {
        "rsa" => match rsa_bits(&der) {
            Some(bits) => bits,
            None if ends_early(&der) => return KeyUse::Unusable(cut_short(record)),
            None => return unusable("its tag `p=` holds no RSA key"),
        },
        "ed25519" if der.len() == 32 => GOOD_BITS,
        "ed25519" => return unusable("its tag `p=` holds no Ed25519 key, which has 32 octets"),
        other => return KeyUse::Unusable(format!("`k={other}` is no type of keys")),
    };
    let testing = || {
        let mut flags = tag("t").unwrap_or_default().split(':');
        flags.any(|flag| flag.trim() == "y")
    };
    if bits < LEAST_BITS {
        KeyUse::Unusable(format!(
            "its RSA key has {bits} bits, and receivers want {LEAST_BITS} at least"
        ))
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
