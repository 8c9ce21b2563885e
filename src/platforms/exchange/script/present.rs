//! What a script reads of an organization, and what a rule there can consist of.

use crate::platforms::exchange::entry::{line, table_items};
use crate::platforms::exchange::kind::Kind;
use crate::platforms::exchange::object::Part;
use crate::platforms::exchange::script::Scripts;
use crate::writer::Refused;
use std::collections::BTreeMap;

impl Scripts {
    pub(crate) fn kinds(&self) -> Vec<&'static Kind> {
        let mut kinds: BTreeMap<&str, &'static Kind> =
            self.reads.iter().map(|kind| (kind.name, *kind)).collect();
        for part in &self.parts {
            match part {
                Part::Object(object) => {
                    kinds.insert(object.kind.name, object.kind);
                }
                Part::Do(part) => kinds.extend(part.reads.iter().map(|kind| (kind.name, *kind))),
            }
        }
        kinds.into_values().collect()
    }

    /// What a rule can consist of; nothing where there are no rules.
    pub(crate) fn rule_parts(&self) -> Result<String, Refused> {
        let kinds = self.kinds();
        let Some(kind) = kinds.iter().find(|kind| !kind.cleared.is_empty()) else {
            return Ok(String::new());
        };
        let mut text =
            "\n# Everything that a rule of a spec can consist of.\n$ruleParts = @(\n".to_owned();
        table_items(&mut text, "    ", &kind.cleared.iter().copied().collect())?;
        text.push_str(")\n");
        Ok(text)
    }

    pub(crate) fn has_rules(&self) -> bool {
        let is_rule =
            |part: &Part| matches!(part, Part::Object(object) if !object.kind.cleared.is_empty());
        self.parts.iter().any(is_rule)
    }

    /// The function that reads what exists.
    pub(crate) fn present(&self) -> String {
        let kinds = self.kinds();
        let width = kinds.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
        let mut text = String::new();
        text.push_str("function Get-Present {\n    @{\n");
        for kind in kinds {
            line(
                &mut text,
                &format!("        {:width$} = @({})", kind.name, kind.read),
            );
        }
        text.push_str("    }\n}\n");
        text
    }
}
