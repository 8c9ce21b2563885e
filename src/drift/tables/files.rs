//! The files of a host, some of them as they exist.

use crate::drift::tables::{last, words};
use crate::import::{
    EXPRESSIONS, Export, Live, LiveObject, domain_of, expanded, tables_in, tables_of,
};
use std::collections::BTreeSet;

/// The files of a host, of which some are as they exist.
pub(super) struct Files<'a> {
    pub(super) wanted: &'a Export,
    pub(super) live: &'a Export,
    /// `main.cf` is as it exists.
    pub(super) is_main: bool,
    /// Tables that are as they exist.
    pub(super) changed: BTreeSet<String>,
}

/// An entry of a table, or a word of the parameter itself.
pub(super) struct Line {
    /// The table; empty: the parameter.
    pub(super) table: String,
    pub(super) key: String,
    pub(super) value: String,
    /// It stands behind `!`, and is taken out of what follows.
    pub(super) is_not: bool,
}

/// What a parameter says, with its tables in place of their names.
#[derive(Default)]
pub(super) struct Said {
    pub(super) lines: Vec<Line>,
    pub(super) tables: BTreeSet<String>,
    /// Tables that are no list of entries, or whose source is not there.
    pub(super) lost: BTreeSet<String>,
}

impl Files<'_> {
    /// A parameter; nothing where no file sets it.
    pub(super) fn set(&self, name: &str) -> Option<String> {
        let export = if self.is_main { self.live } else { self.wanted };
        let main = export.of_kind("main.cf").next()?;
        let value = main.properties.get(name)?;
        Some(value.items().join(" "))
    }

    pub(super) fn value(&self, name: &str) -> String {
        self.set(name).unwrap_or_default()
    }

    /// A table as it counts here; nothing where it is gone.
    pub(super) fn table(&self, name: &str) -> Option<&LiveObject> {
        let is_it = |object: &&LiveObject| object.kind == "table" && last(&object.name) == name;
        let planned = self.wanted.objects.iter().find(is_it);
        let found = || self.live.objects.iter().find(is_it);
        match planned {
            Some(_) if self.changed.contains(name) => found(),
            Some(planned) => Some(planned),
            None => found(),
        }
    }

    pub(super) fn entries(&self, name: &str, is_not: bool, said: &mut Said) {
        said.tables.insert(name.to_owned());
        for (key, value) in self.table(name).into_iter().flat_map(|it| &it.properties) {
            match value {
                Live::Text(value) => said.lines.push(Line {
                    table: name.to_owned(),
                    key: key.clone(),
                    value: value.clone(),
                    is_not,
                }),
                _ => {
                    said.lost.insert(name.to_owned());
                }
            }
        }
    }

    pub(super) fn said(&self, parameter: &str) -> Said {
        let mut said = Said::default();
        let value = expanded(&self.value(parameter), |name| match name {
            "myhostname" => self.set(name).filter(|own| !own.is_empty()),
            "mydomain" => self
                .set(name)
                .or_else(|| Some(domain_of(&self.set("myhostname")?).to_owned())),
            name => self.set(name),
        });
        // `inline:{ … }` holds the host's own name alone.
        let plain = value.split("inline:").next().unwrap_or_default();
        for word in words(plain) {
            let (bare, is_not) = match word.strip_prefix('!') {
                Some(bare) => (bare, true),
                None => (word.as_str(), false),
            };
            match tables_of(parameter, bare).into_iter().next() {
                Some(table) => {
                    let kind = table.split(':').next().unwrap_or_default();
                    let name = last(&table);
                    if EXPRESSIONS.contains(&kind) {
                        said.tables.insert(name.clone());
                        said.lost.insert(name);
                    } else {
                        self.entries(&name, is_not, &mut said);
                    }
                }
                None => said.lines.push(Line {
                    table: String::new(),
                    key: bare.to_owned(),
                    value: String::new(),
                    is_not,
                }),
            }
        }
        for table in tables_in(value.strip_prefix(plain).unwrap_or_default()) {
            self.entries(&last(&table), false, &mut said);
        }
        said
    }
}
