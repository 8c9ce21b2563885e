//! The picture as SVG: boxes in columns from the outside to the mailboxes, and lines with their labels between the columns.
//!
//! A line over several columns has a lane in each that it passes, so that it goes through no box. Labels stand between two
//! columns, one below the other. The TLS level shows in the line: dotted for none, dashed where nothing guarantees it,
//! whole where it is encrypted, double where the certificate is verified.

mod draw;

use draw::draw;

use crate::finding::Finding;
use crate::picture::{Arrow, Picture, shown};
use crate::plan::Plan;
use crate::writer::svg::Rect;
use std::collections::BTreeMap;

/// The height of a line of text, and the width that a character has at most on average.
const LINE: i32 = 15;
const CHARACTER: i32 = 7;
/// Characters of a line of text at most; what is longer ends with an ellipsis.
const MOST_CHARACTERS: usize = 26;
/// Between boxes, between labels, between a column and the labels beside it, and around the picture.
const GAP: i32 = 22;
const BETWEEN_LABELS: i32 = 8;
const BEND: i32 = 34;
const MARGIN: i32 = 12;
/// Between the ends of two lines at a box.
const BETWEEN_ENDS: i32 = 14;
/// How often the columns are put in order.
const SWEEPS: usize = 8;

/// The picture alone, with the checks that speak of its parts.
pub(crate) fn text(plan: &Plan, findings: &[Finding]) -> String {
    let findings = shown(findings);
    let picture = Picture::of(plan, &findings);
    draw(&picture, &Layout::of(&picture), Marks::Checks(&findings))
}

/// The picture for a document.
pub(crate) fn of(picture: &Picture) -> String {
    draw(picture, &Layout::of(picture), Marks::Checks(&[]))
}

/// The same for a page, whose script finds boxes and arrows: `box-0`, `arrow-0`, in the order of the picture; with numbers
/// from 1, which stand for what is said of them there.
pub(crate) fn with_marks(picture: &Picture) -> String {
    draw(picture, &Layout::of(picture), Marks::Numbers)
}

/// What stands beside a part that something was found about.
#[derive(Clone, Copy)]
enum Marks<'a> {
    /// The checks.
    Checks(&'a [&'a Finding]),
    /// The numbers of the findings, for a page that lists them.
    Numbers,
}

/// A box, or a lane in which a line passes a column.
#[derive(Clone, Debug)]
struct Item {
    column: usize,
    at: Rect,
    /// How many lines end at its left and at its right side.
    ends: [i32; 2],
}

/// A part of a line between two columns; the first part of a line has its label. Both ends are in one column where the line
/// goes back to it.
#[derive(Clone, Copy, Debug)]
struct Part {
    arrow: usize,
    left: usize,
    right: usize,
    /// Where it meets the items.
    ends: [i32; 2],
}

/// What a line leads to from top to bottom, the part, and which of its ends.
type End = (i32, usize, usize);

/// Where everything is.
#[derive(Debug, Default)]
struct Layout {
    /// Boxes in the order of the picture, then lanes.
    items: Vec<Item>,
    /// Parts in the order of the arrows, each from left to right.
    parts: Vec<Part>,
    /// The label of each arrow.
    labels: Vec<Rect>,
    width: i32,
    height: i32,
}

impl Layout {
    fn of(picture: &Picture) -> Self {
        let mut layout = Self::default();
        let columns = columns(picture);
        for (node, column) in picture.boxes.iter().zip(&columns) {
            let lines = lines_of_box(&node.label);
            layout.items.push(Item {
                column: *column,
                at: Rect {
                    width: width_of(&lines) + 24,
                    height: height_of(&lines) + 16,
                    ..Rect::default()
                },
                ends: [0; 2],
            });
        }
        for (arrow, ends) in picture.arrows.iter().enumerate() {
            layout.add(arrow, ends.from, ends.to);
        }
        layout.labels = picture.arrows.iter().map(size_of_label).collect();
        let rows = layout.ordered();
        layout.place(&rows);
        layout
    }

    fn column(&self, item: usize) -> usize {
        self.items.get(item).map_or(0, |item| item.column)
    }

    /// The parts of an arrow, with a lane in each column between its ends.
    fn add(&mut self, arrow: usize, from: usize, to: usize) {
        let (mut left, right) = if self.column(from) <= self.column(to) {
            (from, to)
        } else {
            (to, from)
        };
        let last = self.column(right);
        for column in self.column(left) + 1..last {
            let lane = self.items.len();
            let at = Rect {
                height: LINE,
                ..Rect::default()
            };
            self.items.push(Item {
                column,
                at,
                ends: [0; 2],
            });
            self.part(arrow, left, lane);
            left = lane;
        }
        self.part(arrow, left, right);
    }

    fn part(&mut self, arrow: usize, left: usize, right: usize) {
        let goes_back = self.column(left) == self.column(right);
        for (item, side) in [(left, 1), (right, usize::from(goes_back))] {
            if let Some(count) = self
                .items
                .get_mut(item)
                .and_then(|at| at.ends.get_mut(side))
            {
                *count += 1;
            }
        }
        self.parts.push(Part {
            arrow,
            left,
            right,
            ends: [0; 2],
        });
    }

    /// The items of each column from top to bottom: near the middle of what they are connected with.
    fn ordered(&self) -> Vec<Vec<usize>> {
        let count = self.items.iter().map(|item| item.column + 1).max();
        let mut rows = vec![Vec::new(); count.unwrap_or(0)];
        for (item, at) in self.items.iter().enumerate() {
            if let Some(row) = rows.get_mut(at.column) {
                row.push(item);
            }
        }
        let mut around: Vec<[Vec<usize>; 2]> = vec![[Vec::new(), Vec::new()]; self.items.len()];
        for part in &self.parts {
            for (item, side, other) in [(part.left, 1, part.right), (part.right, 0, part.left)] {
                if let Some(list) = around.get_mut(item).and_then(|at| at.get_mut(side)) {
                    list.push(other);
                }
            }
        }
        for sweep in 0..SWEEPS {
            let side = sweep % 2;
            let mut order: Vec<usize> = (0..rows.len()).collect();
            if side == 1 {
                order.reverse();
            }
            for column in order {
                let places = places(&rows);
                let middle = |item: usize| {
                    let others = around.get(item).and_then(|at| at.get(side));
                    let others = others.map_or(&[][..], Vec::as_slice);
                    let sum: i32 = others.iter().filter_map(|at| places.get(at)).sum();
                    let own = places.get(&item).copied().unwrap_or(0);
                    i32::try_from(others.len())
                        .ok()
                        .and_then(|count| sum.checked_div(count))
                        .unwrap_or(own)
                };
                if let Some(row) = rows.get_mut(column) {
                    row.sort_by_cached_key(|item| middle(*item));
                }
            }
        }
        rows
    }

    /// Where the columns, the labels between them and the ends of the lines are.
    fn place(&mut self, rows: &[Vec<usize>]) {
        for item in &mut self.items {
            let ends = item.ends[0].max(item.ends[1]);
            item.at.height = item.at.height.max((ends + 1) * BETWEEN_ENDS);
        }
        let height_of = |row: &Vec<usize>, items: &[Item]| -> i32 {
            let heights = row.iter().filter_map(|item| items.get(*item));
            heights.map(|item| item.at.height + GAP).sum::<i32>() - GAP
        };
        for row in rows {
            let mut y = -height_of(row, &self.items) / 2;
            for item in row {
                if let Some(item) = self.items.get_mut(*item) {
                    item.at.y = y;
                    y += item.at.height + GAP;
                }
            }
        }
        let mut x = MARGIN;
        for (column, row) in rows.iter().enumerate() {
            let widths = row.iter().filter_map(|item| self.items.get(*item));
            let width = widths.map(|item| item.at.width).max().unwrap_or(0);
            for item in row {
                if let Some(item) = self.items.get_mut(*item) {
                    (item.at.x, item.at.width) = (x, width);
                }
            }
            x += width + self.place_labels(column, x + width);
        }
        self.place_ends();
        self.fit();
        self.width = x + MARGIN;
    }

    /// The labels of the lines that begin at the right of a column, and the width that they need.
    fn place_labels(&mut self, column: usize, x: i32) -> i32 {
        let mut wanted: Vec<(i32, usize)> = Vec::new();
        let mut last = None;
        for part in &self.parts {
            let is_first = last != Some(part.arrow);
            last = Some(part.arrow);
            let (Some(left), Some(right)) = (self.items.get(part.left), self.items.get(part.right))
            else {
                continue;
            };
            if is_first && left.column == column {
                wanted.push((left.at.middle().midpoint(right.at.middle()), part.arrow));
            }
        }
        wanted.sort_unstable();
        let widths = wanted
            .iter()
            .filter_map(|(_, arrow)| self.labels.get(*arrow));
        let width = widths.map(|label| label.width).max().unwrap_or(0);
        let heights = wanted
            .iter()
            .filter_map(|(_, arrow)| self.labels.get(*arrow));
        let total: i32 = heights.map(|label| label.height + BETWEEN_LABELS).sum();
        let count = i32::try_from(wanted.len()).unwrap_or(i32::MAX);
        let sum: i32 = wanted.iter().map(|(y, _)| y).sum();
        let mut y = sum.checked_div(count).unwrap_or(0) - total / 2;
        for (_, arrow) in &wanted {
            if let Some(label) = self.labels.get_mut(*arrow) {
                label.x = x + BEND + (width - label.width) / 2;
                label.y = y;
                y += label.height + BETWEEN_LABELS;
            }
        }
        width + 2 * BEND
    }

    /// The ends of the lines at each side of a box, in the order of what they lead to.
    fn place_ends(&mut self) {
        let mut ends: BTreeMap<(usize, usize), Vec<End>> = BTreeMap::new();
        let mut last = None;
        for (at, part) in self.parts.iter().enumerate() {
            let is_first = last != Some(part.arrow);
            last = Some(part.arrow);
            let label = self.labels.get(part.arrow).filter(|_| is_first);
            let (Some(left), Some(right)) = (self.items.get(part.left), self.items.get(part.right))
            else {
                continue;
            };
            let to_right = label.map_or(right.at.middle(), Rect::middle);
            let to_left = label.map_or(left.at.middle(), Rect::middle);
            let goes_back = left.column == right.column;
            ends.entry((part.left, 1))
                .or_default()
                .push((to_right, at, 0));
            let side = usize::from(goes_back);
            ends.entry((part.right, side))
                .or_default()
                .push((to_left, at, 1));
        }
        for ((item, _), mut list) in ends {
            list.sort_unstable();
            let Some(at) = self.items.get(item).map(|item| item.at) else {
                continue;
            };
            let count = i32::try_from(list.len()).unwrap_or(i32::MAX);
            for (place, (_, part, end)) in (1_i32..).zip(list) {
                let y = at.y + at.height * place / (count + 1);
                if let Some(end) = self
                    .parts
                    .get_mut(part)
                    .and_then(|part| part.ends.get_mut(end))
                {
                    *end = y;
                }
            }
        }
    }

    /// Moves everything down to where the picture begins.
    fn fit(&mut self) {
        let rects = || self.items.iter().map(|item| &item.at).chain(&self.labels);
        let top = rects().map(|at| at.y).min().unwrap_or(0);
        let bottom = rects().map(Rect::bottom).max().unwrap_or(0);
        let down = MARGIN - top;
        self.height = bottom + down + MARGIN;
        self.items.iter_mut().for_each(|item| item.at.y += down);
        self.labels.iter_mut().for_each(|label| label.y += down);
        for part in &mut self.parts {
            part.ends.iter_mut().for_each(|end| *end += down);
        }
    }
}

/// The column of each box: that of its role, and those behind one another in columns of their own.
fn columns(picture: &Picture) -> Vec<usize> {
    let role = |at: usize| {
        picture
            .boxes
            .get(at)
            .map_or(0, |node| usize::from(node.column))
    };
    let mut columns: Vec<Option<usize>> = (0..picture.boxes.len())
        .map(|at| Some(role(at)).filter(|role| *role < 2))
        .collect();
    let ends = |arrow: &Arrow| [(arrow.from, arrow.to), (arrow.to, arrow.from)];
    loop {
        let next: Vec<(usize, usize)> = picture
            .arrows
            .iter()
            .flat_map(ends)
            .filter(|(_, to)| role(*to) == 2 && columns.get(*to) == Some(&None))
            .filter_map(|(from, to)| Some((to, columns.get(from).copied()??.max(1) + 1)))
            .collect();
        if next.is_empty() {
            break;
        }
        for (to, column) in next {
            if let Some(at) = columns.get_mut(to) {
                *at = Some(at.map_or(column, |at| at.min(column)));
            }
        }
    }
    // Partners that only receive stand behind whoever writes to them.
    for at in 0..columns.len() {
        if columns.get(at) == Some(&None) {
            let senders = picture.arrows.iter().filter(|arrow| arrow.to == at);
            let senders = senders.filter_map(|arrow| columns.get(arrow.from).copied().flatten());
            let column = senders.max().map_or(2, |most| most + 1);
            if let Some(own) = columns.get_mut(at) {
                *own = Some(column);
            }
        }
    }
    let columns: Vec<usize> = columns.into_iter().flatten().collect();
    let mut used = columns.clone();
    used.sort_unstable();
    used.dedup();
    let columns = columns.iter();
    columns
        .map(|at| used.binary_search(at).unwrap_or(0))
        .collect()
}

/// The place of each item in its column, in parts of a thousand from the middle, so that columns can be compared.
fn places(rows: &[Vec<usize>]) -> BTreeMap<usize, i32> {
    let mut places = BTreeMap::new();
    for row in rows {
        let count = i32::try_from(row.len()).unwrap_or(i32::MAX);
        for (at, item) in (0_i32..).zip(row) {
            places.insert(*item, (2 * at - count + 1) * 1000);
        }
    }
    places
}

/// The name of a box, and what it is below it.
fn lines_of_box(label: &str) -> Vec<String> {
    label.split(": ").map(short).collect()
}

fn lines_of_label(arrow: &Arrow) -> Vec<String> {
    super::mermaid::words(arrow)
        .iter()
        .map(|line| short(line))
        .collect()
}

fn short(text: &str) -> String {
    if text.chars().count() <= MOST_CHARACTERS {
        return text.to_owned();
    }
    let kept = text.chars().take(MOST_CHARACTERS - 1);
    kept.chain(std::iter::once('…')).collect()
}

/// The width of the widest line: signs of East Asia are twice as wide as others.
fn width_of(lines: &[String]) -> i32 {
    let wide = |c: char| if u32::from(c) >= 0x1100 { 2 } else { 1 };
    let widths = lines.iter().map(|line| line.chars().map(wide).sum::<i32>());
    widths.max().unwrap_or(0) * CHARACTER
}

fn height_of(lines: &[String]) -> i32 {
    i32::try_from(lines.len()).unwrap_or(i32::MAX) * LINE
}

fn size_of_label(arrow: &Arrow) -> Rect {
    let lines = lines_of_label(arrow);
    Rect {
        width: width_of(&lines) + 8,
        height: height_of(&lines) + 2,
        ..Rect::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Layout, Rect};
    use crate::picture::{Arrow, Node, Picture};
    use crate::values::TlsLevel;
    use proptest::prelude::*;

    fn overlap(a: &Rect, b: &Rect) -> bool {
        a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn boxes_and_labels_have_places_of_their_own(
            columns in prop::collection::vec(0_u8..4, 1..14),
            arrows in prop::collection::vec((0_usize..14, 0_usize..14, 0_usize..4), 0..24),
        ) {
            let boxes = columns.iter().enumerate().map(|(at, column)| Node {
                label: format!("location-{at}: {}", "x".repeat(at * 3)),
                parties: Vec::new(),
                column: *column,
                findings: Vec::new(),
            });
            let mut picture = Picture { boxes: boxes.collect(), arrows: Vec::new() };
            for (from, to, mail) in arrows {
                if from != to && from.max(to) < columns.len() {
                    let mail = (0..mail).map(|at| format!("domain-{at}.example")).collect();
                    picture.arrows.push(Arrow {
                        from,
                        to,
                        mail,
                        tls: Some(TlsLevel::Verified),
                        findings: Vec::new(),
                        is_in_loop: false,
                    });
                }
            }
            let layout = Layout::of(&picture);
            let boxes = layout.items.iter().take(picture.boxes.len()).map(|item| &item.at);
            let all: Vec<&Rect> = boxes.chain(&layout.labels).collect();
            for (at, one) in all.iter().enumerate() {
                prop_assert!(one.x >= 0 && one.y >= 0, "{one:?}");
                prop_assert!(one.right() <= layout.width && one.bottom() <= layout.height, "{one:?}");
                for other in all.iter().skip(at + 1) {
                    prop_assert!(!overlap(one, other), "{one:?} {other:?}");
                }
            }
            // A line ends at the borders of its boxes.
            for part in &layout.parts {
                for (item, y) in [(part.left, part.ends[0]), (part.right, part.ends[1])] {
                    let at = layout.items[item].at;
                    prop_assert!(at.y <= y && y <= at.bottom());
                }
            }
        }
    }
}
