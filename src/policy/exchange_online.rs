//! Which outbound connector of Exchange Online takes a name.
//!
//! The documents give an order (exact name, all accepted domains, wildcard) and an example that contradicts it, and say
//! nothing of nested wildcards, equal entries and the place of `*`. So the choice is made once under every combination
//! of the readings that could matter, and what differs is handed back as several choices. Assumed under all of them: a
//! disabled connector and one for rules take no part, and `*` comes last.
//! Source: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use super::{Assumption, Choice, Lost, meet};
use crate::plan::exchange_online::OutboundConnector;
use crate::values::{DomainName, Pattern};

/// How a tenant stands to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is one of its accepted domains.
    Named,
    /// It is taken as an unnamed subdomain of one.
    Subdomain,
    /// It is somebody else's.
    Foreign,
}

/// All choices that the documents leave open for this name; one without a winner follows the MX.
pub fn select(
    connectors: &[OutboundConnector],
    standing: Standing,
    name: &DomainName,
) -> Vec<Choice> {
    let all: Vec<usize> = (0..connectors.len()).collect();
    select_among(connectors, &all, standing, name)
}

/// The same, where only the connectors at these positions have anything to say about the name.
pub fn select_among(
    connectors: &[OutboundConnector],
    among: &[usize],
    standing: Standing,
    name: &DomainName,
) -> Vec<Choice> {
    let candidates: Vec<Candidate> = among
        .iter()
        .filter_map(|&index| Some((index, connectors.get(index)?)))
        .filter(|(_, connector)| connector.enabled && !connector.is_transport_rule_scoped)
        // Mail for others that does not make the detour of centralized transport does not go back there:
        // https://learn.microsoft.com/troubleshoot/exchange/hybrid-hybrid/hybrid-messages-not-routed-through-on-premises
        .filter(|(_, connector)| {
            standing != Standing::Foreign || !connector.route_all_messages_via_on_premises
        })
        .filter_map(|(index, connector)| Candidate::of(index, connector, standing, name))
        .collect();
    let outcomes: Vec<Outcome> = Readings::all()
        .map(|readings| (readings, winners(&candidates, standing, readings)))
        .collect();
    let live = live(&outcomes);
    let mut order: Vec<Option<usize>> = Vec::new();
    for (_, best) in &outcomes {
        let winners: Vec<Option<usize>> = match best.as_slice() {
            [] => vec![None],
            some => some.iter().copied().map(Some).collect(),
        };
        for winner in winners {
            if !order.contains(&winner) {
                order.push(winner);
            }
        }
    }
    let every: Vec<&Outcome> = outcomes.iter().collect();
    let mut choices = Vec::new();
    for winner in order {
        for case in cases(&every, winner, live, 0) {
            let mut assumed = case.assumed;
            if case.tie && assumed.iter().all(|(id, _)| *id != "R3") {
                assumed.push(("R4", "any"));
            }
            choices.push(Choice {
                winner: winner.map(|at| candidates[at].index),
                why: winner.map_or_else(
                    || format!("no connector is for `{name}`"),
                    |at| candidates[at].claim(standing, case.readings).in_words(name),
                ),
                readings: assumed,
                losers: lost(&candidates, connectors, winner, name),
            });
        }
    }
    choices
}

/// One combination of answers and who wins under it.
type Outcome = (Readings, Vec<usize>);

/// Answers under all of which the same connector wins, alone or as one of several.
struct Case {
    assumed: Vec<Assumption>,
    /// One full combination of them.
    readings: Readings,
    tie: bool,
}

/// Every combination of answers under which `winner` wins, with as few questions asked as it takes.
fn cases(
    outcomes: &[&Outcome],
    winner: Option<usize>,
    live: [bool; Readings::COUNT],
    question: usize,
) -> Vec<Case> {
    let wins = |outcome: &Outcome| match winner {
        Some(winner) => outcome.1.contains(&winner),
        None => outcome.1.is_empty(),
    };
    if !outcomes.iter().any(|outcome| wins(outcome)) {
        return Vec::new();
    }
    let Some(&first) = outcomes.first() else {
        return Vec::new();
    };
    let alike = |outcome: &&Outcome| wins(outcome) && (outcome.1.len() > 1) == (first.1.len() > 1);
    if outcomes.iter().all(alike) {
        return vec![Case {
            assumed: Vec::new(),
            readings: first.0,
            tie: first.1.len() > 1,
        }];
    }
    let mut found = Vec::new();
    for answer in [false, true] {
        let part: Vec<&Outcome> = outcomes
            .iter()
            .copied()
            .filter(|outcome| outcome.0.answers().get(question) == Some(&answer))
            .collect();
        for mut case in cases(&part, winner, live, question + 1) {
            if let (Some((id, words)), true) = (WORDS.get(question), live[question]) {
                case.assumed.insert(0, (id, words[usize::from(answer)]));
            }
            found.push(case);
        }
        // An answer that changes nothing is not asked for.
        if !live[question] {
            break;
        }
    }
    found
}

/// The questions and their answers.
const WORDS: [(&str, [&str; 2]); Readings::COUNT] = [
    ("R1", ["list", "example"]),
    ("R2", ["excluded", "included"]),
    ("R3", ["longest", "undefined"]),
    ("R8", ["accepted", "listed-only"]),
    ("R9", ["any-depth", "one-label"]),
];

/// What a connector has to say about a name.
struct Candidate {
    index: usize,
    exact: bool,
    accepted: bool,
    /// Labels of the bases of its wildcards that the name is below, longest first.
    below: Vec<usize>,
    apex: bool,
    any: bool,
    labels: usize,
}

impl Candidate {
    fn of(
        index: usize,
        connector: &OutboundConnector,
        standing: Standing,
        name: &DomainName,
    ) -> Option<Self> {
        let met = meet(
            &connector.recipient_domains,
            |pattern: &Pattern| pattern,
            name,
        );
        let candidate = Self {
            index,
            exact: met.exact.is_some(),
            accepted: connector.all_accepted_domains && standing != Standing::Foreign,
            below: met.below.iter().map(|(_, labels)| *labels).collect(),
            apex: met.apex.is_some(),
            any: met.any.is_some(),
            labels: name.labels().count(),
        };
        let speaks = candidate.exact
            || candidate.accepted
            || candidate.apex
            || candidate.any
            || !candidate.below.is_empty();
        speaks.then_some(candidate)
    }

    /// The strongest claim it has under these readings.
    fn claim(&self, standing: Standing, readings: Readings) -> Claim {
        if self.exact {
            return Claim::Exact;
        }
        let accepted = self.accepted && (standing == Standing::Named || !readings.listed_only);
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
enum Claim {
    None,
    Everything,
    Accepted,
    /// Labels of the wildcard's base.
    Wildcard(usize),
    Exact,
}

impl Claim {
    fn rank(self, readings: Readings) -> (u8, usize) {
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

    fn in_words(self, name: &DomainName) -> String {
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

/// One answer to every question; all false is what the texts say first.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Readings {
    by_example: bool,
    apex_included: bool,
    nested_undefined: bool,
    listed_only: bool,
    one_label: bool,
}

impl Readings {
    const COUNT: usize = 5;

    fn all() -> impl Iterator<Item = Self> {
        (0_u8..1 << Self::COUNT).map(|bits| Self {
            by_example: bits & 1 != 0,
            apex_included: bits & 2 != 0,
            nested_undefined: bits & 4 != 0,
            listed_only: bits & 8 != 0,
            one_label: bits & 16 != 0,
        })
    }

    fn answers(self) -> [bool; Self::COUNT] {
        [
            self.by_example,
            self.apex_included,
            self.nested_undefined,
            self.listed_only,
            self.one_label,
        ]
    }
}

fn winners(candidates: &[Candidate], standing: Standing, readings: Readings) -> Vec<usize> {
    let ranks: Vec<(u8, usize)> = candidates
        .iter()
        .map(|candidate| candidate.claim(standing, readings).rank(readings))
        .collect();
    let Some(best) = ranks.iter().max().filter(|rank| rank.0 > 0) else {
        return Vec::new();
    };
    (0..ranks.len()).filter(|&at| ranks[at] == *best).collect()
}

/// The questions whose answer changes the winners somewhere.
fn live(outcomes: &[Outcome]) -> [bool; Readings::COUNT] {
    let mut live = [false; Readings::COUNT];
    for (at, (_, winners)) in outcomes.iter().enumerate() {
        for (question, live) in live.iter_mut().enumerate() {
            let other = outcomes.get(at ^ (1 << question));
            *live |= other.is_some_and(|(_, others)| others != winners);
        }
    }
    live
}

fn lost(
    candidates: &[Candidate],
    connectors: &[OutboundConnector],
    winner: Option<usize>,
    name: &DomainName,
) -> Vec<Lost> {
    let won = winner.map(|at| connectors[candidates[at].index].name.as_str());
    candidates
        .iter()
        .enumerate()
        .filter(|(at, _)| Some(*at) != winner)
        .map(|(_, candidate)| {
            let claim = if candidate.exact {
                Claim::Exact
            } else if candidate.accepted {
                Claim::Accepted
            } else if let Some(&labels) = candidate.below.first() {
                Claim::Wildcard(labels)
            } else if candidate.any {
                Claim::Everything
            } else {
                Claim::None
            };
            let claim = claim.in_words(name);
            Lost {
                index: candidate.index,
                why: match won {
                    Some(won) => format!("{claim}, but `{won}` is taken to be nearer"),
                    None => format!("{claim} under another reading only"),
                },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::RouteId;
    use crate::plan::exchange_online::ConnectorType;

    fn connector(name: &str, accepted: bool, patterns: &[&str]) -> OutboundConnector {
        let mut recipient_domains: Vec<Pattern> = patterns
            .iter()
            .map(|p| Pattern::parse(p).expect("a pattern"))
            .collect();
        recipient_domains.sort();
        OutboundConnector {
            name: name.to_owned(),
            former_names: Vec::new(),
            enabled: true,
            connector_type: ConnectorType::OnPremises,
            recipient_domains,
            all_accepted_domains: accepted,
            smart_hosts: vec!["mail.contoso.com".to_owned()],
            tls_settings: None,
            tls_domain: None,
            is_transport_rule_scoped: false,
            route_all_messages_via_on_premises: false,
            cloud_services_mail_enabled: false,
            validation_recipients: Vec::new(),
            route: RouteId::from_index(0),
            by_wizard: false,
        }
    }

    fn chosen(connectors: &[OutboundConnector], standing: Standing, name: &str) -> Vec<String> {
        let name = DomainName::parse(name).expect("a name");
        select(connectors, standing, &name)
            .into_iter()
            .map(|choice| {
                let winner = choice.winner.map_or("mx", |at| &connectors[at].name);
                let readings: Vec<String> = choice
                    .readings
                    .iter()
                    .map(|(id, word)| format!(" {id}={word}"))
                    .collect();
                format!("{winner}{}", readings.concat())
            })
            .collect()
    }

    /// The documented example, with what each of the two readings makes of it.
    #[test]
    fn the_documented_example_is_ambiguous_for_one_name_only() {
        let three = [
            connector("C1", true, &[]),
            connector("C2", false, &["contoso.com"]),
            connector("C3", false, &["*.contoso.com"]),
        ];
        for (name, standing, expected) in [
            ("fabrikam.com", Standing::Named, vec!["C1"]),
            ("contoso.com", Standing::Named, vec!["C2"]),
            (
                "sales.contoso.com",
                Standing::Named,
                vec!["C1 R1=list", "C3 R1=example"],
            ),
            ("hr.contoso.com", Standing::Foreign, vec!["C3"]),
            ("contoso.onmicrosoft.com", Standing::Named, vec!["C1"]),
            ("example.net", Standing::Foreign, vec!["mx"]),
        ] {
            assert_eq!(chosen(&three, standing, name), expected, "{name}");
        }
    }

    #[test]
    fn what_the_documents_leave_open_is_named() {
        let apex = [connector("W", false, &["*.contoso.com"])];
        assert_eq!(
            chosen(&apex, Standing::Named, "contoso.com"),
            ["mx R2=excluded", "W R2=included"]
        );
        assert_eq!(
            chosen(&apex, Standing::Foreign, "a.b.contoso.com"),
            ["W R9=any-depth", "mx R9=one-label"]
        );
        let nested = [
            connector("A", false, &["*.contoso.com"]),
            connector("B", false, &["*.eu.contoso.com"]),
        ];
        let both = chosen(&nested, Standing::Foreign, "x.eu.contoso.com");
        assert_eq!(
            both,
            [
                "B R3=longest",
                "B R3=undefined R9=any-depth",
                "B R3=undefined R9=one-label",
                "A R3=undefined R9=any-depth",
            ]
        );
        let twins = [
            connector("X", false, &["contoso.com"]),
            connector("Y", false, &["contoso.com"]),
        ];
        assert_eq!(
            chosen(&twins, Standing::Named, "contoso.com"),
            ["X R4=any", "Y R4=any"]
        );
        let accepted = [connector("C1", true, &[])];
        assert_eq!(
            chosen(&accepted, Standing::Subdomain, "x.contoso.com"),
            ["C1 R8=accepted", "mx R8=listed-only"]
        );
    }

    #[test]
    fn an_entry_by_name_leaves_no_doubt() {
        let three = [
            connector("C1", true, &[]),
            connector("C3", false, &["*.contoso.com", "sales.contoso.com"]),
            connector("C4", false, &["*"]),
        ];
        assert_eq!(chosen(&three, Standing::Named, "sales.contoso.com"), ["C3"]);
        assert_eq!(chosen(&three, Standing::Named, "fabrikam.com"), ["C1"]);
        assert_eq!(chosen(&three, Standing::Foreign, "example.net"), ["C4"]);
    }

    #[test]
    fn disabled_connectors_and_those_of_rules_take_no_part() {
        let mut off = connector("off", false, &["contoso.com"]);
        off.enabled = false;
        let mut ruled = connector("ruled", false, &["contoso.com"]);
        ruled.is_transport_rule_scoped = true;
        assert_eq!(
            chosen(&[off, ruled], Standing::Named, "contoso.com"),
            ["mx"]
        );
    }
}
