//! The set of files that a compilation produces, with the manifest that makes it recognizable.
//!
//! This module must not know how the files are stored (`io`) nor what is in them (`targets`).

mod manifest;
mod path;

pub use manifest::Manifest;
pub(crate) use manifest::{Changes, Found};

use crate::writer::Refused;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Name of the manifest in the folder of the output.
pub const MANIFEST: &str = "manifest.json";

/// What becomes of the text that writers make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sink {
    /// It is kept, as files.
    #[default]
    Files,
    /// It is let go: the question is only whether anything is refused.
    Refusals,
}

/// The page with the hashes of all other files. Like the manifest it differs whenever anything does.
pub const AS_BUILT: &str = "AS-BUILT.html";

/// Files by their path, which is relative, has forward slashes and can be stored on every system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputTree {
    files: BTreeMap<String, Vec<u8>>,
    places: path::Places,
    sink: Sink,
    hashes: bool,
}

impl OutputTree {
    /// A tree that refuses what every tree refuses, and keeps no text.
    pub fn of_refusals() -> Self {
        Self {
            sink: Sink::Refusals,
            ..Self::default()
        }
    }

    /// A tree that keeps the SHA-256 of each file in place of its text, to be compared with another one of the kind.
    pub fn of_hashes() -> Self {
        Self {
            hashes: true,
            ..Self::default()
        }
    }

    /// What becomes of what is added.
    pub const fn sink(&self) -> Sink {
        self.sink
    }

    /// Adds a file. Refused are paths that leave the folder, that some system cannot store, that differ from another in
    /// case alone, and the manifest's own.
    pub fn insert(&mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Result<(), Refused> {
        if path.eq_ignore_ascii_case(MANIFEST) {
            return Err(Refused::new(format!(
                "`{path}` is the manifest of the output"
            )));
        }
        self.places.take(path)?;
        if self.sink == Sink::Files {
            let bytes = bytes.into();
            let bytes = if self.hashes {
                Sha256::digest(&bytes).to_vec()
            } else {
                bytes
            };
            self.files.insert(path.to_owned(), bytes);
        }
        Ok(())
    }

    /// The files in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// What stands under a path.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Adds the manifest, after which nothing can be added. `topology` is the hash of the resolved topology.
    #[must_use]
    pub fn seal(self, topology: &str) -> Sealed {
        let manifest = Manifest::of(&self, topology);
        let mut files = self.files;
        let text = manifest.text().into_bytes();
        let mut hashes = manifest.files;
        hashes.insert(MANIFEST.to_owned(), sha256(&text));
        files.insert(MANIFEST.to_owned(), text);
        Sealed { files, hashes }
    }
}

/// A whole output: every file and the manifest that lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    files: BTreeMap<String, Vec<u8>>,
    hashes: BTreeMap<String, String>,
}

impl Sealed {
    /// The files in the order of their paths, the manifest among them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The bytes of one file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The SHA-256 of one file.
    pub fn hash(&self, path: &str) -> Option<&str> {
        self.hashes.get(path).map(String::as_str)
    }

    /// How many files there are, the manifest included.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Never true: there is always the manifest.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// SHA-256 of `bytes` in hexadecimal, lower case.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::{MANIFEST, OutputTree, sha256};

    #[test]
    fn sealing_adds_the_manifest_and_depends_on_nothing_else() {
        let tree = |paths: &[&str]| {
            let mut tree = OutputTree::default();
            for path in paths {
                tree.insert(path, path.as_bytes()).expect("a good path");
            }
            tree
        };
        let one = tree(&["dns/a.zone", "RUNBOOK.md"]).seal("abc");
        let other = tree(&["RUNBOOK.md", "dns/a.zone"]).seal("abc");
        assert_eq!(one, other);
        assert_eq!(one.len(), 3);
        assert!(!one.is_empty());
        let manifest = String::from_utf8_lossy(one.get(MANIFEST).expect("a manifest")).into_owned();
        assert!(
            manifest.contains(&format!("\"dns/a.zone\": \"{}\"", sha256(b"dns/a.zone"))),
            "{manifest}"
        );
        assert_ne!(one, tree(&["dns/a.zone", "RUNBOOK.md"]).seal("abd"));
        assert_ne!(one, tree(&["dns/a.zone"]).seal("abc"));
    }

    #[test]
    fn the_manifest_is_not_to_be_given() {
        assert!(OutputTree::default().insert("Manifest.json", "x").is_err());
    }

    #[test]
    fn hashes_are_those_of_the_standard() {
        // FIPS 180-4, example for "abc".
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
