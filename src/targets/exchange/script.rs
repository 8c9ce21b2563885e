//! Turns objects into the five scripts of a location.
//!
//! A script is a frame that never changes, and one entry per object. This module must not know why an object exists.

use super::call::Call;
use super::catalogue::{self, Product, has};
use super::entry::{apply_entry, line, table_items, table_line, verify_entry};
use super::frame::{self, Frame};
use super::kind::Kind;
use super::object::{Part, Statement};
use super::plain::{plain_entry, plain_lookup};
use crate::writer::Refused;
use crate::writer::powershell::{PsValue, comment, file};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that the scripts of one location say.
#[derive(Clone, Debug)]
pub struct Scripts {
    /// Whose shell runs them.
    pub product: Product,
    /// The location's name.
    pub location: String,
    /// The location's name before it was renamed.
    pub former_location: Option<String>,
    /// Variables of the frame and their values.
    pub constants: Vec<(&'static str, PsValue)>,
    /// Kinds that are looked at, whether objects of them shall exist or not.
    pub reads: Vec<&'static Kind>,
    /// What is made sure of before the first change.
    pub checks: Vec<Statement>,
    /// What is looked up before the first change, because no spec can know it.
    pub lookups: Vec<Statement>,
    /// What shall be, in the order in which it is made.
    pub parts: Vec<Part>,
    /// What `verify.ps1` says at its end.
    pub verify_last: Vec<Statement>,
    /// What gathers the facts.
    pub facts: Vec<Statement>,
}

/// What a comment of an object starts with that this location's scripts made.
pub fn mark(location: &str) -> String {
    format!("[mailtopo:{location}]")
}

impl Scripts {
    /// The files, by name.
    ///
    /// Refuses text that a script cannot carry, and a call that the catalogue says is wrong, which is a bug of mailtopo.
    pub fn files(&self) -> Result<BTreeMap<&'static str, Vec<u8>>, Refused> {
        self.check()?;
        Ok(BTreeMap::from([
            ("apply.ps1", file(&self.apply()?)),
            ("commands.ps1", file(&self.commands()?)),
            ("verify.ps1", file(&self.verify()?)),
            ("rollback.ps1", file(&self.rollback()?)),
            ("facts.ps1", file(&self.facts()?)),
        ]))
    }

    fn check(&self) -> Result<(), Refused> {
        let wrong: Vec<String> = self
            .calls()
            .iter()
            .filter_map(|call| catalogue::check(call, self.product).err())
            .flatten()
            .collect();
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Refused::new(format!(
            "a script for `{}` would be wrong: {}",
            self.location,
            wrong.join("; ")
        )))
    }

    /// Every call of the entries, also those that functions of the frame make for them.
    fn calls(&self) -> Vec<Call> {
        let mut calls = Vec::new();
        for part in &self.parts {
            match part {
                Part::Object(object) => {
                    calls.extend(object.create());
                    calls.push(object.change());
                    calls.extend(object.rename());
                    if object.any_recipient.is_some() {
                        calls.extend(["Add-ADPermission", "Remove-ADPermission"].map(|cmdlet| {
                            Call::new(cmdlet)
                                .with("Identity", PsValue::Variable("dn".to_owned()))
                                .with("User", PsValue::Variable("anonymous".to_owned()))
                                .with(
                                    "ExtendedRights",
                                    PsValue::Variable("anyRecipient".to_owned()),
                                )
                        }));
                    }
                }
                Part::Do(part) => {
                    calls.extend(part.commands.iter().cloned());
                    calls.extend(part.uses.iter().cloned());
                }
            }
        }
        calls
    }

    fn frame(&self) -> &'static Frame {
        frame::of(self.product)
    }

    fn apply(&self) -> Result<String, Refused> {
        let [head, body, end] = frame::APPLY;
        let mut text = self.head(head)?;
        text.push_str(&self.needs()?);
        let unmarked: PsValue = self.unmarked().into_iter().collect();
        line(
            &mut text,
            "# What it may make that can carry no mark, by kind and name.",
        );
        let whole = format!("$unmarked = {}", unmarked.text()?);
        if whole.chars().count() <= 120 {
            line(&mut text, &whole);
        } else {
            text.push_str("$unmarked = @(\n");
            table_items(&mut text, "    ", &unmarked)?;
            text.push_str(")\n");
        }
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

    fn verify(&self) -> Result<String, Refused> {
        let [head, body, end] = frame::VERIFY;
        let mut text = self.head(head)?;
        let own = self.frame();
        for piece in [frame::BASE, frame::OBJECTS, own.shell, body, own.verify] {
            section(&mut text, piece);
        }
        if self.has_rules() {
            text.push_str(&self.rule_parts()?);
        }
        section(&mut text, &self.present());
        section(
            &mut text,
            "Assert-Shell\nAssert-Organization\n$present = Get-Present\n",
        );
        for statement in &self.lookups {
            line(&mut text, &statement.text()?);
        }
        for part in &self.parts {
            match part {
                Part::Object(object) => section(&mut text, &verify_entry(object)?),
                Part::Do(part) if part.verify.is_some() => {
                    entry(&mut text, &part.why, part.verify.as_ref())?;
                }
                Part::Do(_) => {}
            }
        }
        // Apart from the last entry, so that another behind that one leaves it as it is.
        if !self.verify_last.is_empty() {
            text.push('\n');
        }
        for statement in &self.verify_last {
            line(&mut text, &statement.text()?);
        }
        text.push_str(end);
        Ok(text)
    }

    /// It knows every kind of its product, because the file it takes may come from another version of the spec.
    fn rollback(&self) -> Result<String, Refused> {
        let [head, body, start] = frame::ROLLBACK;
        let mut text = self.head(head)?;
        let own = self.frame();
        let removable: PsValue = own.removable.iter().copied().collect();
        text.push_str("# What can be made again, and removed.\n");
        line(&mut text, &format!("$removable = {}", removable.text()?));
        for piece in [frame::BASE, frame::OBJECTS, frame::CHANGE, own.shell, body] {
            section(&mut text, piece);
        }
        text.push('\n');
        if own.kinds.iter().any(|kind| kind.name == "CASMailbox") {
            text.push_str(
                "$mailboxes = @(Get-Saved 'CASMailbox' | ForEach-Object { $_['Name'] })\n",
            );
        }
        let width = own.kinds.iter().map(|kind| kind.name.len()).max();
        let width = width.unwrap_or(0);
        text.push_str("$readers = @{\n");
        for kind in own.kinds {
            line(
                &mut text,
                &format!("    {:width$} = {{ {} }}", kind.name, kind.read),
            );
        }
        text.push_str("}\n");
        section(&mut text, start);
        for piece in own.rollback {
            section(&mut text, piece);
        }
        Ok(text)
    }

    fn facts(&self) -> Result<String, Refused> {
        let [head, body] = frame::FACTS;
        let mut text = self.head(head)?;
        let own = self.frame();
        for piece in [frame::BASE, own.shell, body].iter().chain(own.facts) {
            section(&mut text, piece);
        }
        section(
            &mut text,
            "Assert-Shell\nAssert-Organization\nWrite-Start\n",
        );
        for statement in &self.facts {
            line(&mut text, &statement.text()?);
        }
        Ok(text)
    }

    fn commands(&self) -> Result<String, Refused> {
        let mut text = format!("#requires -Version 2.0\n{}\n", self.says_what()?);
        text.push_str(frame::COMMANDS_HEAD);
        let constant = |wanted: &str| {
            let found = self.constants.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value)
        };
        if constant("edge") == Some(&PsValue::Bool(true)) {
            section(
                &mut text,
                "# To be run on each Edge Transport server.\n$servers = @($env:COMPUTERNAME)\n",
            );
        } else if let Some(servers) = constant("servers") {
            section(&mut text, &format!("$servers = {}\n", servers.text()?));
        }
        for lookup in &self.lookups {
            section(&mut text, &plain_lookup(lookup)?);
        }
        for part in &self.parts {
            match part {
                Part::Object(object) => section(&mut text, &plain_entry(object)?),
                Part::Do(part) if !part.commands.is_empty() => {
                    text.push('\n');
                    for why in &part.why {
                        line(&mut text, &comment(why)?);
                    }
                    for call in &part.commands {
                        line(&mut text, &call.text()?);
                    }
                }
                Part::Do(_) => {}
            }
        }
        Ok(text)
    }

    /// The first lines up to the constants.
    fn head(&self, help: &str) -> Result<String, Refused> {
        let mut text = format!("#requires -Version 2.0\n{}\n{help}\n", self.says_what()?);
        let location = PsValue::from(self.location.as_str());
        line(&mut text, &format!("$location = {}", location.text()?));
        let names = [Some(&self.location), self.former_location.as_ref()];
        let marks: PsValue = names.into_iter().flatten().map(|name| mark(name)).collect();
        line(&mut text, &format!("$marks = {}", marks.text()?));
        for (name, value) in &self.constants {
            line(&mut text, &format!("${name} = {}", value.text()?));
        }
        Ok(text)
    }

    fn says_what(&self) -> Result<String, Refused> {
        comment(&format!(
            "For {}: location {}. Written by mailtopo.",
            self.product, self.location
        ))
    }

    fn kinds(&self) -> Vec<&'static Kind> {
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

    /// Every property that is saved before a change.
    fn restorable(&self) -> Result<String, Refused> {
        let kinds = self.kinds();
        let width = kinds.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
        let mut text = String::from(
            "# Every property that is put back when an object is restored.\n$restorable = @{\n",
        );
        for kind in kinds.iter().filter(|kind| !kind.restorable.is_empty()) {
            if !kind.cleared.is_empty() {
                line(&mut text, &format!("    {:width$} = $ruleParts", kind.name));
                continue;
            }
            let names: PsValue = kind.restorable.iter().copied().collect();
            table_line(&mut text, kind.name, width, &names)?;
        }
        text.push_str("}\n");
        Ok(text)
    }

    /// What a rule can consist of; nothing where there are no rules.
    fn rule_parts(&self) -> Result<String, Refused> {
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

    fn has_rules(&self) -> bool {
        let is_rule =
            |part: &Part| matches!(part, Part::Object(object) if !object.kind.cleared.is_empty());
        self.parts.iter().any(is_rule)
    }

    /// The function that reads what exists.
    fn present(&self) -> String {
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

    /// What may be made and can carry no mark.
    fn unmarked(&self) -> Vec<String> {
        let parts = self.parts.iter();
        parts
            .flat_map(|part| match part {
                Part::Object(object) if object.kind.is_made_unmarked() => {
                    vec![format!("{} {}", object.kind.name, object.name)]
                }
                Part::Object(_) => Vec::new(),
                Part::Do(part) => part.makes.clone(),
            })
            .collect()
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

fn entry(text: &mut String, why: &[String], statement: Option<&Statement>) -> Result<(), Refused> {
    if why.is_empty() && statement.is_none() {
        return Ok(());
    }
    text.push('\n');
    for sentence in why {
        line(text, &comment(sentence)?);
    }
    if let Some(statement) = statement {
        line(text, &statement.text()?);
    }
    Ok(())
}

fn section(text: &mut String, piece: &str) {
    text.push('\n');
    text.push_str(piece);
}
