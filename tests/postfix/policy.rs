//! The TLS that Postfix demands of a next hop, asked of the emitted tables as its clients ask them.
//!
//! The client looks for the next hop as the other tables spell it; for a bare host name, and for nothing else, then for
//! what stands for the names below its parents; then `smtp_tls_security_level` holds
//! (<https://www.postfix.org/postconf.5.html#smtp_tls_policy_maps>).

use super::folder::Folder;
use super::lab::{arg, default, run_with};
use super::session::Resolved;
use mailtopo::testing::finding::TraceHop;
use mailtopo::testing::plan::{Configuration, Plan};
use mailtopo::testing::platforms::postfix::SenderAccess;
use mailtopo::testing::topology::Party;
use mailtopo::testing::values::{Address, TlsLevel};
use std::collections::{BTreeMap, BTreeSet};

/// What has to be given on a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Demand {
    /// What the sending end demands.
    Sender(TlsLevel),
    /// What it demands together with a receiving end that has demands of its own.
    Both(TlsLevel),
}

impl Demand {
    /// What `trace` says of a hop that leaves a Postfix location.
    pub(crate) fn traced(plan: &Plan, hop: &TraceHop, sender: Option<&Address>) -> Self {
        let text = hop.tls.as_deref().expect("a level");
        let level = TlsLevel::parse(text).expect("a level");
        if receiver_demands(plan, &hop.to, sender) {
            Self::Both(level)
        } else {
            Self::Sender(level)
        }
    }

    /// Whether nothing goes out in the clear.
    pub(crate) fn encrypts(self) -> bool {
        let (Self::Sender(level) | Self::Both(level)) = self;
        level >= TlsLevel::Encrypted
    }

    /// Whether the other one may be the sending end's part of this.
    pub(crate) fn covers(self, other: Self) -> bool {
        matches!((self, other), (Self::Both(together), Self::Sender(level)) if level <= together)
    }
}

/// Whether the place that a hop leads to takes mail of this sender, or any, with TLS only.
fn receiver_demands(plan: &Plan, to: &str, sender: Option<&Address>) -> bool {
    let mut locations = plan.topology.locations();
    let Some((id, _)) = locations.find(|(_, location)| location.name == to) else {
        return false;
    };
    match &plan.place(id).configuration {
        Configuration::Postfix(tables) => matches!(
            sender.and_then(|sender| tables.sender_access(sender)),
            Some(SenderAccess::RequireTls(_) | SenderAccess::Partner(_))
        ),
        Configuration::ExchangeOnline(tenant) => {
            tenant.inbound.iter().any(|connector| connector.require_tls)
        }
        Configuration::ExchangeServer(server) => {
            server.receive.iter().any(|connector| connector.require_tls)
        }
        // Its checklist asks for the TLS of each route that leads there.
        Configuration::Checklist => plan.routes_at(id).any(|(_, route)| {
            route.to == Party::Location(id) && route.tls > TlsLevel::Opportunistic
        }),
    }
}

/// What one folder demands.
pub(crate) struct Policies {
    smtp: Table,
    lmtp: Table,
}

/// What one client demands.
struct Table {
    /// Only keys that the table has.
    found: BTreeMap<String, TlsLevel>,
    default: TlsLevel,
}

impl Policies {
    /// Asks for everything that these next hops are looked for under, with one `postmap` for each client.
    pub(crate) fn of<'a>(folder: &Folder, resolved: impl Iterator<Item = &'a Resolved>) -> Self {
        let (lmtp, smtp): (Vec<&Resolved>, Vec<&Resolved>) =
            resolved.partition(|resolved| is_lmtp(resolved));
        Self {
            smtp: Table::of(folder, "smtp", &smtp),
            lmtp: Table::of(folder, "lmtp", &lmtp),
        }
    }

    /// The least that is demanded of the hosts of a next hop.
    pub(crate) fn demand(&self, resolved: &Resolved) -> Demand {
        let table = if is_lmtp(resolved) {
            &self.lmtp
        } else {
            &self.smtp
        };
        let of_one = |host: &str| {
            keys(host)
                .iter()
                .find_map(|key| table.found.get(key))
                .copied()
                .unwrap_or(table.default)
        };
        let least = destinations(&resolved.next_hop).map(of_one).min();
        Demand::Sender(least.unwrap_or(table.default))
    }
}

impl Table {
    fn of(folder: &Folder, client: &str, resolved: &[&Resolved]) -> Self {
        let keys: BTreeSet<String> = resolved
            .iter()
            .flat_map(|resolved| destinations(&resolved.next_hop))
            .flat_map(keys)
            .collect();
        let parameter = |rest: &str| {
            let name = format!("{client}_tls_{rest}");
            let written = folder.parameter(&name).map(str::to_owned);
            written.unwrap_or_else(|| default(&name))
        };
        let mut table = Self {
            found: BTreeMap::new(),
            default: level(&parameter("security_level")),
        };
        if keys.is_empty() {
            return table;
        }
        for map in parameter("policy_maps").split([' ', ',']) {
            if map.is_empty() {
                continue;
            }
            let config = folder.config();
            let map = map.replace("${config_directory}", arg(&config));
            let mut asked = keys.iter().cloned().collect::<Vec<_>>().join("\n");
            asked.push('\n');
            let output = run_with(&asked, "postmap", &["-c", arg(&config), "-q", "-", &map]);
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(complaint, "", "postmap {map}");
            for line in String::from_utf8_lossy(&output.stdout).lines() {
                let (key, value) = line.split_once('\t').expect("a key and a policy");
                let word = value.split_whitespace().next().expect("a level");
                table
                    .found
                    .entry(key.to_owned())
                    .or_insert_with(|| level(word));
            }
        }
        table
    }
}

/// The LMTP client has parameters of its own (<https://www.postfix.org/lmtp.8.html>).
fn is_lmtp(resolved: &Resolved) -> bool {
    resolved.transport == "lmtp"
}

/// The client tries them one after the other.
fn destinations(next_hop: &str) -> impl Iterator<Item = &str> {
    next_hop.split([',', ' ']).filter(|word| !word.is_empty())
}

/// A name in U-labels has parents too, which the test with real mail shows.
fn keys(host: &str) -> Vec<String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut keys = vec![host.to_owned()];
    if host.chars().all(plain) {
        keys.extend(host.match_indices('.').map(|(at, _)| host[at..].to_owned()));
    }
    keys
}

fn level(word: &str) -> TlsLevel {
    match word {
        "" | "none" => TlsLevel::None,
        "may" => TlsLevel::Opportunistic,
        "encrypt" => TlsLevel::Encrypted,
        "secure" => TlsLevel::Verified,
        _ => panic!("no level that is emitted: `{word}`"),
    }
}
