//! Turns objects into the five scripts of a location.
//!
//! A script is a frame that never changes, and one entry per object. This module must not know why an object exists.

mod apply;
mod present;

use crate::platforms::exchange::call::Call;
use crate::platforms::exchange::catalogue::{self, Product};
use crate::platforms::exchange::entry::{line, verify_entry};
use crate::platforms::exchange::frame::{self, Frame};
use crate::platforms::exchange::kind::Kind;
use crate::platforms::exchange::object::{Part, Statement};
use crate::platforms::exchange::plain::{plain_entry, plain_lookup};
use crate::writer::Refused;
use crate::writer::powershell::{PsValue, comment, file};
use std::collections::BTreeMap;

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
