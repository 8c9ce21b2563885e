//! What is published because of where mail leaves: the SPF records, made from the exits of the mail that the walk followed.
//!
//! A receiver looks these up about mail that was already sent, so that nothing of it can change where mail goes. This
//! module must not know how mail is followed, nor how a zone file looks.

mod flatten;
mod known;
mod policy;
mod terms;
pub(crate) mod verdict;

pub use known::Known;
pub(crate) use policy::{Aligned, DmarcRecord};
pub(crate) use terms::{Terms, addresses, refused_terms, tenant_term};

use crate::dns::{Gaps, RData, RecordType, RrSet, SPF_TO_COME, Zone, around, managed};
use crate::finding::Findings;
use crate::plan::{Plan, note_withheld};
use crate::routes::Withheld;
use crate::source::{At, Span};
use crate::spf::{Mechanism, Record, Survey, is_record};
use crate::topology::{
    DeclaredRecords, DnsManagement, Domain, DomainId, Flatten, Party, Sending, SpfAll, Topology,
};
use crate::values::{DomainName, OwnerName};
use crate::walk::{Egress, Envelope, Flows, Model};
use std::collections::{BTreeMap, BTreeSet};
use verdict::{Judge, Judged, SpfLeg};

#[cfg(test)]
mod tests;

/// Octets of a record that fit into every answer (RFC 7208, section 3.4).
pub(crate) const GOOD_LENGTH: usize = 450;

/// What is published.
#[derive(Clone, Debug)]
pub struct Published {
    /// Where mail leaves.
    pub egress: Egress,
    /// The SPF records, by the domain they are of.
    records: BTreeMap<DomainId, String>,
    /// Records that hold parts of these, by name.
    parts: BTreeMap<String, String>,
    /// The records of names that services take bounces at.
    bounces: BTreeMap<DomainName, String>,
    /// Those that others have to publish.
    others: BTreeMap<DomainId, String>,
    /// What is not published for want of a fact.
    pub withheld: Vec<Withheld>,
    /// What receivers find out about the mail that leaves.
    pub judged: Vec<Judged>,
    /// The same about automatic replies that nothing proves.
    pub replies: Vec<Judged>,
    /// What the records of each group of like domains lead to.
    pub(crate) surveys: Vec<(Alike, Survey)>,
    /// Records of others that this rests on.
    asked: BTreeSet<(String, RecordType)>,
}

/// Follows all mail of a plan, and puts what is published because of it into the plan.
pub(crate) fn publish(plan: &mut Plan) {
    let published = {
        let model = Model::of(plan);
        Published::of(&Flows::of(&model), &mut Findings::default())
    };
    published.fill(plan);
}

impl Published {
    /// What the mail of these flows asks for.
    pub fn of(flows: &Flows<'_>, findings: &mut Findings) -> Self {
        let topology = &flows.model.plan.topology;
        let mut published = Self {
            egress: Egress::of(flows),
            records: BTreeMap::new(),
            parts: BTreeMap::new(),
            bounces: bounces(topology),
            others: BTreeMap::new(),
            withheld: Vec::new(),
            judged: Vec::new(),
            replies: Vec::new(),
            surveys: Vec::new(),
            asked: BTreeSet::new(),
        };
        let mut gaps = Gaps::default();
        // What a fault explains is listed, and not said again.
        let mut lost = Gaps::default();
        let mut wanted: BTreeMap<DomainId, (Terms, SpfAll)> = BTreeMap::new();
        // Of mail whose envelope senders are of another domain the record of that one is asked.
        let departures = published.egress.departures();
        let elsewhere = departures.filter(|(departure, _)| departure.envelope != Envelope::Kept);
        let elsewhere: BTreeSet<DomainId> = elsewhere
            .flat_map(|(_, authors)| authors.domains.iter().copied())
            .collect();
        for domain in managed(topology).filter(|domain| domain.sending != Sending::Parked) {
            let Some(id) = topology.domain_named(&domain.name) else {
                continue;
            };
            let (terms, end) = published.terms(topology, id, domain, |_| true);
            // A record that forbids everything is right for a parked domain and fatal for one that sends.
            if terms.is_empty() && elsewhere.contains(&id) {
                continue;
            }
            if terms.is_empty() {
                let is_lost = has_route_out(flows.model.plan, domain)
                    && !published.egress.of_domain(id).any(|exit| exit.outside);
                let why = if is_lost {
                    "none of its mail for others gets there, as long as what is wrong with its ways is not mended"
                } else {
                    "nothing in the spec says where mail with this name leaves: name who sends it in `sends_as`, or what is to be included in `spf`"
                };
                let gaps = if is_lost { &mut lost } else { &mut gaps };
                gaps.add("the SPF record", why, None, &domain.name, span(domain));
            } else {
                wanted.insert(id, (terms, end));
            }
        }
        for (id, (terms, end)) in &wanted {
            published.records.insert(*id, terms.record(*end));
        }
        if topology.dns.spf.flatten != Flatten::None {
            wanted = published.flatten(flows, wanted, &mut gaps);
        }
        if topology.dns.spf.split {
            published.split(topology, &wanted);
        }
        gaps.close(&mut published.withheld);
        let withheld = published.withheld.iter();
        findings.extend(withheld.map(|item| note_withheld(item, topology)));
        lost.close(&mut published.withheld);
        verdict::judge(flows.model.plan, &mut published);
        published
    }

    /// The SPF record of a domain, where one is written.
    pub fn record(&self, domain: DomainId) -> Option<&str> {
        self.records.get(&domain).map(String::as_str)
    }

    /// The same by the name at which it stands, which may be a `*` for names below.
    fn text_at(&self, topology: &Topology, name: &str) -> Option<&str> {
        let name = name.strip_prefix("*.").unwrap_or(name);
        match topology.domain_named(name) {
            Some(domain) => self.record(domain),
            None => self.bounces.get(name).map(String::as_str),
        }
    }

    /// The part of a record that stands at a name of its own.
    fn part(&self, name: &str) -> Option<&str> {
        self.parts.get(name).map(String::as_str)
    }

    /// What a domain's record holds, and how it ends.
    fn terms(
        &self,
        topology: &Topology,
        id: DomainId,
        domain: &Domain,
        is_asked: impl Fn(Party) -> bool,
    ) -> (Terms, SpfAll) {
        let mut terms = Terms::default();
        for exit in self.egress.of_domain(id).filter(|exit| is_asked(exit.by)) {
            terms.add_party(topology, exit.by);
        }
        for include in includes(topology, domain) {
            let bare = &include.value;
            let bare = bare.strip_prefix("include:").unwrap_or(bare);
            terms.add_text(&format!("include:{bare}"));
        }
        let written = domain.spf.as_ref().and_then(|at| at.value.all);
        (terms, written.unwrap_or(topology.dns.spf.all))
    }

    /// The records that others have to publish. Of whom the record of today lets pass by another term nothing is asked.
    fn asked_of_others(&self, judge: &Judge<'_>) -> BTreeMap<DomainId, String> {
        let topology = &judge.plan.topology;
        let mut found = BTreeMap::new();
        for (id, domain) in topology.domains() {
            let DnsManagement::External(records) = &domain.dns else {
                continue;
            };
            let passes = |by| matches!(judge.spf(by, &domain.name), SpfLeg::Pass(_));
            let (all, end) = self.terms(topology, id, domain, |_| true);
            let (lacks, _) = self.terms(topology, id, domain, |by| !passes(by));
            match (declared_records(records).as_slice(), lacks.is_empty()) {
                ([today], true) if !all.is_empty() => {
                    found.insert(id, (*today).to_owned());
                }
                ([_], false) => {
                    found.insert(id, lacks.record(end));
                }
                _ if !all.is_empty() => {
                    found.insert(id, all.record(end));
                }
                _ => {}
            }
        }
        found
    }

    /// Puts addresses in place of names, where it is known what stands behind them.
    fn flatten(
        &mut self,
        flows: &Flows<'_>,
        wanted: BTreeMap<DomainId, (Terms, SpfAll)>,
        gaps: &mut Gaps,
    ) -> BTreeMap<DomainId, (Terms, SpfAll)> {
        let topology = &flows.model.plan.topology;
        let which = &topology.dns.spf.flatten;
        let mut records = BTreeMap::new();
        let mut flat = BTreeMap::new();
        let known = Known::of(flows.model.plan, self);
        for (id, (mut terms, end)) in wanted {
            let domain = topology.domain(id);
            for term in flatten::flatten(&mut terms, &known, &domain.name, which) {
                let Some(name) = term.strip_prefix("include:") else {
                    continue;
                };
                gaps.add(
                    "the addresses behind an include of the SPF record",
                    format!("`{term}` stays as it is: `records.{name}.txt` of the facts has no record that is made of addresses alone"),
                    None,
                    &domain.name,
                    span(domain),
                );
            }
            records.insert(id, terms.record(end));
            flat.insert(id, (terms, end));
        }
        self.records = records;
        flat
    }

    /// Moves the networks of long records to records of their own, which takes one lookup for each.
    fn split(&mut self, topology: &Topology, wanted: &BTreeMap<DomainId, (Terms, SpfAll)>) {
        for (id, (terms, end)) in wanted {
            let long = self
                .records
                .get(id)
                .is_some_and(|text| text.len() > GOOD_LENGTH);
            if !long {
                continue;
            }
            let name = &topology.domain(*id).name;
            let mut first = Terms {
                networks: BTreeSet::new(),
                others: terms.others.clone(),
            };
            for (number, part) in terms.parts(GOOD_LENGTH).into_iter().enumerate() {
                let owner = format!("_spf{}.{name}", number + 1);
                first.others.insert(format!("include:{owner}"));
                self.parts.insert(owner, part.record(SpfAll::Fail));
            }
            self.records.insert(*id, first.record(*end));
        }
    }

    /// The record that the owner of a zone which others keep is asked for at a name.
    pub(crate) fn asked_for(&self, topology: &Topology, name: &str) -> Option<&str> {
        let domain = topology.domain_named(name.strip_prefix("*.").unwrap_or(name));
        let other = domain.and_then(|id| self.others.get(&id));
        other
            .map(String::as_str)
            .or_else(|| self.text_at(topology, name))
    }

    /// Puts all of it where the plan has kept places for it.
    pub fn fill(self, plan: &mut Plan) {
        fill_zones(&mut plan.zones, |name| self.text_at(&plan.topology, name));
        add_parts(&mut plan.zones, &self.parts);
        fill_zones(&mut plan.others, |name| {
            self.asked_for(&plan.topology, name)
        });
        plan.proofs = Some(verdict::shown(&plan.topology, &self));
        plan.exits.clone_from(self.egress.locations());
        plan.withheld.extend(self.withheld);
        plan.withheld.sort();
        plan.withheld.dedup();
        plan.asked = self.asked;
    }
}

/// Whom the records of names that bounces come back to let pass: services, and places that rewrite senders.
fn bounces(topology: &Topology) -> BTreeMap<DomainName, String> {
    let partners = topology.partners().filter_map(|(id, partner)| {
        Some((
            partner.bounce.as_ref()?.value.name.clone(),
            Party::Partner(id),
        ))
    });
    let locations = topology.locations().filter_map(|(id, location)| {
        let name = location
            .bounce_domain
            .as_ref()
            .filter(|_| location.rewrites_sender())?;
        Some((name.value.clone(), Party::Location(id)))
    });
    let mut found: BTreeMap<DomainName, Terms> = BTreeMap::new();
    for (name, party) in partners.chain(locations) {
        found.entry(name).or_default().add_party(topology, party);
    }
    let found = found.into_iter().filter(|(_, terms)| !terms.is_empty());
    found
        .map(|(name, terms)| (name, terms.record(SpfAll::Fail)))
        .collect()
}

/// Puts the parts of records beside the records that lead to them.
fn add_parts(zones: &mut [Zone], parts: &BTreeMap<String, String>) {
    for (name, text) in parts {
        let Some((_, domain)) = name.split_once('.') else {
            continue;
        };
        let Ok(owner) = OwnerName::parse(name) else {
            continue;
        };
        let Some(zone) = around(zones, domain).and_then(|at| zones.get_mut(at)) else {
            continue;
        };
        let Some(set) = zone.set(domain, RecordType::Txt) else {
            continue;
        };
        let Some(first) = set.records.first() else {
            continue;
        };
        let record = crate::dns::Record {
            data: RData::text(text),
            ..first.clone()
        };
        let (ttl, records) = (set.ttl, vec![record]);
        let kind = RecordType::Txt;
        let key = crate::dns::SetKey { owner, kind };
        *zone.sets.entry(key, ttl) = RrSet { ttl, records };
    }
}

/// Puts SPF records where zones have kept places for them.
fn fill_zones<'r>(zones: &mut Vec<Zone>, text_at: impl Fn(&str) -> Option<&'r str>) {
    let to_come = RData::text(SPF_TO_COME);
    for zone in zones.iter_mut() {
        for (key, set) in zone.sets.iter_mut() {
            if !set.records.iter().any(|record| record.data == to_come) {
                continue;
            }
            // What the user keeps there goes before ours; where they differ, a check says so.
            let kept = set.records.iter().any(|record| {
                record.data != to_come
                    && record
                        .data
                        .version_tag()
                        .is_some_and(|tag| tag == SPF_TO_COME)
            });
            match text_at(key.owner.as_str()).filter(|_| !kept) {
                Some(text) => {
                    for record in &mut set.records {
                        if record.data == to_come {
                            record.data = RData::text(text);
                        }
                    }
                    set.records.sort_by(|a, b| a.data.cmp(&b.data));
                }
                None => set.records.retain(|record| record.data != to_come),
            }
        }
        zone.sets.let_go_of_empty();
    }
    let is_there = |zone: &Zone| !zone.sets.is_empty() || !zone.policies.is_empty();
    zones.retain(is_there);
}

/// Whether any location with mailboxes of a domain has a route for all other mail.
fn has_route_out(plan: &Plan, domain: &Domain) -> bool {
    domain.holder_ids().any(|at| {
        plan.routes_at(at).any(|(_, route)| {
            route.enabled && route.from == Party::Location(at) && route.covers_everything()
        })
    })
}

/// The networks that a term stands for, where it stands for nothing else and all of it is known.
pub(crate) fn networks_behind(
    known: &Known<'_>,
    term: &crate::spf::Term,
    domain: &str,
) -> Option<BTreeSet<crate::values::Network>> {
    flatten::networks(known, term, domain, &mut 0)
}

/// What the spec includes by hand in the record of a domain.
pub(crate) fn includes<'t>(topology: &'t Topology, domain: &'t Domain) -> &'t [At<String>] {
    match &domain.spf {
        Some(written) if !written.value.include.is_empty() => &written.value.include,
        _ => &topology.dns.spf.include,
    }
}

/// Where the spec speaks of a domain's record.
pub(crate) fn span(domain: &Domain) -> Span {
    domain.spf.as_ref().map_or(domain.span, |at| at.span)
}

/// Domains with SPF records: ours as they are written, others' as they are declared.
#[derive(Clone, Debug)]
pub(crate) struct Alike {
    /// Those whose records say the same.
    pub domains: Vec<DomainId>,
    /// Somebody else writes the records.
    pub declared: bool,
}

/// All domains with SPF records.
pub(crate) fn alike(topology: &Topology, published: &Published) -> Vec<Alike> {
    let mut groups = BTreeMap::new();
    for (id, domain) in topology.domains() {
        let declared = matches!(domain.dns, DnsManagement::External(_));
        let texts: Vec<&str> = match &domain.dns {
            DnsManagement::Managed => published.record(id).into_iter().collect(),
            DnsManagement::External(records) => declared_records(records),
            DnsManagement::None => continue,
        };
        if texts.is_empty() {
            continue;
        }
        // A term that is about the domain itself means something else in every record.
        let own = texts.iter().any(|text| is_about(text, &domain.name));
        let group = groups.entry((texts, declared, own.then_some(id)));
        let known: &mut Vec<DomainId> = group.or_default();
        known.push(id);
    }
    groups
        .into_iter()
        .map(|((_, declared, _), domains)| Alike { domains, declared })
        .collect()
}

/// The SPF records among what a spec declares.
pub(crate) fn declared_records(records: &DeclaredRecords) -> Vec<&str> {
    let texts = records.txt.iter().flatten().map(|at| at.value.as_str());
    texts.filter(|text| is_record(text)).collect()
}

/// Whether what a record says depends on whose it is.
fn is_about(text: &str, domain: &DomainName) -> bool {
    let Ok(record) = Record::parse(text) else {
        return true;
    };
    text.contains('%')
        || text.to_ascii_lowercase().contains(domain.as_str())
        || record.terms.iter().any(|term| {
            matches!(
                term.mechanism,
                Mechanism::A(None, _) | Mechanism::Mx(None, _) | Mechanism::Ptr(None)
            )
        })
}
