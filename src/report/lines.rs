//! Lines and columns of many places in large files, without reading the file again for each.

use crate::source::{FileId, Place, Sources, Span};
use std::collections::BTreeMap;

/// Where the lines of each file begin, in bytes.
pub struct Lines {
    starts: BTreeMap<FileId, Vec<usize>>,
}

impl Lines {
    /// Reads the files once each.
    pub fn of(sources: &Sources, files: impl Iterator<Item = FileId>) -> Self {
        let mut starts = BTreeMap::new();
        for file in files {
            starts
                .entry(file)
                .or_insert_with(|| starts_of(&sources.file(file).text));
        }
        Self { starts }
    }

    /// The place of a range, the same that [`Sources::place`] gives.
    pub fn place(&self, sources: &Sources, span: Span) -> Place {
        let (line, column) = self.position(sources, span.file, span.start as usize);
        let end = (span.end as usize).max(span.start as usize);
        let (end_line, end_column) = self.position(sources, span.file, end);
        Place {
            line,
            column,
            end_line,
            end_column,
        }
    }

    /// The bytes of a line, counted from 1, without its line break.
    pub fn line<'a>(
        &self,
        sources: &'a Sources,
        file: FileId,
        line: usize,
    ) -> Option<(usize, &'a str)> {
        let starts = self.starts.get(&file)?;
        let start = *starts.get(line.checked_sub(1)?)?;
        let text = sources.file(file).text.get(start..)?;
        let line = text.split('\n').next().unwrap_or_default();
        Some((start, line.strip_suffix('\r').unwrap_or(line)))
    }

    fn position(&self, sources: &Sources, file: FileId, offset: usize) -> (usize, usize) {
        let text = &*sources.file(file).text;
        let Some(starts) = self.starts.get(&file) else {
            return (1, 1);
        };
        let offset = text.floor_char_boundary(offset);
        let line = starts.partition_point(|&start| start <= offset);
        let start = starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = text.get(start..offset).unwrap_or_default();
        // A byte-order mark is no character that a person sees.
        let column = before.chars().filter(|&c| c != '\u{feff}').count() + 1;
        (line.max(1), column)
    }
}

fn starts_of(text: &str) -> Vec<usize> {
    let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
    std::iter::once(0)
        .chain(breaks.map(|(at, _)| at + 1))
        .collect()
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
}
