//! Lines and columns of many places in large files, without reading the file again for each.

use crate::source::{FileId, Position, Sources, Span};
use std::collections::BTreeMap;

/// So many bytes lie between two counts of characters.
const STRIDE: usize = 512;

/// Where the lines of each file begin, in bytes, and how many characters stand before each stride: a line may be as long
/// as its file, and hold as many findings as it has words.
pub(super) struct Lines {
    files: BTreeMap<FileId, (Vec<usize>, Vec<usize>)>,
}

impl Lines {
    /// Reads the files once each.
    pub(super) fn of(sources: &Sources, files: impl Iterator<Item = FileId>) -> Self {
        let mut known = BTreeMap::new();
        for file in files {
            known.entry(file).or_insert_with(|| {
                let text = &sources.file(file).text;
                (starts_of(text), counts_of(text))
            });
        }
        Self { files: known }
    }

    /// The place of a range, the same that [`Sources::place`] gives.
    pub(super) fn place(&self, sources: &Sources, span: Span) -> Position {
        let (line, column) = self.position(sources, span.file, span.start as usize);
        let end = (span.end as usize).max(span.start as usize);
        let (end_line, end_column) = self.position(sources, span.file, end);
        Position {
            line,
            column,
            end_line,
            end_column,
        }
    }

    /// The bytes of a line, counted from 1, without its line break.
    pub(super) fn line<'a>(
        &self,
        sources: &'a Sources,
        file: FileId,
        line: usize,
    ) -> Option<(usize, &'a str)> {
        let (starts, _) = self.files.get(&file)?;
        let start = *starts.get(line.checked_sub(1)?)?;
        let text = &*sources.file(file).text;
        let end = starts.get(line).map_or(text.len(), |next| next - 1);
        let line = text.get(start..end)?;
        Some((start, line.strip_suffix('\r').unwrap_or(line)))
    }

    fn position(&self, sources: &Sources, file: FileId, offset: usize) -> (usize, usize) {
        let text = &*sources.file(file).text;
        let Some((starts, counts)) = self.files.get(&file) else {
            return (1, 1);
        };
        let offset = text.floor_char_boundary(offset);
        let line = starts.partition_point(|&start| start <= offset);
        let start = starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = seen_before(text, counts, offset) - seen_before(text, counts, start) + 1;
        (line.max(1), column)
    }
}

fn starts_of(text: &str) -> Vec<usize> {
    let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
    std::iter::once(0)
        .chain(breaks.map(|(at, _)| at + 1))
        .collect()
}

/// Characters before each stride. A byte-order mark is no character that a person sees.
fn counts_of(text: &str) -> Vec<usize> {
    let mut counts = vec![0];
    let (mut from, mut count) = (0, 0);
    for stride in 1..=text.len() / STRIDE {
        let to = text.floor_char_boundary(stride * STRIDE);
        count += seen(text.get(from..to).unwrap_or_default());
        counts.push(count);
        from = to;
    }
    counts
}

/// How many characters stand before an offset.
fn seen_before(text: &str, counts: &[usize], offset: usize) -> usize {
    let stride = offset / STRIDE;
    let from = text.floor_char_boundary(stride * STRIDE);
    counts.get(stride).copied().unwrap_or(0) + seen(text.get(from..offset).unwrap_or_default())
}

fn seen(text: &str) -> usize {
    text.chars().filter(|&c| c != '\u{feff}').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_sources() {
        let texts = ["", "\n", "a\nb", "\u{feff}a: ü\r\nb: [x,\n  y]\n", "ü\n\nö"];
        for text in texts {
            let mut sources = Sources::default();
            let file = sources.add("f", text);
            let lines = Lines::of(&sources, std::iter::once(file));
            let length = u32::try_from(text.len()).unwrap();
            for start in 0..length + 2 {
                for end in start..length + 2 {
                    let span = Span::new(file, start, end);
                    assert_eq!(
                        lines.place(&sources, span),
                        sources.place(span),
                        "{text:?} {span:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn places_in_a_line_longer_than_a_stride_are_those_of_the_sources() {
        let mut sources = Sources::default();
        let text = format!("\u{feff}a\n{}\nb", "ü€".repeat(STRIDE));
        let file = sources.add("f", text.as_str());
        let lines = Lines::of(&sources, std::iter::once(file));
        for start in 0..u32::try_from(text.len()).unwrap() + 2 {
            let span = Span::new(file, start, start + 3);
            assert_eq!(lines.place(&sources, span), sources.place(span), "{span:?}");
        }
    }
}
