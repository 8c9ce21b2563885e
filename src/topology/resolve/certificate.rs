//! Certificates: as written, and as their files say.

use crate::finding::{Code, Finding};
use crate::source::{At, Span};
use crate::spec;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::pem::{self, Leaf};
use crate::topology::{Certificate, Issuer, NextKey};
use crate::values::{BadValue, Date, HostName};
use crate::yaml::Slot;

/// A certificate; what its file says is added, and what contradicts the file is reported.
pub(super) fn certificate(
    slot: &Slot<Box<spec::Certificate>>,
    scope: &mut Scope<'_>,
) -> Option<Certificate> {
    let At {
        value: written,
        span,
    } = slot.at()?;
    let leaf = leaf(written, scope);
    let mut names: Vec<At<String>> = written
        .names
        .items
        .iter()
        .filter_map(|item| scope.value(&item.value, item.span, name))
        .collect();
    names = crate::topology::resolve::list::once(names, "name", scope.findings);
    if let Some((leaf, file)) = &leaf {
        check_names(&names, leaf, *file, scope);
        for name in &leaf.names {
            if names.iter().all(|known| known.value != *name) {
                names.push(At::new(name.clone(), *file));
            }
        }
    }
    if names.is_empty()
        && !written.names.incomplete
        && written.file.is_absent()
        && written.names.items.is_empty()
    {
        scope.error_help(
            Code::S018,
            "this certificate has no name",
            *span,
            "write `names: [mail.contoso.com]` or `file: F`",
        );
    }
    let not_after = not_after(written, leaf.as_ref(), scope);
    let chain = leaf.as_ref().map(|(leaf, _)| leaf.chain.clone());
    Some(Certificate {
        names,
        issuer: issuer(written, leaf.as_ref(), scope),
        thumbprint: scope.slot(&written.thumbprint, thumbprint),
        not_after,
        file: written
            .file
            .at()
            .map(|at| At::new(at.value.to_string(), at.span)),
        next: next(written, leaf.as_ref(), scope),
        spki_sha256: leaf.map(|(leaf, _)| leaf.spki_sha256),
        chain: chain.unwrap_or_default(),
        span: *span,
    })
}

/// The key that will follow. The current one again is no roll-over.
fn next(
    written: &spec::Certificate,
    current: Option<&(Leaf, Span)>,
    scope: &mut Scope<'_>,
) -> Option<NextKey> {
    let path = written.next.at()?;
    let file = scope.reader.open(&path.value, path.span, scope.findings)?;
    let (spki_sha256, chain) = match pem::key_digest(&scope.reader.sources.file(file).text) {
        Ok(read) => read,
        Err(why) => {
            scope.error_help(
                Code::S019,
                format!("`{}`: {why}", path.value),
                path.span,
                "name the PEM file of the certificate or public key that will follow",
            );
            return None;
        }
    };
    if current.is_some_and(|(leaf, _)| leaf.spki_sha256 == spki_sha256) {
        scope.findings.push(
            Finding::note(
                Code::S016,
                "the certificate that will follow has the key of the current one, so nothing changes",
            )
            .at(path.span, "")
            .help("leave `next` out, or name the file with the new key"),
        );
    }
    Some(NextKey {
        file: At::new(path.value.to_string(), path.span),
        spki_sha256,
        chain,
    })
}

fn leaf(written: &spec::Certificate, scope: &mut Scope<'_>) -> Option<(Leaf, Span)> {
    let path = written.file.at()?;
    let file = scope.reader.open(&path.value, path.span, scope.findings)?;
    match pem::read(&scope.reader.sources.file(file).text) {
        Ok(leaf) => Some((leaf, path.span)),
        Err(why) => {
            scope.error_help(
                Code::S019,
                format!("`{}` is no certificate: {why}", path.value),
                path.span,
                "name the PEM file that the server presents: its own certificate, then those that lead to its authority",
            );
            None
        }
    }
}

/// A name on a certificate: a host, or `*.` and a domain (RFC 9525).
pub(super) fn name(text: &str) -> Result<String, BadValue> {
    match text.strip_prefix("*.") {
        Some(base) => HostName::parse(base).map(|base| format!("*.{base}")),
        None => HostName::parse(text).map(|name| name.to_string()),
    }
}

/// The SHA-1 hash that Windows shows: 40 hexadecimal digits, often with spaces or colons between.
pub(super) fn thumbprint(text: &str) -> Result<String, BadValue> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | ':')).collect();
    if digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(digits.to_ascii_uppercase());
    }
    let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    Err(if digits.is_ascii() {
        BadValue::new(format!(
            "`{shown}` is no thumbprint of 40 hexadecimal digits"
        ))
    } else {
        BadValue::new(format!("`{shown}` holds a character that is no hexadecimal digit"))
            .help("a thumbprint copied from the Windows dialog often begins with a character that cannot be seen: type it")
    })
}

fn check_names(names: &[At<String>], leaf: &Leaf, file: Span, scope: &mut Scope<'_>) {
    for name in names {
        if !leaf.names.contains(&name.value) {
            scope.findings.push(
                Finding::error(
                    Code::S019,
                    format!(
                        "`{}` is not among the names of the certificate in this file",
                        name.value
                    ),
                )
                .at(name.span, "")
                .at(file, "read from here")
                .help(format!("its names are `{}`", leaf.names.join("`, `"))),
            );
        }
    }
}

fn not_after(
    written: &spec::Certificate,
    leaf: Option<&(Leaf, Span)>,
    scope: &mut Scope<'_>,
) -> Option<At<Date>> {
    let date = scope.slot(&written.not_after, Date::parse);
    let read = leaf.and_then(|(leaf, file)| leaf.not_after.map(|date| At::new(date, *file)));
    if let (Some(date), Some(read)) = (date, read)
        && date.value != read.value
    {
        scope.findings.push(
            Finding::error(
                Code::S019,
                format!(
                    "the certificate in this file is valid until {}, not {}",
                    read.value, date.value
                ),
            )
            .at(date.span, "")
            .at(read.span, "read from here")
            .help("leave `not_after` out: it is read from the file"),
        );
    }
    read.or(date)
}

fn issuer(
    written: &spec::Certificate,
    leaf: Option<&(Leaf, Span)>,
    scope: &mut Scope<'_>,
) -> Issuer {
    let issuer = written.issuer.at().copied();
    let Some((leaf, file)) = leaf else {
        return issuer.map(|at| at.value).unwrap_or_default();
    };
    match issuer {
        Some(at) if (at.value == Issuer::SelfSigned) != leaf.self_signed => {
            let is = if leaf.self_signed {
                "is self-signed"
            } else {
                "is not self-signed"
            };
            scope.findings.push(
                Finding::error(Code::S019, format!("the certificate in this file {is}"))
                    .at(at.span, "")
                    .at(*file, "read from here"),
            );
            at.value
        }
        Some(at) => at.value,
        None if leaf.self_signed => Issuer::SelfSigned,
        None => Issuer::Public,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_thumbprints() {
        assert_eq!(name("*.Contoso.com").as_deref(), Ok("*.contoso.com"));
        assert!(name("mail.*.com").is_err());
        let printed = "8a:2f:64 c0b1d7e93f55ac01d2e3f4a5b6c7d8e9f0";
        assert_eq!(
            thumbprint(printed).as_deref(),
            Ok("8A2F64C0B1D7E93F55AC01D2E3F4A5B6C7D8E9F0")
        );
        assert!(thumbprint("8A2F").unwrap_err().message.contains("40"));
        assert!(thumbprint("\u{200e}8A2F").unwrap_err().help.is_some());
    }
}
