//! `apply.ps1`: what it needs, what it saves, and one entry per object.

use crate::platforms::exchange::catalogue::has;
use crate::platforms::exchange::entry::{apply_entry, line, table_items, table_line};
use crate::platforms::exchange::frame;
use crate::platforms::exchange::object::Part;
use crate::platforms::exchange::script::{Scripts, entry, section};
use crate::writer::Refused;
use crate::writer::powershell::PsValue;
use std::collections::{BTreeMap, BTreeSet};

impl Scripts {
    pub(crate) fn apply(&self) -> Result<String, Refused> {
        let [head, body, end] = frame::APPLY;
        let mut text = self.head(head)?;
        text.push_str(&self.needs()?);
        text.push_str(&self.unmarked()?);
        let own = self.frame();
        for piece in [
            frame::BASE,
            frame::OBJECTS,
            frame::CHANGE,
            own.shell,
            body,
            own.apply,
        ] {
            section(&mut text, piece);
        }
        if self
            .checks
            .iter()
            .any(|check| check.function == "Assert-Recipients")
        {
            section(&mut text, frame::RECIPIENTS);
        }
        text.push_str(&self.rule_parts()?);
        section(&mut text, &self.restorable()?);
        section(&mut text, &self.present());
        section(
            &mut text,
            "# Nothing is changed before all of this holds.\nAssert-Shell\nAssert-Organization\nAssert-Command $needs\nif ($Prune) { Assert-Command $removes }\n$present = Get-Present\n",
        );
        for statement in self.checks.iter().chain(&self.lookups) {
            line(&mut text, &statement.text()?);
        }
        for part in &self.parts {
            match part {
                Part::Object(object) => section(&mut text, &apply_entry(object)?),
                Part::Do(part) => entry(&mut text, &part.why, part.apply.as_ref())?,
            }
        }
        text.push_str(end);
        Ok(text)
    }

    /// Every property that is saved before a change.
    fn restorable(&self) -> Result<String, Refused> {
        let kinds = self.kinds();
        let width = kinds.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
        let mut text = String::from(
            "# Every property that is put back when an object is restored.\n$restorable = @{\n",
        );
        for kind in kinds.iter().filter(|kind| !kind.restorable.is_empty()) {
            let names: PsValue = kind.restorable.iter().copied().collect();
            if !kind.cleared.is_empty() {
                let names = names.text()?;
                line(
                    &mut text,
                    &format!("    {:width$} = $ruleParts + {names}", kind.name),
                );
                continue;
            }
            table_line(&mut text, kind.name, width, &names)?;
        }
        text.push_str("}\n");
        Ok(text)
    }

    /// What may be made and can carry no mark.
    fn unmarked(&self) -> Result<String, Refused> {
        let names = self.parts.iter().flat_map(|part| match part {
            Part::Object(object) if object.kind.is_made_unmarked() => {
                vec![format!("{} {}", object.kind.name, object.name)]
            }
            Part::Object(_) => Vec::new(),
            Part::Do(part) => part.makes.clone(),
        });
        let unmarked: PsValue = names.collect();
        let mut text = "# What it may make that can carry no mark, by kind and name.\n".to_owned();
        let whole = format!("$unmarked = {}", unmarked.text()?);
        if whole.chars().count() <= 120 {
            line(&mut text, &whole);
        } else {
            text.push_str("$unmarked = @(\n");
            table_items(&mut text, "    ", &unmarked)?;
            text.push_str(")\n");
        }
        Ok(text)
    }

    /// Every cmdlet and parameter that the script will use. What a new object leaves out may be given another time, so
    /// that this table changes only with the kinds of objects there are.
    fn needs(&self) -> Result<String, Refused> {
        let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for call in self.calls() {
            let parameters = call.parameters.iter().map(|(name, _)| *name);
            needs.entry(call.cmdlet).or_default().extend(parameters);
        }
        for part in &self.parts {
            if let Part::Object(object) = part
                && let Some(new) = object.kind.new
                && !object.bare
            {
                let names = object.with.iter().map(|(name, _)| *name);
                let known = names.filter(|name| has(new, name, self.product));
                needs.entry(new).or_default().extend(known);
            }
        }
        let width = needs.keys().map(|name| name.len() + 2).max().unwrap_or(0);
        let mut text = "$needs = @{\n".to_owned();
        for (cmdlet, parameters) in needs {
            let names: PsValue = parameters.iter().copied().collect();
            table_line(&mut text, &format!("'{cmdlet}'"), width, &names)?;
        }
        text.push_str("}\n");
        Ok(text)
    }
}
