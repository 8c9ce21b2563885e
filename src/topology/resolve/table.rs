//! Lists in files: one entry per line, or CSV (RFC 4180) with a header.
//!
//! This module must not know what the entries mean. Places are whole rows.

use crate::finding::{Code, Finding, Findings, nearest};
use crate::source::{FileId, Sources, Span};
use csv::{ByteRecord, ReaderBuilder};
use std::sync::Arc;

/// How many mistakes of one file are shown before the rest is only counted.
const SHOWN: usize = 20;

/// Which columns a kind of list knows; the first is the one that a list without a header consists of.
pub(super) type Known = [&'static str];

/// Which columns stand in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    positions: Vec<Option<usize>>,
    /// Rows or columns could not be read.
    pub(super) incomplete: bool,
}

impl Columns {
    /// Whether the file has the column at this position of the known ones.
    pub(super) fn has(&self, known: usize) -> bool {
        self.positions.get(known).copied().flatten().is_some()
    }
}

/// One row.
pub(super) struct Row<'r> {
    /// The row without its line end.
    pub(super) span: Span,
    fields: Fields<'r>,
}

enum Fields<'r> {
    Line(&'r str),
    Record(&'r ByteRecord, &'r Columns),
}

impl Row<'_> {
    /// The field of a known column, without white space around it; empty where there is none.
    pub(super) fn get(&self, known: usize) -> &str {
        match &self.fields {
            Fields::Line(text) if known == 0 => text,
            Fields::Line(_) => "",
            Fields::Record(record, columns) => columns
                .positions
                .get(known)
                .copied()
                .flatten()
                .and_then(|index| record.get(index))
                .and_then(|field| std::str::from_utf8(field).ok())
                .map_or("", str::trim),
        }
    }
}

/// Mistakes of one file, of which the first are shown and all are counted.
#[derive(Default)]
pub(super) struct RowFindings {
    count: usize,
    last: Span,
}

impl RowFindings {
    /// Adds one, shown or counted.
    pub(super) fn push(&mut self, finding: Finding, findings: &mut Findings) {
        self.count += 1;
        if self.count <= SHOWN {
            findings.push(finding);
        } else if let Some(label) = finding.labels.first() {
            self.last = label.span;
        }
    }

    /// Whether there was one.
    pub(super) fn any(&self) -> bool {
        self.count > 0
    }

    /// Says how many were only counted.
    pub(super) fn finish(&self, findings: &mut Findings) {
        if self.count > SHOWN {
            findings.push(
                Finding::error(
                    Code::S019,
                    format!(
                        "{} more rows of this file have mistakes",
                        self.count - SHOWN
                    ),
                )
                .at(self.last, "the last of them"),
            );
        }
    }
}

/// Reads a list and hands over its rows; blank lines do not count. Gives back which columns it has.
pub(super) fn rows(
    sources: &Sources,
    file: FileId,
    known: &Known,
    findings: &mut Findings,
    mut each: impl FnMut(&Row<'_>, &Columns, &mut Findings),
) -> Columns {
    let text: Arc<str> = Arc::clone(&sources.file(file).text);
    let mark = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let body = text.get(mark..).unwrap_or_default();
    let header = body
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    if !is_header(header, known) {
        lines(
            body,
            mark,
            file,
            |row, findings| each(row, &Columns::default(), findings),
            findings,
        );
        return Columns::default();
    }
    csv_rows(body, mark, file, known, findings, &mut each)
}

fn is_header(line: &str, known: &Known) -> bool {
    let word = line.trim().trim_matches('"');
    line.contains(',')
        || known.iter().any(|column| column.eq_ignore_ascii_case(word))
        || is_other_separator(line, known)
}

/// A header of known columns with a separator that is none here.
fn is_other_separator(line: &str, known: &Known) -> bool {
    let mut words = line.split([';', '\t', '|']);
    words.clone().nth(1).is_some()
        && words.any(|word| {
            known
                .iter()
                .any(|column| column.eq_ignore_ascii_case(word.trim().trim_matches('"')))
        })
}

fn lines(
    body: &str,
    mark: usize,
    file: FileId,
    mut each: impl FnMut(&Row<'_>, &mut Findings),
    findings: &mut Findings,
) {
    let mut start = mark;
    for line in body.split_inclusive('\n') {
        let text = line.trim();
        if !text.is_empty() {
            let from = start + (line.len() - line.trim_start().len());
            let row = Row {
                span: span(file, from, from + text.len()),
                fields: Fields::Line(text),
            };
            each(&row, findings);
        }
        start += line.len();
    }
}

fn csv_rows(
    body: &str,
    mark: usize,
    file: FileId,
    known: &Known,
    findings: &mut Findings,
    each: &mut impl FnMut(&Row<'_>, &Columns, &mut Findings),
) -> Columns {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut record = ByteRecord::new();
    let mut mistakes = RowFindings::default();
    let mut columns: Option<(Columns, usize)> = None;
    loop {
        let start = position(&reader);
        // Reading from memory has no other errors than those that `flexible` switches off.
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
            break;
        }
        let end = position(&reader);
        let raw = body.get(start..end).unwrap_or_default();
        let text = raw.trim();
        let from = mark + start + (raw.len() - raw.trim_start().len());
        let place = span(file, from, from + text.len());
        let Some((known_columns, width)) = &columns else {
            let found = header(&record, place, known, findings);
            if !found.has(0) {
                return found;
            }
            columns = Some((found, record.len()));
            continue;
        };
        if text.contains('\n') {
            let line = text.lines().next().unwrap_or_default().len();
            mistakes.push(
                Finding::error(
                    Code::S017,
                    "this row goes on over the end of its line: a quote is not closed",
                )
                .at(span(file, from, from + line), "")
                .help("close the quote, or double it where it belongs to the text"),
                findings,
            );
            continue;
        }
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        if record.len() != *width {
            mistakes.push(
                Finding::error(
                    Code::S017,
                    match record.len() {
                        1 => format!("this row has 1 field, the header names {width}"),
                        many => format!("this row has {many} fields, the header names {width}"),
                    },
                )
                .at(place, "")
                .help("give every row the columns of the header; a field that holds a comma stands in quotes"),
                findings,
            );
            continue;
        }
        let row = Row {
            span: place,
            fields: Fields::Record(&record, known_columns),
        };
        each(&row, known_columns, findings);
    }
    mistakes.finish(findings);
    let mut columns = columns.map(|(columns, _)| columns).unwrap_or_default();
    columns.incomplete |= mistakes.any();
    columns
}

fn position(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

fn header(record: &ByteRecord, place: Span, known: &Known, findings: &mut Findings) -> Columns {
    let mut columns = Columns {
        positions: vec![None; known.len()],
        incomplete: false,
    };
    let names: Vec<String> = record
        .iter()
        .map(|name| String::from_utf8_lossy(name).trim().to_owned())
        .collect();
    let mut unread = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let position = known
            .iter()
            .position(|column| column.eq_ignore_ascii_case(name));
        match position.and_then(|known| columns.positions.get_mut(known)) {
            Some(Some(_)) => {
                findings.push(
                    Finding::error(
                        Code::S002,
                        format!("column `{name}` stands twice in the header"),
                    )
                    .at(place, ""),
                );
            }
            Some(slot) => *slot = Some(index),
            None if name.is_empty() || name.contains([';', '\t', '|']) => {}
            None => match nearest(&name.to_ascii_lowercase(), known.iter().copied()) {
                // A misspelt column would be missed; one of another purpose is only mentioned.
                Some(near) => findings.push(
                    Finding::error(
                        Code::S007,
                        format!("this list has a column `{name}`, which is not known"),
                    )
                    .at(place, "")
                    .help(format!("did you mean `{near}`?")),
                ),
                None => unread.push(name.as_str()),
            },
        }
    }
    if !unread.is_empty() {
        findings.push(
            Finding::note(Code::S007, not_read(&unread))
                .at(place, "")
                .help(format!("known columns are `{}`", known.join("`, `"))),
        );
    }
    let key = known.first().copied().unwrap_or_default();
    if !columns.has(0) {
        columns.incomplete = true;
        let finding =
            Finding::error(Code::S019, format!("this list has no column `{key}`")).at(place, "");
        findings.push(if let [one] = names.as_slice()
            && one.contains([';', '\t', '|'])
        {
            finding.help("separate the columns with commas")
        } else {
            finding.help(format!("name the column `{key}` in the first line, or write one entry per line and nothing else"))
        });
    }
    columns
}

/// The columns that nobody reads, of many only the first.
fn not_read(names: &[&str]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(5)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = match names.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match names {
        [_] => format!("column {} is not read", shown.join(", ")),
        _ => format!("columns {}{more} are not read", shown.join(", ")),
    }
}

fn span(file: FileId, start: usize, end: usize) -> Span {
    let cut = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(file, cut(start), cut(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["address", "location", "aliases"];

    fn read(text: &str) -> (Vec<(String, String, usize)>, Vec<String>) {
        let mut sources = Sources::default();
        let file = sources.add("list.csv", text);
        let mut findings = Findings::default();
        let mut seen = Vec::new();
        rows(&sources, file, &KNOWN, &mut findings, |row, _, _| {
            seen.push((
                row.get(0).to_owned(),
                row.get(1).to_owned(),
                sources.place(row.span).line,
            ));
        });
        let said = findings
            .iter()
            .map(|f| {
                let place = f.labels.first().map_or(0, |l| sources.place(l.span).line);
                format!("{} {place} {}", f.check, f.message)
            })
            .collect();
        (seen, said)
    }

    fn row(address: &str, location: &str, line: usize) -> (String, String, usize) {
        (address.to_owned(), location.to_owned(), line)
    }

    #[test]
    fn lines_and_csv_are_told_apart() {
        assert_eq!(
            read("\u{feff}a@x\r\n\r\n  b@x \r\n").0,
            [row("a@x", "", 1), row("b@x", "", 3)]
        );
        assert_eq!(read("address\na@x\n").0, [row("a@x", "", 2)]);
        let csv = "\u{feff}Location,\"Address\"\r\nhq,a@x\r\n\r\n\"cloud\" , b@x\r\n";
        assert_eq!(
            read(csv),
            (
                vec![row("a@x", "hq", 2), row("b@x", "cloud", 4)],
                Vec::new()
            )
        );
    }

    #[test]
    fn mistakes_in_rows_have_their_place() {
        let (rows, said) = read("address,location\na@x\nb@x,hq,more\n\"c@x,hq\nd@x,hq\n");
        assert_eq!(rows, []);
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(
            said[0].starts_with("S017 2 this row has 1 field,"),
            "{said:?}"
        );
        assert!(said[2].starts_with("S017 4 this row goes on"), "{said:?}");
        let (rows, said) = read("name,location\nx,hq\n");
        assert_eq!((rows.len(), said.len()), (0, 2), "{said:?}");
        let (_, said) = read("address;location\na@x;hq\n");
        assert_eq!(said, ["S019 1 this list has no column `address`"]);
        let (_, said) = read("address,locaton,displayname\na@x,hq,A\n");
        assert!(
            said[0].starts_with("S007 1 this list has a column `locaton`"),
            "{said:?}"
        );
        assert!(said[1].contains("`displayname` is not read"), "{said:?}");
    }

    #[test]
    fn many_mistakes_are_counted() {
        let (_, said) = read(&format!("address,location\n{}", "x\n".repeat(1000)));
        assert_eq!(said.len(), SHOWN + 1);
        assert_eq!(
            said[SHOWN],
            "S019 1001 980 more rows of this file have mistakes"
        );
    }
}
