//! Whether a mail-flow rule acts on a message.

use crate::routes::accepted_directory;
use crate::topology::{Condition, Directory, RecipientDetails, Rule, Side};
use crate::values::Address;
use crate::walk::state::{Message, State};
use crate::walk::{Home, Model, word_match};
use std::collections::BTreeSet;

/// What can be known of a condition offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    /// It does not hold.
    No,
    /// Only the product can tell.
    Maybe,
    /// It holds.
    Yes,
}

impl Truth {
    fn of(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }
}

impl Model<'_> {
    /// Whether the rule acts: all of `when`, nothing of `unless`, and none of the headers that mark a message.
    pub(crate) fn fires(&self, rule: &Rule, message: &Message, state: &State) -> Truth {
        if rule
            .unless_header
            .iter()
            .any(|mark| self.is_marked(mark.header.value.name.as_str(), state))
        {
            return Truth::No;
        }
        let all = rule
            .when
            .iter()
            .map(|at| self.holds(&at.value, message, state));
        let none = rule
            .unless
            .iter()
            .map(|at| self.holds(&at.value, message, state).not());
        all.chain(none).min().unwrap_or(Truth::Yes)
    }

    /// The rule that stands for what this one leaves on a message: the first that leaves the same. Without a header it
    /// leaves nothing, and its mail comes round as it was.
    pub(crate) fn mark_of(&self, rule: &Rule) -> Option<usize> {
        let headers = |rule: &Rule| {
            let marks = rule.unless_header.iter();
            let names = marks.map(|mark| mark.header.value.name.to_ascii_lowercase());
            names.collect::<BTreeSet<String>>()
        };
        let wanted = headers(rule);
        if wanted.is_empty() {
            return None;
        }
        let mut rules = self.plan.topology.rules.iter();
        rules.position(|other| headers(other) == wanted)
    }

    /// A rule that has acted has left its header, or what its mail passed has.
    fn is_marked(&self, header: &str, state: &State) -> bool {
        state
            .ruled
            .iter()
            .filter_map(|&index| self.plan.topology.rules.get(index))
            .flat_map(|rule| &rule.unless_header)
            .any(|mark| mark.header.value.name.eq_ignore_ascii_case(header))
    }

    fn holds(&self, condition: &Condition, message: &Message, state: &State) -> Truth {
        if let Some(truth) = self.holds_of_sender(condition, message.sender.as_ref()) {
            return truth;
        }
        let domain = state.recipient.domain();
        let details = || {
            self.people
                .listed(&state.person)
                .and_then(|recipient| recipient.details.as_deref())
        };
        match condition {
            Condition::From(side) => Truth::of(state.inside == (*side == Side::Inside)),
            Condition::To(side) => {
                let inside = self.accepted(state.at, domain).is_some();
                Truth::of(inside == (*side == Side::Inside))
            }
            Condition::Recipient(list) => {
                Truth::of(list.contains(&state.recipient) || list.contains(&state.person))
            }
            Condition::RecipientDomain(patterns) => {
                let domain = self.resolved(state).domain();
                Truth::of(patterns.iter().any(|pattern| pattern.matches(domain)))
            }
            Condition::RecipientMemberOf(groups) => self.member(Some(&state.person), groups),
            Condition::RecipientCity(_) | Condition::RecipientDepartment(_) => {
                attribute(condition, details())
            }
            Condition::Header(header) => {
                if self.is_marked(&header.name, state) {
                    Truth::Yes
                } else {
                    Truth::Maybe
                }
            }
            Condition::Sender(_)
            | Condition::SenderDomain(_)
            | Condition::SenderMemberOf(_)
            | Condition::Other(_) => Truth::Maybe,
        }
    }

    /// The same of a condition that asks for the envelope sender alone; `None` for any other.
    pub(crate) fn holds_of_sender(
        &self,
        condition: &Condition,
        sender: Option<&Address>,
    ) -> Option<Truth> {
        match condition {
            Condition::Sender(list) => {
                Some(Truth::of(sender.is_some_and(|from| list.contains(from))))
            }
            Condition::SenderDomain(patterns) => {
                let among = |from: &Address| patterns.iter().any(|at| at.matches(from.domain()));
                Some(Truth::of(sender.is_some_and(among)))
            }
            Condition::SenderMemberOf(groups) => Some(self.member(sender, groups)),
            _ => None,
        }
    }

    /// The recipient's address as rules look at it: the mailbox's own, where the place's directory has it
    /// (`RecipientAddressType`, <https://learn.microsoft.com/powershell/module/exchange/new-transportrule>).
    fn resolved<'s>(&self, state: &'s State) -> &'s Address {
        let topology = &self.plan.topology;
        let knows = || {
            let (accepted, _) = self.accepted(state.at, state.recipient.domain())?;
            let domain = topology.domain_named(&accepted.domain)?;
            let directory = accepted_directory(topology, topology.domain(domain), state.at);
            Some(directory == Directory::Complete)
        };
        match state.home {
            Home::At(home) if home == state.at || knows() == Some(true) => &state.person,
            _ => &state.recipient,
        }
    }

    /// Only a list with a column for groups decides; without it nobody knows.
    pub(crate) fn member(&self, who: Option<&Address>, groups: &[String]) -> Truth {
        let listed = who
            .and_then(|who| self.people.named(who))
            .and_then(|(_, recipient)| recipient.details.as_deref())
            .filter(|details| !details.groups.is_empty());
        match listed {
            Some(details) => Truth::of(groups.iter().any(|wanted| {
                details
                    .groups
                    .iter()
                    .any(|group| group.eq_ignore_ascii_case(wanted))
            })),
            None => Truth::Maybe,
        }
    }
}

/// Whether the attribute that a condition looks at holds one of its words; a list that does not say leaves it open.
pub(crate) fn attribute(condition: &Condition, details: Option<&RecipientDetails>) -> Truth {
    let (value, wanted) = match condition {
        Condition::RecipientCity(wanted) => (details.and_then(|at| at.city.as_ref()), wanted),
        Condition::RecipientDepartment(wanted) => {
            (details.and_then(|at| at.department.as_ref()), wanted)
        }
        _ => return Truth::Maybe,
    };
    let Some(value) = value else {
        return Truth::Maybe;
    };
    let found = wanted.iter().map(|word| word_match::contains(value, word));
    found.max().unwrap_or(Truth::No)
}
