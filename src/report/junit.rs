//! A test report: one test per entry of `expect`, under the same name whether it holds or not, and one per other finding.
//! A finding that fails the run is a failure, one that is accepted is skipped; the others passed and say what they have to
//! say. A run without any is one test that passed, because a report without tests is an error to some.

use crate::finding::{Code, Finding};
use crate::report::text::first_in_line;
use crate::report::{Report, further_lines, visible};
use crate::source::Span;
use std::fmt::Write as _;

/// The whole document.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut cases = String::new();
    let expectations = report.summary.expectations.iter();
    let held =
        expectations.filter(|(span, _)| !report.findings.iter().any(|it| is_about(it, *span)));
    let mut passed: Vec<&str> = held.map(|(_, asked)| asked.as_str()).collect();
    let all: Vec<&Finding> = report.all_shown().map(|(_, finding)| finding).collect();
    if passed.is_empty() && all.is_empty() {
        passed.push("check");
    }
    for name in &passed {
        _ = writeln!(
            cases,
            "    <testcase classname=\"{}\" name=\"{}\"/>",
            escape(&visible(report.spec)),
            escape(&visible(name))
        );
    }
    for finding in &all {
        case(report, finding, &mut cases);
    }
    let tests = passed.len() + all.len();
    let failures = all.iter().filter(|finding| report.fails(finding)).count();
    let skipped = all
        .iter()
        .filter(|finding| finding.accepted.is_some())
        .count();
    let totals =
        format!("name=\"mailtopo\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {totals}>\n  <testsuite {totals} skipped=\"{skipped}\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// Whether a finding says that an entry of `expect` does not hold.
fn is_about(finding: &Finding, entry: Span) -> bool {
    let label = finding.labels.first();
    matches!(finding.check, Code::I001 | Code::I002) && label.is_some_and(|it| it.span == entry)
}

fn case(report: &Report<'_>, finding: &Finding, out: &mut String) {
    let (file, place) = report.in_repository(finding);
    let message = visible(&finding.message);
    let mut entries = report.summary.expectations.iter();
    let name = match entries.find(|(span, _)| is_about(finding, *span)) {
        Some((_, asked)) => visible(asked).into_owned(),
        None => format!(
            "{} {}: {message}",
            finding.check,
            report.name_of(finding.check)
        ),
    };
    let mut body = format!("{}:{}:{}", first_in_line(&file), place.line, place.column);
    for label in &finding.labels {
        let place = report.place(label.span);
        if !label.text.is_empty() {
            _ = write!(
                body,
                "\n{}:{}:{}: {}",
                first_in_line(&report.file_name(label.span)),
                place.line,
                place.column,
                visible(&label.text)
            );
        }
    }
    for line in further_lines(finding) {
        body.push('\n');
        body.push_str(&line);
    }
    let open = format!(
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\">\n",
        escape(&visible(report.spec)),
        escape(&name),
        escape(&visible(&file)),
        place.line
    );
    out.push_str(&open);
    if let Some(accepted) = &finding.accepted {
        _ = writeln!(
            out,
            "      <skipped message=\"{}\"/>",
            escape(&visible(&format!("accepted: {}", accepted.reason)))
        );
    } else if report.fails(finding) {
        _ = writeln!(
            out,
            "      <failure type=\"{}\" message=\"{}\">{}</failure>",
            finding.check,
            escape(&message),
            escape(&body)
        );
    } else {
        let word = finding.severity.word();
        _ = writeln!(
            out,
            "      <system-out>{word}: {}\n{}</system-out>",
            escape(&message),
            escape(&body)
        );
    }
    out.push_str("    </testcase>\n");
}

/// Text for an element or an attribute. What XML cannot carry at all is escaped first; a line break in text stays.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in crate::report::text::visible_lines(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
