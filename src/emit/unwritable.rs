//! What a file could not carry, and which item of the spec it comes from.

use crate::source::Span;
use crate::topology::{Condition, HeaderTest, Rule, Topology};
use crate::writer::{Refused, visible};

/// A value that its format refuses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unwritable {
    /// One sentence as in a finding.
    pub message: String,
    /// The item of the spec.
    pub span: Span,
}

impl Unwritable {
    /// What the writer refused, in a file about this item.
    pub(crate) fn at(span: Span) -> impl FnOnce(Refused) -> Self {
        move |refused| Self {
            message: refused.message,
            span,
        }
    }

    /// The texts of a spec that no file can hold, each where it stands. All else in a spec is names and values that were
    /// parsed, which every format can hold.
    pub(super) fn texts(topology: &Topology) -> Vec<Self> {
        let organization = topology.organization.iter();
        let organization = organization.map(|at| (at.value.as_str(), at.span));
        let routes = topology.routes.iter();
        let routes = routes.filter_map(|route| route.name.as_ref());
        let routes = routes.map(|name| (name.value.as_str(), name.span));
        let rules = topology.rules.iter().flat_map(texts_of);
        organization
            .chain(routes)
            .chain(rules)
            .filter_map(|(text, span)| Some(Self::at(span)(visible(text).err()?)))
            .collect()
    }
}

fn texts_of(rule: &Rule) -> Vec<(&str, Span)> {
    let mut texts = vec![(rule.name.value.as_str(), rule.name.span)];
    for at in rule.when.iter().chain(&rule.unless) {
        match &at.value {
            Condition::SenderMemberOf(words)
            | Condition::RecipientMemberOf(words)
            | Condition::RecipientCity(words)
            | Condition::RecipientDepartment(words) => {
                texts.extend(words.iter().map(|word| (word.as_str(), at.span)));
            }
            Condition::Header(header) => texts.push((text_of(&header.test), at.span)),
            Condition::From(_)
            | Condition::To(_)
            | Condition::Sender(_)
            | Condition::Recipient(_)
            | Condition::SenderDomain(_)
            | Condition::RecipientDomain(_)
            | Condition::Other(_) => {}
        }
    }
    for stamp in &rule.unless_header {
        texts.push((text_of(&stamp.header.value.test), stamp.header.span));
    }
    texts
}

fn text_of(test: &HeaderTest) -> &str {
    match test {
        HeaderTest::Present => "",
        HeaderTest::Contains(text) | HeaderTest::Matches(text) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::Unwritable;
    use crate::source::{At, FileId, Span};
    use crate::topology::Topology;

    /// What no file can hold is shown where it stands, not as a mistake of the whole spec.
    #[test]
    fn a_text_that_cannot_be_seen_is_refused_where_it_stands() {
        let place = Span::new(FileId(0), 25, 40);
        let topology = Topology {
            organization: Some(At::new("Con\u{202e}toso".to_owned(), place)),
            span: Span::new(FileId(0), 0, 99),
            ..Topology::default()
        };
        let spans = Unwritable::texts(&topology).into_iter().map(|at| at.span);
        assert_eq!(spans.collect::<Vec<_>>(), [place]);
    }
}
