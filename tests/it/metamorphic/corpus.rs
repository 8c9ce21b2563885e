//! The specs that the properties are asked of.

use super::generate;
use crate::checks::files as page_files;
use crate::generated::{self, Chance};
use crate::golden::{files, folders, root};
use mailtopo::testing::checks::ALL;
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// So many of each kind are made by chance; `METAMORPHIC=1000` makes as many as it says.
const EVERYDAY: u64 = 30;

/// A spec, its YAML files as values.
#[derive(Clone)]
pub(crate) struct Sample {
    pub name: String,
    /// The YAML files, the main one among them.
    pub documents: BTreeMap<String, Value>,
    /// The lists and other texts.
    pub texts: BTreeMap<String, Vec<u8>>,
}

pub(crate) const MAIN: &str = "mailtopo.yaml";

impl Sample {
    /// Nothing where a file is no YAML: such a spec has no keys to shuffle.
    fn of(name: String, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Option<Self> {
        let mut sample = Self {
            name,
            documents: BTreeMap::new(),
            texts: BTreeMap::new(),
        };
        for (path, bytes) in files {
            if Path::new(&path)
                .extension()
                .is_some_and(|ending| ending == "yaml")
            {
                let value: Value = serde_yaml::from_slice(&bytes).ok()?;
                sample.documents.insert(path, value);
            } else {
                sample.texts.insert(path, bytes);
            }
        }
        sample.documents.contains_key(MAIN).then_some(sample)
    }

    pub(crate) fn main(&self) -> &Value {
        &self.documents[MAIN]
    }

    /// Its files, with the same meaning.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.texts.clone();
        for (path, value) in &self.documents {
            let text = serde_yaml::to_string(value).expect("YAML");
            files.insert(path.clone(), text.into_bytes());
        }
        files
    }

    /// The same with another main document.
    pub(crate) fn with_main(&self, main: Value) -> Self {
        let mut sample = self.clone();
        sample.documents.insert(MAIN.to_owned(), main);
        sample
    }
}

pub(crate) fn samples() -> &'static [Sample] {
    static SAMPLES: OnceLock<Vec<Sample>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let mut samples = Vec::new();
        let mut add = |name: String, files: Vec<(String, Vec<u8>)>| {
            samples.extend(Sample::of(name, files));
        };
        for folder in ["examples", "golden/errors"] {
            for path in folders(&root(folder)) {
                let short = path.file_name().expect("a name").to_string_lossy();
                add(
                    format!("{folder}/{short}"),
                    files(&path).into_iter().collect(),
                );
            }
        }
        add(
            "dense".to_owned(),
            files(&root("tests/it/dense")).into_iter().collect(),
        );
        for check in ALL {
            for heading in ["Failing spec", "Mended spec"] {
                add(
                    format!("{} {heading}", check.code),
                    page_files(check, heading),
                );
            }
        }
        let alone = |bytes: Vec<u8>| vec![(MAIN.to_owned(), bytes)];
        let cases = files(&root("tests/oracle/cases")).into_iter();
        let (lists, cases): (Vec<_>, Vec<_>) = cases.partition(|(name, _)| {
            Path::new(name)
                .extension()
                .is_some_and(|ending| ending == "csv")
        });
        for (name, bytes) in cases {
            let beside = lists
                .iter()
                .filter(|(list, _)| mentions(&bytes, list))
                .cloned();
            let all = alone(bytes.clone()).into_iter().chain(beside);
            add(format!("oracle/{name}"), all.collect());
        }
        let mut chance = Chance(2_026_112_500_000_002);
        let made =
            std::env::var("METAMORPHIC").map_or(EVERYDAY, |text| text.parse().expect("a number"));
        for number in 0..made {
            let text = generated::spec(&mut chance);
            add(format!("generated {number}"), alone(text.into_bytes()));
            let made = generate::spec(number);
            let all = alone(made.text.into_bytes()).into_iter().chain(made.files);
            add(format!("topology {number}"), all.collect());
        }
        samples
    })
}

/// Whether a spec names the file.
fn mentions(spec: &[u8], file: &str) -> bool {
    String::from_utf8_lossy(spec).contains(file)
}
