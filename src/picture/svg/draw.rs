//! The picture drawn, once everything has its place.

use crate::picture::svg::{LINE, Layout, Part, height_of, lines_of_box, lines_of_label};
use crate::picture::{Arrow, Picture, Spot};
use crate::topology::Party;
use crate::values::TlsLevel;
use crate::writer::svg::{Rect, Svg};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Numbers at one spot at most.
const MOST_NUMBERS: usize = 3;

pub(super) fn draw(
    picture: &Picture,
    layout: &Layout,
    numbers: Option<&BTreeMap<Spot, Vec<usize>>>,
) -> String {
    let mut svg = Svg::default();
    let marked = |svg: &mut Svg, spot: Spot, corner: &Rect, part: &dyn Fn(&mut Svg)| {
        let Some(numbers) = numbers else {
            return part(svg);
        };
        match spot {
            Spot::Box(number) => svg.open("box", number),
            Spot::Arrow(number) => svg.open("arrow", number),
        }
        part(svg);
        svg.close();
        // Beside the part and not in it, whose name for those who do not see it is what stands in the box.
        if let Some(all) = numbers.get(&spot) {
            let shown = all.iter().take(MOST_NUMBERS).map(ToString::to_string);
            let more = (all.len() > MOST_NUMBERS).then(|| "…".to_owned());
            let text = shown.chain(more).collect::<Vec<_>>().join(" ");
            svg.badge(corner.right() + 6, corner.y, &text);
        }
    };
    for (index, arrow) in picture.arrows.iter().enumerate() {
        let parts: Vec<&Part> = layout
            .parts
            .iter()
            .filter(|part| part.arrow == index)
            .collect();
        if let (Some(label), Some(path)) = (layout.labels.get(index), path(layout, &parts)) {
            marked(&mut svg, Spot::Arrow(index), label, &|svg| {
                line(svg, &path, arrow.tls);
                head(svg, layout, &parts, arrow);
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
        marked(&mut svg, Spot::Box(index), &item.at, &|svg| {
            svg.rect(&item.at, radius, true);
            lines(svg, &item.at, &lines_of_box(&node.label));
        });
    }
    svg.picture(layout.width, layout.height, "Who hands mail to whom")
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

fn line(svg: &mut Svg, path: &str, tls: Option<TlsLevel>) {
    match tls {
        Some(TlsLevel::None) => svg.path(path, "stroke=\"#111\" stroke-dasharray=\"1 4\""),
        None | Some(TlsLevel::Opportunistic) => {
            svg.path(path, "stroke=\"#111\" stroke-dasharray=\"6 4\"");
        }
        Some(TlsLevel::Encrypted) => svg.path(path, "stroke=\"#111\""),
        Some(TlsLevel::CaVerified | TlsLevel::Verified) => {
            svg.path(path, "stroke=\"#111\" stroke-width=\"4\"");
            svg.path(path, "stroke=\"#fff\" stroke-width=\"2\"");
        }
    }
}

/// The head at the end that the arrow leads to.
fn head(svg: &mut Svg, layout: &Layout, parts: &[&Part], arrow: &Arrow) {
    for part in parts {
        let (Some(left), Some(right)) = (layout.items.get(part.left), layout.items.get(part.right))
        else {
            continue;
        };
        if part.right == arrow.to && left.column == right.column {
            svg.head(right.at.right(), part.ends[1], false);
        } else if part.right == arrow.to {
            svg.head(right.at.x, part.ends[1], true);
        } else if part.left == arrow.to {
            svg.head(left.at.right(), part.ends[0], false);
        }
    }
}

fn lines(svg: &mut Svg, at: &Rect, lines: &[String]) {
    let top = at.middle() - height_of(lines) / 2;
    for (line, text) in (0_i32..).zip(lines) {
        svg.text(at.x + at.width / 2, top + line * LINE + 12, text);
    }
}
