//! A tenant or an Exchange organization in memory: objects in the forms in which Exchange keeps them, and the cmdlets
//! that read and change them.
//!
//! The catalogue judges every call first. Beside that stand the few things that Exchange itself refuses and that the
//! scripts have to get right: names that exist, objects that do not, connectors that a rule still names.

use super::datum::Datum;
use mailtopo::platforms::exchange::call::Call;
use mailtopo::platforms::exchange::catalogue::{self, Product};
use mailtopo::platforms::exchange::kind;
use mailtopo::writer::powershell::PsValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// An object: its properties by name.
pub type Object = BTreeMap<String, Datum>;

/// What changes something.
const CHANGES: [&str; 7] = ["New", "Set", "Remove", "Enable", "Disable", "Add", "Move"];

/// An organization.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Whose cmdlets there are.
    pub product: Product,
    /// The machine that the shell runs on.
    pub computer: String,
    /// Objects by noun, in the order in which `Get-` gives them.
    pub objects: BTreeMap<String, Vec<Object>>,
    /// Receive connectors at which clients that do not log on may send to anybody, by distinguished name.
    pub any_recipient: BTreeSet<String>,
    /// Domains whose DKIM records can be found.
    pub published: BTreeSet<String>,
    /// Files on the machine.
    pub files: BTreeMap<String, Datum>,
    /// Cmdlets that the account may not use.
    pub denied: BTreeSet<String>,
    /// A cmdlet that fails, after that many calls that succeed.
    pub failing: Option<(String, usize)>,
    /// Somebody sits at the screen and says yes when a cmdlet asks.
    pub attended: bool,
    /// Connectors that were tried, and the recipients that were written to.
    pub validated: Vec<(String, Vec<String>)>,
    /// Every call that changed something.
    pub journal: Vec<String>,
    /// Counts up.
    pub clock: i64,
}

impl Organization {
    /// An organization without anything.
    pub fn new(product: Product) -> Self {
        Self {
            product,
            computer: "EX01".to_owned(),
            objects: BTreeMap::new(),
            any_recipient: BTreeSet::new(),
            published: BTreeSet::new(),
            files: BTreeMap::new(),
            denied: BTreeSet::new(),
            failing: None,
            attended: false,
            validated: Vec::new(),
            journal: Vec::new(),
            clock: 20_261_125_000_000,
        }
    }

    /// Puts an object there, without a cmdlet.
    pub fn put(&mut self, noun: &str, properties: &[(&str, Datum)]) {
        let mut object = self.blank(noun);
        let given = properties.iter();
        object.extend(given.map(|(name, value)| ((*name).to_owned(), value.clone())));
        object.insert("Guid".to_owned(), self.guid());
        self.objects
            .entry(noun.to_owned())
            .or_default()
            .push(object);
    }

    /// The objects of a kind.
    pub fn all(&self, noun: &str) -> &[Object] {
        self.objects.get(noun).map_or(&[], Vec::as_slice)
    }

    /// Everything there is, to compare. What is made again has another number.
    pub fn state(&self) -> Vec<String> {
        let mut state = Vec::new();
        for (noun, objects) in &self.objects {
            for object in objects {
                let kept: Vec<String> = object
                    .iter()
                    .filter(|(name, value)| *name != "Guid" && !value.items().is_empty())
                    .map(|(name, value)| format!("{name}={value:?}"))
                    .collect();
                state.push(format!("{noun} {}", kept.join(" ")));
            }
        }
        state.extend(
            self.any_recipient
                .iter()
                .map(|name| format!("any recipient at {name}")),
        );
        state.sort();
        state
    }

    /// Whether Exchange would let every object be as it is.
    pub fn is_possible(&self) -> bool {
        let kinds = [
            &kind::INBOUND_CONNECTOR,
            &kind::OUTBOUND_CONNECTOR,
            &kind::SEND_CONNECTOR,
            &kind::RECEIVE_CONNECTOR,
            &kind::TRANSPORT_RULE,
            if matches!(self.product, Product::Server(_)) {
                &kind::ACCEPTED_DOMAIN
            } else {
                &kind::TENANT_DOMAIN
            },
        ];
        kinds.iter().all(|kind| {
            self.all(kind.name).iter().all(|object| {
                let kept = kind
                    .restorable
                    .iter()
                    .chain(kind.cleared)
                    .filter(|name| self.has(kind.set, name));
                let kept = kept.map(|name| {
                    (
                        (*name).to_owned(),
                        object.get(*name).cloned().unwrap_or(Datum::Null),
                    )
                });
                let mut parameters: Vec<(String, Datum)> = kept
                    .filter(|(name, _)| name != "MaxMessageSize")
                    .map(|(name, value)| match name.as_str() {
                        "AuthMechanism" | "PermissionGroups" => {
                            let words = value.text().split(", ").map(Datum::from).collect();
                            (name, Datum::List(words))
                        }
                        _ => (name, value),
                    })
                    .collect();
                parameters.push(("Identity".to_owned(), "x".into()));
                self.judge(kind.set, &parameters).is_ok()
            })
        })
    }

    /// Whether the shell has a cmdlet.
    pub fn has_cmdlet(&self, cmdlet: &str) -> bool {
        let missing = |why: &String| {
            why.starts_with("there is no")
                || why == &format!("`{cmdlet}` does not exist in {}", self.product)
        };
        let judged = catalogue::check(&Call::new(leak(cmdlet)), self.product);
        !self.denied.contains(cmdlet) && judged.err().is_none_or(|wrong| !wrong.iter().any(missing))
    }

    /// The parameters of a cmdlet.
    pub fn parameters(&self, cmdlet: &str) -> Vec<String> {
        static CATALOGUE: LazyLock<serde_yaml::Value> = LazyLock::new(|| {
            let text = include_str!("../../../schemas/exchange-cmdlets.json");
            serde_yaml::from_str(text).expect("JSON is YAML")
        });
        let all = CATALOGUE["cmdlets"][cmdlet]["parameters"].as_mapping();
        let names = all.into_iter().flat_map(|all| all.keys());
        names
            .filter_map(|name| name.as_str())
            .filter(|name| self.has(cmdlet, name))
            .map(str::to_owned)
            .collect()
    }

    /// Whether a cmdlet has a parameter.
    pub fn has(&self, cmdlet: &str, parameter: &str) -> bool {
        catalogue::has(cmdlet, parameter, self.product)
    }

    /// Calls a cmdlet.
    pub fn call(
        &mut self,
        cmdlet: &str,
        parameters: Vec<(String, Datum)>,
    ) -> Result<Vec<Datum>, String> {
        if !self.has_cmdlet(cmdlet) {
            return Err(format!("there is no {cmdlet} in {}", self.product));
        }
        self.judge(cmdlet, &parameters)?;
        let (verb, noun) = cmdlet.split_once('-').ok_or("no cmdlet")?;
        let parameters: BTreeMap<String, Datum> = parameters.into_iter().collect();
        if verb == "Validate" {
            return self.validate(&parameters);
        }
        if !CHANGES.contains(&verb) {
            return self.read(noun, &parameters);
        }
        if let Some((failing, left)) = &mut self.failing
            && failing == cmdlet
        {
            if *left == 0 {
                return Err(format!("{cmdlet}: the server is busy"));
            }
            *left -= 1;
        }
        assert!(
            self.attended || parameters.get("Confirm") == Some(&Datum::Bool(false)),
            "{cmdlet} would ask again"
        );
        let what = ["Identity", "Name", "DomainName"]
            .into_iter()
            .find_map(|name| parameters.get(name));
        let line = format!("{cmdlet} {}", what.map(Datum::text).unwrap_or_default());
        match verb {
            "New" => self.create(noun, &parameters)?,
            "Set" => self.change(noun, &parameters)?,
            "Remove" if noun == "ADPermission" => self.permit(&parameters, false)?,
            "Remove" => self.remove(noun, &parameters)?,
            "Add" => self.permit(&parameters, true)?,
            "Enable" | "Disable" => self.switch(noun, &parameters, verb == "Enable")?,
            _ => return Err(format!("not simulated: {cmdlet}")),
        }
        self.journal.push(line);
        Ok(Vec::new())
    }

    /// What the catalogue says of the call.
    fn judge(&self, cmdlet: &str, parameters: &[(String, Datum)]) -> Result<(), String> {
        let mut call = Call::new(leak(cmdlet));
        for (name, value) in parameters.iter().filter(|(name, _)| name != "ErrorAction") {
            call.parameters.push((leak(name), written(value)));
        }
        catalogue::check(&call, self.product).map_err(|wrong| wrong.join("; "))
    }

    fn read(&self, noun: &str, parameters: &BTreeMap<String, Datum>) -> Result<Vec<Datum>, String> {
        if noun == "ADPermission" {
            return Ok(self.permissions(parameters));
        }
        let mut objects: Vec<&Object> = self.all(noun).iter().collect();
        if let Some(server) = parameters
            .get("Server")
            .filter(|_| noun == "ReceiveConnector")
        {
            let prefix = format!("{}\\", server.text());
            objects.retain(|object| object["Identity"].text().starts_with(&prefix));
        }
        if let Some(identity) = parameters.get("Identity") {
            let index = self.index(noun, &identity.text())?;
            objects = vec![&self.all(noun)[index]];
        }
        if let Some(thumbprint) = parameters.get("Thumbprint") {
            objects.retain(|object| object["Thumbprint"] == *thumbprint);
        }
        if let Some(name) = parameters
            .get("DomainName")
            .filter(|_| noun == "ExchangeCertificate")
        {
            let named = name.items();
            objects.retain(|object| object["CertificateDomains"].items() == named);
        }
        if noun == "OutboundConnector" && !parameters.contains_key("IncludeTestModeConnectors") {
            objects.retain(|object| object.get("TestMode") != Some(&Datum::Bool(true)));
        }
        Ok(objects
            .into_iter()
            .map(|object| Datum::Table(self.shown(noun, object)))
            .collect())
    }

    /// Sends a message to each recipient through a connector.
    fn validate(&mut self, parameters: &BTreeMap<String, Datum>) -> Result<Vec<Datum>, String> {
        let name = parameters["Identity"].text();
        self.index("OutboundConnector", &name)?;
        let recipients = parameters["Recipients"].items();
        let recipients = recipients.iter().map(Datum::text).collect();
        self.validated.push((name, recipients));
        Ok(vec![Datum::Table(
            [("IsTaskSuccessful".to_owned(), Datum::Bool(true))].into(),
        )])
    }

    /// Exchange shows a right that was granted beside the groups as one more of them.
    fn shown(&self, noun: &str, object: &Object) -> Object {
        let mut object = object.clone();
        if noun == "ReceiveConnector"
            && self
                .any_recipient
                .contains(&object["DistinguishedName"].text())
        {
            let groups = object
                .get("PermissionGroups")
                .map(Datum::text)
                .unwrap_or_default();
            object.insert(
                "PermissionGroups".to_owned(),
                format!("{groups}, Custom").into(),
            );
        }
        object
    }

    pub(super) fn index(&self, noun: &str, identity: &str) -> Result<usize, String> {
        let keys = [
            "Identity",
            "Name",
            "DomainName",
            "Domain",
            "Guid",
            "PrimarySmtpAddress",
        ];
        let fits = |object: &Object| {
            let own = keys.iter().filter_map(|key| object.get(*key));
            own.into_iter()
                .any(|own| own.text().eq_ignore_ascii_case(identity))
        };
        let found = self.all(noun).iter().position(fits);
        found.ok_or_else(|| format!("the {noun} {identity} could not be found"))
    }

    pub(super) fn guid(&mut self) -> Datum {
        self.clock += 1;
        format!("00000000-0000-0000-0000-{}", self.clock).into()
    }
}

/// Calls hold static names; a test may keep what it read.
fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn written(value: &Datum) -> PsValue {
    match value {
        Datum::Null => PsValue::Null,
        Datum::Bool(value) => PsValue::Bool(*value),
        Datum::Int(number) => PsValue::Int(*number),
        Datum::Text(text) if text == "credential" => PsValue::Variable("credential".to_owned()),
        Datum::Text(text) => PsValue::String(text.clone()),
        Datum::List(items) => PsValue::Array(items.iter().map(written).collect()),
        Datum::Table(_) => PsValue::Hash(Vec::new()),
    }
}
