//! Imports follow one direction; `ARCHITECTURE.md` says which.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module of the library may import besides itself.
const ALLOWED: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("finding", &["source"]),
    ("values", &["finding", "source"]),
    ("spf", &["finding"]),
    ("writer", &["values"]),
    ("output", &["writer"]),
    ("yaml", &["values", "finding", "source"]),
    ("spec", &["product", "yaml", "values", "finding", "source"]),
    (
        "topology",
        &[
            "product", "spec", "yaml", "spf", "values", "finding", "source",
        ],
    ),
    (
        "routes",
        &["product", "topology", "values", "finding", "source"],
    ),
    (
        "dns",
        &[
            "product", "plan", "emit", "routes", "spf", "topology", "output", "writer", "values",
            "finding", "source",
        ],
    ),
    (
        "platforms",
        &[
            "product", "plan", "routes", "topology", "output", "writer", "emit", "values",
            "finding", "source",
        ],
    ),
    (
        "plan",
        &[
            "product",
            "platforms",
            "dns",
            "routes",
            "topology",
            "values",
            "finding",
            "source",
        ],
    ),
    (
        "walk",
        &[
            "product",
            "plan",
            "platforms",
            "dns",
            "routes",
            "topology",
            "values",
            "finding",
            "source",
        ],
    ),
    (
        "publish",
        &[
            "product", "walk", "plan", "dns", "routes", "spf", "topology", "values", "finding",
            "source",
        ],
    ),
    (
        "checks",
        &[
            "product",
            "publish",
            "spf",
            "walk",
            "plan",
            "platforms",
            "dns",
            "routes",
            "topology",
            "values",
            "finding",
            "source",
        ],
    ),
    (
        "picture",
        &[
            "product", "finding", "plan", "routes", "topology", "values", "writer",
        ],
    ),
    (
        "runbook",
        &[
            "product",
            "picture",
            "walk",
            "plan",
            "platforms",
            "dns",
            "routes",
            "topology",
            "output",
            "writer",
            "values",
            "finding",
            "source",
        ],
    ),
    (
        "emit",
        &[
            "product",
            "runbook",
            "plan",
            "platforms",
            "dns",
            "routes",
            "topology",
            "output",
            "writer",
            "values",
            "finding",
            "source",
        ],
    ),
    (
        "diff",
        &[
            "publish",
            "walk",
            "plan",
            "platforms",
            "dns",
            "topology",
            "output",
            "writer",
            "report",
            "yaml",
            "values",
            "finding",
            "source",
        ],
    ),
    (
        "path_page",
        &[
            "picture", "walk", "plan", "topology", "writer", "values", "finding",
        ],
    ),
    (
        "as_built",
        &[
            "runbook",
            "picture",
            "walk",
            "plan",
            "platforms",
            "dns",
            "topology",
            "output",
            "writer",
            "values",
            "finding",
        ],
    ),
    (
        "drift",
        &[
            "diff",
            "import",
            "plan",
            "platforms",
            "dns",
            "routes",
            "topology",
            "output",
            "report",
            "writer",
            "values",
            "finding",
            "source",
        ],
    ),
    (
        "draft",
        &["drift", "import", "platforms", "report", "values"],
    ),
    ("import", &["yaml"]),
    ("report", &["values", "finding", "source"]),
    ("fix", &["yaml", "finding", "source"]),
    ("io", &["output", "source", "writer"]),
];

/// The places where all of it comes together.
const ANYTHING: &[&str] = &["lib", "main", "cli", "compile", "testing"];

/// Crates that have one home.
const HOMES: &[(&str, &[&str])] = &[
    ("granit_parser", &["yaml"]),
    ("petgraph", &["walk", "routes"]),
    ("minijinja", &["runbook"]),
    ("miette", &["report"]),
    ("clap", &["cli", "main"]),
];

#[test]
fn imports_follow_the_direction() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    assert!(files.len() > 30, "found only {} files", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let module = module_of(&root, &path);
        let text = fs::read_to_string(&path).expect("a source file can be read");
        for (krate, homes) in HOMES {
            if text.contains(&format!("{krate}::")) && !homes.contains(&module.as_str()) {
                wrong.push(format!(
                    "{}: {krate} has its home in {}",
                    path.display(),
                    homes.join(", ")
                ));
            }
        }
        if ANYTHING.contains(&module.as_str()) {
            continue;
        }
        let Some(may) = allowed.get(module.as_str()) else {
            wrong.push(format!(
                "{}: module `{module}` has no place in the direction",
                path.display()
            ));
            continue;
        };
        for import in imports(&text) {
            if import != module && !may.contains(&import.as_str()) {
                wrong.push(format!("{}: `{module}` imports `{import}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn products_do_not_know_each_other() {
    // What Exchange Online and Exchange Server share lies in `exchange`.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/platforms");
    let folders = fs::read_dir(&root).expect("the products can be listed");
    let folders = folders.flatten().filter(|entry| entry.path().is_dir());
    let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let products: Vec<String> = names.filter(|name| name != "exchange").collect();
    assert!(products.len() > 3, "{products:?}");
    let mut wrong = Vec::new();
    for product in &products {
        let mut files = Vec::new();
        rust_files(&root.join(product), &mut files);
        assert!(!files.is_empty(), "{product} has no folder");
        for path in files {
            let text = fs::read_to_string(&path).expect("a source file can be read");
            for other in products.iter().filter(|other| *other != product) {
                if text.contains(&format!("platforms::{other}")) {
                    wrong.push(format!("{}: `{product}` knows `{other}`", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Where a location's product is made or told apart by its own keys: all else asks the table for a trait.
const KNOW_KINDS: &[&str] = &[
    "dns/fixture.rs",
    "platforms/postfix/fixture.rs",
    "platforms/postfix/tests/findings.rs",
    "platforms/postfix/write/tests.rs",
    "publish/tests.rs",
    "topology/fixture.rs",
    "topology/location.rs",
    "topology/resolve/location/kind.rs",
];

/// Where the objects of every product are told apart. A product whose own order the language does not have adds its arm in
/// each of these; the list may only become shorter.
const KNOW_OBJECTS: &[&str] = &[
    "drift/live.rs",
    "plan.rs",
    "plan/given_names.rs",
    "plan/long_names.rs",
    "plan/routing_addresses.rs",
    "platforms/mod.rs",
    "testing/alter.rs",
    "walk/admit.rs",
    "walk/attribution.rs",
    "walk/candidates.rs",
    "walk/name_index.rs",
    "walk/next_hop.rs",
    "walk/processing.rs",
    "walk/sample_senders.rs",
];

#[test]
fn the_table_alone_knows_the_products() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    let (mut kinds, mut objects) = (Vec::new(), Vec::new());
    for path in files {
        let text = fs::read_to_string(&path).expect("a source file can be read");
        let below = path.strip_prefix(&root).unwrap_or(&path);
        let name = below.to_string_lossy().into_owned();
        if text.contains("LocationKind::") {
            kinds.push(name.clone());
        }
        // Who looks for the objects of one product speaks of that product; who names three decides for all.
        let named = ["ExchangeOnline", "ExchangeServer", "Postfix", "Checklist"];
        let arm = |variant: &&str| {
            let arms = [
                format!("Configuration::{variant}"),
                format!("Self::{variant}"),
            ];
            arms.iter().any(|arm| text.contains(arm))
        };
        if text.contains("Configuration") && named.iter().filter(|variant| arm(variant)).count() > 2
        {
            objects.push(name);
        }
    }
    kinds.sort();
    objects.sort();
    assert_eq!(kinds, KNOW_KINDS);
    assert_eq!(objects, KNOW_OBJECTS);
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("a folder of sources can be listed");
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// The first component below the root, without `.rs`.
fn module_of(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let first = below
        .components()
        .next()
        .map(|c| c.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}

/// Modules named after `crate::`, comments left out.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
    {
        for (at, krate) in line.match_indices("crate::") {
            let rest = &line[at + krate.len()..];
            // The table of products says what a product is, before anything of it is made: every module may ask it that may
            // not know how products are lowered and written.
            if rest.starts_with("platforms::product::") {
                found.push("product".to_owned());
            } else if let Some(group) = rest.strip_prefix('{') {
                let names = group
                    .split(',')
                    .map(|name| name.split("::").next().unwrap_or(name));
                found.extend(names.map(|name| {
                    name.trim_matches(|c: char| !c.is_alphanumeric() && c != '_')
                        .to_owned()
                }));
            } else {
                found.push(
                    rest.chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .collect(),
                );
            }
        }
    }
    found.retain(|name| !name.is_empty());
    found
}
