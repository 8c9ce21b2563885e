//! Octets as hexadecimal digits.

use std::fmt::Write as _;

/// Two lower-case digits for each octet.
pub(crate) fn hex<'a>(octets: impl IntoIterator<Item = &'a u8>) -> String {
    octets.into_iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}
