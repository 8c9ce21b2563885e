//! Every spec there is, by a name that lasts.

use crate::generate;
use crate::keys::with_more_keys;
use crate::messages::{Message, usual};
use crate::surface::{Compiled, Files, MAIN};
use serde_yaml::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// So many generated specs are part of every run.
const EVERYDAY: u64 = 100;

/// A spec and what it comes to.
pub(crate) struct Spec {
    pub name: String,
    pub files: Files,
    compiled: OnceLock<Compiled>,
    messages: OnceLock<Vec<Message>>,
}

impl Spec {
    pub(crate) fn new(name: impl Into<String>, files: Files) -> Self {
        Self {
            name: name.into(),
            files,
            compiled: OnceLock::new(),
            messages: OnceLock::new(),
        }
    }

    /// What it comes to, found out once.
    pub(crate) fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| Compiled::of(&self.files))
    }

    /// The usual messages and their ways, found out once.
    pub(crate) fn messages(&self) -> &[Message] {
        self.messages.get_or_init(|| usual(self.compiled(), self))
    }

    /// The main document as a value; nothing where it is no YAML.
    pub(crate) fn main(&self) -> Option<Value> {
        serde_yaml::from_slice(self.files.get(MAIN)?).ok()
    }

    /// The same files with another main document.
    pub(crate) fn with_main(&self, main: &Value) -> Self {
        let mut files = self.files.clone();
        let text = serde_yaml::to_string(main).expect("YAML");
        files.insert(MAIN.to_owned(), text.into_bytes());
        Self::new(self.name.clone(), files)
    }

    /// Whether it was made by chance.
    pub(crate) fn is_generated(&self) -> bool {
        self.name.starts_with("generated/") || self.name.starts_with("derived/")
    }

    /// Whether the main document names a file.
    fn mentions(&self, name: &str) -> bool {
        let main = self.files.get(MAIN);
        main.is_some_and(|main| String::from_utf8_lossy(main).contains(name))
    }

    /// Its files, to be read by people.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let is_needed = |name: &str| name == MAIN || self.mentions(name);
        for (name, bytes) in self.files.iter().filter(|(name, _)| is_needed(name)) {
            if name != MAIN {
                let _ = writeln!(text, "# {name}");
            }
            text.push_str(&String::from_utf8_lossy(bytes));
        }
        text
    }
}

/// How many generated specs are asked for beyond the usual ones; nothing on every day.
pub(crate) fn more() -> Option<u64> {
    let text = std::env::var("LAWS").ok()?;
    Some(text.parse().expect("LAWS is a number"))
}

/// The specs that are asked for by name; nothing where all are asked.
pub(crate) fn only() -> Option<&'static [String]> {
    static ONLY: OnceLock<Option<Vec<String>>> = OnceLock::new();
    let only = ONLY.get_or_init(|| {
        let names = std::env::var("LAWS_SPECS").ok()?;
        Some(names.split(',').map(ToOwned::to_owned).collect())
    });
    only.as_deref()
}

/// The numbers of the generated specs with such a name: those that are asked for, or so many.
pub(crate) fn numbers(start: &str, everyday: u64) -> Vec<u64> {
    let Some(only) = only() else {
        return (0..more().unwrap_or(everyday)).collect();
    };
    let numbers = only.iter().filter_map(|name| name.strip_prefix(start));
    numbers
        .map(|number| number.parse().expect("a generated spec has a number"))
        .collect()
}

pub(crate) fn root(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// All specs: written ones in a fixed order, then generated ones by number.
pub(crate) fn corpus() -> &'static [Spec] {
    static CORPUS: OnceLock<Vec<Spec>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let mut all = Vec::new();
        for (folder, short) in [
            ("examples", "examples"),
            ("golden/errors", "errors"),
            ("golden/runs", "runs"),
            ("tests/cases", "cases"),
            ("tests/field", "field"),
        ] {
            for path in folders(&root(folder)) {
                let files = below(&path);
                let name = path.file_name().expect("a name").to_string_lossy();
                if files.contains_key(MAIN) {
                    all.push(Spec::new(format!("{short}/{name}"), files));
                }
            }
        }
        all.extend(pages());
        all.extend(oracle());
        if let Some(only) = only() {
            all.retain(|spec| only.contains(&spec.name));
        }
        all.extend(numbers("generated/", EVERYDAY).into_iter().map(generated));
        all
    })
}

/// The spec that is made by chance under a number.
pub(crate) fn generated(number: u64) -> Spec {
    let made = generate::spec(number);
    let mut files = made.files;
    let text = usize::try_from(number)
        .ok()
        .and_then(|number| with_more_keys(&made.text, &mut files, number));
    files.insert(MAIN.to_owned(), text.unwrap_or(made.text).into_bytes());
    Spec::new(format!("generated/{number}"), files)
}

/// The folders in a folder, by name; none where it is missing.
pub(crate) fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Every file below a folder by its path.
pub(crate) fn below(folder: &Path) -> Files {
    let mut found = Files::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("it is below");
            let name = name.to_string_lossy().replace('\\', "/");
            found.insert(name, fs::read(&path).expect("it can be read"));
        }
    }
    found
}

/// Both specs of every page in `docs/checks.md`: `mailtopo.yaml`, and the files whose fence says `file=NAME`.
fn pages() -> Vec<Spec> {
    let text = fs::read_to_string(root("docs/checks.md")).expect("the pages of the checks");
    let mut all = Vec::new();
    let (mut code, mut which) = (String::new(), "");
    let mut files = Files::new();
    let mut fence: Option<(String, bool, String)> = None;
    for line in text.lines().chain(["## end"]) {
        if let Some((name, escaped, body)) = &mut fence {
            if line.starts_with("```") {
                let bytes = if *escaped {
                    unescaped(body)
                } else {
                    body.clone().into_bytes()
                };
                files.insert(name.clone(), bytes);
                fence = None;
            } else {
                body.push_str(line);
                body.push('\n');
            }
            continue;
        }
        if line.starts_with('#') {
            let files = std::mem::take(&mut files);
            if !which.is_empty() && files.contains_key(MAIN) {
                all.push(Spec::new(format!("checks/{code}-{which}"), files));
            }
            which = match line {
                "### Failing spec" => "failing",
                "### Mended spec" => "mended",
                _ => "",
            };
            if let Some(heading) = line.strip_prefix("## ") {
                code = heading
                    .chars()
                    .take_while(|c| c.is_alphanumeric())
                    .collect();
            }
        } else if let Some(info) = line.strip_prefix("```") {
            let name = info.split(' ').find_map(|word| word.strip_prefix("file="));
            let escaped = info.split(' ').any(|word| word == "escaped");
            fence = Some((name.unwrap_or(MAIN).to_owned(), escaped, String::new()));
        }
    }
    all
}

/// `\xNN` as the byte it stands for.
fn unescaped(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).expect("two hexadecimal digits"));
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}

/// The cases of the oracle, each with the lists that it names.
fn oracle() -> Vec<Spec> {
    let files = below(&root("tests/oracle/cases"));
    let (cases, lists): (Files, Files) = files
        .into_iter()
        .partition(|(name, _)| has_ending(name, "yaml"));
    let mut all = Vec::new();
    for (name, bytes) in cases {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let beside = lists
            .iter()
            .filter(|(list, _)| text.contains(list.as_str()));
        let mut files: Files = beside
            .map(|(list, bytes)| (list.clone(), bytes.clone()))
            .collect();
        files.insert(MAIN.to_owned(), bytes);
        let short = name.strip_suffix(".yaml").unwrap_or(&name);
        all.push(Spec::new(format!("oracle/{short}"), files));
    }
    all
}

pub(crate) fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|it| it == ending)
}

#[test]
fn the_corpus_is_whole() {
    let count = |start: &str| {
        let specs = corpus().iter();
        specs.filter(|spec| spec.name.starts_with(start)).count()
    };
    if only().is_some() {
        return;
    }
    for (start, least) in [
        ("examples/", 26),
        ("errors/", 100),
        ("runs/", 100),
        ("cases/", 80),
        ("checks/", 240),
        ("oracle/", 40),
        ("generated/", 1),
    ] {
        assert!(count(start) >= least, "{} of {start}", count(start));
    }
    println!("{} specs", corpus().len());
}
