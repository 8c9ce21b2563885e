//! `manifest.json`: what an output holds, so that a later run knows what is its own and what somebody changed.

use crate::output::{MANIFEST, OutputTree, Sealed, sha256};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What stands in `manifest.json`. There is no date in it: the same spec gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format.
    pub version: u32,
    /// Version of the tool that wrote the output.
    pub mailtopo: String,
    /// Hash of the resolved topology.
    pub topology: String,
    /// SHA-256 of every other file, by path.
    pub files: BTreeMap<String, String>,
}

impl Manifest {
    pub(super) fn of(tree: &OutputTree, topology: &str) -> Self {
        Self {
            version: 1,
            mailtopo: env!("CARGO_PKG_VERSION").to_owned(),
            topology: topology.to_owned(),
            files: tree
                .iter()
                .map(|(path, bytes)| (path.to_owned(), sha256(bytes)))
                .collect(),
        }
    }

    pub(super) fn text(&self) -> String {
        // Strings and maps of strings always have a JSON form.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads a manifest. `None` where it is none, or one of a later version.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let manifest: Self = serde_json::from_slice(bytes).ok()?;
        (manifest.version == 1).then_some(manifest)
    }
}

/// What was found at a path of an output folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A file with the SHA-256 of its bytes and, where its lines end in CRLF, that of its bytes with LF.
    File(String, Option<String>),
    /// Something else, or a file that nobody asked for.
    Other,
}

/// What somebody did to an output since it was written. Paths of folders end with a slash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Files whose bytes are others now.
    pub edited: Vec<String>,
    /// Files whose line ends alone are others now, as version control may leave them.
    pub line_ends: Vec<String>,
    /// Files that mailtopo did not write.
    pub foreign: Vec<String>,
    /// Files that are gone.
    pub missing: Vec<String>,
}

impl Changes {
    /// What the folder holds against what `old` says, as far as writing `new` would lose it: a file that already is as
    /// it will be written is no loss, nor is the absence of one that is no longer written.
    pub(crate) fn between(old: &Manifest, found: &BTreeMap<String, Found>, new: &Sealed) -> Self {
        let mut changes = Self::default();
        for (path, found) in found {
            let (hash, unix) = match found {
                _ if path == MANIFEST => continue,
                Found::File(hash, unix) => (Some(hash), unix.as_ref()),
                Found::Other => (None, None),
            };
            let written = old.files.get(path);
            let is_wanted = hash.is_some_and(|hash| new.hash(path) == Some(hash));
            if is_wanted || hash.is_some() && hash == written {
                continue;
            }
            match written {
                None => changes.foreign.push(path.clone()),
                Some(_) if unix.is_some() && unix == written => {
                    changes.line_ends.push(path.clone());
                }
                Some(_) => changes.edited.push(path.clone()),
            }
        }
        let gone = |path: &&String| !found.contains_key(*path) && new.get(path).is_some();
        changes.missing = old.files.keys().filter(gone).cloned().collect();
        changes
    }

    /// Whether nothing would be lost.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the folder holds exactly the files of `new`.
    pub(crate) fn none_needed(found: &BTreeMap<String, Found>, new: &Sealed) -> bool {
        let paths: BTreeSet<&str> = found.keys().map(String::as_str).collect();
        let same = |path| matches!(found.get(path), Some(Found::File(hash, _)) if new.hash(path) == Some(hash));
        paths.len() == new.len() && new.iter().all(|(path, _)| same(path))
    }
}

#[cfg(test)]
mod tests {
    use super::{Changes, Found, Manifest};
    use crate::output::{MANIFEST, OutputTree, Sealed, sha256};
    use std::collections::BTreeMap;

    fn sealed(files: &[(&str, &str)]) -> Sealed {
        let mut tree = OutputTree::default();
        for (path, text) in files {
            tree.insert(path, *text).expect("a good path");
        }
        tree.seal("t")
    }

    fn manifest(sealed: &Sealed) -> Manifest {
        Manifest::read(sealed.get(MANIFEST).expect("a manifest")).expect("its own text")
    }

    fn found(files: &[(&str, &str)]) -> BTreeMap<String, Found> {
        let found = |text: &str| {
            let unix = text
                .contains("\r\n")
                .then(|| sha256(text.replace("\r\n", "\n").as_bytes()));
            Found::File(sha256(text.as_bytes()), unix)
        };
        files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), found(text)))
            .collect()
    }

    #[test]
    fn a_manifest_reads_back() {
        let sealed = sealed(&[("a", "1"), ("b/c", "2")]);
        let read = manifest(&sealed);
        assert_eq!(read.files.len(), 2);
        assert_eq!(
            read.text().as_bytes(),
            sealed.get(MANIFEST).expect("a manifest")
        );
        for text in [
            "",
            "{}",
            "[]",
            "{\"name\": \"web app\", \"version\": 1}",
            &read.text().replace("\"version\": 1", "\"version\": 2"),
        ] {
            assert_eq!(Manifest::read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_somebody_did_is_told_apart() {
        let old = sealed(&[
            ("a", "1\n"),
            ("b", "2\n"),
            ("c", "3\n"),
            ("d", "4\n"),
            ("gone", "5\n"),
        ]);
        let new = sealed(&[
            ("a", "1\n"),
            ("b", "2\n"),
            ("c", "3\n"),
            ("d", "new\n"),
            ("e", "new\n"),
        ]);
        let mut there = found(&[
            ("a", "1\r\n"),
            ("b", "mine\n"),
            ("d", "new\n"),
            ("e", "new\n"),
            ("x", "mine\n"),
        ]);
        there.insert("folder/".to_owned(), Found::Other);
        let changes = Changes::between(&manifest(&old), &there, &new);
        assert_eq!(changes.line_ends, ["a"]);
        assert_eq!(changes.edited, ["b"]);
        assert_eq!(changes.missing, ["c"]);
        assert_eq!(changes.foreign, ["folder/", "x"]);
    }

    #[test]
    fn an_untouched_output_has_no_changes() {
        let old = sealed(&[("a", "1"), ("b", "2")]);
        let there = found(&[("a", "1"), ("b", "2"), (MANIFEST, "whatever")]);
        assert!(Changes::between(&manifest(&old), &there, &sealed(&[("a", "new")])).is_empty());
    }

    #[test]
    fn the_same_output_needs_nothing() {
        let new = sealed(&[("a", "1")]);
        let text = String::from_utf8_lossy(new.get(MANIFEST).expect("a manifest")).into_owned();
        assert!(Changes::none_needed(
            &found(&[("a", "1"), (MANIFEST, &text)]),
            &new
        ));
        for there in [
            found(&[("a", "1")]),
            found(&[("a", "2"), (MANIFEST, &text)]),
            found(&[("a", "1"), (MANIFEST, "{}")]),
            found(&[("a", "1"), ("b", "1"), (MANIFEST, &text)]),
        ] {
            assert!(!Changes::none_needed(&there, &new), "{there:?}");
        }
    }
}
