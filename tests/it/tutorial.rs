//! `docs/tutorial.md` runs from an empty folder, block by block. `UPDATE=1` renews what the commands print.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_tutorial_runs_from_an_empty_folder() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tutorial.md");
    let text = fs::read_to_string(&path).expect("the tutorial");
    let folder = tempfile::tempdir().expect("a folder");
    let mut renewed = String::new();
    let mut commands = 0;
    let mut file: Option<&str> = None;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        renewed.push_str(line);
        renewed.push('\n');
        if let Some(name) = line.strip_prefix("<!-- file: ") {
            file = name.strip_suffix(" -->");
        }
        let (is_file, is_console) = (line == "```yaml", line == "```console");
        if !is_file && !is_console {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if is_file {
            let name = file.take().expect("a file name before the block");
            let body = block.join("\n") + "\n";
            fs::write(folder.path().join(name), &body).expect("a file");
            renewed.push_str(&body);
        } else {
            for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
                commands += 1;
                renewed += &["$ ", command, "\n", &run(folder.path(), command)].concat();
            }
        }
        renewed.push_str("```\n");
    }
    assert!(commands > 8, "only {commands} commands");
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &renewed).expect("the tutorial can be written");
    } else {
        assert_eq!(
            text, renewed,
            "docs/tutorial.md shows other output than the program prints"
        );
    }
}

/// What a line of the shell prints, standard error behind standard output.
fn run(folder: &Path, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_mailtopo"));
    let bin = program.parent().expect("a folder").display();
    let paths = env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", format!("{bin}:{paths}"))
        .env("NO_COLOR", "1")
        .output()
        .expect("sh runs");
    let shown = [output.stdout, output.stderr].concat();
    let shown = String::from_utf8_lossy(&shown).trim_end().to_owned();
    if shown.is_empty() {
        shown
    } else {
        shown + "\n"
    }
}

/// Every page of `docs` is in the summary, and no link of a page or of the README is dead.
#[test]
fn pages_are_listed_and_their_links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let summary = fs::read_to_string(root.join("docs/SUMMARY.md")).expect("a summary");
    let mut pages = vec![root.join("README.md")];
    let docs = root.join("docs");
    let entries = [docs.clone(), docs.join("decisions")];
    let entries = entries.map(|folder| fs::read_dir(folder).expect("a folder"));
    for entry in entries.into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|end| end == "md") {
            let name = path.strip_prefix(&docs).expect("below");
            let name = name.to_string_lossy().replace('\\', "/");
            let is_listed = summary.contains(&format!("({name})"));
            assert!(
                is_listed || name == "SUMMARY.md",
                "{name} is not in the summary"
            );
            pages.push(path);
        }
    }
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page");
        let mut is_code = false;
        for line in text.lines() {
            is_code ^= line.starts_with("```");
            // What stands in code is no link.
            let prose: String = line.split('`').step_by(2).collect();
            for part in prose.split("](").skip(1).filter(|_| !is_code) {
                let link = part.split([')', '#']).next().unwrap_or_default();
                if link.is_empty() || link.contains("://") {
                    continue;
                }
                let there = page.parent().expect("a folder").join(link);
                assert!(there.exists(), "{}: dead link {link}", page.display());
            }
        }
    }
}
