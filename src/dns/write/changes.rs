//! What the owner of a zone that is not written from here has to change: `dns/changes/DOMAIN.md` for people, and
//! `dns/changes/DOMAIN.zone` with the wanted records for machines.
//!
//! Records are compared by what they mean, and what the spec does not declare is said to be unknown, never taken as
//! missing. Nothing that others may need is proposed to go: an SPF record only gets wider.

use crate::dns::enforced::{fits_all_keys, unnamed};
use crate::dns::write::bind;
use crate::dns::{
    POLICIES, RData, RecordType, RrSet, SetKey, Zone, agrees, same_meaning, selector_at, texts_at,
};
use crate::plan::Plan;
use crate::source::{At, Span};
use crate::spf::{Mechanism, Term, is_record};
use crate::topology::{DeclaredRecords, DnsManagement, Domain, Sending};
use crate::values::{DomainName, Host, HostName, OwnerName};
use crate::writer::{Refused, markdown};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The wanted records of one domain.
pub(crate) struct Wanted<'a> {
    /// The domain.
    pub domain: &'a Domain,
    declared: &'a DeclaredRecords,
    sets: BTreeMap<&'a SetKey, &'a RrSet>,
    plan: &'a Plan,
}

/// Every domain whose records others keep, by name, with what mail needs there.
pub(crate) fn wanted(plan: &Plan) -> Vec<Wanted<'_>> {
    let topology = &plan.topology;
    let mut found: BTreeMap<&DomainName, Wanted<'_>> = BTreeMap::new();
    for domain in &topology.domains {
        if let DnsManagement::External(declared) = &domain.dns {
            let sets = BTreeMap::new();
            let wanted = Wanted {
                domain,
                declared,
                sets,
                plan,
            };
            found.insert(&domain.name, wanted);
        }
    }
    for (key, set) in plan.others.iter().flat_map(|zone| zone.sets.iter()) {
        let mut above = std::iter::successors(Some(key.owner.as_str()), |at| {
            at.split_once('.').map(|(_, rest)| rest)
        });
        let domain = above.find_map(|name| {
            let id = topology.domain_named(name)?;
            let name = &topology.domain(id).name;
            found.contains_key(name).then_some(name)
        });
        if let Some(wanted) = domain.and_then(|name| found.get_mut(name)) {
            wanted.sets.insert(key, set);
        }
    }
    found.into_values().collect()
}

/// What has to be done about one set of records.
enum Task {
    Add,
    Change(Vec<String>),
    Keep,
    Unknown,
}

/// A row of the lists.
struct Row {
    owner: String,
    kind: String,
    ttl: u32,
    old: Vec<String>,
    new: Vec<String>,
    why: String,
}

/// What is not declared at a name, and mail needs it there.
pub(crate) struct Missing<'a> {
    /// The name.
    pub owner: &'a OwnerName,
    /// The type of the records.
    pub kind: RecordType,
    data: Vec<String>,
}

impl Missing<'_> {
    /// The records as one enters them. An error says them in its help, for `compile` writes no list while there is one.
    pub(crate) fn entry(&self) -> String {
        let data = self.data.iter();
        let entries = data.map(|data| format!("`{} {} {data}`", self.owner, self.kind));
        entries.collect::<Vec<_>>().join(" and ")
    }
}

impl Wanted<'_> {
    /// The zone file with the wanted records.
    pub(crate) fn zone(&self) -> Result<String, Refused> {
        let sets = self.sets.iter();
        bind::zone_file(&Zone {
            origin: self.domain.name.clone(),
            authority: None,
            sets: sets
                .map(|(key, set)| ((*key).clone(), self.goal(key, set)))
                .collect(),
            today: BTreeMap::new(),
            policies: Vec::new(),
            span: self.domain.span,
        })
    }

    /// What stands there once the list is done: an SPF record of today only gets wider.
    fn goal(&self, key: &SetKey, set: &RrSet) -> RrSet {
        let mut goal = set.clone();
        for record in &mut goal.records {
            let tag = record.data.version_tag();
            if key.kind != RecordType::Txt || tag.as_deref() != Some("v=spf1") {
                continue;
            }
            let new = bind::entered(&record.data);
            let declared = self.declared(key).unwrap_or_default();
            let mut today = declared.iter().filter(|text| tag_of(text) == tag);
            if let (Some(old), None) = (today.next(), today.next()) {
                let wider = widened(old, &new);
                record.data = RData::text(wider.unwrap_or_else(|| old.clone()));
            }
        }
        goal
    }

    /// The list for the owner of the zone.
    pub(crate) fn page(&self, plan: &Plan) -> Result<String, Refused> {
        let name = markdown::code(self.domain.name.as_str())?;
        let mut text = format!(
            "# DNS changes: {name}\n\nAnother administrator publishes this domain. The spec declares what is public today; this list says what mail needs besides. Data stands here as one enters it; long text is split by the program that publishes it.\n"
        );
        let topology = &plan.topology;
        let (mut add, mut change, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for (key, set) in &self.sets {
            match self.task(key, set) {
                Task::Add => add.push(self.row(key, set, Vec::new(), texts(set))),
                Task::Change(new) => {
                    let old = self.declared(key).unwrap_or_default();
                    change.push(self.row(key, set, old, new));
                }
                Task::Keep => {}
                Task::Unknown => unknown.push(self.row(key, set, Vec::new(), texts(set))),
            }
        }
        let remove = self.removed();
        let alias = self.declared.alias();
        if let Some(alias) = alias {
            let _ = write!(
                text,
                "\n## First\n\n{name} itself is an alias (CNAME) of {}, and no server answers with the records of this list beside it.\n\n- [ ] Put A and AAAA records in its place, or what the provider calls ALIAS or ANAME\n",
                markdown::code(&alias.value)?
            );
        }
        let nothing = alias.is_none() && add.is_empty() && change.is_empty() && remove.is_empty();
        if nothing && unknown.is_empty() {
            text.push_str("\nNothing has to be changed: the records that are declared are those that mail needs.\n");
        }
        section(&mut text, "Add", &add, false)?;
        let unnamed = unnamed(topology, self.domain);
        if !unnamed.is_empty() && change.iter().chain(&add).any(|row| row.kind == "MX") {
            let hosts: Result<Vec<String>, Refused> =
                unnamed.iter().map(|host| markdown::code(host)).collect();
            let _ = write!(
                text,
                "\n## Before the MX record changes\n\nSenders keep the MTA-STS policy of today, which does not name the new host, and do not deliver there.\n\n- [ ] Add {} to the policy, beside the hosts that it names\n- [ ] Give the record at `_mta-sts` a new `id`\n- [ ] Wait as long as `max_age` of the policy of today says\n",
                hosts?.join(", ")
            );
        }
        section(&mut text, "Change", &change, true)?;
        if !remove.is_empty() {
            text.push_str("\n## Remove, only after the last step of the runbook\n\n");
            for (kind, data) in remove {
                let _ = writeln!(text, "- [ ] {kind} {}", markdown::code(&data)?);
            }
        }
        let kept = self.kept();
        if !kept.is_empty() {
            text.push_str("\n## Keep\n\nRecords that stay as they are:\n\n");
            for (kind, data) in kept {
                let _ = writeln!(text, "- {kind} {}", markdown::code(&data)?);
            }
        }
        if !unknown.is_empty() {
            text.push_str("\n## Not known\n\nThe spec does not declare what stands at these names today (`records`). Compare, and add what is missing:\n");
            rows(&mut text, &unknown, false)?;
            for row in &unknown {
                if let Some(target) = self.alias_at(&row.owner) {
                    let (owner, target) = (markdown::code(&row.owner)?, markdown::code(target)?);
                    let _ = writeln!(
                        text,
                        "\n{owner} is an alias of {target}, about which nobody knows (`records` of the facts)."
                    );
                }
            }
        }
        let about = format!("`{}`", self.domain.name);
        let withheld = plan
            .others_withheld
            .iter()
            .filter(|item| item.what.contains(&about));
        for (number, item) in withheld.enumerate() {
            if number == 0 {
                text.push_str("\n## Missing here\n\n");
            }
            let _ = writeln!(
                text,
                "- {}: {}",
                markdown::prose(&item.what)?,
                markdown::prose(&item.why)?
            );
        }
        Ok(text)
    }

    fn row(&self, key: &SetKey, set: &RrSet, old: Vec<String>, new: Vec<String>) -> Row {
        let mut why: BTreeSet<String> = set
            .records
            .iter()
            .map(crate::dns::record::Record::comment)
            .collect();
        if key.kind == RecordType::Mx && self.domain.mx_now.is_some() {
            why.insert("in the step of the runbook that switches the MX records".to_owned());
        }
        Row {
            owner: key.owner.to_string(),
            kind: key.kind.to_string(),
            ttl: set.ttl,
            old,
            new,
            why: why.into_iter().collect::<Vec<_>>().join(", "),
        }
    }

    /// What differs in the declared records from what mail needs: a record is missing, or is another one.
    pub(crate) fn missing(&self) -> Vec<Missing<'_>> {
        let sets = self.sets.iter();
        let missing = sets.filter_map(|(key, set)| {
            let data = match self.task(key, set) {
                Task::Add => texts(set),
                Task::Change(new) => new,
                Task::Keep | Task::Unknown => return None,
            };
            let (owner, kind) = (&key.owner, key.kind);
            Some(Missing { owner, kind, data })
        });
        missing.collect()
    }

    /// Why receivers act on none of the records that are declared for a policy, where one is meant.
    pub(crate) fn flaw(&self, owner: &str) -> Option<String> {
        let name = self.domain.name.as_str();
        let apex = || -> Vec<String> {
            let texts = self.declared.txt.iter().flatten();
            texts.map(|at| at.value.clone()).collect()
        };
        if owner == name {
            let is_meant =
                |text: &String| !is_record(text) && is_record(text.trim_matches([' ', '"', '\'']));
            return apex().iter().any(is_meant).then(|| {
                "a text that is meant as SPF record begins with a blank or a quotation mark, and receivers take it for none".to_owned()
            });
        }
        let policy = POLICIES.iter().find(|policy| {
            owner
                .strip_prefix(policy.head)
                .and_then(|rest| rest.strip_prefix('.'))
                == Some(name)
        })?;
        let look = |at: &str| {
            if at == name {
                Some(apex())
            } else {
                texts_at(self.plan, at)
            }
        };
        Some(policy.flaw(name, look)?.why)
    }

    /// The text records that are declared at names below the domain: the whole name, where, and what.
    pub(crate) fn declared_texts(&self) -> impl Iterator<Item = (String, Span, &[String])> {
        self.declared.below.iter().filter_map(|(prefix, at)| {
            let texts = at.value.txt.as_deref()?;
            Some((format!("{prefix}.{}", self.domain.name), at.span, texts))
        })
    }

    /// Where the spec declares what stands at a name of the domain; the domain where it does not.
    pub(crate) fn place(&self, owner: &str) -> Span {
        let prefix = owner.strip_suffix(self.domain.name.as_str());
        let prefix = prefix.and_then(|prefix| prefix.strip_suffix('.'));
        let below = prefix.and_then(|prefix| self.declared.below.get(prefix));
        below.map_or(self.domain.span, |at| at.span)
    }

    fn task(&self, key: &SetKey, set: &RrSet) -> Task {
        // A wildcard may agree for all.
        if let Some((about, receiver)) = key.owner.as_str().split_once("._report._dmarc.") {
            return match agrees(self.plan, receiver, about) {
                Some(true) => Task::Keep,
                Some(false) => Task::Add,
                None => Task::Unknown,
            };
        }
        let Some(declared) = self.declared(key) else {
            return Task::Unknown;
        };
        let wanted = texts(set);
        let tag = set
            .records
            .first()
            .and_then(|record| record.data.version_tag());
        if key.kind == RecordType::Tlsa && self.fits(key, &declared) {
            return Task::Keep;
        }
        if key.kind != RecordType::Txt {
            let (known, needed) = (meaning(&declared), meaning(&wanted));
            // Exchangers beside the wanted ones are taken out at the end.
            let enough = match key.kind {
                RecordType::Mx => needed.is_subset(&known),
                _ => needed == known,
            };
            return match (declared.is_empty(), enough) {
                (_, true) => Task::Keep,
                (true, _) => Task::Add,
                (false, _) => Task::Change(wanted),
            };
        }
        // All that stands under the name of a selector is taken for the key.
        if selector_at(key.owner.as_str()).is_some() {
            return match (declared.as_slice(), wanted.as_slice()) {
                ([], _) => Task::Add,
                ([old], [new]) if same_meaning(old, new) => Task::Keep,
                _ => Task::Change(wanted),
            };
        }
        let same = declared
            .iter()
            .filter(|text| tag.is_some() && tag_of(text) == tag);
        let same: Vec<&String> = same.collect();
        match (same.as_slice(), wanted.first()) {
            ([], _) => {
                let stands = |text: &String| declared.iter().any(|at| same_meaning(at, text));
                let all = wanted.iter().all(stands);
                if all { Task::Keep } else { Task::Add }
            }
            ([old], Some(new)) if tag.as_deref() == Some("v=spf1") => match widened(old, new) {
                Some(record) => Task::Change(vec![record]),
                None => Task::Keep,
            },
            ([old], Some(new)) if same_meaning(old, new) => Task::Keep,
            // A parked name is closed by a record that rejects, whatever else it asks for.
            ([old], _) if self.domain.sending == Sending::Parked && rejects_all(old) => Task::Keep,
            _ => Task::Change(wanted),
        }
    }

    /// What the spec declares of a set; nothing where it does not say.
    fn declared(&self, key: &SetKey) -> Option<Vec<String>> {
        let mx = |list: &mut dyn Iterator<Item = &(u16, String)>| -> Vec<String> {
            list.map(|(preference, host)| format!("{preference} {host}"))
                .collect()
        };
        let of_family = |list: Vec<String>| -> Vec<String> {
            let v6 = key.kind == RecordType::Aaaa;
            list.into_iter()
                .filter(|text| text.contains(':') == v6)
                .collect()
        };
        if key.owner.as_str() == self.domain.name.as_str() {
            let texts = |list: &[crate::source::At<String>]| {
                list.iter().map(|at| at.value.clone()).collect::<Vec<_>>()
            };
            return match key.kind {
                RecordType::Mx => {
                    let list = self.declared.mx.as_ref()?;
                    Some(mx(&mut list.iter().map(|at| &at.value)))
                }
                RecordType::Txt => self.declared.txt.as_deref().map(texts),
                RecordType::A | RecordType::Aaaa => {
                    self.declared.a.as_deref().map(texts).map(of_family)
                }
                _ => None,
            };
        }
        let prefix = key.owner.as_str().strip_suffix(self.domain.name.as_str())?;
        let below = self.declared.below.get(prefix.strip_suffix('.')?)?;
        let below = &below.value;
        let name = key.owner.as_str();
        if key.kind != RecordType::Cname && self.alias_at(name).is_some() {
            return match key.kind {
                RecordType::Txt => texts_at(self.plan, name),
                _ => None,
            };
        }
        match key.kind {
            RecordType::Mx => Some(mx(&mut below.mx.as_ref()?.iter())),
            RecordType::Txt => below.txt.clone(),
            RecordType::Cname => below.cname.clone(),
            RecordType::Tlsa => below.tlsa.clone(),
            RecordType::A | RecordType::Aaaa => below.a.clone().map(of_family),
            _ => None,
        }
    }

    /// Whether TLSA records fit all that their host presents, however they are made.
    fn fits(&self, key: &SetKey, declared: &[String]) -> bool {
        let host = key.owner.as_str().strip_prefix("_25._tcp.");
        let named = |at: &At<Host>| at.value.name().map(HostName::as_str) == host;
        let mut locations = self.plan.topology.locations.iter();
        let location = locations.find(|location| location.hosts.iter().any(named));
        let certificate = location.and_then(|location| location.certificate.as_ref());
        certificate.is_some_and(|certificate| fits_all_keys(certificate, declared))
    }

    /// What a name below the domain stands for, by what is declared.
    fn alias_at(&self, name: &str) -> Option<&String> {
        let prefix = name
            .strip_suffix(self.domain.name.as_str())?
            .strip_suffix('.')?;
        self.declared
            .below
            .get(prefix)?
            .value
            .cname
            .as_ref()?
            .first()
    }

    /// Hosts that mail enters at today and shall not enter at in the end.
    fn removed(&self) -> Vec<(&'static str, String)> {
        let wanted: BTreeSet<String> = self
            .sets
            .iter()
            .filter(|(key, _)| key.kind == RecordType::Mx && self.is_apex(key))
            .flat_map(|(_, set)| texts(set))
            .collect();
        let declared = self.declared.mx.iter().flatten();
        let declared = declared.map(|at| format!("{} {}", at.value.0, at.value.1));
        let declared: Vec<String> = declared.collect();
        // Where the set is changed, the list of changes says what it becomes.
        if wanted.is_empty() || wanted.iter().any(|text| !declared.contains(text)) {
            return Vec::new();
        }
        let gone = declared.into_iter().filter(|text| !wanted.contains(text));
        gone.map(|text| ("MX", text)).collect()
    }

    fn is_apex(&self, key: &SetKey) -> bool {
        key.owner.as_str() == self.domain.name.as_str()
    }

    /// Records of other purposes.
    fn kept(&self) -> Vec<(&'static str, String)> {
        let texts = self.declared.txt.iter().flatten();
        let texts = texts.filter(|at| tag_of(&at.value).as_deref() != Some("v=spf1"));
        let texts = texts.map(|at| ("TXT", at.value.clone()));
        let addresses = self.declared.a.iter().flatten();
        texts
            .chain(addresses.map(|at| ("A", at.value.clone())))
            .collect()
    }
}

/// A declared SPF record with the terms that it lacks; nothing where it lacks none. Order and form do not matter.
pub(crate) fn widened(old: &str, new: &str) -> Option<String> {
    let has: BTreeSet<String> = passing(old).map(meaning_of).collect();
    let lacks = passing(new).any(|term| !has.contains(&meaning_of(term)));
    lacks.then(|| joined(old, new))
}

/// The terms that mail needs, before those of today, so that none of these refuses one of them. What stands behind `all`, and
/// `redirect=` beside it, no receiver reads.
pub(crate) fn joined(old: &str, new: &str) -> String {
    let needed: BTreeSet<String> = passing(new).map(meaning_of).collect();
    let rest = passing(old).filter(|term| !needed.contains(&meaning_of(term)));
    let mut ends: Vec<&str> = terms(old).filter(|term| is_all(term)).take(1).collect();
    let is_read = |term: &&str| {
        let (name, _) = term.split_once('=').unwrap_or_default();
        !name.is_empty() && (ends.is_empty() || !name.eq_ignore_ascii_case("redirect"))
    };
    let modifiers: Vec<&str> = terms(old).filter(is_read).collect();
    ends.extend(modifiers);
    let all = ["v=spf1"].into_iter();
    let all = all.chain(passing(new)).chain(rest).chain(ends);
    all.collect::<Vec<_>>().join(" ")
}

fn terms(record: &str) -> impl Iterator<Item = &str> {
    record.split_ascii_whitespace().skip(1)
}

/// The terms of a record before its end.
fn passing(record: &str) -> impl Iterator<Item = &str> {
    let before = terms(record).take_while(|term| !is_all(term));
    before.filter(|term| !term.contains('='))
}

/// What a term says; the text itself where receivers cannot read it.
fn meaning_of(term: &str) -> String {
    Term::parse(term).map_or_else(|| term.to_ascii_lowercase(), |term| term.meaning())
}

fn is_all(term: &str) -> bool {
    Term::parse(term).is_some_and(|term| term.mechanism == Mechanism::All)
}

fn tag_of(text: &str) -> Option<String> {
    RData::text(text).version_tag()
}

/// Tags of a record in any order.
fn tags(text: &str) -> BTreeSet<String> {
    let tags = text
        .split(';')
        .map(|tag| tag.split_ascii_whitespace().collect::<String>());
    tags.filter(|tag| !tag.is_empty()).collect()
}

/// Whether a DMARC record has all mail rejected, that of names below too.
fn rejects_all(text: &str) -> bool {
    let tags = tags(text);
    let milder = |tag: &String| {
        let below = ["sp=", "np="].iter().any(|name| tag.starts_with(name));
        below && !tag.ends_with("=reject") || tag == "t=y"
    };
    tags.contains("v=DMARC1") && tags.contains("p=reject") && !tags.iter().any(milder)
}

fn meaning(data: &[String]) -> BTreeSet<String> {
    data.iter()
        .map(|text| text.trim_end_matches('.').to_ascii_lowercase())
        .collect()
}

/// The data of a set, as one enters it.
fn texts(set: &RrSet) -> Vec<String> {
    set.records
        .iter()
        .map(|record| bind::entered(&record.data))
        .collect()
}

fn section(text: &mut String, title: &str, list: &[Row], changes: bool) -> Result<(), Refused> {
    if list.is_empty() {
        return Ok(());
    }
    let _ = write!(text, "\n## {title}\n");
    rows(text, list, changes)
}

fn rows(text: &mut String, list: &[Row], changes: bool) -> Result<(), Refused> {
    let header: &[&str] = if changes {
        &["name", "type", "TTL", "today", "wanted", "why"]
    } else {
        &["name", "type", "TTL", "data", "why"]
    };
    let codes = |data: &[String]| -> Result<String, Refused> {
        let codes: Result<Vec<String>, Refused> =
            data.iter().map(|text| markdown::code(text)).collect();
        Ok(codes?.join(", "))
    };
    let mut cells = Vec::new();
    for row in list {
        let mut line = vec![
            markdown::code(&row.owner)?,
            row.kind.clone(),
            row.ttl.to_string(),
        ];
        if changes {
            line.push(codes(&row.old)?);
        }
        line.push(codes(&row.new)?);
        line.push(markdown::text(&row.why)?);
        cells.push(line);
    }
    let _ = write!(text, "\n{}", markdown::table(header, &cells));
    Ok(())
}
