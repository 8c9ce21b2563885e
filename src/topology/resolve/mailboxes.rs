//! Where the mailboxes of a domain are: one place, counts, lists, files, and everybody else.

use super::mailbox_file::{self, MailboxFile, OfDomain};
use super::scope::{Scope, Wanted, listed};
use super::table::RowFindings;
use crate::finding::{Finding, Findings, Object};
use crate::source::{At, FileId, Span};
use crate::spec::{self, Kind, Mailboxes, Share};
use crate::topology::{Domain, Holder, Holds, LocationId, Party, Recipient};
use crate::values::{Address, Addresses, DomainName};
use crate::yaml::{List, PathText, Slot};
use std::collections::BTreeMap;

/// The holders of a domain, by location.
pub(super) fn holders(
    domain: &DomainName,
    slot: &Slot<Box<Mailboxes>>,
    scope: &mut Scope<'_>,
) -> Vec<Holder> {
    let Some(At { value, span }) = slot.at() else {
        return Vec::new();
    };
    let mut holders = match &**value {
        Mailboxes::All(name) => holding_place(name, *span, domain, scope)
            .map(|location| Holder {
                location,
                holds: Holds::Rest,
                span: *span,
            })
            .into_iter()
            .collect(),
        Mailboxes::File(path) => located(domain, path, scope),
        Mailboxes::Parts(map) => {
            let named: Vec<(At<LocationId>, At<&Share>)> = map
                .entries
                .iter()
                .filter_map(|(name, share)| {
                    let location = holding_place(&name.value, name.span, domain, scope)?;
                    Some((
                        At::new(location, name.span),
                        At::new(&share.value, share.span),
                    ))
                })
                .collect();
            parts(domain, &named, scope)
        }
    };
    holders.sort_by_key(|holder| holder.location);
    refuse_two_rests(&holders, scope);
    refuse_double_addresses(&mut holders, scope);
    holders
}

/// A location that can hold mailboxes.
fn holding_place(
    name: &str,
    span: Span,
    domain: &DomainName,
    scope: &mut Scope<'_>,
) -> Option<LocationId> {
    let place = scope.location(name, span)?;
    match scope.kind(place.value) {
        Some(kind @ (Kind::Gateway | Kind::Eop)) => {
            let instead = if kind == Kind::Eop {
                "exchange-online"
            } else {
                "smtp"
            };
            scope.findings.push(
                Finding::error("S022", format!("`{name}` is `{}`, which holds no mailboxes", kind.word()))
                    .at(span, "")
                    .help(format!("name the place that the mail ends at, or write `kind: {instead}` if it is `{name}`"))
                    .on(Object::Domain(domain.as_str().to_owned()))
                    .on(Object::Location(name.to_owned())),
            );
            None
        }
        _ => Some(place.value),
    }
}

fn parts(
    domain: &DomainName,
    named: &[(At<LocationId>, At<&Share>)],
    scope: &mut Scope<'_>,
) -> Vec<Holder> {
    let places = Places {
        reading: of_shares(named, |share| matches!(share, Share::File(_))),
        taking: of_shares(named, |share| matches!(share, Share::File(_) | Share::Rest)),
    };
    named
        .iter()
        .map(|(location, share)| Holder {
            location: location.value,
            holds: match share.value {
                Share::Count(count) => Holds::Count(*count),
                Share::Rest => Holds::Rest,
                Share::Addresses(list) => Holds::Listed(inline(domain, list, scope)),
                Share::File(path) => {
                    Holds::Listed(from_file(domain, location.value, &places, path, scope))
                }
            },
            span: location.span,
        })
        .collect()
}

/// The places among which the rows of a file are divided.
struct Places {
    /// Those that read a file.
    reading: Vec<LocationId>,
    /// Those, and the one that takes whoever is not listed elsewhere.
    taking: Vec<LocationId>,
}

fn of_shares(
    named: &[(At<LocationId>, At<&Share>)],
    fits: impl Fn(&Share) -> bool,
) -> Vec<LocationId> {
    let fitting = named.iter().filter(|(_, share)| fits(share.value));
    fitting.map(|(location, _)| location.value).collect()
}

fn inline(
    domain: &DomainName,
    list: &List<crate::yaml::AddressText>,
    scope: &mut Scope<'_>,
) -> Vec<Recipient> {
    let mut addresses = Addresses::default();
    let mut recipients = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let Some(address) = scope.value(&item.value, item.span, |text| addresses.parse(text))
        else {
            continue;
        };
        if address.value.domain() != domain {
            scope.error_help(
                "S019",
                format!("`{}` is no address of `{domain}`", address.value),
                item.span,
                format!("list it under `mailboxes` of `{}`", address.value.domain()),
            );
            continue;
        }
        recipients.push(Recipient {
            address: address.value,
            span: item.span,
            details: None,
        });
    }
    recipients.sort_by(|a, b| a.address.cmp(&b.address));
    recipients
}

/// What one location takes from a file: its own rows, and those that name no location.
fn from_file(
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
    let mut strangers: BTreeMap<LocationId, (u64, Span)> = BTreeMap::new();
    let recipients = match of_domain {
        Some(of_domain) => take(of_domain, location, &ids, |named, span| {
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
                "S001",
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
                "S009",
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

/// The rows of one place, by local part. A row that names it is no other's and is moved; one that names no place stays,
/// because each place that reads the file has it.
fn take(
    of_domain: &mut OfDomain,
    location: LocationId,
    ids: &[Option<LocationId>],
    mut elsewhere: impl FnMut(LocationId, Span),
) -> Vec<Recipient> {
    let mut taken = Vec::new();
    let mut left = Vec::new();
    for row in std::mem::take(&mut of_domain.rows) {
        let Some(named) = row.location else {
            taken.push(row.recipient.clone());
            left.push(row);
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
    taken
}

/// All rows of a file, each at the location that it names.
fn located(domain: &DomainName, path: &Slot<PathText>, scope: &mut Scope<'_>) -> Vec<Holder> {
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
            "S019",
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
                Finding::error("S019", "this row names no location").at(row.recipient.span, ""),
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
fn open(path: &Slot<PathText>, scope: &mut Scope<'_>) -> Option<FileId> {
    let at = path.at()?;
    let file = scope.reader.open(&at.value, at.span, scope.findings)?;
    if !scope.mailbox_files.contains_key(&file) {
        let list = mailbox_file::read(scope.reader.sources, file, scope.findings);
        scope.mailbox_files.insert(file, list);
    }
    Some(file)
}

/// The locations that the rows name; a name that is none is reported once per file.
fn location_ids(list: &mut MailboxFile, scope: &mut Scope<'_>) -> Vec<Option<LocationId>> {
    if let Some(ids) = &list.location_ids {
        return ids.clone();
    }
    let ids: Vec<Option<LocationId>> = list
        .locations
        .iter()
        .map(
            |(name, span)| match scope.party(name, *span, &[Wanted::Location])?.value {
                Party::Location(id)
                    if matches!(scope.kind(id), Some(Kind::Gateway | Kind::Eop)) =>
                {
                    scope.error("S022", format!("`{name}` holds no mailboxes"), *span);
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

fn refuse_two_rests(holders: &[Holder], scope: &mut Scope<'_>) {
    let rests: Vec<&Holder> = holders
        .iter()
        .filter(|holder| matches!(holder.holds, Holds::Rest))
        .collect();
    if let [first, second, ..] = rests.as_slice() {
        let (first, second) = if first.span <= second.span {
            (first, second)
        } else {
            (second, first)
        };
        scope.findings.push(
            Finding::error(
                "S010",
                "two places hold everybody who is not listed elsewhere",
            )
            .at(second.span, "")
            .at(first.span, "the other")
            .help("write `rest` at one place, and a count or a list at the others"),
        );
    }
}

/// An address is at one place, once. The lists are sorted, so that equal ones stand together.
fn refuse_double_addresses(holders: &mut [Holder], scope: &mut Scope<'_>) {
    let mut mistakes = RowFindings::default();
    for holder in holders.iter_mut() {
        if let Holds::Listed(recipients) = &mut holder.holds {
            drop_repeated(recipients, &mut mistakes, scope.findings);
        }
    }
    let lists: Vec<(LocationId, &[Recipient])> = holders
        .iter()
        .filter_map(|holder| match &holder.holds {
            Holds::Listed(recipients) => Some((holder.location, recipients.as_slice())),
            Holds::Count(_) | Holds::Rest => None,
        })
        .collect();
    for (index, (location, recipients)) in lists.iter().enumerate() {
        for (other, others) in lists.iter().skip(index + 1) {
            for (a, b) in common(recipients, others) {
                let (at, elsewhere) = (
                    scope.location_name(*location).to_owned(),
                    scope.location_name(*other).to_owned(),
                );
                mistakes.push(
                    Finding::error(
                        "S010",
                        format!(
                            "the mailbox `{}` is at two places, `{at}` and `{elsewhere}`",
                            a.address
                        ),
                    )
                    .at(b.span, format!("at `{elsewhere}`"))
                    .at(a.span, format!("at `{at}`"))
                    .help("keep one of them"),
                    scope.findings,
                );
            }
        }
    }
    mistakes.finish(scope.findings);
}

fn drop_repeated(
    recipients: &mut Vec<Recipient>,
    mistakes: &mut RowFindings,
    findings: &mut Findings,
) {
    let mut first: Option<(Address, Span)> = None;
    recipients.retain(|recipient| {
        if let Some((address, span)) = &first
            && *address == recipient.address
        {
            mistakes.push(
                Finding::error(
                    "S002",
                    format!(
                        "the address `{}` stands twice in this list",
                        recipient.address
                    ),
                )
                .at(recipient.span, "")
                .at(*span, "first here")
                .help("delete one of them"),
                findings,
            );
            return false;
        }
        first = Some((recipient.address.clone(), recipient.span));
        true
    });
}

/// Pairs with the same address of two sorted lists.
fn common<'r>(a: &'r [Recipient], b: &'r [Recipient]) -> Vec<(&'r Recipient, &'r Recipient)> {
    let (mut left, mut right) = (a.iter().peekable(), b.iter().peekable());
    let mut pairs = Vec::new();
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        match x.address.cmp(&y.address) {
            std::cmp::Ordering::Less => drop(left.next()),
            std::cmp::Ordering::Greater => drop(right.next()),
            std::cmp::Ordering::Equal => {
                pairs.extend(left.next().zip(right.next()));
            }
        }
    }
    pairs
}

/// The parts and the total beside them must agree, as far as they are known.
pub(super) fn check_total(
    domain: &DomainName,
    holders: &[Holder],
    total: Option<&At<u64>>,
    scope: &mut Scope<'_>,
) {
    let Some(total) = total else {
        return;
    };
    let mut sum: u64 = 0;
    let mut open = holders.is_empty();
    for holder in holders {
        match &holder.holds {
            Holds::Count(count) => sum = sum.saturating_add(*count),
            Holds::Listed(recipients) => sum = sum.saturating_add(recipients.len() as u64),
            Holds::Rest => open = true,
        }
    }
    let difference = if sum > total.value {
        format!("{} more than the total", sum - total.value)
    } else if sum < total.value && !open {
        format!("{} fewer than the total", total.value - sum)
    } else {
        return;
    };
    scope.findings.push(
        Finding::warning(
            "S009",
            format!(
                "the places of `{domain}` hold {sum} mailboxes, {difference} of {}",
                total.value
            ),
        )
        .at(total.span, "")
        .help(format!(
            "write `total: {sum}`, or give the missing ones a place"
        ))
        .on(Object::Domain(domain.as_str().to_owned())),
    );
}

/// Every address belongs to one mailbox, whatever list and domain it stands in.
pub(super) fn refuse_double_aliases(domains: &[Domain], findings: &mut Findings) {
    let mut aliases: Vec<(&Address, &Recipient)> = Vec::new();
    for recipient in domains.iter().flat_map(recipients) {
        let of = recipient
            .details
            .as_deref()
            .and_then(|details| details.aliases.as_deref());
        aliases.extend(
            of.unwrap_or_default()
                .iter()
                .map(|alias| (alias, recipient)),
        );
    }
    aliases.sort_by(|a, b| (a.0, a.1.span).cmp(&(b.0, b.1.span)));
    let mut mistakes = RowFindings::default();
    let mut refuse =
        |alias: &Address, first: &Recipient, second: &Recipient, findings: &mut Findings| {
            mistakes.push(
                Finding::error(
                    "S011",
                    format!(
                        "`{alias}` is an address of two mailboxes, `{}` and `{}`",
                        first.address, second.address
                    ),
                )
                .at(second.span, "")
                .at(first.span, "the other")
                .help("leave it to one of them"),
                findings,
            );
        };
    for pair in aliases.windows(2) {
        if let [(alias, first), (again, second)] = pair
            && alias == again
            && first.address != second.address
        {
            refuse(alias, first, second, findings);
        }
    }
    for (alias, owner) in aliases {
        if *alias != owner.address
            && let Some(other) = mailbox(domains, alias)
        {
            refuse(alias, other, owner, findings);
        }
    }
    mistakes.finish(findings);
}

fn recipients(domain: &Domain) -> impl Iterator<Item = &Recipient> {
    domain
        .holders
        .iter()
        .flat_map(|holder| match &holder.holds {
            Holds::Listed(recipients) => recipients.as_slice(),
            Holds::Count(_) | Holds::Rest => &[],
        })
}

/// The listed mailbox with this address as its own.
fn mailbox<'d>(domains: &'d [Domain], address: &Address) -> Option<&'d Recipient> {
    let at = domains
        .binary_search_by(|domain| domain.name.cmp(address.domain()))
        .ok()?;
    domains
        .get(at)?
        .holders
        .iter()
        .find_map(|holder| match &holder.holds {
            Holds::Listed(recipients) => {
                let at = recipients
                    .binary_search_by(|recipient| recipient.address.cmp(address))
                    .ok()?;
                recipients.get(at)
            }
            Holds::Count(_) | Holds::Rest => None,
        })
}

/// The kinds of the holders, for messages.
pub(super) fn kinds_of(holders: &[Holder], scope: &Scope<'_>) -> Vec<spec::Kind> {
    holders
        .iter()
        .filter_map(|holder| scope.kind(holder.location))
        .collect()
}

/// Names of the places, for messages.
pub(super) fn names_of(holders: &[Holder], scope: &Scope<'_>) -> String {
    let names: Vec<&str> = holders
        .iter()
        .map(|holder| scope.location_name(holder.location))
        .collect();
    listed(&names)
}
