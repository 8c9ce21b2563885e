//! What a certificate file says about its certificate (RFC 5280, RFC 7468).

use crate::topology::Presented;
use crate::values::Date;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::oid::db::rfc4519::COMMON_NAME;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// The leaf certificate of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Common name first, then alternative names of type DNS, each once, in lower case.
    pub(super) names: Vec<String>,
    /// Subject and issuer are the same.
    pub(super) self_signed: bool,
    /// Last day of validity.
    pub(super) not_after: Option<Date>,
    /// SHA-256 of the public key (TLSA 3 1 1, RFC 6698).
    pub(super) spki_sha256: [u8; 32],
    /// All certificates of the file, itself first.
    pub(super) chain: Vec<Presented>,
}

/// What PEM calls a certificate and a public key.
const CERTIFICATE: &str = "CERTIFICATE";
const PUBLIC_KEY: &str = "PUBLIC KEY";

/// Reads the first certificate of a PEM file, which is the leaf where a chain stands there.
pub(super) fn read(text: &str) -> Result<Leaf, String> {
    let first = certificate(text)?;
    if let Some((_, rest)) = text.split_once("-----END CERTIFICATE-----")
        && holds(rest, CERTIFICATE)
    {
        let second = certificate(rest)?;
        let issued = first.tbs_certificate().subject() == second.tbs_certificate().issuer();
        if issued && first.tbs_certificate().issuer() != second.tbs_certificate().subject() {
            return Err("its chain stands in the wrong order: the first certificate has issued the second, and that of the server comes first".to_owned());
        }
    }
    let key = first.tbs_certificate().subject_public_key_info();
    is_known(&key.algorithm.oid)?;
    let leaf = leaf(&first).ok_or_else(|| "its certificate cannot be read".to_owned())?;
    let mut rest = text;
    let mut chain = Vec::new();
    while holds(rest, CERTIFICATE) {
        let der = block(rest, CERTIFICATE, "certificate")?;
        let tbs = certificate(rest)?;
        let tbs = tbs.tbs_certificate();
        chain.push(Presented {
            key: tbs.subject_public_key_info().to_der().unwrap_or_default(),
            certificate: Some(der),
            self_signed: tbs.subject() == tbs.issuer(),
        });
        rest = rest
            .split_once("-----END CERTIFICATE-----")
            .map_or("", |(_, rest)| rest);
    }
    Ok(Leaf { chain, ..leaf })
}

/// The first certificate in a text.
fn certificate(text: &str) -> Result<Certificate, String> {
    let der = block(text, CERTIFICATE, "certificate")?;
    Certificate::from_der(&der).map_err(|error| format!("its certificate cannot be read: {error}"))
}

/// Whether servers can prove by TLS that they have a key of this type (RFC 8446, section 4.2.3).
fn is_known(kind: &ObjectIdentifier) -> Result<(), String> {
    /// RSA, RSA-PSS, elliptic curves, Ed25519, Ed448.
    const KNOWN: [ObjectIdentifier; 5] = [
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"),
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10"),
        ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"),
        ObjectIdentifier::new_unwrap("1.3.101.112"),
        ObjectIdentifier::new_unwrap("1.3.101.113"),
    ];
    if KNOWN.contains(kind) {
        return Ok(());
    }
    Err(format!(
        "its key is of the type {kind}, with which no server can do TLS"
    ))
}

/// SHA-256 of the public key in a file, which is a certificate or the key alone, and what the file holds.
pub(super) fn key_digest(text: &str) -> Result<([u8; 32], Vec<Presented>), String> {
    if !holds(text, PUBLIC_KEY) {
        let leaf = read(text)?;
        return Ok((leaf.spki_sha256, leaf.chain));
    }
    let der = block(text, PUBLIC_KEY, "public key")?;
    let key = SubjectPublicKeyInfoRef::from_der(&der)
        .map_err(|error| format!("its public key cannot be read: {error}"))?;
    is_known(&key.algorithm.oid)?;
    let digest = Sha256::digest(&der).into();
    let alone = Presented {
        certificate: None,
        key: der,
        self_signed: false,
    };
    Ok((digest, vec![alone]))
}

/// The record of a DKIM key (RFC 6376, section 3.6.1; RFC 8463, section 4) from a public key in PEM.
pub(super) fn dkim_record(text: &str) -> Result<String, String> {
    const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
    const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
    let der = block(text, PUBLIC_KEY, "public key")?;
    if text.matches("-----BEGIN ").count() > 1 {
        return Err("it holds more than one key, and a selector has one".to_owned());
    }
    let key = SubjectPublicKeyInfoRef::from_der(&der)
        .map_err(|error| format!("its public key cannot be read: {error}"))?;
    let (kind, octets) = match key.algorithm.oid {
        RSA => ("rsa", der.as_slice()),
        ED25519 => ("ed25519", key.subject_public_key.raw_bytes()),
        other => {
            return Err(format!(
                "its key is of the type {other}, and DKIM knows RSA and Ed25519 alone"
            ));
        }
    };
    Ok(format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(octets)))
}

/// Whether a text is meant as PEM.
pub(super) fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN ")
}

fn holds(text: &str, label: &str) -> bool {
    text.contains(&format!("-----BEGIN {label}-----"))
}

/// The octets of the first block with a label.
fn block(text: &str, label: &str, what: &str) -> Result<Vec<u8>, String> {
    if text.contains("PRIVATE KEY-----") {
        return Err("it holds a private key, and no secret ever stands beside a spec".to_owned());
    }
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let Some((_, rest)) = text.split_once(&begin) else {
        return Err(format!(
            "it holds no `BEGIN {label}` line, as a PEM {what} does"
        ));
    };
    let Some((body, _)) = rest.split_once(&end) else {
        return Err(format!("its {what} has no `END {label}` line"));
    };
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD
        .decode(body)
        .map_err(|error| format!("its {what} is not base64: {error}"))
}

fn leaf(certificate: &Certificate) -> Option<Leaf> {
    let tbs = certificate.tbs_certificate();
    let key = tbs.subject_public_key_info().to_der().ok()?;
    let until = tbs.validity().not_after.to_date_time();
    Some(Leaf {
        names: names(certificate),
        self_signed: tbs.subject() == tbs.issuer(),
        not_after: Date::parse(&format!(
            "{:04}-{:02}-{:02}",
            until.year(),
            until.month(),
            until.day()
        ))
        .ok(),
        spki_sha256: Sha256::digest(key).into(),
        chain: Vec::new(),
    })
}

fn names(certificate: &Certificate) -> Vec<String> {
    let tbs = certificate.tbs_certificate();
    let alternative: Vec<String> = match tbs.get_extension::<SubjectAltName>() {
        Ok(Some((_, SubjectAltName(names)))) => names
            .iter()
            .filter_map(|name| match name {
                GeneralName::DnsName(name) => Some(name.as_str().to_ascii_lowercase()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    let common = tbs
        .subject()
        .iter()
        .filter(|attribute| attribute.oid == COMMON_NAME)
        .filter_map(|attribute| std::str::from_utf8(attribute.value.value()).ok())
        .map(str::to_ascii_lowercase)
        // A common name that is a person or a product is no name that a connection is made to.
        .find(|name| alternative.contains(name) || (alternative.is_empty() && name.contains('.')));
    let mut names: Vec<String> = Vec::new();
    for name in common.into_iter().chain(alternative) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTOSO: &str = include_str!("testdata/mail.contoso.com.pem");

    #[test]
    fn a_certificate_says_what_it_is() {
        let leaf = read(CONTOSO).unwrap();
        assert_eq!(leaf.names, ["mail.contoso.com", "autodiscover.contoso.com"]);
        assert!(leaf.self_signed);
        assert_eq!(
            leaf.not_after.map(|date| date.to_string()).as_deref(),
            Some("2126-11-01")
        );
        let hex: String = leaf
            .spki_sha256
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|nibble| char::from_digit(nibble.into(), 16))
            .collect();
        assert_eq!(
            hex,
            "2edf85227dae5e590a6a741d339fd083acc05dffdb38005c56c8830d1d26fe09"
        );
    }

    #[test]
    fn what_is_no_certificate_is_refused_with_a_reason() {
        let broken = CONTOSO.replace("MII", "MIJ");
        let cut = CONTOSO.replace("END", "FIN");
        let odd = CONTOSO.replacen("MII", "M!I", 1);
        for (text, part) in [
            ("", "no `BEGIN CERTIFICATE`"),
            ("-----BEGIN PRIVATE KEY-----", "private key"),
            (&broken, "cannot be read"),
            (&cut, "no `END CERTIFICATE`"),
            (&odd, "not base64"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
