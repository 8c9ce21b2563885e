//! Words in an attribute, as the product's rules look for them.
//!
//! "The words aren't case-sensitive, and can be surrounded by spaces and punctuation marks. Wildcards and partial matches
//! aren't supported": `contoso` is in ` Contoso.` and not in `Acontoso`, and an asterisk is an asterisk. Which characters
//! are punctuation marks, and how letters beyond pairs of one small and one capital letter compare, is not said
//! (<https://learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/conditions-and-exceptions#property-types>).

use crate::walk::conditions::Truth;

/// Whether the text holds the word, which may be a phrase.
pub(crate) fn contains(text: &str, word: &str) -> Truth {
    let small: fn(&str) -> String = str::to_lowercase;
    let capital: fn(&str) -> String = str::to_uppercase;
    let found = standing(&small(text), &small(word));
    // `STRASSE` and `Straße` are equal as capitals alone.
    found.max(standing(&capital(text), &capital(word)).min(Truth::Maybe))
}

/// The best of all places at which the word stands in the text.
fn standing(text: &str, word: &str) -> Truth {
    if word.is_empty() {
        return Truth::Maybe;
    }
    let places = text.char_indices().filter_map(|(start, _)| {
        let after = text.get(start..)?.strip_prefix(word)?;
        let before = text.get(..start)?;
        Some(beside(before.chars().next_back()).min(beside(after.chars().next())))
    });
    places.max().unwrap_or(Truth::No)
}

/// Whether a word may end at this character, or at the end of the text.
fn beside(neighbour: Option<char>) -> Truth {
    match neighbour {
        None => Truth::Yes,
        Some(c) if c.is_whitespace() => Truth::Yes,
        Some(c) if c.is_alphanumeric() => Truth::No,
        // Punctuation by its Unicode category. An underscore is that too, but most expressions take it for a letter.
        Some(c) if c.is_ascii_punctuation() && !"$+<=>^`|~_".contains(c) => Truth::Yes,
        Some(_) => Truth::Maybe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_where_it_stands_alone() {
        for (text, word, truth) in [
            ("New Orleans", "New Orleans", Truth::Yes),
            ("new ORLEANS", "New Orleans", Truth::Yes),
            ("New Orleans", "Orleans", Truth::Yes),
            ("New Orleans (East)", "East", Truth::Yes),
            (" Contoso.", "contoso", Truth::Yes),
            ("Wilkes-Barre", "barre", Truth::Yes),
            ("Sales/Marketing", "marketing", Truth::Yes),
            ("KÖLN", "Köln", Truth::Yes),
            ("East Orleans", "New Orleans", Truth::No),
            ("Acontoso", "contoso", Truth::No),
            ("Contosoa", "contoso", Truth::No),
            ("Acontosob", "contoso", Truth::No),
            ("Sales2", "Sales", Truth::No),
            ("Ülm", "lm", Truth::No),
            ("Salesroom, Sales", "Sales", Truth::Yes),
            ("Sales", "S*", Truth::No),
            ("R+D", "R", Truth::Maybe),
            ("sales_emea", "sales", Truth::Maybe),
            ("Sales™", "sales", Truth::Maybe),
            ("Hauptstraße", "HAUPTSTRASSE", Truth::Maybe),
            ("Hauptstraße 5", "Straße", Truth::No),
            ("", "sales", Truth::No),
        ] {
            assert_eq!(contains(text, word), truth, "{word:?} in {text:?}");
        }
    }
}
