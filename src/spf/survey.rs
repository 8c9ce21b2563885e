//! What it takes to evaluate a record to its end, whoever sends: the lookups, and what stands behind its names.

use super::evaluate::{Broken, Found, Names, expand, record_at};
use super::read::{Mechanism, Record};
use ipnet::IpNet;
use std::collections::BTreeSet;

/// What stands behind a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Each term that takes lookups, with how many.
    pub costs: Vec<(String, usize)>,
    /// Names that are looked up and have no answer.
    pub void: Vec<String>,
    /// Names of which nobody knows the content.
    pub unknown: BTreeSet<String>,
    /// Why no receiver can evaluate it.
    pub broken: BTreeSet<Broken>,
    /// A name that leads back to itself.
    pub circle: Option<String>,
    /// Every network that an address is compared with.
    pub networks: BTreeSet<IpNet>,
}

impl Survey {
    /// Lookups in all.
    pub(crate) fn lookups(&self) -> usize {
        self.costs.iter().map(|(_, cost)| cost).sum()
    }
}

/// Records that nobody would evaluate so far.
const ENOUGH: usize = 200;

/// Looks at everything that the record of a domain leads to.
pub(crate) fn survey(names: &dyn Names, domain: &str) -> Survey {
    let mut walk = Walk {
        names,
        sender: domain,
        spent: 0,
        path: vec![domain.to_owned()],
        found: Survey::default(),
    };
    match record_at(names, domain) {
        Ok(Found::Record(record)) => walk.record(&record, domain, true),
        Ok(Found::Unknown) => {
            walk.found.unknown.insert(domain.to_owned());
        }
        Ok(Found::None) => {}
        Err(broken) => {
            walk.found.broken.insert(broken);
        }
    }
    walk.found
}

struct Walk<'a> {
    names: &'a dyn Names,
    sender: &'a str,
    spent: usize,
    /// The names that lead to the one that is looked at.
    path: Vec<String>,
    found: Survey,
}

impl Walk<'_> {
    fn record(&mut self, record: &Record, domain: &str, top: bool) {
        let mut ends = false;
        for term in &record.terms {
            let before = self.spent;
            match &term.mechanism {
                Mechanism::All => {
                    ends = true;
                    break;
                }
                Mechanism::Ip(network) => {
                    self.found.networks.insert(*network);
                }
                Mechanism::Include(target) => self.other(target, domain),
                Mechanism::A(host, lengths) => {
                    self.spent += 1;
                    self.addresses(host.as_deref().unwrap_or(domain), domain, *lengths);
                }
                Mechanism::Mx(host, lengths) => {
                    self.spent += 1;
                    self.exchangers(host.as_deref().unwrap_or(domain), domain, *lengths);
                }
                Mechanism::Exists(host) => {
                    self.spent += 1;
                    self.addresses(host, domain, (0, 0));
                }
                Mechanism::Ptr(_) => self.spent += 1,
            }
            self.charge(&term.text, before, top);
        }
        if let Some(target) = record.redirect.as_ref().filter(|_| !ends) {
            let before = self.spent;
            self.other(target, domain);
            self.charge(&format!("redirect={target}"), before, top);
        }
    }

    fn charge(&mut self, term: &str, before: usize, top: bool) {
        if top && self.spent > before {
            self.found
                .costs
                .push((term.to_owned(), self.spent - before));
        }
    }

    /// The record of another name.
    fn other(&mut self, target: &str, domain: &str) {
        self.spent += 1;
        let Some(name) = self.expanded(target, domain) else {
            self.found.unknown.insert(target.to_owned());
            return;
        };
        if self.path.contains(&name) {
            self.found.circle.get_or_insert(name);
            return;
        }
        if self.spent > ENOUGH {
            return;
        }
        match record_at(self.names, &name) {
            Ok(Found::Record(record)) => {
                self.path.push(name.clone());
                self.record(&record, &name, false);
                self.path.pop();
            }
            Ok(Found::Unknown) => {
                self.found.unknown.insert(name);
            }
            Ok(Found::None) => {
                self.found.broken.insert(Broken::Missing(name));
            }
            Err(broken) => {
                self.found.broken.insert(broken);
            }
        }
    }

    fn addresses(&mut self, host: &str, domain: &str, (four, six): (u8, u8)) {
        let Some(name) = self.expanded(host, domain) else {
            self.found.unknown.insert(host.to_owned());
            return;
        };
        let known = [false, true].map(|v6| self.names.addresses(&name, v6));
        let [Some(v4), Some(v6)] = known else {
            self.found.unknown.insert(name);
            return;
        };
        if v4.is_empty() && v6.is_empty() {
            self.found.void.push(name);
        }
        let networks = v4.into_iter().chain(v6).filter_map(|address| {
            super::read::network(address, if address.is_ipv4() { four } else { six })
        });
        self.found.networks.extend(networks);
    }

    fn exchangers(&mut self, host: &str, domain: &str, lengths: (u8, u8)) {
        let Some(name) = self.expanded(host, domain) else {
            self.found.unknown.insert(host.to_owned());
            return;
        };
        match self.names.exchangers(&name) {
            None => {
                self.found.unknown.insert(name);
            }
            Some(hosts) if hosts.is_empty() => self.found.void.push(name),
            Some(hosts) if hosts.len() > super::MOST_LOOKUPS => {
                self.found.broken.insert(Broken::Exchangers(name));
            }
            Some(hosts) => {
                for host in hosts {
                    self.addresses(&host, domain, lengths);
                }
            }
        }
    }

    /// The name with its macros written out, as far as it does not depend on who sends.
    fn expanded(&self, text: &str, domain: &str) -> Option<String> {
        expand(text, |letter| match letter {
            'd' => Some(domain.to_owned()),
            'o' => Some(self.sender.to_owned()),
            _ => None,
        })
    }
}
