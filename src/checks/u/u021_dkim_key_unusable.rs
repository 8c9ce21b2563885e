//! # U021 dkim-key-unusable
//!
//! ## What a clean result proves
//!
//! Receivers verify signatures with every DKIM key that is written.
//!
//! ## Exact condition
//!
//! A record holds no key that receivers use: `p=` is empty, is not base64, is cut short or holds no key of the type in `k=`; an
//! RSA key has fewer than 1,024 bits; `h=` does not allow `sha256`; `s=` is not for mail; a tag stands there twice, `v=` not
//! first, or another version. Or several TXT records stand under the name of one selector. Besides, an RSA key has fewer than
//! 2,048 bits, or `t=y` says that it is a test. Or all keys of a signer are Ed25519 keys, which every verifier has to know (RFC
//! 8463), and which Gmail and Microsoft do not.
//!
//! Judged are the records in `dkim`, those under `_domainkey` in `dns.zones`, those that `records.below` declares, and what facts
//! have of the name that a selector points at. A selector that nobody in the spec signs with may be revoked.
//!
//! ## Severity
//!
//! error: no signature with the key is verified. warning where the spec names nobody who signs with it. note where the key is weak
//! or a test.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dkim: {box: {s1: "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMh27v9Hk5GwY2scqLhVi3eDfWy1xOpQmVJQu0BVDazUgbhTf52u5igXr9ACg7cWbHtHDaD6zJxO4bRBYhe1mz0CAwEAAQ=="}}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dkim: {box: {s1: "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAswW2MQ/q3mDC5/TAp9hpAWdw9mIK42ZyiugQrB2KZ034kopkwLPK5eNeTKO7/FT8W1afk6dsEk5QL24L/GHry1vzylt9ki6dVlrEHer7vJDrR0GXYqfdAEs9JqT6necKvYAw6HBdPP/D9aCcIgADJVUlDD0fWE9keDZAhbBzYycP12amrvzhyh9AYQQfXMiC3F8F69Nh4ecoVx2pWX6LcnMutBzZ/S+ndtm6EYuEPd9/uKeITmhCZtBHGh0wrbz/BXj9TxfZghQBAa3Nb0yfmE6QBpjK7dDd9IdpgEHqpgUDX3msVmMxOXE5AM2WN2GCSHhsrmWpnlW9Zy0AkNWkzwIDAQAB"}}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1>
//! - <https://www.rfc-editor.org/rfc/rfc8301#section-3.2>
//! - <https://www.rfc-editor.org/rfc/rfc8463#section-4>
//! - <https://github.com/mjl-/mox/issues/299>, <https://github.com/frappe/mail/issues/92>, <https://github.com/ergochat/ergo/pull/2242>

use crate::checks::Run;
use crate::dns::write::changes::wanted;
use crate::dns::{RData, RecordType, selector_at};
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::publish::Known;
use crate::dns::keys::{IS_TEST, KeyUse, REVOKED, Slip, is_ed25519, keys_use, same_key};
use crate::routes::facts::{TENANT_SELECTORS, dkim_targets, signing_tenants};
use crate::source::Span;
use crate::topology::{Dkim, DkimKey, DkimSigner, DnsManagement, Domain, Topology};
use crate::values::DomainName;
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let mut signing = BTreeSet::new();
    let known = Known::filled(plan);
    for domain in &topology.domains {
        findings.extend(modern_alone(topology, &known, domain));
        for (selector, key, span) in selectors(topology, domain) {
            let name = format!("{selector}._domainkey.{}", domain.name);
            // What stands in a zone of ours is looked at there.
            let is_written = matches!(domain.dns, DnsManagement::Managed)
                && known.gathered(&name).is_some_and(|texts| !texts.is_empty());
            let at = |mend| Place { topology, name: &name, span, mend, signs: true };
            match key {
                Some(Key::Record(record)) if !is_written => findings.extend(at(Mend::Written).said(&[record])),
                Some(Key::Target(target)) => {
                    let texts = known.gathered(target).unwrap_or_default();
                    if !texts.is_empty() {
                        findings.extend(at(Mend::Gathered(target)).said(&texts));
                    }
                }
                Some(Key::Record(_)) | None => {}
            }
            signing.insert(name);
        }
    }
    for (key, set) in plan.zones.iter().flat_map(|zone| zone.sets.iter()) {
        let name = key.owner.as_str();
        let is_key = key.kind == RecordType::Txt && selector_at(name).is_some();
        let (true, Some(first)) = (is_key, set.records.first()) else {
            continue;
        };
        let texts = set.records.iter().filter_map(|record| match &record.data {
            RData::Txt(octets) => Some(String::from_utf8_lossy(octets)),
            _ => None,
        });
        let texts: Vec<Cow<'_, str>> = texts.collect();
        let signs = signing.contains(name);
        let at = Place { topology, name, span: first.span, mend: Mend::Written, signs };
        findings.extend(at.said(&texts));
    }
    for wanted in wanted(plan) {
        for (name, span, texts) in wanted.declared_texts() {
            if selector_at(&name).is_some() && !texts.is_empty() {
                let signs = signing.contains(&name);
                let at = Place { topology, name: &name, span, mend: Mend::Declared, signs };
                findings.extend(at.said(texts));
            }
        }
    }
}

/// The signers of a domain that sign with Ed25519 keys and nothing else.
fn modern_alone(topology: &Topology, known: &Known<'_>, domain: &Domain) -> Vec<Finding> {
    let signers: &[DkimSigner] = match &domain.dkim {
        Dkim::Derived => &[],
        Dkim::Signers(list) => list,
    };
    let is_modern = |selector: &str, key: &DkimKey| match key {
        // Of another record that stands there something else is said.
        DkimKey::Record(record) => {
            let name = format!("{selector}._domainkey.{}", domain.name);
            let stands = match known.gathered(&name).as_deref() {
                None | Some([]) => true,
                Some([one]) => same_key(one, record),
                Some(_) => false,
            };
            stands && is_ed25519(record)
        }
        // Of a key that nobody has gathered it is not known.
        DkimKey::Target(target) => {
            let texts = known.gathered(target).unwrap_or_default();
            !texts.is_empty() && texts.iter().all(|text| is_ed25519(text))
        }
    };
    let alone = signers.iter().filter_map(|one| {
        let (selector, _) = one.selectors.first()?;
        let all = one.selectors.iter().all(|(selector, key)| is_modern(&selector.value, key));
        all.then_some((one, selector))
    });
    alone
        .map(|(one, selector)| {
            let (signer, name) = (topology.party_name(one.signer.value), &domain.name);
            Finding::note(
                Code::U021,
                format!("`{signer}` signs mail of `{name}` with Ed25519 keys alone, and Gmail and Microsoft do not verify such signatures: there SPF alone proves it"),
            )
            .at(selector.span, "")
            .on(Object::Domain(name.to_string()))
            .domains([name.to_string()])
            .help(format!("let `{signer}` sign with an RSA key of 2,048 bits too, and write its selector beside `{}`", selector.value))
        })
        .collect()
}

/// What the spec or the facts have of a key.
enum Key<'t> {
    Record(&'t String),
    Target(&'t str),
}

/// The selectors that mail of a domain is signed with, with what is said of their keys and where.
fn selectors<'t>(topology: &'t Topology, domain: &'t Domain) -> Vec<(&'t str, Option<Key<'t>>, Span)> {
    let mut found = Vec::new();
    if let Dkim::Signers(signers) = &domain.dkim {
        for (selector, key) in signers.iter().flat_map(|signer| &signer.selectors) {
            let key = match key {
                DkimKey::Record(record) => Key::Record(record),
                DkimKey::Target(target) => Key::Target(target),
            };
            found.push((selector.value.as_str(), Some(key), selector.span));
        }
    }
    for at in signing_tenants(topology, domain) {
        match dkim_targets(topology, at, &domain.name) {
            Some(targets) => found.extend(targets.iter().map(|(selector, target)| {
                (selector.as_str(), Some(Key::Target(&target.value)), target.span)
            })),
            None => found.extend(TENANT_SELECTORS.map(|selector| (selector, None, domain.span))),
        }
    }
    found
}

/// Where a key is mended.
enum Mend<'p> {
    /// In the spec.
    Written,
    /// In the zone of a domain that others keep.
    Declared,
    /// At this name of others.
    Gathered(&'p str),
}

/// The text records under the name of a selector.
struct Place<'p> {
    topology: &'p Topology,
    name: &'p str,
    span: Span,
    mend: Mend<'p>,
    /// Somebody in the spec signs with it.
    signs: bool,
}

impl Place<'_> {
    /// What is wrong with the key.
    fn said<T: AsRef<str>>(&self, texts: &[T]) -> Option<Finding> {
        let (selector, domain) = selector_at(self.name)?;
        let key = format!("the DKIM key `{selector}` of `{domain}`");
        let better = |why: &str| {
            Finding::note(Code::U021, format!("{key} should be a better one: {why}"))
                .help("make a key of 2,048 bits, and publish it without `t=y` once it is in use")
        };
        let useless = |slip: Option<&Slip>, why: &str| {
            let severity = if self.signs { Severity::Error } else { Severity::Warning };
            let words = format!("receivers verify nothing with {key}: {why}");
            Finding::new(Code::U021, severity, words).help(self.help(domain, slip))
        };
        let finding = match keys_use(texts) {
            KeyUse::Good => return None,
            // That is how a key is taken back.
            KeyUse::Revoked if !self.signs => return None,
            KeyUse::Revoked => useless(None, REVOKED),
            KeyUse::Unusable(slip, why) => useless(Some(&slip), &why),
            KeyUse::Short => better("its RSA key has fewer than 2048 bits"),
            KeyUse::Test => better(IS_TEST),
        };
        let finding = finding.at(self.span, "");
        let domain = DomainName::parse(domain).ok();
        let domain = domain.and_then(|name| self.topology.nearest_domain(&name));
        Some(match domain.map(|domain| domain.name.to_string()) {
            Some(name) => finding.on(Object::Domain(name.clone())).domains([name]),
            None => finding,
        })
    }

    /// What mends the key; without a slip it was taken back.
    fn help(&self, domain: &str, slip: Option<&Slip>) -> String {
        let other = "have all but the record of the key that is in use taken out";
        match (&self.mend, slip) {
            (Mend::Gathered(target), _) => format!(
                "ask whoever keeps `{target}` for the key, and gather the facts again"
            ),
            (Mend::Written, Some(Slip::Alias(target))) => {
                format!("make it a CNAME record to `{target}`: `type: CNAME`")
            }
            (Mend::Declared, Some(Slip::Alias(target))) => format!(
                "have the TXT record replaced by a CNAME record to `{target}`, and declare `cname: {target}` here"
            ),
            (Mend::Written, Some(Slip::Several(_))) => {
                "leave the record of the key that is in use, and take the others out".to_owned()
            }
            (Mend::Declared, Some(Slip::Several(false))) => format!("{other}, and declare it here"),
            (Mend::Declared, Some(Slip::Cut | Slip::Several(true))) => format!(
                "have the signer's whole key published as one TXT record, entered as strings of up to 255 octets each (`\"...\" \"...\"`) where the form of `{domain}` does not split it, and declare it here"
            ),
            (Mend::Written, Some(Slip::Private | Slip::Weak)) => {
                "make a new key of 2,048 bits for the signer, and write the record of its public part".to_owned()
            }
            (Mend::Declared, Some(Slip::Private | Slip::Weak)) => {
                "make a new key of 2,048 bits for the signer, have its public part published, and declare it here".to_owned()
            }
            (Mend::Written, None) => "write the record of the key that the signer uses now, or take the selector out".to_owned(),
            (Mend::Declared, None) => "have the key that the signer uses now published, and declare it here, or take the selector out of `dkim`".to_owned(),
            (Mend::Written, Some(Slip::Cut | Slip::Other)) => "write the record of the signer's key as its generator printed it, or take the selector out".to_owned(),
            (Mend::Declared, Some(Slip::Other)) => "have the record of the signer's key published as its generator printed it, and declare it here".to_owned(),
        }
    }
}
