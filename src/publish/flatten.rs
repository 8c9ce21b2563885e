//! Addresses in place of names.

use crate::publish::Terms;
use crate::spf::{Mechanism, Names, Qualifier, Record, Term, is_record};
use crate::topology::Flatten;
use crate::values::{DomainName, Network};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Names that are looked at for one term. Records that lead to more of them no receiver evaluates to the end.
const MOST_NAMES: usize = 200;

/// Replaces what stands for a list of addresses, and gives back the terms that do not.
pub(crate) fn flatten(
    terms: &mut Terms,
    names: &dyn Names,
    domain: &DomainName,
    which: &Flatten,
) -> Vec<String> {
    let mut kept = Vec::new();
    for text in std::mem::take(&mut terms.others) {
        let term = Term::parse(&text);
        let term = term.filter(|term| match &term.mechanism {
            Mechanism::Include(name) => which.holds(name),
            _ => *which == Flatten::All,
        });
        if term.is_none() {
            terms.others.insert(text);
            continue;
        }
        let list = term.and_then(|term| networks(names, &term, domain.as_str(), &mut 0));
        if let Some(networks) = list {
            terms.networks.extend(networks);
        } else {
            kept.push(text.clone());
            terms.others.insert(text);
        }
    }
    kept
}

/// The addresses that a term lets through; nothing where it lets through what is no list of addresses.
pub(crate) fn networks(
    names: &dyn Names,
    term: &Term,
    domain: &str,
    seen: &mut usize,
) -> Option<BTreeSet<Network>> {
    // A mechanism that refuses takes back a part of what follows it.
    if term.qualifier != Qualifier::Pass || term.text.contains('%') {
        return None;
    }
    match &term.mechanism {
        Mechanism::Ip(network) => Some(BTreeSet::from([Network::from(*network)])),
        Mechanism::A(host, lengths) => {
            addresses(names, host.as_deref().unwrap_or(domain), *lengths)
        }
        Mechanism::Mx(host, lengths) => {
            let mut found = BTreeSet::new();
            for host in names.exchangers(&host.as_deref().unwrap_or(domain).to_ascii_lowercase())? {
                found.extend(addresses(names, &host, *lengths)?);
            }
            Some(found)
        }
        Mechanism::Include(name) => {
            *seen += 1;
            if *seen > MOST_NAMES {
                return None;
            }
            let texts = names.texts(&name.to_ascii_lowercase())?;
            let mut records = texts.iter().filter(|text| is_record(text));
            let record = Record::parse(records.next()?).ok()?;
            if records.next().is_some() || record.redirect.is_some() {
                return None;
            }
            let mut found = BTreeSet::new();
            for term in &record.terms {
                // What follows `all` is never looked at. One that lets everybody through is no list.
                if term.mechanism == Mechanism::All {
                    return (term.qualifier != Qualifier::Pass).then_some(found);
                }
                found.extend(networks(names, term, name, seen)?);
            }
            Some(found)
        }
        _ => None,
    }
}

fn addresses(names: &dyn Names, host: &str, (four, six): (u8, u8)) -> Option<BTreeSet<Network>> {
    let host = host.to_ascii_lowercase();
    let mut found = names.addresses(&host, false)?;
    found.extend(names.addresses(&host, true)?);
    let around = |address: IpAddr| {
        let length = if address.is_ipv4() { four } else { six };
        Network::around_address(address, length)
    };
    (!found.is_empty()).then(|| found.into_iter().filter_map(around).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `nD.test` includes ten names below it, so that a tree has a million paths; `round.test` includes itself.
    struct Tree;

    impl Names for Tree {
        fn texts(&self, name: &str) -> Option<Vec<String>> {
            if name == "round.test" {
                return Some(vec!["v=spf1 include:round.test -all".to_owned()]);
            }
            let depth: usize = name
                .strip_prefix('n')?
                .strip_suffix(".test")?
                .parse()
                .ok()?;
            let include = format!(" include:n{}.test", depth + 1);
            let all = if depth < 6 {
                include.repeat(10)
            } else {
                " ip4:192.0.2.1".to_owned()
            };
            Some(vec![format!("v=spf1{all} -all")])
        }

        fn exchangers(&self, _: &str) -> Option<Vec<String>> {
            None
        }

        fn addresses(&self, _: &str, _: bool) -> Option<Vec<IpAddr>> {
            None
        }
    }

    #[test]
    fn a_tree_with_a_million_paths_and_a_circle_stay_as_they_are() {
        let domain = DomainName::parse("contoso.com").expect("a name");
        for (name, flat) in [("n0.test", false), ("round.test", false), ("n6.test", true)] {
            let mut terms = Terms::default();
            terms.add_text(&format!("include:{name}"));
            let kept = flatten(&mut terms, &Tree, &domain, &Flatten::All);
            assert_eq!(kept.is_empty(), flat, "{name}");
            assert_eq!(terms.networks.len(), usize::from(flat), "{name}");
        }
        let started = crate::spf::survey(&Tree, "n0.test");
        assert!(started.lookups() > 10, "{}", started.lookups());
    }
}
