//! The picture as text of Mermaid, which forges draw in Markdown.
//!
//! Labels stand in double quotes, in which Mermaid reads `#35;` as the sign with this number
//! (<https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters>).

use crate::picture::{Arrow, Picture};
use crate::plan::Plan;
use crate::topology::Party;
use crate::values::TlsLevel;
use crate::writer::{Refused, markdown};
use std::fmt::Write as _;

/// Boxes that are drawn at most: forges limit the text of a picture.
const MOST_BOXES: usize = 60;

/// Patterns in a label at most.
const MOST_PATTERNS: usize = 2;

/// The picture as a block of code in Markdown, or the sentence that it is too large.
pub(crate) fn block(plan: &Plan) -> Result<String, Refused> {
    let picture = Picture::of(plan);
    let Some(lines) = lines(&picture) else {
        return Ok(format!(
            "The picture would have {} boxes, which is too large: the table of routes shows the same.\n",
            picture.boxes.len()
        ));
    };
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    markdown::block("mermaid", &lines)
}

/// The picture alone, of any size.
pub(crate) fn text(plan: &Plan) -> String {
    all_lines(&Picture::of(plan)).join("\n") + "\n"
}

/// The lines of the picture; `None` where it has too many boxes.
pub(crate) fn lines(picture: &Picture) -> Option<Vec<String>> {
    (picture.boxes.len() <= MOST_BOXES).then(|| all_lines(picture))
}

fn all_lines(picture: &Picture) -> Vec<String> {
    let mut lines = vec!["flowchart LR".to_owned()];
    for (at, node) in picture.boxes.iter().enumerate() {
        let label = quoted(&node.label);
        lines.push(match node.parties.first() {
            Some(Party::Internet) => format!("  n{at}(({label}))"),
            Some(Party::Location(_)) => format!("  n{at}[{label}]"),
            _ => format!("  n{at}([{label}])"),
        });
    }
    lines.extend(picture.arrows.iter().map(arrow));
    lines
}

/// An arrow: dotted where nothing guarantees TLS.
fn arrow(arrow: &Arrow) -> String {
    let line = if is_guaranteed(arrow) { "-->" } else { "-.->" };
    format!(
        "  n{} {line}|{}| n{}",
        arrow.from,
        quoted(&label(arrow)),
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

/// Which mail an arrow is for, and the TLS level in words.
pub(super) fn label(arrow: &Arrow) -> String {
    words(arrow).join(", ")
}

/// A few patterns, how many more there are, and the TLS level.
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
    words
}

/// A label in quotes. Whatever could mean something to Mermaid, or to the HTML that it makes, is written by its number.
fn quoted(label: &str) -> String {
    let mut out = String::from("\"");
    for c in label.chars() {
        if c.is_alphanumeric() || " .,:-+×".contains(c) {
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
    use super::{MOST_PATTERNS, arrow, quoted};
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
        };
        assert_eq!(MOST_PATTERNS, 2);
        assert_eq!(
            arrow(&many),
            "  n0 -->|\"d0.example, d1.example, #43;3, verified TLS\"| n1".replace("#43;", "+")
        );
    }
}
