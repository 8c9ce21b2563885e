//! What a certificate file says about its certificate (RFC 5280, RFC 7468).

use crate::values::Date;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::oid::db::rfc4519::COMMON_NAME;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

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
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Reads the first certificate of a PEM file, which is the leaf where a chain stands there.
pub(super) fn read(text: &str) -> Result<Leaf, String> {
    if text.contains("PRIVATE KEY-----") {
        return Err("it holds a private key, and no secret ever stands beside a spec".to_owned());
    }
    let Some(start) = text.find(BEGIN) else {
        return Err("it holds no `BEGIN CERTIFICATE` line, as a PEM certificate does".to_owned());
    };
    let rest = text.get(start..).unwrap_or_default();
    let Some(end) = rest.find(END) else {
        return Err("its certificate has no `END CERTIFICATE` line".to_owned());
    };
    let body: String = rest
        .get(BEGIN.len()..end)
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body)
        .map_err(|error| format!("its certificate is not base64: {error}"))?;
    let certificate = Certificate::from_der(&der)
        .map_err(|error| format!("its certificate cannot be read: {error}"))?;
    leaf(&certificate).ok_or_else(|| "its certificate cannot be read".to_owned())
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
