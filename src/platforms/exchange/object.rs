//! What a script consists of: objects that shall exist, and the few things that are done beside them.

use crate::platforms::exchange::call::Call;
use crate::platforms::exchange::kind::Kind;
use crate::writer::Refused;
use crate::writer::powershell::PsValue;

/// One step of a script.
#[derive(Clone, Debug)]
pub enum Part {
    /// An object that shall exist.
    Object(Box<Object>),
    /// Something that a function of the frame does.
    Do(Box<Do>),
}

/// An object and every property of it that is managed.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its kind.
    pub kind: &'static Kind,
    /// Its name; of a receive connector without the server.
    pub name: String,
    /// Names that it may have had.
    pub former_names: Vec<String>,
    /// The item of the spec it comes from.
    pub origin: String,
    /// Why it exists, in one sentence.
    pub why: String,
    /// Every managed property; `$null` clears it.
    pub with: Vec<(&'static str, PsValue)>,
    /// What only creating it takes.
    pub new: Vec<(&'static str, PsValue)>,
    /// Creating it takes none of its properties, so that it is made and then changed.
    pub bare: bool,
    /// How a change names it.
    pub identity: Identity,
    /// Name of the credential that its smart host wants.
    pub credential: Option<String>,
    /// It exists once on each server.
    pub per_server: bool,
    /// Whether clients that do not log on may send to any recipient; receive connectors only.
    pub any_recipient: Option<bool>,
    /// It refuses mail that comes another way, so that it is right only once mail comes the right way.
    pub locks: bool,
}

/// How a change names the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// By its name.
    Name,
    /// By what was found, because its name may be another.
    Found,
    /// Not at all: there is one.
    Only,
}

impl Object {
    /// The object with nothing but its name.
    pub fn new(kind: &'static Kind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            former_names: Vec::new(),
            origin: String::new(),
            why: String::new(),
            with: Vec::new(),
            new: Vec::new(),
            bare: false,
            identity: Identity::Name,
            credential: None,
            per_server: false,
            any_recipient: None,
            locks: false,
        }
    }

    /// The call that makes it, where a cmdlet can.
    pub fn create(&self) -> Option<Call> {
        let mut parameters = self.new.clone();
        if !self.bare {
            let given = self
                .with
                .iter()
                .filter(|(_, value)| *value != PsValue::Null);
            parameters.extend(given.cloned());
            parameters.extend(self.secret());
        }
        Some(Call {
            cmdlet: self.kind.new?,
            parameters,
        })
    }

    /// The call that changes it.
    pub fn change(&self) -> Call {
        let identity = match self.identity {
            Identity::Name => Some(PsValue::Variable("name".to_owned())),
            Identity::Found => Some(PsValue::Variable("identity".to_owned())),
            Identity::Only => None,
        };
        let mut parameters: Vec<_> = identity
            .map(|value| ("Identity", value))
            .into_iter()
            .collect();
        parameters.extend(self.with.iter().cloned());
        let rest = self.kind.cleared.iter();
        let rest = rest.filter(|part| !self.with.iter().any(|(name, _)| name == *part));
        parameters.extend(rest.map(|part| (*part, PsValue::Null)));
        parameters.extend(self.secret());
        Call {
            cmdlet: self.kind.set,
            parameters,
        }
    }

    /// The call that gives it its name in place of a former one.
    pub fn rename(&self) -> Option<Call> {
        if self.former_names.is_empty() {
            return None;
        }
        Some(
            Call::new(self.kind.set)
                .with("Identity", PsValue::Variable("old".to_owned()))
                .with("Name", self.name.as_str()),
        )
    }

    /// The name that it is created with.
    pub fn given_name(&self) -> PsValue {
        let name = self.new.iter().find(|(parameter, _)| *parameter == "Name");
        name.map_or_else(|| self.name.as_str().into(), |(_, value)| value.clone())
    }

    fn secret(&self) -> Option<(&'static str, PsValue)> {
        let credential = PsValue::Variable("credential".to_owned());
        self.credential
            .as_ref()
            .map(|_| ("AuthenticationCredential", credential))
    }
}

/// Something done by a function of the frame.
#[derive(Clone, Debug, Default)]
pub struct Do {
    /// Comment, one line each.
    pub why: Vec<String>,
    /// What applies it.
    pub apply: Option<Statement>,
    /// What looks whether it holds.
    pub verify: Option<Statement>,
    /// The same as plain commands.
    pub commands: Vec<Call>,
    /// Calls that the function makes.
    pub uses: Vec<Call>,
    /// What it makes that can carry no mark, by kind and name.
    pub makes: Vec<String>,
    /// Kinds that it looks at.
    pub reads: Vec<&'static Kind>,
}

/// A call of a function of the frame; its arguments stand by position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// A variable that takes the result.
    pub into: Option<String>,
    /// The function.
    pub function: &'static str,
    /// Its arguments.
    pub arguments: Vec<PsValue>,
}

impl Statement {
    /// A call without a result.
    pub fn new(function: &'static str, arguments: Vec<PsValue>) -> Self {
        Self {
            into: None,
            function,
            arguments,
        }
    }

    /// The text, on one line.
    pub fn text(&self) -> Result<String, Refused> {
        let into = match &self.into {
            Some(name) => format!("{} = ", PsValue::Variable(name.clone()).text()?),
            None => String::new(),
        };
        let mut line = format!("{into}{}", self.function);
        for argument in &self.arguments {
            line.push(' ');
            line.push_str(&argument.text()?);
        }
        Ok(line)
    }
}
