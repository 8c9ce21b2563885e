//! A text in one form: indentation, blank lines and line ends, and nothing else.
//!
//! Comments, anchors, the order and the style of every value stay. What the text means is compared before and after, and
//! where it would be another it stays as it is.

use crate::yaml::outline::{Outline, Spot};
use crate::yaml::value::Value;
use std::collections::BTreeMap;

/// Spaces for each level.
const STEP: usize = 2;

/// The text in one form; nothing where it is no document.
pub(crate) fn tidy(text: &str) -> Option<String> {
    let meaning = Value::parse(text)?;
    let unix = text.replace("\r\n", "\n");
    let unix = unix.strip_prefix('\u{feff}').unwrap_or(&unix);
    let is_same = |candidate: &String| Value::parse(candidate).as_ref() == Some(&meaning);
    let whole = formed(unix, true);
    // Where the levels cannot be moved, the rest still can.
    let found = whole
        .filter(is_same)
        .or_else(|| formed(unix, false).filter(is_same));
    Some(found.unwrap_or_else(|| text.to_owned()))
}

/// What is known of the lines of a text.
#[derive(Default)]
struct Lines {
    /// The level of a line in which a node of a block begins.
    levels: BTreeMap<usize, usize>,
    /// Lines that continue a node which began in another, by that other.
    continued: BTreeMap<usize, usize>,
    /// Lines inside of a scalar, whose spaces may count.
    inside: BTreeMap<usize, usize>,
}

fn formed(text: &str, indent: bool) -> Option<String> {
    let outline = Outline::of(text)?;
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let line_of = |at: usize| {
        starts
            .partition_point(|&start| start <= at)
            .saturating_sub(1)
    };
    let mut lines = Lines::default();
    note(&outline, text, outline.root(), 0, &line_of, &mut lines);
    let mut out: Vec<String> = Vec::new();
    let all: Vec<&str> = text.lines().collect();
    let mut shifts: BTreeMap<usize, isize> = BTreeMap::new();
    let width = |line: &str| line.len() - line.trim_start_matches(' ').len();
    // A scalar behind `|` or `>` goes on as long as its lines are deeper.
    for (number, line) in all.iter().enumerate() {
        let marks = line
            .trim_end()
            .trim_end_matches(|c: char| c.is_ascii_digit() || "+-".contains(c));
        if !marks.ends_with(['|', '>']) || lines.inside.contains_key(&number) {
            continue;
        }
        let deeper = |line: &&&str| {
            line.trim().is_empty() || width(line) > width(all.get(number).unwrap_or(&""))
        };
        let count = all.iter().skip(number + 1).take_while(deeper).count();
        for inside in number + 1..=number + count {
            lines.inside.insert(inside, number);
        }
    }
    for (number, line) in all.iter().enumerate() {
        if lines.inside.contains_key(&number) {
            let shift = lines
                .inside
                .get(&number)
                .and_then(|first| shifts.get(first));
            out.push(shifted(line, shift.copied().unwrap_or(0)));
            continue;
        }
        let trimmed = line.trim_end_matches([' ', '\t']);
        if trimmed.is_empty() {
            // More than one empty line in a row says nothing more.
            if out.last().is_some_and(|last| !last.is_empty()) {
                out.push(String::new());
            }
            continue;
        }
        let wanted = lines.levels.get(&number).copied();
        let shift = match (wanted, lines.continued.get(&number)) {
            _ if !indent => 0,
            (Some(wanted), _) => signed(wanted) - signed(width(trimmed)),
            (None, Some(first)) => shifts.get(first).copied().unwrap_or(0),
            // A comment goes with what follows it.
            (None, None) => {
                let next = (number + 1..all.len()).find(|next| lines.levels.contains_key(next));
                let next =
                    next.and_then(|next| Some((next, lines.levels.get(&next)?, all.get(next)?)));
                match next {
                    Some((_, level, line)) if width(line) == width(trimmed) => {
                        signed(*level) - signed(width(trimmed))
                    }
                    _ => 0,
                }
            }
        };
        shifts.insert(number, shift);
        out.push(shifted(trimmed, shift));
    }
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    Some(out.join("\n") + "\n")
}

fn signed(number: usize) -> isize {
    isize::try_from(number).unwrap_or(isize::MAX)
}

/// The line with more or fewer spaces before it.
fn shifted(line: &str, shift: isize) -> String {
    let rest = line.trim_start_matches(' ');
    if rest.is_empty() {
        return line.to_owned();
    }
    let width = signed(line.len() - rest.len()) + shift;
    format!("{}{rest}", " ".repeat(usize::try_from(width).unwrap_or(0)))
}

/// Notes the levels of everything in a node that stands as a block.
fn note(
    outline: &Outline<'_>,
    text: &str,
    at: Spot,
    level: usize,
    line_of: &impl Fn(usize) -> usize,
    lines: &mut Lines,
) {
    let (start, end) = outline.range(at);
    let first = line_of(start);
    let is_flow = text
        .get(start..)
        .is_some_and(|rest| rest.starts_with(['{', '[']));
    if is_flow || (outline.entries(at).is_none() && outline.items(at).is_none()) {
        let last = line_of(end.saturating_sub(1).max(start));
        let is_scalar = !is_flow;
        for line in first + 1..=last {
            if is_scalar {
                lines.inside.insert(line, first);
            } else {
                lines.continued.insert(line, first);
            }
        }
        return;
    }
    let children: Vec<(usize, Spot)> = match (outline.entries(at), outline.items(at)) {
        (Some(entries), _) => entries
            .into_iter()
            .map(|(key, value)| (outline.range(key).0, value))
            .collect(),
        (_, Some(items)) => items
            .into_iter()
            .map(|item| (outline.range(item).0, item))
            .collect(),
        (None, None) => Vec::new(),
    };
    let is_list = outline.items(at).is_some();
    for (begin, value) in children {
        let line = line_of(begin);
        lines.levels.entry(line).or_insert(level);
        let inner = if is_list { level + STEP } else { level };
        let is_block = outline.entries(value).is_some() || outline.items(value).is_some();
        let below = if is_list {
            inner
        } else if is_block {
            level + STEP
        } else {
            level
        };
        note(outline, text, value, below, line_of, lines);
    }
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn indentation_and_blank_lines_have_one_form() {
        for (text, wanted) in [
            (
                "a:\r\n    b: 1   # one\r\n    # two\r\n    c:\r\n    - x\r\n    - y: 1\r\n      z: 2\r\n\r\n\r\n\r\nd: {e: 1,\r\n   f: 2}\r\n\r\n",
                "a:\n  b: 1   # one\n  # two\n  c:\n    - x\n    - y: 1\n      z: 2\n\nd: {e: 1,\n   f: 2}\n",
            ),
            (
                "a: |\n    x  \n\n\n    y\nb: 1",
                "a: |\n    x  \n\n\n    y\nb: 1\n",
            ),
            (
                "# only\n\n\na: &x {b: 1}\nc: *x\n",
                "# only\n\na: &x {b: 1}\nc: *x\n",
            ),
        ] {
            let once = tidy(text).expect("a document");
            assert_eq!(once, wanted);
            assert_eq!(tidy(&once).as_deref(), Some(wanted), "twice is once");
        }
        assert_eq!(tidy("a: [\n"), None);
    }
}
