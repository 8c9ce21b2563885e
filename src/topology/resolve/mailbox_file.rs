//! Files that list mailboxes: one address per line, or CSV with what else is known of each.
//!
//! One file may serve many domains and locations; it is read once, and each domain takes the rows that end in its name.

use crate::finding::{Code, Finding, Findings};
use crate::source::{FileId, Sources, Span};
use crate::topology::resolve::table::{self, Columns, Row, RowFindings};
use crate::topology::resolve::value::bad_value;
use crate::topology::{LocationId, Recipient, RecipientDetails};
use crate::values::{Address, Addresses, DomainName};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The columns that a list of mailboxes knows.
const KNOWN: [&str; 7] = [
    "address",
    "location",
    "target",
    "aliases",
    "city",
    "department",
    "groups",
];
const ADDRESS: usize = 0;
const LOCATION: usize = 1;
const TARGET: usize = 2;
const ALIASES: usize = 3;
const CITY: usize = 4;
const DEPARTMENT: usize = 5;
const GROUPS: usize = 6;

/// A list of mailboxes as read from its file.
#[derive(Debug)]
pub(super) struct MailboxFile {
    /// The file.
    pub(super) file: FileId,
    /// Whether the list says where each mailbox is.
    pub(super) has_location: bool,
    /// Rows could not be read, so that a missing address proves nothing.
    pub(super) incomplete: bool,
    /// Names in the column `location`, each with the row that it first stands in.
    pub(super) locations: Vec<(String, Span)>,
    /// What these names stand for, once somebody has looked.
    pub(super) location_ids: Option<Vec<Option<LocationId>>>,
    /// Rows by the domain that their address ends in.
    domains: BTreeMap<DomainName, OfDomain>,
}

/// The rows of one domain.
#[derive(Debug, Default)]
pub(super) struct OfDomain {
    /// By local part; those that a place took for itself are gone.
    pub(super) rows: Vec<MailboxRow>,
    /// The first row as it stood in the file, and how many there were.
    listed: Option<(Span, u64)>,
    /// The domain took them.
    taken: bool,
}

/// A row.
#[derive(Clone, Debug)]
pub(super) struct MailboxRow {
    /// The mailbox.
    pub(super) recipient: Recipient,
    /// Position in `locations`, where the row names one.
    pub(super) location: Option<u32>,
}

impl MailboxFile {
    /// The rows whose address ends in this domain, where there are any.
    pub(super) fn of_domain(&mut self, domain: &DomainName) -> Option<&mut OfDomain> {
        let of_domain = self.domains.get_mut(domain)?;
        of_domain.taken = true;
        Some(of_domain)
    }

    /// Rows that no domain took are said so: an address that is not delivered is no detail.
    pub(super) fn report_untaken(&self, sources: &Sources, findings: &mut Findings) {
        let untaken: Vec<(&DomainName, Span, u64)> = self
            .domains
            .iter()
            .filter(|(_, of_domain)| !of_domain.taken)
            .filter_map(|(domain, of_domain)| {
                let (first, count) = of_domain.listed?;
                Some((domain, first, count))
            })
            .collect();
        let Some(&(first, _, _)) = untaken.first() else {
            return;
        };
        let span = untaken
            .iter()
            .map(|(_, span, _)| *span)
            .min()
            .unwrap_or_default();
        let rows: u64 = untaken.iter().map(|(_, _, count)| count).sum();
        let name = &sources.file(self.file).name;
        let who = match untaken.len() {
            1 => format!("of `{first}`"),
            many => format!("of {many} domains"),
        };
        let addresses = if rows == 1 { "address" } else { "addresses" };
        let mut finding = Finding::warning(
            Code::S012,
            format!(
                "`{name}` lists {rows} {addresses} {who}, which no domain of the spec takes from it"
            ),
        )
        .at(span, "the first of them")
        .help(format!(
            "name the file in `mailboxes` of `{first}`, or leave the rows out"
        ))
        .domains(untaken.iter().map(|(domain, _, _)| domain.as_str()));
        finding.recipients = Some(rows);
        findings.push(finding);
    }
}

/// Reads a list of mailboxes.
pub(super) fn read(sources: &Sources, file: FileId, findings: &mut Findings) -> MailboxFile {
    let mut list = MailboxFile {
        file,
        has_location: false,
        incomplete: false,
        locations: Vec::new(),
        location_ids: None,
        domains: BTreeMap::new(),
    };
    let mut addresses = Addresses::default();
    let mut details = Details::default();
    let mut locations = Locations::default();
    let mut mistakes = RowFindings::default();
    let mut domains = Domains::default();
    let columns =
        table::rows(
            sources,
            file,
            &KNOWN,
            findings,
            |row, columns, findings| match mailbox(row, columns, &mut addresses, &mut details) {
                Ok(recipient) => {
                    let location = locations.of(row);
                    domains.push(MailboxRow {
                        recipient,
                        location,
                    });
                }
                Err(finding) => mistakes.push(*finding, findings),
            },
        );
    mistakes.finish(findings);
    list.has_location = columns.has(LOCATION);
    list.incomplete = columns.incomplete || mistakes.any();
    list.locations = locations.names;
    list.domains = domains.sorted();
    list
}

/// Few domains serve many rows, so that each row is sorted among those of its own alone.
#[derive(Default)]
struct Domains {
    known: HashMap<DomainName, usize>,
    rows: Vec<Vec<MailboxRow>>,
}

impl Domains {
    fn push(&mut self, row: MailboxRow) {
        let domain = row.recipient.address.domain();
        let index = if let Some(index) = self.known.get(domain) {
            *index
        } else {
            self.known.insert(domain.clone(), self.rows.len());
            self.rows.push(Vec::new());
            self.rows.len() - 1
        };
        if let Some(rows) = self.rows.get_mut(index) {
            rows.push(row);
        }
    }

    fn sorted(mut self) -> BTreeMap<DomainName, OfDomain> {
        self.known
            .into_iter()
            .map(|(domain, index)| {
                let mut rows = self
                    .rows
                    .get_mut(index)
                    .map(std::mem::take)
                    .unwrap_or_default();
                let listed = rows
                    .first()
                    .map(|row| (row.recipient.span, rows.len() as u64));
                // Rows of one address stay in the order of the file, so that the second is the duplicate.
                rows.shrink_to_fit();
                rows.sort_by(|a, b| a.recipient.address.local().cmp(b.recipient.address.local()));
                let of_domain = OfDomain {
                    rows,
                    listed,
                    taken: false,
                };
                (domain, of_domain)
            })
            .collect()
    }
}

fn mailbox(
    row: &Row<'_>,
    columns: &Columns,
    addresses: &mut Addresses,
    known: &mut Details,
) -> Result<Recipient, Box<Finding>> {
    let mut address = |text: &str| {
        addresses
            .parse(text)
            .map_err(|bad| Box::new(bad_value(bad, row.span)))
    };
    let text = row.get(ADDRESS);
    if text.is_empty() {
        return Err(Box::new(
            Finding::error(Code::S019, "this row has no address").at(row.span, ""),
        ));
    }
    let own = address(text)?;
    let target = match row.get(TARGET) {
        "" => None,
        text => Some(address(text)?),
    };
    let aliases = if columns.has(ALIASES) {
        let mut aliases = split(row.get(ALIASES))
            .map(address)
            .collect::<Result<Vec<Address>, _>>()?;
        aliases.sort();
        Some(aliases)
    } else {
        None
    };
    let text = |column| {
        Some(row.get(column))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let details = RecipientDetails {
        target,
        aliases,
        city: text(CITY),
        department: text(DEPARTMENT),
        groups: split(row.get(GROUPS)).map(str::to_owned).collect(),
    };
    Ok(Recipient {
        address: own,
        span: row.span,
        details: known.of(details),
    })
}

/// Many mailboxes have the same city and department, which are kept once.
#[derive(Default)]
struct Details(HashSet<Arc<RecipientDetails>>);

impl Details {
    fn of(&mut self, details: RecipientDetails) -> Option<Arc<RecipientDetails>> {
        if details == RecipientDetails::default() {
            return None;
        }
        let is_personal = details.target.is_some()
            || details
                .aliases
                .as_ref()
                .is_some_and(|aliases| !aliases.is_empty());
        if is_personal {
            return Some(Arc::new(details));
        }
        if let Some(known) = self.0.get(&details) {
            return Some(Arc::clone(known));
        }
        let details = Arc::new(details);
        self.0.insert(Arc::clone(&details));
        Some(details)
    }
}

fn split(field: &str) -> impl Iterator<Item = &str> {
    field
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Few locations serve many rows, so that each name is kept once.
#[derive(Default)]
struct Locations {
    names: Vec<(String, Span)>,
    known: HashMap<Box<str>, u32>,
}

impl Locations {
    fn of(&mut self, row: &Row<'_>) -> Option<u32> {
        let name = row.get(LOCATION);
        if name.is_empty() {
            return None;
        }
        if let Some(known) = self.known.get(name) {
            return Some(*known);
        }
        let position = u32::try_from(self.names.len()).ok()?;
        self.names.push((name.to_owned(), row.span));
        self.known.insert(name.into(), position);
        Some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (MailboxFile, Vec<String>) {
        let mut sources = Sources::default();
        let id = sources.add("users.csv", text);
        let mut findings = Findings::default();
        let list = read(&sources, id, &mut findings);
        list.report_untaken(&sources, &mut findings);
        let said = findings
            .iter()
            .map(|f| format!("{} {}", f.check, f.message))
            .collect();
        (list, said)
    }

    #[test]
    fn each_domain_takes_its_rows() {
        let text = "address,location,target,aliases,city,groups\n\
                    Bob@contoso.com,hq,,b@contoso.com; bobby@contoso.com,New Orleans,sales;all\n\
                    al@eu.contoso.com,cloud,al@contoso.mail.onmicrosoft.com,,,\n\
                    al@contoso.com,hq,,,,\n";
        let (mut list, _) = file(text);
        let domain = DomainName::parse("contoso.com").unwrap();
        let rows = &list.of_domain(&domain).unwrap().rows;
        let names: Vec<_> = rows
            .iter()
            .map(|row| row.recipient.address.to_string())
            .collect();
        assert_eq!(names, ["al@contoso.com", "bob@contoso.com"]);
        let details = rows[1].recipient.details.as_deref().unwrap();
        assert_eq!(details.aliases.as_ref().map(Vec::len), Some(2));
        assert_eq!(
            (details.city.as_deref(), details.groups.len()),
            (Some("New Orleans"), 2)
        );
        assert_eq!(rows[0].location, rows[1].location);
        let eu = DomainName::parse("eu.contoso.com").unwrap();
        let details = list.of_domain(&eu).unwrap().rows[0]
            .recipient
            .details
            .clone()
            .unwrap();
        assert_eq!(details.aliases, Some(Vec::new()));
        assert_eq!(
            details.target.as_ref().map(ToString::to_string).as_deref(),
            Some("al@contoso.mail.onmicrosoft.com")
        );
        let mut findings = Findings::default();
        list.report_untaken(&Sources::default(), &mut findings);
        assert_eq!(findings.iter().count(), 0);
    }

    #[test]
    fn rows_that_nobody_takes_are_said() {
        let (_, said) = file("a@contoso.com\nb@contoso.com\nc@fabrikam.com\n");
        assert_eq!(
            said,
            [
                "S012 `users.csv` lists 3 addresses of 2 domains, which no domain of the spec takes from it"
            ]
        );
    }

    #[test]
    fn bad_rows_do_not_hide_good_ones() {
        let (list, said) = file("address\nbob\n\"\"\na@contoso.com\n");
        assert_eq!(
            list.domains
                .values()
                .map(|of_domain| of_domain.rows.len())
                .sum::<usize>(),
            1
        );
        assert!(said[0].starts_with("S019 `bob` is no address"), "{said:?}");
    }

    #[test]
    fn a_mailbox_is_small() {
        assert!(size_of::<MailboxRow>() <= 64);
    }
}
