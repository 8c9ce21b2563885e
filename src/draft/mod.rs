//! A draft spec from what exists, with a verdict for every value that was read.
//!
//! The draft is explicit: one route for each connector, with the names that the objects have. It is compiled and compared
//! with the export that it was made of, so that what the language cannot say is found by the comparison and not by a table:
//! such an object stands in the draft as one that others manage. This module must not know how an export is read.

mod ledger;
mod rules;
mod tenant;
mod text;

pub(crate) use ledger::Ledger;

use crate::import::Export;
use std::collections::{BTreeMap, BTreeSet};

/// A draft, and where each object stands in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    /// The entries of `locations`, `partners` and `domains`, by name.
    locations: BTreeMap<String, Vec<(String, String)>>,
    partners: BTreeMap<String, Vec<(String, String)>>,
    domains: BTreeMap<String, Vec<(String, String)>>,
    routes: Vec<Item>,
    rules: Vec<Item>,
    /// Names that objects have, by location and the name that the draft would give.
    names: BTreeMap<String, BTreeMap<String, String>>,
    /// What was taken to be so, for people.
    pub(crate) assumed: Vec<String>,
    taken: BTreeSet<String>,
}

/// A route or rule of the draft.
#[derive(Clone, Debug)]
struct Item {
    /// The object that it was made of.
    object: (String, String),
    keys: Vec<(String, String)>,
}

impl Draft {
    /// The draft of a tenant. Objects in `unmanaged` are those that the language cannot say in full.
    pub(crate) fn of(
        location: &str,
        export: &Export,
        unmanaged: &BTreeSet<(String, String)>,
    ) -> Result<Self, String> {
        let mut draft = Self::default();
        draft.taken.insert(location.to_owned());
        tenant::draft(&mut draft, location, export)?;
        for item in draft.routes.iter_mut().chain(&mut draft.rules) {
            if unmanaged.contains(&item.object) {
                item.keys.push(("managed".to_owned(), "false".to_owned()));
            }
        }
        Ok(draft)
    }

    /// Where an object stands in the draft, as a path of keys.
    pub(crate) fn path(&self, location: &str, kind: &str, name: &str) -> Option<String> {
        let is_it = |item: &Item| item.object.0 == kind && item.object.1 == name;
        let of = |list: &[Item], key: &str| {
            let at = list.iter().position(is_it)?;
            Some(format!("{key}[{at}]"))
        };
        of(&self.routes, "routes")
            .or_else(|| of(&self.rules, "rules"))
            .or_else(|| match kind {
                "AcceptedDomain" => Some(format!("locations.{location}.accepts")),
                "DkimSigningConfig" => Some(format!("domains.{name}.dkim")),
                "OrganizationConfig" => Some(format!("locations.{location}.reject_direct_send")),
                "TransportConfig" => Some(format!("locations.{location}.smtp_auth")),
                _ => None,
            })
    }

    /// A name for a location or partner that nothing else has.
    fn name(&mut self, wanted: &str) -> String {
        let word: String = wanted
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let plain: Vec<&str> = word.split('-').filter(|part| !part.is_empty()).collect();
        let plain = match plain.join("-") {
            word if word.is_empty() || crate::values::RESERVED.contains(&word.as_str()) => {
                format!("other-{word}").trim_end_matches('-').to_owned()
            }
            word => word,
        };
        let mut name = plain.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{plain}-{number}");
            number += 1;
        }
        name
    }

    /// The name of a route, and whether it is the one that was wanted: a spec has each name once, whatever its case.
    fn route_name(&self, wanted: &str) -> (String, bool) {
        let is_taken = |name: &str| {
            self.routes.iter().any(|item| {
                let own = item.keys.iter().find(|(key, _)| key == "name");
                own.is_some_and(|(_, own)| own.eq_ignore_ascii_case(&text::quoted(name)))
            })
        };
        if !is_taken(wanted) {
            return (wanted.to_owned(), true);
        }
        let mut number = 2;
        loop {
            let name = format!("{wanted} {number}");
            if !is_taken(&name) {
                return (name, false);
            }
            number += 1;
        }
    }

    /// The text of the spec.
    pub(crate) fn text(&self) -> String {
        text::spec(self)
    }
}
