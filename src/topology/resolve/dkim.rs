//! Who signs with a domain, and where the public keys are (RFC 6376).

use crate::finding::Code;
use crate::source::{At, Span};
use crate::spec;
use crate::topology::resolve::context::{Scope, Wanted};
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::pem;
use crate::topology::{Dkim, DkimKey, DkimSigner, Party};
use crate::values::shown;
use crate::values::{BadValue, OwnerName};
use crate::yaml::{Form, Map, Slot, Text};

/// The signers of a domain.
pub(super) fn dkim(slot: &Slot<Box<spec::Dkim>>, scope: &mut Scope<'_>) -> Dkim {
    let Some(written) = slot.get() else {
        return Dkim::Derived;
    };
    let mut seen = Once::default();
    let mut signers: Vec<DkimSigner> = match &**written {
        spec::Dkim::Signers(list) => list
            .items
            .iter()
            .filter_map(|item| {
                Some(DkimSigner {
                    signer: signer(&item.value, item.span, &mut seen, scope)?,
                    selectors: Vec::new(),
                })
            })
            .collect(),
        spec::Dkim::Selectors(map) => map
            .entries
            .iter()
            .filter_map(|(name, keys)| {
                let signer = signer(&name.value, name.span, &mut seen, scope);
                let selectors = keys
                    .value
                    .as_ref()
                    .map(|keys| selectors(keys, scope))
                    .unwrap_or_default();
                Some(DkimSigner {
                    signer: signer?,
                    selectors,
                })
            })
            .collect(),
    };
    signers.sort_by_key(|signer| signer.signer.value);
    signers.shrink_to_fit();
    Dkim::Signers(signers)
}

fn signer(
    name: &str,
    span: Span,
    seen: &mut Once<Party>,
    scope: &mut Scope<'_>,
) -> Option<At<Party>> {
    let party = scope.party(name, span, &[Wanted::Location, Wanted::Partner])?;
    if !scope.first(seen, party.value, span, || {
        format!("`{name}` stands twice in this list")
    }) {
        return None;
    }
    Some(party)
}

fn selectors(
    keys: &Map<Text, spec::Selector>,
    scope: &mut Scope<'_>,
) -> Vec<(At<String>, DkimKey)> {
    let mut seen = Once::default();
    let mut selectors: Vec<(At<String>, DkimKey)> = keys
        .entries
        .iter()
        .filter_map(|(name, key)| {
            let name = scope
                .value(&name.value, name.span, selector)
                .filter(|name| {
                    let words = || format!("the selector `{}` stands twice", name.value);
                    scope.first(&mut seen, name.value.clone(), name.span, words)
                });
            let key = match &key.value {
                // A key that is secret is never shown, so the selector is.
                Form::Short(text) if pem::is_pem(text) => {
                    let named = name.as_ref().map_or(key.span, |name| name.span);
                    pem_key("this key", text, named, scope)
                }
                Form::Short(text) => scope.value(text, key.span, inline_key).map(|at| at.value),
                Form::Long(file) => file_key(file.file.at()?, scope),
            };
            Some((name?, key?))
        })
        .collect();
    // The order of keys means nothing.
    selectors.sort_by(|(a, _), (b, _)| a.value.cmp(&b.value));
    selectors.shrink_to_fit();
    selectors
}

fn selector(text: &str) -> Result<String, BadValue> {
    if let Some((own, _)) = text.split_once("._domainkey") {
        let words = format!(
            "{} is a whole name, and a selector is its first part",
            shown(text)
        );
        return Err(BadValue::new(words).help(format!("write {}", shown(own))));
    }
    OwnerName::parse(text)
        .map(|name| name.to_string())
        .map_err(|bad| {
            BadValue::new(format!("{} is no selector: {}", shown(text), bad.message))
                .help("write it as the signer has it, such as `s1`")
        })
}

/// A name that the selector points at, or the record itself.
fn inline_key(text: &str) -> Result<DkimKey, BadValue> {
    if text.contains("p=") {
        let mended = "write the public record in one line, as the key generator wrote it";
        return record(text)
            .map(DkimKey::Record)
            .map_err(|bad| bad.help(mended));
    }
    if !text.contains('.') {
        return Err(BadValue::new(format!(
            "{} is neither a name nor a record with `p=`",
            shown(text)
        ))
        .help("write the name that the selector points at, the record, or `{file: F}`"));
    }
    OwnerName::parse(text).map(|name| DkimKey::Target(name.to_string()))
}

/// A record is ASCII on one line, so that every writer of zones can carry it.
fn record(text: &str) -> Result<String, BadValue> {
    let text = text.trim();
    if !text.bytes().all(|b| (b' '..=b'~').contains(&b)) || text.contains(['"', '\\']) {
        return Err(BadValue::new(
            "this DKIM record holds a character that no tag can hold",
        ));
    }
    let tags: Vec<(&str, &str)> = text
        .split(';')
        .filter(|tag| !tag.trim().is_empty())
        .map(|tag| {
            tag.split_once('=')
                .map_or((tag.trim(), ""), |(name, value)| {
                    (name.trim(), value.trim())
                })
        })
        .collect();
    if tags.iter().filter(|(name, _)| *name == "p").count() > 1 {
        return Err(BadValue::new(
            "this text holds two records, and a selector has one",
        ));
    }
    let Some((_, key)) = tags.iter().find(|(name, _)| *name == "p") else {
        return Err(BadValue::new(
            "this DKIM record has no tag `p=` with the public key",
        ));
    };
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b' ');
    if !key.bytes().all(base64) {
        return Err(BadValue::new(
            "the tag `p=` of this DKIM record is not base64",
        ));
    }
    if tags
        .first()
        .is_some_and(|(name, value)| *name == "v" && *value != "DKIM1")
    {
        return Err(BadValue::new(
            "this DKIM record does not begin with `v=DKIM1`",
        ));
    }
    Ok(text.to_owned())
}

fn file_key(path: &At<crate::yaml::PathText>, scope: &mut Scope<'_>) -> Option<DkimKey> {
    let file = scope.reader.open(&path.value, path.span, scope.findings)?;
    let text = scope.reader.sources.file(file).text.clone();
    let name = format!("`{}`", path.value);
    if pem::is_pem(&text) {
        return pem_key(&name, &text, path.span, scope);
    }
    match record(&generated(&text)) {
        Ok(record) => Some(DkimKey::Record(record)),
        Err(bad) => {
            scope.error_help(
                Code::S019,
                format!("{name}: {}", bad.message),
                path.span,
                "name the file with the public record as the key generator wrote it, or with the public key in PEM",
            );
            None
        }
    }
}

/// The record of a public key in PEM.
fn pem_key(what: &str, text: &str, span: Span, scope: &mut Scope<'_>) -> Option<DkimKey> {
    match pem::dkim_record(text) {
        Ok(record) => Some(DkimKey::Record(record)),
        Err(why) => {
            scope.error_help(
                Code::S019,
                format!("{what}: {why}"),
                span,
                "give the public key, such as `openssl pkey -in KEY -pubout` prints it",
            );
            None
        }
    }
}

/// The record in a file as key generators write it: the quoted strings of a zone line, or the record alone.
fn generated(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    if !text.contains('"') {
        return text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    }
    text.split('"').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_name_or_a_record() {
        assert_eq!(
            inline_key("S1.sender.example"),
            Ok(DkimKey::Target("s1.sender.example".to_owned()))
        );
        assert_eq!(
            inline_key("v=DKIM1; p=MIIB"),
            Ok(DkimKey::Record("v=DKIM1; p=MIIB".to_owned()))
        );
        for text in [
            "selector",
            "v=DKIM1; p=M\u{fc}",
            "v=DKIM2; p=MIIB",
            "p=a\"b",
            "k=rsa; np=x",
        ] {
            assert!(inline_key(text).is_err(), "{text}");
        }
    }

    #[test]
    fn files_of_key_generators() {
        let zone = "default._domainkey\tIN\tTXT\t( \"v=DKIM1; k=rsa; \"\n\t  \"p=MIIB\" )  ; ----- DKIM key default for contoso.com\n";
        assert_eq!(
            record(&generated(zone)).as_deref(),
            Ok("v=DKIM1; k=rsa; p=MIIB")
        );
        assert_eq!(
            record(&generated("v=DKIM1; k=rsa;\r\n p=MIIB\r\n")).as_deref(),
            Ok("v=DKIM1; k=rsa; p=MIIB")
        );
    }
}
