//! Turns objects into the five scripts of a location.
//!
//! A script is a frame that never changes, and one entry per object. This module must not know why an object exists.

use super::call::Call;
use super::catalogue::{self, Product};
use super::entry::{apply_entry, line, plain_entry, plain_lookup, table_line, verify_entry};
use super::kind::Kind;
use super::object::{Part, Statement};
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

/// The parts of the frame that differ between a tenant and servers.
struct Frame {
    common: &'static str,
    apply: &'static str,
    verify: &'static str,
    rollback: &'static [&'static str],
    facts: &'static [&'static str],
}

const ROLLBACK_ONLINE: &str = include_str!("frame/rollback-online.ps1");
const FACTS_ONLINE: &str = include_str!("frame/facts-online.ps1");

const ONLINE: Frame = Frame {
    common: include_str!("frame/online.ps1"),
    apply: include_str!("frame/apply-online.ps1"),
    verify: include_str!("frame/verify-online.ps1"),
    rollback: &[include_str!("frame/rollback-settings.ps1"), ROLLBACK_ONLINE],
    facts: &[include_str!("frame/facts-dnssec.ps1"), FACTS_ONLINE],
};

/// A tenant that only filters has no mailboxes, and fewer settings.
static PROTECTION: Frame = Frame {
    rollback: &[ROLLBACK_ONLINE],
    facts: &[include_str!("frame/facts-protection.ps1"), FACTS_ONLINE],
    ..ONLINE
};

static SERVER: Frame = Frame {
    common: include_str!("frame/server.ps1"),
    apply: include_str!("frame/apply-server.ps1"),
    verify: include_str!("frame/verify-server.ps1"),
    rollback: &[include_str!("frame/rollback-server.ps1")],
    facts: &[include_str!("frame/facts-server.ps1")],
};

const COMMON: &str = include_str!("frame/common.ps1");
const CHANGE: &str = include_str!("frame/change.ps1");
const RECIPIENTS: &str = include_str!("frame/recipients.ps1");

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
        match self.product {
            Product::Online => &ONLINE,
            Product::Protection => &PROTECTION,
            Product::Server(_) => &SERVER,
        }
    }

    fn apply(&self) -> Result<String, Refused> {
        let mut text = self.head(include_str!("frame/apply-head.ps1"))?;
        text.push_str(&self.needs()?);
        let frame = self.frame();
        for piece in [
            COMMON,
            CHANGE,
            frame.common,
            include_str!("frame/apply.ps1"),
            frame.apply,
        ] {
            section(&mut text, piece);
        }
        if self
            .checks
            .iter()
            .any(|check| check.function == "Assert-Recipients")
        {
            section(&mut text, RECIPIENTS);
        }
        section(&mut text, &self.present(true)?);
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
        text.push_str(include_str!("frame/apply-end.ps1"));
        Ok(text)
    }

    fn verify(&self) -> Result<String, Refused> {
        let mut text = self.head(include_str!("frame/verify-head.ps1"))?;
        let frame = self.frame();
        for piece in [
            COMMON,
            frame.common,
            include_str!("frame/verify.ps1"),
            frame.verify,
        ] {
            section(&mut text, piece);
        }
        section(&mut text, &self.present(false)?);
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
        for statement in &self.verify_last {
            line(&mut text, &statement.text()?);
        }
        text.push_str(include_str!("frame/verify-end.ps1"));
        Ok(text)
    }

    fn rollback(&self) -> Result<String, Refused> {
        let mut text = self.head(include_str!("frame/rollback-head.ps1"))?;
        let mut needs = BTreeMap::new();
        for kind in self
            .kinds()
            .into_iter()
            .filter(|kind| !kind.restorable.is_empty())
        {
            needs.extend(
                kind.new
                    .into_iter()
                    .chain([kind.set])
                    .map(|cmdlet| (cmdlet, BTreeSet::new())),
            );
        }
        text.push_str(&needs_table(&needs)?);
        let frame = self.frame();
        for piece in [
            COMMON,
            CHANGE,
            frame.common,
            include_str!("frame/rollback.ps1"),
            &self.present(false)?,
            include_str!("frame/rollback-start.ps1"),
        ] {
            section(&mut text, piece);
        }
        for piece in frame.rollback {
            section(&mut text, piece);
        }
        Ok(text)
    }

    fn facts(&self) -> Result<String, Refused> {
        let mut text = self.head(include_str!("frame/facts-head.ps1"))?;
        let location = PsValue::from(self.location.as_str());
        line(&mut text, &format!("$location = {}", location.text()?));
        let frame = self.frame();
        for piece in [COMMON, frame.common, include_str!("frame/facts.ps1")] {
            section(&mut text, piece);
        }
        for piece in frame.facts {
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
        text.push_str(include_str!("frame/commands-head.ps1"));
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
        let mark = PsValue::String(mark(&self.location));
        line(&mut text, &format!("$mark = {}", mark.text()?));
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

    /// The function that reads what exists, and what is saved of it.
    fn present(&self, saves: bool) -> Result<String, Refused> {
        let kinds = self.kinds();
        let width = kinds.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
        let mut text = String::new();
        if saves {
            text.push_str(
                "# Every property that is put back when an object is restored.\n$restorable = @{\n",
            );
            for kind in kinds.iter().filter(|kind| !kind.restorable.is_empty()) {
                let names: PsValue = kind.restorable.iter().copied().collect();
                table_line(&mut text, kind.name, width, &names)?;
            }
            text.push_str("}\n\n");
        }
        text.push_str("function Get-Present {\n    @{\n");
        for kind in kinds {
            line(
                &mut text,
                &format!("        {:width$} = @({})", kind.name, kind.read),
            );
        }
        text.push_str("    }\n}\n");
        Ok(text)
    }

    /// Every cmdlet and parameter that the script will use.
    fn needs(&self) -> Result<String, Refused> {
        let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for call in self.calls() {
            needs
                .entry(call.cmdlet)
                .or_default()
                .extend(call.parameters.iter().map(|(name, _)| *name));
        }
        needs_table(&needs)
    }
}

fn needs_table(needs: &BTreeMap<&str, BTreeSet<&str>>) -> Result<String, Refused> {
    let width = needs.keys().map(|name| name.len() + 2).max().unwrap_or(0);
    let mut text = "$needs = @{\n".to_owned();
    for (cmdlet, parameters) in needs {
        let names: PsValue = parameters.iter().copied().collect();
        table_line(&mut text, &format!("'{cmdlet}'"), width, &names)?;
    }
    text.push_str("}\n");
    Ok(text)
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
