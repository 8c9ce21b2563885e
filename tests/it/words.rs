//! The words of what administrators read: none of the words that make them read a sentence twice.

use crate::golden::{files, folders, root};
use std::fs;

/// Words and phrases with a plainer one: location, external sender, loop, bounce, relay, TTL, must, roll back.
const FORBIDDEN: [&str; 28] = [
    "stranger",
    "strangers",
    "stranger's",
    "anybody",
    "somebody",
    "everybody else",
    "one of ours",
    "our place",
    "our places",
    "a place",
    "the place",
    "places",
    "home",
    "homes",
    "goes round",
    "comes back",
    "leads round",
    "hand on",
    "hands on",
    "handed on",
    "counts as written inside",
    "written inside",
    "time to live",
    "shall",
    "way back",
    "go back",
    "put back",
    "as it shall be",
];

/// The words of a text in lower case, each phrase with its neighbours. Names that are joined by hyphens or dots, and what stands
/// between backticks in Markdown, are contracts or values and no prose.
fn counted(text: &str, markdown: bool) -> Vec<&'static str> {
    let mut prose = String::new();
    let mut fenced = false;
    for line in text.lines() {
        if markdown && line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        // The examples on a page are specs, whose names are the author's.
        if fenced {
            continue;
        }
        let parts = line.split('`').enumerate();
        let kept = parts.filter(|(at, _)| !markdown || at % 2 == 0);
        for (_, part) in kept {
            // The home of an account that runs a script is a variable.
            prose.push_str(&part.replace("$HOME", " "));
            prose.push(' ');
        }
    }
    let prose = prose.to_lowercase();
    let ends = |c: char| !c.is_alphanumeric() && !"-_'.".contains(c);
    let words = prose.split(ends).map(|word| word.trim_matches('.'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let text = format!(" {} ", words.join(" "));
    let found = FORBIDDEN.iter().flat_map(|&phrase| {
        let count = text.matches(&format!(" {phrase} ")).count();
        std::iter::repeat_n(phrase, count)
    });
    found.collect()
}

/// The text between the quotes of the string literals of a Rust file, up to its tests: what programs print. What a
/// placeholder of `format!` stands for is no text.
fn literals(source: &str) -> String {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = String::new();
    let mut rest = source.chars().peekable();
    let mut last = ' ';
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => while rest.next().is_some_and(|c| c != '\n') {},
            // A quote as a character, and one that is escaped.
            '"' if last == '\'' && rest.peek() == Some(&'\'') => {}
            '"' => {
                let is_raw = last == 'r' || last == '#';
                let mut is_placeholder = false;
                while let Some(c) = rest.next().filter(|&c| c != '"') {
                    match c {
                        '\\' if !is_raw => {
                            let escaped = rest.next();
                            found.push(if escaped == Some('n') { '\n' } else { ' ' });
                        }
                        '{' => is_placeholder = true,
                        '}' => is_placeholder = false,
                        _ if is_placeholder => {}
                        _ => found.push(c),
                    }
                }
                found.push('\n');
            }
            _ => {}
        }
        last = c;
    }
    found
}

/// The Rust files below a folder that are no tests.
fn sources(folder: &str) -> impl Iterator<Item = String> {
    let paths = files(&root(folder)).into_keys();
    let ours = paths.filter(|path| {
        path.strip_suffix(".rs").is_some()
            && path
                .split('/')
                .all(|part| !["tests", "tests.rs", "testing", "testing.rs"].contains(&part))
    });
    let folder = folder.to_owned();
    ours.map(move |path| format!("{folder}/{path}"))
}

/// Everything that is read at night or in a review, by its path.
fn texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in folders(&root("golden")) {
        let name = folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        for (path, bytes) in files(&folder) {
            let read = [
                "RUNBOOK.md",
                "AS-BUILT.html",
                "CHECKLIST.md",
                ".ps1",
                ".psd1",
                ".sh",
                "main.cf",
            ];
            if read.iter().any(|end| path.ends_with(end)) {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                found.push((format!("golden/{name}/{path}"), text));
            }
        }
    }
    let mut others = vec![
        "src/platforms/exchange/lib/mailtopo-exchange.ps1".to_owned(),
        "README.md".to_owned(),
        "schemas/topology.schema.json".to_owned(),
    ];
    let pages = files(&root("docs")).into_keys();
    // A decision says what was thought on its day.
    let pages =
        pages.filter(|path| path.strip_suffix(".md").is_some() && !path.starts_with("decisions/"));
    others.extend(pages.map(|path| format!("docs/{path}")));
    for folder in folders(&root("examples")) {
        let name = folder.file_name().expect("a name").to_string_lossy();
        others.push(format!("examples/{name}/README.md"));
    }
    for path in others {
        let text = fs::read_to_string(root(&path)).expect("a text");
        found.push((path, text));
    }
    found.extend(sources("src").map(|path| {
        let text = fs::read_to_string(root(&path)).expect("a text");
        let text = literals(&text);
        (format!("messages of {path}"), text)
    }));
    found
}

#[test]
fn what_administrators_read_has_no_riddles() {
    let texts = texts();
    let runbooks = texts
        .iter()
        .filter(|(path, _)| path.ends_with("RUNBOOK.md"));
    assert!(runbooks.count() > 20, "too few runbooks");
    assert!(texts.len() > 100, "only {} texts", texts.len());
    let mut wrong = Vec::new();
    for (path, text) in &texts {
        let words = counted(
            text,
            path.strip_suffix(".md").is_some() || path.starts_with("messages"),
        );
        if !words.is_empty() {
            wrong.push(format!("{path}: {}", words.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_forbidden_word_is_counted_and_a_name_is_not() {
    let text = "Mail of strangers shall be\nhanded on. `stranger` and Read-Places are names.";
    assert_eq!(counted(text, true), ["strangers", "handed on", "shall"]);
    assert_eq!(counted("marshall, placeshift, handed over", true), [""; 0]);
    let source = "// a place\nlet (q, m) = ('\"', format!(\"`{home}` of \\\"somebody\\\" {places:?} shall\"));\n#[cfg(test)]\n\"strangers\"";
    assert_eq!(counted(&literals(source), true), ["somebody", "shall"]);
}
