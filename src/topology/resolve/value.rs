//! From texts of a spec to values, each mistake with its place.

use crate::finding::{Code, Finding, Findings};
use crate::source::{At, Span};
use crate::values::{BadValue, DomainName, Pattern};

/// The value that a text stands for; a mistake is reported and gives nothing.
pub(super) fn value<T>(
    text: &str,
    span: Span,
    parse: impl FnOnce(&str) -> Result<T, BadValue>,
    findings: &mut Findings,
) -> Option<At<T>> {
    match parse(text) {
        Ok(value) => Some(At::new(value, span)),
        Err(bad) => {
            findings.push(bad_value(bad, span));
            None
        }
    }
}

/// The finding for a bad value.
pub(super) fn bad_value(bad: BadValue, span: Span) -> Finding {
    let finding = Finding::error(bad.code, bad.message).at(span, "");
    match bad.help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// A domain name; a spelling that people do not write is noted.
pub(super) fn domain(text: &str, span: Span, findings: &mut Findings) -> Option<At<DomainName>> {
    let name = value(text, span, DomainName::parse, findings)?;
    note_spelling(text, name.value.as_str(), &name.value, span, findings);
    Some(name)
}

/// The name of a zone.
pub(super) fn zone(text: &str, span: Span, findings: &mut Findings) -> Option<At<DomainName>> {
    let name = value(text, span, DomainName::parse_zone, findings)?;
    note_spelling(text, name.value.as_str(), &name.value, span, findings);
    Some(name)
}

/// A domain pattern; a wildcard over names of different owners is warned of.
pub(super) fn pattern(text: &str, span: Span, findings: &mut Findings) -> Option<At<Pattern>> {
    let pattern = value(text, span, Pattern::parse, findings)?;
    match &pattern.value {
        Pattern::Exact(name) => note_spelling(text, name.as_str(), name, span, findings),
        Pattern::Below(base) => {
            let canonical = pattern.value.to_string();
            let written = text.strip_prefix("*.").unwrap_or(text);
            if base.is_public_suffix() {
                findings.push(
                    Finding::warning(
                        Code::S006,
                        format!("`{canonical}` covers domains of different owners: `{base}` is a public suffix"),
                    )
                    .at(span, "")
                    .help(format!("name the domain that is meant, such as `*.contoso.{base}`")),
                );
            }
            note_spelling(written, base.as_str(), base, span, findings);
        }
        Pattern::Any | Pattern::AcceptedDomains => {}
    }
    Some(pattern)
}

/// Two spellings of one name are one name, but who searches for it finds only one of them.
fn note_spelling(
    written: &str,
    canonical: &str,
    name: &DomainName,
    span: Span,
    findings: &mut Findings,
) {
    if written == canonical {
        return;
    }
    let unicode = name.unicode();
    if written == unicode {
        return;
    }
    findings.push(
        Finding::note(
            Code::S004,
            format!("`{written}` is not the usual spelling of `{canonical}`"),
        )
        .at(span, "")
        .help(format!("write `{unicode}`")),
    );
}
