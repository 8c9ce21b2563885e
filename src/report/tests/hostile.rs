//! Texts that some consumer of a report obeys.

use super::*;
use proptest::prelude::*;

/// Pieces that some consumer obeys, in any order.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        " ",
        "\n",
        "\r",
        "::error::x",
        "##[",
        "##vso[",
        "task.x]",
        "#",
        "`",
        "``",
        "[x](y)",
        "[",
        "]",
        "<b>",
        "-->",
        "@all",
        "http://x.example",
        "|",
        "&",
        "%0A",
        ";",
        "\u{1b}[2J",
        "\u{202e}",
        "*",
        "\\",
        "\"",
        "\t",
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Names of files and values of a spec start no command, link or mention in any form.
    #[test]
    fn nothing_of_a_spec_is_obeyed(name in text(), value in text(), help in text(), label in text(), line in text()) {
        let mut sources = Sources::default();
        let file = sources.add(format!("{name}.yaml"), format!("{line}\n{value}\n"));
        let finding = Finding::error(Code::S007, format!("unknown `{value}` here"))
            .at(Span::new(file, 0, 1), label.clone())
            .at(Span::new(file, 1, 2), value.clone())
            .help(help)
            .on(Object::Route(value.clone()));
        let findings = [finding];
        let rules = rules();
        let spec = format!("{name}.yaml");
        let report = Report::new(&spec, &findings, &sources, &rules);
        for format in Format::ALL {
            let text = report.render(format, Look::PLAIN);
            for line in text.lines() {
                // A command of ours is read from its first mark to the end of the line.
                let own = match format {
                    Format::Github if line.starts_with("::error ") => continue,
                    Format::Azure if line.starts_with("##vso[task.logissue ") => continue,
                    _ => line,
                };
                let is_data = matches!(format, Format::Json | Format::Sarif | Format::Gitlab | Format::Rdjson);
                prop_assert!(!own.trim_start().starts_with("::"), "{:?}: {}", format, line);
                prop_assert!(is_data || !own.contains("##["), "{:?}: {}", format, line);
                prop_assert!(is_data || !own.contains("##vso["), "{:?}: {}", format, line);
                let is_text = format == Format::Sarif && own.contains("\"text\": ");
                let live = own.replace(r"\\](y)", "");
                prop_assert!(!is_text || !live.contains("](y)"), "{}", line);
            }
            if format == Format::Markdown {
                // What stands in code spans is text; outside of them nothing is live.
                let outside = outside_code(&text).replace("\\](y)", "");
                prop_assert!(!outside.contains("](y)"), "{}", text);
                prop_assert!(!outside.contains("@all"), "{}", text);
                prop_assert!(!outside.contains("<b>"), "{}", text);
                prop_assert!(!outside.contains("http://"), "{}", text);
            }
        }
    }
}

/// The text without its code spans.
fn outside_code(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut rest = line;
        while let Some(at) = rest.find('`') {
            out.push_str(&rest[..at]);
            let from = &rest[at..];
            // A backslash that is itself escaped escapes nothing.
            let backslashes = out.len() - out.trim_end_matches('\\').len();
            if backslashes % 2 == 1 {
                out.push('`');
                rest = &from[1..];
                continue;
            }
            let fence = from.len() - from.trim_start_matches('`').len();
            let inner = &from[fence..];
            let mut end = 0;
            let mut found = None;
            for run in inner.split_inclusive(|c| c != '`') {
                let length = run.len() - run.trim_start_matches('`').len();
                if length == fence {
                    found = Some(end + fence);
                    break;
                }
                end += run.len();
            }
            if let Some(end) = found {
                rest = &inner[end..];
            } else {
                out.push_str(&"`".repeat(fence));
                rest = inner;
            }
        }
        out.push_str(rest);
        out.push('\n');
    }
    out
}
