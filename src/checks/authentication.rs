//! What is said of mail that receivers cannot prove, and of what would prove it.

use crate::finding::{Finding, Object, Severity};
use crate::publish::verdict::{Judged, Proof, SignatureStatus, SpfLeg, Whose};
use crate::publish::{Aligned, Published};
use crate::source::Span;
use crate::topology::{Dkim, DmarcPolicy, DomainId, LocationId, Party, Topology};
use crate::walk::Reason;
use std::collections::BTreeMap;

/// One cause, with the domains of all mail that it is the cause for.
pub(crate) struct Cause<'p> {
    /// Such mail.
    pub judged: &'p Judged,
    /// What receivers find out about it.
    pub proof: &'p Proof,
    /// The domains of the authors, each once.
    pub domains: Vec<DomainId>,
}

/// Mail that is wanted, by who hands it over and why it is in need of words.
pub(crate) fn causes<K: Ord>(
    published: &Published,
    wanted: impl Fn(&Judged, &Proof) -> Option<K>,
) -> BTreeMap<(Party, K), Cause<'_>> {
    let mut found: BTreeMap<(Party, K), Cause<'_>> = BTreeMap::new();
    for judged in &published.judged {
        // Of what machines write U016 speaks.
        let proof = judged.proof.as_ref().filter(|_| !judged.domains.is_empty());
        let Some(proof) = proof else { continue };
        let Some(key) = wanted(judged, proof) else {
            continue;
        };
        let cause = found
            .entry((judged.departure.by, key))
            .or_insert_with(|| Cause {
                judged,
                proof,
                domains: Vec::new(),
            });
        cause.domains.extend(&judged.domains);
    }
    for cause in found.values_mut() {
        cause.domains.sort_unstable();
        cause.domains.dedup();
    }
    found
}

impl Cause<'_> {
    /// Whose mail, as the beginning of a sentence.
    pub(crate) fn mail(&self, topology: &Topology) -> String {
        let first = self.domains.first();
        let first = first.map_or("", |id| topology.domain(*id).name.as_str());
        let by = topology.party_name(self.judged.departure.by);
        let others = match self.domains.len() {
            0 | 1 => String::new(),
            2 => " and one other domain".to_owned(),
            n => format!(" and {} other domains", n - 1),
        };
        let at = match self.judged.departure.reason {
            Reason::List(at) => format!(
                " to members of the mailing lists of `{}`",
                topology.location(at).name
            ),
            Reason::Written | Reason::Forwarded | Reason::Bounce | Reason::Reply => String::new(),
        };
        format!("mail of `{first}`{others} that `{by}` sends{at}")
    }

    /// The finding with its place, objects and domains.
    pub(crate) fn finding(&self, finding: Finding, topology: &Topology) -> Finding {
        let (span, object) = who(topology, self.judged.departure.by);
        let finding = finding.at(span, "it leaves here").on(object);
        crate::checks::spf_records::about(finding, topology, &self.domains)
    }

    /// Whether the envelope sender would stand for the author if the policy did not want the very same name.
    pub(crate) fn is_too_strict(&self, topology: &Topology) -> bool {
        let Some(Whose::Other(name)) = &self.proof.envelope else {
            return false;
        };
        let mut authors = self.domains.iter().map(|id| &topology.domain(*id).name);
        let related = authors.any(|author| name.registrable() == author.registrable());
        related && self.proof.aligned == Aligned::No
    }

    /// Whether a signature would count if the policy did not want the author's very name.
    pub(crate) fn signs_too_strict(&self, topology: &Topology) -> bool {
        let mut unaligned = self
            .proof
            .signatures
            .iter()
            .filter(|one| one.standing == SignatureStatus::Unaligned);
        let authors = || self.domains.iter().map(|id| &topology.domain(*id).name);
        unaligned.any(|one| {
            authors().any(|author| one.domain.name(author).registrable() == author.registrable())
        })
    }

    /// What SPF proves of it, in words.
    pub(crate) fn spf_words(&self, topology: &Topology) -> String {
        match (&self.proof.spf, &self.proof.envelope) {
            (SpfLeg::NoEnvelope, _) | (_, None) => {
                "its envelope sender is rewritten, and nobody says to what".to_owned()
            }
            (_, Some(Whose::Other(name))) if self.is_too_strict(topology) => {
                format!(
                    "its envelope sender is of `{name}`, and the policy wants the author's own domain (`aspf=s`)"
                )
            }
            (_, Some(Whose::Other(name))) if self.proof.aligned == Aligned::No => {
                format!("its envelope sender is of `{name}`, which does not stand for the author")
            }
            (SpfLeg::Nameless, _) => "nobody says which addresses it comes from".to_owned(),
            (SpfLeg::Unknown(name), _) => {
                let by = topology.party_name(self.judged.departure.by);
                format!("SPF passes only if `{name}` lets the addresses of `{by}` pass")
            }
            (SpfLeg::NoRecord, Some(Whose::Other(name))) => {
                format!("`{name}`, the domain of its envelope senders, has no SPF record")
            }
            (SpfLeg::NoRecord, _) => "its domain has no SPF record".to_owned(),
            (SpfLeg::Fails(_), _) => "SPF does not let its addresses pass".to_owned(),
            (SpfLeg::Permerror(why), _) => format!("its SPF record cannot be evaluated: {why}"),
            (SpfLeg::Pass(_), _) => "SPF passes".to_owned(),
        }
    }

    /// What SPF proves of the automatic replies, in words.
    pub(crate) fn reply_words(&self) -> String {
        let why = match (&self.proof.envelope, self.proof.aligned, &self.proof.spf) {
            (None, ..) => {
                return "a name of the provider, which does not stand for the author".to_owned();
            }
            (_, Aligned::No, _) => "does not stand for the author",
            (_, Aligned::Possibly, _) => "stands for the author by one of two rules only",
            (_, _, SpfLeg::NoRecord) => "has no SPF record",
            (_, _, SpfLeg::Permerror(_)) => "has an SPF record that cannot be evaluated",
            _ => "does not let its addresses pass",
        };
        match &self.proof.envelope {
            Some(Whose::Other(name)) => format!("`{name}`, which {why}"),
            _ => format!("the author's own, which {why}"),
        }
    }

    /// What the signatures prove of it, in words.
    pub(crate) fn dkim_words(&self, topology: &Topology) -> String {
        let Some(one) = self.proof.signatures.first() else {
            return "nobody signs it".to_owned();
        };
        let signer = topology.party_name(one.signer);
        match &one.standing {
            SignatureStatus::Counts => format!("`{signer}` signs it"),
            SignatureStatus::Broken(at) => format!(
                "`{}` changes it after `{signer}` has signed it",
                topology.location(*at).name
            ),
            SignatureStatus::Unknown(fact) => {
                format!("whether a signature of `{signer}` proves it, {fact} would tell")
            }
            SignatureStatus::Useless(why) => {
                format!("the signature of `{signer}` proves nothing: {why}")
            }
            SignatureStatus::Unaligned => {
                let author = self.domains.first().map(|id| &topology.domain(*id).name);
                let name = author.map_or("", |author| one.domain.name(author).as_str());
                let strict = if self.signs_too_strict(topology) {
                    " (`adkim=s`)"
                } else {
                    ""
                };
                format!(
                    "`{signer}` signs it as `{name}`, which does not stand for the author{strict}"
                )
            }
        }
    }

    /// What receivers do then.
    pub(crate) fn then(&self) -> &'static str {
        match self.proof.policy {
            Some(DmarcPolicy::Reject) => ", and DMARC asks receivers to refuse it",
            Some(DmarcPolicy::Quarantine) => ", and DMARC asks receivers to treat it as spam",
            Some(DmarcPolicy::None) | None => "",
        }
    }

    /// How bad it is where nothing proves the mail.
    pub(crate) const fn severity(&self) -> Severity {
        match self.proof.policy {
            Some(DmarcPolicy::Reject | DmarcPolicy::Quarantine) => Severity::Error,
            Some(DmarcPolicy::None) => Severity::Warning,
            None => Severity::Note,
        }
    }
}

/// What to do so that a party signs as a domain. What is written there takes the place of the tenants that sign by themselves,
/// so they have to be named too; of such a tenant the names of its keys are missing.
pub(crate) fn signing(topology: &Topology, author: Option<&DomainId>, by: Party) -> String {
    let name = topology.party_name(by);
    let Some(domain) = author.map(|id| topology.domain(*id)) else {
        return format!("write `dkim: {{{name}: {{SELECTOR: TARGET}}}}`");
    };
    let at = &domain.name;
    let is_tenant = |id: LocationId| topology.location(id).tenant().is_some();
    let signs = match &domain.dkim {
        Dkim::Derived => domain.holder_ids().any(|id| by == Party::Location(id)),
        Dkim::Signers(list) => list.iter().any(|one| one.signer.value == by),
    };
    if let Party::Partner(id) = by {
        let partner = topology.partner(id);
        let mut names = partner.signs_as.iter();
        if !partner.signs_as.is_empty() && names.all(|one| one.value != *at) {
            let keys = if signs {
                String::new()
            } else {
                format!("write `{name}: {{SELECTOR: TARGET}}` in `dkim` of `{at}`, and ")
            };
            return format!("{keys}add `{at}` to `signs_as` of `{name}`");
        }
    }
    if by.location().is_some_and(is_tenant) && signs {
        return format!(
            "run `{name}/facts.ps1`, which reads the names of its keys, have them published and the signing turned on"
        );
    }
    let own = match by {
        Party::Location(id) if is_tenant(id) => format!("{name}: "),
        _ => format!("{name}: {{SELECTOR: TARGET}}"),
    };
    match &domain.dkim {
        Dkim::Derived => {
            let others = domain
                .holder_ids()
                .filter(|id| is_tenant(*id) && by != Party::Location(*id));
            let others = others.map(|id| format!("{}: , ", topology.location(id).name));
            format!(
                "write `dkim: {{{}{own}}}` at `{at}`",
                others.collect::<String>()
            )
        }
        Dkim::Signers(_) => format!("write `{own}` in `dkim` of `{at}`"),
    }
}

/// Where the spec says what somebody's addresses are.
pub(crate) fn who(topology: &Topology, party: Party) -> (Span, Object) {
    match party {
        Party::Partner(id) => {
            let partner = topology.partner(id);
            let written = partner.spf.as_ref().map(|at| at.span);
            (
                written.unwrap_or(partner.span),
                Object::Partner(partner.name.clone()),
            )
        }
        Party::Device(id) => {
            let device = topology.device(id);
            (device.span, Object::Device(device.name.clone()))
        }
        _ => {
            let Some(id) = party.location() else {
                return (topology.span, Object::Location(String::new()));
            };
            let location = topology.location(id);
            let written = location.spf.as_ref().map(|at| at.span);
            let egress = location.egress.first().map(|at| at.span);
            (
                written.or(egress).unwrap_or(location.span),
                Object::Location(location.name.clone()),
            )
        }
    }
}
