//! The picture as a graph of Graphviz. In its double quotes a backslash begins an escape
//! (<https://graphviz.org/doc/info/lang.html>).

use crate::finding::Finding;
use crate::picture::mermaid::{badge, is_guaranteed, label};
use crate::picture::{Arrow, Picture, shown};
use crate::plan::Plan;
use crate::topology::Party;
use std::fmt::Write as _;

/// The whole graph.
pub(crate) fn text(plan: &Plan, findings: &[Finding]) -> String {
    let findings = shown(findings);
    let picture = Picture::of(plan, &findings);
    let mut out =
        String::from("digraph mailtopo {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
    for (at, node) in picture.boxes.iter().enumerate() {
        let shape = match node.parties.first() {
            Some(Party::Internet) => "ellipse",
            Some(Party::Location(_)) => "box",
            _ => "oval",
        };
        _ = writeln!(
            out,
            "  n{at} [shape={shape}, label={}];",
            quoted(&(node.label.clone() + &badge(&node.findings, &findings)))
        );
    }
    // Loops are drawn last.
    let mut arrows: Vec<&Arrow> = picture.arrows.iter().collect();
    arrows.sort_by_key(|arrow| arrow.is_in_loop);
    for arrow in arrows {
        let style = if is_guaranteed(arrow) {
            "solid"
        } else {
            "dashed"
        };
        _ = writeln!(
            out,
            "  n{} -> n{} [style={style}, label={}{}];",
            arrow.from,
            arrow.to,
            quoted(&label(arrow, &findings)),
            if arrow.is_in_loop {
                ", color=\"#b00020\""
            } else {
                ""
            }
        );
    }
    out.push_str("}\n");
    out
}

/// A label in quotes; no control reaches the file.
fn quoted(label: &str) -> String {
    let mut out = String::from("\"");
    for c in label.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_hostile_label_stays_text() {
        assert_eq!(quoted("a\"]; b\\n\n<x>"), "\"a\\\"]; b\\\\n <x>\"");
    }
}
