//! What Postfix does with a recipient equals what `trace` says.
//!
//! For every way that `trace` finds, the first move at a Postfix location is compared: whether the recipient is taken,
//! the next hop of each address it becomes, and the TLS that is demanded of it. Postfix is asked as the sending end of that
//! way, from its own address.

use super::folder::{Folder, hostname};
use super::lab::{Instance, Master};
use super::policy::{Demand, Policies};
use super::session::{RELAY_ATTEMPTS, Reply, Resolved, Rewrite, Session, recipients};
use super::specs::Case;
use mailtopo::testing::dns::routing::{Exchangers, Existing, exchangers};
use mailtopo::testing::finding::Certainty;
use mailtopo::testing::plan::{Configuration, Plan};
use mailtopo::testing::platforms::postfix::Class;
use mailtopo::testing::routes::{NextHop, Route, published_addresses};
use mailtopo::testing::topology::{Condition, Holds, LocationId, Party, Sender, Topology};
use mailtopo::testing::values::{Address, DomainName, Host, HostTarget, Network, Pattern};
use mailtopo::testing::walk::atoms::Atoms;
use mailtopo::testing::walk::{Ends, Model, Trace, Way, traces};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// How much was compared, and what was not equal.
#[derive(Default)]
pub(crate) struct Report {
    /// Topologies.
    pub topologies: usize,
    /// Emitted folders.
    pub folders: usize,
    /// Recipients that Postfix was asked for.
    pub questions: usize,
    /// Next hops whose policy was asked for, one for each address that a taken recipient became.
    pub policies: usize,
    /// Those of them that have to encrypt.
    pub demanding: usize,
    /// One text for each that was answered otherwise.
    pub mismatches: Vec<String>,
}

impl Report {
    /// How much, in words.
    pub(crate) fn counted(&self) -> String {
        format!(
            "{} topologies, {} folders, {} recipients, TLS of {} next hops ({} encrypt): {} differ",
            self.topologies,
            self.folders,
            self.questions,
            self.policies,
            self.demanding,
            self.mismatches.len()
        )
    }

    /// Adds what another one counted.
    pub(crate) fn add(&mut self, other: Self) {
        self.topologies += other.topologies;
        self.folders += other.folders;
        self.questions += other.questions;
        self.policies += other.policies;
        self.demanding += other.demanding;
        self.mismatches.extend(other.mismatches);
    }
}

/// What becomes of a recipient at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// It is not taken.
    Refused,
    /// Its mailbox is here.
    Mailbox,
    /// Handed to these hosts, in this order, with this TLS.
    Hosts(String, Demand),
    /// Handed to whoever the MX of the recipient's domain names, with this TLS.
    Mx(Demand),
    /// Thrown away.
    Dropped,
    /// The way says nothing of it.
    Unsaid,
    /// Kept until somebody says where it goes.
    Waits,
}

/// One question: a sending end at a place, its envelope sender, and a recipient with what is expected.
pub(crate) struct Question {
    client: String,
    sender: String,
    recipient: String,
    expected: BTreeSet<Fate>,
    certain: bool,
    who: String,
}

impl Question {
    /// Its client, sender and recipient.
    pub(crate) fn mail(&self) -> (String, String, String) {
        let Self {
            client,
            sender,
            recipient,
            ..
        } = self;
        (client.clone(), sender.clone(), recipient.clone())
    }
}

/// Compares all of these. `postfix check` looks at every folder, or at the first alone.
pub(crate) fn compare(cases: &[Case], check_every: bool) -> Report {
    let mut report = Report {
        topologies: cases.len(),
        ..Report::default()
    };
    let mut places: Vec<(&Case, LocationId, Folder)> = Vec::new();
    for case in cases {
        for (id, location) in case.plan.topology.locations() {
            if let Configuration::Postfix(_) = &case.plan.place(id).configuration {
                let folder = Folder::install(&case.plan, &location.name);
                if check_every || places.is_empty() {
                    folder.postfix_check(&location.name);
                }
                places.push((case, id, folder));
            }
        }
    }
    report.folders = places.len();
    let configs: Vec<_> = places.iter().map(|(.., folder)| folder.config()).collect();
    let hosts: Vec<_> = places
        .iter()
        .map(|(case, id, _)| hostname(&case.plan, &case.plan.topology.location(*id).name))
        .collect();
    let instances: Vec<_> = places
        .iter()
        .enumerate()
        .map(|(number, (.., folder))| Instance {
            number,
            folder: &configs[number],
            hostname: &hosts[number],
            parameters: folder.parameters.clone(),
        })
        .collect();
    let master = Master::start(&instances);
    let mut asked: BTreeMap<&str, Vec<(LocationId, Question)>> = BTreeMap::new();
    for (number, (case, id, folder)) in places.iter().enumerate() {
        let questions = asked
            .entry(&case.name)
            .or_insert_with(|| questions(&case.plan));
        let mine = questions
            .iter()
            .filter(|(at, _)| at == id)
            .map(|(_, question)| question)
            .collect();
        ask(&master, number, case, *id, folder, mine, &mut report);
    }
    for warning in master.warnings() {
        report.mismatches.insert(0, format!("log: {warning}"));
    }
    keep(cases, &report);
    report
}

/// The specs of what is not equal, for whoever looks into it.
fn keep(cases: &[Case], report: &Report) {
    for case in cases {
        let start = format!("{}:", case.name);
        if report
            .mismatches
            .iter()
            .any(|text| text.starts_with(&start))
        {
            let name = format!("{}.yaml", case.name.replace(' ', "-"));
            let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            std::fs::write(path, &case.text).expect("written");
        }
    }
}

/// What Postfix said to one question.
struct Answer<'q> {
    question: &'q Question,
    reply: Reply,
    /// Each address that the recipient became, and where it goes.
    became: Vec<(String, Resolved)>,
}

fn ask(
    master: &Master,
    number: usize,
    case: &Case,
    id: LocationId,
    folder: &Folder,
    questions: Vec<&Question>,
    report: &mut Report,
) {
    let place = &case.plan.topology.location(id).name;
    relays_for_nobody(master, number, case, place, report);
    let answers = answers(master, number, questions);
    let became = answers.iter().flat_map(|answer| &answer.became);
    let policies = Policies::of(folder, became.map(|(_, resolved)| resolved));
    for answer in &answers {
        compare_answer(case, id, &policies, answer, report);
    }
}

fn answers<'q>(master: &Master, number: usize, questions: Vec<&'q Question>) -> Vec<Answer<'q>> {
    let mut sessions: BTreeMap<(&str, &str), Vec<&Question>> = BTreeMap::new();
    for question in questions {
        sessions
            .entry((&question.client, &question.sender))
            .or_default()
            .push(question);
    }
    let mut rewrite = Rewrite::open(&master.socket("private", &format!("rewrite{number}")));
    let mut list = Vec::new();
    for ((client, sender), questions) in sessions {
        let to: Vec<String> = questions
            .iter()
            .map(|question| question.recipient.clone())
            .collect();
        let mut session =
            Session::open(&master.socket("public", &format!("smtpd{number}")), client);
        let (replies, id_text) = session.message(sender, &to);
        let kept = id_text.map_or_else(Vec::new, |id| recipients(&master.held(&id)));
        for (question, reply) in questions.into_iter().zip(replies) {
            let became = kept
                .iter()
                .filter(|(original, _)| reply.code == 250 && *original == question.recipient)
                .map(|(_, became)| (became.clone(), rewrite.resolve(sender, became)))
                .collect();
            list.push(Answer {
                question,
                reply,
                became,
            });
        }
    }
    list
}

fn compare_answer(
    case: &Case,
    id: LocationId,
    policies: &Policies,
    answer: &Answer<'_>,
    report: &mut Report,
) {
    let Answer {
        question,
        reply,
        became,
    } = answer;
    let plan = &case.plan;
    let place = &plan.topology.location(id).name;
    report.questions += 1;
    let mut found = BTreeSet::new();
    let mut seen = Vec::new();
    if reply.code == 250 {
        for (became, resolved) in became {
            let fate = fate(plan, id, became, resolved, policies);
            if let Fate::Hosts(_, demand) | Fate::Mx(demand) = fate {
                report.policies += 1;
                report.demanding += usize::from(demand.encrypts());
            }
            seen.push(format!(
                "{became} {}:{} ({})",
                resolved.transport, resolved.next_hop, resolved.class
            ));
            if let Some(wrong) = wrong_class(plan, id, became, resolved.class) {
                report
                    .mismatches
                    .push(format!("{}: {place}: {became}: {wrong}", case.name));
            }
            found.insert(known_as(fate, &question.expected));
        }
    } else if reply.text.contains("Session encryption is required") {
        // Sessions with TLS are tried with real mail.
        return;
    } else if reply.text.contains("the next hop is not known yet") {
        // Whoever asks waits, and asks again.
        found.insert(Fate::Waits);
    } else {
        found.insert(Fate::Refused);
    }
    let equal = if question.certain {
        found == question.expected
    } else {
        !found.is_empty() && found.is_subset(&question.expected)
    };
    if !equal {
        report
            .mismatches
            .push(mismatch(case, place, question, reply, &found, &seen));
    }
}

/// Where the receiving end demands TLS too, `trace` says what both guarantee together, and that covers what is found.
fn known_as(fate: Fate, expected: &BTreeSet<Fate>) -> Fate {
    let covers = |other: &&Fate| match (other, &fate) {
        (Fate::Hosts(hosts, together), Fate::Hosts(found, demand)) => {
            hosts == found && together.covers(*demand)
        }
        (Fate::Mx(together), Fate::Mx(demand)) => together.covers(*demand),
        _ => false,
    };
    expected.iter().find(covers).cloned().unwrap_or(fate)
}

/// A stranger gets nothing in that is not for one of our domains, however it is dressed up.
fn relays_for_nobody(
    master: &Master,
    number: usize,
    case: &Case,
    place: &str,
    report: &mut Report,
) {
    let smtpd = master.socket("public", &format!("smtpd{number}"));
    let mut rewrite = Rewrite::open(&master.socket("private", &format!("rewrite{number}")));
    let mut session = Session::open(&smtpd, "203.0.113.99");
    let to = RELAY_ATTEMPTS.map(str::to_owned);
    for sender in ["", "someone@outside.example", "root@localhost"] {
        let (replies, id) = session.message(sender, &to);
        let kept = id.map_or_else(Vec::new, |id| recipients(&master.held(&id)));
        report.questions += replies.len();
        for (_, became) in kept {
            let resolved = rewrite.resolve(sender, &became);
            if resolved.class == "default" {
                report.mismatches.push(format!(
                    "{}: {place} relays {became} for a stranger: {resolved:?}",
                    case.name
                ));
            }
        }
    }
}

fn mismatch(
    case: &Case,
    place: &str,
    question: &Question,
    reply: &Reply,
    found: &BTreeSet<Fate>,
    seen: &[String],
) -> String {
    format!(
        "{}: at {place}, from {} ({}, {}) to {}:\n  trace:   {:?}\n  Postfix: {found:?}\n  {} {seen:?}",
        case.name,
        question.who,
        question.client,
        question.sender,
        question.recipient,
        question.expected,
        reply.text
    )
}

/// The address class that the analysis counts on.
fn wrong_class(plan: &Plan, id: LocationId, recipient: &str, class: &str) -> Option<String> {
    let address = Address::parse(recipient).ok()?;
    let Configuration::Postfix(tables) = &plan.place(id).configuration else {
        return None;
    };
    let expected = match tables.class(address.domain()) {
        Class::Mailboxes => "mailbox",
        Class::Relay => "relay",
        Class::Default => "default",
    };
    (expected != class).then(|| format!("its class is `{class}`, not `{expected}`"))
}

fn fate(
    plan: &Plan,
    id: LocationId,
    recipient: &str,
    resolved: &Resolved,
    policies: &Policies,
) -> Fate {
    let (transport, next_hop) = (resolved.transport.as_str(), resolved.next_hop.as_str());
    match transport {
        "error" => return Fate::Refused,
        "retry" => return Fate::Waits,
        "discard" => return Fate::Dropped,
        _ => {}
    }
    let domain = recipient.rsplit('@').next().unwrap_or_default();
    let Some(postfix) = plan.topology.location(id).postfix() else {
        panic!("not a Postfix location");
    };
    let here = postfix.delivers_to.iter().any(|at| {
        let (name, to) = at
            .service
            .value
            .split_once(':')
            .unwrap_or((&at.service.value, ""));
        name == transport && (to == next_hop || (to.is_empty() && domain == next_hop))
    });
    if here {
        Fate::Mailbox
    } else if next_hop == domain {
        // A name without a mail exchanger of ours has none at all, and the mail comes back.
        let nobody = DomainName::parse(domain).is_ok_and(|name| {
            matches!(
                exchangers(plan, &Existing::of(plan), &name),
                Exchangers::Nobody(_) | Exchangers::Missing(_)
            )
        });
        if nobody {
            Fate::Refused
        } else {
            Fate::Mx(policies.demand(resolved))
        }
    } else {
        Fate::Hosts(next_hop.to_owned(), policies.demand(resolved))
    }
}

/// All questions to the Postfix locations of a plan.
pub(crate) fn questions(plan: &Plan) -> Vec<(LocationId, Question)> {
    let model = Model::of(plan);
    let mut list = Vec::new();
    for from in senders(&plan.topology) {
        for to in witnesses(plan) {
            let Ok(address) = Address::parse(&to) else {
                continue;
            };
            for trace in traces(&model, &from, &address) {
                let sender = trace.sender.clone();
                let expected = expectations(plan, &trace, sender.as_ref());
                let sender = sender
                    .map(|address| address.to_string())
                    .unwrap_or_default();
                list.extend(expected.into_iter().filter_map(
                    |((at, party), (expected, certain))| {
                        let client = client(&plan.topology, at, party)?;
                        let question = Question {
                            client,
                            sender: sender.clone(),
                            recipient: to.clone(),
                            expected,
                            certain,
                            who: plan.topology.party_name(party).to_owned(),
                        };
                        Some((at, question))
                    },
                ));
            }
        }
    }
    list
}

/// Strangers, every place, partner and device, and every sender that a rule names.
fn senders(topology: &Topology) -> Vec<Sender> {
    let mut list = vec![Sender::Party(Party::Internet)];
    list.extend(
        topology
            .locations()
            .map(|(id, _)| Sender::Party(Party::Location(id))),
    );
    list.extend(
        topology
            .partners()
            .map(|(id, _)| Sender::Party(Party::Partner(id))),
    );
    list.extend(
        topology
            .devices()
            .map(|(id, _)| Sender::Party(Party::Device(id))),
    );
    for rule in &topology.rules {
        for condition in rule.when.iter().chain(&rule.unless) {
            if let Condition::Sender(addresses) = &condition.value {
                list.extend(addresses.iter().cloned().map(Sender::Address));
            }
        }
    }
    list
}

/// A recipient for every atom, every listed one with and without an extension, one unknown and one outside.
pub(crate) fn witnesses(plan: &Plan) -> Vec<String> {
    let topology = &plan.topology;
    let mut bases: BTreeSet<DomainName> = topology
        .domains
        .iter()
        .map(|domain| domain.name.clone())
        .collect();
    let routes = plan.routes.iter().flat_map(|route| &route.recipients);
    let partners = topology
        .partners
        .iter()
        .flat_map(|partner| &partner.domains);
    let patterns = routes
        .map(|at| &at.pattern)
        .chain(partners.map(|at| &at.value));
    for pattern in patterns {
        if let Pattern::Exact(name) | Pattern::Below(name) = pattern {
            bases.insert(name.clone());
        }
    }
    let atoms = Atoms::of(&bases);
    let mut list: Vec<String> = atoms
        .iter()
        .filter_map(|atom| atoms.witness(&atom))
        .flat_map(|name| {
            let spelled = name.spellings().map(|name| format!("someone@{name}"));
            spelled.collect::<Vec<_>>()
        })
        .collect();
    for domain in &topology.domains {
        let mut locals = BTreeSet::new();
        for holder in &domain.holders {
            let Holds::Listed(recipients) = &holder.holds else {
                continue;
            };
            for recipient in recipients {
                let aliases = recipient
                    .details
                    .iter()
                    .filter_map(|details| details.aliases.as_ref());
                locals.insert(recipient.address.local().to_owned());
                locals.extend(
                    aliases
                        .flatten()
                        .filter(|alias| *alias.domain() == domain.name)
                        .map(|alias| alias.local().to_owned()),
                );
            }
        }
        for local in &locals {
            for delimiter in ["", "+extension", "-extension"] {
                list.push(format!("{local}{delimiter}@{}", domain.name));
            }
        }
        list.push(format!("nobody.at.all@{}", domain.name));
        for name in domain.name.spellings().skip(1) {
            list.extend(locals.iter().map(|local| format!("{local}@{name}")));
        }
    }
    list
}

type Expected = BTreeMap<(LocationId, Party), (BTreeSet<Fate>, bool)>;

/// What the ways say about each Postfix location that the message enters, by who hands it over.
fn expectations(plan: &Plan, trace: &Trace, sender: Option<&Address>) -> Expected {
    let mut expected = Expected::new();
    if trace.cut {
        return expected;
    }
    for way in &trace.ways {
        let Some((at, party, fate)) = first_postfix(plan, way, sender) else {
            continue;
        };
        let entry = expected
            .entry((at, party))
            .or_insert((BTreeSet::new(), true));
        entry.0.insert(fate);
        entry.1 &= way.certainty == Certainty::Certain;
    }
    expected
}

/// The first Postfix location on a way, where the recipient is still as it was given; and what becomes of it there.
fn first_postfix(
    plan: &Plan,
    way: &Way,
    sender: Option<&Address>,
) -> Option<(LocationId, Party, Fate)> {
    let topology = &plan.topology;
    let position = way
        .places
        .iter()
        .position(|&at| topology.location(at).postfix().is_some())?;
    let at = way.places[position];
    // Exchange Server and Exchange Online may have rewritten it before.
    let rewritten = way.places[..position]
        .iter()
        .any(|&at| topology.location(at).exchange_server().is_some());
    if rewritten {
        return None;
    }
    let name = &topology.location(at).name;
    // Where its own hop stands before any that leads to it, the message was written there.
    let arrival = way
        .hops
        .iter()
        .position(|hop| hop.to == *name || hop.at == *name)
        .filter(|&index| way.hops[index].at != *name);
    let party = match arrival {
        Some(index) => party_of(topology, &way.hops[index].at)?,
        None => Party::Location(at),
    };
    let after = arrival.map_or(0, |index| index + 1);
    let hop = way.hops.iter().skip(after).find(|hop| hop.at == *name);
    let fate = match (hop, &way.end.ends) {
        (Some(hop), _) => {
            let demand = Demand::traced(plan, hop, sender);
            match hop.by.strip_prefix("route:") {
                Some(route) => of_route(plan, at, route, demand)?,
                None => Fate::Mx(demand),
            }
        }
        (None, Ends::Delivered(end)) if *end == at => Fate::Mailbox,
        // Its way ends at the mailbox service, which does not know it.
        (None, Ends::Bounced(end)) if *end == at && way.end.why.contains("has no mailbox") => {
            Fate::Mailbox
        }
        (None, Ends::Rejected(Some(end)) | Ends::Bounced(end)) if *end == at => Fate::Refused,
        (None, Ends::Deferred(end)) if *end == at => Fate::Waits,
        (None, Ends::Discarded(end)) if *end == at => Fate::Dropped,
        (None, _) => Fate::Unsaid,
    };
    Some((at, party, fate))
}

fn of_route(plan: &Plan, at: LocationId, name: &str, demand: Demand) -> Option<Fate> {
    let route = plan
        .routes
        .iter()
        .find(|route| route.from == Party::Location(at) && route.name == name)?;
    Some(match (route.to, &route.next_hop) {
        (Party::Discard, _) => Fate::Dropped,
        (Party::Reject, _) => Fate::Refused,
        (_, NextHop::Unknown | NextHop::FactMissing) => Fate::Waits,
        (_, NextHop::SmartHosts(_)) => Fate::Hosts(hosts(route), demand),
        (_, NextHop::Mx | NextHop::None) => Fate::Mx(demand),
    })
}

fn hosts(route: &Route) -> String {
    let NextHop::SmartHosts(hosts) = &route.next_hop else {
        return String::new();
    };
    let text = |host: &Host| match &host.target {
        HostTarget::Name(name) if host.by_mx => format!("{name}:{}", host.port),
        HostTarget::Ip(IpAddr::V6(ip)) => format!("[ipv6:{ip}]:{}", host.port),
        target => format!("[{target}]:{}", host.port),
    };
    hosts.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn party_of(topology: &Topology, name: &str) -> Option<Party> {
    if name == "internet" {
        return Some(Party::Internet);
    }
    let locations = topology.locations().map(|(id, _)| Party::Location(id));
    let partners = topology.partners().map(|(id, _)| Party::Partner(id));
    let devices = topology.devices().map(|(id, _)| Party::Device(id));
    locations
        .chain(partners)
        .chain(devices)
        .find(|party| topology.party_name(*party) == name)
}

/// The address that a sending end connects from; its own host's for what is written at the place itself.
fn client(topology: &Topology, at: LocationId, party: Party) -> Option<String> {
    let first = |networks: Vec<Network>| Some(networks.first()?.first().to_string());
    match party {
        Party::Location(id) if id == at => Some("127.0.0.1".to_owned()),
        Party::Location(id) => {
            let location = topology.location(id);
            match location.tenant() {
                Some(tenant) => first(published_addresses(topology, tenant.environment)?),
                None => first(location.egress.iter().map(|at| at.value).collect()),
            }
        }
        Party::Internet => Some("203.0.113.77".to_owned()),
        other => first(topology.sending_addresses(other)),
    }
}
