//! What a DKIM key record is good for (RFC 6376, section 3.6.1; RFC 8301; RFC 8463).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_cert::der::asn1::{AnyRef, BitStringRef, UintRef};
use x509_cert::der::{Decode, Reader, SliceReader};

/// Bits that receivers ask of an RSA key at least, and that are asked of a new one.
const LEAST_BITS: usize = 1024;
const GOOD_BITS: usize = 2048;

/// What a key that is a test means, in a sentence.
pub(crate) const IS_TEST: &str = "`t=y` says that it is a test, and receivers need not act on it";

/// What receivers make of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyUse {
    /// They verify signatures with it.
    Good,
    /// They do, and a longer one is asked of new keys.
    Short,
    /// It says that it is a test, so that they need not trust it.
    Test,
    /// They do not.
    Unusable(String),
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
    if tag("v").is_some_and(|version| version != "DKIM1") {
        return unusable("it is of another version than `DKIM1`");
    }
    let Some(key) = tag("p") else {
        return unusable("it has no tag `p=` with the public key");
    };
    let key: String = key.split_ascii_whitespace().collect();
    if key.is_empty() {
        return unusable("it is revoked: its tag `p=` is empty");
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
        Err(_) => return unusable("its tag `p=` is not base64: it is cut off"),
    };
    let bits = match tag("k").unwrap_or("rsa") {
        "rsa" => match rsa_bits(&der) {
            Some(bits) => bits,
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
