//! `desired.psd1`: everything that the scripts of one location are told, as data.

use crate::platforms::exchange::call::Call;
use crate::platforms::exchange::catalogue::Product;
use crate::platforms::exchange::constraints::{COMMENT, check};
use crate::platforms::exchange::kind::Property;
use crate::platforms::exchange::object::Object;
use crate::platforms::exchange::object_constraints::{broken_together, too_many};
use crate::values::Address;
use crate::writer::Refused;
use crate::writer::powershell::{PsValue, comment, data};
use std::fmt::Write as _;

/// What one location wants of its organization.
#[derive(Clone, Debug)]
pub struct Desired {
    /// Whose shell runs the scripts.
    pub product: Product,
    /// The location's name.
    pub location: String,
    /// The location's name before it was renamed.
    pub former_location: Option<String>,
    /// Which organization it is.
    pub organization: Vec<Property>,
    /// What must hold before the first change.
    pub check: Vec<Property>,
    /// Domains that become authoritative only where so many recipients exist.
    pub recipients: Vec<Recipients>,
    /// The objects in the order in which they are made; rules in the order in which they apply.
    pub objects: Vec<Object>,
    /// What `facts.ps1` looks for.
    pub facts: Vec<Property>,
}

/// Recipients of a domain.
#[derive(Clone, Debug)]
pub struct Recipients {
    /// The domain.
    pub domain: String,
    /// The least number of them.
    pub count: i32,
    /// Those whose addresses the spec has.
    pub listed: Vec<Address>,
}

/// The start of the comment of an object that this location's scripts made.
pub(crate) fn mark(location: &str) -> String {
    format!("[mailtopo:{location}]")
}

/// The comment of an object: who made it, and for which item of the spec. Exchange takes 1,024 characters.
pub fn marked(mark: &str, origin: &str) -> PsValue {
    let whole = format!("{mark} {origin}");
    let cut = whole.char_indices().nth(COMMENT - 4).map(|(at, _)| at);
    match cut.filter(|_| whole.chars().count() > COMMENT) {
        Some(at) => PsValue::String(format!("{} ...", whole.get(..at).unwrap_or_default())),
        None => PsValue::String(whole),
    }
}

impl Desired {
    /// The text of the data file.
    ///
    /// Refuses text that a script cannot carry, and an object that the product would refuse, which is a bug of mailtopo.
    pub fn text(&self) -> Result<String, Refused> {
        self.check()?;
        Ok(format!(
            "{} Data only: nothing in this file can run.\n{}",
            self.title()?,
            self.table()?
        ))
    }

    /// The first comment of each file.
    pub(crate) fn title(&self) -> Result<String, Refused> {
        comment(&format!(
            "For {}: location {}. Written by mailtopo.",
            self.product, self.location
        ))
    }

    /// What the files would be refused for, without their text.
    pub fn ask(&self) -> Result<(), Refused> {
        self.check()?;
        self.title()?;
        data::ask(&self.head())?;
        data::ask(&self.check)?;
        let mut recipients = self.recipients.iter().map(Recipients::value);
        recipients.try_for_each(|value| value.ask())?;
        for object in &self.objects {
            data::ask(&head_of(object))?;
            data::ask(&object.properties)?;
        }
        data::ask(&self.facts)?;
        self.ask_commands()
    }

    /// What stands before everything else in the table.
    fn head(&self) -> Vec<Property> {
        let names = [Some(&self.location), self.former_location.as_ref()];
        let marks = names.into_iter().flatten().map(|name| mark(name));
        let mut head: Vec<Property> = vec![
            ("Format", PsValue::Int(1)),
            ("Location", self.location.as_str().into()),
            ("Product", self.product.family().into()),
            ("Title", self.product.to_string().into()),
            ("Marks", marks.collect()),
        ];
        head.extend(self.organization.iter().cloned());
        head
    }

    /// The table that the file holds.
    pub(crate) fn table(&self) -> Result<String, Refused> {
        let mut text = format!("@{{\n{}", data::table(&self.head(), 4)?);
        text.push_str("    # What must hold before the first change.\n    Check    = @{\n");
        text.push_str(&data::table(&self.check, 8)?);
        if !self.recipients.is_empty() {
            let items: Vec<PsValue> = self.recipients.iter().map(Recipients::value).collect();
            let _ = writeln!(text, "        Recipients = {}", data::list(&items, 8)?);
        }
        let objects: Result<Vec<String>, Refused> = self.objects.iter().map(entry).collect();
        let objects = match objects?.join(",\n") {
            none if none.is_empty() => "@()".to_owned(),
            some => format!("@(\n{some}\n    )"),
        };
        let _ = write!(
            text,
            "    }}\n    Objects  = {objects}\n    Facts    = @{{\n"
        );
        text.push_str(&data::table(&self.facts, 8)?);
        text.push_str("    }\n}\n");
        Ok(text)
    }

    /// Every call that the scripts make of the objects, as the catalogue is asked about it.
    pub(crate) fn calls(&self) -> impl Iterator<Item = Call> {
        let own = self.objects.iter().filter(|object| object.is_written());
        own.flat_map(|object| {
            let mut calls = object.made_by(self.product);
            calls.push(object.change());
            calls
        })
    }

    fn check(&self) -> Result<(), Refused> {
        if let Some(text) = self.objects.iter().find_map(too_many) {
            return Err(Refused::new(text));
        }
        let wrong = self
            .calls()
            .filter_map(|call| check(&call, self.product).err());
        let mut wrong: Vec<String> = wrong.flatten().collect();
        let edge = self.organization.contains(&("Edge", true.into()));
        wrong.extend(broken_together(&self.objects, self.product, edge));
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Refused::new(format!(
            "a script for `{}` would be wrong: {}",
            self.location,
            wrong.join("; ")
        )))
    }
}

impl Recipients {
    fn value(&self) -> PsValue {
        PsValue::Hash(vec![
            ("Domain", self.domain.as_str().into()),
            ("Count", PsValue::Int(self.count.into())),
            (
                "Listed",
                self.listed.iter().map(Address::to_string).collect(),
            ),
        ])
    }
}

/// What stands of an object before its properties.
fn head_of(object: &Object) -> Vec<Property> {
    let texts = |texts: &[String]| -> PsValue { texts.iter().map(String::as_str).collect() };
    let mut head: Vec<Property> = vec![
        ("Kind", object.kind.name.into()),
        ("Name", object.name.as_str().into()),
        ("From", object.origin.as_str().into()),
        ("Why", object.why.as_str().into()),
    ];
    head.extend(object.stage.map(|stage| ("Stage", stage.name().into())));
    if !object.former_names.is_empty() {
        head.push(("FormerNames", texts(&object.former_names)));
    }
    if !object.new.is_empty() {
        head.push(("New", PsValue::Hash(object.new.clone())));
    }
    let state = |enabled| if enabled { "Enabled" } else { "Disabled" };
    head.extend(
        object
            .enabled
            .map(|enabled| ("State", state(enabled).into())),
    );
    let written = object.any_recipient.filter(|_| object.is_written());
    head.extend(written.map(|any| ("AnyRecipient", any.into())));
    head.extend(
        object
            .login
            .iter()
            .map(|login| ("Login", login.as_str().into())),
    );
    if object.adds {
        head.push(("Add", true.into()));
    }
    if object.takes {
        head.push(("Take", true.into()));
    }
    let found_by = object.found_by.iter();
    head.extend(found_by.map(|by| ("Match", PsValue::Hash(vec![by.clone()]))));
    if object.kept {
        head.push(("Keep", true.into()));
    }
    if !object.validate.is_empty() {
        head.push(("Validate", texts(&object.validate)));
    }
    head
}

/// One object, as it stands in the list.
fn entry(object: &Object) -> Result<String, Refused> {
    Ok(format!(
        "        @{{\n{}            Properties = @{{\n{}            }}\n        }}",
        data::table(&head_of(object), 12)?,
        data::table(&object.properties, 16)?
    ))
}
