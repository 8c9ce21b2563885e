//! What the tests ask of one spec many times over, as the documents that the commands print.
//!
//! Hidden, and no part of what the library promises: a command that prints the same answer is the contract.

mod alter;

pub use alter::Question;

use crate::cli;
use crate::compile::{self, Checked, Input};
use crate::diff;
use crate::dns::RData;
use crate::dns::write::in_file;
use crate::output::Sealed;
use crate::plan::Plan;
use crate::platforms::exchange::scripts::Form;
use crate::publish::verdict::Judge;
use crate::report::{Format, Report};
use crate::topology::Sender;
use crate::values::{Address, Date};
use crate::walk::{Flows, Model, Trace, expect, trace, trace_to_nobody};
use serde_json::Value;
use std::collections::BTreeMap;

/// A spec that was compiled on a day.
pub struct Asked {
    checked: Checked,
    output: Option<Sealed>,
}

impl Asked {
    /// Compiles the spec called `name` among `files`; nothing where there is no such file or `today` is no day.
    pub fn of(name: &str, files: &BTreeMap<String, Vec<u8>>, today: &str) -> Option<Self> {
        let input = Input {
            name,
            bytes: files.get(name)?,
            files,
        };
        let (checked, output) =
            compile::compile(&input, Date::parse(today).ok()?, false, Form::Thin);
        Some(Self { checked, output })
    }

    /// The same without an output: what `check` asks.
    pub fn checked(name: &str, files: &BTreeMap<String, Vec<u8>>, today: &str) -> Option<Self> {
        let input = Input {
            name,
            bytes: files.get(name)?,
            files,
        };
        let checked = compile::check(&input, Date::parse(today).ok()?);
        Some(Self {
            checked,
            output: None,
        })
    }

    /// What `check --output-format` prints in the form with this name.
    pub fn report(&self, form: &str) -> Option<String> {
        let form = Format::ALL.into_iter().find(|known| known.name() == form)?;
        let Checked {
            sources,
            findings,
            summary,
            ..
        } = &self.checked;
        let rules = compile::rules();
        let report =
            Report::new("mailtopo.yaml", findings, sources, &rules).summary(summary.clone());
        Some(report.render(form, crate::report::Look::PLAIN))
    }

    /// What `compile` writes; nothing while there are errors.
    pub fn files(&self) -> Option<BTreeMap<String, Vec<u8>>> {
        let output = self.output.as_ref()?;
        Some(
            output
                .iter()
                .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
                .collect(),
        )
    }

    /// The records that are planned: zone, name, type, TTL and data, texts as their octets in hexadecimal digits.
    pub fn records(&self) -> Vec<[String; 5]> {
        let zones = self.checked.plan.iter().flat_map(|plan| &plan.zones);
        let sets = zones.flat_map(|zone| zone.sets.iter().map(move |(key, set)| (zone, key, set)));
        sets.flat_map(|(zone, key, set)| {
            set.records.iter().map(move |record| {
                let data = match &record.data {
                    RData::Txt(octets) => crate::values::hex(octets),
                    other => in_file(other),
                };
                [
                    zone.origin.to_string(),
                    key.owner.to_string(),
                    key.kind.to_string(),
                    set.ttl.to_string(),
                    data,
                ]
            })
        })
        .collect()
    }

    /// What `compile` writes, as it goes to a disk.
    pub fn output(self) -> Option<Sealed> {
        self.output
    }

    /// What `routes --output-format json` prints; nothing where the spec itself has mistakes.
    pub fn routes(&self) -> Option<Value> {
        let plan = self.checked.plan.as_ref()?;
        Some(cli::routes_document(plan, "mailtopo.yaml"))
    }

    /// What will be configured; nothing where the spec itself has mistakes.
    pub fn plan(&self) -> Option<&Plan> {
        self.checked.plan.as_ref()
    }

    /// The findings because of which something is not written, each by its code and objects.
    pub fn withholding(&self) -> Vec<(String, Vec<String>)> {
        let findings = self.checked.findings.iter();
        let withholding = findings.filter(|finding| !finding.withholds.is_empty());
        withholding
            .map(|finding| {
                let objects = finding.objects.iter().map(ToString::to_string);
                (finding.check.to_string(), objects.collect())
            })
            .collect()
    }

    /// Faults in what would be written that nobody notices: no finding and no way of a message in question changes, not
    /// beside another fault either, where an object does the same as another. Those that `is_idle` are left out.
    pub fn unnoticed(
        &self,
        asked: &[Question],
        is_idle: &dyn Fn(&Planted) -> bool,
    ) -> Vec<Planted> {
        let plan = self.checked.plan.as_ref();
        let Some((plan, today)) = plan.and_then(|plan| Some((plan, plan.today?))) else {
            return Vec::new();
        };
        let said = |plan: &Plan| alter::said(plan, today, asked);
        let usual = said(plan);
        let faults: Vec<_> = alter::faults(plan)
            .into_iter()
            .filter_map(|fault| {
                let said = said(&fault.plant(plan)?);
                Some((fault, said))
            })
            .collect();
        let counts_beside = |fault: &alter::Fault| {
            faults.iter().any(|(other, then)| {
                let both = other.plant(plan).and_then(|plan| fault.plant(&plan));
                both.is_some_and(|plan| said(&plan) != *then)
            })
        };
        let alone = faults.iter().filter(|(_, then)| *then == usual);
        alone
            .map(|(fault, _)| (fault, fault.planted(plan)))
            .filter(|(fault, planted)| !is_idle(planted) && !counts_beside(fault))
            .map(|(_, planted)| planted)
            .collect()
    }

    /// How much was looked at: pairs of senders and recipients, their ways, and the hops and losers of these.
    pub fn counters(&self) -> [usize; 4] {
        let Some(plan) = &self.checked.plan else {
            return [0; 4];
        };
        let model = Model::of(plan);
        let flows = Flows::of(&model);
        let ways = || flows.flows.iter().flat_map(|flow| &flow.trace.ways);
        let hops = || ways().flat_map(|way| &way.hops);
        [
            flows.flows.len(),
            ways().count(),
            hops().count(),
            hops().map(|hop| hop.instead_of.len()).sum(),
        ]
    }

    /// Somebody who answers many questions about ways; nothing where the spec itself has mistakes.
    pub fn tracer(&self) -> Option<Tracer<'_>> {
        self.checked.plan.as_ref().map(|plan| Tracer {
            model: Model::of(plan),
            judge: Judge::of(plan),
        })
    }
}

/// A fault in one property of one object of a place.
pub struct Planted {
    /// The property, by the kind of object and its name.
    pub property: &'static str,
    /// The place.
    pub place: String,
    /// The object; empty where the property is one of the place.
    pub object: String,
}

/// Answers questions about ways.
pub struct Tracer<'a> {
    model: Model<'a>,
    judge: Judge<'a>,
}

impl Tracer<'_> {
    /// What `trace --output-format json` prints, or why there is no such message.
    pub fn trace(&self, from: &str, to: &str) -> Result<Value, String> {
        self.ask(from, to, trace)
    }

    /// The same for an address that nobody has, even where the spec leaves that open.
    pub fn trace_to_nobody(&self, from: &str, to: &str) -> Result<Value, String> {
        self.ask(from, to, trace_to_nobody)
    }

    fn ask(
        &self,
        from: &str,
        to: &str,
        follow: fn(&Model<'_>, &Sender, &Address) -> Trace,
    ) -> Result<Value, String> {
        let sender = expect::sender(&self.model.plan.topology, from)?;
        let address = Address::parse(to).map_err(|bad| bad.message)?;
        let trace = follow(&self.model, &sender, &address);
        Ok(cli::trace_document(&self.judge, &trace))
    }
}

// What the integration tests reach of the library, under the path that it has there.
/// Compares a spec with exports of its locations: the findings, and the form for programs.
pub fn drift(
    input: &crate::compile::Input<'_>,
    exports: &[(&str, &[u8])],
    today: Date,
) -> Result<(Vec<crate::finding::Finding>, String), String> {
    let mut read = Vec::new();
    for (location, bytes) in exports {
        let export = crate::import::read("export", bytes.to_vec())?;
        read.push(((*location).to_owned(), export));
    }
    drift_of(input, read, today)
}

/// Compares a spec with the folder of a Postfix host, its files by name.
pub fn drift_folder(
    input: &crate::compile::Input<'_>,
    location: &str,
    files: &BTreeMap<String, Vec<u8>>,
    today: Date,
) -> Result<(Vec<crate::finding::Finding>, String), String> {
    let export = crate::import::read_folder(location, files.clone())?;
    drift_of(input, vec![(location.to_owned(), export)], today)
}

fn drift_of(
    input: &crate::compile::Input<'_>,
    exports: Vec<(String, crate::import::Export)>,
    today: Date,
) -> Result<(Vec<crate::finding::Finding>, String), String> {
    let (checked, drift) = crate::compile::drift(input, today, exports)?;
    let rules = crate::compile::rules();
    let report =
        crate::report::Report::new(input.name, &checked.findings, &checked.sources, &rules);
    let report = report.render(crate::report::Format::Json, crate::report::Look::PLAIN);
    let json = drift
        .zip(checked.plan.as_ref())
        .map(|(drift, plan)| crate::drift::json(plan, &drift, &report));
    Ok((checked.findings, json.unwrap_or_default()))
}

/// Reads an export as `import` and `drift` do, and says how many objects it holds.
pub fn read_export(file: &str, bytes: &[u8]) -> Result<usize, String> {
    let export = crate::import::read(file, bytes.to_vec())?;
    Ok(export.objects.len())
}

/// Makes a draft spec of exports, each of a location: its files by name, and whether every value is accounted for.
pub fn import(
    exports: &[(&str, &[u8])],
    today: Date,
) -> Result<(BTreeMap<String, Vec<u8>>, bool), String> {
    let mut parts: Vec<crate::draft::Part> = Vec::new();
    for (number, (location, bytes)) in exports.iter().enumerate() {
        let export = crate::import::read(&format!("export-{number}"), bytes.to_vec())?;
        match parts.iter_mut().find(|part| part.location == **location) {
            Some(part) => part.export.join(export)?,
            None => parts.push(crate::draft::Part {
                location: (*location).to_owned(),
                export,
            }),
        }
    }
    let imported = crate::compile::import(&parts, false, today)?;
    let files = imported.files.iter();
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    Ok((files.collect(), imported.is_whole))
}

/// Makes a short draft spec of exports, each the files of a location by their names; an export that is one file has no name.
pub fn import_folded(
    exports: &[(&str, BTreeMap<String, Vec<u8>>)],
    folds: bool,
    today: Date,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut parts: Vec<crate::draft::Part> = Vec::new();
    for (location, files) in exports {
        let export = match files.get("") {
            Some(bytes) => crate::import::read(location, bytes.clone())?,
            None => crate::import::read_folder(location, files.clone())?,
        };
        parts.push(crate::draft::Part {
            location: (*location).to_owned(),
            export,
        });
    }
    let imported = crate::compile::import(&parts, folds, today)?;
    let files = imported.files.iter();
    Ok(files
        .map(|(name, bytes)| (name.to_owned(), bytes.to_vec()))
        .collect())
}

/// Changes a spec to what exists: the new texts of its files, or the objects that cannot be said in the language.
pub fn adopt(
    input: &crate::compile::Input<'_>,
    exports: &[(&str, &[u8])],
    today: Date,
) -> Result<BTreeMap<String, String>, Vec<String>> {
    let mut parts = Vec::new();
    for (location, bytes) in exports {
        parts.push(crate::draft::Part {
            location: (*location).to_owned(),
            export: crate::import::read("export", bytes.to_vec()).map_err(|why| vec![why])?,
        });
    }
    let adopted = crate::compile::adopt(input, &parts, today);
    let adopted = adopted.ok_or_else(|| vec!["the spec has mistakes".to_owned()])?;
    if adopted.left.is_empty() {
        return Ok(adopted.texts);
    }
    let left = adopted.left.iter();
    Err(left
        .map(|(location, object, _)| crate::drift::in_words(location, object))
        .collect())
}

/// The scripts that restore what differs, as files by path.
pub fn restoring(
    input: &crate::compile::Input<'_>,
    exports: &[(&str, &[u8])],
    today: Date,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut read = Vec::new();
    for (location, bytes) in exports {
        let export = crate::import::read("export", bytes.to_vec())?;
        read.push(((*location).to_owned(), export));
    }
    let (checked, drift) = crate::compile::drift(input, today, read)?;
    let found = checked.plan.as_ref().zip(drift);
    let (plan, drift) = found.ok_or("the spec has mistakes")?;
    let sealed = crate::compile::restoring(plan, &drift)?;
    let files = sealed.iter();
    Ok(files
        .map(|(name, bytes)| (name.to_owned(), bytes.to_vec()))
        .collect())
}

/// Adds to a spec what exists beside it: the files of the folder, and whether every value is accounted for.
pub fn merge(
    input: &crate::compile::Input<'_>,
    exports: &[(&str, &[u8])],
    today: Date,
) -> Result<(BTreeMap<String, Vec<u8>>, bool), String> {
    let mut parts = Vec::new();
    for (location, bytes) in exports {
        parts.push(crate::draft::Part {
            location: (*location).to_owned(),
            export: crate::import::read("export", bytes.to_vec())?,
        });
    }
    let (_, merged) = crate::compile::merge(input, &parts, today)?;
    let merged = merged.ok_or("the spec has mistakes")?;
    let files = merged.files.iter();
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    Ok((files.collect(), merged.is_whole))
}

/// Makes a draft spec of a folder, its files by name: the files of the draft, and whether every value is accounted for.
pub fn import_folder(
    location: &str,
    files: &BTreeMap<String, Vec<u8>>,
    today: Date,
) -> Result<(BTreeMap<String, Vec<u8>>, bool), String> {
    let export = crate::import::read_folder(location, files.clone())?;
    let part = crate::draft::Part {
        location: location.to_owned(),
        export,
    };
    let imported = crate::compile::import(&[part], false, today)?;
    let files = imported.files.iter();
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    Ok((files.collect(), imported.is_whole))
}

pub mod checks {
    pub use crate::checks::{ALL, Check};
}
pub mod dns {
    pub use crate::dns::{RData, Record, RecordType};
    pub mod routing {
        pub use crate::dns::routing::{Exchangers, Existing, exchangers};
    }
    pub mod write {
        pub use crate::dns::write::emit;
    }
}
pub mod emit {
    pub use crate::emit::{emit, refusals};
}
pub mod finding {
    pub use crate::finding::{Certainty, Finding, Findings, Severity, TraceHop};
}
pub mod io {
    pub use crate::io::{DiskFiles, Options, Swap, Written, write};
}
pub mod output {
    pub use crate::output::{AS_BUILT, MANIFEST, Manifest, OutputTree, Sealed, Sink, sha256};
}
pub mod plan {
    pub use crate::plan::{Configuration, LocationPlan, Plan, derive};
}
pub mod platforms {
    pub use crate::platforms::reading;
    pub mod exchange {
        pub mod call {
            pub use crate::platforms::exchange::call::Call;
        }
        pub mod catalogue {
            pub use crate::platforms::exchange::catalogue::{Product, exists, has, knows};
            pub use crate::platforms::exchange::constraints::check;
        }
        /// What chooses no path.
        pub mod effect {
            pub use crate::platforms::exchange::effect::no_effect;
        }
        pub mod forms {
            pub use crate::platforms::exchange::forms::{Form, form_of, parts};
        }
        pub mod desired {
            pub use crate::platforms::exchange::desired::marked;
        }
        pub mod kind {
            pub use crate::platforms::exchange::kind::{ALL, Identity, ObjectKind};
        }
        pub mod scripts {
            pub use crate::platforms::exchange::scripts::{Form, LIBRARY, LIBRARY_PATH};
        }
    }
    pub use crate::platforms::product::{PRODUCTS, Product};
    pub mod exchange_online {
        pub use crate::platforms::exchange_online::{
            Configuration, ConnectorType, InboundConnector, OutboundConnector, RuleValue,
            TlsSettings, TransportRule,
        };
        pub mod write {
            pub use crate::platforms::exchange_online::write::desired;
        }
    }
    pub mod exchange_server {
        pub use crate::platforms::exchange_server::{
            Configuration, Grant, ReceiveConnector, SendConnector, TlsAuthLevel,
        };
        pub mod write {
            pub use crate::platforms::exchange_server::write::desired;
        }
    }
    pub mod postfix {
        pub use crate::platforms::postfix::{
            Class, Configuration, Demands, Entry, HopId, Key, Right, SenderAccess, TlsPolicyLevel,
        };
        pub mod write {
            use crate::emit::Unwritable;
            use crate::output::OutputTree;
            use crate::plan::Plan;

            /// The files of every Postfix location.
            pub fn emit(plan: &Plan, tree: &mut OutputTree) -> Result<(), Unwritable> {
                let all = plan.topology.locations();
                let mut hosts = all.filter(|(_, location)| location.postfix().is_some());
                hosts.try_for_each(|(id, _)| crate::platforms::postfix::write::emit(plan, id, tree))
            }
        }
    }
}
pub use crate::platforms::readings::READINGS;
pub mod publish {
    use crate::publish::verdict::{Judge, SignatureStatus, Whose};
    pub use crate::publish::{Known, Published};
    use crate::values::Network;
    use crate::walk::Envelope;

    /// Whoever hands over mail with an envelope domain, departure after departure.
    pub fn exits(plan: &crate::plan::Plan, published: &Published) -> Vec<Exit> {
        let topology = &plan.topology;
        let judge = Judge::before(plan, published);
        let mut all = Vec::new();
        for (departure, authors) in published.egress.departures() {
            let mut one = |name: &crate::values::DomainName| {
                let (mut networks, _) = judge.comes_from(departure.by, name);
                let terms = crate::publish::Terms::of(topology, departure.by);
                networks.extend(terms.networks);
                all.push(Exit {
                    envelope: name.to_string(),
                    networks,
                    terms: terms.others.into_iter().collect(),
                });
            };
            match &departure.envelope {
                Envelope::Kept => {
                    let authors = authors.domains.iter();
                    authors.for_each(|id| one(&topology.domain(*id).name));
                }
                Envelope::Replaced(name) => one(name),
                Envelope::Empty => {
                    let location = departure.by.location().map(|id| topology.location(id));
                    if let Some(name) = location.and_then(crate::topology::Location::helo_name) {
                        one(&name);
                    }
                }
                Envelope::Rewritten => {}
            }
        }
        all
    }

    /// The domain of an envelope sender, and what its mail comes from.
    #[derive(Debug)]
    pub struct Exit {
        /// The domain.
        pub envelope: String,
        /// The networks.
        pub networks: Vec<Network>,
        /// The terms that stand for it beside networks.
        pub terms: Vec<String>,
    }

    /// Mail that leaves, and what mailtopo says that receivers find out about it.
    pub struct Left {
        /// The author's domain; that of the envelope sender where a machine writes.
        pub author: String,
        /// The domain whose SPF record is asked for.
        pub envelope: String,
        /// Where it comes from.
        pub networks: Vec<Network>,
        /// What SPF says.
        pub spf: &'static str,
        /// What DMARC comes to.
        pub dmarc: &'static str,
        /// Domain, selector, and whether nobody changes the message after it, of each signature whose selector is known.
        pub signatures: Vec<(String, String, bool)>,
    }

    /// All mail that leaves with an envelope domain that the plan knows.
    pub fn left(plan: &crate::plan::Plan, published: &Published) -> Vec<Left> {
        let topology = &plan.topology;
        let judge = Judge::before(plan, published);
        let mut all = Vec::new();
        for judged in &published.judged {
            let Some(proof) = &judged.proof else { continue };
            let Some(whose) = &proof.envelope else {
                continue;
            };
            let mut one = |author: &crate::values::DomainName| {
                let envelope = whose.name(author);
                let (networks, behind) = judge.comes_from(judged.departure.by, envelope);
                // Of what nobody knows no address can be asked for.
                if behind.is_empty() {
                    all.push(Left {
                        author: author.to_string(),
                        envelope: envelope.to_string(),
                        networks,
                        spf: proof.spf.word(),
                        dmarc: proof.outcome.word(),
                        signatures: proof
                            .signatures
                            .iter()
                            .filter_map(|one| {
                                let survives = !matches!(one.standing, SignatureStatus::Broken(_));
                                let domain = one.domain.name(author).to_string();
                                Some((domain, one.selector.clone()?, survives))
                            })
                            .collect(),
                    });
                }
            };
            match (whose, judged.domains.is_empty()) {
                (Whose::Other(name), true) => one(name),
                _ => judged
                    .domains
                    .iter()
                    .for_each(|id| one(&topology.domain(*id).name)),
            }
        }
        all
    }
}
pub mod routes {
    pub use crate::routes::{
        Acceptance, NextHop, Recognition, Route, RouteId, accepted_directory, mx_host,
        published_addresses,
    };
}
pub mod source {
    pub use crate::source::{At, Files, Sources};
}
pub mod spec {
    pub use crate::spec::{Document, facts_schema, schema};
}
pub mod spf {
    pub use crate::spf::{Names, Verdict, check_host, check_network, counted};
    use ipnet::IpNet;
    use std::collections::BTreeSet;

    /// Every network that an address is compared with, where the record of a name is evaluated.
    pub fn networks(names: &dyn Names, name: &str) -> BTreeSet<IpNet> {
        crate::spf::survey(names, name).networks
    }

    /// The networks that a term of a name's record stands for, as far as it stands for nothing else.
    pub fn networks_of(known: &crate::publish::Known<'_>, term: &str, name: &str) -> Vec<IpNet> {
        let term = crate::spf::Term::parse(term);
        let found = term.and_then(|term| crate::publish::networks_behind(known, &term, name));
        found
            .iter()
            .flatten()
            .map(crate::values::Network::net)
            .collect()
    }
}
pub mod topology {
    pub use crate::topology::{
        AcceptedType, Certificate, Condition, Directory, DnsManagement, Domain, Entry,
        ExchangeVersion, Holds, Issuer, Location, LocationId, LocationKind, Method, Party,
        Recipient, RecipientDetails, Sender, Sending, Sends, SendsAs, SmtpAuth, Topology,
    };
    pub mod resolve {
        pub use crate::topology::resolve::load;
    }
}
pub mod values {
    pub use crate::values::{
        Address, Date, DomainName, Host, HostTarget, Network, OwnerName, Pattern, TlsLevel,
    };
}
pub mod path_page {
    pub fn page(plan: &crate::plan::Plan, findings: &[crate::finding::Finding]) -> String {
        crate::path_page::page(plan, findings)
    }
}
pub mod walk {
    pub use crate::walk::{Ends, Flows, Model, Trace, Way, trace, trace_straight, traces};
    pub mod atoms {
        pub use crate::walk::atoms::Atoms;
    }
    pub mod expect {
        pub use crate::walk::expect::sender;
    }
}
pub mod writer {
    pub mod postfix {
        pub use crate::writer::postfix::{CidrTable, Part, Table, list, parameter, value};
    }
    pub mod powershell {
        pub use crate::writer::powershell::{PsValue, command, data};
    }
    pub mod zone {
        pub use crate::writer::zone::{Data, Record, zone};
    }
}
pub mod yaml {
    pub use crate::yaml::{add_file, read};
}

/// A spec with its edits applied.
pub struct Fixed {
    /// The files that changed, by name.
    pub texts: BTreeMap<String, String>,
    /// What was done, in words.
    pub applied: Vec<String>,
}

/// What `check --fix` does, with `--unsafe-fixes` or not; nothing where there is no such file or `today` is no day.
pub fn fixed(
    name: &str,
    files: &BTreeMap<String, Vec<u8>>,
    today: &str,
    with_unsafe: bool,
) -> Option<Fixed> {
    let input = Input {
        name,
        bytes: files.get(name)?,
        files,
    };
    let fixed = compile::fix(&input, Date::parse(today).ok()?, with_unsafe, &|_| {});
    Some(Fixed {
        texts: fixed.texts,
        applied: fixed.applied,
    })
}

/// An edit that a finding proposes.
pub struct Proposal {
    /// The check.
    pub check: &'static str,
    /// What the finding is about.
    pub objects: Vec<String>,
    /// What the finding says.
    pub message: String,
    /// What is proposed, in words.
    pub title: String,
    /// The file that it changes, and the whole text of that then; nothing where it is no plain edit.
    pub edited: Option<(String, String)>,
    /// Whether a report offers it.
    pub is_offered: bool,
}

/// All edits that the open findings of a spec propose; nothing where there is no such file or `today` is no day.
pub fn proposals(
    name: &str,
    files: &BTreeMap<String, Vec<u8>>,
    today: &str,
) -> Option<Vec<Proposal>> {
    let input = Input {
        name,
        bytes: files.get(name)?,
        files,
    };
    let today = Date::parse(today).ok()?;
    let mut checked = compile::check(&input, today);
    compile::offer(&input, today, &mut checked);
    let edited = |operation| {
        let edit = crate::fix::edit(&checked.sources, operation)?;
        let mut sources = checked.sources.iter();
        let (_, file) = sources.find(|(_, file)| file.name == edit.file)?;
        let text = crate::fix::applied(&file.text, &edit)?;
        Some((edit.file, text))
    };
    let open = checked
        .findings
        .iter()
        .filter(|finding| finding.accepted.is_none());
    let all = open.flat_map(|finding| {
        finding.fixes.iter().map(|operation| {
            let title = operation.to_string();
            Proposal {
                check: finding.check.as_str(),
                objects: finding.objects.iter().map(ToString::to_string).collect(),
                message: finding.message.clone(),
                edited: edited(operation),
                is_offered: finding.offers.iter().any(|offer| offer.title == title),
                title,
            }
        })
    });
    Some(all.collect())
}

/// Two specs that were compared.
pub struct Compared {
    found: diff::Diff,
}

impl Compared {
    /// Compares the specs called `name` among the files of both; nothing where one of them has mistakes.
    pub fn of(
        name: &str,
        old: &BTreeMap<String, Vec<u8>>,
        new: &BTreeMap<String, Vec<u8>>,
        today: &str,
    ) -> Option<Self> {
        let (one, other) = (old.get(name)?, new.get(name)?);
        let (old, new) = (
            Input {
                name,
                bytes: one,
                files: old,
            },
            Input {
                name,
                bytes: other,
                files: new,
            },
        );
        let today = Date::parse(today).ok()?;
        let (_, _, found) = compile::diff(&old, &new, today, &diff::Only::default());
        Some(Self { found: found? })
    }

    /// What `diff --output-format json` prints.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&diff::json(&self.found)).ok()
    }

    /// What `diff --output-format human` prints.
    pub fn human(&self) -> String {
        diff::human(&self.found)
    }

    /// What `diff --output-format markdown` prints of a spec with this name.
    pub fn markdown(&self, spec: &str) -> String {
        diff::markdown(&self.found, spec, "mailtopo diff")
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether some mail is lost or worse under any reading.
    pub fn has_possible_losses(&self) -> bool {
        self.found.reaches(diff::Level::Possible)
    }
}
