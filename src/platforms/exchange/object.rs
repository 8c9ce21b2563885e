//! An object of an Exchange organization as a spec wants it: what stands in the data file, and the calls that make it.

use crate::platforms::exchange::call::Call;
use crate::platforms::exchange::catalogue::{Product, exists};
use crate::platforms::exchange::kind::{DKIM, Identity, ObjectKind, Property};
use crate::topology::Location;
use crate::writer::powershell::PsValue;

/// An object and every property of it that is managed.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its kind.
    pub kind: &'static ObjectKind,
    /// Its name; of a receive connector without the server.
    pub name: String,
    /// The item of the spec it comes from.
    pub origin: String,
    /// Why it exists, in one sentence.
    pub why: String,
    /// The run of `apply.ps1` that it waits for.
    pub stage: Option<Stage>,
    /// Names that it may have had.
    pub former_names: Vec<String>,
    /// What only creating it takes.
    pub new: Vec<Property>,
    /// Whether a rule works.
    pub enabled: Option<bool>,
    /// Whether clients that do not log on may send to any recipient; receive connectors only.
    pub any_recipient: Option<bool>,
    /// Name of the login that its smart host wants.
    pub login: Option<String>,
    /// Its lists are added to what is there.
    pub adds: bool,
    /// Its lists are taken from what is there, in every connector for all addresses; receive connectors only.
    pub takes: bool,
    /// It is somebody else's: found by this property, compared and never written.
    pub found_by: Option<Property>,
    /// It is somebody else's: found by its name, compared and never written.
    pub kept: bool,
    /// What the spec says of an object of somebody else. The scripts ask only whether it works; `drift` compares this, too.
    pub stated: Vec<Property>,
    /// Recipients to which it is tested.
    pub validate: Vec<String>,
    /// Every managed property; `$null` clears it.
    pub properties: Vec<Property>,
}

/// A run of `apply.ps1` of its own, which takes a switch of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Outgoing mail takes another path.
    Outgoing,
    /// Mail on any other path is rejected.
    Lock,
}

impl Stage {
    /// The name of the switch.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outgoing => "Outgoing",
            Self::Lock => "Lock",
        }
    }
}

/// What the objects of the hybrid wizard are called, whatever it called them.
pub(crate) const OF_WIZARD: &str = "of the hybrid wizard";

impl Object {
    /// The object with nothing but its name.
    pub fn new(kind: &'static ObjectKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            origin: String::new(),
            why: String::new(),
            stage: None,
            former_names: Vec::new(),
            new: Vec::new(),
            enabled: None,
            any_recipient: None,
            login: None,
            adds: false,
            takes: false,
            found_by: None,
            kept: false,
            stated: Vec::new(),
            validate: Vec::new(),
            properties: Vec::new(),
        }
    }

    /// An object of the hybrid wizard, which chooses its names itself.
    pub fn of_wizard(kind: &'static ObjectKind, found_by: Property) -> Self {
        Self {
            why: "The hybrid wizard owns it; it is compared and never changed.".to_owned(),
            found_by: Some(found_by),
            ..Self::new(kind, OF_WIZARD)
        }
    }

    /// The object, of somebody else where it is not managed: of it only counts that it is there and works.
    #[must_use]
    pub fn managed(self, managed: bool) -> Self {
        if managed {
            return self;
        }
        let (properties, mut stated): (Vec<Property>, Vec<Property>) = self
            .properties
            .into_iter()
            .partition(|(name, _)| *name == "Enabled");
        stated.retain(|(name, _)| !name.starts_with("Comment"));
        Self {
            origin: self.origin,
            why: "It is managed by others; it is looked for and never changed.".to_owned(),
            enabled: self.enabled,
            any_recipient: self.any_recipient,
            kept: true,
            stated,
            properties,
            ..Self::new(self.kind, self.name)
        }
    }

    /// Whether the scripts make and change it.
    pub const fn is_written(&self) -> bool {
        self.found_by.is_none() && !self.kept
    }

    /// The object, waiting for a step of its own where the location turns outgoing mail in one.
    #[must_use]
    pub fn at_outgoing_step(self, location: &Location) -> Self {
        let waits = location.outgoing_step && self.is_written();
        Self {
            stage: waits.then_some(Stage::Outgoing),
            ..self
        }
    }

    /// The calls that make it where it does not exist.
    pub fn made_by(&self, product: Product) -> Vec<Call> {
        if self.takes {
            return vec![self.change()];
        }
        let mut calls: Vec<Call> = self.create(product).into_iter().collect();
        // Keys of DKIM are made first; signatures follow when their records are published.
        let follows = self.kind.bare && *self.kind != DKIM;
        if calls.is_empty() || follows {
            calls.push(self.change());
        }
        calls
    }

    /// The call that makes it, where the product has a cmdlet for that.
    pub fn create(&self, product: Product) -> Option<Call> {
        let cmdlet = self.kind.new.filter(|new| exists(new, product))?;
        let mut parameters = self.kind.made_with(&self.name);
        parameters.extend(self.new.iter().cloned());
        if !self.kind.bare {
            let given = self.properties.iter();
            parameters.extend(given.filter(|(_, value)| *value != PsValue::Null).cloned());
            parameters.extend(self.secret());
        }
        Some(Call { cmdlet, parameters })
    }

    /// The call that changes it.
    pub fn change(&self) -> Call {
        // A domain is made under a name of its own.
        let name = self.new.iter().find(|(parameter, _)| *parameter == "Name");
        let name = name.map_or_else(|| self.name.as_str().into(), |(_, value)| value.clone());
        let mut parameters = match self.kind.identity {
            Identity::Name => vec![("Identity", name)],
            Identity::Fixed(name) => vec![("Identity", name.into())],
            Identity::Only => Vec::new(),
        };
        parameters.extend(self.properties.iter().cloned());
        let rest = self.kind.cleared.iter();
        let rest = rest.filter(|part| !self.properties.iter().any(|(name, _)| name == *part));
        parameters.extend(rest.map(|part| (*part, PsValue::Null)));
        parameters.extend(self.secret());
        Call {
            cmdlet: self.kind.set,
            parameters,
        }
    }

    fn secret(&self) -> Option<Property> {
        let credential = PsValue::Variable("credential".to_owned());
        self.login
            .as_ref()
            .map(|_| ("AuthenticationCredential", credential))
    }
}
