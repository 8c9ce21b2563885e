//! Exports of what exists, read as they are: objects with their properties, whatever form they come in.
//!
//! The form is recognized by the content, never by the name of the file. What cannot be read is refused with the reason;
//! nothing is guessed. This module must not know what a property means.

mod clixml;
mod cmdlet;
mod dsc;
mod encoding;
mod json;
mod postfix;
mod records;
mod resource;
mod room;
mod state;
mod text;
mod zone;

pub(crate) use postfix::{
    EXPRESSIONS, domain_of, expanded, is_list, open_port, tables_in, tables_of, takes_mail,
};
pub(crate) use zone::DYNAMIC;

use room::Room;
use std::collections::BTreeMap;

/// The largest export that is read, in octets.
pub(crate) const LARGEST: usize = 256 << 20;

/// The largest text of a form of which everything is read.
const LARGEST_TEXT: usize = 32 << 20;

/// Lists and tables that stand in each other.
pub(crate) const DEEPEST: usize = 32;

/// The property that says it; no cmdlet shows it with the connector.
const ANY_RECIPIENT: &str = "AnyRecipient";

/// What an export holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Export {
    /// The location that it was made for, where it says so.
    pub(crate) location: Option<String>,
    /// The product, where it says so: `online`, `protection` or `server`.
    pub(crate) product: Option<String>,
    /// The product in words, with the version of servers, where it says so: `Exchange Server 2019`.
    pub(crate) title: Option<String>,
    /// The tenant, where it says so: `contoso.onmicrosoft.com`.
    pub(crate) tenant: Option<String>,
    /// The zones whose records it holds, without a dot at the end.
    pub(crate) zones: Vec<String>,
    /// What the user calls its files.
    pub(crate) files: Vec<String>,
    /// The day and time of the export, where it says so.
    pub(crate) saved: Option<String>,
    /// The kinds that it holds whole; none where it does not say: then those of its objects.
    pub(crate) kinds: Option<Vec<String>>,
    /// Kinds that could not be read when it was made.
    pub(crate) unread: Vec<String>,
    /// It leaves out texts that are empty, while it shows all lists and truth values.
    pub(crate) omits_empty: bool,
    /// What exports of its form are known to lose without a trace.
    pub(crate) doubts: Vec<String>,
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
    /// The properties that are shown.
    pub(crate) properties: BTreeMap<String, Live>,
    /// Which file of the export it stands in.
    pub(crate) file: usize,
    /// The lines there of properties, where each has one of its own.
    pub(crate) lines: Vec<(String, usize)>,
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
        if self.product != other.product {
            return Err(
                "its files are of different products: give each product a location of its own"
                    .to_owned(),
            );
        }
        let before = self.files.len();
        let objects = other.objects.into_iter().map(|object| LiveObject {
            file: object.file + before,
            ..object
        });
        self.objects.extend(objects);
        self.files.extend(other.files);
        self.zones.extend(other.zones);
        self.omits_empty |= other.omits_empty;
        self.doubts.extend(other.doubts);
        self.doubts.dedup();
        self.tenant = self.tenant.take().or(other.tenant);
        self.name_organization();
        Ok(())
    }

    /// What it says of a property that it does not show.
    pub(crate) fn unshown(&self, property: &str, is_truth: bool) -> Live {
        let is_left_out = self.omits_empty && !is_truth && !cmdlet::is_list(property);
        if self.kinds.is_some() || is_left_out {
            Live::Null
        } else {
            Live::Lost
        }
    }

    /// The names of its files, for people.
    pub(crate) fn source(&self) -> String {
        self.files.join(", ")
    }

    /// Whether it is of an Exchange organization on servers.
    pub(crate) fn is_of_servers(&self) -> bool {
        let is_theirs = |object: &LiveObject| {
            ["SendConnector", "ReceiveConnector"].contains(&object.kind.as_str())
        };
        match &self.product {
            Some(product) => product == "server",
            None => self.objects.iter().any(is_theirs),
        }
    }

    /// Its objects of a kind.
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &LiveObject> {
        self.objects
            .iter()
            .filter(move |object| object.kind == kind)
    }
}

impl LiveObject {
    /// Whether a property is true.
    pub(crate) fn is_on(&self, property: &str) -> bool {
        self.properties.get(property) == Some(&Live::Bool(true))
    }

    /// Whether it is in use. What the export lost is not off.
    pub(crate) fn is_enabled(&self) -> bool {
        self.is_on("Enabled") || self.properties.get("Enabled") == Some(&Live::Lost)
    }

    /// Whether clients that do not log on may send to any recipient, where the export says so.
    pub(crate) fn any_recipient(&self) -> Option<bool> {
        match self.properties.get(ANY_RECIPIENT) {
            Some(Live::Bool(truth)) => Some(*truth),
            _ => None,
        }
    }

    /// The line of a property, or the first of all.
    pub(crate) fn line_of(&self, property: &str) -> Option<usize> {
        let mut lines = self.lines.iter();
        let own = lines.find(|(name, _)| name == property);
        own.or(self.lines.first()).map(|(_, line)| *line)
    }

    /// The texts that a property consists of.
    pub(crate) fn items(&self, property: &str) -> Vec<String> {
        let value = self.properties.get(property);
        value.map(Live::items).unwrap_or_default()
    }

    /// The first text of a property; empty where it has none.
    pub(crate) fn word(&self, property: &str) -> String {
        self.items(property).into_iter().next().unwrap_or_default()
    }

    /// Whether a connector leads to whoever the recipient's MX names.
    pub(crate) fn is_by_mx(&self) -> bool {
        self.is_on("UseMXRecord") || self.is_on("DNSRoutingEnabled")
    }

    /// A property that decides whose mail a connector takes or where it leads, and that the export does not hold whole.
    pub(crate) fn lost_end(&self) -> Option<&'static str> {
        let ends: &[&'static str] = match self.kind.as_str() {
            "OutboundConnector" | "SendConnector" => {
                &["SmartHosts", "RecipientDomains", "AddressSpaces"]
            }
            "InboundConnector" => &["SenderIPAddresses", "SenderDomains"],
            "ReceiveConnector" => &["RemoteIPRanges"],
            _ => &[],
        };
        let by_rule = self.is_on("IsTransportRuleScoped");
        let mut ends = ends.iter().copied().filter(|name| match *name {
            "SmartHosts" => !self.is_by_mx(),
            "RecipientDomains" => !by_rule,
            _ => true,
        });
        ends.find(|name| self.properties.get(*name) == Some(&Live::Lost))
    }

    /// Smart hosts, without brackets.
    pub(crate) fn smart_hosts(&self) -> impl Iterator<Item = String> {
        let bare = |host: String| {
            let host = host.trim();
            let inside = host
                .strip_prefix('[')
                .and_then(|host| host.strip_suffix(']'));
            inside.unwrap_or(host).to_lowercase()
        };
        self.items("SmartHosts").into_iter().map(bare)
    }

    /// The server that it is on, and its name there.
    pub(crate) fn on_server(&self) -> (Option<&str>, &str) {
        match self.name.split_once('\\') {
            Some((server, name)) if self.kind == "ReceiveConnector" => (Some(server), name),
            _ => (None, &self.name),
        }
    }
}

impl Live {
    /// Whether it is off or nothing.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.iter().all(String::is_empty),
            Self::Bool(true) | Self::Int(_) | Self::Lost => false,
        }
    }

    /// The texts that it consists of.
    pub(crate) fn items(&self) -> Vec<String> {
        match self {
            Self::Null | Self::Lost => Vec::new(),
            Self::Bool(true) => vec!["True".to_owned()],
            Self::Bool(false) => vec!["False".to_owned()],
            Self::Int(number) => vec![number.to_string()],
            Self::Text(text) => vec![text.clone()],
            // Some exports write one empty text for an empty list.
            Self::List(_) if self.is_empty() => Vec::new(),
            Self::List(items) => items.clone(),
        }
    }
}

/// The pattern and the cost of an address space, from `smtp:contoso.com;1` and its kin.
pub(crate) fn address_space(text: &str) -> Option<(String, u32)> {
    let lower = text.trim().to_lowercase();
    let bare = lower.strip_prefix("local:").unwrap_or(&lower);
    let bare = bare.strip_prefix("smtp:").unwrap_or(bare);
    let (name, cost) = bare.rsplit_once(';').unwrap_or((bare, "1"));
    // The word of a connector for every sender or recipient, in any spelling.
    let name = if name == "--" { "*" } else { name };
    Some((name.to_owned(), cost.parse().ok()?))
}

/// Reads an export in any form that is known.
pub(crate) fn read(file: &str, bytes: Vec<u8>) -> Result<Export, String> {
    read_into(file, bytes, &mut Room::default())
}

fn read_into(file: &str, bytes: Vec<u8>, room: &mut Room) -> Result<Export, String> {
    let mut export = parsed(file, bytes, room)?;
    export.files = vec![file.to_owned()];
    Ok(export)
}

/// Reads a folder, its files by their paths from there: of a Postfix host, or exports.
pub(crate) fn read_folder(
    folder: &str,
    files: BTreeMap<String, Vec<u8>>,
) -> Result<Export, String> {
    let mut room = Room::default();
    let folder = folder.trim_end_matches('/');
    if files.contains_key("main.cf") {
        let mut export = postfix::folder(&files, &mut room)?;
        for name in &mut export.files {
            *name = format!("{folder}/{name}");
        }
        return Ok(export);
    }
    let mut all: Option<Export> = None;
    for (name, bytes) in files {
        let one = read_into(&format!("{folder}/{name}"), bytes, &mut room)
            .map_err(|why| format!("`{name}`: {why}"))?;
        match &mut all {
            Some(all) => all.join(one)?,
            None => all = Some(one),
        }
    }
    all.ok_or_else(|| "there is no file in it".to_owned())
}

/// The zone that a file is named after: `contoso.com.zone`, `contoso.com.yaml` or `db.contoso.com`.
fn zone_named(file: &str) -> Option<&str> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let endings = [".zone", ".yaml", ".yml", ".db", ".txt", ".bind"];
    let bare = endings.iter().find_map(|ending| name.strip_suffix(ending));
    let bare = bare.or_else(|| name.strip_prefix("db."));
    bare.filter(|name| name.contains('.'))
}

fn parsed(file: &str, mut bytes: Vec<u8>, room: &mut Room) -> Result<Export, String> {
    if bytes.len() > LARGEST {
        return Err(larger(LARGEST));
    }
    let text = encoding::decoded(&mut bytes)?;
    let start = text.trim_start();
    // A configuration may begin with a comment of PowerShell.
    let is_xml = start.starts_with('<') && !start.starts_with("<#");
    // Of CLIXML most is skipped; of the other forms everything is read.
    if !is_xml && start.len() > LARGEST_TEXT {
        return Err(larger(LARGEST_TEXT));
    }
    if start.starts_with('{') || start.starts_with('[') {
        json::read(start, room)
    } else if is_xml {
        clixml::read(start, room)
    } else if start.starts_with("@{") && dsc::is_data(start) {
        dsc::data(start)
    } else if start.starts_with("@{") {
        Err("it is a data file of PowerShell; export again as JSON: `facts.ps1 -OutFile state.json`".to_owned())
    } else if text::is_csv(start) {
        text::csv(start, room)
    } else if dsc::is_one(start) {
        dsc::read(start, room)
    } else if postfix::is_one(start) {
        postfix::main_cf(file, start, room)
    } else if text::is_list_of_properties(start) {
        text::format_list(start, room)
    } else if zone::is_one(start) {
        zone::read(text, zone_named(file), room)
    } else if let Some(zone) = zone_named(file).filter(|_| records::is_octodns(start)) {
        records::octodns(start, zone, room)
    } else {
        Err(format!("its form is not known. {KNOWN}"))
    }
}

/// The forms that are read.
const KNOWN: &str = "Known are the state that `facts.ps1 -OutFile state.json` writes, what `Export-Clixml`, `ConvertTo-Json`, `Format-List` and `Export-Csv` write, configurations of Microsoft365DSC, snapshots of Microsoft Graph, zones, and `main.cf`";

fn larger(limit: usize) -> String {
    let limit = limit >> 20;
    format!("it is larger than {limit} MB; export each kind into a file of its own")
}
