//! Random SPF records, evaluated by mailtopo and by pyspf over the same names.

use crate::golden::{files, root};
use mailtopo::compile::{self, Input};
use mailtopo::testing::finding::Findings;
use mailtopo::testing::publish::{Known, Published};
use mailtopo::testing::spf::{Names, Verdict, check_host, check_network};
use mailtopo::testing::topology::Sender;
use mailtopo::testing::values::{Address, Network};
use mailtopo::testing::walk::{Ends, Flows, Model, trace};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::net::IpAddr;
use std::process::{Command, Stdio};

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
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("a small number") % sides
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
            0 => words.push(format!("redirect={}", self.name())),
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

fn pyspf(worlds: &Value) -> Vec<(String, String)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/spf_peer.py");
    let mut child = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("there is no python3: install it with `apt-get install python3`");
    let mut input = child.stdin.take().expect("a pipe");
    let text = worlds.to_string();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("pyspf ends");
    let _ = writer.join();
    assert!(
        output.status.success(),
        "pyspf cannot be asked; where it is missing, install it with `python3 -m pip install pyspf dnspython`:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("a list of results")
}

#[test]
fn records_mean_what_they_mean_to_pyspf() {
    let worlds = std::env::var("SPF_WORLDS").map_or(WORLDS, |text| text.parse().expect("a number"));
    let (mut asked, mut said, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..worlds {
        let mut dice = Dice(seed);
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
            let verdict = check_host(&world, address.parse().expect("an address"), domain);
            shown.push(format!("world {seed}, {address} as {domain}: {verdict:?}"));
            said.push(word(&verdict));
        }
        asked.push(json!({"names": world.0, "asked": questions}));
    }
    let theirs = pyspf(&Value::from(asked));
    assert_eq!(theirs.len(), said.len());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differing = Vec::new();
    for ((ours, (theirs, why)), shown) in said.iter().zip(&theirs).zip(&shown) {
        *counts.entry(ours).or_default() += 1;
        // It refuses a record that includes itself before it looks whether a term before that matches, and counts a
        // `redirect` before the terms, also where one of them matches. Of unknown modifiers it takes each once only.
        let early = why.contains("trivial recursion")
            || why.contains("Too many DNS lookups")
            || why.contains("MUST appear at most once");
        if ours != theirs && !early {
            differing.push(format!("{shown}, pyspf: {theirs} ({why})"));
        }
    }
    assert!(
        differing.is_empty(),
        "{} of {} differ:\n{}",
        differing.len(),
        said.len(),
        differing[..differing.len().min(20)].join("\n")
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
        let found = files(&folder);
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
struct Heard<'k, 'p> {
    known: &'k Known<'p>,
    names: RefCell<BTreeMap<String, BTreeMap<&'static str, Vec<String>>>>,
}

impl Heard<'_, '_> {
    fn note(&self, name: &str, kind: &'static str, found: Option<&Vec<String>>) {
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

/// The records of all examples, cases and field reports mean to pyspf what they mean to us: for the ends of each network that mail
/// leaves from, for the addresses right beside it, and for one that no spec has.
#[test]
fn what_is_written_means_to_pyspf_what_it_means_to_us() {
    let stranger: IpAddr = "192.88.99.1".parse().expect("an address");
    let to = Address::parse("sun@customer.example").expect("an address");
    let folders = ["examples", "tests/cases", "tests/field"];
    let folders = folders.into_iter().flat_map(|folder| {
        let found = std::fs::read_dir(root(folder)).expect("a folder");
        found.map(|entry| entry.expect("a folder").path())
    });
    let (mut worlds, mut said) = (Vec::new(), Vec::new());
    for folder in folders.filter(|folder| folder.is_dir()) {
        let found = files(&folder);
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
        for (_, domain) in plan.topology.domains() {
            let name = domain.name.as_str();
            let heard = Heard {
                known: &known,
                names: RefCell::default(),
            };
            let sender = Address::parse(&format!("postmaster@{name}")).expect("an address");
            let ways = trace(&model, &Sender::Address(sender), &to).ways;
            let networks = ways.iter().flat_map(|way| &way.egress);
            let mut addresses: BTreeSet<IpAddr> = BTreeSet::from([stranger]);
            for network in networks.map(Network::net) {
                addresses.extend([network.network(), network.broadcast()]);
                addresses.extend(beside(network));
            }
            let mut asked = Vec::new();
            for address in addresses {
                let verdict = check_host(&heard, address, name);
                // What nobody knows another one cannot be told.
                if matches!(verdict, Verdict::Unknown(_)) {
                    continue;
                }
                asked.push(json!([address.to_string(), name]));
                said.push((
                    format!("{}: {address} as {name}", folder.display()),
                    word(&verdict),
                ));
            }
            worlds.push(json!({"names": heard.names.into_inner(), "asked": asked}));
        }
    }
    let theirs = pyspf(&Value::from(worlds));
    assert_eq!(theirs.len(), said.len());
    let pairs = said.iter().zip(&theirs);
    let differing = pairs.filter(|((_, ours), (theirs, why))| {
        // It refuses a record that includes itself before it looks at the terms.
        ours != theirs
            && !why.contains("trivial recursion")
            && !why.contains("Too many DNS lookups")
    });
    let differing: Vec<_> = differing.collect();
    assert!(differing.is_empty(), "{differing:#?}");
    let count = |wanted: &str| said.iter().filter(|(_, word)| *word == wanted).count();
    assert!(
        count("pass") > 100 && count("fail") > 100,
        "{} pass, {} fail",
        count("pass"),
        count("fail")
    );
    println!(
        "{} addresses, {} pass, {} fail",
        said.len(),
        count("pass"),
        count("fail")
    );
}
