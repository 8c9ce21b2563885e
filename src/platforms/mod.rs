//! One folder per product, and how each chooses the next hop among its own objects, as its vendor documents it.
//!
//! A policy sees the objects of a plan and the name of a recipient's domain, and says which
//! object takes the mail, which others would have, and under which reading of the documents. What becomes of the
//! message afterwards must not be known here.

pub(crate) mod exchange;
pub(crate) mod exchange_online;
pub(crate) mod exchange_server;
pub(crate) mod other;
pub(crate) mod postfix;
pub(crate) mod product;
pub(crate) mod readings;

pub use readings::reading;
pub(crate) use readings::{Assumption, Reading};

use crate::finding::{Code, Finding, Findings, Object};
use crate::output::Sink;
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange::desired::Desired;
use crate::routes::facts::leaves_from;
use crate::source::At;
use crate::topology::{Location, LocationId, Party, Topology};
use crate::values::{Fit, Network};

/// The data of the scripts of a location, as far as the sink is told it; none where it is no Exchange location.
pub(crate) fn desired(plan: &Plan, id: LocationId, sink: Sink) -> Option<Desired> {
    match &plan.place(id).configuration {
        Configuration::ExchangeOnline(configuration) => {
            let tenant = plan.topology.location(id).tenant()?;
            Some(exchange_online::write::desired(
                plan,
                id,
                tenant,
                configuration,
                sink,
            ))
        }
        Configuration::ExchangeServer(server) => {
            Some(exchange_server::write::desired(plan, id, server, sink))
        }
        Configuration::Postfix(_) | Configuration::Checklist => None,
    }
}

/// The locations that a lock still takes mail of external senders from, by the addresses that their mail leaves from.
fn behind_lock(
    topology: &Topology,
    here: &Location,
    only: &At<Vec<LocationId>>,
    findings: &mut Findings,
) -> Vec<(LocationId, Vec<Network>)> {
    let mut admitted = Vec::new();
    for &id in &only.value {
        let location = topology.location(id);
        let networks = leaves_from(topology, Party::Location(id));
        if networks.is_empty() {
            findings.push(
                Finding::error(
                    Code::R009,
                    format!("`{}` must accept mail from `{}` only, and no address of it is known, so all of its mail would be rejected", here.name, location.name),
                )
                .at(only.span, "the limit")
                .at(location.span, "has no `egress`")
                .on(Object::Location(here.name.clone()))
                .help(if location.tenant().is_some() {
                    "put the provider's `published` addresses into the facts file"
                } else {
                    "write its `egress`"
                }),
            );
        }
        admitted.push((id, networks));
    }
    admitted
}

/// What a policy chooses. Several choices stand where readings differ or objects tie; each may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Position of the chosen object; `None` where no object is for this name.
    pub winner: Option<usize>,
    /// Why, in words.
    pub why: String,
    /// What has to be assumed of the documents.
    pub readings: Vec<Assumption>,
    /// What would have taken the mail otherwise, the first few.
    pub losers: Vec<Lost>,
}

/// An object that was for the name too, and lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Its position.
    pub index: usize,
    /// Why it lost.
    pub why: String,
}

/// Where a pattern that fits a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// The position of its object among those of the location.
    pub object: usize,
    /// Its position in the object's list; none: the object is for every accepted domain.
    pub pattern: Option<usize>,
    /// It is written, and does not stand there because `accepted-domains` is.
    pub is_written_out: bool,
}

impl Named {
    /// The pattern at this position of an object.
    pub(crate) const fn new(object: usize, pattern: usize) -> Self {
        Self {
            object,
            pattern: Some(pattern),
            is_written_out: true,
        }
    }
}

/// What fits a name, the closest first.
pub(crate) type Fitting = Vec<(Fit, Named)>;

/// So many of the objects that lost are told.
const TOLD: usize = 5;
