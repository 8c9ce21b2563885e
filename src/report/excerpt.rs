//! The lines of the spec around the labels of one finding, as a source that miette can print.
//!
//! Only these lines are copied, made visible and, where they are very long, cut: a finding in a file of a million lines
//! costs as much as one in a small file, and nothing in a line can steer a terminal.

use crate::finding::{Finding, Label};
use crate::report::Report;
use crate::report::text::push_visible;
use crate::report::visible;
use crate::source::{FileId, Position};
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::ops::Range;

/// Characters of a long line that are kept on either side of a label.
const KEPT: usize = 60;
/// Lines longer than this are cut.
const LONG: usize = 200;

/// Where a text holds private keys, which somebody has put there by mistake and which no message repeats.
fn secrets(text: &str) -> Vec<Range<usize>> {
    const BEGIN: &str = "PRIVATE KEY-----";
    let begins = text.match_indices(BEGIN).map(|(at, _)| at + BEGIN.len());
    let ranges = begins.map(|start| {
        let end = text.get(start..).and_then(|rest| rest.find("-----END"));
        start..end.map_or(text.len(), |end| start + end)
    });
    ranges.collect()
}

/// Lines of one or several files in one text.
pub(super) struct Excerpt {
    text: String,
    lines: Vec<Line>,
}

struct Line {
    block: usize,
    file: String,
    number: usize,
    /// Where the line stands in `text`, its line break included.
    range: Range<usize>,
    /// Column, from 0, and offset in `text`, of each label in this line.
    columns: Vec<(usize, usize)>,
}

/// A label as it lies in the text of an excerpt.
pub(super) struct Mark {
    /// Where it begins.
    pub start: usize,
    /// How many bytes it covers.
    pub length: usize,
    /// What it says.
    pub text: String,
}

impl Excerpt {
    /// The lines with labels, each with the line before and after it; the first label's file comes first.
    pub(super) fn of(report: &Report<'_>, finding: &Finding) -> (Self, Vec<Mark>) {
        let mut excerpt = Self {
            text: String::new(),
            lines: Vec::new(),
        };
        let mut marks = Vec::new();
        let mut files: Vec<FileId> = Vec::new();
        for label in &finding.labels {
            if !files.contains(&label.span.file) {
                files.push(label.span.file);
            }
        }
        for file in files {
            excerpt.add_file(report, file, &finding.labels, &mut marks);
        }
        (excerpt, marks)
    }

    fn add_file(
        &mut self,
        report: &Report<'_>,
        file: FileId,
        labels: &[Label],
        marks: &mut Vec<Mark>,
    ) {
        let labels: Vec<(Position, &Label)> = labels
            .iter()
            .filter(|label| label.span.file == file)
            .map(|label| (report.place(label.span), label))
            .collect();
        let mut numbers: Vec<usize> = labels
            .iter()
            .flat_map(|&(place, _)| place.line.saturating_sub(1)..=place.line + 1)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let secrets = secrets(&report.sources.file(file).text);
        let mut before = None;
        for number in numbers {
            let Some((offset, line)) = report.lines.line(report.sources, file, number) else {
                continue;
            };
            // Lines that do not follow each other, and files, are shown apart.
            let block = self.lines.last().map_or(0, |last| last.block);
            let block = if before == Some(number - 1) {
                block
            } else {
                block + 1
            };
            before = Some(number);
            let here: Vec<(Range<usize>, usize, &Label)> = labels
                .iter()
                .filter(|&&(place, _)| place.line == number)
                .map(|&(place, label)| {
                    let column = place.column.saturating_sub(1);
                    (within(line, offset, label), column, label)
                })
                .collect();
            let name = here.first().map_or_else(String::new, |(.., label)| {
                visible(&report.file_name(label.span)).into_owned()
            });
            let hidden = |at: usize| secrets.iter().any(|range| range.contains(&(offset + at)));
            self.add_line(line, &here, &hidden, marks);
            if let Some(last) = self.lines.last_mut() {
                last.block = block;
                last.number = number;
                last.file = name;
            }
        }
    }

    fn add_line(
        &mut self,
        line: &str,
        labels: &[(Range<usize>, usize, &Label)],
        hidden: &dyn Fn(usize) -> bool,
        marks: &mut Vec<Mark>,
    ) {
        let start = self.text.len();
        let mut starts = vec![start; labels.len()];
        let mut ends = vec![None; labels.len()];
        let mut shown = 0;
        for piece in pieces(line, labels) {
            if piece.start > shown {
                self.text.push('…');
            }
            shown = piece.end;
            for (at, c) in line.get(piece.clone()).unwrap_or_default().char_indices() {
                self.note(piece.start + at, labels, &mut starts, &mut ends);
                match c {
                    c if !c.is_whitespace() && hidden(piece.start + at) => self.text.push('*'),
                    // Columns are counted without the byte-order mark, and so is it shown.
                    '\u{feff}' if piece.start + at == 0 => {}
                    '\t' => self.text.push('\t'),
                    // Runners obey these marks wherever they stand.
                    '#' if self.text.ends_with('#') && is_mark(line, piece.start + at + 1) => {
                        self.text.push_str("\\x23");
                    }
                    c => self.text = push_visible(std::mem::take(&mut self.text), c),
                }
            }
            self.note(piece.end, labels, &mut starts, &mut ends);
        }
        if shown < line.len() {
            self.text.push('…');
        }
        let mut columns = Vec::new();
        for (number, (_, column, label)) in labels.iter().enumerate() {
            // What ends beyond what is shown ends with it.
            let end = ends[number].unwrap_or(self.text.len());
            columns.push((*column, starts[number]));
            marks.push(Mark {
                start: starts[number],
                length: end.saturating_sub(starts[number]),
                text: crate::report::visible(&label.text).into_owned(),
            });
        }
        self.text.push('\n');
        self.lines.push(Line {
            block: 0,
            file: String::new(),
            number: 0,
            range: start..self.text.len(),
            columns,
        });
    }

    /// Remembers where labels that begin or end here lie in the text.
    fn note(
        &self,
        at: usize,
        labels: &[(Range<usize>, usize, &Label)],
        starts: &mut [usize],
        ends: &mut [Option<usize>],
    ) {
        let here = self.text.len();
        for ((range, ..), (start, end)) in labels.iter().zip(starts.iter_mut().zip(ends)) {
            if range.start == at {
                *start = here;
            }
            if range.end == at {
                *end = Some(here);
            }
        }
    }
}

/// Whether the rest of a line ends a mark that begins with `##`.
fn is_mark(line: &str, at: usize) -> bool {
    let rest = line.get(at..).unwrap_or_default();
    rest.starts_with('[') || rest.starts_with("vso[")
}

/// The parts of a line that are shown, in order: all of it, or of a long one what lies around its labels. Only these are
/// looked at, because there may be as many findings in a line as it has words.
fn pieces(line: &str, labels: &[(Range<usize>, usize, &Label)]) -> Vec<Range<usize>> {
    if line.chars().nth(LONG).is_none() {
        return std::iter::once(0..line.len()).collect();
    }
    let mut kept: Vec<Range<usize>> = labels
        .iter()
        .map(|(range, ..)| around(line, range))
        .collect();
    if kept.is_empty() {
        let end = line.char_indices().nth(KEPT);
        kept.push(0..end.map_or(line.len(), |(at, _)| at));
    }
    kept.sort_by_key(|range| range.start);
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for range in kept {
        match pieces.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => pieces.push(range),
        }
    }
    pieces
}

/// The part of a label that lies in its first line; what goes on below it is not worth the room.
fn within(line: &str, offset: usize, label: &Label) -> Range<usize> {
    let at = |position: u32| line.floor_char_boundary((position as usize).saturating_sub(offset));
    let start = at(label.span.start);
    start..at(label.span.end).max(start)
}

/// The bytes of a long line that are shown because of a label.
fn around(line: &str, label: &Range<usize>) -> Range<usize> {
    let end = label.end.min(line.floor_char_boundary(label.start + LONG));
    let before = line.get(..label.start).unwrap_or_default();
    let after = line.get(end..).unwrap_or_default();
    let start = before
        .char_indices()
        .rev()
        .nth(KEPT)
        .map_or(0, |(at, _)| at);
    start
        ..after
            .char_indices()
            .nth(KEPT)
            .map_or(line.len(), |(at, _)| end + at)
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let line_of = |offset: usize| {
            let line = self.lines.partition_point(|line| line.range.end <= offset);
            (line < self.lines.len())
                .then_some(line)
                .ok_or(MietteError::OutOfBounds)
        };
        let first = line_of(span.offset())?;
        let last = line_of(span.offset() + span.len())?;
        // What stands in another file or far away is another excerpt.
        let block = self.lines[first].block;
        if self.lines[last].block != block {
            return Err(MietteError::OutOfBounds);
        }
        let mut from = first;
        while from > 0 && first - from < lines_before && self.lines[from - 1].block == block {
            from -= 1;
        }
        let mut to = last;
        while to + 1 < self.lines.len()
            && to - last < lines_after
            && self.lines[to + 1].block == block
        {
            to += 1;
        }
        let range = self.lines[from].range.start..self.lines[to].range.end;
        let line = &self.lines[first];
        let column = line
            .columns
            .iter()
            .find(|&&(_, offset)| offset == span.offset());
        // Context lines have no label and so no name of their own; the block has one name.
        let mut named = self
            .lines
            .iter()
            .filter(|line| line.block == block && !line.file.is_empty());
        Ok(Box::new(MietteSpanContents::new_named(
            named
                .next()
                .map(|line| line.file.clone())
                .unwrap_or_default(),
            self.text.as_bytes().get(range.clone()).unwrap_or_default(),
            (range.start, range.len()).into(),
            self.lines[from].number.saturating_sub(1),
            column.map_or(0, |&(column, _)| column),
            to - from + 1,
        )))
    }
}
