//! Mailboxes that a file lists: one file may serve many domains and places.

use crate::finding::{Code, Finding, Object};
use crate::source::{At, FileId, Span};
use crate::spec::Share;
use crate::topology::resolve::context::{Scope, Wanted};
use crate::topology::resolve::mailbox_file::{self, MailboxFile, OfDomain};
use crate::topology::resolve::table::RowFindings;
use crate::topology::{Holder, Holds, LocationId, Party, Recipient};
use crate::values::DomainName;
use crate::yaml::{PathText, Slot};
use std::collections::BTreeMap;

/// The places among which the rows of a file are divided.
pub(super) struct Places {
    /// Those that read a file.
    reading: Vec<LocationId>,
    /// Those, and the one that takes whoever is not listed elsewhere.
    taking: Vec<LocationId>,
}

impl Places {
    /// Of the parts of a domain's mailboxes.
    pub(super) fn of(named: &[(At<LocationId>, At<&Share>)]) -> Self {
        Self {
            reading: of_shares(named, |share| matches!(share, Share::File(_))),
            taking: of_shares(named, |share| matches!(share, Share::File(_) | Share::Rest)),
        }
    }
}

fn of_shares(
    named: &[(At<LocationId>, At<&Share>)],
    fits: impl Fn(&Share) -> bool,
) -> Vec<LocationId> {
    let fitting = named.iter().filter(|(_, share)| fits(share.value));
    fitting.map(|(location, _)| location.value).collect()
}

/// What one location takes from a file: its own rows, and those that name no location.
pub(super) fn from_file(
    domain: &DomainName,
    location: LocationId,
    places: &Places,
    path: &Slot<PathText>,
    scope: &mut Scope<'_>,
) -> Vec<Recipient> {
    let Some(file) = open(path, scope) else {
        return Vec::new();
    };
    let Some(mut list) = scope.mailbox_files.remove(&file) else {
        return Vec::new();
    };
    let ids = location_ids(&mut list, scope);
    let incomplete = list.incomplete;
    let of_domain = list.of_domain(domain);
    let is_missing = of_domain.is_none();
    let is_last = places.reading.last() == Some(&location);
    let mut strangers: BTreeMap<LocationId, (u64, Span)> = BTreeMap::new();
    let recipients = match of_domain {
        Some(of_domain) => take(of_domain, location, is_last, &ids, |named, span| {
            if !places.taking.contains(&named) {
                strangers.entry(named).or_insert((0, span)).0 += 1;
            }
        }),
        None => Vec::new(),
    };
    // Said once, by the first of the places that read the file.
    if places.reading.first() == Some(&location) {
        for (stranger, (count, span)) in strangers {
            let name = scope.location_name(stranger).to_owned();
            let rows = if count == 1 {
                "1 row".to_owned()
            } else {
                format!("{count} rows")
            };
            scope.error_help(
                Code::S001,
                format!("`{name}` does not take mailboxes of `{domain}` from a file, and {rows} of this one would be lost"),
                span,
                format!("write `{name}: {{file: …}}` under `mailboxes` of `{domain}` too"),
            );
        }
    }
    if is_missing
        && !incomplete
        && let Some(at) = path.at()
    {
        scope.findings.push(
            Finding::warning(
                Code::S009,
                format!("`{}` lists no address of `{domain}`", at.value),
            )
            .at(at.span, "")
            .help(format!("add rows that end in `@{domain}`"))
            .on(Object::Domain(domain.as_str().to_owned())),
        );
    }
    scope.mailbox_files.insert(file, list);
    recipients
}

/// The rows of one place, by local part. A row that names it is no other's and is moved; one that names no place stays
/// until the last, because each place that reads the file has it.
pub(super) fn take(
    of_domain: &mut OfDomain,
    location: LocationId,
    is_last: bool,
    ids: &[Option<LocationId>],
    mut elsewhere: impl FnMut(LocationId, Span),
) -> Vec<Recipient> {
    let rows = std::mem::take(&mut of_domain.rows);
    if is_last && rows.iter().all(|row| row.location.is_none()) {
        return rows.into_iter().map(|row| row.recipient).collect();
    }
    let mut taken = Vec::with_capacity(rows.len());
    let mut left = Vec::new();
    for row in rows {
        let Some(named) = row.location else {
            if !is_last {
                left.push(row.clone());
            }
            taken.push(row.recipient);
            continue;
        };
        match ids.get(named as usize).copied().flatten() {
            Some(named) if named == location => taken.push(row.recipient),
            Some(named) => {
                elsewhere(named, row.recipient.span);
                left.push(row);
            }
            None => {}
        }
    }
    of_domain.rows = left;
    taken.shrink_to_fit();
    taken
}

/// All rows of a file, each at the location that it names.
pub(super) fn located(
    domain: &DomainName,
    path: &Slot<PathText>,
    scope: &mut Scope<'_>,
) -> Vec<Holder> {
    let Some(file) = open(path, scope) else {
        return Vec::new();
    };
    let Some(mut list) = scope.mailbox_files.remove(&file) else {
        return Vec::new();
    };
    let span = path.span().unwrap_or_default();
    if !list.has_location && !list.incomplete {
        let name = path.at().map(|at| at.value.to_string()).unwrap_or_default();
        scope.error_help(
            Code::S019,
            format!(
                "`{name}` has no column `location`, and nothing else says where these mailboxes are"
            ),
            span,
            format!("write `mailboxes: {{LOCATION: {{file: {name}}}}}`, or add the column"),
        );
        list.of_domain(domain);
        scope.mailbox_files.insert(file, list);
        return Vec::new();
    }
    let ids = location_ids(&mut list, scope);
    let mut by_location: BTreeMap<LocationId, Vec<Recipient>> = BTreeMap::new();
    let mut mistakes = RowFindings::default();
    let rows = list
        .of_domain(domain)
        .map(|of_domain| std::mem::take(&mut of_domain.rows));
    for row in rows.unwrap_or_default() {
        match row.location {
            None => mistakes.push(
                Finding::error(Code::S019, "this row names no location").at(row.recipient.span, ""),
                scope.findings,
            ),
            Some(named) => {
                if let Some(Some(id)) = ids.get(named as usize) {
                    by_location.entry(*id).or_default().push(row.recipient);
                }
            }
        }
    }
    mistakes.finish(scope.findings);
    scope.mailbox_files.insert(file, list);
    by_location
        .into_iter()
        .map(|(location, recipients)| Holder {
            location,
            holds: Holds::Listed(recipients),
            span,
        })
        .collect()
}

/// Reads the list the first time that it is named.
pub(super) fn open(path: &Slot<PathText>, scope: &mut Scope<'_>) -> Option<FileId> {
    let at = path.at()?;
    let file = scope.reader.open(&at.value, at.span, scope.findings)?;
    if !scope.mailbox_files.contains_key(&file) {
        let list = mailbox_file::read(scope.reader.sources, file, scope.findings);
        scope.mailbox_files.insert(file, list);
    }
    Some(file)
}

/// The locations that the rows name; a name that is none is reported once per file.
pub(super) fn location_ids(
    list: &mut MailboxFile,
    scope: &mut Scope<'_>,
) -> Vec<Option<LocationId>> {
    if let Some(ids) = &list.location_ids {
        return ids.clone();
    }
    let ids: Vec<Option<LocationId>> = list
        .locations
        .iter()
        .map(
            |(name, span)| match scope.party(name, *span, &[Wanted::Location])?.value {
                Party::Location(id)
                    if scope.kind(id).is_some_and(|kind| !kind.holds_mailboxes()) =>
                {
                    scope.error(Code::S022, format!("`{name}` holds no mailboxes"), *span);
                    None
                }
                Party::Location(id) => Some(id),
                _ => None,
            },
        )
        .collect();
    list.location_ids = Some(ids.clone());
    ids
}
