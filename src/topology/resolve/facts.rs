//! The facts file.

use crate::finding::{Code, Finding};
use crate::source::{At, Span};
use crate::spec;
use crate::topology::resolve::context::{Scope, Wanted};
use crate::topology::resolve::dns::{address_record, domain_keys, mx_record};
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::list;
use crate::topology::resolve::text::line;
use crate::topology::{CertificateFact, Facts, ForeignNames, LocationFacts, Published, Selectors};
use crate::values::{BadValue, Date, HostName, OwnerName};
use crate::yaml::{List, Map, Text};
use std::collections::BTreeMap;

/// The provider whose published addresses are known.
const EXCHANGE_ONLINE: &str = "exchange-online";

/// All facts of the file.
pub(super) fn facts(written: &spec::Facts, scope: &mut Scope<'_>) -> Facts {
    crate::topology::resolve::check_version(&written.version, "facts file", scope);
    let mut facts = Facts {
        gathered: scope.slot(&written.gathered, day),
        ..Facts::default()
    };
    for (name, slot) in &written.locations {
        let Some(id) = scope
            .party(&name.value, name.span, &[Wanted::Location])
            .and_then(|at| at.value.location())
        else {
            continue;
        };
        if let Some(location) = slot.get() {
            let location = location_facts(location, scope);
            if facts.locations.insert(id, location).is_some() {
                scope.error(
                    Code::S002,
                    format!("`{}` stands twice", name.value),
                    name.span,
                );
            }
        }
    }
    let mut seen = Once::default();
    let mut aliases = BTreeMap::new();
    for (name, records) in &written.records.entries {
        if let Some(name) = scope.value(&name.value, name.span, OwnerName::parse) {
            let alias = alias(&name, &records.value, scope);
            let target = alias.as_ref().map(|target| target.value.to_string());
            let records = foreign(&records.value, target, scope);
            let words = || format!("the name `{}` stands twice", name.value);
            if scope.first(&mut seen, name.value.to_string(), name.span, words) {
                facts.records.insert(name.value.to_string(), records);
                aliases.extend(alias.map(|target| (name.value.clone(), (name, target))));
            }
        }
    }
    refuse_circles(&aliases, scope);
    for (name, published) in &written.published.entries {
        if &*name.value != EXCHANGE_ONLINE {
            scope.error_help(
                Code::S001,
                format!("`{}` is no provider whose addresses are used", name.value),
                name.span,
                format!("write `{EXCHANGE_ONLINE}`"),
            );
            continue;
        }
        facts.published = Some(Published {
            version: scope
                .slot(&published.value.version, number)
                .map_or(0, |at| at.value),
            addresses: list::networks(&published.value.addresses, scope)
                .into_iter()
                .map(|at| at.value)
                .collect(),
        });
    }
    facts
}

/// A day on which the records that mail uses could be asked for.
fn day(text: &str) -> Result<Date, BadValue> {
    let date = Date::parse(text)?;
    let first = Date::parse("2000-01-01")?;
    if date < first {
        let words = format!("facts of {date} are older than any record that is asked for");
        return Err(BadValue::new(words).help("write the day on which they were gathered"));
    }
    Ok(date)
}

fn number(text: &str) -> Result<u64, BadValue> {
    text.parse::<u64>().map_err(|_| {
        BadValue::new(format!(
            "{} is no version number",
            crate::values::shown(text)
        ))
    })
}

fn location_facts(written: &spec::LocationFacts, scope: &mut Scope<'_>) -> LocationFacts {
    let mut facts = LocationFacts::default();
    for (domain, host) in domain_keys(&written.mx, scope) {
        if let Some(host) = scope.value(&host.value, host.span, HostName::parse) {
            facts
                .mx
                .insert(domain.value, host.map(|host| host.to_string()));
        }
    }
    for (domain, selectors) in domain_keys(&written.dkim, scope) {
        let selectors = selector_targets(&selectors.value, scope);
        facts.dkim.insert(domain.value, selectors);
    }
    for (name, certificate) in &written.certificates.entries {
        let Some(name) = scope.value(
            &name.value,
            name.span,
            crate::topology::resolve::certificate::name,
        ) else {
            continue;
        };
        let value = &certificate.value;
        let fact = CertificateFact {
            thumbprint: scope
                .slot(
                    &value.thumbprint,
                    crate::topology::resolve::certificate::thumbprint,
                )
                .map(|at| at.value),
            issuer: scope
                .slot(&value.issuer, |text| line(text, 1024))
                .map(|at| at.value),
            subject: scope
                .slot(&value.subject, |text| line(text, 1024))
                .map(|at| at.value),
        };
        facts
            .certificates
            .insert(name.value, At::new(fact, certificate.span));
    }
    facts
}

fn selector_targets(map: &Map<Text, crate::yaml::DomainText>, scope: &mut Scope<'_>) -> Selectors {
    let targets: BTreeMap<String, At<String>> = map
        .entries
        .iter()
        .filter_map(|(selector, target)| {
            let selector = scope.value(&selector.value, selector.span, OwnerName::parse);
            let target = scope.value(&target.value, target.span, OwnerName::parse);
            Some((
                selector?.value.to_string(),
                target?.map(|name| name.to_string()),
            ))
        })
        .collect();
    // There is one for each domain, and a tree takes room for eleven.
    targets.into_iter().collect()
}

fn foreign(
    written: &spec::RecordFacts,
    cname: Option<String>,
    scope: &mut Scope<'_>,
) -> ForeignNames {
    let written_list = |list: &List<Text>| list.span.is_some();
    ForeignNames {
        txt: written_list(&written.txt)
            .then(|| written.txt.values().map(ToString::to_string).collect()),
        mx: written_list(&written.mx).then(|| {
            list::inline(&written.mx, mx_record, scope)
                .into_iter()
                .map(|at| at.value)
                .collect()
        }),
        a: written_list(&written.a).then(|| {
            list::inline(&written.a, address_record, scope)
                .into_iter()
                .map(|at| at.value)
                .collect()
        }),
        cname,
        tlsa: written_list(&written.tlsa)
            .then(|| written.tlsa.values().map(ToString::to_string).collect()),
        dnssec: written.dnssec.get().copied(),
        date: scope.slot(&written.date, day),
    }
}

/// The one name that a name stands for. Nothing stands beside it (RFC 1034, section 3.6.2).
fn alias(
    name: &At<OwnerName>,
    written: &spec::RecordFacts,
    scope: &mut Scope<'_>,
) -> Option<At<OwnerName>> {
    let names = list::inline(&written.cname, OwnerName::parse, scope);
    let target = names.first()?;
    let others = [&written.txt, &written.mx, &written.a, &written.tlsa];
    let other = others
        .into_iter()
        .find_map(|list| list.items.first())
        .map(|at| at.span);
    let (why, span) = if let Some(second) = names.get(1) {
        ("stands for two names, and an alias is for one", second.span)
    } else if let Some(other) = other {
        ("has other records beside its alias", other)
    } else {
        return Some(target.clone());
    };
    refuse_alias(name, why, span, scope);
    None
}

fn refuse_alias(name: &At<OwnerName>, why: &str, span: Span, scope: &mut Scope<'_>) {
    scope.findings.push(
        Finding::error(Code::S019, format!("`{}` {why}", name.value))
            .at(span, "")
            .at(name.span, "this name")
            .help("write what a query for the name answers, such as with `dig`"),
    );
}

/// Names that stand for each other have no records, whoever is asked. A circle is told once, at the first of its names.
fn refuse_circles(
    aliases: &BTreeMap<OwnerName, (At<OwnerName>, At<OwnerName>)>,
    scope: &mut Scope<'_>,
) {
    for (first, (name, target)) in aliases {
        let onward = |at: &&OwnerName| aliases.get(*at).map(|(_, target)| &target.value);
        let way: Vec<&OwnerName> = std::iter::successors(Some(&target.value), onward)
            .take(aliases.len())
            .take_while(|at| *at > first)
            .collect();
        let last = way.last().map_or(Some(&target.value), onward);
        if last != Some(first) {
            continue;
        }
        let why = match way.first() {
            None => "stands for itself, so it has no records".to_owned(),
            Some(by) => {
                format!("stands for `{by}`, which leads back to it, so neither has records")
            }
        };
        refuse_alias(name, &why, target.span, scope);
    }
}
