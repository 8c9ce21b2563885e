//! The picture as text of Mermaid, which forges draw in Markdown.
//!
//! Labels stand in double quotes, in which Mermaid reads `#35;` as the sign with this number
//! (<https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters>).

use crate::finding::Finding;
use crate::picture::{Arrow, Picture, shown};
use crate::plan::Plan;
use crate::topology::Party;
use crate::values::TlsLevel;
use crate::writer::{Refused, markdown};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Boxes that are drawn at most: forges limit the text of a picture.
const MOST_BOXES: usize = 60;

/// Patterns in a label at most.
const MOST_PATTERNS: usize = 2;

/// Checks in a label at most.
const MOST_CODES: usize = 3;

/// The picture as a block of code in Markdown, or the sentence that it is too large.
pub(crate) fn block(plan: &Plan) -> Result<String, Refused> {
    let picture = Picture::of(plan, &[]);
    if let Some(sentence) = too_large(&picture) {
        return Ok(format!("{sentence}: the table of routes shows the same.\n"));
    }
    let lines = lines(&picture, &[]);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    markdown::block("mermaid", &lines)
}

/// The picture alone; of one that is too large, a picture that says so.
pub(crate) fn text(plan: &Plan, findings: &[Finding]) -> String {
    let findings = shown(findings);
    let picture = Picture::of(plan, &findings);
    let lines = match too_large(&picture) {
        Some(sentence) => {
            let hint = "`mailtopo graph --format html` draws it";
            let label = quoted(&format!("{sentence}: {hint}"));
            vec!["flowchart LR".to_owned(), format!("  n0[{label}]")]
        }
        None => lines(&picture, &findings),
    };
    lines.join("\n") + "\n"
}

/// That a picture has too many boxes, as the beginning of a sentence.
fn too_large(picture: &Picture) -> Option<String> {
    let boxes = picture.boxes.len();
    (boxes > MOST_BOXES)
        .then(|| format!("The picture would have {boxes} boxes, which is too large"))
}

fn lines(picture: &Picture, findings: &[&Finding]) -> Vec<String> {
    let mut lines = vec!["flowchart LR".to_owned()];
    for (at, node) in picture.boxes.iter().enumerate() {
        let label = quoted(&(node.label.clone() + &badge(&node.findings, findings)));
        lines.push(match node.parties.first() {
            Some(Party::Internet) => format!("  n{at}(({label}))"),
            Some(Party::Location(_)) => format!("  n{at}[{label}]"),
            _ => format!("  n{at}([{label}])"),
        });
    }
    // Loops are drawn last.
    let mut arrows: Vec<&Arrow> = picture.arrows.iter().collect();
    arrows.sort_by_key(|arrow| arrow.is_in_loop);
    for (at, arrow) in arrows.into_iter().enumerate() {
        lines.push(line(arrow, findings));
        if arrow.is_in_loop {
            lines.push(format!("  linkStyle {at} stroke:#b00020"));
        }
    }
    lines
}

/// The checks that speak of a part of the picture, behind its label.
pub(super) fn badge(numbers: &[usize], findings: &[&Finding]) -> String {
    let codes = numbers.iter().filter_map(|at| findings.get(*at));
    let codes: BTreeSet<&str> = codes.map(|finding| finding.check.as_str()).collect();
    let more = codes.len().saturating_sub(MOST_CODES);
    let more = (more > 0).then(|| format!("+{more}"));
    let mut shown: Vec<String> = codes
        .into_iter()
        .take(MOST_CODES)
        .map(str::to_owned)
        .collect();
    shown.extend(more);
    if shown.is_empty() {
        return String::new();
    }
    format!(" ⚠ {}", shown.join(" "))
}

/// An arrow: dotted where nothing guarantees TLS.
fn line(arrow: &Arrow, findings: &[&Finding]) -> String {
    let line = if is_guaranteed(arrow) { "-->" } else { "-.->" };
    format!(
        "  n{} {line}|{}| n{}",
        arrow.from,
        quoted(&label(arrow, findings)),
        arrow.to
    )
}

/// Whether TLS is guaranteed.
pub(super) fn is_guaranteed(arrow: &Arrow) -> bool {
    match arrow.tls {
        None | Some(TlsLevel::None | TlsLevel::Opportunistic) => false,
        Some(TlsLevel::Encrypted | TlsLevel::CaVerified | TlsLevel::Verified) => true,
    }
}

/// Which mail an arrow is for, the TLS level in words, and what was found about it.
pub(super) fn label(arrow: &Arrow, findings: &[&Finding]) -> String {
    words(arrow).join(", ") + &badge(&arrow.findings, findings)
}

/// A few patterns, how many more there are, the TLS level, and that mail loops.
pub(super) fn words(arrow: &Arrow) -> Vec<String> {
    let mut words: Vec<String> = arrow.mail.iter().take(MOST_PATTERNS).cloned().collect();
    let more = arrow.mail.len().saturating_sub(MOST_PATTERNS);
    if more > 0 {
        words.push(format!("+{more}"));
    }
    words.push(match arrow.tls {
        None => "MX".to_owned(),
        Some(TlsLevel::None) => "no TLS".to_owned(),
        Some(level) => format!("{level} TLS"),
    });
    if arrow.is_in_loop {
        words.push("loop".to_owned());
    }
    words
}

/// A label in quotes. Whatever could mean something to Mermaid, or to the HTML that it makes, is written by its number.
fn quoted(label: &str) -> String {
    let mut out = String::from("\"");
    for c in label.chars() {
        if c.is_alphanumeric() || " .,:-+×⚠".contains(c) {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{MOST_PATTERNS, line, quoted};
    use crate::picture::Arrow;
    use crate::values::TlsLevel;

    #[test]
    fn a_hostile_label_stays_text() {
        let hostile = "a\"] --> b; <script>`x`</script> #35; &amp; %%";
        let written = quoted(hostile);
        let inner = written.trim_matches('"');
        assert!(!inner.contains(['"', '<', '>', '`', '&', '%', ']', '|']));
        // Read back as Mermaid does.
        let mut parts = inner.split('#');
        let mut shown = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (number, rest) = part.split_once(';').expect("a number");
            let sign = number.parse().ok().and_then(char::from_u32);
            shown.push(sign.expect("a sign"));
            shown.push_str(rest);
        }
        assert_eq!(shown, hostile);
    }

    #[test]
    fn a_label_holds_a_few_patterns_and_the_tls_level() {
        let many = Arrow {
            from: 0,
            to: 1,
            mail: (0..5).map(|at| format!("d{at}.example")).collect(),
            tls: Some(TlsLevel::Verified),
            findings: Vec::new(),
            is_in_loop: false,
        };
        assert_eq!(MOST_PATTERNS, 2);
        assert_eq!(
            line(&many, &[]),
            "  n0 -->|\"d0.example, d1.example, #43;3, verified TLS\"| n1".replace("#43;", "+")
        );
    }
}
