//! Names that the user gives to locations, partners and devices.

use crate::values::bad_value::{BadValue, shown};
use std::fmt;
use std::sync::Arc;

/// Words that mean something wherever such a name could stand.
pub(crate) const RESERVED: [&str; 8] = [
    "internet", "direct", "discard", "reject", "rest", "none", "dns", "mta-sts",
];

/// A name of the form `[a-z0-9][a-z0-9_-]*` that is not reserved.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(Arc<str>);

impl Name {
    /// Reads a name.
    pub(crate) fn parse(text: &str) -> Result<Self, BadValue> {
        if text.is_empty() {
            return Err(BadValue::new("a name cannot be empty"));
        }
        if RESERVED.contains(&text) {
            return Err(BadValue::new(format!(
                "{} is a word of the language, not a name",
                shown(text)
            ))
            .help(format!("write another name, such as `{text}-1`")));
        }
        if well_formed(text) {
            return Ok(Self(Arc::from(text)));
        }
        let error = BadValue::new(format!(
            "{} is no name: names are made of lower-case letters, digits, `-` and `_`, and begin with a letter or a digit",
            shown(text)
        ));
        let mended = mend(text);
        Err(
            if well_formed(&mended) && !RESERVED.contains(&mended.as_str()) {
                error.help(format!("write `{mended}`"))
            } else {
                error
            },
        )
    }

    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn well_formed(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

fn mend(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let mended = lower.replace(|c: char| c.is_whitespace() || c == '.', "-");
    mended.trim_start_matches(['-', '_']).to_owned()
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_reserved_words() {
        for text in ["cloud", "hq-2", "3com", "a_b"] {
            assert_eq!(Name::parse(text).unwrap().as_str(), text);
        }
        for (text, help) in [
            ("HQ", Some("write `hq`")),
            ("New Orleans", Some("write `new-orleans`")),
            ("_x", Some("write `x`")),
            ("straße", None),
            ("", None),
            ("internet", Some("write another name, such as `internet-1`")),
            ("mta-sts", Some("write another name, such as `mta-sts-1`")),
        ] {
            assert_eq!(
                Name::parse(text).unwrap_err().help.as_deref(),
                help,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(text in "\\PC{0,20}|[a-zA-Z0-9_-]{0,12}") {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }
}
