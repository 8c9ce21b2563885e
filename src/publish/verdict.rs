//! What a receiver finds out about mail that leaves in our name: SPF, the signatures, and what DMARC makes of both.
//!
//! Everything is read off the departures that the records are made from, so that records and verdicts cannot differ. What
//! the spec says of others (who signs, with which selector) is a premise; what nobody knows makes a verdict unknown, never
//! a pass.

mod proof;
mod signatures;

pub(crate) use proof::{Outcome, Proof, Signature, SignatureStatus, SpfLeg, Whose};

use crate::finding::Certainty;
use crate::plan::{LeavingMail, Plan, ProvedMail};
use crate::publish::{
    Aligned, Alike, Known, Published, Terms, addresses, alike, flatten, networks_behind,
    tenant_term,
};
use crate::spf::{
    Broken, MOST_LOOKUPS, Names, Record, Term, Verdict, check_parts, is_record, survey,
};
use crate::topology::{
    Alignment, DmarcPolicy, DnsManagement, DomainId, Flatten, LocationId, PartnerId, Party,
    Sending, Topology,
};
use crate::values::{DomainName, Network};
use crate::walk::{Departure, Envelope, Reason};
use signatures::signers;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Mail that leaves alike, with what receivers find out about it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// How it leaves.
    pub departure: Departure,
    /// How sure it is that it leaves so.
    pub certainty: Certainty,
    /// The domains of its authors; none where strangers or machines write.
    pub domains: Vec<DomainId>,
    /// What receivers find out; with strangers as authors, nothing that we could know.
    pub proof: Option<Proof>,
    /// What SPF says of a name of ours that stands in the place of an external sender.
    pub replaced: Option<SpfLeg>,
}

/// How much mail is proved: pairs of a way out and a domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// By SPF and a signature.
    pub proved: usize,
    /// By one of both.
    pub one_leg: usize,
    /// Depends on what nobody knows.
    pub unknown: usize,
    /// By nothing.
    pub broken: usize,
    /// Domains in whose name mail leaves.
    pub domains: usize,
    /// Domains of which SPF alone proves some mail, and no signature.
    pub spf_alone: usize,
    /// Of these domains, those that have no policy.
    pub without_policy: usize,
    /// Of these, those whose automatic replies nothing proves.
    pub replies: usize,
    /// Those who hand it over.
    pub exits: usize,
}

/// Judges all departures, says which records of others were wanted for it and what they have to publish, and looks at all that the records lead to: all
/// together, because names are looked up once.
pub(crate) fn judge(plan: &Plan, published: &mut Published) {
    let judge = Judge::before(plan, published);
    let mut all = Vec::new();
    for (departure, authors) in published.egress.departures() {
        let of = |domains, proof| Judged {
            departure: departure.clone(),
            certainty: authors.certainty,
            domains,
            proof,
            replaced: None,
        };
        if authors.domains.is_empty() {
            let bounce = departure
                .by
                .location()
                .filter(|_| departure.reason == Reason::Bounce);
            let mut one = of(Vec::new(), bounce.and_then(|at| judge.bounce(at)));
            if let Envelope::Replaced(name) = &departure.envelope {
                one.replaced = Some(judge.spf(departure.by, name));
            }
            all.push(one);
        }
        // Between our own locations nobody but a tenant looks, and what it is told is its own connector's to say.
        if !departure.outside && !matches!(departure.by, Party::Device(_)) {
            continue;
        }
        let mut by_proof: BTreeMap<Proof, Vec<DomainId>> = BTreeMap::new();
        for &id in &authors.domains {
            if let Some(proof) = judge.proof(departure, id) {
                by_proof.entry(proof).or_default().push(id);
            }
        }
        all.extend(
            by_proof
                .into_iter()
                .map(|(proof, domains)| of(domains, Some(proof))),
        );
    }
    let replies = judge.replies(published);
    let others = published.asked_of_others(&judge);
    let asked = judge.known.asked();
    let groups = judge.alike.into_iter().filter_map(|group| {
        let first = plan.topology.domain(*group.domains.first()?);
        let survey = survey(&judge.known, first.name.as_str());
        Some((group, survey))
    });
    let surveys = groups.collect();
    published.judged = all;
    published.others = others;
    published.replies = replies;
    published.asked = asked;
    published.surveys = surveys;
}

/// What a test message of each kind shows, for the runbook.
pub(crate) fn shown(topology: &Topology, published: &Published) -> Vec<ProvedMail> {
    let mut rows: BTreeMap<ProvedMail, BTreeSet<DomainId>> = BTreeMap::new();
    let all = published.judged.iter().chain(&published.replies);
    for one in all.filter(|one| one.departure.outside) {
        let departure = &one.departure;
        let what = match (departure.reason, departure.source) {
            (Reason::Bounce, _) => LeavingMail::Bounces,
            (Reason::Reply, _) => LeavingMail::Replies,
            (Reason::List(at), _) => LeavingMail::List(at),
            (Reason::Forwarded, _) => LeavingMail::Forwarded,
            (Reason::Written, Party::Partner(_)) => LeavingMail::InOurName,
            (Reason::Written, source) => LeavingMail::Of(source),
        };
        let (envelope, results) = match &one.proof {
            None => {
                let envelope = match &departure.envelope {
                    Envelope::Replaced(name) => format!("of `{name}`"),
                    Envelope::Rewritten => "rewritten".to_owned(),
                    Envelope::Kept | Envelope::Empty => "of the sender".to_owned(),
                };
                let spf = one.replaced.as_ref().map_or("-", SpfLeg::word);
                let signed = "as the sender signs".to_owned();
                (envelope, [spf.to_owned(), signed, "-".to_owned()])
            }
            Some(proof) => {
                let envelope = match &proof.envelope {
                    None if departure.envelope == Envelope::Empty => "none".to_owned(),
                    None => "rewritten".to_owned(),
                    Some(whose) if departure.envelope == Envelope::Empty => {
                        let author = one.domains.first();
                        let author = author.map(|id| &topology.domain(*id).name);
                        match (whose, author) {
                            (Whose::Other(name), _) | (Whose::Author, Some(name)) => {
                                format!("none; HELO `{name}`")
                            }
                            (Whose::Author, None) => "none".to_owned(),
                        }
                    }
                    Some(Whose::Author) => "of the author".to_owned(),
                    Some(Whose::Other(name)) => format!("of `{name}`"),
                };
                let counts = |one: &&Signature| one.standing == SignatureStatus::Counts;
                let dkim = match proof.signatures.iter().find(counts) {
                    Some(one) => match &one.selector {
                        Some(selector) => format!("pass, `s={selector}`"),
                        None => "pass".to_owned(),
                    },
                    None if proof.signatures.is_empty() => "none".to_owned(),
                    None if proof
                        .signatures
                        .iter()
                        .all(|one| one.standing == SignatureStatus::Unaligned) =>
                    {
                        "not aligned".to_owned()
                    }
                    None => match proof.broken_by() {
                        Some(_) => "fail".to_owned(),
                        None => "unknown".to_owned(),
                    },
                };
                let is_bounce = departure.reason == Reason::Bounce;
                let names_itself = departure
                    .by
                    .location()
                    .is_some_and(|at| topology.location(at).postfix().is_some());
                let dmarc = match proof.policy {
                    // A Postfix bounces in the name of its host; of others the postmaster's domain is not known here.
                    _ if is_bounce && !names_itself => "-".to_owned(),
                    None => "no policy".to_owned(),
                    Some(_) => proof.outcome.word().to_owned(),
                };
                (envelope, [proof.spf.word().to_owned(), dkim, dmarc])
            }
        };
        let row = ProvedMail {
            by: departure.by,
            what,
            authors: Vec::new(),
            envelope,
            results,
            proved: one.proof.as_ref().map(Proof::proved),
        };
        rows.entry(row).or_default().extend(&one.domains);
    }
    let rows = rows.into_iter();
    rows.map(|(row, authors)| ProvedMail {
        authors: authors.into_iter().collect(),
        ..row
    })
    .collect()
}

/// How much of it is proved.
pub(crate) fn tally(published: &Published) -> Tally {
    let mut tally = Tally::default();
    let mut domains: BTreeSet<DomainId> = BTreeSet::new();
    let mut alone: BTreeSet<DomainId> = BTreeSet::new();
    let mut exits: BTreeSet<Party> = BTreeSet::new();
    let mut without_policy: BTreeSet<DomainId> = BTreeSet::new();
    for one in &published.judged {
        // What a machine writes is in nobody's name, and U016 speaks of it.
        let Some(proof) = one.proof.as_ref().filter(|_| !one.domains.is_empty()) else {
            continue;
        };
        let count = one.domains.len();
        domains.extend(&one.domains);
        exits.insert(one.departure.by);
        if proof.policy.is_none() {
            without_policy.extend(&one.domains);
        }
        match proof.outcome {
            Outcome::TwoLegs => tally.proved += count,
            Outcome::BySignature => tally.one_leg += count,
            Outcome::BySpf | Outcome::Assumed => {
                tally.one_leg += count;
                alone.extend(&one.domains);
            }
            Outcome::Unknown => tally.unknown += count,
            Outcome::Broken => tally.broken += count,
        }
    }
    tally.domains = domains.len();
    tally.spf_alone = alone.len();
    tally.without_policy = without_policy.len();
    let replies = published.replies.iter();
    let replies: BTreeSet<DomainId> = replies
        .flat_map(|one| one.domains.iter().copied())
        .collect();
    tally.replies = replies.len();
    tally.exits = exits.len();
    tally
}

/// What is looked up again and again.
pub(crate) struct Judge<'a> {
    /// What will be configured.
    pub plan: &'a Plan,
    known: Known<'a>,
    /// The groups of domains with one record.
    alike: Vec<Alike>,
    /// The group that each domain is in.
    groups: BTreeMap<DomainId, usize>,
    /// What is known of a group and somebody's addresses.
    legs: RefCell<BTreeMap<(usize, Party), SpfLeg>>,
    /// The domains that each partner signs with.
    signed_by: BTreeMap<PartnerId, Vec<DomainId>>,
}

impl<'a> Judge<'a> {
    /// A judge of mail that leaves as this plan says, whose zones are filled.
    pub(crate) fn of(plan: &'a Plan) -> Self {
        Self::new(plan, Known::filled(plan))
    }

    /// The same before the records have been put into the plan.
    pub(crate) fn before(plan: &'a Plan, published: &'a Published) -> Self {
        let mut judge = Self::new(plan, Known::of(plan, published));
        judge.alike = alike(&plan.topology, published);
        for (number, group) in judge.alike.iter().enumerate() {
            let domains = group.domains.iter();
            judge.groups.extend(domains.map(|id| (*id, number)));
        }
        judge
    }

    fn new(plan: &'a Plan, known: Known<'a>) -> Self {
        let topology = &plan.topology;
        let mut signed_by: BTreeMap<PartnerId, Vec<DomainId>> = BTreeMap::new();
        for (id, domain) in topology.domains() {
            for signer in signers(domain) {
                if let Party::Partner(partner) = signer.signer.value {
                    signed_by.entry(partner).or_default().push(id);
                }
            }
        }
        Self {
            plan,
            known,
            alike: Vec::new(),
            groups: BTreeMap::new(),
            legs: RefCell::default(),
            signed_by,
        }
    }

    /// What a receiver finds out about mail of an author's domain; nothing where the domain has no records that concern
    /// mail, or nobody shall send with it.
    pub(crate) fn proof(&self, departure: &Departure, author: DomainId) -> Option<Proof> {
        let domain = self.plan.topology.domain(author);
        if domain.sending == Sending::Parked || matches!(domain.dns, DnsManagement::None) {
            return None;
        }
        let found = self.known.dmarc_of(&domain.name);
        let record = found.as_ref().map(|(record, _)| record);
        let helo = self.helo(departure.by);
        let envelope = match &departure.envelope {
            Envelope::Kept => Some(&domain.name),
            Envelope::Replaced(name) => Some(name),
            Envelope::Empty => helo.as_ref(),
            Envelope::Rewritten => None,
        };
        let mode = record.map_or(Alignment::Relaxed, |record| record.spf);
        let aligned = envelope.map_or(Aligned::No, |name| {
            self.known.aligned(name, &domain.name, mode)
        });
        let spf = envelope.map_or(SpfLeg::NoEnvelope, |name| self.spf(departure.by, name));
        let signatures = self.signatures(departure, domain, record);
        let outcome = self.outcome(departure, &spf, aligned, &signatures);
        Some(Proof {
            envelope: envelope.map(|name| Whose::of(name, &domain.name)),
            spf,
            aligned,
            signatures,
            policy: found.map(|(_, policy)| policy),
            outcome,
        })
    }

    /// The name that somebody calls itself, which takes the place of an envelope sender where there is none (RFC 7208, section
    /// 2.4). That of a tenant is the provider's.
    fn helo(&self, by: Party) -> Option<DomainName> {
        let location = self.plan.topology.location(by.location()?);
        location.helo_name().filter(|_| location.tenant().is_none())
    }

    /// Automatic replies that nothing proves, where receivers are asked to refuse or to suspect such mail.
    fn replies(&self, published: &Published) -> Vec<Judged> {
        let mut found = Vec::new();
        for (departure, authors) in published.egress.replies() {
            let location = departure
                .by
                .location()
                .map(|at| self.plan.topology.location(at));
            let is_tenant = location.is_some_and(|location| location.tenant().is_some());
            let mut lost: BTreeMap<Proof, Vec<DomainId>> = BTreeMap::new();
            for &id in &authors.domains {
                let policy = self.known.dmarc_of(&self.plan.topology.domain(id).name);
                if policy.is_none_or(|(_, policy)| policy == DmarcPolicy::None) {
                    continue;
                }
                let proof = self.proof(departure, id).filter(|proof| {
                    let is_known = is_tenant || proof.envelope.is_some();
                    is_known && proof.outcome == Outcome::Broken && proof.spf != SpfLeg::Nameless
                });
                if let Some(proof) = proof {
                    lost.entry(proof).or_default().push(id);
                }
            }
            found.extend(lost.into_iter().map(|(proof, domains)| Judged {
                departure: departure.clone(),
                certainty: authors.certainty,
                domains,
                proof: Some(proof),
                replaced: None,
            }));
        }
        found
    }

    /// What a receiver finds out about a bounce, which is written in the name of the place itself: it has no sender, so
    /// that the name which the client calls itself takes its place (RFC 7208, section 2.4), and nobody signs it.
    fn bounce(&self, at: LocationId) -> Option<Proof> {
        let name = self.plan.topology.location(at).helo_name()?;
        let spf = self.spf(Party::Location(at), &name);
        let outcome = match spf {
            SpfLeg::Pass(_) => Outcome::BySpf,
            SpfLeg::Unknown(_) | SpfLeg::Nameless => Outcome::Unknown,
            _ => Outcome::Broken,
        };
        Some(Proof {
            policy: self.known.dmarc_of(&name).map(|(_, policy)| policy),
            envelope: Some(Whose::Other(name)),
            spf,
            aligned: Aligned::Yes,
            signatures: Vec::new(),
            outcome,
        })
    }

    /// The decision table, read from the top.
    fn outcome(
        &self,
        departure: &Departure,
        spf: &SpfLeg,
        aligned: Aligned,
        signatures: &[Signature],
    ) -> Outcome {
        let is = |wanted: fn(&SignatureStatus) -> bool| {
            signatures.iter().any(|one| wanted(&one.standing))
        };
        let passes = matches!(spf, SpfLeg::Pass(_)) && aligned == Aligned::Yes;
        if is(|standing| *standing == SignatureStatus::Counts) {
            return if passes {
                Outcome::TwoLegs
            } else {
                Outcome::BySignature
            };
        }
        if passes {
            let assumed = match departure.by {
                Party::Partner(id) => self.plan.topology.partner(id).envelope.is_none(),
                _ => false,
            };
            return if assumed {
                Outcome::Assumed
            } else {
                Outcome::BySpf
            };
        }
        let is_open = matches!(spf, SpfLeg::Unknown(_)) && aligned != Aligned::No;
        if is_open || is(|standing| matches!(standing, SignatureStatus::Unknown(_))) {
            Outcome::Unknown
        } else {
            Outcome::Broken
        }
    }

    /// What SPF says of everything that somebody's mail with this envelope domain comes from.
    pub(crate) fn spf(&self, by: Party, domain: &DomainName) -> SpfLeg {
        let id = self.plan.topology.domain_named(domain);
        let Some(group) = id.and_then(|id| self.groups.get(&id)) else {
            return self.evaluate(by, domain);
        };
        if let Some(known) = self.legs.borrow().get(&(*group, by)) {
            return known.clone();
        }
        let leg = self.evaluate(by, domain);
        self.legs.borrow_mut().insert((*group, by), leg.clone());
        leg
    }

    /// The networks that somebody's mail comes from: its addresses, else those that its SPF terms stand for; and the terms of
    /// which nobody knows what they stand for.
    ///
    /// What a tenant's mail leaves from its provider says by the record that its customers include. The list of addresses
    /// that the provider publishes for firewalls is wider, so that it counts only where nobody knows that record.
    pub(crate) fn comes_from(&self, by: Party, domain: &DomainName) -> (Vec<Network>, Vec<String>) {
        if let Some(networks) = self.included(by, domain) {
            return (networks, Vec::new());
        }
        let own = addresses(&self.plan.topology, by);
        if !own.is_empty() {
            return (own, Vec::new());
        }
        let mut terms = Terms::of(&self.plan.topology, by);
        let unknown = flatten::flatten(&mut terms, &self.known, domain, &Flatten::All);
        (terms.networks.into_iter().collect(), unknown)
    }

    /// The networks behind the record that customers of a tenant's provider include.
    fn included(&self, by: Party, domain: &DomainName) -> Option<Vec<Network>> {
        let tenant = self.plan.topology.location(by.location()?).tenant()?;
        let term = Term::parse(&tenant_term(tenant))?;
        let networks = networks_behind(&self.known, &term, domain.as_str())?;
        Some(networks.into_iter().collect())
    }

    fn evaluate(&self, by: Party, domain: &DomainName) -> SpfLeg {
        let name = domain.as_str();
        let (networks, behind) = self.comes_from(by, domain);
        if networks.is_empty() && behind.is_empty() {
            return SpfLeg::Nameless;
        }
        let Some(texts) = self.known.texts(name) else {
            return SpfLeg::Unknown(self.known.behind(name));
        };
        let records: Vec<&String> = texts.iter().filter(|text| is_record(text)).collect();
        let record = match records.as_slice() {
            [] => return SpfLeg::NoRecord,
            [one] => Record::parse(one),
            [..] => return SpfLeg::Permerror(Broken::Several(name.to_owned())),
        };
        let record = match record {
            Ok(record) => record,
            Err(term) => return SpfLeg::Permerror(Broken::Syntax(name.to_owned(), term)),
        };
        let found = survey(&self.known, name);
        for term in &behind {
            // What nobody knows passes where the record has the very term.
            let mut own = record.terms.iter();
            if !own.any(|one| one.text.eq_ignore_ascii_case(term)) {
                return SpfLeg::Unknown(bare(term).to_owned());
            }
            if found.lookups() > MOST_LOOKUPS || found.circle.is_some() {
                return SpfLeg::Permerror(Broken::Lookups);
            }
            if let Some(broken) = found.broken.first() {
                return SpfLeg::Permerror(broken.clone());
            }
        }
        let behind = behind.last().map(|term| bare(term).to_owned());
        let mut open = None;
        let mut fails = BTreeSet::new();
        for network in networks {
            for (part, verdict) in check_parts(&self.known, network.net(), name, &found.networks) {
                match verdict {
                    Verdict::Pass => {}
                    Verdict::Unknown(name) => {
                        open.get_or_insert(name);
                    }
                    Verdict::Permerror(broken) => return SpfLeg::Permerror(broken),
                    Verdict::Fail | Verdict::Softfail | Verdict::Neutral | Verdict::None => {
                        fails.insert(Network::from(part));
                    }
                }
            }
        }
        if !fails.is_empty() {
            return SpfLeg::Fails(fails.into_iter().collect());
        }
        open.map_or(SpfLeg::Pass(behind), SpfLeg::Unknown)
    }
}

/// The name that a term is about.
fn bare(term: &str) -> &str {
    term.split_once([':', '=']).map_or(term, |(_, name)| name)
}
