//! What a domain publishes about its mail: DMARC (RFC 9989), MTA-STS (RFC 8461) and TLS reports (RFC 8460).

use crate::dns::write::bind;
use crate::dns::{Out, RData, RecordType, StsPolicy, exchanges, is_ours, managed, mx, path};
use crate::finding::Finding;
use crate::plan::Plan;
use crate::routes::facts::tenant_named;
use crate::source::{At, Span};
use crate::topology::{
    Alignment, Dmarc, DmarcPolicy, DnsManagement, Domain, MtaSts, MtaStsMode, Sending, Topology,
};
use crate::values::{Address, DomainName, HostName, MailUri, OwnerName};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Adds the records and the policies.
pub(crate) fn add(topology: &Topology, out: &mut Out<'_>) {
    for domain in managed(topology) {
        if let Some(dmarc) = dmarc_of(topology, domain) {
            let data = RData::text(dmarc_text(&dmarc.value));
            let why = path(domain, "dmarc");
            out.add("_dmarc", &domain.name, data, why, dmarc.span);
        }
        if domain.receives() {
            if let Some(sts) = &domain.mta_sts {
                add_sts(topology, domain, sts, out);
            }
            add_tls_rpt(domain, out);
        }
    }
}

/// Adds the records by which names of ours agree to reports about other domains of the spec, whoever keeps the records of these.
pub(crate) fn add_agreements(
    topology: &Topology,
    origins: &BTreeSet<DomainName>,
    reports: &Reports<'_>,
    out: &mut Out<'_>,
) {
    for (receiver, senders) in reports {
        if is_ours(topology, origins, receiver) {
            for (sender, span) in senders {
                let prefix = format!("{sender}._report._dmarc");
                let why = format!("domains.{sender}.dmarc");
                out.add(&prefix, receiver, RData::text(AGREED), why, *span);
            }
        }
    }
}

/// The text by which a name agrees to reports about others (RFC 7489, section 7.1, with erratum 5440).
const AGREED: &str = "v=DMARC1;";

/// Names of other organizations that reports about our domains go to, with the domains.
pub(crate) type Reports<'t> = BTreeMap<DomainName, Vec<(&'t DomainName, Span)>>;

/// All of them, of domains whose records we write and of those whose records the spec wants others to write.
pub(crate) fn reports(topology: &Topology) -> Reports<'_> {
    let mut receivers: Reports<'_> = BTreeMap::new();
    for domain in published(topology) {
        let Some(dmarc) = dmarc_of(topology, domain) else {
            continue;
        };
        for receiver in report_domains(&dmarc.value, &domain.name) {
            if receiver.registrable() != domain.name.registrable() {
                let senders = receivers.entry(receiver).or_default();
                senders.push((&domain.name, dmarc.span));
            }
        }
    }
    receivers
}

/// A domain that reports are wanted about, and where the spec says so.
pub(crate) struct Reported<'t> {
    /// The domain.
    pub domain: &'t DomainName,
    /// Where they are wanted.
    pub span: Span,
}

/// The addresses that reports about our domains are mailed to, of DMARC and of TLS.
pub(crate) fn report_addresses(topology: &Topology) -> BTreeMap<Address, Vec<Reported<'_>>> {
    let mut found: BTreeMap<Address, Vec<Reported<'_>>> = BTreeMap::new();
    for domain in published(topology) {
        let dmarc = dmarc_of(topology, domain);
        let dmarc = dmarc.iter().flat_map(|at| {
            let uris = at.value.rua.iter().chain(&at.value.ruf);
            uris.map(|uri| (uri, at.span))
        });
        let tls = domain.tls_rpt.iter().filter(|_| domain.receives());
        for (uri, span) in dmarc.chain(tls.map(|at| (&at.value, at.span))) {
            if let Ok(MailUri::Mailto(address)) = MailUri::parse(uri) {
                let domain = &domain.name;
                let list = found.entry(address).or_default();
                if list.last().is_none_or(|last| last.domain != domain) {
                    list.push(Reported { domain, span });
                }
            }
        }
    }
    found
}

/// The domains whose records we write, and those whose records the spec wants others to write.
fn published(topology: &Topology) -> impl Iterator<Item = &Domain> {
    topology.domains.iter().filter(|domain| {
        !matches!(domain.dns, DnsManagement::None) && tenant_named(topology, &domain.name).is_none()
    })
}

/// Reports about a domain of ours to a name that somebody else manages.
pub(crate) struct ForeignReport<'t> {
    /// The domain.
    pub domain: &'t DomainName,
    /// Where they are wanted.
    pub span: Span,
    /// Whether the other agrees to them, where the spec or the facts say.
    pub agreed: Option<bool>,
    /// The domain of the spec that gets them, where others keep its records and are told what it needs.
    pub told: Option<&'t Domain>,
}

/// Aliases that are followed.
const LONGEST_CHAIN: usize = 10;

/// Follows aliases: `step` says of a name which other it stands for, or what is to be said of it. Of a chain that is too long
/// nothing is said.
pub(crate) fn follow<T>(
    name: &str,
    mut step: impl FnMut(&str) -> ControlFlow<Option<T>, String>,
) -> Option<T> {
    let mut name = name.trim_end_matches('.').to_ascii_lowercase();
    for _ in 0..LONGEST_CHAIN {
        match step(&name) {
            ControlFlow::Break(found) => return found,
            ControlFlow::Continue(target) => {
                name = target.trim_end_matches('.').to_ascii_lowercase();
            }
        }
    }
    None
}

/// The text records at a name, as far as they are written from here, declared or gathered; what an alias leads to stands in its
/// place.
pub(crate) fn texts_at(plan: &Plan, name: &str) -> Option<Vec<String>> {
    follow(name, |name| {
        let zone = plan.zone_around(name);
        if let Some(set) = zone.and_then(|zone| zone.set(name, RecordType::Txt)) {
            let texts = set.records.iter();
            let texts = texts.map(|record| bind::entered(&record.data)).collect();
            return ControlFlow::Break(Some(texts));
        }
        let ours = zone.and_then(|zone| zone.alias(name));
        let ours = ours.map(OwnerName::as_str);
        match ours.or_else(|| plan.topology.foreign_alias(name)) {
            Some(target) => ControlFlow::Continue(target.to_owned()),
            None => ControlFlow::Break(plan.topology.foreign_texts(name)),
        }
    })
}

/// Whether a name agrees to reports about a domain, where the spec or the facts say.
pub(crate) fn agrees(plan: &Plan, receiver: &str, domain: &str) -> Option<bool> {
    let texts = [domain, "*"]
        .into_iter()
        .filter_map(|first| texts_at(plan, &format!("{first}._report._dmarc.{receiver}")));
    let agrees = texts.map(|list| {
        list.iter()
            .any(|text| text.trim().starts_with(AGREED.trim_end_matches(';')))
    });
    agrees.reduce(|one, other| one || other)
}

/// All such reports, by who gets them.
pub(crate) fn foreign_reports(plan: &Plan) -> BTreeMap<DomainName, Vec<ForeignReport<'_>>> {
    let topology = &plan.topology;
    let origins = crate::dns::zone::origins(topology);
    let mut found: BTreeMap<DomainName, Vec<ForeignReport<'_>>> = BTreeMap::new();
    for (receiver, senders) in reports(topology) {
        if is_ours(topology, &origins, &receiver) {
            continue;
        }
        let nearest = topology.nearest_domain(&receiver);
        let told = nearest.filter(|domain| matches!(domain.dns, DnsManagement::External(_)));
        let senders = senders.into_iter().map(|(domain, span)| ForeignReport {
            domain,
            span,
            agreed: agrees(plan, receiver.as_str(), domain.as_str()),
            told,
        });
        let senders = senders.collect();
        found.insert(receiver, senders);
    }
    found
}

/// Whether the spec wants a DMARC record at a domain.
pub(crate) fn wants_dmarc(topology: &Topology, domain: &Domain) -> bool {
    dmarc_of(topology, domain).is_some()
}

/// What a domain says of unauthenticated mail. A parked one has no mail that could be lost by a refusal.
fn dmarc_of<'t>(topology: &'t Topology, domain: &'t Domain) -> Option<Cow<'t, At<Dmarc>>> {
    if let Some(written) = &domain.dmarc {
        return Some(Cow::Borrowed(written));
    }
    let defaults = topology.dns.dmarc.as_ref();
    if domain.sending == Sending::Parked {
        let mut dmarc = defaults.map_or_else(Dmarc::default, |at| at.value.clone());
        dmarc.policy = DmarcPolicy::Reject;
        dmarc.subdomains = None;
        dmarc.nonexistent = None;
        dmarc.testing = false;
        return Some(Cow::Owned(At::new(dmarc, domain.span)));
    }
    defaults.map(Cow::Borrowed)
}

/// The record. What is left out has its default there.
pub(crate) fn dmarc_text(dmarc: &Dmarc) -> String {
    let mut tags = vec![
        "v=DMARC1".to_owned(),
        // Readers of the older standard look for it right behind the version.
        format!("p={}", dmarc.policy.keyword()),
    ];
    if let Some(policy) = dmarc.subdomains {
        tags.push(format!("sp={}", policy.keyword()));
    }
    if let Some(policy) = dmarc.nonexistent {
        tags.push(format!("np={}", policy.keyword()));
    }
    for (tag, alignment) in [
        ("adkim", dmarc.dkim_alignment),
        ("aspf", dmarc.spf_alignment),
    ] {
        if alignment == Alignment::Strict {
            tags.push(format!("{tag}=s"));
        }
    }
    if let Some(suffix) = dmarc.suffix {
        tags.push(format!("psd={}", if suffix { "y" } else { "n" }));
    }
    if dmarc.testing {
        tags.push("t=y".to_owned());
    }
    for (tag, uris) in [("rua", &dmarc.rua), ("ruf", &dmarc.ruf)] {
        if !uris.is_empty() {
            tags.push(format!("{tag}={}", uri_list(uris)));
        }
    }
    if !dmarc.failure.is_empty() && !dmarc.ruf.is_empty() {
        tags.push(format!("fo={}", dmarc.failure.join(":")));
    }
    tags.join("; ")
}

/// Report addresses beside each other; what would end one is written as its number.
fn uri_list(uris: &[String]) -> String {
    let encode = |uri: &String| {
        uri.replace(',', "%2C")
            .replace('!', "%21")
            .replace(';', "%3B")
    };
    uris.iter().map(encode).collect::<Vec<_>>().join(",")
}

/// Where reports about a domain go to, beside itself.
fn report_domains(dmarc: &Dmarc, domain: &DomainName) -> BTreeSet<DomainName> {
    let uris = dmarc.rua.iter().chain(&dmarc.ruf);
    // Nearly all go to a mailbox of the domain, which nobody has to be asked about.
    let is_own = |uri: &&String| {
        let above = uri.strip_suffix(domain.as_str());
        above.is_some_and(|above| above.starts_with("mailto:") && above.ends_with('@'))
    };
    uris.filter(|uri| !is_own(uri))
        .filter_map(|uri| MailUri::parse(uri).ok()?.domain())
        .collect()
}

fn add_sts(topology: &Topology, domain: &Domain, sts: &At<MtaSts>, out: &mut Out<'_>) {
    let MtaSts {
        mode,
        host,
        max_age,
    } = &sts.value;
    // `none` alone means that there is no policy; with a host it takes back one that senders may still remember.
    if *mode == MtaStsMode::None && host.is_none() {
        return;
    }
    let Ok(list) = exchanges(topology, domain) else {
        out.gap(
            "the MTA-STS policy",
            "a policy that misses an MX host stops mail to it, and the MX record is withheld",
            domain.mx.first().map(|at| at.value),
            &domain.name,
            sts.span,
        );
        return;
    };
    if let Some(guessed) = list.iter().find(|exchange| exchange.derived)
        && *mode == MtaStsMode::Enforce
    {
        out.gap(
            "the MTA-STS policy",
            "senders keep an enforcing policy for `max_age`, and the MX host in it would be computed and not read from the tenant: `mx` of the facts does not have it",
            Some(guessed.location),
            &domain.name,
            sts.span,
        );
        return;
    }
    let mut hosts: BTreeSet<HostName> = list.into_iter().map(|exchange| exchange.host).collect();
    hosts.extend(mx::hosts_now(topology, domain));
    if hosts.is_empty() {
        return;
    }
    let policy = StsPolicy {
        domain: domain.name.clone(),
        mode: *mode,
        mx: hosts.into_iter().collect(),
        max_age: *max_age,
        span: sts.span,
    };
    let record = RData::text(format!("v=STSv1; id={}", policy.id()));
    let why = path(domain, "mta_sts");
    out.add("_mta-sts", &domain.name, record, why.clone(), sts.span);
    out.policies.push(policy);
    let name = format!("mta-sts.{}", domain.name);
    match host.as_deref().map(OwnerName::parse) {
        Some(Ok(host)) if host.as_str() == name => {}
        Some(Ok(host)) => out.add("mta-sts", &domain.name, RData::Cname(host), why, sts.span),
        Some(Err(bad)) => out.findings.push(
            Finding::error(bad.code, format!("`mta_sts.host` is no host: {}", bad.message))
                .at(sts.span, ""),
        ),
        None => out.gap(
            "the address of the MTA-STS host",
            "`mta_sts.host` does not say who serves the policy: until a web server serves it under `mta-sts.DOMAIN`, the record has no effect",
            None,
            &domain.name,
            sts.span,
        ),
    }
}

fn add_tls_rpt(domain: &Domain, out: &mut Out<'_>) {
    let Some(first) = domain.tls_rpt.first() else {
        return;
    };
    let uris: Vec<String> = domain.tls_rpt.iter().map(|at| at.value.clone()).collect();
    let data = RData::text(format!("v=TLSRPTv1; rua={}", uri_list(&uris)));
    out.add(
        "_smtp._tls",
        &domain.name,
        data,
        path(domain, "tls_rpt"),
        first.span,
    );
}
