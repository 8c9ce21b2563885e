//! Findings about mail whose way depends on a reading of the documents: what all of them have in common.

use crate::checks::words::listed;
use crate::finding::{Certainty, Code, Finding, Findings, Object, Severity};
use crate::routes::{Route, RoutePattern};
use crate::values::{DomainName, Pattern};
use crate::walk::{Doubt, Flows, Parting, Way};

/// One finding for every doubt of a question; `why` says what the documents leave open, `help` what to write.
pub(super) fn report(
    flows: &Flows<'_>,
    check: (Code, &'static str, Severity),
    findings: &mut Findings,
    why: impl Fn(&Doubtful<'_>) -> String,
    help: impl Fn(&Doubtful<'_>) -> String,
) {
    let (code, question, severity) = check;
    for (doubt, parting) in flows.doubts() {
        if doubt.question == question {
            let doubtful = Doubtful::of(flows, &doubt, &parting);
            let finding = doubtful.finding(code, severity, &why(&doubtful));
            findings.push(finding.help(help(&doubtful)));
        }
    }
}

/// A doubt and everything that shows it.
pub(super) struct Doubtful<'a> {
    parting: &'a Parting,
    /// The names concerned, as patterns.
    pub names: Vec<String>,
    /// Who takes the mail where the texts are taken as they come.
    pub usual: Alternative<'a>,
    /// Who takes it otherwise.
    pub other: Alternative<'a>,
}

/// One of the two.
pub(super) struct Alternative<'a> {
    route: Option<&'a Route>,
    pattern: Option<&'a RoutePattern>,
    way: &'a Way,
    common: usize,
}

impl<'a> Doubtful<'a> {
    fn of(flows: &'a Flows<'_>, doubt: &'a Doubt, parting: &'a Parting) -> Self {
        let plan = flows.model.plan;
        let name = parting.to.domain();
        let side = |route: &Option<String>, way: &'a Way| {
            let found = plan
                .routes()
                .find(|(_, at)| Some(&at.name) == route.as_ref());
            let route = found.map(|(_, route)| route);
            Alternative {
                route,
                pattern: route.and_then(|route| {
                    let named = flows.model.pattern_for(doubt.at, route, name);
                    named.or_else(|| apex(route, name))
                }),
                way,
                common: parting.common,
            }
        };
        Self {
            parting,
            names: flows.doubtful_names(parting),
            usual: side(&doubt.usual, &parting.usual),
            other: side(&doubt.other, &parting.other),
        }
    }

    /// The names concerned, in a sentence.
    pub(super) fn shown(&self) -> String {
        listed(self.names.iter().map(String::as_str))
    }

    /// One of the names concerned.
    pub(super) fn first(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    fn either(&self) -> String {
        match [&self.usual, &self.other].map(Alternative::goes_to) {
            [Some(usual), Some(other)] if usual == other => {
                let [usual_tls, other_tls] =
                    [&self.usual, &self.other].map(|side| side.way.tls.as_str());
                if usual_tls == other_tls {
                    format!(
                        "goes to `{usual}` over {} or over {}",
                        self.usual.name(),
                        self.other.name()
                    )
                } else {
                    format!("goes to `{usual}` with TLS `{usual_tls}` or with `{other_tls}`")
                }
            }
            [Some(usual), Some(other)] => format!("goes to `{usual}` or to `{other}`"),
            [Some(to), None] => format!("goes to `{to}` or {}", self.other.ends()),
            [None, Some(to)] => format!("{} or goes to `{to}`", self.usual.ends()),
            [None, None] => format!("{} or {}", self.usual.ends(), self.other.ends()),
        }
    }

    fn finding(&self, code: Code, severity: Severity, why: &str) -> Finding {
        // What ends alike, or concerns names of somebody else alone, loses nothing of ours.
        let severity = if self.parting.matters {
            severity
        } else {
            severity.min(Severity::Warning)
        };
        let mut finding = Finding::new(
            code,
            severity,
            format!("mail for {} {}: {why}", self.shown(), self.either()),
        );
        for side in [&self.other, &self.usual] {
            if let Some(route) = side.route {
                let (span, text) = side.says();
                finding = finding.at(span, text).on(Object::Route(route.name.clone()));
            }
        }
        finding.certainty = Certainty::Possible;
        finding.readings = self.parting.readings.iter().copied().collect();
        finding.trace = self.parting.other.shown();
        finding.recipients = (self.parting.recipients > 0).then_some(self.parting.recipients);
        finding.domains(self.names.iter().cloned())
    }
}

impl Alternative<'_> {
    /// The name of the route; "the MX" where there is none.
    pub(super) fn name(&self) -> String {
        self.route
            .map_or_else(|| "the MX".to_owned(), |route| format!("`{}`", route.name))
    }

    /// The pattern that is for the names.
    pub(super) fn pattern(&self) -> String {
        self.pattern
            .map_or_else(String::new, |at| at.pattern.to_string())
    }

    fn goes_to(&self) -> Option<&str> {
        self.route?;
        Parting::next(self.way, self.common).map(|hop| hop.to.as_str())
    }

    fn ends(&self) -> String {
        self.route.map_or_else(
            || "follows the MX".to_owned(),
            |route| format!("ends by `{}`", route.name),
        )
    }

    fn says(&self) -> (crate::source::Span, &'static str) {
        let origin = self
            .route
            .map_or_else(Default::default, |route| route.origin.span());
        match self.pattern {
            None => (origin, "takes them otherwise"),
            Some(at) => match at.pattern {
                Pattern::Exact(_) => (at.span, "names them"),
                Pattern::Below(_) => (at.span, "covers them by a wildcard"),
                Pattern::Any => (at.span, "is for every name"),
                Pattern::AcceptedDomains => (origin, "is for all accepted domains"),
            },
        }
    }
}

/// `*.contoso.com`, where the name is contoso.com.
fn apex<'a>(route: &'a Route, name: &DomainName) -> Option<&'a RoutePattern> {
    let mut patterns = route.recipients.iter();
    patterns.find(|at| matches!(&at.pattern, Pattern::Below(base) if base == name))
}
