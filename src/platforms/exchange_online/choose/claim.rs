//! What one connector has to say about a name, and how strong that is under a reading of the documents.

use crate::platforms::Named;
use crate::platforms::exchange_online::OutboundConnector;
use crate::platforms::exchange_online::choose::ClientStatus;
use crate::platforms::exchange_online::choose::readings::Readings;
use crate::values::{DomainName, Fit};

/// What a connector has to say about a name.
pub(crate) struct Candidate {
    pub index: usize,
    pub exact: bool,
    pub accepted: bool,
    /// Labels of the bases of its wildcards that the name is below, longest first.
    pub below: Vec<usize>,
    pub apex: bool,
    pub any: bool,
    pub labels: usize,
}

impl Candidate {
    pub(crate) fn of(
        index: usize,
        connector: &OutboundConnector,
        standing: ClientStatus,
        fitting: &[(Fit, Named)],
        name: &DomainName,
    ) -> Option<Self> {
        let mut candidate = Self {
            index,
            exact: false,
            accepted: connector.all_accepted_domains && standing != ClientStatus::Foreign,
            below: Vec::new(),
            apex: false,
            any: false,
            labels: name.labels().count(),
        };
        for (fit, named) in fitting {
            match (fit, named.pattern) {
                (Fit::Exact, _) => candidate.exact = true,
                (Fit::Apex, _) => candidate.apex = true,
                (Fit::Below(labels), _) => candidate.below.push(*labels),
                (Fit::Any, Some(_)) => candidate.any = true,
                (Fit::Any, None) => {}
            }
        }
        let speaks = candidate.exact
            || candidate.accepted
            || candidate.apex
            || candidate.any
            || !candidate.below.is_empty();
        speaks.then_some(candidate)
    }

    /// The strongest claim it has under these readings.
    pub(crate) fn claim(&self, standing: ClientStatus, readings: Readings) -> Claim {
        if self.exact {
            return Claim::Exact;
        }
        let accepted = self.accepted && (standing == ClientStatus::Named || !readings.listed_only);
        let wildcard = if readings.apex_included && self.apex {
            Some(self.labels)
        } else {
            self.below
                .iter()
                .copied()
                .find(|labels| !readings.one_label || labels + 1 == self.labels)
        };
        match (accepted, wildcard) {
            (true, Some(_)) if !readings.by_example => Claim::Accepted,
            (_, Some(labels)) => Claim::Wildcard(labels),
            (true, None) => Claim::Accepted,
            (false, None) if self.any => Claim::Everything,
            (false, None) => Claim::None,
        }
    }
}

/// Why a connector would take a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    None,
    Everything,
    Accepted,
    /// Labels of the wildcard's base.
    Wildcard(usize),
    Exact,
}

impl Claim {
    pub(crate) fn rank(self, readings: Readings) -> (u8, usize) {
        match self {
            Self::None => (0, 0),
            Self::Everything => (1, 0),
            Self::Accepted => (3, 0),
            Self::Wildcard(labels) => (
                if readings.by_example { 4 } else { 2 },
                if readings.nested_undefined { 0 } else { labels },
            ),
            Self::Exact => (5, 0),
        }
    }

    pub(crate) fn in_words(self, name: &DomainName) -> String {
        match self {
            Self::Exact => format!("it names `{name}`"),
            Self::Accepted => format!("it is for all accepted domains, and `{name}` is one"),
            Self::Wildcard(labels) => {
                let skip = name.labels().count().saturating_sub(labels);
                let base: Vec<&str> = name.labels().skip(skip).collect();
                format!("its `*.{}` covers `{name}`", base.join("."))
            }
            Self::Everything => "it is for every domain".to_owned(),
            Self::None => format!("it is not for `{name}`"),
        }
    }
}
