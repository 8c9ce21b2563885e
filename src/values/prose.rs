//! Sentences in which backticks mark names: as many of them end a name as begin it, so that a name may hold some itself.

/// A part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// Words of ours.
    Words(&'t str),
    /// A name, without the backticks around it.
    Name(&'t str),
}

/// A name as it stands in a sentence, whatever stands in it.
pub(crate) fn quoted(name: &str) -> String {
    let longest = name.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if name.starts_with('`') || name.ends_with('`') || unpadded(name) != name {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{name}{space}{fence}")
}

/// The parts of a sentence in their order. Backticks without a partner are words.
pub(crate) fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    // Where the words begin that are not in the list yet, and where to look on.
    let (mut words, mut at) = (0, 0);
    while let Some(offset) = sentence[at..].find('`') {
        let open = at + offset;
        let from = &sentence[open..];
        let fence = from.len() - from.trim_start_matches('`').len();
        let inner = open + fence;
        at = inner;
        if let Some(length) = closing(&sentence[inner..], fence) {
            if words < open {
                found.push(Piece::Words(&sentence[words..open]));
            }
            let end = inner + length;
            found.push(Piece::Name(unpadded(&sentence[inner..end])));
            at = end + fence;
            words = at;
        }
    }
    if words < sentence.len() {
        found.push(Piece::Words(&sentence[words..]));
    }
    found
}

/// Where exactly so many backticks stand together.
fn closing(text: &str, count: usize) -> Option<usize> {
    let mut at = 0;
    for run in text.split_inclusive(|c| c != '`') {
        let length = run.len() - run.trim_start_matches('`').len();
        if length == count {
            return Some(at);
        }
        at += run.len();
    }
    None
}

/// Of a name with a space at both ends these two keep its own backticks apart from those around it, as in Markdown
/// (<https://spec.commonmark.org/0.31.2/#code-spans>).
fn unpadded(name: &str) -> &str {
    let inner = name
        .strip_prefix(' ')
        .and_then(|name| name.strip_suffix(' '));
    inner
        .filter(|inner| inner.contains(|c| c != ' '))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces, quoted};
    use proptest::prelude::*;

    #[test]
    fn sentences_with_names() {
        let (words, name) = (Piece::Words, Piece::Name);
        for (sentence, expected) in [
            ("", vec![]),
            ("a `b` c", vec![words("a "), name("b"), words(" c")]),
            ("`a``b`", vec![name("a``b")]),
            ("``a` b``: c", vec![name("a` b"), words(": c")]),
            ("`` ` ``", vec![name("`")]),
            ("an odd ` is words", vec![words("an odd ` is words")]),
            ("``", vec![words("``")]),
            ("` `` `a`", vec![name("``"), words("a`")]),
        ] {
            assert_eq!(pieces(sentence), expected, "{sentence}");
        }
    }

    proptest! {
        #[test]
        fn a_name_arrives_as_it_is(before in "[a-z ]{0,3}", value in "[ `a]{1,8}", after in "[a-z ]{0,3}") {
            let sentence = format!("{before}{}{after}", quoted(&value));
            let names: Vec<_> = pieces(&sentence).into_iter().filter(|piece| matches!(piece, Piece::Name(_))).collect();
            prop_assert_eq!(names, [Piece::Name(value.as_str())]);
        }

        #[test]
        fn nothing_is_lost_but_backticks(value in "[ `a]{0,12}") {
            let all: String = pieces(&value).iter().map(|piece| match piece { Piece::Words(text) | Piece::Name(text) => *text }).collect();
            prop_assert_eq!(all.replace(['`', ' '], ""), value.replace(['`', ' '], ""));
        }
    }
}
