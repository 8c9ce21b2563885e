//! Records, keys and mail that leaves, against programs that others wrote: name servers and their checkers, receivers, and the
//! tools that read the formats.
//!
//! The programs are asked about all examples and about generated specs; `DNS_SPECS=2000` says how many of these, `DNS_FIRST`
//! which is the first.

mod cases;
mod differences;
mod facts_script;
mod formats;
mod generate;
mod input;
mod messages;
mod peers;
#[path = "../oracle/random.rs"]
mod random;
#[path = "../readers/zone.rs"]
mod reader;
mod receivers;
mod served;
mod spf;
mod zones;

use mailtopo::testing::Asked;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The day of every run.
const TODAY: &str = "2026-11-29";

fn root(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files below a folder, by their paths in it.
fn below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(name) = path.strip_prefix(folder) {
                let name = name.to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// A spec, by the name of its folder or its number.
struct Spec {
    name: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl Spec {
    /// What it comes to, if it compiles.
    fn compiled(&self) -> Option<Asked> {
        let asked = Asked::of("mailtopo.yaml", &self.files, TODAY)?;
        asked.files().is_some().then_some(asked)
    }
}

/// The specs in the folders below these.
fn folders(parents: &[&str]) -> Vec<Spec> {
    let mut specs = Vec::new();
    for parent in parents {
        for entry in fs::read_dir(root(parent)).expect("a folder") {
            let folder = entry.expect("an entry").path();
            if folder.join("mailtopo.yaml").is_file() {
                specs.push(Spec {
                    name: folder.display().to_string(),
                    files: below(&folder),
                });
            }
        }
    }
    specs.sort_by(|a, b| a.name.cmp(&b.name));
    specs
}

/// Generated specs, so many where nobody asks for another number; of those that are refused as specs others take the place.
fn generated(everyday: u64) -> impl Iterator<Item = Spec> {
    let number = |name: &str, usual: u64| {
        std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
    };
    let first = number("DNS_FIRST", 0);
    let wanted = number("DNS_SPECS", everyday);
    (first..first + wanted).map(|seed| Spec {
        name: format!("generated {seed}"),
        files: generate::spec(seed).files,
    })
}

/// The spec with `terraform`, `octodns` and `dnscontrol` among the formats that it writes.
fn in_all_formats(spec: &Spec) -> Option<Spec> {
    let text = String::from_utf8(spec.files.get("mailtopo.yaml")?.clone()).ok()?;
    let formats = "formats: [bind, octodns, dnscontrol, terraform]";
    let text = match text
        .lines()
        .find(|line| line.trim_start().starts_with("formats:"))
    {
        Some(line) => {
            let indent = line.len() - line.trim_start().len();
            text.replace(line, &format!("{}{formats}", &line[..indent]))
        }
        None => match text.lines().find(|line| *line == "dns:") {
            Some(_) => text.replacen("dns:\n", &format!("dns:\n  {formats}\n"), 1),
            // In one line, behind the brace.
            None if text.contains("\ndns: {") => {
                text.replacen("\ndns: {", &format!("\ndns: {{{formats}, "), 1)
            }
            None if text.contains("\ndns:") => return None,
            None => format!("{text}\ndns:\n  {formats}\n"),
        },
    };
    let mut files = spec.files.clone();
    files.insert("mailtopo.yaml".to_owned(), text.into_bytes());
    Some(Spec {
        name: spec.name.clone(),
        files,
    })
}

/// The zones among written files, by origin; those of stages and of others left out.
fn zones_of(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, String> {
    by_name(files, "dns/", ".zone")
}

/// The texts of the files in a folder, by what is between the folder and the ending.
fn by_name(
    files: &BTreeMap<String, Vec<u8>>,
    folder: &str,
    ending: &str,
) -> BTreeMap<String, String> {
    files
        .iter()
        .filter_map(|(path, bytes)| {
            let name = path.strip_prefix(folder)?.strip_suffix(ending)?;
            let text = String::from_utf8_lossy(bytes).into_owned();
            (!name.contains('/')).then(|| (name.to_owned(), text))
        })
        .collect()
}
