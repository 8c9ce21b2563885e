//! The whole way from a spec to findings: what the command line and the tests call.
//!
//! Every step takes the step before and a sink for findings. Nothing here touches a disk, a clock or the environment.

use crate::finding::{Finding, Findings};
use crate::plan::{self, Plan};
use crate::report::{Rule, Summary};
use crate::source::{Files, Sources};
use crate::topology::resolve::load;

/// A spec to read.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The name of the main document, relative to its folder.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The files it may name.
    pub files: &'a dyn Files,
}

/// What a spec came to.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The texts that were read.
    pub sources: Sources,
    /// What there is to say, sorted.
    pub findings: Vec<Finding>,
    /// What will be configured; nothing where the spec itself has mistakes.
    pub plan: Option<Plan>,
    /// What was looked at.
    pub summary: Summary,
}

/// Reads a spec and derives what will be configured, without an opinion on it.
pub fn plan(input: &Input<'_>) -> Checked {
    let mut findings = Findings::default();
    let (sources, plan) = derive(input, &mut findings);
    Checked {
        sources,
        findings: findings.into_sorted(),
        plan,
        summary: Summary::default(),
    }
}

fn derive(input: &Input<'_>, findings: &mut Findings) -> (Sources, Option<Plan>) {
    let mut sources = Sources::default();
    let topology = load(input.files, input.name, input.bytes, &mut sources, findings);
    // What a spec with mistakes would derive is not what its author means, and would be reported on top of them.
    let plan = topology
        .filter(|_| !findings.has_errors())
        .map(|topology| plan::derive(topology, findings));
    (sources, plan)
}

/// Every check there is.
pub fn rules() -> Vec<Rule> {
    Vec::new()
}
