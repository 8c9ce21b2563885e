//! What a receiver finds out, in types: SPF, signatures, alignment and what DMARC comes to.

use crate::plan::Proved;
use crate::publish::Aligned;
use crate::spf::Broken;
use crate::topology::{DmarcPolicy, LocationId, Party};
use crate::values::{DomainName, Network};

/// What receivers make of the address and the envelope sender.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpfLeg {
    /// Every address passes; `Some`: as far as this name, of which nobody knows the content, stands for it.
    Pass(Option<String>),
    /// It depends on a name that nobody knows.
    Unknown(String),
    /// These addresses do not pass.
    Fails(Vec<Network>),
    /// The domain has no record.
    NoRecord,
    /// No receiver can evaluate the record.
    Permerror(Broken),
    /// Nobody says which addresses it comes from.
    Nameless,
    /// Nobody knows whose envelope sender it has.
    NoEnvelope,
}

impl SpfLeg {
    /// The result, in the words of RFC 7208, with `unknown` for what nobody knows.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pass(_) => "pass",
            Self::Unknown(_) | Self::NoEnvelope | Self::Nameless => "unknown",
            Self::Fails(_) => "fail",
            Self::NoRecord => "none",
            Self::Permerror(_) => "permerror",
        }
    }
}

/// Whether a signature proves anything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignatureStatus {
    /// It survives, its key is published, and its name stands for the author's.
    Counts,
    /// This place changes the body after it.
    Broken(LocationId),
    /// Nobody knows its key: the fact that would tell.
    Unknown(String),
    /// Receivers cannot use its key, or its name is the author's by one of two rules only.
    Useless(String),
    /// Its name does not stand for the author's.
    Unaligned,
}

/// A domain, as mail has to do with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// That of the author.
    Author,
    /// Another one.
    Other(DomainName),
}

impl Whose {
    pub(super) fn of(name: &DomainName, author: &DomainName) -> Self {
        if name == author {
            Self::Author
        } else {
            Self::Other(name.clone())
        }
    }

    /// The name, for an author.
    pub const fn name<'n>(&'n self, author: &'n DomainName) -> &'n DomainName {
        match self {
            Self::Author => author,
            Self::Other(name) => name,
        }
    }
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signature {
    /// Who signs.
    pub signer: Party,
    /// `d=`
    pub domain: Whose,
    /// `s=`, where anybody says.
    pub selector: Option<String>,
    /// Whether it proves anything.
    pub standing: SignatureStatus,
}

/// What DMARC comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// SPF and a signature prove it.
    TwoLegs,
    /// A signature proves it.
    BySignature,
    /// SPF alone proves it.
    BySpf,
    /// SPF alone proves it, if a partner uses the envelope senders that it is taken to use.
    Assumed,
    /// It depends on something that nobody knows.
    Unknown,
    /// Nothing proves it.
    Broken,
}

impl Outcome {
    /// The result in a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TwoLegs | Self::BySignature | Self::BySpf | Self::Assumed => "pass",
            Self::Unknown => "unknown",
            Self::Broken => "fail",
        }
    }
}

/// What a receiver finds out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proof {
    /// The domain of the envelope sender; `None` where nobody knows.
    pub envelope: Option<Whose>,
    /// SPF.
    pub spf: SpfLeg,
    /// Whether the envelope sender stands for the author.
    pub aligned: Aligned,
    /// The signatures.
    pub signatures: Vec<Signature>,
    /// What the author's domain asks receivers to do; `None`: it has no policy.
    pub policy: Option<DmarcPolicy>,
    /// What DMARC comes to.
    pub outcome: Outcome,
}

impl Proof {
    /// Whether one of the two rules for what belongs together decides.
    pub fn is_possible(&self) -> bool {
        self.aligned == Aligned::Possibly
    }

    /// Whether receivers are asked to refuse or to suspect what fails.
    pub fn is_enforced(&self) -> bool {
        matches!(
            self.policy,
            Some(DmarcPolicy::Quarantine | DmarcPolicy::Reject)
        )
    }

    /// The same, the best last.
    pub(super) fn proved(&self) -> Proved {
        match self.outcome {
            Outcome::TwoLegs => Proved::ByBoth,
            Outcome::BySignature => Proved::BySignature,
            Outcome::BySpf => Proved::BySpf,
            Outcome::Assumed => Proved::Assumed,
            Outcome::Unknown => Proved::Unknown,
            Outcome::Broken if self.is_enforced() => Proved::Refused,
            Outcome::Broken => Proved::ByNothing,
        }
    }

    /// The place that breaks a signature which would prove the mail.
    pub fn broken_by(&self) -> Option<LocationId> {
        self.signatures.iter().find_map(|one| match one.standing {
            SignatureStatus::Broken(at) => Some(at),
            _ => None,
        })
    }
}
