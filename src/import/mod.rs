//! Exports of what exists, read as they are: objects with their properties, whatever form they come in.
//!
//! The form is recognized by the content, never by the name of the file. What cannot be read is refused with the reason;
//! nothing is guessed. This module must not know what a property means.

mod clixml;
mod state;

use std::collections::BTreeMap;

/// The largest export that is read, in octets.
pub(crate) const LARGEST: usize = 256 << 20;

/// Lists and tables that stand in each other.
pub(crate) const DEEPEST: usize = 32;

/// What an export holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Export {
    /// The location that it was made for, where it says so.
    pub(crate) location: Option<String>,
    /// The product, where it says so: `online`, `protection` or `server`.
    pub(crate) product: Option<String>,
    /// The tenant, where it says so: `contoso.onmicrosoft.com`.
    pub(crate) tenant: Option<String>,
    /// The day and time of the export, where it says so.
    pub(crate) saved: Option<String>,
    /// The kinds that it holds whole; none where it does not say: then those of its objects.
    pub(crate) kinds: Option<Vec<String>>,
    /// Kinds that could not be read when it was made.
    pub(crate) unread: Vec<String>,
    /// Its objects.
    pub(crate) objects: Vec<LiveObject>,
    /// Certificates: the names of each, and how connectors name it.
    pub(crate) certificates: Vec<LiveCertificate>,
}

/// An object that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LiveObject {
    /// Its noun, as in the cmdlets.
    pub(crate) kind: String,
    /// Its name; of a receive connector with the server.
    pub(crate) name: String,
    /// Whether clients that do not log on may send to any recipient, where the export says so.
    pub(crate) any_recipient: Option<bool>,
    /// The properties that are shown.
    pub(crate) properties: BTreeMap<String, Live>,
}

/// A certificate of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LiveCertificate {
    /// Its names.
    pub(crate) names: Vec<String>,
    /// SHA-1, in hexadecimal.
    pub(crate) thumbprint: String,
    /// `<I>issuer<S>subject`, as connectors name it.
    pub(crate) reference: String,
}

/// A value that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Live {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
    /// Something that the export does not hold whole.
    Lost,
}

impl Export {
    /// Takes another export of the same location, such as one of another kind.
    pub(crate) fn join(&mut self, other: Self) -> Result<(), String> {
        if self.kinds.is_some() || other.kinds.is_some() {
            return Err("a state holds its location whole: name it alone".to_owned());
        }
        self.objects.extend(other.objects);
        Ok(())
    }
}

impl Live {
    /// The texts that it consists of.
    pub(crate) fn items(&self) -> Vec<String> {
        match self {
            Self::Null | Self::Lost => Vec::new(),
            Self::Bool(true) => vec!["True".to_owned()],
            Self::Bool(false) => vec!["False".to_owned()],
            Self::Int(number) => vec![number.to_string()],
            Self::Text(text) => vec![text.clone()],
            Self::List(items) => items.clone(),
        }
    }
}

/// Reads an export in any form that is known.
pub(crate) fn read(bytes: &[u8]) -> Result<Export, String> {
    if bytes.len() > LARGEST {
        return Err(format!(
            "it is larger than {} MB; export each kind into a file of its own",
            LARGEST >> 20
        ));
    }
    let text = decoded(bytes)?;
    let start = text.trim_start();
    if start.starts_with('{') || start.starts_with('[') {
        state::read(start)
    } else if start.starts_with('<') {
        clixml::read(start)
    } else if start.starts_with("@{") {
        Err("it is a data file of PowerShell; export again as JSON: `facts.ps1 -OutFile state.json`".to_owned())
    } else {
        Err(format!("its form is not known. {KNOWN}"))
    }
}

/// The forms that are read.
const KNOWN: &str = "Known are the state that `facts.ps1 -OutFile state.json` writes, and what `Export-Clixml` writes";

/// UTF-8, or UTF-16 with a byte-order mark, as Windows PowerShell writes it.
fn decoded(bytes: &[u8]) -> Result<String, String> {
    let wide = |rest: &[u8], number: fn([u8; 2]) -> u16| {
        let pairs = rest.chunks_exact(2);
        let is_odd = !pairs.remainder().is_empty();
        let units: Vec<u16> = pairs
            .filter_map(|pair| Some(number([*pair.first()?, *pair.get(1)?])))
            .collect();
        let text = String::from_utf16(&units).ok().filter(|_| !is_odd);
        text.ok_or_else(|| "it is not whole UTF-16, as its first octets say".to_owned())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => String::from_utf8(rest.to_vec())
            .map_err(|_| "it is neither UTF-8 nor UTF-16 with a byte-order mark".to_owned()),
    }
}
