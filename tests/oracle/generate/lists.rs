//! Who has mailboxes where: lists in the spec and in files beside it.

use super::{PEOPLE, Spec};
use std::fmt::Write as _;

/// Words that rules look for in cities, then in departments.
pub(crate) const WORDS: [&str; 7] = [
    "Orleans",
    "New Orleans",
    "newport",
    "\"*\"",
    "Sales",
    "emea",
    "Field Sales",
];
const CITIES: [&str; 7] = [
    "New Orleans",
    "new orleans east",
    "Orleansville",
    "Newport/Rhode Island",
    "St. Orleans_2",
    "Orléans",
    "",
];
const DEPARTMENTS: [&str; 6] = [
    "Sales",
    "sales (EMEA)",
    "Presales",
    "Field Sales",
    "R+Sales",
    "",
];
const GROUPS: [&str; 4] = ["staff", "all;Staff", "all", ""];

impl Spec {
    pub(super) fn mailboxes(
        &mut self,
        name: &str,
        holders: &[&'static str],
        listed: &mut Vec<String>,
    ) -> String {
        let one = *self.random.pick(holders);
        let other = *self.random.pick(holders);
        let people: Vec<String> = PEOPLE.iter().map(|p| format!("{p}@{name}")).collect();
        let cut = 1 + self.random.below(3);
        if self.random.chance(25) {
            return self.in_files(name, one, other, cut, listed);
        }
        match self.random.below(10) {
            0..=3 => one.to_owned(),
            4 => {
                listed.extend(people.clone());
                format!("{{{one}: [{}]}}", people.join(", "))
            }
            _ if one == other => one.to_owned(),
            5 | 6 => {
                listed.extend(people.clone());
                format!(
                    "{{{one}: [{}], {other}: [{}]}}",
                    people[..cut].join(", "),
                    people[cut..].join(", ")
                )
            }
            7 | 8 => {
                listed.extend(people[..cut].iter().cloned());
                format!("{{{one}: [{}], {other}: rest}}", people[..cut].join(", "))
            }
            _ => format!("{{{one}: 12, {other}: 34}}"),
        }
    }

    /// Lists in files, with what else such a list may say of a mailbox.
    fn in_files(
        &mut self,
        name: &str,
        one: &str,
        other: &str,
        cut: usize,
        listed: &mut Vec<String>,
    ) -> String {
        let first = format!("{one}-{}.csv", self.files.len());
        if one == other {
            self.file(&first, name, 0..PEOPLE.len(), None, listed);
            return format!("{{{one}: {{file: {first}}}}}");
        }
        match self.random.below(3) {
            0 => {
                self.file(&first, name, 0..PEOPLE.len(), Some((one, other)), listed);
                format!("{{file: {first}}}")
            }
            1 => {
                self.file(&first, name, 0..cut, None, listed);
                format!("{{{one}: {{file: {first}}}, {other}: rest}}")
            }
            _ => {
                let second = format!("{other}-{}.csv", self.files.len() + 1);
                self.file(&first, name, 0..cut, None, listed);
                self.file(&second, name, cut..PEOPLE.len(), None, listed);
                format!("{{{one}: {{file: {first}}}, {other}: {{file: {second}}}}}")
            }
        }
    }

    fn file(
        &mut self,
        file: &str,
        name: &str,
        people: std::ops::Range<usize>,
        places: Option<(&str, &str)>,
        listed: &mut Vec<String>,
    ) {
        let has_targets = self.random.chance(60);
        let has_aliases = self.random.chance(50);
        let has_details = self.random.chance(50);
        let mut text = String::from("address");
        for (has, columns) in [
            (places.is_some(), ",location"),
            (has_targets, ",target"),
            (has_aliases, ",aliases"),
            (has_details, ",city,department,groups"),
        ] {
            text.push_str(if has { columns } else { "" });
        }
        for person in &PEOPLE[people] {
            let address = format!("{person}@{name}");
            let _ = write!(text, "\n{address}");
            if let Some((one, other)) = places {
                let place = if self.random.chance(50) { one } else { other };
                let _ = write!(text, ",{place}");
            }
            let target = if has_targets && self.random.chance(60) {
                self.other_address(person, "box", name)
            } else {
                String::new()
            };
            if has_targets {
                let _ = write!(text, ",{target}");
            }
            if has_aliases {
                let mut aliases = Vec::new();
                if self.random.chance(60) {
                    aliases.push(self.other_address(person, "alias", name));
                }
                if !target.is_empty() && self.random.chance(60) {
                    aliases.push(target);
                }
                let _ = write!(text, ",{}", aliases.join(";"));
            }
            if has_details {
                let city = *self.random.pick(&CITIES);
                let department = *self.random.pick(&DEPARTMENTS);
                let groups = *self.random.pick(&GROUPS);
                let _ = write!(text, ",{city},{department},{groups}");
            }
            listed.push(address);
        }
        text.push('\n');
        self.files.insert(file.to_owned(), text.into_bytes());
    }

    /// Another address of somebody: in a tenant's own names, in the domain itself, in another one, or elsewhere.
    fn other_address(&mut self, person: &str, word: &str, name: &str) -> String {
        let tenant = self.places.iter().position(super::Place::is_tenant);
        match (self.random.below(8), tenant) {
            (0..=2, Some(at)) => format!("{person}@contoso{at}.mail.onmicrosoft.com"),
            (3, Some(at)) => format!("{person}.{word}@contoso{at}.mail.onmicrosoft.com"),
            (4, Some(at)) => format!("{person}@contoso{at}.onmicrosoft.com"),
            (5, _) => format!("{person}.{word}.{name}@outside.example"),
            (6, _) => format!("{person}.{word}.{name}@{}", self.domain()),
            _ => format!("{person}.{word}@{name}"),
        }
    }
}
