//! A ledger for programs and for people.

use crate::draft::Part;
use crate::draft::ledger::{Entry, Ledger, Verdict};
use serde_json::{Value, json};
use std::fmt::Write as _;

impl Ledger {
    /// The form for programs.
    pub(crate) fn json(&self, parts: &[Part]) -> String {
        fn verdicts<'l>(entries: impl Iterator<Item = &'l Entry> + Clone) -> Value {
            let counts = Ledger::counts(entries).into_iter();
            let counts = counts.map(|(verdict, count)| (verdict.word().to_owned(), count.into()));
            Value::Object(counts.collect())
        }
        let of_file = |location: &str, file: &str| {
            let is_its = |at: &&Entry| at.source.0 == location && at.source.1 == file;
            let own: Vec<&Entry> = self.entries.iter().filter(is_its).collect();
            json!({"location": location, "source": file, "values": own.len(), "verdicts": verdicts(own.iter().copied())})
        };
        let sources = parts.iter().flat_map(|part| {
            let files = part.export.files.iter();
            files.map(|file| of_file(&part.location, file))
        });
        let document = json!({
            "version": 1,
            "sources": sources.collect::<Vec<_>>(),
            "values": self.entries.len(),
            "verdicts": verdicts(self.entries.iter()),
            "extra": self.extra,
            "not_added": self.not_added,
        });
        // The entries are many, so that none is held in two forms.
        let mut text = format!("{document:#}");
        text.truncate(text.trim_end_matches(['}', '\n']).len());
        text.push_str(",\n  \"entries\": [");
        for (number, at) in self.entries.iter().enumerate() {
            text.push_str(if number == 0 { "\n    {" } else { ",\n    {" });
            let pairs = [
                ("location", at.source.0.as_str()),
                ("source", at.source.1.as_str()),
                ("object", at.object.as_str()),
                ("property", at.property.as_str()),
                ("verdict", at.verdict.word()),
                ("reason", at.reason.as_str()),
            ];
            for (place, (key, value)) in pairs.into_iter().enumerate() {
                let comma = if place == 0 { "" } else { "," };
                _ = write!(text, "{comma}\n      \"{key}\": {}", Value::from(value));
            }
            text.push_str("\n    }");
        }
        text.push_str(if self.entries.is_empty() {
            "]\n}\n"
        } else {
            "\n  ]\n}\n"
        });
        text
    }

    /// The form for people: what was assumed, then what the draft does not say.
    pub(crate) fn markdown(&self, parts: &[Part], assumed: &[String]) -> String {
        let code = |text: &str| crate::report::code(text);
        let names: Vec<String> = parts.iter().map(|part| code(&part.location)).collect();
        let sources: Vec<String> = parts
            .iter()
            .map(|part| code(&part.export.source()))
            .collect();
        let mut text = format!(
            "# Import of {}\n\nFrom {}: {}.\n",
            names.join(" and "),
            sources.join(" and "),
            self.summary()
        );
        if !assumed.is_empty() {
            text.push_str(
                "\n## Assumed\n\nNo export says these. Correct them in `mailtopo.yaml` first.\n\n",
            );
            for line in assumed {
                _ = writeln!(text, "- {}", crate::report::prose(line));
            }
        }
        if !self.extra.is_empty() {
            text.push_str("\n## Does not exist\n\nThe draft would make these.\n\n");
            for title in &self.extra {
                _ = writeln!(text, "- {}", code(title));
            }
        }
        if !self.not_added.is_empty() {
            text.push_str(
                "\n## Not added\n\nThe spec cannot take these beside what it says: write them by hand.\n\n",
            );
            for edit in &self.not_added {
                _ = writeln!(text, "- {}", crate::report::prose(edit));
            }
        }
        for (verdict, heading, what) in [
            (
                Verdict::NotUnderstood,
                "Not understood",
                "The draft does not say these. Look at each before anything is compiled from it.",
            ),
            (
                Verdict::Truncated,
                "Truncated",
                "The export lost these, or does not show them, and the draft has what is usual. Of Exchange, export again with `facts.ps1 -OutFile state.json`.",
            ),
            (
                Verdict::Unmanaged,
                "Unmanaged",
                "The language cannot say these. Connectors and rules that have them stand in the draft with `managed: false`.",
            ),
        ] {
            let entries: Vec<&Entry> = self
                .entries
                .iter()
                .filter(|at| at.verdict == verdict)
                .collect();
            if entries.is_empty() {
                continue;
            }
            _ = writeln!(text, "\n## {heading}\n\n{what}\n");
            for same in entries.chunk_by(|a, b| {
                a.source == b.source && a.object == b.object && a.reason == b.reason
            }) {
                let Some(entry) = same.first() else {
                    continue;
                };
                let properties: Vec<String> = same.iter().map(|at| code(&at.property)).collect();
                _ = writeln!(
                    text,
                    "- {}: {}, {}: {}",
                    code(&entry.source.0),
                    code(&entry.object),
                    properties.join(", "),
                    crate::report::prose(&entry.reason)
                );
            }
        }
        text
    }
}
