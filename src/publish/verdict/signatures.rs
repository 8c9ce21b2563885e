//! Who signs mail that leaves, and what receivers make of each signature.

use crate::dns::keys::{IS_TEST, KeyUse, REVOKED, key_use, keys_use};
use crate::publish::verdict::{Judge, Signature, SignatureStatus, Whose};
use crate::publish::{Aligned, DmarcRecord};
use crate::routes::facts::{TENANT_SELECTORS, dkim_targets};
use crate::topology::{Alignment, Dkim, DkimKey, DkimSigner, Domain, PartnerId, Party};
use crate::values::DomainName;
use crate::walk::Departure;

impl Judge<'_> {
    /// Who signs the mail of a domain on this way, and what comes of it.
    pub(super) fn signatures(
        &self,
        departure: &Departure,
        domain: &Domain,
        record: Option<&DmarcRecord>,
    ) -> Vec<Signature> {
        let topology = &self.plan.topology;
        let mut found = Vec::new();
        if let Party::Partner(id) = departure.by {
            self.partner_signs(id, domain, record, &mut found);
            return found;
        }
        let holders = domain.holder_ids().filter(|at| {
            matches!(domain.dkim, Dkim::Derived) && topology.location(*at).tenant().is_some()
        });
        let named =
            signers(domain).filter_map(|one| Some((one.signer.value.location()?, Some(one))));
        for (at, signer) in holders.map(|at| (at, None)).chain(named) {
            // A place signs when mail passes it for the last time.
            let Some(last) = departure.passed.iter().rposition(|place| *place == at) else {
                continue;
            };
            let later = departure.passed.iter().skip(last + 1);
            let breaks = later
                .copied()
                .find(|place| topology.location(*place).modifies_body);
            for (selector, standing) in self.keys(Party::Location(at), signer, domain) {
                found.push(Signature {
                    signer: Party::Location(at),
                    domain: Whose::Author,
                    selector,
                    standing: match (breaks, standing) {
                        (Some(place), SignatureStatus::Counts | SignatureStatus::Unknown(_)) => {
                            SignatureStatus::Broken(place)
                        }
                        (_, standing) => standing,
                    },
                });
            }
        }
        found
    }

    fn partner_signs(
        &self,
        id: PartnerId,
        author: &Domain,
        record: Option<&DmarcRecord>,
        found: &mut Vec<Signature>,
    ) {
        let topology = &self.plan.topology;
        let partner = topology.partner(id);
        let mode = record.map_or(Alignment::Relaxed, |record| record.dkim);
        let by_dkim = self.signed_by.get(&id).into_iter().flatten();
        let mut names: Vec<&DomainName> = partner.signs_as.iter().map(|at| &at.value).collect();
        if names.is_empty() {
            names = by_dkim.map(|id| &topology.domain(*id).name).collect();
        }
        let mut unaligned = Vec::new();
        for name in names {
            let signed = topology.domain_named(name).map(|id| topology.domain(id));
            let aligned = self.known.aligned(name, &author.name, mode);
            if aligned == Aligned::No {
                // What it is said to sign as tells why the mail is not proved.
                if !partner.signs_as.is_empty() {
                    unaligned.push(Signature {
                        signer: Party::Partner(id),
                        domain: Whose::of(name, &author.name),
                        selector: None,
                        standing: SignatureStatus::Unaligned,
                    });
                }
                continue;
            }
            let signer = signed.and_then(|domain| {
                signers(domain).find(|one| one.signer.value == Party::Partner(id))
            });
            // A name that its owner keeps is a premise: the spec says that the partner signs with it.
            let keys = match (signed, signer) {
                (Some(domain), Some(_)) => self.keys(Party::Partner(id), signer, domain),
                (Some(domain), None) => vec![(
                    None,
                    SignatureStatus::Unknown(format!(
                        "the selectors of `{}` in `dkim` of `{}`",
                        partner.name, domain.name
                    )),
                )],
                (None, _) => vec![(None, SignatureStatus::Counts)],
            };
            for (selector, standing) in keys {
                found.push(Signature {
                    signer: Party::Partner(id),
                    domain: Whose::of(name, &author.name),
                    selector,
                    standing: match standing {
                        SignatureStatus::Counts if aligned == Aligned::Possibly => SignatureStatus::Useless(
                            "its name and the author's belong together by one of two rules only"
                                .to_owned(),
                        ),
                        standing => standing,
                    },
                });
            }
        }
        found.append(&mut unaligned);
    }

    /// The selectors of a signer, and what receivers make of their keys.
    fn keys(
        &self,
        signer: Party,
        written: Option<&DkimSigner>,
        domain: &Domain,
    ) -> Vec<(Option<String>, SignatureStatus)> {
        let topology = &self.plan.topology;
        let selectors = written.map_or(&[][..], |signer| &signer.selectors);
        if !selectors.is_empty() {
            let keys = selectors.iter().map(|(selector, key)| {
                let standing =
                    self.published(&selector.value, domain)
                        .unwrap_or_else(|| match key {
                            DkimKey::Record(record) => standing(&key_use(record)),
                            DkimKey::Target(target) => self.behind(target),
                        });
                (Some(selector.value.clone()), standing)
            });
            return keys.collect();
        }
        let name = topology.party_name(signer);
        let tenant = signer
            .location()
            .filter(|at| topology.location(*at).tenant().is_some());
        let Some(at) = tenant else {
            let fact = format!("the selectors of `{name}` in `dkim` of `{}`", domain.name);
            return vec![(None, SignatureStatus::Unknown(fact))];
        };
        if let Some(targets) = dkim_targets(topology, at, &domain.name) {
            let keys = targets.iter().map(|(selector, target)| {
                let declared = self.published(selector, domain);
                let standing = declared.unwrap_or_else(|| self.behind(&target.value));
                (Some(selector.clone()), standing)
            });
            return keys.collect();
        }
        // What nobody has gathered may be declared: the provider's selectors have the same names in every domain.
        let declared: Option<Vec<_>> = TENANT_SELECTORS
            .iter()
            .map(|selector| {
                let standing = self.published(selector, domain)?;
                Some((Some((*selector).to_owned()), standing))
            })
            .collect();
        declared.unwrap_or_else(|| {
            let fact = format!("`{name}.dkim` of the facts");
            vec![(None, SignatureStatus::Unknown(fact))]
        })
    }

    /// What is known of the key under the name of a selector itself, if anything is.
    fn published(&self, selector: &str, domain: &Domain) -> Option<SignatureStatus> {
        let name = format!("{selector}._domainkey.{}", domain.name);
        if self.plan.topology.is_declared_without_key(&name) {
            return Some(SignatureStatus::Useless(format!(
                "`{name}` is not published"
            )));
        }
        match self.known.gathered(&name) {
            Some(texts) if !texts.is_empty() => Some(standing(&keys_use(&texts))),
            // What we would write there nobody sees.
            None if self.known.is_given_away(&name) => Some(SignatureStatus::Unknown(format!(
                "`records.{name}.txt` of the facts"
            ))),
            _ => {
                let declared = self.plan.topology.declared_below(&name)?;
                Some(self.behind(declared.cname.as_ref()?.first()?))
            }
        }
    }

    /// What is known of the key that a selector points at. The spec says that it is there, and facts may say more.
    fn behind(&self, target: &str) -> SignatureStatus {
        match self.known.gathered(target) {
            None => SignatureStatus::Counts,
            Some(texts) if texts.is_empty() => {
                SignatureStatus::Useless(format!("there is no key at `{target}`"))
            }
            Some(texts) => standing(&keys_use(&texts)),
        }
    }
}

fn standing(key: &KeyUse) -> SignatureStatus {
    match key {
        KeyUse::Unusable(_, why) => SignatureStatus::Useless(why.clone()),
        KeyUse::Revoked => SignatureStatus::Useless(REVOKED.to_owned()),
        KeyUse::Test => SignatureStatus::Useless(IS_TEST.to_owned()),
        KeyUse::Good | KeyUse::Short => SignatureStatus::Counts,
    }
}

/// Those that are written to sign mail of a domain.
pub(super) fn signers(domain: &Domain) -> impl Iterator<Item = &DkimSigner> {
    let list: &[DkimSigner] = match &domain.dkim {
        Dkim::Derived => &[],
        Dkim::Signers(list) => list,
    };
    list.iter()
}
