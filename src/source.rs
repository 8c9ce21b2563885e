//! The text a spec came from: files, and places in them.
//!
//! This module must not know what the text means. Offsets are bytes, lines and columns count from 1,
//! columns count characters.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A file of the spec, by the order in which it was read; the main spec is number 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// The file the bytes stand in.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset past the last byte.
    pub end: u32,
}

/// Where something stands is no part of what it is: the hash of a topology does not change when its text moves.
impl Hash for Span {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Span {
    /// The range `start..end` of `file`.
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The empty range at the beginning of `file`, for what concerns the file as a whole.
    pub const fn whole(file: FileId) -> Self {
        Self::new(file, 0, 0)
    }

    /// The smallest range that covers both; `other` must lie in the same file, else `self` is kept.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file == other.file {
            Self::new(
                self.file,
                self.start.min(other.start),
                self.end.max(other.end),
            )
        } else {
            self
        }
    }
}

/// A value and the place in the spec that it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At<T> {
    /// What was read.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> At<T> {
    /// `value`, read from `span`.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with the value turned into another.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> At<U> {
        At::new(f(self.value), self.span)
    }
}

/// One file: its name as messages show it, relative to the folder of the main spec, and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Name as shown, with forward slashes.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
}

/// All files of one run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

/// A place as people count: lines and columns from 1, the end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// First line.
    pub line: usize,
    /// First column, in characters.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column past the last character.
    pub end_column: usize,
}

impl Sources {
    /// Adds a file and gives it the next number.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile {
            name: name.into(),
            text: text.into(),
        });
        id
    }

    /// The file with this number; an unknown number gives an empty file, so that reporting never fails.
    pub fn file(&self, id: FileId) -> &SourceFile {
        static EMPTY: std::sync::LazyLock<SourceFile> = std::sync::LazyLock::new(|| SourceFile {
            name: String::new(),
            text: Arc::from(""),
        });
        self.files.get(id.0 as usize).unwrap_or(&EMPTY)
    }

    /// All files in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// The text of a range, cut to character boundaries.
    pub fn snippet(&self, span: Span) -> &str {
        let text = &*self.file(span.file).text;
        let start = floor_boundary(text, span.start as usize);
        let end = floor_boundary(text, span.end as usize).max(start);
        &text[start..end]
    }

    /// Line and column of a range.
    pub fn place(&self, span: Span) -> Position {
        let text = &*self.file(span.file).text;
        let (line, column) = line_column(text, span.start as usize);
        let (end_line, end_column) =
            line_column(text, (span.end as usize).max(span.start as usize));
        Position {
            line,
            column,
            end_line,
            end_column,
        }
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..floor_boundary(text, offset)];
    let line = before.bytes().filter(|&b| b == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    // A byte-order mark is no character that a person sees.
    let column = before[start..].chars().filter(|&c| c != '\u{feff}').count() + 1;
    (line, column)
}

/// The files that a spec may name, by their path relative to the folder of the main spec, so that nothing below the
/// command line touches a disk. `Err` holds what the reader shows where the file is named.
pub trait Files: Sync {
    /// The bytes of the file at `path`, which is relative, normalized and has forward slashes.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.get(path)
            .cloned()
            .ok_or_else(|| "there is no such file".to_owned())
    }
}
