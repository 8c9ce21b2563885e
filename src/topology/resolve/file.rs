//! Files that a spec names: their paths, their encoding, each read once.
//!
//! Paths are only looked at as text here; that no symbolic link leads out of the folder is up to whoever reads the disk.

use crate::finding::{Code, Finding, Findings};
use crate::source::{FileId, Files, Sources, Span};
use crate::values::shown;
use crate::yaml;
use std::collections::BTreeMap;

/// What reading needs from outside: the files, and where their text is kept for messages.
pub(super) struct Reader<'a> {
    files: &'a dyn Files,
    /// All texts read so far.
    pub(super) sources: &'a mut Sources,
    read: BTreeMap<String, Option<FileId>>,
    /// Where each file lies, whatever messages call it.
    paths: BTreeMap<FileId, String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(files: &'a dyn Files, sources: &'a mut Sources) -> Self {
        Self {
            files,
            sources,
            read: BTreeMap::new(),
            paths: BTreeMap::new(),
        }
    }

    /// Adds the main spec, whose text is there already. Other files lie in its folder, also where its name has one.
    pub(super) fn main(
        &mut self,
        name: &str,
        text: &[u8],
        findings: &mut Findings,
    ) -> Option<FileId> {
        let file = yaml::add_file(self.sources, name, text.to_vec(), findings);
        let path = name.rsplit('/').next().unwrap_or(name).to_owned();
        if let Some(file) = file {
            self.paths.insert(file, path.clone());
        }
        self.read.insert(path, file);
        file
    }

    /// The text of a file, which is read the first time it is named. A mistake is reported where it is named first.
    pub(super) fn open(
        &mut self,
        written: &str,
        span: Span,
        findings: &mut Findings,
    ) -> Option<FileId> {
        let path = self.path(written, span, findings)?;
        self.open_path(&path, span, findings)
    }

    /// The path relative to the folder of the main spec.
    pub(super) fn path(
        &self,
        written: &str,
        span: Span,
        findings: &mut Findings,
    ) -> Option<String> {
        let from = self.paths.get(&span.file).map_or("", String::as_str);
        match relative_path(from, written) {
            Ok(path) => Some(path),
            Err((message, help)) => {
                let finding = Finding::error(Code::S020, message).at(span, "");
                findings.push(match help {
                    Some(help) => finding.help(help),
                    None => finding,
                });
                None
            }
        }
    }

    /// The same for a path that was found good already.
    pub(super) fn open_path(
        &mut self,
        path: &str,
        span: Span,
        findings: &mut Findings,
    ) -> Option<FileId> {
        if let Some(known) = self.read.get(path) {
            return *known;
        }
        let file = self.read(path, span, findings);
        if let Some(file) = file {
            self.paths.insert(file, path.to_owned());
        }
        self.read.insert(path.to_owned(), file);
        file
    }

    fn read(&mut self, path: &str, span: Span, findings: &mut Findings) -> Option<FileId> {
        let bytes = match self.files.read(path) {
            Ok(bytes) => bytes,
            Err(why) => {
                findings.push(
                    Finding::error(Code::S020, format!("cannot read `{path}`: {why}"))
                        .at(span, "")
                        .help("a path is relative to the file that names it, and what is read is a file in the folder of the main spec or below: put it there, or correct the path"),
                );
                return None;
            }
        };
        if u32::try_from(bytes.len()).is_err() {
            findings.push(
                Finding::error(Code::S020, format!("`{path}` is larger than 4 GB"))
                    .at(span, "")
                    .help("divide it"),
            );
            return None;
        }
        yaml::add_file(self.sources, path, bytes, findings)
    }
}

/// The path that `written` means in the file `from`, relative to the folder of the main spec; or what is wrong with it
/// and what to write.
fn relative_path(from: &str, written: &str) -> Result<String, (String, Option<String>)> {
    let refuse =
        |why: &str, help: &str| Err((format!("{} {why}", shown(written)), Some(help.to_owned())));
    let move_it = "put the file into that folder, and name it from the file that this stands in";
    if written.is_empty() {
        let help = "write such as `partners.yaml`, or leave the key out".to_owned();
        return Err(("a path cannot be empty".to_owned(), Some(help)));
    }
    if written.chars().any(char::is_control) {
        return refuse(
            "holds a control character",
            "name the file by what can be seen",
        );
    }
    if written.contains('\\') {
        let help = format!("write {}", shown(&written.replace('\\', "/")));
        return Err((format!("{} holds a backslash", shown(written)), Some(help)));
    }
    if written.starts_with('/') || written.starts_with('~') {
        return refuse(
            "is an absolute path: files lie in the folder of the main spec or below it",
            move_it,
        );
    }
    if written.contains(':') {
        return refuse(
            "holds a colon, as no path in the folder of the main spec does",
            move_it,
        );
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.is_empty() => {
                return refuse("leads out of the folder of the main spec", move_it);
            }
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() || written.ends_with('/') {
        return refuse("names a folder, not a file", "name one file in it");
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_names_them() {
        for (from, written, path) in [
            ("mailtopo.yaml", "users.csv", "users.csv"),
            ("mailtopo.yaml", "./lists//users.csv", "lists/users.csv"),
            ("parts/eu.yaml", "users.csv", "parts/users.csv"),
            ("parts/eu.yaml", "../users.csv", "users.csv"),
            ("-", "users.csv", "users.csv"),
        ] {
            assert_eq!(
                relative_path(from, written).as_deref(),
                Ok(path),
                "{written}"
            );
        }
    }

    #[test]
    fn paths_that_leave_the_folder_are_refused() {
        for (written, part) in [
            ("", "empty"),
            ("/etc/passwd", "absolute"),
            ("~/users.csv", "absolute"),
            ("../users.csv", "leads out"),
            ("a/../../users.csv", "leads out"),
            ("lists\\users.csv", "backslash"),
            ("C:users.csv", "colon"),
            ("users.csv\0", "control"),
            ("lists/", "folder"),
            (".", "folder"),
        ] {
            let (message, _) = relative_path("mailtopo.yaml", written).unwrap_err();
            assert!(message.contains(part), "{written}: {message}");
        }
    }

    #[test]
    fn a_file_is_read_once_and_its_encoding_checked() {
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::from([
            (
                "latin.csv".to_owned(),
                b"address\nj\xfcrgen@contoso.com\n".to_vec(),
            ),
            ("wide.csv".to_owned(), b"\xff\xfea\0".to_vec()),
            ("good.csv".to_owned(), b"a@contoso.com".to_vec()),
        ]);
        let mut sources = Sources::default();
        let main = sources.add("mailtopo.yaml", "");
        let mut findings = Findings::default();
        let mut reader = Reader::new(&files, &mut sources);
        let span = Span::whole(main);
        assert_eq!(reader.open("latin.csv", span, &mut findings), None);
        assert_eq!(reader.open("latin.csv", span, &mut findings), None);
        assert_eq!(reader.open("wide.csv", span, &mut findings), None);
        assert_eq!(reader.open("missing.csv", span, &mut findings), None);
        let good = reader.open("good.csv", span, &mut findings);
        assert_eq!(reader.open("./good.csv", span, &mut findings), good);
        assert!(good.is_some());
        let codes: Vec<_> = findings.iter().map(|f| f.check).collect();
        assert_eq!(codes, [Code::S021, Code::S021, Code::S020]);
        let place = findings
            .iter()
            .next()
            .and_then(|f| f.labels.first())
            .map(|l| sources.place(l.span));
        assert_eq!(place.map(|p| (p.line, p.column)), Some((2, 2)));
    }

    #[test]
    fn the_folder_of_the_main_spec_is_where_it_lies() {
        let files: BTreeMap<String, Vec<u8>> =
            BTreeMap::from([("users.csv".to_owned(), b"a@contoso.com".to_vec())]);
        let mut sources = Sources::default();
        let mut findings = Findings::default();
        let mut reader = Reader::new(&files, &mut sources);
        let main = reader.main("specs/prod/mailtopo.yaml", b"", &mut findings);
        let span = Span::whole(main.unwrap());
        assert!(reader.open("users.csv", span, &mut findings).is_some());
        assert_eq!(reader.open("../users.csv", span, &mut findings), None);
        assert_eq!(reader.open("mailtopo.yaml", span, &mut findings), main);
    }
}
