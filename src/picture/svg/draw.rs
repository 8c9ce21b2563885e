//! The picture drawn, once everything has its place.

use crate::picture::svg::{LINE, Layout, Marks, Part, height_of, lines_of_box, lines_of_label};
use crate::picture::{Arrow, Picture};
use crate::topology::Party;
use crate::values::TlsLevel;
use crate::writer::svg::{Rect, Svg};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Numbers or checks at one spot at most.
const MOST_NUMBERS: usize = 3;

/// The colours of lines. That mail loops stands in the label too.
const BLACK: &str = "#111";
const RED: &str = "#b00020";

pub(super) fn draw(picture: &Picture, layout: &Layout, marks: Marks<'_>) -> String {
    let mut svg = Svg::default();
    let marked = |svg: &mut Svg,
                  kind: &'static str,
                  number: usize,
                  found: &[usize],
                  corner: &Rect,
                  part: &dyn Fn(&mut Svg)| {
        if matches!(marks, Marks::Checks(_)) {
            part(svg);
        } else {
            svg.open(kind, number);
            part(svg);
            svg.close();
        }
        // Beside the part and not in it, whose name for those who do not see it is what stands in the box.
        if !found.is_empty() {
            svg.badge(corner.right() + 6, corner.y, &badge(marks, found));
        }
    };
    // Loops are drawn last, above what they cross.
    let mut arrows: Vec<(usize, &Arrow)> = picture.arrows.iter().enumerate().collect();
    arrows.sort_by_key(|(_, arrow)| arrow.is_in_loop);
    let mut parts: BTreeMap<usize, Vec<&Part>> = BTreeMap::new();
    for part in &layout.parts {
        parts.entry(part.arrow).or_default().push(part);
    }
    for (index, arrow) in arrows {
        let parts = parts.get(&index).map_or(&[][..], Vec::as_slice);
        if let (Some(label), Some(path)) = (layout.labels.get(index), path(layout, parts)) {
            marked(&mut svg, "arrow", index, &arrow.findings, label, &|svg| {
                line(svg, &path, arrow);
                head(svg, layout, parts, arrow);
                svg.rect(label, 0, false);
                lines(svg, label, &lines_of_label(arrow));
            });
        }
    }
    for (index, (node, item)) in picture.boxes.iter().zip(&layout.items).enumerate() {
        let radius = match node.parties.first() {
            Some(Party::Location(_)) => 2,
            _ => 14,
        };
        marked(&mut svg, "box", index, &node.findings, &item.at, &|svg| {
            svg.rect(&item.at, radius, true);
            lines(svg, &item.at, &lines_of_box(&node.label));
        });
    }
    svg.picture(layout.width, layout.height, "Who hands mail to whom")
}

/// What stands on red: a few numbers or checks.
fn badge(marks: Marks<'_>, found: &[usize]) -> String {
    let words: BTreeSet<(usize, String)> = match marks {
        Marks::Numbers => found.iter().map(|at| (*at, (at + 1).to_string())).collect(),
        Marks::Checks(findings) => {
            let found = found.iter().filter_map(|at| findings.get(*at));
            found.map(|it| (0, it.check.to_string())).collect()
        }
    };
    let more = (words.len() > MOST_NUMBERS).then(|| "…".to_owned());
    let shown = words.into_iter().map(|(_, word)| word).take(MOST_NUMBERS);
    shown.chain(more).collect::<Vec<_>>().join(" ")
}

/// The path of a line: from the right of its first item over its label, in which it lies flat, and on from column to column.
fn path(layout: &Layout, parts: &[&Part]) -> Option<String> {
    let first = parts.first()?;
    let label = layout.labels.get(first.arrow)?;
    let mut path = String::new();
    for (at, part) in parts.iter().enumerate() {
        let left = layout.items.get(part.left)?;
        let right = layout.items.get(part.right)?;
        let (start, end) = (left.at.right(), right.at.x);
        let [y, to] = part.ends;
        if at == 0 {
            let (x, middle) = (label.x, label.middle());
            _ = write!(path, "M{start} {y}");
            if left.column == right.column {
                bend(&mut path, (start, y), (x, middle));
                bend(&mut path, (x, middle), (right.at.right(), to));
                return Some(path);
            }
            bend(&mut path, (start, y), (x, middle));
            _ = write!(path, "L{} {middle}", label.right());
            bend(&mut path, (label.right(), middle), (end, to));
        } else {
            _ = write!(path, "L{start} {y}");
            bend(&mut path, (start, y), (end, to));
        }
    }
    Some(path)
}

/// A curve that leaves and arrives flat.
fn bend(path: &mut String, (x, y): (i32, i32), (to_x, to_y): (i32, i32)) {
    let half = x.midpoint(to_x);
    _ = write!(path, "C{half} {y} {half} {to_y} {to_x} {to_y}");
}

fn line(svg: &mut Svg, path: &str, arrow: &Arrow) {
    let color = if arrow.is_in_loop { RED } else { BLACK };
    match arrow.tls {
        Some(TlsLevel::None) => svg.path(path, color, "stroke-dasharray=\"1 4\""),
        None | Some(TlsLevel::Opportunistic) => {
            svg.path(path, color, "stroke-dasharray=\"6 4\"");
        }
        Some(TlsLevel::Encrypted) => svg.path(path, color, ""),
        Some(TlsLevel::CaVerified | TlsLevel::Verified) => {
            svg.path(path, color, "stroke-width=\"4\"");
            svg.path(path, "#fff", "stroke-width=\"2\"");
        }
    }
}

/// The head at the end that the arrow leads to.
fn head(svg: &mut Svg, layout: &Layout, parts: &[&Part], arrow: &Arrow) {
    let color = if arrow.is_in_loop { RED } else { BLACK };
    for part in parts {
        let (Some(left), Some(right)) = (layout.items.get(part.left), layout.items.get(part.right))
        else {
            continue;
        };
        if part.right == arrow.to && left.column == right.column {
            svg.head(right.at.right(), part.ends[1], false, color);
        } else if part.right == arrow.to {
            svg.head(right.at.x, part.ends[1], true, color);
        } else if part.left == arrow.to {
            svg.head(left.at.right(), part.ends[0], false, color);
        }
    }
}

fn lines(svg: &mut Svg, at: &Rect, lines: &[String]) {
    let top = at.middle() - height_of(lines) / 2;
    for (line, text) in (0_i32..).zip(lines) {
        svg.text(at.x + at.width / 2, top + line * LINE + 12, text);
    }
}
