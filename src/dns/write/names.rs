//! How the formats beside master files spell names and data.

use crate::values::{DomainName, OwnerName};
use crate::writer::Refused;

/// The owner relative to its zone; `apex` for the zone itself.
pub(crate) fn relative(owner: &OwnerName, origin: &DomainName, apex: &str) -> String {
    match owner.as_str().strip_suffix(origin.as_str()) {
        Some("") => apex.to_owned(),
        Some(relative) => relative.trim_end_matches('.').to_owned(),
        None => format!("{owner}."),
    }
}

/// A whole name with its final dot.
pub(crate) fn dotted(name: &impl ToString) -> String {
    format!("{}.", name.to_string())
}

/// A whole name, or the root where there is none.
pub(crate) fn or_root(name: Option<&impl ToString>) -> String {
    name.map_or_else(|| ".".to_owned(), dotted)
}

/// The text of a TXT record.
pub(crate) fn text(octets: &[u8]) -> Result<String, Refused> {
    String::from_utf8(octets.to_vec()).map_err(|_| {
        Refused::new("a TXT record that is not UTF-8 has no form outside of a zone file")
    })
}

/// A type that only master files can carry.
pub(crate) fn unknown(format: &str, kind: u16) -> Refused {
    Refused::new(format!(
        "a record of type {kind} given by its number has no form for {format}"
    ))
}
