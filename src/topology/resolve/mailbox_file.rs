//! Files that list mailboxes: one address per line, or CSV with what else is known of each.
//!
//! One file may serve many domains and locations; it is read once, and each domain takes the rows that end in its name.

use super::table::{self, Columns, Row, RowFindings};
use super::value::bad_value;
use crate::finding::{Finding, Findings};
use crate::source::{FileId, Sources, Span};
use crate::topology::{LocationId, Recipient, RecipientDetails};
use crate::values::{Address, Addresses, DomainName};
use std::collections::{BTreeMap, HashMap};

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
    /// All rows, by domain and local part.
    rows: Vec<MailboxRow>,
    /// Domains whose rows were taken.
    taken: Vec<DomainName>,
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
    /// The rows whose address ends in this domain, by local part.
    pub(super) fn of_domain(&mut self, domain: &DomainName) -> &[MailboxRow] {
        let start = self
            .rows
            .partition_point(|row| row.recipient.address.domain() < domain);
        let rest = self.rows.get(start..).unwrap_or_default();
        let length = rest.partition_point(|row| row.recipient.address.domain() == domain);
        if length > 0
            && let Err(at) = self.taken.binary_search(domain)
        {
            self.taken.insert(at, domain.clone());
        }
        self.rows.get(start..start + length).unwrap_or_default()
    }

    /// Rows that no domain took are said so: an address that is not delivered is no detail.
    pub(super) fn report_untaken(&self, sources: &Sources, findings: &mut Findings) {
        let mut domains: BTreeMap<&DomainName, (u64, Span)> = BTreeMap::new();
        for row in &self.rows {
            let domain = row.recipient.address.domain();
            if self.taken.binary_search(domain).is_err() {
                domains.entry(domain).or_insert((0, row.recipient.span)).0 += 1;
            }
        }
        let Some((first, &(_, span))) = domains.iter().next() else {
            return;
        };
        let rows: u64 = domains.values().map(|(count, _)| count).sum();
        let name = &sources.file(self.file).name;
        let who = match domains.len() {
            1 => format!("of `{first}`"),
            many => format!("of {many} domains"),
        };
        let addresses = if rows == 1 { "address" } else { "addresses" };
        let mut finding = Finding::warning(
            "S012",
            format!(
                "`{name}` lists {rows} {addresses} {who}, which no domain of the spec takes from it"
            ),
        )
        .at(span, "the first of them")
        .help(format!(
            "name the file in `mailboxes` of `{first}`, or leave the rows out"
        ))
        .domains(domains.keys().map(|domain| domain.as_str()));
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
        rows: Vec::new(),
        taken: Vec::new(),
    };
    let mut addresses = Addresses::default();
    let mut locations = Locations::default();
    let mut mistakes = RowFindings::default();
    let columns =
        table::rows(
            sources,
            file,
            &KNOWN,
            findings,
            |row, columns, findings| match mailbox(row, columns, &mut addresses) {
                Ok(recipient) => {
                    let location = locations.of(row);
                    list.rows.push(MailboxRow {
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
    // Rows of one address stay in the order of the file, so that the second is the duplicate.
    list.rows
        .sort_by(|a, b| a.recipient.address.cmp(&b.recipient.address));
    list
}

fn mailbox(
    row: &Row<'_>,
    columns: &Columns,
    addresses: &mut Addresses,
) -> Result<Recipient, Box<Finding>> {
    let mut address = |text: &str| {
        addresses
            .parse(text)
            .map_err(|bad| Box::new(bad_value(bad, row.span)))
    };
    let text = row.get(ADDRESS);
    if text.is_empty() {
        return Err(Box::new(
            Finding::error("S019", "this row has no address").at(row.span, ""),
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
        details: (details != RecipientDetails::default()).then(|| Box::new(details)),
    })
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
        let rows = list.of_domain(&domain);
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
        let details = list.of_domain(&eu)[0].recipient.details.clone().unwrap();
        assert_eq!(details.aliases, Some(Vec::new()));
        assert_eq!(
            details.target.map(|a| a.to_string()).as_deref(),
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
        assert_eq!(list.rows.len(), 1);
        assert!(said[0].starts_with("S019 `bob` is no address"), "{said:?}");
    }

    #[test]
    fn a_mailbox_is_small() {
        assert!(size_of::<MailboxRow>() <= 64);
    }
}
