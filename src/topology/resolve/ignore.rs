//! Findings that are known and accepted.

use crate::finding::{Code, Finding, Object, Operation, nearest};
use crate::source::At;
use crate::spec;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::text::line;
use crate::topology::{Ignore, Party, Rule, WrittenRoute};
use crate::values::shown;
use crate::values::{BadValue, Date, DomainName};

/// One accepted finding. Without a reason it accepts nothing.
pub(super) fn ignore(
    item: &At<spec::Ignore>,
    domains: &[DomainName],
    routes: &[WrittenRoute],
    rules: &[Rule],
    scope: &mut Scope<'_>,
) -> Option<Ignore> {
    let written = &item.value;
    if written.check.is_absent() {
        scope.error_help(
            Code::S018,
            "this entry names no `check`",
            item.span,
            "write the code of the finding, such as `check: R005`",
        );
    }
    let check = scope.slot(&written.check, code);
    let reason = written.reason.at().filter(|at| !at.value.trim().is_empty());
    if reason.is_none() && !matches!(written.reason, crate::yaml::Slot::Bad(_)) {
        scope.error_help(
            Code::S014,
            "this finding is accepted without a reason",
            written.reason.span().unwrap_or(item.span),
            "write `reason:` and why it is accepted, for whoever reads it next year",
        );
    }
    if let (Some(_), Some(again)) = (written.on.at(), written.object.at()) {
        scope.error_help(
            Code::S018,
            "`on` and `object` both name the object",
            again.span,
            "write one of them",
        );
    }
    let named = written.on.at().or_else(|| written.object.at());
    let is_named = named.is_some();
    let on = named.and_then(|at| {
        let objects = objects(&at.value, domains, routes, rules, scope);
        if objects.is_empty() {
            unknown(&at.value, at.span, domains, routes, rules, scope);
            return None;
        }
        Some(At::new(objects, at.span))
    });
    let until = scope.slot(&written.until, Date::parse);
    let reason = reason.and_then(|at| scope.value(&at.value, at.span, |text| line(text, 1000)));
    if is_named && on.is_none() {
        return None;
    }
    Some(Ignore {
        span: item.span,
        check: check?,
        on,
        reason,
        until,
    })
}

/// A group letter and three digits.
fn code(text: &str) -> Result<String, BadValue> {
    let bytes = text.as_bytes();
    let good = |first: u8| first.is_ascii_uppercase();
    if let [first, digits @ ..] = bytes
        && digits.len() == 3
        && digits.iter().all(u8::is_ascii_digit)
        && good(first.to_ascii_uppercase())
    {
        return if good(*first) {
            Ok(text.to_owned())
        } else {
            Err(
                BadValue::new(format!("{} is no code of a check", shown(text)))
                    .help(format!("write `{}`", text.to_ascii_uppercase())),
            )
        };
    }
    Err(
        BadValue::new(format!("{} is no code of a check", shown(text)))
            .help("write a letter and three digits, as the finding shows them, such as `R005`"),
    )
}

/// Everything that goes by this name. `KIND:NAME` says which of them.
fn objects(
    text: &str,
    domains: &[DomainName],
    routes: &[WrittenRoute],
    rules: &[Rule],
    scope: &Scope<'_>,
) -> Vec<Object> {
    let (kind, name) = match text.split_once(':') {
        Some((kind @ ("location" | "domain" | "partner" | "device" | "route" | "rule"), name)) => {
            (Some(kind), name.trim())
        }
        _ => (None, text),
    };
    let mut objects = Vec::new();
    if let Some(named) = scope.names.by_name.get(name) {
        objects.extend(match named.party {
            Party::Location(_) => Some(Object::Location(name.to_owned())),
            Party::Partner(_) => Some(Object::Partner(name.to_owned())),
            Party::Device(_) => Some(Object::Device(name.to_owned())),
            Party::Network(..) | Party::Internet | Party::Discard | Party::Reject => None,
        });
    }
    // A finding about a record names its owner, such as `_dmarc.contoso.com`.
    let owner = name
        .trim_start_matches(|c| c != '.')
        .trim_start_matches('.');
    let above = if name.starts_with('_') { owner } else { name };
    if let Ok(domain) = DomainName::parse(above)
        && domains.binary_search(&domain).is_ok()
    {
        objects.push(Object::Domain(if above == name {
            domain.to_string()
        } else {
            name.to_ascii_lowercase()
        }));
    }
    if routes
        .iter()
        .filter_map(|route| route.name.as_ref())
        .any(|at| at.value == name)
        || is_derived(name, scope)
    {
        objects.push(Object::Route(name.to_owned()));
    }
    if rules.iter().any(|rule| rule.name.value == name) {
        objects.push(Object::Rule(name.to_owned()));
    }
    objects.retain(|object| {
        kind.is_none_or(|kind| object.to_string().starts_with(&format!("{kind}:")))
    });
    objects
}

/// Derived routes are named after both their ends, and what is more, such as `by rule`.
fn is_derived(name: &str, scope: &Scope<'_>) -> bool {
    let known = |end: &str| scope.known(end).is_some();
    [" to ", " from "].iter().any(|word| {
        name.split_once(word)
            .is_some_and(|(a, b)| known(a) && known(b.split(' ').next().unwrap_or(b)))
    })
}

fn unknown(
    text: &str,
    span: crate::source::Span,
    domains: &[DomainName],
    routes: &[WrittenRoute],
    rules: &[Rule],
    scope: &mut Scope<'_>,
) {
    if scope.names.incomplete || scope.domains_incomplete {
        return;
    }
    let names = scope
        .names
        .by_name
        .keys()
        .map(String::as_str)
        .chain(domains.iter().map(DomainName::as_str))
        .chain(
            routes
                .iter()
                .filter_map(|route| route.name.as_ref())
                .map(|name| name.value.as_str()),
        )
        .chain(rules.iter().map(|rule| rule.name.value.as_str()));
    let finding = Finding::error(
        Code::S001,
        format!("nothing in the spec is named {}", shown(text)),
    )
    .at(span, "");
    let finding = match nearest(text, names) {
        Some(near) => finding.mend(Operation::replace(span, text, near)),
        None => {
            finding.help("write the name of a location, domain, partner, device, route or rule")
        }
    };
    scope.findings.push(finding);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_a_letter_and_three_digits() {
        assert!(code("R005").is_ok());
        assert_eq!(
            code("r005").unwrap_err().help.as_deref(),
            Some("write `R005`")
        );
        for text in ["", "R05", "R0055", "005R", "ÄR05", "loop"] {
            assert!(code(text).is_err(), "{text}");
        }
    }
}
