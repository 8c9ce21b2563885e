//! From spec types to the resolved topology: files are merged, names become ids, texts become values, defaults are
//! applied, and every mistake that can be seen without knowing how mail flows is reported, all of them in one run.
//!
//! This module must not know how mail is routed, nor touch a disk: files come through [`Files`].

mod certificate;
mod context;
mod device;
mod dkim;
mod dns;
mod domain;
mod duplicates;
mod expect;
mod facts;
mod file;
mod host;
mod ignore;
mod include;
mod list;
mod location;
mod mailbox_file;
mod mailboxes;
mod names;
mod partner;
mod pem;
mod route;
mod rule;
mod table;
mod text;
mod value;

use crate::finding::{Code, Finding, Findings, Operation, nearest};
use crate::source::{At, FileId, Files, Sources, Span};
use crate::spec::{self, Document};
use crate::topology::{Routing, Topology};
use crate::values::{DomainName, Name as UserName};
use crate::yaml::{self, Name, Slot};
use context::{Names, Scope, declare, device_at, listed, location_at, partner_at};
use duplicates::twice;
use file::Reader;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Reads a spec and everything it names.
///
/// `main` is the name that messages show; other files are read relative to it. Gives a topology whenever there is a
/// document at all, so that later steps can be tried, but what it holds is only meant while `findings` has no error.
pub fn load(
    files: &dyn Files,
    main: &str,
    main_text: &[u8],
    sources: &mut Sources,
    findings: &mut Findings,
) -> Option<Topology> {
    let mut scope = Scope {
        reader: Reader::new(files, sources),
        findings,
        names: Names::default(),
        domains_incomplete: false,
        mailbox_files: BTreeMap::new(),
    };
    let main = scope.reader.main(main, main_text, scope.findings)?;
    let mut documents = include::documents(main, &mut scope);
    let first = documents.first()?;
    check_version(&first.value.version, "spec", &mut scope);
    if first.value.version.is_absent() {
        scope.error_help(
            Code::S018,
            "this spec has no `version`",
            first.span,
            "write `version: 1` first",
        );
    }
    for included in documents.iter().skip(1) {
        check_version(&included.value.version, "spec", &mut scope);
    }
    Some(resolve(&mut documents, &mut scope))
}

fn resolve(documents: &mut [At<Document>], scope: &mut Scope<'_>) -> Topology {
    let main = documents
        .first()
        .map(|document| document.span)
        .unwrap_or_default();
    let written_locations = entries(documents, |document| &document.locations.entries);
    let written_partners = entries(documents, |document| &document.partners.entries);
    let written_devices = entries(documents, |document| &document.devices.entries);
    scope.names.incomplete = documents.iter().any(|document| {
        let document = &document.value;
        document.locations.incomplete || document.partners.incomplete || document.devices.incomplete
    });
    scope.domains_incomplete = documents
        .iter()
        .any(|document| document.value.domains.incomplete);
    let written_locations = declare(
        written_locations,
        location_at,
        &mut scope.names,
        scope.findings,
    );
    let written_partners = declare(
        written_partners,
        partner_at,
        &mut scope.names,
        scope.findings,
    );
    let written_devices = declare(written_devices, device_at, &mut scope.names, scope.findings);
    scope.names.kinds = written_locations
        .iter()
        .map(|(_, item)| item.value.kind.get().copied())
        .collect();
    let written_domains = domain_entries(documents, scope);
    let names: Vec<DomainName> = written_domains
        .iter()
        .map(|(name, _)| name.value.clone())
        .collect();

    let locations = location::locations(&written_locations, scope);
    domain::check_primary_domains(&locations, &names, scope);
    let sections: Vec<At<spec::Dns>> = documents
        .iter()
        .filter_map(|document| document.value.dns.at().cloned())
        .collect();
    let dns = dns::dns(&sections, &names, scope);
    let domains: Vec<crate::topology::Domain> = written_domains
        .into_iter()
        .map(|written| domain::domain(&written, &locations, dns.dmarc.as_ref(), scope))
        .collect();
    location::check_routing_domains(&locations, &domains, scope);
    report_lists(&domains, scope);
    let partners = written_partners
        .iter()
        .map(|(name, item)| partner::partner(name, &item.value, &names, scope))
        .collect();
    let devices = written_devices
        .iter()
        .map(|(name, item)| device::device(name, &item.value, scope))
        .collect();
    let written_routes: Vec<At<spec::Route>> = items(documents, |document| &document.routes.items);
    let routes = route::routes(&written_routes, &locations, scope);
    let written_rules: Vec<At<spec::Rule>> = items(documents, |document| &document.rules.items);
    let rules = rule::rules(&written_rules, &routes, scope);
    let given_names = names::given(documents, scope);
    let found = names::found(documents, scope);
    let expectations: Vec<At<spec::Expectation>> =
        items(documents, |document| &document.expect.items);
    let expectations = expectations
        .iter()
        .filter_map(|item| expect::expectation(item, scope))
        .collect();
    let ignores: Vec<At<spec::Ignore>> = items(documents, |document| &document.ignore.items);
    let ignores = ignores
        .iter()
        .filter_map(|item| ignore::ignore(item, &names, &routes, &rules, scope))
        .collect();
    Topology {
        domains: domains.into(),
        organization: one(
            documents,
            "organization",
            |document| &document.organization,
            scope,
        )
        .and_then(|at| scope.value(&at.value, at.span, |text| text::line(text, 256))),
        routing: one(documents, "routing", |document| &document.routing, scope)
            .map_or(Routing::Derived, |at| at.value),
        facts: read_facts(documents, scope),
        locations,
        partners,
        devices,
        routes,
        rules,
        names: given_names,
        found,
        dns,
        expectations,
        ignores,
        span: main,
    }
}

type Entry<T> = (At<String>, At<T>);

fn entries<'d, T: Clone + 'd>(
    documents: &'d [At<Document>],
    of: impl Fn(&'d Document) -> &'d [(At<Name>, At<T>)],
) -> Vec<Entry<T>> {
    documents
        .iter()
        .flat_map(|document| of(&document.value))
        .map(|(name, item)| (At::new(name.value.to_string(), name.span), item.clone()))
        .collect()
}

fn items<'d, T: Clone + 'd>(
    documents: &'d [At<Document>],
    of: impl Fn(&'d Document) -> &'d [At<T>],
) -> Vec<At<T>> {
    documents
        .iter()
        .flat_map(|document| of(&document.value))
        .cloned()
        .collect()
}

/// A key that may stand in one file alone.
fn one<'d, T>(
    documents: &'d [At<Document>],
    key: &str,
    of: impl Fn(&'d Document) -> &'d Slot<T>,
    scope: &mut Scope<'_>,
) -> Option<&'d At<T>> {
    let slots = documents.iter().map(|document| of(&document.value));
    duplicates::only(key, slots, scope).and_then(Slot::at)
}

/// Domains in the order of their names; two spellings of one name are one name. They are taken out of the documents: there
/// may be many, and none is needed any more once it is resolved.
fn domain_entries(documents: &mut [At<Document>], scope: &mut Scope<'_>) -> Vec<domain::Written> {
    let mut kept: BTreeMap<DomainName, domain::Written> = BTreeMap::new();
    for (name, item) in documents
        .iter_mut()
        .flat_map(|document| std::mem::take(&mut document.value.domains.entries))
    {
        let Some(name) = scope.domain(&name.value, name.span) else {
            scope.domains_incomplete = true;
            continue;
        };
        if let Some((first, _)) = kept.get(&name.value) {
            let words = format!("the domain `{}` stands twice", name.value);
            scope.findings.push(twice(words, name.span, first.span));
            continue;
        }
        kept.insert(name.value.clone(), (name, item.value));
    }
    kept.into_values().collect()
}

fn report_lists(domains: &[crate::topology::Domain], scope: &mut Scope<'_>) {
    for list in scope.mailbox_files.values() {
        list.report_untaken(scope.reader.sources, scope.findings);
    }
    scope.mailbox_files.clear();
    mailboxes::refuse_double_aliases(domains, scope.findings);
}

fn read_facts(documents: &[At<Document>], scope: &mut Scope<'_>) -> crate::topology::Facts {
    let Some(path) = one(documents, "facts", |document| &document.facts, scope) else {
        return crate::topology::Facts::default();
    };
    let Some(file) = scope.reader.open(&path.value, path.span, scope.findings) else {
        return crate::topology::Facts::default();
    };
    match read_as::<spec::Facts>(file, scope) {
        Some(written) => facts::facts(&written.value, scope),
        None => crate::topology::Facts::default(),
    }
}

/// The document in a file.
fn read_as<T: DeserializeOwned>(file: FileId, scope: &mut Scope<'_>) -> Option<At<T>> {
    let document = yaml::read(scope.reader.sources, file, scope.findings)?;
    Some(At::new(document, Span::whole(file)))
}

fn check_version(slot: &Slot<u32>, what: &str, scope: &mut Scope<'_>) {
    if let Some(at) = slot.at()
        && at.value != 1
    {
        scope.error_help(
            Code::S019,
            format!(
                "this {what} is written in version {} of the language, only version 1 is known",
                at.value
            ),
            at.span,
            "write `version: 1`",
        );
    }
}

/// A domain that must be one of the spec's and is not. A name in `sends_as` may be one that nobody has written
/// down, and need not be a slip.
fn unknown_domain(
    name: &DomainName,
    span: Span,
    domains: &[DomainName],
    sends: bool,
    scope: &mut Scope<'_>,
) {
    if scope.domains_incomplete {
        return;
    }
    let names: Vec<&str> = domains.iter().map(DomainName::as_str).collect();
    let finding =
        Finding::error(Code::S001, format!("`{name}` is no domain of the spec")).at(span, "");
    let is_below = |one: &&str| {
        let above = name.as_str().strip_suffix(*one);
        above.is_some_and(|label| label.ends_with('.'))
    };
    if let Some(above) = names.iter().find(|one| sends && is_below(one)) {
        let entry = Operation::Entry {
            section: "domains",
            name: name.to_string(),
            value: "{send_only: true}".to_owned(),
        };
        let words = format!(
            "`{name}` is a domain of its own beside `{above}`: {entry}, or say where its mailboxes are"
        );
        scope.findings.push(finding.help(words).fix(entry));
        return;
    }
    scope
        .findings
        .push(match nearest(name.as_str(), names.iter().copied()) {
            Some(near) => finding.mend(Operation::replace(span, name.as_str(), near)),
            None => finding.help(format!(
                "declare it under `domains`; known are {}",
                listed(&names)
            )),
        });
}

/// An earlier name, which nobody may have now.
fn renamed_from(slot: &Slot<crate::yaml::Text>, scope: &mut Scope<'_>) -> Option<At<String>> {
    let name = scope.slot(slot, UserName::parse)?;
    if let Some(named) = scope.names.by_name.get(name.value.as_str()) {
        let finding = Finding::error(
            Code::S002,
            format!(
                "`{}` still stands in the spec, so nothing was renamed from it",
                name.value
            ),
        )
        .at(name.span, "")
        .at(named.span, "it stands here")
        .help("leave `renamed_from` out");
        scope.findings.push(finding);
    }
    Some(name.map(|name| name.to_string()))
}
