//! The forms of a report and where each goes.

use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::report::{Format, Look, Report};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A form and its file; without one it goes to standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    format: Format,
    file: Option<PathBuf>,
}

impl Form {
    /// Reads `FORM` or `FORM=FILE`; `-` as the file is standard output.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (word, file) = match text.split_once('=') {
            Some((_, "")) => return Err("the file after `=` has no name".to_owned()),
            Some((word, "-")) => (word, None),
            Some((word, file)) => (word, Some(PathBuf::from(file))),
            None => (text, None),
        };
        match Format::ALL.into_iter().find(|format| format.name() == word) {
            Some(format) => Ok(Self { format, file }),
            None => Err(unknown(word)),
        }
    }
}

impl Form {
    /// Which form it is.
    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    /// Its file, where it has one.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

fn unknown(word: &str) -> String {
    let names = Format::ALL.map(Format::name);
    match crate::finding::nearest(word, names) {
        Some(near) => format!("there is no form `{word}`; did you mean `{near}`?"),
        None => format!(
            "there is no form `{word}`; the forms are {}",
            names.join(", ")
        ),
    }
}

/// Refuses forms that would overwrite each other, before anything is done.
pub(super) fn check(forms: &[Form]) -> Result<(), Failure> {
    let mut places = BTreeSet::new();
    for form in forms {
        if places.insert(&form.file) {
            continue;
        }
        return Err(match &form.file {
            None => {
                Failure::new("only one form of the report can go to standard output").help(format!(
                    "give the others a file: `--output-format {}=FILE`",
                    form.format.name()
                ))
            }
            Some(file) => Failure::new(format!(
                "two forms of the report go to `{}`",
                file.display()
            )),
        });
    }
    Ok(())
}

/// Writes every form: files first, so that they are there even where nobody reads standard output.
pub(super) fn write(forms: &[Form], report: &Report<'_>, screen: &Screen) -> Result<(), Failure> {
    write_each(forms, screen, |form, look| {
        let is_silent = screen.is_quiet()
            && form.file.is_none()
            && form.format == Format::Human
            && report.is_empty();
        (!is_silent).then(|| report.render(form.format, look))
    })?;
    if forms.iter().all(|form| form.file.is_some()) {
        // Who reads the screen learns how it ended, and when quiet why it failed.
        let summary = format!("{}\n", report.summary_line());
        if !screen.is_quiet() || report.failed() {
            screen.stderr(&summary);
        }
    }
    Ok(())
}

/// Writes what `render` makes of every form as it looks where it goes; files first.
pub(super) fn write_each(
    forms: &[Form],
    screen: &Screen,
    render: impl Fn(&Form, Look) -> Option<String>,
) -> Result<(), Failure> {
    for form in forms {
        let Some(file) = &form.file else { continue };
        let text = render(form, Look::PLAIN).unwrap_or_default();
        replace(file, &text).map_err(|error| {
            Failure::new(format!(
                "cannot write the report to `{}`: {error}",
                file.display()
            ))
        })?;
        screen.detail(&format!("wrote `{}`", file.display()));
    }
    for form in forms.iter().filter(|form| form.file.is_none()) {
        if let Some(text) = render(form, screen.look()) {
            screen.result(&text)?;
        }
    }
    Ok(())
}

/// Puts a text in place of a file in one step, so that a full disk leaves the old one whole. What is no plain file, such
/// as a pipe, is written to.
pub(super) fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let is_special = fs::metadata(&real).is_ok_and(|known| !known.is_file());
    let (Some(name), false) = (real.file_name(), is_special) else {
        return fs::write(&real, text);
    };
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}", std::process::id()));
    let beside = real.with_file_name(beside);
    let done = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &real));
    if done.is_err() {
        // What is left of it helps nobody.
        _ = fs::remove_file(&beside);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::{Form, check};

    #[test]
    fn forms_are_read_with_their_files() {
        for (text, part) in [
            ("yson", "did you mean `json`?"),
            ("", "the forms are human"),
            ("json=", "has no name"),
            ("Sarif=a", "did you mean `sarif`?"),
        ] {
            let refused = Form::parse(text).expect_err(text);
            assert!(refused.contains(part), "{text}: {refused}");
        }
        let form = Form::parse("sarif=a=b.sarif").expect("a form");
        assert_eq!(form.file.as_deref(), Some("a=b.sarif".as_ref()));
        assert_eq!(Form::parse("json=-"), Form::parse("json"));
    }

    #[test]
    fn two_forms_in_one_place_are_refused() {
        let forms = |texts: &[&str]| -> Vec<Form> {
            texts
                .iter()
                .map(|text| Form::parse(text).expect("a form"))
                .collect()
        };
        assert!(check(&forms(&["human", "json=a", "sarif=b"])).is_ok());
        assert!(check(&forms(&["human", "json"])).is_err());
        assert!(check(&forms(&["human=a", "json=a"])).is_err());
    }
}
