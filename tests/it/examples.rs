//! The Exchange locations of every example: their scripts, and organizations to run them in.

use crate::powershell::product_of;
use crate::simulator::{Datum, Organization, Script};
use mailtopo::compile::{Input, plan};
use mailtopo::emit::emit;
use mailtopo::finding::Findings;
use mailtopo::plan::{Configuration, Plan};
use mailtopo::platforms::exchange::catalogue::Product;
use mailtopo::topology::{AcceptedType, Holds, Kind, LocationId};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// A location and what was written for it.
pub struct Location {
    /// Example and location, for messages.
    pub name: String,
    /// The location's name.
    pub place: String,
    /// Whose shell runs the scripts.
    pub product: Product,
    /// The scripts by file name.
    pub scripts: BTreeMap<String, Script>,
    /// Domains that the place accepts.
    pub domains: Vec<String>,
    initial_domain: String,
    servers: Vec<String>,
    certificates: BTreeSet<String>,
    recipients: Vec<String>,
    /// Enabled connectors of ours and the recipients that the spec has for testing them.
    pub tests: Vec<(String, Vec<String>)>,
    wizard: Vec<(&'static str, Vec<(&'static str, Datum)>)>,
}

/// Every file below a folder, by its path from there.
pub fn files_below(folder: &Path, base: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_below(&path, base, files);
        } else {
            let name = path.strip_prefix(base).expect("is below it");
            let name = name.to_str().expect("is UTF-8").replace('\\', "/");
            files.insert(name, fs::read(&path).expect("can be read"));
        }
    }
}

/// The Exchange locations of every example.
pub fn locations() -> &'static [Location] {
    static LOCATIONS: LazyLock<Vec<Location>> = LazyLock::new(read);
    &LOCATIONS
}

fn read() -> Vec<Location> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut folders: Vec<_> = fs::read_dir(folder)
        .expect("the examples")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    let mut all = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let mut files = BTreeMap::new();
        files_below(folder, folder, &mut files);
        let example = folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        all.extend(locations_of(&example, "mailtopo.yaml", &files));
    }
    assert!(all.len() > 25, "only {} locations", all.len());
    all
}

/// The Exchange locations of one spec; none where it has mistakes.
pub fn locations_of(example: &str, spec: &str, files: &BTreeMap<String, Vec<u8>>) -> Vec<Location> {
    let Some(bytes) = files.get(spec) else {
        return Vec::new();
    };
    let input = Input {
        name: spec,
        bytes,
        files,
    };
    let Some(plan) = plan(&input).plan else {
        return Vec::new();
    };
    let (tree, refused) = emit(&plan, &Findings::default());
    assert!(refused.is_empty(), "{example}: {refused:?}");
    let mut all = Vec::new();
    for (id, location) in plan.topology.locations() {
        let prefix = format!("{}/", location.name);
        let scripts: BTreeMap<String, Script> = tree
            .iter()
            .filter_map(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), bytes)))
            .filter(|(path, _)| path.rsplit('.').next() == Some("ps1"))
            .map(|(path, bytes)| (path, String::from_utf8(bytes.to_vec()).expect("is UTF-8")))
            .map(|(path, text)| {
                (
                    path,
                    Script::new(text.trim_start_matches('\u{feff}').to_owned()),
                )
            })
            .collect();
        if let Some(apply) = scripts.get("apply.ps1") {
            let product = product_of(apply.text()).expect("says its product");
            all.push(Location::new(example, &plan, id, product, scripts));
        }
    }
    all
}

impl Location {
    fn new(
        example: &str,
        plan: &Plan,
        id: LocationId,
        product: Product,
        scripts: BTreeMap<String, Script>,
    ) -> Self {
        let location = plan.topology.location(id);
        let place = plan.place(id);
        let mut one = Self {
            name: format!("{example}/{}", location.name),
            place: location.name.clone(),
            product,
            scripts,
            domains: Vec::new(),
            initial_domain: String::new(),
            servers: Vec::new(),
            certificates: BTreeSet::new(),
            recipients: Vec::new(),
            tests: Vec::new(),
            wizard: Vec::new(),
        };
        one.domains = place
            .accepted
            .iter()
            .map(|accepted| accepted.domain.as_str().to_owned())
            .collect();
        for accepted in place
            .accepted
            .iter()
            .filter(|accepted| accepted.kind == AcceptedType::Authoritative)
        {
            one.recipients
                .extend(recipients(plan, accepted.domain.as_str()));
        }
        match (&location.kind, &place.configuration) {
            (Kind::Tenant(tenant), Configuration::ExchangeOnline(configuration)) => {
                one.initial_domain = tenant.initial_domain();
                let tested = configuration
                    .outbound
                    .iter()
                    .filter(|connector| connector.enabled && !connector.by_wizard)
                    .filter(|connector| !connector.validation_recipients.is_empty());
                one.tests = tested
                    .map(|connector| {
                        let recipients = connector.validation_recipients.iter();
                        let recipients = recipients.map(ToString::to_string).collect();
                        (connector.name.clone(), recipients)
                    })
                    .collect();
                one.tests.sort();
                for connector in configuration
                    .inbound
                    .iter()
                    .filter(|connector| connector.by_wizard)
                {
                    one.wizard.push((
                        "InboundConnector",
                        vec![
                            ("Name", format!("Inbound from {}", connector.name).into()),
                            ("ConnectorType", "OnPremises".into()),
                            ("CloudServicesMailEnabled", true.into()),
                            ("TreatMessagesAsInternal", false.into()),
                        ],
                    ));
                }
                for connector in configuration
                    .outbound
                    .iter()
                    .filter(|connector| connector.by_wizard)
                {
                    let domains = connector
                        .recipient_domains
                        .iter()
                        .map(|pattern| pattern.to_string().into())
                        .collect();
                    one.wizard.push((
                        "OutboundConnector",
                        vec![
                            ("Name", format!("Outbound to {}", connector.name).into()),
                            ("ConnectorType", "OnPremises".into()),
                            ("RecipientDomains", Datum::List(domains)),
                            (
                                "RouteAllMessagesViaOnPremises",
                                connector.route_all_messages_via_on_premises.into(),
                            ),
                            ("CloudServicesMailEnabled", true.into()),
                            ("TestMode", false.into()),
                        ],
                    ));
                }
            }
            (_, Configuration::ExchangeServer(configuration)) => {
                one.servers.clone_from(&configuration.servers);
                let send = configuration
                    .send
                    .iter()
                    .filter_map(|connector| connector.tls_certificate.as_ref());
                let receive = configuration
                    .receive
                    .iter()
                    .filter_map(|connector| connector.tls_certificate.as_ref());
                one.certificates.extend(
                    send.chain(receive)
                        .map(|certificate| certificate.name.clone()),
                );
                let names = configuration
                    .send
                    .iter()
                    .filter_map(|connector| connector.fqdn.clone());
                one.certificates.extend(names);
                for connector in configuration
                    .send
                    .iter()
                    .filter(|connector| connector.by_wizard)
                {
                    let spaces = connector
                        .address_spaces
                        .iter()
                        .map(|(pattern, cost)| format!("smtp:{pattern};{cost}").into());
                    one.wizard.push((
                        "SendConnector",
                        vec![
                            ("Name", "Outbound to Office 365".into()),
                            ("AddressSpaces", Datum::List(spaces.collect())),
                            ("CloudServicesMailEnabled", true.into()),
                            ("RequireTLS", true.into()),
                        ],
                    ));
                }
            }
            _ => {}
        }
        one
    }

    /// The organization before anybody ran anything: domains and recipients, no connectors but the wizard's.
    pub fn empty(&self) -> Organization {
        let mut organization = Organization::new(self.product);
        for address in &self.recipients {
            let list = vec![format!("SMTP:{address}").into()];
            organization.put(
                "Recipient",
                &[
                    ("Name", address.as_str().into()),
                    ("EmailAddresses", Datum::List(list)),
                ],
            );
        }
        if self.servers.is_empty() {
            for domain in self
                .domains
                .iter()
                .chain([&self.initial_domain])
                .collect::<BTreeSet<_>>()
            {
                let name: Datum = domain.as_str().into();
                organization.put(
                    "AcceptedDomain",
                    &[
                        ("Name", name.clone()),
                        ("Identity", name.clone()),
                        ("DomainName", name),
                        ("DomainType", "Authoritative".into()),
                        ("MatchSubDomains", false.into()),
                    ],
                );
            }
            organization.put(
                "OrganizationConfig",
                &[
                    ("Name", "contoso".into()),
                    ("Identity", "contoso".into()),
                    ("IsDehydrated", false.into()),
                    ("RejectDirectSend", false.into()),
                ],
            );
            organization.put(
                "TransportConfig",
                &[
                    ("Name", "Transport Settings".into()),
                    ("Identity", "Transport Settings".into()),
                    ("SmtpClientAuthenticationDisabled", true.into()),
                ],
            );
            organization.put(
                "ArcConfig",
                &[
                    ("Identity", "Default".into()),
                    ("ArcTrustedSealers", Datum::List(vec!["old.example".into()])),
                ],
            );
            for mailbox in quoted(self.scripts["apply.ps1"].text(), "$mailboxes = ") {
                organization.put(
                    "CASMailbox",
                    &[
                        ("Identity", mailbox.as_str().into()),
                        ("PrimarySmtpAddress", mailbox.into()),
                        ("SmtpClientAuthenticationDisabled", Datum::Null),
                    ],
                );
            }
        }
        for server in &self.servers {
            let version = quoted(self.scripts["apply.ps1"].text(), "$versionPrefix = ").remove(0);
            organization.put(
                "ExchangeServer",
                &[
                    ("Name", server.as_str().into()),
                    (
                        "AdminDisplayVersion",
                        format!("{version}(Build 1.2)").into(),
                    ),
                ],
            );
            organization.put(
                "ReceiveConnector",
                &[
                    ("Name", "Default Frontend".into()),
                    ("Identity", format!("{server}\\Default Frontend").into()),
                    (
                        "DistinguishedName",
                        format!("CN=Default Frontend,CN={server}").into(),
                    ),
                    ("Enabled", true.into()),
                    ("Bindings", Datum::List(vec!["0.0.0.0:25".into()])),
                    (
                        "RemoteIPRanges",
                        Datum::List(vec!["0.0.0.0-255.255.255.255".into()]),
                    ),
                    (
                        "AuthMechanism",
                        "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer".into(),
                    ),
                    (
                        "PermissionGroups",
                        "AnonymousUsers, ExchangeServers, ExchangeLegacyServers".into(),
                    ),
                    ("MaxMessageSize", "36 MB (37,748,736 bytes)".into()),
                    ("TransportRole", "FrontendTransport".into()),
                ],
            );
            organization.computer.clone_from(server);
        }
        for (index, name) in self.certificates.iter().enumerate() {
            organization.put(
                "ExchangeCertificate",
                &[
                    ("Thumbprint", self.thumbprint(name, index).into()),
                    (
                        "CertificateDomains",
                        Datum::List(vec![name.as_str().into()]),
                    ),
                    ("NotAfter", Datum::Int(99_999_999_999_999)),
                    ("Services", "IIS, SMTP".into()),
                    ("Issuer", "CN=Public CA".into()),
                    ("Subject", format!("CN={name}").into()),
                ],
            );
        }
        for (noun, properties) in &self.wizard {
            let mut all = vec![
                ("Enabled", true.into()),
                ("ConnectorSource", "HybridWizard".into()),
                ("Identity", properties[0].1.clone()),
            ];
            all.extend(properties.iter().cloned());
            organization.put(noun, &all);
        }
        organization
    }

    /// The thumbprint that the spec gives, where it gives one.
    fn thumbprint(&self, name: &str, index: usize) -> String {
        let text = self.scripts["apply.ps1"].text();
        let given = text
            .lines()
            .filter(|line| line.contains("Certificate"))
            .find_map(|line| {
                let mut words = line.split('\'').skip_while(|word| word != &name);
                words
                    .nth(2)
                    .filter(|word| word.len() == 40)
                    .map(str::to_owned)
            });
        given.unwrap_or_else(|| format!("{index:040}"))
    }

    /// Objects that somebody else made, beside those of the spec.
    pub fn add_foreign(&self, organization: &mut Organization) {
        let name = |noun: &str| -> Datum { format!("Somebody's {noun}").into() };
        if self.servers.is_empty() {
            organization.put(
                "InboundConnector",
                &[
                    ("Name", name("in")),
                    ("Identity", name("in")),
                    ("Enabled", true.into()),
                    ("ConnectorType", "Partner".into()),
                    (
                        "SenderDomains",
                        Datum::List(vec!["smtp:other.example;1".into()]),
                    ),
                    ("Comment", Datum::Null),
                ],
            );
            organization.put(
                "OutboundConnector",
                &[
                    ("Name", name("out")),
                    ("Identity", name("out")),
                    ("Enabled", true.into()),
                    ("ConnectorType", "Partner".into()),
                    (
                        "RecipientDomains",
                        Datum::List(vec!["other.example".into()]),
                    ),
                    ("IsTransportRuleScoped", true.into()),
                    ("TestMode", false.into()),
                    ("Comment", "made by hand".into()),
                ],
            );
            for (priority, rule) in ["first", "second"].into_iter().enumerate() {
                organization.put(
                    "TransportRule",
                    &[
                        ("Name", name(rule)),
                        ("Identity", name(rule)),
                        ("State", "Enabled".into()),
                        (
                            "Priority",
                            Datum::Int(i64::try_from(priority).expect("fits")),
                        ),
                        ("RouteMessageOutboundConnector", name("out")),
                        ("Comments", Datum::Null),
                    ],
                );
            }
        } else {
            organization.put(
                "SendConnector",
                &[
                    ("Name", name("send")),
                    ("Identity", name("send")),
                    ("Enabled", true.into()),
                    (
                        "AddressSpaces",
                        Datum::List(vec!["smtp:other.example;5".into()]),
                    ),
                    ("Comment", Datum::Null),
                ],
            );
        }
    }

    /// Objects of the spec's names that somebody else made, with other properties.
    pub fn adopt(&self, organization: &mut Organization) {
        for (noun, name, _) in entries(self.scripts["apply.ps1"].text()) {
            let list = |text: &str| Datum::List(vec![text.into()]);
            let mut more: Vec<(&str, Datum)> = match noun.as_str() {
                "OutboundConnector" => vec![
                    ("ConnectorType", "Partner".into()),
                    ("RecipientDomains", list("older.example")),
                    ("Comment", "by hand".into()),
                ],
                "InboundConnector" => vec![
                    ("ConnectorType", "Partner".into()),
                    ("SenderDomains", list("smtp:older.example;1")),
                ],
                "SendConnector" => vec![
                    ("AddressSpaces", list("smtp:older.example;7")),
                    ("MaxMessageSize", "10 MB (10,485,760 bytes)".into()),
                    ("Comment", "by hand".into()),
                ],
                "TransportRule" => {
                    let last = organization.all(&noun).len();
                    vec![
                        ("RecipientDomainIs", list("older.example")),
                        ("State", "Enabled".into()),
                        ("Priority", Datum::Int(i64::try_from(last).expect("fits"))),
                        ("Comments", "by hand".into()),
                    ]
                }
                _ => continue,
            };
            more.push(("Name", name.as_str().into()));
            more.push(("Identity", name.into()));
            organization.put(&noun, &more);
        }
    }

    /// How many properties the object of ours with the most of them has.
    pub fn most_properties(&self, organization: &Organization) -> usize {
        let ours = self.ours(organization);
        ours.iter()
            .map(|(_, _, properties)| properties.len())
            .max()
            .unwrap_or(0)
    }

    /// Changes one property of every object of ours; gives those that were changed.
    pub fn drift(&self, organization: &mut Organization, round: usize) -> Vec<String> {
        let mut changed = Vec::new();
        for (noun, index, names) in self.ours(organization) {
            let object = &mut organization.objects.get_mut(&noun).expect("has it")[index];
            let Some(name) = names.get(round) else {
                continue;
            };
            let Some(value) = other(name, &object[name]) else {
                continue;
            };
            let value = crate::simulator::rules::stored(&noun, name, &value);
            object.insert(name.clone(), value);
            changed.push(name.clone());
        }
        changed
    }

    /// Objects that an entry names, by noun and position, with the properties that the entry manages.
    fn ours(&self, organization: &Organization) -> Vec<(String, usize, Vec<String>)> {
        let mut ours = Vec::new();
        for (noun, name, managed) in entries(self.scripts["apply.ps1"].text()) {
            for (index, object) in organization.all(&noun).iter().enumerate() {
                let own = ["DomainName", "PrimarySmtpAddress", "Name"]
                    .iter()
                    .find_map(|key| object.get(*key));
                let single = noun.ends_with("Config");
                if !single && own.is_none_or(|own| own.text() != name) {
                    continue;
                }
                let has = |property: &&String| {
                    object
                        .get(*property)
                        .is_some_and(|value| !value.text().is_empty())
                };
                // A comment without the mark would no longer be ours.
                let properties = managed
                    .iter()
                    .filter(has)
                    .filter(|property| !property.starts_with("Comment"));
                ours.push((noun.clone(), index, properties.cloned().collect()));
            }
        }
        ours
    }
}

/// Another value that the property of an object could have.
fn other(name: &str, value: &Datum) -> Option<Datum> {
    let turned = |a: &str, b: &str| -> Datum {
        if value.text() == a {
            b.into()
        } else {
            a.into()
        }
    };
    Some(match (name, value) {
        (_, Datum::Bool(value)) => Datum::Bool(!value),
        (_, Datum::Int(number)) => Datum::Int(number + 1),
        ("MaxMessageSize", _) => "7 MB (7,340,032 bytes)".into(),
        ("DomainType", _) => turned("Authoritative", "InternalRelay"),
        ("ConnectorType", _) => turned("Partner", "OnPremises"),
        ("AuthMechanism", _) => turned("Tls", "Tls, Integrated"),
        ("PermissionGroups", _) => turned("AnonymousUsers", "ExchangeUsers"),
        ("TlsSettings" | "TlsAuthLevel", _) => turned("EncryptionOnly", "CertificateValidation"),
        (_, Datum::Text(text)) => format!("x-{text}").into(),
        (_, Datum::List(items)) if items.len() > 1 => Datum::List(items[1..].to_vec()),
        ("SenderIPAddresses" | "RemoteIPRanges" | "EFSkipIPs", _) => {
            Datum::List(vec!["192.0.2.99".into()])
        }
        (_, Datum::List(items)) => Datum::List(
            items
                .iter()
                .cloned()
                .chain(["added.example".into()])
                .collect(),
        ),
        (_, Datum::Null | Datum::Table(_)) => return None,
    })
}

/// The entries of a script: noun, name, and the properties that are managed.
fn entries(text: &str) -> Vec<(String, String, Vec<String>)> {
    let mut entries = Vec::new();
    let mut name = String::new();
    let mut managed: Vec<String> = Vec::new();
    for line in text.lines() {
        let named = line
            .strip_prefix("$name = '")
            .or_else(|| line.strip_prefix("$connector = '"));
        if let Some(value) = named.and_then(|rest| rest.strip_suffix('\'')) {
            value.clone_into(&mut name);
            managed.clear();
        }
        for part in line.strip_prefix("    ").unwrap_or_default().split("; ") {
            if let Some((key, _)) = part.split_once(" = ") {
                managed.push(key.trim().to_owned());
            }
        }
        if let Some(noun) = line
            .trim_start()
            .strip_prefix("Step '")
            .and_then(|rest| rest.split('\'').next())
        {
            entries.push((noun.to_owned(), name.clone(), managed.clone()));
        }
    }
    entries
}

/// The texts of the list that a variable is given.
fn quoted(text: &str, start: &str) -> Vec<String> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(start))
        .unwrap_or_default();
    line.split('\'')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// As many recipients as the spec says a domain has.
fn recipients(plan: &Plan, name: &str) -> Vec<String> {
    let domain = plan
        .topology
        .domains
        .iter()
        .find(|domain| domain.name.as_str() == name);
    let mut recipients = vec![format!("postmaster@{name}")];
    for holder in domain.iter().flat_map(|domain| &domain.holders) {
        match &holder.holds {
            Holds::Count(count) => {
                recipients.extend((0..*count).map(|number| format!("r{number}@{name}")));
            }
            Holds::Listed(listed) => recipients.extend(
                listed
                    .iter()
                    .map(|one| one.address.to_string().to_lowercase()),
            ),
            Holds::Rest => {}
        }
    }
    recipients
}
