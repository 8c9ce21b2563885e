//! Checks: everything that can be said against a spec, one file per check.
//!
//! The module comment of a check's file is its page: `explain` shows it, `docs/checks.md` collects all of them, and the
//! tests run the failing and the mended spec that stand in it. This module must not know how findings are shown, nor
//! how any file is written.

mod ambiguity;
mod attribution;
mod authentication;
mod certificates;
mod claimed_sessions;
mod competing_routes;
mod filtering;
mod ignore;
mod lost_mail;
mod page;
mod ranges;
mod spf_records;
mod suppressed;

use crate::finding::{Code, Findings, Severity, every_code, words};
use crate::plan::Plan;
use crate::publish::Published;
use crate::walk::Flows;
pub(crate) use ignore::Acceptance;
use suppressed::Causes;

/// A check.
#[derive(Debug)]
pub struct Check {
    /// A group letter and three digits; never given to another check.
    pub code: Code,
    /// The stable name beside the code.
    pub name: &'static str,
    /// How bad its findings are, unless the page says otherwise.
    pub severity: Severity,
    /// The file it is written in, which begins with its page.
    source: &'static str,
    run: Run,
}

/// Who looks.
#[derive(Debug)]
enum Run {
    /// Whatever reads the spec and resolves its names.
    Reading,
    /// Whatever derives routes and lowers them to the objects of each product.
    Deriving,
    /// This function.
    Plan(fn(&Plan, &mut Findings)),
    /// This function, which looks at what depends on a reading of the documents, or says of an object what the walk makes of
    /// it; it speaks before those that follow messages.
    Doubt(fn(&Flows<'_>, &mut Findings)),
    /// This function, which follows messages.
    Walk(fn(&Flows<'_>, &mut Findings)),
    /// This function, which looks at what is published because of where mail leaves.
    Published(fn(&Flows<'_>, &Published, &mut Findings)),
    /// Whatever writes the files.
    Writing,
    /// Whatever applies `ignore`.
    Ignoring,
    /// Whatever compares with what exists.
    Comparing,
}

macro_rules! checks {
    ($(#[$doc:meta] $group:ident { $($code:ident $name:literal $severity:ident $module:ident;)* })*) => {
        $(#[$doc] mod $group { $(pub(super) mod $module;)* })*

        /// Every check, by code.
        pub const ALL: &[Check] = &[$($(Check {
            code: Code::$code,
            name: $name,
            severity: Severity::$severity,
            source: include_str!(concat!(stringify!($group), "/", stringify!($module), ".rs")),
            run: $group::$module::RUN,
        },)*)*];
    };
}
every_code!(checks);

/// Looks at a plan with every check that needs nothing else.
///
/// What `ignore` accepts is marked as soon as it is found, because an accepted finding mutes no other.
pub(crate) fn run_plan_checks(
    flows: &Flows<'_>,
    published: &Published,
    acceptance: &mut Acceptance<'_>,
    findings: &mut Findings,
) {
    let plan = flows.model.plan;
    for check in ALL {
        if let Run::Plan(run) = check.run {
            run(plan, findings);
        }
    }
    for check in ALL {
        if let Run::Published(run) = check.run {
            run(flows, published, findings);
        }
    }
    let mut walked = Findings::default();
    for check in ALL {
        if let Run::Doubt(run) = check.run {
            run(flows, findings);
        }
    }
    for check in ALL {
        if let Run::Walk(run) = check.run {
            run(flows, &mut walked);
        }
    }
    acceptance.mark(findings);
    acceptance.mark(&mut walked);
    let causes = Causes::of(plan, findings);
    walked.retain(|finding| !causes.explain(finding));
    findings.extend(walked.into_sorted());
}

/// The check with this code or name; case does not matter.
pub(crate) fn find(code_or_name: &str) -> Option<&'static Check> {
    ALL.iter().find(|check| {
        check.code.as_str().eq_ignore_ascii_case(code_or_name)
            || check.name.eq_ignore_ascii_case(code_or_name)
    })
}

/// The code or name nearest to a word that is neither.
pub(crate) fn nearest(word: &str) -> Option<&'static str> {
    crate::finding::nearest(
        word,
        ALL.iter()
            .flat_map(|check| [check.code.as_str(), check.name]),
    )
}

/// Checks of objects that a product refuses: writing one says the same again, as E013. What is left out all the same can
/// be accepted, the rest cannot.
pub(crate) const REFUSED: [Code; 4] = [Code::E001, Code::E004, Code::H007, Code::R009];

impl Check {
    /// Whether `ignore` can accept its findings: not where the spec itself could not be understood, nor where a file
    /// cannot hold what it has to say.
    fn can_be_ignored(&self) -> bool {
        match self.run {
            Run::Reading => self.severity != Severity::Error,
            Run::Writing | Run::Ignoring => false,
            Run::Comparing
            | Run::Deriving
            | Run::Plan(_)
            | Run::Doubt(_)
            | Run::Walk(_)
            | Run::Published(_) => true,
        }
    }
}

#[cfg(test)]
mod tests;
