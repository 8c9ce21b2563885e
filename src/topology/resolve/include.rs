//! The files of a spec: the main one, and those that it includes.

use crate::finding::{Code, Finding};
use crate::source::{At, FileId};
use crate::spec::Document;
use crate::topology::resolve::context::Scope;
use std::collections::BTreeMap;

/// All documents of a spec, the main one first, then in the order in which they are included.
pub(super) fn documents(main: FileId, scope: &mut Scope<'_>) -> Vec<At<Document>> {
    let mut reading = Reading {
        documents: Vec::new(),
        open: Vec::new(),
        first: BTreeMap::new(),
    };
    reading.read(main, scope);
    reading.documents
}

/// Files nest this deep at most; whoever needs more has lost the overview.
const MOST_NESTED: usize = 16;

struct Reading {
    documents: Vec<At<Document>>,
    /// The files between the main one and the one that is read.
    open: Vec<FileId>,
    /// Where each file was included first.
    first: BTreeMap<FileId, crate::source::Span>,
}

impl Reading {
    fn read(&mut self, file: FileId, scope: &mut Scope<'_>) {
        let Some(document) = crate::topology::resolve::read_as::<Document>(file, scope) else {
            return;
        };
        let include = document.value.include.clone();
        self.documents.push(document);
        self.open.push(file);
        for path in &include.items {
            let Some(included) = scope.reader.open(&path.value, path.span, scope.findings) else {
                continue;
            };
            if self.open.contains(&included) {
                let circle: Vec<String> = self
                    .open
                    .iter()
                    .skip_while(|open| **open != included)
                    .chain([&included])
                    .map(|file| scope.reader.sources.file(*file).name.clone())
                    .collect();
                scope.error_help(
                    Code::S020,
                    format!(
                        "these files include each other: `{}`",
                        circle.join("` includes `")
                    ),
                    path.span,
                    "leave this one out",
                );
            } else if let Some(first) = self.first.get(&included) {
                let finding =
                    Finding::error(Code::S020, format!("`{}` is included twice", path.value))
                        .at(path.span, "")
                        .at(*first, "first here")
                        .help("include it once: its names are known everywhere");
                scope.findings.push(finding);
            } else if self.open.len() >= MOST_NESTED {
                scope.error_help(
                    Code::S020,
                    format!("files include each other more than {MOST_NESTED} deep"),
                    path.span,
                    "include it from the main spec: names are known everywhere",
                );
            } else {
                self.first.insert(included, path.span);
                self.read(included, scope);
            }
        }
        self.open.pop();
    }
}
