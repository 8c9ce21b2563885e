//! The language of Terraform (<https://developer.hashicorp.com/terraform/language/expressions/strings>), of which only
//! strings hold text from elsewhere.
//!
//! This module must not know which resources use them.

use crate::writer::{Refused, visible};

/// A string in double quotes in which nothing is a template.
pub(crate) fn string(text: &str) -> Result<String, Refused> {
    let mut quoted = "\"".to_owned();
    let mut rest = visible(text)?.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' | '\\' => quoted.push('\\'),
            // `${` and `%{` begin a template; doubled, they stand for themselves.
            '$' | '%' if rest.peek() == Some(&'{') => quoted.push(c),
            _ => {}
        }
        quoted.push(c);
    }
    quoted.push('"');
    Ok(quoted)
}

/// A comment of one line.
pub(crate) fn comment(text: &str) -> Result<String, Refused> {
    Ok(format!("# {}", visible(text)?).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_template() {
        for (text, wanted) in [
            (
                "v=spf1 exists:%{i}._spf.a.example -all",
                r#""v=spf1 exists:%%{i}._spf.a.example -all""#,
            ),
            ("${file(\"x\")}", r#""$${file(\"x\")}""#),
            ("100%", r#""100%""#),
            ("a\\b", r#""a\\b""#),
        ] {
            assert_eq!(string(text).as_deref(), Ok(wanted));
        }
        assert!(string("a\nb").is_err());
    }
}
