//! Which paths an output may hold. The same spec must give the same files on every system, so a path is refused
//! everywhere when one system could not store it.

use crate::writer::{Refused, shown};
use std::collections::BTreeMap;

/// What stands where: files and the folders they need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// By path in lower case: the path as written, and whether it is a file.
    taken: BTreeMap<String, (String, bool)>,
}

impl Places {
    /// Takes the place of a file, with the folders above it.
    pub(super) fn take(&mut self, path: &str) -> Result<(), Refused> {
        check(path)?;
        let ends = path.match_indices('/').map(|(at, _)| (at, false));
        let places: Vec<_> = ends.chain([(path.len(), true)]).collect();
        for &(end, is_file) in &places {
            let place = &path[..end];
            match self.taken.get(&place.to_ascii_lowercase()) {
                Some((other, _)) if other != place => {
                    return Err(Refused::new(format!(
                        "`{path}` and `{other}` differ in case alone, which is one place on many systems"
                    )));
                }
                Some((_, true)) if is_file => {
                    return Err(Refused::new(format!("`{path}` is written twice")));
                }
                Some((other, was_file)) if *was_file != is_file => {
                    return Err(Refused::new(format!(
                        "`{other}` would be a file and a folder"
                    )));
                }
                None | Some(_) => {}
            }
        }
        for (end, is_file) in places {
            let place = &path[..end];
            self.taken
                .insert(place.to_ascii_lowercase(), (place.to_owned(), is_file));
        }
        Ok(())
    }
}

fn check(path: &str) -> Result<(), Refused> {
    match path.split('/').find_map(problem) {
        None => Ok(()),
        Some(why) => Err(Refused::new(format!(
            "`{}` cannot be a file of the output: {why}",
            shown(path)
        ))),
    }
}

/// Why one name of a path is no good. The rules are those of Windows, which are the narrowest
/// (<https://learn.microsoft.com/windows/win32/fileio/naming-a-file>).
fn problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("a name in it is empty");
    }
    if name == "." || name == ".." {
        return Some("it leaves its folder");
    }
    if name.len() > 255 {
        return Some("a name in it is longer than 255 characters");
    }
    // Other scripts have several spellings of one name, which some systems take for the same.
    if !name.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Some("a name in it holds more than printable ASCII");
    }
    if name.contains(['\\', ':', '*', '?', '"', '<', '>', '|']) {
        return Some("Windows cannot store one of its characters");
    }
    if name.starts_with(' ') || name.ends_with([' ', '.']) {
        return Some("a name in it begins or ends with a blank or ends with a dot");
    }
    if is_device(name) {
        return Some("a name in it is a device on Windows");
    }
    None
}

/// `CON`, `com1.txt` and their like, which are devices with any extension.
fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let numbered = |prefix| {
        stem.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"].contains(&stem.as_str())
        || numbered("COM")
        || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::Places;
    use proptest::prelude::*;

    #[test]
    fn good_paths() {
        let mut places = Places::default();
        for path in [
            "RUNBOOK.md",
            "cloud/apply.ps1",
            "dns/mta-sts/contoso.com/.well-known/mta-sts.txt",
            "dns/xn--mnchen-3ya.de.zone",
            "console/com10",
            "_dmarc",
        ] {
            assert_eq!(places.take(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn bad_paths() {
        for path in [
            "",
            "/etc/passwd",
            "a//b",
            "a/",
            "../a",
            "a/../b",
            "./a",
            "C:/a",
            "C:\\a",
            "a\\b",
            "a:b",
            "a*",
            "a?",
            "\"a\"",
            "<a>",
            "a|b",
            "a.",
            "a ",
            " a",
            "a./b",
            "CON",
            "con",
            "nul.txt",
            "a/AUX.zone",
            "com1",
            "Lpt9.x.y",
            "NUL .txt",
            "CONIN$",
            "ä",
            "a\nb",
            "a\0b",
            "a\u{202e}b",
        ] {
            assert!(Places::default().take(path).is_err(), "{path:?}");
        }
        assert!(Places::default().take(&"a".repeat(256)).is_err());
    }

    #[test]
    fn two_files_at_one_place() {
        for (one, other, why) in [
            ("a", "a", "twice"),
            ("a/b", "a/b", "twice"),
            ("a/b", "A/b", "case alone"),
            ("a/b", "A/c", "case alone"),
            ("readme.md", "README.md", "case alone"),
            ("a", "a/b", "a file and a folder"),
            ("a/b", "a", "a file and a folder"),
        ] {
            let mut places = Places::default();
            places.take(one).expect("the first has its place");
            let refused = places.take(other).expect_err(other).message;
            assert!(refused.contains(why), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn no_path_leaves_the_folder(path in "[a-c./\\\\:C ]{0,10}") {
            if Places::default().take(&path).is_ok() {
                let inside = std::path::Path::new(&path)
                    .components()
                    .all(|part| matches!(part, std::path::Component::Normal(_)));
                prop_assert!(inside);
            }
        }
    }
}
