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
    pub fn at(span: Span) -> impl FnOnce(Refused) -> Self {
        move |refused| Self {
            message: refused.message,
            span,
        }
    }

    /// What the writer refused in a file that holds texts of many items: at the first whose own text no file can hold,
    /// else at what the file is about.
    pub fn in_texts_of(topology: &Topology, about: Span) -> impl FnOnce(Refused) -> Self {
        Self::at(unseen(topology).unwrap_or(about))
    }
}

/// The first item with a text of which a part cannot be seen. All other texts of a spec are names and values that were
/// parsed, which every format can hold.
fn unseen(topology: &Topology) -> Option<Span> {
    let organization = topology.organization.iter();
    let organization = organization.map(|at| (at.value.as_str(), at.span));
    let routes = topology.routes.iter();
    let routes = routes.filter_map(|route| route.name.as_ref());
    let routes = routes.map(|name| (name.value.as_str(), name.span));
    let rules = topology.rules.iter().flat_map(texts_of);
    organization
        .chain(routes)
        .chain(rules)
        .find(|(text, _)| visible(text).is_err())
        .map(|(_, span)| span)
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
            | Condition::RecipientDomain(_) => {}
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
    use crate::writer::markdown;

    /// What a page about everything cannot carry is shown where it stands, not as a mistake of the whole spec.
    #[test]
    fn a_refusal_of_the_whole_page_points_at_what_it_holds() {
        let name = "Con\u{202e}toso".to_owned();
        let place = Span::new(FileId(0), 25, 40);
        let refused = markdown::text(&name).expect_err("cannot be seen");
        let topology = Topology {
            organization: Some(At::new(name, place)),
            span: Span::new(FileId(0), 0, 99),
            ..Topology::default()
        };
        let about = topology.span;
        assert_eq!(
            Unwritable::in_texts_of(&topology, about)(refused).span,
            place
        );
    }
}
