//! A test report: one test per finding. A finding that fails the run is a failure; the others passed and say what they
//! have to say. A run without findings is one test that passed, because a report without tests is an error to some.

use crate::finding::Finding;
use crate::report::text::first_in_line;
use crate::report::{Report, further_lines, visible};
use std::fmt::Write as _;

/// The whole document.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut cases = String::new();
    let mut tests = 0;
    if report.shown().next().is_none() {
        tests = 1;
        _ = writeln!(
            cases,
            "    <testcase classname=\"{}\" name=\"check\"/>",
            escape(&visible(report.spec))
        );
    }
    let mut failures = 0;
    for finding in report.shown() {
        tests += 1;
        failures += usize::from(report.fails(finding));
        case(report, finding, &mut cases);
    }
    let totals =
        format!("name=\"mailtopo\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {totals}>\n  <testsuite {totals} skipped=\"0\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

fn case(report: &Report<'_>, finding: &Finding, out: &mut String) {
    let (file, place) = report.primary(finding);
    let message = visible(&finding.message);
    let name = format!(
        "{} {}: {message}",
        finding.check,
        report.name_of(finding.check)
    );
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
    if report.fails(finding) {
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
