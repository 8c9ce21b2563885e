//! What README and pages show is what the program reads and prints. `UPDATE=1` renews the spec under each `<!-- PATH -->`
//! and the output under each command.

use mailtopo::testing::READINGS;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The pages with blocks that are renewed, beside the tutorial, which has a test of its own.
const PAGES: [&str; 3] = ["README.md", "docs/consultants.md", "docs/how-it-decides.md"];

#[test]
fn commands_print_what_the_pages_show() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = std::env::temp_dir().join(format!("mailtopo-readme-{}", std::process::id()));
    let mut commands = 0;
    for page in PAGES {
        let text = fs::read_to_string(root.join(page)).expect("the page can be read");
        let text_with_specs = with_readings(&with_specs(root, &text));
        let mut renewed = String::new();
        let mut rest = text_with_specs.as_str();
        while let Some((before, after)) = rest.split_once("```console\n$ ") {
            let (block, after) = after.split_once("\n```").expect("a block that ends");
            let command = block.lines().next().unwrap_or_default();
            commands += 1;
            renewed.push_str(before);
            renewed.push_str("```console\n$ ");
            renewed.push_str(command);
            renewed.push('\n');
            renewed.push_str(run(root, command, &scratch).trim_end());
            renewed.push_str("\n```");
            rest = after;
        }
        renewed.push_str(rest);
        let _ = fs::remove_dir_all(&scratch);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(root.join(page), renewed).expect("the page can be written");
        } else {
            assert_eq!(
                text, renewed,
                "{page} shows other output than the program prints"
            );
        }
    }
    assert!(commands >= 5, "found {commands} commands");
}

/// The text with the ledger of readings between its marks.
fn with_readings(text: &str) -> String {
    const FIRST: &str = "<!-- readings -->\n";
    const LAST: &str = "<!-- end of readings -->";
    let Some((before, rest)) = text.split_once(FIRST) else {
        return text.to_owned();
    };
    let (_, after) = rest.split_once(LAST).expect("both marks");
    let mut rows =
        String::from("| reading | question | answers | without effect by |\n|---|---|---|---|\n");
    for reading in READINGS {
        let answers: Vec<String> = reading
            .alternatives
            .iter()
            .map(|(word, meaning)| format!("*{word}*: {meaning}"))
            .collect();
        _ = writeln!(
            rows,
            "| [{}]({}) | {} | {} | {} |",
            reading.id,
            reading.source,
            reading.question,
            answers.join("; "),
            reading
                .neutralised_by
                .unwrap_or("nothing; it is reported as possible")
        );
    }
    format!("{before}{FIRST}{rows}{LAST}{after}")
}

/// The README with every spec in it as the file has it.
fn with_specs(root: &Path, text: &str) -> String {
    let mut renewed = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("-->\n```yaml\n") {
        let (_, path) = before.rsplit_once("<!-- ").expect("a comment that begins");
        let (_, after) = after.split_once("```").expect("a block that ends");
        let spec = fs::read_to_string(root.join(path.trim())).expect("the spec can be read");
        renewed.extend([before, "-->\n```yaml\n", &spec, "```"]);
        rest = after;
    }
    renewed + rest
}

/// Runs a command line of the README; what it writes goes to a folder of its own.
fn run(root: &Path, command: &str, scratch: &Path) -> String {
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("mailtopo"), "{command}");
    let mut call = Command::new(env!("CARGO_BIN_EXE_mailtopo"));
    call.current_dir(root).env("NO_COLOR", "1");
    let mut is_out = false;
    for word in words {
        if is_out {
            call.arg(scratch);
        } else {
            call.arg(word);
        }
        is_out = word == "--out";
    }
    let output = call.output().expect("the program runs");
    let shown = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&shown).replace(&scratch.display().to_string(), "out")
}
