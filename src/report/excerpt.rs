//! The lines of the spec around the labels of one finding, as a source that miette can print.
//!
//! Only these lines are copied, made visible and, where they are very long, cut: a finding in a file of a million lines
//! costs as much as one in a small file, and nothing in a line can steer a terminal.

use crate::finding::{Finding, Label};
use crate::report::Report;
use crate::report::text::push_visible;
use crate::source::FileId;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::ops::Range;

/// Characters of a long line that are kept on either side of a label.
const KEPT: usize = 60;
/// Lines longer than this are cut.
const LONG: usize = 200;

/// Lines of one or several files in one text.
pub struct Excerpt {
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
pub struct Mark {
    /// Where it begins.
    pub start: usize,
    /// How many bytes it covers.
    pub length: usize,
    /// What it says.
    pub text: String,
}

impl Excerpt {
    /// The lines with labels, each with the line before and after it; the first label's file comes first.
    pub fn of(report: &Report<'_>, finding: &Finding) -> (Self, Vec<Mark>) {
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
        let labels: Vec<(usize, &Label)> = labels
            .iter()
            .filter(|label| label.span.file == file)
            .map(|label| (report.place(label.span).line, label))
            .collect();
        let mut numbers: Vec<usize> = labels
            .iter()
            .flat_map(|&(line, _)| line.saturating_sub(1)..=line + 1)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
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
            let here: Vec<(Range<usize>, &Label)> = labels
                .iter()
                .filter(|&&(at, _)| at == number)
                .map(|&(_, label)| (within(line, offset, label), label))
                .collect();
            let name = here
                .first()
                .map_or_else(String::new, |(_, label)| report.file_name(label.span));
            self.add_line(line, &here, marks);
            if let Some(last) = self.lines.last_mut() {
                last.block = block;
                last.number = number;
                last.file = name;
            }
        }
    }

    fn add_line(&mut self, line: &str, labels: &[(Range<usize>, &Label)], marks: &mut Vec<Mark>) {
        let start = self.text.len();
        let long = line.chars().count() > LONG;
        let kept: Vec<Range<usize>> = labels
            .iter()
            .map(|(range, _)| around(line, range))
            .collect();
        let mut starts = vec![start; labels.len()];
        let mut ends = vec![start; labels.len()];
        let mut cut = false;
        let mut chars_kept = 0;
        for (at, c) in line.char_indices() {
            for (number, (range, _)) in labels.iter().enumerate() {
                if range.start == at {
                    starts[number] = self.text.len();
                }
                if range.end == at {
                    ends[number] = self.text.len();
                }
            }
            let keep = !long
                || kept.iter().any(|range| range.contains(&at))
                || (kept.is_empty() && chars_kept < KEPT);
            if !keep {
                if !cut {
                    self.text.push('…');
                }
                cut = true;
                continue;
            }
            cut = false;
            chars_kept += 1;
            match c {
                // Columns are counted without the byte-order mark, and so is it shown.
                '\u{feff}' if at == 0 => {}
                '\t' => self.text.push('\t'),
                c => self.text = push_visible(std::mem::take(&mut self.text), c),
            }
        }
        let mut columns = Vec::new();
        for (number, (range, label)) in labels.iter().enumerate() {
            if range.start >= line.len() {
                starts[number] = self.text.len();
            }
            if range.end >= line.len() {
                ends[number] = self.text.len();
            }
            let before = line.get(..range.start).unwrap_or_default();
            columns.push((
                before.chars().filter(|&c| c != '\u{feff}').count(),
                starts[number],
            ));
            marks.push(Mark {
                start: starts[number],
                length: ends[number].saturating_sub(starts[number]),
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
