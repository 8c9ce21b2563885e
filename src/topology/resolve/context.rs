//! What every part of resolving needs: the names of the spec, the files, and where mistakes go.

use crate::finding::{Code, Finding, Findings, Object, Operation, nearest};
use crate::source::{At, FileId, Span};
use crate::spec;
use crate::topology::resolve::duplicates::{Once, twice};
use crate::topology::resolve::file::Reader;
use crate::topology::resolve::mailbox_file::MailboxFile;
use crate::topology::resolve::value;
use crate::topology::{DeviceId, LocationId, PartnerId, Party};
use crate::values::{BadValue, DomainName, Pattern};
use std::collections::BTreeMap;

/// What stands in the spec under a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    /// What it is.
    pub(super) party: Party,
    /// Where it is declared.
    pub(super) span: Span,
}

/// All names of locations, partners and devices.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By name.
    pub(super) by_name: BTreeMap<String, Named>,
    /// The kind of each location, where it is known, by id.
    pub(super) kinds: Vec<Option<spec::Kind>>,
    /// A declaration could not be read, so that a missing name proves nothing.
    pub(super) incomplete: bool,
}

/// What may stand at a place that names somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Location,
    Partner,
    Device,
    Internet,
    Discard,
    Reject,
}

impl Wanted {
    const fn of(party: Party) -> Self {
        match party {
            Party::Location(_) => Self::Location,
            Party::Partner(_) => Self::Partner,
            // A network has no name that anything could refer to.
            Party::Device(_) | Party::Network(..) => Self::Device,
            Party::Internet => Self::Internet,
            Party::Discard => Self::Discard,
            Party::Reject => Self::Reject,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Location => "a location",
            Self::Partner => "a partner",
            Self::Device => "a device",
            Self::Internet => "`internet`",
            Self::Discard => "`discard`",
            Self::Reject => "`reject`",
        }
    }
}

/// The state of one run.
pub(super) struct Scope<'a> {
    /// Files.
    pub(super) reader: Reader<'a>,
    /// Mistakes.
    pub(super) findings: &'a mut Findings,
    /// Names.
    pub(super) names: Names,
    /// A domain could not be read, so that a missing one proves nothing.
    pub(super) domains_incomplete: bool,
    /// Lists of mailboxes, each read once.
    pub(super) mailbox_files: BTreeMap<FileId, MailboxFile>,
}

impl Scope<'_> {
    /// Adds an error at a place.
    pub(super) fn error(&mut self, check: Code, message: impl Into<String>, span: Span) {
        self.findings
            .push(Finding::error(check, message).at(span, ""));
    }

    /// Adds an error at a place, with what to write instead.
    pub(super) fn error_help(
        &mut self,
        check: Code,
        message: impl Into<String>,
        span: Span,
        help: impl Into<String>,
    ) {
        self.findings
            .push(Finding::error(check, message).at(span, "").help(help));
    }

    /// Says that something lacks a key that it cannot do without.
    pub(super) fn require(
        &mut self,
        key: &str,
        example: &str,
        name: &At<String>,
        kind: fn(String) -> Object,
    ) {
        self.findings.push(
            Finding::error(
                Code::S018,
                format!("`{}` has no `{key}`, which it needs", name.value),
            )
            .at(name.span, "")
            .help(format!("write `{example}`"))
            .on(kind(name.value.clone())),
        );
    }

    /// Whether a thing stands for the first time; else an error in these words that shows both places.
    pub(super) fn first<K: Ord>(
        &mut self,
        seen: &mut Once<K>,
        key: K,
        span: Span,
        words: impl FnOnce() -> String,
    ) -> bool {
        let again = seen.again(key, span, words);
        let first = again.is_none();
        self.findings.extend(again);
        first
    }

    /// The value that a text stands for.
    pub(super) fn value<T>(
        &mut self,
        text: &str,
        span: Span,
        parse: impl FnOnce(&str) -> Result<T, BadValue>,
    ) -> Option<At<T>> {
        value::value(text, span, parse, self.findings)
    }

    /// The value of a slot.
    pub(super) fn slot<S: std::ops::Deref<Target = str>, T>(
        &mut self,
        slot: &crate::yaml::Slot<S>,
        parse: impl FnOnce(&str) -> Result<T, BadValue>,
    ) -> Option<At<T>> {
        let at = slot.at()?;
        self.value(&at.value, at.span, parse)
    }

    /// A domain name.
    pub(super) fn domain(&mut self, text: &str, span: Span) -> Option<At<DomainName>> {
        value::domain(text, span, self.findings)
    }

    /// The name of a zone.
    pub(super) fn zone(&mut self, text: &str, span: Span) -> Option<At<DomainName>> {
        value::zone(text, span, self.findings)
    }

    /// A domain pattern.
    pub(super) fn pattern(&mut self, text: &str, span: Span) -> Option<At<Pattern>> {
        value::pattern(text, span, self.findings)
    }

    /// A location by its name.
    pub(super) fn location(&mut self, name: &str, span: Span) -> Option<At<LocationId>> {
        match self.party(name, span, &[Wanted::Location])?.value {
            Party::Location(id) => Some(At::new(id, span)),
            _ => None,
        }
    }

    /// Somebody by name, of the kinds that may stand here.
    pub(super) fn party(&mut self, name: &str, span: Span, wanted: &[Wanted]) -> Option<At<Party>> {
        if let Some(party) = self.known(name) {
            if wanted.contains(&Wanted::of(party)) {
                return Some(At::new(party, span));
            }
            let is = Wanted::of(party).words();
            let is = if is.starts_with('`') {
                "no place of ours"
            } else {
                is
            };
            let finding = Finding::error(
                Code::S001,
                format!("`{name}` is {is}, where {} is wanted", alternatives(wanted)),
            )
            .at(span, "");
            let declared = self.names.by_name.get(name).map(|named| named.span);
            let finding = match declared {
                Some(declared) => finding.at(declared, "declared here"),
                None => finding,
            };
            let fitting = self.fitting(wanted);
            self.findings.push(if fitting.is_empty() {
                finding.help("declare one first")
            } else {
                finding.help(format!("write one of {}", listed(&fitting)))
            });
            return None;
        }
        if !self.names.incomplete {
            let finding = self.unknown(name, span, wanted);
            self.findings.push(finding);
        }
        None
    }

    /// Whoever the name stands for, words of the language included.
    pub(super) fn known(&self, name: &str) -> Option<Party> {
        match name {
            "internet" => Some(Party::Internet),
            "discard" => Some(Party::Discard),
            "reject" => Some(Party::Reject),
            name => self.names.by_name.get(name).map(|named| named.party),
        }
    }

    /// The names that may stand where this is wanted.
    fn fitting(&self, wanted: &[Wanted]) -> Vec<&str> {
        self.names
            .by_name
            .iter()
            .filter(|(_, named)| wanted.contains(&Wanted::of(named.party)))
            .map(|(name, _)| name.as_str())
            .chain(wanted.iter().filter_map(|wanted| match wanted {
                Wanted::Internet => Some("internet"),
                Wanted::Discard => Some("discard"),
                Wanted::Reject => Some("reject"),
                Wanted::Location | Wanted::Partner | Wanted::Device => None,
            }))
            .collect()
    }

    fn unknown(&self, name: &str, span: Span, wanted: &[Wanted]) -> Finding {
        let fitting = self.fitting(wanted);
        let finding = Finding::error(
            Code::S001,
            format!(
                "there is no `{name}` in the spec, where {} is wanted",
                alternatives(wanted)
            ),
        )
        .at(span, "");
        match nearest(name, fitting.iter().copied()) {
            Some(near) => finding.mend(Operation::replace(span, name, near)),
            None if name.contains('@') => finding.help(
                "an address is none of these; several addresses stand in brackets: `[ADDRESS, ADDRESS]`",
            ),
            None if name.contains('.') && wanted.contains(&Wanted::Location) => finding.help(format!(
                "a host stands here by the name of its location: write `NAME: {{kind: smtp, hosts: [{name}]}}` under `locations`, and that name here"
            )),
            None if fitting.is_empty() => finding.help("declare it first"),
            None => finding.help(format!("write one of {}", listed(&fitting))),
        }
    }

    /// The kind of a location, where it could be read.
    pub(super) fn kind(&self, id: LocationId) -> Option<spec::Kind> {
        self.names.kinds.get(id.index()).copied().flatten()
    }

    /// The name of a location, for messages.
    pub(super) fn location_name(&self, id: LocationId) -> &str {
        self.names
            .by_name
            .iter()
            .find(|(_, named)| named.party == Party::Location(id))
            .map_or("", |(name, _)| name)
    }
}

/// What may stand here, in words.
fn alternatives(wanted: &[Wanted]) -> String {
    let words: Vec<&str> = wanted.iter().map(|wanted| wanted.words()).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Up to twelve names in backticks.
pub(super) fn listed(names: &[&str]) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> = names
        .iter()
        .take(MOST)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.len() > MOST {
        format!("{} and {} more", shown.join(", "), names.len() - MOST)
    } else {
        shown.join(", ")
    }
}

/// Gives ids to names in the order of the alphabet; a name that stands twice is reported and its second use dropped.
pub(super) fn declare<T>(
    entries: Vec<(At<String>, T)>,
    id: impl Fn(usize) -> Party,
    names: &mut Names,
    findings: &mut Findings,
) -> Vec<(At<String>, T)> {
    let mut kept: BTreeMap<String, (At<String>, T)> = BTreeMap::new();
    for (name, item) in entries {
        let earlier = kept
            .get(&name.value)
            .map(|(at, _)| at.span)
            .or_else(|| names.by_name.get(&name.value).map(|named| named.span));
        match earlier {
            Some(earlier) => findings.push(
                twice(format!("the name `{}` stands twice", name.value), name.span, earlier)
                    .help("locations, partners and devices share one name space: give one of them another name"),
            ),
            None => {
                kept.insert(name.value.clone(), (name, item));
            }
        }
    }
    let kept: Vec<_> = kept.into_values().collect();
    for (index, (name, _)) in kept.iter().enumerate() {
        names.by_name.insert(
            name.value.clone(),
            Named {
                party: id(index),
                span: name.span,
            },
        );
    }
    kept
}

/// The party with a location's id at a position.
pub(super) fn location_at(index: usize) -> Party {
    Party::Location(LocationId::from_index(index))
}

/// The party with a partner's id at a position.
pub(super) fn partner_at(index: usize) -> Party {
    Party::Partner(PartnerId::from_index(index))
}

/// The party with a device's id at a position.
pub(super) fn device_at(index: usize) -> Party {
    Party::Device(DeviceId::from_index(index))
}
