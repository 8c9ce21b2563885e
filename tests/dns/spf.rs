//! SPF records, evaluated by mailtopo and by pyspf over the same names: random ones, and those that are written for what leaves.

use crate::{Spec, below, folders, generated, peers, root};
use mailtopo::compile::{self, Input};
use mailtopo::testing::finding::Findings;
use mailtopo::testing::plan::Plan;
use mailtopo::testing::publish::{Known, Published, exits, left};
use mailtopo::testing::spf::{
    Names, Verdict, check_host, check_network, counted, networks, networks_of,
};
use mailtopo::testing::topology::Sender;
use mailtopo::testing::values::{Address, Network};
use mailtopo::testing::walk::{Ends, Flows, Model, trace};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// So many worlds of names; `SPF_WORLDS` asks for another number.
const WORLDS: u64 = 1500;
/// Addresses that are asked about in each.
const ASKED: usize = 8;

/// What stands under names; there are no others.
#[derive(Default)]
struct World(BTreeMap<String, BTreeMap<&'static str, Vec<String>>>);

impl World {
    fn at(&self, name: &str, kind: &str) -> Vec<String> {
        let found = self.0.get(name).and_then(|records| records.get(kind));
        found.cloned().unwrap_or_default()
    }
}

impl Names for World {
    fn texts(&self, name: &str) -> Option<Vec<String>> {
        Some(self.at(name, "TXT"))
    }

    fn exchangers(&self, name: &str) -> Option<Vec<String>> {
        Some(self.at(name, "MX"))
    }

    fn addresses(&self, name: &str, v6: bool) -> Option<Vec<IpAddr>> {
        let found = self.at(name, if v6 { "AAAA" } else { "A" });
        found.iter().map(|text| text.parse().ok()).collect()
    }
}

/// Numbers that are the same in every run.
struct Dice {
    state: u64,
    /// Whether records may redirect.
    redirects: bool,
}

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).expect("a small number") % sides
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.roll(of.len())]
    }

    fn name(&mut self) -> String {
        match self.roll(14) {
            12 => "gone.test".to_owned(),
            13 => "%{d1}.%{d2r}.test".to_owned(),
            number => format!("n{}.test", number % 9),
        }
    }

    fn v4(&mut self) -> String {
        format!("192.0.2.{}", self.roll(12))
    }

    fn v6(&mut self) -> String {
        format!("2001:db8::{:x}", self.roll(12))
    }

    fn term(&mut self) -> String {
        let qualifier = self.one(&["", "", "", "+", "-", "~", "?"]);
        let lengths = self.one(&["", "", "", "/30", "//126", "/28//124", "/0"]);
        let mechanism = match self.roll(20) {
            0..=3 => format!(
                "ip4:{}{}",
                self.v4(),
                self.one(&["", "", "/30", "/32", "/24"])
            ),
            4..=5 => format!("ip6:{}{}", self.v6(), self.one(&["", "/126", "/128"])),
            6..=11 => format!("include:{}", self.name()),
            12 => format!("a{lengths}"),
            13 => format!("a:{}{lengths}", self.name()),
            14 => format!("mx{lengths}"),
            15 => format!("mx:{}{lengths}", self.name()),
            16 => format!("exists:{}", self.name()),
            17 => format!(
                "exists:{}.n1.test",
                self.one(&["%{i}", "%{ir}", "%{i1}", "%{v}"])
            ),
            18 => return format!("{}={}", self.one(&["x-y", "note"]), self.roll(9)),
            _ => match self.roll(12) {
                0 => self
                    .one(&[
                        "ip4:192.0.2",
                        "include",
                        "a/33",
                        "all:x",
                        "b:n1.test",
                        "ip6:192.0.2.1",
                    ])
                    .to_owned(),
                _ => "all".to_owned(),
            },
        };
        format!("{qualifier}{mechanism}")
    }

    fn record(&mut self) -> String {
        let mut words = vec![
            self.one(&["v=spf1", "v=spf1", "v=spf1", "V=SPF1"])
                .to_owned(),
        ];
        for _ in 0..self.roll(7) {
            words.push(self.term());
        }
        match self.roll(4) {
            0 if self.redirects => words.push(format!("redirect={}", self.name())),
            1 => {}
            _ => words.push(self.one(&["-all", "~all", "?all"]).to_owned()),
        }
        words.join(" ")
    }

    fn world(&mut self) -> World {
        let mut world = World::default();
        for number in 0..9 {
            let mut records: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
            let texts = records.entry("TXT").or_default();
            for _ in 0..self
                .one(&["1", "1", "1", "1", "1", "1", "1", "0", "2"])
                .parse()
                .expect("a number")
            {
                texts.push(self.record());
            }
            if self.roll(6) == 0 {
                texts.push("site-verification=x".to_owned());
            }
            for _ in 0..self.roll(3) {
                let (v4, v6) = (self.v4(), self.v6());
                records.entry("A").or_default().push(v4);
                records.entry("AAAA").or_default().push(v6);
            }
            let hosts = if self.roll(20) == 0 { 11 } else { self.roll(4) };
            for host in 0..hosts {
                records
                    .entry("MX")
                    .or_default()
                    .push(format!("n{}.test", (number + host) % 9));
            }
            world.0.insert(format!("n{number}.test"), records);
        }
        world
    }
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::None => "none",
        Verdict::Neutral => "neutral",
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Softfail => "softfail",
        Verdict::Permerror(_) => "permerror",
        Verdict::Unknown(_) => "unknown",
    }
}

/// What pyspf says: the result, why, the lookups and those without an answer.
type Theirs = (String, String, usize, usize);

fn pyspf(worlds: &Value) -> Vec<Theirs> {
    let found = peers::python("spf_peer.py", "pyspf dnspython", worlds);
    serde_json::from_value(found).expect("a list of results")
}

#[test]
fn records_mean_what_they_mean_to_pyspf() {
    let worlds = std::env::var("SPF_WORLDS").map_or(WORLDS, |text| text.parse().expect("a number"));
    let (mut asked, mut said, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..worlds {
        let mut dice = Dice {
            state: seed,
            redirects: seed % 2 == 0,
        };
        let world = dice.world();
        let questions: Vec<(String, String)> = (0..ASKED)
            .map(|number| {
                let address = if number % 4 == 3 {
                    dice.v6()
                } else {
                    dice.v4()
                };
                (address, format!("n{}.test", dice.roll(9)))
            })
            .collect();
        for (address, domain) in &questions {
            let address: IpAddr = address.parse().expect("an address");
            let (verdict, lookups, void) = counted(&world, address, domain);
            shown.push(format!(
                "world {seed}, {address} as {domain}: {verdict:?}, {lookups} lookups, {void} void"
            ));
            said.push((word(&verdict), lookups, void, dice.redirects));
        }
        asked.push(json!({"names": world.0, "asked": questions}));
    }
    let theirs = pyspf(&Value::from(asked));
    assert_eq!(theirs.len(), said.len());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differing = Vec::new();
    let mut counted_alike = 0;
    for (((ours, lookups, void, redirects), (theirs, why, their_lookups, their_void)), shown) in
        said.iter().zip(&theirs).zip(&shown)
    {
        *counts.entry(ours).or_default() += 1;
        // It refuses a record that includes itself before it looks whether a term before that matches, and counts a
        // `redirect` before the terms, also where one of them matches. Of unknown modifiers it takes each once only.
        let early = why.contains("trivial recursion")
            || why.contains("Too many DNS lookups")
            || why.contains("MUST appear at most once");
        // Where either gives up, it has not counted to the end; where there is no record, it counts that.
        let whole = !["permerror", "none"].contains(ours) && !redirects && !early;
        let same = (lookups, void) == (their_lookups, their_void);
        counted_alike += usize::from(whole && same);
        if (ours != theirs && !early) || (whole && !same) {
            differing.push(format!(
                "{shown}, pyspf: {theirs} ({why}), {their_lookups} lookups, {their_void} void"
            ));
        }
    }
    assert!(
        differing.is_empty(),
        "{} of {} differ:\n{}",
        differing.len(),
        said.len(),
        differing[..differing.len().min(20)].join("\n")
    );
    println!(
        "{} evaluations, {counted_alike} of them with their counts: {counts:?}",
        said.len()
    );
    // Every kind of result is among them.
    for kind in ["none", "neutral", "pass", "fail", "softfail", "permerror"] {
        assert!(
            counts.get(kind).is_some_and(|count| *count > 100),
            "{kind}: {counts:?}"
        );
    }
}

/// Whatever address a way to the Internet shows, the record of the sender's domain lets it pass, and no address that the
/// spec does not have.
#[test]
fn what_leaves_passes_and_nobody_else() {
    let stranger: IpAddr = "192.88.99.1".parse().expect("an address");
    let to = Address::parse("sun@customer.example").expect("an address");
    let mut asked = 0;
    for folder in std::fs::read_dir(root("examples")).expect("examples") {
        let folder = folder.expect("a folder").path();
        let found = below(&folder);
        let Some(main) = found.get("mailtopo.yaml") else {
            continue;
        };
        let input = Input {
            name: "mailtopo.yaml",
            bytes: main,
            files: &found,
        };
        let Some(plan) = compile::plan(&input, None).plan else {
            continue;
        };
        let model = Model::of(&plan);
        let flows = Flows::of(&model);
        let published = Published::of(&flows, &mut Findings::default());
        let known = Known::of(&plan, &published);
        for (id, domain) in plan.topology.domains() {
            let Some(record) = published.record(id) else {
                continue;
            };
            let name = domain.name.as_str();
            assert_ne!(
                check_host(&known, stranger, name),
                Verdict::Pass,
                "{name}: {record}"
            );
            let sender = Address::parse(&format!("postmaster@{name}")).expect("an address");
            let ways = trace(&model, &Sender::Address(sender), &to).ways;
            for way in ways.iter().filter(|way| way.end.ends == Ends::Internet) {
                for network in &way.egress {
                    for (part, verdict) in check_network(&known, network.net(), name) {
                        asked += 1;
                        assert!(
                            matches!(verdict, Verdict::Pass | Verdict::Unknown(_)),
                            "{}: {part} as {name}: {verdict:?} by {record}",
                            folder.display()
                        );
                    }
                }
            }
        }
    }
    assert!(asked > 100, "only {asked} addresses were asked about");
}

/// What our evaluator has been told, so that another one can be told the same.
pub(crate) struct Heard<'k, 'p> {
    known: &'k Known<'p>,
    names: RefCell<BTreeMap<String, BTreeMap<&'static str, Vec<String>>>>,
    /// Something was asked for that nobody knows.
    unknown: Cell<bool>,
}

impl<'k, 'p> Heard<'k, 'p> {
    pub(crate) fn of(known: &'k Known<'p>) -> Self {
        Self {
            known,
            names: RefCell::default(),
            unknown: Cell::new(false),
        }
    }

    pub(crate) fn into_names(self) -> BTreeMap<String, BTreeMap<&'static str, Vec<String>>> {
        self.names.into_inner()
    }

    fn note(&self, name: &str, kind: &'static str, found: Option<&Vec<String>>) {
        if found.is_none() {
            self.unknown.set(true);
        }
        let mut names = self.names.borrow_mut();
        let records = names.entry(name.to_owned()).or_default();
        records.insert(kind, found.cloned().unwrap_or_default());
    }
}

impl Names for Heard<'_, '_> {
    fn texts(&self, name: &str) -> Option<Vec<String>> {
        let found = self.known.texts(name);
        self.note(name, "TXT", found.as_ref());
        found
    }

    fn exchangers(&self, name: &str) -> Option<Vec<String>> {
        let found = self.known.exchangers(name);
        self.note(name, "MX", found.as_ref());
        found
    }

    fn addresses(&self, name: &str, v6: bool) -> Option<Vec<IpAddr>> {
        let found = self.known.addresses(name, v6);
        let texts = found
            .as_ref()
            .map(|all| all.iter().map(ToString::to_string).collect());
        self.note(name, if v6 { "AAAA" } else { "A" }, texts.as_ref());
        found
    }
}

/// The addresses right outside of a network.
fn beside(network: ipnet::IpNet) -> Vec<IpAddr> {
    match network {
        ipnet::IpNet::V4(net) => {
            let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
            let both = [first.checked_sub(1), last.checked_add(1)];
            both.into_iter()
                .flatten()
                .map(|bits| IpAddr::V4(bits.into()))
                .collect()
        }
        ipnet::IpNet::V6(net) => {
            let (first, last) = (u128::from(net.network()), u128::from(net.broadcast()));
            let both = [first.checked_sub(1), last.checked_add(1)];
            both.into_iter()
                .flatten()
                .map(|bits| IpAddr::V6(bits.into()))
                .collect()
        }
    }
}

/// The plan of a spec, where it has no mistakes.
pub(crate) fn planned(spec: &Spec) -> Option<Plan> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: spec.files.get("mailtopo.yaml")?,
        files: &spec.files,
    };
    compile::plan(&input, None).plan
}

/// An address that no spec has.
fn nowhere() -> IpAddr {
    "192.88.99.1".parse().expect("an address")
}

/// For all mail that leaves: both ends of each network that it comes from, the addresses right beside them and one that no spec
/// has, each with the envelope domain and what we say. What nobody knows is left out: another one cannot be told.
pub(crate) fn questions(
    heard: &Heard<'_, '_>,
    plan: &Plan,
    published: &Published,
) -> Vec<(IpAddr, String, &'static str)> {
    let mut all = BTreeSet::new();
    for one in left(plan, published) {
        let name = one.envelope.as_str();
        let nets = || one.networks.iter().map(Network::net);
        let inside: BTreeSet<IpAddr> = nets()
            .flat_map(|net| [net.network(), net.broadcast()])
            .collect();
        let outside: BTreeSet<IpAddr> = nets().flat_map(beside).chain([nowhere()]).collect();
        let mut verdicts = BTreeSet::new();
        for &address in inside.union(&outside) {
            heard.unknown.set(false);
            let verdict = check_host(heard, address, name);
            let is_neighbour = !inside.contains(&address);
            if verdict == Verdict::Pass && is_neighbour {
                // What lets a neighbour pass is another term, which has it.
                let terms = networks(heard.known, name);
                assert!(
                    address != nowhere() && terms.iter().any(|net| net.contains(&address)),
                    "{address} passes as {name}"
                );
            }
            if !is_neighbour {
                verdicts.insert(word(&verdict));
            }
            if !heard.unknown.get() {
                all.insert((address, name.to_owned(), word(&verdict)));
            }
        }
        // What is said of the mail is said of its addresses.
        let passes = verdicts.iter().all(|word| *word == "pass");
        assert!(
            verdicts.contains("unknown") || verdicts.is_empty() || passes == (one.spf == "pass"),
            "{name} of {} is {}, its addresses are {verdicts:?}",
            one.author,
            one.spf
        );
    }
    all.into_iter().collect()
}

/// All mail that leaves, of all examples, cases, field reports and generated specs: pyspf lets an address pass exactly where we
/// say so, not the addresses right beside a network unless another term has them, and none that is nowhere in the spec.
#[test]
fn what_leaves_means_to_pyspf_what_it_means_to_us() {
    let (mut worlds, mut said) = (Vec::new(), Vec::new());
    let mut specs = 0;
    let all = folders(&["examples", "tests/cases", "tests/field"]);
    for spec in all.into_iter().chain(generated(80)) {
        let Some(plan) = planned(&spec) else { continue };
        specs += 1;
        let model = Model::of(&plan);
        let flows = Flows::of(&model);
        let published = Published::of(&flows, &mut Findings::default());
        let known = Known::of(&plan, &published);
        let heard = Heard::of(&known);
        let mut asked = Vec::new();
        for (address, domain, word) in questions(&heard, &plan, &published) {
            asked.push(json!([address.to_string(), domain]));
            said.push((format!("{}: {address} as {domain}", spec.name), word));
        }
        worlds.push(json!({"names": heard.into_names(), "asked": asked}));
    }
    let theirs = pyspf(&Value::from(worlds));
    assert_eq!(theirs.len(), said.len());
    let pairs = said.iter().zip(&theirs);
    let differing = pairs.filter(|((_, ours), (theirs, why, ..))| {
        // It refuses a record that includes itself before it looks at the terms.
        ours != theirs
            && !why.contains("trivial recursion")
            && !why.contains("Too many DNS lookups")
    });
    let differing: Vec<_> = differing.collect();
    assert!(differing.is_empty(), "{differing:#?}");
    let count = |wanted: &str| said.iter().filter(|(_, word)| *word == wanted).count();
    println!(
        "{specs} specs, {} addresses, {} pass, {} fail",
        said.len(),
        count("pass"),
        count("fail")
    );
    assert!(
        count("pass") > 500 && count("fail") > 500,
        "{} addresses",
        said.len()
    );
}

/// The SPF record of a domain holds no term that none of its departures uses, but for what the spec includes by hand.
#[test]
fn no_record_holds_a_term_that_no_departure_uses() {
    let all = folders(&["examples", "tests/cases", "tests/field"]);
    let mut terms = 0;
    for spec in all.into_iter().chain(generated(80)) {
        let Some(plan) = planned(&spec) else { continue };
        let model = Model::of(&plan);
        let flows = Flows::of(&model);
        let published = Published::of(&flows, &mut Findings::default());
        let known = Known::of(&plan, &published);
        let exits = exits(&plan, &published);
        for (id, domain) in plan.topology.domains() {
            let Some(record) = published.record(id) else {
                continue;
            };
            let name = domain.name.as_str();
            let uses: Vec<_> = exits.iter().filter(|exit| exit.envelope == name).collect();
            let used: Vec<ipnet::IpNet> = uses
                .iter()
                .flat_map(|exit| exit.networks.iter().map(Network::net))
                .collect();
            let by_hand = domain.spf.iter().flat_map(|spf| &spf.value.include);
            let by_hand: Vec<&str> = by_hand
                .chain(&plan.topology.dns.spf.include)
                .map(|at| at.value.strip_prefix("include:").unwrap_or(&at.value))
                .collect();
            let by_hand_too: Vec<ipnet::IpNet> = by_hand
                .iter()
                .flat_map(|name| networks(&known, name))
                .collect();
            // A part of a record that was split is looked into.
            let mut parts = vec![record.to_owned()];
            while let Some(part) = parts.pop() {
                for term in part.split(' ').skip(1) {
                    let (kind, value) = term.split_once(':').unwrap_or((term, ""));
                    if value.starts_with("_spf") && value.ends_with(name) {
                        parts.extend(known.texts(value).into_iter().flatten());
                        continue;
                    }
                    terms += 1;
                    let uses_it = match kind {
                        "ip4" | "ip6" => {
                            let net = Network::parse(value).expect("a network").net();
                            let near =
                                |other: &ipnet::IpNet| other.contains(&net) || net.contains(other);
                            used.iter().chain(&by_hand_too).any(near)
                        }
                        "-all" | "~all" => true,
                        _ if kind == "include" && by_hand.contains(&value) => true,
                        _ => {
                            let behind = networks_of(&known, term, name);
                            let own = uses
                                .iter()
                                .any(|exit| exit.terms.iter().any(|one| one == term));
                            own || behind.iter().any(|net| {
                                used.iter()
                                    .any(|other| other.contains(net) || net.contains(other))
                            })
                        }
                    };
                    assert!(
                        uses_it,
                        "{}: `{term}` in the record of {name}: {record}\n{exits:#?}",
                        spec.name
                    );
                }
            }
        }
    }
    println!("{terms} terms");
    assert!(terms > 1000, "{terms} terms");
}
