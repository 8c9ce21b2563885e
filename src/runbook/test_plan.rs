//! The messages that show that it works: one over every path, with the path that `trace` expects.

use crate::dns::changes_entry;
use crate::finding::Certainty;
use crate::plan::Plan;
use crate::routes::facts::{MxHost, mx_host};
use crate::runbook::part::cells;
use crate::runbook::steps::{Step, number};
use crate::topology::{
    Device, Domain, Holder, Holds, LocationId, Party, Sender, SendsTo, Topology,
};
use crate::values::{Address, Pattern, quoted};
use crate::walk::{Ends, Envelope, Model, Trace, Way, trace, trace_straight};
use crate::writer::Refused;
use crate::writer::powershell::PsValue;
use minijinja::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Among more locations than these, not every pair of them gets a message.
const EVERY_PAIR: usize = 4;

/// Redirects of one tenant that get a message at most.
const FORWARDS: usize = 4;

/// Domains that are looked at for a path from the Internet that no other message takes.
const DOMAINS: usize = 50;

/// Paths of one message that are shown at most.
const SHOWN_PATHS: usize = 3;

/// A message to send.
struct Message {
    from: Sender,
    to: Address,
    /// Where it must end, where the recipient alone does not say it: an address may stand for mailboxes of several locations.
    at: Option<LocationId>,
}

/// A row of the table of tests.
pub(crate) struct Test {
    /// The number of the step after which the message is sent.
    pub step: usize,
    /// The cells.
    pub row: Value,
    /// How sure its paths are, of those that are not certain.
    pub doubts: BTreeSet<Certainty>,
    /// What has to be assumed for its paths.
    pub assumed: BTreeSet<String>,
    /// Locations that hand on or deliver the message on one of its paths.
    passes: BTreeSet<LocationId>,
}

/// A test before it has a number.
struct Draft {
    step: usize,
    cells: Vec<String>,
    doubts: BTreeSet<Certainty>,
    assumed: BTreeSet<String>,
    passes: BTreeSet<LocationId>,
}

/// The rows of the table of tests, in the order of the steps.
pub(crate) fn rows(plan: &Plan, steps: &[Step]) -> Result<Vec<Test>, Refused> {
    let model = Model::of(plan);
    let mut tests: Vec<Draft> = messages(&model)
        .iter()
        .map(|message| wanted(&model, steps, message))
        .collect();
    tests.extend(relaying(&model, steps));
    tests.extend(steps.iter().filter_map(|step| match *step {
        Step::Lock(id) => past_the_lock(&model, steps, id),
        _ => None,
    }));
    tests.sort_by_key(|test| test.step);
    let rows = tests.into_iter().enumerate().map(|(at, test)| {
        let mut row = vec![format!("T{}", at + 1), test.step.to_string()];
        row.extend(test.cells);
        row.push(String::new());
        Ok(Test {
            step: test.step,
            row: cells(&row)?,
            doubts: test.doubts,
            assumed: test.assumed,
            passes: test.passes,
        })
    });
    rows.collect()
}

/// A message that the spec wants to arrive, or of which it says how it ends.
fn wanted(model: &Model<'_>, steps: &[Step], message: &Message) -> Draft {
    let plan = model.plan;
    let found = trace(model, &message.from, &message.to);
    let meant = |way: &&Way| {
        message
            .at
            .is_none_or(|at| way.end.ends == Ends::Delivered(at))
    };
    let mut ways: Vec<&Way> = found.ways.iter().filter(meant).collect();
    if ways.is_empty() {
        ways = found.ways.iter().collect();
    }
    let step = ways.iter().map(|way| step_of(plan, steps, way)).max();
    let sender = match message.from {
        Sender::Party(Party::Location(_)) => format!("a mailbox at {}", quoted(&found.from)),
        Sender::Party(Party::Internet) => "an external sender (`internet`)".to_owned(),
        _ => quoted(&found.from),
    };
    let is_taken = |way: &&&Way| !matches!(way.end.ends, Ends::Rejected(_));
    let taken = ways.iter().filter(is_taken);
    Draft {
        step: step.unwrap_or_else(|| number(steps, Step::Test)),
        doubts: doubts(&ways),
        assumed: assumed(&ways),
        passes: taken.flat_map(|way| way.places.iter().copied()).collect(),
        cells: vec![
            sender,
            recipient_cell(&plan.topology, message),
            expected(&plan.topology, &ways),
            ways.first()
                .map_or_else(String::new, |way| proof(&plan.topology, way, &found)),
        ],
    }
}

/// Messages that must not pass: of an external sender to an external recipient, to each location that the Internet reaches.
fn relaying(model: &Model<'_>, steps: &[Step]) -> Vec<Draft> {
    let Some(outside) = model.external_address() else {
        return Vec::new();
    };
    let found = trace(model, &Sender::Party(Party::Internet), outside);
    let mut rejected: BTreeMap<LocationId, Vec<&Way>> = BTreeMap::new();
    for way in &found.ways {
        if let Ends::Rejected(Some(at)) = way.end.ends {
            rejected.entry(at).or_default().push(way);
        }
    }
    let sender = found.sender.as_ref().unwrap_or(outside);
    let rows = rejected.into_iter().map(|(at, ways)| Draft {
        step: number(steps, Step::Test),
        doubts: doubts(&ways),
        assumed: assumed(&ways),
        passes: BTreeSet::new(),
        cells: vec![
            "an external sender (`internet`)".to_owned(),
            quoted(&outside.to_string()),
            expected(&model.plan.topology, &ways),
            // Where a lock comes later, this is rejected before it and after it, for another reason.
            if steps.contains(&Step::Lock(at)) {
                refusal(model.plan, at, sender, outside, &[])
            } else {
                refusal(model.plan, at, sender, outside, &ways)
            },
        ],
    });
    rows.collect()
}

/// A message that comes past the path that a lock leaves open. A lock may ask for the address that a client comes from, or for
/// its envelope sender.
fn past_the_lock(model: &Model<'_>, steps: &[Step], id: LocationId) -> Option<Draft> {
    let topology = &model.plan.topology;
    let to = recipient(model, id).or_else(|| {
        let mut accepted = model.plan.place(id).accepted.iter();
        accepted.find_map(|accepted| Address::of("someone", &accepted.domain))
    })?;
    let senders = model.external_address().into_iter().chain([&to]);
    senders.into_iter().find_map(|sender| {
        let found = trace_straight(model, id, sender, &to);
        let ways: Vec<&Way> = found.ways.iter().collect();
        let is_rejected = |way: &&Way| way.end.ends == Ends::Rejected(Some(id));
        (!ways.is_empty() && ways.iter().all(is_rejected)).then(|| Draft {
            step: number(steps, Step::Lock(id)),
            doubts: doubts(&ways),
            assumed: assumed(&ways),
            passes: BTreeSet::new(),
            cells: vec![
                format!(
                    "an external host, straight to {}, as {}",
                    quoted(&topology.location(id).name),
                    quoted(&sender.to_string())
                ),
                quoted(&to.to_string()),
                expected(topology, &ways),
                refusal(model.plan, id, sender, &to, &ways),
            ],
        })
    })
}

/// What shows that a location rejects a message: the command that hands it over, and what the answer means.
fn refusal(plan: &Plan, at: LocationId, sender: &Address, to: &Address, ways: &[&Way]) -> String {
    let text = |text: String| PsValue::from(text).text().ok();
    let command = |host: String| {
        Some(format!(
            "Send-MailMessage -SmtpServer {} -From {} -To {} -Subject test",
            text(host)?,
            text(sender.to_string())?,
            text(to.to_string())?
        ))
    };
    let whys: BTreeSet<&str> = ways.iter().map(|way| way.end.why.as_str()).collect();
    let shows = match host_of(plan, at, to).and_then(command) {
        Some(command) => format!("{} fails", quoted(&command)),
        None => "the reply in the SMTP session".to_owned(),
    };
    match whys.into_iter().collect::<Vec<_>>().join("; or ") {
        none if none.is_empty() => shows,
        some => format!("{shows}: {some}"),
    }
}

/// The host at which a location takes mail from the Internet: of a tenant, that of the recipient's domain or of any that it
/// accepts.
fn host_of(plan: &Plan, at: LocationId, to: &Address) -> Option<String> {
    let location = plan.topology.location(at);
    if location.tenant().is_none() {
        let host = &location.hosts.first()?.value;
        return (host.port == 25).then(|| host.target.to_string());
    }
    let mut accepted: Vec<_> = plan.place(at).accepted.iter().collect();
    accepted.sort_by_key(|accepted| accepted.domain != *to.domain());
    let mut hosts = accepted.into_iter();
    hosts.find_map(
        |accepted| match mx_host(&plan.topology, at, &accepted.domain) {
            MxHost::Fact(host) | MxHost::Derived(host) => Some(host),
            MxHost::Unknown => None,
        },
    )
}

/// The names of the tests of a step, which are neighbours, such as `T1 to T4`; nothing where it has none.
pub(crate) fn names_of(tests: &[Test], step: usize) -> Option<String> {
    let first = tests.iter().position(|test| test.step == step)? + 1;
    let last = tests.iter().rposition(|test| test.step == step)? + 1;
    Some(match last - first {
        0 => format!("T{first}"),
        1 => format!("T{first}, T{last}"),
        _ => format!("T{first} to T{last}"),
    })
}

/// The names of the tests whose message a location hands on or delivers.
pub(crate) fn names_through(tests: &[Test], id: LocationId) -> Vec<String> {
    let named = tests.iter().enumerate();
    let through = named.filter(|(_, test)| test.passes.contains(&id));
    through.map(|(at, _)| format!("T{}", at + 1)).collect()
}

/// The recipient, with the mailbox holder where the address stands for mailboxes of several locations.
fn recipient_cell(topology: &Topology, message: &Message) -> String {
    let domain = topology.domain_named(message.to.domain());
    let split = domain.is_some_and(|id| {
        let domain = topology.domain(id);
        domain.is_split() && domain.listed(&message.to).is_none()
    });
    match message.at.filter(|_| split) {
        Some(at) => format!(
            "{}, a mailbox at `{}`",
            quoted(&message.to.to_string()),
            topology.location(at).name
        ),
        None => quoted(&message.to.to_string()),
    }
}

/// The step after which a message takes its path.
fn step_of(plan: &Plan, steps: &[Step], way: &Way) -> usize {
    let topology = &plan.topology;
    let of_hop = |hop: &crate::finding::TraceHop| {
        if let Some(name) = hop.by.strip_prefix("mx ") {
            let ours = topology
                .domains
                .iter()
                .find(|domain| domain.name.as_str() == name.trim_start_matches("*."));
            return match ours {
                Some(domain) => changes_entry(topology, domain).then_some(Step::Mx),
                None => (hop.at == "internet").then_some(Step::Mx),
            };
        }
        let at = topology
            .locations()
            .find(|(_, location)| location.name == hop.at);
        at.map(|(id, _)| Step::Outgoing(id))
    };
    let later = way.hops.iter().filter_map(|hop| of_hop(hop));
    later
        .map(|step| number(steps, step))
        .fold(number(steps, Step::Test), usize::max)
}

fn doubts(ways: &[&Way]) -> BTreeSet<Certainty> {
    let all = ways.iter().map(|way| way.certainty);
    all.filter(|certainty| *certainty != Certainty::Certain)
        .collect()
}

fn assumed(ways: &[&Way]) -> BTreeSet<String> {
    let all = ways.iter().flat_map(|way| &way.assuming);
    all.cloned().collect()
}

/// The paths in one cell, with the words of `trace`.
fn expected(topology: &Topology, ways: &[&Way]) -> String {
    let mut paths: Vec<String> = Vec::new();
    for way in ways {
        let path = path(topology, way);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let more = paths.len().saturating_sub(SHOWN_PATHS);
    paths.truncate(SHOWN_PATHS);
    if more > 0 {
        paths.push(format!("{more} more: see `mailtopo trace`"));
    }
    if paths.is_empty() {
        return "none: nobody can send it".to_owned();
    }
    paths.join("; or ")
}

fn path(topology: &Topology, way: &Way) -> String {
    let mut text = String::new();
    for hop in &way.hops {
        if text.is_empty() {
            text = quoted(&hop.at);
        }
        let _ = write!(text, " → {} by {}", quoted(&hop.to), quoted(&hop.by));
        if let Some(tls) = &hop.tls {
            let _ = write!(text, ", TLS {tls}");
        }
    }
    let before = if text.is_empty() { "" } else { ": " };
    let ends = way.end.ends.words(topology);
    let sure = match way.certainty {
        Certainty::Certain => "",
        Certainty::Assumed => " (assumed)",
        Certainty::Possible => " (possible)",
    };
    format!("{text}{before}`{ends}`{sure}")
}

/// Where the person who tests sees how the message went.
fn proof(topology: &Topology, way: &Way, found: &Trace) -> String {
    let Ok(recipient) = PsValue::from(found.to.to_string()).text() else {
        return String::new();
    };
    match &way.end.ends {
        Ends::Delivered(at) => (topology.location(*at).product().log)(&recipient),
        Ends::Internet => {
            let spf = spf(topology, way, found.sender.as_ref());
            match way.redirect() {
                Some(redirect) => format!(
                    "it arrives at {}, and the sender gets no bounce message; `Authentication-Results` there: {spf}",
                    quoted(&redirect.target.to_string())
                ),
                None => {
                    format!("`Authentication-Results` at the recipient: {spf}; a reply arrives")
                }
            }
        }
        Ends::HandedOff(_) | Ends::LeftModel(_) => "`Received` lines at the recipient".to_owned(),
        Ends::Rejected(_) => "the reply to the sender in the SMTP session".to_owned(),
        Ends::Bounced(_) => "the bounce message".to_owned(),
        Ends::Deferred(_) | Ends::Discarded(_) | Ends::Loop(_) => {
            "the log of the last location".to_owned()
        }
    }
}

/// What SPF says of a message that leaves on a way: of its own envelope sender, or of what stands in its place.
fn spf(topology: &Topology, way: &Way, sender: Option<&Address>) -> String {
    let leaving = way.leavings.iter().find(|leaving| leaving.outside);
    let is_ours = |from: &Address| topology.nearest_domain(from.domain()).is_some();
    match leaving.map(|leaving| (&leaving.sender, leaving.by)) {
        Some((Envelope::Replaced(name), _)) => {
            format!("SPF passes for {}", quoted(&name.unicode()))
        }
        Some((Envelope::Kept, by)) if sender.is_some_and(|from| !is_ours(from)) => format!(
            "SPF does not pass, because the record of the sender does not name {}",
            quoted(&topology.location(by).name)
        ),
        _ => "SPF passes".to_owned(),
    }
}

fn messages(model: &Model<'_>) -> Vec<Message> {
    let plan = model.plan;
    let topology = &plan.topology;
    let holders: BTreeSet<LocationId> = topology
        .domains
        .iter()
        .flat_map(crate::topology::Domain::holder_ids)
        .collect();
    let outside = model.external_address();
    let mut list = Vec::new();
    for (from, to) in pairs(plan, &holders) {
        if let Some(address) = recipient(model, to) {
            list.push(Message {
                from: Sender::Party(Party::Location(from)),
                to: address,
                at: Some(to),
            });
        }
    }
    for &at in &holders {
        if let Some(outside) = outside {
            list.push(Message {
                from: Sender::Party(Party::Location(at)),
                to: outside.clone(),
                at: None,
            });
        }
        if let Some(address) = recipient(model, at) {
            list.push(Message {
                from: Sender::Party(Party::Internet),
                to: address,
                at: Some(at),
            });
        }
    }
    list.extend(other_paths_in(model, &list));
    // A forward to outside is tried itself: whoever runs the tenant has to allow it.
    let internet = Sender::Party(Party::Internet);
    for (id, _) in topology.locations().filter(|(_, at)| at.tenant().is_some()) {
        for one in plan.forwards_to_outside(id).into_iter().take(FORWARDS) {
            list.retain(|message| message.from != internet || message.to != one.address);
            list.push(Message {
                from: internet.clone(),
                to: one.address.clone(),
                at: None,
            });
        }
    }
    let linked: BTreeSet<Party> = plan
        .routes
        .iter()
        .flat_map(|route| [route.from, route.to])
        .collect();
    let inside = holders.iter().find_map(|&at| recipient(model, at));
    for (id, partner) in topology.partners() {
        if !linked.contains(&Party::Partner(id)) {
            continue;
        }
        let theirs = partner.test_recipient.as_ref().map(|at| at.value.clone());
        let theirs = theirs.or_else(|| partner_address(plan, id));
        // Among many locations one stands for all.
        let most = if holders.len() <= EVERY_PAIR {
            holders.len()
        } else {
            1
        };
        if let Some(to) = theirs {
            list.extend(holders.iter().take(most).map(|&from| Message {
                from: Sender::Party(Party::Location(from)),
                to: to.clone(),
                at: None,
            }));
        }
        if let Some(to) = &inside {
            list.push(Message {
                from: Sender::Party(Party::Partner(id)),
                to: to.clone(),
                at: None,
            });
        }
    }
    for (id, device) in topology.devices() {
        let mut to = device_recipients(device, inside.as_ref(), outside);
        // What a device must not reach is tried, too, where something keeps it from there.
        let is_rejected = |to: &&Address| {
            let found = trace(model, &Sender::Party(Party::Device(id)), to);
            let is_refusal = |way: &Way| matches!(way.end.ends, Ends::Rejected(_));
            !found.ways.is_empty() && found.ways.iter().all(is_refusal)
        };
        if !to.iter().any(|to| Some(to) == outside) {
            to.extend(outside.filter(is_rejected).cloned());
        }
        list.extend(to.into_iter().map(|to| Message {
            from: Sender::Party(Party::Device(id)),
            to,
            at: None,
        }));
    }
    list
}

/// A message of an external sender to each domain whose mail comes in another way than that of the messages so far.
fn other_paths_in(model: &Model<'_>, so_far: &[Message]) -> Vec<Message> {
    let internet = Sender::Party(Party::Internet);
    let path = |to: &Address| -> BTreeSet<Vec<LocationId>> {
        let ways = trace(model, &internet, to).ways;
        ways.into_iter().map(|way| way.places).collect()
    };
    let known = so_far.iter().filter(|message| message.from == internet);
    let mut paths: BTreeSet<_> = known.map(|message| path(&message.to)).collect();
    let domains = &model.plan.topology.domains;
    let with_mailboxes = domains.iter().filter_map(|domain| {
        let given = domain.test_recipient.as_ref().map(|at| at.value.clone());
        given.or_else(|| mailbox(domain, domain.holders.first()?))
    });
    with_mailboxes
        .take(DOMAINS)
        .filter(|to| paths.insert(path(to)))
        .map(|to| Message {
            from: internet.clone(),
            to,
            at: None,
        })
        .collect()
}

/// An address with a mailbox at a location: the one that the spec gives for tests, where it is there.
fn recipient(model: &Model<'_>, at: LocationId) -> Option<Address> {
    let topology = &model.plan.topology;
    let given = topology.domains.iter().find_map(|domain| {
        let address = &domain.test_recipient.as_ref()?.value;
        let (holder, _) = domain.listed(address)?;
        (holder == at).then(|| address.clone())
    });
    given.or_else(|| {
        topology.domains.iter().find_map(|domain| {
            let mut holders = domain.holders.iter();
            mailbox(domain, holders.find(|holder| holder.location == at)?)
        })
    })
}

/// One of the mailboxes that a location has of a domain.
fn mailbox(domain: &Domain, holder: &Holder) -> Option<Address> {
    match &holder.holds {
        Holds::Listed(list) => list.first().map(|one| one.address.clone()),
        Holds::Count(_) | Holds::Rest => Address::of("someone", &domain.name),
    }
}

/// An address of a partner, in the first domain that a route to it names.
fn partner_address(plan: &Plan, id: crate::topology::PartnerId) -> Option<Address> {
    let routes = plan
        .routes
        .iter()
        .filter(|route| route.enabled && route.to == Party::Partner(id));
    routes
        .flat_map(|route| &route.recipients)
        .find_map(|at| address_of(&at.pattern))
}

fn address_of(pattern: &Pattern) -> Option<Address> {
    match pattern {
        Pattern::Exact(name) => Address::of("someone", name),
        Pattern::Below(name) => Address::parse(&format!("someone@test.{name}")).ok(),
        Pattern::Any | Pattern::AcceptedDomains => None,
    }
}

/// Pairs of locations, a message each way among few; among many, each with the location it sends through, and those that
/// send by themselves each to the next.
fn pairs(plan: &Plan, holders: &BTreeSet<LocationId>) -> Vec<(LocationId, LocationId)> {
    if holders.len() <= EVERY_PAIR {
        let others = |from: LocationId| holders.iter().map(move |to| (from, *to));
        let all = holders.iter().flat_map(|from| others(*from));
        return all.filter(|(from, to)| from != to).collect();
    }
    let parent = |id: LocationId| plan.tree.parent(id).map(|at| at.value);
    let roots: Vec<LocationId> = holders
        .iter()
        .copied()
        .filter(|id| parent(*id).is_none())
        .collect();
    let next = roots.iter().cycle().skip(1);
    let around = roots.iter().zip(next).map(|(from, to)| (*from, *to));
    let through = holders.iter().filter_map(|id| Some((*id, parent(*id)?)));
    let through = through.filter(|(_, above)| holders.contains(above));
    let both_ways = through.flat_map(|(id, above)| [(id, above), (above, id)]);
    let all: BTreeSet<(LocationId, LocationId)> = around.chain(both_ways).collect();
    all.into_iter().filter(|(from, to)| from != to).collect()
}

/// To whom a device sends.
fn device_recipients(
    device: &Device,
    inside: Option<&Address>,
    outside: Option<&Address>,
) -> Vec<Address> {
    match &device.sends_to {
        SendsTo::Internal => inside.cloned().into_iter().collect(),
        SendsTo::Anyone => inside.into_iter().chain(outside).cloned().collect(),
        SendsTo::Patterns(patterns) => {
            let first = patterns.iter().find_map(|at| address_of(&at.value));
            first.or_else(|| inside.cloned()).into_iter().collect()
        }
    }
}
