//! A comparison as a comment on a change, which may hold 65,536 characters: a table, then the groups, the worst first.

use crate::diff::group::Path;
use crate::diff::human::{
    self, first_difference, footnotes, in_both, named_after, names, summary, sureness, tls,
    what_changes, whose,
};
use crate::diff::{Change, Diff, Direction};
use crate::report::{code, prose, visible};
use std::fmt::Write as _;

/// So many bytes are written at most, which leaves room for what is said at the end.
const BUDGET: usize = 60_000;

/// So many bytes of it are for what is renamed, added and removed.
const HEAD: usize = 12_000;

/// So many bytes are for the names of files.
const FILES: usize = 3_000;

/// So many bytes of it are for the table: a group has its row before another one has its paths.
const TABLE: usize = 57_000;

/// The whole text. `spec` names the comparison, so that a later one can take its place.
pub(crate) fn markdown(diff: &Diff, spec: &str, command: &str) -> String {
    let hidden: String = visible(spec)
        .chars()
        .filter(|c| !matches!(c, '<' | '>'))
        .collect::<String>()
        .replace("--", "- -");
    let mut out = format!("<!-- mailtopo-diff: {hidden} -->\n");
    _ = writeln!(out, "### Mail flow: {}", prose(&summary(diff)));
    let renamed = diff.renamed.iter();
    let mut lines: Vec<String> = renamed
        .map(|(old, new)| format!("\nRenamed: {} → {}\n", name(old), name(new)))
        .collect();
    for (word, sources) in [
        ("Added", &diff.sources_added),
        ("Removed", &diff.sources_removed),
    ] {
        lines.extend(sources.iter().map(|(source, ends)| {
            let ends = names(ends.iter().map(String::as_str));
            format!(
                "\n**{word}:** {}{} (its mail ends {})\n",
                name(source),
                in_both(diff, source, &word.to_ascii_lowercase()),
                name(&ends)
            )
        }));
    }
    lines.extend(
        diff.rename_hint()
            .map(|hint| format!("\n{}\n", prose(&visible(&hint)))),
    );
    let accepted = diff.accepted.iter();
    lines.extend(
        accepted
            .map(|(what, reason)| format!("\n**Accepted:** {} ({})\n", name(what), name(reason))),
    );
    let total = lines.len();
    let mut shown = 0;
    for line in lines {
        if out.len() + line.len() > HEAD {
            break;
        }
        out.push_str(&line);
        shown += 1;
    }
    if shown < total {
        let more = total - shown;
        _ = writeln!(out, "\nRenamed, added, removed or accepted: {more} more");
    }
    if diff.is_pure_rename && diff.is_flow_unchanged() {
        if let Some(text) = named_after(diff) {
            _ = writeln!(out, "\n{}", prose(&text));
        }
        return out;
    }
    let rows = table(diff, &mut out);
    // Paths have room where all rows have some.
    let has_room = rows == 0;
    let mut left = 0;
    for change in &diff.changes {
        if change.direction == Direction::Neutral {
            continue;
        }
        let mut details = details(change, has_room);
        if out.len() + details.len() > BUDGET {
            details = self::details(change, false);
        }
        if !has_room || out.len() + details.len() > BUDGET {
            left += 1;
            continue;
        }
        out.push_str(&details);
    }
    for note in footnotes(diff) {
        _ = writeln!(out, "\n{}", prose(&visible(&note)));
    }
    objects(diff, &mut out);
    files(diff, &mut out);
    if rows + left > 0 {
        _ = writeln!(
            out,
            "\nThere is no room for the rows of {rows} groups and the paths of {left}; {} shows all.",
            name(command)
        );
    }
    out
}

/// A row for each group; how many had no room.
fn table(diff: &Diff, out: &mut String) -> usize {
    if diff.changes.is_empty() {
        return 0;
    }
    out.push_str("\n| | from | to | recipients | before | after |\n|---|---|---|--:|---|---|\n");
    let mut left = 0;
    for change in &diff.changes {
        let sign = match change.direction {
            Direction::Lost | Direction::Worse => "⚠️ ",
            Direction::Gained | Direction::Better => "✅ ",
            Direction::Neutral => "",
        };
        let mark = match change.footnote() {
            "" => String::new(),
            sign => format!(" {sign}"),
        };
        let announced = match change.announced {
            Some(false) => " (M013: not announced)",
            Some(true) => " (announced)",
            None => "",
        };
        let recipients = match change.recipients {
            0 => "–".to_owned(),
            count => count.to_string(),
        };
        let mut domains = region(change);
        if change.is_authentication() {
            domains = format!("all, in the name of {domains}");
        }
        if !change.also_possible.is_empty() {
            let also: Vec<&String> = change.also_possible.iter().collect();
            domains = format!("{domains}, possible too: {}", spans(also.into_iter()));
        }
        let row = format!(
            "| {sign}**{}**{mark}{announced}{} | {} | {}, {} | {recipients} | {} | {} |\n",
            change.direction.word(),
            cell(&prose(&sureness(change))),
            cell(&spans(change.from.iter())),
            cell(&domains),
            cell(&prose(&visible(&join(change.whose.iter())))),
            cell(&name(&change.old.differing(&change.what))),
            cell(&name(&change.new.differing(&change.what))),
        );
        if out.len() + row.len() > TABLE {
            left += 1;
        } else {
            out.push_str(&row);
        }
    }
    left
}

/// One group with its cause and, where there is room, both paths.
fn details(change: &Change, traces: bool) -> String {
    let open = match change.direction {
        Direction::Lost | Direction::Worse => " open",
        Direction::Gained | Direction::Better | Direction::Neutral => "",
    };
    let because = if change.because.is_empty() {
        String::new()
    } else {
        format!(": because {}", html(&join(change.because.iter())))
    };
    let mut out = format!(
        "\n<details{open}><summary>{}{because}</summary>\n\n",
        change.direction.word()
    );
    if change.is_authentication() {
        let domains = region(change);
        let whose = prose(&visible(&whose(change)));
        _ = writeln!(out, "In the name of {domains}: {whose}.</details>");
        return out;
    }
    _ = writeln!(
        out,
        "To {}. A message from {} to {}:",
        prose(&visible(&whose(change))),
        name(&change.witness_from),
        name(&change.witness_to)
    );
    if traces {
        let (old, new) = (change.old.shown.first(), change.new.shown.first());
        let hops = |path: Option<&Path>| path.map(|path| path.hops.clone()).unwrap_or_default();
        let differs = first_difference(&hops(old), &hops(new));
        side("before", old, differs, &mut out);
        side("after", new, differs, &mut out);
    }
    out.push_str("</details>\n");
    out
}

fn side(word: &str, path: Option<&Path>, differs: usize, out: &mut String) {
    let Some(path) = path else {
        _ = writeln!(out, "\n{word}: no such message");
        return;
    };
    _ = writeln!(
        out,
        "\n{word}: {}, TLS {}\n",
        name(&path.ends),
        name(&path.tls)
    );
    for (number, hop) in path.hops.iter().enumerate() {
        let bold = if number == differs { "**" } else { "" };
        _ = writeln!(
            out,
            "{}. {bold}{} → {}{bold} by {}{}: {}",
            number + 1,
            name(&hop.at),
            name(&hop.to),
            name(&hop.by),
            tls(hop),
            prose(&visible(&hop.why))
        );
    }
    _ = writeln!(
        out,
        "{}. {}",
        path.hops.len() + 1,
        prose(&visible(&path.why))
    );
}

/// What changes of objects and records, as far as there is room: where no mail goes elsewhere, it is all that there is to review.
fn objects(diff: &Diff, out: &mut String) {
    let total = diff.objects.len();
    if total == 0 {
        return;
    }
    let open = if diff.changes.is_empty() { " open" } else { "" };
    _ = writeln!(
        out,
        "\n<details{open}><summary>objects that change: {total}</summary>\n"
    );
    let mut shown = 0;
    for change in &diff.objects {
        let what = name(&what_changes(change));
        let line = format!("- {}: {what}\n", name(&change.object));
        if out.len() + line.len() > BUDGET {
            break;
        }
        out.push_str(&line);
        shown += 1;
    }
    if shown < total {
        _ = writeln!(out, "- {} more", total - shown);
    }
    out.push_str("\n</details>\n");
}

fn files(diff: &Diff, out: &mut String) {
    let Some(files) = &diff.files else {
        out.push_str("\nFiles: not compared, because one of the specs has errors: `mailtopo check` shows them.\n");
        return;
    };
    let parts: Vec<String> = [
        ("changed", &files.changed),
        ("new", &files.added),
        ("removed", &files.removed),
    ]
    .into_iter()
    .filter(|(_, list)| !list.is_empty())
    .map(|(word, list)| (list.len(), word, spans(list.iter())))
    .map(|(count, word, names)| match names.len() {
        // A path may be long, and the count says enough.
        FILES.. => format!("{count} {word}"),
        _ => format!("{count} {word} ({names})"),
    })
    .collect();
    if !parts.is_empty() {
        _ = writeln!(out, "\nFiles: {}", parts.join("; "));
    }
}

/// A name as one code span.
fn name(text: &str) -> String {
    code(&visible(text))
}

/// Names as code spans with commas, the first twenty of them.
fn spans<'a>(all: impl ExactSizeIterator<Item = &'a String>) -> String {
    let total = all.len();
    let shown: Vec<String> = all.take(20).map(|text| name(text)).collect();
    match total - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The domains of a change.
fn region(change: &Change) -> String {
    match change.all_but {
        Some(_) => prose(&visible(&human::region(change))),
        None => spans(change.domains.iter()),
    }
}

fn join<'a>(all: impl Iterator<Item = &'a String>) -> String {
    let all: Vec<&str> = all.map(String::as_str).collect();
    all.join(", ")
}

/// Text in a cell of a table, where a bar ends the cell even in a code span.
fn cell(text: &str) -> String {
    text.replace("\\|", "|").replace('|', "\\|")
}

/// Text in a tag that holds no Markdown.
fn html(text: &str) -> String {
    let text = visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('@', "&#64;");
    format!("<code>{text}</code>")
}
