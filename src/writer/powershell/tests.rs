//! What is written reads back, or is refused.

use crate::writer::any_text;
use crate::writer::powershell::{PsValue, command, comment, file, is_single_quote};
use proptest::prelude::*;

/// Reads one single-quoted string as PowerShell does; gives the value and what follows it.
fn read_single_quoted(text: &str) -> Option<(String, &str)> {
    let mut chars = text.chars();
    is_single_quote(chars.next()?).then_some(())?;
    let mut value = String::new();
    loop {
        let mut c = chars.next()?;
        if is_single_quote(c) {
            match chars.clone().next() {
                Some(second) if is_single_quote(second) => c = second,
                _ => return Some((value, chars.as_str())),
            }
            chars.next();
        }
        value.push(c);
    }
}

fn text(value: impl Into<PsValue>) -> String {
    value.into().text().expect("can be written")
}

#[test]
fn values() {
    for (value, expected) in [
        (PsValue::from("Connector 1"), "'Connector 1'"),
        (
            PsValue::from("$(Remove-Item *) `$x \"y\""),
            "'$(Remove-Item *) `$x \"y\"'",
        ),
        (
            PsValue::from("Tom's ‘own’ ‚low‛"),
            "'Tom''s ‘‘own’’ ‚‚low‛‛'",
        ),
        (PsValue::from(""), "''"),
        (PsValue::Int(25), "25"),
        (PsValue::Int(-1), "(-1)"),
        (PsValue::Int(i64::MIN), "(-9223372036854775808)"),
        (PsValue::from(true), "$true"),
        (PsValue::Null, "$null"),
        (["a", "b'"].into_iter().collect(), "@('a', 'b''')"),
        (PsValue::Array(Vec::new()), "@()"),
        (
            PsValue::Hash(vec![("Add", PsValue::from("x")), ("Rest", PsValue::Null)]),
            "@{ Add = 'x'; Rest = $null }",
        ),
        (PsValue::Hash(Vec::new()), "@{}"),
        (
            PsValue::Variable("facts.Thumbprint".to_owned()),
            "$facts.Thumbprint",
        ),
        (PsValue::size(35 << 20), "'35MB'"),
        (PsValue::size(2 << 30), "'2GB'"),
        (PsValue::size(1536), "'1536B'"),
        (PsValue::size(0), "'0B'"),
    ] {
        assert_eq!(text(value), expected);
    }
}

#[test]
fn commands() {
    let line = command(
        "New-OutboundConnector",
        &[
            ("Name", "Tom's".into()),
            ("Enabled", false.into()),
            ("SmartHosts", ["mail.contoso.com"].into_iter().collect()),
            ("Confirm", PsValue::Switch(false)),
            ("WhatIf", PsValue::Switch(true)),
        ],
    );
    assert_eq!(
        line.expect("can be written"),
        "New-OutboundConnector -Name 'Tom''s' -Enabled $false -SmartHosts @('mail.contoso.com') -Confirm:$false -WhatIf"
    );
}

#[test]
fn names_are_words() {
    for name in [
        "",
        "New-",
        "-X",
        "New-A;b",
        "New-A B",
        "iex",
        "New-A-B",
        "N\u{e9}w-A",
    ] {
        assert!(command(name, &[]).is_err(), "{name}");
    }
    for name in ["", "a b", "a:b", "a-b", "1a", "a'"] {
        assert!(
            command("Get-X", &[(name, PsValue::Null)]).is_err(),
            "{name}"
        );
        assert!(PsValue::Variable(name.to_owned()).text().is_err(), "{name}");
    }
    for name in [
        "a.", ".a", "a..b", "a.b()", "$a", "{a}", "env:a", "Null", "true",
    ] {
        assert!(PsValue::Variable(name.to_owned()).text().is_err(), "{name}");
    }
}

#[test]
fn comments_stay_comments() {
    assert_eq!(
        comment("route:Connector 1 #> <#").as_deref(),
        Ok("# route:Connector 1 #> <#")
    );
    assert_eq!(comment("").as_deref(), Ok("#"));
    // `#Requires` is a directive only without the space.
    assert_eq!(
        comment("Requires -Version 99").as_deref(),
        Ok("# Requires -Version 99")
    );
    for text in [
        "a\nRemove-Item",
        "a\rb",
        "a\u{2028}b",
        "SIG # Begin signature block",
        "sig#BEGINsignatureBlock",
    ] {
        assert!(comment(text).is_err(), "{text:?}");
    }
}

#[test]
fn only_text_beyond_ascii_needs_a_mark() {
    assert_eq!(file("a\n"), b"a\n");
    assert_eq!(file("ä\n"), b"\xef\xbb\xbf\xc3\xa4\n");
}

proptest! {
    #[test]
    fn a_string_reads_back_as_itself_or_is_refused(value in any_text(), after in "[ -~]{0,3}") {
        if let Ok(text) = PsValue::from(value.as_str()).text() {
            prop_assert_eq!(text.lines().count(), 1);
            let after = format!(" {after}");
            let whole = format!("{text}{after}");
            prop_assert_eq!(read_single_quoted(&whole), Some((value, after.as_str())));
        }
    }

    #[test]
    fn quotes_in_any_order_read_back(value in "['‘’‚‛a ]{0,12}") {
        let text = PsValue::from(value.as_str()).text().expect("all of it can be seen");
        prop_assert_eq!(read_single_quoted(&text), Some((value, "")));
    }

    #[test]
    fn an_array_reads_back(values in prop::collection::vec("['’, @()$a-]{0,6}", 0..5)) {
        let text = values.iter().map(String::as_str).collect::<PsValue>().text().expect("can be seen");
        let mut rest = text.strip_prefix("@(").expect("opens");
        let mut read = Vec::new();
        while !rest.starts_with(')') {
            let (value, after) = read_single_quoted(rest).expect("a string");
            read.push(value);
            rest = after.strip_prefix(", ").unwrap_or(after);
        }
        prop_assert_eq!(read, values);
        prop_assert_eq!(rest, ")");
    }

    #[test]
    fn a_comment_is_one_line_or_refused(text in any_text()) {
        if let Ok(line) = comment(&text) {
            prop_assert!(line.starts_with('#'));
            let breaks = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
            prop_assert!(!line.contains(breaks));
        }
    }
}
