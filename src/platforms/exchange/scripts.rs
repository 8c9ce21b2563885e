//! The scripts of a location. They are the same for every location and spec: what is done stands in `desired.psd1`, and
//! how in the library that they load.

use crate::output::{Sink, sha256};
use crate::platforms::exchange::desired::Desired;
use crate::writer::Refused;
use crate::writer::powershell::file;
use std::collections::BTreeMap;

/// The path of the library in the output.
pub const LIBRARY_PATH: &str = "lib/mailtopo-exchange.ps1";

/// What all scripts share. Its text is the same in every output of a version.
pub const LIBRARY: &str = include_str!("lib/mailtopo-exchange.ps1");

/// Loads the library and runs a script with it.
const LOAD: &str = include_str!("lib/load.ps1");

/// What each script says about itself, and its parameters, by the name that the library knows it by.
const HEADS: [(&str, &str); 4] = [
    ("apply", include_str!("lib/apply.ps1")),
    ("verify", include_str!("lib/verify.ps1")),
    ("rollback", include_str!("lib/rollback.ps1")),
    ("facts", include_str!("lib/facts.ps1")),
];

const THIN: &str = "The same bytes in every output of this version of mailtopo: what is done stands in desired.psd1, how in ..\\lib.";
const SINGLE: &str =
    "One file: the data first, then the library of mailtopo, which is the same in every such file.";

/// What the scripts are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Each loads the data and the library from their files.
    #[default]
    Thin,
    /// Each holds the data and the library, so that one file can be carried.
    Standalone,
}

impl Desired {
    /// The files of the location, by name. Where nobody wants their text, they are empty.
    pub fn files(&self, form: Form, sink: Sink) -> Result<BTreeMap<String, Vec<u8>>, Refused> {
        if sink == Sink::Refusals {
            self.ask()?;
        }
        let text = |write: &dyn Fn() -> Result<String, Refused>| match sink {
            Sink::Files => Ok(file(&write()?)),
            Sink::Refusals => Ok(Vec::new()),
        };
        let data = text(&|| self.text())?;
        let mut files = BTreeMap::from([("commands.ps1".to_owned(), text(&|| self.commands())?)]);
        for (name, head) in HEADS {
            let script = text(&|| match form {
                Form::Thin => Ok(thin(name, head)),
                Form::Standalone => self.single(name, head),
            });
            files.insert(format!("{name}.ps1"), script?);
        }
        if form == Form::Thin {
            files.insert("desired.psd1".to_owned(), data);
        }
        Ok(files)
    }

    /// The data in a section that PowerShell refuses to parse where anything but data stands in it, then the library.
    fn single(&self, name: &str, head: &str) -> Result<String, Refused> {
        Ok(format!(
            "{}{}\n$desired = data {{\n{}}}\n\n# ---- from here on the same in every file of this version ----\n{LIBRARY}\nInvoke-Mailtopo '{name}' $desired $PSCmdlet $PSBoundParameters\nexit $run['Exit']\n",
            head.replace("FORM", SINGLE),
            self.title()?,
            self.table()?
        ))
    }
}

/// The library is told apart by its hash, which the scripts compare in upper case.
fn thin(name: &str, head: &str) -> String {
    let hash = sha256(LIBRARY.as_bytes()).to_uppercase();
    let load = LOAD.replace("HASH", &hash).replace("SCRIPT", name);
    head.replace("FORM", THIN) + &load
}
